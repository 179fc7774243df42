/*
 * What WoSign and StartCom did, case by case, as far as a log shows it. The
 * numbers and letters are those of Mozilla's list of issues.
 */
#include "tests/lib/incident_priv.h"

#define EN CA_WOSIGN_EN
#define ZH CA_WOSIGN_ZH
#define SHA1_SIGNED                                                                      \
	.key = MAKE_KEY_RSA2048, .key_slot = 20, .sigalg = MAKE_SIG_SHA1,                \
	.not_after = "2016-12-29T16:00:00Z"
#define SHA1_FOUND                                                                       \
	"sha1-after-sunset backdated-vs-sct backdated-over-deadline stale-precert "      \
	"notbefore-cluster"
/* Which of those that end together is the one that makes them a group, depends on
 * the order in which two logs are read. */
#define SHA1_MAY "template-notafter"
/* The serial number of Issue H, and the other one. */
#define SERIAL_H1 "056d1570da645bf6b44c0a7077cc6769"
#define SERIAL_H2 "0d3bbdc3a0175e38f9d0070cd050986a"
#define SAME      .serial = SERIAL_H1, .matched = true
#define PLAIN     .slip = SLIP_NONE
#define IDLE      "idle-ca-issued " /* StartCom had stopped in October 2016 */
#define DUPLICATE "duplicate-serial serial-tbs-conflict missing-embedded-sct"

static const struct make_san UTF8_NAME[] = {
    {2, {(const uint8_t *)"m\xc3\xbcller.example", 15}}};
static const struct make_san NUL_NAME[] = {
    {2, {(const uint8_t *)"bank.example\0.evil.example", 26}},
    {2, {(const uint8_t *)"evil.example", 12}}};

const char *const INCIDENT_COVERS[] = {"sha1-after-sunset", "backdated-vs-sct",
    "backdated-over-deadline", "notbefore-cluster", "twin-date-gap", "stale-precert",
    "forward-dated", "template-notafter", "duplicate-serial", "serial-tbs-conflict",
    "precert-mismatch", "missing-embedded-sct", "ec-curve-not-allowed", "ku-key-mismatch",
    "validity-too-long", "serial-not-positive", "serial-too-long", "cn-not-in-san",
    "dns-not-ia5", "country-invalid", "new-intermediate", "cross-sign",
    "unexpected-operator", "watched-name", "unexpected-issuer", "issued-after-distrust",
    "idle-ca-issued", "ca-key-reuse", "root-issued-leaf", "issuer-linkage",
    "ca-name-constraints", NULL};

