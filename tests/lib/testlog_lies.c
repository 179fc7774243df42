/* What the verbs do that concern the log itself: its heads, entries and growth. */
#include "tests/lib/testlog_command.h"

/* --- lies ----------------------------------------------------------------- */

/* Heads that are signed from now on lie; one is signed at once, so that the lie
 * is served. "off" signs an honest one. */
bool
testlog_run_head_lie(struct words *words, const struct command *command, struct err *err)
{
	bool *field = (void *)((char *)&words->log->lies + command->field);

	if (words->len > (size_t)testlog_is_off(words))
		return testlog_usage(err, command);
	*field = !testlog_is_off(words);
	testlog_publish_all(words->log);
	return true;
}

bool
testlog_run_lie(struct words *words, const struct command *command, struct err *err)
{
	bool *field = (void *)((char *)&words->log->lies + command->field);

	if (words->len > (size_t)testlog_is_off(words))
		return testlog_usage(err, command);
	*field = !testlog_is_off(words);
	return true;
}

bool
testlog_run_lie_number(
    struct words *words, const struct command *command, struct err *err)
{
	uint64_t *field = (void *)((char *)&words->log->lies + command->field);
	struct lies honest;
	int64_t value;

	testlog_lies_reset(&honest);
	if (testlog_is_off(words)) {
		memcpy(field, (char *)&honest + command->field, sizeof(*field));
		return true;
	}
	if (words->len != 1 || !testlog_number_word(words->word[0], &value))
		return testlog_usage(err, command);
	*field = (uint64_t)value;
	return true;
}

bool
testlog_run_head_time(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;
	const struct head *head = testlog_head_newest(&log->views[0]);
	int64_t offset_ms = 0, honest_ms = head->timestamp_ms - log->lies.head_offset_ms;

	if (!testlog_is_off(words) &&
	    (words->len != 1 || !testlog_number_word(words->word[0], &offset_ms)))
		return testlog_usage(err, command);
	log->lies.head_offset_ms = offset_ms;
	testlog_publish(log, testlog_entry_count(log), honest_ms + 1);
	return true;
}

bool
testlog_run_stale_head(
    struct words *words, const struct command *command, struct err *err)
{
	struct lies *lies = &words->log->lies;
	int64_t back = 1;

	lies->stale_alternate = false;
	if (words->len > 0 && strcmp(words->word[words->len - 1], "alternate") == 0) {
		lies->stale_alternate = true;
		words->len--;
	}
	if (testlog_is_off(words))
		back = 0;
	else if (words->len > 1 ||
	    (words->len == 1 &&
		(!testlog_number_word(words->word[0], &back) || back < 1)))
		return testlog_usage(err, command);
	lies->stale = (uint64_t)back;
	return true;
}

bool
testlog_run_fork(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;
	int64_t index;

	log->lies.fork_alternate = false;
	if (testlog_is_off(words)) {
		testlog_fork_drop(log);
		return true;
	}
	if (words->len < 1 || words->len > 2 ||
	    !testlog_number_word(words->word[0], &index) ||
	    (words->len == 2 && strcmp(words->word[1], "alternate") != 0))
		return testlog_usage(err, command);
	if (index < 0 || (uint64_t)index >= testlog_head_newest(&log->views[0])->size)
		return err_set(
		    err, ERR_CONFIG, "no entry %lld below the head", (long long)index);
	testlog_fork_make(log, (uint64_t)index);
	log->lies.fork_alternate = words->len == 2;
	return true;
}

bool
testlog_run_shrink(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;
	int64_t size;

	if (words->len != 1 || !testlog_number_word(words->word[0], &size) || size < 0 ||
	    (uint64_t)size > testlog_entry_count(log))
		return testlog_usage(err, command);
	testlog_publish(
	    log, (uint64_t)size, testlog_head_newest(&log->views[0])->timestamp_ms + 1);
	return true;
}

bool
testlog_run_corrupt_tile(
    struct words *words, const struct command *command, struct err *err)
{
	struct lies *lies = &words->log->lies;
	int64_t level, index;

