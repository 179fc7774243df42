/* B8: whom a certificate concerns. */
#include "hierarchy.h"

/* --- watched-name, unexpected-issuer
 * ------------------------------------------------------ */

static bool
is_watched(const struct judged *it)
{
	return it->watch_count > 0;
}

/* Reports every watch that `asks` picks in one finding. */
static void
report_watches(struct trial *trial, bool (*asks)(const struct judged_watch *),
    const char *format_one)
{
	const struct judged *it = trial->it;
	struct finding *finding = NULL;
	struct buf issuer;

	buf_init(&issuer, 1 << 16);
	for (size_t i = 0; i < it->watch_count; i++) {
		const struct judged_watch *watch = &it->watches[i];

		if (!asks(watch))
			continue;
		if (finding == NULL) {
			name_append_text(&issuer, it->cert->issuer);
			finding =
			    trial_fail(trial, bytes_of(NULL, 0), "%s %s%s by %.200s",
				format_one, watch->possible ? "possibly " : "",
				trial_show(trial, watch->domain, 253), buf_text(&issuer));
			evidence_list(trial, finding, "watches");
		}
		evidence_object(trial, finding, NULL);
		evidence_bytes(trial, finding, "domain", watch->domain);
		evidence_bytes(trial, finding, "name", watch->matched);
		evidence_text(trial, finding, "how", watch->how);
		evidence_bool(trial, finding, "possible", watch->possible);
		evidence_hex(trial, finding, "watch", bytes_of(watch->watch_id, 16));
		evidence_end(trial, finding);
	}
	if (finding != NULL)
		evidence_end(trial, finding);
	buf_free(&issuer);
}

static bool
wants_all(const struct judged_watch *watch)
{
	return !watch->has_allowed;
}

static bool
wants_others(const struct judged_watch *watch)
{
	return watch->has_allowed && !watch->allowed;
}

static void
run_watched_name(struct trial *trial)
{
	report_watches(trial, wants_all, "a certificate for");
}

static void
run_unexpected_issuer(struct trial *trial)
{
	report_watches(trial, wants_others, "an unexpected issuer for");
}

static const struct subrule WATCHED_NAME[] = {
    {
	.name = "new",
	.source = "the owner's watch",
	.level = LEVEL_NOTICE,
	.flags = RULE_NOT_COUNTED,
	.run = run_watched_name,
    },
};

static const struct subrule UNEXPECTED_ISSUER[] = {
    {
	.name = "issuer",
	.source = "the owner's list of issuers",
	.level = LEVEL_WARNING,
	.flags = RULE_NOT_COUNTED,
	.run = run_unexpected_issuer,
    },
};

static const struct check CHECKS[] = {
    {
	.id = "unexpected-issuer",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "A watched domain's certificate comes from an issuer its owner does not "
		"expect.",
	.applies = is_watched,
	.subrules = UNEXPECTED_ISSUER,
	.subrule_count = ARRAY_LEN(UNEXPECTED_ISSUER),
    },
    {
	.id = "watched-name",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "A new certificate for a watched domain.",
	.applies = is_watched,
	.subrules = WATCHED_NAME,
	.subrule_count = ARRAY_LEN(WATCHED_NAME),
    },
};

const struct check_family CHECK_HIERARCHY_WATCH = {
    "hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
