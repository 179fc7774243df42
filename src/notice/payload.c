#include <inttypes.h>
#include <jansson.h>

#include "base/json.h"
#include "base/text.h"
#include "notice/notice_priv.h"

#define TEXT_MAX      256 /* bytes of a title, a watch, a log's name */
#define MESSAGE_MAX   2048
#define DN_MAX        1024
#define NAME_MAX      255
#define EVIDENCE_MAX  ((size_t)16 * 1024)
#define SIGHTINGS_MAX 16

/* What to leave out for the payload to fit, a step further each time. */
enum shorten { SHORTEN_NOTHING, SHORTEN_EVIDENCE, SHORTEN_LISTS };

static void
put_text(struct json *json, const char *key, const char *text)
{
	if (text == NULL || text[0] == '\0')
		json_put_null(json, key);
	else
		json_put_safe(json, key, bytes_text(text), TEXT_MAX);
}

static void
put_certificate(
    struct json *json, const struct notice_certificate *certificate, enum shorten shorten)
{
	size_t names = shorten >= SHORTEN_LISTS ? 1 : NOTICE_NAMES_MAX;

	if (certificate == NULL) {
		json_put_null(json, "certificate");
		return;
	}
	json_begin_object(json, "certificate");
	json_put_hex(json, "sha256", bytes_of(certificate->sha256, 32));
	json_put_safe(json, "issuer", certificate->issuer, DN_MAX);
	json_put_hex(json, "serial",
	    bytes_of(certificate->serial.data,
		certificate->serial.len < NAME_MAX ? certificate->serial.len : NAME_MAX));
	json_put_safe(json, "subject", certificate->subject, DN_MAX);
	json_begin_array(json, "names");
	for (size_t i = 0; i < certificate->names_len && i < names; i++)
		json_put_safe(json, NULL, certificate->names[i], NAME_MAX);
	json_end_array(json);
	json_put_number(json, "names_count", (int64_t)certificate->names_count);
	json_put_time(json, "not_before", certificate->not_before_s * 1000);
	json_put_time(json, "not_after", certificate->not_after_s * 1000);
	json_put_bool(json, "precert", certificate->precert);
	json_end_object(json);
}

static void
put_sightings(struct json *json, const struct notice *notice, enum shorten shorten)
{
	size_t most = shorten >= SHORTEN_LISTS ? 1 : SIGHTINGS_MAX;

	json_begin_array(json, "sightings");
	for (size_t i = 0; i < notice->sightings_len && i < most; i++) {
		const struct notice_sighting *sighting = &notice->sightings[i];

		json_begin_object(json, NULL);
		put_text(json, "log", sighting->log);
		json_put_number(json, "index", (int64_t)sighting->index);
		json_put_time(json, "timestamp", sighting->timestamp_ms);
		json_end_object(json);
	}
	json_end_array(json);
	json_put_number(json, "sightings_count", (int64_t)notice->sightings_len);
}

static int
append_dump(const char *text, size_t len, void *out)
{
	return buf_append(out, text, len) ? 0 : -1;
}

