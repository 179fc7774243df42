#include "tests/lib/check_rows.h"

#include "base/err.h"

#define SCT "backdated-vs-sct"

static const struct check_row ROWS[] = {
    {SCT, "br", "nb=2023-09-15 scts=2023-09-17T00:00:00.001Z", FAIL},
    {SCT, "br", "nb=2023-09-15 scts=2023-09-17", PASS},
    {SCT, "br", "nb=2023-09-14T23:59:59Z scts=2023-09-20", NE},
    {SCT, "br", "nb=2024-01-01 scts=2024-01-01,2024-01-05", FAIL},
    {SCT, "br", "nb=2024-01-01 scts=2024-01-05 unverified", FAIL, NULL, NULL, "warning"},
    {SCT, "br", "nb=2024-01-01", NA},
    {SCT, "br", "dates=nb nb=2023-09-14T23:59:59Z scts=2023-09-20", NE},
    {SCT, "practice", "nb=2023-09-14T23:59:59Z scts=2023-09-17T00:00:00Z", FAIL},
    {SCT, "practice", "nb=2023-09-14 scts=2023-09-16", PASS},
    {SCT, "practice", "nb=2023-09-15 scts=2023-09-20", NE},
    {SCT, "practice", "nb=2015-12-20 scts=2016-01-04 sig=sha1", FAIL},
    {SCT, "day", "nb=2024-01-01 scts=2024-01-02T00:00:00.001Z", FAIL},
    {SCT, "day", "nb=2024-01-01 scts=2024-01-02", PASS},
    {SCT, "day", "nb=2024-01-01 scts=2024-01-03", FAIL},
    {SCT, "day", "nb=2024-01-01 scts=2024-01-03T00:00:00.001Z", PASS},
};

const struct check_row_set ROWS_BACKDATING = {"backdating", ROWS, ARRAY_LEN(ROWS)};
