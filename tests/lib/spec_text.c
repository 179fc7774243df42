#include "tests/lib/spec_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "x509/precert.h"

/* --- words ------------------------------------------------------------------- */

static void
refuse(const char *what, const char *value)
{
	fprintf(stderr, "spec_text: %s: %s\n", what, value);
	abort();
}

int64_t
sample_ms(const char *text)
{
	int64_t ms;

	if (!time_parse(text, &ms))
		refuse("date", text);
	return ms;
}

int64_t
sample_date(const char *text)
{
	return sample_ms(text) / 1000;
}

const struct make_key *
sample_log(unsigned number)
{
	return make_key(MAKE_KEY_P256, 40 + number);
}

static const struct {
	const char *name;
	enum make_key_type type;
} KEYS[] = {
    {"p256", MAKE_KEY_P256},
    {"p384", MAKE_KEY_P384},
    {"p521", MAKE_KEY_P521},
    {"p224", MAKE_KEY_P224},
    {"secp256k1", MAKE_KEY_SECP256K1},
    {"sm2", MAKE_KEY_SM2},
    {"rsa1024", MAKE_KEY_RSA1024},
    {"rsa2047", MAKE_KEY_RSA2047},
    {"rsa2048", MAKE_KEY_RSA2048},
    {"rsa3072", MAKE_KEY_RSA3072},
    {"ed25519", MAKE_KEY_ED25519},
};

static const struct make_key *
key_named(const char *name, unsigned number)
{
	for (size_t i = 0; i < ARRAY_LEN(KEYS); i++)
		if (strcmp(KEYS[i].name, name) == 0)
			return make_key(KEYS[i].type, number);
	refuse("key", name);
	return NULL;
}

struct choice {
	const char *name;
	int value;
};

static const struct choice SIGALGS[] = {{"sha1", MAKE_SIG_SHA1},
    {"sha256", MAKE_SIG_SHA256}, {"sha384", MAKE_SIG_SHA384}, {"sha512", MAKE_SIG_SHA512},
    {"sm3", MAKE_SIG_SM3}, {"md5", MAKE_SIG_MD5}};
static const struct choice PARTS[] = {{"aki", OMIT_AKI}, {"ski", OMIT_SKI},
    {"ku", OMIT_KU}, {"eku", OMIT_EKU}, {"policies", OMIT_POLICIES}, {"aia", OMIT_AIA},
    {"crldp", OMIT_CRLDP}, {"san", OMIT_SAN}, {"bc", OMIT_BC},
    {"extensions", OMIT_EXTENSIONS}, {"version", OMIT_VERSION}};
static const struct choice MODES[] = {
    {"sign", DATES_SIGN}, {"nb", DATES_NB}, {"none", DATES_NONE}};
static const struct choice ROLES[] = {
    {"leaf", MAKE_LEAF}, {"ca", MAKE_CA}, {"root", MAKE_ROOT}};

#define LOOK_UP(table, what, name) look_up(table, ARRAY_LEN(table), what, name)

static int
look_up(const struct choice *rows, size_t count, const char *what, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].value;
	refuse(what, name);
	return 0;
}

/* Hexadecimal up to its end or a closing parenthesis; returns where it stopped. */
static const char *
put_notation(struct buf *out, const char *at)
{
	while (*at != 0 && *at != ')') {
		size_t len = *at == '"' ? strcspn(at + 1, "\"")
		    : *at == '['        ? strcspn(at + 1, "]")
					: 0;
		char dotted[64] = "";
		uint8_t octet;

		if (*at == '(') {
			size_t start = out->len - 1;
			uint8_t tag = out->data[start];

			out->len = start;
			at = put_notation(out, at + 1) + 1;
			der_wrap(out, start, tag);
		} else if (*at == '"') {
			buf_append_bytes(out, bytes_of(at + 1, len));
			at += len + 2;
		} else if (*at == '[') {
			memcpy(dotted, at + 1, len < sizeof(dotted) ? len : 0);
			der_put_oid(out, dotted);
			at += len + 2;
		} else if (at[1] != 0 &&
		    hex_parse((char[]){at[0], at[1], 0}, &octet, 1)) {
			buf_append_u8(out, octet);
			at += 2;
		} else {
			refuse("hex", at);
		}
	}
	return at;
}

static struct bytes
hex_value(struct arena *arena, const char *hex)
{
	struct bytes value;
	struct buf out;

	buf_init(&out, 1 << 20);
	if (*put_notation(&out, hex) != 0)
		refuse("parentheses", hex);
	value = arena_copy(arena, buf_bytes(&out));
	buf_free(&out);
	return value;
}

