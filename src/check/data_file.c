/* The files that an operator gives in the place of our own lists. */
#include <libpsl.h>
#include <stdio.h>

#include "base/text.h"
#include "data_priv.h"

#define VERSION_MAX   64
#define VERSION_LINES 20 /* from the top, where a version may stand */

__attribute__((format(printf, 2, 3))) bool
data_bad_line(struct reading *in, const char *format, ...)
{
	char what[200];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return err_set(in->err, ERR_CONFIG, "line %zu: %s", in->line, what);
}

/* --- lines and fields --- */

struct bytes
data_trim(struct bytes text)
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

bool
data_begins(struct bytes text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.data, with, len) == 0;
}

static bool
is_comment(struct bytes line)
{
	return data_begins(line, "#") || data_begins(line, "//") ||
	    data_begins(line, ">>>");
}

/* The next one that says something; a tab in front is kept. */
bool
data_next_line(struct reading *in, struct bytes *out)
{
	while (raw_line(in, out)) {
		struct bytes trimmed = data_trim(*out);

		if (trimmed.len > 0 && !is_comment(trimmed)) {
			out->len = (size_t)(trimmed.data + trimmed.len - out->data);
			return true;
		}
	}
	return false;
}

/* By tabs where there is one, so that a field may be empty, else by blanks. */
size_t
data_split(struct bytes line, struct bytes fields[DATA_FIELDS_MAX])
{
	bool tabs = memchr(line.data, '\t', line.len) != NULL;
	size_t count = 0, at = 0;

	line = tabs ? line : data_trim(line);
	while (at <= line.len && count < DATA_FIELDS_MAX) {
		size_t end = at;

		while (end < line.len && line.data[end] != (tabs ? '\t' : ' '))
			end++;
		if (tabs || end > at)
			fields[count++] = data_trim(bytes_of(line.data + at, end - at));
		at = end + 1;
	}
	return count;
}

const char *
data_show(struct reading *in, struct bytes text)
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
		if (is_comment(data_trim(line)) && version.len > 0)
			return (const char *)arena_copy(in->arena, version).data;
	}
	sha256_of(in->text, &hash);
	hex_format(hash.octets, 8, hex);
	return (const char *)arena_copy(in->arena, bytes_text(hex)).data;
}

/* "2026-11-01" or IANA's "2026110100"; 0: it is named otherwise. */
static int64_t
date_of(const char *version)
{
	char text[] = "YYYY-MM-DD";
	int64_t ms;

	if (strspn(version, "0123456789") >= 8)
		snprintf(text, sizeof(text), "%.4s-%.2s-%.2s", version, version + 4,
		    version + 6);
	else
		snprintf(text, sizeof(text), "%.10s", version);
	return time_parse(text, &ms) ? ms / 1000 : 0;
}

bool
data_is_label(struct bytes name)
{
	if (name.len == 0 || name.len > DATA_LABEL_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!((name.data[i] | 32) >= 'a' && (name.data[i] | 32) <= 'z') &&
		    !(name.data[i] >= '0' && name.data[i] <= '9') && name.data[i] != '-')
			return false;
	return true;
}

char *
data_lower(struct reading *in, struct bytes name)
{
	char *text = arena_alloc(in->arena, name.len + 1);

	ascii_lower_copy(text, name);
	text[name.len] = 0;
	return text;
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

static bool
may_be_several(enum check_data_kind kind)
{
	return kind == CHECK_DATA_WEAK_KEYS || kind == CHECK_DATA_HOLIDAYS;
}

/* Several files of one kind have all their versions, or, where that grows long, the
 * beginning of its hash: another version of one of them is another of all. */
static const char *
joined(struct arena *arena, const char *before, const char *version)
{
	char hex[2 * SHA256_LEN + 1];
	const char *whole = version;
	struct sha256 hash;
	struct buf text;

	if (before == NULL)
		return version;
	buf_init(&text, 4096);
	buf_append_format(&text, "%s,%s", before, version);
	if (text.len > 2 * VERSION_MAX + 1) {
		sha256_of(buf_bytes(&text), &hash);
		hex_format(hash.octets, 8, hex);
		whole = hex;
	} else {
		whole = buf_text(&text);
	}
	whole = (const char *)arena_copy(arena, bytes_text(whole)).data;
	buf_free(&text);
	return whole;
}

bool
check_data_parse(struct check_params *params, enum check_data_kind kind,
    struct bytes text, struct arena *arena, struct err *err)
{
	static bool (*const READ[])(struct reading *) = {[CHECK_DATA_PSL] = data_read_psl,
	    [CHECK_DATA_TLDS] = data_read_tlds,
	    [CHECK_DATA_COUNTRIES] = data_read_countries,
	    [CHECK_DATA_BLOCKS] = data_read_blocks,
	    [CHECK_DATA_TENANTS] = data_read_tenants,
	    [CHECK_DATA_WEAK_KEYS] = data_read_weak,
	    [CHECK_DATA_BLOCKED_KEYS] = data_read_blocked,
	    [CHECK_DATA_HOLIDAYS] = data_read_holidays};
	struct check_params next = *params;
	struct reading in = {
	    .params = &next, .arena = arena, .text = text, .rest = text, .err = err};

	if (!READ[kind](&in))
		return false;
	next.versions[kind] = joined(
	    arena, may_be_several(kind) ? params->versions[kind] : NULL, version_of(&in));
	if (kind == CHECK_DATA_TLDS)
		next.tld_date_s = date_of(next.versions[kind]);
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
