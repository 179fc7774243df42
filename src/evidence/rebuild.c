#include "evidence/rebuild.h"

#include "crypto/digest.h"
#include "store/authority.h"
#include "wire/leaf.h"
#include "x509/precert.h"

/* What RFC 6962 3.2 puts in the leaf, out of the stored precertificate: its
 * chain says whether a signing certificate stood between. */
static bool
derive_tbs(struct store *store, const struct form_row *form, struct arena *arena,
    struct buf *out, struct err *err)
{
	struct ca_certificate_row row;
	struct cert precert, signer;
	bool found = false;

	if (!cert_parse(form->der, &precert))
		return err_set(err, ERR_PARSE, "its precertificate cannot be parsed");
	if (form->chain.len >= SHA256_LEN &&
	    !store_ca_certificate_find(
		store, bytes_of(form->chain.data, SHA256_LEN), arena, &row, &found, err))
		return false;
	found = found && cert_parse(row.der, &signer) && cert_is_precert_signing(&signer);
	return precert_leaf_tbs(&precert, found ? &signer : NULL, out, err);
}

/* RFC 6962, 3.4, from what a sighting keeps. */
bool
rebuild_leaf(struct store *store, const struct sighting_row *sighting,
    struct arena *arena, struct buf *out, struct err *err)
{
	struct leaf leaf = {
	    .kind = sighting->entry_type == ENTRY_PRECERT ? LEAF_PRECERT : LEAF_X509,
	    .timestamp_ms = (uint64_t)sighting->timestamp_ms,
	    .extensions = sighting->extensions};
	struct certificate_row certificate;
	struct form_row form;
	struct buf tbs;
	bool found, ok;

	if (!store_form_get(store, sighting->form, arena, &form, &found, err) || !found)
		return err_set(err, ERR_NOT_FOUND, "its form is gone");
	leaf.certificate = form.der;
	if (leaf.kind == LEAF_X509)
		return leaf_append(out, &leaf, err);
	if (!store_certificate_get(
		store, sighting->certificate, arena, &certificate, &found, err) ||
	    !found)
		return err_set(err, ERR_NOT_FOUND, "its certificate is gone");
	leaf.issuer_key_hash = certificate.issuer_spki;
	leaf.certificate = sighting->leaf_tbs;
	if (sighting->leaf_tbs.len > 0)
		return leaf_append(out, &leaf, err);
	buf_init(&tbs, LEAF_MAX);
	ok = derive_tbs(store, &form, arena, &tbs, err);
	leaf.certificate = buf_bytes(&tbs);
	ok = ok && leaf_append(out, &leaf, err);
	buf_free(&tbs);
	return ok;
}

bool
rebuild_record(struct store *store, const struct sighting_row *sighting,
    struct arena *arena, struct buf *out, struct err *err)
{
	struct form_row form;
	struct buf leaf;
	bool found, ok;

	buf_init(&leaf, LEAF_MAX);
	ok = rebuild_leaf(store, sighting, arena, &leaf, err) &&
	    store_form_get(store, sighting->form, arena, &form, &found, err);
	/* Without version and leaf_type, which a record leaves out. */
	ok = ok && buf_append(out, leaf.data + 2, leaf.len - 2);
	if (ok && sighting->entry_type == ENTRY_PRECERT)
		ok = buf_append_be24(out, (uint32_t)form.der.len) &&
		    buf_append_bytes(out, form.der);
	ok = ok && buf_append_be16(out, (uint16_t)form.chain.len) &&
	    buf_append_bytes(out, form.chain);
	buf_free(&leaf);
	return ok || err_set(err, ERR_LIMIT, "an entry too large to be made again");
}
