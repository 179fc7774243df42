/* The lines of a scenario: words, and what each verb does. */
#include "tests/lib/scenario.h"
#include "tests/lib/spec_text.h"

#include <stdarg.h>
#include <stdlib.h>

#define WORDS_MAX 64
#define DAY_S     86400
#define HOUR_MS   INT64_C(3600000)

struct words {
	char text[2048];
	char *word[WORDS_MAX];
	size_t count;
	const char *rest[WORDS_MAX]; /* the line from that word on */
};

/* Words are parted by spaces; "several words" are one; # begins a comment. */
static void
split(struct words *words, const char *line, size_t len)
{
	char *at;

	ck_assert_uint_lt(len, sizeof(words->text));
	memcpy(words->text, line, len);
	words->text[len] = '\0';
	words->count = 0;
	for (at = words->text; *(at += strspn(at, " \t")) != '\0' && *at != '#';) {
		bool quoted = *at == '"';

		ck_assert_uint_lt(words->count, WORDS_MAX);
		words->rest[words->count] = line + (at - words->text);
		at += quoted;
		words->word[words->count++] = at;
		at += strcspn(at, quoted ? "\"" : " \t");
		if (*at != '\0')
			*at++ = '\0';
	}
}

static bool
is(const char *word, const char *text)
{
	return word != NULL && strcmp(word, text) == 0;
}

/* "90", "90s", "10m", "2h", "3d", "500ms", with a sign or without. */
static int64_t
duration(struct scenario *s, const char *text)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} UNITS[] = {{"", 1000}, {"s", 1000}, {"m", 60000}, {"h", HOUR_MS},
	    {"d", 24 * HOUR_MS}, {"ms", 1}};
	char *end;
	long long value = strtoll(text, &end, 10);

	for (size_t i = 0; i < ARRAY_LEN(UNITS); i++)
		if (strcmp(end, UNITS[i].unit) == 0)
			return value * UNITS[i].ms;
	scenario_fail(s, "no time: %s", text);
}

static struct scenario_log *
log_of(struct scenario *s, const char *name)
{
	struct scenario_log *log = scenario_log(s, name);

	SCENARIO_MUST(s, log != NULL, "no log %s", name);
	return log;
}

static struct scenario_ca *
ca_of(struct scenario *s, const char *name)
{
	struct scenario_ca *ca = scenario_ca(s, name);

	SCENARIO_MUST(s, ca != NULL, "no CA %s", name);
	return ca;
}

/* --- logs ------------------------------------------------------------------- */

static void
take_start(struct scenario *s, struct words *w, size_t *i, struct scenario_log *log)
{
	const char *kind = w->word[++*i];

	if (is(kind, "tip")) {
		log->start.kind = START_TIP;
	} else if (is(kind, "genesis")) {
		log->start.kind = START_GENESIS;
	} else if (is(kind, "index")) {
		log->start.kind = START_INDEX;
		log->start.index = strtoull(w->word[++*i], NULL, 10);
	} else if (is(kind, "since")) {
		log->start.kind = START_SINCE;
		log->start.since_ms = scenario_true_ms(s) - duration(s, w->word[++*i]);
	} else {
		scenario_fail(s, "start tip, genesis, index N or since AGO");
	}
}

/* As a temporal shard: certificates that end between the two, seen from now. */
static void
take_interval(
    struct scenario *s, struct words *w, size_t *i, const struct scenario_log *log)
{
	log->ct_log->has_interval = true;
	log->ct_log->start_ms = scenario_true_ms(s) + duration(s, w->word[++*i]);
	log->ct_log->end_ms = scenario_true_ms(s) + duration(s, w->word[++*i]);
}

static void
do_log(struct scenario *s, struct words *w)
{
	struct testlog_options options = {.max_entries = 64};
	struct scenario_log *log;
	int64_t poll_ms = 60000;
	struct err err;

	for (size_t i = 3; i + 1 < w->count; i++)
		if (is(w->word[i], "max"))
			options.max_entries = (unsigned)strtol(w->word[i + 1], NULL, 10);
	options.static_ct = is(w->word[2], "static");
	log = scenario_log_add(s, w->word[1], &options);
	log->poll_ms = poll_ms;
	SCENARIO_MUST(s,
	    testlog_command(log->log,
		options.static_ct ? "resign 30000" : "resign 3600000", NULL, &err),
	    "%s", err.text);
	for (size_t i = 3; i < w->count; i++) {
		if (is(w->word[i], "start"))
			take_start(s, w, &i, log);
		else if (is(w->word[i], "poll"))
			log->poll_ms = duration(s, w->word[++i]);
		else if (is(w->word[i], "always"))
			log->start.always = true;
		else if (is(w->word[i], "unnamed"))
			log->named = false;
		else if (is(w->word[i], "interval"))
			take_interval(s, w, &i, log);
		else
			i++;
	}
}

