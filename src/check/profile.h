/*
 * profile - the template that a certificate was made by: what its issuer's software is
 * told once and does for every customer.
 *
 * Its key is over the algorithm of the signature, the extensions with their criticality
 * and in their order (without poison and SCT list, so that a precertificate and its
 * certificate have one), policies, extended key usages, key usage, the types of the
 * subject's attributes, whole hours of validity, and octets of the serial number.
 */
#pragma once
#include "check_priv.h"

enum profile_element {
	PROFILE_ALGORITHM,
	PROFILE_EXTENSIONS,
	PROFILE_POLICIES,
	PROFILE_PURPOSES,
	PROFILE_KEY_USAGE,
	PROFILE_SUBJECT,
	PROFILE_VALIDITY,
	PROFILE_SERIAL,
	PROFILE_ELEMENTS
};
const char *profile_element_name(enum profile_element);

/* Worked out once a certificate; its facts'. */
const uint8_t *profile_key(const struct judged *);

/* The key that the same with a longer serial number has. */
void profile_longer_key(const struct judged *, size_t octets, uint8_t out[PROFILE_KEY]);

/* Appends an element as people may read it: safe to print. */
void profile_append(const struct judged *, enum profile_element, struct buf *out);

#define PROFILE_CHECK "profile-drift"

/* Whether the certificate's profile is one that its issuer did not use: usage_drift.c.
 * The certificate is counted when it is first asked. */
enum drift { DRIFT_NONE, DRIFT_NEW, DRIFT_RARE };
enum drift profile_drift(struct trial *);
