/*
 * logclient - asks one log: heads, entries, proofs, frontiers, issuers, roots.
 *
 * Two species behind one face: RFC 6962 logs and static-ct (tiled) ones. What
 * is signed or hashed comes back verified; entries come back as the bytes the
 * log sent, for worker threads to take apart, and are proved by their reader.
 *
 * A call ends in exactly one call of its function, never from inside the call
 * that began it; a cancelled one gets none. Errors mean:
 *   ERR_VERIFY     what the log sent contradicts its signature or a proof;
 *                  the raw bytes come along as evidence
 *   ERR_PARSE      it sent something else than the protocol's
 *   ERR_NOT_FOUND  it says that it has no such thing
 *   ERR_REMOTE     ask again later; ERR_LIMIT: larger than we read
 * Knows nothing of storing, marks or judging. The loop's thread only.
 */
#pragma once
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct clock;
struct ct_log;
struct fetch;
struct frontier;
struct logclient;      /* one log's */
struct logclient_call; /* one question under way; dies with its answer */
struct sha256;
struct sth;

struct logclient_options {
	const struct ct_log
	    *log;        /* key, origin, kind, addresses; the client takes a reference */
	const char *url; /* read from here instead; file:// too; NULL: the log's */
	bool tiles;      /* an RFC 6962 log that has tiles is read by them where
			    that takes fewer requests */
	const char *budget;  /* fetch_query's; NULL: the host's */
	uint32_t lane;       /* fetch_query's: one for each log */
	bool background;     /* fetch_query's */
	bool strict_tls;     /* else a bad certificate is told and read through */
	const char *ca_file; /* fetch_query's */
	unsigned batch;      /* of get-entries, where a former run learned it; 0 */
	uint64_t max_body;   /* of entries; 0: 64 MiB */
};

/* Copies the texts. */
struct logclient *logclient_new(
    struct fetch *, struct clock *, const struct logclient_options *, struct err *);
void logclient_free(struct logclient *);        /* cancels its calls */
void logclient_cancel(struct logclient_call *); /* NULL is fine */

const struct ct_log *logclient_log(const struct logclient *);

/* From the next question on; NULL: the engine's. */
void logclient_set_ca_file(struct logclient *, const char *ca_file);

/* Likewise: whether its questions go only when no other of its budget waits. */
void logclient_set_background(struct logclient *, bool background);

/* Entries did not hash to what was signed: those of a log that has tiles beside
 * its own protocol come by get-entries from now on. */
void logclient_distrust_tiles(struct logclient *);

/* Why the log's TLS certificate failed when last asked; NULL: it did not. */
const char *logclient_bad_tls(const struct logclient *);

/* The batch size in force, to be kept for the next start (options.batch). */
unsigned logclient_batch(const struct logclient *);

/* --- heads ---------------------------------------------------------------- */

struct logclient_head {
	const struct sth *sth;  /* NULL when the bytes did not parse */
	struct bytes raw;       /* as served: get-sth JSON or the checkpoint */
	bool unchanged;         /* the same bytes as last time, still current */
	int64_t retry_after_ms; /* -1: not said */
};

/* The signature is verified (asked for a second time before ERR_VERIFY, since
 * proxies damage bodies); all is borrowed until the function returns. */
typedef void logclient_head_fn(
    void *owner, const struct logclient_head *, const struct err *);
struct logclient_call *logclient_get_head(
    struct logclient *, logclient_head_fn *, void *owner);

/* --- entries -------------------------------------------------------------- */

/* Where the next request should end that begins at next, below a verified size
 * (next < size): a tile's edge, or the learned batch's. */
uint64_t logclient_plan(const struct logclient *, uint64_t next, uint64_t size);

enum logclient_form { LOGCLIENT_TILE, LOGCLIENT_JSON };

struct logclient_entries {
	uint64_t start;
	uint64_t count; /* from start on; at least 1, maybe fewer than asked for */
	enum logclient_form form;
	uint64_t first; /* the index of the body's first record: at most start */
	unsigned width; /* tile: records that its address promises */
	int status;     /* HTTP, of a failure too: 400 is mostly a lagging front end */
	struct bytes body;
	struct logclient_call *call; /* the client's own */
};

/*
 * Entries [start, end) of a tree whose verified size is size (start < end <=
 * size). At most what logclient_plan() says is asked for at once. Nothing of
 * them is verified, and of the body no more is parsed than counting needs: a
 * reply of no entries or too many is ERR_PARSE.
 */
typedef void logclient_entries_fn(
    void *owner, struct logclient_entries *, const struct err *);
