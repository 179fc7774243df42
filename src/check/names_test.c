/* B3: certificates that were made to try something out. */
#include "names_priv.h"
#include "profile.h"

#include <math.h>

static const char *const WORDS[] = {"test", "testing", "tst", "demo", "sample", "dummy",
    "do not use", "donotuse", "ct-test", "qa", "staging", "foo", "bar", "example",
    "acme corp", "lorem"};

/* --- how bad it is ----------------------------------------------------------------- */

static bool
is_of_sanctioned(const struct judged *it)
{
	const struct check_operator *operator;
	bool sanctioned = false;

	for (size_t i = 0; (operator= judged_signer(it, i)) != NULL; i++)
		sanctioned = sanctioned || operator_sanctioned(operator);
	return sanctioned;
}

/* Nobody under sanction may try things out where they are trusted, or may be; a host
 * may be called anything. */
static enum check_level
test_level(const struct trial *trial)
{
	return trial->rule->level != LEVEL_NOTICE && is_of_sanctioned(trial->it) &&
		judged_trust(trial->it, NULL) != TRUST_NO
	    ? LEVEL_ERROR
	    : trial->rule->level;
}

static bool
is_test_site(const struct check_params *params, struct bytes name)
{
	for (size_t i = 0; i < params->test_site_count; i++) {
		struct bytes site = bytes_text(params->test_sites[i]);

		if (strstr(params->test_sites[i], "://") != NULL)
			site = url_host(site);
		if (bytes_same_fold(site, name))
			return true;
	}
	return false;
}

/* Not one of the sites that a root program has each CA keep. */
static bool
is_no_test_site(const struct judged *it)
{
	const struct judged_facts *facts = it->facts;
	bool sites = it->params->test_site_count > 0 && facts->dns_count > 0;

	for (size_t i = 0; i < facts->name_count && sites; i++)
		sites = facts->names[i].name.kind != GENERAL_DNS ||
		    is_test_site(it->params, facts->names[i].name.value);
	return !sites;
}

/* --- words ------------------------------------------------------------------------- */

static bool
is_word_octet(uint8_t octet)
{
	return (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
	    (octet >= 'A' && octet <= 'Z') || octet >= 0x80;
}

/* The word begins at `from`, where a token begins, and ends where one ends. */
static bool
word_at(struct bytes text, size_t from, const char *word)
{
	size_t len = strlen(word);

	return text.len - from >= len &&
	    bytes_same_fold(bytes_of(text.data + from, len), bytes_text(word)) &&
	    (text.len - from == len || !is_word_octet(text.data[from + len]));
}

static const char *
word_of(const struct check_params *params, struct bytes text, size_t from)
{
	const char *const *words = WORDS;
	size_t count = ARRAY_LEN(WORDS);

	if (params->test_word_count > 0) {
		words = params->test_words;
		count = params->test_word_count;
	}
	for (size_t i = 0; i < count; i++)
		if (((uint8_t)words[i][0] | 0x20) == (text.data[from] | 0x20) &&
		    word_at(text, from, words[i]))
			return words[i];
	return NULL;
}

/* The first test word that stands in it as a whole; NULL: none. */
static const char *
find_word(const struct check_params *params, struct bytes text)
{
	bool within = false;
	const char *word;

	for (size_t i = 0; i < text.len; i++) {
		bool is = is_word_octet(text.data[i]);

		if (is && !within && (word = word_of(params, text, i)) != NULL)
			return word;
		within = is;
	}
	return NULL;
}

static void
fail_word(struct trial *trial, struct bytes field, struct bytes text, const char *word,
    const char *where)
{
	struct finding *finding = trial_fail_at(trial, test_level(trial), field,
	    "%s \"%s\" has the word \"%s\"", where, trial_show(trial, text, 100), word);

	evidence_text(trial, finding, "word", word);
}

/* A commonName that is a host's is looked at as one. */
static bool
is_looked_at(const struct judged_facts *facts, const struct name_attribute *attribute)
{
	switch ((int)attribute->id) {
	case OID_ORGANIZATION:
	case OID_ORGANIZATIONAL_UNIT:
	case OID_LOCALITY:
	case OID_STATE:
	case OID_GIVEN_NAME:
	case OID_SURNAME:
		return true;
	case OID_COMMON_NAME:
		return (facts->common_name.marks & (NAME_NO_DOT | NAME_CHARACTER)) != 0;
	default:
		return false;
	}
}

static void
run_subject(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	const char *word;

	for (size_t i = 0; i < facts->subject_count; i++)
		if (is_looked_at(facts, &facts->subject[i]) &&
		    (word = find_word(trial->it->params, facts->subject[i].value)) !=
			NULL)
			fail_word(trial, facts->subject[i].value_at,
			    facts->subject[i].value, word,
			    oid_long_name(facts->subject[i].id));
}

static void
run_host(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	const char *word;

	for (size_t i = 0; i < facts->name_count; i++)
		if (facts->names[i].name.kind == GENERAL_DNS &&
		    (word = find_word(trial->it->params, facts->names[i].name.value)) !=
			NULL)
			fail_word(trial, facts->names[i].name.value,
			    facts->names[i].name.value, word, "dNSName");
}

/* RFC 2606. */
static void
run_domain(struct trial *trial)
{
	static const char *const DOMAINS[] = {
	    ".example.com", ".example.net", ".example.org", ".test", ".example"};
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->name_count; i++) {
		struct bytes name = facts->names[i].name.value;

		if (facts->names[i].name.kind != GENERAL_DNS)
			continue;
		for (size_t j = 0; j < ARRAY_LEN(DOMAINS); j++)
			if (name_ends_with(name, DOMAINS[j]) ||
			    bytes_same_fold(name, bytes_text(DOMAINS[j] + 1)))
				trial_fail_at(trial, test_level(trial), name,
				    "\"%s\" is in a domain that stands for an "
				    "example",
				    trial_show(trial, name, 100));
	}
}

