#include "base/mem.h"
#include "fetch/fetch_priv.h"

static const struct fetch_limits DEFAULT_LIMITS = {
    .in_flight = 8, .per_second = 50, .burst = 10};

/* What is not said is as in base. */
static struct fetch_limits
limits_over(const struct fetch_limits *limits, const struct fetch_limits *base)
{
	struct fetch_limits all = *limits;

	if (all.in_flight == 0)
		all.in_flight = base->in_flight;
	if (all.per_second == 0.0)
		all.per_second = base->per_second;
	if (all.burst == 0)
		all.burst = base->burst;
	return all;
}

struct budget *
queue_budget(struct fetch *fetch, const char *name)
{
	struct budget *budget = map_get(&fetch->budgets, bytes_text(name));
	struct fetch_limits limits;

	if (budget != NULL)
		return budget;
	budget = mem_zero(1, sizeof(*budget));
	budget->name = mem_text(name);
	limits = limits_over(&fetch->options.limits, &DEFAULT_LIMITS);
	bucket_init(&budget->bucket, &limits, clock_mono_ms(fetch->clock));
	map_put(&fetch->budgets, bytes_text(name), budget);
	return budget;
}

void
fetch_set_limits(struct fetch *fetch, const char *name, const struct fetch_limits *limits)
{
	struct budget *budget = queue_budget(fetch, name);
	struct fetch_limits base = limits_over(&fetch->options.limits, &DEFAULT_LIMITS);

	base = limits_over(limits, &base);
	budget->fixed = true;
	bucket_init(&budget->bucket, &base, clock_mono_ms(fetch->clock));
}

void
fetch_clear_limits(struct fetch *fetch)
{
	struct fetch_limits limits = limits_over(&fetch->options.limits, &DEFAULT_LIMITS);
	struct bytes key;
	size_t at = 0;
	void *value;

	while (map_next(&fetch->budgets, &at, &key, &value)) {
		struct budget *budget = value;

		if (!budget->fixed)
			continue;
		budget->fixed = false;
		bucket_init(&budget->bucket, &limits, clock_mono_ms(fetch->clock));
	}
}

static void
host_free(void *value)
{
	struct host *host = value;

	while (host->lanes != NULL) {
		struct lane *lane = host->lanes;

		host->lanes = lane->next;
		lane->budget->lanes--;
		mem_free(lane);
	}
	mem_free(host->name);
	mem_free(host->bad_tls);
	mem_free(host->bad_tls_ca);
	mem_free(host);
}

static void
budget_free(void *value)
{
	mem_free(((struct budget *)value)->name);
	mem_free(value);
}

/* Nothing of it needs to be remembered. */
static bool
is_idle(struct host *host, int64_t now_ms)
{
	struct budget *budget = host->budget;

	for (struct lane *lane = host->lanes; lane != NULL; lane = lane->next)
		if (lane->pace.failures > 0)
			return false;
	return host->waiting == 0 && host->in_flight == 0 && host->pace.failures == 0 &&
	    host->bad_tls == NULL && budget->waiting == 0 && budget->in_flight == 0 &&
	    !budget->fixed && bucket_is_full(&budget->bucket, now_ms);
}

/* Certificates name hosts without end: those of long ago are dropped. */
static void
forget_idle(struct fetch *fetch)
{
	enum { AT_ONCE = 64 };
	struct host *idle[AT_ONCE];
	size_t count = 0, at = 0;
	int64_t now_ms = clock_mono_ms(fetch->clock);
	struct bytes key;
	void *value;

	while (count < AT_ONCE && map_next(&fetch->hosts, &at, &key, &value))
		if (is_idle(value, now_ms))
			idle[count++] = value;
	for (size_t i = 0; i < count; i++) {
		struct budget *budget = idle[i]->budget;

		host_free(map_remove(&fetch->hosts, bytes_text(idle[i]->name)));
		if (budget->lanes == 0)
			budget_free(
			    map_remove(&fetch->budgets, bytes_text(budget->name)));
	}
	fetch->hosts_most = fetch->hosts.used < 512 ? 512 : fetch->hosts.used + 128;
}

