/* B5: whether the serial numbers of an issuer look as if they were drawn at random. */
#include "serials.h"

#include <math.h>

#define BITS_MAX (8 * SERIAL_OCTETS_MAX)

/* --- serial-low-entropy: the bits -----------------------------------------------------
 */

/* The numbers of a line: bits that have to be random; serials of one length that are
 * looked at first; deviations of a bit that chance does not explain; serials after which
 * the next ones are looked at by themselves. */
enum { LIMIT_BITS, LIMIT_LEAST, LIMIT_DEVIATIONS, LIMIT_WINDOW };
#define BITS(bits)                                                                       \
	LIMITS({"bits", bits}, {"serials", 200}, {"deviations", 6},                      \
	    {"serials at most", 1000})

/* The serials of one length: how many, and for each bit (0 is the last of the last
 * octet) how many have it. */
struct bit_counts {
	uint16_t serials, ones[BITS_MAX];
};

struct bit_window {
	uint16_t serials;
	struct bit_counts lengths[SERIAL_OCTETS_MAX + 1];
};

/* Only lengths that occur are kept: the length, the count, then the bits. */
static void
read_window(struct trial *trial, struct bit_window *out)
{
	struct cursor at = cursor_of(serial_state(trial, 'b'));
	uint8_t length;

	memset(out, 0, sizeof(*out));
	if (!cursor_be16(&at, &out->serials))
		return;
	while (cursor_u8(&at, &length) && length <= SERIAL_OCTETS_MAX) {
		struct bit_counts *counts = &out->lengths[length];

		if (!cursor_be16(&at, &counts->serials))
			return;
		for (size_t bit = 0; bit < (size_t)8 * length; bit++)
			if (!cursor_be16(&at, &counts->ones[bit]))
				return;
	}
}

static void
write_window(struct trial *trial, const struct bit_window *window)
{
	struct buf value;

	buf_init(&value, 1 << 16);
	if (window->serials > 0)
		buf_append_be16(&value, window->serials);
	for (uint8_t length = 1; length <= SERIAL_OCTETS_MAX; length++) {
		const struct bit_counts *counts = &window->lengths[length];

		if (counts->serials == 0)
			continue;
		buf_append_u8(&value, length);
		buf_append_be16(&value, counts->serials);
		for (size_t bit = 0; bit < (size_t)8 * length; bit++)
			buf_append_be16(&value, counts->ones[bit]);
	}
	serial_set_state(trial, 'b', buf_bytes(&value));
	buf_free(&value);
}

static bool
has_bit(struct bytes number, size_t bit)
{
	return (number.data[number.len - 1 - bit / 8] >> bit % 8 & 1) != 0;
}

static void
add_bits(struct bit_window *window, struct bytes number)
{
	struct bit_counts *counts = &window->lengths[number.len];

	window->serials++;
	counts->serials++;
	for (size_t bit = 0; bit < 8 * number.len; bit++)
		counts->ones[bit] += has_bit(number, bit);
}

/* What one bit of so many can hold at most: all of it, unless it is so uneven that
 * chance does not explain it. */
static double
bit_entropy(const struct trial *trial, uint16_t ones, uint16_t serials)
{
	double n = serials, share = ones / n;

	if (fabs(2 * ones - n) <= (double)rule_limit(trial, LIMIT_DEVIATIONS) * sqrt(n))
		return 1;
	if (share < 0.5)
		share = 1 - share;
	return share >= 1 ? 0 : -log2(share);
}

/* An upper bound: what bits have in common is not looked for. */
static double
entropy_of(const struct trial *trial, const struct bit_counts *counts, size_t length)
{
	double sum = 0;

	for (size_t bit = 0; bit < 8 * length; bit++)
		sum += bit_entropy(trial, counts->ones[bit], counts->serials);
	return sum;
}

static size_t
commonest_length(const struct bit_window *window)
{
	size_t length = 1;

	for (size_t i = 2; i <= SERIAL_OCTETS_MAX; i++)
		if (window->lengths[i].serials > window->lengths[length].serials)
			length = i;
	return length;
}

static void
describe_bits(struct trial *trial, struct finding *finding,
    const struct bit_counts *counts, size_t length, double entropy)
{
	uint8_t stuck[SERIAL_OCTETS_MAX] = {0};

	for (size_t bit = 0; bit < 8 * length; bit++)
		if (counts->ones[bit] == 0 || counts->ones[bit] == counts->serials)
			stuck[length - 1 - bit / 8] |= (uint8_t)(1 << bit % 8);
	evidence_int(trial, finding, "serials", counts->serials);
	evidence_int(trial, finding, "octets", (int64_t)length);
	evidence_hex(trial, finding, "stuck_bits", bytes_of(stuck, length));
	evidence_int(trial, finding, "entropy_at_most", (int64_t)floor(entropy));
}

