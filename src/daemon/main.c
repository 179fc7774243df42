#include "daemon/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/notify.h"
#include "config.h"
#include "daemon/file.h"
#include "fetch/fetch.h"
#include "store/store.h"

#define DEFAULT_CONFIG  CONFIG_FILE
#define READER_CACHE_MB 1

enum { EXIT_CONFIG = 2, EXIT_START = 3 };

/* --- between the rooms --- */

static void
on_outbox(void *owner)
{
	struct daemon *daemon = owner;

	if (daemon->alert != NULL)
		alert_wake(daemon->alert);
}

/* From the writer's thread. */
static void
on_store(void *owner, const struct err *err)
{
	struct daemon *daemon = owner;

	pthread_mutex_lock(&daemon->trouble_lock);
	daemon->trouble = err != NULL ? *err : (struct err){0};
	daemon->trouble_changed = true;
	pthread_mutex_unlock(&daemon->trouble_lock);
	ev_async_send(daemon->loop, &daemon->trouble_wake);
}

/* The database cannot carry the news of its own trouble: straight out. */
static void
on_trouble(struct ev_loop *loop, ev_async *watcher, int events)
{
	struct daemon *daemon = watcher->data;
	struct err err;
	bool changed;

	(void)loop;
	(void)events;
	pthread_mutex_lock(&daemon->trouble_lock);
	err = daemon->trouble;
	changed = daemon->trouble_changed;
	daemon->trouble_changed = false;
	pthread_mutex_unlock(&daemon->trouble_lock);
	if (!changed)
		return;
	if (err.code == ERR_NONE) {
		log_info("database: commits again");
		alert_direct(daemon->alert, NOTICE_LEVEL_NOTICE, "store-recovered",
		    "the database takes commits again");
		return;
	}
	log_error("database: nothing is committed: %s", err.text);
	notify_format("STATUS=nothing is committed: %s", err.text);
	alert_direct(daemon->alert, NOTICE_LEVEL_ERROR,
	    err.code == ERR_FULL ? "store-full" : "store-failed", err.text);
}

static void
on_settled(void *owner, struct outbox_batch *batch)
{
	struct daemon *daemon = owner;

	if (daemon->alert != NULL)
		alert_settled(daemon->alert, batch);
	else
		outbox_batch_free(batch);
}

static void
on_settle(void *owner, struct outbox_batch *batch)
{
	struct daemon *daemon = owner;

	monitor_settle(daemon->monitor, batch, on_settled, daemon);
}

static void
on_sink_trouble(void *owner, const char *sink, bool failing, const char *why)
{
	struct daemon *daemon = owner;
	char *message = failing ? mem_format("alerts to %s do not arrive: %s", sink, why)
				: mem_format("alerts to %s arrive again", sink);
	struct monitor_event event = {.kind = "sink-failing",
	    .subject = bytes_text(sink),
	    .level = NOTICE_LEVEL_WARNING,
	    .message = message,
	    .ends = !failing};

	log_warning("%s", message);
	monitor_tell(daemon->monitor, &event);
	mem_free(message);
}

/* --- starting --- */

static struct store *
open_store(const struct conf *conf, bool writer, struct err *err)
{
	struct store_options options = {.path = conf->database,
	    .read_only = !writer,
	    .cache_mb = writer ? conf->cache_mb : READER_CACHE_MB};

	return store_open(&options, err);
}

static bool
start_fetch(struct daemon *daemon, struct err *err)
{
	const struct conf *conf = &daemon->loaded->conf;
	char *agent = conf->contact == NULL
	    ? mem_format("ctwarden/%s", PACKAGE_VERSION)
	    : mem_format("ctwarden/%s (+%s)", PACKAGE_VERSION, conf->contact);
	struct fetch_options options = {.user_agent = agent,
	    .limits = {(unsigned)conf->requests_in_flight, conf->requests_per_second,
		(unsigned)conf->requests_in_flight},
	    .memory_max = (size_t)conf->bodies_mb << 20};

	daemon->fetch = fetch_new(daemon->loop, daemon->clock, &options, err);
	mem_free(agent);
	return daemon->fetch != NULL;
}

static bool
start_monitor(struct daemon *daemon, struct err *err)
{
	const struct conf *conf = &daemon->loaded->conf;
	struct monitor_options options = {.loop = daemon->loop,
	    .clock = daemon->clock,
	    .fetch = daemon->fetch,
	    .workers = (unsigned)conf->workers,
	    .bodies_max = (size_t)conf->bodies_mb << 20,
	    .store_all = conf->store == CONF_STORE_ALL,
	    .new_log_max = (uint64_t)conf->new_log_max,
	    .roots_every_ms = conf->roots_s * 1000,
	    .keep_heads_ms = conf->keep_heads_s * 1000,
	    .keep_unmatched_ms = conf->keep_unmatched_s * 1000,
	    .keep_delivered_ms = conf->keep_delivered_s * 1000,
	    .on_outbox = on_outbox,
	    .on_store = on_store,
	    .owner = daemon};

	if ((options.writer = open_store(conf, true, err)) == NULL)
		return false;
	if ((options.reader = open_store(conf, false, err)) == NULL) {
		store_close(options.writer);
		return false;
	}
	daemon->monitor = monitor_new(&options, err);
	return daemon->monitor != NULL;
}

