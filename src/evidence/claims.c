/*
 * Claims about a log's heads, each shown by heads as served and, where need
 * be, a proof between them. All times are the log's own.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "evidence/evidence_priv.h"
#include "merkle/consistency.h"
#include "merkle/frontier.h"

/* --- what claims are made of ------------------------------------------------------ */

const char *
claim_text_of(struct claim *claim, const char *key)
{
	const char *text = json_string_value(json_object_get(claim->json, key));

	if (text == NULL)
		err_set(claim->err, ERR_VERIFY, "the claim does not say its %s", key);
	return text;
}

bool
claim_number(struct claim *claim, const char *key, int64_t *out)
{
	const json_t *value = json_object_get(claim->json, key);

	*out = json_integer_value(value);
	return json_is_integer(value) ||
	    err_set(claim->err, ERR_VERIFY, "the claim does not say its %s", key);
}

static bool
file_named(struct claim *claim, const char *name, struct bytes *out)
{
	const struct bytes *body = name == NULL ? NULL : folder_file(claim->folder, name);

	if (body == NULL)
		return err_set(claim->err, ERR_VERIFY,
		    "what it rests on is missing or damaged: %.64s",
		    name == NULL ? "a head" : name);
	*out = *body;
	return true;
}

bool
claim_file(struct claim *claim, const char *key, struct bytes *out)
{
	const char *name = claim_text_of(claim, key);

	return name != NULL && file_named(claim, name, out);
}

/* Logs of either kind: a head may have been written in get-sth's form. */
static bool
read_head(struct claim *claim, struct bytes body, struct sth *out)
{
	const struct ct_log *log = claim->folder->log;

	if (body.len > 0 && body.data[0] == '{')
		return sth_from_json(body, out, claim->err) &&
		    sth_verify(out, log, claim->err);
	return sth_from_checkpoint(body, log, out, claim->err);
}

static bool
head_file(struct claim *claim, int i, struct bytes *body)
{
	const json_t *heads = json_object_get(claim->json, "heads");

	return i < 0 ? claim_file(claim, "head", body)
		     : file_named(claim,
			   json_string_value(json_array_get(heads, (size_t)i)), body);
}

bool
claim_head(struct claim *claim, int i, struct sth *out)
{
	struct bytes body;

	sth_init(out);
	return head_file(claim, i, &body) && read_head(claim, body, out);
}

bool
claim_says(struct claim *claim, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(claim->text, CLAIM_TEXT_MAX, format, args);
	va_end(args);
	return true;
}

static bool
refused(struct claim *claim, const char *why)
{
	return err_set(claim->err, ERR_VERIFY, "%s", why);
}

/* --- proofs ------------------------------------------------------------------------ */

static bool
read_path(const json_t *list, struct proof_file *out)
{
	out->len = json_array_size(list);
	if (!json_is_array(list) || out->len > ARRAY_LEN(out->path))
		return false;
	for (size_t i = 0; i < out->len; i++) {
		const char *hex = json_string_value(json_array_get(list, i));

		if (hex == NULL || !hex_parse(hex, out->path[i].octets, SHA256_LEN))
			return false;
	}
	return true;
}

