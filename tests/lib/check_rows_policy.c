#include "tests/lib/check_rows.h"

#include "base/err.h"

/* Reserved policies, BR 7.1.6.1. */
#define DV  "2.23.140.1.2.1"
#define OV  "2.23.140.1.2.2"
#define IV  "2.23.140.1.2.3"
#define EV  "2.23.140.1.1"
#define ANY "2.5.29.32.0"

/* Subjects that lack nothing. */
#define ORG "/C=DE/ST=Hessen/L=Kassel/O=Werk"
#define MAN "/C=DE/ST=Hessen/L=Kassel/SN=Muster/GN=Max"
#define EVS "/jurisdictionC=DE/serialNumber=1/C=DE/L=Kassel/O=Werk"
#define CAT "/businessCategory='Private Organization'"

#define MISS  "policy-missing"
#define COUNT "policy-reserved-count"
#define FIT   "policy-subject-mismatch"
#define INC   "subject-incomplete"
/* commonName and organizationName in one RDN */
#define TWO_IN_ONE "subjectder=30(31(30([2.5.4.3]0c(\"a\"))30([2.5.4.10]0c(\"b\"))))"
#define QUAL       "policy-qualifier"

/* Policy extensions written out: policies of id DV. */
#define POLICIES(hex)          "omit=policies ext=2.5.29.32:30(" hex ")"
#define POLICY(id, qualifiers) "30([" id "]30(" qualifiers "))"
#define CPS(uri)               "30([1.3.6.1.5.5.7.2.1]16(\"" uri "\"))"
#define NOTICE                 "30([1.3.6.1.5.5.7.2.2]3000)"

