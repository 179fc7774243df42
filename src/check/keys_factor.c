/*
 * B1: RSA keys that have a factor in common.
 *
 * Here a certificate's modulus is remembered, and what was found of it is told; the
 * moduli are held against each other in the background, a batch at a time.
 */
#include "check/factor.h"
#include "check_priv.h"

#include "base/cursor.h"
#include "number.h"

#define PARTNERS_MAX 8   /* told of one modulus */
#define MODULI       "n" /* as they came: notAfter, the certificate's hash, the modulus */
#define LAST         "last"
#define DONE         "done"
#define HASH_LEN     16

/* What is known of one modulus. */
struct known {
	uint8_t place[1 + HASH_LEN];
	int64_t number; /* among the moduli; 0: not among them */
	struct {
		int64_t row, not_after_s;
	} rows[CHECK_FACTOR_ROWS];
	size_t count;
	struct {
		uint8_t sha256[32]; /* of a certificate */
		bool whole;         /* this modulus is a factor of that one's */
	} partners[PARTNERS_MAX];
	size_t partner_count;
};

/* --- what is remembered ---------------------------------------------------------------
 */

static struct bytes
get(const struct check_history *history, struct bytes key, int64_t bucket)
{
	return history->state(history->owner, CHECK_FACTOR, key, bucket);
}

static void
put(const struct check_history *history, struct bytes key, int64_t bucket,
    struct bytes value)
{
	history->set_state(history->owner, CHECK_FACTOR, key, bucket, value);
}

static int64_t
get_number(const struct check_history *history, const char *key)
{
	struct cursor at = cursor_of(get(history, bytes_text(key), 0));
	uint64_t number = 0;

	(void)cursor_be64(&at, &number);
	return (int64_t)number;
}

static void
put_number(const struct check_history *history, const char *key, int64_t number)
{
	struct buf value;

	buf_init(&value, 8);
	buf_append_be64(&value, (uint64_t)number);
	put(history, bytes_text(key), 0, buf_bytes(&value));
	buf_free(&value);
}

static void
known_read(const struct check_history *history, struct bytes modulus, struct known *out)
{
	struct sha256 hash;
	struct cursor at;
	struct bytes sha256;
	uint64_t number = 0, row, not_after;
	uint8_t count = 0, whole;

	memset(out, 0, sizeof(*out));
	sha256_of(modulus, &hash);
	out->place[0] = 'h';
	memcpy(out->place + 1, hash.octets, HASH_LEN);
	at = cursor_of(get(history, bytes_of(out->place, sizeof(out->place)), 0));
	(void)cursor_be64(&at, &number);
	(void)cursor_u8(&at, &count);
	out->number = (int64_t)number;
	while (out->partner_count < count && out->partner_count < PARTNERS_MAX &&
	    cursor_take(&at, 32, &sha256) && cursor_u8(&at, &whole)) {
		memcpy(out->partners[out->partner_count].sha256, sha256.data, 32);
		out->partners[out->partner_count++].whole = whole != 0;
	}
	while (out->count < CHECK_FACTOR_ROWS && cursor_be64(&at, &row) &&
	    cursor_be64(&at, &not_after)) {
		out->rows[out->count].row = (int64_t)row;
		out->rows[out->count++].not_after_s = (int64_t)not_after;
	}
}

static void
known_write(const struct check_history *history, const struct known *known)
{
	struct buf value;

	buf_init(&value, 1 << 12);
	buf_append_be64(&value, (uint64_t)known->number);
	buf_append_u8(&value, (uint8_t)known->partner_count);
	for (size_t i = 0; i < known->partner_count; i++) {
		buf_append(&value, known->partners[i].sha256, 32);
		buf_append_u8(&value, known->partners[i].whole);
	}
	for (size_t i = 0; i < known->count; i++) {
		buf_append_be64(&value, (uint64_t)known->rows[i].row);
		buf_append_be64(&value, (uint64_t)known->rows[i].not_after_s);
	}
	put(history, bytes_of(known->place, sizeof(known->place)), 0,
	    known->count == 0 ? bytes_of(NULL, 0) : buf_bytes(&value));
	buf_free(&value);
}

