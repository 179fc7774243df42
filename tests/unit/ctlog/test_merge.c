#include "ctlog/merge.h"

#include "ctlog/log.h"
#include "tests/lib/vectors.h"

static struct log_list_entry
entry(bool tiled, const char *url, enum log_state state)
{
	return (struct log_list_entry){.tiled = tiled,
	    .operator_name = "Op",
	    .description = "",
	    .url = tiled ? "" : url,
	    .submission_url = tiled ? "https://s.example/" : "",
	    .monitoring_url = tiled ? url : "",
	    .state = state};
}

START_TEST(who_follows_governs)
{
	struct log_list_entry a = entry(false, "https://a.example/", LOG_STATE_RETIRED);
	struct log_list_entry b = entry(false, "https://b.example/", LOG_STATE_USABLE);
	struct ct_listing listings[] = {{&a, false}, {&b, true}};
	struct log_list_entry out;

	b.operator_name = "Other";
	ck_assert(ct_log_merge(listings, 2, &out));
	ck_assert_int_eq(out.state, LOG_STATE_USABLE);
	ck_assert_str_eq(out.url, "https://b.example/");
	ck_assert_str_eq(out.operator_name, "Other");
	listings[1].follow = false; /* nobody: the first */
	ck_assert(ct_log_merge(listings, 2, &out));
	ck_assert_int_eq(out.state, LOG_STATE_RETIRED);
	ck_assert_str_eq(out.operator_name, "Op");
}
END_TEST

/* Mozilla's has no addresses and no delays. */
START_TEST(what_one_leaves_open_another_says)
{
	struct log_list_entry a = entry(true, "", LOG_STATE_USABLE);
	struct log_list_entry b = entry(true, "https://m.example/", LOG_STATE_READONLY);
	struct ct_listing listings[] = {{&a, true}, {&b, true}};
	struct log_list_entry out;

	a.submission_url = "";
	b.mmd_s = 60;
	b.has_interval = true;
	b.start_ms = 5;
	b.end_ms = 9;
	b.has_final_head = true;
	b.final_size = 77;
	ck_assert(ct_log_merge(listings, 2, &out));
	ck_assert_int_eq(out.state, LOG_STATE_USABLE);
	ck_assert_str_eq(out.monitoring_url, "https://m.example/");
	ck_assert_str_eq(out.submission_url, "https://s.example/");
	ck_assert_int_eq(out.mmd_s, 60);
	ck_assert(out.has_interval && out.start_ms == 5 && out.end_ms == 9);
	ck_assert(out.has_final_head && out.final_size == 77);
}
END_TEST

START_TEST(two_protocols_are_one_log)
{
	struct log_list_entry json = entry(false, "https://j.example/", LOG_STATE_USABLE);
	struct log_list_entry tiled = entry(true, "https://t.example/", LOG_STATE_USABLE);
	struct ct_listing listings[] = {{&json, true}, {&tiled, true}};
	struct ct_listing turned[] = {{&tiled, true}, {&json, true}};
	struct log_list_entry out;

	json.mmd_s = 86400;
	ck_assert(ct_log_merge(listings, 2, &out));
	ck_assert(!out.tiled);
	ck_assert_str_eq(out.url, "https://j.example/");
	ck_assert_str_eq(out.monitoring_url, "https://t.example/");
	ck_assert(ct_log_merge(turned, 2, &out));
	ck_assert(out.tiled);
	ck_assert_str_eq(out.monitoring_url, "https://t.example/");
	ck_assert_int_eq(out.mmd_s, 0); /* a delay of the other protocol is none */
}
END_TEST

