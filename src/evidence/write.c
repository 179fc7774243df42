#include "evidence/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "evidence/evidence_priv.h"
#include "store/evidence.h"
#include "store/outbox.h"

/* --- files ----------------------------------------------------------------------- */

static bool
write_file(const struct outgoing *out, const char *name, struct bytes body)
{
	int fd = openat(
	    out->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t at = 0;
	ssize_t wrote = 0;

	while (fd >= 0 && at < body.len &&
	    (wrote = write(fd, body.data + at, body.len - at)) > 0)
		at += (size_t)wrote;
	if (fd < 0 || at < body.len || close(fd) != 0) {
		int why = errno;

		if (fd >= 0 && at < body.len)
			close(fd);
		return err_set(
		    out->err, ERR_SYSTEM, "%s/%s: %s", out->path, name, strerror(why));
	}
	return true;
}

bool
outgoing_put(struct outgoing *out, const char *name, struct bytes body)
{
	struct sha256 hash;
	char hex[2 * SHA256_LEN + 1];

	if (!write_file(out, name, body))
		return false;
	sha256_of(body, &hash);
	(void)buf_append_format(
	    &out->sums, "%s  %s\n", hex_format(hash.octets, SHA256_LEN, hex), name);
	out->files++;
	return true;
}

json_t *
outgoing_claim(struct outgoing *out, const char *name)
{
	json_t *claim = json_object();

	json_object_set_new(claim, "claim", json_string(name));
	json_array_append_new(out->claims, claim);
	return claim;
}

/* --- the log --------------------------------------------------------------------- */

struct wanted_log {
	struct outgoing *out;
	uint32_t number;
};

static bool
on_log(void *owner, const struct log_row *row)
{
	struct wanted_log *wanted = owner;
	struct log_row *to = &wanted->out->log;
	struct bytes *texts[] = {&to->log_id, &to->spki, &to->name,
	    &to->operator, & to->url, &to->monitoring_url, &to->kind, &to->state};

	if (row->number != wanted->number)
		return true;
	*to = *row;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_copy(&wanted->out->arena, *texts[i]);
	to->sources = bytes_of(NULL, 0);
	return false;
}

bool
outgoing_log(struct outgoing *out, uint32_t number)
{
	struct wanted_log wanted = {out, number};

	return number == 0 || out->log.number == number ||
	    store_log_each(out->store, on_log, &wanted, out->err);
}

static void
put_text(json_t *object, const char *key, struct bytes text)
{
	struct buf safe;

	buf_init(&safe, 8 * text.len + 64);
	text_append_safe(&safe, text, text.len);
	json_object_set_new(object, key, json_string(buf_text(&safe)));
	buf_free(&safe);
}

static void
put_time(json_t *object, const char *key, int64_t ms)
{
	char text[TIME_TEXT_LEN];

	if (ms != STORE_NO_TIME)
		json_object_set_new(object, key, json_string(time_format(ms, text)));
}

static bool
put_log(struct outgoing *out)
{
	const struct log_row *row = &out->log;
	bool is_static = bytes_equal(row->kind, bytes_text("static"));
	char hex[2 * SHA256_LEN + 1];
	json_t *log = json_object();

	json_object_set_new(out->manifest, "log", log);
	put_text(log, "name", row->name);
	put_text(log, "operator", row->operator);
	json_object_set_new(log, "log_id",
	    json_string(hex_format(
		row->log_id.data, row->log_id.len == SHA256_LEN ? SHA256_LEN : 0, hex)));
	put_text(log, "kind", row->kind);
	put_text(log, "url", is_static ? row->monitoring_url : row->url);
	put_text(log, "submission_url", row->url);
	json_object_set_new(log, "mmd_s", json_integer(row->mmd_s));
	put_time(log, "interval_start", row->interval_start_ms);
	put_time(log, "interval_end", row->interval_end_ms);
	return outgoing_put(out, "log-key.der", row->spki);
}

/* --- an event, a finding --------------------------------------------------------- */

static void
put_document(struct outgoing *out, struct bytes text)
{
	json_t *value = json_loadb((const char *)text.data, text.len, 0, NULL);

	if (value != NULL)
		json_object_set_new(out->manifest, "evidence", value);
}

static void
put_head(struct outgoing *out, const char *about, struct bytes id, struct bytes what,
    struct bytes message)
{
	char hex[2 * STORE_ID_LEN + 1];

	json_object_set_new(out->manifest, "about", json_string(about));
	json_object_set_new(
	    out->manifest, "id", json_string(hex_format(id.data, STORE_ID_LEN, hex)));
	put_text(out->manifest, "kind", what);
	put_text(out->manifest, "message", message);
}

static void
put_event(struct outgoing *out, const struct event_row *row)
{
	put_head(out, "event", row->id, row->kind, row->message);
	put_time(out->manifest, "begin", row->begin_ms);
	put_time(out->manifest, "end", row->end_ms);
	put_document(out, row->evidence);
}

static void
put_finding(struct outgoing *out, const struct finding_row *row)
{
	put_head(out, "finding", row->id, row->check, row->message);
	put_text(out->manifest, "subrule", row->subrule);
	put_time(out->manifest, "first_seen", row->first_seen_ms);
	put_time(out->manifest, "closed", row->closed_ms);
	put_document(out, row->evidence);
}

static bool
on_exhibit(void *owner, const struct exhibit_row *row)
{
	struct outgoing *out = owner;
	char name[EVIDENCE_NAME_MAX + 1];
	json_t *claims;

	if (row->name.len > EVIDENCE_NAME_MAX)
		return true;
	memcpy(name, row->name.data, row->name.len);
	name[row->name.len] = '\0';
	if (strcmp(name, EVIDENCE_CLAIMS) == 0) {
		claims = json_loadb((const char *)row->body.data, row->body.len, 0, NULL);
		json_array_extend(out->claims, claims);
		json_decref(claims);
		return true;
	}
	return !folder_name_is_plain(name) || outgoing_put(out, name, row->body);
}

static bool
put_manifest(struct outgoing *out)
{
	char *text;
	bool ok;

	json_object_set(out->manifest, "claims", out->claims);
	text = json_dumps(out->manifest, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	ok = text != NULL && outgoing_put(out, EVIDENCE_MANIFEST, bytes_text(text));
	free(text); /* jansson's */
	return ok;
}

static bool
make_folder(struct outgoing *out)
{
	if (mkdir(out->path, 0777) != 0)
		return err_set(
		    out->err, ERR_CONFIG, "%s: %s", out->path, strerror(errno));
	out->dir = open(out->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return out->dir >= 0 ||
	    err_set(out->err, ERR_SYSTEM, "%s: %s", out->path, strerror(errno));
}

/* What both have; the sums come last, so that half a folder is seen as such. */
static bool
finish(struct outgoing *out, struct bytes id)
{
	if (!store_exhibit_each(out->store, id, on_exhibit, out, out->err) ||
	    out->err->code != ERR_NONE)
		return false;
	return (out->log.number == 0 || put_log(out)) && put_manifest(out) &&
	    outgoing_readme(out) && write_file(out, EVIDENCE_SUMS, buf_bytes(&out->sums));
}

/* An alert says the row of what it told; an event's alert has the event's id. */
struct told {
	struct arena *arena;
	int64_t number; /* 0: no alert of a finding */
	struct bytes id;
};

static bool
on_alert(void *owner, const struct outbox_row *row)
{
	struct told *told = owner;
	json_t *payload =
	    json_loadb((const char *)row->payload.data, row->payload.len, 0, NULL);

	if (bytes_equal(row->kind, bytes_text("finding")))
		told->number =
		    json_integer_value(json_object_get(payload, "database_id"));
	json_decref(payload);
	return false;
}

static bool
on_told(void *owner, const struct finding_row *row)
{
	struct told *told = owner;

	if (row->number == told->number)
		told->id = arena_copy(told->arena, row->id);
	return false;
}

/* The finding with this id, or that an alert with this id told. */
static bool
find_finding(struct outgoing *out, struct bytes id, struct finding_row *row, bool *found)
{
	struct told told = {.arena = &out->arena};
	struct outbox_filter alerts = {.alert = id, .state = -1};
	struct finding_filter by_number = {.state = -1, .limit = 1};

	if (!store_finding_find(out->store, id, &out->arena, row, found, out->err))
		return false;
	if (*found)
		return true;
	if (!store_outbox_each(out->store, &alerts, on_alert, &told, out->err))
		return false;
	by_number.after = told.number - 1;
	if (told.number == 0)
		return true;
	return store_finding_each(out->store, &by_number, on_told, &told, out->err) &&
	    (told.id.len == 0 ||
		store_finding_find(
		    out->store, told.id, &out->arena, row, found, out->err));
}

static bool
write_about(struct outgoing *out, struct bytes id)
{
	struct finding_row finding;
	struct event_row event;
	bool found;

	if (!store_event_find(out->store, id, &out->arena, &event, &found, out->err))
		return false;
	if (found) {
		put_event(out, &event);
		return outgoing_log(out, event.log) && make_folder(out) &&
		    finish(out, id);
	}
	if (!find_finding(out, id, &finding, &found))
		return false;
	if (!found)
		return err_set(out->err, ERR_NOT_FOUND,
		    "no event, finding or alert of one has this id");
	put_finding(out, &finding);
	return outgoing_log(out, finding.log) && make_folder(out) &&
	    outgoing_finding(out, &finding) && finish(out, finding.id);
}

bool
evidence_write(
    struct store *store, struct bytes id, const char *dir, size_t *files, struct err *err)
{
	struct outgoing out = {.store = store,
	    .path = dir,
	    .dir = -1,
	    .manifest = json_object(),
	    .claims = json_array(),
	    .err = err};
	bool ok;

	*err = (struct err){0};
	arena_init(&out.arena);
	buf_init(&out.sums, EVIDENCE_FILES_MAX * (size_t)256);
	json_object_set_new(out.manifest, "ctwarden_evidence", json_integer(1));
	ok = write_about(&out, id);
	if (files != NULL)
		*files = out.files + 1;
	if (out.dir >= 0)
		close(out.dir);
	json_decref(out.manifest);
	json_decref(out.claims);
	buf_free(&out.sums);
	arena_free(&out.arena);
	return ok;
}