static void
do_name(struct scenario *s, struct words *w)
{
	for (size_t i = 1; i < w->count; i++)
		log_of(s, w->word[i])->named = is(w->word[0], "name");
	if (s->monitor != NULL)
		scenario_set_logs(s);
}

static void
do_state(struct scenario *s, struct words *w)
{
	struct scenario_listing listing = {0};

	SCENARIO_MUST(
	    s, log_state_parse(w->word[2], &listing.state), "state %s?", w->word[2]);
	for (size_t i = 3; i < w->count; i++) {
		if (is(w->word[i], "final") || is(w->word[i], "wrong-final")) {
			listing.has_final = true;
			listing.wrong_final = is(w->word[i], "wrong-final");
			listing.final_size = strtoull(w->word[++i], NULL, 10);
		} else if (is(w->word[i], "ended")) {
			listing.end_ms = scenario_true_ms(s) - duration(s, w->word[++i]);
		} else if (is(w->word[i], "finish")) {
			listing.finish = true;
		} else if (is(w->word[i], "tiles")) {
			listing.tiles = true;
		} else {
			scenario_fail(s, "state: %s?", w->word[i]);
		}
	}
	scenario_listed(s, log_of(s, w->word[1]), &listing);
}

static void
do_list(struct scenario *s, struct words *w)
{
	scenario_list(s, w->word[1], w->word + 2, w->count - 2);
}

/* --- certificates -------------------------------------------------------------- */

static void
do_ca(struct scenario *s, struct words *w)
{
	struct scenario_ca *ca = &s->cas[s->ca_count];
	const struct scenario_ca *key_of = NULL;
	int64_t born_s = scenario_true_ms(s) / 1000 - 30 * DAY_S;
	uint8_t serial[2] = {0x10, (uint8_t)s->ca_count};
	char *subject;
	struct make_spec spec = {.serial = bytes_of(serial, sizeof(serial))};

	ck_assert_uint_lt(s->ca_count, SCENARIO_CAS_MAX);
	snprintf(ca->name, sizeof(ca->name), "%s", w->word[1]);
	subject = mem_format("/C=XX/O=%s CA/CN=%s", w->word[1], w->word[1]);
	snprintf(ca->subject, sizeof(ca->subject), "%s", subject);
	mem_free(subject);
	for (size_t i = 2; i < w->count; i++) {
		if (is(w->word[i], "under"))
			ca->parent = ca_of(s, w->word[++i]);
		else if (is(w->word[i], "subject"))
			snprintf(ca->subject, sizeof(ca->subject), "%s", w->word[++i]);
		else if (is(w->word[i], "key-of"))
			key_of = ca_of(s, w->word[++i]);
		else if (is(w->word[i], "signs-precerts"))
			ca->signs_precerts = true;
		else if (is(w->word[i], "born"))
			born_s = (scenario_true_ms(s) - duration(s, w->word[++i])) / 1000;
		else
			scenario_fail(s, "ca: %s?", w->word[i]);
	}
	ca->key = key_of != NULL ? key_of->key
				 : make_key(MAKE_KEY_P256, (unsigned)s->ca_count + 8);
	spec.role = ca->parent == NULL ? MAKE_ROOT : MAKE_CA;
	spec.key = ca->key;
	spec.issuer_key = ca->parent == NULL ? NULL : ca->parent->key;
	spec.subject = ca->subject;
	spec.issuer = ca->parent == NULL ? ca->subject : ca->parent->subject;
	spec.not_before = born_s;
	spec.not_after = born_s + 3650 * (int64_t)DAY_S;
	if (ca->signs_precerts)
		spec.eku = "1.3.6.1.4.1.11129.2.4.4";
	ca->der = make_cert(&spec);
	s->ca_count++;
}

static struct scenario_cert *
cert_new(struct scenario *s)
{
	struct scenario_cert *cert = &s->certs[s->cert_count % SCENARIO_CERTS_MAX];

	s->cert_count++;
	ck_assert_uint_le(s->cert_count, SCENARIO_CERTS_MAX);
	return cert;
}

