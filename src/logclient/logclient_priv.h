/*
 * What the parts of logclient share: the client and its calls.
 *
 *   logclient.c  the client, and the life of a call
 *   head.c       heads            since.c   where a date begins
 *   rfc6962.c    that species     proof.c   what both make of proofs
 *   frontier.c   its frontiers, by proofs of single leaves
 *   hybrid.c     that species with tiles beside it
 *   static_ct.c  that species     tiles.c   trees read through hash tiles
 *   batch.c      how many entries a reply holds (pure)
 *
 * A kind of call is a struct that begins with struct logclient_call. Its last
 * step is call_end(), then its owner's function, then call_free(): in that
 * function the owner may cancel other calls, or free the client.
 */
#pragma once
#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "ctlog/sth.h"
#include "fetch/fetch.h"
#include "logclient/batch.h"
#include "logclient/logclient.h"
#include "merkle/inclusion.h"
#include "merkle/tile.h"

enum {
	HEAD_BODY_MAX = 64 * 1024,
	PROOF_BODY_MAX = 64 * 1024,
	ISSUER_BODY_MAX = 4 << 20,
	ROOTS_BODY_MAX = 32 << 20,
	ABOUT_BODY_MAX = 64 * 1024,
	ENTRIES_BODY_MAX = 64 << 20,
	CACHE_TILES = 8, /* 64 kB a log */
	READ_TILES_MAX = 2 * MERKLE_TILE_NEED_MAX,
};

struct logclient_call {
	struct logclient *client;
	struct logclient_call *next, **link; /* in the client's list */
	void *owner;
	void (*fini)(struct logclient_call *); /* NULL: nothing of its own */
	struct fetch_request *request;         /* the one under way */
	struct clock_timer *timer;             /* an answer that needs no request */
	fetch_done_fn *done;                   /* of either */
	struct err err;                        /* that the timer brings */
	bool fresh;                            /* asks past caches, the second time */
	bool ended;
};

struct cached_tile {
	struct merkle_tile tile;
	uint8_t *hashes; /* NULL: a free place */
	uint64_t used;
};

struct species;

struct logclient {
	struct fetch *fetch;
	struct clock *clock;
	const struct ct_log *log;
	const struct species *species;
	char *url;        /* ends in one "/" */
	char *submission; /* likewise; "" where unknown */
	char *tiles;      /* likewise, of a hybrid; "" */
	bool zipped;      /* its files stand in 000.zip, 001.zip, ... below url */
	char *budget;     /* or NULL */
	char *ca_file;    /* or NULL */
	uint32_t lane;
	bool background, strict_tls;
	size_t max_body;
	char *bad_tls;
	/* oldest first: whoever asks through another call goes before that one */
	struct logclient_call *calls, **calls_end;

	/* the last good head, and what tells that it still stands */
	char *head_etag, *head_modified;
	struct sth head;
	bool has_head;

	struct batch batch;                    /* RFC 6962 */
	bool tiles_distrusted;                 /* hybrid: they were not what it signed */
	unsigned tile_failures;                /* in a row */
	unsigned probes;                       /* of get-entries while batch is new */
	int64_t tiles_again_ms;                /* monotonic: not before */
	struct cached_tile cache[CACHE_TILES]; /* static: shown to be in a signed tree */
	uint64_t cache_used;
};

/* --- calls (logclient.c) ---------------------------------------------------- */

/* A zeroed call of a kind of that size. */
void *call_new(struct logclient *, size_t size, void *owner);

/* Asks for base + path; done comes from the loop in any case. */
void call_fetch(struct logclient_call *, const char *base, const char *path,
    size_t max_body, fetch_done_fn *done);

/* Brings done(call, NULL, err) from the loop; err with code ERR_NONE: NULL. */
void call_later(struct logclient_call *, const struct err *, fetch_done_fn *done);

/* A query of the client's, without url and max_body. */
struct fetch_query client_query(const struct logclient *, bool fresh);

