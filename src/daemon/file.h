/*
 * file - small files, whole.
 */
#pragma once
#include "base/buf.h"

/* Replaces out's contents, up to its ceiling. ERR_NOT_FOUND where there is no
 * such file, ERR_CONFIG for any other reason. */
MUST_CHECK bool file_load(const char *path, struct buf *out, struct err *err);

/* A new file in its place, all or nothing. ERR_SYSTEM. */
MUST_CHECK bool file_save(const char *path, struct bytes data, struct err *err);
