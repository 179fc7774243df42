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

/* A head looks too old or too new for our clock. Events are told a log at a
 * time, unless most logs look wrong in one direction: then it is ours. */
void upkeep_clock_doubt(struct monitor *);
