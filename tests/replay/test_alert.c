/* The outbox's drain on a fake clock: a real database, webhook sinks whose
 * receivers are functions, and a writer that the test can stop. */
#include <jansson.h>
#include <unistd.h>

#include "alert/alert.h"
#include "base/queue.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/fake_fetch.h"
#include "tests/lib/unit.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define POSTS_MAX 4000

/* --- the stage ------------------------------------------------------------------- */

/* How a receiver answers; 0: as if nobody were there. */
struct mood {
	int status;
	int64_t retry_after_ms, delay_ms;
	unsigned
	    refuses; /* 1 + the number of the one alert that it answers 400; 0: none */
};

struct post {
	char sink; /* the first letter of its name */
	int64_t at_ms;
	int status;
	char id[33], kind[16];
	uint64_t count; /* of a digest */
};

enum writer_mood {
	WRITES,
	SLEEPS, /* what it is given lies there */
	FAILS,  /* the disk is full */
};

struct stage {
	struct clock *clock;
	struct fetch *fetch;
	struct store *writer, *reader;
	struct alert *alert;
	struct mood one, two;
	struct post *posts;
	size_t posts_len, most_waiting;
	enum writer_mood writer_mood;
	struct queue asleep;
	struct clock_timer *write;
	unsigned failing, well; /* calls of the trouble function */
	char *path;
};

static void
on_request(void *owner, const struct fetch_query *query, struct fake_reply *reply)
{
	struct stage *stage = owner;
	struct post *post = &stage->posts[stage->posts_len++];
	const struct mood *mood =
	    strstr(query->url, "one") != NULL ? &stage->one : &stage->two;
	json_t *root =
	    json_loadb((const char *)query->body.data, query->body.len, 0, NULL);
	char refused[33];

	ck_assert_uint_lt(stage->posts_len, POSTS_MAX);
	ck_assert_ptr_nonnull(root);
	snprintf(refused, sizeof(refused), "%032x", mood->refuses);
	post->sink = mood == &stage->one ? 'o' : 't';
	post->at_ms = clock_mono_ms(stage->clock);
	snprintf(post->id, sizeof(post->id), "%s",
	    json_string_value(json_object_get(root, "id")));
	snprintf(post->kind, sizeof(post->kind), "%s",
	    json_string_value(json_object_get(root, "kind")));
	post->count = (uint64_t)json_integer_value(
	    json_object_get(json_object_get(root, "digest"), "count"));
	post->status =
	    mood->refuses != 0 && strcmp(refused, post->id) == 0 ? 400 : mood->status;
	ck_assert_ptr_nonnull(strstr(query->headers[1], post->id));
	json_decref(root);
	reply->status = post->status;
	reply->delay_ms = mood->delay_ms;
	reply->retry_after_ms = mood->retry_after_ms;
	if (fake_fetch_waiting(stage->fetch) + 1 > stage->most_waiting)
		stage->most_waiting = fake_fetch_waiting(stage->fetch) + 1;
}

static void
write_one(struct stage *stage, struct outbox_batch *batch)
{
	struct err err = {0};

	batch->stored = false;
	if (stage->writer_mood == WRITES) {
		ck_assert_msg(store_begin(stage->writer, &err), "%s", err.text);
		for (size_t i = 0; i < batch->len; i++)
			ck_assert_msg(
			    store_outbox_settle(stage->writer, &batch->results[i], &err),
			    "%s", err.text);
		ck_assert_msg(store_commit(stage->writer, &err), "%s", err.text);
		batch->stored = true;
	}
	alert_settled(stage->alert, batch);
}

static void
on_write(void *owner)
{
	struct stage *stage = owner;
	struct queue_link *link;

	stage->write = NULL;
	if (stage->writer_mood == SLEEPS)
		return;
	for (size_t n = queue_count(&stage->asleep); n > 0; n--)
		if ((link = queue_try(&stage->asleep)) != NULL)
			write_one(stage, (struct outbox_batch *)link);
}

static void
on_settle(void *owner, struct outbox_batch *batch)
{
	struct stage *stage = owner;

	ck_assert_uint_gt(batch->len, 0);
	queue_put(&stage->asleep, &batch->link);
	if (stage->write == NULL)
		stage->write = clock_after(stage->clock, 3, on_write, stage);
}

