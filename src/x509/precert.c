#include "x509/precert.h"

#include "x509_priv.h"

/* A TBS put together from runs of the old one and a few new headers. */
#define PIECES_MAX 40

struct splice {
	struct bytes pieces[PIECES_MAX];
	size_t count;
	bool too_many;
	uint8_t tbs_header[DER_HEADER_MAX];
	uint8_t explicit_header[DER_HEADER_MAX];
	uint8_t list_header[DER_HEADER_MAX];
	uint8_t aki_headers[2 * DER_HEADER_MAX + 8];
};

/* What is to become of a TBS. */
struct plan {
	unsigned strip;
	struct bytes issuer; /* len 0: stays */
	bool replace_aki;
	const struct extension *aki; /* of the signing certificate; NULL: has none */
};

static void
add(struct splice *splice, struct bytes piece)
{
	struct bytes *last =
	    splice->count == 0 ? NULL : &splice->pieces[splice->count - 1];

	if (piece.len == 0)
		return;
	if (last != NULL && last->data + last->len == piece.data) {
		last->len += piece.len; /* neighbours in the certificate are one run */
		return;
	}
	if (splice->count == PIECES_MAX)
		splice->too_many = true;
	else
		splice->pieces[splice->count++] = piece;
}

static size_t
total(const struct splice *splice, size_t from)
{
	size_t len = 0;

	for (size_t i = from; i < splice->count; i++)
		len += splice->pieces[i].len;
	return len;
}

/* The place of a header whose length is known only later. */
static size_t
reserve(struct splice *splice, const uint8_t *header)
{
	if (splice->count == PIECES_MAX) {
		splice->too_many = true;
		return splice->count - 1;
	}
	splice->pieces[splice->count] = bytes_of(header, 0);
	return splice->count++;
}

static void
close_header(struct splice *splice, size_t at, uint8_t tag, uint8_t *header)
{
	size_t len = total(splice, at + 1);

	splice->pieces[at] = bytes_of(header, der_put_header(tag, len, header));
}

static bool
is_stripped(const struct extension *extension, const struct plan *plan)
{
	return (extension->id == OID_POISON && (plan->strip & STRIP_POISON) != 0) ||
	    (extension->id == OID_SCT_LIST && (plan->strip & STRIP_SCT_LIST) != 0);
}

/* An AKI with the signing certificate's value: OID and criticality (of old,
 * NULL: a new extension) stay as they are. */
static void
add_aki(struct splice *splice, const struct extension *old, struct bytes value)
{
	static const uint8_t OID_ELEMENT[] = {DER_OID, 3, 0x55, 0x1d, 0x23};
	uint8_t *octet_header = splice->aki_headers + DER_HEADER_MAX;
	struct bytes front = bytes_of(OID_ELEMENT, sizeof(OID_ELEMENT));
	size_t len;

	if (old != NULL) {
		struct der whole, part;
		struct cursor inside;

		if (!der_only(old->whole, &whole))
			return;
		inside = cursor_of(whole.value);
		front = bytes_of(inside.at, 0);
		while (der_next(&inside, &part) && part.value.data != old->value.data)
			front.len = (size_t)(inside.at - front.data);
	}
	len = der_put_header(DER_OCTET_STRING, value.len, octet_header);
	add(splice,
	    bytes_of(splice->aki_headers,
		der_put_header(
		    DER_SEQUENCE, front.len + len + value.len, splice->aki_headers)));
	add(splice, front);
	add(splice, bytes_of(octet_header, len));
	add(splice, value);
}

/* The extensions that stay; false when they cannot be walked to the end. */
static bool
add_extensions(const struct cert *cert, const struct plan *plan, struct splice *splice)
{
	bool aki_done = !plan->replace_aki;
	struct extension_iter iter;
	struct extension it;

	extension_begin(cert, &iter);
	while (extension_next(&iter, &it)) {
		if (is_stripped(&it, plan))
			continue;
		if (!aki_done && it.id == OID_AUTHORITY_KEY_IDENTIFIER) {
			aki_done = true;
			if (plan->aki != NULL)
				add_aki(splice, &it, plan->aki->value);
			continue;
		}
		add(splice, it.whole);
	}
	if (!aki_done && plan->aki != NULL)
		add_aki(splice, NULL, plan->aki->value);
	return (iter.flaws & FLAW_CUT) == 0;
}

/* The [3] with its new content; nothing where none is left. */
static bool
add_extensions_element(
    const struct cert *cert, const struct plan *plan, struct splice *splice)
{
	size_t explicit_at = reserve(splice, splice->explicit_header);
	size_t list_at = reserve(splice, splice->list_header);
	const uint8_t *element_end = cert->extensions_at.data + cert->extensions_at.len;
	struct der element, list;

	if (!add_extensions(cert, plan, splice))
		return false;
	if (total(splice, list_at + 1) == 0) {
		splice->count = explicit_at;
		return true;
	}
	close_header(splice, list_at, DER_SEQUENCE, splice->list_header);
	/* bytes behind the list inside the [3] stay */
	if (der_only(cert->extensions_at, &element) && der_only(element.value, &list) &&
	    (element.flaws & FLAW_INDEFINITE) == 0)
		add(splice,
		    bytes_of(list.whole.data + list.whole.len,
			(size_t)(element_end - list.whole.data) - list.whole.len));
	close_header(
	    splice, explicit_at, DER_CONTEXT_CONSTRUCTED | 3, splice->explicit_header);
	return true;
}

