#include "tests/lib/check_rows.h"

#include "base/err.h"

#define SHA1  "sha1-after-sunset"
#define CURVE "ec-curve-not-allowed"

static const struct check_row ROWS[] = {
    {SHA1, "subscriber", "signer=rsa2048 sig=sha1", FAIL, "2016-01-01"},
    {SHA1, "subscriber", "sig=sha1 nb=2016-01-01", FAIL},
    {SHA1, "subscriber", "signer=rsa2048 nb=2016-01-01", PASS},
    {SHA1, "subscriber", "role=ca sig=sha1 nb=2016-01-01", NA},
    {SHA1, "subscriber", "self sig=sha1 nb=2016-01-01", NA},
    {SHA1, "subscriber", "sig=sha1 nb=2016-01-01 eku=1.3.6.1.5.5.7.3.3 policies=1.2.3.4",
	NA},
    {SHA1, "sub-ca", "role=ca sig=sha1", FAIL, "2016-01-01"},
    {SHA1, "sub-ca", "role=ca nb=2016-01-01", PASS},
    {SHA1, "sub-ca", "role=root sig=sha1 nb=2016-01-01", NA},
    {SHA1, "sub-ca", "sig=sha1 nb=2016-01-01", NA},
    {CURVE, "tls", "key=sm2", FAIL},
    {CURVE, "tls", "key=secp256k1", FAIL},
    {CURVE, "tls", "key=p224", FAIL},
    {CURVE, "tls", "key=p256", PASS},
    {CURVE, "tls", "key=p384", PASS},
    {CURVE, "tls", "key=p521", PASS},
    {CURVE, "tls", "key=rsa2048", NA},
    {CURVE, "tls", "role=ca key=sm2", FAIL},
    {CURVE, "other", "key=sm2 eku=1.3.6.1.5.5.7.3.2 policies=1.2.3.4", FAIL},
    {CURVE, "other", "key=p256 eku=1.3.6.1.5.5.7.3.2 policies=1.2.3.4", PASS},
    {CURVE, "other", "key=sm2", NA},
};

const struct check_row_set ROWS_KEYS = {"keys", ROWS, ARRAY_LEN(ROWS)};
