#include "wire/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

enum {
	KEY_ID_LEN = 4,
	KEY_ID_HEX_LEN = 2 * KEY_ID_LEN,
	ED25519_LEN = 32,
	ED25519_SIGNATURE_LEN = 64,
	COSIGNATURE_LEN = 8 + ED25519_SIGNATURE_LEN,
	ROOT_TEXT_LEN = 44, /* base64 of 32 bytes */
};

static const char DASH[] = "\xe2\x80\x94 "; /* an em dash and a space */

/* --- the note ------------------------------------------------------------- */

static bool
has_control(struct bytes data)
{
	for (size_t i = 0; i < data.len; i++)
		if (data.data[i] < 0x20 && data.data[i] != '\n')
			return true;
	return false;
}

/* Up to and without the next LF. */
static bool
take_line(struct cursor *cursor, struct bytes *line)
{
	size_t left = cursor_left(cursor);
	const uint8_t *end = left > 0 ? memchr(cursor->at, '\n', left) : NULL;

	if (end == NULL)
		return false;
	*line = bytes_of(cursor->at, (size_t)(end - cursor->at));
	cursor->at = end + 1;
	return true;
}

/* The text ends where the last blank line begins. */
static bool
split_note(struct bytes data, struct note *out)
{
	for (size_t i = data.len; i-- > 1;)
		if (data.data[i] == '\n' && data.data[i - 1] == '\n') {
			out->text = bytes_of(data.data, i);
			out->signatures = bytes_of(data.data + i + 1, data.len - i - 1);
			return true;
		}
	return false;
}

/* "<em dash> <name> <base64>": the name without white space and plus. */
static bool
parse_line(struct bytes line, struct note_line *out)
{
	size_t dash = sizeof(DASH) - 1, name = dash;

	if (line.len < dash || memcmp(line.data, DASH, dash) != 0)
		return false;
	while (name < line.len && line.data[name] != ' ' && line.data[name] != '+')
		name++;
	if (name == dash || name == line.len || line.data[name] != ' ')
		return false;
	out->name = bytes_of(line.data + dash, name - dash);
	out->base64 = bytes_of(line.data + name + 1, line.len - name - 1);
	return true;
}

static void
read_key_id(struct note_line *line)
{
	uint8_t start[6];
	size_t len;

	line->has_key_id = line->base64.len >= 8 &&
	    base64_decode_to(bytes_of(line->base64.data, 8), start, &len) &&
	    len >= KEY_ID_LEN;
	if (line->has_key_id)
		memcpy(line->key_id, start, KEY_ID_LEN);
}

bool
note_line_next(struct cursor *cursor, struct note_line *out)
{
	struct cursor ahead = *cursor;
	struct bytes line;

	if (!take_line(&ahead, &line) || !parse_line(line, out))
		return false;
	read_key_id(out);
	*cursor = ahead;
	return true;
}

bool
note_parse(struct bytes data, struct note *out, struct err *err)
{
	struct cursor lines;
	struct note_line line;
	size_t count = 0;

	if (data.len > NOTE_MAX)
		return err_set(err, ERR_LIMIT, "note: %zu bytes", data.len);
	if (data.len == 0 || data.data[data.len - 1] != '\n')
		return err_set(err, ERR_PARSE, "note: does not end in a newline");
	if (has_control(data) || !utf8_valid(data))
		return err_set(err, ERR_PARSE, "note: control characters, or no UTF-8");
	if (!split_note(data, out))
		return err_set(err, ERR_PARSE, "note: no signatures");
	lines = cursor_of(out->signatures);
	while (note_line_next(&lines, &line))
		if (++count > NOTE_LINES_MAX)
			return err_set(err, ERR_LIMIT, "note: too many signatures");
	if (count == 0 || cursor_left(&lines) != 0)
		return err_set(
		    err, ERR_PARSE, "note: line %zu is no signature", count + 1);
	return true;
}

