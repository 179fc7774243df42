#include "daemon/file.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"

#define PIECE 65536

bool
file_load(const char *path, struct buf *out, struct err *err)
{
	FILE *file = fopen(path, "rb");
	size_t len = PIECE;
	uint8_t *at;

	buf_clear(out);
	if (file == NULL)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_CONFIG,
		    "%s: cannot be opened: %m", path);
	while (len == PIECE && (at = buf_extend(out, PIECE)) != NULL) {
		len = fread(at, 1, PIECE, file);
		out->len -= PIECE - len;
	}
	fclose(file);
	return !out->failed ||
	    err_set(err, ERR_CONFIG, "%s: larger than %zu bytes", path, out->ceiling);
}

bool
file_save(const char *path, struct bytes data, struct err *err)
{
	char *next = mem_format("%s.new", path);
	FILE *file = fopen(next, "wb");
	bool ok = file != NULL && fwrite(data.data, 1, data.len, file) == data.len &&
	    fflush(file) == 0 && fsync(fileno(file)) == 0;

	if (file != NULL)
		ok = fclose(file) == 0 && ok;
	ok = ok && rename(next, path) == 0;
	if (!ok)
		err_set(err, ERR_SYSTEM, "%s: cannot be written: %m", path);
	mem_free(next);
	return ok;
}
