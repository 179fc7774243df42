/*
 * What lists.c (one list: fetched, verified, kept) and listed.c (all of them:
 * merged, handed to the monitor) share.
 */
#pragma once
#include "base/clock.h"
#include "daemon/daemon.h"
#include "fetch/fetch.h"
#include "wire/loglist.h"

/* What was said last of it, in this run. */
enum told { TOLD_NOTHING, TOLD_FINE, TOLD_TROUBLE };

struct source {
	struct lists *lists;
	const struct conf_log_list *block;
	struct key *key; /* NULL: the list is unsigned */
	struct log_list list;
	bool have;  /* list is filled */
	bool fresh; /* the monitor has not noted it yet */
	enum told failing, stale;
	int64_t read_ms; /* when it was read or found unchanged last; 0: not yet */
	/* being fetched */
	struct fetch_request *request;
	struct clock_timer *timer;
	char *etag, *modified; /* of the list that was taken last */
	char *new_etag, *new_modified;
	bool again; /* list and signature did not fit: they are asked for once more */
	struct buf body;
};

struct lists {
	struct daemon *daemon;
	struct loaded *loaded; /* whose blocks the sources point into */
	struct source *sources;
	size_t count;
};

/* listed.c: all logs that blocks and lists name, each once. */
void listed_tell_monitor(struct lists *);
