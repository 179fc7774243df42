/* The log's life, its entries and its chains. */
#include "tests/lib/testlog_priv.h"

#include <assert.h>

#include <openssl/err.h>

#define MAX_LEAF (UINT64_C(1) << 25)

/* splitmix64: grease and gaps, the same in every run. */
uint64_t
testlog_random_next(struct testlog *log)
{
	uint64_t z = log->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void
testlog_random_fill(struct testlog *log, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)testlog_random_next(log);
}

static bool
keys_set(struct testlog *log, const struct testlog_options *options, struct err *err)
{
	const char *seed = options->seed != NULL ? options->seed : options->name;
	char *other = mem_format("another key than that of %s", seed);

	if (options->key_file != NULL)
		log->key =
		    testlog_key_load_or_make(options->key_file, options->key_type, err);
	else if (options->key_type == TESTLOG_RSA2048)
		log->key = testlog_key_make_rsa();
	else
		log->key = testlog_key_from_seed(seed);
	log->other_key = testlog_key_from_seed(other);
	mem_free(other);
	if (log->key == NULL)
		return err_set(
		    err, ERR_CRYPTO, "no key for the log %s: %s", log->name, err->text);
	testlog_key_spki(log->key, &log->spki);
	EVP_Digest(log->spki.data, log->spki.len, log->id, NULL, EVP_sha256(), NULL);
	return true;
}

struct testlog *
testlog_new(const struct testlog_options *options, struct err *err)
{
	struct testlog *log = mem_zero(1, sizeof(*log));

	*log = (struct testlog){
	    .name = mem_text(options->name),
	    .origin = mem_text(options->origin),
	    .static_ct = options->static_ct,
	    .serve_static = options->static_ct,
	    .serve_rfc6962 = !options->static_ct,
	    .max_entries = options->max_entries != 0 ? options->max_entries : 1000,
	    .align = true,
	    .now_ms = options->now_ms,
	    .now_owner = options->now_owner,
	    .random = bytes_hash(bytes_text(options->name)),
	    .gzip = GZIP_NEVER,
	    .like = options->static_ct ? LIKE_TESSERACT : LIKE_CTFE,
	    .grow = testlog_grower_grow,
	};
	buf_init(&log->spki, 1024);
	buf_init(&log->leaf_scratch, MAX_LEAF);
	buf_init(&log->precert_scratch, MAX_LEAF);
	map_init(&log->issuers);
	map_init(&log->chains);
	map_init(&log->requests);
	testlog_tree_init(&log->views[0].tree);
	testlog_tree_init(&log->views[1].tree);
	testlog_lies_reset(&log->lies);
	if (!keys_set(log, options, err)) {
		testlog_free(log);
		return NULL;
	}
	testlog_publish(log, 0, testlog_log_now_ms(log));
	return log;
}

static void
issuer_free(void *value)
{
	struct issuer *issuer = value;

	mem_free(issuer->der);
	mem_free(issuer);
}

static void
chain_free(void *value)
{
	struct chain *chain = value;

	mem_free(chain->issuers);
	mem_free(chain);
}

void
testlog_free(struct testlog *log)
{
	if (log == NULL)
		return;
	testlog_faults_free(log);
	for (size_t i = 0; i < log->stored; i++)
		mem_free(log->entries[i].data);
	mem_free(log->entries);
	map_free(&log->issuers, issuer_free);
	map_free(&log->chains, chain_free);
	map_free(&log->requests, mem_free);
	for (size_t i = 0; i < log->roots_len; i++)
		buf_free(&log->roots[i]);
	mem_free(log->roots);
	for (unsigned i = 0; i < ARRAY_LEN(log->views); i++) {
		testlog_tree_free(&log->views[i].tree);
		for (unsigned k = 0; k < HEADS_KEPT; k++)
			testlog_head_free(&log->views[i].heads[k]);
	}
	testlog_grower_free(log->grower);
	buf_free(&log->spki);
	buf_free(&log->leaf_scratch);
	buf_free(&log->precert_scratch);
	EVP_PKEY_free(log->key);
	EVP_PKEY_free(log->other_key);
	mem_free(log->sizes);
	mem_free(log->name);
	mem_free(log->origin);
	mem_free(log);
}

const char *
testlog_name(const struct testlog *log)
{
	return log->name;
}

const char *
testlog_origin(const struct testlog *log)
{
	return log->origin;
}

bool
testlog_is_static(const struct testlog *log)
{
	return log->static_ct;
}