bool
note_line_signature(const struct note_line *line, struct buf *out)
{
	if (!base64_decode(line->base64, out) || out->len < KEY_ID_LEN) {
		buf_clear(out);
		return false;
	}
	out->len -= KEY_ID_LEN;
	memmove(out->data, out->data + KEY_ID_LEN, out->len);
	return true;
}

/* --- its keys ------------------------------------------------------------- */

void
note_key_id(struct bytes name, enum note_type type, struct bytes key, uint8_t out[4])
{
	uint8_t between[2] = {'\n', (uint8_t)type};
	struct bytes parts[] = {name, bytes_of(between, sizeof(between)), key};
	struct sha256 hash;

	if (type == NOTE_ECDSA)
		sha256_of(key, &hash);
	else
		sha256_of_parts(parts, ARRAY_LEN(parts), &hash);
	memcpy(out, hash.octets, KEY_ID_LEN);
}

bool
note_key_parse(const char *vkey, struct note_key *out, struct err *err)
{
	const char *id = strchr(vkey, '+');
	const char *key = id != NULL ? strchr(id + 1, '+') : NULL;
	uint8_t decoded[48], key_id[KEY_ID_LEN];
	char hex[KEY_ID_HEX_LEN + 1] = {0};
	size_t len = 0;

	if (key == NULL || id == vkey || key - id - 1 != KEY_ID_HEX_LEN ||
	    strlen(key + 1) > 64 ||
	    !base64_decode_to(bytes_text(key + 1), decoded, &len) ||
	    len != 1 + ED25519_LEN)
		return err_set(err, ERR_PARSE, "no verifier key of a note");
	out->name = bytes_of(vkey, (size_t)(id - vkey));
	out->type = decoded[0];
	memcpy(hex, id + 1, KEY_ID_HEX_LEN);
	memcpy(out->key, decoded + 1, ED25519_LEN);
	if (out->type != NOTE_ED25519 && out->type != NOTE_COSIGNATURE)
		return err_set(err, ERR_PARSE,
		    "verifier key of type %u: only 1 and 4 are known", decoded[0]);
	note_key_id(out->name, out->type, bytes_of(out->key, ED25519_LEN), key_id);
	if (!hex_parse(hex, out->key_id, KEY_ID_LEN) ||
	    memcmp(key_id, out->key_id, KEY_ID_LEN) != 0)
		return err_set(err, ERR_PARSE, "verifier key: the key id is another's");
	return true;
}

/* C2SP tlog-cosignature: what a witness signs. */
static enum key_verdict
verify_cosignature(
    const struct note *note, struct key *key, struct bytes signature, uint64_t *time_s)
{
	struct buf message;
	enum key_verdict verdict;

	if (signature.len != COSIGNATURE_LEN)
		return KEY_BAD;
	*time_s = be64(signature.data);
	buf_init(&message, note->text.len + 100);
	buf_append_format(&message, "cosignature/v1\ntime %" PRIu64 "\n", *time_s);
	buf_append_bytes(&message, note->text);
	verdict = key_verify_plain(key, buf_bytes(&message),
	    bytes_of(signature.data + 8, ED25519_SIGNATURE_LEN));
	buf_free(&message);
	return verdict;
}

static enum key_verdict
verify_line(const struct note *note, const struct note_key *by, struct key *key,
    const struct note_line *line, uint64_t *time_s)
{
	struct buf signature;
	enum key_verdict verdict = KEY_BAD;

	buf_init(&signature, KEY_ID_LEN + COSIGNATURE_LEN + 2);
	*time_s = 0;
	if (!note_line_signature(line, &signature))
		verdict = KEY_BAD;
	else if (by->type == NOTE_ED25519)
		verdict = key_verify_plain(key, note->text, buf_bytes(&signature));
	else if (by->type == NOTE_COSIGNATURE)
		verdict = verify_cosignature(note, key, buf_bytes(&signature), time_s);
	buf_free(&signature);
	return verdict;
}

