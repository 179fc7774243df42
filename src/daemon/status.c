/*
 * What the daemon says of itself while it runs: systemd's STATUS, progress
 * while it catches up, and everything on SIGUSR1.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/notify.h"
#include "daemon/daemon.h"

#define TICK_MS        10000
#define PROGRESS_EVERY 6     /* ticks */
#define BEHIND         10000 /* entries; less is no catching up worth a line */

struct summary {
	unsigned logs, level, trouble;
	uint64_t behind;
	int64_t lag_ms; /* the longest; 0: none */
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
	if (log->lag_ms > sum->lag_ms)
		sum->lag_ms = log->lag_ms;
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

static bool
store_fails(struct daemon *daemon, struct err *why)
{
	pthread_mutex_lock(&daemon->trouble_lock);
	*why = daemon->trouble;
	pthread_mutex_unlock(&daemon->trouble_lock);
	return why->code != ERR_NONE;
}

static void
tell_status(struct daemon *daemon, const struct summary *sum)
{
	char oldest[32];
	struct err why;

	if (store_fails(daemon, &why)) {
		notify_format("STATUS=nothing is committed: %s", why.text);
		return;
	}
	duration(sum->lag_ms, oldest, sizeof(oldest));
	notify_format("STATUS=%u of %u logs at their heads, %" PRIu64
		      " entries behind%s%s, %.0f a second%s",
	    sum->level, sum->logs, sum->behind, sum->lag_ms > 0 ? ", the oldest by " : "",
	    sum->lag_ms > 0 ? oldest : "", sum->per_second,
	    sum->trouble > 0 ? ", some in trouble" : "");
}

static void
send_heartbeat(struct daemon *daemon, const struct summary *sum)
{
	char *message = mem_format("%u of %u logs at their heads, %" PRIu64
				   " entries behind, %u logs in trouble",
	    sum->level, sum->logs, sum->behind, sum->trouble);
	char *evidence = mem_format("{\"logs\":%u,\"level\":%u,\"behind\":%" PRIu64
				    ",\"in_trouble\":%u,\"interval_s\":%" PRId64 "}",
	    sum->logs, sum->level, sum->behind, sum->trouble,
	    daemon->loaded->conf.heartbeat_s);

	monitor_heartbeat(daemon->monitor, message, evidence);
	mem_free(message);
	mem_free(evidence);
}

static bool
heartbeat_is_due(struct daemon *daemon)
{
	int64_t now = clock_mono_ms(daemon->clock),
		every_ms = daemon->loaded->conf.heartbeat_s * 1000;

	if (daemon->heartbeat_ms == 0)
		daemon->heartbeat_ms = now;
	if (every_ms == 0 || now - daemon->heartbeat_ms < every_ms)
		return false;
	daemon->heartbeat_ms = now;
	return true;
}

void
daemon_tick(void *owner)
{
	struct daemon *daemon = owner;
	struct summary sum = {0};

	daemon->tick = clock_after(daemon->clock, TICK_MS, daemon_tick, daemon);
	monitor_each_log(daemon->monitor, add_log, &sum);
	tell_status(daemon, &sum);
	if (heartbeat_is_due(daemon))
		send_heartbeat(daemon, &sum);
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
print_backfill(void *owner, const struct monitor_log_status *log)
{
	char left[32];

	(void)owner;
	duration(log->left_ms, left, sizeof(left));
	log_info("log %s: in the background, %s; entries %" PRIu64 " to %" PRIu64
		 ", read %" PRIu64 ", proved %" PRIu64 "; %.0f a second, %s left%s%s",
	    log->log->name, log->doing, log->start, log->end, log->next, log->verified,
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
	monitor_each_backfill(daemon->monitor, print_backfill, NULL);
	alert_each_sink(daemon->alert, print_sink, NULL);
}
