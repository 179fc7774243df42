/*
 * alertdrain - the alert room alone: puts made-up alerts into a database's
 * outbox and carries it to the sinks that are named, until it is empty or the
 * time is up.
 *
 *	alertdrain --db F --sink s=udp://127.0.0.1:514 --sink w=http://... \
 *	    --secret-file K --ca-file C --put 20 --seconds 5
 *
 * Its exit status says whether the outbox is empty. Loop and writer are one
 * thread here.
 */
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alert.h"
#include "base/clock.h"
#include "base/mem.h"
#include "fetch/fetch.h"
#include "tests/lib/options.h"

#define SINKS_MAX 8

struct drained {
	const char *db, *secret_file, *ca_file, *group, *direct;
	struct alert_sink_options sinks[SINKS_MAX];
	size_t sinks_len;
	unsigned put, from;
	int64_t seconds;
	struct ev_loop *loop;
	struct clock *clock;
	struct fetch *fetch;
	struct store *writer, *reader;
	struct alert *alert;
};

/* Bytes as a certificate might bring them. */
static const char *const HOSTILE[] = {
    "www.example.org",
    "a\nb\r\n<0>1 forged",
    "\x1b[31mred\x1b[0m",
    "right\xe2\x80\xaeleft",
    "\xe6\xb2\x83\xe9\x80\x9a",
    "quote\" bracket] back\\slash",
    "caf\xe9",
    "<script>alert(1)</script>",
};

static void
must(bool ok, const struct err *err)
{
	if (!ok)
		tool_die("%s", err->text);
}

/* --- filling ------------------------------------------------------------------------ */

static void
put(struct drained *drained, unsigned number)
{
	struct bytes name = bytes_text(HOSTILE[number % ARRAY_LEN(HOSTILE)]);
	char key[32];
	struct notice_certificate certificate = {.issuer = bytes_text("CN=Example CA"),
	    .serial = bytes_text("1234"),
	    .subject = name,
	    .names = &name,
	    .names_len = 1,
	    .names_count = 1};
	struct notice_sighting sighting = {"argon", number, 1451865600000};
	struct notice notice = {.check = "watched-name",
	    .level = NOTICE_LEVEL_WARNING,
	    .title = "A certificate for a watched name.",
	    .message = name,
	    .time_ms = clock_now_ms(drained->clock),
	    .watch = "example.org",
	    .certificate = &certificate,
	    .sightings = &sighting,
	    .sightings_len = 1};
	struct outbox_row row = {.alert = bytes_of(notice.id, sizeof(notice.id)),
	    .kind = bytes_text("finding"),
	    .group_key = bytes_text(drained->group != NULL ? drained->group : ""),
	    .created_ms = notice.time_ms,
	    .next_try_ms = notice.time_ms,
	    .settled_ms = STORE_NO_TIME};
	struct err err = {0};
	struct buf payload;
	bool inserted;

	snprintf(key, sizeof(key), "%u", number);
	notice_id(
	    &(struct notice_subject){.key = bytes_text(key), .check = "watched-name"},
	    notice.id);
	buf_init(&payload, NOTICE_PAYLOAD_MAX);
	notice_payload(&notice, &payload);
	row.payload = buf_bytes(&payload);
	for (size_t i = 0; i < drained->sinks_len; i++) {
		row.sink = bytes_text(drained->sinks[i].name);
		must(store_outbox_put(drained->writer, &row, &inserted, &err), &err);
	}
	buf_free(&payload);
}

/* --- draining ------------------------------------------------------------------------
 */

static bool
on_count(void *owner, const struct outbox_count *row)
{
	if (row->state == OUTBOX_WAITING)
		*(int64_t *)owner += row->count;
	return true;
}

static int64_t
count_waiting(struct drained *drained)
{
	int64_t waiting = 0;
	struct err err = {0};

	must(store_outbox_counts(drained->reader, on_count, &waiting, &err), &err);
	return waiting;
}

static void
on_settle(void *owner, struct outbox_batch *batch)
{
	struct drained *drained = owner;
	struct err err = {0};

	must(store_begin(drained->writer, &err), &err);
	for (size_t i = 0; i < batch->len; i++)
		must(
		    store_outbox_settle(drained->writer, &batch->results[i], &err), &err);
	must(store_commit(drained->writer, &err), &err);
	batch->stored = true;
	alert_settled(drained->alert, batch);
	if (count_waiting(drained) == 0)
		ev_break(drained->loop, EVBREAK_ALL);
}

static void
on_end(void *owner)
{
	ev_break(((struct drained *)owner)->loop, EVBREAK_ALL);
}

