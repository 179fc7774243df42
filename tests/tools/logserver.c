/*
 * logserver - serves test logs over HTTP on loopback, both protocols, each log
 * below a path of its own, and lets them misbehave on command.
 *
 *	logserver --port-file F --control S --out DIR \
 *	    --log alpha:static,entries=300,like=sunlight --log beta:rfc6962,key=rsa
 *	logserver --tell S "alpha fail 503 count 3 retry-after 2"
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "tests/lib/httpd.h"
#include "tests/lib/incident.h"
#include "tests/lib/lines.h"
#include "tests/lib/options.h"
#include "tests/lib/served.h"
#include "tests/lib/testlist.h"

#define MAX_LOGS 128

struct server {
	uint16_t port;
	const char *port_file, *control, *out, *access_log, *list_url;
	int64_t time_offset_ms;
	struct served logs[MAX_LOGS];
	size_t count;
	const char *commands[MAX_LOGS];
	size_t command_count;
	const char *tell;
	bool no_etag;
	struct incident *incident;

	struct httpd *httpd;
	FILE *access;
	pthread_mutex_t lock; /* all logs, and the access log */
};

static int64_t
now_ms(void *owner)
{
	const struct server *server = owner;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 +
	    server->time_offset_ms;
}

static struct served *
served_find(struct server *server, const char *prefix)
{
	for (size_t i = 0; prefix != NULL && i < server->count; i++)
		if (strcmp(prefix, server->logs[i].prefix) == 0)
			return &server->logs[i];
	return NULL;
}

static void
on_log(void *owner, const char *text)
{
	struct server *server = owner;

	if (server->count == MAX_LOGS)
		tool_die("--log: more than %d", MAX_LOGS);
	server->logs[server->count] = served_new(text, now_ms, server);
	server->count++;
}

/* "STATIC,RFC6962[,INNOCENT]": logs named before. */
static void
on_incident(void *owner, const char *text)
{
	struct server *server = owner;
	char *copy = mem_text(text), *rest = copy;
	const struct served *first = served_find(server, strsep(&rest, ","));
	const struct served *second = served_find(server, strsep(&rest, ","));

	if (first == NULL || second == NULL)
		tool_die("--incident: name two logs that --log made before");
	server->incident = incident_new(first->log, second->log);
	incident_history(
	    server->incident, rest != NULL ? (unsigned)strtoul(rest, NULL, 10) : 300);
	testlog_publish_all(first->log);
	testlog_publish_all(second->log);
	mem_free(copy);
}

/* --- answering ------------------------------------------------------------ */

static struct served *
served_of(struct server *server, const char *target, const char **below)
{
	for (size_t i = 0; i < server->count; i++) {
		size_t len = strlen(server->logs[i].prefix);

		if (target[0] == '/' &&
		    strncmp(target + 1, server->logs[i].prefix, len) == 0 &&
		    target[len + 1] == '/') {
			*below = target + len + 2;
			return &server->logs[i];
		}
	}
	return NULL;
}

/* What a file's state is called, and whether the client knows it by that name. */
static bool
is_known(const struct server *server, const struct httpd_request *request,
    const struct stat *info, struct testlog_answer *answer)
{
	const char *known = httpd_header(
	    request, server->no_etag ? "If-Modified-Since" : "If-None-Match");
	char name[64];
	struct tm tm;

	if (server->no_etag)
		strftime(name, sizeof(name), "%a, %d %b %Y %H:%M:%S GMT",
		    gmtime_r(&info->st_mtime, &tm));
	else
		snprintf(name, sizeof(name), "\"%llx-%llx-%lx\"",
		    (unsigned long long)info->st_ino, (unsigned long long)info->st_size,
		    info->st_mtim.tv_nsec);
	buf_append_format(&answer->headers, "%s: %s\n",
	    server->no_etag ? "Last-Modified" : "ETag", name);
	return known != NULL && strcmp(known, name) == 0;
}

