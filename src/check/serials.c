/* B5: serial numbers. */
#include "serials.h"

#include "diff.h"

/* --- serial-not-positive -------------------------------------------------------- */

static bool
is_zero(struct bytes integer)
{
	for (size_t i = 0; i < integer.len; i++)
		if (integer.data[i] != 0)
			return false;
	return true;
}

static void
run_not_positive(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;

	if (is_zero(cert->serial))
		trial_fail(trial, cert->serial_at, "serial number 0");
	else if (der_integer_negative(cert->serial))
		trial_fail(trial, cert->serial_at, "negative serial number");
}

static const struct subrule SERIAL_NOT_POSITIVE[] = {
    {
	.name = "not-positive",
	.source = "RFC 5280 4.1.2.2; BR 7.1",
	.from = DATE(2002, 4, 1), /* RFC 3280 */
	.level = LEVEL_ERROR,
	.run = run_not_positive,
	.equivalents = "zlint:e_serial_number_not_positive; "
		       "pkilint:pkix.certificate_serial_number_out_of_range; "
		       "certlint:E: Serial number must be positive; "
		       "x509lint:ERR_SERIAL_NOT_POSITIVE",
    },
};

/* --- serial-too-long -------------------------------------------------------------- */

static void
run_octets(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;

	if (cert->serial.len > (size_t)rule_limit(trial, 0))
		evidence_int(trial,
		    trial_fail(trial, cert->serial_at,
			"serial number of %zu octets, at most %lld allowed",
			cert->serial.len, (long long)rule_limit(trial, 0)),
		    "octets", (int64_t)cert->serial.len);
}

static void
run_bits(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	size_t bits = der_integer_bits(cert->serial);

	if (!der_integer_negative(cert->serial) && bits > (size_t)rule_limit(trial, 0))
		evidence_int(trial,
		    trial_fail(trial, cert->serial_at,
			"serial number of %zu bits, 2^159 or more", bits),
		    "bits", (int64_t)bits);
}

static const struct subrule SERIAL_TOO_LONG[] = {
    {
	.name = "octets",
	.source = "RFC 5280 4.1.2.2",
	.from = DATE(2002, 4, 1), /* RFC 3280 */
	.level = LEVEL_ERROR,
	.run = run_octets,
	LIMITS({"octets", 20}),
	.equivalents = "zlint:e_serial_number_longer_than_20_octets; "
		       "pkilint:pkix.certificate_serial_number_out_of_range; "
		       "certlint:E: Serial numbers must be 20 octets or less; "
		       "x509lint:ERR_SERIAL_TOO_LARGE",
    },
    {
	.name = "bits",
	.source = "BR 7.1.2.7",
	.from = DATE(2023, 9, 15),
	.level = LEVEL_ERROR,
	.applies = judged_is_tls_subscriber,
	.run = run_bits,
	LIMITS({"bits", 159}),
    },
};

/* --- serial-encoding ---------------------------------------------------------------- */

static void
run_encoding(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	uint32_t flaws = der_integer_flaws(cert->serial);

	if (flaws != 0)
		evidence_hex(trial,
		    trial_fail(trial, cert->serial_at, "serial number: %s",
			cert->serial.len == 0 ? "no octets" : "octets that only pad it"),
		    "octets", cert->serial);
}

static const struct subrule SERIAL_ENCODING[] = {
    RULE("not-minimal", LEVEL_ERROR, "X.690 8.3.2", NULL, run_encoding,
	.equivalents = "x509lint:ERR_ASN1_INTEGER_NOT_MINIMAL"),
};

/* --- duplicate-serial --------------------------------------------------------------- */

#define MEMBERS_SHOWN 16

/* Only members whose signature verifies count: anybody can write a serial. */
static bool
is_verified(const struct judged *it)
{
	return it->signature == SIGNATURE_VERIFIED && it->cert->serial.len > 0;
}

static size_t
members_of(struct trial *trial, bool precerts, struct history_member *out, size_t room,
    uint64_t *total)
{
	const struct judged *it = trial->it;

	*total = 0;
	return trial->history->members(trial->history->owner, it->issuer_key_hash,
	    it->cert->issuer, it->cert->serial, precerts, it->key, out, room, total);
}

static size_t
others(struct trial *trial, struct history_member *out, size_t room, uint64_t *total)
{
	return members_of(trial, trial->it->precert, out, room, total);
}

/* Several checks ask; what is stored is asked for once. */
uint64_t
serial_repeated(struct trial *trial)
{
	struct judged_facts *facts = trial->it->facts;
	uint64_t *total = &facts->serial_repeats;

	if (facts->serial_repeats_known)
		return *total;
	members_of(trial, trial->it->precert, NULL, 0, total);
	if (*total == 0)
		members_of(trial, !trial->it->precert, NULL, 0, total);
	facts->serial_repeats_known = true;
	return *total;
}

