/* What was served and is signed by nobody: issuers, and tiles that changed. */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "monitor/accuse.h"
#include "monitor/lie.h"

/* A moment for each log and day: a log that is wrong is wrong thousands of times. */
static void
tell_today(
    struct follower *follower, const struct monitor_event *from, struct accusation *a)
{
	struct monitor_event event = *from;
	char subject[64];

	snprintf(subject, sizeof(subject), "%" PRIu32 ":%" PRId64, follower->number,
	    clock_now_ms(follower->monitor->clock) / (24 * HOUR_MS));
	event.subject = bytes_text(subject);
	event.log = follower->number;
	event.moment = true;
	event.evidence = accuse_evidence(a);
	event.exhibits = a->exhibits;
	event.exhibit_count = a->count;
	monitor_tell(follower->monitor, &event);
	accuse_free(a);
}

void
lie_of_issuer(struct follower *follower, const struct sha256 *fingerprint,
    struct bytes served, const struct err *err)
{
	bool wrong = err->code == ERR_VERIFY;
	struct monitor_event event = {.kind = wrong ? "issuer-wrong" : "issuer-missing",
	    .level = wrong ? NOTICE_LEVEL_ERROR : NOTICE_LEVEL_WARNING,
	    .message = wrong
		? "an issuer is served that does not hash to its address"
		: "an issuer that entries name is not there; they wait for it"};
	struct accusation a;
	struct json *json;

	if (!wrong && err->code != ERR_NOT_FOUND)
		return;
	accuse_begin(&a, follower);
	json_put_hex(&a.evidence, "fingerprint", sha256_bytes(fingerprint));
	if (wrong) {
		accuse_file(&a, "issuer-as-served", served);
		json = accuse_claim(&a, "wrong-issuer");
		json_put_hex(json, "fingerprint", sha256_bytes(fingerprint));
		json_put_text(json, "served", "issuer-as-served");
		accuse_claim_end(&a);
	}
	tell_today(follower, &event, &a);
}

void
lie_of_tile(struct follower *follower, uint64_t first, uint64_t start, struct bytes ours,
    struct bytes tile)
{
	struct monitor_event event = {.kind = "tile-not-prefix",
	    .level = NOTICE_LEVEL_ERROR,
	    .message = "a data tile does not begin with what its partial tile held"};
	struct accusation a;
	struct json *json;

	log_error("log %s: %s", follower->log->name, event.message);
	accuse_begin(&a, follower);
	json_put_number(&a.evidence, "first", (int64_t)first);
	json_put_number(&a.evidence, "read_before", (int64_t)start);
	accuse_file(&a, "subtrees-as-read", ours);
	accuse_file(&a, "tile-as-served", tile);
	json = accuse_claim(&a, "tile-prefix");
	json_put_text(json, "partial", "subtrees-as-read");
	json_put_text(json, "full", "tile-as-served");
	json_put_number(json, "first", (int64_t)first);
	json_put_number(json, "start", (int64_t)start);
	accuse_claim_end(&a);
	tell_today(follower, &event, &a);
}