static void
start(struct drained *drained)
{
	struct fetch_options fetch = {.user_agent = "alertdrain"};
	struct alert_options alert = {.sinks = drained->sinks,
	    .sinks_len = drained->sinks_len,
	    .user_agent = "alertdrain",
	    .settle = on_settle,
	    .owner = drained};
	struct store_options store = {.path = drained->db};
	struct err err = {0};

	alert.loop = drained->loop = ev_default_loop(0);
	alert.clock = drained->clock = clock_new(drained->loop);
	alert.fetch = drained->fetch =
	    fetch_new(drained->loop, drained->clock, &fetch, &err);
	must(drained->fetch != NULL, &err);
	drained->writer = store_open(&store, &err);
	must(drained->writer != NULL, &err);
	store.read_only = true;
	alert.store = drained->reader = store_open(&store, &err);
	must(drained->reader != NULL, &err);
	drained->alert = alert_new(&alert, &err);
	must(drained->alert != NULL, &err);
}

static void
on_sink(void *owner, const struct alert_sink_state *state)
{
	(void)owner;
	printf("%s: delivered %llu, failed %llu: %s\n", state->name,
	    (unsigned long long)state->delivered, (unsigned long long)state->failed,
	    state->last_error);
}

/* --- options --------------------------------------------------------------------------
 */

#define SETTER(name, statement)                                                          \
	static void name(void *owner, const char *value)                                 \
	{                                                                                \
		struct drained *drained = owner;                                         \
		statement;                                                               \
	}

static void
set_sink(void *owner, const char *value)
{
	struct drained *drained = owner;
	struct alert_sink_options *sink = &drained->sinks[drained->sinks_len];
	const char *equals = strchr(value, '=');

	if (equals == NULL || drained->sinks_len == SINKS_MAX)
		tool_die("--sink NAME=URL, at most %d", SINKS_MAX);
	sink->url = equals + 1;
	sink->kind = strncmp(sink->url, "http", 4) == 0 ? "webhook" : "syslog";
	sink->facility = 3;
	sink->timeout_ms = 5000;
	sink->name = mem_copy(value, (size_t)(equals - value));
	drained->sinks_len++;
}

SETTER(set_db, drained->db = value)
SETTER(set_secret, drained->secret_file = value)
SETTER(set_ca, drained->ca_file = value)
SETTER(set_group, drained->group = value)
SETTER(set_direct, drained->direct = value)
SETTER(set_put, drained->put = (unsigned)strtoul(value, NULL, 10))
SETTER(set_from, drained->from = (unsigned)strtoul(value, NULL, 10))
SETTER(set_seconds, drained->seconds = strtoll(value, NULL, 10))

static const struct tool_option OPTIONS[] = {
    {"db", "FILE", "the database", set_db},
    {"sink", "NAME=URL", "a sink: unix:, udp://, tcp://, tls://, http:// or https://",
	set_sink},
    {"secret-file", "FILE", "the webhooks' key", set_secret},
    {"ca-file", "FILE", "whom tls:// and https:// trust", set_ca},
    {"put", "N", "put N alerts for every sink first", set_put},
    {"from", "N", "number them from here", set_from},
    {"group", "TEXT", "their group; without one nothing is counted", set_group},
    {"direct", "TEXT", "say this past the database", set_direct},
    {"seconds", "N", "give up then; the default: 10", set_seconds},
};

int
main(int argc, char **argv)
{
	static struct drained drained = {.seconds = 10};
	struct err err = {0};
	int64_t left;

	signal(SIGPIPE, SIG_IGN);
	tool_options(argc, argv, "Carries an outbox to sinks.", OPTIONS,
	    ARRAY_LEN(OPTIONS), &drained);
	for (size_t i = 0; i < drained.sinks_len; i++) {
		drained.sinks[i].ca_file = drained.ca_file;
		if (strcmp(drained.sinks[i].kind, "webhook") == 0)
			drained.sinks[i].secret_file = drained.secret_file;
	}
	start(&drained);
	must(store_begin(drained.writer, &err), &err);
	for (unsigned i = 0; i < drained.put; i++)
		put(&drained, drained.from + i);
	must(store_commit(drained.writer, &err), &err);
	if (drained.direct != NULL)
		alert_direct(
		    drained.alert, NOTICE_LEVEL_ERROR, "store-full", drained.direct);
	clock_after(drained.clock, drained.seconds * 1000, on_end, &drained);
	if (drained.direct != NULL || count_waiting(&drained) > 0)
		ev_run(drained.loop, 0);
	left = count_waiting(&drained);
	alert_each_sink(drained.alert, on_sink, NULL);
	printf("%lld wait\n", (long long)left);
	alert_free(drained.alert);
	store_close(drained.reader);
	store_close(drained.writer);
	fetch_free(drained.fetch);
	clock_free(drained.clock);
	for (size_t i = 0; i < drained.sinks_len; i++)
		mem_free((char *)drained.sinks[i].name);
	return left == 0 ? 0 : 1;
}
