/*
 * The life of a follower: made, configured again, freed; and what is said of
 * its log.
 */
#include <stdio.h>

#include "base/log.h"
#include "monitor/accuse.h"
#include "monitor/closed.h"
#include "monitor/identity.h"
#include "monitor/owe.h"
#include "monitor/prefix.h"
#include "monitor/roots.h"
#include "monitor/served.h"

/* --- what is said of a log --- */

/* Once, and again when it was said 2, 4, 8, ... times. */
static void
say_trouble(struct follower *follower)
{
	if (strcmp(follower->said, follower->last_error) != 0) {
		snprintf(
		    follower->said, sizeof(follower->said), "%s", follower->last_error);
		follower->times_said = 1;
		log_warning("log %s: %s", follower->log->name, follower->said);
		return;
	}
	follower->times_said++;
	if ((follower->times_said & (follower->times_said - 1)) == 0)
		log_warning("log %s: %s (%u times)", follower->log->name, follower->said,
		    follower->times_said);
}

void
follower_trouble(struct follower *follower, const struct err *err, const char *what)
{
	follower->errors++;
	snprintf(follower->last_error, sizeof(follower->last_error), "%s: %s", what,
	    err->text);
	say_trouble(follower);
}

#define SUBJECT_MAX (SHA256_LEN + 8)

/* What befalls a backfill is no news of the log's own range. */
static struct bytes
subject_of(const struct follower *follower, uint8_t out[SUBJECT_MAX])
{
	memcpy(out, follower->log->id.octets, SHA256_LEN);
	/* its end: where it starts changes when it is joined from the left */
	put_be64(out + SHA256_LEN, follower->range.end);
	return bytes_of(out, follower->parent == NULL ? SHA256_LEN : SUBJECT_MAX);
}

void
follower_event(struct follower *follower, const char *kind, enum notice_level level,
    const char *message, const char *evidence, bool ends)
{
	uint8_t subject[SUBJECT_MAX];
	struct monitor_event event = {.kind = kind,
	    .subject = subject_of(follower, subject),
	    .log = follower->number,
	    .level = level,
	    .message = message,
	    .evidence = evidence,
	    .ends = ends};

	monitor_tell(follower->monitor, &event);
}

#define HEADS_AGREE "the log's heads agree with each other again"

static const struct {
	const char *kind;
	enum notice_level level;
	const char *holds, *ended; /* holds: where nothing better is known */
} CONDITION_KINDS[CONDITIONS] = {
    [CONDITION_UNREACHABLE] = {"log-unreachable", NOTICE_LEVEL_WARNING,
	"the log gives no head", "the log answers again"},
    [CONDITION_BAD_TLS] = {"log-bad-tls", NOTICE_LEVEL_WARNING,
	"the log's TLS certificate does not verify; it is read all the same",
	"the log's TLS certificate verifies again"},
    [CONDITION_BAD_SIGNATURE] = {"head-bad-signature", NOTICE_LEVEL_ERROR,
	"a head's signature does not verify", "its heads' signatures verify again"},
    [CONDITION_OTHER_ORIGIN] = {"head-other-origin", NOTICE_LEVEL_ERROR,
	"a checkpoint of another log's origin is served", "its checkpoints are its own"},
    [CONDITION_OTHER_KEY] = {"head-other-key", NOTICE_LEVEL_ERROR,
	"a checkpoint is served that the log's listed key has not signed",
	"its checkpoints are signed with its listed key again"},
    [CONDITION_STALE] = {"head-stale", NOTICE_LEVEL_WARNING,
	"the newest head is older than the log promised",
	"the newest head is as young as the log promised"},
    [CONDITION_FUTURE] = {"head-in-future", NOTICE_LEVEL_WARNING,
	"a head is signed for a time to come", "its heads are signed for the present"},
    [CONDITION_EMPTY_ROOT] = {"head-empty-root", NOTICE_LEVEL_ERROR,
	"an empty tree has another root than its own", "the root is a tree's again"},
    [CONDITION_NO_ENTRIES] = {"entries-unavailable", NOTICE_LEVEL_WARNING,
	"the log gives no entries", "the log gives entries again"},
    [CONDITION_NO_START] = {"start-refused", NOTICE_LEVEL_WARNING,
	"where reading starts cannot be proved", "reading has started"},
    [CONDITION_NO_PROOF] = {"proof-unavailable", NOTICE_LEVEL_WARNING,
	"no proof can be had that a head continues the one before; its entries will tell",
	"its heads are proved again"},
    [CONDITION_MISMATCH] = {"entries-mismatch", NOTICE_LEVEL_ERROR,
	"the entries, read twice, do not hash to what the log signed",
	"the entries hash to what the log signed"},
    [CONDITION_BEHIND] = {"log-behind", NOTICE_LEVEL_WARNING,
	"the log grows faster than it is read", "what the log has signed is read again"},
    [CONDITION_GONE] = {"log-gone", NOTICE_LEVEL_NOTICE,
	"a log that takes no more entries has not answered for days",
	"the log answers again"},
    [CONDITION_WRONG_FINAL] = {"log-final-mismatch", NOTICE_LEVEL_ERROR,
	"its list's final tree head is not what the log shows",
	"the log shows its final tree head"},
    [CONDITION_GREW_CLOSED] = {"log-grew-readonly", NOTICE_LEVEL_ERROR,
	"a read-only log has grown", "the log shows no more than its final tree head"},
    [CONDITION_OTHER_IDENTITY] = {"log-other-identity", NOTICE_LEVEL_WARNING,
	"the log says of itself that it has another id or key than it is listed with",
	"the log says that it is the one that is listed"},
    [CONDITION_STANDS_STILL] = {"head-stands-still", NOTICE_LEVEL_ERROR,
	"the log signs SCTs, and the heads that it shows stand still",
	"its heads follow its SCTs again"},
    [CONDITION_SPLIT_VIEW] = {"head-split-view", NOTICE_LEVEL_ERROR,
	"two signed heads of one size have different roots", HEADS_AGREE},
    [CONDITION_INCONSISTENT] = {"head-inconsistent", NOTICE_LEVEL_ERROR,
	"a signed head does not continue the one before it", HEADS_AGREE},
    [CONDITION_UNPROVED] = {"head-unproved", NOTICE_LEVEL_ERROR,
	"the log has no proof that holds for a signed head", HEADS_AGREE},
    [CONDITION_BAD_TILE] = {"tile-mismatch", NOTICE_LEVEL_ERROR,
	"hash tiles, read twice, do not make the root that the log signed",
	"its hash tiles make its roots again"},
    [CONDITION_EQUIVOCATION] = {"head-equivocation", NOTICE_LEVEL_ERROR,
	"two signed heads of one time differ", HEADS_AGREE},
    [CONDITION_TIME_BACK] = {"head-time-back", NOTICE_LEVEL_ERROR,
	"the log grew and its head's time went back", HEADS_AGREE},
    [CONDITION_SHRANK] = {"head-shrank", NOTICE_LEVEL_WARNING,
	"the log signs an older state anew: fewer entries, at a later time", HEADS_AGREE},
};

