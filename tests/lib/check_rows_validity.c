#include "tests/lib/check_rows.h"

#include "base/err.h"

#define LONG  "validity-too-long"
#define LIMIT "validity-at-limit"

/* life counts na - nb: one second less than the catalogue's V. */
static const struct check_row ROWS[] = {
    {LONG, "60-months", "days=1830", FAIL, "2012-07-01", "2015-04-02"},
    {LONG, "60-months", "nb=2013-01-31 na=2018-01-31", PASS},
    {LONG, "60-months", "nb=2013-01-31 na=2018-01-31T00:00:01Z", FAIL},
    {LONG, "60-months", "nb=2013-01-31 na=2020-01-31 role=ca", NA},
    {LONG, "39-months-legacy", "days=1200", FAIL, "2015-04-02", "2016-07-02"},
    {LONG, "39-months-legacy", "nb=2015-05-01 na=2018-08-01", PASS},
    {LONG, "39-months-legacy", "nb=2015-05-01 na=2018-08-01T00:00:01Z", FAIL, NULL, NULL,
	"warning"},
    {LONG, "39-months-legacy", "nb=2015-05-01 na=2020-05-01", FAIL, NULL, NULL,
	"warning"},
    {LONG, "39-months-legacy", "nb=2015-05-01 na=2020-05-01T00:00:01Z", FAIL, NULL, NULL,
	"error"},
    {LONG, "39-months", "days=1200", FAIL, "2016-07-02", "2018-03-02"},
    {LONG, "39-months", "nb=2016-11-30 na=2020-03-01", PASS}, /* 30 February is 1 March */
    {LONG, "39-months", "nb=2016-11-30 na=2020-03-01T00:00:01Z", FAIL},
    {LONG, "ev-27-months", "policies=2.23.140.1.1 days=900", FAIL, NULL, "2018-03-02"},
    {LONG, "ev-27-months", "policies=2.23.140.1.1 nb=2017-01-01 na=2019-04-01", PASS},
    {LONG, "ev-27-months", "policies=2.23.140.1.1 nb=2017-01-01 na=2019-04-01T00:00:01Z",
	FAIL},
    {LONG, "ev-27-months", "policies=2.23.140.1.2.2 nb=2017-01-01 days=900", NA},
    {LONG, "825-days", "life=71280001", FAIL, "2018-03-02", "2020-09-01"},
    {LONG, "825-days", "life=71280000 nb=2019-01-01", PASS},
    {LONG, "825-days-inclusive", "life=71280000", FAIL, "2018-03-02", "2020-09-01"},
    {LONG, "825-days-inclusive", "life=71279999 nb=2019-01-01", PASS},
    {LONG, "825-days-inclusive", "life=71280001 nb=2019-01-01", PASS},
    {LONG, "398-days", "life=34387200", FAIL, "2020-09-01", "2026-03-15"},
    {LONG, "398-days", "life=34387199 nb=2020-09-01", PASS},
    {LONG, "398-days", "life=34387200 nb=2020-09-01 role=ca", NA},
    {LONG, "200-days", "life=17280000", FAIL, "2026-03-15", "2027-03-15"},
    {LONG, "200-days", "life=17279999 nb=2026-03-15", PASS},
    {LONG, "100-days", "life=8640000", FAIL, "2027-03-15", "2029-03-15"},
    {LONG, "100-days", "life=8639999 nb=2027-03-15", PASS},
    {LONG, "47-days", "life=4060800", FAIL, "2029-03-15"},
    {LONG, "47-days", "life=4060799 nb=2029-03-15", PASS},
    /* Signed after the date: the later limit holds, and not the earlier one. */
    {LONG, "200-days", "life=17280000 nb=2026-03-14 lo=2026-03-15", FAIL},
    {LONG, "398-days", "life=34387200 nb=2026-03-14 lo=2026-03-15", NE},
    {LONG, "398-days", "life=34387200 nb=2026-03-14 lo=2026-03-14T23:59:59Z", FAIL},
    {LONG, "200-days", "life=17280000 nb=2026-03-14 hi=2026-03-15", FAIL, NULL, NULL,
	"warning"},
    {LONG, "200-days", "life=17280000 nb=2026-03-14 hi=2026-03-14T23:59:59Z", NE},
    {LONG, "47-days", "dates=none life=4060800 nb=2026-04-01",
	NE}, /* one limit at a time */

    /* As long as should be, one second longer, the longest, and too long. */
    {LIMIT, "397-days", "life=34300800", FAIL, "2020-09-01", "2026-03-15"},
    {LIMIT, "397-days", "life=34300799 nb=2021-01-01", PASS},
    {LIMIT, "397-days", "life=34387199 nb=2021-01-01", FAIL},
    {LIMIT, "397-days", "life=34387200 nb=2021-01-01", PASS},
    {LIMIT, "397-days", "life=34300800 nb=2021-01-01 role=ca", NA},
    {LIMIT, "397-days", "life=34300800 nb=2010-01-01 dates=none", FAIL},
    {LIMIT, "199-days", "life=17193600", FAIL, "2026-03-15", "2027-03-15"},
    {LIMIT, "199-days", "life=17193599 nb=2026-03-15", PASS},
    {LIMIT, "199-days", "life=17280000 nb=2026-03-15", PASS},
    {LIMIT, "99-days", "life=8553600", FAIL, "2027-03-15", "2029-03-15"},
    {LIMIT, "99-days", "life=8553599 nb=2027-03-15", PASS},
    {LIMIT, "99-days", "life=8640000 nb=2027-03-15", PASS},
    {LIMIT, "46-days", "life=3974400", FAIL, "2029-03-15"},
    {LIMIT, "46-days", "life=3974399 nb=2029-03-15", PASS},
    {LIMIT, "46-days", "life=4060800 nb=2029-03-15", PASS},
};

const struct check_row_set ROWS_VALIDITY = {"validity", ROWS, ARRAY_LEN(ROWS)};
