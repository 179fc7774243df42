#include "tests/lib/benchlog.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/lib/make_cert.h"

#define LABEL           "PLACEHOLDERL" /* 12 letters, as every entry's own label */
#define DOMAIN          "QQQQQQQQQ"
#define LABEL_LEN       12
#define DOMAIN_LEN      9
#define SERIAL          "\x05SERIALSERIALSER"
#define SERIAL_LEN      16
#define FIRST_MS        INT64_C(1767225600000) /* 2026-01-01 */
#define STEP_MS         37
#define NOT_BEFORE      1767222000
#define NOT_AFTER       1774997999
#define MAX_PATCHES     8
#define INTERMEDIATE_DN "/C=XX/O=Bench Test CA/CN=Bench Test Issuer 1"
#define ROOT_DN         "/C=XX/O=Bench Test CA/CN=Bench Test Root"

/* A DER text and where in it the placeholders stand. */
struct stencil {
	struct buf der;
	size_t labels[MAX_PATCHES], domains[MAX_PATCHES], serial;
	size_t label_count, domain_count;
};

/* One kind of certificate: precertificate (with its TBS) or final. */
struct template
{
	struct stencil certificate, tbs;
};

struct benchlog {
	bool static_ct;
	struct template precert[3], final;
	uint8_t issuer_key_hash[32];
	struct buf chain[2];
	uint64_t first, planned; /* index of the first; how many have even times */
	int64_t *times;          /* of those behind: when they grew */
	size_t times_len, times_room;
};

/* --- names ---------------------------------------------------------------- */

