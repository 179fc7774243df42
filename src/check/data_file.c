/* The files that an operator gives in the place of our own lists. */
#include <arpa/inet.h>
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "check/data.h"
#include "check_priv.h"

#define VERSION_MAX   64
#define VERSION_LINES 20 /* from the top, where a version may stand */
#define FIELDS_MAX    8
#define LABEL_MAX     63

struct reading {
	struct check_params *params;
	struct arena *arena;
	struct bytes text, rest;
	size_t line; /* of the one at hand */
	struct err *err;
};

__attribute__((format(printf, 2, 3))) static bool
bad_line(struct reading *in, const char *format, ...)
{
	char what[200];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return err_set(in->err, ERR_CONFIG, "line %zu: %s", in->line, what);
}

/* --- lines and fields --- */

static struct bytes
trim(struct bytes text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
		text.data++;
		text.len--;
	}
	while (text.len > 0 && strchr(" \t\r", text.data[text.len - 1]) != NULL)
		text.len--;
	return text;
}

/* As it stands, without its end; false behind the last. */
static bool
raw_line(struct reading *in, struct bytes *out)
{
	const uint8_t *end;

	if (in->rest.len == 0)
		return false;
	end = memchr(in->rest.data, '\n', in->rest.len);
	out->data = in->rest.data;
	out->len = end == NULL ? in->rest.len : (size_t)(end - in->rest.data);
	in->rest.data += out->len + (end != NULL);
	in->rest.len -= out->len + (end != NULL);
	in->line++;
	return true;
}

static bool
begins(struct bytes text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.data, with, len) == 0;
}

static bool
is_comment(struct bytes line)
{
	return begins(line, "#") || begins(line, "//") || begins(line, ">>>");
}

/* The next one that says something; a tab in front is kept. */
static bool
next_line(struct reading *in, struct bytes *out)
{
	while (raw_line(in, out)) {
		struct bytes trimmed = trim(*out);

		if (trimmed.len > 0 && !is_comment(trimmed)) {
			out->len = (size_t)(trimmed.data + trimmed.len - out->data);
			return true;
		}
	}
	return false;
}

/* By tabs where there is one, so that a field may be empty, else by blanks. */
static size_t
split(struct bytes line, struct bytes fields[FIELDS_MAX])
{
	bool tabs = memchr(line.data, '\t', line.len) != NULL;
	size_t count = 0, at = 0;

	line = tabs ? line : trim(line);
	while (at <= line.len && count < FIELDS_MAX) {
		size_t end = at;

		while (end < line.len && line.data[end] != (tabs ? '\t' : ' '))
			end++;
		if (tabs || end > at)
			fields[count++] = trim(bytes_of(line.data + at, end - at));
		at = end + 1;
	}
	return count;
}

/* A date, or none: "", "-". */
static bool
read_date(struct bytes field, int64_t *unix_s)
{
	char text[TIME_TEXT_LEN];
	int64_t ms;

	*unix_s = 0;
	if (field.len == 0 || (field.len == 1 && field.data[0] == '-'))
		return true;
	if (field.len >= sizeof(text))
		return false;
	memcpy(text, field.data, field.len);
	text[field.len] = 0;
	if (!time_parse(text, &ms))
		return false;
	*unix_s = ms / 1000;
	return true;
}

static const char *
show(struct reading *in, struct bytes text)
{
	struct buf out;
	struct bytes copy;

	buf_init(&out, 4096);
	text_append_safe(&out, text, 60);
	copy = arena_copy(in->arena, buf_bytes(&out));
	buf_free(&out);
	return (const char *)copy.data;
}

/* --- versions --- */

static bool
is_version_text(uint8_t c)
{
	return c > ' ' && c < 0x7f && c != ',' && c != '"';
}

/* What a comment names as its version: behind that word and blanks or a colon. */
static struct bytes
named_version(struct bytes line)
{
	static const char WORD[] = "version";
	size_t at = 0, len = 0;

	while (at + sizeof(WORD) - 1 <= line.len &&
	    strncasecmp((const char *)line.data + at, WORD, sizeof(WORD) - 1) != 0)
		at++;
	at += sizeof(WORD) - 1;
	while (at < line.len && (line.data[at] == ' ' || line.data[at] == ':'))
		at++;
	while (at + len < line.len && is_version_text(line.data[at + len]) &&
	    len < VERSION_MAX)
		len++;
	return at < line.len ? bytes_of(line.data + at, len) : bytes_of(NULL, 0);
}

