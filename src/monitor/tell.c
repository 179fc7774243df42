#include "monitor/tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "check/data.h"
#include "ctlog/log.h"
#include "monitor/candidate.h"
#include "monitor/tally.h"
#include "store/certificate.h"
#include "store/outbox.h"
#include "x509/name.h"
#include "x509/san.h"

#define EVIDENCE_MAX ((size_t)256 * 1024)

static enum notice_level
level_of(enum check_level level)
{
	return level == LEVEL_ERROR  ? NOTICE_LEVEL_ERROR
	    : level == LEVEL_WARNING ? NOTICE_LEVEL_WARNING
				     : NOTICE_LEVEL_NOTICE;
}

/* --- the outbox --- */

/* One row for each sink that takes it. */
static bool
fill_payload(struct writer *writer, const struct notice *notice, const char *watch,
    enum outbox_state state, struct bytes payload, struct err *err)
{
	const struct settings *settings = writer->working->settings;
	bool alive = notice->kind == NOTICE_HEARTBEAT; /* never counted, never skipped */
	struct buf group;
	bool ok = true;

	buf_init(&group, 4096);
	if (!alive)
		notice_group(notice->check, watch, &group);
	for (size_t i = 0; ok && i < settings->sink_count; i++) {
		const struct notice_sink *sink = &settings->sinks[i];
		struct outbox_row row = {.alert = bytes_of(notice->id, NOTICE_ID_LEN),
		    .sink = bytes_text(sink->name),
		    .kind = bytes_text(notice_kind_name(notice->kind)),
		    .payload = payload,
		    .group_key = buf_bytes(&group),
		    .created_ms = notice->time_ms,
		    .next_try_ms = notice->time_ms,
		    .state = state,
		    .settled_ms = STORE_NO_TIME};
		bool inserted;

		if (!notice_sink_takes(
			sink, notice->check, alive ? NOTICE_LEVEL_ERROR : notice->level))
			continue;
		ok = store_outbox_put(writer->store, &row, &inserted, err);
		writer->outbox_filled = true;
	}
	buf_free(&group);
	return ok;
}

static bool
fill_outbox(struct writer *writer, const struct notice *notice, const char *watch,
    enum outbox_state state, struct err *err)
{
	struct buf payload;
	bool ok;

	buf_init(&payload, NOTICE_PAYLOAD_MAX);
	notice_payload(notice, &payload);
	ok = fill_payload(writer, notice, watch, state, buf_bytes(&payload), err);
	buf_free(&payload);
	return ok;
}

/* --- findings --- */

struct rendered {
	struct buf issuer, subject;
	struct bytes names[NOTICE_NAMES_MAX];
	size_t names_len;
	struct notice_certificate certificate;
};

static bool
is_listed(const struct rendered *out, struct bytes name)
{
	for (size_t i = 0; i < out->names_len; i++)
		if (bytes_equal(out->names[i], name))
			return true;
	return false;
}

static void
render(const struct told_about *about, struct arena *arena, struct rendered *out)
{
	const struct cert *cert = about->judged->cert;
	struct bytes *all = NULL;
	struct dns_found found;
	struct dns_iter names;
	size_t count;

	buf_init(&out->issuer, 8192);
	buf_init(&out->subject, 8192);
	name_append_text(&out->issuer, cert->issuer);
	name_append_text(&out->subject, cert->subject);
	cert_dns_names(cert, &names);
	while (out->names_len < NOTICE_NAMES_MAX && dns_next(&names, &found))
		if (!is_listed(out, found.name))
			out->names[out->names_len++] = arena_copy(arena, found.name);
	candidate_names(cert, arena, &all, &count);
	out->certificate = (struct notice_certificate){
	    .issuer = buf_bytes(&out->issuer),
	    .serial = cert->serial,
	    .subject = buf_bytes(&out->subject),
	    .names = out->names,
	    .names_len = out->names_len,
	    .names_count = count,
	    .not_before_s = cert->not_before,
	    .not_after_s = cert->not_after,
	    .precert = about->judged->precert,
	};
	memcpy(out->certificate.sha256, about->sha256->octets, SHA256_LEN);
}

