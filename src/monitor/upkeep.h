/*
 * upkeep - what the monitor does by the clock, beside following logs: it
 * watches its own clock, says what is missing of each log, lets go what waited
 * for the other logs, and forgets what need not be kept.
 */
#pragma once
#include "monitor/monitor_priv.h"

void upkeep_start(struct monitor *);
void upkeep_stop(struct monitor *);

/* A log has reached its head: perhaps all have. */
void upkeep_level(struct monitor *);

/* A head was held against our clock: stale, from the future, or neither. What
 * most logs say in one direction is our own clock's fault; of a single log an
 * event begins, or ends, once a few heads in a row say the same. */
void upkeep_clock_doubt(struct monitor *);

/* Notices that the wall clock was set; before a time is judged by it. */
void upkeep_check_clock(struct monitor *);

/* period.c: when an hour is over, or a day: checks over them. */
void period_tick(struct monitor *);
