/*
 * What family.c and family_root.c share. log and index: of the entry that brought
 * the certificate; log 0: none did.
 */
#pragma once
#include "monitor/family.h"

/* Its row; a signer that was not known before is noted in an old one. */
bool family_put(struct writer *, const struct met *, uint32_t log, uint64_t index,
    bool *inserted, struct err *err);

/* The watched families that the new certificate's signer belongs to. */
bool family_grow(
    struct writer *, const struct met *, uint32_t log, uint64_t index, struct err *err);