#define HONEST_HEADS 10 /* in a row, before a lie is over */

#define RECURS_MS    (24 * HOUR_MS)
#define PATIENCE_MAX 16

static void
note_recurrence(struct follower *follower, enum condition which)
{
	int64_t now = clock_mono_ms(follower->monitor->clock);
	unsigned *patience = &follower->patience[which];

	if (follower->ended_ms[which] == 0 || now - follower->ended_ms[which] > RECURS_MS)
		*patience = 1;
	else if (*patience < PATIENCE_MAX)
		*patience *= 2;
}

static void
tell_condition(struct follower *follower, enum condition which, bool holds,
    const char *message, struct accusation *accusation)
{
	uint8_t subject[SUBJECT_MAX];
	struct monitor_event event = {.kind = CONDITION_KINDS[which].kind,
	    .subject = subject_of(follower, subject),
	    .log = follower->number,
	    .level = CONDITION_KINDS[which].level,
	    .message = message,
	    .ends = !holds};

	if (holds)
		note_recurrence(follower, which);
	else if (follower->told[which] == TOLD_TROUBLE)
		follower->ended_ms[which] = clock_mono_ms(follower->monitor->clock);
	follower->told[which] = holds ? TOLD_TROUBLE : TOLD_FINE;
	if (message == NULL)
		event.message =
		    holds ? CONDITION_KINDS[which].holds : CONDITION_KINDS[which].ended;
	if (holds && which >= CONDITION_FIRST_LIE)
		log_error("log %s: %s", follower->log->name, event.message);
	if (accusation != NULL) {
		event.evidence = accuse_evidence(accusation);
		event.exhibits = accusation->exhibits;
		event.exhibit_count = accusation->count;
	}
	monitor_tell(follower->monitor, &event);
}

void
follower_condition(
    struct follower *follower, enum condition which, bool holds, const char *message)
{
	if (holds)
		follower->honest[which] = 0;
	if (follower->told[which] != (holds ? TOLD_TROUBLE : TOLD_FINE))
		tell_condition(follower, which, holds, message, NULL);
}

void
follower_answered(struct follower *follower, enum condition which)
{
	if (follower->told[which] != TOLD_TROUBLE ||
	    ++follower->honest[which] >= follower->patience[which])
		follower_condition(follower, which, false, NULL);
}

bool
follower_is_news(struct follower *follower, enum condition which)
{
	follower->honest[which] = 0;
	return follower->told[which] != TOLD_TROUBLE;
}