static const struct check_row ROWS[] = {
    {MISS, "absent", "omit=policies", FAIL, "2012-07-01"},
    {MISS, "absent", "", PASS},
    {MISS, "absent", "omit=policies self", FAIL},
    {MISS, "absent", "omit=policies role=ca", NA},
    {MISS, "empty", POLICIES(""), FAIL, "2012-07-01"},
    {MISS, "empty", "omit=policies", FAIL},
    {MISS, "empty", "", PASS},

    {COUNT, "none", "policies=1.2.3", FAIL, "2020-09-30"},
    {COUNT, "none", "policies=1.2.3," OV, PASS},
    {COUNT, "none", "policies=" ANY, PASS},
    {COUNT, "several", "policies=" DV "," OV, FAIL, "2023-09-15"},
    {COUNT, "several", "policies=" DV ",1.2.3", PASS},
    {COUNT, "any-policy", "policies=" ANY, FAIL, "2023-09-15"},
    {COUNT, "any-policy", "policies=" DV, PASS},
    {COUNT, "not-first", "policies=1.2.3," DV, FAIL, "2023-09-15"},
    {COUNT, "not-first", "policies=" DV ",1.2.3", PASS},
    {COUNT, "not-first", "policies=1.2.3", PASS},

    {FIT, "dv-locality", "subject=/L=Kassel/CN=www.example.org", FAIL, "2012-07-01",
	"2023-09-15"},
    {FIT, "dv-locality", "subject=/ST=Hessen/CN=www.example.org nb=2015-01-01", PASS},
    {FIT, "dv-locality", "subject=/L=Kassel policies=" OV, NA},
    {FIT, "dv-organization", "subject=/O=Werk/CN=www.example.org", FAIL, "2012-07-01",
	"2023-09-15"},
    {FIT, "dv-organization", "subject=/OU=Werk/CN=www.example.org nb=2015-01-01", PASS},
    {FIT, "dv-postal-code", "subject=/postalCode=34117", FAIL, "2012-07-01",
	"2023-09-15"},
    {FIT, "dv-postal-code", "subject=/CN=34117 nb=2015-01-01", PASS},
    {FIT, "dv-state", "subject=/ST=Hessen", FAIL, "2012-07-01", "2023-09-15"},
    {FIT, "dv-state", "subject=/L=Kassel nb=2015-01-01", PASS},
    {FIT, "dv-street", "subject='/street=Am Graben 1'", FAIL, "2012-07-01", "2023-09-15"},
    {FIT, "dv-street", "subject=/L=Kassel nb=2015-01-01", PASS},
    {FIT, "dv-street", "subject='/street=Am Graben 1' dates=none", NE},
    {FIT, "dv-others", "subject=/OU=x/CN=www.example.org", FAIL, "2023-09-15"},
    {FIT, "dv-others", "subject=/C=DE/CN=www.example.org", PASS},
    {FIT, "dv-profile", "subject=/OU=x/CN=www.example.org", FAIL, "2023-09-15"},
    {FIT, "dv-profile", "subject=/OU=x policies=1.2.3 dates=none", FAIL},
    {FIT, "dv-profile", "subject=/C=DE", PASS},
    {FIT, "dv-profile", "subject=/OU=x policies=1.2.3", NA},
    {FIT, "ov-organization", "subject=/C=DE policies=" OV, FAIL, "2012-07-01"},
    {FIT, "ov-organization", "subject=" ORG " policies=" OV, PASS},
    {FIT, "ov-organization-profile", "subject=/C=DE policies=" OV, FAIL, "2023-09-15"},
    {FIT, "ov-organization-profile", "subject=" ORG " policies=" OV, PASS},
    {FIT, "ov-organization-profile", TWO_IN_ONE " policies=" OV, PASS},
    {FIT, "ov-organization-profile", TWO_IN_ONE " dates=none policies=" OV, FAIL},
    {FIT, "ov-country", "subject=/O=Werk policies=" OV, FAIL, "2023-09-15"},
    {FIT, "ov-country", "subject=" ORG " policies=" OV, PASS},
    {FIT, "ov-surname", "subject=" MAN " policies=" OV, FAIL, "2023-09-15"},
    {FIT, "ov-surname", "subject=" ORG " policies=" OV, PASS},
    {FIT, "ov-given-name", "subject=" MAN " policies=" OV, FAIL, "2023-09-15"},
    {FIT, "ov-given-name", "subject=" ORG " policies=" OV, PASS},
    {FIT, "ov-others", "subject=" ORG "/title=x policies=" OV, FAIL, "2023-09-15"},
    {FIT, "ov-others", "subject=" ORG " policies=" OV, PASS},
    {FIT, "iv-person", "subject=/C=DE policies=" IV, FAIL, "2015-09-28", "2023-09-15"},
    {FIT, "iv-person", "nb=2020-01-01 subject=/SN=Muster policies=" IV, FAIL},
    {FIT, "iv-person", "nb=2020-01-01 subject=/O=Werk policies=" IV, PASS},
    {FIT, "iv-person", "nb=2020-01-01 subject=" MAN " policies=" IV, PASS},
    {FIT, "iv-person-strict", "subject=/O=Werk policies=" IV, FAIL, "2023-09-15"},
    {FIT, "iv-person-strict", "subject=" MAN " policies=" IV, PASS},
    {FIT, "iv-surname", "subject=/GN=Max policies=" IV, FAIL, "2023-09-15"},
    {FIT, "iv-surname", "subject=" MAN " policies=" IV, PASS},
    {FIT, "iv-given-name", "subject=/SN=Muster policies=" IV, FAIL, "2023-09-15"},
    {FIT, "iv-given-name", "subject=" MAN " policies=" IV, PASS},
    {FIT, "iv-country", "subject=/SN=Muster policies=" IV, FAIL, "2023-09-15"},
    {FIT, "iv-country", "subject=" MAN " policies=" IV, PASS},
    {FIT, "iv-others", "subject=" MAN "/DC=x policies=" IV, FAIL, "2023-09-15"},
    {FIT, "iv-others", "subject=" MAN " policies=" IV, PASS},
    {FIT, "person-policy", "subject=" MAN " policies=" OV, FAIL, "2016-09-07"},
    {FIT, "person-policy", "subject=" MAN " policies=" IV, PASS},
    {FIT, "person-policy", "policies=" OV, NA},
    {FIT, "ev-business-category", "subject=" EVS " policies=" EV, FAIL},
    {FIT, "ev-business-category", "subject=" EVS CAT " policies=" EV, PASS},
    {FIT, "ev-country", "subject=/O=x policies=" EV, FAIL},
    {FIT, "ev-country", "subject=" EVS " policies=" EV, PASS},
    {FIT, "ev-organization", "subject=/C=DE policies=" EV, FAIL},
    {FIT, "ev-organization", "subject=" EVS " policies=" EV, PASS},
    {FIT, "ev-serial-number", "subject=/O=x policies=" EV, FAIL},
    {FIT, "ev-serial-number", "subject=" EVS " policies=" EV, PASS},
    {FIT, "ev-serial-number", "subject=" EVS "/serialNumber= policies=" EV, FAIL},
    {FIT, "ev-serial-number", "subject=/serialNumber=" EVS " policies=" EV, PASS},
    {FIT, "ev-category-value", "subject=/businessCategory=Verein policies=" EV, FAIL},
    {FIT, "ev-category-value", "subject=" EVS CAT " policies=" EV, PASS},
    {FIT, "ev-category-value", "subject=" EVS " policies=" EV, NA},
    {FIT, "ev-category-value", "subject=/businessCategory=Verein policies=" OV, NA},
    {FIT, "ev-category-value", "subject=/businessCategory=Verein dates=none policies=" OV,
	FAIL},
    {FIT, "ev-extra", "subject=" EVS "/title=x policies=" EV, FAIL, "2019-04-16"},
    {FIT, "ev-extra", "subject=" EVS "/OU=x policies=" EV, PASS},
    {FIT, "ev-profile-others", "subject=" EVS "/OU=x policies=" EV, FAIL, "2023-09-15"},
    {FIT, "ev-profile-others", "subject=" EVS " policies=" EV, PASS},
    {FIT, "ev-profile-category", "subject=" EVS " policies=" EV, FAIL, "2023-09-15"},
    {FIT, "ev-profile-category", "subject=" EVS CAT " policies=" EV, PASS},
    {FIT, "ev-profile-jurisdiction", "subject=/C=DE policies=" EV, FAIL, "2023-09-15"},
    {FIT, "ev-profile-jurisdiction", "subject=" EVS " policies=" EV, PASS},
    {FIT, "ev-profile-serial", "subject=/C=DE policies=" EV, FAIL, "2023-09-15"},
    {FIT, "ev-profile-serial", "subject=" EVS " policies=" EV, PASS},
    {FIT, "ev-profile-organization", "subject=/C=DE policies=" EV, FAIL, "2023-09-15"},
    {FIT, "ev-profile-organization", "subject=" EVS " policies=" EV, PASS},
    {FIT, "ev-profile-country", "subject=/O=x policies=" EV, FAIL, "2023-09-15"},
    {FIT, "ev-profile-country", "subject=" EVS " policies=" EV, PASS},

    {INC, "iv-country", "subject=/SN=x policies=" IV, FAIL, "2015-09-28"},
    {INC, "iv-country", "subject=" MAN " policies=" IV, PASS},
    {INC, "iv-country", "subject=/SN=x self policies=" IV, FAIL},
    {INC, "iv-place", "subject=/SN=x policies=" IV, FAIL, "2015-09-28"},
    {INC, "iv-place", "subject=" MAN " policies=" IV, PASS},
    {INC, "ov-country", "subject=/O=x policies=" OV, FAIL, "2012-07-01"},
    {INC, "ov-country", "subject=" ORG " policies=" OV, PASS},
    {INC, "ov-country", "subject=/O=x self policies=" OV, FAIL},
    {INC, "ov-place", "subject=/O=x policies=" OV, FAIL, "2012-07-01"},
    {INC, "ov-place", "subject=/ST=x policies=" OV, PASS},
    {INC, "country", "subject=/O=x/L=y", FAIL, "2016-09-07"},
    {INC, "country", "subject=/GN=x", FAIL},
    {INC, "country", "subject=/O=x/C=DE", PASS},
    {INC, "country", "subject=/L=x", PASS},
    {INC, "place", "subject=/O=x/C=DE", FAIL, "2016-09-07"},
    {INC, "place", "subject=/O=x/ST=y", PASS},
    {INC, "place", "subject=/C=DE", PASS},
    {INC, "place-profile", "subject=/C=DE policies=" OV, FAIL, "2023-09-15"},
    {INC, "place-profile", "subject=/L=x policies=" EV, PASS},
    {INC, "place-profile", "subject=/C=DE", NA},
    {INC, "locality-alone", "subject=/L=x", FAIL, "2016-09-07"},
    {INC, "locality-alone", "subject=/L=x/O=y", PASS},
    {INC, "state-alone", "subject=/ST=x", FAIL, "2016-09-07"},
    {INC, "state-alone", "subject=/ST=x/GN=y", PASS},
    {INC, "postal-code-alone", "subject=/postalCode=1", FAIL, "2016-09-07"},
    {INC, "postal-code-alone", "subject=/postalCode=1/SN=y", PASS},
    {INC, "street-alone", "subject=/street=x", FAIL, "2016-09-07"},
    {INC, "street-alone", "subject=/street=x/O=y", PASS},

    {QUAL, "not-cps", POLICIES(POLICY(DV, NOTICE)), FAIL, "2023-09-15"},
    {QUAL, "not-cps", POLICIES(POLICY(DV, CPS("http://a.example/"))), PASS},
    {QUAL, "not-cps", "omit=policies", NA},
    {QUAL, "present", POLICIES(POLICY(DV, CPS("http://a.example/"))), FAIL, "2023-09-15"},
    {QUAL, "present", "", PASS},
    {QUAL, "cps-scheme", POLICIES(POLICY(DV, CPS("ftp://a.example/"))), FAIL,
	"2023-09-15"},
    {QUAL, "cps-scheme", POLICIES(POLICY(DV, CPS("HTTPS://a.example/"))), PASS},
    {QUAL, "cps-scheme", POLICIES(POLICY(DV, NOTICE)), PASS},
    {QUAL, "cps-url", POLICIES(POLICY(DV, CPS("http:///a"))), FAIL, "2023-09-15"},
    {QUAL, "cps-url", POLICIES(POLICY(DV, CPS("www.a.example"))), FAIL},
    {QUAL, "cps-url", POLICIES(POLICY(DV, CPS("http://a.example/"))), PASS},
    {QUAL, "any-policy", POLICIES(POLICY(ANY, "30([1.2.3]0500)")), FAIL, "2002-04-01"},
    {QUAL, "any-policy", POLICIES(POLICY(ANY, NOTICE CPS("x"))), PASS},
    {QUAL, "any-policy", POLICIES(POLICY(DV, "30([1.2.3]0500)")), NA},
    {QUAL, "duplicate", "policies=" DV ",1.2.3," DV, FAIL, "2008-05-01"},
    {QUAL, "duplicate", "policies=" DV ",1.2.3", PASS},
};

const struct check_row_set ROWS_POLICY = {"usage", ROWS, ARRAY_LEN(ROWS)};
