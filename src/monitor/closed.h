/*
 * closed - logs that take no more entries: read-only, retired, rejected, or a
 * shard whose interval is over (wire-formats 4.2). They are read on while they
 * answer, asked rarely once they are read, and held to their final tree head.
 */
#pragma once
#include "monitor/monitor_priv.h"

bool closed_is_over(const struct follower *);

/* Others of its operator go first. Not before what is read-only or over: its host
 * may go soon, and what was not read goes with it. */
bool closed_is_behind_others(const struct ct_log *);

/* When its head is asked for again. */
int64_t closed_poll_ms(const struct follower *);

/* Nothing is left to do for a log that was only to be read to its end. */
bool closed_is_finished(const struct follower *);

/* Its head could not be had: that it is gone, after days, is worth a notice, and
 * of one that never answered nothing. */
void closed_failed(struct follower *);

/* A head of its, signature verified, against the final one that a list gives. */
void closed_check(struct follower *, const struct sth *);
