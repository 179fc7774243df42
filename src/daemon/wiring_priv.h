/*
 * What wiring.c (logs, watches, sinks) and wiring_checks.c share.
 */
#pragma once
#include "daemon/daemon.h"

/* The keys that are named, and those of the certificates in files; the arena's. */
struct key_list {
	uint8_t (*keys)[WATCH_KEY_LEN];
	size_t count, room;
	struct arena *arena;
};

uint8_t *key_list_next(struct key_list *); /* room for one more */

/* wiring_checks.c: fills loaded->params; what it points to is the arena's. */
MUST_CHECK bool wiring_checks(struct loaded *, struct err *err);
