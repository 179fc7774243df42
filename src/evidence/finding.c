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

#define CHAIN_MAX   32
#define FORMS_MAX   8
#define MEMBERS_MAX 8

/* --- the chain --------------------------------------------------------------------- */

/* A certificate on its way up its chain. */
struct climb {
	const char *name; /* of the files: "certificate" */
	struct cert below;
	json_t *chain; /* the files of those that signed the one before */
	bool unbroken;
};

static void
name_file(char out[EVIDENCE_NAME_MAX], const char *name, size_t number)
{
	if (number == 0)
		snprintf(out, EVIDENCE_NAME_MAX, "%.30s.der", name);
	else
		snprintf(out, EVIDENCE_NAME_MAX, "%.30s-chain-%zu.der", name, number);
}

static bool
put_issuer(struct outgoing *out, struct climb *climb, size_t number, struct bytes der)
{
	struct cert above;
	char name[EVIDENCE_NAME_MAX];

	name_file(name, climb->name, number);
	if (!outgoing_put(out, name, der))
		return false;
	climb->unbroken = climb->unbroken && cert_parse(der, &above) &&
	    certificate_signed_by(&climb->below, &above);
	if (climb->unbroken) {
		json_array_append_new(climb->chain, json_string(name));
		climb->below = above;
	}
	return true;
}

static void
claim_the_chain(struct outgoing *out, const struct climb *climb)
{
	char name[EVIDENCE_NAME_MAX];
	json_t *claim;

	if (json_array_size(climb->chain) == 0)
		return;
	name_file(name, climb->name, 0);
	claim = outgoing_claim(out, "issued");
	json_object_set_new(claim, "certificate", json_string(name));
	json_object_set(claim, "chain", climb->chain);
}

/* A form and what stands above it; the claim goes up to the first that did not sign
 * what stands before it. */
static bool
put_form(struct outgoing *out, const char *name, const struct form_row *form)
{
	struct climb climb = {.name = name, .chain = json_array()};
	char file[EVIDENCE_NAME_MAX];
	bool ok;

	climb.unbroken = cert_parse(form->der, &climb.below);
	name_file(file, name, 0);
	ok = outgoing_put(out, file, form->der);
	for (size_t i = 0; ok && i < CHAIN_MAX && (i + 1) * SHA256_LEN <= form->chain.len;
	     i++) {
		struct ca_certificate_row row;
		bool found;

		ok = store_ca_certificate_find(out->store,
		    bytes_of(form->chain.data + i * SHA256_LEN, SHA256_LEN), &out->arena,
		    &row, &found, out->err);
		if (ok && !found)
			break;
		ok = ok && put_issuer(out, &climb, i + 1, row.der);
	}
	if (ok)
		claim_the_chain(out, &climb);
	json_decref(climb.chain);
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

	one->row = store_sighting_copy(row, &one->out->arena);
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

/* The entry that it was found on, and its form. */
static bool
put_entry(struct outgoing *out, const struct finding_row *row, int64_t *written)
{
	struct one_sighting one = {.out = out};
	struct form_row form;
	bool found = false;

	if (!store_sighting_each(out->store, row->log, row->log_index, row->log_index + 1,
		1, on_sighting, &one, out->err) ||
	    (one.found &&
		!store_form_get(
		    out->store, one.row.form, &out->arena, &form, &found, out->err)))
		return false;
	if (!found || one.row.certificate != row->certificate)
		return true;
	*written = form.number;
	return put_form(out, "certificate", &form) && put_leaf(out, &one.row) &&
	    put_inclusion(out, row);
}

struct forms {
	struct outgoing *out;
	const char *first, *further; /* names of their files */
	int64_t written;             /* of the first: 0, not yet */
	size_t count;
	bool ok;
};

static bool
on_form(void *owner, const struct form_row *row)
{
	struct forms *forms = owner;
	char name[32];

	if (row->number == forms->written)
		return true;
	if (forms->written == 0) {
		snprintf(name, sizeof(name), "%s", forms->first);
		forms->written = row->number;
	} else {
		snprintf(name, sizeof(name), "%s-%zu", forms->further, ++forms->count);
	}
	forms->ok = put_form(forms->out, name, row);
	return forms->ok && forms->count < FORMS_MAX;
}

static bool
put_forms(struct forms *forms, int64_t certificate)
{
	return store_form_of(
		   forms->out->store, certificate, on_form, forms, forms->out->err) &&
	    forms->ok;
}

/* Others of the same issuer and serial number: what makes a pair. */
struct members {
	struct outgoing *out;
	int64_t but;
	size_t count;
	bool ok;
};

static bool
on_member(void *owner, const struct certificate_row *row)
{
	struct members *members = owner;
	struct forms forms = {.out = members->out, .ok = true};
	char first[32], further[48];

	if (row->number == members->but)
		return true;
	snprintf(first, sizeof(first), "member-%zu", ++members->count);
	snprintf(further, sizeof(further), "%s-form", first);
	forms.first = first;
	forms.further = further;
	members->ok = put_forms(&forms, row->number);
	return members->ok && members->count < MEMBERS_MAX;
}

static bool
put_members(struct outgoing *out, int64_t certificate)
{
	struct members members = {.out = out, .but = certificate, .ok = true};
	struct certificate_row row;
	bool found;

	if (!store_certificate_get(
		out->store, certificate, &out->arena, &row, &found, out->err))
		return false;
	return !found ||
	    (store_certificate_members(out->store, row.issuer, row.serial, 0,
		 MEMBERS_MAX + 1, on_member, &members, out->err) &&
		members.ok);
}

/* A finding about a log has its entries among its exhibits. */
static bool
put_certificate(struct outgoing *out, const struct finding_row *row)
{
	bool of_log = bytes_equal(row->subject_kind, bytes_text("log"));
	struct forms forms = {
	    .out = out, .first = "certificate", .further = "form", .ok = true};

	return (row->log == 0 || of_log || put_entry(out, row, &forms.written)) &&
	    put_forms(&forms, row->certificate) &&
	    (of_log || put_members(out, row->certificate));
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
	return put_form(out, "certificate", &form);
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
