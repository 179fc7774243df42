#include "tests/lib/check_rows.h"

#include "base/err.h"

#define MISSING "missing-embedded-sct"

static const struct check_row ROWS[] = {
    {MISSING, "absent", "", FAIL},
    {MISSING, "absent", "scts=2026-04-01", PASS},
    {MISSING, "absent", "poison", NA},
    {MISSING, "absent", "role=ca", NA},
    {MISSING, "tls", "", FAIL, "2018-05-01"},
    {MISSING, "tls", "scts=2026-04-01", PASS},
    {MISSING, "tls", "eku=1.3.6.1.5.5.7.3.2 policies=1.2.3", NA},
    {MISSING, "ev", "policies=2.23.140.1.1", FAIL, "2015-01-01"},
    {MISSING, "ev", "policies=2.23.140.1.1 scts=2026-04-01", PASS},
    {MISSING, "ev", "policies=2.23.140.1.2.2", NA},
};

const struct check_row_set ROWS_TRANSPARENCY = {"transparency", ROWS, ARRAY_LEN(ROWS)};
