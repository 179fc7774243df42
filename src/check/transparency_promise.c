/* B7: what a log promised in an SCT and did not do. It accuses the log, whatever
 * certificate the promise came in. */
#include "check/run.h"
#include "check_priv.h"

static const struct subrule SCT_NOT_INCLUDED[] = {
    [BROKEN_NOT_FOUND] =
	{
	    .name = "not-found",
	    .source = "RFC 6962 3; Chrome log policy",
	    .level = LEVEL_ERROR,
	},
    [BROKEN_OTHER_LEAF] =
	{
	    .name = "other-leaf",
	    .source = "static-ct-api, SCT extension; RFC 6962 3",
	    .level = LEVEL_ERROR,
	},
    [BROKEN_BEYOND_TREE] =
	{
	    .name = "beyond-tree",
	    .source = "static-ct-api, SCT extension; RFC 6962 3",
	    .level = LEVEL_ERROR,
	},
};

static const struct check CHECKS[] = {
    {
	.id = "sct-not-included",
	.version = 1,
	.scope = SCOPE_LOG,
	.says = "A log has not included what it promised in an SCT.",
	.subrules = SCT_NOT_INCLUDED,
	.subrule_count = ARRAY_LEN(SCT_NOT_INCLUDED),
    },
};

const struct check_family CHECK_TRANSPARENCY_PROMISE = {
    "transparency", CHECKS, ARRAY_LEN(CHECKS)};

void
checks_run_promise(const struct judged_promise *it, const struct check_params *params,
    struct findings *out)
{
	static const char *const HOW[] = {
	    [BROKEN_NOT_FOUND] = "the log says that it has no such leaf",
	    [BROKEN_OTHER_LEAF] = "another leaf stands where the SCT says",
	    [BROKEN_BEYOND_TREE] = "its tree ends before where the SCT says",
	};
	uint8_t key[2 * SHA256_LEN];
	struct trial trial = {
	    .check = check_find("sct-not-included", NULL),
	    .out = out,
	    .force = {.yes = true},
	    .subject = SUBJECT_LOG,
	    .subject_key = bytes_of(key, sizeof(key)),
	};
	struct finding *finding;
	size_t number;

	check_find("sct-not-included", &number);
	/* RFC 6962, 3: the promise is to be kept within the maximum merge delay. */
	if (params->off[number] || it->head_ms < it->timestamp_ms + it->mmd_ms)
		return;
	memcpy(key, it->log_id, SHA256_LEN);
	memcpy(key + SHA256_LEN, it->leaf_hash, SHA256_LEN);
	trial.rule = &trial.check->subrules[it->broken];
	finding = trial_fail(&trial, bytes_of(NULL, 0),
	    "%s: promised and not included: %s", it->name, HOW[it->broken]);
	evidence_time(&trial, finding, "promised", it->timestamp_ms);
	evidence_hex(&trial, finding, "sct", it->sct);
	evidence_hex(&trial, finding, "leaf_hash", bytes_of(it->leaf_hash, SHA256_LEN));
	if (it->index >= 0)
		evidence_int(&trial, finding, "leaf_index", it->index);
	evidence_int(&trial, finding, "tree_size", (int64_t)it->tree_size);
	evidence_hex(&trial, finding, "root", bytes_of(it->root, SHA256_LEN));
	evidence_time(&trial, finding, "head", it->head_ms);
}