/* What "cert" says of a certificate, before it is made. */
struct order {
	struct make_spec spec;
	char hosts[256];
	const char *dns[8];
	uint8_t serial[9];
	bool final;
	unsigned times;
	const char *promised, *broken; /* by logs: LOG[@AGO][=INDEX],... */
	struct buf scts[8], list;
	size_t sct_count;
	struct arena arena;
};

static void
take_hosts(struct order *order, const char *hosts)
{
	size_t count = 0;
	char *rest = order->hosts, *one;

	snprintf(order->hosts, sizeof(order->hosts), "%s", hosts);
	while ((one = strsep(&rest, ",")) != NULL && count < ARRAY_LEN(order->dns) - 1)
		order->dns[count++] = one;
	order->spec.dns = order->dns;
}

static void
take_options(
    struct scenario *s, struct words *w, struct order *order, struct scenario_cert *cert)
{
	int64_t now_ms = scenario_true_ms(s), nb_ms = now_ms - HOUR_MS, days = 90;

	for (size_t i = 4; i < w->count; i++) {
		if (is(w->word[i], "final"))
			order->final = true;
		else if (is(w->word[i], "nb"))
			nb_ms = now_ms - duration(s, w->word[++i]);
		else if (is(w->word[i], "days"))
			days = strtol(w->word[++i], NULL, 10);
		else if (is(w->word[i], "sha1"))
			order->spec.sigalg = MAKE_SIG_SHA1;
		else if (is(w->word[i], "for-clients"))
			order->spec.eku = "1.3.6.1.5.5.7.3.1 1.3.6.1.5.5.7.3.2";
		else if (is(w->word[i], "rsa"))
			order->spec.spki = spec_rsa_key(&order->arena, w->word[++i]);
		else if (is(w->word[i], "signer"))
			cert->signer = ca_of(s, w->word[++i]);
		else if (is(w->word[i], "no-chain"))
			cert->no_chain = true;
		else if (is(w->word[i], "promised"))
			order->promised = w->word[++i];
		else if (is(w->word[i], "broken"))
			order->broken = w->word[++i];
		else if (is(w->word[i], "as"))
			snprintf(cert->name, sizeof(cert->name), "%s", w->word[++i]);
		else
			scenario_fail(s, "cert: %s?", w->word[i]);
	}
	order->spec.not_before = nb_ms / 1000;
	order->spec.not_after = nb_ms / 1000 + days * DAY_S - 1;
}

/* An SCT of each of the logs for the certificate to come. Those of a promise that
 * is kept come with an entry, the others name a place where it never is. */
static void
take_scts(struct scenario *s, struct order *order, const struct scenario_cert *cert,
    const char *logs, bool kept)
{
	struct make_spec spec = order->spec;
	struct bytes chain = buf_bytes(&cert->issuer->der);
	struct buf precert, tbs = make_tbs(&spec);
	struct testlog_submission submission = {.tbs = buf_bytes(&tbs),
	    .issuer_key_hash = cert->issuer->key->key_hash,
	    .chain = &chain,
	    .chain_len = 1};
	char text[256], *rest = text, *one, *ago, *index;

	spec.poison = true;
	precert = make_cert(&spec);
	submission.certificate = buf_bytes(&precert);
	snprintf(text, sizeof(text), "%s", logs);
	while ((one = strsep(&rest, ",")) != NULL) {
		struct buf *sct = &order->scts[order->sct_count++];
		struct testlog *log;

		ck_assert_uint_le(order->sct_count, ARRAY_LEN(order->scts));
		submission.timestamp_ms = scenario_true_ms(s);
		if ((index = strchr(one, '=')) != NULL)
			*index++ = '\0';
		if ((ago = strchr(one, '@')) != NULL) {
			*ago++ = '\0';
			submission.timestamp_ms -= duration(s, ago);
		}
		log = log_of(s, one)->log;
		buf_init(sct, 4096);
		if (kept) {
			testlog_add(log, &submission, sct);
			testlog_publish_all(log);
		} else {
			testlog_promise(log, &submission,
			    index != NULL ? strtoull(index, NULL, 10) : 0, sct);
		}
	}
	buf_free(&precert);
	buf_free(&tbs);
}

