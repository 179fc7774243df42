#include <inttypes.h>
#include <jansson.h>

#include "alert/sink.h"
#include "base/text.h"

#define SD_ID          "ctwarden@32473"
#define VALUE_MAX      ((size_t)256) /* bytes of a parameter's value */
#define MESSAGE_LEAST  64            /* bytes kept free for the text */
#define MESSAGE_ID_MAX 32            /* RFC 5424, 6: MSGID */
#define HOSTNAME_MAX   255

/* Characters that a line of a log must not hold: controls, line separators,
 * and those that reorder or hide what stands beside them. Payloads are safe
 * already; this is for one that somebody put into the database. */
static bool
is_unfit(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* The next character of text as it may stand: its bytes, or '?'. */
static struct bytes
take_fit(struct bytes *text)
{
	struct bytes shown;
	uint32_t c;
	size_t len = utf8_next(*text, &c);

	if (len == 0 || is_unfit(c)) {
		shown = bytes_text("?");
		len = len == 0 ? 1 : len;
	} else {
		shown = bytes_of(text->data, len);
	}
	*text = bytes_of(text->data + len, text->len - len);
	return shown;
}

static struct bytes
string_at(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return bytes_of(json_string_value(value), json_string_length(value));
}

/* PRINTUSASCII of at most max characters, or "-". */
static void
append_word(struct buf *out, struct bytes word, size_t max)
{
	size_t put = 0;

	for (size_t i = 0; i < word.len && put < max; i++) {
		if (word.data[i] > 0x20 && word.data[i] < 0x7f) {
			buf_append_u8(out, word.data[i]);
			put++;
		}
	}
	if (put == 0)
		buf_append_u8(out, '-');
}

/* RFC 5424, 6.2.1 and table 2: err, warning, notice; a sign of life is info. */
static int
severity_of(const json_t *payload)
{
	static const int SEVERITIES[] = {[NOTICE_LEVEL_NOTICE] = 5,
	    [NOTICE_LEVEL_WARNING] = 4,
	    [NOTICE_LEVEL_ERROR] = 3};
	const char *level = json_string_value(json_object_get(payload, "level"));
	enum notice_level value;

	if (bytes_equal(string_at(payload, "kind"), bytes_text("heartbeat")))
		return 6;
	if (level == NULL || !notice_level_parse(level, &value))
		return 5;
	return SEVERITIES[value];
}

/* RFC 5424, 6.2 */
static void
append_header(const struct syslog_origin *origin, const json_t *payload, struct buf *out)
{
	struct bytes hostname =
	    bytes_text(origin->hostname != NULL ? origin->hostname : "");

	buf_append_format(out, "<%d>1 ", origin->facility * 8 + severity_of(payload));
	append_word(out, string_at(payload, "time"), TIME_TEXT_LEN);
	buf_append_u8(out, ' ');
	append_word(out, hostname, HOSTNAME_MAX);
	buf_append_format(out, " ctwardend %ld ", origin->process_id);
	append_word(out, string_at(payload, "check"), MESSAGE_ID_MAX);
	buf_append_u8(out, ' ');
}

/* RFC 5424, 6.3.3: '"', '\' and ']' are escaped. What does not fit below
 * most is left out whole. */
static void
append_param(struct buf *out, const char *name, struct bytes value, size_t most)
{
	struct buf param;
	size_t used = 0;

	if (value.len == 0)
		return;
	buf_init(&param, 4 * VALUE_MAX);
	buf_append_format(&param, " %s=\"", name);
	while (value.len > 0) {
		struct bytes c = take_fit(&value);

		if ((used += c.len) > VALUE_MAX)
			break;
		if (c.data[0] == '"' || c.data[0] == '\\' || c.data[0] == ']')
			buf_append_u8(&param, '\\');
		buf_append_bytes(&param, c);
	}
	buf_append_u8(&param, '"');
	if (!param.failed && out->len + param.len <= most)
		buf_append_bytes(out, buf_bytes(&param));
	buf_free(&param);
}

static void
append_number_param(struct buf *out, const char *name, const json_t *value, size_t most)
{
	char text[24];

	if (!json_is_integer(value))
		return;
	snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	append_param(out, name, bytes_text(text), most);
}

/* The listed names with blanks between. */
static void
append_names(struct buf *out, const json_t *names, size_t most)
{
	struct buf list;

	buf_init(&list, 2 * VALUE_MAX);
	for (size_t i = 0; i < json_array_size(names); i++) {
		const json_t *name = json_array_get(names, i);

		if (list.len + json_string_length(name) + 1 > VALUE_MAX)
			break;
		if (i > 0)
			buf_append_u8(&list, ' ');
		buf_append(&list, json_string_value(name), json_string_length(name));
	}
	append_param(out, "names", buf_bytes(&list), most);
	buf_free(&list);
}

/* RFC 5424, 6.3: the most wanted first, as room may end. */
static void
append_data(const json_t *payload, struct buf *out, size_t most)
{
	static const char *const OWN[] = {
	    "id", "kind", "check", "subrule", "level", "watch", "withdraws"};
	static const char *const OF_CERTIFICATE[] = {
	    "sha256", "serial", "issuer", "subject", "not_before", "not_after"};
	const json_t *certificate = json_object_get(payload, "certificate");
	const json_t *sighting = json_array_get(json_object_get(payload, "sightings"), 0);

	buf_append_text(out, "[" SD_ID);
	for (size_t i = 0; i < ARRAY_LEN(OWN); i++)
		append_param(out, OWN[i], string_at(payload, OWN[i]), most);
	append_number_param(out, "count",
	    json_object_get(json_object_get(payload, "digest"), "count"), most);
	append_param(out, "log", string_at(sighting, "log"), most);
	append_number_param(out, "index", json_object_get(sighting, "index"), most);
	for (size_t i = 0; i < ARRAY_LEN(OF_CERTIFICATE); i++)
		append_param(out, OF_CERTIFICATE[i],
		    string_at(certificate, OF_CERTIFICATE[i]), most);
	append_names(out, json_object_get(certificate, "names"), most);
	buf_append_text(out, "] ");
}

/* As many whole characters as fit, with dots where that is not all. */
static void
append_cut(struct buf *out, struct bytes text, size_t most)
{
	while (text.len > 0) {
		struct bytes c = take_fit(&text);
		size_t keep = text.len < 3 ? text.len : 3; /* the rest, or dots */

		if (out->len + c.len + keep > most) {
			buf_append_text(out, "...");
			return;
		}
		buf_append_bytes(out, c);
	}
}

static bool
is_ascii(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] >= 0x80)
			return false;
	return true;
}

