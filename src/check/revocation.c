/* B9: revocation data. All of it waits for CRLs and OCSP responses: registered,
 * so that `ctwarden checks` names them, and never run. */
#include "check_priv.h"

/* The rule as far as the catalogue states it without its data. */
#define WAITING(name_, level_, source_)                                                  \
	static const struct subrule name_[] = {                                          \
	    {.name = "all", .source = source_, .level = level_}}

WAITING(CRL_PROFILE, LEVEL_ERROR, "BR 7.2, 4.9.7; RFC 5280 5; MRSP 6.1.2");
WAITING(CRL_STALE, LEVEL_ERROR, "BR 4.9.7; MRSP 6");
WAITING(CRL_NUMBER, LEVEL_ERROR, "BR 7.2.2; RFC 5280 5.2.3");
WAITING(CRL_REASON, LEVEL_ERROR, "BR 4.9.1.1, 7.2.2 (SC61); MRSP 6.1.1");
WAITING(CRL_DATE_ANOMALY, LEVEL_WARNING, "RFC 5280 5.3; BR 7.2.2, 4.9.7(2)");
WAITING(CRL_ENTRY_REMOVED, LEVEL_ERROR, "RFC 5280 3.3; BR 7.2");
WAITING(CRL_URL_UNDISCLOSED, LEVEL_WARNING, "CCADB 6.2; MRSP 6.1.2");
WAITING(REVOCATION_SERVICE_DOWN, LEVEL_WARNING, "MRSP 5.2, 6");
WAITING(OCSP_PROFILE, LEVEL_ERROR, "BR 4.9.9, 7.1.2.8, 7.3; MRSP 6");
WAITING(OCSP_UNKNOWN, LEVEL_ERROR, "BR 4.9.9; MRSP 5.4");
WAITING(OCSP_GOOD_UNISSUED, LEVEL_ERROR, "BR 4.9.9");
WAITING(STATUS_DISAGREE, LEVEL_ERROR, "BR 4.9.7(2), 4.9.9");
WAITING(UNREVOKED_AFTER_DEADLINE, LEVEL_ERROR, "BR 4.9.1.1, 4.9.1.2; MRSP 6.1.3");
WAITING(REVOKED_LATE, LEVEL_WARNING, "BR 4.9.1.1, 4.9.1.2; MRSP 6.1.3");
WAITING(RAPID_REVOKE, LEVEL_NOTICE, "StartCom's test certificates, 2017");

#define CHECK_ROW(id_, scope_, needs_, says_, rules)                                     \
	{                                                                                \
		.id = id_, .version = 1, .scope = scope_, .says = says_,                 \
		.needs = needs_, .subrules = rules, .subrule_count = ARRAY_LEN(rules)    \
	}

static const struct check CHECKS[] = {
    CHECK_ROW("crl-profile", SCOPE_REVOCATION, "crl",
	"A CRL does not look as the requirements want it.", CRL_PROFILE),
    CHECK_ROW("crl-stale", SCOPE_REVOCATION, "crl", "A CRL is older than it may be.",
	CRL_STALE),
    CHECK_ROW("crl-number", SCOPE_REVOCATION, "crl",
	"A CRL's number is absent, too large or does not rise.", CRL_NUMBER),
    CHECK_ROW("crl-reason", SCOPE_REVOCATION, "crl",
	"A revocation's reason is not allowed, or does not fit the case.", CRL_REASON),
    CHECK_ROW("crl-date-anomaly", SCOPE_REVOCATION, "crl",
	"A revocation date that cannot be right, or that was changed.", CRL_DATE_ANOMALY),
    CHECK_ROW("crl-entry-removed", SCOPE_REVOCATION, "crl",
	"A revoked certificate vanished from its CRL before it expired.",
	CRL_ENTRY_REMOVED),
    CHECK_ROW("crl-url-undisclosed", SCOPE_LIST, "ccadb",
	"A CRL's URL in certificates that CCADB does not list.", CRL_URL_UNDISCLOSED),
    CHECK_ROW("revocation-service-down", SCOPE_REVOCATION, "crl",
	"A CRL or OCSP address in certificates does not answer.",
	REVOCATION_SERVICE_DOWN),
    CHECK_ROW("ocsp-profile", SCOPE_REVOCATION, "ocsp",
	"An OCSP response or its signer does not look as required.", OCSP_PROFILE),
    CHECK_ROW("ocsp-unknown", SCOPE_REVOCATION, "ocsp",
	"OCSP does not know a certificate that was logged.", OCSP_UNKNOWN),
    CHECK_ROW("ocsp-good-unissued", SCOPE_REVOCATION, "ocsp",
	"OCSP says good for a serial number never issued.", OCSP_GOOD_UNISSUED),
    CHECK_ROW("status-disagree", SCOPE_REVOCATION, "crl, ocsp",
	"CRL and OCSP say different things.", STATUS_DISAGREE),
    CHECK_ROW("unrevoked-after-deadline", SCOPE_REVOCATION, "crl, case",
	"A certificate that had to be revoked is not.", UNREVOKED_AFTER_DEADLINE),
    CHECK_ROW("revoked-late", SCOPE_REVOCATION, "crl, case",
	"A certificate was revoked after its deadline.", REVOKED_LATE),
    CHECK_ROW("rapid-revoke", SCOPE_REVOCATION, "crl",
	"Revoked within the hour of its issue.", RAPID_REVOKE),
};

const struct check_family CHECK_REVOCATION = {"revocation", CHECKS, ARRAY_LEN(CHECKS)};
