/* Lists of addresses, names and keys, one a line, and of public suffixes. */
#include <arpa/inet.h>
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "data_priv.h"

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
		return data_bad_line(in, "\"%s\" begins with no block like 10.0.0.0/8",
		    data_show(in, line));
	while (behind < line.len && strchr(" \t\",", line.data[behind]) != NULL)
		behind++;
	line = bytes_of(line.data + behind, line.len - behind);
	for (size_t i = first; i < in->params->block_count; i++)
		(*rows)[i].name = data_show(in, line);
	return true;
}

bool
data_read_blocks(struct reading *in)
{
	struct check_block *rows = NULL;
	struct bytes line;
	size_t room = 0, at;
	bool heading = true;

	in->params->block_count = 0;
	while (data_next_line(in, &line)) {
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

	while (data_next_line(&all, &line))
		count++;
	return count;
}

static bool
is_domain(struct bytes name)
{
	while (name.len > 0) {
		const uint8_t *dot = memchr(name.data, '.', name.len);
		size_t len = dot == NULL ? name.len : (size_t)(dot - name.data);

		if (!data_is_label(bytes_of(name.data, len)))
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

bool
data_read_tenants(struct reading *in)
{
	const char **names =
	    arena_alloc(in->arena, (count_lines(in) + 1) * sizeof(*names));
	struct bytes line;
	size_t count = 0;

	while (data_next_line(in, &line)) {
		line = data_trim(line);
		if (!is_domain(line))
			return data_bad_line(
			    in, "\"%s\" is no domain name", data_show(in, line));
		names[count++] = data_lower(in, line);
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

bool
data_read_blocked(struct reading *in)
{
	uint8_t(*hashes)[32] = with_room(in, NULL, 0, count_lines(in), 32);
	struct bytes line;
	size_t count = 0;

	while (data_next_line(in, &line))
		if (!read_hex(in, data_trim(line), hashes[count++], 32))
			return data_bad_line(in,
			    "\"%s\" is no SHA-256 of a SubjectPublicKeyInfo in hex",
			    data_show(in, data_trim(line)));
	qsort(hashes, count, 32, compare_hashes);
	in->params->blocked_keys.hashes = (const uint8_t(*)[32])hashes;
	in->params->blocked_keys.count = count;
	return true;
}

/* openssl-blacklist's lines, or hashes of whole keys. */
bool
data_read_weak(struct reading *in)
{
	struct check_key_list *keys = &in->params->weak_keys;
	struct check_modulus_list *moduli = &in->params->weak_moduli;
	size_t more = count_lines(in), key_count = keys->count,
	       modulus_count = moduli->count;
	uint8_t(*hashes)[32] = with_room(in, keys->hashes, key_count, more, 32);
	uint8_t(*tens)[10] = with_room(in, moduli->hashes, modulus_count, more, 10);
	struct bytes line;

	while (data_next_line(in, &line)) {
		line = data_trim(line);
		if (read_hex(in, line, tens[modulus_count], 10))
			modulus_count++;
		else if (read_hex(in, line, hashes[key_count], 32))
			key_count++;
		else
			return data_bad_line(in,
			    "\"%s\" is neither 20 nor 64 digits of hex",
			    data_show(in, line));
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
	struct bytes line, fields[DATA_FIELDS_MAX], rule;
	size_t rules = 0;

	while (data_next_line(in, &line)) {
		rule = data_split(line, fields) > 0 ? fields[0] : line;
		if (data_begins(rule, "!") || data_begins(rule, "*.") ||
		    data_begins(rule, "."))
			rule = bytes_of(rule.data + 1, rule.len - 1);
		if (rule.len == 0 || rule.len > 253 || !utf8_valid(rule) ||
		    rule.data[rule.len - 1] == '.' ||
		    memmem(rule.data, rule.len, "..", 2) != NULL)
			return data_bad_line(in,
			    "\"%s\" is no rule of a public suffix list",
			    data_show(in, line));
		rules++;
	}
	return rules > 0 || err_set(in->err, ERR_CONFIG, "it is empty");
}

bool
data_read_psl(struct reading *in)
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
