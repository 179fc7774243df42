/*
 * rescan - judging again what is stored: asked for, or because a check, the
 * data it looks at or what it is set to are others than those that judged it.
 *
 * Each is a row (store/rescan.h), worked through in the writer, a slice at a
 * time: rows in the order of their numbers, what was found, and how far it is,
 * in one transaction, so that a crash repeats nothing. New entries come first.
 * What all is judged by is the note "judged_by": a line for each check that
 * runs, with its version, data and settings.
 */
#pragma once
#include "monitor/rejudge.h"
#include "store/rescan.h"

/* --- rescan_plan.c: in the writer --- */

/* Begins a rescan where the checks in force are not those that judged what is
 * stored; one that was begun for others ends. */
MUST_CHECK bool rescan_plan(struct writer *, struct err *err);

/* The oldest that is under way, its bytes in the arena. */
MUST_CHECK bool rescan_oldest(
    struct writer *, struct arena *, struct rescan_row *, bool *found, struct err *err);

/* The checks whose findings the row looks at, by number. */
void rescan_select(
    const struct rescan_row *, const struct check_params *, bool selected[CHECKS_MAX]);

/* Everything is judged, none left out: checks that remember can begin anew. */
bool rescan_is_whole(const struct rescan_row *);

/* The ids of row->checks one by one: start with *at = 0. */
bool rescan_next_check(const struct rescan_row *, size_t *at, struct bytes *id);

/* Its end, with the note where it was begun by rescan_plan(). */
MUST_CHECK bool rescan_end(struct writer *, struct rescan_row *, struct err *err);

/* --- rescan_slice.c: in the writer --- */

/* Does one slice and brings the row up to date. */
MUST_CHECK bool rescan_slice(
    struct writer *, struct worker *, struct rescan_row *, struct err *err);