const uint8_t *
testlog_id(const struct testlog *log)
{
	return log->id;
}

struct bytes
testlog_key(const struct testlog *log)
{
	return buf_bytes(&log->spki);
}

EVP_PKEY *
testlog_private_key(const struct testlog *log)
{
	return log->key;
}

int64_t
testlog_log_now_ms(const struct testlog *log)
{
	const struct head *head = testlog_head_newest(&log->views[0]);
	int64_t newest = head != NULL && head->timestamp_ms > log->newest_ms
	    ? head->timestamp_ms
	    : log->newest_ms;

	return log->now_ms != NULL ? log->now_ms(log->now_owner) : newest + 1;
}

/* --- chains --------------------------------------------------------------- */

static struct issuer *
issuer_of(struct testlog *log, struct bytes der)
{
	uint8_t fingerprint[32];
	struct issuer *issuer;

	EVP_Digest(der.data, der.len, fingerprint, NULL, EVP_sha256(), NULL);
	issuer = map_get(&log->issuers, bytes_of(fingerprint, sizeof(fingerprint)));
	if (issuer != NULL)
		return issuer;
	issuer = mem_zero(1, sizeof(*issuer));
	memcpy(issuer->fingerprint, fingerprint, sizeof(fingerprint));
	issuer->der = mem_copy(der.data, der.len);
	issuer->len = der.len;
	map_put(&log->issuers, bytes_of(fingerprint, sizeof(fingerprint)), issuer);
	return issuer;
}

const struct chain *
testlog_chain_of(struct testlog *log, const struct bytes *certs, size_t len)
{
	struct buf key;
	struct issuer **issuers = mem_zero(len + 1, sizeof(struct issuer *));
	struct chain *chain;

	buf_init(&key, 32 * len + 1);
	for (size_t i = 0; i < len; i++) {
		issuers[i] = issuer_of(log, certs[i]);
		buf_append(&key, issuers[i]->fingerprint, 32);
	}
	if (len > 0)
		testlog_add_root(log, certs[len - 1]);
	chain = map_get(&log->chains, buf_bytes(&key));
	if (chain != NULL) {
		mem_free(issuers);
	} else {
		chain = mem_zero(1, sizeof(*chain));
		chain->len = len;
		chain->issuers = issuers;
		map_put(&log->chains, buf_bytes(&key), chain);
	}
	buf_free(&key);
	return chain;
}

void
testlog_add_root(struct testlog *log, struct bytes der)
{
	for (size_t i = 0; i < log->roots_len; i++)
		if (bytes_equal(buf_bytes(&log->roots[i]), der))
			return;
	log->roots = mem_resize(log->roots, log->roots_len + 1, sizeof(struct buf));
	buf_init(&log->roots[log->roots_len], der.len);
	buf_append_bytes(&log->roots[log->roots_len], der);
	log->roots_len++;
}

bool
testlog_remove_root(struct testlog *log, struct bytes der)
{
	for (size_t i = 0; i < log->roots_len; i++) {
		if (!bytes_equal(buf_bytes(&log->roots[i]), der))
			continue;
		buf_free(&log->roots[i]);
		log->roots_len--;
		memmove(&log->roots[i], &log->roots[i + 1],
		    (log->roots_len - i) * sizeof(struct buf));
		return true;
	}
	return false;
}

/* --- entries -------------------------------------------------------------- */

/* MerkleTreeLeaf, RFC 6962, 3.4, which is also what an SCT signs. */
static void
leaf_append(const struct testlog *log, const struct testlog_submission *it,
    uint64_t index, struct buf *out)
{
	bool precert = it->tbs.len > 0;

	buf_append_be16(out, 0); /* v1, timestamped_entry */
	buf_append_be64(out, (uint64_t)it->timestamp_ms);
	buf_append_be16(out, precert);
	if (precert)
		buf_append(out, it->issuer_key_hash, 32);
	struct bytes body = precert ? it->tbs : it->certificate;

	buf_append_be24(out, (uint32_t)body.len);
	buf_append_bytes(out, body);
	buf_append_be16(out, log->static_ct ? 8 : 0);
	if (log->static_ct) { /* static-ct-api: leaf_index, 40 bits */
		buf_append_be24(out, 5);
		buf_append_u8(out, (uint8_t)(index >> 32));
		buf_append_u8(out, (uint8_t)(index >> 24));
		buf_append_be24(out, (uint32_t)index & 0xffffff);
	}
}

