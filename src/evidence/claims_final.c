/*
 * Claims about a read-only log and the final tree head that a list gives of it:
 * that the list gave it is our word, the log's own head is its.
 */
#include <inttypes.h>

#include "base/text.h"
#include "evidence/evidence_priv.h"
#include "merkle/consistency.h"

struct final_head {
	uint64_t size;
	struct sha256 root;
};

static bool
refused(struct claim *claim, const char *why)
{
	return err_set(claim->err, ERR_VERIFY, "%s", why);
}

static bool
read_final(struct claim *claim, struct final_head *out)
{
	const char *root = claim_text_of(claim, "final_root");
	int64_t size;

	if (root == NULL || !claim_number(claim, "final_size", &size))
		return false;
	out->size = (uint64_t)size;
	return hex_parse(root, out->root.octets, SHA256_LEN) ||
	    refused(claim, "final_root is no hash");
}

static bool
another_root_below(
    struct claim *claim, const struct final_head *final, const struct sth *head)
{
	struct proof_file proof;

	if (!claim_consistency(claim, "proof", &proof))
		return false;
	if (proof.first != final->size || proof.second != head->tree_size)
		return refused(claim, "the proof is not one between these trees");
	if (!merkle_consistency_verify(final->size, &proof.shown, head->tree_size,
		&head->root, proof.path, proof.len, claim->err))
		return false;
	if (sha256_equal(&proof.shown, &final->root))
		return refused(claim, "the log's tree contains the final one");
	return claim_says(claim,
	    "the signed tree of %" PRIu64 " entries had another root at %" PRIu64
	    " than the final tree head that its list gives",
	    head->tree_size, final->size);
}

static bool
is_wrong(struct claim *claim, const struct final_head *final, const struct sth *head)
{
	if (head->tree_size > final->size)
		return another_root_below(claim, final, head);
	if (head->tree_size == final->size && sha256_equal(&final->root, &head->root))
		return refused(claim, "the head is the final one");
	return claim_says(claim,
	    "a head of %" PRIu64 " entries is signed, where the list's final tree head "
	    "has %" PRIu64 "%s",
	    head->tree_size, final->size,
	    head->tree_size == final->size ? " and another root" : "");
}

static bool
has_grown(struct claim *claim, const struct final_head *final, const struct sth *head)
{
	if (head->tree_size <= final->size)
		return refused(claim, "the head is not beyond the final one");
	return claim_says(claim,
	    "a read-only log with a final tree head of %" PRIu64
	    " entries signed one of %" PRIu64,
	    final->size, head->tree_size);
}

static bool
on_final(struct claim *claim,
    bool (*check)(struct claim *, const struct final_head *, const struct sth *))
{
	struct final_head final;
	struct sth head;
	bool ok;

	claim->witnessed = true;
	sth_init(&head);
	ok = read_final(claim, &final) && claim_head(claim, -1, &head) &&
	    check(claim, &final, &head);
	sth_fini(&head);
	return ok;
}

bool
claim_final_tree_head(struct claim *claim)
{
	return on_final(claim, is_wrong);
}

bool
claim_grew_readonly(struct claim *claim)
{
	return on_final(claim, has_grown);
}
