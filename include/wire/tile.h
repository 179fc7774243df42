/*
 * tile - static-ct-api on the wire: paths, and the records of a data tile
 * (wire-formats 3.1, 3.6).
 */
#pragma once
#include "wire/leaf.h"

enum { TILE_PATH_MAX = 96, TILE_WIDTH = 256 };

/* "tile/0/x001/x234/067.p/8"; width 256 is a full tile. Returns out. */
char *tile_path_hash(unsigned level, uint64_t index, unsigned width, char *out);
char *tile_path_data(uint64_t index, unsigned width, char *out);  /* tile/data/... */
char *tile_path_names(uint64_t index, unsigned width, char *out); /* tile/names/... */
char *tile_path_issuer(struct bytes fingerprint, char *out);      /* issuer/<hex> */

/* Puts the two bytes in front of a record's entry that make it a
 * MerkleTreeLeaf: version and leaf_type. */
static inline struct bytes
tile_leaf_prefix(void)
{
	return bytes_of("\0\0", 2);
}

struct tile_record {
	struct bytes raw;             /* the whole record */
	struct bytes entry;           /* its TimestampedEntry: hash prefix and this */
	struct leaf leaf;             /* decoded from entry */
	struct bytes pre_certificate; /* precert only; covered by no hash */
	struct bytes fingerprints;    /* n * 32 bytes, signer first, root last */
};

/* Takes the next record. ERR_PARSE leaves the cursor at the record's start;
 * the rest of the tile is then unreadable. End: cursor_left() is 0. */
MUST_CHECK bool tile_record_take(struct cursor *, struct tile_record *, struct err *);

/* Only where things are: for the pass that finds issuers before a worker
 * decodes. The same errors. */
struct tile_bounds {
	struct bytes raw;
	struct bytes fingerprints;
};
MUST_CHECK bool tile_record_skip(struct cursor *, struct tile_bounds *, struct err *);

/* ERR_PARSE unless data is exactly `width` records. Fills bounds (width rooms)
 * where it is not NULL. */
MUST_CHECK bool tile_split(
    struct bytes data, unsigned width, struct tile_bounds *bounds, struct err *);
