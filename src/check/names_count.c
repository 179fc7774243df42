/* B3: how many names the subjectAltName has, and how many its issuer's have. */
#include "names_priv.h"

#include "base/cursor.h"

/* --- san-count: more than anybody needs ------------------------------------------- */

static void
run_many(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if ((int64_t)facts->name_count >= trial->it->params->max_san)
		evidence_int(trial,
		    trial_fail(trial, facts->san_at->whole, "%zu names in subjectAltName",
			facts->name_count),
		    "names", (int64_t)facts->name_count);
}

/* --- san-count: more than its issuer's usually have ------------------------------ */

#define SIZES 128 /* 127 names and more are not told apart */

/* Certificates before anything is usual; the share of them that is; so many times. */
enum { LIMIT_LEAST, LIMIT_PERCENT, LIMIT_TIMES };

/* How many of the issuer's certificates have so many names. */
struct sizes {
	uint64_t counts[SIZES];
	uint64_t total;
};

static struct bytes
issuer_of(const struct trial *trial)
{
	return bytes_of(trial->it->issuer_key_hash, 32);
}

static void
sizes_read(struct trial *trial, struct sizes *out)
{
	const struct check_history *history = trial->history;
	struct cursor at = cursor_of(
	    history->state(history->owner, trial->check->id, issuer_of(trial), 0));

	*out = (struct sizes){0};
	for (size_t i = 0; i < SIZES && cursor_be64(&at, &out->counts[i]); i++)
		out->total += out->counts[i];
}

static void
sizes_write(struct trial *trial, const struct sizes *sizes)
{
	const struct check_history *history = trial->history;
	struct buf value;

	buf_init(&value, sizeof(sizes->counts));
	for (size_t i = 0; i < SIZES; i++)
		buf_append_be64(&value, sizes->counts[i]);
	history->set_state(
	    history->owner, trial->check->id, issuer_of(trial), 0, buf_bytes(&value));
	buf_free(&value);
}

/* As many names as that share of the certificates has at most. */
static size_t
percentile(const struct sizes *sizes, uint64_t percent)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < SIZES; i++) {
		sum += sizes->counts[i];
		if (sum * 100 >= sizes->total * percent)
			return i;
	}
	return SIZES - 1;
}

/* The certificate at hand counts, so that both its forms are judged alike. */
static void
run_unusual(struct trial *trial)
{
	size_t names = trial->it->facts->name_count, usual;
	struct finding *finding;
	struct sizes sizes;

	sizes_read(trial, &sizes);
	if (trial->it->row_is_new) {
		sizes.counts[names < SIZES ? names : SIZES - 1]++;
		sizes.total++;
		sizes_write(trial, &sizes);
	}
	usual = percentile(&sizes, (uint64_t)rule_limit(trial, LIMIT_PERCENT));
	if (sizes.total < (uint64_t)rule_limit(trial, LIMIT_LEAST) ||
	    usual == SIZES - 1 || names < (size_t)rule_limit(trial, LIMIT_TIMES) * usual)
		return;
	finding = trial_fail(trial, trial->it->facts->san_at->whole,
	    "%zu names in subjectAltName, where 99 of 100 of its issuer's have at most "
	    "%zu",
	    names, usual);
	evidence_int(trial, finding, "names", (int64_t)names);
	evidence_int(trial, finding, "percentile_99", (int64_t)usual);
	evidence_int(trial, finding, "certificates", (int64_t)sizes.total);
}

static bool
has_issuer(const struct judged *it)
{
	return is_tls_subscriber_with_san(it) && it->facts->name_count > 0 &&
	    it->issuer_key_hash != NULL;
}

static const struct subrule SAN_COUNT[] = {
    RULE("many", LEVEL_NOTICE, "context", is_tls_subscriber_with_san, run_many,
	.flags = RULE_NOT_COUNTED),
    RULE("unusual", LEVEL_NOTICE, "context", has_issuer, run_unusual,
	LIMITS({"certificates", 100}, {"percent", 99}, {"times", 2}),
	.flags = RULE_NOT_COUNTED | RULE_PAIR),
};

static const struct check CHECKS[] = {
    CHECK("san-count", SCOPE_CERTIFICATE, "The subjectAltName has many names.", SAN_COUNT,
	.history = HISTORY_STATE),
};

const struct check_family CHECK_NAMES_COUNT = {"names", CHECKS, ARRAY_LEN(CHECKS)};