/* First thing in every done: forgets the request, notes the TLS state. */
void call_arrived(struct logclient_call *, const struct fetch_result *);
void client_note_tls(struct logclient *, const struct fetch_result *);
void call_end(struct logclient_call *);
void call_free(struct logclient_call *);

/* 404, 410 and the 403 of object stores. */
bool is_missing(const struct fetch_result *);

/* --- kinds of call ------------------------------------------------------------ */

struct entries_call {
	struct logclient_call call;
	logclient_entries_fn *fn;
	uint64_t start, end, size;
	unsigned width;              /* static: asked for */
	struct fetch_result *result; /* while fn runs */
};

struct proof_call {
	struct logclient_call call;
	logclient_proof_fn *fn;
	bool inclusion;
	uint64_t first, size; /* consistency: the two sizes; inclusion: index, size */
	struct sha256 first_root, root; /* first_root: or the leaf */
	struct sha256 path[MERKLE_PATH_MAX];
	size_t path_len;
	uint64_t index;
	bool refuted;
	bool has_shown; /* refuted: `shown` is what the tree has instead */
	struct sha256 shown;
	struct buf raw;
	struct tree_read *read;       /* static */
	struct logclient_call *inner; /* RFC 6962: where the proof leads nowhere */
};

struct frontier_call {
	struct logclient_call call;
	logclient_frontier_fn *fn;
	uint64_t m, size;
	struct sha256 root;
	struct frontier frontier;
	uint64_t at;            /* RFC 6962: the leaf that is being proved */
	unsigned tries;         /* leaves tried */
	struct sha256 *leaves;  /* leaves[i] is that of m_leaf - i */
	struct tree_read *read; /* static */
};

struct time_call {
	struct logclient_call call;
	logclient_time_fn *fn;
	uint64_t index, size;
	unsigned width;
};

struct issuer_call {
	struct logclient_call call;
	logclient_issuer_fn *fn;
	struct sha256 fingerprint;
};

/* One species' half of each question: begins it, and ends it with *_end(). */
struct species {
	const char *head_path;
	uint64_t (*plan)(const struct logclient *, uint64_t next, uint64_t size);
	void (*get_entries)(struct entries_call *);
	void (*prove)(struct proof_call *);
	void (*get_frontier)(struct frontier_call *);
	void (*get_timestamp)(struct time_call *);
	void (*get_issuer)(struct issuer_call *);
	uint64_t stride; /* what a search for a date steps by */
};
extern const struct species SPECIES_RFC6962, SPECIES_STATIC, SPECIES_HYBRID;

void entries_end(struct entries_call *, struct logclient_entries *, const struct err *);
void proof_end(struct proof_call *, const struct err *);
void frontier_end(struct frontier_call *, const struct err *);
void time_end(struct time_call *, int64_t unix_ms, const struct err *);
void issuer_end(struct issuer_call *, struct bytes der, const struct err *);

void frontier_begin_rfc6962(struct frontier_call *);
void frontier_fini(struct logclient_call *);
void proof_fini(struct logclient_call *);

/* --- hash tiles (tiles.c) -------------------------------------------------------- */

struct tree_read;

/* What is asked of a tree once its tiles are there. */
typedef bool tree_answer_fn(void *call, struct merkle_tree *, struct err *);
/* Then; err NULL: tree and answer hold. The read dies with it. */
typedef void tree_done_fn(void *call, const struct err *);

struct tree_question {
	enum merkle_question question;
	uint64_t at;
};

/*
 * Reads the tiles that the questions need of the tree (size, root), verifies
 * them, answers. What contradicts the root is read once more past any cache.
 * Not the callbacks, but everything else may come from inside.
 */
struct tree_read *tree_read_begin(struct logclient_call *, uint64_t size,
    const struct sha256 *root, const struct tree_question *, size_t count,
    tree_answer_fn *, tree_done_fn *);
void tree_read_cancel(struct tree_read *); /* NULL is fine */

/* Appends each tile as served, behind a line that names it and its length: a
 * failed read's evidence. From inside the done function. */
void tree_read_evidence(const struct tree_read *, struct buf *out);

void cache_free(struct logclient *);
