#include "tests/lib/check_rows.h"

#include "base/err.h"

#define SIGN  "serial-not-positive"
#define LEN   "serial-too-long"
#define ENC   "serial-encoding"
#define SHORT "serial-short"

static const struct check_row ROWS[] = {
    {SIGN, "not-positive", "serial=00", FAIL, "2002-04-01"},
    {SIGN, "not-positive", "serial=ff", FAIL},
    {SIGN, "not-positive", "serial=80000001", FAIL},
    {SIGN, "not-positive", "serial=0000", FAIL},
    {SIGN, "not-positive", "serial=01", PASS},
    {SIGN, "not-positive", "serial=0080", PASS},
    {SIGN, "not-positive", "role=ca serial=00", FAIL},
    {LEN, "octets", "serial=010203040506070809101112131415161718192021", FAIL,
	"2002-04-01"},
    {LEN, "octets", "serial=00ff0203040506070809101112131415161718192021", FAIL},
    {LEN, "octets", "serial=0102030405060708091011121314151617181920", PASS},
    {LEN, "bits", "serial=00800203040506070809101112131415161718192021", FAIL,
	"2023-09-15"},
    {LEN, "bits", "serial=7fffffffffffffffffffffffffffffffffffffff", PASS},
    {LEN, "bits", "serial=008000000000000000000000000000000000000000", FAIL},
    {LEN, "bits", "serial=00800203040506070809101112131415161718192021 role=ca", NA},

    {ENC, "not-minimal", "serial=0001", FAIL},
    {ENC, "not-minimal", "serial=007f", FAIL},
    {ENC, "not-minimal", "serial=ff80", FAIL},
    {ENC, "not-minimal", "serial=0080", PASS},
    {ENC, "not-minimal", "serial=ff7f", PASS},
    {ENC, "not-minimal", "serial=00", PASS},

    {SHORT, "48-bits", "serial=7fffffffffff", FAIL, "2016-09-30"},
    {SHORT, "48-bits", "serial=00800000000000 role=ca", PASS},
    {SHORT, "48-bits", "serial=01 role=ca", FAIL},
    {SHORT, "48-bits", "serial=00", FAIL},
    {SHORT, "48-bits", "serial=01 role=root", NA},
    {SHORT, "48-bits", "serial=01 eku=1.3.6.1.5.5.7.3.4 policies=1.2.3", NA},
    {SHORT, "48-bits", "serial=ff", NA},
    {SHORT, "56-bits", "serial=7fffffffffffff", FAIL, "2016-09-30"},
    {SHORT, "56-bits", "serial=00800000000000", FAIL},
    {SHORT, "56-bits", "serial=7fffffffffff", PASS}, /* the other rule's */
    {SHORT, "56-bits", "serial=0080000000000000", PASS},
    {SHORT, "20-bits", "serial=07ffff", FAIL, "2012-07-01", "2016-09-30"},
    {SHORT, "20-bits", "serial=080000 nb=2015-01-01", PASS},
    {SHORT, "20-bits", "serial=00 nb=2015-01-01", FAIL},
    {SHORT, "20-bits", "serial=01 nb=2015-01-01 role=root", NA},
    {SHORT, "20-bits", "serial=01 dates=none", NE},
};

const struct check_row_set ROWS_SERIALS = {"serials", ROWS, ARRAY_LEN(ROWS)};
