#include "x509/pem.h"

#include "tests/lib/unit.h"

#define BLOCK(text) "-----BEGIN CERTIFICATE-----\n" text "\n-----END CERTIFICATE-----\n"

static const struct {
	const char *what, *file;
	const char *hex[3]; /* of each certificate; "" : a broken block */
	int count;
} FILES[] = {
    {"one block", BLOCK("MAMCAQE="), {"3003020101"}, 1},
    {"folded lines", BLOCK("MAM\r\nCAQ\r\n E="), {"3003020101"}, 1},
    {"text around two", "subject: x\n" BLOCK("MAMCAQE=") "\nmore\n" BLOCK("MAMCAQI="),
	{"3003020101", "3003020102"}, 2},
    {"a key is passed over",
	"-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n" BLOCK("MAMCAQE="),
	{"3003020101"}, 1},
    {"a broken block does not hide the next", BLOCK("MAMCAQ!=") BLOCK("MAMCAQE="),
	{"", "3003020101"}, 2},
    {"an end is missing", "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n", {NULL}, 0},
    {"DER", "0\x03\x02\x01\x01", {"3003020101"}, 1},
    {"nothing", "", {NULL}, 0},
    {"other text", "hello", {NULL}, 0},
};

START_TEST(blocks)
{
	struct pem_iter iter;
	struct buf scratch;
	struct bytes der;
	int count = 0;

	buf_init(&scratch, 4096);
	pem_certificates(bytes_text(FILES[_i].file), &iter);
	while (pem_next(&iter, &scratch, &der)) {
		char hex[64];

		ck_assert_msg(count < FILES[_i].count, "%s", FILES[_i].what);
		hex_format(der.data, der.len, hex);
		ck_assert_msg(strcmp(hex, FILES[_i].hex[count]) == 0, "%s: %s",
		    FILES[_i].what, hex);
		count++;
	}
	ck_assert_msg(count == FILES[_i].count, "%s: %d", FILES[_i].what, count);
	buf_free(&scratch);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pem");

	tcase_add_loop_test(tc, blocks, 0, UNIT_COUNT(FILES));
	return unit_run("x509/pem", tc);
}