static void
on_trouble(void *owner, const char *sink, bool failing, const char *why)
{
	struct stage *stage = owner;

	ck_assert(strcmp(sink, "one") == 0 || strcmp(sink, "two") == 0);
	ck_assert((why[0] != '\0') == failing);
	if (failing)
		stage->failing++;
	else
		stage->well++;
}

static const struct alert_sink_options SINKS[] = {
    {.name = "one", .kind = "webhook", .url = "https://one.example/"},
    {.name = "two", .kind = "webhook", .url = "https://two.example/", .give_up_ms = DAY},
};

static void
start_alert(struct stage *stage)
{
	struct alert_options options = {
	    .sinks = SINKS,
	    .sinks_len = 2,
	    .clock = stage->clock,
	    .fetch = stage->fetch,
	    .store = stage->reader,
	    .settle = on_settle,
	    .trouble = on_trouble,
	    .owner = stage,
	};
	struct err err = {0};

	stage->alert = alert_new(&options, &err);
	ck_assert_msg(stage->alert != NULL, "%s", err.text);
}

/* As kill -9 would: what the writer has not written yet is gone. */
static void
end_alert(struct stage *stage)
{
	struct queue_link *link;

	alert_free(stage->alert);
	while ((link = queue_try(&stage->asleep)) != NULL)
		outbox_batch_free((struct outbox_batch *)link);
	clock_cancel(stage->clock, stage->write);
	stage->write = NULL;
}

static struct stage *
new_stage(void)
{
	struct stage *stage = mem_zero(1, sizeof(*stage));
	struct err err = {0};

	stage->path = unit_temp("alert.db");
	unlink(stage->path);
	stage->clock = clock_new(NULL);
	stage->fetch = fetch_new(NULL, stage->clock, &(struct fetch_options){0}, &err);
	stage->writer = store_open(&(struct store_options){.path = stage->path}, &err);
	ck_assert_msg(stage->writer != NULL, "%s", err.text);
	stage->reader = store_open(
	    &(struct store_options){.path = stage->path, .read_only = true}, &err);
	ck_assert_msg(stage->reader != NULL, "%s", err.text);
	stage->posts = mem_zero(POSTS_MAX, sizeof(*stage->posts));
	stage->one.status = stage->two.status = 200;
	queue_init(&stage->asleep, NULL, NULL);
	fake_fetch_answer(stage->fetch, on_request, stage);
	start_alert(stage);
	return stage;
}

static void
end_stage(struct stage *stage)
{
	end_alert(stage);
	queue_fini(&stage->asleep);
	store_close(stage->reader);
	store_close(stage->writer);
	fetch_free(stage->fetch);
	clock_free(stage->clock);
	mem_free(stage->posts);
	mem_free(stage->path);
	mem_free(stage);
}

/* An alert for the sinks whose first letters are named; number 0 and up. */
static void
put(struct stage *stage, unsigned number, const char *sinks, const char *group)
{
	struct notice notice = {.check = "watched-name",
	    .level = number % 2 == 0 ? NOTICE_LEVEL_WARNING : NOTICE_LEVEL_NOTICE,
	    .title = "t",
	    .time_ms = clock_now_ms(stage->clock)};
	struct outbox_row row = {.alert = bytes_of(notice.id, sizeof(notice.id)),
	    .kind = bytes_text("finding"),
	    .group_key = bytes_text(group),
	    .created_ms = notice.time_ms,
	    .next_try_ms = notice.time_ms,
	    .settled_ms = STORE_NO_TIME};
	struct err err = {0};
	struct buf payload;
	bool inserted;

	put_be64(notice.id + 8, number + 1);
	buf_init(&payload, NOTICE_PAYLOAD_MAX);
	notice_payload(&notice, &payload);
	row.payload = buf_bytes(&payload);
	ck_assert(store_begin(stage->writer, &err));
	for (const char *sink = sinks; *sink != '\0'; sink++) {
		row.sink = bytes_text(*sink == 'o' ? "one" : "two");
		ck_assert_msg(store_outbox_put(stage->writer, &row, &inserted, &err),
		    "%s", err.text);
		ck_assert(inserted);
	}
	ck_assert(store_commit(stage->writer, &err));
	buf_free(&payload);
	alert_wake(stage->alert);
}

