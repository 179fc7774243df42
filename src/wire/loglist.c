#include "wire/loglist.h"

#include "base/text.h"
#include "wire_priv.h"

enum { LOGS_MAX = 10000, KEY_TEXT_MAX = 5464, URL_MAX = 2048, PREVIOUS_MAX = 100 };

static const char *const STATE_NAMES[] = {
    [LOG_STATE_NONE] = "none",
    [LOG_STATE_PENDING] = "pending",
    [LOG_STATE_QUALIFIED] = "qualified",
    [LOG_STATE_USABLE] = "usable",
    [LOG_STATE_READONLY] = "readonly",
    [LOG_STATE_RETIRED] = "retired",
    [LOG_STATE_REJECTED] = "rejected",
};

static const char *const TYPE_NAMES[] = {
    [LOG_TYPE_PROD] = "prod",
    [LOG_TYPE_TEST] = "test",
    [LOG_TYPE_MONITORING_ONLY] = "monitoring_only",
};

/* Entries that no log stands behind, by id: lists without URLs have them too.
 * wire-formats 4.1 and 4.3. */
static const char *const BOGUS_IDS[] = {
    "LtakTeuPDIZGZ3acTt0EH4QjZ1X6OqymNNCTXfzVmnA=",
    "0vxlL6X5tzi4N1X6XrFfC0UlP06Po7m2T9TeVmLRhwg=",
};
static const char BOGUS_HOST[] = "https://ct.example.com/";
static const char *const MIMIC_IDS[] = {
    "9EGV1vAOLbVUNcrdV3iS5T4VrUFwWPh44U/2uRh0FYk=",
    "si9+3rWvav5QPeBAgbLXTBJThJL+3yyypSZQPO9TztI=",
};
static const char MIMIC_HOST[] = "https://ct-mimics.example.com/";

/* One list being read. */
struct reader {
	struct log_list *list;
	const char *operator_name;
};

const char *
log_state_name(enum log_state state)
{
	return (size_t)state < ARRAY_LEN(STATE_NAMES) ? STATE_NAMES[state] : "unknown";
}

const char *
log_type_name(enum log_type type)
{
	return (size_t)type < ARRAY_LEN(TYPE_NAMES) ? TYPE_NAMES[type] : "unknown";
}

bool
log_state_parse(const char *text, enum log_state *out)
{
	for (size_t i = 0; i < ARRAY_LEN(STATE_NAMES); i++)
		if (strcmp(text, STATE_NAMES[i]) == 0) {
			*out = (enum log_state)i;
			return true;
		}
	return false;
}

/* The member's text, copied; "" where there is none. */
static const char *
copy_text(struct reader *reader, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (text == NULL)
		return "";
	return (const char *)arena_copy(&reader->list->arena, bytes_text(text)).data;
}

/* RFC 3339, or milliseconds since 1970 as in Android's form of the list. */
static bool
read_time(const json_t *object, const char *key, int64_t *out)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	if (json_is_integer(value)) {
		*out = json_integer_value(value);
		return *out >= 0;
	}
	return text != NULL && time_parse(text, out);
}

static bool
decode_id(const char *text, struct sha256 *out)
{
	uint8_t decoded[SHA256_LEN + 4];
	size_t len;

	return text != NULL && strlen(text) == 44 &&
	    base64_decode_to(bytes_text(text), decoded, &len) &&
	    sha256_from(bytes_of(decoded, len), out);
}

/* The identity: RFC 6962, 3.2. */
static bool
read_key(struct reader *reader, const json_t *json, struct log_list_entry *out)
{
	struct sha256 listed;
	struct key *key;
	const json_t *text = json_object_get(json, "key");
	bool has_id =
	    decode_id(json_string_value(json_object_get(json, "log_id")), &listed);

	if (has_id)
		out->id = listed; /* what to report it by, should the key be bad */
	if (json_string_length(text) > KEY_TEXT_MAX ||
	    !wire_json_base64_arena(text, &reader->list->arena, &out->key))
		return err_set(&out->error, ERR_PARSE, "its key is no base64");
	if ((key = key_from_spki(out->key, &out->error)) == NULL)
		return err_wrap(&out->error, "its key");
	out->id = *key_id(key);
	key_free(key);
	if (!has_id)
		return err_set(&out->error, ERR_PARSE, "it has no log id");
	if (!sha256_equal(&listed, &out->id))
		return err_set(
		    &out->error, ERR_VERIFY, "its log id is not that of its key");
	return true;
}

