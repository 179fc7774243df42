#include "tests/lib/check_rows.h"

#include "base/err.h"

size_t
check_row_sets(const struct check_row_set **out)
{
	static struct check_row_set sets[8];

	sets[0] = ROWS_KEYS;
	sets[1] = ROWS_USAGE;
	sets[2] = ROWS_NAMES;
	sets[3] = ROWS_VALIDITY;
	sets[4] = ROWS_SERIALS;
	sets[5] = ROWS_BACKDATING;
	sets[6] = ROWS_TRANSPARENCY;
	sets[7] = ROWS_RFC5280;
	*out = sets;
	return ARRAY_LEN(sets);
}
