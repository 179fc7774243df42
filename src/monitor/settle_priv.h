/*
 * One question under way about what a log owes: settle.c says whose turn it is and
 * what becomes of the row, settle_entry.c asks for entries that accuse,
 * settle_promise.c for what was promised.
 */
#pragma once
#include "check/run.h"
#include "monitor/accuse.h"
#include "monitor/owe.h"
#include "store/evidence.h"

struct settling {
	struct follower *follower;
	struct logclient_call *call;
	struct arena arena;
	struct owed_row row;
	struct sha256 leaf_hash;
	struct sth head;  /* that it is held against */
	bool controlling; /* a leaf that is there is asked for first */
};

struct owed_change {
	struct change change; /* first */
	uint32_t log;
	int64_t number, due_ms; /* due_ms 0: it is settled */
	bool counted;
	/* a promise that was broken */
	bool broken;
	struct judged_promise promise;
	int64_t certificate;
	char name[64];
	struct accusation accusation;
	struct exhibit_row exhibits[ACCUSATION_FILES + 1];
};

/* To be filled and submitted; it frees itself and the question. */
struct owed_change *settle_change(const struct settling *);

/* Each ends the question. */
void settle_done(struct settling *); /* nothing more is owed */
void settle_later(struct settling *, int64_t delay_ms, bool counted);
void settle_retry(struct settling *, bool counted); /* more and more seldom */

void settle_entry(struct settling *);
void settle_promise(struct settling *);
