/* What a finding rests on: noted while judging, written as JSON afterwards. */
#include "check_priv.h"

#include "base/json.h"
#include "crypto/digest.h"

enum evidence_kind {
	EVIDENCE_TEXT, /* ours, or made safe already */
	EVIDENCE_BYTES,
	EVIDENCE_INT,
	EVIDENCE_BOOL,
	EVIDENCE_HEX,
	EVIDENCE_TIME,
	EVIDENCE_OBJECT,
	EVIDENCE_LIST,
	EVIDENCE_END,
};

struct evidence {
	struct evidence *next;
	const char *key;
	enum evidence_kind kind;
	struct bytes bytes;
	int64_t number;
};

#define SHOWN_MAX 512
#define FIELD_MAX 64
#define NAMES_MAX 10
#define DEPTH_MAX 8

static struct evidence *
add(struct trial *trial, struct finding *finding, const char *key,
    enum evidence_kind kind)
{
	struct evidence *item;

	if (finding == NULL)
		return NULL;
	item = arena_zero(trial->out->arena, 1, sizeof(*item));
	item->key = key;
	item->kind = kind;
	*finding->evidence_end = item;
	finding->evidence_end = &item->next;
	return item;
}

static void
add_bytes(struct trial *trial, struct finding *finding, const char *key,
    enum evidence_kind kind, struct bytes bytes)
{
	struct evidence *item = add(trial, finding, key, kind);

	if (item != NULL)
		item->bytes = arena_copy(trial->out->arena, bytes);
}

static void
add_number(struct trial *trial, struct finding *finding, const char *key,
    enum evidence_kind kind, int64_t number)
{
	struct evidence *item = add(trial, finding, key, kind);

	if (item != NULL)
		item->number = number;
}

void
evidence_text(
    struct trial *trial, struct finding *finding, const char *key, const char *text)
{
	add_bytes(trial, finding, key, EVIDENCE_TEXT, bytes_text(text));
}

void
evidence_bytes(
    struct trial *trial, struct finding *finding, const char *key, struct bytes bytes)
{
	add_bytes(trial, finding, key, EVIDENCE_BYTES, bytes);
}

void
evidence_hex(
    struct trial *trial, struct finding *finding, const char *key, struct bytes bytes)
{
	add_bytes(trial, finding, key, EVIDENCE_HEX, bytes);
}

void
evidence_int(
    struct trial *trial, struct finding *finding, const char *key, int64_t number)
{
	add_number(trial, finding, key, EVIDENCE_INT, number);
}

void
evidence_bool(struct trial *trial, struct finding *finding, const char *key, bool value)
{
	add_number(trial, finding, key, EVIDENCE_BOOL, value);
}

void
evidence_time(struct trial *trial, struct finding *finding, const char *key, int64_t ms)
{
	add_number(trial, finding, key, EVIDENCE_TIME, ms);
}

void
evidence_object(struct trial *trial, struct finding *finding, const char *key)
{
	add(trial, finding, key, EVIDENCE_OBJECT);
}

void
evidence_list(struct trial *trial, struct finding *finding, const char *key)
{
	add(trial, finding, key, EVIDENCE_LIST);
}

void
evidence_end(struct trial *trial, struct finding *finding)
{
	add(trial, finding, NULL, EVIDENCE_END);
}

/* --- as JSON ---------------------------------------------------------------------- */

static void
write_item(struct json *json, const struct evidence *item)
{
	switch (item->kind) {
	case EVIDENCE_TEXT:
		json_put_text(json, item->key, (const char *)item->bytes.data);
		return;
	case EVIDENCE_BYTES:
		json_put_safe(json, item->key, item->bytes, SHOWN_MAX);
		return;
	case EVIDENCE_INT:
		json_put_number(json, item->key, item->number);
		return;
	case EVIDENCE_BOOL:
		json_put_bool(json, item->key, item->number != 0);
		return;
	case EVIDENCE_HEX:
		json_put_hex(json, item->key, item->bytes);
		return;
	case EVIDENCE_TIME:
		if (item->number == CLOCK_UNKNOWN)
			json_put_null(json, item->key);
		else
			json_put_time(json, item->key, item->number);
		return;
	case EVIDENCE_OBJECT:
		json_begin_object(json, item->key);
		return;
	case EVIDENCE_LIST:
		json_begin_array(json, item->key);
		return;
	case EVIDENCE_END:
		return; /* write_added() knows what ends */
	}
}

