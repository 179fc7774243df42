/*
 * tally - how the checks of this room remember: for each key and bucket a few
 * numbers, and the certificates that were counted and not yet spoken of.
 */
#pragma once
#include "check_priv.h"

#define TALLY_NUMBERS 8
#define TALLY_MEMBERS 256 /* more are counted, and not spoken of later */
#define TALLY_KEY     16

struct tally_member {
	uint8_t key[32];
	int64_t row;
};

struct tally {
	int64_t numbers[TALLY_NUMBERS]; /* what each is, the check says */
	struct tally_member members[TALLY_MEMBERS];
	size_t count;
};

/* Where a check's tally stands. */
struct tally_place {
	const char *check;
	uint8_t key[TALLY_KEY];
	int64_t bucket;
};

/* A key for what the operator (where nobody is watched: the issuer's key) does
 * with `what`, and a word or two more. */
void tally_key(
    const struct judged *, const char *what, struct bytes more, uint8_t out[TALLY_KEY]);

void tally_read(struct trial *, const struct tally_place *, struct tally *out);
void tally_write(struct trial *, const struct tally_place *, const struct tally *);

/* Only a number, of a bucket near by. */
int64_t tally_number(struct trial *, const struct tally_place *, size_t which);

/* Adds the certificate at hand to those not yet spoken of. */
void tally_join(struct tally *, const struct judged *);

/* The rule is broken by the certificate at hand and by those counted before it
 * that were not yet spoken of: all are told, and forgotten. */
struct finding *tally_fail(struct trial *, struct tally *, const char *text);

/* Notes a value as one of those that were met, in the numbers from `first` to the
 * last; how many different ones stand there. */
size_t tally_note(struct tally *, size_t first, int64_t value);

/* Its clocks, and its notBefore by the operator's. */
void evidence_clocks(struct trial *, struct finding *);

/* The operator is watched, the signature its own. */
judged_fn is_watched;

/* Days since 1970 of a time, moved by the operator's hours where `local`. */
int64_t day_of_time(const struct judged *, int64_t unix_s, bool local);

/* A row of a family's table: a check that remembers. */
#define MEMORY_CHECK(id_, says_, rules_, ...)                                            \
	{                                                                                \
		.id = id_, .version = 1, .scope = SCOPE_ISSUER, .says = says_,           \
		.history = HISTORY_STATE, .subrules = rules_,                            \
		.subrule_count = ARRAY_LEN(rules_), __VA_ARGS__                          \
	}