static void
put_many(struct stage *stage, unsigned first, unsigned count, const char *sinks,
    const char *group)
{
	for (unsigned i = 0; i < count; i++)
		put(stage, first + i, sinks, group);
}

/* --- what came of it ------------------------------------------------------------------
 */

static size_t
count_posts(const struct stage *stage, char sink, const char *kind, int status)
{
	size_t count = 0;

	for (size_t i = 0; i < stage->posts_len; i++)
		count += stage->posts[i].sink == sink &&
		    strcmp(stage->posts[i].kind, kind) == 0 &&
		    stage->posts[i].status == status;
	return count;
}

/* How often the sink took this alert. */
static size_t
count_taken(const struct stage *stage, char sink, unsigned number)
{
	char id[33];
	size_t count = 0;

	snprintf(id, sizeof(id), "%032x", number + 1);
	for (size_t i = 0; i < stage->posts_len; i++)
		count += stage->posts[i].sink == sink &&
		    strcmp(stage->posts[i].id, id) == 0 && stage->posts[i].status == 200;
	return count;
}

static bool
on_row(void *owner, const struct outbox_row *row)
{
	(void)row;
	++*(size_t *)owner;
	return true;
}

static size_t
count_rows(const struct stage *stage, const char *sink, enum outbox_state state)
{
	struct outbox_filter filter = {.sink = bytes_text(sink), .state = (int)state};
	struct err err = {0};
	size_t count = 0;

	ck_assert_msg(store_outbox_each(stage->reader, &filter, on_row, &count, &err),
	    "%s", err.text);
	return count;
}

static void
resend(struct stage *stage, const char *sink, size_t expected)
{
	struct outbox_filter filter = {
	    .sink = bytes_text(sink), .state = (int)OUTBOX_DEAD};
	struct err err = {0};
	size_t count = 0;

	ck_assert(store_begin(stage->writer, &err));
	ck_assert_msg(store_outbox_resend(stage->writer, &filter,
			  clock_now_ms(stage->clock), &count, &err),
	    "%s", err.text);
	ck_assert(store_commit(stage->writer, &err));
	ck_assert_uint_eq(count, expected);
	alert_wake(stage->alert);
}

/* --- delivery -------------------------------------------------------------------------
 */

START_TEST(each_sink_gets_each_alert_once)
{
	struct stage *stage = new_stage();

	put_many(stage, 0, 3, "ot", "");
	fake_clock_advance(stage->clock, SECOND);
	ck_assert_uint_eq(stage->posts_len, 6);
	put(stage, 3, "o", "");
	fake_clock_advance(stage->clock, DAY);
	ck_assert_uint_eq(stage->posts_len, 7);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_DELIVERED), 4);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DELIVERED), 3);
	ck_assert_uint_eq(stage->failing, 0);
	end_stage(stage);
}
END_TEST

START_TEST(what_stands_there_at_the_start_is_sent)
{
	struct stage *stage = new_stage();

	end_alert(stage);
	start_alert(stage);
	alert_free(stage->alert);
	stage->alert = NULL;
	start_alert(stage);
	put_many(stage, 0, 100, "o", "");
	end_alert(stage);
	start_alert(stage);
	fake_clock_advance(stage->clock, SECOND);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_DELIVERED), 100);
	ck_assert_uint_eq(stage->posts_len, 100);
	end_stage(stage);
}
END_TEST

START_TEST(a_dead_sink_slows_nobody_and_loses_nothing)
{
	struct stage *stage = new_stage();
	int64_t last = 0, gap = 0;
	unsigned probes = 0;

	stage->two.status = 0;
	put_many(stage, 0, 300, "ot", "");
	fake_clock_advance(stage->clock, SECOND);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_DELIVERED), 300);
	fake_clock_advance(stage->clock, 6 * HOUR);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_WAITING), 300);
	ck_assert_uint_eq(stage->failing, 1);
	/* One row at a time, further and further apart, at most 15 minutes. */
	for (size_t i = 0; i < stage->posts_len; i++) {
		const struct post *post = &stage->posts[i];

		if (post->sink != 't' || post->at_ms == last)
			continue;
		gap = post->at_ms - last;
		last = post->at_ms;
		probes++;
		ck_assert_int_le(gap, 15 * MINUTE + SECOND);
	}
	ck_assert_int_ge(gap, 7 * MINUTE);
	ck_assert_uint_ge(probes, 25);
	ck_assert_uint_le(probes, 70);

	stage->two.status = 200;
	fake_clock_advance(stage->clock, 15 * MINUTE + SECOND);
	fake_clock_advance(stage->clock, 15 * MINUTE);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DELIVERED), 300);
	for (unsigned i = 0; i < 300; i++) {
		ck_assert_uint_eq(count_taken(stage, 't', i), 1);
		ck_assert_uint_eq(count_taken(stage, 'o', i), 1);
	}
	ck_assert_uint_eq(stage->well, 1);
	end_stage(stage);
}
END_TEST

