/*
 * serials - what the checks on whole populations of serial numbers share.
 *
 * A population is what one issuer's key signed, before the day of the 64 bits or
 * since. Each check remembers counters of a fixed size for it and counts each
 * certificate row once, when it is new. What is found is about the issuer, and stands
 * for the certificates seen until then: it is never closed.
 */
#pragma once
#include "check_priv.h"

#define SERIAL_OCTETS_MAX 20

/* BR 7.1 (Ballot 164): 64 bits from a CSPRNG; before, 20 bits of entropy. */
#define SERIAL_64_DATE DATE(2016, 9, 30)

/* The row is new, its signature verifies, its issuer is another, and its serial is
 * positive and not too long: it counts. */
bool serial_counts(const struct judged *);

/* The octets of the number itself, without those that keep it positive. */
struct bytes serial_magnitude(const struct judged *);

/* How many other rows of this issuer have the serial number. */
uint64_t serial_repeated(struct trial *);

/* least, twice that, four times, ...: when a population is looked at. */
bool serial_milestone(uint64_t count, uint64_t least);

/* What the check remembers of the population under a name of one octet. Borrowed until
 * the next call. */
struct bytes serial_state(struct trial *, uint8_t name);
void serial_set_state(struct trial *, uint8_t name, struct bytes value);

/* The same as numbers; all 0 where nothing is remembered. */
void serial_state_numbers(struct trial *, uint8_t name, uint64_t *out, size_t count);
void serial_set_state_numbers(
    struct trial *, uint8_t name, const uint64_t *numbers, size_t count);

/* About the issuer. */
#define SERIAL_ISSUER(trial)                                                             \
	(trial), SUBJECT_ISSUER, bytes_of((trial)->it->issuer_key_hash, 32)