static uint64_t
mix(uint64_t z)
{
	z += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
letters(uint64_t number, char *out, size_t len)
{
	for (size_t i = 0; i < len; i++, number /= 26)
		out[i] = (char)('a' + number % 26);
}

/* Scatters the numbers over all words of 9 letters, no two on the same: the
 * factor has no divisor in common with 26^9. */
static void
put_domain(uint64_t number, char *out)
{
	const uint64_t words = UINT64_C(5429503678976);

	number = (uint64_t)((unsigned __int128)number * UINT64_C(3141592653587) % words);
	letters(number, out, DOMAIN_LEN);
	memcpy(out + DOMAIN_LEN, ".example", sizeof(".example"));
}

uint64_t
benchlog_domain_of(uint64_t index)
{
	return mix(index) % BENCHLOG_DOMAINS;
}

void
benchlog_domain(uint64_t number, char out[BENCHLOG_NAME_LEN])
{
	put_domain(number, out);
}

void
benchlog_name(uint64_t index, char out[BENCHLOG_NAME_LEN])
{
	letters(mix(~index), out, LABEL_LEN);
	out[LABEL_LEN] = '.';
	put_domain(benchlog_domain_of(index), out + LABEL_LEN + 1);
}

/* --- templates ------------------------------------------------------------ */

static size_t
find_all(struct bytes in, const char *what, size_t len, size_t out[MAX_PATCHES])
{
	size_t count = 0, from = 0;
	const uint8_t *at;

	while ((at = memmem(in.data + from, in.len - from, what, len)) != NULL) {
		assert(count < MAX_PATCHES);
		out[count++] = (size_t)(at - in.data);
		from = (size_t)(at - in.data) + len;
	}
	return count;
}

static void
stencil_cut(struct stencil *stencil, struct buf der)
{
	size_t serials[MAX_PATCHES];

	stencil->der = der;
	stencil->label_count =
	    find_all(buf_bytes(&der), LABEL, LABEL_LEN, stencil->labels);
	stencil->domain_count =
	    find_all(buf_bytes(&der), DOMAIN, DOMAIN_LEN, stencil->domains);
	size_t count = find_all(buf_bytes(&der), SERIAL, SERIAL_LEN, serials);

	assert(count == 1);
	(void)count;
	stencil->serial = serials[0];
}

static const char *const DNS[] = {
    LABEL "." DOMAIN ".example", "www." LABEL "." DOMAIN ".example", NULL};

/* How many bytes the leaf of such a certificate has. */
static size_t
leaf_len_of(const struct make_spec *spec)
{
	struct buf tbs = make_tbs(spec);
	size_t len = 12 + 32 + 3 + tbs.len + 2;

	buf_free(&tbs);
	return len;
}

static void
template_make(struct template *it, enum make_key_type subject, bool precert,
    unsigned leaf_len, unsigned number)
{
	static uint8_t padding[65536];
	struct make_ext pad = {.oid = "1.3.6.1.4.1.55555.1", .value = {padding, 1}};
	struct make_spec spec = {
	    .role = MAKE_LEAF,
	    .key = make_key(subject, 50 + number),
	    .issuer_key = make_key(MAKE_KEY_P256, 55),
	    .subject = "/CN=" LABEL "." DOMAIN ".example",
	    .issuer = INTERMEDIATE_DN,
	    .serial = bytes_of(SERIAL, SERIAL_LEN),
	    .not_before = NOT_BEFORE,
	    .not_after = NOT_AFTER,
	    .dns = DNS,
	    .poison = precert,
	    .extra = &pad,
	    .extra_count = 1,
	};
	size_t len = leaf_len_of(&spec);

	if (len + 8 < leaf_len)
		pad.value.len = leaf_len - len - 4;
	else
		spec.extra_count = 0;
	stencil_cut(&it->certificate, make_cert(&spec));
	stencil_cut(&it->tbs, make_tbs(&spec));
}

static void
chain_make(struct benchlog *bench)
{
	struct make_spec root = {
	    .role = MAKE_ROOT,
	    .key = make_key(MAKE_KEY_RSA2048, 55),
	    .subject = ROOT_DN,
	    .issuer = ROOT_DN,
	    .serial = bytes_text("bench root"),
	    .not_before = NOT_BEFORE - INT64_C(315360000),
	    .not_after = NOT_BEFORE + INT64_C(315360000),
	};
	struct make_spec issuer = {
	    .role = MAKE_CA,
	    .key = make_key(MAKE_KEY_P256, 55),
	    .issuer_key = root.key,
	    .subject = INTERMEDIATE_DN,
	    .issuer = ROOT_DN,
	    .serial = bytes_text("bench issuer"),
	    .not_before = NOT_BEFORE - INT64_C(31536000),
	    .not_after = NOT_BEFORE + INT64_C(157680000),
	};

	bench->chain[0] = make_cert(&issuer);
	bench->chain[1] = make_cert(&root);
	memcpy(bench->issuer_key_hash, issuer.key->key_hash, 32);
}

/* --- entries -------------------------------------------------------------- */

static void
stencil_apply(const struct stencil *stencil, uint64_t index, struct buf *out)
{
	size_t start = out->len;
	char name[BENCHLOG_NAME_LEN];

	benchlog_name(index, name);
	buf_append_bytes(out, buf_bytes(&stencil->der));
	uint8_t *at = out->data + start;

	for (size_t i = 0; i < stencil->label_count; i++)
		memcpy(at + stencil->labels[i], name, LABEL_LEN);
	for (size_t i = 0; i < stencil->domain_count; i++)
		memcpy(at + stencil->domains[i], name + LABEL_LEN + 1, DOMAIN_LEN);
	put_be64(at + stencil->serial + 1, mix(index ^ UINT64_C(0x5e51a1)));
	put_be64(at + stencil->serial + 8, index);
}

static void
put_extensions(const struct benchlog *bench, uint64_t index, struct buf *out)
{
	buf_append_be16(out, bench->static_ct ? 8 : 0);
	if (!bench->static_ct)
		return;
	buf_append_be24(out, 5);
	buf_append_u8(out, (uint8_t)(index >> 32));
	buf_append_u8(out, (uint8_t)(index >> 24));
	buf_append_be24(out, (uint32_t)index & 0xffffff);
}

static int64_t
time_of(const struct benchlog *bench, uint64_t index)
{
	uint64_t number = index - bench->first;

	return number < bench->planned ? FIRST_MS + (int64_t)number * STEP_MS
				       : bench->times[number - bench->planned];
}

static void
source(void *owner, uint64_t index, struct buf *leaf_input, struct buf *precert)
{
	const struct benchlog *bench = owner;
	bool final = index % 8 == 7;
	const struct template *it =
	    final ? &bench->final : &bench->precert[index % ARRAY_LEN(bench->precert)];

	buf_append_be16(leaf_input, 0);
	buf_append_be64(leaf_input, (uint64_t)time_of(bench, index));
	buf_append_be16(leaf_input, !final);
	if (!final) {
		buf_append(leaf_input, bench->issuer_key_hash, 32);
		stencil_apply(&it->certificate, index, precert);
	}
	const struct stencil *body = final ? &it->certificate : &it->tbs;

	buf_append_be24(leaf_input, (uint32_t)body->der.len);
	stencil_apply(body, index, leaf_input);
	put_extensions(bench, index, leaf_input);
}

static void
grow(void *owner, struct testlog *log, uint64_t count, int64_t timestamp_ms)
{
	struct benchlog *bench = owner;

	if (bench->times_len + count > bench->times_room) {
		bench->times_room = 2 * (bench->times_len + count);
		bench->times =
		    mem_resize(bench->times, bench->times_room, sizeof(int64_t));
	}
	for (uint64_t i = 0; i < count; i++)
		bench->times[bench->times_len++] = timestamp_ms;
	testlog_more_from_source(log, count);
}

struct benchlog *
benchlog_new(struct testlog *log, uint64_t count, unsigned leaf_len)
{
	struct benchlog *bench = mem_zero(1, sizeof(*bench));

	if (leaf_len == 0)
		leaf_len = 1300;
	assert(leaf_len < 60000);
	bench->static_ct = testlog_is_static(log);
	chain_make(bench);
	template_make(&bench->precert[0], MAKE_KEY_RSA2048, true, leaf_len, 1);
	template_make(&bench->precert[1], MAKE_KEY_P256, true, leaf_len - 60, 2);
	template_make(&bench->precert[2], MAKE_KEY_P256, true, leaf_len + 60, 3);
	template_make(&bench->final, MAKE_KEY_RSA2048, false, leaf_len, 1);
	struct bytes chain[] = {buf_bytes(&bench->chain[0]), buf_bytes(&bench->chain[1])};

	bench->first = testlog_entry_count(log);
	bench->planned = count;
	testlog_set_source(log, source, bench, count, chain, ARRAY_LEN(chain));
	testlog_set_grow(log, grow, bench);
	return bench;
}

static void
template_free(struct template *it)
{
	buf_free(&it->certificate.der);
	buf_free(&it->tbs.der);
}

void
benchlog_free(struct benchlog *bench)
{
	if (bench == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(bench->precert); i++)
		template_free(&bench->precert[i]);
	template_free(&bench->final);
	buf_free(&bench->chain[0]);
	buf_free(&bench->chain[1]);
	mem_free(bench->times);
	mem_free(bench);
}
