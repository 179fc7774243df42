#include "crypto/digest.h"

#include <pthread.h>

#include "tests/lib/unit.h"

/* FIPS 180-4's examples. */
static const struct {
	const char *what, *message, *hex;
} HASHES[] = {
    {"nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"one block", "abc",
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void
check_hash(const struct sha256 *got, const char *want, const char *what)
{
	char hex[2 * SHA256_LEN + 1];

	ck_assert_msg(strcmp(hex_format(got->octets, SHA256_LEN, hex), want) == 0,
	    "%s: %s", what, hex);
}

START_TEST(hash_rows)
{
	struct bytes message = bytes_text(HASHES[_i].message);
	size_t half = message.len / 2;
	struct bytes parts[] = {bytes_of(message.data, half), bytes_of(NULL, 0),
	    bytes_of(message.data + half, message.len - half)};
	struct sha256_stream *stream = sha256_stream_new();
	struct sha256 hash;

	sha256_of(message, &hash);
	check_hash(&hash, HASHES[_i].hex, HASHES[_i].what);
	sha256_of_parts(parts, ARRAY_LEN(parts), &hash);
	check_hash(&hash, HASHES[_i].hex, HASHES[_i].what);
	for (int again = 0; again < 2; again++) {
		for (size_t i = 0; i < ARRAY_LEN(parts); i++)
			sha256_stream_add(stream, parts[i]);
		sha256_stream_end(stream, &hash);
		check_hash(&hash, HASHES[_i].hex, HASHES[_i].what);
	}
	sha256_stream_free(stream);
}
END_TEST

/* RFC 4231, 4. */
static const struct {
	const char *what, *key, *message, *hex;
	size_t key_repeat;
} MACS[] = {
    {"case 1", "\x0b", "Hi There",
	"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", 20},
    {"case 2", "Jefe", "what do ya want for nothing?",
	"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", 1},
    {"case 6, a key longer than a block", "\xaa",
	"Test Using Larger Than Block-Size Key - Hash Key First",
	"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", 131},
};

START_TEST(mac_rows)
{
	struct sha256 mac;
	struct buf key;

	buf_init(&key, 200);
	for (size_t i = 0; i < MACS[_i].key_repeat; i++)
		buf_append_text(&key, MACS[_i].key);
	hmac_sha256(buf_bytes(&key), bytes_text(MACS[_i].message), &mac);
	check_hash(&mac, MACS[_i].hex, MACS[_i].what);
	buf_free(&key);
}
END_TEST

static void *
hash_much(void *hex)
{
	struct sha256 hash;
	char text[2 * SHA256_LEN + 1];

	for (int i = 0; i < 2000; i++) {
		sha256_of(bytes_text("abc"), &hash);
		if (strcmp(hex_format(hash.octets, SHA256_LEN, text), hex) != 0)
			return NULL;
	}
	return hex;
}

START_TEST(threads_do_not_meet)
{
	pthread_t threads[4];
	char hex[2 * SHA256_LEN + 1];
	void *held;

	memcpy(hex, HASHES[1].hex, sizeof(hex));
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, hash_much, hex), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		pthread_join(threads[i], &held);
		ck_assert_ptr_eq(held, hex);
	}
}
END_TEST

START_TEST(libcrypto_is_fit)
{
	struct err err = {0};
	struct sha256 hash, other;

	ck_assert_msg(crypto_start(&err), "%s", err.text);
	sha256_of(bytes_text("abc"), &hash);
	ck_assert(sha256_from(sha256_bytes(&hash), &other));
	ck_assert(sha256_equal(&hash, &other));
	ck_assert(!sha256_from(bytes_of(hash.octets, 31), &other));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("digest");

	tcase_add_loop_test(tc, hash_rows, 0, UNIT_COUNT(HASHES));
	tcase_add_loop_test(tc, mac_rows, 0, UNIT_COUNT(MACS));
	tcase_add_test(tc, threads_do_not_meet);
	tcase_add_test(tc, libcrypto_is_fit);
	return unit_run("crypto/digest", tc);
}