struct logclient_call *logclient_get_entries(struct logclient *, uint64_t start,
    uint64_t end, uint64_t size, logclient_entries_fn *, void *owner);

/* From inside the function: the body becomes the caller's (mem_free). */
uint8_t *logclient_entries_take_body(struct logclient_entries *, size_t *len);

/* --- proofs --------------------------------------------------------------- */

struct logclient_proof {
	const struct sha256 *path; /* verified when err is NULL */
	size_t path_len;
	uint64_t index;   /* inclusion: of the leaf */
	struct bytes raw; /* as served, or the nodes used, one after the other */
	bool refuted;     /* see below */
	/* What the tree has instead, NULL where nothing short shows it: a first root
	 * that path proves (merkle_consistency_verify), or the leaf at that index. */
	const struct sha256 *shown;
};

/*
 * err NULL: proved. ERR_VERIFY: what the log sent does not hold, asked twice,
 * the second time past any cache, and proof->raw is the evidence. Only with
 * refuted the log is convicted: its own tree, followed up to the second (or the
 * only) root, has another first root, or another leaf there. Without, it may
 * merely have sent a bad proof or tile; nothing of that is signed. Anything
 * else: not available now.
 */
typedef void logclient_proof_fn(
    void *owner, const struct logclient_proof *, const struct err *);

/* That the tree (first, first_root) is a prefix of (second, second_root);
 * first <= second. Trees of equal size and the empty one ask nobody. The path is
 * empty where another way than the log's consistency proof showed it. */
struct logclient_call *logclient_prove_consistency(struct logclient *, uint64_t first,
    const struct sha256 *first_root, uint64_t second, const struct sha256 *second_root,
    logclient_proof_fn *, void *owner);

/* That the leaf stands at index in the tree (size, root). RFC 6962 logs are
 * asked by hash: with index LOGCLIENT_ANY_INDEX any place will do, else another
 * place is ERR_NOT_FOUND with the place in proof->index. */
#define LOGCLIENT_ANY_INDEX UINT64_MAX
struct logclient_call *logclient_prove_inclusion(struct logclient *,
    const struct sha256 *leaf, uint64_t index, uint64_t size, const struct sha256 *root,
    logclient_proof_fn *, void *owner);

/* --- where reading starts -------------------------------------------------- */

/* The frontier of the first m leaves, verified up to the root of a signed tree
 * of size entries (m <= size); frontier is borrowed, NULL with err. */
typedef void logclient_frontier_fn(
    void *owner, const struct frontier *, const struct err *);
struct logclient_call *logclient_get_frontier(struct logclient *, uint64_t m,
    uint64_t size, const struct sha256 *root, logclient_frontier_fn *, void *owner);

/* An index from which on every entry of the tree lies that the log stamped at
 * unix_ms or later, by bisection (wire-formats.md 2.5): timestamps are in no
 * order, so the answer is early by the log's maximum merge delay and an hour,
 * and its reader filters. At most size. Entries are read unproved: a log that
 * lies here moves the start, which coverage says. */
typedef void logclient_index_fn(void *owner, uint64_t index, const struct err *);
struct logclient_call *logclient_find_since(struct logclient *, int64_t unix_ms,
    uint64_t size, logclient_index_fn *, void *owner);

/* The timestamp of one entry, unproved. */
typedef void logclient_time_fn(void *owner, int64_t unix_ms, const struct err *);
struct logclient_call *logclient_get_timestamp(
    struct logclient *, uint64_t index, uint64_t size, logclient_time_fn *, void *owner);

/* --- issuers and roots ----------------------------------------------------- */

/* The certificate whose SHA-256 is fingerprint; verified, borrowed. Static
 * logs only: others send chains whole (ERR_NOT_FOUND). */
typedef void logclient_issuer_fn(void *owner, struct bytes der, const struct err *);
struct logclient_call *logclient_get_issuer(struct logclient *,
    const struct sha256 *fingerprint, logclient_issuer_fn *, void *owner);

/* The accepted roots, in the log's order; borrowed. They need not parse. */
typedef void logclient_roots_fn(
    void *owner, const struct bytes *ders, size_t count, const struct err *);
struct logclient_call *logclient_get_roots(
    struct logclient *, logclient_roots_fn *, void *owner);

/* log.v3.json as served, at most 64 KiB of it; borrowed. Most logs have none
 * (ERR_NOT_FOUND). */
typedef void logclient_about_fn(void *owner, struct bytes body, const struct err *);
struct logclient_call *logclient_get_about(
    struct logclient *, logclient_about_fn *, void *owner);
