/*
 * prefix - a full data tile has to begin with what its partial tile held
 * (static-ct-api; wire-formats 3.8). Where it does not, it is asked for a second
 * time before its log is accused.
 */
#pragma once
#include "monitor/monitor_priv.h"

/* batch->other_prefix is set. */
void prefix_doubt(struct follower *, const struct batch *);
void prefix_cancel(struct follower *);