/* A file below --out: the log list and whatever a test puts there. */
static void
answer_file(const struct server *server, const struct httpd_request *request,
    struct testlog_answer *answer)
{
	const char *name = request->target + strlen("/files/");
	char *path = mem_format("%s/%s", server->out, name), piece[65536];
	FILE *file = NULL;
	struct stat info;
	size_t got;

	answer->status = 404;
	if (server->out != NULL && strstr(name, "..") == NULL &&
	    strstr(name, "private") == NULL)
		file = fopen(path, "rb");
	mem_free(path);
	if (file == NULL)
		return;
	answer->status = 200;
	fstat(fileno(file), &info);
	if (is_known(server, request, &info, answer))
		answer->status = 304;
	else
		while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
			buf_append(&answer->body, piece, got);
	fclose(file);
}

static bool
accepts_gzip(const struct httpd_request *request)
{
	const char *accepted = httpd_header(request, "Accept-Encoding");

	return accepted != NULL && strstr(accepted, "gzip") != NULL;
}

static void
on_request(
    void *owner, const struct httpd_request *request, struct testlog_answer *answer)
{
	struct server *server = owner;
	const char *below;

	pthread_mutex_lock(&server->lock);
	struct served *it = served_of(server, request->target, &below);

	if (it != NULL) {
		struct testlog_request ask = {
		    .method = request->method,
		    .target = below,
		    .if_none_match = httpd_header(request, "If-None-Match"),
		    .if_modified_since = httpd_header(request, "If-Modified-Since"),
		    .accept_gzip = accepts_gzip(request),
		};

		testlog_answer(it->log, &ask, answer);
	} else if (strncmp(request->target, "/files/", 7) == 0) {
		answer_file(server, request, answer);
	} else {
		answer->status = 404;
		buf_append_text(&answer->body, "404 page not found\n");
	}
	if (server->access != NULL) {
		const char *agent = httpd_header(request, "User-Agent");

		fprintf(server->access, "%lld %s %s %d %zu %s\n",
		    (long long)now_ms(server), request->method, request->target,
		    answer->status, answer->body.len, agent != NULL ? agent : "-");
	}
	pthread_mutex_unlock(&server->lock);
}

/* --- commands ------------------------------------------------------------- */

static void
list_write(struct server *server)
{
	struct testlist_row rows[MAX_LOGS];
	size_t count = 0;
	struct err err = {0};

	for (size_t i = 0; i < server->count; i++) {
		const struct served *it = &server->logs[i];

		if (it->state != NULL && strcmp(it->state, "unlisted") == 0)
			continue;
		rows[count++] = (struct testlist_row){.log = it->log,
		    .url = server->list_url != NULL
			? mem_format("%s%s/", server->list_url, it->prefix)
			: mem_format("http://127.0.0.1:%u/%s/", httpd_port(server->httpd),
			      it->prefix),
		    .run_by = it->run_by,
		    .state = it->state};
	}
	if (!testlist_write(server->out, rows, count, now_ms(server), &err))
		tool_die("%s", err.text);
	for (size_t i = 0; i < count; i++)
		mem_free((void *)(uintptr_t)rows[i].url);
}

static bool
command_on_logs(struct server *server, const char *prefix, const char *line,
    struct buf *said, struct err *err)
{
	bool found = false;

	for (size_t i = 0; i < server->count; i++) {
		if (strcmp(prefix, "*") != 0 &&
		    strcmp(prefix, server->logs[i].prefix) != 0)
			continue;
		found = true;
		buf_append_format(said, "%s ", server->logs[i].prefix);
		if (!testlog_command(server->logs[i].log, line, said, err))
			return false;
		buf_append_text(said, "\n");
	}
	return found || err_set(err, ERR_CONFIG, "no log %.40s", prefix);
}

