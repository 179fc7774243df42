#include "tests/lib/check_rows.h"

#include "base/err.h"

#define TEXT "policy-text"
#define PEXT "policy-extensions"
#define CRIT "ext-criticality-other"
#define DSA  "dsa-params"
#define SKI  "ski-missing"
#define FORM "name-constraint-forms"
#define ATTR "subject-attr-limits"
#define MAIL "subject-email-not-in-san"
#define EVID "ev-organization-id"

#define X10  "xxxxxxxxxx"
#define X50  X10 X10 X10 X10 X10
#define X200 X50 X50 X50 X50

/* A policy whose user notice holds that. */
#define NOTICE(hex)                                                                      \
	"omit=policies ext=2.5.29.32:30(30([1.2.3]30(30([1.3.6.1.5.5.7.2.2]30(" hex ")"  \
	")))) "
#define REFERENCE "30(0c(\"x\")30(020101))"

#define CONSTRAINTS "2.5.29.36:"
#define MAPPINGS    "2.5.29.33:"
#define INHIBIT     "2.5.29.54:"

/* p = 23, q = 11, g = 4; 2 is of that group, 5 is not. */
#define DSA_KEY(params, y) "spki=30(30([1.2.840.10040.4.1]" params ")03(0002(" y "))) "
#define PQG                "30(02(17)02(0b)02(04))"

#define PERMITTED(hex) "role=ca ext=2.5.29.30:30(a0(30(" hex ")))"
#define EXCLUDED(hex)  "role=ca ext=2.5.29.30:30(a1(30(" hex ")))"

#define EV        "policies=2.23.140.1.1 "
#define OWN_EV    "policies=2.16.840.1.114412.2.1 "
#define ORG(id)   "subject=/2.5.4.97=" id " "
#define EXT(hex)  "ext=2.23.140.3.1:30(" hex ") "
#define NTR_EXT   EXT("13(\"NTR\")13(\"GB\")0c(\"12345678\")")
#define STATE_EXT EXT("13(\"NTR\")13(\"US\")80(\"CA\")0c(\"123\")")

