/*
 * tally - how many certificates fail each check, per issuer and day: counted
 * up by a certificate's first open finding of the check, and down when its last
 * one closes, so that what is judged again counts once.
 */
#pragma once
#include "monitor/writer.h"
#include "store/finding.h"

/* By 1: the row is open now and was not; by -1: the other way round. Counts
 * "failed.<check>", and "misissued" and "serious" over all checks whose errors are. */
MUST_CHECK bool tally_finding(
    struct writer *, const struct finding_row *row, int by, struct err *err);