START_TEST(what_cannot_be_used_counts_for_nothing)
{
	struct log_list_entry broken =
	    entry(false, "https://x.example/", LOG_STATE_USABLE);
	struct log_list_entry good =
	    entry(false, "https://g.example/", LOG_STATE_PENDING);
	struct log_list_entry bogus = entry(false, "", LOG_STATE_RETIRED);
	struct ct_listing listings[] = {{&broken, true}, {&good, false}, {&bogus, false}};
	struct log_list_entry out;

	err_set(&broken.error, ERR_PARSE, "no key");
	bogus.bogus = true;
	ck_assert(!ct_log_merge(listings, 1, &out));
	ck_assert(!ct_log_merge(listings, 0, &out));
	ck_assert(ct_log_merge(listings, 2, &out));
	ck_assert_str_eq(out.url, "https://g.example/");
	ck_assert(!out.bogus);
	ck_assert(ct_log_merge(listings, 3, &out));
	ck_assert(out.bogus);
}
END_TEST

/* --- real lists: Mozilla's before Google's and Apple's ---------------------------- */

static bool
load(const char *name, struct log_list *out)
{
	char *path = mem_format("vectors/loglists/%s", name);
	struct buf file;
	struct err err;
	bool there = vectors_file(path, &file);

	mem_free(path);
	if (!there)
		return false;
	ck_assert_msg(log_list_parse(buf_bytes(&file), out, &err), "%s", err.text);
	buf_free(&file);
	return true;
}

static const struct log_list_entry *
find(const struct log_list *list, const struct sha256 *id)
{
	for (size_t i = 0; i < list->count; i++)
		if (sha256_equal(&list->entries[i].id, id))
			return &list->entries[i];
	return NULL;
}

START_TEST(real_lists_together)
{
	struct log_list mozilla, google, apple;
	size_t addressed = 0, bogus = 0;

	if (!load("mozilla-known_logs_list.json", &mozilla))
		return;
	ck_assert(load("all_logs_list.json", &google));
	ck_assert(load("apple-current_log_list.json", &apple));
	for (size_t i = 0; i < mozilla.count; i++) {
		const struct log_list_entry *one = &mozilla.entries[i];
		struct ct_listing listings[3] = {{one, true}};
		size_t count = 1;
		struct log_list_entry out;

		if (find(&google, &one->id) != NULL)
			listings[count++].entry = find(&google, &one->id);
		if (find(&apple, &one->id) != NULL)
			listings[count++].entry = find(&apple, &one->id);
		ck_assert(ct_log_merge(listings, count, &out));
		ck_assert_int_eq(out.state, one->state);
		addressed += (out.tiled ? out.monitoring_url : out.url)[0] != '\0';
		bogus += out.bogus;
	}
	ck_assert_uint_eq(addressed, mozilla.count);
	ck_assert_uint_eq(bogus, 2);
	log_list_free(&mozilla);
	log_list_free(&google);
	log_list_free(&apple);
}
END_TEST

/* --- when a log takes no more ------------------------------------------------------ */

START_TEST(over)
{
	struct ct_log log = {.state = LOG_STATE_USABLE, .mmd_ms = 60000};

	ck_assert(!ct_log_is_over(&log, 1000000));
	log.has_interval = true;
	log.end_ms = 1000000;
	ck_assert(!ct_log_is_over(&log, 1060000));
	ck_assert(ct_log_is_over(&log, 1060001));
	log.end_ms = INT64_MAX;
	ck_assert(!ct_log_is_over(&log, INT64_MAX));
	for (int state = LOG_STATE_NONE; state <= LOG_STATE_REJECTED; state++) {
		log.state = (enum log_state)state;
		ck_assert_int_eq(ct_log_is_over(&log, 0), state >= LOG_STATE_READONLY);
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("merge");

	tcase_add_test(tc, who_follows_governs);
	tcase_add_test(tc, what_one_leaves_open_another_says);
	tcase_add_test(tc, two_protocols_are_one_log);
	tcase_add_test(tc, what_cannot_be_used_counts_for_nothing);
	tcase_add_test(tc, real_lists_together);
	tcase_add_test(tc, over);
	return unit_run("ctlog/merge", tc);
}
