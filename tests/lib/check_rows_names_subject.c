#include "tests/lib/check_rows.h"

#include "base/err.h"

#define A8   "aaaaaaaa"
#define A16  A8 A8
#define A64  A16 A16 A16 A16
#define A128 A64 A64
#define MAIL "eku=1.3.6.1.5.5.7.3.4 policies=1.2.3 "
#define DV   "policies=2.23.140.1.2.1 "
#define OV   "policies=2.23.140.1.2.2 "
#define IV   "policies=2.23.140.1.2.3 "
#define EV   "policies=2.23.140.1.1 "

/* A subject of one attribute: its type in dots, and its value's element. */
#define ONE(oid, value)    "'subjectder=30(31(30([" oid "]" value ")))' "
#define ISSUER(oid, value) "'issuerder=30(31(30([" oid "]" value ")))' "
#define O_UTF8(hex)        ONE("2.5.4.10", "0c(" hex ")")

static const struct check_row ROWS[] = {
#define PRESENT "cn-present"
    {PRESENT, "before", "subject=/CN=a.org", FAIL, "2012-07-01", "2023-09-15"},
    {PRESENT, "before", "nb=2020-01-01 subject=/O=x", PASS},
    {PRESENT, "before", "nb=2020-01-01 role=ca", NA},
    {PRESENT, "dv", DV "subject=/CN=a.org", FAIL, "2023-09-15"},
    {PRESENT, "dv", DV "subject=/C=US", PASS},
    {PRESENT, "dv", OV "subject=/CN=a.org", NA},
    {PRESENT, "ov", OV "subject=/CN=a.org", FAIL, "2023-09-15"},
    {PRESENT, "ov", OV "subject=/O=x", PASS},
    {PRESENT, "iv", IV "subject=/CN=a.org", FAIL, "2023-09-15"},
    {PRESENT, "iv", IV "subject=/O=x", PASS},
    {PRESENT, "ev", EV "subject=/CN=a.org", FAIL, "2023-09-15"},
    {PRESENT, "ev", EV "subject=/O=x", PASS},
    {PRESENT, "other", "policies=1.2.3 subject=/CN=a.org", FAIL, "2023-09-15"},
    {PRESENT, "other", "policies=1.2.3 subject=/O=x", PASS},
    {PRESENT, "other", DV "subject=/CN=a.org", NA},

#define MISSING "san-missing"
    {MISSING, "absent", "omit=san", FAIL, "2012-07-01"},
    {MISSING, "absent", "", PASS},
    {MISSING, "absent", "role=ca omit=san", NA},
    {MISSING, "absent", MAIL "omit=san", NA},
    {MISSING, "empty", MAIL "omit=san ext=2.5.29.17:3000", FAIL, "1999-01-01"},
    {MISSING, "empty", "", PASS},
    {MISSING, "empty", "omit=san", NA},
    {MISSING, "empty-name", MAIL "sanhex=1:", FAIL, "1999-01-01"},
    {MISSING, "empty-name", "", PASS},
    {MISSING, "no-subject", "role=ca subjectder=3000 omit=san", FAIL, "1999-01-01"},
    {MISSING, "no-subject", "subjectder=3000", PASS},
    {MISSING, "no-subject", "omit=san", PASS},
    {MISSING, "no-host", "dns= san=1:a@b.org", FAIL, "2012-07-01"},
    {MISSING, "no-host", "dns= sanhex=7:08080808", PASS},
    {MISSING, "no-host", "omit=san", NA},

#define TYPE "san-name-type"
    {TYPE, "directory", "role=ca sanhex=4:3000", FAIL, "2012-07-01"},
    {TYPE, "directory", "", PASS},
    {TYPE, "directory", MAIL "sanhex=4:3000", NA},
    {TYPE, "directory", "omit=san", NA},
    {TYPE, "edi-party", "sanhex=5:3000", FAIL, "2012-07-01"},
    {TYPE, "edi-party", "", PASS},
    {TYPE, "other-name", "sanhex=0:3000", FAIL, "2012-07-01"},
    {TYPE, "other-name", "", PASS},
    {TYPE, "registered-id", "sanhex=8:2a03", FAIL, "2012-07-01"},
    {TYPE, "registered-id", "", PASS},
    {TYPE, "email", "san=1:a@b.org", FAIL, "2012-07-01"},
    {TYPE, "email", "", PASS},
    {TYPE, "uri", "san=6:http://b.org", FAIL, "2012-07-01"},
    {TYPE, "uri", "", PASS},
    {TYPE, "x400", "sanhex=3:3000", FAIL, "2012-07-01"},
    {TYPE, "x400", "", PASS},
    {TYPE, "ev-address", EV "sanhex=7:08080808", FAIL},
    {TYPE, "ev-address", EV, PASS},
    {TYPE, "ev-address", "sanhex=7:08080808", NA},
    {TYPE, "profile", "san=1:a@b.org", FAIL, "2023-09-15"},
    {TYPE, "profile", "sanhex=7:08080808", PASS},
    {TYPE, "profile", EV "san=1:a@b.org", NA},
    {TYPE, "profile", "role=ca san=1:a@b.org", NA},
    {TYPE, "ev-profile", EV "sanhex=7:08080808", FAIL, "2023-09-15"},
    {TYPE, "ev-profile", EV, PASS},
    {TYPE, "ev-profile", "sanhex=7:08080808", NA},
    {TYPE, "address-length", MAIL "sanhex=7:0808080808080808", FAIL},
    {TYPE, "address-length", "sanhex=7:080808", FAIL},
    {TYPE, "address-length", "sanhex=7:08080808", PASS},
    {TYPE, "address-length", "sanhex=7:20010db8000000000000000000000001", PASS},

#define CRITICAL "san-criticality"
    {CRITICAL, "critical", "sancritical subject=/O=x", FAIL, "2008-05-01"},
    {CRITICAL, "critical", "sancritical subjectder=3000", PASS},
    {CRITICAL, "critical", "subject=/O=x", PASS},
    {CRITICAL, "critical", MAIL "sancritical subject=/O=x", NA},
    {CRITICAL, "critical-br", "sancritical subject=/O=x", FAIL, "2023-09-15"},
    {CRITICAL, "critical-br", "subject=/O=x", PASS},
    {CRITICAL, "not-critical", MAIL "subjectder=3000", FAIL, "1999-01-01"},
    {CRITICAL, "not-critical", "sancritical subjectder=3000", PASS},
    {CRITICAL, "not-critical", "subject=/O=x", PASS},
    {CRITICAL, "not-critical", "omit=san subjectder=3000", NA},

    {"san-duplicate", "dns", MAIL "dns=a.org,b.org,A.org", FAIL},
    {"san-duplicate", "dns", "dns=a.org,b.org,aa.org", PASS},
    {"san-duplicate", "dns",
	"dns=a.a,b.a,c.a,d.a,e.a,f.a,g.a,h.a,i.a,j.a,k.a,l.a,m.a,n.a,o.a,p.a,q.a,b.A",
	FAIL},
    {"san-duplicate", "dns", "dns=abcd sanhex=7:61626364", PASS},
    {"san-duplicate", "dns", "omit=san", NA},
    {"san-duplicate", "address", "sanhex=7:08080808 sanhex=7:08080808", FAIL},
    {"san-duplicate", "address", "sanhex=7:08080808 sanhex=7:08080809", PASS},
    {"san-count", "many",
	"omit=san ext=2.5.29.17:30("
#define TEN "820161820161820161820161820161820161820161820161820161820161"
	TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN ")",
	FAIL},
    {"san-count", "many",
	"omit=san ext=2.5.29.17:30(" TEN TEN TEN TEN TEN TEN TEN TEN TEN
	"820161820161820161820161820161820161820161"
	"820161820161)",
	PASS},
    {"san-count", "many", "omit=san", NA},

#define PLACE "subject-placeholder"
    {PLACE, "metadata", "role=ca subject=/O=-", FAIL, "2012-07-01"},
    {PLACE, "metadata", "'subject=/CN=a.org/O= . '", FAIL},
    {PLACE, "metadata", "subject=/O=", FAIL},
    {PLACE, "metadata", "subject=/O=-1-", PASS},
    {PLACE, "metadata", O_UTF8("c3bc"), PASS},
    {PLACE, "metadata", ONE("2.5.4.45", "03(00)"), PASS},
    {PLACE, "metadata", MAIL "subject=/O=-", NA},
    {PLACE, "word", "subject=/L=Unknown", FAIL, "2012-07-01"},
    {PLACE, "word", "'subject=/O=Internet Widgits Pty Ltd'", FAIL},
    {PLACE, "word", "subject=/L=NA", FAIL},
    {PLACE, "word", "subject=/ST=n/C=NA/ST=NA/CN=test", PASS},
    {PLACE, "word", "subject=/O=Unknowns", PASS},

#define LONG "subject-attr-length"
#define TOO_LONG(rule, type, good, from)                                                 \
	{LONG, rule, MAIL "subject=/" type "=" good "a", FAIL, from},                    \
	{                                                                                \
		LONG, rule, "subject=/" type "=" good, PASS                              \
	}
    TOO_LONG("common-name", "CN", A64, "1999-01-01"),
    TOO_LONG("organization", "O", A64, "1999-01-01"),
    TOO_LONG("organizational-unit", "OU", A64, "1999-01-01"),
    TOO_LONG("locality", "L", A128, "1999-01-01"),
    TOO_LONG("state", "ST", A128, "1999-01-01"),
    TOO_LONG("street", "street", A128, "1999-01-01"),
    TOO_LONG("serial-number", "serialNumber", A64, NULL),
    TOO_LONG("email", "E",
	A128 A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaa",
	"1999-01-01"),
    TOO_LONG("postal-code", "postalCode", A16, "1999-01-01"),
    {LONG, "common-name", "subject=/C=US", PASS},
    {LONG, "email", "subject=/C=US", NA},
    {LONG, "serial-number", "subject=/C=US", NA},
    {LONG, "organization",
	"subject=/O=" A16 A16 A16 A8 "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc",
	PASS},
    {LONG, "postal-code-br", "subject=/postalCode=" A16 A16 A8 "a", FAIL, "2023-09-15"},
    {LONG, "postal-code-br", "subject=/postalCode=" A16 A16 A8, PASS},
    {LONG, "name-br", "subject=/SN=" A64 "a", FAIL, "2023-09-15"},
    {LONG, "name-br", "subject=/GN=" A64 "a", FAIL},
    {LONG, "name-br", "subject=/SN=" A64, PASS},
    {LONG, "name-br", MAIL, NA},
    {LONG, "domain-component-br", "subject=/DC=" A64, FAIL, "2023-09-15"},
    {LONG, "domain-component-br", "subject=/DC=" A16 A16 A16 "aaaaaaaaaaaaaaa", PASS},
#define A1024 A128 A128 A128 A128 A128 A128 A128 A128
#define A16384                                                                           \
	A1024 A1024 A1024 A1024 A1024 A1024 A1024 A1024 A1024 A1024 A1024 A1024 A1024    \
	    A1024 A1024 A1024
    {LONG, "given-name", MAIL "subject=/GN=" A16384 A16384 "a", FAIL, "1999-01-01"},
    {LONG, "given-name", MAIL "subject=/GN=" A16384 A16384, PASS},
    {LONG, "given-name", "subject=/O=x", NA},
    {LONG, "surname", MAIL "subject=/SN=" A16384 A16384 "a", FAIL, "1999-01-01"},
    {LONG, "surname", MAIL "subject=/SN=" A16384 A16384, PASS},

#define ORDER "subject-attr-order"
    {ORDER, "order", "subject=/CN=a/O=b", FAIL, "2023-09-15"},
    {ORDER, "order", "subject=/C=US/DC=b", FAIL},
    {ORDER, "order", "subject=/ST=a/C=US", FAIL},
    {ORDER, "order", "subject=/L=a/ST=b", FAIL},
    {ORDER, "order", "subject=/postalCode=a/L=b", FAIL},
    {ORDER, "order", "subject=/street=a/postalCode=b", FAIL},
    {ORDER, "order", "subject=/O=a/street=b", FAIL},
    {ORDER, "order", "subject=/SN=a/O=b", FAIL},
    {ORDER, "order", "subject=/GN=a/SN=b", FAIL},
    {ORDER, "order", "subject=/OU=a/GN=b", FAIL},
    {ORDER, "order", "subject=/CN=a/OU=b", FAIL},
    {ORDER, "order",
	"subject=/DC=a/DC=b/C=US/ST=a/L=a/postalCode=a/street=a/O=a/SN=a/GN=a/OU=a/CN=a",
	PASS},
    {ORDER, "order", "subject=/C=US/serialNumber=1/ST=a/businessCategory=a/CN=a", PASS},
    {ORDER, "order", "role=ca subject=/CN=a/O=b", NA},
    {ORDER, "order", "dates=none role=ca subject=/CN=a/O=b", FAIL},
    {ORDER, "twice", "role=ca subject=/O=a/O=a", FAIL, "2023-09-15"},
    {ORDER, "twice", "subject=/CN=a/CN=b", FAIL},
    {ORDER, "twice", "subject=/DC=a/DC=b/street=a/street=b/OU=a/OU=b", PASS},
    {ORDER, "twice", MAIL "subject=/O=a/O=a", NA},
    {ORDER, "twice-profile", DV "subject=/OU=a/OU=b", FAIL, "2023-09-15"},
    {ORDER, "twice-profile", DV "subject=/street=a/street=b", FAIL},
    {ORDER, "twice-profile", OV "subject=/DC=a/DC=b/street=a/street=b", PASS},
    {ORDER, "twice-profile", EV "subject=/DC=a/DC=b", FAIL},
    {ORDER, "twice-profile", "role=ca subject=/O=a/O=a", NA},
    {ORDER, "twice-profile", "dates=none role=ca subject=/OU=a/OU=a", FAIL},
#define SHARED "'subjectder=30(31(30([2.5.4.10]0c(\"a\"))30([2.5.4.11]0c(\"b\"))))' "
    {ORDER, "shared-rdn-br", "role=ca " SHARED, FAIL, "2023-09-15"},
    {ORDER, "shared-rdn-br", "subject=/O=a/OU=b", PASS},
    {ORDER, "shared-rdn-br", MAIL SHARED, NA},
    {ORDER, "shared-rdn", MAIL SHARED, FAIL},
    {ORDER, "shared-rdn", "subject=/O=a/OU=b", PASS},
    {ORDER, "shared-rdn-issuer",
	"'issuerder=30(31(30([2.5.4.10]0c(\"a\"))30([2.5.4.11]0c(\"b\"))))'", FAIL},
    {ORDER, "shared-rdn-issuer", SHARED, PASS},

#define UNIT "subject-ou"
    {UNIT, "ov", OV "subject=/O=a/OU=b", FAIL, "2022-09-01"},
    {UNIT, "ov", OV "subject=/O=a", PASS},
    {UNIT, "ov", DV "subject=/O=a/OU=b", NA},
    {UNIT, "iv", IV "subject=/O=a/OU=b", FAIL, "2022-09-01"},
    {UNIT, "iv", IV "subject=/O=a", PASS},
    {UNIT, "other", DV "subject=/O=a/OU=b", FAIL, "2022-09-01"},
    {UNIT, "other", DV "subject=/O=a", PASS},
    {UNIT, "other", "role=ca subject=/OU=b", NA},
    {UNIT, "alone", "subject=/OU=b", FAIL, "2021-08-16"},
    {UNIT, "alone", "subject=/O=a/OU=b", PASS},
    {UNIT, "alone", "subject=/CN=b", NA},
    {UNIT, "alone", MAIL "subject=/OU=b", NA},

#define SPACE "subject-whitespace"
    {SPACE, "subject-leading", "'subject=/O= a'", FAIL},
    {SPACE, "subject-leading", O_UTF8("c2a061"), FAIL},
    {SPACE, "subject-leading", O_UTF8("e3808061"), FAIL},
    {SPACE, "subject-leading", O_UTF8("c3a061"), PASS},
    {SPACE, "subject-leading", "'subject=/O=a '", PASS},
    {SPACE, "subject-leading", "'subject=/DC= a'", PASS},
    {SPACE, "subject-trailing", "'subject=/O=a '", FAIL},
    {SPACE, "subject-trailing", O_UTF8("61e28089"), FAIL},
    {SPACE, "subject-trailing", O_UTF8("6109"), FAIL},
    {SPACE, "subject-trailing", "'subject=/O= a'", PASS},
    {SPACE, "issuer-leading", "'issuer=/O= a'", FAIL},
    {SPACE, "issuer-leading", "'issuer=/O=a '", PASS},
    {SPACE, "issuer-trailing", "'issuer=/O=a '", FAIL},
    {SPACE, "issuer-trailing", "'issuer=/O= a'", PASS},

#define CODE "subject-encoding"
    {CODE, "type", "role=ca " ONE("2.5.4.10", "14(61)"), FAIL, "2023-09-15"},
    {CODE, "type", ONE("2.5.4.6", "0c(5553)"), FAIL},
    {CODE, "type", ONE("2.5.4.5", "0c(31)"), FAIL},
    {CODE, "type", ONE("0.9.2342.19200300.100.1.25", "0c(61)"), FAIL},
    {CODE, "type", ONE("0.9.2342.19200300.100.1.25", "16(61)"), PASS},
    {CODE, "type", ONE("1.3.6.1.4.1.311.60.2.1.2", "16(61)"), FAIL},
    {CODE, "type", ONE("2.5.4.12", "14(61)"), PASS},
    {CODE, "type", ONE("2.5.4.10", "13(61)"), PASS},
    {CODE, "type", ONE("2.5.4.10", "0c(61)"), PASS},
    {CODE, "type", MAIL ONE("2.5.4.10", "14(61)"), NA},
    {CODE, "directory-string", ONE("2.5.4.10", "14(61)"), FAIL, "2023-09-15"},
    {CODE, "directory-string", ONE("2.5.4.3", "1e(0061)"), FAIL},
    {CODE, "directory-string", ONE("2.5.4.10", "1c(00000061)"), FAIL},
    {CODE, "directory-string", ONE("2.5.4.10", "16(61)"), PASS},
    {CODE, "printable", MAIL ONE("2.5.4.10", "13(2a)"), FAIL, "1999-01-01"},
    {CODE, "printable", ONE("2.5.4.10", "13()"), FAIL},
    {CODE, "printable", ONE("2.5.4.10", "13(27)"), PASS},
    {CODE, "printable", ONE("2.5.4.10", "0c(2a)"), PASS},
    {CODE, "utf8", O_UTF8("c3"), FAIL},
    {CODE, "utf8", O_UTF8("c3bc"), PASS},
    {CODE, "utf8", ONE("2.5.4.10", "14(fc)"), PASS},
    {CODE, "control", MAIL O_UTF8("610a"), FAIL},
    {CODE, "control", O_UTF8("611f"), FAIL},
    {CODE, "control", O_UTF8("617f"), FAIL},
    {CODE, "control", O_UTF8("c280"), FAIL},
    {CODE, "control", O_UTF8("c29f"), FAIL},
    {CODE, "control", O_UTF8("c2a020"), PASS},
    {CODE, "control", ONE("2.5.4.10", "1e(00610062)"), PASS},
    {CODE, "control", ONE("2.5.4.10", "1e(00610007)"), FAIL},
    {CODE, "place", "subject=/ST=a=b", FAIL, "2012-07-01"},
    {CODE, "place", "role=ca subject=/L=a:b", FAIL},
    {CODE, "place", "'subject=/L=a\\\\b'", FAIL},
    {CODE, "place", "'subject=/O=a:b/L=a-b, (c)'", PASS},
    {CODE, "place", MAIL "subject=/L=a:b", NA},
    {CODE, "html", "'subject=/O=A &amp; B'", FAIL},
    {CODE, "html", "'subject=/O=A&#39;s'", FAIL},
    {CODE, "html", "'subject=/O=A & B;'", PASS},
    {CODE, "html", "'subject=/O=A &; &#; B'", PASS},
    {CODE, "mojibake", MAIL O_UTF8("c383c2bc"), FAIL},
    {CODE, "mojibake", O_UTF8("c383e280b0"), FAIL},
    {CODE, "mojibake", O_UTF8("c383c2ad"), PASS},
    {CODE, "mojibake", O_UTF8("c383c2a0"), PASS},
    {CODE, "mojibake", O_UTF8("c38361c3bc"), PASS},
    {CODE, "mojibake-octets", O_UTF8("c3a6c2b2c283"), FAIL},
    {CODE, "mojibake-octets", O_UTF8("c382c2ae"), FAIL},
    {CODE, "mojibake-octets", O_UTF8("c383c2ad"), FAIL},
    {CODE, "mojibake-octets", O_UTF8("c383c2bc"), PASS},
    {CODE, "mojibake-octets", O_UTF8("c3a6c2b261"), PASS},
    {CODE, "mojibake-octets", O_UTF8("e6b283"), PASS},

#define TEST "test-certificate"
    {TEST, "subject", "'subject=/O=Acme Corp'", FAIL},
    {TEST, "subject", "'subject=/OU=do not use this'", FAIL},
    {TEST, "subject", "'subject=/CN=A Test'", FAIL},
    {TEST, "subject", "'subject=/O=Testify Barn, Contest/CN=test.org'", PASS},
    {TEST, "subject", "role=ca subject=/O=test", NA},
    {TEST, "host", "dns=my-test.de", FAIL},
    {TEST, "host", "dns=staging.de", FAIL},
    {TEST, "host", "dns=contest.de,tests.de", PASS},
    {TEST, "domain", "dns=www.example.com", FAIL},
    {TEST, "domain", "dns=EXAMPLE.net", FAIL},
    {TEST, "domain", "dns=a.test", FAIL},
    {TEST, "domain", "dns=example.de,myexample.org", PASS},
    {TEST, "serial", "serial=01", FAIL},
    {TEST, "serial", "serial=123456", FAIL},
    {TEST, "serial", "serial=01e240", FAIL},
    {TEST, "serial", "serial=03", PASS},
#define AT_3_5 "bcdfghjklmnplmnp"
#define BELOW  "bcdfghjklmklmnnn"
#define TWO    "subject=/O=" AT_3_5 "/OU=" AT_3_5
#define THREE  TWO "/L=" AT_3_5
#define AT_A   " crl=http://crl.a.org/x dns=www.b.org,"
    {TEST, "random", THREE AT_A "www.a.org", FAIL},
    {TEST, "random", THREE " ca=http://A.org:80/ dns=a.ORG", FAIL},
    {TEST, "random", THREE " ocsp=http://a.b.co.uk/ dns=c.b.co.uk", FAIL},
    {TEST, "random", THREE " ocsp=http://a.b.co.uk/ dns=c.d.co.uk", PASS},
    {TEST, "random", THREE AT_A "www.xa.org", PASS},
    {TEST, "random", THREE AT_A "org", PASS},
    {TEST, "random", TWO AT_A "www.a.org", PASS},
    {TEST, "random", TWO "/CN=" AT_3_5 ".a.org" AT_A "www.a.org", PASS},
    {TEST, "random", TWO "/L=" BELOW AT_A "www.a.org", PASS},
    {TEST, "random", TWO "/L=bcdfghjklmnplmEa" AT_A "www.a.org", PASS},
    {TEST, "random", TWO "/L=bcdfghjklmnplmea" AT_A "www.a.org", PASS},
    {TEST, "random", TWO "/L=bcdfghjklmnpleme" AT_A "www.a.org", FAIL},
    {TEST, "random", TWO "/L=" AT_3_5 "\xc3\xbc" AT_A "www.a.org", PASS},
    {TEST, "random", "role=ca " THREE AT_A "www.a.org", NA},
};

const struct check_row_set ROWS_NAMES_SUBJECT = {"names", ROWS, ARRAY_LEN(ROWS)};