void
testlog_promise(struct testlog *log, const struct testlog_submission *it, uint64_t index,
    struct buf *sct)
{
	struct buf leaf;

	buf_init(&leaf, MAX_LEAF);
	leaf_append(log, it, index, &leaf);
	buf_append_u8(sct, 0);
	buf_append(sct, log->id, 32);
	buf_append_be64(sct, (uint64_t)it->timestamp_ms);
	size_t extensions = log->static_ct ? 10 : 2;

	buf_append(sct, leaf.data + leaf.len - extensions, extensions);
	testlog_key_sign(log->key, buf_bytes(&leaf), sct);
	buf_free(&leaf);
}

/* Into the tree, and into the fork's. */
static void
entry_hash(struct testlog *log, struct bytes leaf_input, uint8_t hash[TESTLOG_HASH_LEN])
{
	testlog_tree_leaf_hash(&log->views[0].tree, leaf_input, hash);
	testlog_tree_append(&log->views[0].tree, hash);
	if (log->views[1].forked)
		testlog_tree_append(&log->views[1].tree, hash);
}

static struct entry *
entry_push(struct testlog *log, struct bytes leaf_input)
{
	uint8_t hash[TESTLOG_HASH_LEN];

	assert(log->source == NULL ||
	    testlog_tree_size(&log->views[0].tree) >=
		log->source_first + log->source_count);
	if (log->stored == log->entries_room) {
		log->entries_room = log->entries_room == 0 ? 64 : log->entries_room * 2;
		log->entries =
		    mem_resize(log->entries, log->entries_room, sizeof(struct entry));
	}
	entry_hash(log, leaf_input, hash);
	log->entries[log->stored] = (struct entry){.leaf_len = (uint32_t)leaf_input.len};
	return &log->entries[log->stored++];
}

uint64_t
testlog_add(struct testlog *log, const struct testlog_submission *it, struct buf *sct)
{
	uint64_t index = testlog_entry_count(log);
	struct bytes precert = it->tbs.len > 0 ? it->certificate : bytes_of(NULL, 0);
	struct entry *entry;
	struct buf data;

	buf_init(&data, MAX_LEAF);
	leaf_append(log, it, index + (uint64_t)log->lies.leaf_index_offset, &data);
	entry = entry_push(log, buf_bytes(&data));
	buf_append_bytes(&data, precert);
	assert(!data.failed);
	entry->precert_len = (uint32_t)precert.len;
	entry->chain = testlog_chain_of(log, it->chain, it->chain_len);
	entry->data = mem_copy(data.data, data.len);
	buf_free(&data);
	if (it->timestamp_ms > log->newest_ms)
		log->newest_ms = it->timestamp_ms;
	if (sct != NULL)
		testlog_promise(
		    log, it, index + (uint64_t)log->lies.leaf_index_offset, sct);
	return index;
}

uint64_t
testlog_add_raw(struct testlog *log, struct bytes leaf_input, struct bytes extra_data,
    struct bytes tile_tail)
{
	uint64_t index = testlog_entry_count(log);
	struct entry *entry = entry_push(log, leaf_input);
	struct buf data;

	buf_init(&data, MAX_LEAF * 2);
	buf_append_bytes(&data, leaf_input);
	buf_append_bytes(&data, extra_data);
	buf_append_bytes(&data, tile_tail);
	assert(!data.failed);
	entry->raw = true;
	entry->precert_len = (uint32_t)extra_data.len;
	entry->tail_len = (uint32_t)tile_tail.len;
	entry->data = mem_copy(data.data, data.len);
	buf_free(&data);
	return index;
}

void
testlog_set_source(struct testlog *log, testlog_source_fn *source, void *owner,
    uint64_t count, const struct bytes *chain, size_t chain_len)
{
	assert(log->source == NULL);
	log->source = source;
	log->source_owner = owner;
	log->source_first = testlog_entry_count(log);
	log->source_chain = testlog_chain_of(log, chain, chain_len);
	testlog_more_from_source(log, count);
}

void
testlog_more_from_source(struct testlog *log, uint64_t count)
{
	struct buf *leaf = &log->leaf_scratch;
	uint8_t hash[TESTLOG_HASH_LEN];

	assert(testlog_entry_count(log) == log->source_first + log->source_count);
	for (uint64_t i = 0; i < count; i++) {
		buf_clear(leaf);
		buf_clear(&log->precert_scratch);
		log->source(log->source_owner, testlog_entry_count(log), leaf,
		    &log->precert_scratch);
		entry_hash(log, buf_bytes(leaf), hash);
		int64_t timestamp_ms = (int64_t)be64(leaf->data + 2);

		if (timestamp_ms > log->newest_ms)
			log->newest_ms = timestamp_ms;
	}
	log->source_count += count;
}