void
follower_accuse(struct follower *follower, enum condition which, const char *message,
    struct accusation *accusation)
{
	if (follower_is_news(follower, which))
		tell_condition(follower, which, true, message, accusation);
	accuse_free(accusation);
}

void
follower_heads_agree(struct follower *follower)
{
	for (enum condition lie = CONDITION_FIRST_LIE; lie < CONDITIONS; lie++)
		if (++follower->honest[lie] > HONEST_HEADS)
			follower_condition(follower, lie, false, NULL);
}

/* --- what the configuration says of it --- */

bool
follower_knows_bad(const struct follower *follower, uint64_t index)
{
	for (size_t i = 0; i < follower->known_bad_count; i++)
		if (follower->known_bad[i].index == index)
			return true;
	return false;
}

static bool
same_known_bad(const struct follower *follower, const struct monitor_log *from)
{
	if (follower->known_bad_count != from->known_bad_count)
		return false;
	for (size_t i = 0; i < from->known_bad_count; i++)
		if (follower->known_bad[i].index != from->known_bad[i].index ||
		    !sha256_equal(&follower->known_bad[i].leaf, &from->known_bad[i].leaf))
			return false;
	return true;
}

static struct logclient *
make_client(struct follower *follower, const struct monitor_log *from, struct err *err)
{
	struct monitor *monitor = follower->monitor;
	struct logclient_options options = {.log = from->log,
	    .lane = follower->lane,
	    .tiles = from->tiles,
	    .background = follower->parent != NULL,
	    .ca_file = from->tls_ca};

	if (from->log->operator_name[0] != '\0')
		options.budget = from->log->operator_name;

	return logclient_new(monitor->options.fetch, monitor->clock, &options, err);
}

void
follower_configure(struct follower *follower, const struct monitor_log *from)
{
	bool changed = !same_known_bad(follower, from);
	const struct ct_log *before = follower->log;

	follower->wanted = true;
	follower->poll_ms = from->poll_ms;
	follower->start = from->start;
	follower->unproved_start = from->unproved_start;
	logclient_set_ca_file(follower->client, from->tls_ca);
	follower->by_tiles = from->tiles;
	follower->finish = from->finish;
	mem_free(follower->tls_ca);
	follower->tls_ca = mem_text(from->tls_ca);
	for (struct follower *f = follower->backfills; f != NULL; f = f->next)
		follower_configure(f, from);
	follower->log = ct_log_ref(from->log);
	ct_log_free(before);
	logclient_set_background(follower->client,
	    follower->parent != NULL || closed_is_behind_others(from->log));
	if (!changed)
		return;
	mem_free(follower->known_bad);
	follower->known_bad = NULL;
	if (from->known_bad_count > 0)
		follower->known_bad = mem_copy(
		    from->known_bad, from->known_bad_count * sizeof(*from->known_bad));
	follower->known_bad_count = from->known_bad_count;
	prove_again(follower);
}

/* --- its life --- */

struct follower *
follower_new(struct monitor *monitor, struct follower *parent,
    const struct monitor_log *from, uint32_t number)
{
	struct follower *follower = mem_zero(1, sizeof(*follower));
	struct err err;

	follower->monitor = monitor;
	follower->parent = parent;
	follower->range.end = UINT64_MAX;
	follower->lane = ++monitor->lanes;
	follower->client = make_client(follower, from, &err);
	if (follower->client == NULL) {
		log_error("log %s: %s", from->log->name, err.text);
		mem_free(follower);
		return NULL;
	}
	follower->log = ct_log_ref(from->log);
	sth_init(&follower->signed_head);
	sth_init(&follower->doubted);
	follower->number = number;
	follower_configure(follower, from);
	return follower;
}

void
follower_free(struct follower *follower)
{
	if (follower == NULL)
		return;
	while (follower->backfills != NULL) {
		struct follower *backfill = follower->backfills;

		follower->backfills = backfill->next;
		follower_free(backfill);
	}
	clock_cancel(follower->monitor->clock, follower->poll_timer);
	clock_cancel(follower->monitor->clock, follower->range.pause);
	clock_cancel(follower->monitor->clock, follower->inclusion_timer);
	clock_cancel(follower->monitor->clock, follower->settle_timer);
	inclusion_cancel(follower);
	owe_cancel(follower);
	roots_cancel(follower);
	identity_cancel(follower);
	prefix_cancel(follower);
	read_cancel(follower);
	served_drop(&follower->served);
	issuers_cancel(follower);
	logclient_free(follower->client);
	if (follower->proving_head)
		sth_fini(&follower->candidate);
	sth_fini(&follower->signed_head);
	sth_fini(&follower->doubted);
	if (follower->final_call != NULL)
		sth_fini(&follower->final_head);
	mem_free(follower->known_bad);
	mem_free(follower->tls_ca);
	ct_log_free(follower->log);
	mem_free(follower);
}