START_TEST(few_are_in_flight)
{
	struct stage *stage = new_stage();

	stage->one.delay_ms = 500;
	put_many(stage, 0, 200, "o", "");
	fake_clock_advance(stage->clock, 2 * SECOND);
	ck_assert_uint_eq(stage->most_waiting, 4);
	fake_clock_advance(stage->clock, MINUTE);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_DELIVERED), 200);
	ck_assert_uint_eq(stage->posts_len, 200);
	end_stage(stage);
}
END_TEST

START_TEST(the_receiver_says_when)
{
	struct stage *stage = new_stage();
	int64_t began = clock_mono_ms(stage->clock);

	stage->one = (struct mood){.status = 429, .retry_after_ms = 10 * MINUTE};
	put_many(stage, 0, 20, "o", "");
	fake_clock_advance(stage->clock, 9 * MINUTE);
	ck_assert_uint_le(stage->posts_len, 4);
	stage->one = (struct mood){.status = 200};
	fake_clock_advance(stage->clock, 2 * MINUTE);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_DELIVERED), 20);
	for (size_t i = 4; i < stage->posts_len; i++)
		ck_assert_int_ge(stage->posts[i].at_ms - began, 10 * MINUTE);
	end_stage(stage);
}
END_TEST

/* A success that was under way before it ends no pause. */
START_TEST(one_says_when_another_is_taken)
{
	struct stage *stage = new_stage();
	int64_t began = clock_mono_ms(stage->clock);

	stage->one = (struct mood){.status = 200, .delay_ms = 500};
	put_many(stage, 0, 3, "o", "");
	fake_clock_advance(stage->clock, 100);
	ck_assert_uint_eq(stage->posts_len, 3);
	stage->one = (struct mood){.status = 429, .retry_after_ms = 10 * MINUTE};
	put_many(stage, 3, 10, "o", "");
	fake_clock_advance(stage->clock, 100);
	ck_assert_uint_eq(stage->posts_len, 4);
	stage->one = (struct mood){.status = 200};
	fake_clock_advance(stage->clock, 11 * MINUTE);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_DELIVERED), 13);
	for (size_t i = 4; i < stage->posts_len; i++)
		ck_assert_int_ge(stage->posts[i].at_ms - began, 10 * MINUTE);
	end_stage(stage);
}
END_TEST

/* One alert that the receiver does not take holds up no other, and is dead
 * when it is old enough; sent again it has the same id. */
START_TEST(a_refused_alert_ends_alone)
{
	struct stage *stage = new_stage();

	stage->two.refuses = 1 + 5;
	put_many(stage, 0, 20, "t", "");
	fake_clock_advance(stage->clock, SECOND);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DELIVERED), 19);
	fake_clock_advance(stage->clock, 12 * HOUR);
	put_many(stage, 20, 20, "t", "");
	fake_clock_advance(stage->clock, SECOND);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DELIVERED), 39);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_WAITING), 1);
	fake_clock_advance(stage->clock, 13 * HOUR);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DEAD), 1);
	ck_assert_uint_ge(count_posts(stage, 't', "finding", 400), 20);
	ck_assert_uint_eq(count_taken(stage, 't', 5), 0);

	stage->two.refuses = 0;
	fake_clock_advance(stage->clock, DAY);
	resend(stage, "two", 1);
	fake_clock_advance(stage->clock, SECOND);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DELIVERED), 40);
	ck_assert_uint_eq(count_taken(stage, 't', 5), 1);
	end_stage(stage);
}
END_TEST

