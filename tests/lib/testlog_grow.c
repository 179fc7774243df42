/* Entries out of nothing: ordinary ones for "grow", broken ones for "odd". */
#include "tests/lib/testlog_priv.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "tests/lib/make_cert.h"

#define ROOT_DN  "/C=XX/O=Grown Test CA/CN=Grown Test Root"
#define YEAR_MS  INT64_C(31536000000)
#define HOUR_S   3600
#define LEAF_90D (90 * 86400)

struct grower {
	const struct make_key *root_key, *leaf_key;
	struct buf root;
};

void
testlog_grower_free(struct grower *grower)
{
	if (grower == NULL)
		return;
	buf_free(&grower->root);
	mem_free(grower);
}

static struct grower *
grower_of(struct testlog *log, int64_t now_ms)
{
	struct grower *grower = log->grower;

	if (grower != NULL)
		return grower;
	grower = mem_zero(1, sizeof(*grower));
	grower->root_key = make_key(MAKE_KEY_P256, 62);
	grower->leaf_key = make_key(MAKE_KEY_P256, 63);
	struct make_spec root = {
	    .role = MAKE_ROOT,
	    .key = grower->root_key,
	    .subject = ROOT_DN,
	    .issuer = ROOT_DN,
	    .serial = bytes_text("grown root"),
	    .not_before = (now_ms - YEAR_MS) / 1000,
	    .not_after = (now_ms + 10 * YEAR_MS) / 1000,
	};

	grower->root = make_cert(&root);
	log->grower = grower;
	return grower;
}

static void
spec_fill(struct make_spec *spec, const struct grower *grower, int64_t timestamp_ms)
{
	*spec = (struct make_spec){
	    .role = MAKE_LEAF,
	    .key = grower->leaf_key,
	    .issuer_key = grower->root_key,
	    .issuer = ROOT_DN,
	    .not_before = timestamp_ms / 1000 - HOUR_S,
	    .not_after = timestamp_ms / 1000 - HOUR_S + LEAF_90D - 1,
	};
}

/* One precertificate, or for every fourth entry a certificate. */
static void
grow_one(struct testlog *log, const struct grower *grower, int64_t timestamp_ms)
{
	uint64_t index = testlog_entry_count(log);
	struct bytes chain[1] = {buf_bytes(&grower->root)};
	char host[64];
	const char *dns[] = {host, NULL};
	uint8_t serial[9] = {0x5e};
	struct make_spec spec;
	struct buf der, tbs = {0};

	snprintf(host, sizeof(host), "host-%" PRIu64 ".grown.example", index);
	put_be64(serial + 1, index ^ testlog_random_next(log) << 32);
	spec_fill(&spec, grower, timestamp_ms);
	spec.dns = dns;
	spec.serial = bytes_of(serial, sizeof(serial));
	spec.poison = index % 4 != 3;
	if (spec.poison)
		tbs = make_tbs(&spec);
	der = make_cert(&spec);
	struct testlog_submission submission = {
	    .timestamp_ms = timestamp_ms,
	    .certificate = buf_bytes(&der),
	    .tbs = buf_bytes(&tbs),
	    .issuer_key_hash = grower->root_key->key_hash,
	    .chain = chain,
	    .chain_len = 1,
	};

	testlog_add(log, &submission, NULL);
	buf_free(&der);
	buf_free(&tbs);
}

void
testlog_grower_grow(
    void *owner, struct testlog *log, uint64_t count, int64_t timestamp_ms)
{
	const struct grower *grower = grower_of(log, timestamp_ms);

	(void)owner;
	for (uint64_t i = 0; i < count; i++)
		grow_one(log, grower, timestamp_ms);
}

/* --- broken entries ------------------------------------------------------- */

/* The parts an odd entry is put together from; a kind changes some of them. */
struct odd {
	uint8_t version, leaf_type;
	uint16_t entry_type;
	struct buf body, extensions; /* with their length prefixes */
	struct buf extra, tail;
};

struct odd_kind {
	const char *name, *says;
	void (*change)(struct odd *, struct bytes certificate);
};

static void
body_of(struct odd *odd, struct bytes certificate)
{
	buf_clear(&odd->body);
	buf_append_be24(&odd->body, (uint32_t)certificate.len);
	buf_append_bytes(&odd->body, certificate);
}

static void
odd_unknown_type(struct odd *odd, struct bytes certificate)
{
	(void)certificate;
	odd->entry_type = 0x8000;
	buf_clear(&odd->body);
	buf_append_text(&odd->body, "{\"json\":\"an experiment\"}");
}

static void
odd_leaf_type(struct odd *odd, struct bytes certificate)
{
	(void)certificate;
	odd->leaf_type = 7;
}

static void
odd_version(struct odd *odd, struct bytes certificate)
{
	(void)certificate;
	odd->version = 1;
}

static void
odd_garbage(struct odd *odd, struct bytes certificate)
{
	(void)certificate;
	body_of(odd, bytes_text("no certificate, but garbage.watched.example"));
}

static void
odd_half(struct odd *odd, struct bytes certificate)
{
	body_of(odd, bytes_of(certificate.data, certificate.len / 2));
}

static void
odd_trailing_der(struct odd *odd, struct bytes certificate)
{
	body_of(odd, certificate);
	buf_append_text(&odd->body, "more");
	put_be24(odd->body.data, (uint32_t)certificate.len + 4);
}

static void
odd_empty(struct odd *odd, struct bytes certificate)
{
	(void)certificate;
	body_of(odd, bytes_of(NULL, 0));
}

