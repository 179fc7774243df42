/*
 * inflate - gzip that no header told of, and the paths of file:// URLs: what
 * the fake engine of the tests does as the real one.
 */
#pragma once
#include "base/buf.h"

/* RFC 1952, members in a row included; replaces out's contents. ERR_LIMIT past
 * its ceiling, ERR_PARSE for what is damaged or cut. */
MUST_CHECK bool inflate_gzip(struct bytes, struct buf *out, struct err *);

/* The path of a file:// URL, mem_free; NULL when it names another host or is
 * no path. */
char *file_path(const char *url);
