/*
 * static_ct - the requests of the tiled protocol, for what mixes both.
 */
#pragma once
#include "logclient/logclient_priv.h"

/* Public archives stand in zip files 000.zip, 001.zip, ..., each with all below one
 * tile of level 2; what is the whole log's is in every one. */
enum { PART_TILES = 65536 }; /* of level 0, and of data, in a part */
uint64_t part_of_tile(unsigned level, uint64_t index);

/* Where a file of the log stands below its URL; the caller's (mem_free). */
char *static_path(const struct logclient *, uint64_t part, const char *path);

void ask_data(
    struct logclient_call *, uint64_t tile, unsigned width, fetch_done_fn *done);
