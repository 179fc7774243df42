/*
 * Claims about entries and promises: leaves, the proofs that they stand in a
 * signed tree, SCTs, and the certificates that they are about.
 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "ctlog/sct_verify.h"
#include "evidence/evidence_priv.h"
#include "merkle/inclusion.h"
#include "wire/about_json.h"
#include "wire/leaf.h"
#include "wire/tile.h"
#include "x509/precert.h"

static bool
refused(struct claim *claim, const char *why)
{
	return err_set(claim->err, ERR_VERIFY, "%s", why);
}

static bool
leaf_of(struct claim *claim, struct bytes *raw, struct leaf *out)
{
	return claim_file(claim, "leaf", raw) && leaf_parse(*raw, out, claim->err);
}

/* --- entries ---------------------------------------------------------------------------
 */

static bool
is_included(struct claim *claim, const struct sth *head)
{
	struct proof_file proof;
	struct sha256 hash;
	struct bytes raw;

	if (!claim_file(claim, "leaf", &raw) || !claim_inclusion(claim, "proof", &proof))
		return false;
	merkle_hash_leaf(raw, &hash);
	if (proof.second != head->tree_size)
		return refused(claim, "the proof is not one to this head");
	return merkle_inclusion_verify(&hash, proof.first, head->tree_size, proof.path,
		   proof.len, &head->root, claim->err) &&
	    claim_says(claim,
		"the leaf is entry %" PRIu64 " of the signed tree of %" PRIu64 " entries",
		proof.first, head->tree_size);
}

bool
claim_included(struct claim *claim)
{
	struct sth head;
	bool ok = claim_head(claim, -1, &head) && is_included(claim, &head);

	sth_fini(&head);
	return ok;
}

bool
claim_leaf_index(struct claim *claim)
{
	struct proof_file proof;
	struct leaf leaf;
	struct bytes raw;
	uint64_t says = 0;
	enum leaf_index_state state;

	if (!leaf_of(claim, &raw, &leaf) || !claim_inclusion(claim, "proof", &proof))
		return false;
	state = leaf_index(leaf.extensions, &says);
	if (state == LEAF_INDEX_FOUND && says == proof.first)
		return refused(claim, "the entry says where it stands");
	if (state != LEAF_INDEX_FOUND)
		return claim_says(
		    claim, "entry %" PRIu64 " does not say where it stands", proof.first);
	return claim_says(
	    claim, "entry %" PRIu64 " says that it is entry %" PRIu64, proof.first, says);
}

bool
claim_outside_shard(struct claim *claim)
{
	struct leaf leaf;
	struct bytes raw;
	struct cert cert;
	int64_t start_ms, end_ms;
	char text[TIME_TEXT_LEN];
	bool parsed;

	claim->witnessed = true; /* the interval is the list's word */
	if (!leaf_of(claim, &raw, &leaf) || !claim_number(claim, "start_ms", &start_ms) ||
	    !claim_number(claim, "end_ms", &end_ms))
		return false;
	parsed = leaf.kind == LEAF_PRECERT ? cert_parse_tbs(leaf.certificate, &cert)
					   : cert_parse(leaf.certificate, &cert);
	if (!parsed)
		return refused(claim, "the leaf's certificate cannot be read");
	if (cert.not_after * 1000 >= start_ms && cert.not_after * 1000 < end_ms)
		return refused(claim, "the certificate lies within the interval");
	return claim_says(claim, "the certificate ends at %s, outside the log's interval",
	    time_format(cert.not_after * 1000, text));
}

bool
claim_late_entry(struct claim *claim)
{
	struct leaf leaf;
	struct bytes raw;
	struct sth head;
	char first[TIME_TEXT_LEN], second[TIME_TEXT_LEN];
	bool ok = claim_head(claim, -1, &head) && leaf_of(claim, &raw, &leaf);

	if (ok && leaf.timestamp_ms <= head.timestamp_ms)
		ok = refused(claim, "the entry is not younger than the head");
	ok = ok &&
	    claim_says(claim, "a head signed for %s covers an entry of %s",
		time_format((int64_t)head.timestamp_ms, first),
		time_format((int64_t)leaf.timestamp_ms, second));
	sth_fini(&head);
	return ok;
}

/* --- certificates
 * ------------------------------------------------------------------------ */

static bool
is_leafs(struct claim *claim, const struct leaf *leaf, struct bytes der,
    const struct cert *cert)
{
	struct sha256 theirs, ours;
	struct cert tbs;

	if (leaf->kind == LEAF_X509)
		return bytes_equal(leaf->certificate, der) ||
		    refused(claim, "the leaf is another certificate's");
	/* A precertificate signing certificate changes issuer and key id, so where the
	 * bytes differ the leaf decides, and the serial number and names are compared. */
	if (leaf->kind != LEAF_PRECERT || !cert_parse_tbs(leaf->certificate, &tbs))
		return refused(claim, "the leaf holds no certificate that can be read");
	(void)cert_normalised_hash(&tbs, &theirs);
	(void)cert_normalised_hash(cert, &ours);
	return sha256_equal(&theirs, &ours) ||
	    (bytes_equal(tbs.serial, cert->serial) && bytes_equal(tbs.spki, cert->spki) &&
		bytes_equal(tbs.subject, cert->subject)) ||
	    refused(claim, "the leaf is another certificate's");
}