static bool
start_alert(struct daemon *daemon, struct err *err)
{
	const struct loaded *loaded = daemon->loaded;
	struct alert_options options = {.sinks = loaded->alert_sinks,
	    .sinks_len = loaded->sink_count,
	    .loop = daemon->loop,
	    .clock = daemon->clock,
	    .fetch = daemon->fetch,
	    .user_agent = "ctwarden/" PACKAGE_VERSION,
	    .settle = on_settle,
	    .trouble = on_sink_trouble,
	    .owner = daemon};

	daemon->alert_store = options.store = open_store(&loaded->conf, false, err);
	return options.store != NULL &&
	    (daemon->alert = alert_new(&options, err)) != NULL;
}

static void
configure_monitor(struct daemon *daemon, struct loaded *loaded)
{
	const struct monitor_config config = {.watches = loaded->watches,
	    .params = loaded->params,
	    .dates = loaded->conf.checks.dates == CONF_DATES_NB ? DATES_NB
		: loaded->conf.checks.dates == CONF_DATES_NONE  ? DATES_NONE
								: DATES_SIGN,
	    .sinks = loaded->notice_sinks,
	    .sink_count = loaded->sink_count,
	    .release = loaded_free,
	    .owner = loaded};

	wiring_limits(daemon->fetch, &loaded->conf);
	loaded->watches = NULL; /* the monitor's */
	daemon->configured = true;
	monitor_configure(daemon->monitor, &config);
}

static bool
start_control(struct daemon *daemon, struct err *err)
{
	daemon->control = control_server_new(
	    daemon->loop, daemon->loaded->conf.control, daemon_handle, daemon, err);
	return daemon->control != NULL;
}

static bool
write_pid(const struct conf *conf, struct err *err)
{
	char text[32];

	if (conf->pid_file == NULL)
		return true;
	snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	return file_save(conf->pid_file, bytes_text(text), err);
}

/* --- signals --- */

static void
on_stop(struct ev_loop *loop, ev_signal *watcher, int events)
{
	(void)watcher;
	(void)events;
	notify_format("STOPPING=1");
	log_info("stopping");
	ev_break(loop, EVBREAK_ALL);
}

/* Watches, checks, sinks and logs take effect from the next batch on; what is
 * wrong in the new file leaves the old one in force. */
static void
reload(struct daemon *daemon)
{
	struct err err = {0};
	struct loaded *loaded = loaded_new(daemon->config_path, &err);

	if (loaded == NULL) {
		log_error("reload: %s; the old configuration stays in force", err.text);
		return;
	}
	if (!alert_set_sinks(
		daemon->alert, loaded->alert_sinks, loaded->sink_count, &err)) {
		log_error("reload: %s; the old configuration stays in force", err.text);
		loaded_free(loaded);
		return;
	}
	configure_monitor(daemon, loaded);
	daemon->loaded = loaded;
	log_set_level((enum log_level)loaded->conf.log_level);
	lists_configure(daemon->lists);
	log_info("reloaded %s", daemon->config_path);
}

