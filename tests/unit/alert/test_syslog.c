/* The syslog sink against real sockets: servers of the test's own, each in a
 * thread, that read, hang, refuse, or die in the middle. */
#include <arpa/inet.h>
#include <ev.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "alert/sink.h"
#include "base/clock.h"
#include "tests/lib/make_cert.h"
#include "tests/lib/unit.h"

/* --- the client's side -------------------------------------------------------------- */

struct client {
	struct ev_loop *loop;
	struct clock *clock;
	void *sink;
	size_t outcomes[3], all, wanted;
	char why[256];
};

static void
on_sent(void *owner, const struct sink_sent *sent)
{
	struct client *client = owner;

	client->outcomes[sent->outcome]++;
	if (sent->why[0] != '\0')
		snprintf(client->why, sizeof(client->why), "%s", sent->why);
	if (++client->all == client->wanted)
		ev_break(client->loop, EVBREAK_ALL);
}

static void
on_deadline(void *owner)
{
	ev_break(((struct client *)owner)->loop, EVBREAK_ALL);
}

static void
open_client_most(
    struct client *client, const char *url, const char *ca_file, size_t max_message)
{
	struct alert_sink_options options = {.name = "test",
	    .kind = "syslog",
	    .url = url,
	    .ca_file = ca_file,
	    .facility = 1,
	    .hostname = "here",
	    .max_message = max_message,
	    .timeout_ms = max_message > 0 ? 20000 : 1500};
	struct sink_world world;
	struct err err = {0};

	signal(SIGPIPE, SIG_IGN);
	*client = (struct client){.loop = ev_loop_new(EVFLAG_AUTO)};
	client->clock = clock_new(client->loop);
	world = (struct sink_world){.loop = client->loop, .clock = client->clock};
	client->sink = SINK_SYSLOG.open(&options, &world, &err);
	ck_assert_msg(client->sink != NULL, "%s", err.text);
}

static void
open_client(struct client *client, const char *url, const char *ca_file)
{
	open_client_most(client, url, ca_file, 0);
}

static void
close_client(struct client *client)
{
	SINK_SYSLOG.close(client->sink);
	clock_free(client->clock);
	ev_loop_destroy(client->loop);
}

/* Runs the loop until so many answers came in all, or the time is up. */
static void
run_until(struct client *client, size_t answers, int64_t ms)
{
	struct clock_timer *deadline =
	    clock_after(client->clock, ms, on_deadline, client);

	client->wanted = answers;
	if (client->all < answers)
		ev_run(client->loop, 0);
	if (client->all >= answers)
		clock_cancel(client->clock, deadline);
	ck_assert_msg(client->all == answers, "%zu answers of %zu: %s", client->all,
	    answers, client->why);
}

static void
send_one(struct client *client, unsigned number, size_t len)
{
	char *text =
	    mem_format("{\"check\":\"c\",\"title\":\"number %u.\",\"message\":\"%0*d\"}",
		number, (int)len, 0);
	struct sink_message message = {
	    .payload = bytes_text(text), .sent = on_sent, .owner = client};
	struct err err = {0};
	size_t before = client->all;

	ck_assert_msg(SINK_SYSLOG.send(client->sink, &message, &err), "%s", err.text);
	ck_assert_uint_eq(client->all, before);
	mem_free(text);
}

/* --- the servers
 * ------------------------------------------------------------------------ */

enum habit {
	READS,
	CLOSES,       /* accepts, closes at once */
	HANGS,        /* accepts, reads nothing */
	SLOW,         /* reads after a while */
	CLOSES_IDLE,  /* reads, closes where nothing comes for a while */
	DIES_ONCE,    /* reads some bytes of the first connection, resets it */
	WANTS_A_CERT, /* TLS: refuses us once the handshake is done */
};

struct server {
	enum habit habit;
	int fd, port;
	SSL_CTX *tls;
	pthread_t thread;
	atomic_bool stop;
	struct buf got;
	unsigned connections;
};

static bool
keep(struct server *server, const void *data, ssize_t len)
{
	return len > 0 && buf_append(&server->got, data, (size_t)len);
}

static void
reset(int fd)
{
	static const struct linger AT_ONCE = {1, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &AT_ONCE, sizeof(AT_ONCE));
}