START_TEST(a_receiver_that_refuses_all_is_not_flooded)
{
	struct stage *stage = new_stage();

	stage->two.status = 401;
	put_many(stage, 0, 500, "t", "");
	fake_clock_advance(stage->clock, HOUR);
	ck_assert_uint_le(stage->posts_len, 40);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_WAITING), 500);
	end_stage(stage);
}
END_TEST

START_TEST(too_old_is_dead_and_can_be_resent)
{
	struct stage *stage = new_stage();

	stage->two.status = 500;
	put_many(stage, 0, 100, "t", "");
	fake_clock_advance(stage->clock, 23 * HOUR);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DEAD), 0);
	fake_clock_advance(stage->clock, 3 * HOUR);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DEAD), 100);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_WAITING), 0);

	/* Resent while the sink is still away they get another day. */
	resend(stage, "two", 100);
	fake_clock_advance(stage->clock, 2 * HOUR);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_WAITING), 100);
	stage->two.status = 200;
	fake_clock_advance(stage->clock, 31 * MINUTE);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DELIVERED), 100);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_uint_eq(count_taken(stage, 't', i), 1);
	end_stage(stage);
}
END_TEST

/* --- crashes and a writer in trouble
 * ------------------------------------------------------ */

START_TEST(a_crash_before_settling_sends_the_same_id_again)
{
	struct stage *stage = new_stage();

	stage->writer_mood = SLEEPS;
	put_many(stage, 0, 3, "o", "");
	fake_clock_advance(stage->clock, HOUR);
	ck_assert_uint_eq(stage->posts_len, 3);
	end_alert(stage);
	stage->writer_mood = WRITES;
	start_alert(stage);
	fake_clock_advance(stage->clock, SECOND);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(count_taken(stage, 'o', i), 2);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_DELIVERED), 3);
	end_stage(stage);
}
END_TEST

START_TEST(a_full_disk_doubles_nothing)
{
	struct stage *stage = new_stage();

	stage->writer_mood = FAILS;
	put_many(stage, 0, 600, "o", "");
	fake_clock_advance(stage->clock, HOUR);
	/* What may be remembered is bounded, so the sink rests then. */
	ck_assert_uint_eq(stage->posts_len, 256);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_WAITING), 600);
	stage->writer_mood = WRITES;
	fake_clock_advance(stage->clock, MINUTE);
	ck_assert_uint_eq(stage->posts_len, 600);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_DELIVERED), 600);
	end_stage(stage);
}
END_TEST

START_TEST(a_slow_writer_doubles_nothing)
{
	struct stage *stage = new_stage();

	stage->writer_mood = SLEEPS;
	put_many(stage, 0, 10, "o", "watched-name a");
	fake_clock_advance(stage->clock, 2 * MINUTE);
	put_many(stage, 10, 10, "o", "watched-name a");
	fake_clock_advance(stage->clock, 2 * MINUTE);
	ck_assert_uint_eq(stage->posts_len, 5);
	stage->writer_mood = WRITES;
	stage->write = clock_after(stage->clock, 0, on_write, stage);
	fake_clock_advance(stage->clock, MINUTE);
	ck_assert_uint_eq(stage->posts_len, 5);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_DELIVERED), 5);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_COUNTED), 15);
	end_stage(stage);
}
END_TEST

/* --- storms
 * ------------------------------------------------------------------------------- */

START_TEST(five_singly_then_a_count)
{
	struct stage *stage = new_stage();

	put_many(stage, 0, 100, "ot", "watched-name example.org");
	put_many(stage, 100, 7, "o", "watched-name example.com");
	fake_clock_advance(stage->clock, 14 * MINUTE);
	ck_assert_uint_eq(count_posts(stage, 'o', "finding", 200), 10);
	ck_assert_uint_eq(count_posts(stage, 't', "finding", 200), 5);
	ck_assert_uint_eq(count_posts(stage, 'o', "digest", 200), 0);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(count_taken(stage, 'o', i), 1);
	fake_clock_advance(stage->clock, 3 * MINUTE);
	ck_assert_uint_eq(count_posts(stage, 'o', "digest", 200), 2);
	ck_assert_uint_eq(count_posts(stage, 't', "digest", 200), 1);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_GROUPED), 97);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_COUNTED), 0);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_DELIVERED), 12);
	for (size_t i = 0; i < stage->posts_len; i++)
		if (strcmp(stage->posts[i].kind, "digest") == 0)
			ck_assert(
			    stage->posts[i].count == 95 || stage->posts[i].count == 2);

	/* It goes on: another count in another quarter of an hour. */
	put_many(stage, 200, 3, "o", "watched-name example.org");
	fake_clock_advance(stage->clock, 14 * MINUTE);
	ck_assert_uint_eq(count_posts(stage, 'o', "digest", 200), 2);
	fake_clock_advance(stage->clock, 2 * MINUTE);
	ck_assert_uint_eq(count_posts(stage, 'o', "digest", 200), 3);
	ck_assert_uint_eq(count_posts(stage, 'o', "finding", 200), 10);

	/* An hour without any, and they come singly again. */
	fake_clock_advance(stage->clock, HOUR);
	put_many(stage, 300, 2, "o", "watched-name example.org");
	fake_clock_advance(stage->clock, MINUTE);
	ck_assert_uint_eq(count_posts(stage, 'o', "finding", 200), 12);
	ck_assert_uint_eq(count_posts(stage, 'o', "digest", 200), 3);
	end_stage(stage);
}
END_TEST