/* clang-format off: a row is a case, and reads as one line of a table */
const struct incident_case INCIDENT_HISTORY[] = {
    /* H: one serial number on two intermediates, English and Chinese */
    {"one serial number (English)", EN, "shop-a.example", "2015-04-10T03:00:00Z", NULL, 0,
	FORM_FINAL, "duplicate-serial missing-embedded-sct", "serial-tbs-conflict", SAME},
    {"one serial number (English)", EN, "shop-b.example www.shop-b.example",
	"2015-04-10T03:01:00Z", NULL, 0, FORM_FINAL, DUPLICATE, NULL, SAME},
    {"one serial number (English)", EN, "shop-c.example", "2015-04-10T03:02:00Z", NULL, 0,
	FORM_FINAL, DUPLICATE, NULL, SAME},
    {"one serial number (English)", EN, "shop-d.example", "2015-04-11T03:03:00Z", NULL,
	1095, FORM_FINAL, DUPLICATE, NULL, SAME},
    {"one serial number (Chinese)", ZH, "dian-a.example", "2015-04-10T03:00:30Z", NULL, 0,
	FORM_FINAL, "duplicate-serial missing-embedded-sct", "serial-tbs-conflict", SAME},
    {"one serial number (Chinese)", ZH, "dian-b.example", "2015-04-10T03:01:30Z", NULL, 0,
	FORM_FINAL, DUPLICATE, NULL, SAME},
    {"one serial number (Chinese)", ZH, "dian-c.example", "2015-04-10T03:02:30Z", NULL, 0,
	FORM_FINAL, DUPLICATE, NULL, SAME},
    /* F: two signing servers, all the same but notBefore */
    {"twins but for notBefore", EN, "twin.example", "2015-03-12T08:00:10Z",
	"2015-03-12T07:00:00Z", 0, FORM_FINAL, "duplicate-serial missing-embedded-sct",
	"serial-tbs-conflict", .serial = SERIAL_H2, .matched = true, .key_slot = 21,
	.not_after = "2016-03-12T07:00:00Z"},
    {"twins but for notBefore", EN, "twin.example", "2015-03-12T08:00:40Z",
	"2015-03-12T07:00:31Z", 0, FORM_FINAL, DUPLICATE, NULL, .serial = SERIAL_H2,
	.matched = true, .key_slot = 21, .not_after = "2016-03-12T07:00:00Z"},

    /* N, incident 1: control of a sub-domain yields the base domain */
    {"unvalidated base domain", EN, "user-one.githost.example githost.example",
	"2015-06-10T09:00:00Z", NULL, 1095, FORM_PAIR, "unexpected-issuer", NULL, true,
	PLAIN},
    {"unvalidated base domain", EN,
	"user-two.githost.example githost.example "
	"www.githost.example",
	"2015-06-12T09:00:00Z", NULL, 1095, FORM_PAIR, "unexpected-issuer", NULL, true,
	PLAIN},
    {"unvalidated base domain", EN, "math.university.example university.example",
	"2015-06-15T09:00:00Z", NULL, 1095, FORM_PAIR, NULL, NULL, true, PLAIN},

    /* P: SM2, tested on the real Internet */
    {"an SM2 key", ZH, "guomi.example", "2015-11-18T06:00:00Z", NULL, 0, FORM_PAIR,
	"ec-curve-not-allowed", NULL, true, .key = MAKE_KEY_SM2, .key_slot = 1},

    /* S: SHA-1 after the end of SHA-1; 4 January, 16 days back, and its twin 17 s on */
    {"SHA-1 in January", EN, "congfu.example", "2016-01-04T08:12:11Z",
	"2015-12-19T08:12:11Z", 0, FORM_PAIR, SHA1_FOUND " twin-date-gap", SHA1_MAY, true,
	SHA1_SIGNED},
    {"its SHA-256 twin", EN, "congfu.example", "2016-01-04T08:12:28Z",
	"2016-01-04T07:12:28Z", 0, FORM_PAIR, NULL, SHA1_MAY, true,
	.key = MAKE_KEY_RSA2048, .key_slot = 20, .not_after = "2016-12-29T16:00:00Z"},
    {"SHA-1 in January", EN, "mail.jiaoyi.example", "2016-01-05T02:00:00Z",
	"2015-12-20T02:00:00Z", 0, FORM_PAIR, SHA1_FOUND, SHA1_MAY, true, SHA1_SIGNED},
    {"SHA-1 in January", ZH, "pay.zhifu.example", "2016-01-18T02:00:00Z",
	"2015-12-20T03:00:00Z", 0, FORM_PAIR, SHA1_FOUND, SHA1_MAY, true, SHA1_SIGNED},
    {"a SHA-1 precertificate of 2016", EN, "openly.example", "2016-02-01T02:00:00Z", NULL,
	0, FORM_PRECERT, "sha1-after-sunset", SHA1_MAY, true, SHA1_SIGNED},
    /* one of the 64 that were dated to that day was logged on it */
    {"SHA-1 in time", EN, "in-time.example", "2015-12-20T02:00:00Z", NULL, 0, FORM_PAIR,
	"notbefore-cluster", SHA1_MAY, true, SHA1_SIGNED},
    {"SHA-1 in good time", EN, "in-good-time.example", "2015-12-15T02:00:00Z", NULL, 0,
	FORM_PAIR, NULL, SHA1_MAY, true, SHA1_SIGNED},
    {"dated to the week to come", EN, "to-come.example", "2016-03-10T02:00:00Z",
	"2016-03-14T02:00:00Z", 0, FORM_PAIR, "forward-dated", NULL, true, PLAIN},
    /* V, incident 2: API parameter 1, July 2016 */
    {"SHA-1 in July", EN, "api-one.example", "2016-07-02T02:00:00Z",
	"2015-12-20T02:00:00Z", 0, FORM_PAIR, SHA1_FOUND, SHA1_MAY, true, SHA1_SIGNED},
    {"SHA-1 in July", EN, "api-two.example", "2016-07-05T03:00:00Z",
	"2015-12-20T04:00:00Z", 0, FORM_PAIR, SHA1_FOUND, SHA1_MAY, true, SHA1_SIGNED},
    /* R: a CA bought in secret: its certificates point to the buyer's hosts */
    {"the other operator's hosts", CA_STARTCOM, "startencrypt.example",
	"2016-06-14T10:00:00Z", NULL, 0, FORM_PAIR, "unexpected-operator", NULL, true,
	.host = "wosign-recreation.example"},
    {"StartCom's own hosts", CA_STARTCOM, "startssl.example", "2016-06-14T11:00:00Z",
	NULL, 0, FORM_PAIR, NULL, NULL, true, PLAIN},

    /* The promise of 5 July 2016: every certificate is logged */
    {"no SCT after the promise", EN, "promised.example", "2016-08-10T02:00:00Z", NULL, 0,
	FORM_FINAL, "missing-embedded-sct", NULL, true, PLAIN},
    {"no SCT before it", EN, "before.example", "2016-05-10T02:00:00Z", NULL, 0,
	FORM_FINAL, "missing-embedded-sct", NULL, true, PLAIN},

    /* StartCom's 40 of 50,000 (2017), and the rest of the catalogue */
    {"a test certificate", CA_STARTCOM, "ct-test.startcom-recreation.example",
	"2017-04-20T10:00:00Z", NULL, 0, FORM_PAIR, IDLE, NULL, true,
	.subject = "/C=IL/O=test/CN=ct-test.startcom-recreation.example"},
    {"key agreement with RSA", CA_STARTCOM, "ku-rsa.example", "2017-05-02T10:00:00Z",
	NULL, 0, FORM_PAIR, IDLE "ku-key-mismatch", NULL, true, .key = MAKE_KEY_RSA2048,
	.key_slot = 21, .key_usage = MAKE_KU_DIGITAL_SIGNATURE | MAKE_KU_KEY_AGREEMENT},
    {"key encipherment with EC", CA_STARTCOM, "ku-ec.example", "2017-05-03T10:00:00Z",
	NULL, 0, FORM_PAIR, IDLE "ku-key-mismatch", NULL, true,
	.key_usage = MAKE_KU_DIGITAL_SIGNATURE | MAKE_KU_KEY_ENCIPHERMENT},
    {"P-521", CA_STARTCOM, "p521.example", "2017-05-03T11:00:00Z", NULL, 0, FORM_PAIR,
	IDLE, NULL, true, .key = MAKE_KEY_P521, .key_slot = 1},
    {"four years", EN, "four-years.example", "2016-08-01T10:00:00Z", NULL, 1461,
	FORM_PAIR, "validity-too-long", NULL, true, PLAIN},
    {"a CN that is no SAN", EN, "san.example", "2016-03-01T10:00:00Z", NULL, 0, FORM_PAIR,
	"cn-not-in-san", NULL, true, .subject = "/C=CN/CN=another.example"},
    {"Unicode in place of punycode", CA_STARTCOM, "", "2017-05-04T10:00:00Z", NULL, 0,
	FORM_PAIR, IDLE "dns-not-ia5", NULL, true, .subject = "/C=DE/O=Muller",
	.sans = UTF8_NAME, .san_count = 1},
    {"a country that is none", CA_STARTCOM, "uk.example", "2017-05-05T10:00:00Z", NULL, 0,
	FORM_PAIR, IDLE "country-invalid", NULL, true,
	.subject = "/C=UK/O=U K Ltd/CN=uk.example"},
    {"a negative serial number", EN, "negative.example", "2016-03-02T10:00:00Z", NULL, 0,
	FORM_PAIR, "serial-not-positive", NULL, true,
	.serial = "8a11b2c3d4e5f60718293a4b5c6d7e8f"},
    {"serial number zero", EN, "zero.example", "2016-03-02T11:00:00Z", NULL, 0, FORM_PAIR,
	"serial-not-positive", NULL, true, .serial = "00"},
    {"21 octets", EN, "long-serial.example", "2016-03-03T10:00:00Z", NULL, 0, FORM_PAIR,
	"serial-too-long", NULL, true,
	.serial = "5a1122334455667788990011223344556677889900"},

    /* A final certificate that its precertificate does not foretell */
    {"another notAfter in the final", EN, "slip-a.example", "2016-04-01T10:00:00Z", NULL,
	0, FORM_PAIR, "precert-mismatch", NULL, true, .slip = SLIP_NOT_AFTER},
    {"another subject in the final", EN, "slip-b.example", "2016-04-02T10:00:00Z", NULL,
	0, FORM_PAIR, "precert-mismatch", NULL, true, .slip = SLIP_SUBJECT,
	.subject = "/C=CN/O=Slip A Ltd/CN=slip-b.example"},
    {"another key in the final", EN, "slip-c.example", "2016-04-03T10:00:00Z", NULL, 0,
	FORM_PAIR, "precert-mismatch", NULL, true, .slip = SLIP_SPKI},
    {"another extension in the final", EN, "slip-d.example", "2016-04-04T10:00:00Z", NULL,
	0, FORM_PAIR, "precert-mismatch", NULL, true, .slip = SLIP_EXTENSION},

    /* Good ones of theirs */
    {"ordinary (English)", EN, "fine-a.example www.fine-a.example",
	"2015-02-01T10:00:00Z", NULL, 1095, FORM_PAIR, NULL, NULL, true, PLAIN},
    {"ordinary (Chinese)", ZH, "fine-b.example", "2016-02-01T10:00:00Z", NULL, 0,
	FORM_PAIR, NULL, NULL, true, PLAIN},
    {"ordinary (English)", EN, "fine-c.example", "2016-09-01T10:00:00Z", NULL, 0,
	FORM_PAIR, NULL, NULL, true, PLAIN},

    /* 2017: Certinomis cross-signs the root while it is distrusted */
    {"by way of the cross-certificate", EN, "crossed.example", "2017-05-15T10:00:00Z",
	NULL, 0, FORM_PAIR, "issued-after-distrust", NULL, true, .by_cross = true},
    /* Keys at the top that do what they should not */
    {"signed by the root itself", CA_WOSIGN_ROOT, "direct.example",
	"2016-08-03T10:00:00Z", NULL, 0, FORM_PAIR, "root-issued-leaf", NULL, true,
	PLAIN},
    {"by the root's key under another name", CA_STARTCOM_REUSED, "reused.example",
	"2017-05-06T10:00:00Z", NULL, 0, FORM_PAIR, IDLE "root-issued-leaf", NULL, true,
	PLAIN},

    /* What site owners watch */
    {"a bank's own", CA_HONEST1, "bank.example www.bank.example", "2015-05-01T10:00:00Z",
	NULL, 0, FORM_PAIR, "watched-name", NULL, true, PLAIN},
    {"a bank's renewal", CA_HONEST1, "bank.example www.bank.example",
	"2016-04-20T10:00:00Z", NULL, 0, FORM_PAIR, "watched-name", NULL, true, PLAIN},
    {"a wildcard", CA_HONEST2, "*.bank.example", "2016-06-20T10:00:00Z", NULL, 0,
	FORM_PRECERT, "watched-name", NULL, true, PLAIN},
    {"a wildcard that may cover it", CA_HONEST2, "*.example", "2016-06-21T10:00:00Z",
	NULL, 0, FORM_PRECERT, "watched-name unexpected-issuer", NULL, true, PLAIN},
    {"a NUL in the name", CA_HONEST3, "", "2016-07-20T10:00:00Z", NULL, 0, FORM_PAIR,
	"watched-name dns-not-ia5", NULL, true, .subject = "/CN=evil.example",
	.sans = NUL_NAME, .san_count = 2},
    {"by a precertificate signing certificate", CA_HONEST2, "api.bank.example",
	"2016-07-25T10:00:00Z", NULL, 0, FORM_PAIR, "watched-name", NULL, true,
	.by_signer = true},
    {"an IDN", CA_HONEST2, "www.xn--bcher-kva.example", "2016-08-20T10:00:00Z", NULL, 0,
	FORM_PAIR, "watched-name", NULL, true, PLAIN},
    {"the expected issuer", CA_HONEST1, "githost.example *.githost.example",
	"2016-01-20T10:00:00Z", NULL, 0, FORM_PAIR, NULL, NULL, true, PLAIN},
    {"another issuer", CA_HONEST3, "login.githost.example", "2016-10-20T10:00:00Z", NULL,
	0, FORM_PRECERT, "unexpected-issuer", NULL, true, PLAIN},
    {"a name that only looks like it", CA_HONEST3,
	"bank.example.evil.example mybank.example", "2016-10-21T10:00:00Z", NULL, 0,
	FORM_PAIR, NULL, NULL, false, PLAIN},
};
const size_t INCIDENT_HISTORY_COUNT = ARRAY_LEN(INCIDENT_HISTORY);

