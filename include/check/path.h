/*
 * path - the ways from a key up to roots, over all CA certificates that are known,
 * whatever a server or an AIA extension says.
 *
 * A way goes by names and by keys whose signatures verify. Breadth first, each
 * certificate once, so that meshes and rings of cross-signs end; at most PATH_STEPS
 * of them, so that nobody's flood of certificates costs more.
 */
#pragma once
#include "check/history.h"

#define PATH_STEPS  64
#define PATH_BOTTOM SIZE_MAX

struct path_step {
	struct history_ca ca;
	struct bytes subject, issuer; /* of its der */
	size_t below;                 /* the step that it certifies, or PATH_BOTTOM */
	bool root;                    /* it signed itself */
	bool top;                     /* a root, or nothing is known above it */
};

struct paths {
	struct path_step steps[PATH_STEPS]; /* each behind the one below it */
	size_t count;
	bool more; /* PATH_STEPS was met */
};

/* From what a CA of that key and name signed. except: the SHA-256 of a certificate
 * that no way leads over. What steps hold is the history's to keep. */
void paths_find(struct paths *, const struct check_history *, const uint8_t key[32],
    struct bytes name, const uint8_t except[32]);