START_TEST(a_restart_is_no_new_storm)
{
	struct stage *stage = new_stage();

	put_many(stage, 0, 50, "o", "watched-name example.org");
	fake_clock_advance(stage->clock, SECOND);
	for (unsigned i = 0; i < 10; i++) {
		end_alert(stage);
		start_alert(stage);
		put(stage, 50 + i, "o", "watched-name example.org");
		fake_clock_advance(stage->clock, MINUTE);
	}
	ck_assert_uint_eq(stage->posts_len, 5);
	fake_clock_advance(stage->clock, 20 * MINUTE);
	ck_assert_uint_eq(count_posts(stage, 'o', "digest", 200), 1);
	ck_assert_uint_eq(stage->posts_len, 6);
	ck_assert_uint_eq(stage->posts[5].count, 55);
	end_stage(stage);
}
END_TEST

/* A crash after the decision and before it is stored decides the same again;
 * a crash while a count is on its way makes the same count. */
START_TEST(a_crash_in_a_storm_changes_nothing)
{
	struct stage *stage = new_stage();
	char id[33];

	stage->writer_mood = SLEEPS;
	put_many(stage, 0, 50, "o", "watched-name example.org");
	fake_clock_advance(stage->clock, SECOND);
	end_alert(stage);
	stage->writer_mood = WRITES;
	start_alert(stage);
	fake_clock_advance(stage->clock, SECOND);
	ck_assert_uint_eq(stage->posts_len, 10);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(count_taken(stage, 'o', i), 2);
	fake_clock_advance(stage->clock, 14 * MINUTE);
	stage->writer_mood = SLEEPS;
	fake_clock_advance(stage->clock, 5 * MINUTE);
	end_alert(stage);
	stage->writer_mood = WRITES;
	start_alert(stage);
	stage->one.status = 0;
	fake_clock_advance(stage->clock, MINUTE);
	snprintf(id, sizeof(id), "%s", stage->posts[10].id);
	stage->one.status = 200;
	end_alert(stage);
	start_alert(stage);
	fake_clock_advance(stage->clock, HOUR);
	ck_assert_uint_eq(count_posts(stage, 'o', "digest", 200), 1);
	ck_assert_str_eq(stage->posts[stage->posts_len - 1].id, id);
	ck_assert_uint_eq(stage->posts[stage->posts_len - 1].count, 45);
	end_stage(stage);
}
END_TEST

START_TEST(a_dead_sink_gets_counts_when_it_is_back)
{
	struct stage *stage = new_stage();

	stage->one.status = 0;
	for (unsigned hour = 0; hour < 5; hour++) {
		put_many(stage, hour * 30, 30, "o", "watched-name example.org");
		fake_clock_advance(stage->clock, HOUR - MINUTE);
	}
	stage->one.status = 200;
	fake_clock_advance(stage->clock, HOUR);
	ck_assert_uint_eq(count_posts(stage, 'o', "finding", 200), 5);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_GROUPED), 145);
	ck_assert_uint_ge(count_posts(stage, 'o', "digest", 200), 1);
	end_stage(stage);
}
END_TEST

/* --- the clock jumps
 * --------------------------------------------------------------------- */