static const char *
version_of(const struct reading *in)
{
	struct reading top = {.rest = in->text};
	char hex[2 * SHA256_LEN + 1];
	struct bytes line, version;
	struct sha256 hash;

	while (top.line < VERSION_LINES && raw_line(&top, &line)) {
		version = named_version(line);
		if (is_comment(trim(line)) && version.len > 0)
			return (const char *)arena_copy(in->arena, version).data;
	}
	sha256_of(in->text, &hash);
	hex_format(hash.octets, 8, hex);
	return (const char *)arena_copy(in->arena, bytes_text(hex)).data;
}

/* --- names with dates: TLDs, countries --- */

struct dated {
	struct bytes name;
	int64_t from, until;
};

/* Where name, from and until stand; a heading may say otherwise. */
struct columns {
	size_t name, from, until;
};

static bool
is_any(struct bytes field, const char *const *words)
{
	for (; *words != NULL; words++)
		if (bytes_equal(field, bytes_text(*words)))
			return true;
	return false;
}

static bool
read_heading(struct bytes line, struct columns *out)
{
	static const char *const NAMES[] = {"tld", "alpha2", "code", "name", NULL};
	static const char *const FROMS[] = {"from", "delegation_date", NULL};
	static const char *const UNTILS[] = {"until", "removal_date", NULL};
	struct bytes fields[FIELDS_MAX];
	size_t count = split(line, fields);

	if (!is_any(fields[0], NAMES))
		return false;
	*out = (struct columns){0, FIELDS_MAX, FIELDS_MAX};
	for (size_t i = 1; i < count; i++)
		if (is_any(fields[i], FROMS))
			out->from = i;
		else if (is_any(fields[i], UNTILS))
			out->until = i;
	return true;
}

static bool
read_dated(struct reading *in, struct bytes line, const struct columns *columns,
    struct dated *out)
{
	struct bytes fields[FIELDS_MAX + 1] = {0};
	size_t count = split(line, fields);

	for (size_t i = count; i <= FIELDS_MAX; i++)
		fields[i] = bytes_of(NULL, 0);
	out->name = fields[columns->name];
	if (!read_date(fields[columns->from], &out->from) ||
	    !read_date(fields[columns->until], &out->until))
		return bad_line(in, "\"%s\" has no date like 2026-11-20 in its place",
		    show(in, line));
	return out->until == 0 || out->from < out->until ||
	    bad_line(in, "\"%s\" ends before it begins", show(in, out->name));
}

/* All records; the arena's. */
static bool
read_all_dated(struct reading *in, struct dated **rows, size_t *count)
{
	struct columns columns = {0, 1, 2};
	struct bytes line;
	size_t room = 0;

	*count = 0;
	while (next_line(in, &line)) {
		struct dated *old = *rows;

		if (*count == 0 && room == 0 && read_heading(line, &columns))
			continue;
		if (*count == room) {
			room = room == 0 ? 64 : room * 2;
			*rows = arena_alloc(in->arena, room * sizeof(**rows));
			if (old != NULL)
				memcpy(*rows, old, *count * sizeof(**rows));
		}
		if (!read_dated(in, line, &columns, &(*rows)[*count]))
			return false;
		(*count)++;
	}
	return *count > 0 || err_set(in->err, ERR_CONFIG, "it is empty");
}

static bool
is_label(struct bytes name)
{
	if (name.len == 0 || name.len > LABEL_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!((name.data[i] | 32) >= 'a' && (name.data[i] | 32) <= 'z') &&
		    !(name.data[i] >= '0' && name.data[i] <= '9') && name.data[i] != '-')
			return false;
	return true;
}

static char *
lower_text(struct reading *in, struct bytes name)
{
	char *text = arena_alloc(in->arena, name.len + 1);

	for (size_t i = 0; i < name.len; i++)
		text[i] =
		    (char)(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] + 32
								      : name.data[i]);
	text[name.len] = 0;
	return text;
}

static int
compare_tlds(const void *a, const void *b)
{
	return strcmp(
	    ((const struct check_tld *)a)->name, ((const struct check_tld *)b)->name);
}

