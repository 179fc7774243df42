#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "control/control_priv.h"

#define REQUESTS_MAX 64

/* Reading the line, answering, writing the answer: one after the other. */
struct control_request {
	ev_io watcher;
	struct control_server *server;
	struct control_request *next;
	struct buf in, out;
	size_t written;
	bool asked;    /* the handler has it */
	bool answered; /* the handler is done with it */
	bool broken;   /* nobody reads any more */
};

struct control_server {
	ev_io watcher;
	struct ev_loop *loop;
	char *path;
	control_handler_fn *handler;
	void *owner;
	struct control_request *requests;
	size_t count;
};

static void
request_free(struct control_request *request)
{
	struct control_request **link = &request->server->requests;

	while (*link != request)
		link = &(*link)->next;
	*link = request->next;
	request->server->count--;
	ev_io_stop(request->server->loop, &request->watcher);
	close(request->watcher.fd);
	buf_free(&request->in);
	buf_free(&request->out);
	mem_free(request);
}

/* Waits for what comes next; frees a request that is over. */
static void
request_watch(struct control_request *request, int events)
{
	struct ev_loop *loop = request->server->loop;

	ev_io_stop(loop, &request->watcher);
	if (events == 0)
		return;
	ev_io_set(&request->watcher, request->watcher.fd, events);
	ev_io_start(loop, &request->watcher);
}

static void
request_write(struct control_request *request)
{
	while (!request->broken && request->written < request->out.len) {
		ssize_t some =
		    send(request->watcher.fd, request->out.data + request->written,
			request->out.len - request->written, MSG_NOSIGNAL);

		if (some < 0 && errno == EAGAIN)
			break;
		if (some < 0 && errno == EINTR)
			continue;
		request->broken = some <= 0;
		request->written += some > 0 ? (size_t)some : 0;
	}
	if (!request->broken && request->written < request->out.len) {
		request_watch(request, EV_WRITE);
		return;
	}
	/* A request that the handler still holds stays, even if nobody waits. */
	if (request->answered || (request->broken && !request->asked))
		request_free(request);
	else
		request_watch(request, 0);
}

static void
send_object(struct control_request *request, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);

	json_decref(object);
	if (text == NULL || !buf_append_text(&request->out, text) ||
	    !buf_append_u8(&request->out, '\n'))
		request->broken = true;
	free(text);
	request_write(request);
}

void
control_reply(struct control_request *request, json_t *result)
{
	request->answered = true;
	send_object(request,
	    json_pack("{s:b, s:o}", "ok", 1, "result",
		result != NULL ? result : json_object()));
}

void
control_refuse(struct control_request *request, const struct err *err)
{
	/* An error may quote bytes that are no UTF-8, which JSON cannot carry. */
	json_t *words = json_string(err->text);

	request->answered = true;
	send_object(request,
	    json_pack("{s:b, s:s, s:o}", "ok", 0, "code", err_code_name(err->code),
		"error",
		words != NULL ? words : json_string("an error that cannot be shown")));
}

void
control_progress(struct control_request *request, const char *text)
{
	json_t *line = json_pack("{s:s}", "progress", text);

	/* A reader who has stopped reading gets no more. */
	if (line == NULL || request->out.len - request->written > CONTROL_LINE_MAX / 2)
		json_decref(line);
	else
		send_object(request, line);
}

static void
request_dispatch(struct control_request *request, struct bytes text)
{
	struct control_line line;
	struct err err = {0};

	request->asked = true;
	request_watch(request, 0);
	if (!control_request_parse(text, &line, &err)) {
		control_refuse(request, &err);
		return;
	}
	request->server->handler(
	    request->server->owner, line.command, line.arguments, request);
	json_decref(line.whole);
}

static void
request_read(struct control_request *request)
{
	uint8_t some[4096], *end;
	ssize_t len = recv(request->watcher.fd, some, sizeof(some), 0);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0 || !buf_append(&request->in, some, (size_t)len)) {
		request_free(request);
		return;
	}
	end = memchr(request->in.data, '\n', request->in.len);
	if (end != NULL)
		request_dispatch(request,
		    bytes_of(request->in.data, (size_t)(end - request->in.data)));
}

static void
on_request(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct control_request *request = watcher->data;

	(void)loop;
	if (events & EV_WRITE)
		request_write(request);
	else
		request_read(request);
}

/* The folder's and the socket's modes keep strangers out; this is the second
 * door. */
static bool
is_heard(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	    (peer.uid == 0 || peer.uid == geteuid());
}

static void
on_connection(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct control_server *server = watcher->data;
	int fd = accept4(watcher->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct control_request *request;
	struct err err = {0};

	(void)events;
	if (fd < 0)
		return;
	request = mem_zero(1, sizeof(*request));
	request->server = server;
	request->next = server->requests;
	server->requests = request;
	server->count++;
	buf_init(&request->in, CONTROL_LINE_MAX);
	buf_init(&request->out, 4 * CONTROL_LINE_MAX);
	ev_io_init(&request->watcher, on_request, fd, EV_READ);
	request->watcher.data = request;
	if (is_heard(fd) && server->count <= REQUESTS_MAX) {
		ev_io_start(loop, &request->watcher);
		return;
	}
	err_set(&err, ERR_LIMIT, "%s",
	    is_heard(fd) ? "too many requests at once; try again"
			 : "only root and the daemon's user are heard");
	control_refuse(request, &err);
}

/* systemd makes the folder; a daemon started by hand has to. */
static void
make_folder(const char *path)
{
	char *folder = mem_text(path), *slash = strrchr(folder, '/');

	if (slash != NULL && slash != folder) {
		*slash = '\0';
		(void)mkdir(folder, 0750); /* bind() says what is wrong */
	}
	mem_free(folder);
}

static int
listen_at(const char *path, struct err *err)
{
	struct sockaddr_un address;
	int fd = control_socket(path, SOCK_NONBLOCK, &address, err);

	if (fd < 0)
		return -1;
	make_folder(path);
	unlink(path);
	/* Nobody can connect before listen(), so the mode is right in time. */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    chmod(path, 0660) == 0 && listen(fd, 16) == 0)
		return fd;
	err_set(err, ERR_CONFIG, "control: %s: %s", path, strerror(errno));
	close(fd);
	return -1;
}

struct control_server *
control_server_new(struct ev_loop *loop, const char *path, control_handler_fn *handler,
    void *owner, struct err *err)
{
	struct control_server *server;
	int fd = listen_at(path, err);

	if (fd < 0)
		return NULL;
	server = mem_zero(1, sizeof(*server));
	*server = (struct control_server){
	    .loop = loop, .path = mem_text(path), .handler = handler, .owner = owner};
	ev_io_init(&server->watcher, on_connection, fd, EV_READ);
	server->watcher.data = server;
	ev_io_start(loop, &server->watcher);
	return server;
}

void
control_server_free(struct control_server *server)
{
	struct err stopping = {ERR_REMOTE, "the daemon is stopping"};

	if (server == NULL)
		return;
	while (server->requests != NULL)
		/* What the socket does not take at once is lost: the loop turns no more.
		 */
		if (server->requests->answered)
			request_free(server->requests);
		else
			control_refuse(server->requests, &stopping);
	ev_io_stop(server->loop, &server->watcher);
	close(server->watcher.fd);
	unlink(server->path);
	mem_free(server->path);
	mem_free(server);
}