bool
claim_certificate(struct claim *claim)
{
	struct leaf leaf;
	struct bytes raw, der;
	struct sha256 hash;
	struct cert cert;
	char hex[2 * SHA256_LEN + 1];

	if (!leaf_of(claim, &raw, &leaf) || !claim_file(claim, "certificate", &der))
		return false;
	if (!cert_parse(der, &cert) && !cert_parse_tbs(der, &cert))
		return refused(claim, "the certificate cannot be read");
	sha256_of(der, &hash);
	return is_leafs(claim, &leaf, der, &cert) &&
	    claim_says(claim, "the leaf is that of the certificate with SHA-256 %s",
		hex_format(hash.octets, SHA256_LEN, hex));
}

bool
certificate_signed_by(const struct cert *cert, const struct cert *issuer)
{
	struct key *key = key_from_spki(issuer->spki, NULL);
	bool yes = key != NULL &&
	    key_verify_x509(key, cert->algorithm.whole, cert->tbs, cert->signature) ==
		KEY_GOOD;

	key_free(key);
	return yes;
}

/* The chain as the log gave it, each certificate's key having signed the one
 * before. It may end anywhere. */
bool
claim_issued(struct claim *claim)
{
	const json_t *chain = json_object_get(claim->json, "chain");
	struct cert below, above;
	struct bytes der;
	size_t count = json_array_size(chain);

	if (!claim_file(claim, "certificate", &der))
		return false;
	if (!cert_parse(der, &below) || count == 0)
		return refused(claim, "the certificate cannot be read, or has no chain");
	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_value(json_array_get(chain, i));
		const struct bytes *body =
		    name == NULL ? NULL : folder_file(claim->folder, name);

		if (body == NULL || !cert_parse(*body, &above))
			return refused(
			    claim, "a certificate of the chain is missing or damaged");
		if (!certificate_signed_by(&below, &above))
			return err_set(claim->err, ERR_VERIFY,
			    "%.64s did not sign what stands before it", name);
		below = above;
	}
	return claim_says(claim,
	    "the certificate is signed by the first of %zu certificates, each by the "
	    "next",
	    count);
}

/* --- promises
 * ---------------------------------------------------------------------------- */

/* What an SCT signs is the leaf, byte for byte (RFC 6962, 3.2 and 3.4). */
static bool
read_promise(struct claim *claim, struct bytes *raw, struct sct *sct)
{
	struct leaf leaf;
	struct sha256 theirs, ours;
	struct bytes served;

	if (!leaf_of(claim, raw, &leaf) || !claim_file(claim, "sct", &served) ||
	    !sct_parse(served, sct, claim->err))
		return false;
	if (sct_verify_by(sct, &leaf, claim->folder->log) != SCT_GOOD)
		return refused(claim, "the SCT is not this log's for this leaf");
	merkle_hash_leaf(*raw, &ours);
	return (sct_leaf_hash(sct, &leaf, &theirs, claim->err) &&
		   sha256_equal(&ours, &theirs)) ||
	    refused(claim, "the SCT promises another leaf");
}

bool
claim_promised(struct claim *claim)
{
	struct sct sct;
	struct bytes raw;
	char text[TIME_TEXT_LEN];

	return read_promise(claim, &raw, &sct) &&
	    claim_says(claim, "the log promised the leaf at %s",
		time_format((int64_t)sct.timestamp_ms, text));
}

/* static-ct-api: the SCT names the place, and a proof shows what stands there. */
static bool
another_stands_there(
    struct claim *claim, const struct sth *head, uint64_t index, struct bytes raw)
{
	const char *other = claim_text_of(claim, "stands_there");
	struct proof_file proof;
	struct sha256 hash = {0}, ours;

	merkle_hash_leaf(raw, &ours);
	if (other == NULL || !hex_parse(other, hash.octets, SHA256_LEN) ||
	    !claim_inclusion(claim, "proof", &proof))
		return false;
	if (proof.first != index || proof.second != head->tree_size ||
	    sha256_equal(&hash, &ours))
		return refused(claim, "the proof does not show another leaf there");
	return merkle_inclusion_verify(&hash, index, head->tree_size, proof.path,
		   proof.len, &head->root, claim->err) &&
	    claim_says(claim,
		"entry %" PRIu64 " of the signed tree is another leaf than the SCT "
		"promised",
		index);
}