	if (testlog_is_off(words)) {
		lies->corrupt_level = -2;
		return true;
	}
	if (words->len != 2 || !testlog_number_word(words->word[0], &level) ||
	    !testlog_number_word(words->word[1], &index) || level < 0 || index < 0)
		return testlog_usage(err, command);
	lies->corrupt_level = level;
	lies->corrupt_tile = (uint64_t)index;
	return true;
}

/* --- growing -------------------------------------------------------------- */

bool
testlog_run_grow(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;
	int64_t count, every_ms = 0, offset_ms = 0;

	if (testlog_is_off(words)) {
		log->grow_every_ms = 0;
		return true;
	}
	if (words->len < 1 || !testlog_number_word(words->word[0], &count) || count < 0)
		return testlog_usage(err, command);
	for (size_t i = 1; i < words->len; i += 2) {
		int64_t *into = strcmp(words->word[i], "every") == 0 ? &every_ms
		    : strcmp(words->word[i], "time") == 0            ? &offset_ms
								     : NULL;

		if (into == NULL || i + 1 >= words->len ||
		    !testlog_number_word(words->word[i + 1], into))
			return testlog_usage(err, command);
	}
	log->grow_count = (uint64_t)count;
	log->grow_every_ms = every_ms;
	log->grow_next_ms = testlog_log_now_ms(log) + every_ms;
	log->grow(
	    log->grow_owner, log, (uint64_t)count, testlog_log_now_ms(log) + offset_ms);
	if (log->lies.frozen)
		return true;
	if (offset_ms <= 0) {
		testlog_publish_all(log);
	} else { /* entries of the future under a head of now */
		log->newest_ms = 0;
		testlog_publish_all(log);
	}
	return true;
}

bool
testlog_run_resign(struct words *words, const struct command *command, struct err *err)
{
	int64_t every_ms = 0;

	if (words->len == 0) {
		testlog_publish(words->log,
		    testlog_head_newest(&words->log->views[0])->size,
		    testlog_log_now_ms(words->log));
		return true;
	}
	if (!testlog_is_off(words) &&
	    (words->len != 1 || !testlog_number_word(words->word[0], &every_ms)))
		return testlog_usage(err, command);
	words->log->resign_ms = every_ms;
	return true;
}

bool
testlog_run_publish(struct words *words, const struct command *command, struct err *err)
{
	if (words->len > 0)
		return testlog_usage(err, command);
	testlog_publish_all(words->log);
	return true;
}

bool
testlog_run_raw(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;
	int64_t now_ms = testlog_log_now_ms(log);

	if (words->len != 1 || !testlog_grow_odd(log, words->word[0], now_ms))
		return testlog_usage(err, command);
	if (!log->lies.frozen)
		testlog_publish_all(log);
	return true;
}

bool
testlog_run_drop_root(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;

	if (words->len > 0 || log->roots_len == 0)
		return testlog_usage(err, command);
	return testlog_remove_root(log, buf_bytes(&log->roots[0]));
}

bool
testlog_run_write(struct words *words, const struct command *command, struct err *err)
{
	bool both = words->len == 2 && strcmp(words->word[1], "rfc6962") == 0;

	if (words->len != 1 + (size_t)both)
		return testlog_usage(err, command);
	return testlog_write(words->log, words->word[0], both, err);
}

bool
testlog_run_clear(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;
	bool signs = log->lies.bad_signature || log->lies.wrong_key ||
	    log->lies.wrong_root || log->lies.wrong_origin || log->lies.extra_line ||
	    log->lies.bad_algorithm || log->lies.other_key ||
	    log->lies.head_offset_ms != 0;

	if (words->len > 0)
		return testlog_usage(err, command);
	testlog_faults_free(log);
	testlog_lies_reset(&log->lies);
	testlog_fork_drop(log);
	log->null_proofs = false;
	log->grow_every_ms = 0;
	if (signs)
		testlog_publish_all(log);
	return true;
}

bool
testlog_run_show(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;

	if (words->len > 0)
		return testlog_usage(err, command);
	testlog_say(words, "entries", testlog_entry_count(log));
	testlog_say(words, "heads", log->views[log->view].heads_made);
	testlog_say(words, "requests", testlog_requests(log, "*"));
	return true;
}
