#include "check/data.h"
#include "check/settings.h"
#include "config.h"
#include "monitor/rescan.h"

#define NOTE     "judged_by"
#define TEXT_MAX ((size_t)1 << 20)

/* Another version may read what this one cannot. */
#define PARSER      "ctwarden"
#define THIS_PARSER PARSER " " PACKAGE_VERSION "\n"

/* --- what judges --- */

static bool
runs(const struct check *check, size_t number, const struct check_params *params)
{
	return check->needs == NULL && !params->off[number];
}

/* A line for each check that runs: "ID VERSION DATA SETTINGS". */
static void
append_line(struct buf *out, const struct check *check, const struct settings *settings)
{
	buf_append_format(out, "%s %d ", check->id, check->version);
	check_data_version(check, &settings->params, out);
	check_settings_version(check, &settings->params, settings->dates, out);
	buf_append_u8(out, '\n');
}

static void
append_all(struct buf *out, const struct settings *settings)
{
	const struct check *check;

	buf_append_text(out, THIS_PARSER);
	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		if (runs(check, i, &settings->params))
			append_line(out, check, settings);
}

static bool
has_line(struct bytes text, struct bytes line)
{
	const uint8_t *at = text.data, *end = text.data + text.len;

	while (at < end) {
		const uint8_t *next = memchr(at, '\n', (size_t)(end - at));

		next = next == NULL ? end : next + 1;
		if (bytes_equal(bytes_of(at, (size_t)(next - at)), line))
			return true;
		at = next;
	}
	return false;
}

/* Checks that judge otherwise than before, or did not judge. */
static void
append_changed(struct buf *out, struct bytes before, const struct settings *settings)
{
	const struct check *check;
	struct buf line;

	buf_init(&line, TEXT_MAX);
	for (size_t i = 0; (check = check_at(i)) != NULL; i++) {
		if (!runs(check, i, &settings->params))
			continue;
		buf_clear(&line);
		append_line(&line, check, settings);
		if (!has_line(before, buf_bytes(&line)))
			buf_append_format(
			    out, "%s%s", out->len > 0 ? " " : "", check->id);
	}
	buf_free(&line);
}

/* Checks that there are no more: what they found closes. */
static void
append_gone(struct buf *out, struct bytes before)
{
	size_t at = 0;

	while (at < before.len) {
		const uint8_t *line = before.data + at;
		const uint8_t *end = memchr(line, '\n', before.len - at);
		size_t len = end == NULL ? before.len - at : (size_t)(end - line);
		const uint8_t *blank = memchr(line, ' ', len);
		char id[64];

		if (blank != NULL && (size_t)(blank - line) < sizeof(id)) {
			memcpy(id, line, (size_t)(blank - line));
			id[blank - line] = '\0';
			if (strcmp(id, PARSER) != 0 && check_find(id, NULL) == NULL)
				buf_append_format(
				    out, "%s%s", out->len > 0 ? " " : "", id);
		}
		at += len + 1;
	}
}

/* --- the row --- */

bool
rescan_is_whole(const struct rescan_row *row)
{
	return row->ca.len == 0 && row->domain.len == 0 && row->from_s == STORE_NO_TIME &&
	    row->until_s == STORE_NO_TIME;
}

bool
rescan_next_check(const struct rescan_row *row, size_t *at, struct bytes *id)
{
	size_t from = *at;

	while (from < row->checks.len && row->checks.data[from] == ' ')
		from++;
	*at = from;
	while (*at < row->checks.len && row->checks.data[*at] != ' ')
		(*at)++;
	*id = bytes_of(row->checks.data + from, *at - from);
	return id->len > 0;
}

static bool
is_named(const struct rescan_row *row, const char *check)
{
	struct bytes id;
	size_t at = 0;

	while (rescan_next_check(row, &at, &id))
		if (bytes_equal(id, bytes_text(check)))
			return true;
	return row->checks.len == 0;
}

static bool
looks_again(const struct check *check)
{
	for (size_t i = 0; i < check->subrule_count; i++)
		if (check->subrules[i].due != NULL)
			return true;
	return false;
}

/* Not about periods and logs, which are looked at again by themselves; but what
 * remembers certificates is shown them. */
static bool
can_rescan(const struct check *check, const struct rescan_row *row)
{
	if ((check->history & HISTORY_STATE) != 0 && !rescan_is_whole(row))
		return false;
	return (check->scope == SCOPE_STATISTIC && looks_again(check)) ||
	    check->scope == SCOPE_CERTIFICATE || check->scope == SCOPE_PAIR ||
	    check->scope == SCOPE_ISSUER || check->scope == SCOPE_CA;
}

/* What asks another check, and that one. */
static void
select_together(const struct check_params *params, bool selected[CHECKS_MAX])
{
	const struct check *check, *other;
	size_t j;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++) {
		if (check->with == NULL ||
		    (other = check_find(check->with, &j)) == NULL ||
		    (!selected[i] && !selected[j]))
			continue;
		selected[i] = runs(check, i, params);
		selected[j] = runs(other, j, params);
	}
}

