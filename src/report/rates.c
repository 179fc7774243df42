/*
 * Counts of issuance and of what fails, over any period, from the statistic of
 * each issuer and day: an index range for each issuer.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/check.h"
#include "report/rates.h"
#include "store/watch.h"
#include "x509/name.h"

#define DAY_MS    INT64_C(86400000)
#define FIRST_DAY (-100000) /* 1696: earlier notBefores are jokes, and counted there */
#define LAST_DAY  1000000

struct tally {
	int32_t period; /* its first day */
	const char *name;
	int64_t count;
};

struct rates {
	const struct report_rates *asked;
	struct arena arena;
	struct map counts; /* struct tally by period and name */
	struct tally **rows;
	size_t row_count;
	uint32_t *issuers; /* numbers */
	size_t issuer_count, issuer_room;
	const char *prefix; /* "nb." */
	int32_t first, last;
	int64_t issued; /* in all periods */
	uint64_t failed;
};

/* --- days -------------------------------------------------------------------------- */

static int32_t
day_of_ms(int64_t ms)
{
	int64_t day = ms >= 0 ? ms / DAY_MS : -((-ms + DAY_MS - 1) / DAY_MS);

	return day < FIRST_DAY ? FIRST_DAY : day > LAST_DAY ? LAST_DAY : (int32_t)day;
}

/* The first day of the month, or year, that the day lies in. */
static int32_t
first_of(int32_t day, bool year)
{
	char text[TIME_TEXT_LEN];
	int64_t ms;

	time_format(day * DAY_MS, text);
	memcpy(text + 8, "01", 2);
	if (year)
		memcpy(text + 5, "01", 2);
	text[10] = '\0';
	return time_parse(text, &ms) ? day_of_ms(ms) : day;
}

static int32_t
period_of(const struct rates *rates, int32_t day)
{
	switch (rates->asked->by) {
	case REPORT_BY_DAY:
		return day;
	case REPORT_BY_HOUR:
		return 24 * day;
	case REPORT_BY_MONTH:
		return first_of(day, false);
	case REPORT_BY_YEAR:
		return first_of(day, true);
	case REPORT_BY_PERIOD:
		break;
	}
	return rates->first;
}

/* --- whose ------------------------------------------------------------------------- */

bool
rates_key_listed(const uint8_t (*keys)[32], size_t count, struct bytes spki)
{
	for (size_t i = 0; spki.len == 32 && i < count; i++)
		if (memcmp(keys[i], spki.data, 32) == 0)
			return true;
	return false;
}

/* By its key in hex, or as answers show it. */
static bool
is_issuer(const char *text, const struct issuer_row *row)
{
	uint8_t key[32];
	struct buf shown;
	bool same;

	if (strlen(text) == 64 && hex_parse(text, key, sizeof(key)))
		return bytes_equal(row->spki_sha256, bytes_of(key, sizeof(key)));
	buf_init(&shown, 1 << 16);
	show_append_issuer(&shown, row->dn);
	same = strcasecmp(buf_text(&shown), text) == 0;
	buf_free(&shown);
	return same;
}

bool
rates_asked_of(const struct report_rates *asked, const struct issuer_row *row)
{
	return (asked->ca == NULL ||
		   rates_key_listed(asked->keys, asked->key_count, row->spki_sha256)) &&
	    (asked->issuer == NULL || is_issuer(asked->issuer, row));
}

static bool
on_issuer(void *owner, const struct issuer_row *row)
{
	struct rates *rates = owner;
	const struct report_rates *asked = rates->asked;

	if (!rates_asked_of(asked, row))
		return true;
	if (rates->issuer_count == rates->issuer_room) {
		rates->issuer_room =
		    rates->issuer_room == 0 ? 64 : 2 * rates->issuer_room;
		rates->issuers = mem_resize(
		    rates->issuers, rates->issuer_room, sizeof(*rates->issuers));
	}
	rates->issuers[rates->issuer_count++] = row->number;
	return true;
}

/* --- counting ----------------------------------------------------------------------- */