static struct host *
host_named(struct fetch *fetch, const char *name)
{
	struct host *host = map_get(&fetch->hosts, bytes_text(name));

	if (host != NULL)
		return host;
	if (fetch->hosts.used >= fetch->hosts_most)
		forget_idle(fetch);
	host = mem_zero(1, sizeof(*host));
	host->name = mem_text(name);
	host->budget = queue_budget(fetch, name);
	map_put(&fetch->hosts, bytes_text(name), host);
	return host;
}

static struct lane *
lane_of(struct host *host, uint32_t id)
{
	struct lane *lane = host->lanes;

	while (lane != NULL && lane->id != id)
		lane = lane->next;
	if (lane != NULL)
		return lane;
	lane = mem_zero(1, sizeof(*lane));
	lane->id = id;
	lane->next = host->lanes;
	host->lanes = lane;
	return lane;
}

static void
lane_join(struct lane *lane, struct budget *budget)
{
	if (lane->budget == budget)
		return;
	if (lane->budget != NULL)
		lane->budget->lanes--;
	lane->budget = budget;
	budget->lanes++;
}

void
queue_place(struct fetch_request *request, const char *budget, uint32_t lane)
{
	if (request->host_name[0] == '\0')
		return; /* a file */
	request->host = host_named(request->fetch, request->host_name);
	request->lane = lane_of(request->host, lane);
	request->budget =
	    budget != NULL ? queue_budget(request->fetch, budget) : request->host->budget;
	lane_join(request->lane, request->budget);
}

static struct request_list *
list_of(struct fetch_request *request)
{
	return request->host == NULL ? &request->fetch->files
				     : &request->lane->waiting[request->background];
}

void
queue_enter(struct fetch_request *request, bool in_front)
{
	request->state = REQUEST_WAITING;
	(in_front ? request_list_prepend : request_list_append)(
	    list_of(request), request);
	if (request->host == NULL)
		return;
	request->host->waiting++;
	request->budget->waiting++;
}

void
queue_leave(struct fetch_request *request)
{
	request_list_remove(list_of(request), request);
	if (request->host == NULL)
		return;
	request->host->waiting--;
	request->budget->waiting--;
}

void
queue_begin(struct fetch_request *request)
{
	struct fetch *fetch = request->fetch;

	request->state = REQUEST_RUNNING;
	request_list_append(&fetch->running, request);
	request->host->in_flight++;
	request->lane->in_flight++;
	request->lane->served = ++fetch->served;
	request->budget->in_flight++;
	bucket_take(&request->budget->bucket, clock_mono_ms(fetch->clock));
}

void
queue_end(struct fetch_request *request)
{
	request_list_remove(&request->fetch->running, request);
	request->host->in_flight--;
	request->lane->in_flight--;
	request->budget->in_flight--;
}

void
queue_judge(struct fetch_request *request, enum transport transport, bool succeeded)
{
	struct fetch *fetch = request->fetch;
	struct bucket *bucket = &request->budget->bucket;
	int64_t now_ms = clock_mono_ms(fetch->clock);
	int64_t retry_after_ms = request_retry_after_ms(request);
	enum trouble trouble = succeeded
	    ? TROUBLE_NONE
	    : retry_trouble(transport, request->status, retry_after_ms);

	if (request->status == 429)
		bucket_slow_down(bucket, now_ms);
	if (trouble != TROUBLE_NONE) {
		pace_failed(
		    trouble == TROUBLE_HOST ? &request->host->pace : &request->lane->pace,
		    now_ms, request->begun_ms, retry_after_ms,
		    fetch->options.backoff_max_ms, &fetch->random);
		return;
	}
	if (transport == TRANSPORT_REFUSED)
		return; /* says nothing of the host */
	pace_went_well(&request->host->pace, request->begun_ms, bucket->limits.in_flight);
	pace_went_well(&request->lane->pace, request->begun_ms, bucket->limits.in_flight);
	bucket_went_well(bucket, now_ms);
}

