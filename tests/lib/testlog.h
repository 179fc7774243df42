/*
 * testlog - a Certificate Transparency log in memory, for tests.
 *
 * Entries are added, heads are signed over a prefix of them, and any URL of
 * both protocols (RFC 6962, 4; static-ct-api) is answered as real servers
 * answer (wire-formats.md 8): testlog_answer() is what the real HTTP server
 * (tests/tools/logserver) and the fake fetch of the replay tests both call.
 * It misbehaves on command (testlog_command). Not locked: one thread at a
 * time, or a lock around it. Shares no code with the rooms that verify logs.
 */
#pragma once
#include <openssl/evp.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define TESTLOG_HASH_LEN 32

struct testlog;

enum testlog_key_type { TESTLOG_P256, TESTLOG_RSA2048 };

/* The server's time in ms since 1970: for heads signed without a time given. */
typedef int64_t testlog_now_fn(void *owner);

/* Writes entry index's bytes instead of keeping them: a log of millions in a
 * few megabytes. leaf_input is the MerkleTreeLeaf, RFC 6962, 3.4; precert is
 * the submitted precertificate, empty for an x509 entry. All entries have the
 * chain that was given to testlog_set_source. */
typedef void testlog_source_fn(
    void *owner, uint64_t index, struct buf *leaf_input, struct buf *precert);

struct testlog_options {
	const char *name;   /* shown in lists: "Incident 2016" */
	const char *origin; /* the checkpoint's first line, RFC 6962 logs too */
	enum testlog_key_type key_type;
	const char *seed;       /* a P-256 key is made from it; NULL: from name */
	const char *key_file;   /* PEM, made when it is not there; wins over seed */
	bool static_ct;         /* leaves and SCTs carry leaf_index */
	unsigned max_entries;   /* a get-entries reply; 0: 1000 */
	testlog_now_fn *now_ms; /* NULL: the newest entry's time */
	void *now_owner;
};

/* Strings are copied. An empty log with a signed head of size 0. */
struct testlog *testlog_new(const struct testlog_options *, struct err *);
void testlog_free(struct testlog *);

const char *testlog_name(const struct testlog *);
const char *testlog_origin(const struct testlog *);
bool testlog_is_static(const struct testlog *);
const uint8_t *testlog_id(const struct testlog *); /* 32 bytes */
struct bytes testlog_key(const struct testlog *);  /* SubjectPublicKeyInfo */
EVP_PKEY *testlog_private_key(const struct testlog *);

/* --- entries -------------------------------------------------------------- */

/* A certificate as submitted: chain is its issuers, signer first, root last. */
struct testlog_submission {
	int64_t timestamp_ms;
	struct bytes certificate; /* DER; of a precertificate with its poison */
	struct bytes tbs;         /* precertificates: the leaf's TBS, RFC 6962, 3.2 */
	const uint8_t *issuer_key_hash; /* precertificates: 32 bytes */
	const struct bytes *chain;
	size_t chain_len;
};

/* Adds an entry beyond the last; no head covers it before testlog_publish. A
 * submission with a tbs is a precertificate. sct (may be NULL) gets the
 * SerializedSCT, signed, for embedding. Returns the index. */
uint64_t testlog_add(
    struct testlog *, const struct testlog_submission *, struct buf *sct);

/* An SCT as testlog_add would give for the entry at index, whether it is ever
 * added or not: a promise that is kept or broken. */
void testlog_promise(
    struct testlog *, const struct testlog_submission *, uint64_t index, struct buf *sct);

/* Any bytes as an entry: unknown types, broken structures. leaf_input is hashed
 * as it is. extra_data is RFC 6962's; tile_tail is what follows the
 * TimestampedEntry in a data tile. */
uint64_t testlog_add_raw(struct testlog *, struct bytes leaf_input,
    struct bytes extra_data, struct bytes tile_tail);

/* count entries from a source, after those that are there. */
void testlog_set_source(struct testlog *, testlog_source_fn *, void *owner,
    uint64_t count, const struct bytes *chain, size_t chain_len);

/* count more from the same source, where nothing else came after it. */
void testlog_more_from_source(struct testlog *, uint64_t count);

uint64_t testlog_entry_count(const struct testlog *);
struct bytes testlog_leaf_input(
    struct testlog *, uint64_t index); /* until the next call */
void testlog_leaf_hash(
    const struct testlog *, uint64_t index, uint8_t out[TESTLOG_HASH_LEN]);

