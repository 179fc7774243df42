/*
 * Certificates by name. Names stand reversed by label in the database, so a
 * domain and all below it are one run.
 */
#include <inttypes.h>

#include "base/map.h"
#include "base/mem.h"
#include "report/report_priv.h"
#include "store/certificate.h"
#include "store/watch.h"
#include "x509/dns.h"

#define NAME_ROOM ((size_t)1100)

struct hit {
	struct bytes name; /* reversed */
	int64_t certificate;
};

struct search {
	struct report *report;
	struct store *store;
	struct arena arena; /* of a page */
	struct hit hits[REPORT_PAGE];
	size_t count;
	struct map seen; /* numbers of certificates that were listed */
	struct table table;
	uint64_t left, found;
};

static bool
add_hit(void *owner, struct bytes name, int64_t certificate)
{
	struct search *search = owner;

	search->hits[search->count++] =
	    (struct hit){arena_copy(&search->arena, name), certificate};
	return true;
}

static void
append_name(struct buf *out, struct bytes reversed)
{
	char name[NAME_ROOM + 1];

	if (reversed.len > NAME_ROOM)
		return;
	dns_reverse((const char *)reversed.data, reversed.len, name);
	show_append_stored(out, bytes_text(name));
}

static bool
issuer_of(struct search *search, uint32_t number, struct buf *out, struct err *err)
{
	struct issuer_row issuer;
	bool found;

	if (!store_issuer_find(
		search->store, number, &search->arena, &issuer, &found, err))
		return false;
	if (found)
		show_append_issuer(out, issuer.dn);
	return true;
}

static void
print_row(struct search *search, const struct certificate_row *row, const char *name,
    const char *issuer)
{
	struct json *json = &search->report->writer;
	struct table *table = &search->table;
	char day[32], text[32];

	if (!search->report->json) {
		snprintf(text, sizeof(text), "%" PRId64, row->number);
		table_text(table, text);
		table_text(table, show_day(row->not_before_s, day));
		table_text(table, show_day(row->not_after_s, day));
		table_text(table, show_time(row->first_seen_ms, day));
		table_text(table, name);
		table_text(table, issuer);
		return;
	}
	json_begin_object(json, NULL);
	json_put_number(json, "certificate", row->number);
	json_put_text(json, "name", name);
	json_put_text(json, "issuer", issuer);
	json_put_hex(json, "issuer_spki_sha256", row->issuer_spki);
	json_put_hex(json, "serial", row->serial);
	put_time(json, "not_before",
	    row->not_before_s == STORE_NO_TIME ? STORE_NO_TIME
					       : row->not_before_s * 1000);
	put_time(json, "not_after",
	    row->not_after_s == STORE_NO_TIME ? STORE_NO_TIME : row->not_after_s * 1000);
	put_time(json, "first_seen", row->first_seen_ms);
	json_end_object(json);
}

/* One certificate, unless it was listed under another of its names. */
static bool
list_hit(struct search *search, const struct hit *hit, struct err *err)
{
	struct bytes key = bytes_of(&hit->certificate, sizeof(hit->certificate));
	struct certificate_row row;
	struct buf name, issuer;
	bool found, ok;

	if (search->left == 0 || map_get(&search->seen, key) != NULL)
		return true;
	map_put(&search->seen, key, search);
	if (!store_certificate_get(
		search->store, hit->certificate, &search->arena, &row, &found, err))
		return false;
	if (!found) /* it went while we read */
		return true;
	buf_init(&name, 16 * NAME_ROOM);
	buf_init(&issuer, 8192);
	append_name(&name, hit->name);
	ok = issuer_of(search, row.issuer, &issuer, err);
	if (ok) {
		print_row(search, &row, buf_text(&name), buf_text(&issuer));
		search->found++;
		search->left--;
	}
	buf_free(&name);
	buf_free(&issuer);
	return ok;
}

static bool
list_names(struct search *search, struct name_filter *filter, struct err *err)
{
	struct buf after;
	bool ok = true, more = true;

	buf_init(&after, NAME_ROOM);
	filter->limit = REPORT_PAGE;
	while (ok && more && search->left > 0) {
		search->count = 0;
		arena_reset(&search->arena);
		ok = store_name_each(search->store, filter, add_hit, search, err);
		for (size_t i = 0; ok && i < search->count; i++)
			ok = list_hit(search, &search->hits[i], err);
		more = search->count == REPORT_PAGE;
		if (more) {
			const struct hit *last = &search->hits[search->count - 1];

			buf_clear(&after);
			buf_append_bytes(&after, last->name);
			filter->after_name = buf_bytes(&after);
			filter->after_certificate = last->certificate;
		}
		if (ok && more && !search->report->json)
			table_print(&search->table, &search->report->out);
		more = more && report_flush(search->report);
	}
	buf_free(&after);
	return ok;
}

