/*
 * factor - RSA moduli held against each other in the background, for
 * shared-factor-key.
 *
 * Those that came since the last time against all before them, a batch of each at a
 * time: the writer reads a batch, a worker works on it, the writer notes what was
 * found and reads the next. What was found is a second look at the certificates
 * (due.h), which tells it. Crash anywhere: the same is done again, and noted once.
 */
#pragma once
#include "monitor/monitor_priv.h"

/* Begins it where the check is on, an hour after the last time. */
void factor_tick(struct monitor *);
void factor_stop(struct monitor *);
