/*
 * daemon - ctwardend: the process, its signals, and the wiring of the rooms.
 */
#pragma once
#include <ev.h>

#include "alert/alert.h"
#include "check/params.h"
#include "conf/conf.h"
#include "control/control.h"
#include "monitor/monitor.h"

struct fetch;

/* The configuration and what the rooms are told of it. Borrowed by the
 * monitor until no batch looks at it any more. */
struct loaded {
	struct conf conf;
	struct arena arena;        /* what is derived */
	struct key_list *ca_keys;  /* of each ca block: wiring_priv.h */
	struct watch_set *watches; /* until they go to the monitor */
	struct check_params params;
	struct notice_sink *notice_sinks;
	struct alert_sink_options *alert_sinks;
	size_t sink_count;
};

/* wiring.c. NULL with err set: what is wrong in the file, and where. */
struct loaded *loaded_new(const char *path, struct err *err);
void loaded_free(void *loaded);

/* A log that a block of the configuration describes; NULL with err set. */
const struct ct_log *wiring_log(const struct conf_log *, struct err *err);
/* What each operator block allows, in place of what was allowed before. */
void wiring_limits(struct fetch *, const struct conf *);
struct monitor_start wiring_start(const struct conf_start *);
/* As many as the block names; loaded's. */
const struct monitor_known_bad *wiring_known_bad(
    struct loaded *, const struct conf_log *);
/* A public key as a block gives it: base64, or a file of PEM or DER. */
struct key *wiring_key(const char *base64, const char *file, struct err *err);

/* pinned.c. The base64 of a key that is known by this name ("google", for its log
 * lists), or the name itself. */
const char *pinned_key(const char *name);

struct daemon;

/* lists.c: the logs that lists and blocks name, and their refreshing. */
struct lists;
struct lists *lists_new(struct daemon *);
void lists_free(struct lists *);
/* After a (re)load: reads the files, keeps what was fetched, asks for the
 * rest, and tells the monitor. */
void lists_configure(struct lists *);

/* How each list stands. */
struct list_status {
	const char *name;
	int64_t read_ms; /* when it was read or found unchanged last; 0: not yet */
	int64_t made_ms; /* as it says itself; -1: it does not */
	bool failing;
};
typedef void lists_each_fn(void *owner, const struct list_status *);
void lists_each(const struct lists *, lists_each_fn *, void *owner);

struct daemon {
	const char *config_path;
	struct loaded *loaded; /* the newest; once configured the monitor releases it */
	bool configured;
	struct ev_loop *loop;
	struct clock *clock;
	struct fetch *fetch;
	struct monitor *monitor;
	struct alert *alert;
	struct store *alert_store;
	struct control_server *control;
	struct lists *lists;
	struct clock_timer *tick, *watchdog;
	int64_t watchdog_ms;
	unsigned ticks;
	int64_t heartbeat_ms; /* monotonic: the last one, or the start */
	/* what the store suffers, told by the writer's thread */
	pthread_mutex_t trouble_lock;
	struct err trouble;
	bool trouble_changed;
	ev_async trouble_wake;
	ev_signal on_term, on_int, on_hup, on_usr1;
};

/* status.c */
void daemon_tick(void *daemon); /* STATUS, progress lines */
void daemon_print_state(struct daemon *);

/* requests.c */
control_handler_fn daemon_handle;