static const char *
watch_name(struct writer *writer, uint32_t watch)
{
	struct watch_info info;

	if (watch == WATCH_NOT_FOUND)
		return NULL;
	watch_set_info(writer->working->watches, watch, &info);
	return (const char *)arena_copy(&writer->arena, info.name).data;
}

/* "history:LOG:CHECK:WATCH" -> "level count first-ms last-ms": what is told as
 * one count when the log's head is reached. */
static bool
count_history(struct writer *writer, const struct told_about *about,
    const struct finding *finding, const char *watch, struct err *err)
{
	char *name = mem_format("history:%" PRIu32 ":%s:%s",
	    about->batch != NULL ? about->batch->log_number : 0, finding->check->id,
	    watch == NULL ? "" : watch);
	int64_t now = writer_now_ms(writer), first = now, count = 0;
	int level = (int)finding->level, before = level;
	struct bytes value;
	char text[96], *at;
	bool found, ok;

	ok = store_note_get(writer->store, name, &writer->arena, &value, &found, err);
	if (ok && found && value.len < sizeof(text)) {
		memcpy(text, value.data, value.len);
		text[value.len] = '\0';
		before = (int)strtol(text, &at, 10);
		count = strtoll(at, &at, 10);
		first = strtoll(at, NULL, 10);
	}
	snprintf(text, sizeof(text), "%d %" PRId64 " %" PRId64 " %" PRId64,
	    before > level ? before : level, count + 1, first, now);
	ok = ok && store_note_put(writer->store, name, bytes_text(text), err);
	mem_free(name);
	return ok;
}

static bool
tell_finding(struct writer *writer, const struct finding *finding,
    const struct finding_row *row, const struct told_about *about, struct err *err)
{
	const char *watch = watch_name(writer, about->watch);
	struct rendered rendered = {0};
	struct notice_sighting sighting = {0};
	struct notice_head head = {0};
	struct notice notice = {.kind = NOTICE_FINDING,
	    .check = finding->check->id,
	    .subrule = finding->subrule->name,
	    .level = level_of(finding->level),
	    .title = finding->check->says,
	    .message = bytes_text(finding->message),
	    .time_ms = row->last_seen_ms,
	    .watch = watch,
	    .evidence = row->evidence,
	    .database_id = row->number};
	struct notice_subject subject = {NOTICE_FINDING, finding->subject_key,
	    finding->check->id, finding->subrule->name, (uint64_t)row->alert_generation};
	bool ok;

	if (about->silent)
		return true;
	if (about->history)
		return count_history(writer, about, finding, watch, err);
	notice_id(&subject, notice.id);
	if (about->judged != NULL) {
		render(about, &writer->arena, &rendered);
		notice.certificate = &rendered.certificate;
	}
	if (about->entry != NULL && about->batch != NULL) {
		sighting.log = about->batch->log->name;
		sighting.index = about->entry->index;
		sighting.timestamp_ms = (int64_t)about->entry->leaf.timestamp_ms;
		notice.sightings = &sighting;
		notice.sightings_len = 1;
	}
	if (about->proved_by != NULL && about->batch != NULL) {
		head.log = about->batch->log->name;
		head.tree_size = about->proved_by->size;
		memcpy(head.root_hash, about->proved_by->root.octets, SHA256_LEN);
		head.timestamp_ms = about->proved_by->timestamp_ms;
		notice.head = &head;
	}
	/* Another log may have seen it earlier: wait until all have been read. */
	ok = fill_outbox(writer, &notice, watch,
	    finding->basis == BASIS_LOG ? OUTBOX_HELD : OUTBOX_WAITING, err);
	writer->held = writer->held || finding->basis == BASIS_LOG;
	buf_free(&rendered.issuer);
	buf_free(&rendered.subject);
	return ok;
}