static const struct check_row ROWS[] = {
    {"rsa-key-absent", "unreadable", "spki=3013300d06092a864886f70d010101050003020030",
	FAIL},
    {"rsa-key-absent", "unreadable", "key=rsa2048", PASS},
    {"rsa-key-absent", "unreadable", "key=p256", NA},

    {TEXT, "ia5-string", NOTICE("16(\"x\")"), FAIL, "2013-01-01"},
    {TEXT, "ia5-string", NOTICE("0c(\"x\")"), PASS},
    {TEXT, "ia5-string", NOTICE("1600"), NA}, /* an empty text is none */
    {TEXT, "ia5-string", NOTICE(REFERENCE), NA},
    {TEXT, "ia5-string", "", NA},
    {TEXT, "too-long", NOTICE("0c(\"" X200 "x\")"), FAIL, "2013-01-01"},
    {TEXT, "too-long", NOTICE("0c(\"" X200 "\")"), PASS},
    /* Characters count: of 200 one has two octets. */
    {TEXT, "too-long", NOTICE("0c(\"" X50 X50 X50 X10 X10 X10 X10 "xxxxxxxxx\"c3a9)"),
	PASS},
    {TEXT, "too-long", "policies=1.2.3", NA},
    {TEXT, "not-utf8", NOTICE("1a(\"x\")"), FAIL, "2013-01-01"},
    {TEXT, "not-utf8", NOTICE(REFERENCE "1e(0078)"), FAIL},
    {TEXT, "not-utf8", NOTICE("0c(\"x\")"), PASS},
    {TEXT, "not-nfc", NOTICE("0c(\"e\"cc81)"), FAIL, "2013-01-01"},
    {TEXT, "not-nfc", NOTICE("1e(00650301)"), FAIL},
    {TEXT, "not-nfc", NOTICE("0c(\"a.e\"cc81)"), FAIL},
    {TEXT, "not-nfc", NOTICE("0c(c3a9)"), PASS},
    {TEXT, "not-nfc", NOTICE("0c(\".\"cc81)"), PASS},
    {TEXT, "not-nfc", NOTICE("1a(\"e\"cc81)"), PASS}, /* octets, not characters */
    {TEXT, "control", NOTICE("0c(\"x\"0d0a)"), FAIL, "2013-01-01"},
    {TEXT, "control", NOTICE("0c(7f)"), FAIL},
    {TEXT, "control", NOTICE("0c(c29f)"), FAIL},
    {TEXT, "control", NOTICE("1a(\"x\"1f)"), FAIL},
    {TEXT, "control", NOTICE("1e(0078000a)"), FAIL},
    {TEXT, "control", NOTICE("0c(20\"~\")"), PASS},
    {TEXT, "control", NOTICE("0c(c2a0)"), PASS},
    {TEXT, "control", NOTICE("1e(0a0a)"), PASS}, /* a letter of Gurmukhi */
    {TEXT, "notice-reference", NOTICE(REFERENCE), FAIL, "2008-05-01"},
    {TEXT, "notice-reference", NOTICE("0c(\"x\")"), PASS},
    {TEXT, "notice-reference", "", PASS},
    {TEXT, "notice-reference", "omit=policies", NA},

    {PEXT, "constraints-empty", "extcrit=" CONSTRAINTS "3000", FAIL, "1999-01-01"},
    {PEXT, "constraints-empty", "extcrit=" CONSTRAINTS "30(800100)", PASS},
    {PEXT, "constraints-empty", "extcrit=" CONSTRAINTS "0500", NA},
    {PEXT, "constraints-empty", "", NA},
    {PEXT, "constraints-not-critical", "ext=" CONSTRAINTS "30(800100)", FAIL,
	"2008-05-01"},
    {PEXT, "constraints-not-critical", "extcrit=" CONSTRAINTS "30(800100)", PASS},
    {PEXT, "inhibit-not-critical", "ext=" INHIBIT "020100", FAIL, "2002-04-01"},
    {PEXT, "inhibit-not-critical", "extcrit=" INHIBIT "020100", PASS},
    {PEXT, "maps-any-policy", "ext=" MAPPINGS "30(30([2.5.29.32.0][1.2.3]))", FAIL,
	"2002-04-01"},
    {PEXT, "maps-any-policy", "ext=" MAPPINGS "30(30([1.2.3][2.5.29.32.0]))", FAIL},
    {PEXT, "maps-any-policy", "ext=" MAPPINGS "30(30([1.2.3][1.2.4]))", PASS},
    {PEXT, "maps-any-policy", "", NA},
    {PEXT, "mappings-not-critical", "ext=" MAPPINGS "30(30([1.2.3][1.2.4]))", FAIL,
	"1999-01-01"},
    {PEXT, "mappings-not-critical", "extcrit=" MAPPINGS "30(30([1.2.3][1.2.4]))", PASS},
    {PEXT, "maps-unknown", "policies=1.2.4 ext=" MAPPINGS "30(30([1.2.3][1.2.4]))", FAIL,
	"2002-04-01"},
    {PEXT, "maps-unknown", "policies=1.2.3 ext=" MAPPINGS "30(30([1.2.3][1.2.4]))", PASS},
    {PEXT, "maps-unknown",
	"policies=1.2.3 ext=" MAPPINGS "30(30([1.2.3][1.2.4])30([1.2.5][1.2.4]))", FAIL},

    {CRIT, "freshest-crl", "extcrit=2.5.29.46:3000", FAIL, "2002-04-01"},
    {CRIT, "freshest-crl", "ext=2.5.29.46:3000", PASS},
    {CRIT, "freshest-crl", "", NA},
    {CRIT, "subject-directory-attributes", "extcrit=2.5.29.9:3000", FAIL, "1999-01-01"},
    {CRIT, "subject-directory-attributes", "ext=2.5.29.9:3000", PASS},
    {CRIT, "subject-info-access", "extcrit=1.3.6.1.5.5.7.1.11:3000", FAIL, "2002-04-01"},
    {CRIT, "subject-info-access", "ext=1.3.6.1.5.5.7.1.11:3000", PASS},
    {CRIT, "issuer-alt-name", "extcrit=2.5.29.18:3000", FAIL, "1999-01-01"},
    {CRIT, "issuer-alt-name", "ext=2.5.29.18:3000", PASS},

    {DSA, "missing", DSA_KEY("", "02"), FAIL, "2012-07-01", "2020-08-20"},
    {DSA, "missing", "nb=2015-01-01 " DSA_KEY("30(02(17)02(00)02(04))", "02"), FAIL},
    {DSA, "missing", "nb=2015-01-01 " DSA_KEY(PQG, "02"), PASS},
    {DSA, "missing",
	"nb=2015-01-01 eku=1.3.6.1.5.5.7.3.4 policies=1.2.3 " DSA_KEY("", "02"), NA},
    {DSA, "missing", "nb=2015-01-01", NA},
    {DSA, "range", DSA_KEY(PQG, "01"), FAIL, "2012-07-01", "2020-08-20"},
    {DSA, "range", "nb=2015-01-01 " DSA_KEY(PQG, "16"), FAIL},
    {DSA, "range", "nb=2015-01-01 " DSA_KEY(PQG, "82"), FAIL},
    {DSA, "range", "nb=2015-01-01 " DSA_KEY(PQG, "15"), PASS},
    {DSA, "range", "nb=2015-01-01 " DSA_KEY(PQG, "02"), PASS},
    {DSA, "range", "nb=2015-01-01 " DSA_KEY("", "01"), NA},
    {DSA, "order", DSA_KEY(PQG, "05"), FAIL, "2012-07-01", "2020-08-20"},
    {DSA, "order", "nb=2015-01-01 " DSA_KEY(PQG, "02"), PASS},
    {DSA, "order", "nb=2015-01-01 " DSA_KEY("", "05"), NA},

    {SKI, "tls", "omit=ski", FAIL, "1999-01-01", "2023-09-15"},
    {SKI, "tls", "nb=2015-01-01 ext=2.5.29.14:0400", PASS},
    {SKI, "tls", "nb=2015-01-01 omit=ski role=ca", NA},
    {SKI, "tls", "omit=ski dates=none", NE},
    {SKI, "other", "omit=ski eku=1.3.6.1.5.5.7.3.4 policies=1.2.3", FAIL, "1999-01-01"},
    {SKI, "other", "ext=2.5.29.14:0400 eku=1.3.6.1.5.5.7.3.4 policies=1.2.3", PASS},
    {SKI, "other", "omit=ski", NA},
    {SKI, "other", "omit=ski role=ca eku=1.3.6.1.5.5.7.3.4 policies=1.2.3", NA},

    {FORM, "edi-party-name", PERMITTED("a5(a1(0c(\"x\")))"), FAIL, "2008-05-01"},
    {FORM, "edi-party-name", EXCLUDED("a5(a1(0c(\"x\")))"), FAIL},
    {FORM, "edi-party-name", PERMITTED("82(\"x\")"), PASS},
    {FORM, "edi-party-name", "role=ca", NA},
    {FORM, "registered-id", PERMITTED("88(2a03)"), FAIL, "2008-05-01"},
    {FORM, "registered-id", EXCLUDED("88(2a03)"), FAIL},
    {FORM, "registered-id", PERMITTED("82(\"x\")"), PASS},
    {FORM, "x400-address", PERMITTED("a3(3000)"), FAIL, "2008-05-01"},
    {FORM, "x400-address", EXCLUDED("a3(3000)"), FAIL},
    {FORM, "x400-address", EXCLUDED("82(\"x\")"), PASS},

    {ATTR, "serial-number-type", "subjectder=30(31(30([2.5.4.5]0c(\"7\"))))", FAIL},
    {ATTR, "serial-number-type", "subjectder=30(31(30([2.5.4.5]13(\"7\"))))", PASS},
    {ATTR, "serial-number-type", "subjectder=30(31(30([2.5.4.5]0c00)))", NA},
    {ATTR, "serial-number-type", "", NA},
    {ATTR, "not-dn", "subjectder=0c(\"x\")", FAIL, "1999-01-01"},
    {ATTR, "not-dn", "subjectder=30(0c(\"x\"))", FAIL},
    {ATTR, "not-dn", "", PASS},
    {ATTR, "not-dn", "subjectder=3000", PASS},
    {ATTR, "html-entity", "subject='/O=A &amp; B'", FAIL},
    {ATTR, "html-entity", "subject=/O=Caf&#233;", FAIL},
    {ATTR, "html-entity", "subject=/O=Caf&#xe9;", FAIL},
    {ATTR, "html-entity", "subjectder=30(31(30([2.5.4.10]1e(0026006c0074003b))))", FAIL},
    {ATTR, "html-entity", "subject='/O=A & B; C'", PASS},
    {ATTR, "html-entity", "subject='/O=A&;B&#;'", PASS},
    {ATTR, "html-entity", "subject='/O=A&B &&amp'", PASS},
    {ATTR, "html-entity", "subject='/O=A&&amp;'", FAIL},
    {ATTR, "given-name-length", "subject=/GN=" X50 X10 "xxxxx", FAIL, "1999-01-01"},
    {ATTR, "given-name-length", "subject=/GN=" X50 X10 "xxxx", PASS},
    {ATTR, "given-name-length", "subject=/SN=" X50 X10 "xxxxx", NA},
    {ATTR, "surname-length", "subject=/SN=" X50 X10 "xxxxx", FAIL, "1999-01-01"},
    {ATTR, "surname-length", "subject=/SN=" X50 X10 "xxxx", PASS},
    {ATTR, "surname-length", "subject=/GN=" X50 X10 "xxxxx", NA},

    {MAIL, "absent", "subject=/E=a@example.org", FAIL, "1999-01-01"},
    {MAIL, "absent", "subject=/E=a@example.org san=1:A@example.org", FAIL},
    {MAIL, "absent", "subject=/E=a@example.org/E=b@example.org san=1:a@example.org",
	FAIL},
    {MAIL, "absent", "subject=/E=a@example.org san=1:a@example.org", PASS},
    {MAIL, "absent", "san=1:a@example.org", NA},

    {EVID, "no-extension", EV ORG("NTRGB-12345678"), FAIL, "2020-01-31"},
    {EVID, "no-extension", OWN_EV ORG("NTRGB-12345678"), FAIL},
    {EVID, "no-extension", EV ORG("NTRGB-12345678") NTR_EXT, PASS},
    {EVID, "no-extension", EV, NA},
    {EVID, "no-extension", ORG("NTRGB-12345678"), NA},
    {EVID, "differs", EV ORG("NTRGB-12345679") NTR_EXT, FAIL, "2020-01-31"},
    {EVID, "differs", EV ORG("VATGB-12345678") NTR_EXT, FAIL},
    {EVID, "differs", EV ORG("NTRDE-12345678") NTR_EXT, FAIL},
    {EVID, "differs", EV ORG("NTRGB12345678") NTR_EXT, FAIL},
    {EVID, "differs", EV ORG("ntrgb-12345678") NTR_EXT, FAIL},
    {EVID, "differs", EV ORG("NTRGB-12345678") EXT("13(\"NTR\")"), FAIL},
    {EVID, "differs", EV ORG("NTRGB-12345678") NTR_EXT, PASS},
    {EVID, "differs", EV ORG("NTRUS\\+CA-123") STATE_EXT, PASS},
    {EVID, "differs", EV ORG("NTRUS\\+NY-123") STATE_EXT, FAIL},
    {EVID, "differs", EV ORG("NTRUS-123") STATE_EXT, FAIL},
    {EVID, "differs",
	EV ORG("PSDBE-NBB-1234") EXT("13(\"PSD\")13(\"BE\")0c(\"NBB-1234\")"), PASS},
    {EVID, "differs", EV ORG("PSDBE-NBB-1234") EXT("13(\"PSD\")13(\"BE\")0c(\"1234\")"),
	PASS},
    {EVID, "differs", EV ORG("PSDBE-NBB-1234") EXT("13(\"PSD\")13(\"BE\")0c(\"123\")"),
	FAIL},
    {EVID, "differs", EV ORG("NTRGB-12345678"), NA},
    {EVID, "scheme", EV ORG("LEIXG-12345678"), FAIL, "2020-01-31"},
    {EVID, "scheme", EV ORG("NT"), FAIL},
    {EVID, "scheme", EV ORG("NTRGB-1"), PASS},
    {EVID, "scheme", EV ORG("VATDE-1"), PASS},
    {EVID, "scheme", EV ORG("PSDBE-NBB-1"), PASS},
    {EVID, "scheme", EV ORG("LEIXG-1") "role=ca", NA},
    {EVID, "state", EXT("13(\"VAT\")13(\"US\")80(\"CA\")0c(\"123\")"), FAIL,
	"2019-06-21"},
    {EVID, "state", EXT("13(\"PSD\")13(\"US\")80(\"CA\")0c(\"123\")"), FAIL},
    {EVID, "state", EXT("13(\"VAT\")13(\"US\")0c(\"123\")"), PASS},
    {EVID, "state", STATE_EXT, NA},
    {EVID, "state", "", NA},
};

const struct check_row_set ROWS_RFC5280 = {"rfc5280", ROWS, ARRAY_LEN(ROWS)};
