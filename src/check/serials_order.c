/* B5: serial numbers that are counted instead of drawn. */
#include "serials.h"

#include <stdlib.h>

/* --- one after the other ----------------------------------------------------------- */

#define WINDOW 64 /* certificates that are remembered */

/* So many certificates are looked at first; a larger share of the steps is no chance;
 * from how many on it is none; how often the window is looked at; by how many bits a
 * step is shorter than the longest number. */
enum { STEPS_FIRST, STEPS_PERCENT, STEPS_SIZE, STEPS_EVERY, STEPS_BITS };
static const struct rule_limit STEPS[] = {{"certificates", 20}, {"percent", 20},
    {"step", 1 << 20}, {"certificates again", 32}, {"bits", 14}, {0}};

struct step {
	uint8_t serial[SERIAL_OCTETS_MAX]; /* right-aligned */
	int64_t nb, hi_ms;
};

/* The last ones of the population, as they came. */
struct order_window {
	uint64_t seen;
	size_t count;
	struct step steps[WINDOW];
};

static void
read_window(struct trial *trial, struct order_window *out)
{
	struct cursor at = cursor_of(serial_state(trial, 'o'));
	struct bytes serial;
	uint64_t nb, hi_ms;

	memset(out, 0, sizeof(*out));
	if (!cursor_be64(&at, &out->seen))
		return;
	while (out->count < WINDOW && cursor_take(&at, SERIAL_OCTETS_MAX, &serial) &&
	    cursor_be64(&at, &nb) && cursor_be64(&at, &hi_ms)) {
		struct step *step = &out->steps[out->count++];

		memcpy(step->serial, serial.data, SERIAL_OCTETS_MAX);
		step->nb = (int64_t)nb;
		step->hi_ms = (int64_t)hi_ms;
	}
}

static void
write_window(struct trial *trial, const struct order_window *window)
{
	struct buf value;

	buf_init(&value, 1 << 16);
	buf_append_be64(&value, window->seen);
	for (size_t i = 0; i < window->count; i++) {
		const struct step *step = &window->steps[i];

		buf_append(&value, step->serial, SERIAL_OCTETS_MAX);
		buf_append_be64(&value, (uint64_t)step->nb);
		buf_append_be64(&value, (uint64_t)step->hi_ms);
	}
	serial_set_state(trial, 'o', buf_bytes(&value));
	buf_free(&value);
}

static void
add_step(struct order_window *window, const struct judged *it)
{
	struct bytes number = serial_magnitude(it);
	struct step *step;

	if (window->count == WINDOW)
		memmove(window->steps, window->steps + 1,
		    --window->count * sizeof(window->steps[0]));
	step = &window->steps[window->count++];
	*step = (struct step){.nb = it->cert->not_before, .hi_ms = it->hi_ms};
	memcpy(step->serial + SERIAL_OCTETS_MAX - number.len, number.data, number.len);
	window->seen++;
}

static int
by_number(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	return memcmp(x->serial, y->serial, SERIAL_OCTETS_MAX);
}

/* As they were made, as far as is known. */
static int
by_time(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->nb != y->nb)
		return x->nb < y->nb ? -1 : 1;
	if (x->hi_ms != y->hi_ms)
		return x->hi_ms < y->hi_ms ? -1 : 1;
	return by_number(a, b);
}

/* later - earlier; UINT64_MAX where it is negative or does not fit. */
static uint64_t
distance(const struct step *earlier, const struct step *later)
{
	uint8_t difference[SERIAL_OCTETS_MAX];
	int borrow = 0;

	for (size_t i = SERIAL_OCTETS_MAX; i-- > 0;) {
		int octet = later->serial[i] - earlier->serial[i] - borrow;

		borrow = octet < 0;
		difference[i] = (uint8_t)octet;
	}
	if (borrow != 0)
		return UINT64_MAX;
	for (size_t i = 0; i < SERIAL_OCTETS_MAX - 8; i++)
		if (difference[i] != 0)
			return UINT64_MAX;
	return be64(difference + SERIAL_OCTETS_MAX - 8);
}

/* Numbers of few bits lie near each other by chance: for those a step has to be
 * small beside what they span. */
static uint64_t
longest_step(const struct trial *trial, const struct order_window *window)
{
	uint64_t most = (uint64_t)rule_limit(trial, STEPS_SIZE), step;
	size_t bits = 0, fewer = (size_t)rule_limit(trial, STEPS_BITS);

	for (size_t i = 0; i < window->count; i++) {
		size_t here = der_integer_bits(
		    bytes_of(window->steps[i].serial, SERIAL_OCTETS_MAX));

		bits = here > bits ? here : bits;
	}
	if (bits <= fewer)
		return 2;
	step = bits - fewer < 32 ? UINT64_C(1) << (bits - fewer) : most;
	return step < most ? step : most;
}

static size_t
small_steps(const struct order_window *window, uint64_t limit)
{
	size_t count = 0;

	for (size_t i = 1; i < window->count; i++) {
		uint64_t step = distance(&window->steps[i - 1], &window->steps[i]);

		count += step > 0 && step < limit;
	}
	return count;
}

static bool
is_sequence(const struct trial *trial, const struct order_window *window, uint64_t limit)
{
	return small_steps(window, limit) * 100 >
	    (window->count - 1) * (size_t)rule_limit(trial, STEPS_PERCENT);
}

