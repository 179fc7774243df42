/*
 * What the files of evidence share: a folder that is read (folder.c), its
 * claims (claims.c about heads, claims_leaf.c about entries and promises,
 * claims_served.c about replies, claims_final.c about final tree heads),
 * and one that is written (write.c, finding.c, readme.c).
 */
#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "ctlog/sth.h"
#include "evidence/verify.h"
#include "evidence/write.h"
#include "store/finding.h"
#include "store/log.h"
#include "x509/cert.h"

#define EVIDENCE_FILE_MAX  ((size_t)64 << 20)
#define EVIDENCE_FILES_MAX 256
#define EVIDENCE_NAME_MAX  64

/* --- folder.c: one that is read ---------------------------------------------- */

struct folder {
	char *path;
	struct arena arena;
	struct folder_file {
		char name[EVIDENCE_NAME_MAX + 1];
		struct bytes body; /* the arena's */
		bool listed;       /* in SHA256SUMS, with the right sum */
	} files[EVIDENCE_FILES_MAX];
	size_t count;
	json_t *manifest;
	const struct ct_log *log; /* NULL until its key is read */
};

/* Letters, digits, "-" and "."; no dot in front. */
bool folder_name_is_plain(const char *name);

bool folder_open(struct folder *, const char *path, struct err *err);
void folder_close(struct folder *);
/* NULL where there is no such file, or it is in no sum. */
const struct bytes *folder_file(const struct folder *, const char *name);
/* SHA256SUMS names every file, and each rightly. */
bool folder_sums_hold(struct folder *, struct err *err);

/* --- claims ------------------------------------------------------------------- */

struct claim {
	struct folder *folder;
	const json_t *json;
	char *text; /* what it shows; 512 bytes */
	bool witnessed;
	struct err *err;
};
#define CLAIM_TEXT_MAX 512

/* Members of the claim; false or NULL with err set. */
const char *claim_text_of(struct claim *, const char *key);
bool claim_number(struct claim *, const char *key, int64_t *out);
bool claim_file(struct claim *, const char *key, struct bytes *out);
/* "heads": the i-th of it; "head" where i is negative. Parsed and its signature
 * verified; sth_fini() in any case. */
bool claim_head(struct claim *, int i, struct sth *out);

bool claim_says(struct claim *, const char *format, ...) PRINTF_LIKE(2, 3); /* true */

/* A proof's file: JSON with a path and numbers. */
struct proof_file {
	uint64_t first, second; /* consistency: two sizes; inclusion: index and size */
	struct sha256 shown;    /* consistency: root_at_first */
	struct sha256 path[64];
	size_t len;
};
bool claim_consistency(struct claim *, const char *key, struct proof_file *out);
bool claim_inclusion(struct claim *, const char *key, struct proof_file *out);

typedef bool claim_fn(struct claim *);
claim_fn claim_head_signed, claim_bad_signature, claim_split_view, claim_inconsistent,
    claim_equivocation, claim_time_back, claim_shrank, claim_stale, claim_future,
    claim_empty_root, claim_unproved, claim_mismatch, claim_as_served;
claim_fn claim_final_tree_head, claim_grew_readonly;
claim_fn claim_included, claim_leaf_index, claim_outside_shard, claim_late_entry,
    claim_certificate, claim_issued, claim_promised, claim_not_included,
    claim_stands_still, claim_wrong_issuer, claim_tile_prefix, claim_other_identity;

/* certificate's signature was made by issuer's key. */
bool certificate_signed_by(const struct cert *certificate, const struct cert *issuer);

/* What a claim with this name says, for README. NULL: there is none. */
const char *claim_meaning(const char *name);

/* --- write.c: one that is written ------------------------------------------------ */

struct outgoing {
	struct store *store;
	struct arena arena;
	const char *path;
	int dir; /* -1: none yet */
	struct buf sums;
	size_t files;
	json_t *manifest; /* without its claims */
	json_t *claims;
	struct log_row log; /* number 0: it is about none */
	struct err *err;
};

/* Writes a file and notes its checksum. */
bool outgoing_put(struct outgoing *, const char *name, struct bytes body);
/* A claim with that name: an object to be filled, borrowed. */
json_t *outgoing_claim(struct outgoing *, const char *name);
/* Sets the log with this number; false where the database fails. */
bool outgoing_log(struct outgoing *, uint32_t number);

/* finding.c: the certificate and what proves it. */
bool outgoing_finding(struct outgoing *, const struct finding_row *);

/* readme.c */
bool outgoing_readme(struct outgoing *);
