/*
 * scenario - a small world for replay tests: a fake clock, test logs behind a
 * fake fetch, CAs that issue into them, the real monitor without threads, and
 * a database to be asked. Told in lines of text (the .scn files of tests/replay):
 *
 *   log a static start genesis     a log; then "a grow 100": any testlog command
 *   ca root                        a root CA; "ca sub under root": a sub-CA
 *   cert a root www.watched.example      logged now; see its words below
 *   watch domain watched.example
 *   start                          the monitor, with what was said so far
 *   run 5m
 *   events a:head-stale            what must stand in the database, no more
 *
 * scenario_help() lists the verbs. A line that does not hold fails the test
 * with its file and number. No wall clock, no network, no chance.
 */
#pragma once
#include "monitor/monitor.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/fake_logs.h"
#include "tests/lib/make_cert.h"
#include "tests/lib/unit.h"

enum {
	SCENARIO_LOGS_MAX = 96,
	SCENARIO_CAS_MAX = 16,
	SCENARIO_WATCHES_MAX = 32,
	SCENARIO_CERTS_MAX = 64
};

struct scenario_log {
	char name[32], url[80];
	struct testlog *log;
	struct ct_log *ct_log;
	struct monitor_start start;
	int64_t poll_ms;
	bool named;         /* the configuration names it */
	bool finish, tiles; /* monitor_log's */
};

/* What a list says of a log. */
struct scenario_listing {
	enum log_state state;
	int64_t end_ms; /* of its interval; 0: it has none */
	bool has_final, wrong_final;
	uint64_t final_size;
	bool finish, tiles;
};

struct scenario_ca {
	char name[32], subject[160];
	const struct make_key *key;
	struct buf der;
	const struct scenario_ca *parent; /* NULL: a root */
	bool signs_precerts;              /* RFC 6962, 3.1 */
};

/* A certificate that was logged, to be logged again elsewhere. */
struct scenario_cert {
	char name[32];
	struct buf der, tbs; /* tbs: of a precertificate */
	const struct scenario_ca *issuer, *signer;
	bool no_chain;
};

struct scenario_watch {
	char name[80];
	bool is_ca, gone;
	int64_t since_ms;
	const char *allowed[4];
	size_t allowed_count;
	char suppress[80]; /* "": nobody */
	struct watch_policy policy;
	uint8_t keys[4][32];
	size_t key_count;
	char subject[160]; /* "": none */
};

struct scenario {
	const char *file; /* of the line at hand */
	unsigned line;

	struct clock *clock;
	struct fetch *fetch;
	struct fake_logs behind;
	struct scenario_log logs[SCENARIO_LOGS_MAX];
	struct scenario_ca cas[SCENARIO_CAS_MAX];
	struct scenario_cert certs[SCENARIO_CERTS_MAX];
	struct scenario_watch watches[SCENARIO_WATCHES_MAX];
	size_t log_count, ca_count, cert_count, watch_count;
	uint64_t serials;

	struct monitor_options options; /* of the next start */
	struct monitor *monitor;        /* NULL: stopped */
	struct store *writer;           /* the monitor's */
	char *path;                     /* of the database */
	int64_t ticked_ms; /* monotonic: when the logs last looked at their clock */

	enum notice_level least;                /* that the one sink takes */
	int64_t profile_min;                    /* check_params; 0: as by itself */
	int64_t max_san;                        /* the same */
	const struct check_operator *operators; /* the test's own; NULL: none */
	size_t operator_count;

	unsigned configures, releases; /* monitor_config.release */
	unsigned outbox_calls;
	unsigned store_failing, store_well; /* calls of on_store */
	enum err_code store_code;           /* of the last that failed */
	int64_t backfilled; /* entries of the last that was asked for; -1: refused */
};

/* An empty world; the database stands in the test's folder. */
void scenario_begin(struct scenario *);
void scenario_end(struct scenario *);

/* Every line of a text, or of a file. */
void scenario_play(struct scenario *, const char *text);
void scenario_play_file(struct scenario *, const char *path);

/* --- what the lines do; a test may do it too -------------------------------- */

/* Fails the test, saying where in the scenario. */
#define SCENARIO_MUST(scenario, what, ...)                                               \
	do {                                                                             \
		if (!(what))                                                             \
			scenario_fail(scenario, __VA_ARGS__);                            \
	} while (0)
void scenario_fail(const struct scenario *, const char *format, ...) PRINTF_LIKE(2, 3)
    __attribute__((noreturn));

struct scenario_log *scenario_log_add(
    struct scenario *, const char *name, const struct testlog_options *);
struct scenario_log *scenario_log(struct scenario *, const char *name);
struct scenario_ca *scenario_ca(struct scenario *, const char *name);

/* From now on, or from the next start. */
void scenario_listed(
    struct scenario *, struct scenario_log *, const struct scenario_listing *);

/* A list that was read: each word is LOG@STATE[@URL[@OPERATOR]]. */
void scenario_list(struct scenario *, const char *name, char *const *words, size_t count);

/* What the logs' clocks say: the fake clock's, without its jumps. */
int64_t scenario_true_ms(const struct scenario *);

void scenario_start(struct scenario *);
void scenario_stop(struct scenario *);
void scenario_configure(struct scenario *);
void scenario_set_logs(struct scenario *);

/* Time passes, a timer at a time, with monitor_pump() after each. */
void scenario_run(struct scenario *, int64_t ms);

/* The database is full at so many pages; 0: never. */
void scenario_room(struct scenario *, uint32_t pages);

/* --- asking the database ------------------------------------------------------ */

/* The rows of a question, columns parted by "|", rows by "\n". */
struct buf scenario_ask(struct scenario *, const char *sql);
int64_t scenario_number(struct scenario *, const char *format, ...) PRINTF_LIKE(2, 3);

/* The coverage of the log's range is whole and says of each entry once that it
 * was judged, and of what is proved that it is; to_its_head: all of it. */
void scenario_covered(struct scenario *, const struct scenario_log *, bool to_its_head);

/* Every entry that was read, of all logs, is a sighting, was counted, or kept. */
void scenario_counted(struct scenario *);

/* The newest event ("a:head-split-view") or finding ("sct-not-included") of that
 * kind makes a folder whose verdicts are these, and that fails once any of its
 * files is another. */
void scenario_proves(struct scenario *, const char *what, const char *claims);

void scenario_help(struct buf *out);
