#include "tests/lib/lines.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

#define MAX_LINE 4096

struct lines {
	int listening;
	pthread_t thread;
	char *path;
	lines_fn *run;
	void *owner;
};

static bool
address_of(const char *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(out->sun_path))
		return false;
	memcpy(out->sun_path, path, strlen(path));
	return true;
}

static void
write_all(int fd, struct bytes data)
{
	while (data.len > 0) {
		ssize_t sent = send(fd, data.data, data.len, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		data.data += sent;
		data.len -= (size_t)sent;
	}
}

/* Reads up to the first newline or the end; NUL in its place. */
static bool
read_line(int fd, char line[MAX_LINE])
{
	size_t len = 0;

	while (len < MAX_LINE - 1) {
		ssize_t got = read(fd, line + len, 1);

		if (got < 0)
			return false;
		if (got == 0 || line[len] == '\n')
			break;
		len++;
	}
	line[len] = '\0';
	return len > 0;
}

static void
converse(struct lines *lines, int fd)
{
	char line[MAX_LINE];
	struct err err = {0};
	struct buf said;

	buf_init(&said, 1 << 20);
	if (read_line(fd, line)) {
		bool ok = lines->run(lines->owner, line, &said, &err);

		if (said.len > 0 && said.data[said.len - 1] != '\n')
			buf_append_text(&said, "\n");
		if (ok)
			buf_append_text(&said, "ok\n");
		else
			buf_append_format(&said, "error: %s\n", err.text);
		write_all(fd, buf_bytes(&said));
	}
	buf_free(&said);
	close(fd);
}

static void *
on_thread(void *owner)
{
	struct lines *lines = owner;
	int fd;

	while ((fd = accept(lines->listening, NULL, NULL)) >= 0)
		converse(lines, fd);
	return NULL;
}

struct lines *
lines_new(const char *path, lines_fn *run, void *owner, struct err *err)
{
	struct lines *lines = mem_zero(1, sizeof(*lines));
	struct sockaddr_un address;

	lines->path = mem_text(path);
	lines->run = run;
	lines->owner = owner;
	lines->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(path);
	if (lines->listening >= 0 && address_of(path, &address) &&
	    bind(lines->listening, (void *)&address, sizeof(address)) == 0 &&
	    listen(lines->listening, 16) == 0 &&
	    pthread_create(&lines->thread, NULL, on_thread, lines) == 0)
		return lines;
	err_set(err, ERR_SYSTEM, "cannot listen on %s: %s", path, strerror(errno));
	if (lines->listening >= 0)
		close(lines->listening);
	mem_free(lines->path);
	mem_free(lines);
	return NULL;
}

void
lines_free(struct lines *lines)
{
	if (lines == NULL)
		return;
	shutdown(lines->listening, SHUT_RDWR); /* accept returns */
	pthread_join(lines->thread, NULL);
	close(lines->listening);
	unlink(lines->path);
	mem_free(lines->path);
	mem_free(lines);
}

bool
lines_tell(const char *path, const char *line)
{
	struct sockaddr_un address;
	struct buf reply;
	char piece[4096];
	ssize_t got;
	bool ok;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0 || !address_of(path, &address) ||
	    connect(fd, (void *)&address, sizeof(address)) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	write_all(fd, bytes_text(line));
	write_all(fd, bytes_text("\n"));
	buf_init(&reply, 1 << 21);
	while ((got = read(fd, piece, sizeof(piece))) > 0)
		buf_append(&reply, piece, (size_t)got);
	close(fd);
	ok = reply.len >= 3 && memcmp(reply.data + reply.len - 3, "ok\n", 3) == 0;
	fputs(buf_text(&reply), ok ? stdout : stderr);
	buf_free(&reply);
	return ok;
}