static void
odd_no_extra(struct odd *odd, struct bytes certificate)
{
	(void)certificate;
	buf_clear(&odd->extra);
}

static void
odd_trailing_extra(struct odd *odd, struct bytes certificate)
{
	(void)certificate;
	buf_append_text(&odd->extra, "more");
}

static void
odd_broken_chain(struct odd *odd, struct bytes certificate)
{
	(void)certificate;
	odd->extra.data[odd->extra.len / 2] ^= 0xff;
	odd->extra.data[3] = 0xff; /* longer than the whole */
}

static void
odd_unknown_issuer(struct odd *odd, struct bytes certificate)
{
	(void)certificate;
	buf_clear(&odd->tail);
	buf_append_be16(&odd->tail, 32);
	memset(buf_extend(&odd->tail, 32), 0x42, 32);
}

static void
odd_odd_chain(struct odd *odd, struct bytes certificate)
{
	(void)certificate;
	buf_clear(&odd->tail);
	buf_append_be16(&odd->tail, 31);
	memset(buf_extend(&odd->tail, 31), 0x42, 31);
}

static void
odd_large(struct odd *odd, struct bytes certificate)
{
	struct buf large;

	buf_init(&large, 8 << 20);
	buf_append_bytes(&large, certificate);
	memset(buf_extend(&large, 4 << 20), 0x30, 4 << 20);
	body_of(odd, buf_bytes(&large));
	buf_free(&large);
}

static const struct odd_kind ODD[] = {
    {"unknown-type", "entry_type 0x8000; in a tile the rest cannot be parsed",
	odd_unknown_type},
    {"leaf-type", "leaf_type 7", odd_leaf_type},
    {"version", "version v2", odd_version},
    {"garbage", "text where a certificate should be, with a name in it", odd_garbage},
    {"half", "half a certificate", odd_half},
    {"trailing-der", "bytes behind the certificate", odd_trailing_der},
    {"empty", "a certificate of no bytes", odd_empty},
    {"no-extra", "an empty extra_data", odd_no_extra},
    {"trailing-extra", "bytes behind the chain", odd_trailing_extra},
    {"broken-chain", "a chain whose lengths are wrong", odd_broken_chain},
    {"unknown-issuer", "a tile's entry whose issuer is nowhere", odd_unknown_issuer},
    {"odd-chain", "a tile's entry with 31 bytes of fingerprints", odd_odd_chain},
    {"large", "a certificate of 4 MiB", odd_large},
};

void
testlog_grow_odd_kinds(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(ODD); i++)
		buf_append_format(out, "odd %s: %s\n", ODD[i].name, ODD[i].says);
}

static void
odd_init(struct odd *odd, struct testlog *log, struct bytes certificate)
{
	const struct chain *chain =
	    testlog_chain_of(log, (struct bytes[]){buf_bytes(&log->grower->root)}, 1);
	struct entry_view view = {.chain = chain};
	uint64_t index = testlog_entry_count(log);

	memset(odd, 0, sizeof(*odd));
	buf_init(&odd->body, 1 << 24);
	buf_init(&odd->extensions, 1 << 16);
	buf_init(&odd->extra, 1 << 24);
	buf_init(&odd->tail, 1 << 24);
	body_of(odd, certificate);
	buf_append_be16(&odd->extensions, log->static_ct ? 8 : 0);
	if (log->static_ct) {
		buf_append_be24(&odd->extensions, 5);
		buf_append_u8(&odd->extensions, (uint8_t)(index >> 32));
		buf_append_u8(&odd->extensions, (uint8_t)(index >> 24));
		buf_append_be24(&odd->extensions, (uint32_t)index & 0xffffff);
	}
	testlog_entry_extra_data(&view, &odd->extra);
	testlog_entry_tail(&view, &odd->tail);
}

static void
odd_add(struct testlog *log, const struct odd *odd, int64_t timestamp_ms)
{
	struct buf leaf;

	buf_init(&leaf, 1 << 25);
	buf_append_u8(&leaf, odd->version);
	buf_append_u8(&leaf, odd->leaf_type);
	buf_append_be64(&leaf, (uint64_t)timestamp_ms);
	buf_append_be16(&leaf, odd->entry_type);
	buf_append_bytes(&leaf, buf_bytes(&odd->body));
	buf_append_bytes(&leaf, buf_bytes(&odd->extensions));
	testlog_add_raw(
	    log, buf_bytes(&leaf), buf_bytes(&odd->extra), buf_bytes(&odd->tail));
	buf_free(&leaf);
}

static void
odd_free(struct odd *odd)
{
	buf_free(&odd->body);
	buf_free(&odd->extensions);
	buf_free(&odd->extra);
	buf_free(&odd->tail);
}

bool
testlog_grow_odd(struct testlog *log, const char *kind, int64_t timestamp_ms)
{
	static const char *const DNS[] = {"odd.watched.example", NULL};
	const struct odd_kind *row = NULL;
	struct make_spec spec;
	struct buf certificate;
	struct odd odd;

	for (size_t i = 0; i < ARRAY_LEN(ODD); i++)
		if (strcmp(ODD[i].name, kind) == 0)
			row = &ODD[i];
	if (row == NULL)
		return false;
	spec_fill(&spec, grower_of(log, timestamp_ms), timestamp_ms);
	spec.dns = DNS;
	certificate = make_cert(&spec);
	odd_init(&odd, log, buf_bytes(&certificate));
	row->change(&odd, buf_bytes(&certificate));
	odd_add(log, &odd, timestamp_ms);
	odd_free(&odd);
	buf_free(&certificate);
	return true;
}
