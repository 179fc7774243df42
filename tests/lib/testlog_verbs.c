/* What the verbs do that concern the server and the way to it. */
#include "tests/lib/testlog_command.h"

#include <stdio.h>
#include <time.h>

bool
testlog_usage(struct err *err, const struct command *command)
{
	return err_set(err, ERR_CONFIG, "usage: %s %s", command->verb, command->words);
}

bool
testlog_is_off(const struct words *words)
{
	return words->len == 1 && strcmp(words->word[0], "off") == 0;
}

/* --- faults on the way ---------------------------------------------------- */

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

	if (testlog_is_off(words)) {
		drop_faults(words->log, FAULT_FAIL);
		return true;
	}
	if (strcmp(command->verb, "fail") == 0 &&
	    (!testlog_number_word(words->len > 0 ? words->word[at++] : NULL, &status) ||
		status < 300 || status > 599))
		return testlog_usage(err, command);
	for (; at < words->len; at++) {
		if (strcmp(words->word[at], "body") == 0 && at + 1 < words->len &&
		    testlog_number_word(words->word[at + 1], &size))
			at++;
		else if (retry == NULL && strcmp(words->word[at], "retry-after") != 0)
			retry = words->word[at];
		else if (retry != NULL)
			return testlog_usage(err, command);
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
	if (testlog_is_off(words))
		drop_faults(words->log, command->kind);
	else if (words->len > 0)
		return testlog_usage(err, command);
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

	if (testlog_is_off(words)) {
		drop_faults(words->log, command->kind);
		return true;
	}
	if (words->len != 1 || !testlog_number_word(words->word[0], &value) || value < 0)
		return testlog_usage(err, command);
	add_fault(words, command->kind)->number = value;
	return true;
}

bool
testlog_run_redirect(struct words *words, const struct command *command, struct err *err)
{
	if (testlog_is_off(words)) {
		drop_faults(words->log, FAULT_REDIRECT);
		return true;
	}
	if (words->len != 1)
		return testlog_usage(err, command);
	snprintf(add_fault(words, FAULT_REDIRECT)->text, 256, "%s", words->word[0]);
	return true;
}

bool
testlog_run_cache(struct words *words, const struct command *command, struct err *err)
{
	bool any_query = words->len == 1 && strcmp(words->word[0], "any-query") == 0;

	if (testlog_is_off(words))
		drop_faults(words->log, FAULT_CACHE);
	else if (words->len > any_query)
		return testlog_usage(err, command);
	else
		add_fault(words, FAULT_CACHE)->number = any_query;
	return true;
}

/* --- what kind of server it is -------------------------------------------- */

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
		return testlog_usage(err, command);
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
		return testlog_usage(err, command);
	words->log->gzip = (enum gzip_mode)choice;
	return true;
}

bool
testlog_run_partials(struct words *words, const struct command *command, struct err *err)
{
	static const char *const NAMES[] = {"keep", "delete", "none", NULL};
	int choice;

	if (!choose(words, NAMES, &choice))
		return testlog_usage(err, command);
	words->log->partials = (enum partial_mode)choice;
	return true;
}

bool
testlog_run_missing_partials(
    struct words *words, const struct command *command, struct err *err)
{
	(void)command;
	(void)err;
	words->log->partials = testlog_is_off(words) ? PARTIAL_KEEP : PARTIAL_NONE;
	return true;
}

bool
testlog_run_serve(struct words *words, const struct command *command, struct err *err)
{
	static const char *const NAMES[] = {"own", "static", "rfc6962", "both", NULL};
	struct testlog *log = words->log;
	int choice;

	if (!choose(words, NAMES, &choice))
		return testlog_usage(err, command);
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
		return testlog_usage(err, command);
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
	words->log->null_proofs = !testlog_is_off(words);
	return true;
}