/* RFC 5424, 6.4: the byte order mark says UTF-8; plain ASCII goes without. */
static void
append_message(const json_t *payload, struct buf *out, size_t most)
{
	struct bytes title = string_at(payload, "title");
	struct bytes message = string_at(payload, "message");
	struct buf text;

	buf_init(&text, title.len + message.len + 2);
	buf_append_bytes(&text, title);
	if (title.len > 0 && message.len > 0) /* a title may be a sentence */
		buf_append_text(&text, title.data[title.len - 1] == '.' ? " " : ": ");
	buf_append_bytes(&text, message);
	if (!is_ascii(buf_bytes(&text)))
		buf_append_text(out, "\xef\xbb\xbf");
	append_cut(out, buf_bytes(&text), most);
	buf_free(&text);
}

bool
syslog_format(const struct syslog_origin *origin, struct bytes payload, struct buf *out,
    struct err *err)
{
	json_t *root =
	    json_loadb((const char *)payload.data, payload.len, JSON_ALLOW_NUL, NULL);

	if (!json_is_object(root)) {
		json_decref(root);
		return err_set(
		    err, ERR_PARSE, "syslog: the alert's text is no JSON object");
	}
	buf_clear(out);
	append_header(origin, root, out);
	append_data(root, out, origin->max_message - MESSAGE_LEAST);
	append_message(root, out, origin->max_message);
	json_decref(root);
	return true;
}
