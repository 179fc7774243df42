#include "tests/lib/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { CONNECTIONS_MAX = 64, HEAD_MAX = 65536, BODY_MAX = 1 << 20 };

struct loopback_conn {
	struct loopback *server;
	int fd;
	SSL *tls;
	pthread_t thread;
	char head[HEAD_MAX + 1];
	size_t len; /* read and not used up */
};

struct loopback {
	loopback_fn *answer;
	void *owner;
	SSL_CTX *tls;
	int fd, port;
	pthread_t thread;
	atomic_bool stopping;
	atomic_uint accepted;
	struct loopback_conn *conns[CONNECTIONS_MAX];
	unsigned count;
};

static ssize_t
read_some(struct loopback_conn *conn, void *out, size_t room)
{
	for (;;) {
		struct pollfd wait = {.fd = conn->fd, .events = POLLIN};

		if (conn->server->stopping)
			return -1;
		if (conn->tls != NULL && SSL_pending(conn->tls) > 0)
			break;
		if (poll(&wait, 1, 20) > 0)
			break;
	}
	return conn->tls != NULL ? SSL_read(conn->tls, out, (int)room)
				 : read(conn->fd, out, room);
}

bool
loopback_write(struct loopback_conn *conn, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		size_t step = len < 16384 ? len : 16384;
		ssize_t put = conn->tls != NULL ? SSL_write(conn->tls, at, (int)step)
						: send(conn->fd, at, step, MSG_NOSIGNAL);

		if (put <= 0 || conn->server->stopping)
			return false;
		at += put;
		len -= (size_t)put;
	}
	return true;
}

bool
loopback_format(struct loopback_conn *conn, const char *format, ...)
{
	char text[8192];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return len >= 0 && (size_t)len < sizeof(text) &&
	    loopback_write(conn, text, (size_t)len);
}

bool
loopback_sleep(struct loopback_conn *conn, int ms)
{
	for (; ms > 0 && !conn->server->stopping; ms -= 10) {
		char byte;

		usleep(10000);
		if (recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
			return false;
	}
	return !conn->server->stopping;
}

bool
loopback_reply(struct loopback_conn *conn, int status, const char *headers,
    const void *body, size_t len)
{
	return loopback_format(conn, "HTTP/1.1 %d Row\r\n%sContent-Length: %zu\r\n\r\n",
		   status, headers, len) &&
	    loopback_write(conn, body, len);
}

/* Reads until the head's blank line; its length, 0 at the end. */
static size_t
read_head(struct loopback_conn *conn)
{
	for (;;) {
		char *end;
		ssize_t got;

		conn->head[conn->len] = '\0';
		end = strstr(conn->head, "\r\n\r\n");
		if (end != NULL)
			return (size_t)(end + 4 - conn->head);
		if (conn->len == HEAD_MAX)
			return 0;
		got = read_some(conn, conn->head + conn->len, HEAD_MAX - conn->len);
		if (got <= 0)
			return 0;
		conn->len += (size_t)got;
	}
}

static size_t
content_length(const char *head)
{
	const char *at = strcasestr(head, "\r\nContent-Length:");

	return at != NULL ? (size_t)strtoul(at + 17, NULL, 10) : 0;
}

/* One request of a connection; false at its end. */
static bool
serve_one(struct loopback_conn *conn)
{
	size_t head_len = read_head(conn), want;
	struct loopback_request request = {0};
	char *line, *head, *save = NULL;
	struct buf body;
	bool stays = false;

	if (head_len == 0)
		return false;
	head = mem_copy(conn->head, head_len);
	memmove(conn->head, conn->head + head_len, conn->len - head_len);
	conn->len -= head_len;
	want = content_length(head);
	buf_init(&body, BODY_MAX);
	while (body.len < want && body.len < BODY_MAX) {
		size_t step = conn->len < want - body.len ? conn->len : want - body.len;
		ssize_t got;

		buf_append(&body, conn->head, step);
		memmove(conn->head, conn->head + step, conn->len - step);
		conn->len -= step;
		if (body.len == want)
			break;
		got = read_some(conn, conn->head, HEAD_MAX);
		if (got <= 0)
			goto out;
		conn->len = (size_t)got;
	}
	line = mem_text(head);
	request.method = strtok_r(line, " ", &save);
	request.path = strtok_r(NULL, " ", &save);
	request.head = head;
	request.body = buf_text(&body);
	request.body_len = body.len;
	if (request.path != NULL)
		stays = conn->server->answer(conn->server->owner, conn, &request);
	mem_free(line);
out:
	mem_free(head);
	buf_free(&body);
	return stays;
}

static void *
serve(void *owner)
{
	struct loopback_conn *conn = owner;

	if (conn->tls == NULL || SSL_accept(conn->tls) == 1)
		while (serve_one(conn))
			continue;
	if (conn->tls != NULL)
		SSL_shutdown(conn->tls);
	shutdown(conn->fd, SHUT_RDWR);
	return NULL;
}

static void *
accept_all(void *owner)
{
	struct loopback *server = owner;

	while (!server->stopping) {
		struct pollfd wait = {.fd = server->fd, .events = POLLIN};
		struct loopback_conn *conn;

		if (poll(&wait, 1, 20) <= 0 || server->count == CONNECTIONS_MAX)
			continue;
		conn = mem_zero(1, sizeof(*conn));
		conn->server = server;
		conn->fd = accept(server->fd, NULL, NULL);
		if (server->tls != NULL) {
			conn->tls = SSL_new(server->tls);
			SSL_set_fd(conn->tls, conn->fd);
		}
		server->accepted++;
		server->conns[server->count++] = conn;
		pthread_create(&conn->thread, NULL, serve, conn);
	}
	return NULL;
}

static struct loopback *
start(loopback_fn *answer, void *owner, SSL_CTX *tls)
{
	struct loopback *server = mem_zero(1, sizeof(*server));
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	signal(SIGPIPE, SIG_IGN);
	server->answer = answer;
	server->owner = owner;
	server->tls = tls;
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->fd, (struct sockaddr *)&address, len) != 0 ||
	    listen(server->fd, 64) != 0 ||
	    getsockname(server->fd, (struct sockaddr *)&address, &len) != 0)
		abort();
	server->port = ntohs(address.sin_port);
	pthread_create(&server->thread, NULL, accept_all, server);
	return server;
}