static void
embed_scts(struct scenario *s, struct order *order, const struct scenario_cert *cert)
{
	order->spec.issuer = cert->issuer->subject;
	order->spec.issuer_key = cert->issuer->key;
	if (order->promised != NULL)
		take_scts(s, order, cert, order->promised, true);
	if (order->broken != NULL)
		take_scts(s, order, cert, order->broken, false);
	if (order->sct_count == 0)
		return;
	order->list = make_sct_list(order->scts, order->sct_count);
	order->spec.sct_list = buf_bytes(&order->list);
	for (size_t i = 0; i < order->sct_count; i++)
		buf_free(&order->scts[i]);
}

/* RFC 6962, 3.2: the leaf names the issuer of the certificate to come, not the
 * precertificate signing certificate below it. */
static void
make_it(const struct order *order, struct scenario_cert *cert)
{
	struct make_spec spec = order->spec;

	spec.issuer = cert->issuer->subject;
	spec.issuer_key = cert->issuer->key;
	spec.poison = !order->final;
	if (!order->final)
		cert->tbs = make_tbs(&spec);
	if (cert->signer != cert->issuer) {
		spec.issuer = cert->signer->subject;
		spec.issuer_key = cert->signer->key;
	}
	cert->der = make_cert(&spec);
}

/* "a", "a,b", "a@3h,b@1h": into these logs, logged so long ago. */
static void
log_it(struct scenario *s, const struct scenario_cert *cert, const char *where)
{
	struct bytes chain[SCENARIO_CAS_MAX];
	struct testlog_submission submission = {.certificate = buf_bytes(&cert->der),
	    .tbs = buf_bytes(&cert->tbs),
	    .issuer_key_hash = cert->issuer->key->key_hash,
	    .chain = chain};
	char text[256], *rest = text, *one, *ago;

	for (const struct scenario_ca *ca = cert->signer; ca != NULL && !cert->no_chain;
	     ca = ca->parent)
		chain[submission.chain_len++] = buf_bytes(&ca->der);
	snprintf(text, sizeof(text), "%s", where);
	while ((one = strsep(&rest, ",")) != NULL) {
		struct testlog *log;

		submission.timestamp_ms = scenario_true_ms(s);
		if ((ago = strchr(one, '@')) != NULL) {
			*ago++ = '\0';
			submission.timestamp_ms -= duration(s, ago);
		}
		log = log_of(s, one)->log;
		testlog_add(log, &submission, NULL);
		testlog_publish_all(log);
	}
}

static void
do_cert(struct scenario *s, struct words *w)
{
	struct order order = {.spec = {.key = make_key(MAKE_KEY_P256, 7)}};
	struct scenario_cert *cert = cert_new(s);
	char subject[300];

	arena_init(&order.arena);
	cert->issuer = cert->signer = ca_of(s, w->word[2]);
	take_hosts(&order, w->word[3]);
	take_options(s, w, &order, cert);
	snprintf(subject, sizeof(subject), "/CN=%s", order.dns[0]);
	order.spec.subject = subject;
	order.serial[0] = 0x4e;
	put_be64(order.serial + 1, 1000 + s->serials++);
	order.spec.serial = bytes_of(order.serial, sizeof(order.serial));
	embed_scts(s, &order, cert);
	make_it(&order, cert);
	buf_free(&order.list);
	arena_free(&order.arena);
	log_it(s, cert, w->word[1]);
}

/* The same certificate, elsewhere or once more. */
static void
do_again(struct scenario *s, struct words *w)
{
	for (size_t i = 0; i < s->cert_count; i++)
		if (is(w->word[2], s->certs[i].name)) {
			log_it(s, &s->certs[i], w->word[1]);
			return;
		}
	scenario_fail(s, "no certificate %s", w->word[2]);
}

/* A CA's own certificate as an entry. */
static void
do_cacert(struct scenario *s, struct words *w)
{
	const struct scenario_ca *ca = ca_of(s, w->word[2]);
	struct scenario_cert *cert = cert_new(s);

	buf_init(&cert->der, 1 << 16);
	buf_append_bytes(&cert->der, buf_bytes(&ca->der));
	cert->issuer = cert->signer = ca->parent != NULL ? ca->parent : ca;
	log_it(s, cert, w->word[1]);
}

/* A root that the log accepts from now on, though nothing was logged under it. */
static void
do_root(struct scenario *s, struct words *w)
{
	testlog_add_root(
	    log_of(s, w->word[1])->log, buf_bytes(&ca_of(s, w->word[2])->der));
}

/* --- watches ---------------------------------------------------------------------- */