static void
serve_tls(struct server *server, int fd)
{
	SSL *ssl = SSL_new(server->tls);
	char data[4096];

	SSL_set_fd(ssl, fd);
	if (server->habit == SLOW)
		usleep(400000);
	if (SSL_accept(ssl) == 1)
		while (keep(server, data, SSL_read(ssl, data, sizeof(data))))
			;
	SSL_free(ssl);
}

static void
serve_plain(struct server *server, int fd)
{
	char data[4096];

	switch (server->habit) {
	case HANGS:
		while (!atomic_load(&server->stop))
			usleep(1000);
		return;
	case DIES_ONCE:
		if (server->connections == 1) {
			(void)!recv(fd, data, 20, MSG_WAITALL);
			reset(fd);
			return;
		}
		break;
	case CLOSES:
		return;
	case SLOW:
		usleep(400000);
		break;
	case CLOSES_IDLE:
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){0, 500000},
		    sizeof(struct timeval));
		break;
	case READS:
	case WANTS_A_CERT:
		break;
	}
	while (keep(server, data, recv(fd, data, sizeof(data), 0)))
		;
}

static void *
run_stream(void *argument)
{
	struct server *server = argument;
	int fd;

	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		server->connections++;
		if (server->tls != NULL)
			serve_tls(server, fd);
		else
			serve_plain(server, fd);
		close(fd);
	}
	return NULL;
}

static void *
run_datagrams(void *argument)
{
	struct server *server = argument;
	char data[65536];
	ssize_t len;

	while ((len = recv(server->fd, data, sizeof(data), 0)) > 0) {
		keep(server, data, len);
		keep(server, "\n", 1);
	}
	return NULL;
}

