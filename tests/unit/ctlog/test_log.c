#include "ctlog/log.h"

#include "tests/lib/vectors.h"

/* Keys made for this test. */
#define KEY                                                                              \
	"3059301306072a8648ce3d020106082a8648ce3d030107034200041a3688275e34e79cfcd5885c" \
	"71c2082d9754b5c1eb7d319db34b842e80b0fafb466e46aac0e053732cdc4234cbe0b018f50b02" \
	"36a95441525b37468f1679ff70"
#define ED25519                                                                          \
	"302a300506032b657003210094d0e0aa402176666e7e9f170ff703bcbf5aaeeb39d10c09d071"   \
	"3f67b85f2cc6"

static const struct {
	const char *url, *submission, *name, *reading, *origin;
} ADDRESSES[] = {
    {"https://ct.googleapis.com/logs/us1/argon2027h1/", NULL, "argon2027h1",
	"https://ct.googleapis.com/logs/us1/argon2027h1/",
	"ct.googleapis.com/logs/us1/argon2027h1"},
    {"https://ct.cloudflare.com/logs/nimbus2027", NULL, "nimbus2027",
	"https://ct.cloudflare.com/logs/nimbus2027/",
	"ct.cloudflare.com/logs/nimbus2027"},
    {"https://wyvern.ct.digicert.com/2026h2//", NULL, "wyvern.ct.digicert.com/2026h2",
	"https://wyvern.ct.digicert.com/2026h2/", "wyvern.ct.digicert.com/2026h2"},
    {"https://mon.sycamore.example/2026h2/", "https://log.sycamore.example/2026h2/",
	"log.sycamore.example/2026h2", "https://mon.sycamore.example/2026h2/",
	"log.sycamore.example/2026h2"},
    {"http://[::1]:8080/", NULL, "[::1]:8080", "http://[::1]:8080/", "[::1]:8080"},
    {"", NULL, "", "", ""},
};

START_TEST(address_rows)
{
	struct buf key = unit_hex(KEY);
	struct ct_log_options options = {
	    .kind = CT_LOG_STATIC,
	    .key = buf_bytes(&key),
	    .url = ADDRESSES[_i].url,
	    .submission = ADDRESSES[_i].submission,
	};
	struct err err = {0};
	const struct ct_log *log = ct_log_new(&options, &err);

	ck_assert_msg(log != NULL, "%s", err.text);
	ck_assert_str_eq(log->name, ADDRESSES[_i].name);
	ck_assert_str_eq(log->url, ADDRESSES[_i].reading);
	ck_assert_str_eq(log->origin, ADDRESSES[_i].origin);
	ck_assert_int_eq(log->mmd_ms, 60000);
	ct_log_free(log);
	buf_free(&key);
}
END_TEST

START_TEST(what_no_list_says)
{
	struct buf key = unit_hex(KEY), wrong = unit_hex(ED25519);
	struct ct_log_options options = {
	    .name = "mine", .key = buf_bytes(&key), .url = "https://a.example/"};
	struct err err = {0};
	const struct ct_log *log = ct_log_new(&options, &err);
	struct sha256 id;

	sha256_of(buf_bytes(&key), &id);
	ck_assert(log != NULL && sha256_equal(&log->id, &id));
	ck_assert_str_eq(log->name, "mine");
	ck_assert_str_eq(log->operator_name, "");
	ck_assert_int_eq(log->mmd_ms, 86400000);
	ck_assert(ct_log_takes(log, 0));
	ct_log_free(log);
	options.key = buf_bytes(&wrong);
	ck_assert_ptr_null(ct_log_new(&options, &err));
	ck_assert_int_eq(err.code, ERR_PARSE);
	options.key = bytes_text("no key");
	ck_assert_ptr_null(ct_log_new(&options, &err));
	ct_log_free(NULL);
	buf_free(&key);
	buf_free(&wrong);
}
END_TEST

static struct log_list_operator previous[] = {{"Second", 2000}, {"First", 1000}};

