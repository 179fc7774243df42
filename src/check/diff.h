/*
 * diff - which fields of two certificates' TBS differ, poison and SCT list left
 * out: for members of a duplicate group and for precertificates with finals.
 */
#pragma once
#include "check/findings.h"
#include "x509/cert.h"

enum tbs_field {
	TBS_NOT_BEFORE = 1,
	TBS_NOT_AFTER = 2,
	TBS_SUBJECT = 4,
	TBS_SPKI = 8,
	TBS_EXTENSIONS = 16,
	TBS_OTHER = 32,
};

struct tbs_diff {
	unsigned fields;
	const char *path; /* of the first that differs; NULL: none */
	struct bytes first_a, first_b;
	struct bytes extension; /* its OID, when the first is an extension */
};

void tbs_compare(const struct cert *a, const struct cert *b, struct tbs_diff *);

/* "nb-only", "validity-only", "subject", "spki", "ext", "other". */
const char *tbs_diff_class(const struct tbs_diff *);

/* class, fields, first_field, extension, this, other. */
void tbs_diff_evidence(struct trial *, struct finding *, const struct tbs_diff *);