static bool
read_tlds(struct reading *in)
{
	struct dated *rows = NULL;
	struct check_tld *tlds;
	size_t count;

	if (!read_all_dated(in, &rows, &count))
		return false;
	tlds = arena_alloc(in->arena, count * sizeof(*tlds));
	for (size_t i = 0; i < count; i++) {
		if (!is_label(rows[i].name))
			return err_set(in->err, ERR_CONFIG, "\"%s\" is no name of a TLD",
			    show(in, rows[i].name));
		tlds[i] = (struct check_tld){
		    lower_text(in, rows[i].name), rows[i].from, rows[i].until};
	}
	qsort(tlds, count, sizeof(*tlds), compare_tlds);
	in->params->tlds = tlds;
	in->params->tld_count = count;
	return true;
}

static int
compare_countries(const void *a, const void *b)
{
	return strcmp(((const struct check_country *)a)->code,
	    ((const struct check_country *)b)->code);
}

static bool
read_countries(struct reading *in)
{
	struct dated *rows = NULL;
	struct check_country *countries;
	size_t count;

	if (!read_all_dated(in, &rows, &count))
		return false;
	countries = arena_zero(in->arena, count, sizeof(*countries));
	for (size_t i = 0; i < count; i++) {
		struct bytes code = rows[i].name;

		if (code.len != 2 || code.data[0] < 'A' || code.data[0] > 'Z' ||
		    code.data[1] < 'A' || code.data[1] > 'Z')
			return err_set(in->err, ERR_CONFIG,
			    "\"%s\" is no code of two capitals", show(in, code));
		memcpy(countries[i].code, code.data, 2);
		countries[i].from = rows[i].from;
		countries[i].until = rows[i].until;
	}
	qsort(countries, count, sizeof(*countries), compare_countries);
	in->params->countries = countries;
	in->params->country_count = count;
	return true;
}

/* --- addresses --- */

/* "10.0.0.0/8"; what is behind the prefix is cut off by the caller. */
static bool
read_block(struct bytes text, struct check_block *out)
{
	char address[64], *slash, *end;
	unsigned long bits;

	if (text.len == 0 || text.len >= sizeof(address))
		return false;
	memcpy(address, text.data, text.len);
	address[text.len] = 0;
	if ((slash = strchr(address, '/')) == NULL || slash[1] < '0' || slash[1] > '9')
		return false;
	*slash = 0;
	bits = strtoul(slash + 1, &end, 10);
	out->size = strchr(address, ':') != NULL ? 16 : 4;
	out->bits = (uint8_t)bits;
	return *end == 0 && bits <= 8UL * out->size &&
	    inet_pton(out->size == 16 ? AF_INET6 : AF_INET, address, out->address) == 1;
}

/* The parts of IANA's first column: "192.0.0.170/32, 192.0.0.171/32", with
 * quotes and marks of footnotes. */
static struct bytes
next_word(struct bytes line, size_t *at)
{
	size_t from;

	while (*at < line.len && strchr(" \t\",", line.data[*at]) != NULL)
		(*at)++;
	from = *at;
	while (*at < line.len && strchr(" \t\",", line.data[*at]) == NULL)
		(*at)++;
	return bytes_of(line.data + from, *at - from);
}

static void
add_block(struct reading *in, struct check_block **rows, size_t *room,
    const struct check_block *block)
{
	struct check_block *old = *rows;
	size_t count = in->params->block_count;

	if (old == NULL || count == *room) {
		*room = old == NULL ? 64 : *room * 2;
		*rows = arena_alloc(in->arena, *room * sizeof(**rows));
		if (old != NULL)
			memcpy(*rows, old, count * sizeof(**rows));
	}
	(*rows)[in->params->block_count++] = *block;
}

static bool
read_block_line(
    struct reading *in, struct bytes line, struct check_block **rows, size_t *room)
{
	struct check_block block = {0};
	size_t at = 0, first = in->params->block_count, behind = 0;
	struct bytes word;

	for (;;) {
		word = next_word(line, &at);
		if (!read_block(word, &block))
			break;
		behind = at;
		add_block(in, rows, room, &block);
		block = (struct check_block){0};
	}
	if (behind == 0)
		return bad_line(
		    in, "\"%s\" begins with no block like 10.0.0.0/8", show(in, line));
	while (behind < line.len && strchr(" \t\",", line.data[behind]) != NULL)
		behind++;
	line = bytes_of(line.data + behind, line.len - behind);
	for (size_t i = first; i < in->params->block_count; i++)
		(*rows)[i].name = show(in, line);
	return true;
}