static void
do_watch(struct scenario *s, struct words *w)
{
	struct scenario_watch *watch = &s->watches[s->watch_count++];
	static char allowed[SCENARIO_WATCHES_MAX][80];

	ck_assert_uint_le(s->watch_count, SCENARIO_WATCHES_MAX);
	snprintf(watch->name, sizeof(watch->name), "%s", w->word[2]);
	watch->is_ca = is(w->word[1], "ca");
	for (size_t i = 3; i < w->count; i++) {
		if (is(w->word[i], "since")) {
			watch->since_ms =
			    clock_now_ms(s->clock) - duration(s, w->word[++i]);
		} else if (is(w->word[i], "allow")) {
			char *copy = allowed[s->watch_count - 1];

			snprintf(copy, sizeof(allowed[0]), "%s", w->word[++i]);
			watch->allowed[watch->allowed_count++] = copy;
		} else if (is(w->word[i], "suppress")) {
			snprintf(
			    watch->suppress, sizeof(watch->suppress), "%s", w->word[++i]);
		} else if (is(w->word[i], "quota")) {
			watch->policy.quota = (uint32_t)strtoul(w->word[++i], NULL, 10);
		} else if (is(w->word[i], "only-ov")) {
			watch->policy.profiles = WATCH_OV;
		} else if (is(w->word[i], "lookalikes")) {
			watch->policy.lookalikes = true;
		} else if (is(w->word[i], "named-as")) {
			snprintf(watch->subject, sizeof(watch->subject),
			    "CN=%s,O=%s CA,C=XX", w->word[i + 1], w->word[i + 1]);
			i++;
		} else {
			memcpy(watch->keys[watch->key_count++],
			    ca_of(s, w->word[i])->key->key_hash, 32);
		}
	}
}

static void
do_unwatch(struct scenario *s, struct words *w)
{
	for (size_t i = 0; i < s->watch_count; i++)
		if (is(w->word[1], s->watches[i].name))
			s->watches[i].gone = true;
}

/* --- the monitor ------------------------------------------------------------------ */

static void
do_option(struct scenario *s, struct words *w)
{
	if (is(w->word[1], "store"))
		s->options.store_all = is(w->word[2], "all");
	else if (is(w->word[1], "new-log-max"))
		s->options.new_log_max = strtoull(w->word[2], NULL, 10);
	else if (is(w->word[1], "bodies"))
		s->options.bodies_max = (size_t)strtoull(w->word[2], NULL, 10);
	else if (is(w->word[1], "profile-min"))
		s->profile_min = strtoll(w->word[2], NULL, 10);
	else if (is(w->word[1], "roots"))
		s->options.roots_every_ms = duration(s, w->word[2]);
	else if (is(w->word[1], "least"))
		SCENARIO_MUST(s, notice_level_parse(w->word[2], &s->least), "no level");
	else if (is(w->word[1], "keep-heads"))
		s->options.keep_heads_ms = duration(s, w->word[2]);
	else if (is(w->word[1], "keep-unmatched"))
		s->options.keep_unmatched_ms = duration(s, w->word[2]);
	else
		scenario_fail(s, "option: %s?", w->word[1]);
}

static void
do_start(struct scenario *s, struct words *w)
{
	if (!is(w->word[0], "start"))
		scenario_stop(s);
	if (!is(w->word[0], "stop"))
		scenario_start(s);
}

static void
do_heartbeat(struct scenario *s, struct words *w)
{
	(void)w;
	monitor_heartbeat(s->monitor, "alive", "{}");
	monitor_pump(s->monitor);
}

static void
on_backfill(void *owner, const struct monitor_backfill *sum, const struct err *err)
{
	struct scenario *s = owner;

	s->backfilled = err == NULL ? (int64_t)sum->entries : -1;
}

/* "backfill LOG FROM TO ENTRIES": so many were not read; or "refused". */
static void
do_backfill(struct scenario *s, struct words *w)
{
	int64_t want = is(w->word[4], "refused") ? -1 : strtoll(w->word[4], NULL, 10);

	s->backfilled = -2;
	monitor_backfill(s->monitor, w->word[1], strtoull(w->word[2], NULL, 10),
	    strtoull(w->word[3], NULL, 10), on_backfill, s);
	monitor_pump(s->monitor);
	SCENARIO_MUST(s, s->backfilled == want, "the backfill comes to %lld entries",
	    (long long)s->backfilled);
}

