#include "evidence/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "evidence/evidence_priv.h"

static const struct {
	const char *name;
	claim_fn *run;
	const char *meaning;
} CLAIMS[] = {
    {"head-signed", claim_head_signed, "the log signed this head"},
    {"bad-signature", claim_bad_signature,
	"a head was served whose signature does not verify under the log's key"},
    {"split-view", claim_split_view,
	"the log signed two different trees of one size (RFC 6962, 5.3)"},
    {"inconsistent", claim_inconsistent,
	"a later tree does not continue an earlier one: entries were changed or "
	"removed (RFC 6962, 2.1.2)"},
    {"unproved", claim_unproved,
	"the log gave no proof that holds that one head continues the other"},
    {"equivocation", claim_equivocation,
	"the log signed two different heads for one time"},
    {"time-back", claim_time_back, "the log grew and signed an earlier time"},
    {"shrank", claim_shrank, "the log signed fewer entries at a later time"},
    {"stale", claim_stale,
	"the newest head was older than the log's maximum merge delay allows"},
    {"future", claim_future, "a head was signed for a time to come"},
    {"empty-root", claim_empty_root, "a tree of no leaves was given another root"},
    {"mismatch", claim_mismatch,
	"the entries, as served, do not hash to the root that was signed"},
    {"as-served", claim_as_served,
	"the entries that were read are here in the log's own replies"},
    {"final-tree-head", claim_final_tree_head,
	"a read-only log's head is not the final one that its list gives"},
    {"grew-readonly", claim_grew_readonly, "a read-only log has grown"},
    {"included", claim_included, "an entry stands in the tree of a signed head"},
    {"leaf-index", claim_leaf_index,
	"an entry says that it stands elsewhere than where it stands"},
    {"outside-shard", claim_outside_shard,
	"the log took a certificate that its interval excludes"},
    {"late-entry", claim_late_entry, "an entry is younger than the head that covers it"},
    {"certificate", claim_certificate, "an entry is this certificate's"},
    {"issued", claim_issued, "the certificate is signed by the chain's keys"},
    {"promised", claim_promised, "the log signed an SCT for this leaf"},
    {"not-included", claim_not_included,
	"a leaf that the log promised is not in its tree after the maximum merge delay"},
    {"stands-still", claim_stands_still,
	"the log signed SCTs while the heads that it showed stood still"},
    {"wrong-issuer", claim_wrong_issuer,
	"an issuer was served that does not hash to its address"},
    {"other-identity", claim_other_identity,
	"the log says of itself that it has another id or key than it is listed with"},
    {"tile-prefix", claim_tile_prefix,
	"a full data tile does not begin with what its partial tile held"},
};

const char *
claim_meaning(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(CLAIMS); i++)
		if (strcmp(CLAIMS[i].name, name) == 0)
			return CLAIMS[i].meaning;
	return NULL;
}

/* --- the log ------------------------------------------------------------------ */

static const char *
member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

/* The key's hash is the log's id (RFC 6962, 3.2): whoever compares that with the
 * lists knows whose key it is. */
static bool
take_log(struct folder *folder, char *text, struct err *err)
{
	const json_t *log = json_object_get(folder->manifest, "log");
	const char *id = member(log, "log_id");
	const struct bytes *key = folder_file(folder, "log-key.der");
	struct ct_log_options options = {.name = "log",
	    .kind = strcmp(member(log, "kind"), "static") == 0 ? CT_LOG_STATIC
							       : CT_LOG_RFC6962,
	    .url = member(log, "url"),
	    .submission = member(log, "submission_url"),
	    .mmd_ms = 1000 * json_integer_value(json_object_get(log, "mmd_s"))};
	struct sha256 want = {0};

	if (key == NULL)
		return err_set(err, ERR_VERIFY, "log-key.der is missing or damaged");
	options.key = *key;
	if ((folder->log = ct_log_new(&options, err)) == NULL)
		return err_wrap(err, "log-key.der");
	if (!hex_parse(id, want.octets, SHA256_LEN) ||
	    !sha256_equal(&want, &folder->log->id))
		return err_set(err, ERR_VERIFY,
		    "log-key.der is not the key of the log that the manifest names");
	snprintf(text, CLAIM_TEXT_MAX,
	    "the key is that of the log with id %s: compare it with a log list", id);
	return true;
}

/* --- the claims ---------------------------------------------------------------- */

struct verifying {
	evidence_verdict_fn *fn;
	void *owner;
	bool holds;
};

static void
say(struct verifying *v, const char *claim, bool holds, bool witnessed, const char *text,
    const struct err *err)
{
	struct evidence_verdict verdict = {
	    claim, holds, holds && witnessed, holds ? text : err->text};

	v->holds = v->holds && holds;
	v->fn(v->owner, &verdict);
}

static void
verify_claim(struct verifying *v, struct folder *folder, const json_t *json)
{
	const char *name = member(json, "claim");
	char text[CLAIM_TEXT_MAX] = "";
	struct err err = {0};
	struct claim claim = {.folder = folder, .json = json, .text = text, .err = &err};
	claim_fn *run = NULL;
	bool ok;

	for (size_t i = 0; i < ARRAY_LEN(CLAIMS); i++)
		if (strcmp(CLAIMS[i].name, name) == 0)
			run = CLAIMS[i].run;
	ok = run != NULL ? run(&claim)
			 : err_set(&err, ERR_VERIFY, "a claim that is not known here");
	say(v, run != NULL ? name : "?", ok, claim.witnessed, text, &err);
}

bool
evidence_verify(
    const char *dir, evidence_verdict_fn *fn, void *owner, bool *holds, struct err *err)
{
	struct folder *folder = mem_zero(1, sizeof(*folder));
	struct verifying v = {fn, owner, true};
	char text[CLAIM_TEXT_MAX] = "every file is what its checksum says";
	const json_t *claims, *one;
	struct err bad = {0};
	bool ok = folder_open(folder, dir, err);
	size_t i;

	if (ok) {
		say(&v, "sums", folder_sums_hold(folder, &bad), false, text, &bad);
		ok = take_log(folder, text, &bad);
		say(&v, "log", ok, false, text, &bad);
		claims = json_object_get(folder->manifest, "claims");
		json_array_foreach (claims, i, one)
			if (ok)
				verify_claim(&v, folder, one);
		v.holds = v.holds && json_array_size(claims) > 0;
		ok = true;
	}
	*holds = ok && v.holds;
	folder_close(folder);
	mem_free(folder);
	return ok;
}
