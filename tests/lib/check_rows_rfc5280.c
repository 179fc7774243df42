#include "tests/lib/check_rows.h"

#include "base/err.h"

static const struct check_row ROWS[] = {
    {"rsa-key-absent", "unreadable", "spki=3013300d06092a864886f70d010101050003020030",
	FAIL},
    {"rsa-key-absent", "unreadable", "key=rsa2048", PASS},
    {"rsa-key-absent", "unreadable", "key=p256", NA},
};

const struct check_row_set ROWS_RFC5280 = {"rfc5280", ROWS, ARRAY_LEN(ROWS)};
