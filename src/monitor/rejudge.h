/*
 * rejudge - what is stored is held against checks again: a form of a
 * certificate, a CA certificate. In the writer, inside its transaction.
 *
 * What holds is stored and told by the usual rules. What held before and was
 * not found again is only marked: another certificate may still find it, so it
 * is closed when all have been judged.
 */
#pragma once
#include "monitor/worker.h"
#include "monitor/writer.h"
#include "store/authority.h"
#include "store/certificate.h"
#include "store/state.h"

struct rejudge {
	struct writer *writer;
	struct snapshot *snapshot; /* the writer's, with other checks off */
	struct authorities *authorities;
	struct worker *worker;
	const bool *selected; /* by a check's number: whose findings are looked at */
	int64_t rescan;       /* its number, which findings are marked with */
	uint32_t ca;          /* only what this watch matches, or WATCH_NOT_FOUND */
	struct bytes domain;  /* and has a name at or below this; empty: any */
};

/* A form of a stored certificate, its DER not needed. judged: it was seen in a
 * log, can be read, and concerns a watch. */
MUST_CHECK bool rejudge_form(struct rejudge *, const struct form_row *,
    const struct certificate_row *, bool *judged, struct err *err);

/* Whether the name, reversed, is at or below the domain asked for. */
bool rejudge_name(const struct rejudge *, struct bytes name);

/* The second look that a check asked for; tells what it finds. selected and
 * rescan are not looked at. */
MUST_CHECK bool rejudge_due(struct rejudge *, const struct due_row *, struct err *err);

/* judged: it belongs to a watched family, or its signer does. */
MUST_CHECK bool rejudge_authority(
    struct rejudge *, const struct ca_certificate_row *, bool *judged, struct err *err);

/* Closes at most limit findings that were not found again; more: there may be
 * others. */
MUST_CHECK bool rejudge_close(
    struct rejudge *, size_t limit, bool *more, struct err *err);

/* Closes at most limit findings of a check that is there no more. */
MUST_CHECK bool rejudge_close_check(
    struct rejudge *, struct bytes check, size_t limit, bool *more, struct err *err);
