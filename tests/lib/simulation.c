#include "tests/lib/simulation.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/log.h"
#include "tests/lib/simulation_priv.h"

#define RESTART_DAYS 3   /* about: the daemon runs so long at a time */
#define OLDER        600 /* entries of a log before its tip */
#define QUIET_STEPS  (12 * STEPS_HOUR)
#define MMD_MS       (24 * HOUR_MS)

uint64_t
simulation_chance(struct simulation *sim, uint64_t below)
{
	uint64_t x = (sim->random += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 */

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (x ^ (x >> 31)) % below;
}

void
simulation_command(struct sim_log *it, const char *format, ...)
{
	char line[256];
	struct err err;
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	ck_assert_msg(testlog_command(it->log->log, line, NULL, &err), "%s: %s: %s",
	    it->log->name, line, err.text);
}

/* --- certificates: one is made, the others are it with another serial ---------- */

static void
make_template(struct simulation *sim)
{
	static const char *const DNS[] = {"host-00000000.simulated.test", NULL};
	const struct make_key *key = make_key(MAKE_KEY_P256, 61);
	int64_t now_s = scenario_true_ms(&sim->s) / 1000;
	struct make_spec spec = {.role = MAKE_ROOT,
	    .key = key,
	    .subject = "/C=XX/O=Simulated CA/CN=Simulated Root",
	    .issuer = "/C=XX/O=Simulated CA/CN=Simulated Root",
	    .serial = bytes_text("root"),
	    .not_before = now_s - 365 * DAY_S,
	    .not_after = now_s + 3650 * DAY_S};

	sim->root = make_cert(&spec);
	sim->root_key = key;
	spec.role = MAKE_LEAF;
	spec.issuer_key = key;
	spec.key = make_key(MAKE_KEY_P256, 60);
	spec.subject = NULL;
	spec.serial = bytes_text("SERIALNO");
	spec.dns = DNS;
	spec.not_before = now_s;
	spec.not_after = now_s + 90 * DAY_S - 1;
	spec.poison = true;
	sim->der = make_cert(&spec);
	sim->tbs = make_tbs(&spec);
}

static void
number_it(struct buf *der, uint64_t number)
{
	uint8_t *serial = memmem(der->data, der->len, "SERIALNO", 8);
	uint8_t *host = memmem(der->data, der->len, "host-00000000", 13);
	char digits[16];

	ck_assert(serial != NULL && host != NULL);
	put_be64(serial, UINT64_C(0x5e) << 56 | number);
	snprintf(digits, sizeof(digits), "%08u", (unsigned)(number % 100000000));
	memcpy(host + 5, digits, 8);
}

static void
copy_numbered(struct buf *to, const struct buf *from, uint64_t number)
{
	buf_init(to, 65536);
	buf_append_bytes(to, buf_bytes(from));
	number_it(to, number);
}

/* Every fourth time one that another log has, too. */
static void
add_entry(struct simulation *sim, struct sim_log *it)
{
	bool again = sim->certificates > 64 && simulation_chance(sim, 4) == 0;
	uint64_t number = again ? sim->certificates - 1 - simulation_chance(sim, 64)
				: sim->certificates++;
	struct buf der, tbs;
	struct bytes chain[1] = {buf_bytes(&sim->root)};
	struct testlog_submission submission = {.timestamp_ms = scenario_true_ms(&sim->s),
	    .issuer_key_hash = sim->root_key->key_hash,
	    .chain = chain,
	    .chain_len = 1};

	copy_numbered(&der, &sim->der, number);
	copy_numbered(&tbs, &sim->tbs, number);
	submission.certificate = buf_bytes(&der);
	submission.tbs = buf_bytes(&tbs);
	testlog_add(it->log->log, &submission, NULL);
	buf_free(&der);
	buf_free(&tbs);
	sim->entries++;
}

void
simulation_grow(struct simulation *sim, struct sim_log *it, uint64_t count)
{
	while (count-- > 0)
		add_entry(sim, it);
	if (!it->frozen)
		testlog_publish_all(it->log->log);
}

/* --- logs ------------------------------------------------------------------------- */

/* A log list names it, at this address: from elsewhere when it was named before. */
static void
name_log(struct sim_log *it, const char *folder)
{
	char submission[80];
	struct ct_log_options options = {.name = it->log->name,
	    .url = it->log->url,
	    .submission = submission,
	    .kind = it->is_static ? CT_LOG_STATIC : CT_LOG_RFC6962,
	    .key = testlog_key(it->log->log),
	    .mmd_ms = MMD_MS};
	struct err err;

	snprintf(submission, sizeof(submission), "https://%s.example/ct/", it->log->name);
	snprintf(it->log->url, sizeof(it->log->url), "https://%s.example/%s/",
	    it->log->name, folder);
	ct_log_free(it->log->ct_log);
	it->log->ct_log = ct_log_new(&options, &err);
	ck_assert_msg(it->log->ct_log != NULL, "%s", err.text);
}

static void
add_log(struct simulation *sim, unsigned number)
{
	struct sim_log *it = &sim->logs[number];
	struct testlog_options options = {.max_entries = 32, .static_ct = number % 2};
	char name[32];

	snprintf(name, sizeof(name), "log-%02u", number);
	it->is_static = number % 2;
	it->log = scenario_log_add(&sim->s, name, &options);
	it->log->poll_ms = STEP_MS;
	it->last = sim->steps;
	simulation_command(it, "resign 3600000");
	name_log(it, "ct");
}

/* The last third are shards: half of them are there and are retired at some time,
 * the others are named at some time. */
static void
plan_shards(struct simulation *sim)
{
	unsigned first = sim->log_count - sim->log_count / 3;

	for (unsigned i = first; i < sim->log_count; i++) {
		struct sim_log *it = &sim->logs[i];
		unsigned at =
		    sim->steps / 4 + (unsigned)simulation_chance(sim, sim->steps / 2);

		if (i % 4 < 2) {
			it->last = at;
			continue;
		}
		it->first = at;
		it->log->named = false;
	}
}

static void
plan_others(struct simulation *sim)
{
	for (unsigned i = 0; i < sim->log_count - sim->log_count / 3; i++) {
		struct sim_log *it = &sim->logs[i];

		simulation_plan_fault(sim, it, i);
		if (i % 7 == 3) {
			simulation_grow(sim, it, OLDER);
			it->log->start.kind = START_TIP;
			it->backfill = sim->steps / 8 +
			    (unsigned)simulation_chance(sim, sim->steps / 8);
			if (i % 2) /* and moves in the midst of it */
				it->moves = it->backfill;
		}
		if (i % 13 == 5)
			it->moves = sim->steps / 5 +
			    (unsigned)simulation_chance(sim, sim->steps / 8);
		if (i % 13 == 7)
			it->away = sim->steps - sim->steps / 4 +
			    (unsigned)simulation_chance(sim, STEPS_DAY);
	}
}

static bool
list_changes(struct simulation *sim, struct sim_log *it)
{
	bool named = it->log->named;

	if (sim->step == it->first)
		it->log->named = true;
	if (sim->step == it->last)
		it->log->named = false;
	if (it->away != 0 && sim->step == it->away) /* for a day no list names it */
		it->log->named = false;
	if (it->away != 0 && sim->step == it->away + STEPS_DAY)
		it->log->named = true;
	if (it->moves != 0 && sim->step == it->moves) {
		name_log(it, "moved");
		return true;
	}
	return named != it->log->named;
}

/* --- a step ------------------------------------------------------------------------ */

static bool
is_quiet(const struct simulation *sim, const struct sim_log *it)
{
	return sim->step < it->first || sim->step + QUIET_STEPS >= it->last ||
	    it->fault_on ||
	    (it->fault != NULL && !it->faulted &&
		sim->step + QUIET_STEPS >= it->fault_first);
}

static void
step_log(struct simulation *sim, struct sim_log *it)
{
	simulation_fault_step(sim, it);
	if (sim->step + QUIET_STEPS / 2 < it->last && !it->holds &&
	    simulation_chance(sim, sim->grow_every) == 0)
		simulation_grow(sim, it, 1 + simulation_chance(sim, 7));
	simulation_noise_step(sim, it, is_quiet(sim, it));
}

/* Something that is watched, in some log at once, in others later. */
static void
log_watched(struct simulation *sim)
{
	unsigned which =
	    (unsigned)simulation_chance(sim, sim->log_count - sim->log_count / 3);
	char line[128];

	if (sim->step % STEPS_DAY != 7 || sim->step + STEPS_DAY >= sim->steps ||
	    sim->logs[which].fault_on || sim->logs[which].holds)
		return;
	snprintf(line, sizeof(line), "cert %s authority www%u.watched.test",
	    sim->logs[which].log->name, sim->step);
	scenario_play(&sim->s, line);
	sim->watched++;
	sim->entries++;
}

static void
on_backfill(void *owner, const struct monitor_backfill *sum, const struct err *err)
{
	ck_assert_ptr_null(err);
	*(uint64_t *)owner = sum->entries;
}

/* In two pieces, the later one first. */
static void
read_older(struct simulation *sim, struct sim_log *it)
{
	uint64_t entries = 0, half = OLDER / 2;
	uint64_t tip = (uint64_t)scenario_number(&sim->s,
	    "SELECT start FROM range WHERE log = (SELECT number FROM log WHERE name = "
	    "'%s')",
	    it->log->name);

	ck_assert_uint_ge(tip, OLDER);
	monitor_backfill(
	    sim->s.monitor, it->log->name, half, tip + 1, on_backfill, &entries);
	monitor_pump(sim->s.monitor);
	ck_assert_uint_eq(entries, tip - half);
	monitor_backfill(sim->s.monitor, it->log->name, 0, tip, on_backfill, &entries);
	monitor_pump(sim->s.monitor);
	ck_assert_uint_eq(entries, half);
}

bool
simulation_is_full(const struct simulation *sim)
{
	return sim->step >= sim->full_at && sim->step < sim->full_at + STEPS_HOUR;
}

/* For an hour the disk has no room, and much comes. */
static void
fill_disk(struct simulation *sim)
{
	for (unsigned i = 0; simulation_is_full(sim) && i < sim->log_count; i++) {
		struct sim_log *it = &sim->logs[i];

		if (!it->fault_on && !it->holds && sim->step + STEPS_DAY < it->last)
			simulation_grow(sim, it, 4);
	}
	if (sim->step == sim->full_at)
		scenario_play(&sim->s, "room none");
	if (sim->step == sim->full_at + STEPS_HOUR)
		scenario_play(&sim->s, "room more");
}

static void
step(struct simulation *sim)
{
	bool listed = false;

	for (unsigned i = 0; i < sim->log_count; i++) {
		listed = list_changes(sim, &sim->logs[i]) || listed;
		step_log(sim, &sim->logs[i]);
	}
	log_watched(sim);
	fill_disk(sim);
	for (unsigned i = 0; i < sim->log_count; i++)
		if (sim->logs[i].backfill != 0 && sim->step == sim->logs[i].backfill)
			read_older(sim, &sim->logs[i]);
	/* Not while the disk is full: a new start has room. */
	if (sim->step >= sim->restart_at && !simulation_is_full(sim)) {
		sim->restart_at = sim->step + 1 +
		    (unsigned)simulation_chance(sim, 2 * RESTART_DAYS * STEPS_DAY);
		scenario_play(&sim->s, "restart");
	} else if (listed) {
		scenario_set_logs(&sim->s);
	}
	scenario_run(&sim->s, STEP_MS);
}

/* --- what must have come of it ---------------------------------------------------------
 */

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Both lists are sorted: what stands in one of them only. */
static void
compare_events(struct simulation *sim, char *got, struct buf *out)
{
	size_t i = 0;
	char *line = strsep(&got, "\n");

	while (i < sim->expected_count || line != NULL) {
		int order = line == NULL       ? -1
		    : i == sim->expected_count ? 1
					       : strcmp(sim->expected[i], line);

		if (order < 0)
			buf_append_format(out, "not told: %s\n", sim->expected[i]);
		else if (order > 0)
			buf_append_format(out, "told, and it was not: %s\n", line);
		i += order <= 0;
		if (order >= 0)
			line = strsep(&got, "\n");
	}
}

static void
check_events(struct simulation *sim)
{
	struct buf got = scenario_ask(&sim->s,
	    "SELECT coalesce((SELECT name FROM log WHERE number = e.log), '') || ' ' || "
	    "kind || CASE WHEN end_ms IS NULL THEN ' lasts' WHEN end_ms = begin_ms THEN "
	    "' moment' ELSE ' ended' END AS line FROM event AS e ORDER BY line");
	struct buf differences;

	ck_assert_uint_ge(sim->expected_count, sim->log_count - sim->log_count / 3);
	qsort(sim->expected, sim->expected_count, sizeof(char *), compare_lines);
	buf_init(&differences, 60000);
	compare_events(sim, (char *)got.data, &differences);
	ck_assert_msg(differences.len == 0, "seed %llu: %s",
	    (unsigned long long)sim->seed, buf_text(&differences));
	buf_free(&got);
	buf_free(&differences);
}

/* An alert for its beginning, another for its end; a moment is one. */
static void
check_alerts(struct simulation *sim)
{
	int64_t alerts =
	    scenario_number(&sim->s, "SELECT count(*) FROM outbox WHERE kind = 'event'");
	int64_t events = scenario_number(&sim->s,
	    "SELECT sum(CASE WHEN end_ms = begin_ms THEN 1 ELSE 2 END) FROM event");

	ck_assert_int_eq(alerts, events);
	ck_assert_int_eq(scenario_number(&sim->s,
			     "SELECT count(*) FROM finding WHERE check_id = "
			     "'watched-name' AND state = 0"),
	    sim->watched);
	ck_assert_int_eq(scenario_number(&sim->s,
			     "SELECT count(*) FROM outbox WHERE kind = 'finding' AND "
			     "json_extract(payload, '$.check') = 'watched-name'"),
	    sim->watched);
}

static void
check_entries(struct simulation *sim)
{
	uint64_t entries = 0;

	for (unsigned i = 0; i < sim->log_count; i++) {
		scenario_covered(&sim->s, sim->logs[i].log, true);
		entries += testlog_size(sim->logs[i].log->log);
	}
	ck_assert_uint_eq(entries, sim->entries);
	scenario_counted(&sim->s);
	ck_assert_int_eq(
	    scenario_number(&sim->s,
		"SELECT (SELECT count(*) FROM sighting) + (SELECT count(*) FROM entry)"),
	    (int64_t)entries);
	ck_assert_int_eq(scenario_number(&sim->s, "SELECT count(*) FROM certificate"),
	    (int64_t)sim->certificates + sim->watched + sim->odd_parsed);
	ck_assert_int_eq(scenario_number(&sim->s, "SELECT count(*) FROM gap"), 0);
	ck_assert_uint_eq(sim->s.store_failing, 1);
	ck_assert_uint_eq(sim->s.store_well, 1);
	ck_assert_int_eq(sim->s.store_code, ERR_FULL);
}

/* --- the whole -----------------------------------------------------------------------
 */

static void
begin(struct simulation *sim, const struct simulation_options *options)
{
	sim->random = sim->seed = options->seed;
	sim->steps = options->days * STEPS_DAY;
	sim->log_count = options->logs;
	/* grow_every steps bring 4 entries on average */
	sim->grow_every = (uint64_t)options->logs * sim->steps * 4 / options->entries;
	scenario_begin(&sim->s);
	make_template(sim);
	for (unsigned i = 0; i < options->logs; i++)
		add_log(sim, i);
	plan_shards(sim);
	plan_others(sim);
	sim->full_at = sim->steps / 3 + (unsigned)simulation_chance(sim, STEPS_DAY);
	sim->restart_at = (unsigned)simulation_chance(sim, RESTART_DAYS * STEPS_DAY);
	scenario_play(&sim->s,
	    "option store all\n"
	    "ca authority\n"
	    "watch domain watched.test\n"
	    "start\n");
}

static void
end(struct simulation *sim)
{
	for (size_t i = 0; i < sim->expected_count; i++)
		mem_free(sim->expected[i]);
	buf_free(&sim->root);
	buf_free(&sim->der);
	buf_free(&sim->tbs);
	scenario_end(&sim->s);
}

void
simulation_run(const struct simulation_options *options)
{
	struct simulation *sim = mem_zero(1, sizeof(*sim));

	ck_assert_uint_le(options->logs, SCENARIO_LOGS_MAX);
	begin(sim, options);
	for (; sim->step < sim->steps; sim->step++)
		step(sim);
	check_events(sim);
	check_alerts(sim);
	check_entries(sim);
	end(sim);
	mem_free(sim);
}
