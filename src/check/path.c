#include "check/path.h"

#include "check_priv.h"

#define CAS_MAX 16 /* of one key */

static bool
is_known(const struct paths *paths, const struct history_ca *ca)
{
	for (size_t i = 0; i < paths->count; i++)
		if (memcmp(paths->steps[i].ca.sha256, ca->sha256, 32) == 0)
			return true;
	return false;
}

static void
add(struct paths *paths, const struct history_ca *ca, const struct cert *cert,
    size_t below)
{
	struct path_step *step;

	if (paths->count == PATH_STEPS) {
		paths->more = true;
		return;
	}
	step = &paths->steps[paths->count++];
	*step = (struct path_step){.ca = *ca,
	    .subject = cert->subject,
	    .issuer = cert->issuer,
	    .below = below,
	    .root = ca->issuer_key_hash != NULL &&
		memcmp(ca->issuer_key_hash, ca->key_hash, 32) == 0 &&
		cert_is_self_issued(cert)};
}

/* Whether there is a certificate of that key and name at all. */
static bool
climb(struct paths *paths, const struct check_history *history, const uint8_t key[32],
    struct bytes name, const uint8_t except[32], size_t below)
{
	struct history_ca cas[CAS_MAX];
	size_t count = history->ca_by_key(history->owner, key, except, cas, CAS_MAX);
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		struct cert cert;

		if (!cert_parse(cas[i].der, &cert) || !name_equal(cert.subject, name))
			continue;
		any = true;
		if (!is_known(paths, &cas[i]))
			add(paths, &cas[i], &cert, below);
	}
	return any;
}

void
paths_find(struct paths *paths, const struct check_history *history,
    const uint8_t key[32], struct bytes name, const uint8_t except[32])
{
	*paths = (struct paths){.count = 0};
	climb(paths, history, key, name, except, PATH_BOTTOM);
	for (size_t i = 0; i < paths->count; i++) {
		struct path_step *step = &paths->steps[i];

		step->top = step->root || step->ca.issuer_key_hash == NULL ||
		    !climb(paths, history, step->ca.issuer_key_hash, step->issuer, except,
			i);
	}
}
