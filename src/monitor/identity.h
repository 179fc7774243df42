/*
 * identity - what a log says of itself (log.v3.json), held against what the lists
 * say of it.
 */
#pragma once
#include "monitor/monitor_priv.h"

/* Asks once; many logs have no such file. */
void identity_ask(struct follower *);
void identity_cancel(struct follower *);