static bool
command_state(struct server *server, char *words, struct err *err)
{
	struct served *it = served_find(server, strsep(&words, " "));

	if (it == NULL || words == NULL)
		return err_set(err, ERR_CONFIG, "usage: state PREFIX STATE");
	mem_free(it->state);
	it->state = mem_text(words);
	return true;
}

/* Of a log that stands in no list, too. */
static bool
command_key(struct server *server, const char *prefix, struct buf *said, struct err *err)
{
	const struct served *it = served_find(server, prefix);

	return it != NULL ? base64_encode(testlog_key(it->log), said)
			  : err_set(err, ERR_CONFIG, "no log %.40s", prefix);
}

/* The next thing that happens while somebody watches. */
static bool
command_incident(struct server *server, struct buf *said, struct err *err)
{
	const char *what = NULL;

	if (server->incident != NULL)
		what = incident_live(server->incident, now_ms(server));
	if (what == NULL)
		return err_set(err, ERR_CONFIG, "nothing more happens");
	for (size_t i = 0; i < server->count; i++)
		testlog_publish_all(server->logs[i].log);
	buf_append_format(said, "%s\n", what);
	return incident_write(server->incident, server->out, err);
}

static bool
command(struct server *server, char *line, struct buf *said, struct err *err)
{
	char *rest = line, *first = strsep(&rest, " ");

	if (rest == NULL && strcmp(first, "help") == 0) {
		buf_append_text(said,
		    "help | logs | incident | sign-list | write-list | state PREFIX "
		    "STATE|unlisted | key PREFIX |"
		    " PREFIX COMMAND | * COMMAND, where COMMAND is one of:\n");
		testlog_commands(said);
		return true;
	}
	if (rest == NULL && strcmp(first, "logs") == 0) {
		for (size_t i = 0; i < server->count; i++)
			buf_append_format(said, "%s %s %" PRIu64 "\n",
			    server->logs[i].prefix,
			    testlog_is_static(server->logs[i].log) ? "static" : "rfc6962",
			    testlog_size(server->logs[i].log));
		return true;
	}
	if (rest == NULL && strcmp(first, "incident") == 0)
		return command_incident(server, said, err);
	if (rest == NULL && strcmp(first, "sign-list") == 0)
		return testlist_sign(server->out, err);
	if (rest == NULL && strcmp(first, "write-list") == 0) {
		list_write(server);
		return true;
	}
	if (rest == NULL)
		return err_set(err, ERR_CONFIG, "help lists the commands");
	if (strcmp(first, "key") == 0)
		return command_key(server, rest, said, err);
	if (strcmp(first, "state") == 0)
		return command_state(server, rest, err);
	return command_on_logs(server, first, rest, said, err);
}

static bool
on_line(void *owner, char *line, struct buf *said, struct err *err)
{
	struct server *server = owner;
	bool ok;

	pthread_mutex_lock(&server->lock);
	ok = command(server, line, said, err);
	printf("%s%s", buf_text(said), said->len > 0 ? "" : "\n");
	fflush(stdout);
	pthread_mutex_unlock(&server->lock);
	return ok;
}

/* --- options -------------------------------------------------------------- */

#define SETTER(name, statement)                                                          \
	static void name(void *owner, const char *value)                                 \
	{                                                                                \
		struct server *server = owner;                                           \
		statement;                                                               \
	}

SETTER(set_port, server->port = (uint16_t)strtoul(value, NULL, 10))
SETTER(set_port_file, server->port_file = value)
SETTER(set_control, server->control = value)
SETTER(set_out, server->out = value)
SETTER(set_url, server->list_url = value)
SETTER(set_no_etag, (void)value; server->no_etag = true)
SETTER(set_access, server->access_log = value)
SETTER(set_offset, server->time_offset_ms = strtoll(value, NULL, 10))
SETTER(add_command, server->commands[server->command_count++ % MAX_LOGS] = value)
SETTER(set_parent, (void)server; (void)value; tool_die_with_parent())
SETTER(tell, (void)server; server->tell = value)

