/*
 * verify - holds an evidence folder against itself: every file against its
 * checksum, every claim of its manifest against the signatures, proofs and
 * hashes in it. No network, no database, no trust in who made it.
 *
 * What is signed convicts whoever signed it. What merely was served (a head
 * whose signature is bad, entries, tiles, issuers) is as good as the witness:
 * such a claim says so.
 */
#pragma once
#include "base/err.h"

#define EVIDENCE_MANIFEST "manifest.json"
#define EVIDENCE_SUMS     "SHA256SUMS"
#define EVIDENCE_README   "README"

struct evidence_verdict {
	const char *claim; /* "split-view", ..., or "sums", "log" */
	bool holds;
	bool witnessed;   /* it rests on what was served, which nobody signed */
	const char *text; /* one line: what it shows, or what fails */
};
typedef void evidence_verdict_fn(void *owner, const struct evidence_verdict *);

/* One verdict for the sums, one for the log's key, one a claim. *holds: all of
 * them hold, and there is a claim. False with err where the folder cannot be
 * read at all. */
MUST_CHECK bool evidence_verify(
    const char *dir, evidence_verdict_fn *fn, void *owner, bool *holds, struct err *err);
