/* Signed heads: RFC 6962, 3.5, and the checkpoint of static-ct-api. */
#include "tests/lib/testlog_priv.h"

#include <assert.h>

#define DASH "\xe2\x80\x94 "

void
testlog_head_free(struct head *head)
{
	buf_free(&head->signature);
	buf_free(&head->note);
}

const struct head *
testlog_head_back(const struct view *view, uint64_t back)
{
	uint64_t kept = view->heads_made < HEADS_KEPT ? view->heads_made : HEADS_KEPT;

	if (kept == 0)
		return NULL;
	if (back >= kept)
		back = kept - 1;
	return &view->heads[(view->heads_made - 1 - back) % HEADS_KEPT];
}

const struct head *
testlog_head_newest(const struct view *view)
{
	return testlog_head_back(view, 0);
}

/* --- the checkpoint's signature lines ------------------------------------- */

static void
note_line(struct buf *out, const char *name, const uint8_t key_id[4], struct bytes blob)
{
	struct buf bytes;

	buf_init(&bytes, 8192);
	buf_append(&bytes, key_id, 4);
	buf_append_bytes(&bytes, blob);
	buf_append_format(out, DASH "%s ", name);
	base64_encode(buf_bytes(&bytes), out);
	buf_append_text(out, "\n");
	buf_free(&bytes);
}

/* Random bytes under a name: what no verifier has a key for. */
static void
note_noise(struct testlog *log, struct buf *out, const char *name, size_t len)
{
	uint8_t bytes[4 + 2428];

	assert(len <= sizeof(bytes) - 4);
	testlog_random_fill(log, bytes, 4 + len);
	note_line(out, name, bytes, bytes_of(bytes + 4, len));
}

/* Line kinds in the order they are to stand in. */
enum line {
	LINE_LOG,
	LINE_ML_DSA,
	LINE_GREASE,
	LINE_OWN_GREASE,
	LINE_ED25519,
	LINE_WITNESS
};

static size_t
lines_of(struct testlog *log, enum line lines[4])
{
	bool swap_grease = testlog_random_next(log) & 1,
	     swap = testlog_random_next(log) & 1;
	bool witness = log->witness++ % 16 < 12;

	switch (log->like) {
	case LIKE_SUNLIGHT: /* two grease lines, then the signatures, in random order */
		lines[0] = swap_grease ? LINE_OWN_GREASE : LINE_GREASE;
		lines[1] = swap_grease ? LINE_GREASE : LINE_OWN_GREASE;
		lines[2] = swap ? LINE_ML_DSA : LINE_LOG;
		lines[3] = swap ? LINE_LOG : LINE_ML_DSA;
		return 4;
	case LIKE_TESSERACT:
		lines[0] = LINE_LOG;
		lines[1] = LINE_ED25519;
		lines[2] = LINE_WITNESS;
		return witness ? 3 : 2;
	case LIKE_CTFE:
		break;
	}
	lines[0] = LINE_LOG;
	return 1;
}

/* SHA-256 of the key that heads are said to be signed with. */
static void
signing_id(struct testlog *log, uint8_t out[32])
{
	struct buf spki;

	buf_init(&spki, 4096);
	testlog_key_spki(log->lies.other_key ? log->other_key : log->key, &spki);
	EVP_Digest(spki.data, spki.len, out, NULL, EVP_sha256(), NULL);
	buf_free(&spki);
}

/* RFC6962NoteSignature: type 0x05. */
static void
log_line(struct testlog *log, const struct head *head, const char *name, struct buf *out)
{
	struct buf blob, id;
	uint8_t log_id[32], key_id[32];

	signing_id(log, log_id);
	buf_init(&id, 4096);
	buf_append_format(&id, "%s\n\x05", name);
	buf_append(&id, log_id, 32);
	EVP_Digest(id.data, id.len, key_id, NULL, EVP_sha256(), NULL);
	buf_init(&blob, 1024);
	buf_append_be64(&blob, (uint64_t)head->timestamp_ms);
	buf_append_bytes(&blob, buf_bytes(&head->signature));
	note_line(out, name, key_id, buf_bytes(&blob));
	buf_free(&blob);
	buf_free(&id);
}

static void
note_append(struct testlog *log, struct head *head)
{
	char *other = mem_format("elsewhere.example/%s", log->origin);
	const char *name = log->lies.wrong_origin ? other : log->origin;
	enum line lines[4];
	size_t len = lines_of(log, lines);
	struct buf *out = &head->note;

	buf_append_format(out, "%s\n%llu\n", name, (unsigned long long)head->size);
	base64_encode(bytes_of(head->root, sizeof(head->root)), out);
	buf_append_text(out, log->lies.extra_line ? "\nan extension\n\n" : "\n\n");
	for (size_t i = 0; i < len; i++) {
		switch (lines[i]) {
		case LINE_LOG:
			log_line(log, head, name, out);
			break;
		case LINE_ML_DSA:
			note_noise(log, out, name, 2428);
			break;
		case LINE_GREASE:
			note_noise(log, out, "grease.invalid",
			    1 + testlog_random_next(log) % 100);
			break;
		case LINE_OWN_GREASE:
			note_noise(log, out, name, 1 + testlog_random_next(log) % 100);
			break;
		case LINE_ED25519:
			note_noise(log, out, name, 64);
			break;
		case LINE_WITNESS:
			note_noise(log, out, "witness.example/w1", 72);
			break;
		}
	}
	assert(!out->failed);
	mem_free(other);
}

/* --- signing -------------------------------------------------------------- */

