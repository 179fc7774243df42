#include "tests/lib/check_rows.h"

#include "base/err.h"

size_t
check_row_sets(const struct check_row_set *const **out)
{
	static const struct check_row_set *const SETS[] = {&ROWS_KEYS, &ROWS_USAGE,
	    &ROWS_POLICY, &ROWS_STRUCTURE, &ROWS_NAMES, &ROWS_NAMES_DNS,
	    &ROWS_NAMES_SUBJECT, &ROWS_VALIDITY, &ROWS_SERIALS, &ROWS_BACKDATING,
	    &ROWS_TRANSPARENCY, &ROWS_RFC5280, &ROWS_GENERAL_NAME, &ROWS_TIME,
	    &ROWS_HIERARCHY};

	*out = SETS;
	return ARRAY_LEN(SETS);
}