static bool
in_list(const char *list, const char *id)
{
	size_t len = strlen(id);

	for (const char *at = list; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, id, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
	}
	return false;
}

/* What every answer has, in this order. */
static const char *const FIRST[] = {"issued", "misissued", "serious"};

static int
rank_of(const char *name)
{
	int rank = 0;

	while (rank < (int)ARRAY_LEN(FIRST) && strcmp(name, FIRST[rank]) != 0)
		rank++;
	return rank;
}

/* What is listed of the names that are counted. */
static bool
is_wanted(const struct rates *rates, const char *name)
{
	const struct report_rates *asked = rates->asked;
	size_t len = asked->split == NULL ? 0 : strlen(asked->split);

	if (rank_of(name) < (int)ARRAY_LEN(FIRST))
		return true;
	if (strncmp(name, "failed.", 7) == 0)
		return asked->checks == NULL ? asked->by == REPORT_BY_PERIOD
					     : in_list(asked->checks, name + 7);
	return asked->split != NULL && strncmp(name, "issued.", 7) == 0 &&
	    strncmp(name + 7, asked->split, len) == 0 && name[7 + len] == '.';
}

static void
add(struct rates *rates, int32_t period, const char *name, int64_t count)
{
	char key[160];
	int len = snprintf(key, sizeof(key), "%" PRId32 " %s", period, name);
	struct bytes bytes = bytes_of(key, (size_t)len);
	struct tally *tally = map_get(&rates->counts, bytes);

	if (tally == NULL) {
		tally = arena_zero(&rates->arena, 1, sizeof(*tally));
		tally->period = period;
		tally->name =
		    (const char *)arena_copy(&rates->arena, bytes_text(name)).data;
		map_put(&rates->counts, bytes, tally);
	}
	tally->count += count;
}

/* Only issuance is counted by the hour: "hour.07". */
static void
add_hour(struct rates *rates, const struct statistic_row *row, const char *name)
{
	if (strncmp(name, "hour.", 5) == 0)
		add(rates,
		    period_of(rates, row->day) + (int32_t)strtol(name + 5, NULL, 10),
		    "issued", row->count);
}

static bool
on_statistic(void *owner, const struct statistic_row *row)
{
	struct rates *rates = owner;
	size_t prefix = strlen(rates->prefix);
	char name[128];

	if (row->name.len <= prefix || row->name.len - prefix >= sizeof(name) ||
	    memcmp(row->name.data, rates->prefix, prefix) != 0)
		return true;
	memcpy(name, row->name.data + prefix, row->name.len - prefix);
	name[row->name.len - prefix] = '\0';
	if (rates->asked->by == REPORT_BY_HOUR)
		add_hour(rates, row, name);
	else if (is_wanted(rates, name))
		add(rates, period_of(rates, row->day), name, row->count);
	return true;
}

/* Periods in order; issued, mis-issued, serious, then by name. */
static int
compare(const void *a, const void *b)
{
	const struct tally *x = *(struct tally *const *)a, *y = *(struct tally *const *)b;
	int rank_x = rank_of(x->name), rank_y = rank_of(y->name);

	if (x->period != y->period)
		return x->period < y->period ? -1 : 1;
	return rank_x != rank_y ? rank_x - rank_y : strcmp(x->name, y->name);
}

/* A period in which something was issued says also that nothing was mis-issued. */
static void
sort(struct rates *rates)
{
	struct bytes key;
	size_t at = 0, count = 0;
	void *value;

	while (map_next(&rates->counts, &at, &key, &value))
		count++;
	rates->rows = arena_alloc(&rates->arena, (count + 1) * sizeof(*rates->rows));
	at = 0;
	while (map_next(&rates->counts, &at, &key, &value))
		rates->rows[rates->row_count++] = value;
	qsort(rates->rows, rates->row_count, sizeof(*rates->rows), compare);
}