static const struct tool_option OPTIONS[] = {
    {"port", "N", "listen there; 0, the default: any", set_port},
    {"port-file", "FILE", "write the port there when it listens", set_port_file},
    {"control", "SOCKET", "take commands there", set_control},
    {"out", "DIR",
	"write log_list.json, log_list.sig, list-key.pem and each NAME.key there; "
	"its files are served below /files/",
	set_out},
    {"no-etag", NULL, "these files have a Last-Modified instead of an ETag", set_no_etag},
    {"list-url", "URL", "what stands before PREFIX/ in the list (a proxy's address)",
	set_url},
    {"access-log", "FILE", "a line a request", set_access},
    {"time-offset", "MS", "live that much later; stands before --log", set_offset},
    {"log", SERVED_USAGE, "a log", on_log},
    {"incident", "STATIC,RFC6962[,INNOCENT]",
	"fill these two logs with the re-created incident; its manifest.json, watch.conf "
	"and CA certificates come to --out. The command \"incident\" adds what happens "
	"next",
	on_incident},
    {"command", "LINE", "done before it listens", add_command},
    {"with-parent", NULL, "end when the process that started it ends", set_parent},
    {"tell", "SOCKET LINE", "be the other side: send a command, print the reply", tell},
};

static void
start(struct server *server)
{
	struct err err = {0};
	struct buf said;
	char port[16];

	buf_init(&said, 1 << 20);
	for (size_t i = 0; i < server->command_count; i++) {
		char *line = mem_text(server->commands[i]);

		if (!command(server, line, &said, &err))
			tool_die("%s: %s", server->commands[i], err.text);
		mem_free(line);
	}
	buf_free(&said);
	server->httpd = httpd_new(server->port, on_request, server, &err);
	if (server->httpd == NULL)
		tool_die("%s", err.text);
	if (server->out != NULL)
		list_write(server);
	if (server->incident != NULL && server->out != NULL &&
	    !incident_write(server->incident, server->out, &err))
		tool_die("%s", err.text);
	snprintf(port, sizeof(port), "%u\n", httpd_port(server->httpd));
	if (server->port_file != NULL)
		tool_write(server->port_file, port);
	printf("listening on 127.0.0.1:%s", port);
	fflush(stdout);
}

static void
run(struct server *server, const sigset_t *ends)
{
	struct timespec tick = {.tv_nsec = 20000000};
	struct lines *lines = NULL;
	struct err err = {0};

	if (server->control != NULL &&
	    (lines = lines_new(server->control, on_line, server, &err)) == NULL)
		tool_die("%s", err.text);
	while (sigtimedwait(ends, NULL, &tick) < 0) {
		pthread_mutex_lock(&server->lock);
		for (size_t i = 0; i < server->count; i++)
			testlog_tick(server->logs[i].log, now_ms(server));
		if (server->access != NULL)
			fflush(server->access);
		pthread_mutex_unlock(&server->lock);
	}
	lines_free(lines);
}

int
main(int argc, char **argv)
{
	static struct server server = {.lock = PTHREAD_MUTEX_INITIALIZER};
	sigset_t ends;

	if (argc == 4 && strcmp(argv[1], "--tell") == 0)
		return lines_tell(argv[2], argv[3]) ? 0 : 1;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	tool_options(
	    argc, argv, "Serves test logs.", OPTIONS, ARRAY_LEN(OPTIONS), &server);
	if (server.count == 0)
		tool_die("no --log");
	if (server.access_log != NULL &&
	    (server.access = fopen(server.access_log, "a")) == NULL)
		tool_die("cannot open %s: %s", server.access_log, strerror(errno));
	start(&server);
	run(&server, &ends);
	httpd_free(server.httpd);
	incident_free(server.incident);
	for (size_t i = 0; i < server.count; i++)
		served_free(&server.logs[i]);
	if (server.access != NULL)
		fclose(server.access);
	return 0;
}
