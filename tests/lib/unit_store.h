/*
 * unit_store - what the tests of the store share.
 */
#pragma once
#include "store/certificate.h"
#include "tests/lib/unit.h"

#define MUST(call)                                                                       \
	do {                                                                             \
		struct err must_err_ = {0}, *err = &must_err_;                           \
		ck_assert_msg(call, "%s: %s", #call, must_err_.text);                    \
	} while (0)

/* A store at a path below the test's folder: a new one, or as it stands. */
struct store *unit_store(const char *name, int cache_mb);
struct store *unit_store_again(const char *name, int cache_mb);
struct store *unit_reader(const char *name);

/* Bytes that follow from a number, good until 64 calls later. */
struct bytes unit_bytes(uint64_t number, size_t len);

/* Says whether all calls of a callback were what they should be: text is
 * appended by them and compared at the end. */
void unit_said(struct buf *said, const char *want);

/*
 * A made-up certificate, everything from its index: issuer_of() of 7 issuers,
 * every 10th serial is that of the one before, two names below one of 100
 * domains. Stored with its form and sighting in log 1.
 */
void unit_issuers(struct store *);
void unit_certificate(struct store *, uint64_t index, struct certificate_row *row);

/* Finds it by every way there is, or fails the test. */
void unit_certificate_stands(struct store *, uint64_t index);
void unit_certificate_is_not(struct store *, uint64_t index);