static void
describe_member(struct trial *trial, struct finding *finding,
    const struct history_member *member, const struct cert *judged)
{
	struct tbs_diff diff;
	struct cert cert;
	struct buf subject;

	evidence_object(trial, finding, NULL);
	evidence_hex(trial, finding, "sha256", bytes_of(member->sha256, 32));
	if (cert_parse(member->der, &cert)) {
		buf_init(&subject, 1 << 16);
		name_append_text(&subject, cert.subject);
		evidence_text(trial, finding, "subject", buf_text(&subject));
		buf_free(&subject);
		evidence_time(trial, finding, "not_before", cert.not_before * 1000);
		tbs_compare(judged, &cert, &diff);
		evidence_text(trial, finding, "class", tbs_diff_class(&diff));
	}
	evidence_time(trial, finding, "first_log_time", member->first_log_ms);
	evidence_end(trial, finding);
}

static void
run_duplicate(struct trial *trial)
{
	struct history_member members[MEMBERS_SHOWN];
	const struct judged *it = trial->it;
	struct finding *finding;
	struct sha256 hash;
	uint64_t total;
	size_t count = others(trial, members, ARRAY_LEN(members), &total);

	if (count == 0)
		return;
	finding = trial_fail(trial, it->cert->serial_at,
	    "one of %llu %s of this issuer with the same serial number",
	    (unsigned long long)total + 1,
	    it->precert ? "precertificates" : "certificates");
	evidence_int(trial, finding, "group_size", (int64_t)total + 1);
	evidence_list(trial, finding, "members");
	for (size_t i = 0; i < count; i++)
		describe_member(trial, finding, &members[i], it->cert);
	evidence_end(trial, finding);
	/* The first could not know; later ones were told when the second came. */
	finding =
	    trial_fail_about(trial, SUBJECT_CERTIFICATE, bytes_of(members[0].key, 32),
		"its serial number was used again by this issuer");
	evidence_int(trial, finding, "group_size", (int64_t)total + 1);
	sha256_of(it->der, &hash);
	evidence_hex(trial, finding, "other_sha256", sha256_bytes(&hash));
}

static const struct subrule DUPLICATE_SERIAL[] = {
    {
	.name = "member",
	.source = "RFC 5280 4.1.2.2; MRSP 5.2; BR 7.1.2.9",
	.level = LEVEL_ERROR,
	.applies = is_verified,
	.run = run_duplicate,
    },
};

/* --- serial-tbs-conflict --------------------------------------------------------------
 */

static void
describe_conflict(struct trial *trial, struct finding *finding,
    const struct history_member *other, const struct tbs_diff *diff)
{
	evidence_hex(trial, finding, "first_sha256", bytes_of(other->sha256, 32));
	tbs_diff_evidence(trial, finding, diff);
}

/* Against the group's first member only, so that n members make n - 1 findings. */
static void
run_conflict(struct trial *trial)
{
	struct history_member members[MEMBERS_SHOWN];
	const struct judged *it = trial->it;
	struct finding *finding;
	struct tbs_diff diff;
	struct cert cert;
	uint64_t total;
	size_t count = others(trial, members, ARRAY_LEN(members), &total);

	for (size_t i = 0; i < count; i++) {
		if (!cert_parse(members[i].der, &cert))
			continue;
		tbs_compare(it->cert, &cert, &diff);
		if (members[i].older)
			finding = trial_fail(trial, it->cert->serial_at,
			    "same issuer and serial number as another, differs in: %s",
			    tbs_diff_class(&diff));
		else
			finding = trial_fail_about(trial, SUBJECT_CERTIFICATE,
			    bytes_of(members[i].key, 32),
			    "same issuer and serial number as another, differs in: %s",
			    tbs_diff_class(&diff));
		describe_conflict(trial, finding, &members[i], &diff);
		if (members[i].older)
			return;
	}
}

static const struct subrule SERIAL_TBS_CONFLICT[] = {
    {
	.name = "differs",
	.source = "RFC 5280 4.1.2.2; MRSP 5.2",
	.level = LEVEL_ERROR,
	.applies = is_verified,
	.run = run_conflict,
    },
};

static const struct check CHECKS[] = {
    {
	.id = "serial-not-positive",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "The serial number is 0 or negative.",
	.subrules = SERIAL_NOT_POSITIVE,
	.subrule_count = ARRAY_LEN(SERIAL_NOT_POSITIVE),
    },
    {
	.id = "serial-too-long",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "The serial number takes more than 20 octets.",
	.subrules = SERIAL_TOO_LONG,
	.subrule_count = ARRAY_LEN(SERIAL_TOO_LONG),
    },
    CHECK("serial-encoding", SCOPE_CERTIFICATE,
	"The serial number is not written in its shortest form.", SERIAL_ENCODING),
    {
	.id = "duplicate-serial",
	.version = 1,
	.scope = SCOPE_ISSUER,
	.says = "One issuer gave the same serial number to different certificates.",
	.history = HISTORY_MEMBERS,
	.subrules = DUPLICATE_SERIAL,
	.subrule_count = ARRAY_LEN(DUPLICATE_SERIAL),
    },
    {
	.id = "serial-tbs-conflict",
	.version = 1,
	.scope = SCOPE_PAIR,
	.says = "In what a certificate differs from the first with its serial number.",
	.history = HISTORY_MEMBERS,
	.subrules = SERIAL_TBS_CONFLICT,
	.subrule_count = ARRAY_LEN(SERIAL_TBS_CONFLICT),
    },
};

const struct check_family CHECK_SERIALS = {"serials", CHECKS, ARRAY_LEN(CHECKS)};
