/*
 * settings - what a check was set to: thresholds, words, what is said of operators.
 */
#pragma once
#include "base/buf.h"
#include "check/judged.h"
#include "check/params.h"

/* Appends " set=HASH" over what an operator set of all that the check looks at;
 * nothing where there is nothing to set. Another hash means judging again. */
void check_settings_version(const struct check *, const struct check_params *,
    enum date_mode dates, struct buf *out);
