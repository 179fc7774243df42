/* Where two TBSCertificates part, poison and SCT list left out. */
#include "diff.h"

#include "check_priv.h"

static bool
next_extension(struct extension_iter *extensions, struct extension *out)
{
	while (extension_next(extensions, out))
		if (out->id != OID_POISON && out->id != OID_SCT_LIST)
			return true;
	return false;
}

static void
note(struct tbs_diff *diff, enum tbs_field field, const char *path, struct bytes a,
    struct bytes b)
{
	if (diff->fields == 0) {
		diff->path = path;
		diff->first_a = a;
		diff->first_b = b;
	}
	diff->fields |= field;
}

static void
compare(struct tbs_diff *diff, enum tbs_field field, const char *path, struct bytes a,
    struct bytes b)
{
	if (!bytes_equal(a, b))
		note(diff, field, path, a, b);
}

static void
compare_extensions(struct tbs_diff *diff, const struct cert *a, const struct cert *b)
{
	struct extension_iter ea, eb;
	struct extension one, other;
	bool more_a, more_b;

	extension_begin(a, &ea);
	extension_begin(b, &eb);
	for (;;) {
		more_a = next_extension(&ea, &one);
		more_b = next_extension(&eb, &other);
		if (!more_a && !more_b)
			break;
		if (!more_a)
			one.whole = bytes_of(NULL, 0);
		if (!more_b)
			other.whole = bytes_of(NULL, 0);
		if (!bytes_equal(one.whole, other.whole)) {
			if (diff->fields == 0)
				diff->extension = more_a ? one.oid : other.oid;
			note(diff, TBS_EXTENSIONS, "tbsCertificate.extensions", one.whole,
			    other.whole);
			break;
		}
	}
}

void
tbs_compare(const struct cert *a, const struct cert *b, struct tbs_diff *diff)
{
	*diff = (struct tbs_diff){0};
	compare(diff, TBS_OTHER, "tbsCertificate.version", a->version_at, b->version_at);
	compare(
	    diff, TBS_OTHER, "tbsCertificate.serialNumber", a->serial_at, b->serial_at);
	compare(diff, TBS_OTHER, "tbsCertificate.signature", a->tbs_algorithm.whole,
	    b->tbs_algorithm.whole);
	compare(diff, TBS_OTHER, "tbsCertificate.issuer", a->issuer, b->issuer);
	compare(diff, TBS_NOT_BEFORE, "tbsCertificate.validity.notBefore",
	    a->before.whole, b->before.whole);
	compare(diff, TBS_NOT_AFTER, "tbsCertificate.validity.notAfter", a->after.whole,
	    b->after.whole);
	compare(diff, TBS_SUBJECT, "tbsCertificate.subject", a->subject, b->subject);
	compare(diff, TBS_SPKI, "tbsCertificate.subjectPublicKeyInfo", a->spki, b->spki);
	compare(diff, TBS_OTHER, "tbsCertificate.issuerUniqueID", a->issuer_unique_id,
	    b->issuer_unique_id);
	compare(diff, TBS_OTHER, "tbsCertificate.subjectUniqueID", a->subject_unique_id,
	    b->subject_unique_id);
	compare_extensions(diff, a, b);
	/* The same fields in other wrappings (BER lengths). */
	if (diff->fields == 0 && !bytes_equal(a->validity, b->validity))
		note(
		    diff, TBS_OTHER, "tbsCertificate.validity", a->validity, b->validity);
}

const char *
tbs_diff_class(const struct tbs_diff *diff)
{
	if (diff->fields == TBS_NOT_BEFORE)
		return "nb-only";
	if ((diff->fields & ~(unsigned)(TBS_NOT_BEFORE | TBS_NOT_AFTER)) == 0)
		return "validity-only";
	if ((diff->fields & TBS_SUBJECT) != 0)
		return "subject";
	if ((diff->fields & TBS_SPKI) != 0)
		return "spki";
	return (diff->fields & TBS_EXTENSIONS) != 0 ? "ext" : "other";
}

void
tbs_diff_evidence(
    struct trial *trial, struct finding *finding, const struct tbs_diff *diff)
{
	static const struct {
		enum tbs_field field;
		const char *name;
	} FIELDS[] = {
	    {TBS_NOT_BEFORE, "notBefore"},
	    {TBS_NOT_AFTER, "notAfter"},
	    {TBS_SUBJECT, "subject"},
	    {TBS_SPKI, "subjectPublicKeyInfo"},
	    {TBS_EXTENSIONS, "extensions"},
	    {TBS_OTHER, "other"},
	};
	struct buf oid;

	evidence_text(trial, finding, "class", tbs_diff_class(diff));
	evidence_list(trial, finding, "fields");
	for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++)
		if ((diff->fields & FIELDS[i].field) != 0)
			evidence_text(trial, finding, NULL, FIELDS[i].name);
	evidence_end(trial, finding);
	evidence_text(
	    trial, finding, "first_field", diff->path != NULL ? diff->path : "");
	if (diff->extension.len > 0) {
		buf_init(&oid, 4096);
		oid_append_name(&oid, diff->extension);
		evidence_text(trial, finding, "extension", buf_text(&oid));
		buf_free(&oid);
	}
	evidence_hex(trial, finding, "this", diff->first_a);
	evidence_hex(trial, finding, "other", diff->first_b);
}
