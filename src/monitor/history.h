/*
 * history - answers the checks' questions about the past from the store,
 * inside the batch's transaction.
 */
#pragma once
#include "check/history.h"
#include "monitor/writer.h"

/* Fills the functions; the owner is the writer. Answers live in the writer's
 * arena. */
void history_of(struct writer *, struct check_history *out);

/* Whether all questions since history_of() were answered: a check cannot
 * handle a database error, its caller does. */
MUST_CHECK bool history_ok(const struct writer *, struct err *err);
