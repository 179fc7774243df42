/*
 * What stays inside the test log: its tree, its entries, its heads and its
 * faults.
 */
#pragma once
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/lib/testlog.h"

/* --- tree: every perfect node of every level ------------------------------ */

#define TREE_LEVELS 48

struct tree {
	struct tree_level {
		uint8_t *hashes;
		uint64_t used, room; /* in hashes */
	} level[TREE_LEVELS];
	EVP_MD_CTX *digest;
	EVP_MD *sha256;
};

void testlog_tree_init(struct tree *);
void testlog_tree_free(struct tree *);
void testlog_tree_copy(struct tree *to, const struct tree *from);
void testlog_tree_leaf_hash(
    const struct tree *, struct bytes leaf_input, uint8_t out[TESTLOG_HASH_LEN]);
void testlog_tree_append(struct tree *, const uint8_t hash[TESTLOG_HASH_LEN]);
/* Puts another leaf hash in an old place and mends the nodes above it. */
void testlog_tree_replace(
    struct tree *, uint64_t index, const uint8_t hash[TESTLOG_HASH_LEN]);
uint64_t testlog_tree_size(const struct tree *);
const uint8_t *testlog_tree_node(const struct tree *, unsigned level, uint64_t index);
void testlog_tree_root(const struct tree *, uint64_t size, uint8_t out[TESTLOG_HASH_LEN]);
void testlog_tree_inclusion(
    const struct tree *, uint64_t index, uint64_t size, struct buf *out);
void testlog_tree_consistency(
    const struct tree *, uint64_t first, uint64_t second, struct buf *out);

/* --- entries -------------------------------------------------------------- */

struct chain {
	size_t len;
	struct issuer **issuers;
};

struct issuer {
	uint8_t fingerprint[32];
	size_t len;
	uint8_t *der;
};

struct entry {
	uint8_t *data; /* leaf_input, then precert (or raw: extra_data, tile tail) */
	uint32_t leaf_len;
	uint32_t precert_len; /* raw: of extra_data */
	uint32_t tail_len;    /* raw only */
	bool raw;
	const struct chain *chain;
};

/* One entry's bytes, whatever it is made from; borrowed until the next. */
struct entry_view {
	struct bytes leaf_input, precert;
	const struct chain *chain;
	bool raw;
	struct bytes extra_data, tail; /* raw only */
};

/* --- heads ---------------------------------------------------------------- */

struct head {
	uint64_t size;
	int64_t timestamp_ms;
	uint8_t root[TESTLOG_HASH_LEN];
	struct buf signature; /* DigitallySigned */
	struct buf note;      /* the checkpoint */
};

#define HEADS_KEPT 64

/* --- faults --------------------------------------------------------------- */

enum fault_kind {
	FAULT_FAIL,
	FAULT_HTML,
	FAULT_EMPTY,
	FAULT_HANG,
	FAULT_RESET,
	FAULT_REDIRECT,
	FAULT_TRUNCATE,
	FAULT_SLOW,
	FAULT_DELAY,
	FAULT_CUT,
	FAULT_HUGE,
	FAULT_FLIP,
	FAULT_CACHE,
	FAULT_SWALLOW_GZIP,
	FAULT_BAD_GZIP,
	FAULT_BAD_PROOF,
};

struct fault {
	enum fault_kind kind;
	char pattern[128];
	uint64_t skip, left; /* left: UINT64_MAX, or how many answers more */
	int64_t number;
	size_t size;    /* of an error's body, at least */
	char text[256]; /* a URL; Retry-After as it is sent */
	struct map cached;
	struct fault *next;
};

enum gzip_mode { GZIP_NEVER, GZIP_ASKED, GZIP_ALWAYS };
enum partial_mode { PARTIAL_KEEP, PARTIAL_DELETE, PARTIAL_NONE };
enum personality { LIKE_CTFE, LIKE_SUNLIGHT, LIKE_TESSERACT };

/* Lies about the head, and about what is in the log. */
struct lies {
	bool bad_signature, wrong_key, wrong_root, wrong_origin, extra_line,
	    bad_algorithm, other_key;
	bool frozen, same_time, other_identity;
	int64_t head_offset_ms; /* put on every head's time */
	uint64_t stale;         /* heads back; alternate: every other request */
	bool stale_alternate;
	bool fork_alternate;
	uint64_t short_max; /* 0: no limit but max_entries */
	uint64_t more;      /* entries beyond what was asked */
	bool no_entries;
	bool edge_400;          /* end past the tree: 400 */
	uint64_t corrupt_entry; /* UINT64_MAX: none */
	int64_t corrupt_level;  /* -1: none */
	uint64_t corrupt_tile;
	uint64_t corrupt_partial; /* the tile whose partials are no prefix */
	bool missing_issuers, wrong_issuers, upper_issuers;
	int64_t leaf_index_offset; /* of entries added from now on */
};

