/*
 * leaf - MerkleTreeLeaf and what a log sends beside it, RFC 6962, 3.4 and 4.6
 * (wire-formats 1.5).
 *
 * Everything handed out is a view of the caller's bytes. The leaf hash is
 * always taken over the bytes as served, never over what leaf_append() makes.
 */
#pragma once
#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

enum { ENTRY_X509 = 0, ENTRY_PRECERT = 1 }; /* entry_type on the wire */

enum leaf_kind {
	LEAF_X509,
	LEAF_PRECERT,
	LEAF_OPAQUE, /* unknown leaf_type or entry_type: hashed, not decoded */
};

struct leaf {
	enum leaf_kind kind;
	uint8_t version, leaf_type;
	uint16_t entry_type;
	uint64_t timestamp_ms;        /* when the log promised it */
	struct bytes issuer_key_hash; /* precert: 32 bytes; else empty */
	struct bytes certificate;     /* x509: the certificate; precert: the TBS */
	struct bytes extensions;      /* CtExtensions, without their length */
};

/*
 * The whole of leaf_input. An unknown leaf_type or entry_type is no error
 * (RFC 6962, 3.4) but LEAF_OPAQUE. ERR_PARSE when it is cut, its version is
 * not v1, or bytes follow its end; then the fields that could be read are
 * filled (the others empty), for whoever searches them for names.
 */
MUST_CHECK bool leaf_parse(struct bytes leaf_input, struct leaf *out, struct err *);

/* TimestampedEntry, RFC 6962, 3.4, from the front of a cursor: timestamp,
 * entry type, entry, extensions, as a data tile holds them. An unknown
 * entry_type is ERR_PARSE, since nothing tells where it ends. */
MUST_CHECK bool leaf_take_entry(struct cursor *, struct leaf *out, struct err *);

/* Appends the MerkleTreeLeaf of an x509 or precert leaf: with a signed
 * certificate timestamp's own time and extensions, the bytes it signs as well
 * (RFC 6962, 3.2). */
MUST_CHECK bool leaf_append(struct buf *out, const struct leaf *leaf, struct err *);

enum leaf_index_state {
	LEAF_INDEX_ABSENT, /* no extensions, or others only */
	LEAF_INDEX_FOUND,
	LEAF_INDEX_BROKEN, /* cut, doubled, or not five bytes */
};

/* static-ct-api: the leaf_index among CtExtensions (of a leaf or an SCT). */
enum leaf_index_state leaf_index(struct bytes extensions, uint64_t *index);

/* Appends the eight bytes of a leaf_index extension; index below 2^40. */
bool leaf_append_index(struct buf *out, uint64_t index);

/* RFC 6962, 4.6: what get-entries sends beside the leaf. */
struct extra_data {
	struct bytes pre_certificate; /* precert only */
	struct bytes chain;           /* vectors of certificates: see chain_next() */
	size_t chain_len;             /* how many */
};

/* ERR_PARSE when it is cut or bytes follow; what could be read is filled, and
 * chain then ends with the last whole certificate. An x509 leaf's may be empty
 * only by error. LEAF_OPAQUE gives an empty one. */
MUST_CHECK bool extra_data_parse(
    struct bytes data, enum leaf_kind kind, struct extra_data *out, struct err *);

/* Walks a chain, the leaf's signer first: start with cursor_of(chain). */
bool chain_next(struct cursor *chain, struct bytes *certificate);