/* "", or printable ASCII after a scheme we know. */
static bool
is_url(const char *text)
{
	static const char *const SCHEMES[] = {"https://", "http://", "file:///"};
	bool known = false;

	if (*text == '\0')
		return true;
	for (size_t i = 0; i < ARRAY_LEN(SCHEMES); i++)
		known |= strncmp(text, SCHEMES[i], strlen(SCHEMES[i])) == 0;
	for (const char *at = text; *at != '\0'; at++)
		if (*at <= ' ' || *at > '~' || strchr("\"<>\\^`{|}?#", *at) != NULL)
			return false;
	return known && strlen(text) <= URL_MAX;
}

static bool
read_urls(struct reader *reader, const json_t *json, struct log_list_entry *out)
{
	out->url = copy_text(reader, json, "url");
	out->submission_url = copy_text(reader, json, "submission_url");
	out->monitoring_url = copy_text(reader, json, "monitoring_url");
	if (is_url(out->url) && is_url(out->submission_url) &&
	    is_url(out->monitoring_url))
		return true;
	out->url = out->submission_url = out->monitoring_url = "";
	return err_set(&out->error, ERR_PARSE, "its URL is none we can use");
}

static bool
read_mmd(const json_t *json, struct log_list_entry *out)
{
	const json_t *mmd = json_object_get(json, "mmd");
	json_int_t value = json_integer_value(mmd);

	if (mmd != NULL &&
	    (!json_is_integer(mmd) || value < 0 || value > INT64_C(10) * 365 * 86400))
		return err_set(&out->error, ERR_PARSE, "its maximum merge delay");
	out->mmd_s = value;
	return true;
}

static bool
read_final_head(const json_t *state, struct log_list_entry *out)
{
	const json_t *head = json_object_get(state, "final_tree_head");

	if (head == NULL || json_is_null(head))
		return true;
	out->has_final_head =
	    wire_json_number(head, "tree_size", &out->final_size, NULL) &&
	    wire_json_hash(json_object_get(head, "sha256_root_hash"), &out->final_root);
	return out->has_final_head ||
	    err_set(&out->error, ERR_PARSE, "its final tree head");
}

/* Mozilla's list names all states since the start: the latest counts. */
static bool
read_state(const json_t *json, struct log_list_entry *out)
{
	json_t *states = json_object_get(json, "state"), *state;
	const char *name;
	bool found = false;

	if (states == NULL || json_is_null(states))
		return true;
	json_object_foreach (states, name, state) {
		enum log_state known;
		int64_t since = INT64_MIN;

		if (!log_state_parse(name, &known) || known == LOG_STATE_NONE)
			continue;
		(void)read_time(state, "timestamp", &since);
		if (found && since <= out->state_since_ms)
			continue;
		out->state = known;
		out->state_since_ms = since;
		found = true;
		if (known == LOG_STATE_READONLY && !read_final_head(state, out))
			return false;
	}
	if (!found)
		return err_set(&out->error, ERR_PARSE, "its state is unknown");
	if (out->state_since_ms == INT64_MIN)
		out->state_since_ms = -1;
	out->has_final_head &= out->state == LOG_STATE_READONLY;
	return true;
}

static bool
read_interval(const json_t *json, struct log_list_entry *out)
{
	const json_t *interval = json_object_get(json, "temporal_interval");

	if (interval == NULL || json_is_null(interval))
		return true;
	out->has_interval = read_time(interval, "start_inclusive", &out->start_ms) &&
	    read_time(interval, "end_exclusive", &out->end_ms) &&
	    out->start_ms < out->end_ms;
	return out->has_interval ||
	    err_set(&out->error, ERR_PARSE, "its temporal interval");
}

static bool
read_type(const json_t *json, struct log_list_entry *out)
{
	const char *name = json_string_value(json_object_get(json, "log_type"));

	out->type = LOG_TYPE_PROD;
	if (name == NULL)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(TYPE_NAMES); i++)
		if (strcmp(name, TYPE_NAMES[i]) == 0) {
			out->type = (enum log_type)i;
			return true;
		}
	return err_set(&out->error, ERR_PARSE, "its type is unknown");
}

static bool
read_previous(struct reader *reader, const json_t *json, struct log_list_entry *out)
{
	json_t *all = json_object_get(json, "previous_operators"), *row;
	size_t i;

	if (json_array_size(all) == 0)
		return true;
	if (json_array_size(all) > PREVIOUS_MAX)
		return err_set(&out->error, ERR_LIMIT, "its previous operators");
	out->previous = arena_zero(
	    &reader->list->arena, json_array_size(all), sizeof(*out->previous));
	json_array_foreach (all, i, row) {
		struct log_list_operator *one = &out->previous[i];

		one->name = copy_text(reader, row, "name");
		if (!read_time(row, "end_time", &one->end_ms))
			return err_set(&out->error, ERR_PARSE, "its previous operators");
		out->previous_count++;
	}
	return true;
}