static bool
read_blocks(struct reading *in)
{
	struct check_block *rows = NULL;
	struct bytes line;
	size_t room = 0, at;
	bool heading = true;

	in->params->block_count = 0;
	while (next_line(in, &line)) {
		at = 0;
		if (heading && bytes_equal(next_word(line, &at), bytes_text("Address")))
			continue;
		heading = false;
		if (!read_block_line(in, line, &rows, &room))
			return false;
	}
	in->params->blocks = rows;
	return in->params->block_count > 0 || err_set(in->err, ERR_CONFIG, "it is empty");
}

/* --- names and keys, one a line --- */

static size_t
count_lines(const struct reading *in)
{
	struct reading all = *in;
	struct bytes line;
	size_t count = 0;

	while (next_line(&all, &line))
		count++;
	return count;
}

static bool
is_domain(struct bytes name)
{
	while (name.len > 0) {
		const uint8_t *dot = memchr(name.data, '.', name.len);
		size_t len = dot == NULL ? name.len : (size_t)(dot - name.data);

		if (!is_label(bytes_of(name.data, len)))
			return false;
		if (dot == NULL)
			return true;
		name = bytes_of(dot + 1, name.len - len - 1);
	}
	return false;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
read_tenants(struct reading *in)
{
	const char **names =
	    arena_alloc(in->arena, (count_lines(in) + 1) * sizeof(*names));
	struct bytes line;
	size_t count = 0;

	while (next_line(in, &line)) {
		line = trim(line);
		if (!is_domain(line))
			return bad_line(in, "\"%s\" is no domain name", show(in, line));
		names[count++] = lower_text(in, line);
	}
	qsort(names, count, sizeof(*names), compare_names);
	in->params->tenants = names;
	in->params->tenant_count = count;
	return true;
}

static int
compare_hashes(const void *a, const void *b)
{
	return memcmp(a, b, SHA256_LEN);
}

static int
compare_moduli(const void *a, const void *b)
{
	return memcmp(a, b, 10);
}

/* What stands in a list, with room for more behind it. */
static void *
with_room(struct reading *in, const void *old, size_t count, size_t more, size_t size)
{
	uint8_t *rows = arena_alloc(in->arena, (count + more + 1) * size);

	if (count > 0)
		memcpy(rows, old, count * size);
	return rows;
}

static bool
read_hex(struct reading *in, struct bytes line, void *out, size_t len)
{
	char text[2 * SHA256_LEN + 1];

	if (line.len != 2 * len)
		return false;
	memcpy(text, line.data, line.len);
	text[line.len] = 0;
	(void)in;
	return hex_parse(text, out, len);
}

static bool
read_blocked(struct reading *in)
{
	uint8_t(*hashes)[32] = with_room(in, NULL, 0, count_lines(in), 32);
	struct bytes line;
	size_t count = 0;

	while (next_line(in, &line))
		if (!read_hex(in, trim(line), hashes[count++], 32))
			return bad_line(in,
			    "\"%s\" is no SHA-256 of a SubjectPublicKeyInfo in hex",
			    show(in, trim(line)));
	qsort(hashes, count, 32, compare_hashes);
	in->params->blocked_keys.hashes = (const uint8_t(*)[32])hashes;
	in->params->blocked_keys.count = count;
	return true;
}

/* openssl-blacklist's lines, or hashes of whole keys. */
static bool
read_weak(struct reading *in)
{
	struct check_key_list *keys = &in->params->weak_keys;
	struct check_modulus_list *moduli = &in->params->weak_moduli;
	size_t more = count_lines(in), key_count = keys->count,
	       modulus_count = moduli->count;
	uint8_t(*hashes)[32] = with_room(in, keys->hashes, key_count, more, 32);
	uint8_t(*tens)[10] = with_room(in, moduli->hashes, modulus_count, more, 10);
	struct bytes line;

	while (next_line(in, &line)) {
		line = trim(line);
		if (read_hex(in, line, tens[modulus_count], 10))
			modulus_count++;
		else if (read_hex(in, line, hashes[key_count], 32))
			key_count++;
		else
			return bad_line(in, "\"%s\" is neither 20 nor 64 digits of hex",
			    show(in, line));
	}
	qsort(hashes, key_count, 32, compare_hashes);
	qsort(tens, modulus_count, 10, compare_moduli);
	*keys = (struct check_key_list){(const uint8_t(*)[32])hashes, key_count, NULL};
	*moduli = (struct check_modulus_list){(const uint8_t(*)[10])tens, modulus_count};
	return true;
}

/* --- public suffixes --- */

/* libpsl passes over what it does not understand; we do not. */
static bool
check_rules(struct reading *in)
{
	struct bytes line, fields[FIELDS_MAX], rule;
	size_t rules = 0;

	while (next_line(in, &line)) {
		rule = split(line, fields) > 0 ? fields[0] : line;
		if (begins(rule, "!") || begins(rule, "*.") || begins(rule, "."))
			rule = bytes_of(rule.data + 1, rule.len - 1);
		if (rule.len == 0 || rule.len > 253 || !utf8_valid(rule) ||
		    rule.data[rule.len - 1] == '.' ||
		    memmem(rule.data, rule.len, "..", 2) != NULL)
			return bad_line(in, "\"%s\" is no rule of a public suffix list",
			    show(in, line));
		rules++;
	}
	return rules > 0 || err_set(in->err, ERR_CONFIG, "it is empty");
}

static bool
read_psl(struct reading *in)
{
	psl_ctx_t *psl = NULL;
	FILE *file;

	if (!check_rules(in))
		return false;
	if (memmem(in->text.data, in->text.len, "===BEGIN ICANN DOMAINS===", 25) == NULL)
		return err_set(
		    in->err, ERR_CONFIG, "it has no \"===BEGIN ICANN DOMAINS===\"");
	file = fmemopen((void *)(uintptr_t)in->text.data, in->text.len, "r");
	if (file != NULL) {
		psl = psl_load_fp(file);
		fclose(file);
	}
	if (psl == NULL)
		return err_set(in->err, ERR_CONFIG, "libpsl refuses it");
	psl_free((psl_ctx_t *)(uintptr_t)in->params->psl);
	in->params->psl = psl;
	return true;
}

/* --- the whole --- */

bool
check_data_kind(const char *name, enum check_data_kind *out)
{
	for (unsigned kind = 0; kind < CHECK_DATA_KINDS; kind++)
		if (strcmp(check_data_name((enum check_data_kind)kind), name) == 0) {
			*out = (enum check_data_kind)kind;
			return true;
		}
	return false;
}

/* Several files of one kind have both versions. */
static const char *
joined(struct arena *arena, const char *before, const char *version)
{
	char text[2 * VERSION_MAX + 2];
	int len;

	if (before == NULL)
		return version;
	len = snprintf(text, sizeof(text), "%s,%s", before, version);
	len = len < (int)sizeof(text) ? len : (int)sizeof(text) - 1;
	return (const char *)arena_copy(arena, bytes_of(text, (size_t)len)).data;
}

bool
check_data_parse(struct check_params *params, enum check_data_kind kind,
    struct bytes text, struct arena *arena, struct err *err)
{
	static bool (*const READ[])(struct reading *) = {[CHECK_DATA_PSL] = read_psl,
	    [CHECK_DATA_TLDS] = read_tlds,
	    [CHECK_DATA_COUNTRIES] = read_countries,
	    [CHECK_DATA_BLOCKS] = read_blocks,
	    [CHECK_DATA_TENANTS] = read_tenants,
	    [CHECK_DATA_WEAK_KEYS] = read_weak,
	    [CHECK_DATA_BLOCKED_KEYS] = read_blocked};
	struct check_params next = *params;
	struct reading in = {
	    .params = &next, .arena = arena, .text = text, .rest = text, .err = err};

	if (!READ[kind](&in))
		return false;
	next.versions[kind] =
	    joined(arena, kind == CHECK_DATA_WEAK_KEYS ? params->versions[kind] : NULL,
		version_of(&in));
	next.weak_keys.version = next.versions[CHECK_DATA_WEAK_KEYS];
	next.blocked_keys.version = next.versions[CHECK_DATA_BLOCKED_KEYS];
	*params = next;
	return true;
}

void
check_data_fini(struct check_params *params)
{
	psl_free((psl_ctx_t *)(uintptr_t)params->psl);
	params->psl = NULL;
}