/* A finding may be about a certificate that came before: it is that one's row,
 * and its first entry. */
struct elsewhere {
	int64_t certificate; /* 0: it is about the one at hand */
	uint32_t log;
	uint64_t index;
};

static bool
on_first_sighting(void *owner, const struct sighting_row *row)
{
	struct elsewhere *out = owner;

	out->log = row->log;
	out->index = row->index;
	return false;
}

static bool
find_elsewhere(struct writer *writer, const struct finding *finding,
    const struct told_about *about, struct elsewhere *out, struct err *err)
{
	*out = (struct elsewhere){0};
	if (finding->subject != SUBJECT_CERTIFICATE || about->judged == NULL ||
	    bytes_equal(finding->subject_key, bytes_of(about->judged->key, 32)))
		return true;
	out->certificate = finding->row != 0
	    ? finding->row
	    : (int64_t)(intptr_t)map_get(&writer->numbers, finding->subject_key);
	return out->certificate == 0 ||
	    store_sighting_of(
		writer->store, out->certificate, on_first_sighting, out, err);
}

static void
fill_row(const struct finding *finding, const struct told_about *about, int64_t now_ms,
    struct finding_row *row)
{
	*row = (struct finding_row){
	    .id = bytes_of(finding->id, FINDING_ID_LEN),
	    .subject_kind = bytes_text(finding_subject_name(finding->subject)),
	    .subject = finding->subject_key,
	    .certificate = about->certificate,
	    .issuer = about->issuer,
	    .log = about->batch != NULL ? about->batch->log_number : about->log,
	    .log_index = about->entry != NULL ? about->entry->index : 0,
	    .check = bytes_text(finding->check->id),
	    .subrule = bytes_text(finding->subrule->name),
	    .level = (int)finding->level,
	    .time_basis = bytes_text(time_basis_name(finding->basis)),
	    .offset = finding->len > 0 ? (int64_t)finding->offset : -1,
	    .length = finding->len > 0 ? (int64_t)finding->len : -1,
	    .message = bytes_text(finding->message),
	    .check_version = finding->check->version,
	    .first_seen_ms = now_ms,
	    .last_seen_ms = now_ms,
	    .closed_ms = STORE_NO_TIME,
	    .rescan = about->rescan,
	};
}

static bool
put_finding(struct writer *writer, const struct finding *finding,
    const struct told_about *at_hand, struct err *err)
{
	struct told_about about = *at_hand;
	struct elsewhere elsewhere;
	struct finding_row row;
	struct buf evidence, version;
	enum finding_put what;
	bool ok;

	if (!find_elsewhere(writer, finding, at_hand, &elsewhere, err))
		return false;
	fill_row(finding, at_hand, writer_now_ms(writer), &row);
	if (elsewhere.certificate != 0) {
		row.certificate = elsewhere.certificate;
		row.log = elsewhere.log;
		row.log_index = elsewhere.index;
		about.judged = NULL;
		about.entry = NULL;
	}
	buf_init(&version, 4096);
	check_data_version(finding->check, &writer->working->settings->params, &version);
	row.data_version = buf_bytes(&version);
	row.watch = writer_watch_number(writer, about.watch);
	buf_init(&evidence, EVIDENCE_MAX);
	if (finding_evidence_json(finding, &evidence))
		row.evidence = buf_bytes(&evidence);
	else
		row.evidence = bytes_text("{\"shortened\":true}");
	ok = store_finding_put(writer->store, &row, &what, err);
	if (ok && what != FINDING_UNCHANGED)
		ok = tally_finding(writer, &row, 1, err) &&
		    tell_finding(writer, finding, &row, &about, err);
	buf_free(&evidence);
	buf_free(&version);
	return ok;
}

bool
tell_findings(struct writer *writer, const struct findings *findings,
    const struct told_about *about, struct err *err)
{
	for (size_t i = 0; i < findings->count; i++)
		if (!put_finding(writer, findings->rows[i], about, err))
			return false;
	for (size_t i = 0; i < findings->closure_count; i++)
		if (!tell_closed(writer, findings->closures[i].id,
			findings->closures[i].reason, false, err))
			return false;
	return true;
}

