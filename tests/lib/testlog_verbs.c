/* What each verb of the command language does. */
#include "tests/lib/testlog_command.h"

#include <stdio.h>
#include <time.h>

static bool
wrong(struct err *err, const struct command *command)
{
	return err_set(err, ERR_CONFIG, "usage: %s %s", command->verb, command->words);
}

static bool
is_off(const struct words *words)
{
	return words->len == 1 && strcmp(words->word[0], "off") == 0;
}

/* --- faults on the way ------------------------------------------------------------ */

static void
drop_faults(struct testlog *log, enum fault_kind kind)
{
	struct fault **at = &log->faults;

	while (*at != NULL) {
		struct fault *fault = *at;

		if (fault->kind != kind) {
			at = &fault->next;
			continue;
		}
		*at = fault->next;
		map_free(&fault->cached, mem_free);
		mem_free(fault);
	}
}

static struct fault *
add_fault(struct words *words, enum fault_kind kind)
{
	struct fault *fault = mem_zero(1, sizeof(*fault)), **at = &words->log->faults;

	fault->kind = kind;
	fault->skip = words->skip;
	fault->left = words->count;
	map_init(&fault->cached);
	if (words->pattern != NULL)
		snprintf(fault->pattern, sizeof(fault->pattern), "%s", words->pattern);
	while (*at != NULL)
		at = &(*at)->next;
	*at = fault;
	return fault;
}