static const struct {
	const char *what;
	int64_t jump_ms;
} JUMPS[] = {
    {"an hour back", -HOUR}, {"an hour forth", HOUR}, {"a year back", -365 * DAY}};

START_TEST(jump_rows)
{
	struct stage *stage = new_stage();

	stage->one.status = 0;
	put_many(stage, 0, 10, "o", "");
	fake_clock_advance(stage->clock, MINUTE);
	fake_clock_set_wall(stage->clock, clock_now_ms(stage->clock) + JUMPS[_i].jump_ms);
	put_many(stage, 10, 10, "o", "");
	fake_clock_advance(stage->clock, MINUTE);
	stage->one.status = 200;
	fake_clock_advance(stage->clock, 5 * MINUTE);
	ck_assert_msg(
	    count_rows(stage, "one", OUTBOX_DELIVERED) == 20, "%s", JUMPS[_i].what);
	end_stage(stage);
}
END_TEST

/* --- a reload
 * ------------------------------------------------------------------------------- */

START_TEST(a_reload_keeps_what_stays)
{
	struct alert_sink_options sinks[2] = {SINKS[0], SINKS[1]};
	struct stage *stage = new_stage();
	struct err err = {0};
	char *secret;

	stage->one.delay_ms = stage->two.delay_ms = 10 * SECOND;
	put_many(stage, 0, 2, "ot", "");
	fake_clock_advance(stage->clock, SECOND);
	ck_assert_uint_eq(fake_fetch_waiting(stage->fetch), 4);

	/* Nothing is taken from options that cannot be had. */
	sinks[1].secret_file = "/nonexistent";
	ck_assert(!alert_set_sinks(stage->alert, sinks, 2, &err));
	ck_assert_int_eq(err.code, ERR_CONFIG);
	ck_assert_uint_eq(fake_fetch_waiting(stage->fetch), 4);

	sinks[1].secret_file = NULL;
	sinks[1].name = "one";
	ck_assert(!alert_set_sinks(stage->alert, sinks, 2, &err));
	sinks[1].name = "two";

	/* One stays as it is; two has a new timeout and begins again. */
	sinks[1].timeout_ms = 5000;
	ck_assert(alert_set_sinks(stage->alert, sinks, 2, &err));
	ck_assert_uint_eq(fake_fetch_waiting(stage->fetch), 2);
	fake_clock_advance(stage->clock, MINUTE);
	ck_assert_uint_eq(count_posts(stage, 'o', "finding", 200), 2);
	ck_assert_uint_eq(count_posts(stage, 't', "finding", 200), 4);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DELIVERED), 2);

	/* A new secret in the same file is a new sink, the same one is not. */
	secret = unit_temp("secret");
	sinks[1].secret_file = secret;
	for (unsigned i = 0; i < 3; i++) {
		FILE *file = fopen(secret, "w");

		fprintf(file, "secret %u", i / 2);
		fclose(file);
		ck_assert(alert_set_sinks(stage->alert, sinks, 2, &err));
		if (i == 0)
			put(stage, 5, "t", "");
		fake_clock_advance(stage->clock, SECOND);
		ck_assert_uint_eq(fake_fetch_waiting(stage->fetch), 1);
		ck_assert_uint_eq(count_posts(stage, 't', "finding", 200), i / 2 + 5);
	}
	fake_clock_advance(stage->clock, MINUTE);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DELIVERED), 3);

	/* Without two its rows wait, until it is there again. */
	ck_assert(alert_set_sinks(stage->alert, sinks, 1, &err));
	put_many(stage, 10, 2, "ot", "");
	fake_clock_advance(stage->clock, HOUR);
	ck_assert_uint_eq(count_rows(stage, "one", OUTBOX_DELIVERED), 4);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_WAITING), 2);
	ck_assert(alert_set_sinks(stage->alert, sinks, 2, &err));
	fake_clock_advance(stage->clock, MINUTE);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DELIVERED), 5);
	mem_free(secret);
	end_stage(stage);
}
END_TEST

