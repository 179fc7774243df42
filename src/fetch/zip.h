/*
 * zip - members of a zip file, by name (PKWARE's APPNOTE: stored and deflated,
 * zip64 as well).
 *
 * The file may be anybody's: what it says of places and sizes is checked
 * against the file, output is bounded by the buffer, and every member against
 * its CRC. Nothing of it is kept but where each name stands: 16 bytes a member.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"

#define ZIP_MEMBERS_MAX 1000000 /* of a file that is opened */
#define ZIP_NAME_MAX    512     /* of a member that can be found */

/* Where the bytes come from. False: they cannot be read. */
struct zip_source {
	bool (*read)(void *owner, uint64_t at, void *out, size_t len);
	void *owner;
	uint64_t size;
};

struct zip;

/* The source is copied; what it points to outlives the zip. NULL with err set:
 * ERR_PARSE, ERR_LIMIT, or ERR_SYSTEM where it cannot be read. */
struct zip *zip_open(const struct zip_source *, struct err *);
void zip_free(struct zip *);

size_t zip_count(const struct zip *);

/* Replaces out's contents. ERR_NOT_FOUND: there is no such member; of several
 * with one name the first counts. ERR_LIMIT: it is larger than out's ceiling. */
MUST_CHECK bool zip_read(struct zip *, const char *name, struct buf *out, struct err *);