static void
on_reload(struct ev_loop *loop, ev_signal *watcher, int events)
{
	struct daemon *daemon = watcher->data;

	(void)loop;
	(void)events;
	notify_format("RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)clock_mono_ms(daemon->clock) * 1000);
	reload(daemon);
	notify_format("READY=1");
}

static void
on_state(struct ev_loop *loop, ev_signal *watcher, int events)
{
	(void)loop;
	(void)events;
	daemon_print_state(watcher->data);
}

static void
start_signal(struct daemon *daemon, ev_signal *watcher, int number,
    void (*fn)(struct ev_loop *, ev_signal *, int))
{
	ev_signal_init(watcher, fn, number);
	watcher->data = daemon;
	ev_signal_start(daemon->loop, watcher);
}

static void
on_watchdog(void *owner)
{
	struct daemon *daemon = owner;

	notify_format("WATCHDOG=1");
	daemon->watchdog =
	    clock_after(daemon->clock, daemon->watchdog_ms / 2, on_watchdog, daemon);
}

/* --- the life of it --- */

static bool
start(struct daemon *daemon, struct err *err)
{
	daemon->loop = ev_default_loop(0);
	daemon->clock = clock_new(daemon->loop);
	pthread_mutex_init(&daemon->trouble_lock, NULL);
	ev_async_init(&daemon->trouble_wake, on_trouble);
	daemon->trouble_wake.data = daemon;
	ev_async_start(daemon->loop, &daemon->trouble_wake);
	if (!start_fetch(daemon, err) || !start_monitor(daemon, err) ||
	    !start_alert(daemon, err) || !start_control(daemon, err) ||
	    !write_pid(&daemon->loaded->conf, err))
		return false;
	configure_monitor(daemon, daemon->loaded);
	daemon->lists = lists_new(daemon);
	lists_configure(daemon->lists);
	start_signal(daemon, &daemon->on_term, SIGTERM, on_stop);
	start_signal(daemon, &daemon->on_int, SIGINT, on_stop);
	start_signal(daemon, &daemon->on_hup, SIGHUP, on_reload);
	start_signal(daemon, &daemon->on_usr1, SIGUSR1, on_state);
	if ((daemon->watchdog_ms = notify_watchdog_ms()) > 0)
		on_watchdog(daemon);
	daemon_tick(daemon);
	alert_wake(daemon->alert);
	return true;
}

/* Deliveries are broken off, then what is under way is committed. Frees what a
 * start that failed had made, too. */
static void
release(struct daemon *daemon)
{
	struct alert *alert = daemon->alert;

	control_server_free(daemon->control);
	lists_free(daemon->lists);
	daemon->alert = NULL;
	alert_free(alert);
	store_close(daemon->alert_store);
	if (!daemon->configured)
		loaded_free(daemon->loaded);
	monitor_free(daemon->monitor);
	fetch_free(daemon->fetch);
	clock_free(daemon->clock);
}

static int
run(struct daemon *daemon)
{
	struct err err = {0};

	if (!start(daemon, &err)) {
		log_error("ctwardend: %s", err.text);
		release(daemon);
		return EXIT_START;
	}
	notify_format("READY=1");
	log_info("ctwardend %s: started with %s", PACKAGE_VERSION, daemon->config_path);
	ev_run(daemon->loop, 0);
	if (daemon->loaded->conf.pid_file != NULL)
		unlink(daemon->loaded->conf.pid_file);
	release(daemon);
	log_info("stopped");
	return EXIT_SUCCESS;
}

static void
print_warnings(const struct conf *conf)
{
	struct buf text;

	buf_init(&text, 65536);
	for (size_t n = 0; conf_warning(conf, n, &text); n++) {
		log_warning("%s", buf_text(&text));
		buf_clear(&text);
	}
	buf_free(&text);
}

/* -n: everything short of opening the database and the network. */
static int
check_only(const struct loaded *loaded)
{
	int bad = 0;

	for (size_t i = 0; i < loaded->conf.log_count; i++) {
		struct err err;
		const struct ct_log *log = wiring_log(&loaded->conf.logs[i], &err);

		if (log == NULL) {
			fprintf(stderr, "%s\n", err.text);
			bad++;
		}
		ct_log_free(log);
	}
	if (bad == 0)
		printf(
		    "%s: ok: %zu domains, %zu CAs, %zu logs, %zu log lists, %zu sinks\n",
		    loaded->conf.file, watch_set_domain_count(loaded->watches),
		    loaded->conf.ca_count, loaded->conf.log_count,
		    loaded->conf.log_list_count, loaded->sink_count);
	return bad == 0 ? EXIT_SUCCESS : EXIT_CONFIG;
}

static int
usage(void)
{
	fputs("usage: ctwardend [-f] [-n] [-c FILE]\n"
	      "  -c FILE  configuration (default " DEFAULT_CONFIG ")\n"
	      "  -f       stay in the foreground\n"
	      "  -n       check the configuration and end\n"
	      "  -V       print the version\n",
	    stderr);
	return EXIT_CONFIG;
}

int
main(int argc, char **argv)
{
	struct daemon self = {.config_path = DEFAULT_CONFIG};
	bool foreground = false, only_check = false;
	struct err err = {0};
	int option;

	while ((option = getopt(argc, argv, "c:fnV")) != -1) {
		switch (option) {
		case 'c':
			self.config_path = optarg;
			break;
		case 'f':
			foreground = true;
			break;
		case 'n':
			only_check = true;
			break;
		case 'V':
			puts("ctwardend " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		default:
			return usage();
		}
	}
	if (optind != argc)
		return usage();
	umask(027);
	signal(SIGPIPE, SIG_IGN);
	if (!crypto_start(&err) ||
	    (self.loaded = loaded_new(self.config_path, &err)) == NULL) {
		fprintf(stderr, "ctwardend: %s\n", err.text);
		return EXIT_CONFIG;
	}
	log_set_level((enum log_level)self.loaded->conf.log_level);
	print_warnings(&self.loaded->conf);
	if (only_check) {
		int status = check_only(self.loaded);

		loaded_free(self.loaded);
		return status;
	}
	/* Under systemd the service stays in front, as -f says. */
	if (!foreground && getenv("NOTIFY_SOCKET") == NULL && daemon(1, 1) != 0) {
		perror("ctwardend: daemon");
		return EXIT_START;
	}
	return run(&self);
}