static void
show_pairs(struct trial *trial, struct finding *finding,
    const struct order_window *window, uint64_t limit)
{
	size_t shown = 0;

	evidence_list(trial, finding, "pairs");
	for (size_t i = 1; i < window->count && shown < 5; i++) {
		const struct step *one = &window->steps[i - 1], *next = &window->steps[i];
		uint64_t step = distance(one, next);

		if (step == 0 || step >= limit)
			continue;
		shown++;
		evidence_object(trial, finding, NULL);
		evidence_hex(
		    trial, finding, "first", bytes_of(one->serial, SERIAL_OCTETS_MAX));
		evidence_hex(
		    trial, finding, "next", bytes_of(next->serial, SERIAL_OCTETS_MAX));
		evidence_int(trial, finding, "step", (int64_t)step);
		evidence_end(trial, finding);
	}
	evidence_end(trial, finding);
}

static void
fail_sequence(struct trial *trial, const struct order_window *window, uint64_t limit,
    const char *order)
{
	struct finding *finding = trial_fail_about(SERIAL_ISSUER(trial),
	    "%zu of %zu serial numbers of this issuer follow on the one before, ordered "
	    "by "
	    "%s",
	    small_steps(window, limit), window->count, order);

	evidence_int(trial, finding, "serials", (int64_t)window->count);
	evidence_int(trial, finding, "steps", (int64_t)small_steps(window, limit));
	evidence_text(trial, finding, "order", order);
	show_pairs(trial, finding, window, limit);
}

/* Several counters at work show in the numbers' own order. */
static void
look_at_steps(struct trial *trial, struct order_window *window)
{
	uint64_t limit = longest_step(trial, window);

	qsort(window->steps, window->count, sizeof(window->steps[0]), by_time);
	if (is_sequence(trial, window, limit)) {
		fail_sequence(trial, window, limit, "time");
		return;
	}
	qsort(window->steps, window->count, sizeof(window->steps[0]), by_number);
	if (is_sequence(trial, window, limit))
		fail_sequence(trial, window, limit, "number");
}

static void
run_steps(struct trial *trial)
{
	struct order_window window;

	read_window(trial, &window);
	add_step(&window, trial->it);
	write_window(trial, &window);
	if (window.seen == (uint64_t)rule_limit(trial, STEPS_FIRST) ||
	    window.seen % (uint64_t)rule_limit(trial, STEPS_EVERY) == 0)
		look_at_steps(trial, &window);
}

/* --- made of the clock -----------------------------------------------------------------
 */

/* Looked at after so many certificates, and for the last time after so many more. */
enum { CLOCK_FIRST, CLOCK_PERCENT, CLOCK_APART, CLOCK_LAST };
static const struct rule_limit CLOCK[] = {{"certificates", 20}, {"percent", 20},
    {"seconds", DAY_S}, {"certificates at most", 100}, {0}};

/* The first 32 bits are the time, a day more or less. */
static bool
begins_with_time(const struct trial *trial)
{
	struct bytes number = serial_magnitude(trial->it);
	int64_t difference, apart = rule_limit(trial, CLOCK_APART);

	if (number.len <= 4)
		return false;
	difference = (int64_t)be32(number.data) - trial->it->cert->not_before;
	return difference >= -apart && difference <= apart;
}

static void
run_clock(struct trial *trial)
{
	enum { SEEN, TIMES, NUMBERS };
	static const uint64_t NONE[NUMBERS];
	uint64_t numbers[NUMBERS], last = (uint64_t)rule_limit(trial, CLOCK_LAST);
	struct finding *finding;

	serial_state_numbers(trial, 't', numbers, NUMBERS);
	numbers[SEEN]++;
	numbers[TIMES] += begins_with_time(trial);
	serial_set_state_numbers(
	    trial, 't', numbers[SEEN] == last ? NONE : numbers, NUMBERS);
	if ((numbers[SEEN] != (uint64_t)rule_limit(trial, CLOCK_FIRST) &&
		numbers[SEEN] != last) ||
	    numbers[TIMES] * 100 <=
		numbers[SEEN] * (uint64_t)rule_limit(trial, CLOCK_PERCENT))
		return;
	finding = trial_fail_about(SERIAL_ISSUER(trial),
	    "%llu of %llu serial numbers of this issuer begin with the time",
	    (unsigned long long)numbers[TIMES], (unsigned long long)numbers[SEEN]);
	evidence_int(trial, finding, "serials", (int64_t)numbers[SEEN]);
	evidence_int(trial, finding, "times", (int64_t)numbers[TIMES]);
	evidence_hex(trial, finding, "example", trial->it->cert->serial);
}

#define MUST   "BR 7.1 (Ballot 164)"
#define SHOULD "BR 7.1 SHOULD (until Ballot 164)"

static const struct subrule SERIAL_SEQUENTIAL[] = {
    RULE("steps", LEVEL_ERROR, MUST, serial_counts, run_steps, .limits = STEPS,
	.from = SERIAL_64_DATE, .flags = RULE_NB),
    RULE("steps-before-2016", LEVEL_WARNING, SHOULD, serial_counts, run_steps,
	.limits = STEPS, .until = SERIAL_64_DATE, .flags = RULE_NB),
    RULE("clock", LEVEL_ERROR, MUST, serial_counts, run_clock, .limits = CLOCK,
	.from = SERIAL_64_DATE, .flags = RULE_NB),
    RULE("clock-before-2016", LEVEL_WARNING, SHOULD, serial_counts, run_clock,
	.limits = CLOCK, .until = SERIAL_64_DATE, .flags = RULE_NB),
};

static const struct check CHECKS[] = {
    {
	.id = "serial-sequential",
	.version = 1,
	.scope = SCOPE_ISSUER,
	.says = "An issuer's serial numbers follow on each other or on the clock.",
	.history = HISTORY_STATE,
	.subrules = SERIAL_SEQUENTIAL,
	.subrule_count = ARRAY_LEN(SERIAL_SEQUENTIAL),
    },
};

const struct check_family CHECK_SERIALS_ORDER = {"serials", CHECKS, ARRAY_LEN(CHECKS)};
