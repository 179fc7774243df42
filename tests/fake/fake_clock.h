/*
 * fake_clock - base/clock's symbols with a time that only tests move.
 *
 * Linked before the rooms, so that every timer of the program under test is
 * one of these. Wall and monotonic time start at FAKE_CLOCK_START_MS and 0.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define FAKE_CLOCK_START_MS INT64_C(1790000000000) /* 2026-09-21T14:13:20Z */

/* Lets time pass and runs what falls due, in order (equal times: first armed,
 * first run), timers armed meanwhile included. */
void fake_clock_advance(struct clock *, int64_t ms);

/* Moves to the next timer, however far, and runs it; false when none is armed. */
bool fake_clock_step(struct clock *);

/* Runs what is due within ms from now; time ends where the last ran. */
void fake_clock_settle(struct clock *, int64_t ms);

/* The wall clock jumps; monotonic time and timers do not. */
void fake_clock_set_wall(struct clock *, int64_t unix_ms);

size_t fake_clock_armed(const struct clock *);