void
rescan_select(const struct rescan_row *row, const struct check_params *params,
    bool selected[CHECKS_MAX])
{
	const struct check *check;
	bool dated = false;
	size_t deadline;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++) {
		selected[i] = runs(check, i, params) && can_rescan(check, row) &&
		    is_named(row, check->id);
		dated = dated || (selected[i] && check->scope == SCOPE_CERTIFICATE);
	}
	select_together(params, selected);
	/* It is made of what the others find. */
	if (dated && (check = check_find("backdated-over-deadline", &deadline)) != NULL)
		selected[deadline] = runs(check, deadline, params);
}

struct oldest {
	struct arena *arena;
	struct rescan_row *row;
	struct bytes cause; /* of those; empty: any */
	bool found;
};

static bool
on_rescan(void *owner, const struct rescan_row *row)
{
	struct oldest *oldest = owner;

	if (row->ended_ms != STORE_NO_TIME ||
	    (oldest->cause.len > 0 && !bytes_equal(oldest->cause, row->cause)))
		return true;
	*oldest->row = *row;
	oldest->row->cause = arena_copy(oldest->arena, row->cause);
	oldest->row->checks = arena_copy(oldest->arena, row->checks);
	oldest->row->ca = arena_copy(oldest->arena, row->ca);
	oldest->row->domain = arena_copy(oldest->arena, row->domain);
	oldest->row->judged_by = arena_copy(oldest->arena, row->judged_by);
	oldest->row->after_name = arena_copy(oldest->arena, row->after_name);
	oldest->found = true;
	return true;
}

static bool
find_oldest(struct writer *writer, struct oldest *oldest, struct err *err)
{
	return store_rescan_each(writer->store, 0, on_rescan, oldest, err);
}

bool
rescan_oldest(struct writer *writer, struct arena *arena, struct rescan_row *row,
    bool *found, struct err *err)
{
	struct oldest oldest = {.arena = arena, .row = row};

	if (!find_oldest(writer, &oldest, err))
		return false;
	*found = oldest.found;
	return true;
}

static bool
put_note(struct writer *writer, struct bytes text, struct err *err)
{
	return store_note_put(writer->store, NOTE, text, err);
}

bool
rescan_end(struct writer *writer, struct rescan_row *row, struct err *err)
{
	row->phase = RESCAN_DONE;
	row->ended_ms = writer_now_ms(writer);
	return store_rescan_put(writer->store, row, err) &&
	    (row->judged_by.len == 0 || put_note(writer, row->judged_by, err));
}

static bool
on_any_entry(void *owner, const struct entry_row *row)
{
	(void)row;
	*(bool *)owner = false;
	return false;
}

/* Nothing is stored that could be judged again. */
static bool
is_empty(struct writer *writer, bool *empty, struct err *err)
{
	struct entry_filter any = {.state = -1, .limit = 1};
	int64_t newest;

	if (!store_form_newest(writer->store, &newest, err))
		return false;
	*empty = newest == 0;
	return !*empty || store_entry_each(writer->store, &any, on_any_entry, empty, err);
}

static bool
begin(struct writer *writer, struct bytes checks, struct bytes judged_by, struct err *err)
{
	struct rescan_row row = {.cause = bytes_text("changed"),
	    .checks = checks,
	    .from_s = STORE_NO_TIME,
	    .until_s = STORE_NO_TIME,
	    .first_nb_s = STORE_NO_TIME,
	    .last_nb_s = STORE_NO_TIME,
	    .started_ms = STORE_NO_TIME,
	    .ended_ms = STORE_NO_TIME,
	    .judged_by = judged_by};

	return store_rescan_put(writer->store, &row, err);
}

/* One for other checks than those in force now was overtaken: what it did
 * stands, and the new one does all of it. */
static bool
settle_former(struct writer *writer, struct bytes now, bool *same, struct err *err)
{
	struct rescan_row row;
	struct oldest oldest = {
	    .arena = &writer->arena, .row = &row, .cause = bytes_text("changed")};

	*same = false;
	if (!find_oldest(writer, &oldest, err))
		return false;
	if (!oldest.found)
		return true;
	*same = bytes_equal(row.judged_by, now);
	if (*same)
		return true;
	row.judged_by = bytes_of(NULL, 0);
	return rescan_end(writer, &row, err);
}

static bool
plan(struct writer *writer, struct buf *now, struct buf *changed, struct err *err)
{
	const struct settings *settings = writer->working->settings;
	struct bytes before;
	bool found, empty, same;

	append_all(now, settings);
	if (!store_note_get(writer->store, NOTE, &writer->arena, &before, &found, err) ||
	    !is_empty(writer, &empty, err) ||
	    !settle_former(writer, buf_bytes(now), &same, err))
		return false;
	if (same || (found && bytes_equal(before, buf_bytes(now))))
		return true;
	append_changed(changed, before, settings);
	append_gone(changed, before);
	if (!empty && changed->len == 0 && !has_line(before, bytes_text(THIS_PARSER)))
		buf_append_u8(changed, ' '); /* no check, but the entries */
	if (empty || changed->len == 0)
		return put_note(writer, buf_bytes(now), err);
	return begin(writer, buf_bytes(changed), buf_bytes(now), err);
}

bool
rescan_plan(struct writer *writer, struct err *err)
{
	struct buf now, changed;
	bool ok;

	buf_init(&now, TEXT_MAX);
	buf_init(&changed, TEXT_MAX);
	ok = plan(writer, &now, &changed, err);
	buf_free(&now);
	buf_free(&changed);
	return ok;
}
