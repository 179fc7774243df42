/*
 * What the daemon says of itself while it runs: systemd's STATUS, progress
 * while it catches up, and everything on SIGUSR1.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/notify.h"
#include "daemon/daemon.h"

#define TICK_MS        10000
#define PROGRESS_EVERY 6     /* ticks */
#define BEHIND         10000 /* entries; less is no catching up worth a line */

struct summary {
	unsigned logs, level, trouble;
	uint64_t behind;
	double per_second;
};

static void
add_log(void *owner, const struct monitor_log_status *log)
{
	struct summary *sum = owner;

	sum->logs++;
	sum->level += log->size > 0 && log->next >= log->size;
	sum->trouble += log->last_error[0] != '\0';
	sum->behind += log->size > log->next ? log->size - log->next : 0;
	sum->per_second += log->per_second;
}

static void
duration(int64_t ms, char *out, size_t room)
{
	int64_t s = ms / 1000;

	if (ms < 0)
		snprintf(out, room, "unknown");
	else if (s < 120)
		snprintf(out, room, "%" PRId64 " s", s);
	else if (s < 7200)
		snprintf(out, room, "%" PRId64 " min", s / 60);
	else
		snprintf(out, room, "%" PRId64 " h", s / 3600);
}

static void
progress(void *owner, const struct monitor_log_status *log)
{
	char left[32];

	(void)owner;
	if (log->size < log->next + BEHIND)
		return;
	duration(log->left_ms, left, sizeof(left));
	log_info("log %s: %" PRIu64 " of %" PRIu64 " entries (%.1f %%), %.0f a second, "
		 "%s left",
	    log->log->name, log->next, log->size,
	    100.0 * (double)log->next / (double)log->size, log->per_second, left);
}

void
daemon_tick(void *owner)
{
	struct daemon *daemon = owner;
	struct summary sum = {0};

	daemon->tick = clock_after(daemon->clock, TICK_MS, daemon_tick, daemon);
	monitor_each_log(daemon->monitor, add_log, &sum);
	notify_format("STATUS=%u of %u logs at their heads, %" PRIu64
		      " entries behind, %.0f a second%s",
	    sum.level, sum.logs, sum.behind, sum.per_second,
	    sum.trouble > 0 ? ", some in trouble" : "");
	if (daemon->ticks++ % PROGRESS_EVERY == 0)
		monitor_each_log(daemon->monitor, progress, NULL);
}

static void
print_log(void *owner, const struct monitor_log_status *log)
{
	char left[32];

	(void)owner;
	duration(log->left_ms, left, sizeof(left));
	log_info("log %s: %s; read %" PRIu64 ", proved %" PRIu64 " of %" PRIu64
		 "; %.0f a second, %s left%s%s",
	    log->log->name, log->doing, log->next, log->verified, log->size,
	    log->per_second, left, log->last_error[0] == '\0' ? "" : "; ",
	    log->last_error);
}

static void
print_sink(void *owner, const struct alert_sink_state *sink)
{
	(void)owner;
	log_info("sink %s (%s): %" PRIu64 " delivered, %" PRIu64
		 " failed, %zu in flight%s%s",
	    sink->name, sink->kind, sink->delivered, sink->failed, sink->in_flight,
	    sink->last_error[0] == '\0' ? "" : "; ", sink->last_error);
}

void
daemon_print_state(struct daemon *daemon)
{
	monitor_each_log(daemon->monitor, print_log, NULL);
	alert_each_sink(daemon->alert, print_sink, NULL);
}
