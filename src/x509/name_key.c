/* The normal form of a name: RFC 5280, 7.1, with RFC 4518's idea of white space
 * and case, and without its compatibility mappings. */
#include <ctype.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "x509/name.h"
#include "x509_priv.h"

#define ATTRIBUTES_SORTED 16 /* of one RDN; the others keep their order */

/* Writes one value, a character at a time: folded, with runs of white space
 * as one space and none at the ends. */
struct folder {
	struct buf *out;
	bool started;
	bool space; /* one is owed before the next character */
	size_t len;
	uint8_t chunk[64]; /* not in out yet */
};

static void
folder_flush(struct folder *folder)
{
	buf_append(folder->out, folder->chunk, folder->len);
	folder->len = 0;
}

static void
fold_character(struct folder *folder, uint32_t c)
{
	if (is_white_space(c)) {
		folder->space = folder->started;
		return;
	}
	if (is_invisible(c))
		return;
	if (folder->len + 6 > sizeof(folder->chunk))
		folder_flush(folder);
	if (folder->space)
		folder->chunk[folder->len++] = ' ';
	if (c == ',' || c == '+' || c == '=' || c == '\\' ||
	    (c == '#' && !folder->started))
		folder->chunk[folder->len++] = '\\';
	folder->len += utf8_put(fold_case(c), folder->chunk + folder->len);
	folder->started = true;
	folder->space = false;
}

static void
append_type(struct buf *out, struct bytes oid)
{
	size_t from = out->len;

	oid_append_name(out, oid);
	for (size_t i = from; i < out->len; i++)
		out->data[i] = (uint8_t)tolower(out->data[i]);
	buf_append_u8(out, '=');
}

static void
append_attribute(struct buf *out, const struct name_attribute *attribute)
{
	struct characters text = {.left = attribute->value, .tag = attribute->tag};
	struct folder folder = {.out = out};
	uint32_t code_point;

	append_type(out, attribute->oid);
	if (!is_string_tag(attribute->tag)) {
		string_append_utf8(out, attribute->tag, attribute->value);
		return;
	}
	while (!out->failed && characters_next(&text, &code_point))
		fold_character(&folder, code_point);
	folder_flush(&folder);
}

/* The attributes of one RDN are a set: their pieces of the key are put in
 * order, so that an encoder's order does not matter. */
struct rdn_pieces {
	size_t from[ATTRIBUTES_SORTED + 1]; /* where each begins; the last: the end */
	size_t count;
};

static void
swap_neighbours(struct buf *out, struct rdn_pieces *pieces, size_t i)
{
	uint8_t *a = out->data + pieces->from[i];
	size_t a_len = pieces->from[i + 1] - pieces->from[i];
	size_t b_len = pieces->from[i + 2] - pieces->from[i + 1];
	uint8_t *copy = mem_copy(a, a_len);

	memmove(a, a + a_len, b_len);
	memcpy(a + b_len, copy, a_len);
	pieces->from[i + 1] = pieces->from[i] + b_len;
	mem_free(copy);
}

static struct bytes
piece(const struct buf *out, const struct rdn_pieces *pieces, size_t i)
{
	return bytes_of(
	    out->data + pieces->from[i], pieces->from[i + 1] - pieces->from[i]);
}

static void
sort_rdn(struct buf *out, struct rdn_pieces *pieces)
{
	if (out->failed)
		return;
	for (size_t end = pieces->count; end > 1; end--)
		for (size_t i = 0; i + 1 < end; i++)
			if (bytes_compare(
				piece(out, pieces, i), piece(out, pieces, i + 1)) > 0)
				swap_neighbours(out, pieces, i);
}

/* Each piece carries its own separator: '+' in front of all attributes of an
 * RDN, ',' behind it. */
static void
begin_piece(struct buf *out, struct rdn_pieces *pieces, bool shares_rdn)
{
	if (!shares_rdn) {
		sort_rdn(out, pieces);
		if (pieces->count > 0)
			buf_append_u8(out, ',');
		pieces->count = 0;
	}
	if (pieces->count < ATTRIBUTES_SORTED)
		pieces->from[pieces->count++] = out->len;
	buf_append_u8(out, '+');
}

static void
end_piece(struct buf *out, struct rdn_pieces *pieces)
{
	pieces->from[pieces->count] = out->len;
}

bool
name_append_key(struct buf *out, struct bytes name)
{
	struct rdn_pieces pieces = {.count = 0};
	struct name_attribute attribute;
	struct name_iter iter;

	name_begin(name, &iter);
	while (!out->failed && name_next(&iter, &attribute)) {
		begin_piece(out, &pieces, attribute.shares_rdn);
		append_attribute(out, &attribute);
		end_piece(out, &pieces);
	}
	sort_rdn(out, &pieces);
	return !out->failed;
}

