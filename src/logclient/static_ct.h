/*
 * static_ct - the requests of the tiled protocol, for what mixes both.
 */
#pragma once
#include "logclient/logclient_priv.h"

void ask_data(
    struct logclient_call *, uint64_t tile, unsigned width, fetch_done_fn *done);
