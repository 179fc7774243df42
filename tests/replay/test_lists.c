/* Real lists, one after the other as they were published: what the monitor makes
 * events of is what differs between them. */
#include "tests/lib/scenario.h"
#include "tests/lib/vectors.h"
#include "wire/loglist.h"

#define FOLDER "real/loglists/"

static const char *const ANDROID[] = {
    FOLDER "old/android_log_list_80.3_20251222.json",
    FOLDER "old/android_log_list_81.4_20260110.json",
    FOLDER "old/android_log_list_85.7_20260306.json",
    FOLDER "old/android_log_list_86.0_20260620.json",
    FOLDER "old/android_log_list_87.2_20260627.json",
    FOLDER "old/android_log_list_88.1_20260710.json",
    FOLDER "old/android_log_list_89.0_20260727.json",
    FOLDER "android_log_list_89.24_20260819.json",
};
static const char *const GOOGLE[] = {
    FOLDER "old/google_all_logs_list_v3_50.19_20241126.json",
    FOLDER "old/google_all_logs_list_v3_54.12_20250523.json",
    FOLDER "google_all_logs_list_v3_89.25_20260820.json",
};

struct counts {
	int64_t listed, unlisted, states, urls;
};

static const struct log_list_entry *
find(const struct log_list *list, const struct log_list_entry *like)
{
	for (size_t i = 0; i < list->count; i++)
		if (sha256_equal(&list->entries[i].id, &like->id))
			return &list->entries[i];
	return NULL;
}

static bool
moved(const struct log_list_entry *a, const struct log_list_entry *b)
{
	return strcmp(a->url, b->url) != 0 ||
	    strcmp(a->submission_url, b->submission_url) != 0 ||
	    strcmp(a->monitoring_url, b->monitoring_url) != 0;
}

static void
compare(const struct log_list *old, const struct log_list *now, struct counts *counts)
{
	for (size_t i = 0; i < now->count; i++) {
		const struct log_list_entry *before = find(old, &now->entries[i]);

		counts->listed += before == NULL;
		counts->states +=
		    before != NULL && before->state != now->entries[i].state;
		counts->urls += before != NULL && moved(before, &now->entries[i]);
	}
	for (size_t i = 0; i < old->count; i++)
		counts->unlisted += find(now, &old->entries[i]) == NULL;
}

static int64_t
events(struct scenario *s, const char *kind)
{
	return scenario_number(s, "SELECT count(*) FROM event WHERE kind = '%s'", kind);
}

/* Returns whether the data is there. */
static bool
play(const char *const *paths, size_t count, struct counts *out)
{
	struct scenario *s = mem_alloc(sizeof(*s));
	struct log_list before = {0};
	struct counts want = {0};
	bool there = true;

	scenario_begin(s);
	scenario_start(s);
	for (size_t i = 0; there && i < count; i++) {
		struct log_list now;
		struct buf file;
		struct err err;

		there = vectors_file(paths[i], &file);
		if (!there)
			break;
		ck_assert_msg(log_list_parse(buf_bytes(&file), &now, &err), "%s: %s",
		    paths[i], err.text);
		buf_free(&file);
		for (size_t k = 0; k < now.count; k++)
			ck_assert_msg(now.entries[k].error.code == ERR_NONE, "%s: %s: %s",
			    paths[i], now.entries[k].description,
			    now.entries[k].error.text);
		if (i > 0) {
			compare(&before, &now, &want);
			log_list_free(&before);
		}
		/* Twice: what was noted is no news. */
		monitor_note_list(s->monitor, "list", &now);
		scenario_run(s, 60000);
		monitor_note_list(s->monitor, "list", &now);
		scenario_run(s, 60000);
		before = now;
	}
	if (there) {
		log_list_free(&before);
		ck_assert_int_eq(events(s, "log-listed"), want.listed);
		ck_assert_int_eq(events(s, "log-unlisted"), want.unlisted);
		ck_assert_int_eq(events(s, "log-state"), want.states);
		ck_assert_int_eq(events(s, "log-url"), want.urls);
	}
	scenario_end(s);
	mem_free(s);
	*out = want;
	return there;
}

START_TEST(androids_through_half_a_year)
{
	struct counts counts;

	if (play(ANDROID, ARRAY_LEN(ANDROID), &counts))
		ck_assert(counts.listed > 0 && counts.unlisted > 0 && counts.states > 0);
}
END_TEST

START_TEST(googles_through_two_years)
{
	struct counts counts;

	if (play(GOOGLE, ARRAY_LEN(GOOGLE), &counts))
		ck_assert(counts.listed > 0 && counts.unlisted > 0 && counts.states > 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("lists");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, androids_through_half_a_year);
	tcase_add_test(tc, googles_through_two_years);
	return unit_run("lists", tc);
}