struct view {
	struct tree tree;
	bool forked;
	uint64_t fork_index;
	struct head heads[HEADS_KEPT]; /* a ring; the newest at (heads_made - 1) % KEPT */
	uint64_t heads_made;
};

struct testlog {
	char *name, *origin;
	bool static_ct;
	bool serve_static, serve_rfc6962;
	unsigned max_entries;
	bool align;
	testlog_now_fn *now_ms;
	void *now_owner;

	EVP_PKEY *key, *other_key; /* other_key: for heads signed by the wrong one */
	struct buf spki;
	uint8_t id[32];
	uint64_t random; /* splitmix64's state */

	struct entry *entries;
	size_t stored, entries_room;
	testlog_source_fn *source;
	void *source_owner;
	uint64_t source_first, source_count;
	const struct chain *source_chain;
	struct buf leaf_scratch, precert_scratch;
	int64_t newest_ms;

	struct map issuers; /* fingerprint: struct issuer */
	struct map chains;  /* fingerprints: struct chain */
	struct buf *roots;
	size_t roots_len;

	struct view views[2]; /* the log, and its fork */
	unsigned view;        /* which one is served */
	uint64_t *sizes;      /* published, ascending */
	size_t sizes_len, sizes_room;

	enum gzip_mode gzip;
	enum partial_mode partials;
	enum personality like;
	bool null_proofs;
	uint64_t witness; /* heads until the witness goes or comes */

	struct fault *faults;
	struct lies lies;
	struct map requests; /* target: struct counter */
	uint64_t head_requests;

	testlog_grow_fn *grow;
	void *grow_owner;
	struct grower *grower; /* the default one's key and root */
	uint64_t grow_count;
	int64_t grow_every_ms, grow_next_ms, resign_ms;
};

struct testlog_counter {
	uint64_t count;
};

uint64_t testlog_random_next(struct testlog *);
void testlog_random_fill(struct testlog *, uint8_t *out, size_t len);

/* keys and signatures (testlog_key.c) */
EVP_PKEY *testlog_key_from_seed(const char *seed);
EVP_PKEY *testlog_key_load_or_make(const char *path, enum testlog_key_type, struct err *);
EVP_PKEY *testlog_key_make_rsa(void);
void testlog_key_spki(EVP_PKEY *, struct buf *out);
/* Appends a DigitallySigned over data. */
void testlog_key_sign(EVP_PKEY *, struct bytes data, struct buf *out);

/* entries (testlog.c) */
void testlog_entry_view(struct testlog *, uint64_t index, struct entry_view *out);
void testlog_entry_extra_data(const struct entry_view *, struct buf *out);
void testlog_entry_tail(const struct entry_view *, struct buf *out);
const struct chain *testlog_chain_of(
    struct testlog *, const struct bytes *certs, size_t len);

/* heads (testlog_head.c) */
void testlog_head_publish(
    struct testlog *, struct view *, uint64_t size, int64_t timestamp_ms);
void testlog_head_free(struct head *);
const struct head *testlog_head_newest(const struct view *);
const struct head *testlog_head_back(const struct view *, uint64_t back);
/* The head this request is to see: lies and all. */
const struct head *testlog_head_served(struct testlog *);
int64_t testlog_log_now_ms(const struct testlog *);
void testlog_fork_make(struct testlog *, uint64_t index);
void testlog_fork_drop(struct testlog *);

/* serving */
void testlog_serve_static(struct testlog *, const struct testlog_request *,
    const char *path, struct testlog_answer *out);
void testlog_serve_rfc6962(struct testlog *, const struct testlog_request *,
    const char *path, const char *query, struct testlog_answer *out);
void testlog_answer_text(
    struct testlog_answer *, int status, const char *content_type, const char *text);
void testlog_answer_not_found(struct testlog *, struct testlog_answer *);
void testlog_answer_gzip(struct testlog_answer *);
bool testlog_tile_path_parse(
    const char *path, int *level, uint64_t *index, unsigned *width);
void testlog_tile_path_format(int level, uint64_t index, unsigned width, struct buf *out);
bool testlog_tile_body(
    struct testlog *, int level, uint64_t index, unsigned width, struct buf *out);

/* faults (testlog_faults.c) */
void testlog_faults_free(struct testlog *);
/* True when a fault took the place of the answer. */
bool testlog_faults_instead(
    struct testlog *, const char *target, struct testlog_answer *out);
void testlog_faults_after(
    struct testlog *, const char *target, struct testlog_answer *out);
void testlog_lies_reset(struct lies *);

/* the default entries of "grow" (testlog_grow.c) */
void testlog_grower_free(struct grower *);
void testlog_grower_grow(
    void *owner, struct testlog *, uint64_t count, int64_t timestamp_ms);
/* False: no such kind. */
bool testlog_grow_odd(struct testlog *, const char *kind, int64_t timestamp_ms);
void testlog_grow_odd_kinds(struct buf *out);