/* Read and written anew, so that nothing but one JSON object in ASCII gets in. */
static bool
put_evidence(struct json *json, struct bytes evidence, enum shorten shorten)
{
	bool fits = evidence.len <= EVIDENCE_MAX && shorten < SHORTEN_EVIDENCE;
	json_t *value = NULL;
	struct buf text;

	buf_init(&text, 6 * EVIDENCE_MAX);
	if (fits && evidence.len > 0)
		value = json_loadb(
		    (const char *)evidence.data, evidence.len, JSON_ALLOW_NUL, NULL);
	if (json_is_object(value) &&
	    json_dump_callback(
		value, append_dump, &text, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
		json_put_raw(json, "evidence", buf_bytes(&text));
	else
		json_put_null(json, "evidence");
	json_decref(value);
	buf_free(&text);
	return fits || evidence.len == 0;
}

static void
put_proved(struct json *json, const struct notice *notice)
{
	const struct notice_head *head = notice->head;

	if (head == NULL) {
		json_put_text(
		    json, "proved", notice->sightings_len > 0 ? "pending" : NULL);
		return;
	}
	json_begin_object(json, "proved");
	put_text(json, "log", head->log);
	json_put_number(json, "tree_size", (int64_t)head->tree_size);
	json_put_hex(json, "root_hash", bytes_of(head->root_hash, 32));
	json_put_time(json, "timestamp", head->timestamp_ms);
	json_end_object(json);
}

static void
put_digest(struct json *json, const struct notice_digest *digest)
{
	size_t ids = digest->ids_len < NOTICE_IDS_MAX ? digest->ids_len : NOTICE_IDS_MAX;

	json_begin_object(json, "digest");
	json_put_number(json, "count", (int64_t)digest->count);
	json_begin_array(json, "ids");
	for (size_t i = 0; i < ids; i++)
		json_put_hex(json, NULL, bytes_of(digest->ids[i], NOTICE_ID_LEN));
	json_end_array(json);
	json_put_time(json, "first", digest->first_ms);
	json_put_time(json, "last", digest->last_ms);
	json_put_bool(json, "history", digest->history);
	json_end_object(json);
}

static bool
write_payload(const struct notice *notice, const struct notice_digest *digest,
    enum shorten shorten, struct buf *out)
{
	bool whole = shorten == SHORTEN_NOTHING;
	struct json json;

	buf_clear(out);
	json_init(&json, out);
	json_begin_object(&json, NULL);
	json_put_number(&json, "version", NOTICE_VERSION);
	json_put_hex(&json, "id", bytes_of(notice->id, NOTICE_ID_LEN));
	json_put_text(&json, "kind", notice_kind_name(notice->kind));
	put_text(&json, "check", notice->check);
	put_text(&json, "subrule", notice->subrule);
	json_put_text(&json, "level", notice_level_name(notice->level));
	put_text(&json, "title", notice->title);
	json_put_safe(&json, "message", notice->message, MESSAGE_MAX);
	json_put_time(&json, "time", notice->time_ms);
	put_text(&json, "watch", notice->watch);
	put_certificate(&json, notice->certificate, shorten);
	put_sightings(&json, notice, shorten);
	whole &= put_evidence(&json, notice->evidence, shorten);
	put_proved(&json, notice);
	if (notice->withdraws != NULL)
		json_put_hex(
		    &json, "withdraws", bytes_of(notice->withdraws, NOTICE_ID_LEN));
	if (digest != NULL)
		put_digest(&json, digest);
	if (notice->database_id != 0)
		json_put_number(&json, "database_id", notice->database_id);
	if (!whole)
		json_put_bool(&json, "shortened", true);
	json_end_object(&json);
	return !out->failed;
}

static void
write_shortened(
    const struct notice *notice, const struct notice_digest *digest, struct buf *out)
{
	enum shorten shorten = SHORTEN_NOTHING;

	/* The last step is below 32 KB whatever is in it: see the limits above. */
	while (!write_payload(notice, digest, shorten, out) && shorten < SHORTEN_LISTS)
		shorten++;
}

void
notice_payload(const struct notice *notice, struct buf *out)
{
	write_shortened(notice, NULL, out);
}

void
notice_digest(
    const struct notice_digest *digest, uint8_t id[NOTICE_ID_LEN], struct buf *out)
{
	struct notice notice = {
	    .kind = NOTICE_DIGEST,
	    .check = digest->check,
	    .level = digest->level,
	    .time_ms = digest->time_ms,
	    .watch = digest->watch,
	};
	char first[TIME_TEXT_LEN], last[TIME_TEXT_LEN], title[TEXT_MAX];
	struct buf message, group;

	notice_digest_id(digest, id);
	memcpy(notice.id, id, NOTICE_ID_LEN);
	buf_init(&message, MESSAGE_MAX);
	buf_init(&group, MESSAGE_MAX);
	notice_group(digest->check, digest->watch, &group);
	snprintf(title, sizeof(title), "%" PRIu64 " %s %s", digest->count,
	    digest->history ? "from before the watch:" : "more:", digest->check);
	buf_append_format(&message, "%" PRIu64 " %s of %s between %s and %s",
	    digest->count, digest->history ? "older findings" : "more alerts",
	    buf_text(&group), time_format(digest->first_ms, first),
	    time_format(digest->last_ms, last));
	notice.title = title;
	notice.message = buf_bytes(&message);
	write_shortened(&notice, digest, out);
	buf_free(&group);
	buf_free(&message);
}