const struct incident_case INCIDENT_LIVE[] = {
    {"a certificate for a watched name", CA_HONEST2, "online.bank.example", NULL, NULL, 0,
	FORM_PAIR, "watched-name", NULL, true, PLAIN},
    {"a SHA-1 certificate dated 2015", EN, "again.example", NULL, "2015-12-20T04:00:00Z",
	0, FORM_PAIR, SHA1_FOUND, NULL, true, .key = MAKE_KEY_RSA2048, .key_slot = 20,
	.sigalg = MAKE_SIG_SHA1, .not_after = "2016-03-19T04:00:00Z"},
    {"an issuer that nobody expected", CA_HONEST3, "githost.example", NULL, NULL, 0,
	FORM_PRECERT, "unexpected-issuer", NULL, true, PLAIN},
    {"the first certificate of a new intermediate", CA_WOSIGN_NEW, "fresh.example", NULL,
	NULL, 0, FORM_PAIR, "issued-after-distrust", NULL, true, PLAIN},
    {"a certificate of two years", ZH, "too-long.example", NULL, NULL, 731, FORM_PRECERT,
	"validity-too-long issued-after-distrust", NULL, true, PLAIN},
    /* a final, as a precertificate of that serial number would speak for the old ones */
    {"a serial number used before", EN, "h-again.example", NULL, NULL, 0, FORM_FINAL,
	DUPLICATE " issued-after-distrust", NULL, SAME},
};
const size_t INCIDENT_LIVE_COUNT = ARRAY_LEN(INCIDENT_LIVE);