static void
head_sign(struct testlog *log, struct head *head)
{
	const struct lies *lies = &log->lies;
	struct buf tbs; /* TreeHeadSignature, RFC 6962, 3.5 */

	buf_init(&tbs, 64);
	buf_append_be16(&tbs, 1); /* v1, tree_hash */
	buf_append_be64(&tbs, (uint64_t)head->timestamp_ms);
	buf_append_be64(&tbs, head->size);
	buf_append(&tbs, head->root, sizeof(head->root));
	testlog_key_sign(lies->wrong_key || lies->other_key ? log->other_key : log->key,
	    buf_bytes(&tbs), &head->signature);
	if (lies->bad_signature) /* within the last integer: still well-formed DER */
		head->signature.data[head->signature.len - 3] ^= 0x40;
	if (lies->bad_algorithm)
		head->signature.data[0] = 5;
	buf_free(&tbs);
}

static void
sizes_add(struct testlog *log, uint64_t size)
{
	size_t at = log->sizes_len;

	while (at > 0 && log->sizes[at - 1] > size)
		at--;
	if (at > 0 && log->sizes[at - 1] == size)
		return;
	if (log->sizes_len == log->sizes_room) {
		log->sizes_room = log->sizes_room == 0 ? 64 : log->sizes_room * 2;
		log->sizes = mem_resize(log->sizes, log->sizes_room, sizeof(uint64_t));
	}
	memmove(log->sizes + at + 1, log->sizes + at,
	    (log->sizes_len - at) * sizeof(uint64_t));
	log->sizes[at] = size;
	log->sizes_len++;
}

void
testlog_head_publish(
    struct testlog *log, struct view *view, uint64_t size, int64_t timestamp_ms)
{
	struct head *head = &view->heads[view->heads_made % HEADS_KEPT];

	if (log->lies.same_time && view->heads_made > 0)
		timestamp_ms = testlog_head_newest(view)->timestamp_ms;
	testlog_head_free(head);
	*head = (struct head){
	    .size = size, .timestamp_ms = timestamp_ms + log->lies.head_offset_ms};
	buf_init(&head->signature, 1024);
	buf_init(&head->note, 65536);
	testlog_tree_root(&view->tree, size, head->root);
	if (log->lies.wrong_root)
		head->root[0] ^= 1;
	head_sign(log, head);
	note_append(log, head);
	view->heads_made++;
	sizes_add(log, size);
}

void
testlog_publish(struct testlog *log, uint64_t size, int64_t timestamp_ms)
{
	testlog_head_publish(log, &log->views[0], size, timestamp_ms);
	if (log->views[1].forked && size > log->views[1].fork_index)
		testlog_head_publish(log, &log->views[1], size, timestamp_ms + 1);
}

void
testlog_publish_all(struct testlog *log)
{
	const struct head *newest = testlog_head_newest(&log->views[0]);
	int64_t now_ms = testlog_log_now_ms(log);

	if (now_ms <= newest->timestamp_ms - log->lies.head_offset_ms)
		now_ms = newest->timestamp_ms - log->lies.head_offset_ms + 1;
	testlog_publish(log, testlog_entry_count(log), now_ms);
}

const struct head *
testlog_head_served(struct testlog *log)
{
	const struct lies *lies = &log->lies;
	uint64_t turn = log->head_requests++;

	if (lies->fork_alternate && log->views[1].heads_made > 0)
		log->view = turn % 2 != 0;
	if (lies->stale > 0 && (!lies->stale_alternate || turn % 2 != 0))
		return testlog_head_back(&log->views[log->view], lies->stale);
	return testlog_head_newest(&log->views[log->view]);
}

uint64_t
testlog_size(const struct testlog *log)
{
	return testlog_head_newest(&log->views[log->view])->size;
}

int64_t
testlog_head_time_ms(const struct testlog *log)
{
	return testlog_head_newest(&log->views[log->view])->timestamp_ms;
}

void
testlog_root(const struct testlog *log, uint64_t size, uint8_t out[TESTLOG_HASH_LEN])
{
	testlog_tree_root(&log->views[log->view].tree, size, out);
}

void
testlog_inclusion(
    const struct testlog *log, uint64_t index, uint64_t size, struct buf *out)
{
	testlog_tree_inclusion(&log->views[log->view].tree, index, size, out);
}

void
testlog_consistency(
    const struct testlog *log, uint64_t first, uint64_t second, struct buf *out)
{
	testlog_tree_consistency(&log->views[log->view].tree, first, second, out);
}

/* --- forks ---------------------------------------------------------------- */

void
testlog_fork_make(struct testlog *log, uint64_t index)
{
	struct view *fork = &log->views[1];
	struct entry_view it;
	uint8_t hash[TESTLOG_HASH_LEN];
	const struct head *head = testlog_head_newest(&log->views[0]);

	testlog_fork_drop(log);
	testlog_tree_copy(&fork->tree, &log->views[0].tree);
	fork->forked = true;
	fork->fork_index = index;
	log->view = 1;
	testlog_entry_view(log, index, &it);
	testlog_tree_leaf_hash(&fork->tree, it.leaf_input, hash);
	testlog_tree_replace(&fork->tree, index, hash);
	testlog_head_publish(log, fork, head->size, head->timestamp_ms + 1);
}

void
testlog_fork_drop(struct testlog *log)
{
	struct view *fork = &log->views[1];

	log->view = 0;
	fork->forked = false;
	for (unsigned i = 0; i < HEADS_KEPT; i++) {
		testlog_head_free(&fork->heads[i]);
		fork->heads[i] = (struct head){0};
	}
	fork->heads_made = 0;
}