static void
bind_loopback(struct server *server, int type)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);
	int small = 4096;

	server->fd = socket(AF_INET, type, 0);
	if (type == SOCK_STREAM)
		setsockopt(server->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ck_assert_int_eq(bind(server->fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	buf_init(&server->got, (size_t)16 * 1024 * 1024);
}

static void
start_stream(struct server *server, enum habit habit, SSL_CTX *tls)
{
	*server = (struct server){.habit = habit, .tls = tls};
	bind_loopback(server, SOCK_STREAM);
	ck_assert_int_eq(listen(server->fd, 10), 0);
	ck_assert_int_eq(pthread_create(&server->thread, NULL, run_stream, server), 0);
}

static void
start_udp(struct server *server)
{
	*server = (struct server){.habit = READS};
	bind_loopback(server, SOCK_DGRAM);
	ck_assert_int_eq(pthread_create(&server->thread, NULL, run_datagrams, server), 0);
}

static void
start_unix(struct server *server, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*server = (struct server){.habit = READS};
	buf_init(&server->got, (size_t)16 * 1024 * 1024);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	server->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_eq(
	    bind(server->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(pthread_create(&server->thread, NULL, run_datagrams, server), 0);
}

/* A server for the name, its root written to pem_path. */
static SSL_CTX *
new_tls(const char *name, char *pem_path, bool wants_a_cert)
{
	const char *dns[] = {name, NULL};
	const struct make_key *root = make_key(MAKE_KEY_P256, 1);
	const struct make_key *leaf = make_key(MAKE_KEY_P256, 2);
	struct buf root_der = make_cert(&(struct make_spec){.role = MAKE_ROOT,
	    .key = root,
	    .subject = "/CN=root",
	    .issuer = "/CN=root",
	    .not_before = 1000000000,
	    .not_after = 4000000000});
	struct buf leaf_der = make_cert(&(struct make_spec){.key = leaf,
	    .issuer_key = root,
	    .subject = "/CN=leaf",
	    .issuer = "/CN=root",
	    .dns = dns,
	    .not_before = 1000000000,
	    .not_after = 4000000000});
	const unsigned char *der = root_der.data;
	X509 *root_x509 = d2i_X509(NULL, &der, (long)root_der.len);
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	FILE *file = fopen(pem_path, "w");

	ck_assert(file != NULL && root_x509 != NULL);
	PEM_write_X509(file, root_x509);
	fclose(file);
	X509_free(root_x509);
	ck_assert_int_eq(
	    SSL_CTX_use_certificate_ASN1(tls, (int)leaf_der.len, leaf_der.data), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey(tls, leaf->pkey), 1);
	if (wants_a_cert)
		SSL_CTX_set_verify(
		    tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	buf_free(&leaf_der);
	buf_free(&root_der);
	return tls;
}

/* After the client is closed: whoever reads has read all. */
static void
stop_server(struct server *server)
{
	atomic_store(&server->stop, true);
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	SSL_CTX_free(server->tls);
}

/* RFC 6587, 3.4.1: every frame is as long as it says; returns how many. */
static unsigned
count_frames(struct server *server)
{
	const char *at = buf_text(&server->got), *end = at + server->got.len;
	unsigned frames = 0;

	while (at < end) {
		char *blank;
		unsigned long len = strtoul(at, &blank, 10);

		ck_assert(len > 0 && *blank == ' ' && *at != '0');
		at = blank + 1;
		ck_assert_int_ge(end - at, (long)len);
		ck_assert_int_eq(strncmp(at, "<13>1 - here ctwardend ", 23), 0);
		at += len;
		frames++;
	}
	return frames;
}

static char *
url_of(const char *scheme, const char *host, const struct server *server)
{
	static char url[200];

	snprintf(url, sizeof(url), "%s://%s:%d", scheme, host, server->port);
	return url;
}

/* --- datagrams
 * ------------------------------------------------------------------------------ */

START_TEST(udp_delivers)
{
	struct server server;
	struct client client;

	start_udp(&server);
	open_client(&client, url_of("udp", "127.0.0.1", &server), NULL);
	for (unsigned i = 0; i < 20; i++)
		send_one(&client, i, 10 + i * 200);
	run_until(&client, 20, 5000);
	ck_assert_uint_eq(client.outcomes[SINK_DELIVERED], 20);
	close_client(&client);
	stop_server(&server);
	for (unsigned i = 0; i < 20; i++) {
		char title[32];

		snprintf(title, sizeof(title), "] number %u. ", i);
		ck_assert_msg(strstr(buf_text(&server.got), title) != NULL, "%s", title);
	}
	ck_assert_ptr_null(strstr(buf_text(&server.got), "\n2"));
	buf_free(&server.got);
}
END_TEST

START_TEST(a_datagram_has_an_end)
{
	struct server server;
	struct client client;

	start_udp(&server);
	open_client_most(&client, url_of("udp", "127.0.0.1", &server), NULL, 65536);
	for (unsigned i = 0; i < 5; i++)
		send_one(&client, i, i % 2 == 0 ? 10 : 70000);
	run_until(&client, 5, 5000);
	ck_assert_uint_eq(client.outcomes[SINK_DELIVERED], 3);
	ck_assert_uint_eq(client.outcomes[SINK_REFUSED], 2);
	close_client(&client);
	stop_server(&server);
	buf_free(&server.got);
}
END_TEST

START_TEST(udp_to_nobody_is_trouble)
{
	struct server server;
	struct client client;

	bind_loopback(&server, SOCK_DGRAM);
	close(server.fd);
	open_client(&client, url_of("udp", "127.0.0.1", &server), NULL);
	send_one(&client, 1, 10);
	run_until(&client, 1, 5000);
	ck_assert_uint_eq(client.outcomes[SINK_TROUBLE], 1);
	ck_assert_ptr_nonnull(strstr(client.why, "refused"));
	close_client(&client);
}
END_TEST

START_TEST(a_local_socket_may_come_and_go)
{
	char *path = unit_temp("log"), *url = mem_format("unix:%s", path);
	struct server server;
	struct client client;

	unlink(path);
	open_client(&client, url, NULL);
	send_one(&client, 1, 10);
	run_until(&client, 1, 5000);
	ck_assert_uint_eq(client.outcomes[SINK_TROUBLE], 1);
	for (unsigned round = 0; round < 2; round++) {
		start_unix(&server, path);
		send_one(&client, 2, 10);
		/* The socket of the round before is gone: that is one trouble. */
		run_until(&client, 2 + 2 * round, 5000);
		if (round == 1) {
			send_one(&client, 3, 10);
			run_until(&client, 5, 5000);
		}
		stop_server(&server);
		ck_assert_ptr_nonnull(strstr(buf_text(&server.got), "] number "));
		buf_free(&server.got);
		if (round == 0) {
			send_one(&client, 9, 10);
			run_until(&client, 3, 5000);
		}
	}
	ck_assert_uint_eq(client.outcomes[SINK_DELIVERED], 3);
	ck_assert_uint_eq(client.outcomes[SINK_TROUBLE], 2);
	close_client(&client);
	mem_free(url);
	mem_free(path);
}
END_TEST

/* --- streams
 * -------------------------------------------------------------------------------- */

START_TEST(tcp_counts_octets)
{
	struct server server;
	struct client client;

	start_stream(&server, READS, NULL);
	open_client(&client, url_of("tcp", "localhost", &server), NULL);
	for (unsigned i = 0; i < 30; i++)
		send_one(&client, i, i % 2 == 0 ? 10 : 9000);
	run_until(&client, 30, 5000);
	send_one(&client, 31, 10);
	run_until(&client, 31, 5000);
	ck_assert_uint_eq(client.outcomes[SINK_DELIVERED], 31);
	close_client(&client);
	stop_server(&server);
	ck_assert_uint_eq(count_frames(&server), 31);
	ck_assert_uint_eq(server.connections, 1);
	buf_free(&server.got);
}
END_TEST

START_TEST(nobody_listens)
{
	struct server server;
	struct client client;

	bind_loopback(&server, SOCK_STREAM);
	open_client(&client, url_of("tcp", "127.0.0.1", &server), NULL);
	send_one(&client, 1, 10);
	send_one(&client, 2, 10);
	run_until(&client, 2, 5000);
	ck_assert_uint_eq(client.outcomes[SINK_TROUBLE], 2);
	ck_assert_ptr_nonnull(strstr(client.why, "refused"));
	close_client(&client);
	close(server.fd);
}
END_TEST

START_TEST(who_accepts_only_to_close_gets_nothing)
{
	struct server server;
	struct client client;

	start_stream(&server, CLOSES, NULL);
	open_client(&client, url_of("tcp", "127.0.0.1", &server), NULL);
	send_one(&client, 1, 10);
	run_until(&client, 1, 5000);
	ck_assert_uint_eq(client.outcomes[SINK_TROUBLE], 1);
	close_client(&client);
	stop_server(&server);
	buf_free(&server.got);
}
END_TEST

/* One that hangs takes what its kernel takes, and no more; the rest comes back
 * when its time is up. */
START_TEST(who_hangs_holds_nothing_for_ever)
{
	struct server server;
	struct client client;
	unsigned sent = 0;

	start_stream(&server, HANGS, NULL);
	open_client(&client, url_of("tcp", "127.0.0.1", &server), NULL);
	/* More than all the buffers between us, 32 at a time. */
	while (client.outcomes[SINK_TROUBLE] == 0 && sent < 4000) {
		for (unsigned i = 0; i < 32; i++)
			send_one(&client, sent++, 8000);
		run_until(&client, sent, 5000);
	}
	ck_assert_uint_gt(client.outcomes[SINK_TROUBLE], 0);
	ck_assert_ptr_nonnull(strstr(client.why, "took nothing"));
	close_client(&client);
	stop_server(&server);
	buf_free(&server.got);
}
END_TEST

/* More than the socket holds: it goes as there is room. */
START_TEST(who_is_slow_gets_all)
{
	char *pem = unit_temp("root.pem");
	bool tls = _i == 1;
	struct server server;
	struct client client;

	start_stream(&server, SLOW, tls ? new_tls("localhost", pem, false) : NULL);
	open_client_most(&client, url_of(tls ? "tls" : "tcp", "localhost", &server),
	    tls ? pem : NULL, 65536);
	for (unsigned i = 0; i < 64; i++)
		send_one(&client, i, 64000);
	run_until(&client, 64, 20000);
	ck_assert_msg(client.outcomes[SINK_DELIVERED] == 64, "%s", client.why);
	close_client(&client);
	stop_server(&server);
	ck_assert_uint_eq(count_frames(&server), 64);
	buf_free(&server.got);
	mem_free(pem);
}
END_TEST

START_TEST(who_closes_when_idle_is_called_again)
{
	struct server server;
	struct client client;

	start_stream(&server, CLOSES_IDLE, NULL);
	open_client(&client, url_of("tcp", "127.0.0.1", &server), NULL);
	for (unsigned i = 0; i < 2; i++) {
		send_one(&client, i, 10);
		run_until(&client, i + 1, 5000);
		clock_after(client.clock, 900, on_deadline, &client);
		ev_run(client.loop, 0);
	}
	ck_assert_msg(client.outcomes[SINK_DELIVERED] == 2, "%s", client.why);
	close_client(&client);
	stop_server(&server);
	ck_assert_uint_eq(server.connections, 2);
	ck_assert_uint_eq(count_frames(&server), 2);
	buf_free(&server.got);
}
END_TEST

START_TEST(who_dies_in_mid_message_gets_it_again)
{
	struct server server;
	struct client client;

	start_stream(&server, DIES_ONCE, NULL);
	open_client(&client, url_of("tcp", "127.0.0.1", &server), NULL);
	send_one(&client, 1, 8000);
	run_until(&client, 1, 5000);
	ck_assert_uint_eq(client.outcomes[SINK_TROUBLE], 1);
	send_one(&client, 1, 8000);
	run_until(&client, 2, 5000);
	ck_assert_uint_eq(client.outcomes[SINK_DELIVERED], 1);
	close_client(&client);
	stop_server(&server);
	ck_assert_uint_eq(count_frames(&server), 1);
	buf_free(&server.got);
}
END_TEST

START_TEST(a_name_that_is_none)
{
	struct client client;

	open_client(&client, "tcp://no-such-host.invalid:1", NULL);
	send_one(&client, 1, 10);
	run_until(&client, 1, 20000);
	ck_assert_uint_eq(client.outcomes[SINK_TROUBLE], 1);
	close_client(&client);

	/* Closed while the thread still asks. */
	open_client(&client, "tcp://no-such-host.invalid:1", NULL);
	send_one(&client, 1, 10);
	ev_run(client.loop, EVRUN_ONCE);
	close_client(&client);
}
END_TEST

/* --- TLS
 * --------------------------------------------------------------------------------------
 */

static const struct {
	const char *what, *name; /* in the certificate */
	const char *host;        /* in our configuration */
	bool trusted;
	enum habit habit;
	enum sink_outcome outcome;
	const char *why;
} TLS_ROWS[] = {
    {"the right name", "localhost", "localhost", true, READS, SINK_DELIVERED, ""},
    {"another name", "example.org", "localhost", true, READS, SINK_TROUBLE,
	"does not hold"},
    {"an address is no name", "localhost", "127.0.0.1", true, READS, SINK_TROUBLE,
	"does not hold"},
    {"an unknown root", "localhost", "localhost", false, READS, SINK_TROUBLE,
	"does not hold"},
    {"TLS 1.3 refuses us after the handshake", "localhost", "localhost", true,
	WANTS_A_CERT, SINK_TROUBLE, ""},
};

START_TEST(tls_rows)
{
	char *pem = unit_temp("root.pem"), *other = unit_temp("other.pem");
	SSL_CTX *tls =
	    new_tls(TLS_ROWS[_i].name, pem, TLS_ROWS[_i].habit == WANTS_A_CERT);
	struct server server;
	struct client client;
	FILE *file = fopen(other, "w");
	X509 *stranger;
	struct buf der = make_cert(&(struct make_spec){.role = MAKE_ROOT,
	    .key = make_key(MAKE_KEY_P256, 3),
	    .subject = "/CN=other",
	    .issuer = "/CN=other",
	    .not_before = 1000000000,
	    .not_after = 4000000000});
	const unsigned char *at = der.data;

	stranger = d2i_X509(NULL, &at, (long)der.len);
	PEM_write_X509(file, stranger);
	fclose(file);
	X509_free(stranger);
	buf_free(&der);

	start_stream(&server, TLS_ROWS[_i].habit, tls);
	open_client(&client, url_of("tls", TLS_ROWS[_i].host, &server),
	    TLS_ROWS[_i].trusted ? pem : other);
	for (unsigned i = 0; i < 5; i++)
		send_one(&client, i, 4000);
	run_until(&client, 5, 5000);
	ck_assert_msg(client.outcomes[TLS_ROWS[_i].outcome] == 5, "%s: %s",
	    TLS_ROWS[_i].what, client.why);
	ck_assert_msg(strstr(client.why, TLS_ROWS[_i].why) != NULL, "%s: %s",
	    TLS_ROWS[_i].what, client.why);
	close_client(&client);
	stop_server(&server);
	if (TLS_ROWS[_i].outcome == SINK_DELIVERED)
		ck_assert_uint_eq(count_frames(&server), 5);
	else
		ck_assert_uint_eq(server.got.len, 0);
	buf_free(&server.got);
	mem_free(other);
	mem_free(pem);
}
END_TEST

/* A handshake that never goes on ends with the time allowed. */
START_TEST(tls_to_one_that_hangs)
{
	char *pem = unit_temp("root.pem");
	struct server server;
	struct client client;

	SSL_CTX_free(new_tls("localhost", pem, false));
	start_stream(&server, HANGS, NULL);
	open_client(&client, url_of("tls", "localhost", &server), pem);
	send_one(&client, 1, 10);
	run_until(&client, 1, 5000);
	ck_assert_uint_eq(client.outcomes[SINK_TROUBLE], 1);
	close_client(&client);
	stop_server(&server);
	buf_free(&server.got);
	mem_free(pem);
}
END_TEST

/* --- what is refused before it begins
 * ---------------------------------------------------------- */

static const struct {
	const char *what;
	struct alert_sink_options options;
	bool ok;
} CHECKS[] = {
    {"fine", {.name = "s", .kind = "syslog", .url = "unix:/dev/log"}, true},
    {"TLS with the system's CAs", {.name = "s", .kind = "syslog", .url = "tls://a"},
	true},
    {"no such CA file",
	{.name = "s", .kind = "syslog", .url = "tls://a", .ca_file = "/nonexistent"},
	false},
    {"facility 24",
	{.name = "s", .kind = "syslog", .url = "unix:/dev/log", .facility = 24}, false},
    {"a message of nothing",
	{.name = "s", .kind = "syslog", .url = "unix:/dev/log", .max_message = 479},
	false},
    {"a message of all",
	{.name = "s", .kind = "syslog", .url = "unix:/dev/log", .max_message = 65537},
	false},
    {"no address", {.name = "s", .kind = "syslog", .url = "/dev/log"}, false},
    {"no kind", {.name = "s", .kind = "pigeon", .url = "unix:/dev/log"}, false},
    {"a webhook", {.name = "s", .kind = "webhook", .url = "https://a/b"}, true},
    {"a webhook by FTP", {.name = "s", .kind = "webhook", .url = "ftp://a/b"}, false},
    {"a webhook without its secret",
	{.name = "s",
	    .kind = "webhook",
	    .url = "https://a/b",
	    .secret_file = "/nonexistent"},
	false},
    {"an empty secret",
	{.name = "s",
	    .kind = "webhook",
	    .url = "https://a/b",
	    .secret_file = "/dev/null"},
	false},
};

START_TEST(check_rows)
{
	struct err err = {0};
	bool ok = alert_sink_check(&CHECKS[_i].options, &err);

	ck_assert_msg(ok == CHECKS[_i].ok, "%s: %s", CHECKS[_i].what, err.text);
	ck_assert_int_eq(err.code, ok ? ERR_NONE : ERR_CONFIG);
}
END_TEST

START_TEST(a_queue_has_an_end)
{
	struct client client;
	struct sink_message message = {.payload = bytes_text("{}")};
	struct err err = {0};
	unsigned taken = 0;

	open_client(&client, "unix:/nonexistent/log", NULL);
	while (SINK_SYSLOG.send(client.sink, &message, &err))
		ck_assert_uint_le(++taken, 64);
	ck_assert_uint_eq(taken, 64);
	ck_assert_int_eq(err.code, ERR_LIMIT);
	close_client(&client);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("syslog");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, udp_delivers);
	tcase_add_test(tc, a_datagram_has_an_end);
	tcase_add_test(tc, udp_to_nobody_is_trouble);
	tcase_add_test(tc, a_local_socket_may_come_and_go);
	tcase_add_test(tc, tcp_counts_octets);
	tcase_add_test(tc, nobody_listens);
	tcase_add_test(tc, who_accepts_only_to_close_gets_nothing);
	tcase_add_test(tc, who_hangs_holds_nothing_for_ever);
	tcase_add_loop_test(tc, who_is_slow_gets_all, 0, 2);
	tcase_add_test(tc, who_closes_when_idle_is_called_again);
	tcase_add_test(tc, who_dies_in_mid_message_gets_it_again);
	tcase_add_test(tc, a_name_that_is_none);
	tcase_add_loop_test(tc, tls_rows, 0, UNIT_COUNT(TLS_ROWS));
	tcase_add_test(tc, tls_to_one_that_hangs);
	tcase_add_loop_test(tc, check_rows, 0, UNIT_COUNT(CHECKS));
	tcase_add_test(tc, a_queue_has_an_end);
	return unit_run("alert/syslog", tc);
}
