/*
 * accuse - what a log is accused of, with all that it rests on: the evidence
 * that goes into the event, the files that are kept beside it, and the claims
 * that `ctwarden verify` checks against them.
 */
#pragma once
#include "base/json.h"
#include "monitor/monitor.h"

struct follower;
struct sth;

#define ACCUSATION_FILES 48

struct accusation {
	struct arena arena;
	struct buf text, claims;
	struct json evidence; /* an open object: more members may be put */
	struct json claim;    /* of claims */
	struct monitor_exhibit exhibits[ACCUSATION_FILES + 1]; /* and the claims */
	size_t count;
};

/* Names the log. */
void accuse_begin(struct accusation *, const struct follower *);

/* A file; what is larger than 4 MiB is left out. name lives as long as the accusation. */
void accuse_file(struct accusation *, const char *name, struct bytes body);
void accuse_head(struct accusation *, const char *name, const struct sth *);

/* A proof as a file: of consistency from first to second, with the root that the
 * second tree has at first; of inclusion of the leaf at index. */
struct accuse_path {
	uint64_t first, second; /* or index and size */
	const struct sha256 *path;
	size_t len;
};
void accuse_consistency(struct accusation *, const char *name, const struct accuse_path *,
    const struct sha256 *root_at_first);
void accuse_inclusion(struct accusation *, const char *name, const struct accuse_path *);

/* A claim: members are put into the writer between the two. */
struct json *accuse_claim(struct accusation *, const char *claim);
void accuse_claim_end(struct accusation *);
/* A claim about two heads that are files. */
void accuse_two_heads(
    struct accusation *, const char *claim, const char *first, const char *second);

/* The evidence is whole; what exhibits point to lives until accuse_free(). */
const char *accuse_evidence(struct accusation *);
void accuse_free(struct accusation *);