/* What somebody types who needs a number: 1, 2, or 123456 and on. */
static bool
is_typed(struct bytes serial)
{
	static const uint64_t TYPED[] = {1, 2, 123456, 1234567, 12345678, 123456789,
	    1234567890, 0x123456, 0x1234567, 0x12345678, 0x123456789, 0x1234567890,
	    0x1234567890abcdef, 0x123456789abcdef};
	uint64_t value;

	if (der_read_unsigned(serial, &value) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(TYPED); i++)
		if (TYPED[i] == value)
			return true;
	return false;
}

static void
run_serial(struct trial *trial)
{
	if (is_typed(trial->it->cert->serial))
		trial_fail_at(trial, test_level(trial), trial->it->cert->serial_at,
		    "a serial number as somebody types one");
}

/* --- made up values under the issuer's own domain ---------------------------------- */

#define ISSUER_HOSTS_MAX 16 /* looked at in one certificate */

enum { RANDOM_LEAST, RANDOM_BITS };

static bool
is_vowel(uint8_t octet)
{
	return memchr("aeiou", octet | 0x20, 5) != NULL;
}

/* Shannon's entropy of an octet, by the text's own frequencies. */
static double
bits_of(struct bytes text)
{
	size_t counts[128] = {0};
	double bits = 0;

	for (size_t i = 0; i < text.len; i++)
		counts[text.data[i] & 0x7f]++;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		if (counts[i] > 0)
			bits += (double)counts[i] / (double)text.len *
			    log2((double)text.len / (double)counts[i]);
	return bits;
}

/* Words have vowels side by side, sooner or later. Other scripts than ASCII spend their
 * octets otherwise: nothing is said of them. */
static bool
is_random(const struct trial *trial, struct bytes text)
{
	double least = (double)rule_limit(trial, RANDOM_BITS) / 10;

	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] >= 0x80 ||
		    (i > 0 && is_vowel(text.data[i - 1]) && is_vowel(text.data[i])))
			return false;
	return text.len > 0 && bits_of(text) >= least;
}

static size_t
random_attributes(const struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	size_t count = 0;

	for (size_t i = 0; i < facts->subject_count; i++)
		count += is_looked_at(facts, &facts->subject[i]) &&
		    is_random(trial, facts->subject[i].value);
	return count;
}

struct own_domain {
	const struct judged *it;
	size_t hosts;      /* looked at */
	struct bytes name; /* the first in a domain of the issuer's; empty: none */
};

static bool
is_within(struct bytes name, struct bytes domain)
{
	struct bytes end;

	if (name.len < domain.len)
		return false;
	end = bytes_of(name.data + name.len - domain.len, domain.len);
	return bytes_same_fold(end, domain) &&
	    (name.len == domain.len || end.data[-1] == '.');
}