/* What the writer has yet to store is known to the sink's successor. */
START_TEST(a_reload_doubles_nothing)
{
	struct alert_sink_options sinks[2] = {SINKS[0], SINKS[1]};
	struct stage *stage = new_stage();
	struct err err = {0};

	stage->writer_mood = SLEEPS;
	put_many(stage, 0, 3, "t", "");
	fake_clock_advance(stage->clock, SECOND);
	sinks[1].timeout_ms = 5000;
	ck_assert(alert_set_sinks(stage->alert, sinks, 2, &err));
	fake_clock_advance(stage->clock, 2 * MINUTE);
	ck_assert_uint_eq(stage->posts_len, 3);
	stage->writer_mood = WRITES;
	stage->write = clock_after(stage->clock, 0, on_write, stage);
	fake_clock_advance(stage->clock, 2 * MINUTE);
	ck_assert_uint_eq(stage->posts_len, 3);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DELIVERED), 3);
	end_stage(stage);
}
END_TEST

/* A row that no syslog message can be made of is refused without a socket. */
START_TEST(what_cannot_be_sent_dies_alone)
{
	static const struct alert_sink_options SYSLOG = {.name = "two",
	    .kind = "syslog",
	    .url = "unix:/nonexistent/log",
	    .give_up_ms = HOUR};
	struct stage *stage = new_stage();
	struct outbox_row row = {.alert = bytes_text("0123456789abcdef"),
	    .sink = bytes_text("two"),
	    .kind = bytes_text("finding"),
	    .payload = bytes_text("no JSON"),
	    .created_ms = clock_now_ms(stage->clock),
	    .settled_ms = STORE_NO_TIME};
	struct err err = {0};
	bool inserted;

	ck_assert(alert_set_sinks(stage->alert, &SYSLOG, 1, &err));
	ck_assert(store_begin(stage->writer, &err));
	ck_assert(store_outbox_put(stage->writer, &row, &inserted, &err));
	ck_assert(store_commit(stage->writer, &err));
	alert_wake(stage->alert);
	fake_clock_advance(stage->clock, 50 * MINUTE);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_WAITING), 1);
	fake_clock_advance(stage->clock, HOUR);
	ck_assert_uint_eq(count_rows(stage, "two", OUTBOX_DEAD), 1);
	end_stage(stage);
}
END_TEST

static void
on_sink(void *owner, const struct alert_sink_state *state)
{
	char *text = owner;
	size_t len = strlen(text);

	snprintf(text + len, 300 - len, "%s %s %d %d %d;", state->name, state->kind,
	    (int)state->delivered, (int)state->failed, state->paused_ms > 0);
}

START_TEST(it_says_how_the_sinks_are)
{
	struct stage *stage = new_stage();
	char text[300] = "";

	stage->two.status = 503;
	put(stage, 0, "ot", "");
	fake_clock_advance(stage->clock, 300);
	alert_each_sink(stage->alert, on_sink, text);
	ck_assert_str_eq(text, "one webhook 1 0 0;two webhook 0 1 1;");
	end_stage(stage);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("alert");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, each_sink_gets_each_alert_once);
	tcase_add_test(tc, what_stands_there_at_the_start_is_sent);
	tcase_add_test(tc, a_dead_sink_slows_nobody_and_loses_nothing);
	tcase_add_test(tc, few_are_in_flight);
	tcase_add_test(tc, the_receiver_says_when);
	tcase_add_test(tc, one_says_when_another_is_taken);
	tcase_add_test(tc, a_refused_alert_ends_alone);
	tcase_add_test(tc, a_receiver_that_refuses_all_is_not_flooded);
	tcase_add_test(tc, too_old_is_dead_and_can_be_resent);
	tcase_add_test(tc, a_crash_before_settling_sends_the_same_id_again);
	tcase_add_test(tc, a_full_disk_doubles_nothing);
	tcase_add_test(tc, a_slow_writer_doubles_nothing);
	tcase_add_test(tc, five_singly_then_a_count);
	tcase_add_test(tc, a_restart_is_no_new_storm);
	tcase_add_test(tc, a_crash_in_a_storm_changes_nothing);
	tcase_add_test(tc, a_dead_sink_gets_counts_when_it_is_back);
	tcase_add_loop_test(tc, jump_rows, 0, UNIT_COUNT(JUMPS));
	tcase_add_test(tc, a_reload_keeps_what_stays);
	tcase_add_test(tc, a_reload_doubles_nothing);
	tcase_add_test(tc, what_cannot_be_sent_dies_alone);
	tcase_add_test(tc, it_says_how_the_sinks_are);
	return unit_run("replay/alert", tc);
}