static bool
read_size(const json_t *object, const char *key, uint64_t *out)
{
	const json_t *value = json_object_get(object, key);

	*out = (uint64_t)json_integer_value(value);
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool
read_proof(struct claim *claim, const char *key, const char *first, const char *second,
    struct proof_file *out)
{
	struct bytes body;
	const char *shown;
	json_t *object;
	bool ok;

	*out = (struct proof_file){0};
	if (!claim_file(claim, key, &body))
		return false;
	object = json_loadb((const char *)body.data, body.len, 0, NULL);
	shown = json_string_value(json_object_get(object, "root_at_first"));
	ok = read_size(object, first, &out->first) &&
	    read_size(object, second, &out->second) &&
	    read_path(json_object_get(object, "path"), out) &&
	    (shown == NULL || hex_parse(shown, out->shown.octets, SHA256_LEN));
	json_decref(object);
	return ok || err_set(claim->err, ERR_VERIFY, "the proof cannot be read");
}

bool
claim_consistency(struct claim *claim, const char *key, struct proof_file *out)
{
	return read_proof(claim, key, "first", "second", out);
}

bool
claim_inclusion(struct claim *claim, const char *key, struct proof_file *out)
{
	return read_proof(claim, key, "index", "tree_size", out);
}

/* --- one head ------------------------------------------------------------------------
 */

static const char *
time_of(const struct sth *sth, char text[TIME_TEXT_LEN])
{
	return time_format((int64_t)sth->timestamp_ms, text);
}

static bool
head_signed(struct claim *claim, struct sth *head)
{
	char at[TIME_TEXT_LEN];

	return claim_head(claim, -1, head) &&
	    claim_says(claim, "the log signed a tree of %" PRIu64 " entries at %s",
		head->tree_size, time_of(head, at));
}

static bool
is_stale(struct claim *claim, struct sth *head)
{
	int64_t seen_ms, mmd_ms;
	char at[TIME_TEXT_LEN], seen[TIME_TEXT_LEN];

	claim->witnessed = true; /* when it was seen is our word */
	if (!claim_head(claim, -1, head) || !claim_number(claim, "seen_ms", &seen_ms) ||
	    !claim_number(claim, "mmd_ms", &mmd_ms))
		return false;
	if ((int64_t)head->timestamp_ms > seen_ms - mmd_ms)
		return refused(claim, "the head is younger than it is said to be");
	return claim_says(claim, "at %s the newest head was that of %s",
	    time_format(seen_ms, seen), time_of(head, at));
}

static bool
is_future(struct claim *claim, struct sth *head)
{
	int64_t seen_ms;
	char at[TIME_TEXT_LEN], seen[TIME_TEXT_LEN];

	claim->witnessed = true;
	if (!claim_head(claim, -1, head) || !claim_number(claim, "seen_ms", &seen_ms))
		return false;
	if ((int64_t)head->timestamp_ms <= seen_ms)
		return refused(claim, "the head was signed before it was seen");
	return claim_says(claim, "at %s a head signed for %s was served",
	    time_format(seen_ms, seen), time_of(head, at));
}

static bool
is_empty_root(struct claim *claim, struct sth *head)
{
	struct sha256 empty;

	merkle_hash_empty(&empty);
	if (!claim_head(claim, -1, head))
		return false;
	if (head->tree_size != 0 || sha256_equal(&empty, &head->root))
		return refused(claim, "the head is not one of an empty tree");
	return claim_says(claim, "the log signed a root that no empty tree has");
}

/* Our own root at `read`, and what the head's tree has there. */
static bool
is_mismatch(struct claim *claim, struct sth *head)
{
	struct frontier ours;
	struct proof_file proof;
	struct bytes body;
	struct sha256 root;

	claim->witnessed = true; /* entries are not signed */
	if (!claim_head(claim, -1, head) || !claim_file(claim, "read", &body) ||
	    !frontier_parse(body, &ours, claim->err))
		return false;
	frontier_root(&ours, &root);
	if (ours.size != head->tree_size &&
	    (!claim_consistency(claim, "proof", &proof) || proof.first != ours.size ||
		proof.second != head->tree_size ||
		!merkle_consistency_verify(proof.first, &proof.shown, head->tree_size,
		    &head->root, proof.path, proof.len, claim->err)))
		return refused(claim, "no proof leads from what was read to the head");
	if (sha256_equal(
		&root, ours.size == head->tree_size ? &head->root : &proof.shown))
		return refused(claim, "what was read is what was signed");
	return claim_says(claim,
	    "the first %" PRIu64 " entries, as served, make another root than "
	    "the log signed",
	    ours.size);
}

/* Runs a check on one head that is freed behind it. */
static bool
on_one(struct claim *claim, bool (*check)(struct claim *, struct sth *))
{
	struct sth head;
	bool ok;

	sth_init(&head);
	ok = check(claim, &head);
	sth_fini(&head);
	return ok;
}

bool
claim_head_signed(struct claim *claim)
{
	return on_one(claim, head_signed);
}

bool
claim_stale(struct claim *claim)
{
	return on_one(claim, is_stale);
}

bool
claim_future(struct claim *claim)
{
	return on_one(claim, is_future);
}

bool
claim_empty_root(struct claim *claim)
{
	return on_one(claim, is_empty_root);
}

bool
claim_mismatch(struct claim *claim)
{
	return on_one(claim, is_mismatch);
}

bool
claim_bad_signature(struct claim *claim)
{
	struct bytes body;
	struct err good = *claim->err;
	struct sth head;
	bool holds;

	claim->witnessed = true;
	if (!claim_file(claim, "head", &body))
		return false;
	sth_init(&head);
	holds = read_head(claim, body, &head);
	sth_fini(&head);
	if (holds)
		return refused(claim, "the head's signature does verify");
	*claim->err = good;
	return claim_says(
	    claim, "a head was served that does not verify under the log's key");
}

/* --- two heads -----------------------------------------------------------------------
 */

typedef bool pair_fn(struct claim *, const struct sth *a, const struct sth *b);

static bool
on_two(struct claim *claim, pair_fn *check)
{
	struct sth a, b;
	bool ok;

	sth_init(&a);
	sth_init(&b);
	ok = claim_head(claim, 0, &a) && claim_head(claim, 1, &b) && check(claim, &a, &b);
	sth_fini(&a);
	sth_fini(&b);
	return ok;
}

static bool
is_split(struct claim *claim, const struct sth *a, const struct sth *b)
{
	if (a->tree_size != b->tree_size || sha256_equal(&a->root, &b->root))
		return refused(claim, "the heads do not contradict each other");
	return claim_says(claim,
	    "two signed heads of size %" PRIu64 " have different roots", a->tree_size);
}

static bool
is_inconsistent(struct claim *claim, const struct sth *a, const struct sth *b)
{
	struct proof_file proof;

	if (!claim_consistency(claim, "proof", &proof))
		return false;
	if (a->tree_size >= b->tree_size || proof.first != a->tree_size ||
	    proof.second != b->tree_size)
		return refused(claim, "the proof is not one between these heads");
	if (!merkle_consistency_verify(a->tree_size, &proof.shown, b->tree_size, &b->root,
		proof.path, proof.len, claim->err))
		return false;
	if (sha256_equal(&proof.shown, &a->root))
		return refused(claim, "the second head does continue the first");
	return claim_says(claim,
	    "the signed tree of %" PRIu64 " entries had another root at %" PRIu64
	    " than the log signed there",
	    b->tree_size, a->tree_size);
}

static bool
is_unproved(struct claim *claim, const struct sth *a, const struct sth *b)
{
	claim->witnessed = true; /* that no proof came */
	return claim_says(claim,
	    "no proof was served that the tree of %" PRIu64 " entries continues that of "
	    "%" PRIu64,
	    a->tree_size > b->tree_size ? a->tree_size : b->tree_size,
	    a->tree_size > b->tree_size ? b->tree_size : a->tree_size);
}

static bool
is_equivocation(struct claim *claim, const struct sth *a, const struct sth *b)
{
	char at[TIME_TEXT_LEN];

	if (a->timestamp_ms != b->timestamp_ms ||
	    (a->tree_size == b->tree_size && sha256_equal(&a->root, &b->root)))
		return refused(claim, "the heads do not contradict each other");
	return claim_says(claim,
	    "heads of %" PRIu64 " and of %" PRIu64 " entries are both signed for %s",
	    a->tree_size, b->tree_size, time_of(a, at));
}

static bool
is_time_back(struct claim *claim, const struct sth *a, const struct sth *b)
{
	char first[TIME_TEXT_LEN], second[TIME_TEXT_LEN];

	if (b->tree_size <= a->tree_size || b->timestamp_ms >= a->timestamp_ms)
		return refused(claim, "time did not go back between the heads");
	return claim_says(claim,
	    "%" PRIu64 " entries are signed for %s, and the larger tree of %" PRIu64
	    " for %s",
	    a->tree_size, time_of(a, first), b->tree_size, time_of(b, second));
}

static bool
is_shrunk(struct claim *claim, const struct sth *a, const struct sth *b)
{
	char first[TIME_TEXT_LEN], second[TIME_TEXT_LEN];

	if (b->tree_size >= a->tree_size || b->timestamp_ms <= a->timestamp_ms)
		return refused(claim, "the second head is no smaller and later one");
	return claim_says(claim,
	    "%" PRIu64 " entries are signed for %s, and only %" PRIu64 " for %s",
	    a->tree_size, time_of(a, first), b->tree_size, time_of(b, second));
}

bool
claim_split_view(struct claim *claim)
{
	return on_two(claim, is_split);
}

bool
claim_inconsistent(struct claim *claim)
{
	return on_two(claim, is_inconsistent);
}

bool
claim_unproved(struct claim *claim)
{
	return on_two(claim, is_unproved);
}

bool
claim_equivocation(struct claim *claim)
{
	return on_two(claim, is_equivocation);
}

bool
claim_time_back(struct claim *claim)
{
	return on_two(claim, is_time_back);
}

bool
claim_shrank(struct claim *claim)
{
	return on_two(claim, is_shrunk);
}