static void
look_at_issuer_url(void *owner, struct bytes url)
{
	struct own_domain *own = owner;
	const struct judged_facts *facts = own->it->facts;
	struct bytes host = url_host(url), domain;

	if (own->name.len > 0 || own->hosts++ >= ISSUER_HOSTS_MAX || dns_is_address(host))
		return;
	domain = dns_registrable(own->it->params, host);
	for (size_t i = 0; i < facts->name_count && domain.len > 0; i++)
		if (facts->names[i].name.kind == GENERAL_DNS &&
		    is_within(facts->names[i].name.value, domain)) {
			own->name = facts->names[i].name.value;
			return;
		}
}

static void
run_random(struct trial *trial)
{
	size_t count = random_attributes(trial);
	struct own_domain own = {.it = trial->it};
	struct finding *finding;

	if (count < (size_t)rule_limit(trial, RANDOM_LEAST))
		return;
	issuer_urls_each(trial->it->cert, look_at_issuer_url, &own);
	if (own.name.len == 0)
		return;
	finding = trial_fail_at(trial, test_level(trial), trial->it->cert->subject,
	    "%zu random values in the subject of a certificate for \"%s\", a name in its "
	    "issuer's own domain",
	    count, trial_show(trial, own.name, 100));
	evidence_int(trial, finding, "random_attributes", (int64_t)count);
	evidence_bytes(trial, finding, "name", own.name);
}

/* Whether profile-drift runs, which counts what it looks at. */
static bool
knows_profiles(const struct judged *it)
{
	size_t number;

	return check_find(PROFILE_CHECK, &number) != NULL && !it->params->off[number];
}

static void
run_random_drift(struct trial *trial)
{
	size_t count = random_attributes(trial);
	struct finding *finding;

	if (count < (size_t)rule_limit(trial, RANDOM_LEAST) ||
	    !knows_profiles(trial->it) || profile_drift(trial) == DRIFT_NONE)
		return;
	finding = trial_fail_at(trial, test_level(trial), trial->it->cert->subject,
	    "%zu random values in the subject of a certificate made by another template "
	    "than its issuer uses",
	    count);
	evidence_int(trial, finding, "random_attributes", (int64_t)count);
}

static const struct rule_limit RANDOM[] = {
    {"attributes", 3}, {"tenths of a bit an octet", 35}, {0}};

static const struct subrule TEST_CERTIFICATE[] = {
    RULE("subject", LEVEL_WARNING, "MRSP 5.2; wiki.mozilla.org/CA/Forbidden_Practices",
	judged_is_tls_subscriber, run_subject, .flags = RULE_NOT_COUNTED),
    RULE("host", LEVEL_NOTICE, "context", judged_is_tls_subscriber, run_host,
	.flags = RULE_NOT_COUNTED),
    RULE("domain", LEVEL_WARNING, "RFC 2606; MRSP 5.2", judged_is_tls_subscriber,
	run_domain, .flags = RULE_NOT_COUNTED,
	.equivalents = "certlint:N: FQDN under example domain"),
    RULE("serial", LEVEL_WARNING, "MRSP 5.2", judged_is_tls_subscriber, run_serial,
	.flags = RULE_NOT_COUNTED),
    RULE("random", LEVEL_WARNING, "MRSP 5.2", judged_is_tls_subscriber, run_random,
	.limits = RANDOM, .flags = RULE_NOT_COUNTED),
    RULE("random-drift", LEVEL_WARNING, "MRSP 5.2", judged_is_tls_subscriber,
	run_random_drift, .limits = RANDOM, .flags = RULE_NOT_COUNTED | RULE_PAIR),
    RULE("random-revoked", LEVEL_WARNING, "MRSP 5.2", NULL, NULL,
	.flags = RULE_NOT_COUNTED, .needs = "crl"),
};

static const struct check CHECKS[] = {
    CHECK("test-certificate", SCOPE_CERTIFICATE,
	"The certificate looks as if it was made to try something out.", TEST_CERTIFICATE,
	.history = HISTORY_STATE, .data = DATA(PSL), .applies = is_no_test_site,
	.with = PROFILE_CHECK),
};

const struct check_family CHECK_NAMES_TEST = {"names", CHECKS, ARRAY_LEN(CHECKS)};
