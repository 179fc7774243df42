/*
 * A finding's folder: the certificate as it was logged, the chain above it, the
 * leaf and the proof that it stands in a signed tree.
 */
#include <string.h>

#include "base/text.h"
#include "evidence/evidence_priv.h"
#include "evidence/rebuild.h"
#include "store/authority.h"
#include "store/certificate.h"

#define CHAIN_MAX 32
#define FORMS_MAX 16

/* --- the chain --------------------------------------------------------------------- */

/* The next certificate of the chain; the claim holds those that signed the one
 * before, up to the first that did not. */
static bool
put_issuer(struct outgoing *out, size_t i, struct bytes der, struct cert *below,
    json_t *chain, bool *unbroken)
{
	struct cert above;
	char name[32];

	snprintf(name, sizeof(name), "chain-%zu.der", i + 1);
	if (!outgoing_put(out, name, der))
		return false;
	*unbroken =
	    *unbroken && cert_parse(der, &above) && certificate_signed_by(below, &above);
	if (*unbroken) {
		json_array_append_new(chain, json_string(name));
		*below = above;
	}
	return true;
}

static void
claim_the_chain(struct outgoing *out, json_t *chain)
{
	json_t *claim;

	if (json_array_size(chain) == 0)
		return;
	claim = outgoing_claim(out, "issued");
	json_object_set_new(claim, "certificate", json_string("certificate.der"));
	json_object_set(claim, "chain", chain);
}

static bool
put_chain(struct outgoing *out, const struct form_row *form)
{
	json_t *chain = json_array();
	struct cert below;
	bool unbroken = cert_parse(form->der, &below), ok = true;

	for (size_t i = 0; ok && i < CHAIN_MAX && (i + 1) * SHA256_LEN <= form->chain.len;
	     i++) {
		struct ca_certificate_row row;
		bool found;

		ok = store_ca_certificate_find(out->store,
		    bytes_of(form->chain.data + i * SHA256_LEN, SHA256_LEN), &out->arena,
		    &row, &found, out->err);
		if (ok && !found)
			break;
		ok = ok && put_issuer(out, i, row.der, &below, chain, &unbroken);
	}
	if (ok)
		claim_the_chain(out, chain);
	json_decref(chain);
	return ok;
}

/* --- the head and the proof --------------------------------------------------------- */

struct wanted_head {
	struct outgoing *out;
	const struct sth *sth;
	struct bytes raw;
};

static bool
on_head(void *owner, const struct tree_head_row *row)
{
	struct wanted_head *wanted = owner;

	if (!bytes_equal(row->root, sha256_bytes(&wanted->sth->root)) || !row->verified)
		return true;
	wanted->raw = arena_copy(&wanted->out->arena, row->first_raw);
	return false;
}

static bool
read_signed(const json_t *proof, struct sth *out)
{
	const char *root = json_string_value(json_object_get(proof, "root")),
		   *time = json_string_value(json_object_get(proof, "timestamp")),
		   *signature = json_string_value(json_object_get(proof, "signature"));
	int64_t at_ms;
	size_t len = signature == NULL ? 0 : strlen(signature);

	out->tree_size =
	    (uint64_t)json_integer_value(json_object_get(proof, "tree_size"));
	if (root == NULL || !hex_parse(root, out->root.octets, SHA256_LEN) ||
	    time == NULL || !time_parse(time, &at_ms))
		return false;
	out->timestamp_ms = (uint64_t)at_ms;
	out->signature_len = len / 2;
	return len % 2 == 0 && len / 2 <= sizeof(out->signature) &&
	    (len == 0 || hex_parse(signature, out->signature, len / 2));
}

/* As it was served, where it is still kept; else in get-sth's form, by the
 * signature that stands in the proof: the same is signed. */
static bool
put_signed_head(struct outgoing *out, const struct sth *sth, bool *there)
{
	struct wanted_head wanted = {.out = out, .sth = sth};
	struct buf text;
	bool ok;

	if (!store_tree_head_each(out->store, out->log.number, sth->tree_size,
		sth->tree_size, 8, on_head, &wanted, out->err))
		return false;
	*there = wanted.raw.len > 0 || sth->signature_len > 0;
	if (wanted.raw.len > 0)
		return outgoing_put(out, "head", wanted.raw);
	if (!*there)
		return true;
	buf_init(&text, 8192);
	ok = sth_append_json(&text, sth) && outgoing_put(out, "head", buf_bytes(&text));
	buf_free(&text);
	return ok;
}