#define WOSIGN    "/C=CN/O=WoSign CA Limited (re-creation)"
#define OLD       "2009-08-08T01:00:05Z", "2039-08-08T01:00:05Z"
#define MIDDLE    "2014-11-08T00:58:58Z", "2029-11-08T00:58:58Z"
#define WOSIGN_AT "wosign-recreation.example"

const struct incident_ca_row INCIDENT_CAS[CA_COUNT] = {
    [CA_WOSIGN_ROOT] = {WOSIGN "/CN=Certification Authority of WoSign (re-creation)",
	WOSIGN_AT, "wosign-root.pem", CA_WOSIGN_ROOT, MAKE_KEY_RSA2048, 30, OLD, NULL,
	"cross-sign"},
    [CA_WOSIGN_EN] = {WOSIGN "/CN=WoSign CA Free SSL Certificate G2 (re-creation)",
	WOSIGN_AT, NULL, CA_WOSIGN_ROOT, MAKE_KEY_RSA2048, 31, MIDDLE, NULL,
	"new-intermediate"},
    [CA_WOSIGN_ZH] = {WOSIGN "/CN=CA \xe6\xb2\x83\xe9\x80\x9a\xe5\x85\x8d\xe8\xb4\xb9SSL"
			     "\xe8\xaf\x81\xe4\xb9\xa6 G2 (re-creation)",
	WOSIGN_AT, NULL, CA_WOSIGN_ROOT, MAKE_KEY_RSA2048, 32, MIDDLE, NULL,
	"new-intermediate"},
    [CA_WOSIGN_NEW] = {WOSIGN "/CN=WoSign New Start G3 (re-creation)", WOSIGN_AT, NULL,
	CA_WOSIGN_ROOT, MAKE_KEY_P256, 33, NULL, NULL, "new-intermediate", NULL},
    [CA_WOSIGN_CROSS] = {WOSIGN "/CN=Certification Authority of WoSign (re-creation)",
	"certinomis-recreation.example", NULL, CA_CERTINOMIS, MAKE_KEY_RSA2048, 30,
	"2017-04-13T09:00:00Z", "2027-04-13T09:00:00Z", "cross-sign", NULL},
    [CA_STARTCOM_ROOT] = {"/C=IL/O=StartCom Ltd. (re-creation)/CN=StartCom Certification "
			  "Authority (re-creation)",
	"startcom-recreation.example", "startcom-root.pem", CA_STARTCOM_ROOT,
	MAKE_KEY_P256, 34, OLD, NULL, "ca-key-reuse"},
    [CA_STARTCOM] =
	{"/C=IL/O=StartCom Ltd. (re-creation)/CN=StartCom Class 1 DV Server CA "
	 "(re-creation)",
	    "startcom-recreation.example", NULL, CA_STARTCOM_ROOT, MAKE_KEY_RSA2048, 35,
	    MIDDLE, NULL, "new-intermediate"},
    [CA_STARTCOM_REUSED] = {"/C=IL/O=StartCom Ltd. (re-creation)/CN=StartCom BR SSL ICA "
			    "(re-creation)",
	"startcom-recreation.example", NULL, CA_STARTCOM_ROOT, MAKE_KEY_P256, 34, MIDDLE,
	"ca-key-reuse", "new-intermediate"},
    [CA_CERTINOMIS] = {"/C=FR/O=Certinomis (re-creation)/CN=Certinomis - Root CA "
		       "(re-creation)",
	"certinomis-recreation.example", NULL, CA_CERTINOMIS, MAKE_KEY_P256, 36, OLD,
	NULL, NULL},
    [CA_HONEST1_ROOT] = {"/C=DE/O=Honest CA One (test)/CN=Honest Root One (test)",
	"honest-one.example", NULL, CA_HONEST1_ROOT, MAKE_KEY_P256, 37, OLD, NULL, NULL},
    [CA_HONEST1] = {"/C=DE/O=Honest CA One (test)/CN=Honest Server CA 1 (test)",
	"honest-one.example", NULL, CA_HONEST1_ROOT, MAKE_KEY_P256, 38, MIDDLE, NULL,
	NULL},
    [CA_HONEST2_ROOT] = {"/C=US/O=Honest CA Two (test)/CN=Honest Root Two (test)",
	"honest-two.example", NULL, CA_HONEST2_ROOT, MAKE_KEY_P384, 39, OLD, NULL, NULL},
    [CA_HONEST2] = {"/C=US/O=Honest CA Two (test)/CN=Honest Server CA 2 (test)",
	"honest-two.example", NULL, CA_HONEST2_ROOT, MAKE_KEY_P256, 40, MIDDLE, NULL,
	NULL},
    [CA_HONEST2_SIGNER] =
	{"/C=US/O=Honest CA Two (test)/CN=Honest Precertificate Signer 2 "
	 "(test)",
	    "honest-two.example", NULL, CA_HONEST2, MAKE_KEY_P256, 43, MIDDLE, NULL,
	    NULL},
    [CA_HONEST3_ROOT] = {"/C=NO/O=Honest CA Three (test)/CN=Honest Root Three (test)",
	"honest-three.example", NULL, CA_HONEST3_ROOT, MAKE_KEY_P256, 41, OLD, NULL,
	NULL},
    [CA_HONEST3] = {"/C=NO/O=Honest CA Three (test)/CN=Honest Server CA 3 (test)",
	"honest-three.example", NULL, CA_HONEST3_ROOT, MAKE_KEY_P256, 42, MIDDLE, NULL,
	NULL},
};
/* clang-format on */

const char INCIDENT_WATCH[] = "# What the re-created incident is watched with.\n"
			      "domain \"bank.example\" {}\n"
			      "domain \"b\xc3\xbc"
			      "cher.example\" {}\n"
			      "domain \"githost.example\" {\n"
			      "\tallowed_issuers = {\"Honest CA One (test)\"}\n"
			      "}\n"
			      "ca \"WoSign (re-creation)\" {\n"
			      "\tcertificates = {\"%s/wosign-root.pem\"}\n"
			      "\tstate = probation\n"
			      "\ttime_zone = \"+08:00\"\n"
			      "\thosts = {\"wosign-recreation.example\"}\n"
			      "\tdistrust = {\"Mozilla nb 2016-10-21\"}\n"
			      "\tcommitments = {\"embedded-sct 2016-07-05\"}\n"
			      "}\n"
			      "ca \"StartCom (re-creation)\" {\n"
			      "\tcertificates = {\"%s/startcom-root.pem\"}\n"
			      "\tstate = idle\n"
			      "\tidle_since = 2016-10-01\n"
			      "\thosts = {\"startcom-recreation.example\"}\n"
			      "}\n";
