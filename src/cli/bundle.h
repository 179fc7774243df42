/*
 * bundle - the certificates of some files, and who among them issued whom.
 */
#pragma once
#include "base/arena.h"
#include "base/map.h"
#include "x509/cert.h"

struct bundle_cert {
	const char *file;
	size_t index;                     /* in the file, from 0 */
	struct bytes der;                 /* empty: it could not be read */
	const char *error;                /* why; NULL: it could */
	struct bundle_cert *same_subject; /* the next one with this subject */
};

struct bundle {
	struct arena arena;
	struct bundle_cert **certs;
	size_t count, room;
	size_t broken;       /* of them */
	struct map subjects; /* the first one of each */
};

void bundle_init(struct bundle *);
void bundle_free(struct bundle *);

/* Every certificate of a file, "-" being standard input. A file that cannot
 * be read becomes one with an error. file is borrowed. */
void bundle_add(struct bundle *, const char *file);

enum bundle_issuer { ISSUER_NOT_THERE, ISSUER_SIGNED, ISSUER_DID_NOT_SIGN };

/* Whether a certificate of the bundle bears the issuer's name and its key
 * signed this one; out is filled for ISSUER_SIGNED. */
enum bundle_issuer bundle_find_issuer(
    const struct bundle *, const struct cert *, struct cert *out);
