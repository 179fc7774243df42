/*
 * batch - the unit that travels: a run of consecutive entries of one log, with
 * all that workers make of it.
 *
 * Everything that is made lives in the batch's arena or is a view of its
 * body; nothing of it is shared with another thread while a stage works on it.
 */
#pragma once
#include "base/arena.h"
#include "check/findings.h"
#include "logclient/logclient.h"
#include "merkle/frontier.h"
#include "monitor/authority.h"
#include "monitor/pipeline.h"
#include "monitor/snapshot.h"
#include "wire/leaf.h"

/* A run of fewer leaves than a tile holds has so many perfect subtrees. */
#define MERKLE_PREFIX_MAX 8

/* What a log signed, as far as batches are concerned. */
struct head_mark {
	uint64_t size;
	struct sha256 root;
	int64_t timestamp_ms;
};

/* One entry as decoded: views of the body. */
struct entry {
	uint64_t index;
	bool decoded; /* leaf is filled */
	struct leaf leaf;
	struct bytes raw;   /* leaf_input, or the record of a data tile */
	struct bytes extra; /* extra_data; empty for a tile's record */
	struct bytes pre_certificate;
	struct bytes chain;        /* vectors of certificates (get-entries) */
	struct bytes fingerprints; /* n * 32 bytes (tiles) */
	struct err err;            /* why it is not decoded */
};

/* An entry that was kept, to be judged again: its bytes are the arena's. */
struct record {
	uint64_t index;
	bool tile; /* leaf is the record of a data tile */
	struct bytes leaf, extra;
	int64_t tries, kept_ms;
};

/* What a log promised in an SCT that is embedded in a final certificate. */
struct sct_promise {
	struct bytes log_id, sct, extensions;
	int64_t timestamp_ms;
};

/* An entry that accuses its log, once it is proved to stand in its tree. */
enum suspicion { SUSPECT_INDEX, SUSPECT_INTERVAL, SUSPECT_TIME, SUSPICIONS };
struct suspect {
	const struct entry *entry; /* NULL: none; the first of the batch */
	const char *note;
};

/* One certificate that is stored: rows to be. */
struct candidate {
	struct candidate *next;
	const struct entry *entry;
	struct bytes der; /* of the form */
	struct sha256 sha256;
	bool precert;
	bool leaf_differs; /* the form does not derive the leaf's TBS */
	struct cert *cert; /* the form; the arena's, for matched ones only */
	enum judged_signature signature; /* the same */
	struct bytes issuer_dn, serial;
	struct sha256 issuer_key;
	bool issuer_known; /* issuer_key is filled */
	struct sha256 tbs_hash;
	int64_t not_before_s, not_after_s;
	struct bytes *names; /* canonical, reversed by label */
	size_t name_count;
	struct authority **chain; /* as far as known */
	size_t chain_len;
	struct watch_matches *matches; /* NULL: only stored */
	struct judged *judged;         /* with matches */
	struct sct_promise *promises;  /* the same; verified ones */
	size_t promise_count;
	struct bytes promised_tbs; /* that they are for */
	struct findings *findings;
};

/* One entry that is kept as it came. */
struct kept {
	struct kept *next;
	const struct entry *entry;
	int state; /* enum entry_state */
	const char *reason;
	struct sha256 waits_for;
	bool waits;
	struct watch_matches *matches; /* of a raw search; NULL: none */
};

/* Entries that were only counted. */
struct issuer_count {
	struct issuer_count *next;
	struct bytes dn;
	struct sha256 key;
	bool key_known;
	int32_t day;
	uint32_t count;
};

/* A leaf that the tree holds and the log does not serve. */
struct known_bad {
	uint64_t index;
	struct sha256 in_tree, served;
};

/* A CA certificate met in this batch that was not stored when it was judged. */
struct met {
	struct met *next;
	struct authority *authority;
	const struct entry *entry;
	bool inserted; /* the writer's: its row is new */
};

struct batch {
	struct task task; /* first */

	/* whose */
	bool again; /* entries judged again: moves no range */
	int64_t range_id;
	uint32_t log_number;
	uint32_t epoch;                  /* of the range: older ones are dropped */
	uint32_t lane;                   /* the follower that holds its credit */
	const struct ct_log *log;        /* a reference */
	struct snapshot *snapshot;       /* a reference */
	struct authorities *authorities; /* a reference */
	struct head_mark head;           /* the newest accepted when it was sent */
	int64_t now_ms;                  /* when it was sent */

	/* the bytes */
	enum logclient_form form;
	uint64_t start, count;
	uint64_t first;              /* index of the body's first record */
	unsigned width;              /* tile: records in the body */
	uint8_t *body;               /* owned */
	struct record *records;      /* instead of a body: count of them */
	struct known_bad *known_bad; /* the arena's; served is the workers' */
	size_t known_bad_count;
	size_t body_len, credit;
	unsigned awaits; /* the loop's: issuers that are being fetched */

	/* the workers' */
	struct arena arena;
	struct err err; /* the body is no good: nothing was decoded */
	struct entry *entries;
	struct merkle_subtree subtrees[MERKLE_SUBTREES_MAX];
	size_t subtree_count;
	struct candidate *candidates, **candidates_end;
	struct kept *kept, **kept_end;
	struct met *met, **met_end;
	struct issuer_count *counts;
	struct suspect suspects[SUSPICIONS];
	/* Of a tile that was read in part before: the subtrees of [first, start). */
	struct sha256 prefix[MERKLE_PREFIX_MAX];
	size_t prefix_count;
	int64_t first_timestamp_ms, last_timestamp_ms;

	/* the writer's */
	struct batch *parked; /* the next one that waits for its turn */
	bool dropped;         /* out of turn: nothing was done */
	bool mismatch;        /* at the head's size, with another root */
	bool other_prefix;    /* the range has others there: */
	struct sha256 own_prefix[MERKLE_PREFIX_MAX];
	bool proved; /* verified has moved to next */
	bool outbox_filled, held;
	uint64_t next;              /* the range's, afterwards */
	struct frontier frontier;   /* there */
	struct snapshot *published; /* the families grew: a reference, or NULL */
};

struct batch *batch_new(void);
void batch_free(struct batch *); /* gives up its references; NULL is fine */
