/* B5: serial numbers that are too short, one by one and all of an issuer's. */
#include "serials.h"

/* --- one by one ------------------------------------------------------------------------
 */

static bool
is_short_candidate(const struct judged *it)
{
	return judged_in_tls_scope(it) && !it->self_signed && it->cert->serial.len > 0 &&
	    !der_integer_negative(it->cert->serial);
}

static void
look_at_bits(struct trial *trial, size_t below)
{
	const struct cert *cert = trial->it->cert;
	size_t bits = der_integer_bits(cert->serial);

	if (bits >= (size_t)rule_limit(trial, 0) && bits < below)
		evidence_int(trial,
		    trial_fail(trial, cert->serial_at, "serial number of %zu bits", bits),
		    "bits", (int64_t)bits);
}

static void
run_short(struct trial *trial)
{
	look_at_bits(trial, (size_t)rule_limit(trial, 1));
}

/* So many bits fewer than were drawn are no chance. */
static void
run_rather_short(struct trial *trial)
{
	look_at_bits(
	    trial, (size_t)(rule_limit(trial, 1) - trial->it->params->serial_slack));
}

/* --- all of an issuer's
 * ------------------------------------------------------------------
 */

/* What is remembered of a population. */
enum {
	SEEN,      /* how many */
	LONGEST,   /* in bits */
	FIRST_NB,  /* the earliest notBefore, */
	LAST_NB,   /* and the latest */
	BY_OCTETS, /* how many had 0, 1, .. octets */
	LENGTHS = BY_OCTETS + SERIAL_OCTETS_MAX + 1
};

static void
add_length(uint64_t *lengths, const struct judged *it)
{
	uint64_t bits = der_integer_bits(it->cert->serial);
	uint64_t nb = (uint64_t)it->cert->not_before; /* not before 2016 */

	if (lengths[SEEN]++ == 0)
		lengths[FIRST_NB] = lengths[LAST_NB] = nb;
	lengths[BY_OCTETS + (bits + 7) / 8]++;
	if (bits > lengths[LONGEST])
		lengths[LONGEST] = bits;
	if (nb < lengths[FIRST_NB])
		lengths[FIRST_NB] = nb;
	if (nb > lengths[LAST_NB])
		lengths[LAST_NB] = nb;
}

static void
describe_lengths(struct trial *trial, struct finding *finding, const uint64_t *lengths)
{
	evidence_int(trial, finding, "serials", (int64_t)lengths[SEEN]);
	evidence_int(trial, finding, "longest_bits", (int64_t)lengths[LONGEST]);
	if (lengths[LONGEST] == (uint64_t)rule_limit(trial, 0) - 1)
		evidence_text(trial, finding, "tag", "63bit");
	evidence_time(
	    trial, finding, "first_not_before", (int64_t)lengths[FIRST_NB] * 1000);
	evidence_time(
	    trial, finding, "last_not_before", (int64_t)lengths[LAST_NB] * 1000);
	evidence_list(trial, finding, "by_octets");
	for (size_t i = 0; i <= SERIAL_OCTETS_MAX; i++) {
		if (lengths[BY_OCTETS + i] == 0)
			continue;
		evidence_object(trial, finding, NULL);
		evidence_int(trial, finding, "octets", (int64_t)i);
		evidence_int(trial, finding, "serials", (int64_t)lengths[BY_OCTETS + i]);
		evidence_end(trial, finding);
	}
	evidence_end(trial, finding);
}

static void
run_population(struct trial *trial)
{
	uint64_t lengths[LENGTHS];

	serial_state_numbers(trial, 'l', lengths, LENGTHS);
	add_length(lengths, trial->it);
	serial_set_state_numbers(trial, 'l', lengths, LENGTHS);
	if (lengths[LONGEST] < (uint64_t)rule_limit(trial, 0) &&
	    serial_milestone(
		lengths[SEEN], (uint64_t)trial->it->params->serial_population))
		describe_lengths(trial,
		    trial_fail_about(SERIAL_ISSUER(trial),
			"of %llu serial numbers of this issuer the longest has %llu "
			"bits, %lld have to be random",
			(unsigned long long)lengths[SEEN],
			(unsigned long long)lengths[LONGEST],
			(long long)rule_limit(trial, 0)),
		    lengths);
}

/* What is shorter than the first number is another rule's. */
#define BITS_BELOW(from_, below) LIMITS({"bits from", from_}, {"bits below", below})

/* The longest of thirty numbers has 64 bits, but for one chance in 2^30. */
static const struct subrule SERIAL_SHORT[] = {
    RULE("48-bits", LEVEL_ERROR, "BR 7.1 (Ballot 164); MRSP 5.2", is_short_candidate,
	run_short, BITS_BELOW(0, 48), .from = SERIAL_64_DATE, .flags = RULE_ALONE),
    RULE("56-bits", LEVEL_WARNING, "BR 7.1 (Ballot 164); MRSP 5.2", is_short_candidate,
	run_rather_short, LIMITS({"bits from", 48}, {"bits drawn", 64}),
	.from = SERIAL_64_DATE, .flags = RULE_ALONE,
	.equivalents =
	    "certlint:W: Serial numbers for certificates with weaker hashes should have "
	    "at least 64 bits of entropy"),
    RULE("20-bits", LEVEL_WARNING, "BR 7.1 SHOULD (until Ballot 164)", is_short_candidate,
	run_short, BITS_BELOW(0, 20), .from = DATE(2012, 7, 1), .until = SERIAL_64_DATE,
	.flags = RULE_ALONE | RULE_WINDOW | RULE_PAST,
	.equivalents =
	    "certlint:W: Serial numbers should have at least 20 bits of entropy"),
    RULE("population", LEVEL_ERROR, "BR 7.1 (Ballot 164); MRSP 5.2", serial_counts,
	run_population, LIMITS({"bits", 64}), .from = SERIAL_64_DATE, .flags = RULE_NB),
};

static const struct check CHECKS[] = {
    {
	.id = "serial-short",
	.version = 1,
	.scope = SCOPE_ISSUER,
	.says = "A serial number too short to hold 64 random bits.",
	.history = HISTORY_STATE,
	.subrules = SERIAL_SHORT,
	.subrule_count = ARRAY_LEN(SERIAL_SHORT),
    },
};

const struct check_family CHECK_SERIALS_SHORT = {"serials", CHECKS, ARRAY_LEN(CHECKS)};