static void
complete(struct rates *rates)
{
	struct bytes key;
	size_t at = 0, count = 0;
	int32_t *periods;
	void *value;

	while (map_next(&rates->counts, &at, &key, &value))
		count++;
	periods = arena_alloc(&rates->arena, (count + 1) * sizeof(*periods));
	at = count = 0;
	while (map_next(&rates->counts, &at, &key, &value)) {
		const struct tally *tally = value;

		if (strcmp(tally->name, "issued") == 0) {
			rates->issued += tally->count;
			periods[count++] = tally->period;
		} else if (strncmp(tally->name, "issued.", 7) != 0) {
			rates->failed += tally->count > 0;
		}
	}
	for (size_t i = 0; i < count && rates->asked->by != REPORT_BY_HOUR; i++)
		add(rates, periods[i], "misissued", 0);
}

static int64_t
issued_in(const struct rates *rates, int32_t period)
{
	char key[64];
	int len = snprintf(key, sizeof(key), "%" PRId32 " issued", period);
	const struct tally *tally = map_get(&rates->counts, bytes_of(key, (size_t)len));

	return tally == NULL ? 0 : tally->count;
}

/* --- showing -------------------------------------------------------------------------
 */

const char *
rates_percent(double rate, char out[32])
{
	double value = rate * 100;

	snprintf(out, 32, value >= 0.1 || value == 0 ? "%.3f %%" : "%.4f %%", value);
	return out;
}

const char *
rates_between(struct rate_interval interval, char out[80])
{
	char low[32], high[32];

	snprintf(out, 80, "%s to %s", rates_percent(interval.low, low),
	    rates_percent(interval.high, high));
	return out;
}

static const char *
shown_name(const struct tally *tally)
{
	const char *dot;

	if (strncmp(tally->name, "failed.", 7) == 0)
		return tally->name + 7;
	if (strcmp(tally->name, "misissued") == 0)
		return "mis-issued";
	/* "issued.key.P-256" */
	dot =
	    strncmp(tally->name, "issued.", 7) == 0 ? strchr(tally->name + 7, '.') : NULL;
	return dot != NULL ? dot + 1 : tally->name;
}

static void
period_text(const struct rates *rates, int32_t period, char out[72])
{
	char from[32], to[32];

	if (rates->asked->by == REPORT_BY_HOUR) {
		show_day(period / 24 * (DAY_MS / 1000), from);
		snprintf(out, 72, "%s %02d:00", from, (int)(period % 24));
		return;
	}
	show_day(period * (DAY_MS / 1000), from);
	if (rates->asked->by == REPORT_BY_YEAR) {
		snprintf(out, 72, "%.4s", from);
	} else if (rates->asked->by == REPORT_BY_DAY) {
		snprintf(out, 72, "%s", from);
	} else if (rates->asked->by == REPORT_BY_MONTH) {
		snprintf(out, 72, "%.7s", from);
	} else if (rates->asked->from_ms == REPORT_NO_TIME &&
	    rates->asked->to_ms == REPORT_NO_TIME) {
		snprintf(out, 72, "all");
	} else {
		show_day(rates->last * (DAY_MS / 1000), to);
		snprintf(out, 72, "%s..%s",
		    rates->asked->from_ms == REPORT_NO_TIME ? "" : from,
		    rates->asked->to_ms == REPORT_NO_TIME ? "" : to);
	}
}

static void
print_row(const struct rates *rates, const struct tally *tally, struct table *table)
{
	int64_t total = issued_in(rates, tally->period);
	uint64_t count = tally->count > 0 ? (uint64_t)tally->count : 0;
	struct rate_interval interval = rate_interval(count, (uint64_t)total);
	char period[72], text[32], both[80];

	period_text(rates, tally->period, period);
	table_text(table, period);
	table_safe(table, bytes_text(shown_name(tally)), 60);
	table_number(table, count);
	if (strcmp(tally->name, "issued") == 0 || total <= 0) {
		table_text(table, "");
		table_text(table, "");
		return;
	}
	table_text(table, rates_percent((double)count / (double)total, text));
	table_text(table, rates_between(interval, both));
}

