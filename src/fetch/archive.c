#include "fetch/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "fetch/zip.h"

#define OPEN_MAX_ZIPS 4

struct opened {
	char *path;
	int fd;
	struct stat as; /* a file that was replaced is opened anew */
	struct zip *zip;
	uint64_t used;
};

struct archives {
	struct opened open[OPEN_MAX_ZIPS];
	uint64_t used;
};

struct archives *
archives_new(void)
{
	return mem_zero(1, sizeof(struct archives));
}

static void
shut(struct opened *it)
{
	if (it->path == NULL)
		return;
	zip_free(it->zip);
	close(it->fd);
	mem_free(it->path);
	*it = (struct opened){0};
}

void
archives_free(struct archives *archives)
{
	if (archives == NULL)
		return;
	for (size_t i = 0; i < OPEN_MAX_ZIPS; i++)
		shut(&archives->open[i]);
	mem_free(archives);
}

static bool
read_fd(void *owner, uint64_t at, void *out, size_t len)
{
	const struct opened *it = owner;
	uint8_t *to = out;

	while (len > 0) {
		ssize_t got = pread(it->fd, to, len, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		to += got;
		at += (uint64_t)got;
		len -= (size_t)got;
	}
	return true;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool
open_zip(struct opened *it, const char *path, struct err *err)
{
	struct zip_source source = {.read = read_fd, .owner = it};
	char begin[2];

	it->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (it->fd < 0)
		return err_set(err, ERR_SYSTEM, "%s: %m", path);
	it->path = mem_text(path);
	if (fstat(it->fd, &it->as) != 0)
		return err_set(err, ERR_SYSTEM, "%s: %m", path);
	if (!read_fd(it, 0, begin, sizeof(begin)) || memcmp(begin, "PK", 2) != 0)
		return err_set(err, ERR_NOT_FOUND, "%s: no folder, nor a zip file", path);
	source.size = (uint64_t)it->as.st_size;
	it->zip = zip_open(&source, err);
	return it->zip != NULL || err_wrap(err, "%s", path);
}

/* NULL with err set. */
static struct zip *
zip_at(
    struct archives *archives, const char *path, const struct stat *as, struct err *err)
{
	struct opened *oldest = &archives->open[0];

	for (size_t i = 0; i < OPEN_MAX_ZIPS; i++) {
		struct opened *it = &archives->open[i];

		if (it->path != NULL && strcmp(it->path, path) == 0 &&
		    is_same(&it->as, as)) {
			it->used = ++archives->used;
			return it->zip;
		}
		if (it->used < oldest->used)
			oldest = it;
	}
	shut(oldest);
	if (!open_zip(oldest, path, err)) {
		shut(oldest);
		return NULL;
	}
	oldest->used = ++archives->used;
	return oldest->zip;
}

bool
archives_read(
    struct archives *archives, const char *path, struct buf *out, struct err *err)
{
	char *file = mem_text(path);
	bool ok = false;

	(void)err_set(err, ERR_NOT_FOUND, "no such file");
	for (char *slash = file; (slash = strchr(slash + 1, '/')) != NULL; *slash = '/') {
		struct stat info;
		struct zip *zip;

		*slash = '\0';
		if (stat(file, &info) != 0)
			break;
		if (!S_ISREG(info.st_mode))
			continue;
		zip = zip_at(archives, file, &info, err);
		ok = zip != NULL && zip_read(zip, slash + 1, out, err);
		break;
	}
	mem_free(file);
	return ok;
}