static struct log_list_entry
entry_of(const struct buf *key)
{
	return (struct log_list_entry){
	    .key = buf_bytes(key),
	    .operator_name = "Third",
	    .description = "A log",
	    .tiled = true,
	    .url = "",
	    .submission_url = "https://s.example/",
	    .monitoring_url = "https://m.example/",
	    .state = LOG_STATE_USABLE,
	    .has_interval = true,
	    .start_ms = 100,
	    .end_ms = 200,
	    .previous = previous,
	    .previous_count = 2,
	};
}

START_TEST(from_a_list)
{
	struct buf key = unit_hex(KEY);
	struct log_list_entry entry = entry_of(&key);
	struct err err = {0};
	const struct ct_log *log = ct_log_from_list(&entry, &err);

	ck_assert_msg(log != NULL, "%s", err.text);
	ck_assert_int_eq(log->kind, CT_LOG_STATIC);
	ck_assert_str_eq(log->url, "https://m.example/");
	ck_assert_str_eq(log->origin, "s.example");
	ck_assert_int_eq(log->mmd_ms, 60000);
	ck_assert_int_eq(log->state, LOG_STATE_USABLE);
	ck_assert_str_eq(ct_log_operator_at(log, 999), "First");
	ck_assert_str_eq(ct_log_operator_at(log, 1000), "Second");
	ck_assert_str_eq(ct_log_operator_at(log, 2000), "Third");
	ck_assert(!ct_log_takes(log, 99));
	ck_assert(ct_log_takes(log, 100));
	ck_assert(ct_log_takes(log, 199));
	ck_assert(!ct_log_takes(log, 200));
	ct_log_free(log);
	entry.error.code = ERR_VERIFY;
	ck_assert_ptr_null(ct_log_from_list(&entry, &err));
	ck_assert_int_eq(err.code, ERR_VERIFY);
	buf_free(&key);
}
END_TEST

START_TEST(a_set)
{
	struct buf key = unit_hex(KEY);
	struct log_list_entry entry = entry_of(&key);
	struct ct_log_set *set = ct_log_set_new();
	const struct ct_log *one = ct_log_from_list(&entry, NULL), *two;
	size_t at = 0;

	ck_assert_ptr_null(ct_log_set_get(set, sha256_bytes(&one->id)));
	ct_log_set_put(set, one);
	ck_assert_ptr_eq(ct_log_set_get(set, sha256_bytes(&one->id)), one);
	entry.state = LOG_STATE_RETIRED;
	two = ct_log_from_list(&entry, NULL);
	ct_log_set_put(set, two);
	ck_assert_uint_eq(ct_log_set_count(set), 1);
	ck_assert_ptr_eq(ct_log_set_get(set, sha256_bytes(&one->id)), two);
	ck_assert_ptr_eq(ct_log_set_next(set, &at), two);
	ck_assert_ptr_null(ct_log_set_next(set, &at));
	ct_log_free(one);
	ct_log_free(two); /* the set holds it still */
	ck_assert_int_eq(
	    ct_log_set_get(set, sha256_bytes(&two->id))->state, LOG_STATE_RETIRED);
	ct_log_set_free(set);
	ct_log_set_free(NULL);
	buf_free(&key);
}
END_TEST

/* All 117 of Google's list but none broken. */
START_TEST(googles_list)
{
	struct log_list list;
	struct ct_log_set *set = ct_log_set_new();
	struct buf file;
	struct err err = {0};

	if (vectors_file("vectors/loglists/all_logs_list.json", &file)) {
		ck_assert(log_list_parse(buf_bytes(&file), &list, &err));
		for (size_t i = 0; i < list.count; i++) {
			const struct ct_log *log =
			    ct_log_from_list(&list.entries[i], &err);

			ck_assert_msg(log != NULL, "%s", err.text);
			ct_log_set_put(set, log);
			ct_log_free(log);
		}
		ck_assert_uint_eq(ct_log_set_count(set), 117);
		log_list_free(&list);
		buf_free(&file);
	}
	ct_log_set_free(set);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("log");

	tcase_add_loop_test(tc, address_rows, 0, UNIT_COUNT(ADDRESSES));
	tcase_add_test(tc, what_no_list_says);
	tcase_add_test(tc, from_a_list);
	tcase_add_test(tc, a_set);
	tcase_add_test(tc, googles_list);
	return unit_run("ctlog/log", tc);
}