void
rates_put(struct json *json, uint64_t count, uint64_t total)
{
	struct rate_interval interval = rate_interval(count, total);
	const struct {
		const char *key;
		double value;
	} PARTS[] = {{"rate", (double)count / (double)total}, {"low", interval.low},
	    {"high", interval.high}};
	char text[32];

	for (size_t i = 0; i < ARRAY_LEN(PARTS); i++) {
		snprintf(text, sizeof(text), "%.9f", PARTS[i].value);
		json_put_raw(json, PARTS[i].key, bytes_text(text));
	}
}

static void
put_row(const struct rates *rates, const struct tally *tally, struct json *json)
{
	int64_t total = issued_in(rates, tally->period);
	uint64_t count = tally->count > 0 ? (uint64_t)tally->count : 0;
	char period[72];

	period_text(rates, tally->period, period);
	json_begin_object(json, NULL);
	json_put_text(json, "period", period);
	json_put_safe(json, "name", bytes_text(tally->name), 128);
	json_put_number(json, "count", (int64_t)count);
	json_put_number(json, "of", total);
	if (total > 0 && strcmp(tally->name, "issued") != 0)
		rates_put(json, count, (uint64_t)total);
	json_end_object(json);
}

static void
put_all(struct report *report, const struct rates *rates)
{
	struct json *json = &report->writer;

	json_put_text(json, "basis", rates->asked->seen ? "seen" : "nb");
	json_put_text(json, "catalogue", check_catalogue_version());
	json_put_number(json, "issuers", (int64_t)rates->issuer_count);
	json_begin_array(json, "rates");
	for (size_t i = 0; i < rates->row_count; i++)
		put_row(rates, rates->rows[i], json);
	json_end_array(json);
}

static void
print_all(struct report *report, const struct rates *rates)
{
	static const char *const HEADS[] = {
	    "PERIOD", "WHAT", ">CERTIFICATES", ">RATE", "95 %"};
	struct table table;

	if (rates->row_count == 0) {
		buf_append_text(&report->out, "No certificate is counted there.\n");
		return;
	}
	table_init(&table, HEADS, ARRAY_LEN(HEADS));
	for (size_t i = 0; i < rates->row_count; i++)
		print_row(rates, rates->rows[i], &table);
	table_print(&table, &report->out);
	table_free(&table);
	if (rates->failed == 0)
		buf_append_text(
		    &report->out, "None of them fails a check that counts.\n");
	buf_append_format(&report->out,
	    "Each is judged by the rules of its day, as catalogue %s has them.\n",
	    check_catalogue_version());
}

static bool
count_all(struct rates *rates, struct store *store, struct err *err)
{
	if (!store_issuer_each(store, on_issuer, rates, err))
		return false;
	for (size_t i = 0; i < rates->issuer_count; i++)
		if (!store_statistic_each(store, rates->issuers[i], rates->first,
			rates->last, on_statistic, rates, err))
			return false;
	complete(rates);
	sort(rates);
	return true;
}

bool
report_rates(struct report *report, struct store *store, const struct report_rates *asked,
    uint64_t *found, struct err *err)
{
	struct rates rates = {.asked = asked,
	    .prefix = asked->seen ? "seen." : "nb.",
	    .first =
		asked->from_ms == REPORT_NO_TIME ? FIRST_DAY : day_of_ms(asked->from_ms),
	    .last =
		asked->to_ms == REPORT_NO_TIME ? LAST_DAY : day_of_ms(asked->to_ms - 1)};
	bool ok;

	arena_init(&rates.arena);
	map_init(&rates.counts);
	ok = count_all(&rates, store, err);
	answer_begin(report);
	if (report->json)
		put_all(report, &rates);
	else
		print_all(report, &rates);
	if (ok && asked->with_peers)
		ok = peers_append(
		    report, store, asked, rates.prefix, rates.first, rates.last, err);
	if (ok && (rates.issued == 0 || rates.failed == 0))
		ok = coverage_append(report, store, 0, err);
	answer_end(report);
	*found = rates.issued > 0 ? (uint64_t)rates.issued : 0;
	mem_free(rates.issuers);
	map_free(&rates.counts, NULL);
	arena_free(&rates.arena);
	return ok;
}