/* get-roots answers these; every chain's last certificate is added by itself. */
void testlog_add_root(struct testlog *, struct bytes der);
bool testlog_remove_root(struct testlog *, struct bytes der);

/* --- heads ---------------------------------------------------------------- */

/* Signs a head over the first size entries and serves it from now on. */
void testlog_publish(struct testlog *, uint64_t size, int64_t timestamp_ms);
/* The same over all entries, at the log's own time. */
void testlog_publish_all(struct testlog *);

uint64_t testlog_size(const struct testlog *); /* of the published head */
int64_t testlog_head_time_ms(const struct testlog *);
/* The root over the first size entries. */
void testlog_root(const struct testlog *, uint64_t size, uint8_t out[TESTLOG_HASH_LEN]);

/* Proofs, RFC 6962, 2.1.1 and 2.1.2: hashes of 32 bytes one after another. */
void testlog_inclusion(
    const struct testlog *, uint64_t index, uint64_t size, struct buf *out);
void testlog_consistency(
    const struct testlog *, uint64_t first, uint64_t second, struct buf *out);

/* --- serving -------------------------------------------------------------- */

struct testlog_request {
	const char *method; /* NULL: GET */
	const char *target; /* path and query below the log's prefix: "ct/v1/get-sth",
			       "tile/0/000.p/5"; no slash in front */
	const char *if_none_match;
	const char *if_modified_since;
	bool accept_gzip;
};

#define TESTLOG_NEVER INT64_MAX

/* What goes over the wire. The last group is for the carrier: a server does it,
 * a fake fetch turns it into the failure that its caller would see. */
struct testlog_answer {
	int status;
	const char *content_type; /* NULL: none is sent */
	struct buf headers;       /* "Name: value\n" each */
	struct buf body;          /* as sent: already gzipped where the header says so */

	int64_t delay_ms;      /* before the first byte; TESTLOG_NEVER: hangs */
	int64_t bytes_per_s;   /* 0: as fast as it goes */
	uint64_t body_repeats; /* 1, or how many times the body is sent over */
	uint64_t send_at_most; /* UINT64_MAX, or: the connection breaks after so many
				  bytes of the body, with the full length announced */
	bool reset;            /* the connection breaks before any byte */
	bool chunked;          /* no Content-Length */
};

void testlog_answer_init(struct testlog_answer *);
void testlog_answer_free(struct testlog_answer *);

/* Answers one request: the log's faults have been put in. out is initialised. */
void testlog_answer(
    struct testlog *, const struct testlog_request *, struct testlog_answer *out);

/* How many requests testlog_answer has seen whose target matches (fnmatch). */
uint64_t testlog_requests(const struct testlog *, const char *pattern);

/* --- misbehaving ---------------------------------------------------------- */

/* Does one command line: "fail 503 count 3 retry-after 2 on ct/v1/get-entries*",
 * "grow 10", "fork 7", "clear". testlog_commands() lists all. ERR_CONFIG with
 * what is wrong and the command's usage. said (may be NULL) gets one line of
 * what was done, with the figures that came of it. */
MUST_CHECK bool testlog_command(
    struct testlog *, const char *line, struct buf *said, struct err *);

/* The commands, one line each, for --help and the control socket's "help". */
void testlog_commands(struct buf *out);

/* Called with the time now and then by who has a clock: grows at the rate that
 * was commanded, signs idle heads anew. Returns true when a head was signed. */
bool testlog_tick(struct testlog *, int64_t now_ms);

/* Makes the entries of "grow N": the default makes small certificates under the
 * log's own root, names host-INDEX.grown.example. */
typedef void testlog_grow_fn(
    void *owner, struct testlog *, uint64_t count, int64_t timestamp_ms);
void testlog_set_grow(struct testlog *, testlog_grow_fn *, void *owner);

/* --- writing -------------------------------------------------------------- */

/* Writes a static log's tree below dir (checkpoint, tile, issuer): what file://
 * and nginx serve. With rfc6962 also ct/v1/get-sth, get-roots and the
 * get-entries replies as files named "get-entries-START-END". Partial tiles of
 * the published size; older ones stay where they are. */
MUST_CHECK bool testlog_write(
    struct testlog *, const char *dir, bool rfc6962, struct err *);

/* Appends the log's member of a log list: an object of "logs" or "tiled_logs".
 * url ends in "/"; state may be NULL (usable). */
bool testlog_list_entry(
    const struct testlog *, const char *url, const char *state, struct buf *out);