static bool
is_among(const struct sha256 *id, const char *const *texts, size_t count)
{
	struct sha256 one;

	for (size_t i = 0; i < count; i++)
		if (decode_id(texts[i], &one) && sha256_equal(id, &one))
			return true;
	return false;
}

static bool
has_host(const struct log_list_entry *entry, const char *host)
{
	const char *urls[] = {entry->url, entry->submission_url, entry->monitoring_url};

	for (size_t i = 0; i < ARRAY_LEN(urls); i++)
		if (strncmp(urls[i], host, strlen(host)) == 0)
			return true;
	return false;
}

static void
read_entry(
    struct reader *reader, const json_t *json, bool tiled, struct log_list_entry *out)
{
	out->tiled = tiled;
	out->operator_name = reader->operator_name;
	out->description = copy_text(reader, json, "description");
	out->state_since_ms = -1;
	/* The first fault ends it: the entry is not to be used anyway. */
	(void)(read_urls(reader, json, out) && read_key(reader, json, out) &&
	    read_mmd(json, out) && read_state(json, out) && read_interval(json, out) &&
	    read_type(json, out) && read_previous(reader, json, out));
	out->bogus = is_among(&out->id, BOGUS_IDS, ARRAY_LEN(BOGUS_IDS)) ||
	    has_host(out, BOGUS_HOST);
	out->mimic = is_among(&out->id, MIMIC_IDS, ARRAY_LEN(MIMIC_IDS)) ||
	    has_host(out, MIMIC_HOST);
}

static size_t
count_logs(const json_t *operators)
{
	json_t *one;
	size_t i, count = 0;

	json_array_foreach (operators, i, one)
		count += json_array_size(json_object_get(one, "logs")) +
		    json_array_size(json_object_get(one, "tiled_logs"));
	return count;
}

static void
read_operator(struct reader *reader, const json_t *json)
{
	json_t *logs = json_object_get(json, "logs");
	json_t *tiled = json_object_get(json, "tiled_logs"), *one;
	struct log_list *list = reader->list;
	size_t i;

	reader->operator_name = copy_text(reader, json, "name");
	json_array_foreach (logs, i, one) {
		read_entry(reader, one, false, &list->entries[list->count++]);
	}
	json_array_foreach (tiled, i, one) {
		read_entry(reader, one, true, &list->entries[list->count++]);
	}
}

static bool
read_list(const json_t *json, struct log_list *out, struct err *err)
{
	struct reader reader = {.list = out};
	json_t *operators = json_object_get(json, "operators"), *one;
	size_t i, count = count_logs(operators);

	if (!json_is_array(operators))
		return err_set(err, ERR_PARSE, "log list: operators is no array");
	if (count > LOGS_MAX)
		return err_set(err, ERR_LIMIT, "log list: %zu logs", count);
	out->version = copy_text(&reader, json, "version");
	out->timestamp_ms = -1;
	(void)read_time(json, "log_list_timestamp", &out->timestamp_ms);
	out->is_all_logs = json_is_true(json_object_get(json, "is_all_logs"));
	out->entries = arena_zero(&out->arena, count + 1, sizeof(*out->entries));
	json_array_foreach (operators, i, one) {
		read_operator(&reader, one);
	}
	return true;
}

bool
log_list_parse(struct bytes json, struct log_list *out, struct err *err)
{
	json_t *object = wire_json_object(json, "log list", err);
	bool ok;

	*out = (struct log_list){0};
	if (object == NULL)
		return false;
	arena_init(&out->arena);
	ok = read_list(object, out, err);
	if (!ok)
		log_list_free(out);
	json_decref(object);
	return ok;
}

void
log_list_free(struct log_list *list)
{
	arena_free(&list->arena);
	*list = (struct log_list){0};
}

bool
log_list_verify(
    struct bytes json, struct bytes signature, struct key *key, struct err *err)
{
	switch (key_verify_plain(key, json, signature)) {
	case KEY_GOOD:
		return true;
	case KEY_BAD:
		return err_set(
		    err, ERR_VERIFY, "log list: the signature is not the key's");
	case KEY_UNSUPPORTED:
		break;
	}
	return err_set(err, ERR_CRYPTO, "log list: libcrypto cannot verify with the key");
}
