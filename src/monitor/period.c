/*
 * Checks over periods: each hour for the issuers of watched CAs, each day for
 * the CAs. Counts are read over index ranges of the statistic. While a log is
 * behind, its hours are not over: then none is judged.
 */
#include "base/log.h"
#include "check/run.h"
#include "monitor/tell.h"
#include "monitor/upkeep.h"
#include "store/certificate.h"
#include "store/watch.h"

#define DAY_MS (24 * HOUR_MS)

struct period_change {
	struct change change; /* first */
	int64_t now_ms;       /* a whole hour */
	bool day;             /* a day is over as well */
};

struct issuer {
	uint32_t number;
	uint8_t key[SHA256_LEN];
	uint32_t watch;
};

struct periods {
	struct writer *writer;
	struct issuer *issuers; /* of watched CAs; the arena's */
	size_t count, room;
	/* what is being summed */
	const struct issuer *first;
	size_t summed;
	uint32_t watch; /* of them, only those of this one */
	bool failed;
	struct err *err;
};

static bool
on_issuer(void *owner, const struct issuer_row *row)
{
	struct periods *periods = owner;
	struct arena *arena = &periods->writer->arena;
	const struct watch_set *set = periods->writer->working->watches;
	struct issuer *old = periods->issuers, *out;

	for (uint32_t w = (uint32_t)watch_set_domain_count(set);
	     row->spki_sha256.len == SHA256_LEN && w < watch_set_count(set); w++) {
		if (!watch_set_family_has(set, w, row->spki_sha256.data))
			continue;
		if (periods->count == periods->room) {
			periods->room = periods->room == 0 ? 16 : 2 * periods->room;
			periods->issuers =
			    arena_alloc(arena, periods->room * sizeof(*periods->issuers));
			if (old != NULL)
				memcpy(
				    periods->issuers, old, periods->count * sizeof(*old));
		}
		out = &periods->issuers[periods->count++];
		out->number = row->number;
		out->watch = w;
		memcpy(out->key, row->spki_sha256.data, SHA256_LEN);
	}
	return true;
}

/* Of the watch's issuers, or of all others. */
static int64_t
sum_of(struct periods *periods, bool own, const char *name, int32_t first_day,
    int32_t last_day)
{
	int64_t total = 0, one;

	for (size_t i = 0; i < periods->summed && !periods->failed; i++) {
		if ((periods->first[i].watch == periods->watch) != own)
			continue;
		if (store_statistic_sum(periods->writer->store, periods->first[i].number,
			bytes_text(name), first_day, last_day, &one, periods->err))
			total += one;
		else
			periods->failed = true;
	}
	return total;
}

static int64_t
sum(void *owner, const char *name, int32_t first_day, int32_t last_day)
{
	return sum_of(owner, true, name, first_day, last_day);
}

static int64_t
sum_of_peers(void *owner, const char *name, int32_t first_day, int32_t last_day)
{
	return sum_of(owner, false, name, first_day, last_day);
}

/* issuers are those whose counts are added up; one of them for an hour. */
static bool
judge(struct periods *periods, int64_t now_ms, const struct issuer *one, uint32_t watch)
{
	const struct check_params *params = &periods->writer->working->settings->params;
	struct told_about about = {
	    .watch = watch, .issuer = one != NULL ? one->number : 0};
	struct judged_period it = {.issuer_key = one != NULL ? one->key : NULL,
	    .operator= snapshot_operator(periods->writer->working, watch),
	    .now_ms = now_ms,
	    .sum = sum,
	    .peers = sum_of_peers,
	    .owner = periods};
	struct findings findings;

	if (it.operator== NULL)
		return true;
	findings_init(&findings, &periods->writer->arena);
	periods->first = one != NULL ? one : periods->issuers;
	periods->summed = one != NULL ? 1 : periods->count;
	periods->watch = watch;
	if (one != NULL)
		checks_run_hour(&it, params, &findings);
	else
		checks_run_day(&it, params, &findings);
	return !periods->failed &&
	    tell_findings(periods->writer, &findings, &about, periods->err);
}

static bool
apply_periods(struct writer *writer, struct change *change, struct err *err)
{
	struct period_change *it = (struct period_change *)change;
	struct periods periods = {.writer = writer, .err = err};
	const struct watch_set *set = writer->working->watches;

	if (!store_issuer_each(writer->store, on_issuer, &periods, err))
		return false;
	for (size_t i = 0; i < periods.count; i++)
		if (!judge(&periods, it->now_ms, &periods.issuers[i],
			periods.issuers[i].watch))
			return false;
	for (uint32_t w = (uint32_t)watch_set_domain_count(set);
	     it->day && w < watch_set_count(set); w++)
		if (!judge(&periods, it->now_ms / DAY_MS * DAY_MS, NULL, w))
			return false;
	return true;
}

static void
judged(struct monitor *monitor, struct change *change, bool written)
{
	(void)monitor;
	(void)written;
	mem_free(change);
}

static bool
is_level(const struct monitor *monitor)
{
	bool any = false;

	for (const struct follower *f = monitor->followers; f != NULL; f = f->next) {
		if (!f->wanted || !f->has_head)
			continue;
		if (f->range.state == RANGE_READING && f->range.next < f->head.size)
			return false;
		any = true;
	}
	return any;
}

static bool
watches_cas(const struct monitor *monitor)
{
	const struct watch_set *set = monitor->snapshot->watches;

	return watch_set_count(set) > watch_set_domain_count(set);
}

void
period_tick(struct monitor *monitor)
{
	int64_t hour = clock_now_ms(monitor->clock) / HOUR_MS;
	struct period_change *it;

	if (hour <= monitor->judged_hour || !watches_cas(monitor) || !is_level(monitor))
		return;
	it = mem_zero(1, sizeof(*it));
	it->change.apply = apply_periods;
	it->change.done = judged;
	it->now_ms = hour * HOUR_MS;
	it->day = hour / 24 > monitor->judged_hour / 24;
	monitor->judged_hour = hour;
	change_submit(monitor, &it->change);
}