static char *
text_value(struct arena *arena, const char *text)
{
	return (char *)arena_copy(arena, bytes_text(text)).data;
}

/* "a,b,c" as a list ending in NULL. */
static const char *const *
list_value(struct arena *arena, const char *text)
{
	const char **list = arena_zero(arena, strlen(text) + 2, sizeof(*list));
	char *copy = text_value(arena, text), *at = copy;
	size_t count = 0;

	while (*at != 0) {
		size_t len = strcspn(at, ",");

		list[count++] = at;
		at += len;
		if (*at != 0)
			*at++ = 0;
	}
	return list;
}

static char *
spaces_value(struct arena *arena, const char *text)
{
	char *copy = text_value(arena, text);

	for (char *at = copy; *at != 0; at++)
		if (*at == ',')
			*at = ' ';
	return copy;
}

/* --- what a word does ------------------------------------------------------------ */

#define LIST_MAX 32

struct reading {
	struct sample *out;
	struct make_san sans[LIST_MAX];
	struct make_ext exts[LIST_MAX];
	struct make_key const *signer;
	const char *key, *sctraw;
	unsigned key_number;
	bool self;
	int64_t life_s;
	struct bytes patch_from, patch_to;
};

static void
add_san(struct reading *r, const char *value, bool hex)
{
	struct make_san *san = &r->sans[r->out->spec.san_count++];
	const char *colon = strchr(value, ':');

	if (colon == NULL || r->out->spec.san_count > LIST_MAX)
		refuse("san", value);
	san->tag = (uint8_t)strtol(value, NULL, 10);
	san->value = hex ? hex_value(&r->out->arena, colon + 1)
			 : arena_copy(&r->out->arena, bytes_text(colon + 1));
}

static void
add_extension(struct reading *r, const char *value, bool critical)
{
	struct make_ext *ext = &r->exts[r->out->spec.extra_count++];
	char *oid = text_value(&r->out->arena, value), *colon = strchr(oid, ':');

	if (colon == NULL || r->out->spec.extra_count > LIST_MAX)
		refuse("ext", value);
	*colon = 0;
	ext->oid = oid;
	ext->critical = critical;
	ext->value = hex_value(&r->out->arena, colon + 1);
}

static void
add_omissions(struct reading *r, const char *value)
{
	char *copy = text_value(&r->out->arena, value), *at = copy;

	while (*at != 0) {
		size_t len = strcspn(at, "+");
		bool more = at[len] != 0;

		at[len] = 0;
		r->out->spec.omit |= (unsigned)LOOK_UP(PARTS, "omit", at);
		at += len + more;
	}
}

static void
take_patch(struct reading *r, const char *value)
{
	char *copy = text_value(&r->out->arena, value), *arrow = strchr(copy, '>');

	if (arrow == NULL)
		refuse("patch", value);
	*arrow = 0;
	r->patch_from = hex_value(&r->out->arena, copy);
	r->patch_to = hex_value(&r->out->arena, arrow + 1);
	if (r->patch_from.len != r->patch_to.len)
		refuse("patch lengths", value);
}

/* "MODULUS,EXPONENT", the contents of two INTEGERs, as an RSA key. */
struct bytes
spec_rsa_key(struct arena *arena, const char *text)
{
	const char *const *parts = list_value(arena, text);
	struct bytes out;
	struct buf key, spki;

	buf_init(&key, 1 << 16);
	buf_append_u8(&key, 0);
	der_put(&key, 0x02, hex_value(arena, parts[0]));
	der_put(&key, 0x02, hex_value(arena, parts[1]));
	der_wrap(&key, 1, 0x30);
	der_wrap(&key, 0, 0x03);
	buf_init(&spki, 1 << 16);
	der_put_hex(&spki, "300d06092a864886f70d0101010500");
	buf_append_bytes(&spki, buf_bytes(&key));
	der_wrap(&spki, 0, 0x30);
	out = arena_copy(arena, buf_bytes(&spki));
	buf_free(&spki);
	buf_free(&key);
	return out;
}

static void
take_scts(struct reading *r, const char *value)
{
	const char *const *list = list_value(&r->out->arena, value);

	for (; *list != NULL; list++)
		r->out->sct_ms[r->out->sct_count++] = sample_ms(*list);
}

static void
take_operators(struct reading *r, const char *value)
{
	const char *const *list = list_value(&r->out->arena, value);

	for (size_t i = 0; list[i] != NULL && i < 8; i++)
		r->out->sct_operators[i] = list[i];
}