uint64_t
testlog_entry_count(const struct testlog *log)
{
	return testlog_tree_size(&log->views[0].tree);
}

static void
stored_view(const struct entry *entry, struct entry_view *out)
{
	struct bytes rest = bytes_of(entry->data + entry->leaf_len, entry->precert_len);

	*out = (struct entry_view){
	    .leaf_input = bytes_of(entry->data, entry->leaf_len),
	    .precert = entry->raw ? bytes_of(NULL, 0) : rest,
	    .chain = entry->chain,
	    .raw = entry->raw,
	    .extra_data = rest,
	    .tail = bytes_of(rest.data + rest.len, entry->tail_len),
	};
}

/* The fork's other leaf has a timestamp one millisecond later. */
static void
fork_leaf(struct testlog *log, struct entry_view *it)
{
	if (it->leaf_input.data != log->leaf_scratch.data) {
		buf_clear(&log->leaf_scratch);
		buf_append_bytes(&log->leaf_scratch, it->leaf_input);
	}
	uint8_t *leaf = log->leaf_scratch.data;

	put_be64(leaf + 2, be64(leaf + 2) + 1);
	it->leaf_input = buf_bytes(&log->leaf_scratch);
}

void
testlog_entry_view(struct testlog *log, uint64_t index, struct entry_view *out)
{
	const struct view *view = &log->views[log->view];

	if (log->source != NULL && index >= log->source_first &&
	    index < log->source_first + log->source_count) {
		buf_clear(&log->leaf_scratch);
		buf_clear(&log->precert_scratch);
		log->source(
		    log->source_owner, index, &log->leaf_scratch, &log->precert_scratch);
		*out = (struct entry_view){
		    .leaf_input = buf_bytes(&log->leaf_scratch),
		    .precert = buf_bytes(&log->precert_scratch),
		    .chain = log->source_chain,
		};
	} else {
		bool behind = log->source != NULL && index >= log->source_first;

		stored_view(
		    &log->entries[behind ? index - log->source_count : index], out);
	}
	if (view->forked && index == view->fork_index)
		fork_leaf(log, out);
}

/* RFC 6962, 4.6: extra_data. */
void
testlog_entry_extra_data(const struct entry_view *it, struct buf *out)
{
	uint32_t total = 0;

	if (it->raw) {
		buf_append_bytes(out, it->extra_data);
		return;
	}
	if (it->precert.len > 0) {
		buf_append_be24(out, (uint32_t)it->precert.len);
		buf_append_bytes(out, it->precert);
	}
	for (size_t i = 0; i < it->chain->len; i++)
		total += 3 + (uint32_t)it->chain->issuers[i]->len;
	buf_append_be24(out, total);
	for (size_t i = 0; i < it->chain->len; i++) {
		buf_append_be24(out, (uint32_t)it->chain->issuers[i]->len);
		buf_append(out, it->chain->issuers[i]->der, it->chain->issuers[i]->len);
	}
}

/* What follows the TimestampedEntry in a data tile (static-ct-api, TileLeaf). */
void
testlog_entry_tail(const struct entry_view *it, struct buf *out)
{
	if (it->raw) {
		buf_append_bytes(out, it->tail);
		return;
	}
	if (it->precert.len > 0) {
		buf_append_be24(out, (uint32_t)it->precert.len);
		buf_append_bytes(out, it->precert);
	}
	buf_append_be16(out, (uint16_t)(32 * it->chain->len));
	for (size_t i = 0; i < it->chain->len; i++)
		buf_append(out, it->chain->issuers[i]->fingerprint, 32);
}

struct bytes
testlog_leaf_input(struct testlog *log, uint64_t index)
{
	struct entry_view view;

	assert(index < testlog_entry_count(log));
	testlog_entry_view(log, index, &view);
	return view.leaf_input;
}

void
testlog_leaf_hash(
    const struct testlog *log, uint64_t index, uint8_t out[TESTLOG_HASH_LEN])
{
	memcpy(out, testlog_tree_node(&log->views[log->view].tree, 0, index),
	    TESTLOG_HASH_LEN);
}
