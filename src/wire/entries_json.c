/*
 * Two passes: the first finds where each string begins and ends, without
 * changing a byte, so that a reply of another shape can still go to jansson;
 * the second decodes in place.
 */
#include "wire/entries_json.h"

#include "base/text.h"
#include "wire_priv.h"

enum { FIRST_ROOM = 64 };

struct scan {
	const uint8_t *at, *end;
};

/* --- the usual shape ------------------------------------------------------- */

static void
skip_space(struct scan *scan)
{
	while (scan->at < scan->end &&
	    (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' ||
		*scan->at == '\t'))
		scan->at++;
}

static bool
take_char(struct scan *scan, char c)
{
	skip_space(scan);
	if (scan->at == scan->end || *scan->at != (uint8_t)c)
		return false;
	scan->at++;
	return true;
}

/* A string without escapes: none is in a reply that gets here. */
static bool
take_string(struct scan *scan, struct bytes *out)
{
	const uint8_t *quote;

	if (!take_char(scan, '"'))
		return false;
	quote = memchr(scan->at, '"', (size_t)(scan->end - scan->at));
	if (quote == NULL)
		return false;
	*out = bytes_of(scan->at, (size_t)(quote - scan->at));
	scan->at = quote + 1;
	return true;
}

static bool
take_key(struct scan *scan, const char *key)
{
	struct bytes found;

	return take_string(scan, &found) && bytes_equal(found, bytes_text(key)) &&
	    take_char(scan, ':');
}

static bool
take_entry(struct scan *scan, struct entry_json *out)
{
	out->extra_damaged = false;
	return take_char(scan, '{') && take_key(scan, "leaf_input") &&
	    take_string(scan, &out->leaf_input) && take_char(scan, ',') &&
	    take_key(scan, "extra_data") && take_string(scan, &out->extra_data) &&
	    take_char(scan, '}');
}

/* Room for one more; what was there moves. */
static struct entry_json *
more_room(struct arena *arena, struct entries_json *out, size_t *room)
{
	struct entry_json *old = out->entries;

	if (out->count < *room)
		return old;
	*room = *room == 0 ? FIRST_ROOM : 2 * *room;
	out->entries = arena_alloc(arena, *room * sizeof(*out->entries));
	if (out->count > 0)
		memcpy(out->entries, old, out->count * sizeof(*old));
	return out->entries;
}

/* Finds the strings, undecoded. One entry more than max is enough to tell. */
static bool
scan_entries(struct scan *scan, size_t max, struct arena *arena, struct entries_json *out)
{
	size_t room = 0;

	if (!take_char(scan, '{') || !take_key(scan, "entries") || !take_char(scan, '['))
		return false;
	if (!take_char(scan, ']')) {
		do {
			if (out->count > max)
				return true;
			more_room(arena, out, &room);
			if (!take_entry(scan, &out->entries[out->count]))
				return false;
			out->count++;
		} while (take_char(scan, ','));
		if (!take_char(scan, ']'))
			return false;
	}
	if (!take_char(scan, '}'))
		return false;
	skip_space(scan);
	return scan->at == scan->end;
}

/* What the text at that place of body stands for, in the same place. */
static bool
decode_in_place(uint8_t *body, struct bytes *text)
{
	uint8_t *at = body + (text->data - body);
	size_t len;

	if (!base64_decode_to(*text, at, &len))
		return false;
	text->len = len;
	return true;
}

static bool
decode_all(uint8_t *body, struct entries_json *out, struct err *err)
{
	for (size_t i = 0; i < out->count; i++) {
		struct entry_json *entry = &out->entries[i];

		if (!decode_in_place(body, &entry->leaf_input)) {
			out->count = i;
			return err_set(err, ERR_PARSE,
			    "get-entries: leaf_input of entry %zu is no base64", i);
		}
		if (!decode_in_place(body, &entry->extra_data)) {
			entry->extra_damaged = true;
			entry->extra_data.len = 0;
		}
	}
	return true;
}

/* --- any other ------------------------------------------------------------- */

static bool
read_array(
    const json_t *array, struct arena *arena, struct entries_json *out, struct err *err)
{
	json_t *row;
	size_t i;

	out->entries =
	    arena_alloc(arena, (json_array_size(array) + 1) * sizeof(*out->entries));
	json_array_foreach (array, i, row) {
		struct entry_json *entry = &out->entries[i];

		*entry = (struct entry_json){0};
		if (!wire_json_base64_arena(
			json_object_get(row, "leaf_input"), arena, &entry->leaf_input))
			return err_set(err, ERR_PARSE,
			    "get-entries: leaf_input of entry %zu is no base64", i);
		entry->extra_damaged = !wire_json_base64_arena(
		    json_object_get(row, "extra_data"), arena, &entry->extra_data);
		out->count = i + 1;
	}
	return true;
}

static bool
parse_any(struct bytes body, size_t max, struct arena *arena, struct entries_json *out,
    struct err *err)
{
	json_t *json = wire_json_object(body, "get-entries", err);
	const json_t *array;
	bool ok = false;

	if (json == NULL)
		return false;
	array = json_object_get(json, "entries");
	if (!json_is_array(array) && !json_is_null(array))
		err_set(err, ERR_PARSE, "get-entries: entries is no array");
	else if (json_array_size(array) > max)
		err_set(err, ERR_LIMIT, "get-entries: more than %zu entries", max);
	else
		ok = read_array(array, arena, out, err);
	json_decref(json);
	return ok;
}

bool
entries_json_parse(uint8_t *body, size_t len, size_t max, struct arena *arena,
    struct entries_json *out, struct err *err)
{
	struct scan scan = {body, body + len};

	*out = (struct entries_json){0};
	if (len == 0 || memchr(body, '\\', len) != NULL ||
	    !scan_entries(&scan, max, arena, out)) {
		*out = (struct entries_json){0};
		return parse_any(bytes_of(body, len), max, arena, out, err);
	}
	if (out->count > max) {
		out->count = 0;
		return err_set(err, ERR_LIMIT, "get-entries: more than %zu entries", max);
	}
	return decode_all(body, out, err);
}

size_t
entries_json_count(struct bytes body)
{
	static const char KEY[] = "leaf_input";
	const uint8_t *at = body.data, *end = body.data + body.len, *quote;
	size_t count = 0;

	while (at < end && (at = memchr(at, '"', (size_t)(end - at))) != NULL) {
		at++;
		if ((quote = memchr(at, '"', (size_t)(end - at))) == NULL)
			break;
		if (quote - at == sizeof(KEY) - 1 &&
		    memcmp(at, KEY, sizeof(KEY) - 1) == 0) {
			struct scan scan = {quote + 1, end};

			count += take_char(&scan, ':');
		}
		at = quote + 1;
	}
	return count;
}