static void
take_programs(struct reading *r, const char *value)
{
	const char *const *list = list_value(&r->out->arena, value);
	struct check_operator *signer = &r->out->signer;

	for (size_t i = 0; list[i] != NULL; i++) {
		if (i == ARRAY_LEN(r->out->programs))
			refuse("too many programs", value);
		r->out->programs[i] = (struct check_program){.name = list[i]};
		signer->program_count = i + 1;
	}
	signer->programs = r->out->programs;
	r->out->has_signer = true;
}

static void
take_state(struct reading *r, const char *value)
{
	static const struct choice STATES[] = {{"normal", OPERATOR_NORMAL},
	    {"probation", OPERATOR_PROBATION}, {"distrusted", OPERATOR_DISTRUSTED},
	    {"idle", OPERATOR_IDLE}};

	r->out->signer.state = (enum operator_state)LOOK_UP(STATES, "state", value);
	r->out->has_signer = true;
}

static bool
take_flag(struct reading *r, const char *word)
{
	struct make_spec *spec = &r->out->spec;

	if (strcmp(word, "poison") == 0)
		spec->poison = true;
	else if (strcmp(word, "sancritical") == 0)
		spec->san_critical = true;
	else if (strcmp(word, "self") == 0)
		r->self = true;
	else if (strcmp(word, "unverified") == 0)
		r->out->unverified = true;
	else if (strcmp(word, "sctsame") == 0)
		r->out->sct_same = true;
	else if (strcmp(word, "asfinal") == 0)
		r->out->as_final = true;
	else if (strcmp(word, "cross") == 0)
		r->out->cross = true;
	else if (strcmp(word, "precertsigner") == 0)
		r->out->by_precert_signer = true;
	else
		return false;
	return true;
}

static bool
take_text(struct reading *r, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **out;
	} TEXTS[] = {
	    {"subject", &r->out->spec.subject},
	    {"issuer", &r->out->spec.issuer},
	    {"ocsp", &r->out->spec.ocsp_url},
	    {"ca", &r->out->spec.ca_url},
	    {"crl", &r->out->spec.crl_url},
	    {"key", &r->key},
	    {"sctraw", &r->sctraw},
	};

	for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++)
		if (strcmp(TEXTS[i].name, name) == 0) {
			*TEXTS[i].out = text_value(&r->out->arena, value);
			return true;
		}
	return false;
}

static bool
take_hex(struct reading *r, const char *name, const char *value)
{
	struct make_spec *spec = &r->out->spec;
	const struct {
		const char *name;
		struct bytes *out;
	} HEXES[] = {
	    {"subjectder", &spec->subject_der},
	    {"issuerder", &spec->issuer_der},
	    {"serial", &spec->serial},
	    {"nbder", &spec->not_before_der},
	    {"nader", &spec->not_after_der},
	    {"spki", &spec->spki},
	    {"unique", &spec->unique_ids},
	    {"sigalg", &spec->sigalg_der},
	    {"inneralg", &spec->inner_sigalg_der},
	};

	for (size_t i = 0; i < ARRAY_LEN(HEXES); i++)
		if (strcmp(HEXES[i].name, name) == 0) {
			*HEXES[i].out = hex_value(&r->out->arena, value);
			return true;
		}
	return false;
}

static bool
take_date(struct reading *r, const char *name, const char *value)
{
	struct sample *out = r->out;

	if (strcmp(name, "nb") == 0)
		out->spec.not_before = sample_date(value);
	else if (strcmp(name, "na") == 0)
		out->spec.not_after = sample_date(value);
	else if (strcmp(name, "days") == 0)
		r->life_s = strtol(value, NULL, 10) * 86400;
	else if (strcmp(name, "life") == 0)
		r->life_s = strtol(value, NULL, 10);
	else if (strcmp(name, "lo") == 0)
		out->lo_ms = sample_ms(value);
	else if (strcmp(name, "hi") == 0)
		out->hi_ms = sample_ms(value);
	else if (strcmp(name, "now") == 0)
		out->now_ms = sample_ms(value);
	else if (strcmp(name, "sctretired") == 0)
		out->sct_retired_ms = sample_ms(value);
	else if (strcmp(name, "sctbad") == 0)
		out->sct_bad = (int)strtol(value, NULL, 10);
	else
		return false;
	return true;
}

