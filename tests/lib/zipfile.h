/*
 * zipfile - makes zip files, good ones and others, for tests.
 */
#pragma once
#include "base/buf.h"

enum zipfile_kind { ZIPFILE_PLAIN, ZIPFILE_WIDE }; /* wide: zip64 all over */

struct zipfile {
	enum zipfile_kind kind;
	struct buf out;       /* the file so far */
	struct buf directory; /* its central directory */
	uint64_t count;
};

void zipfile_begin(struct zipfile *, enum zipfile_kind);
void zipfile_add(struct zipfile *, const char *name, struct bytes body, bool deflate);
/* The file is in out then; freed by zipfile_free(). */
void zipfile_end(struct zipfile *, const char *comment);
void zipfile_free(struct zipfile *);
