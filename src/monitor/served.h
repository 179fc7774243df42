/*
 * served - the replies of a second reading as they came, before anything was
 * decoded: the evidence, should they not hash to the signed root either.
 */
#pragma once
#include "monitor/accuse.h"
#include "monitor/batch.h"

struct served;

/* Keeps from here on what is read behind `from`; what was kept is dropped. */
void served_begin(struct served **, const struct frontier *from);
void served_drop(struct served **);

/* Before a worker has the batch's body. The first ones are kept, as many as go
 * into 4 MiB. NULL: nothing is being kept. */
void served_keep(struct served *, const struct batch *);

/* Puts the replies into the accusation; and where they go as far as `read`,
 * the frontier in the file "frontier-as-read", the claim that they make it.
 * NULL is fine. */
void served_accuse(
    const struct served *, struct accusation *, const struct frontier *read);