static void
take_value(struct reading *r, const char *name, const char *value)
{
	struct make_spec *spec = &r->out->spec;

	if (take_text(r, name, value) || take_hex(r, name, value) ||
	    take_date(r, name, value))
		return;
	if (strcmp(name, "role") == 0)
		spec->role = (enum make_role)LOOK_UP(ROLES, name, value);
	else if (strcmp(name, "signer") == 0)
		r->signer = key_named(value, 0);
	else if (strcmp(name, "keyno") == 0)
		r->key_number = (unsigned)strtol(value, NULL, 10);
	else if (strcmp(name, "sig") == 0)
		spec->sigalg = (enum make_sigalg)LOOK_UP(SIGALGS, name, value);
	else if (strcmp(name, "dns") == 0)
		spec->dns = list_value(&r->out->arena, value);
	else if (strcmp(name, "san") == 0)
		add_san(r, value, false);
	else if (strcmp(name, "sanhex") == 0)
		add_san(r, value, true);
	else if (strcmp(name, "ku") == 0)
		spec->key_usage = (uint16_t)strtol(value, NULL, 10);
	else if (strcmp(name, "eku") == 0)
		spec->eku = spaces_value(&r->out->arena, value);
	else if (strcmp(name, "policies") == 0)
		spec->policies = spaces_value(&r->out->arena, value);
	else if (strcmp(name, "omit") == 0)
		add_omissions(r, value);
	else if (strcmp(name, "ext") == 0 || strcmp(name, "extcrit") == 0)
		add_extension(r, value, name[3] != 0);
	else if (strcmp(name, "patch") == 0)
		take_patch(r, value);
	else if (strcmp(name, "scts") == 0)
		take_scts(r, value);
	else if (strcmp(name, "sctops") == 0)
		take_operators(r, value);
	else if (strcmp(name, "programs") == 0)
		take_programs(r, value);
	else if (strcmp(name, "state") == 0)
		take_state(r, value);
	else if (strcmp(name, "rsa") == 0)
		spec->spki = spec_rsa_key(&r->out->arena, value);
	else if (strcmp(name, "dates") == 0)
		r->out->dates = (enum date_mode)LOOK_UP(MODES, name, value);
	else
		refuse("unknown word", name);
}

/* Takes one word off the front; quotes may stand around a value's part. */
static const char *
next_word(const char *at, struct buf *word)
{
	bool quoted = false;

	buf_clear(word);
	at += strspn(at, " ");
	for (; *at != 0 && (quoted || *at != ' '); at++)
		if (*at == '\'')
			quoted = !quoted;
		else
			buf_append_u8(word, (uint8_t)*at);
	return at;
}

static void
read_words(struct reading *r, const char *text)
{
	struct buf word;
	char *equals;

	buf_init(&word, 1 << 20);
	for (text = next_word(text, &word); word.len > 0; text = next_word(text, &word)) {
		const char *name = buf_text(&word);

		if ((equals = strchr(name, '=')) != NULL) {
			*equals = 0;
			take_value(r, name, equals + 1);
		} else if (!take_flag(r, name)) {
			refuse("unknown word", name);
		}
	}
	buf_free(&word);
}

/* --- the certificate ------------------------------------------------------------------
 */

static void
patch_tbs(struct buf *tbs, void *owner)
{
	struct reading *r = owner;
	uint8_t *at;

	if (r->patch_from.len == 0)
		return;
	at = memmem(tbs->data, tbs->len, r->patch_from.data, r->patch_from.len);
	if (at == NULL)
		refuse("patch", "not there");
	memcpy(at, r->patch_to.data, r->patch_to.len);
}

static void
make_scts(struct reading *r, struct buf *list)
{
	const struct make_spec *spec = &r->out->spec;
	struct buf tbs = make_tbs(spec), scts[8];

	for (size_t i = 0; i < r->out->sct_count; i++)
		scts[i] = make_sct(sample_log(r->out->sct_same ? 0 : (unsigned)i),
		    r->out->sct_ms[i],
		    (spec->issuer_key != NULL ? spec->issuer_key : spec->key)->key_hash,
		    buf_bytes(&tbs), bytes_of(NULL, 0));
	*list = make_sct_list(scts, r->out->sct_count);
	for (size_t i = 0; i < r->out->sct_count; i++)
		buf_free(&scts[i]);
	buf_free(&tbs);
}

static void
make_der(struct reading *r)
{
	struct make_spec *spec = &r->out->spec;
	uint8_t *serial = arena_alloc(&r->out->arena, 16);
	struct buf list;

	memset(serial, 0x5a, 16);
	if (spec->serial.len == 0)
		spec->serial = bytes_of(serial, 16);
	buf_init(&list, 1 << 20);
	if (r->sctraw != NULL)
		spec->sct_list = hex_value(&r->out->arena, r->sctraw);
	else if (r->out->sct_count > 0) {
		make_scts(r, &list);
		spec->sct_list = buf_bytes(&list);
	}
	r->out->der = make_cert(spec);
	buf_free(&list);
}

