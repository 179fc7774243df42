#include "x509/spki.h"

#include <inttypes.h>

#include "x509_priv.h"

static enum spki_kind
kind_of(enum oid algorithm)
{
	static const struct {
		enum oid algorithm;
		enum spki_kind kind;
	} KINDS[] = {
	    {OID_RSA, SPKI_RSA},
	    {OID_RSA_PSS, SPKI_RSA},
	    {OID_RSA_OAEP, SPKI_RSA},
	    {OID_EC, SPKI_EC},
	    {OID_DSA, SPKI_DSA},
	    {OID_ED25519, SPKI_ED25519},
	    {OID_ED448, SPKI_ED448},
	    {OID_ML_DSA_44, SPKI_ML_DSA},
	    {OID_ML_DSA_65, SPKI_ML_DSA},
	    {OID_ML_DSA_87, SPKI_ML_DSA},
	    {OID_GOST_2001, SPKI_GOST},
	    {OID_GOST_2012_256, SPKI_GOST},
	    {OID_GOST_2012_512, SPKI_GOST},
	};

	for (size_t i = 0; i < ARRAY_LEN(KINDS); i++)
		if (KINDS[i].algorithm == algorithm)
			return KINDS[i].kind;
	return SPKI_UNKNOWN;
}

static void
read_integer(struct cursor *inside, struct bytes *out, uint32_t *flaws)
{
	struct der number;

	if (!der_next_if(inside, DER_INTEGER, &number)) {
		*flaws |= FLAW_MISSING;
		return;
	}
	*out = number.value;
	*flaws |= number.flaws | der_integer_flaws(number.value);
}

/* RFC 3279, 2.3.1: SEQUENCE { modulus, publicExponent }. */
static void
read_rsa(struct spki *out)
{
	struct cursor inside =
	    cursor_of(open_value(out->bits, DER_SEQUENCE, &out->key_flaws));

	read_integer(&inside, &out->modulus, &out->key_flaws);
	read_integer(&inside, &out->exponent, &out->key_flaws);
	out->key_flaws |= rest_flaws(&inside);
	if (der_integer_negative(out->modulus) || der_integer_negative(out->exponent))
		out->key_flaws |= FLAW_RANGE;
	out->modulus_bits = der_integer_bits(out->modulus);
	out->exponent_bits = der_integer_bits(out->exponent);
}

/* RFC 3279, 2.3.2: y in the bits, p, q and g in the parameters. */
static void
read_dsa(struct spki *out)
{
	struct cursor bits = cursor_of(out->bits), inside;
	struct der params;

	read_integer(&bits, &out->y, &out->key_flaws);
	out->key_flaws |= rest_flaws(&bits);
	if (out->params.len == 0 || !der_only(out->params, &params) ||
	    params.tag != DER_SEQUENCE)
		return;
	inside = cursor_of(params.value);
	read_integer(&inside, &out->p, &out->key_flaws);
	read_integer(&inside, &out->q, &out->key_flaws);
	read_integer(&inside, &out->g, &out->key_flaws);
	out->key_flaws |= rest_flaws(&inside);
	out->modulus_bits = der_integer_bits(out->p);
}

/* RFC 5480, 2.1.1 and 2.2. */
static void
read_ec(struct spki *out)
{
	struct der params;

	out->point = out->bits;
	if (out->params.len == 0 || !der_only(out->params, &params) ||
	    params.tag != DER_OID)
		return;
	out->curve_oid = params.value;
	out->curve = oid_find(params.value);
	out->key_flaws |= der_oid_flaws(params.value);
}

static void
read_algorithm(struct bytes algorithm, struct spki *out)
{
	struct cursor inside =
	    cursor_of(open_value(algorithm, DER_SEQUENCE, &out->flaws));
	struct der part;

	if (der_next_if(&inside, DER_OID, &part)) {
		out->oid = part.value;
		out->algorithm_id = oid_find(part.value);
		out->flaws |= part.flaws | der_oid_flaws(part.value);
	} else {
		out->flaws |= FLAW_MISSING;
	}
	if (der_next(&inside, &part)) {
		out->params = part.whole;
		out->flaws |= part.flaws;
	}
	out->flaws |= rest_flaws(&inside);
}

bool
spki_parse(struct bytes element, struct spki *out)
{
	struct cursor inside;
	struct der part;

	*out = (struct spki){.whole = element};
	inside = cursor_of(open_value(element, DER_SEQUENCE, &out->flaws));
	if ((out->flaws & (FLAW_TAG | FLAW_MISSING)) != 0 || !der_next(&inside, &part))
		return false;
	out->algorithm = part.whole;
	read_algorithm(part.whole, out);
	if (!der_next_if(&inside, DER_BIT_STRING, &part)) {
		out->flaws |= FLAW_MISSING;
		return false;
	}
	out->flaws |= part.flaws | rest_flaws(&inside);
	out->flaws |= der_read_bits(part.value, &out->bits, &out->unused);
	out->kind = kind_of(out->algorithm_id);
	if (out->kind == SPKI_RSA)
		read_rsa(out);
	else if (out->kind == SPKI_EC)
		read_ec(out);
	else if (out->kind == SPKI_DSA)
		read_dsa(out);
	return true;
}

bool
spki_append_text(struct buf *out, const struct spki *spki)
{
	if (spki->kind == SPKI_EC && spki->curve_oid.len > 0)
		return oid_append_name(out, spki->curve_oid);
	oid_append_name(out, spki->oid);
	if (spki->kind == SPKI_RSA || spki->kind == SPKI_DSA)
		buf_append_format(out, "-%zu", spki->modulus_bits);
	return !out->failed;
}

void
spki_hash(struct bytes element, struct sha256 *out)
{
	sha256_of(element, out);
}