/* Its alert, where it is still held back, is not news any more. */
static bool
drop_held(struct writer *writer, const struct finding_row *row, struct err *err)
{
	struct notice_subject subject = {.kind = NOTICE_FINDING,
	    .key = row->subject,
	    .check = (const char *)arena_copy(&writer->arena, row->check).data,
	    .subrule = (const char *)arena_copy(&writer->arena, row->subrule).data,
	    .generation = (uint64_t)row->alert_generation};
	uint8_t id[NOTICE_ID_LEN];
	struct outbox_filter filter = {
	    .alert = bytes_of(id, NOTICE_ID_LEN), .state = OUTBOX_HELD};

	notice_id(&subject, id);
	return store_outbox_drop(writer->store, &filter, err);
}

bool
tell_closed(struct writer *writer, const uint8_t id[FINDING_ID_LEN], const char *why,
    bool withdraw, struct err *err)
{
	struct bytes key = bytes_of(id, FINDING_ID_LEN);
	struct notice notice = {
	    .kind = NOTICE_WITHDRAWAL, .time_ms = writer_now_ms(writer)};
	struct finding_row row;
	uint8_t alert[NOTICE_ID_LEN];
	bool found, closed;

	if (!store_finding_find(writer->store, key, &writer->arena, &row, &found, err) ||
	    !store_finding_close(
		writer->store, key, bytes_text(why), notice.time_ms, &closed, err))
		return false;
	if (!found || !closed)
		return true;
	if (!tally_finding(writer, &row, -1, err))
		return false;
	if (!withdraw)
		return drop_held(writer, &row, err);
	notice.check = (const char *)arena_copy(&writer->arena, row.check).data;
	notice.subrule = (const char *)arena_copy(&writer->arena, row.subrule).data;
	notice.level = level_of((enum check_level)row.level);
	notice.title = "What was reported before is taken back.";
	notice.message = bytes_text(why);
	notice.database_id = row.number;
	struct notice_subject subject = {NOTICE_FINDING, row.subject, notice.check,
	    notice.subrule, (uint64_t)row.alert_generation};
	notice_id(&subject, alert);
	notice.withdraws = alert;
	subject.kind = NOTICE_WITHDRAWAL;
	notice_id(&subject, notice.id);
	return fill_outbox(writer, &notice, NULL, OUTBOX_WAITING, err);
}

/* --- events --- */

bool
tell_exhibits(struct writer *writer, struct bytes id, const struct exhibit_row *exhibits,
    size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct exhibit_row row = exhibits[i];

		row.about = id;
		if (!store_exhibit_put(writer->store, &row, err))
			return false;
	}
	return true;
}

bool
tell_event(struct writer *writer, const struct told_event *event, struct err *err)
{
	int64_t now = writer_now_ms(writer);
	struct event_row row = {.kind = bytes_text(event->kind),
	    .subject = event->subject,
	    .log = event->log,
	    .severity = (int)event->level,
	    .begin_ms = now,
	    .end_ms = event->moment ? now : STORE_NO_TIME,
	    .message = bytes_text(event->message),
	    .evidence = bytes_text(event->evidence == NULL ? "{}" : event->evidence)};
	struct notice_subject subject = {NOTICE_EVENT, event->subject, event->kind,
	    event->ends ? "end" : event->detail,
	    event->moment ? (uint64_t)event->moment_ms : (uint64_t)now};
	struct notice notice = {.kind = NOTICE_EVENT,
	    .check = event->kind,
	    .subrule = event->ends ? "end" : NULL,
	    .level = event->ends ? NOTICE_LEVEL_NOTICE : event->level,
	    .title = event->ends ? "It is over." : event->message,
	    .message = bytes_text(event->message),
	    .time_ms = now,
	    .evidence = row.evidence};
	struct event_row ended_row;
	bool news;

	notice_id(&subject, notice.id);
	row.id = bytes_of(notice.id, NOTICE_ID_LEN);
	if (event->ends) {
		if (!store_event_end(writer->store, row.kind, row.subject, now,
			&writer->arena, &ended_row, &news, err))
			return false;
	} else if (!store_event_begin(writer->store, &row, &news, err)) {
		return false;
	}
	notice.database_id = row.number;
	if (news && !event->ends &&
	    !tell_exhibits(writer, row.id, event->exhibits, event->exhibit_count, err))
		return false;
	return !news || event->silent ||
	    fill_outbox(writer, &notice, NULL, OUTBOX_WAITING, err);
}

