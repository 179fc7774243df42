/*
 * archive - the zip files below file:// URLs, a few held open.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct archives;
struct archives *archives_new(void);
void archives_free(struct archives *);

/*
 * A path that leads through a zip file as through a folder:
 * "/srv/ct/000.zip/tile/0/000". Replaces out's contents. ERR_NOT_FOUND where no
 * part of the path is a zip file, or it has no such member; ERR_LIMIT where it
 * is larger than out's ceiling; else the zip is damaged or cannot be read.
 */
MUST_CHECK bool archives_read(
    struct archives *, const char *path, struct buf *out, struct err *);