static void
look_at_bits(struct trial *trial, const struct bit_window *window)
{
	size_t length = commonest_length(window);
	const struct bit_counts *counts = &window->lengths[length];
	double entropy = entropy_of(trial, counts, length);
	int wanted = (int)rule_limit(trial, LIMIT_BITS);

	if (counts->serials >= rule_limit(trial, LIMIT_LEAST) && entropy < wanted)
		describe_bits(trial,
		    trial_fail_about(SERIAL_ISSUER(trial),
			"at most %.1f bits of %u serial numbers of this issuer are "
			"random, %d have to be",
			entropy, counts->serials, wanted),
		    counts, length, entropy);
}

static void
run_bits(struct trial *trial)
{
	struct bytes number = serial_magnitude(trial->it);
	static const struct bit_window EMPTY;
	struct bit_window window;
	bool full;

	/* One serial a hundred times over is duplicate-serial's matter. */
	if (serial_repeated(trial) > 0)
		return;
	read_window(trial, &window);
	add_bits(&window, number);
	full = window.serials == rule_limit(trial, LIMIT_WINDOW);
	if (full || window.lengths[number.len].serials == rule_limit(trial, LIMIT_LEAST))
		look_at_bits(trial, &window);
	write_window(trial, full ? &EMPTY : &window);
}

/* --- serial-low-entropy: the birthday paradox
 * -------------------------------------------
 */

#define EQUAL_PAIRS(bits) LIMITS({"bits", bits}, {"serials", 200})

/* Of n drawn from 2^H, about n^2 / 2^(H+1) pairs are equal. */
static void
run_collisions(struct trial *trial)
{
	enum { SEEN, PAIRS, NUMBERS };
	uint64_t numbers[NUMBERS], repeated = serial_repeated(trial);
	uint64_t least = (uint64_t)rule_limit(trial, LIMIT_LEAST);
	struct finding *finding;
	double entropy;

	serial_state_numbers(trial, 'c', numbers, NUMBERS);
	numbers[SEEN]++;
	numbers[PAIRS] += repeated;
	serial_set_state_numbers(trial, 'c', numbers, NUMBERS);
	if (numbers[PAIRS] == 0 || numbers[SEEN] < least ||
	    (repeated == 0 && numbers[SEEN] != least))
		return;
	entropy = 2 * log2((double)numbers[SEEN]) - log2(2 * (double)numbers[PAIRS]);
	if (entropy >= (double)rule_limit(trial, LIMIT_BITS))
		return;
	finding = trial_fail_about(SERIAL_ISSUER(trial),
	    "%llu pairs of equal serial numbers among %llu of this issuer",
	    (unsigned long long)numbers[PAIRS], (unsigned long long)numbers[SEEN]);
	evidence_int(trial, finding, "serials", (int64_t)numbers[SEEN]);
	evidence_int(trial, finding, "equal_pairs", (int64_t)numbers[PAIRS]);
	evidence_int(trial, finding, "entropy_about", (int64_t)floor(entropy));
}

#define RANDOM_SOURCE "BR 7.1 (Ballot 164); MRSP 5.2"
#define BEFORE_SOURCE "BR 7.1 SHOULD (until Ballot 164)"

/* notBefore decides, so that nothing is counted among the older ones and the newer. */
static const struct subrule SERIAL_LOW_ENTROPY[] = {
    RULE("64-bits", LEVEL_WARNING, RANDOM_SOURCE, serial_counts, run_bits, BITS(64),
	.from = SERIAL_64_DATE, .flags = RULE_NB),
    RULE("20-bits", LEVEL_WARNING, BEFORE_SOURCE, serial_counts, run_bits, BITS(20),
	.until = SERIAL_64_DATE, .flags = RULE_NB),
    RULE("collisions-64-bits", LEVEL_WARNING, RANDOM_SOURCE, serial_counts,
	run_collisions, EQUAL_PAIRS(64), .from = SERIAL_64_DATE, .flags = RULE_NB),
    RULE("collisions-20-bits", LEVEL_WARNING, BEFORE_SOURCE, serial_counts,
	run_collisions, EQUAL_PAIRS(20), .until = SERIAL_64_DATE, .flags = RULE_NB),
};

/* --- serial-nibble-anomaly
 * ---------------------------------------------------------------
 */

/* The serials of one length, all and by their first hexadecimal digit. */
enum { SEEN, BY_DIGIT, DIGITS = 16, NIBBLES = BY_DIGIT + DIGITS };