static void
do_reload(struct scenario *s, struct words *w)
{
	(void)w;
	scenario_configure(s);
	scenario_set_logs(s);
}

static void
do_run(struct scenario *s, struct words *w)
{
	scenario_run(s, duration(s, w->word[1]));
}

static void
do_jump(struct scenario *s, struct words *w)
{
	fake_clock_set_wall(s->clock, clock_now_ms(s->clock) + duration(s, w->word[1]));
}

static void
do_room(struct scenario *s, struct words *w)
{
	if (is(w->word[1], "none")) /* what it has now is all it gets */
		scenario_room(s, (uint32_t)scenario_number(s, "PRAGMA page_count"));
	else
		scenario_room(s, 0);
}

/* --- what must be ------------------------------------------------------------------- */

/* The words of the line, sorted, against the rows of a question, sorted. */
static int
compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
must_be(struct scenario *s, struct words *w, const char *sql)
{
	struct buf got = scenario_ask(s, sql), want;

	qsort(w->word + 1, w->count - 1, sizeof(char *), compare_text);
	buf_init(&want, 1 << 16);
	for (size_t i = 1; i < w->count; i++)
		buf_append_format(&want, "%s%s", i > 1 ? "\n" : "", w->word[i]);
	SCENARIO_MUST(s, strcmp(buf_text(&got), buf_text(&want)) == 0,
	    "%s: there is:\n%s\nbut there should be:\n%s", w->word[0], buf_text(&got),
	    buf_text(&want));
	buf_free(&got);
	buf_free(&want);
}

/* "a:head-stale", "a:head-stale:ended", "clock-jumped:moment"; "*3": three. */
static void
do_events(struct scenario *s, struct words *w)
{
	must_be(s, w,
	    "SELECT text || CASE count(*) WHEN 1 THEN '' ELSE '*' || count(*) END "
	    "AS line FROM (SELECT CASE e.log WHEN 0 THEN '' ELSE (SELECT name FROM log "
	    "WHERE number = e.log) || ':' END || kind || CASE WHEN end_ms IS NULL "
	    "THEN '' WHEN end_ms = begin_ms THEN ':moment' ELSE ':ended' END AS text "
	    "FROM event AS e) GROUP BY text ORDER BY line");
}

/* "check", "check*3", "check:closed-why". */
static void
do_findings(struct scenario *s, struct words *w)
{
	must_be(s, w,
	    "SELECT text || CASE count(*) WHEN 1 THEN '' ELSE '*' || count(*) END "
	    "AS line FROM (SELECT check_id || CASE state WHEN 0 THEN '' ELSE ':' || why "
	    "END AS text FROM finding) GROUP BY text ORDER BY line");
}

/* "finding:watched-name:waiting", with ":pending" where it says so. */
static void
do_outbox(struct scenario *s, struct words *w)
{
	must_be(s, w,
	    "SELECT text || CASE count(*) WHEN 1 THEN '' ELSE '*' || count(*) END "
	    "AS line FROM (SELECT kind || ':' || coalesce(json_extract(payload, "
	    "'$.check'), '') || CASE json_extract(payload, '$.subrule') WHEN 'end' THEN "
	    "'/end' ELSE '' END || ':' || CASE state WHEN 0 THEN 'waiting' WHEN 5 THEN "
	    "'held' ELSE state END || CASE json_extract(payload, '$.proved') WHEN "
	    "'pending' THEN ':pending' ELSE '' END AS text FROM outbox) "
	    "GROUP BY text ORDER BY line");
}

/* "a START VERIFIED NEXT" */
static void
do_range(struct scenario *s, struct words *w)
{
	struct buf got;
	char *sql =
	    mem_format("SELECT start || ' ' || verified || ' ' || next FROM range "
		       "WHERE log = (SELECT number FROM log WHERE name = '%s')",
		w->word[1]);
	char want[128];

	snprintf(want, sizeof(want), "%s %s %s", w->word[2], w->word[3], w->word[4]);
	got = scenario_ask(s, sql);
	SCENARIO_MUST(s, strcmp(buf_text(&got), want) == 0,
	    "%s stands at %s (start, verified, next), not at %s", w->word[1],
	    buf_text(&got), want);
	buf_free(&got);
	mem_free(sql);
}

static void
do_covered(struct scenario *s, struct words *w)
{
	for (size_t i = 1; i < w->count; i++)
		scenario_covered(s, log_of(s, w->word[i]), true);
	if (w->count == 1)
		for (size_t i = 0; i < s->log_count; i++)
			if (s->logs[i].named)
				scenario_covered(s, &s->logs[i], true);
	scenario_counted(s);
}