static void
read_spec(struct sample *out, const char *text)
{
	static const char *const DNS[] = {"www.example.org", NULL};
	struct reading r = {.out = out,
	    .signer = make_key(MAKE_KEY_P256, 0),
	    .key = "p256",
	    .key_number = 1,
	    .life_s = 40 * 86400 - 1};

	*out = (struct sample){.lo_ms = CLOCK_UNKNOWN,
	    .hi_ms = CLOCK_UNKNOWN,
	    .now_ms = 1790000000000,
	    .sct_bad = -1,
	    .dates = DATES_SIGN};
	arena_init(&out->arena);
	out->spec = (struct make_spec){.subject = "/CN=www.example.org",
	    .issuer = "/C=US/O=Test CA/CN=Test CA 1",
	    .not_before = sample_date("2026-04-01"),
	    .dns = DNS,
	    .sans = r.sans,
	    .extra = r.exts,
	    .patch = patch_tbs,
	    .owner = &r};
	read_words(&r, text);
	if (out->spec.role != MAKE_LEAF && out->spec.dns == DNS) {
		out->spec.dns = NULL;
		if (strcmp(out->spec.subject, "/CN=www.example.org") == 0)
			out->spec.subject = "/C=US/O=Test CA/CN=Test CA 2";
	}
	if (out->spec.role == MAKE_ROOT)
		r.self = true;
	out->spec.key = key_named(r.key, r.key_number);
	out->spec.issuer_key = r.self ? NULL : r.signer;
	if (r.self)
		out->spec.issuer = NULL;
	if (out->spec.not_after == 0)
		out->spec.not_after = out->spec.not_before + r.life_s;
	make_der(&r);
	out->spec.sans = NULL; /* r's */
	out->spec.extra = NULL;
}

/* As they were written, with what the logs' keys and lists would say. */
static void
set_scts(struct sample *out)
{
	struct judged *judged = &out->judged;
	struct judged_sct *scts;

	judged_read_scts(judged, &out->arena);
	scts = arena_zero(&out->arena, judged->sct_count + 1, sizeof(*scts));
	for (size_t i = 0; i < judged->sct_count; i++) {
		scts[i] = judged->scts[i];
		if (scts[i].result == JUDGED_SCT_BAD || out->sct_count == 0)
			continue;
		scts[i].result =
		    out->unverified ? JUDGED_SCT_UNKNOWN_LOG : JUDGED_SCT_VERIFIED;
		if ((int)i == out->sct_bad)
			scts[i].result = JUDGED_SCT_BAD;
		scts[i].log_name = out->unverified ? NULL : "test log";
		scts[i].log_operator = i < 8 ? out->sct_operators[i] : NULL;
		scts[i].log_retired_ms = out->sct_retired_ms;
	}
	judged_set_scts(judged, scts, judged->sct_count);
}

void
sample_judge(struct sample *out)
{
	const struct make_key *signer =
	    out->spec.issuer_key != NULL ? out->spec.issuer_key : out->spec.key;

	check_params_defaults(&out->params);
	judged_init(
	    &out->judged, &out->cert, NULL, signer->key_hash, &out->params, &out->arena);
	set_scts(out);
	out->judged.dates = out->dates;
	out->judged.now_ms = out->now_ms;
	out->judged.signature = SIGNATURE_VERIFIED;
	out->judged.as_final = out->as_final;
	out->judged.cross = out->cross;
	out->judged.by_precert_signer = out->by_precert_signer;
	if (out->lo_ms != CLOCK_UNKNOWN)
		out->judged.lo_ms = out->lo_ms;
	out->judged.hi_ms = out->hi_ms;
	out->signer.name = "Signer";
	if (out->has_signer)
		out->judged.signer = &out->signer;
}

void
sample_make(struct sample *out, const char *text)
{
	read_spec(out, text);
	if (!cert_parse(buf_bytes(&out->der), &out->cert))
		refuse("cannot be parsed", text);
	sample_judge(out);
}

void
sample_free(struct sample *sample)
{
	buf_free(&sample->der);
	arena_free(&sample->arena);
}

struct buf
spec_make(const char *text)
{
	struct sample sample;
	struct buf der;

	read_spec(&sample, text);
	der = sample.der;
	arena_free(&sample.arena);
	return der;
}
