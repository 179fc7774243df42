/*
 * write - makes a folder of what an event or a finding rests on: heads, leaves,
 * proofs and certificates as they were served, the log's key, what is claimed
 * (manifest.json, README), and checksums. evidence_verify() checks it.
 */
#pragma once
#include "base/bytes.h"
#include "base/err.h"

struct store;

/* The claims of an event or finding: a JSON array, kept among its exhibits under
 * a name that no file has. */
#define EVIDENCE_CLAIMS ".claims"

/* id: 16 bytes, of an event, a finding or an alert of either. dir is made and must
 * not be there. Reads in transactions of its own. ERR_NOT_FOUND: nothing has this
 * id; ERR_CONFIG, ERR_SYSTEM: the folder; otherwise the database. files (may be
 * NULL): how many were written. */
MUST_CHECK bool evidence_write(
    struct store *, struct bytes id, const char *dir, size_t *files, struct err *err);