static bool
nothing_to_do(const struct cert *cert, const struct plan *plan)
{
	if (plan->issuer.len > 0 || plan->replace_aki)
		return false;
	for (size_t i = 0; i < cert->extension_count; i++)
		if (is_stripped(&cert->extension[i], plan))
			return false;
	return cert->extension_total == cert->extension_count;
}

/* Fills the pieces of the new TBS. */
static bool
splice_tbs(const struct cert *cert, const struct plan *plan, struct splice *splice)
{
	uint32_t flaws =
	    cert->faults[CERT_EXTENSIONS].flaws | cert->faults[CERT_TBS].flaws;
	struct der tbs;
	const uint8_t *end;
	size_t tbs_at;

	splice->count = 0;
	splice->too_many = false;
	if (nothing_to_do(cert, plan)) {
		add(splice, cert->tbs);
		return true;
	}
	if ((flaws & FLAW_CUT) != 0 || !der_only(cert->tbs, &tbs) ||
	    (cert->issuer.len == 0 && plan->issuer.len > 0))
		return false;
	end = tbs.value.data + tbs.value.len;
	tbs_at = reserve(splice, splice->tbs_header);
	if (plan->issuer.len > 0) {
		add(splice,
		    bytes_of(
			tbs.value.data, (size_t)(cert->issuer.data - tbs.value.data)));
		add(splice, plan->issuer);
		tbs.value.data = cert->issuer.data + cert->issuer.len;
	}
	if (cert->extensions_at.len == 0) {
		add(splice, bytes_of(tbs.value.data, (size_t)(end - tbs.value.data)));
	} else {
		const uint8_t *behind =
		    cert->extensions_at.data + cert->extensions_at.len;

		add(splice,
		    bytes_of(tbs.value.data,
			(size_t)(cert->extensions_at.data - tbs.value.data)));
		if (!add_extensions_element(cert, plan, splice))
			return false;
		add(splice, bytes_of(behind, (size_t)(end - behind)));
	}
	close_header(splice, tbs_at, DER_SEQUENCE, splice->tbs_header);
	return !splice->too_many;
}

static bool
splice_or_err(const struct cert *cert, const struct plan *plan, struct splice *splice,
    struct err *err)
{
	if (cert->tbs.len == 0)
		return err_set(err, ERR_PARSE, "precert: no TBSCertificate");
	if (!splice_tbs(cert, plan, splice))
		return err_set(err, splice->too_many ? ERR_LIMIT : ERR_PARSE,
		    "precert: the extensions cannot be taken apart");
	return true;
}

static bool
append_splice(const struct splice *splice, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < splice->count; i++)
		if (!buf_append_bytes(out, splice->pieces[i]))
			return err_set(err, ERR_LIMIT, "precert: TBS too large");
	return true;
}

bool
precert_strip_tbs(
    const struct cert *cert, unsigned what, struct buf *out, struct err *err)
{
	struct plan plan = {.strip = what};
	struct splice splice;

	return splice_or_err(cert, &plan, &splice, err) &&
	    append_splice(&splice, out, err);
}

/* RFC 6962, 3.2. */
static bool
splice_leaf(const struct cert *precert, const struct cert *signer, struct splice *splice,
    struct err *err)
{
	struct plan plan = {.strip = STRIP_POISON};

	if (signer != NULL) {
		if (signer->issuer.len == 0)
			return err_set(
			    err, ERR_PARSE, "precert: the signer has no issuer");
		plan.issuer = signer->issuer;
		plan.replace_aki = true;
		plan.aki = cert_extension(signer, OID_AUTHORITY_KEY_IDENTIFIER);
	}
	return splice_or_err(precert, &plan, splice, err);
}

bool
precert_leaf_tbs(const struct cert *precert, const struct cert *signer, struct buf *out,
    struct err *err)
{
	struct splice splice;

	return splice_leaf(precert, signer, &splice, err) &&
	    append_splice(&splice, out, err);
}

static bool
splice_equals(const struct splice *splice, struct bytes whole)
{
	struct cursor cursor = cursor_of(whole);
	struct bytes part;

	for (size_t i = 0; i < splice->count; i++)
		if (!cursor_take(&cursor, splice->pieces[i].len, &part) ||
		    !bytes_equal(part, splice->pieces[i]))
			return false;
	return cursor_left(&cursor) == 0;
}

bool
precert_matches_leaf(const struct cert *precert, const struct cert *signer,
    struct bytes leaf_tbs, struct err *err)
{
	struct splice splice;

	if (!splice_leaf(precert, signer, &splice, err))
		return false;
	if (!splice_equals(&splice, leaf_tbs))
		return err_set(err, ERR_VERIFY,
		    "precert: the leaf's TBS is not that of the precertificate");
	return true;
}

bool
cert_normalised_hash(const struct cert *cert, struct sha256 *out)
{
	struct plan plan = {.strip = STRIP_POISON | STRIP_SCT_LIST};
	struct splice splice;

	if (cert->tbs.len > 0 && splice_tbs(cert, &plan, &splice)) {
		sha256_of_parts(splice.pieces, splice.count, out);
		return true;
	}
	sha256_of(cert->tbs.len > 0 ? cert->tbs : cert->der, out);
	return false;
}