/* --- what "none found" is worth -------------------------------------------------- */

struct watched {
	struct bytes name; /* canonical */
	int64_t generation;
	bool yes;
};

static bool
on_watch(void *owner, const struct watch_row *row)
{
	struct watched *watched = owner;

	if (!bytes_equal(row->kind, bytes_text("domain")) ||
	    !dns_is_within(watched->name, row->text))
		return true;
	if (!watched->yes || row->since_generation < watched->generation)
		watched->generation = row->since_generation;
	watched->yes = true;
	return true;
}

static bool
report_none(struct search *search, const struct report_search *asked, const char *name,
    struct err *err)
{
	struct watched watched = {.name = bytes_text(name)};
	struct report *report = search->report;
	struct coverage coverage;

	if (!asked->all_stored &&
	    !store_watch_each(search->store, false, on_watch, &watched, err))
		return false;
	if (!coverage_sum(search->store, watched.generation, &coverage, err))
		return false;
	if (report->json)
		json_put_bool(
		    &report->writer, "watched", watched.yes || asked->all_stored);
	else if (search->found == 0)
		buf_append_format(&report->out, "No certificate for %s%s found. ", name,
		    asked->exact ? "" : " or below");
	if (!report->json && search->found == 0 && !watched.yes && !asked->all_stored)
		buf_append_format(&report->out,
		    "It is not watched, so this says nothing: add domain \"%s\" {} to "
		    "the "
		    "configuration. ",
		    name);
	if (report->json || search->found == 0)
		coverage_report(report, &coverage);
	return true;
}

/* --- the whole -----------------------------------------------------------------------
 */

static const char *const HEADS[] = {
    ">CERTIFICATE", "NOT BEFORE", "NOT AFTER", "FIRST SEEN", "NAME", "ISSUER"};

/* *.example.org is another name's neighbour, not below it. */
static bool
list_wildcard(struct search *search, const char *reversed, struct err *err)
{
	const char *dot = strrchr(reversed, '.');
	char wildcard[NAME_ROOM + 3];
	struct name_filter filter = {0};

	if (dot == NULL)
		return true;
	snprintf(wildcard, sizeof(wildcard), "%.*s.*", (int)(dot - reversed), reversed);
	filter.name = bytes_text(wildcard);
	return list_names(search, &filter, err);
}

static bool
list_all(struct search *search, const struct report_search *asked, const char *name,
    size_t len, struct err *err)
{
	char reversed[NAME_ROOM + 1];
	struct name_filter filter = {.below = !asked->exact};

	dns_reverse(name, len, reversed);
	filter.name = bytes_text(reversed);
	return list_names(search, &filter, err) &&
	    (asked->exact || list_wildcard(search, reversed, err));
}

bool
report_search(struct report *report, struct store *store,
    const struct report_search *asked, uint64_t *found, struct err *err)
{
	struct search *search = mem_zero(1, sizeof(*search));
	struct buf name;
	bool ok;

	search->report = report;
	search->store = store;
	search->left = asked->most == 0 ? UINT64_MAX : asked->most;
	buf_init(&name, NAME_ROOM);
	arena_init(&search->arena);
	map_init(&search->seen);
	table_init(&search->table, HEADS, ARRAY_LEN(HEADS));
	ok = dns_append_ascii(&name, bytes_text(asked->name), err);
	answer_begin(report);
	if (report->json)
		json_begin_array(&report->writer, "certificates");
	ok = ok && list_all(search, asked, buf_text(&name), name.len, err);
	if (report->json)
		json_end_array(&report->writer);
	else if (search->table.count > 0)
		table_print(&search->table, &report->out);
	ok = ok && report_none(search, asked, buf_text(&name), err);
	if (ok)
		answer_end(report);
	else
		buf_clear(&report->out);
	*found = search->found;
	table_free(&search->table);
	map_free(&search->seen, NULL);
	arena_free(&search->arena);
	buf_free(&name);
	mem_free(search);
	return ok;
}