static bool
put_inclusion(struct outgoing *out, const struct finding_row *row)
{
	json_t *proof =
	    json_loadb((const char *)row->proof.data, row->proof.len, 0, NULL);
	struct sth sth;
	bool ok = true, there = false;
	json_t *claim;

	sth_init(&sth);
	if (json_is_array(json_object_get(proof, "path")) && read_signed(proof, &sth))
		ok = outgoing_put(out, "inclusion.json", row->proof) &&
		    put_signed_head(out, &sth, &there);
	json_decref(proof);
	sth_fini(&sth);
	if (!ok || !there)
		return ok;
	claim = outgoing_claim(out, "included");
	json_object_set_new(claim, "leaf", json_string("leaf"));
	json_object_set_new(claim, "proof", json_string("inclusion.json"));
	json_object_set_new(claim, "head", json_string("head"));
	return true;
}

/* --- the certificate -----------------------------------------------------------------
 */

struct one_sighting {
	struct outgoing *out;
	struct sighting_row row;
	bool found;
};

static bool
on_sighting(void *owner, const struct sighting_row *row)
{
	struct one_sighting *one = owner;

	one->row = *row;
	one->row.extensions = arena_copy(&one->out->arena, row->extensions);
	one->row.leaf_tbs = arena_copy(&one->out->arena, row->leaf_tbs);
	one->found = true;
	return false;
}

static bool
put_leaf(struct outgoing *out, const struct sighting_row *sighting)
{
	struct buf leaf;
	json_t *claim;
	struct err bad;
	bool ok = true;

	buf_init(&leaf, LEAF_MAX);
	if (rebuild_leaf(out->store, sighting, &out->arena, &leaf, &bad)) {
		ok = outgoing_put(out, "leaf", buf_bytes(&leaf));
		claim = outgoing_claim(out, "certificate");
		json_object_set_new(claim, "leaf", json_string("leaf"));
		json_object_set_new(claim, "certificate", json_string("certificate.der"));
	}
	buf_free(&leaf);
	return ok;
}

struct other_forms {
	struct outgoing *out;
	int64_t but; /* written already */
	size_t count;
	bool ok;
};

static bool
on_form(void *owner, const struct form_row *row)
{
	struct other_forms *others = owner;
	char name[32];

	if (row->number == others->but)
		return true;
	snprintf(name, sizeof(name), "form-%zu.der", ++others->count);
	others->ok = outgoing_put(others->out, name, row->der);
	return others->ok && others->count < FORMS_MAX;
}

/* Where it was found on an entry, that entry's form comes first. */
static bool
put_certificate(struct outgoing *out, const struct finding_row *row)
{
	struct one_sighting one = {.out = out};
	struct other_forms others = {.out = out, .ok = true};
	struct form_row form;
	bool found = false;

	if (row->log != 0 &&
	    !store_sighting_each(out->store, row->log, row->log_index, row->log_index + 1,
		1, on_sighting, &one, out->err))
		return false;
	if (one.found && one.row.certificate == row->certificate) {
		if (!store_form_get(
			out->store, one.row.form, &out->arena, &form, &found, out->err))
			return false;
		others.but = found ? form.number : 0;
	}
	if (found &&
	    (!outgoing_put(out, "certificate.der", form.der) || !put_chain(out, &form) ||
		!put_leaf(out, &one.row) || !put_inclusion(out, row)))
		return false;
	return store_form_of(out->store, row->certificate, on_form, &others, out->err) &&
	    others.ok;
}

static bool
on_signer(void *owner, const struct ca_certificate_row *row)
{
	struct form_row *form = owner;

	memcpy((void *)(uintptr_t)form->chain.data, row->sha256.data, SHA256_LEN);
	form->chain.len = SHA256_LEN;
	return false;
}

/* A CA certificate, and one of the key that signed it. */

static bool
put_authority(struct outgoing *out, const struct finding_row *row)
{
	struct ca_certificate_filter by_key = {0};
	struct ca_certificate_row ca;
	uint8_t signer[SHA256_LEN];
	struct form_row form = {.chain = bytes_of(signer, 0)};
	bool found;

	if (!store_ca_certificate_find(
		out->store, row->subject, &out->arena, &ca, &found, out->err))
		return false;
	if (!found)
		return true;
	form.der = ca.der;
	by_key.spki_sha256 = ca.signed_by_spki;
	if (ca.signed_by_spki.len > 0 &&
	    !store_ca_certificate_each(out->store, &by_key, on_signer, &form, out->err))
		return false;
	return outgoing_put(out, "certificate.der", form.der) && put_chain(out, &form);
}

bool
outgoing_finding(struct outgoing *out, const struct finding_row *row)
{
	if (row->certificate != 0)
		return put_certificate(out, row);
	if (bytes_equal(row->subject_kind, bytes_text("ca")) &&
	    row->subject.len == SHA256_LEN)
		return put_authority(out, row);
	return true;
}