enum key_verdict
note_verify(const struct note *note, const struct note_key *by, uint64_t *time_s)
{
	struct cursor lines = cursor_of(note->signatures);
	struct note_line line;
	enum key_verdict verdict = KEY_UNSUPPORTED;
	struct key *key = key_from_ed25519(bytes_of(by->key, ED25519_LEN), NULL);

	if (key == NULL)
		return KEY_UNSUPPORTED;
	while (verdict != KEY_GOOD && note_line_next(&lines, &line))
		if (bytes_equal(line.name, by->name) && line.has_key_id &&
		    memcmp(line.key_id, by->key_id, KEY_ID_LEN) == 0)
			verdict = verify_line(note, by, key, &line, time_s);
	key_free(key);
	return verdict;
}

/* --- the checkpoint ------------------------------------------------------- */

/* Digits alone, no leading zero, below 2^63. */
static bool
parse_size(struct bytes line, uint64_t *size)
{
	*size = 0;
	if (line.len == 0 || line.len > 19 || (line.len > 1 && line.data[0] == '0'))
		return false;
	for (size_t i = 0; i < line.len; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return false;
		*size = *size * 10 + (line.data[i] - '0');
	}
	return *size >> 63 == 0;
}

static bool
parse_root(struct bytes line, struct sha256 *root)
{
	uint8_t decoded[ROOT_TEXT_LEN / 4 * 3];
	size_t len;

	return line.len == ROOT_TEXT_LEN && base64_decode_to(line, decoded, &len) &&
	    sha256_from(bytes_of(decoded, len), root);
}

bool
checkpoint_parse(struct bytes data, struct checkpoint *out, struct err *err)
{
	struct cursor text;
	struct bytes line;

	if (!note_parse(data, &out->note, err))
		return err_wrap(err, "checkpoint");
	text = cursor_of(out->note.text);
	if (!take_line(&text, &out->origin) || out->origin.len == 0)
		return err_set(err, ERR_PARSE, "checkpoint: no origin");
	if (!take_line(&text, &line) || !parse_size(line, &out->tree_size))
		return err_set(err, ERR_PARSE, "checkpoint: no tree size");
	if (!take_line(&text, &line) || !parse_root(line, &out->root))
		return err_set(err, ERR_PARSE, "checkpoint: no root");
	out->extensions = cursor_rest(&text);
	return true;
}

static bool
read_signature(
    const struct note_line *line, struct checkpoint_signature *out, struct err *err)
{
	struct buf blob;
	struct digitally_signed parsed;
	bool ok = false;

	buf_init(&blob, KEY_ID_LEN + 8 + SIGNED_MAX + 2);
	if (!note_line_signature(line, &blob) || blob.len < 8 ||
	    blob.len - 8 > sizeof(out->data)) {
		err_set(err, ERR_PARSE, "checkpoint: the log's line is no signature");
		goto out;
	}
	out->timestamp_ms = be64(blob.data);
	out->len = blob.len - 8;
	memcpy(out->data, blob.data + 8, out->len);
	if (!signed_parse(bytes_of(out->data, out->len), &parsed, err)) {
		err_wrap(err, "checkpoint");
		goto out;
	}
	ok = true;
out:
	buf_free(&blob);
	return ok;
}

bool
checkpoint_next_signature(struct cursor *lines, struct bytes origin,
    const struct sha256 *log_id, struct checkpoint_signature *out, struct err *err)
{
	struct note_line line;
	uint8_t key_id[KEY_ID_LEN];

	note_key_id(origin, NOTE_RFC6962, sha256_bytes(log_id), key_id);
	while (note_line_next(lines, &line))
		if (bytes_equal(line.name, origin) && line.has_key_id &&
		    memcmp(line.key_id, key_id, KEY_ID_LEN) == 0)
			return read_signature(&line, out, err);
	return err_set(err, ERR_NOT_FOUND, "checkpoint: no signature of the log");
}

struct bytes
checkpoint_origin(const char *url)
{
	const char *after = strstr(url, "://");
	struct bytes origin = bytes_text(after != NULL ? after + 3 : url);

	while (origin.len > 0 && origin.data[origin.len - 1] == '/')
		origin.len--;
	return origin;
}
