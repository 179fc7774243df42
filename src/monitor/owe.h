/*
 * owe - what a log owes us a proof of: leaves that it promised in SCTs, and
 * entries that accuse it. Written down by the writer, settled by the loop, one
 * question at a time and with rests between, after the log's own work.
 */
#pragma once
#include "monitor/monitor_priv.h"

/* What a row is about: enum suspicion follows the first. */
#define OWED_PROMISE        0
#define OWED_SUSPECT(which) ((int)(which) + 1)

/* --- in a worker ------------------------------------------------------------ */

/* Notes what is wrong with an entry by itself. cert: parsed, or NULL. */
struct cert;
void owe_note_entry(struct batch *, const struct entry *, const struct cert *);

/* --- in the writer ----------------------------------------------------------- */

/* What the certificate's SCTs promise, where the log is read. */
MUST_CHECK bool owe_promises(
    struct writer *, const struct candidate *, int64_t certificate, struct err *err);
/* The batch's suspects, once a day for each kind and log. */
MUST_CHECK bool owe_suspects(
    struct writer *, struct writer_range *, const struct batch *, struct err *err);

/* --- on the loop --------------------------------------------------------------- */

/* Looks what is due, after a while. */
void owe_settle_later(struct follower *, int64_t delay_ms);
void owe_cancel(struct follower *);
