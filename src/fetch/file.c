#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "fetch/fetch_priv.h"

/* RFC 3986, 2.1; false for a broken escape or a NUL. */
static bool
unescape(const char *in, char *out)
{
	for (; *in != '\0'; in++, out++) {
		char pair[3] = {0};

		*out = *in;
		if (*in != '%')
			continue;
		memcpy(pair, in + 1, strnlen(in + 1, 2));
		if (!hex_parse(pair, out, 1) || *out == '\0')
			return false;
		in += 2;
	}
	*out = '\0';
	return true;
}

char *
file_path(const char *url)
{
	const char *at;
	char *path;

	if (strncasecmp(url, "file://", 7) != 0)
		return NULL;
	at = url + 7;
	if (strncasecmp(at, "localhost/", 10) == 0)
		at += 9;
	if (*at != '/')
		return NULL;
	path = mem_text(at);
	if (unescape(at, path))
		return path;
	mem_free(path);
	return NULL;
}

static bool
read_whole(int fd, struct buf *out)
{
	for (;;) {
		size_t room =
		    out->ceiling - out->len < 65536 ? out->ceiling - out->len : 65536;
		uint8_t spare[1], *at = room > 0 ? buf_extend(out, room) : spare;
		ssize_t got = read(fd, at, room > 0 ? room : 1);

		out->len -= room - (room > 0 && got > 0 ? (size_t)got : 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0;
		if (room == 0) { /* the file goes on where the ceiling is */
			errno = EFBIG;
			return false;
		}
	}
}

static int
status_of(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EISDIR ? 404
	    : error == EACCES || error == EPERM                       ? 403
								      : 0;
}

/* A member of a zip file on the path. */
static enum transport
read_archived(struct fetch_request *request, const char *path)
{
	struct fetch *fetch = request->fetch;
	struct err err;

	if (fetch->archives == NULL)
		fetch->archives = archives_new();
	if (archives_read(fetch->archives, path, &request->received, &err)) {
		fetch->bytes += request->received.len;
		request->status = 200;
		return TRANSPORT_OK;
	}
	request->status = err.code == ERR_NOT_FOUND ? 404 : 0;
	request->too_long = err.code == ERR_LIMIT;
	snprintf(request->curl_error, sizeof(request->curl_error), "%s", err.text);
	return err.code == ERR_NOT_FOUND ? TRANSPORT_OK
	    : err.code == ERR_LIMIT      ? TRANSPORT_TOO_LONG
					 : TRANSPORT_BROKEN;
}

bool
fetch_has_file(const char *url)
{
	char *path = file_path(url);
	struct stat info;
	bool has = path != NULL && stat(path, &info) == 0 && S_ISREG(info.st_mode);

	mem_free(path);
	return has;
}

static enum transport
read_fd(struct fetch_request *request, int fd)
{
	struct stat info;
	bool ok;
	int error;

	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		request->status = 404;
		return TRANSPORT_OK;
	}
	ok = read_whole(fd, &request->received);
	error = errno;
	request->fetch->bytes += request->received.len;
	request->status = 200;
	if (ok)
		return TRANSPORT_OK;
	request->too_long = error == EFBIG;
	return request->too_long ? TRANSPORT_TOO_LONG : TRANSPORT_BROKEN;
}

/* A local directory answers as a server would: what is not there is 404. */
enum transport
file_read(struct fetch_request *request)
{
	char *path = file_path(request->url);
	/* Not to hang on a FIFO, which is no file then. */
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	int error = path != NULL ? errno : ENOENT;
	enum transport end = TRANSPORT_OK;

	buf_clear(&request->received);
	if (fd >= 0) {
		end = read_fd(request, fd);
		close(fd);
	} else if (error == ENOTDIR) {
		end = read_archived(request, path);
	} else {
		request->status = status_of(error);
		if (request->status == 0)
			end = TRANSPORT_UNREACHED;
	}
	mem_free(path);
	return end;
}