static void
shorten(int64_t *wait_ms, int64_t ms)
{
	if (*wait_ms < 0 || ms < *wait_ms)
		*wait_ms = ms;
}

/* A lane takes half of what is free and leaves the rest to others: four have to
 * hang before a budget of eight is used up. */
static bool
has_its_share(const struct lane *lane, const struct budget *budget)
{
	return budget->lanes > 1 && lane->in_flight > 0 &&
	    lane->in_flight >= budget->bucket.limits.in_flight - budget->in_flight;
}

/* Whether the request may go now; else notes when time alone lets it. */
static bool
may_go(struct fetch_request *request, int64_t now_ms, int64_t *wait_ms)
{
	struct budget *budget = request->budget;
	struct host *host = request->host;
	struct lane *lane = request->lane;
	int64_t ms;

	if (budget->in_flight >= budget->bucket.limits.in_flight ||
	    has_its_share(lane, budget) || !pace_has_room(&host->pace, host->in_flight) ||
	    !pace_has_room(&lane->pace, lane->in_flight))
		return false; /* the end of another will ask again */
	ms = pace_wait_ms(&host->pace, now_ms);
	if (ms < pace_wait_ms(&lane->pace, now_ms))
		ms = pace_wait_ms(&lane->pace, now_ms);
	if (ms < bucket_wait_ms(&budget->bucket, now_ms))
		ms = bucket_wait_ms(&budget->bucket, now_ms);
	if (ms > 0)
		shorten(wait_ms, ms);
	return ms == 0;
}

/* Of the lanes that may go, the one whose turn is longest ago: so lanes of one
 * budget share it evenly, also across hosts. */
static void
consider(struct host *host, unsigned background, int64_t now_ms,
    struct fetch_request **best, int64_t *wait_ms)
{
	for (struct lane *lane = host->lanes; lane != NULL; lane = lane->next) {
		struct fetch_request *first = lane->waiting[background].first;

		if (first == NULL || !may_go(first, now_ms, wait_ms))
			continue;
		if (*best == NULL || lane->served < (*best)->lane->served)
			*best = first;
	}
}

struct fetch_request *
queue_next(struct fetch *fetch, int64_t *wait_ms)
{
	int64_t now_ms = clock_mono_ms(fetch->clock);
	struct fetch_request *best = NULL;
	struct bytes key;
	void *value;

	*wait_ms = -1;
	for (unsigned background = 0; background < 2 && best == NULL; background++) {
		size_t at = 0;

		while (map_next(&fetch->hosts, &at, &key, &value)) {
			struct host *host = value;

			if (host->waiting > 0)
				consider(host, background, now_ms, &best, wait_ms);
		}
	}
	return best;
}

void
queue_free(struct fetch *fetch)
{
	map_free(&fetch->hosts, host_free);
	map_free(&fetch->budgets, budget_free);
}

bool
fetch_standing(const struct fetch *fetch, const char *name, struct fetch_standing *out)
{
	int64_t now_ms = clock_mono_ms(fetch->clock);
	const struct host *host = map_get(&fetch->hosts, bytes_text(name));
	const struct budget *budget = map_get(&fetch->budgets, bytes_text(name));

	*out = (struct fetch_standing){0};
	if (host != NULL) {
		out->waiting = host->waiting;
		out->in_flight = host->in_flight;
		out->failures = host->pace.failures;
		out->rests_for_ms = pace_wait_ms(&host->pace, now_ms);
	} else if (budget != NULL) {
		out->waiting = budget->waiting;
		out->in_flight = budget->in_flight;
	}
	return host != NULL || budget != NULL;
}
