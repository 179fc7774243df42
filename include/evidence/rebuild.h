/*
 * rebuild - an entry's exact bytes out of what is stored of it: for proofs,
 * and to be judged again.
 */
#pragma once
#include "base/buf.h"
#include "store/certificate.h"

#define LEAF_MAX ((size_t)1 << 25) /* two u24 and what stands around them */

/* Appends the MerkleTreeLeaf (RFC 6962, 3.4) of a sighting. ERR_NOT_FOUND when
 * its rows are gone. */
MUST_CHECK bool rebuild_leaf(struct store *, const struct sighting_row *sighting,
    struct arena *, struct buf *out, struct err *err);

/* Appends the same entry as a data tile's record (static-ct-api), with the
 * stored form and its chain. */
MUST_CHECK bool rebuild_record(struct store *, const struct sighting_row *sighting,
    struct arena *, struct buf *out, struct err *err);