static bool
is_not_included(struct claim *claim, const struct sth *head)
{
	struct bytes raw;
	struct sct sct;
	int64_t mmd_ms;
	uint64_t index;

	if (!read_promise(claim, &raw, &sct) || !claim_number(claim, "mmd_ms", &mmd_ms))
		return false;
	if (mmd_ms < 0 || head->timestamp_ms < sct.timestamp_ms + (uint64_t)mmd_ms)
		return refused(claim, "the head may still be without the leaf");
	if (leaf_index(sct.extensions, &index) == LEAF_INDEX_FOUND)
		return index >= head->tree_size
		    ? claim_says(claim,
			  "the SCT promised entry %" PRIu64 ", and the tree of %" PRIu64
			  " entries has none",
			  index, head->tree_size)
		    : another_stands_there(claim, head, index, raw);
	claim->witnessed = true; /* that the log did not find it */
	return claim_says(claim,
	    "asked for the promised leaf, the log said that it is not in its tree of "
	    "%" PRIu64 " entries",
	    head->tree_size);
}

static bool
is_still(struct claim *claim, const struct sth *head)
{
	struct bytes raw;
	struct sct sct;
	int64_t mmd_ms;
	char first[TIME_TEXT_LEN], second[TIME_TEXT_LEN];

	claim->witnessed = true; /* that no newer head was shown */
	if (!read_promise(claim, &raw, &sct) || !claim_number(claim, "mmd_ms", &mmd_ms))
		return false;
	if (mmd_ms < 0 || sct.timestamp_ms <= head->timestamp_ms + (uint64_t)mmd_ms)
		return refused(claim, "the head is not that old beside the SCT");
	return claim_says(claim,
	    "the log signed an SCT at %s and showed no newer head than that of %s",
	    time_format((int64_t)sct.timestamp_ms, first),
	    time_format((int64_t)head->timestamp_ms, second));
}

bool
claim_not_included(struct claim *claim)
{
	struct sth head;
	bool ok = claim_head(claim, -1, &head) && is_not_included(claim, &head);

	sth_fini(&head);
	return ok;
}

bool
claim_stands_still(struct claim *claim)
{
	struct sth head;
	bool ok = claim_head(claim, -1, &head) && is_still(claim, &head);

	sth_fini(&head);
	return ok;
}

/* --- what was served and is signed by nobody
 * --------------------------------------------- */

bool
claim_wrong_issuer(struct claim *claim)
{
	struct bytes served;
	struct sha256 want = {0}, got;
	const char *name = claim_text_of(claim, "fingerprint");

	claim->witnessed = true;
	if (name == NULL || !claim_file(claim, "served", &served))
		return false;
	sha256_of(served, &got);
	if (!hex_parse(name, want.octets, SHA256_LEN) || sha256_equal(&want, &got))
		return refused(claim, "the issuer is the one of its address");
	return claim_says(claim, "issuer/%.64s was served with other bytes", name);
}

bool
claim_other_identity(struct claim *claim)
{
	struct bytes served;
	struct about_json about;

	claim->witnessed = true;
	if (!claim_file(claim, "served", &served) ||
	    !about_json_parse(served, &about, claim->err))
		return false;
	if (about_json_is_of(&about, &claim->folder->log->id))
		return refused(claim, "the log says that it is the one of this key");
	return claim_says(claim, "the log's own log.v3.json names another id or key");
}

/* The roots of the perfect subtrees of the tile's first entries. */
static bool
prefix_of(struct claim *claim, struct bytes tile, uint64_t first, size_t len,
    struct merkle_subtree *out, size_t *count)
{
	struct cursor at = cursor_of(tile);
	struct sha256 leaves[TILE_WIDTH];
	struct tile_record record;

	for (size_t i = 0; i < len; i++) {
		if (!tile_record_take(&at, &record, claim->err))
			return false;
		merkle_hash_leaf_parts(tile_leaf_prefix(), record.entry, &leaves[i]);
	}
	*count = merkle_subtrees_of(leaves, first, len, out);
	return true;
}

/* What our tree has of the partial tile, against what the full one begins with. */
bool
claim_tile_prefix(struct claim *claim)
{
	struct merkle_subtree subtrees[MERKLE_SUBTREES_MAX];
	struct bytes ours, tile;
	int64_t first, start;
	size_t count;
	bool same = true;

	claim->witnessed = true;
	if (!claim_file(claim, "partial", &ours) || !claim_file(claim, "full", &tile) ||
	    !claim_number(claim, "first", &first) ||
	    !claim_number(claim, "start", &start))
		return false;
	if (first < 0 || first % TILE_WIDTH != 0 || start <= first ||
	    start - first >= TILE_WIDTH)
		return refused(claim, "these are no entries of one tile");
	if (!prefix_of(
		claim, tile, (uint64_t)first, (size_t)(start - first), subtrees, &count))
		return false;
	if (ours.len != count * SHA256_LEN)
		return refused(claim, "what was read before is no part of a tile");
	for (size_t i = 0; i < count; i++)
		same = same &&
		    memcmp(ours.data + i * SHA256_LEN, subtrees[i].root.octets,
			SHA256_LEN) == 0;
	if (same)
		return refused(claim, "the full tile does begin as its partial one");
	return claim_says(claim,
	    "the tile of entry %lld on does not begin with the %lld entries that it held",
	    (long long)first, (long long)(start - first));
}
