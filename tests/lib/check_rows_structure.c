#include "tests/lib/check_rows.h"

#include "base/err.h"

#define DER     "der-invalid"
#define TWICE   "ext-duplicate"
#define CRIT    "ext-criticality"
#define VERSION "version-not-3"
#define ID      "unique-id-present"
#define SKI     "ski-in-leaf"
#define AIA     "aia-invalid"
#define CRL     "crldp-invalid"
#define NONE    "no-revocation-info"

#define BC   "2.5.29.19:"
#define SOME "ext=1.2.3:0500"

/* authorityInfoAccess and cRLDistributionPoints written out. */
#define ACCESSES(hex)      "omit=aia ext=1.3.6.1.5.5.7.1.1:30(" hex ")"
#define OCSP(hex)          "30([1.3.6.1.5.5.7.48.1]" hex ")"
#define ISSUERS(hex)       "30([1.3.6.1.5.5.7.48.2]" hex ")"
#define URI(text)          "86(\"" text "\")"
#define HTTP               "http://a.example.com/"
#define POINTS(hex)        "omit=crldp ext=2.5.29.31:30(" hex ")"
#define FULL(hex)          "a0(a0(" hex "))"
#define POINT(hex)         "30(" FULL(hex) ")"
#define AIA_URLS(ocsp, ca) "ocsp=" ocsp " ca=" ca