static struct bytes
modulus_of(const struct judged *it)
{
	struct bytes modulus = it->facts->spki.modulus;

	while (modulus.len > 0 && modulus.data[0] == 0)
		modulus = bytes_of(modulus.data + 1, modulus.len - 1);
	return modulus;
}

static void
put_modulus(struct trial *trial, int64_t number, int64_t not_after_s)
{
	struct sha256 hash;
	struct buf value;

	sha256_of(trial->it->der, &hash);
	buf_init(&value, 1 << 12);
	buf_append_be64(&value, (uint64_t)not_after_s);
	buf_append(&value, hash.octets, SHA256_LEN);
	buf_append_bytes(&value, modulus_of(trial->it));
	put(trial->history, bytes_text(MODULI), number, buf_bytes(&value));
	buf_free(&value);
}

/* --- the certificate at hand ------------------------------------------------------ */

/* A modulus is looked at as long as one of its certificates is valid. */
static void
remember(struct trial *trial, struct known *known)
{
	const struct judged *it = trial->it;
	int64_t not_after_s = it->cert->not_after;

	for (size_t i = 0; i < known->count; i++) {
		if (known->rows[i].row == it->row)
			return;
		if (known->rows[i].not_after_s > not_after_s)
			not_after_s = known->rows[i].not_after_s;
	}
	if (known->number == 0) {
		known->number = get_number(trial->history, LAST) + 1;
		put_number(trial->history, LAST, known->number);
	}
	if (known->count < CHECK_FACTOR_ROWS) {
		known->rows[known->count].row = it->row;
		known->rows[known->count++].not_after_s = it->cert->not_after;
		known_write(trial->history, known);
	}
	put_modulus(trial, known->number, not_after_s);
}

static void
tell(struct trial *trial, const struct known *known)
{
	bool whole = trial->rule->arg != 0;
	struct finding *finding = NULL;

	for (size_t i = 0; i < known->partner_count; i++) {
		if (known->partners[i].whole != whole)
			continue;
		if (finding == NULL) {
			finding = trial_fail(trial, trial->it->facts->spki.modulus,
			    whole ? "the RSA modulus is a factor of another "
				    "certificate's"
				  : "the RSA modulus has a factor in common with "
				    "another certificate's: both keys are known");
			evidence_list(trial, finding, "certificates");
		}
		evidence_hex(
		    trial, finding, NULL, bytes_of(known->partners[i].sha256, 32));
	}
	if (finding != NULL)
		evidence_end(trial, finding);
}

static void
run_factor(struct trial *trial)
{
	struct known known;

	known_read(trial->history, modulus_of(trial->it), &known);
	if (trial->rule->arg == 0 && trial->it->row_is_new)
		remember(trial, &known);
	tell(trial, &known);
}

/* What was found since. */
static void
look_factor(struct trial *trial)
{
	struct known known;

	known_read(trial->history, modulus_of(trial->it), &known);
	tell(trial, &known);
}

static bool
has_valid_rsa(const struct judged *it)
{
	return it->facts->has_spki && it->facts->spki.algorithm_id == OID_RSA &&
	    !der_integer_negative(it->facts->spki.modulus) &&
	    it->facts->spki.modulus_bits > 1 &&
	    it->facts->spki.modulus_bits <= NUMBER_RSA_BITS_MAX &&
	    it->cert->not_after >= seconds_of(it->now_ms);
}

/* Anybody may have another's modulus times a prime of his own certified: who has only
 * that one's modulus as a factor of his knows no more of the other key. */
