/*
 * due - what checks want to look at again: by the clock, once every log has been
 * read to its head, so that nothing is called missing that waits to be read.
 */
#pragma once
#include "monitor/monitor_priv.h"

/* At every tick: begins a slice where something is due and none is under way. */
void due_tick(struct monitor *);