bool
tell_heartbeat(
    struct writer *writer, const char *message, const char *evidence, struct err *err)
{
	int64_t now = writer_now_ms(writer);
	struct notice_subject subject = {
	    NOTICE_HEARTBEAT, bytes_of(&now, sizeof(now)), "heartbeat", NULL, 0};
	struct notice notice = {.kind = NOTICE_HEARTBEAT,
	    .check = "heartbeat",
	    .level = NOTICE_LEVEL_NOTICE,
	    .title = "ctwardend is alive",
	    .message = bytes_text(message),
	    .time_ms = now,
	    .evidence = bytes_text(evidence)};

	if (writer->working == NULL)
		return true; /* nothing is configured yet: no sinks */
	notice_id(&subject, notice.id);
	return fill_outbox(writer, &notice, NULL, OUTBOX_WAITING, err);
}

/* --- history --- */

struct history_page {
	struct writer *writer;
	struct history_note {
		struct history_note *next;
		char *name, *value;
	} * first, **last;
};

static bool
on_history(void *owner, struct bytes name, struct bytes value)
{
	struct history_page *page = owner;
	struct arena *arena = &page->writer->arena;
	struct history_note *note = arena_zero(arena, 1, sizeof(*note));

	note->name = (char *)arena_copy(arena, name).data;
	note->value = (char *)arena_copy(arena, value).data;
	*page->last = note;
	page->last = &note->next;
	return true;
}

static bool
tell_history_note(struct writer *writer, struct history_note *note, struct err *err)
{
	struct notice_digest digest = {
	    .ids = NULL, .history = true, .time_ms = writer_now_ms(writer)};
	struct buf payload;
	struct notice notice = {.kind = NOTICE_DIGEST, .time_ms = digest.time_ms};
	char *check = strchr(strchr(note->name, ':') + 1, ':') + 1;
	char *watch = strchr(check, ':');
	char *at;
	int level;
	bool ok = true;

	level = (int)strtol(note->value, &at, 10);
	digest.count = strtoull(at, &at, 10);
	digest.first_ms = strtoll(at, &at, 10);
	digest.last_ms = strtoll(at, NULL, 10);
	if (watch == NULL || digest.count == 0)
		return store_note_delete(writer->store, note->name, err);
	if (!store_note_delete(writer->store, note->name, err))
		return false;
	*watch++ = '\0';
	digest.check = check;
	digest.watch = watch[0] == '\0' ? NULL : watch;
	digest.level = level_of((enum check_level)level);
	notice.check = check;
	notice.level = digest.level;
	buf_init(&payload, NOTICE_PAYLOAD_MAX);
	notice_digest(&digest, notice.id, &payload);
	ok = fill_payload(
	    writer, &notice, digest.watch, OUTBOX_WAITING, buf_bytes(&payload), err);
	buf_free(&payload);
	return ok;
}

bool
tell_history(struct writer *writer, uint32_t log, struct err *err)
{
	struct history_page page = {.writer = writer};
	char prefix[48];

	page.last = &page.first;
	snprintf(prefix, sizeof(prefix), "history:%" PRIu32 ":", log);
	if (!store_note_each(writer->store, prefix, on_history, &page, err))
		return false;
	for (struct history_note *note = page.first; note != NULL; note = note->next)
		if (!tell_history_note(writer, note, err))
			return false;
	return true;
}
