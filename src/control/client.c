#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"
#include "control/control_priv.h"

#define SILENCE_S 60

static int
connect_to(const char *path, struct err *err)
{
	struct sockaddr_un address;
	struct timeval silence = {.tv_sec = SILENCE_S};
	int fd = control_socket(path, 0, &address, err);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof(silence));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (errno == ENOENT || errno == ECONNREFUSED)
		err_set(err, ERR_NOT_FOUND,
		    "ctwardend does not run: nobody listens at %s", path);
	else
		err_set(err, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	close(fd);
	return -1;
}

bool
control_is_down(const char *path)
{
	struct sockaddr_un address;
	int fd = control_socket(path, 0, &address, NULL);
	bool down = fd < 0;

	if (fd >= 0) {
		down = connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 &&
		    (errno == ENOENT || errno == ECONNREFUSED);
		close(fd);
	}
	return down;
}

/* One line of JSON; takes object. */
static bool
send_line(int fd, json_t *object, struct err *err)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
	struct buf line;
	bool ok;

	json_decref(object);
	buf_init(&line, CONTROL_LINE_MAX);
	ok = text != NULL && buf_append_text(&line, text) && buf_append_u8(&line, '\n');
	free(text);
	if (!ok)
		err_set(err, ERR_LIMIT, "control: the request is too large");
	for (size_t sent = 0; ok && sent < line.len;) {
		ssize_t some = send(fd, line.data + sent, line.len - sent, MSG_NOSIGNAL);

		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0)
			ok = err_set(
			    err, ERR_REMOTE, "control: sending: %s", strerror(errno));
		else
			sent += (size_t)some;
	}
	buf_free(&line);
	return ok;
}

/* Reads until in begins with a whole line. */
static bool
receive_line(int fd, struct buf *in, struct bytes *line, struct err *err)
{
	for (;;) {
		uint8_t *end = in->len == 0 ? NULL : memchr(in->data, '\n', in->len);
		uint8_t some[4096];
		ssize_t len;

		if (end != NULL) {
			*line = bytes_of(in->data, (size_t)(end - in->data));
			return true;
		}
		len = recv(fd, some, sizeof(some), 0);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return err_set(err, ERR_REMOTE,
			    "ctwardend has not answered for %d s", SILENCE_S);
		if (len <= 0)
			return err_set(
			    err, ERR_REMOTE, "ctwardend ended before it answered");
		if (!buf_append(in, some, (size_t)len))
			return err_set(
			    err, ERR_LIMIT, "control: the answer is too large");
	}
}

static void
drop_line(struct buf *in, struct bytes line)
{
	size_t used = line.len + 1;

	memmove(in->data, in->data + used, in->len - used);
	in->len -= used;
}

static json_t *
receive_result(int fd, control_progress_fn *progress, void *owner, struct err *err)
{
	json_t *result = NULL;
	struct buf in;

	buf_init(&in, 2 * CONTROL_LINE_MAX);
	while (result == NULL) {
		struct control_line line;
		struct bytes text = {0};

		if (!receive_line(fd, &in, &text, err) ||
		    !control_answer_parse(text, &line, err))
			break;
		if (line.progress != NULL && progress != NULL)
			progress(owner, line.progress);
		if (line.progress == NULL)
			result = json_incref(line.result);
		json_decref(line.whole);
		drop_line(&in, text);
	}
	buf_free(&in);
	return result;
}

json_t *
control_call(const char *path, const char *command, json_t *arguments,
    control_progress_fn *progress, void *owner, struct err *err)
{
	json_t *request = json_pack("{s:s, s:o}", "command", command, "arguments",
	    arguments != NULL ? arguments : json_object());
	json_t *result = NULL;
	int fd = connect_to(path, err);

	if (fd < 0) {
		json_decref(request);
		return NULL;
	}
	if (send_line(fd, request, err))
		result = receive_result(fd, progress, owner, err);
	close(fd);
	return result;
}