static void
do_so_far(struct scenario *s, struct words *w)
{
	scenario_covered(s, log_of(s, w->word[1]), false);
}

/* "sql SELECT ... = VALUE" */
static void
do_sql(struct scenario *s, struct words *w)
{
	char text[2048], *want = NULL, *at = text;
	struct buf got;

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(w->rest[1], "\n"), w->rest[1]);
	while ((at = strstr(at, " == ")) != NULL)
		want = at++;
	SCENARIO_MUST(s, want != NULL, "sql QUESTION == ANSWER");
	*want = '\0';
	want += 4;
	got = scenario_ask(s, text);
	SCENARIO_MUST(s, strcmp(buf_text(&got), want) == 0, "%s\nis: %s\nnot: %s", text,
	    buf_text(&got), want);
	buf_free(&got);
}

static void
do_store(struct scenario *s, struct words *w)
{
	unsigned failing = (unsigned)strtol(w->word[1], NULL, 10),
		 well = (unsigned)strtol(w->word[2], NULL, 10);

	SCENARIO_MUST(s, s->store_failing == failing && s->store_well == well,
	    "the store was told to fail %u times and to work again %u times",
	    s->store_failing, s->store_well);
	SCENARIO_MUST(s, failing == 0 || s->store_code == ERR_FULL, "it was not full");
}

/* How its last request was asked. */
static void
do_behind(struct scenario *s, struct words *w)
{
	const struct scenario_log *log = log_of(s, w->word[1]);

	for (size_t i = 0; i < s->behind.count; i++)
		if (s->behind.logs[i].log == log->log)
			SCENARIO_MUST(s,
			    s->behind.logs[i].background == is(w->word[0], "behind"),
			    "%s is not %s", w->word[1], w->word[0]);
}

/* "asked a PATTERN N": at least so many. */
static void
do_asked(struct scenario *s, struct words *w)
{
	uint64_t got = testlog_requests(log_of(s, w->word[1])->log, w->word[2]);

	SCENARIO_MUST(s, got >= strtoull(w->word[3], NULL, 10),
	    "%s was asked %llu times for %s", w->word[1], (unsigned long long)got,
	    w->word[2]);
}

/* "requests a PATTERN N": at most so many since the beginning. */
static void
do_requests(struct scenario *s, struct words *w)
{
	uint64_t got = testlog_requests(log_of(s, w->word[1])->log, w->word[2]);

	SCENARIO_MUST(s, got <= strtoull(w->word[3], NULL, 10),
	    "%s was asked %llu times for %s", w->word[1], (unsigned long long)got,
	    w->word[2]);
}

/* "proves a:head-split-view CLAIM[:witnessed]..." */
static void
do_proves(struct scenario *s, struct words *w)
{
	char claims[1024] = "";

	for (size_t i = 2; i < w->count; i++) {
		size_t len = strlen(claims);

		snprintf(claims + len, sizeof(claims) - len, "%s%s", i > 2 ? " " : "",
		    w->word[i]);
	}
	scenario_proves(s, w->word[1], claims);
}

