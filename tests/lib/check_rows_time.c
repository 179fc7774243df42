#include "tests/lib/check_rows.h"

#include "base/err.h"

#define INV  "validity-inverted"
#define TIME "time-encoding"

/* notAfter as a UTCTime or a GeneralizedTime of that text. */
#define UTC(text)         "nader=17(\"" text "\")"
#define GENERALIZED(text) "nader=18(\"" text "\")"
#define UTC_NB(text)      "nbder=17(\"" text "\")"

static const struct check_row ROWS[] = {
    {INV, "ends-first", "life=-1", FAIL},
    {INV, "ends-first", "life=0", PASS},
    {INV, "ends-first", "role=ca life=-1", FAIL},
    {INV, "ends-first", UTC("x"), NA},

    {TIME, "utc-seconds", UTC("2604010000Z"), FAIL, "1999-01-01"},
    {TIME, "utc-seconds", UTC_NB("2604010000Z"), FAIL},
    {TIME, "utc-seconds", UTC("2604010000+0000"), FAIL},
    {TIME, "utc-seconds", UTC("260401000000Z"), PASS},
    {TIME, "utc-seconds", UTC("260401000000+0000"), PASS},
    {TIME, "utc-seconds", "nbder=18(\"20260401000000Z\") " GENERALIZED("2060010100Z"),
	NA},
    {TIME, "utc-zone", UTC("260401000000+0100"), FAIL, "1999-01-01"},
    {TIME, "utc-zone", UTC("260401000000+0000"), FAIL},
    {TIME, "utc-zone", UTC("260401000000"), FAIL},
    {TIME, "utc-zone", UTC("260401000000Z"), PASS},
    {TIME, "utc-syntax", UTC("260401000000ZZ"), FAIL},
    {TIME, "utc-syntax", UTC("260401000000.5Z"), FAIL},
    {TIME, "utc-syntax", UTC("260431000000Z"), FAIL},
    {TIME, "utc-syntax", UTC_NB("never"), FAIL},
    {TIME, "utc-syntax", UTC("260430235959Z"), PASS},

    {TIME, "generalized-seconds", GENERALIZED("205001010000Z"), FAIL, "1999-01-01"},
    {TIME, "generalized-seconds", GENERALIZED("20500101000000Z"), PASS},
    {TIME, "generalized-seconds", "", NA},
    {TIME, "generalized-zone", GENERALIZED("20500101000000-0100"), FAIL, "1999-01-01"},
    {TIME, "generalized-zone", GENERALIZED("20500101000000"), FAIL},
    {TIME, "generalized-zone", GENERALIZED("20500101000000Z"), PASS},
    {TIME, "generalized-fraction", GENERALIZED("20500101000000.0Z"), FAIL, "1999-01-01"},
    {TIME, "generalized-fraction", GENERALIZED("20500101000000Z"), PASS},
    {TIME, "generalized-syntax", GENERALIZED("20500101000000Zx"), FAIL},
    {TIME, "generalized-syntax", GENERALIZED("20500101250000Z"), FAIL},
    {TIME, "generalized-syntax", GENERALIZED("20500101000000Z"), PASS},
    {TIME, "generalized-early", GENERALIZED("20491231235959Z"), FAIL, "1999-01-01"},
    {TIME, "generalized-early", GENERALIZED("20500101000000Z"), PASS},
    {TIME, "generalized-early", UTC("491231235959Z"), PASS},
    {TIME, "other-type", "nader=0c(\"260401000000Z\")", FAIL},
    {TIME, "other-type", "nbder=16(\"260401000000Z\")", FAIL},
    {TIME, "other-type", "", PASS},
};

const struct check_row_set ROWS_TIME = {"validity", ROWS, ARRAY_LEN(ROWS)};