bool
name_equal(struct bytes a, struct bytes b)
{
	struct buf one, other;
	bool equal;

	buf_init(&one, 1 << 16);
	buf_init(&other, 1 << 16);
	equal = name_append_key(&one, a) && name_append_key(&other, b) &&
	    bytes_equal(buf_bytes(&one), buf_bytes(&other));
	buf_free(&one);
	buf_free(&other);
	return equal;
}

/* What stands behind a backslash: a character as itself, two hex digits (RFC
 * 4514, 3), or "xNN" as text_append_safe() writes it. */
static uint32_t
read_escape(const char **text)
{
	const char *hex = **text == 'x' ? *text + 1 : *text;
	uint8_t octet;

	if (isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)hex[1])) {
		char pair[3] = {hex[0], hex[1], '\0'};

		if (hex_parse(pair, &octet, 1)) {
			*text = hex + 2;
			return octet;
		}
	}
	return (uint8_t) * (*text)++;
}

/* One character of a value in text form; false at the end of the value. */
static bool
next_text_character(const char **text, uint32_t *c)
{
	size_t len;

	if (**text == '\0' || strchr(",;+", **text) != NULL)
		return false;
	if (**text == '\\' && (*text)[1] != '\0') {
		(*text)++;
		*c = read_escape(text);
		return true;
	}
	len = utf8_next(bytes_text(*text), c);
	if (len == 0) {
		*c = (uint8_t) * *text;
		len = 1;
	}
	*text += len;
	return true;
}

static bool
read_type(const char **text, struct buf *oid)
{
	const char *end = strchr(*text, '=');
	struct bytes name;
	enum oid id;
	char *dotted;
	bool ok;

	if (end == NULL)
		return false;
	name = bytes_of(*text, (size_t)(end - *text));
	while (name.len > 0 && name.data[name.len - 1] == ' ')
		name.len--;
	*text = end + 1;
	if ((id = oid_by_name(name)) != OID_UNKNOWN)
		return buf_append_bytes(oid, oid_octets(id));
	dotted = mem_copy(name.data, name.len);
	ok = oid_parse_dotted(dotted, oid);
	mem_free(dotted);
	return ok;
}

bool
name_key_from_text(const char *text, struct buf *out, struct err *err)
{
	struct rdn_pieces pieces = {.count = 0};
	bool shares_rdn = false;
	uint32_t c;

	for (; *text != '\0'; text += *text != '\0') {
		struct folder folder = {.out = out};
		struct buf oid;
		bool ok;

		text += strspn(text, " ");
		buf_init(&oid, 256);
		begin_piece(out, &pieces, shares_rdn);
		if ((ok = read_type(&text, &oid)))
			append_type(out, buf_bytes(&oid));
		buf_free(&oid);
		if (!ok)
			return err_set(err, ERR_CONFIG,
			    "name: no attribute type and '=' before \"%.40s\"", text);
		while (next_text_character(&text, &c))
			fold_character(&folder, c);
		folder_flush(&folder);
		end_piece(out, &pieces);
		shares_rdn = *text == '+';
	}
	sort_rdn(out, &pieces);
	if (out->failed)
		return err_set(err, ERR_LIMIT, "name: too long");
	return true;
}

static int
compare_bytes(const void *a, const void *b)
{
	return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

#define PARTS_MAX 64

/* The parts of "c=us,o=a\, b,cn=x" in ascending order: some write the country
 * first, others last. */
void
name_sort_key(struct bytes key, struct buf *out)
{
	struct bytes parts[PARTS_MAX];
	size_t count = 0, start = 0;

	for (size_t i = 0; i <= key.len; i++) {
		if (i < key.len && key.data[i] == '\\') {
			i++;
			continue;
		}
		if (i < key.len && (key.data[i] != ',' || count + 1 == PARTS_MAX))
			continue;
		parts[count++] =
		    bytes_of(key.data + start, (i < key.len ? i : key.len) - start);
		start = i + 1;
	}
	qsort(parts, count, sizeof(parts[0]), compare_bytes);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_append_u8(out, ',');
		buf_append_bytes(out, parts[i]);
	}
}

#define KEY_CEILING (1 << 16)

void
name_append_sorted_key(struct buf *out, struct bytes name)
{
	struct buf key;

	buf_init(&key, KEY_CEILING);
	if (name_append_key(&key, name))
		name_sort_key(buf_bytes(&key), out);
	buf_free(&key);
}