static void
retry_after(struct testlog *log, const char *form, char out[256])
{
	time_t when = (time_t)(testlog_log_now_ms(log) / 1000);
	struct tm tm;

	if (strcmp(form, "date") == 0 || strcmp(form, "past") == 0) {
		when += *form == 'd' ? 2 : -3600;
		gmtime_r(&when, &tm);
		strftime(out, 256, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	} else if (strcmp(form, "skylight") == 0) { /* a zone name where GMT should be */
		when += 2;
		gmtime_r(&when, &tm);
		strftime(out, 256, "%a, %d %b %Y %H:%M:%S UTC", &tm);
	} else {
		snprintf(out, 256, "%s", form); /* seconds, or junk */
	}
}

bool
testlog_run_fail(struct words *words, const struct command *command, struct err *err)
{
	int64_t status = 429, size = 0;
	const char *retry = NULL;
	size_t at = 0;

	if (is_off(words)) {
		drop_faults(words->log, FAULT_FAIL);
		return true;
	}
	if (strcmp(command->verb, "fail") == 0 &&
	    (!testlog_number_word(words->len > 0 ? words->word[at++] : NULL, &status) ||
		status < 300 || status > 599))
		return wrong(err, command);
	for (; at < words->len; at++) {
		if (strcmp(words->word[at], "body") == 0 && at + 1 < words->len &&
		    testlog_number_word(words->word[at + 1], &size))
			at++;
		else if (retry == NULL && strcmp(words->word[at], "retry-after") != 0)
			retry = words->word[at];
		else if (retry != NULL)
			return wrong(err, command);
	}
	struct fault *fault = add_fault(words, FAULT_FAIL);

	fault->number = status;
	fault->size = (size_t)size;
	if (retry != NULL)
		retry_after(words->log, retry, fault->text);
	return true;
}

/* A fault with no word of its own. */
bool
testlog_run_fault(struct words *words, const struct command *command, struct err *err)
{
	if (is_off(words))
		drop_faults(words->log, command->kind);
	else if (words->len > 0)
		return wrong(err, command);
	else
		add_fault(words, command->kind);
	return true;
}

/* A fault with a number: bytes, milliseconds. */
bool
testlog_run_fault_number(
    struct words *words, const struct command *command, struct err *err)
{
	int64_t value;

	if (is_off(words)) {
		drop_faults(words->log, command->kind);
		return true;
	}
	if (words->len != 1 || !testlog_number_word(words->word[0], &value) || value < 0)
		return wrong(err, command);
	add_fault(words, command->kind)->number = value;
	return true;
}

bool
testlog_run_redirect(struct words *words, const struct command *command, struct err *err)
{
	if (is_off(words)) {
		drop_faults(words->log, FAULT_REDIRECT);
		return true;
	}
	if (words->len != 1)
		return wrong(err, command);
	snprintf(add_fault(words, FAULT_REDIRECT)->text, 256, "%s", words->word[0]);
	return true;
}

bool
testlog_run_cache(struct words *words, const struct command *command, struct err *err)
{
	bool any_query = words->len == 1 && strcmp(words->word[0], "any-query") == 0;

	if (is_off(words))
		drop_faults(words->log, FAULT_CACHE);
	else if (words->len > any_query)
		return wrong(err, command);
	else
		add_fault(words, FAULT_CACHE)->number = any_query;
	return true;
}

/* --- what kind of server it is -------------------------------------------------------
 */

static bool
choose(struct words *words, const char *const *names, int *out)
{
	if (words->len != 1)
		return false;
	for (int i = 0; names[i] != NULL; i++)
		if (strcmp(words->word[0], names[i]) == 0) {
			*out = i;
			return true;
		}
	return false;
}

bool
testlog_run_like(struct words *words, const struct command *command, struct err *err)
{
	static const char *const NAMES[] = {"ctfe", "sunlight", "tesseract", NULL};
	static const int RESIGN_MS[] = {3600000, 1000, 30000};
	struct testlog *log = words->log;
	int choice;

	if (!choose(words, NAMES, &choice))
		return wrong(err, command);
	log->like = (enum personality)choice;
	log->gzip = choice == LIKE_SUNLIGHT ? GZIP_ALWAYS
	    : choice == LIKE_TESSERACT      ? GZIP_ASKED
					    : GZIP_NEVER;
	log->partials = choice == LIKE_TESSERACT ? PARTIAL_DELETE : PARTIAL_KEEP;
	log->resign_ms = RESIGN_MS[choice];
	return true;
}

bool
testlog_run_gzip(struct words *words, const struct command *command, struct err *err)
{
	static const char *const NAMES[] = {"never", "ask", "always", NULL};
	int choice;

	if (!choose(words, NAMES, &choice))
		return wrong(err, command);
	words->log->gzip = (enum gzip_mode)choice;
	return true;
}

bool
testlog_run_partials(struct words *words, const struct command *command, struct err *err)
{
	static const char *const NAMES[] = {"keep", "delete", "none", NULL};
	int choice;

	if (!choose(words, NAMES, &choice))
		return wrong(err, command);
	words->log->partials = (enum partial_mode)choice;
	return true;
}

bool
testlog_run_missing_partials(
    struct words *words, const struct command *command, struct err *err)
{
	(void)command;
	(void)err;
	words->log->partials = is_off(words) ? PARTIAL_KEEP : PARTIAL_NONE;
	return true;
}

bool
testlog_run_serve(struct words *words, const struct command *command, struct err *err)
{
	static const char *const NAMES[] = {"own", "static", "rfc6962", "both", NULL};
	struct testlog *log = words->log;
	int choice;

	if (!choose(words, NAMES, &choice))
		return wrong(err, command);
	log->serve_static = choice == 1 || choice == 3 || (choice == 0 && log->static_ct);
	log->serve_rfc6962 =
	    choice == 2 || choice == 3 || (choice == 0 && !log->static_ct);
	return true;
}

bool
testlog_run_max(struct words *words, const struct command *command, struct err *err)
{
	int64_t value;

	if (words->len < 1 || !testlog_number_word(words->word[0], &value) || value < 1)
		return wrong(err, command);
	words->log->max_entries = (unsigned)value;
	words->log->align = words->len < 2 || strcmp(words->word[1], "unaligned") != 0;
	return true;
}

bool
testlog_run_null_proofs(
    struct words *words, const struct command *command, struct err *err)
{
	(void)command;
	(void)err;
	words->log->null_proofs = !is_off(words);
	return true;
}

/* --- lies ------------------------------------------------------------------------------
 */

/* Heads that are signed from now on lie; one is signed at once, so that the lie
 * is served. "off" signs an honest one. */
bool
testlog_run_head_lie(struct words *words, const struct command *command, struct err *err)
{
	bool *field = (void *)((char *)&words->log->lies + command->field);

	if (words->len > (size_t)is_off(words))
		return wrong(err, command);
	*field = !is_off(words);
	testlog_publish_all(words->log);
	return true;
}

bool
testlog_run_lie(struct words *words, const struct command *command, struct err *err)
{
	bool *field = (void *)((char *)&words->log->lies + command->field);

	if (words->len > (size_t)is_off(words))
		return wrong(err, command);
	*field = !is_off(words);
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
	if (is_off(words)) {
		memcpy(field, (char *)&honest + command->field, sizeof(*field));
		return true;
	}
	if (words->len != 1 || !testlog_number_word(words->word[0], &value))
		return wrong(err, command);
	*field = (uint64_t)value;
	return true;
}

bool
testlog_run_head_time(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;
	const struct head *head = testlog_head_newest(&log->views[0]);
	int64_t offset_ms = 0, honest_ms = head->timestamp_ms - log->lies.head_offset_ms;

	if (!is_off(words) &&
	    (words->len != 1 || !testlog_number_word(words->word[0], &offset_ms)))
		return wrong(err, command);
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
	if (is_off(words))
		back = 0;
	else if (words->len > 1 ||
	    (words->len == 1 &&
		(!testlog_number_word(words->word[0], &back) || back < 1)))
		return wrong(err, command);
	lies->stale = (uint64_t)back;
	return true;
}

bool
testlog_run_fork(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;
	int64_t index;

	log->lies.fork_alternate = false;
	if (is_off(words)) {
		testlog_fork_drop(log);
		return true;
	}
	if (words->len < 1 || words->len > 2 ||
	    !testlog_number_word(words->word[0], &index) ||
	    (words->len == 2 && strcmp(words->word[1], "alternate") != 0))
		return wrong(err, command);
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
		return wrong(err, command);
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

	if (is_off(words)) {
		lies->corrupt_level = -2;
		return true;
	}
	if (words->len != 2 || !testlog_number_word(words->word[0], &level) ||
	    !testlog_number_word(words->word[1], &index) || level < 0 || index < 0)
		return wrong(err, command);
	lies->corrupt_level = level;
	lies->corrupt_tile = (uint64_t)index;
	return true;
}

/* --- growing ---------------------------------------------------------------------------
 */

bool
testlog_run_grow(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;
	int64_t count, every_ms = 0, offset_ms = 0;

	if (is_off(words)) {
		log->grow_every_ms = 0;
		return true;
	}
	if (words->len < 1 || !testlog_number_word(words->word[0], &count) || count < 0)
		return wrong(err, command);
	for (size_t i = 1; i < words->len; i += 2) {
		int64_t *into = strcmp(words->word[i], "every") == 0 ? &every_ms
		    : strcmp(words->word[i], "time") == 0            ? &offset_ms
								     : NULL;

		if (into == NULL || i + 1 >= words->len ||
		    !testlog_number_word(words->word[i + 1], into))
			return wrong(err, command);
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
	if (!is_off(words) &&
	    (words->len != 1 || !testlog_number_word(words->word[0], &every_ms)))
		return wrong(err, command);
	words->log->resign_ms = every_ms;
	return true;
}

bool
testlog_run_publish(struct words *words, const struct command *command, struct err *err)
{
	if (words->len > 0)
		return wrong(err, command);
	testlog_publish_all(words->log);
	return true;
}

bool
testlog_run_raw(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;
	int64_t now_ms = testlog_log_now_ms(log);

	if (words->len != 1 || !testlog_grow_odd(log, words->word[0], now_ms))
		return wrong(err, command);
	if (!log->lies.frozen)
		testlog_publish_all(log);
	return true;
}

bool
testlog_run_drop_root(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;

	if (words->len > 0 || log->roots_len == 0)
		return wrong(err, command);
	return testlog_remove_root(log, buf_bytes(&log->roots[0]));
}

bool
testlog_run_write(struct words *words, const struct command *command, struct err *err)
{
	bool both = words->len == 2 && strcmp(words->word[1], "rfc6962") == 0;

	if (words->len != 1 + (size_t)both)
		return wrong(err, command);
	return testlog_write(words->log, words->word[0], both, err);
}

bool
testlog_run_clear(struct words *words, const struct command *command, struct err *err)
{
	struct testlog *log = words->log;
	bool signs = log->lies.bad_signature || log->lies.wrong_key ||
	    log->lies.wrong_root || log->lies.wrong_origin || log->lies.extra_line ||
	    log->lies.bad_algorithm || log->lies.head_offset_ms != 0;

	if (words->len > 0)
		return wrong(err, command);
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
		return wrong(err, command);
	testlog_say(words, "entries", testlog_entry_count(log));
	testlog_say(words, "heads", log->views[log->view].heads_made);
	testlog_say(words, "requests", testlog_requests(log, "*"));
	return true;
}
