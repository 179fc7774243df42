#include "tests/lib/check_rows.h"

#include "base/err.h"

#define SIGN "serial-not-positive"
#define LEN  "serial-too-long"

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
};

const struct check_row_set ROWS_SERIALS = {"serials", ROWS, ARRAY_LEN(ROWS)};