static const struct check_row ROWS[] = {
    {DER, "structure", "sigalg=30810a06082a8648ce3d040302", FAIL},
    {DER, "structure", "", PASS},
    {DER, "critical-false", "omit=eku " SOME " patch=0603551d0f0101ff>0603551d0f010100",
	FAIL, "2008-05-01"},
    {DER, "critical-false", "", PASS},
    {DER, "basic-constraints", "ext=" BC "3003010100", FAIL, "1999-01-01"},
    {DER, "basic-constraints", "ext=" BC "3000", PASS},
    {DER, "basic-constraints", "", NA},
    {DER, "path-length", "role=ca omit=bc ext=" BC "30(0101ff0201ff)", FAIL},
    {DER, "path-length", "role=ca omit=bc ext=" BC "30(0101ff020100)", PASS},
    {DER, "empty-sequence", "omit=san ext=2.5.29.17:3000", FAIL, "1999-01-01"},
    {DER, "empty-sequence", "omit=aia ext=1.3.6.1.5.5.7.1.1:3000", FAIL},
    {DER, "empty-sequence", "ext=" BC "3000", PASS},

    {TWICE, "twice", SOME " " SOME, FAIL, "1999-01-01"},
    {TWICE, "twice", SOME " ext=1.2.4:0500", PASS},
    {TWICE, "twice", "omit=extensions+version", NA},

    {CRIT, "aia", "omit=aia extcrit=1.3.6.1.5.5.7.1.1:3000", FAIL, "1999-01-01"},
    {CRIT, "aia", "", PASS},
    {CRIT, "aia", "omit=aia", NA},
    {CRIT, "aia-leaf", "omit=aia extcrit=1.3.6.1.5.5.7.1.1:3000", FAIL, "2012-07-01"},
    {CRIT, "aia-leaf", "", PASS},
    {CRIT, "aki", "omit=aki extcrit=2.5.29.35:3000", FAIL, "1999-01-01"},
    {CRIT, "aki", "", PASS},
    {CRIT, "aki-leaf", "omit=aki extcrit=2.5.29.35:3000", FAIL, "2023-09-15"},
    {CRIT, "aki-leaf", "", PASS},
    {CRIT, "ski", "extcrit=2.5.29.14:040100", FAIL, "1999-01-01"},
    {CRIT, "ski", "ext=2.5.29.14:040100", PASS},
    {CRIT, "ski", "", NA},
    {CRIT, "ski-leaf", "extcrit=2.5.29.14:040100", FAIL, "2023-09-15"},
    {CRIT, "ski-leaf", "ext=2.5.29.14:040100", PASS},
    {CRIT, "policies", "omit=policies extcrit=2.5.29.32:30(30([1.2.3]))", FAIL,
	"2012-07-01"},
    {CRIT, "policies",
	"omit=policies extcrit=2.5.29.32:30(30([1.2.3])) eku=1.3.6.1.5.5.7.3.4", NA},
    {CRIT, "policies", "", PASS},
    {CRIT, "policies-leaf", "omit=policies extcrit=2.5.29.32:30(30([1.2.3]))", FAIL,
	"2023-09-15"},
    {CRIT, "policies-leaf", "", PASS},
    {CRIT, "crldp", "omit=crldp extcrit=2.5.29.31:3000", FAIL, "1999-01-01"},
    {CRIT, "crldp", "", PASS},
    {CRIT, "crldp-leaf", "omit=crldp extcrit=2.5.29.31:3000", FAIL, "2012-07-01"},
    {CRIT, "crldp-leaf", "", PASS},
    {CRIT, "crldp-profile", "omit=crldp extcrit=2.5.29.31:3000", FAIL, "2023-09-15"},
    {CRIT, "crldp-profile", "", PASS},
    {CRIT, "eku-leaf", "omit=eku extcrit=2.5.29.37:30([1.3.6.1.5.5.7.3.1])", FAIL,
	"2023-09-15"},
    {CRIT, "eku-leaf", "", PASS},
    {CRIT, "ku-leaf", "omit=ku ext=2.5.29.15:03020780", FAIL, "2023-09-15"},
    {CRIT, "ku-leaf", "", PASS},
    {CRIT, "scts-leaf", "extcrit=1.3.6.1.4.1.11129.2.4.2:04020000", FAIL, "2023-09-15"},
    {CRIT, "scts-leaf", "ext=1.3.6.1.4.1.11129.2.4.2:04020000", PASS},
    {CRIT, "unknown", "extcrit=1.2.3:0500", FAIL},
    {CRIT, "unknown", SOME, PASS},

    {VERSION, "version", "omit=extensions+version dates=none", FAIL},
    {VERSION, "version", "omit=version", FAIL, "2015-04-16"},
    {VERSION, "version", "", PASS},
    {VERSION, "extensions", "omit=version", FAIL, "1999-01-01"},
    {VERSION, "extensions", "omit=extensions+version", PASS},
    {VERSION, "extensions", "", PASS},

    {ID, "issuer", "unique=8102000f", FAIL, "2008-05-01"},
    {ID, "issuer", "unique=8202000f", PASS},
    {ID, "subject", "unique=8202000f", FAIL, "2008-05-01"},
    {ID, "subject", "unique=8102000f", PASS},
    {ID, "version", "unique=8202000f omit=extensions+version", FAIL, "2008-05-01"},
    {ID, "version", "unique=8202000f", PASS},
    {ID, "version", "unique=8202000f omit=extensions patch=a003020102>a003020101", PASS},
    {ID, "version", "", PASS},

    {SKI, "present", "ext=2.5.29.14:040100", FAIL, "2023-09-15"},
    {SKI, "present", "", PASS},

    {AIA, "absent", "omit=aia", FAIL, "2012-07-01"},
    {AIA, "absent", "", PASS},
    {AIA, "absent", "omit=aia self", FAIL},
    {AIA, "absent", "omit=aia+eku+policies ext=2.5.29.37:3000", FAIL},
    {AIA, "absent", "omit=aia+policies eku=1.3.6.1.5.5.7.3.4", NA},
    {AIA, "ocsp-url", "ocsp=", FAIL, "2012-07-01", "2023-09-15"},
    {AIA, "ocsp-url", "nb=2020-01-01", PASS},
    {AIA, "ocsp-url", "nb=2020-01-01 ocsp=https://a.example/", FAIL},
    {AIA, "issuer-url", "ca=", FAIL, "2012-07-01"},
    {AIA, "issuer-url", "", PASS},
    {AIA, "issuers-http", "ca=ldap://a.example/", FAIL, "2023-09-15"},
    {AIA, "issuers-http", "", PASS},
    {AIA, "issuers-http", "ca=", NA},
    {AIA, "ocsp-http", "ocsp=https://a.example/", FAIL, "2023-09-15"},
    {AIA, "ocsp-http", "", PASS},
    {AIA, "method", ACCESSES("30([1.2.3]" URI(HTTP) ")"), FAIL, "2023-09-15"},
    {AIA, "method", ACCESSES(OCSP("82(\"a.example\")")), FAIL},
    {AIA, "method", ACCESSES(OCSP(URI(HTTP))), PASS},
    {AIA, "unknown-method", ACCESSES("30([1.2.3]" URI(HTTP) ")"), FAIL, "2023-09-15"},
    {AIA, "unknown-method", ACCESSES(OCSP("82(\"a.example\")")), PASS},
    {AIA, "location-type", ACCESSES(OCSP("82(\"a.example\")")), FAIL, "2023-09-15"},
    {AIA, "location-type",
	"role=ca omit=eku+aia ext=1.3.6.1.5.5.7.1.1:30(" OCSP("82(\"a.example\")") ")",
	FAIL},
    {AIA, "location-type", "", PASS},
    {AIA, "location-http", "ca=ldap://a.example/", FAIL, "2023-09-15"},
    {AIA, "location-http", "", PASS},
    {AIA, "unique", ACCESSES(OCSP(URI(HTTP)) OCSP(URI(HTTP))), FAIL, "2023-09-15"},
    {AIA, "unique", ACCESSES(OCSP(URI(HTTP)) OCSP(URI("HTTP://A.example.com/"))), FAIL},
    {AIA, "unique", ACCESSES(OCSP(URI(HTTP)) OCSP(URI("http://b.example.com/"))), PASS},
    {AIA, "unique", ACCESSES(OCSP(URI(HTTP)) ISSUERS(URI(HTTP))), PASS},
    {AIA, "duplicate", ACCESSES(OCSP(URI(HTTP)) ISSUERS(URI(HTTP))), FAIL, "2023-09-15"},
    {AIA, "duplicate", "", PASS},
    {AIA, "internal", AIA_URLS("http://ocsp/", HTTP), FAIL, "2012-07-01"},
    {AIA, "internal", AIA_URLS("http://ocsp.firma.intern:80/", HTTP), FAIL},
    {AIA, "internal", AIA_URLS(HTTP, "http://x@a.example.com:80/?y"), PASS},
    {AIA, "internal", AIA_URLS("http://192.0.2.1/", "http://[2001:db8::1]/"), PASS},
    {AIA, "internal", AIA_URLS(HTTP, "ldap:///cn=a"), FAIL},
    {AIA, "internal", ACCESSES("30([1.2.3]" URI("http://ca/") ")"), PASS},
    {AIA, "access-location", "ca=ftp://a.example/", FAIL, "2008-05-01"},
    {AIA, "access-location", "ca=ldap://a.example/", PASS},
    {AIA, "access-location", "ca=", NA},
    {AIA, "no-ca-issuers", "ca=", FAIL, "2023-09-15"},
    {AIA, "no-ca-issuers", "", PASS},
    {AIA, "no-ca-issuers", "omit=aia", NA},

    {CRL, "no-url", "crl=ldap://a.example/", FAIL, "2012-07-01"},
    {CRL, "no-url", POINTS(""), FAIL},
    {CRL, "no-url", "", PASS},
    {CRL, "no-url", "omit=crldp", NA},
    {CRL, "scheme", "crl=ldap://a.example/", FAIL, "2023-09-15"},
    {CRL, "scheme", "crl=HTTP://a.example/", PASS},
    {CRL, "point-scheme", POINTS(POINT(URI("ldap:///cn=x") URI(HTTP))), FAIL,
	"2023-09-15"},
    {CRL, "point-scheme", "", PASS},
    {CRL, "point-scheme", POINTS(POINT("82(\"a\")" URI("ldap:///cn=x"))), PASS},
    {CRL, "name-type", POINTS(POINT("82(\"a\")" URI(HTTP))), FAIL, "2023-09-15"},
    {CRL, "name-type", "", PASS},
    {CRL, "relative-name", POINTS("30(a0(a1(30([2.5.4.3]0c(\"x\")))))"), FAIL,
	"2023-09-15"},
    {CRL, "relative-name", "", PASS},
    {CRL, "fields", POINTS("30(" FULL(URI(HTTP)) "81020640)"), FAIL, "2023-09-15"},
    {CRL, "fields", POINTS("30(" FULL(URI(HTTP)) "a2(82(\"a\")))"), FAIL},
    {CRL, "fields", "", PASS},
    {CRL, "issuer", POINTS("30(" FULL(URI(HTTP)) "a2(82(\"a\")))"), FAIL, "2023-09-15"},
    {CRL, "issuer", POINTS("30(" FULL(URI(HTTP)) "81020640)"), PASS},
    {CRL, "issuer", POINTS("30(" FULL(URI(HTTP)) "a2(82(\"a\")))") " self", FAIL},
    {CRL, "incomplete", POINTS("30(81020640)"), FAIL, "2002-04-01"},
    {CRL, "incomplete", POINTS("30(" FULL(URI(HTTP)) "81020640)"), PASS},
    {CRL, "no-uri", POINTS(POINT("82(\"a\")")), FAIL, "2008-05-01"},
    {CRL, "no-uri", "crl=ldap://a.example/", PASS},
    {CRL, "several", POINTS(POINT(URI(HTTP)) POINT(URI(HTTP))), FAIL, "2023-09-15"},
    {CRL, "several", POINTS(POINT(URI(HTTP) URI(HTTP))), PASS},

    {NONE, "none", "omit=crldp+aia", FAIL, "2024-03-15"},
    {NONE, "none", "omit=crldp ocsp=", FAIL},
    {NONE, "none", "omit=crldp", PASS},
    {NONE, "none", "omit=aia", PASS},
    {NONE, "none", "omit=aia+crldp life=604799", NA},
    {NONE, "none", "omit=aia+crldp life=604800", FAIL},
    {NONE, "none", "nb=2026-03-15 omit=aia+crldp life=700000", FAIL},
    {NONE, "none", "nb=2026-03-14T23:59:59Z omit=aia+crldp life=700000", NA},
    {NONE, "none", "nb=2026-03-14 omit=aia+crldp life=863999", NA},
    {NONE, "none", "dates=none nb=2024-03-15 omit=aia+crldp life=86400", NA},
    {NONE, "none", "dates=none nb=2024-03-14T23:59:59Z omit=aia+crldp life=86400", FAIL},
    {NONE, "none", "nb=2026-03-14 omit=aia+crldp life=864000", FAIL},
};

const struct check_row_set ROWS_STRUCTURE = {"usage", ROWS, ARRAY_LEN(ROWS)};