/* Of a first octet that is drawn from 1 to 255 (or to 127, where the sign's bit is
 * kept clear) 15 begin with a zero. A generator that never draws some other digit
 * either has a pattern of its own, which this says nothing of. */
static bool
is_anomaly(const struct trial *trial, const uint64_t *numbers, double *expected)
{
	const uint64_t *by_digit = &numbers[BY_DIGIT];
	size_t digits = DIGITS;
	double n = (double)numbers[SEEN], share = 15.0 / 255;
	uint64_t high = 0;

	for (size_t i = DIGITS / 2; i < DIGITS; i++)
		high += by_digit[i];
	if (high == 0) {
		digits = DIGITS / 2;
		share = 15.0 / 127;
	}
	for (size_t i = 1; i < digits; i++)
		if (by_digit[i] == 0)
			return false;
	*expected = n * share;
	return fabs((double)by_digit[0] - *expected) >
	    (double)rule_limit(trial, 1) * sqrt(*expected * (1 - share));
}

static void
run_first_digit(struct trial *trial)
{
	struct bytes number = serial_magnitude(trial->it);
	uint64_t numbers[NIBBLES];
	struct finding *finding;
	double expected;

	if (serial_repeated(trial) > 0)
		return;
	serial_state_numbers(trial, (uint8_t)number.len, numbers, NIBBLES);
	numbers[SEEN]++;
	numbers[BY_DIGIT + (number.data[0] >> 4)]++;
	serial_set_state_numbers(trial, (uint8_t)number.len, numbers, NIBBLES);
	if (!serial_milestone(numbers[SEEN], (uint64_t)rule_limit(trial, 0)) ||
	    !is_anomaly(trial, numbers, &expected))
		return;
	finding = trial_fail_about(SERIAL_ISSUER(trial),
	    "%llu of %llu serial numbers of this issuer begin with the digit 0, %.0f "
	    "would "
	    "by chance",
	    (unsigned long long)numbers[BY_DIGIT], (unsigned long long)numbers[SEEN],
	    expected);
	evidence_int(trial, finding, "serials", (int64_t)numbers[SEEN]);
	evidence_int(trial, finding, "octets", (int64_t)number.len);
	evidence_int(trial, finding, "zero", (int64_t)numbers[BY_DIGIT]);
	evidence_int(trial, finding, "expected", (int64_t)expected);
	evidence_bool(trial, finding, "never", numbers[BY_DIGIT] == 0);
}

/* Where a number was text with its leading zero lost, another takes its place. */
static void
run_odd_digits(struct trial *trial)
{
	struct bytes number = serial_magnitude(trial->it);
	uint64_t repeated;

	if (number.data[0] >= 0x10 || (repeated = serial_repeated(trial)) == 0)
		return;
	evidence_int(trial,
	    trial_fail(trial, trial->it->cert->serial_at,
		"a serial number used %llu times has an odd number of digits",
		(unsigned long long)repeated + 1),
	    "digits", (int64_t)(2 * number.len - 1));
}

static const struct subrule SERIAL_NIBBLE_ANOMALY[] = {
    RULE("first-digit", LEVEL_NOTICE, "BR 7.1 (a clue to numbers kept as text)",
	serial_counts, run_first_digit, LIMITS({"serials", 500}, {"deviations", 5}),
	.flags = RULE_NOT_COUNTED),
    RULE("odd-digits", LEVEL_NOTICE, "BR 7.1 (a clue to numbers kept as text)",
	serial_counts, run_odd_digits, .flags = RULE_NOT_COUNTED),
};

static const struct check CHECKS[] = {
    {
	.id = "serial-low-entropy",
	.version = 1,
	.scope = SCOPE_ISSUER,
	.says = "An issuer's serial numbers hold fewer random bits than they have to.",
	.history = HISTORY_MEMBERS | HISTORY_STATE,
	.subrules = SERIAL_LOW_ENTROPY,
	.subrule_count = ARRAY_LEN(SERIAL_LOW_ENTROPY),
    },
    {
	.id = "serial-nibble-anomaly",
	.version = 1,
	.scope = SCOPE_ISSUER,
	.says = "An issuer's serial numbers lose or gain leading zeros.",
	.history = HISTORY_MEMBERS | HISTORY_STATE,
	.subrules = SERIAL_NIBBLE_ANOMALY,
	.subrule_count = ARRAY_LEN(SERIAL_NIBBLE_ANOMALY),
    },
};

const struct check_family CHECK_SERIALS_RANDOM = {"serials", CHECKS, ARRAY_LEN(CHECKS)};