static const struct subrule SHARED_FACTOR[] = {
    RULE("factor", LEVEL_ERROR, "BR 4.9.1.1(4)", has_valid_rsa, run_factor, .arg = 0,
	.flags = RULE_PAIR, .due = look_factor),
    RULE("divides", LEVEL_NOTICE, "BR 4.9.1.1(4)", has_valid_rsa, run_factor, .arg = 1,
	.flags = RULE_PAIR | RULE_NOT_COUNTED, .due = look_factor),
};

static const struct check CHECKS[] = {
    CHECK(CHECK_FACTOR, SCOPE_STATISTIC,
	"Two RSA keys have a factor in common (looked for where shared_factors is on).",
	SHARED_FACTOR, .history = HISTORY_STATE),
};

const struct check_family CHECK_KEYS_FACTOR = {"keys", CHECKS, ARRAY_LEN(CHECKS)};

/* --- for who holds them against each other ---------------------------------------- */

struct page {
	struct check_modulus *out;
	size_t count, room, octets, max;
	int64_t now_s, expired[256];
	size_t expired_count;
	struct arena *arena;
};

static bool
on_modulus(void *owner, int64_t number, struct bytes value)
{
	struct page *page = owner;
	struct cursor at = cursor_of(arena_copy(page->arena, value));
	struct check_modulus *out = &page->out[page->count];
	uint64_t not_after;

	if (!cursor_be64(&at, &not_after) || !cursor_take(&at, 32, &out->sha256))
		return true;
	if ((int64_t)not_after < page->now_s) {
		if (page->expired_count < ARRAY_LEN(page->expired))
			page->expired[page->expired_count++] = number;
		return true;
	}
	out->number = number;
	out->modulus = cursor_rest(&at);
	page->octets += out->modulus.len;
	page->count++;
	return page->count < page->room && page->octets < page->max;
}

/* The modulus and who has it. */
static void
forget_expired(const struct check_history *history, int64_t number)
{
	struct bytes value = get(history, bytes_text(MODULI), number);
	struct known known;

	if (value.len > 40) {
		known_read(history, bytes_of(value.data + 40, value.len - 40), &known);
		known.count = 0;
		known_write(history, &known);
	}
	put(history, bytes_text(MODULI), number, bytes_of(NULL, 0));
}

size_t
check_factor_next(const struct check_history *history, int64_t after, int64_t until,
    int64_t now_ms, size_t max, struct arena *arena, struct check_modulus *out,
    size_t room)
{
	struct page page = {.out = out,
	    .room = room,
	    .max = max,
	    .now_s = seconds_of(now_ms),
	    .arena = arena};

	history->each_state(history->owner, CHECK_FACTOR, bytes_text(MODULI), after + 1,
	    until, on_modulus, &page);
	for (size_t i = 0; i < page.expired_count; i++)
		forget_expired(history, page.expired[i]);
	return page.count;
}

int64_t
check_factor_done(const struct check_history *history)
{
	return get_number(history, DONE);
}

void
check_factor_set_done(const struct check_history *history, int64_t number)
{
	put_number(history, DONE, number);
}

bool
check_factor_stands(const struct check_history *history, int64_t done, int64_t number)
{
	return get_number(history, DONE) == done && get_number(history, LAST) >= number;
}

size_t
check_factor_note(const struct check_history *history, const struct check_modulus *of,
    const struct check_modulus *with, bool whole, int64_t rows[CHECK_FACTOR_ROWS])
{
	struct known known;
	size_t i = 0;

	known_read(history, of->modulus, &known);
	while (i < known.partner_count &&
	    memcmp(known.partners[i].sha256, with->sha256.data, 32) != 0)
		i++;
	if (i < known.partner_count || i == PARTNERS_MAX)
		return 0;
	memcpy(known.partners[i].sha256, with->sha256.data, 32);
	known.partners[known.partner_count++].whole = whole;
	known_write(history, &known);
	for (size_t j = 0; j < known.count; j++)
		rows[j] = known.rows[j].row;
	return known.count;
}
