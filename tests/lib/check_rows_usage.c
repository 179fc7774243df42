#include "tests/lib/check_rows.h"

#include "base/err.h"

#define KU "ku-key-mismatch"

/* Bit n of key usage is 1 << n: 1 digitalSignature, 2 nonRepudiation, 4
 * keyEncipherment, 8 dataEncipherment, 16 keyAgreement, 32 keyCertSign, 64
 * cRLSign, 128 encipherOnly, 256 decipherOnly. */
static const struct check_row ROWS[] = {
    {KU, "rsa-leaf", "key=rsa2048 ku=17", FAIL, "2002-04-01"},
    {KU, "rsa-leaf", "key=rsa2048 ku=33", FAIL},
    {KU, "rsa-leaf", "key=rsa2048 ku=65", FAIL},
    {KU, "rsa-leaf", "key=rsa2048 ku=129", FAIL},
    {KU, "rsa-leaf", "key=rsa2048 ku=257", FAIL},
    {KU, "rsa-leaf", "key=rsa2048 ku=15", PASS},
    {KU, "rsa-leaf", "key=rsa2048 omit=ku", NA},
    {KU, "rsa-leaf", "key=p256 ku=17", NA},
    {KU, "rsa-ca", "role=ca key=rsa2048 ku=112", FAIL, "2002-04-01"},
    {KU, "rsa-ca", "role=ca key=rsa2048 ku=224", FAIL},
    {KU, "rsa-ca", "role=ca key=rsa2048 ku=352", FAIL},
    {KU, "rsa-ca", "role=ca key=rsa2048 ku=111", PASS},
    {KU, "rsa-ca", "key=rsa2048 ku=16", NA},
    {KU, "rsa-ca-encipherment", "role=ca key=rsa2048 ku=36", FAIL, "2002-04-01"},
    {KU, "rsa-ca-encipherment", "role=ca key=rsa2048 ku=72", FAIL},
    {KU, "rsa-ca-encipherment", "role=ca key=rsa2048 ku=12", PASS},
    {KU, "rsa-ca-encipherment", "role=ca key=rsa2048 ku=99", PASS},
    {KU, "rsa-leaf-br", "key=rsa2048 ku=3", FAIL, "2023-09-15"},
    {KU, "rsa-leaf-br", "key=rsa2048 ku=17", FAIL},
    {KU, "rsa-leaf-br", "key=rsa2048 ku=13", PASS},
    {KU, "rsa-leaf-br", "key=rsa2048 ku=3 eku=1.3.6.1.5.5.7.3.2 policies=1.2.3", NA},
    {KU, "ec-encipherment", "key=p256 ku=5", FAIL, "2020-08-01"},
    {KU, "ec-encipherment", "key=p256 ku=9", FAIL},
    {KU, "ec-encipherment", "role=ca key=p256 ku=100", FAIL},
    {KU, "ec-encipherment", "key=p256 ku=17", PASS},
    {KU, "ec-encipherment", "key=rsa2048 ku=5", NA},
    {KU, "ec-leaf", "key=p256 ku=5", FAIL, "2012-07-01"},
    {KU, "ec-leaf", "key=p256 ku=33", FAIL},
    {KU, "ec-leaf", "key=p256 ku=257", FAIL},
    {KU, "ec-leaf", "key=p256 ku=19", PASS},
    {KU, "ec-leaf-br", "key=p256 ku=3", FAIL, "2023-09-15"},
    {KU, "ec-leaf-br", "key=p256 ku=5", FAIL},
    {KU, "ec-leaf-br", "key=p256 ku=257", FAIL},
    {KU, "ec-leaf-br", "key=p256 ku=17", PASS},
    {KU, "ec-leaf-signature", "key=p256 ku=16", FAIL, "2023-09-15"},
    {KU, "ec-leaf-signature", "key=p256 ku=1", PASS},
    {KU, "ec-leaf-signature", "key=p256 omit=ku", NA},
};

const struct check_row_set ROWS_USAGE = {"usage", ROWS, ARRAY_LEN(ROWS)};
