/*
 * snapshot - what is configured and known at one moment: watches with their
 * families, check parameters, logs by id. Immutable and counted; a batch is
 * judged by the one it was sent with.
 */
#pragma once
#include <stdatomic.h>

#include "check/judged.h"
#include "check/params.h"
#include "ctlog/log.h"
#include "notice/notice.h"
#include "watch/watch.h"

/* The configured part, shared by snapshots that differ in families only. */
struct settings {
	atomic_uint refs;
	struct check_params params;
	enum date_mode dates;
	bool store_all;
	const struct notice_sink *sinks; /* borrowed as params' contents are */
	size_t sink_count;
	void (*release)(void *owner); /* what is borrowed may go */
	void *owner;
};

/* The database's numbers of a snapshot's watches, by theirs. */
struct watch_table {
	atomic_uint refs;
	size_t count;
	uint32_t numbers[];
};
struct watch_table *watch_table_new(size_t count);
struct watch_table *watch_table_ref(struct watch_table *);
void watch_table_unref(struct watch_table *); /* NULL is fine */

/* The logs whose SCTs can be verified, counted. */
struct log_table {
	atomic_uint refs;
	struct ct_log_set *set; /* owned */
};
struct log_table *log_table_new(struct ct_log_set *); /* takes it */
struct log_table *log_table_ref(struct log_table *);
void log_table_unref(struct log_table *); /* NULL is fine */

struct snapshot {
	atomic_uint refs;
	struct settings *settings;
	struct watch_set *watches;
	struct log_table *logs;
	struct watch_table *table; /* each watch's row in the database */
	int64_t generation;        /* of the watches: coverage is counted by it */
};

struct settings *settings_new(
    const struct settings *from); /* a copy with one reference */
struct settings *settings_ref(struct settings *);
void settings_unref(struct settings *); /* NULL is fine */

/* Takes references. */
struct snapshot *snapshot_new(struct settings *, const struct watch_set *,
    struct watch_table *, struct log_table *, int64_t generation);
/* What the configuration says of a CA watch; NULL: nothing, or no CA's watch. */
const struct check_operator *snapshot_operator(const struct snapshot *, uint32_t watch);
struct snapshot *snapshot_ref(struct snapshot *);
void snapshot_unref(struct snapshot *); /* NULL is fine */
