#include "monitor/tally.h"

#include <stdio.h>

#include "check/check.h"
#include "check/findings.h"
#include "store/certificate.h"
#include "store/watch.h"

#define DAY_S  INT64_C(86400)
#define DAY_MS (DAY_S * 1000)

/* --- which findings count --- */

struct counted {
	bool fails;     /* of a rule that counts */
	bool misissued; /* and an error of a check that says so */
	bool serious;
};

static struct counted
counts(const struct finding_row *row)
{
	const struct subrule *rule = NULL;
	const struct check *check;
	char text[64];
	struct counted counted = {0};

	if (row->check.len >= sizeof(text) || row->subrule.len >= sizeof(text))
		return counted;
	snprintf(text, sizeof(text), "%.*s", (int)row->check.len,
	    (const char *)row->check.data);
	if ((check = check_find(text, NULL)) == NULL)
		return counted;
	snprintf(text, sizeof(text), "%.*s", (int)row->subrule.len,
	    (const char *)row->subrule.data);
	rule = check_subrule(check, text);
	counted.fails = rule != NULL && (rule->flags & RULE_NOT_COUNTED) == 0;
	if (counted.fails && row->level == LEVEL_ERROR) {
		counted.misissued = check_is_misissuance(check);
		counted.serious = check_is_serious(check);
	}
	return counted;
}

/* What stands open of the same subject besides. */
struct others {
	const struct finding_row *row;
	struct counted are;
};

static bool
on_other(void *owner, const struct finding_row *row)
{
	struct others *others = owner;
	struct counted counted;

	if (bytes_equal(row->id, others->row->id))
		return true;
	counted = counts(row);
	if (bytes_equal(row->check, others->row->check))
		others->are.fails |= counted.fails;
	others->are.misissued |= counted.misissued;
	others->are.serious |= counted.serious;
	return true;
}

/* --- whose it is --- */

struct owner {
	const struct finding_row *row;
	struct certificate_row certificate; /* without its bytes */
	bool found;
};

static bool
on_certificate(void *owner, const struct certificate_row *row)
{
	struct owner *it = owner;
	uint8_t key[32];

	judged_certificate_key(row->issuer_spki.len == 32 ? row->issuer_spki.data : NULL,
	    row->serial, row->tbs_sha256.data, key);
	if (!bytes_equal(bytes_of(key, sizeof(key)), it->row->subject))
		return true;
	it->certificate = *row;
	it->found = true;
	return false;
}

/* The certificate that the finding is about: that on which it was found, or a
 * fellow of the same serial. */
static bool
find_owner(struct writer *writer, struct owner *it, struct err *err)
{
	struct certificate_row row;
	bool found;

	if (!store_certificate_get(
		writer->store, it->row->certificate, &writer->arena, &row, &found, err))
		return false;
	if (!found || !on_certificate(it, &row))
		return true;
	return store_certificate_members(
	    writer->store, row.issuer, row.serial, 0, 0, on_certificate, it, err);
}

static int32_t
day_of(int64_t value, int64_t day)
{
	int64_t days = value >= 0 ? value / day : -((-value + day - 1) / day);

	return days > INT32_MAX ? INT32_MAX
	    : days < INT32_MIN  ? INT32_MIN
				: (int32_t)days;
}

static bool
add(struct writer *writer, const struct certificate_row *certificate,
    enum count_basis basis, int32_t day, const char *name, int by, struct err *err)
{
	char full[128];
	struct statistic_row row = {
	    .issuer = certificate->issuer, .day = day, .count = by};

	snprintf(full, sizeof(full), "%s%s", writer_count_prefix((int)basis), name);
	row.name = bytes_text(full);
	return store_statistic_add(writer->store, &row, err);
}

/* On the days that checks_count() counts its issuance. */
static bool
count(struct writer *writer, const struct certificate_row *certificate, const char *name,
    int by, struct err *err)
{
	int64_t seen =
	    certificate->lo_ms != STORE_NO_TIME ? certificate->lo_ms : certificate->hi_ms;

	if (certificate->not_before_s != STORE_NO_TIME &&
	    !add(writer, certificate, COUNT_NB, day_of(certificate->not_before_s, DAY_S),
		name, by, err))
		return false;
	return seen == STORE_NO_TIME ||
	    add(writer, certificate, COUNT_SEEN, day_of(seen, DAY_MS), name, by, err);
}

bool
tally_finding(
    struct writer *writer, const struct finding_row *row, int by, struct err *err)
{
	struct finding_filter filter = {.subject = row->subject, .state = FINDING_OPEN};
	struct counted counted = counts(row);
	struct others others = {.row = row};
	struct owner owner = {.row = row};
	char name[80];

	if (!counted.fails || row->certificate == 0 ||
	    !bytes_equal(
		row->subject_kind, bytes_text(finding_subject_name(SUBJECT_CERTIFICATE))))
		return true;
	if (!store_finding_each(writer->store, &filter, on_other, &others, err))
		return false;
	counted.fails = !others.are.fails;
	counted.misissued = counted.misissued && !others.are.misissued;
	counted.serious = counted.serious && !others.are.serious;
	if (!counted.fails && !counted.misissued && !counted.serious)
		return true;
	if (!find_owner(writer, &owner, err))
		return false;
	if (!owner.found || owner.certificate.issuer_spki.len == 0)
		return true;
	snprintf(name, sizeof(name), "failed.%.*s", (int)row->check.len,
	    (const char *)row->check.data);
	return (!counted.fails || count(writer, &owner.certificate, name, by, err)) &&
	    (!counted.misissued ||
		count(writer, &owner.certificate, "misissued", by, err)) &&
	    (!counted.serious || count(writer, &owner.certificate, "serious", by, err));
}