struct loopback *
loopback_start(loopback_fn *answer, void *owner)
{
	return start(answer, owner, NULL);
}

static void
make_certificate(SSL_CTX *tls, const char *name, const char *pem_path)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);
	char *san = mem_format("DNS:%s", name);
	X509_EXTENSION *extension =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
	FILE *pem;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_NAME_add_entry_by_txt(
	    subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, subject);
	X509_set_pubkey(cert, key);
	X509_add_ext(cert, extension, -1);
	X509_sign(cert, key, EVP_sha256());
	SSL_CTX_use_certificate(tls, cert);
	SSL_CTX_use_PrivateKey(tls, key);
	pem = pem_path != NULL ? fopen(pem_path, "w") : NULL;
	if (pem != NULL) {
		PEM_write_X509(pem, cert);
		fclose(pem);
	}
	X509_EXTENSION_free(extension);
	X509_free(cert);
	EVP_PKEY_free(key);
	mem_free(san);
}

struct loopback *
loopback_start_tls(
    loopback_fn *answer, void *owner, const char *name, const char *pem_path)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

	make_certificate(tls, name, pem_path);
	return start(answer, owner, tls);
}

void
loopback_stop(struct loopback *server)
{
	server->stopping = true;
	pthread_join(server->thread, NULL);
	close(server->fd);
	for (unsigned i = 0; i < server->count; i++) {
		struct loopback_conn *conn = server->conns[i];

		shutdown(conn->fd, SHUT_RDWR);
		pthread_join(conn->thread, NULL);
		SSL_free(conn->tls);
		close(conn->fd);
		mem_free(conn);
	}
	SSL_CTX_free(server->tls);
	mem_free(server);
}

int
loopback_port(const struct loopback *server)
{
	return server->port;
}

unsigned
loopback_connections(const struct loopback *server)
{
	return server->accepted;
}