static void
write_added(struct json *json, const struct finding *finding)
{
	bool is_list[DEPTH_MAX] = {0};
	size_t depth = 0;

	json_begin_object(json, "details");
	for (const struct evidence *item = finding->evidence; item != NULL;
	     item = item->next) {
		if (item->kind == EVIDENCE_OBJECT || item->kind == EVIDENCE_LIST)
			is_list[depth++] = item->kind == EVIDENCE_LIST;
		if (item->kind != EVIDENCE_END)
			write_item(json, item);
		else if (is_list[--depth])
			json_end_array(json);
		else
			json_end_object(json);
	}
	json_end_object(json);
}

static void
write_name(struct json *json, const char *key, struct bytes name)
{
	struct buf text;

	buf_init(&text, 1 << 16);
	name_append_text(&text, name);
	json_put_text(json, key, buf_text(&text));
	buf_free(&text);
}

static void
write_names(struct json *json, const struct judged_facts *facts)
{
	struct buf text;

	json_put_number(json, "names", (int64_t)facts->name_count);
	json_begin_array(json, "first_names");
	for (size_t i = 0; i < facts->name_count && i < NAMES_MAX; i++) {
		buf_init(&text, 1 << 16);
		general_name_append_text(&text, &facts->names[i].name);
		json_put_safe(json, NULL, buf_bytes(&text), SHOWN_MAX);
		buf_free(&text);
	}
	json_end_array(json);
}

static void
write_sightings(struct json *json, const struct judged *it)
{
	int64_t first = it->hi_ms;

	json_begin_array(json, "sightings");
	for (size_t i = 0; i < it->sighting_count; i++) {
		const struct judged_sighting *seen = &it->sightings[i];

		json_begin_object(json, NULL);
		json_put_hex(json, "log", bytes_of(seen->log_id, sizeof(seen->log_id)));
		json_put_number(json, "index", (int64_t)seen->index);
		json_put_time(json, "timestamp", seen->timestamp_ms);
		json_end_object(json);
		if (first == CLOCK_UNKNOWN || seen->timestamp_ms < first)
			first = seen->timestamp_ms;
	}
	json_end_array(json);
	if (first != CLOCK_UNKNOWN)
		json_put_time(json, "first_seen", first);
}

static void
write_certificate(struct json *json, const struct judged *it)
{
	struct sha256 hash;

	sha256_of(it->der, &hash);
	json_put_hex(json, "sha256", sha256_bytes(&hash));
	sha256_of(it->cert->tbs, &hash);
	json_put_hex(json, "tbs_sha256", sha256_bytes(&hash));
	json_put_hex(json, "normal_tbs_sha256", bytes_of(it->normal_tbs_hash, 32));
	json_put_bool(json, "precertificate", it->precert);
	if (it->issuer_key_hash != NULL)
		json_put_hex(
		    json, "issuer_spki_sha256", bytes_of(it->issuer_key_hash, 32));
	json_put_hex(json, "issuer_der", it->cert->issuer);
	write_name(json, "issuer", it->cert->issuer);
	json_put_hex(json, "serial", it->cert->serial);
	write_name(json, "subject", it->cert->subject);
	write_names(json, it->facts);
	json_put_time(json, "not_before", it->cert->not_before * 1000);
	json_put_time(json, "not_after", it->cert->not_after * 1000);
	write_sightings(json, it);
}

static void
write_field(struct json *json, const struct finding *finding)
{
	size_t shown = finding->len < FIELD_MAX ? finding->len : FIELD_MAX;

	if (finding->len == 0)
		return;
	json_put_number(json, "offset", (int64_t)finding->offset);
	json_put_number(json, "length", (int64_t)finding->len);
	json_put_hex(
	    json, "field", bytes_of(finding->about->der.data + finding->offset, shown));
}

bool
finding_evidence_json(const struct finding *finding, struct buf *out)
{
	struct json json;

	json_init(&json, out);
	json_begin_object(&json, NULL);
	json_put_text(&json, "check", finding->check->id);
	json_put_text(&json, "subrule", finding->subrule->name);
	json_put_number(&json, "version", finding->check->version);
	json_put_text(&json, "catalogue", check_catalogue_version());
	json_put_text(&json, "source", finding->subrule->source);
	json_put_text(&json, "outcome", "fail");
	json_put_text(&json, "level", check_level_name(finding->level));
	json_put_text(&json, "time_basis", time_basis_name(finding->basis));
	json_put_text(&json, "message", finding->message);
	json_put_number(&json, "times", finding->times);
	if (finding->about != NULL) {
		write_certificate(&json, finding->about);
		write_field(&json, finding);
	}
	write_added(&json, finding);
	json_end_object(&json);
	return !out->failed;
}