static const struct verb {
	const char *name, *words, *says;
	size_t least; /* words, itself counted */
	void (*run)(struct scenario *, struct words *);
} VERBS[] = {
    {"log",
	"NAME static|rfc6962 [start tip|genesis|index N|since AGO] [poll TIME] "
	"[always] [max N] [unnamed] [interval TIME TIME]",
	"a log; NAME COMMAND: any command of testlog", 3, do_log},
    {"name", "LOG...", "the configuration names it from now on", 2, do_name},
    {"unname", "LOG...", "or no more", 2, do_name},
    {"state", "LOG STATE [final|wrong-final SIZE] [ended AGO] [finish] [tiles]",
	"what its list says of it", 3, do_state},
    {"list", "NAME LOG@STATE[@URL[@OPERATOR]]...", "a log list was read", 2, do_list},
    {"ca", "NAME [under CA] [subject DN] [key-of CA] [signs-precerts] [born AGO]",
	"a CA's certificate", 2, do_ca},
    {"cert",
	"LOG[@AGO],... CA HOST,... [final] [nb AGO] [days N] [sha1] [rsa MODULUS,E] "
	"[signer CA] "
	"[no-chain] [as NAME] [promised LOG[@AGO],...] [broken LOG[@AGO][=INDEX],...]",
	"a precertificate is logged; promised, broken: the SCTs in a final one, of an "
	"entry that is there and of one that is not",
	4, do_cert},
    {"again", "LOG[@AGO],... NAME", "the same once more", 3, do_again},
    {"cacert", "LOG[@AGO],... CA", "a CA's own certificate is logged", 3, do_cacert},
    {"root", "LOG CA", "the log accepts this root", 3, do_root},
    {"watch",
	"domain NAME [allow ISSUER] [suppress ISSUER] [quota N] [only-ov] [lookalikes] "
	"[since AGO] | ca NAME [CA...] [named-as CA]",
	"in force from the next start or reload on", 3, do_watch},
    {"unwatch", "NAME", "", 2, do_unwatch},
    {"option", "store all|matched, new-log-max N, bodies N, keep-heads TIME, roots TIME",
	"", 3, do_option},
    {"start", "", "the monitor", 1, do_start},
    {"stop", "", "", 1, do_start},
    {"restart", "", "", 1, do_start},
    {"reload", "", "the configuration", 1, do_reload},
    {"backfill", "LOG FROM TO ENTRIES|refused", "older entries are asked for", 5,
	do_backfill},
    {"heartbeat", "", "a sign of life is sent", 1, do_heartbeat},
    {"run", "TIME", "time passes", 2, do_run},
    {"jump", "TIME", "the wall clock jumps", 2, do_jump},
    {"room", "none|more", "on the disk", 2, do_room},
    {"events", "[LOG:]KIND[:ended|:moment][*N]...", "all that are stored", 1, do_events},
    {"findings", "CHECK[:WHY][*N]...", "the same; WHY: it is closed", 1, do_findings},
    {"outbox", "KIND:CHECK:STATE[:pending][*N]...", "the same", 1, do_outbox},
    {"range", "LOG START VERIFIED NEXT", "where it stands", 5, do_range},
    {"covered", "[LOG...]", "whole, once, proved to the head", 1, do_covered},
    {"so-far", "LOG", "whole and once as far as it was read", 2, do_so_far},
    {"sql", "QUESTION == ANSWER", "", 2, do_sql},
    {"store-told", "FAILING WELL", "how often on_store was called", 3, do_store},
    {"proves", "LOG:KIND|CHECK CLAIM[:witnessed]...",
	"evidence of the newest one shows that, and fails once it is another", 3,
	do_proves},
    {"behind", "LOG", "it was asked only when no other of its operator waited", 2,
	do_behind},
    {"ahead", "LOG", "or like any other", 2, do_behind},
    {"asked", "LOG PATTERN N", "at least so often", 4, do_asked},
    {"requests", "LOG PATTERN N", "it was asked at most so often", 4, do_requests},
};

void
scenario_help(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(VERBS); i++)
		buf_append_format(out, "%s %s%s%s\n", VERBS[i].name, VERBS[i].words,
		    VERBS[i].says[0] != '\0' ? ": " : "", VERBS[i].says);
}

static void
play_line(struct scenario *s, const char *line, size_t len)
{
	struct scenario_log *log;
	struct words words;
	struct err err;

	split(&words, line, len);
	if (words.count == 0)
		return;
	if ((log = scenario_log(s, words.word[0])) != NULL) {
		char command[256];

		SCENARIO_MUST(s, words.count > 1, "%s does what?", words.word[0]);
		snprintf(command, sizeof(command), "%.*s",
		    (int)(len - (size_t)(words.rest[1] - line)), words.rest[1]);
		SCENARIO_MUST(
		    s, testlog_command(log->log, command, NULL, &err), "%s", err.text);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(VERBS); i++) {
		if (!is(words.word[0], VERBS[i].name))
			continue;
		SCENARIO_MUST(s, words.count >= VERBS[i].least, "usage: %s %s",
		    VERBS[i].name, VERBS[i].words);
		VERBS[i].run(s, &words);
		return;
	}
	scenario_fail(s, "no verb %s", words.word[0]);
}

void
scenario_play(struct scenario *s, const char *text)
{
	s->line = 0;
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		s->line++;
		play_line(s, text, len);
		text += len + (text[len] == '\n');
	}
}

void
scenario_play_file(struct scenario *s, const char *path)
{
	struct buf text = unit_file(path);

	s->file = path;
	scenario_play(s, buf_text(&text));
	buf_free(&text);
}
