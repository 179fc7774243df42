/*
 * store/evidence - what accusations rest on, and what is still to be proved
 * before one is made.
 */
#pragma once
#include "store/store.h"

/* A file of an evidence folder, kept with the event or finding it is about. */
struct exhibit_row {
	struct bytes about; /* 16 bytes: the id of the event or finding */
	struct bytes name;
	struct bytes body;
};

/* Inserts or replaces. */
MUST_CHECK bool store_exhibit_put(
    struct store *, const struct exhibit_row *row, struct err *err);

typedef bool store_exhibit_fn(void *owner, const struct exhibit_row *row);

/* By name. */
MUST_CHECK bool store_exhibit_each(struct store *, struct bytes about,
    store_exhibit_fn *fn, void *owner, struct err *err);

/* A leaf that a log has to show in its tree. */
struct owed_row {
	int64_t number; /* set by the store; another one after each retry */
	uint32_t log;
	int kind;               /* the caller's */
	struct bytes leaf_hash; /* 32 bytes */
	int64_t position;       /* where it has to stand; -1: anywhere */
	int64_t timestamp_ms;   /* the leaf's */
	int64_t kept_ms;        /* when it was written down */
	int64_t due_ms;         /* not to be looked at before */
	int64_t tries;
	int64_t certificate;  /* number; 0: none */
	struct bytes leaf;    /* the MerkleTreeLeaf */
	struct bytes against; /* the SCT that promised it, the head that it belies */
	struct bytes note;    /* one line, safe to print */
};

/* The list is bounded: beyond this many rows those go that were neither put nor
 * tried again for longest. */
#define STORE_OWED_MAX 200000

/* inserted: false when the same is owed already. */
MUST_CHECK bool store_owed_put(
    struct store *, const struct owed_row *row, bool *inserted, struct err *err);
MUST_CHECK bool store_owed_delete(struct store *, int64_t number, struct err *err);

/* Goes behind all others and is due then; counted: one try more. */
MUST_CHECK bool store_owed_retry(
    struct store *, int64_t number, int64_t due_ms, bool counted, struct err *err);

/* Those of one kind above `kind` whose entries [start, end) are read again. */
MUST_CHECK bool store_owed_cut(struct store *, uint32_t log, int kind, uint64_t start,
    uint64_t end, struct err *err);

/* The first of a log that is due, of a kind from first to last. */
struct owed_filter {
	uint32_t log;
	int kind_first, kind_last;
	int64_t due_ms;       /* due not later */
	int64_t position_end; /* stands below, or anywhere; -1: wherever */
};
MUST_CHECK bool store_owed_find(struct store *, const struct owed_filter *filter,
    struct arena *, struct owed_row *out, bool *found, struct err *err);
