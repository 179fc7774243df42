/*
 * The command language: one line, one misbehaviour. Every row of COMMANDS is a
 * verb; most take "on PATTERN skip N count N" behind their own words, and
 * "VERB off" ends what VERB began.
 */
#include "tests/lib/testlog_command.h"

#include <stdio.h>
#include <stdlib.h>

bool
testlog_number_word(const char *text, int64_t *out)
{
	char *end;

	if (text == NULL || *text == '\0')
		return false;
	*out = strtoll(text, &end, 10);
	return *end == '\0';
}

void
testlog_say(struct words *words, const char *name, uint64_t number)
{
	buf_append_format(words->said, " %s %llu", name, (unsigned long long)number);
}

/* --- the table ------------------------------------------------------------ */

#define ON        "[on PATTERN] [skip N] [count N] | off"
#define PLAIN     FAULT_FAIL, 0
#define LIE(name) FAULT_FAIL, offsetof(struct lies, name)

static const struct command COMMANDS[] = {
    {"fail", "STATUS [retry-after SECONDS|date|past|skylight|JUNK] [body BYTES] " ON,
	"an HTTP error", testlog_run_fail, FAULT_FAIL, 0},
    {"429", "[SECONDS|date|past|skylight|JUNK] " ON, "too many requests",
	testlog_run_fail, FAULT_FAIL, 0},
    {"html-200", ON, "a parked page with status 200", testlog_run_fault, FAULT_HTML, 0},
    {"empty-200", ON, "nothing, with status 200", testlog_run_fault, FAULT_EMPTY, 0},
    {"hang", ON, "no answer, ever", testlog_run_fault, FAULT_HANG, 0},
    {"reset", ON, "the connection breaks", testlog_run_fault, FAULT_RESET, 0},
    {"redirect", "URL " ON, "302", testlog_run_redirect, FAULT_REDIRECT, 0},
    {"truncate", "BYTES " ON, "the connection breaks inside the body",
	testlog_run_fault_number, FAULT_TRUNCATE, 0},
    {"slow", "BYTES-PER-S " ON, "a trickle", testlog_run_fault_number, FAULT_SLOW, 0},
    {"delay", "MS " ON, "a late first byte", testlog_run_fault_number, FAULT_DELAY, 0},
    {"cut", "BYTES " ON, "a whole reply of half a body", testlog_run_fault_number,
	FAULT_CUT, 0},
    {"huge", "BYTES " ON, "the body over and over", testlog_run_fault_number, FAULT_HUGE,
	0},
    {"flip", "OFFSET " ON, "one bit of the body", testlog_run_fault_number, FAULT_FLIP,
	0},
    {"cache", "[any-query] " ON, "the first reply again and again", testlog_run_cache,
	FAULT_CACHE, 0},
    {"unlabelled-gzip", ON, "gzip without its header", testlog_run_fault,
	FAULT_SWALLOW_GZIP, 0},
    {"bad-gzip", ON, "the header without gzip", testlog_run_fault, FAULT_BAD_GZIP, 0},
    {"bad-proof", ON, "one hash of a proof is another", testlog_run_fault,
	FAULT_BAD_PROOF, 0},

    {"like", "ctfe|sunlight|tesseract", "heads, gzip, partial tiles as there",
	testlog_run_like, PLAIN},
    {"gzip", "never|ask|always", "Content-Encoding", testlog_run_gzip, PLAIN},
    {"partials", "keep|delete|none", "partial tiles once the full one is there",
	testlog_run_partials, PLAIN},
    {"missing-partials", "[off]", "no partial tile exists", testlog_run_missing_partials,
	PLAIN},
    {"serve", "own|static|rfc6962|both", "protocols", testlog_run_serve, PLAIN},
    {"max", "N [unaligned]", "get-entries replies", testlog_run_max, PLAIN},
    {"null-proofs", "[off]", "null where an empty array should be",
	testlog_run_null_proofs, PLAIN},

    {"short", "N | off", "get-entries gives N at most", testlog_run_lie_number,
	LIE(short_max)},
    {"more", "N | off", "get-entries gives N more than asked", testlog_run_lie_number,
	LIE(more)},
    {"no-entries", "[off]", "get-entries gives an empty array", testlog_run_lie,
	LIE(no_entries)},
    {"edge-400", "[off]", "an end past the tree is refused", testlog_run_lie,
	LIE(edge_400)},
    {"freeze", "[off]", "no head is signed, whatever comes", testlog_run_lie,
	LIE(frozen)},
    {"same-time", "[off]", "heads signed for the time of the one before", testlog_run_lie,
	LIE(same_time)},
    {"other-identity", "[off]", "log.v3.json names another log's id", testlog_run_lie,
	LIE(other_identity)},
    {"stale-head", "[HEADS] [alternate] | off", "an old head", testlog_run_stale_head,
	PLAIN},
    {"head-time", "OFFSET-MS | off", "heads signed for another time",
	testlog_run_head_time, PLAIN},
    {"bad-signature", "[off]", "heads with a bit wrong in the signature",
	testlog_run_head_lie, LIE(bad_signature)},
    {"bad-algorithm", "[off]", "heads that say sha384", testlog_run_head_lie,
	LIE(bad_algorithm)},
    {"wrong-key", "[off]", "heads signed with another key", testlog_run_head_lie,
	LIE(wrong_key)},
    {"other-key", "[off]", "the same, and checkpoints name that key",
	testlog_run_head_lie, LIE(other_key)},
    {"wrong-root", "[off]", "heads signed over a root that no entries have",
	testlog_run_head_lie, LIE(wrong_root)},
    {"wrong-origin", "[off]", "checkpoints of another origin", testlog_run_head_lie,
	LIE(wrong_origin)},
    {"extra-line", "[off]", "checkpoints with a fourth line", testlog_run_head_lie,
	LIE(extra_line)},
    {"fork", "INDEX [alternate] | off", "a tree where that entry is another",
	testlog_run_fork, PLAIN},
    {"shrink", "SIZE", "a new head over fewer entries", testlog_run_shrink, PLAIN},
    {"corrupt-entry", "INDEX | off", "an entry that is not the one in the tree",
	testlog_run_lie_number, LIE(corrupt_entry)},
    {"corrupt-tile", "LEVEL INDEX | off", "a hash tile with a wrong first hash",
	testlog_run_corrupt_tile, PLAIN},
    {"corrupt-partial", "INDEX | off", "partial tiles that are no prefix",
	testlog_run_lie_number, LIE(corrupt_partial)},
    {"missing-issuer", "[off]", "no issuer is there", testlog_run_lie,
	LIE(missing_issuers)},
    {"wrong-issuer", "[off]", "issuers that do not hash to their name", testlog_run_lie,
	LIE(wrong_issuers)},
    {"leaf-index", "OFFSET | off", "new entries say another leaf_index",
	testlog_run_lie_number, LIE(leaf_index_offset)},

    {"grow", "N [every MS] [time OFFSET-MS] | off", "new entries, and a head",
	testlog_run_grow, PLAIN},
    {"odd", "KIND", "an entry that parsers refuse", testlog_run_raw, PLAIN},
    {"publish", "", "a head over all entries", testlog_run_publish, PLAIN},
    {"resign", "[EVERY-MS] | off", "the same head at a new time", testlog_run_resign,
	PLAIN},
    {"drop-root", "", "get-roots loses its first root", testlog_run_drop_root, PLAIN},
    {"write", "DIR [rfc6962]", "the log as files", testlog_run_write, PLAIN},
    {"clear", "", "honest again", testlog_run_clear, PLAIN},
    {"show", "", "what there is", testlog_run_show, PLAIN},
};

void
testlog_commands(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++)
		buf_append_format(out, "%s %s: %s\n", COMMANDS[i].verb, COMMANDS[i].words,
		    COMMANDS[i].says);
	testlog_grow_odd_kinds(out);
}

/* Takes "on PATTERN", "skip N" and "count N" from wherever they stand. */
static bool
qualifiers_take(struct words *words, struct err *err)
{
	size_t kept = 0;

	words->count = UINT64_MAX;
	for (size_t i = 0; i < words->len; i++) {
		const char *word = words->word[i], *value = words->word[i + 1];
		int64_t number = 0;

		if (strcmp(word, "on") != 0 && strcmp(word, "skip") != 0 &&
		    strcmp(word, "count") != 0) {
			words->word[kept++] = words->word[i];
			continue;
		}
		if (i + 1 >= words->len ||
		    (*word != 'o' &&
			(!testlog_number_word(value, &number) || number < 0)))
			return err_set(err, ERR_CONFIG, "%s needs a value", word);
		if (*word == 'o')
			words->pattern = value;
		else if (*word == 's')
			words->skip = (uint64_t)number;
		else
			words->count = (uint64_t)number;
		i++;
	}
	words->len = kept;
	return true;
}

static bool
run_line(struct words *words, struct err *err)
{
	const char *verb = words->word[0];

	words->len--;
	memmove(words->word, words->word + 1, sizeof(words->word) - sizeof(char *));
	for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++) {
		if (strcmp(COMMANDS[i].verb, verb) != 0)
			continue;
		if (!qualifiers_take(words, err) ||
		    !COMMANDS[i].run(words, &COMMANDS[i], err))
			return false;
		testlog_say(words, "size", testlog_size(words->log));
		return true;
	}
	return err_set(err, ERR_CONFIG, "no command \"%.40s\"", verb);
}

bool
testlog_command(struct testlog *log, const char *line, struct buf *said, struct err *err)
{
	char *copy = mem_text(line), *rest = copy, *word;
	struct buf own;
	struct words words = {.log = log, .said = said != NULL ? said : &own};
	bool ok;

	buf_init(&own, 1024);
	while ((word = strsep(&rest, " \t\r\n")) != NULL && words.len < MAX_WORDS - 1)
		if (*word != '\0')
			words.word[words.len++] = word;
	buf_append_text(words.said, line);
	ok = words.len > 0 ? run_line(&words, err)
			   : err_set(err, ERR_CONFIG, "an empty command");
	buf_free(&own);
	mem_free(copy);
	return ok;
}

bool
testlog_tick(struct testlog *log, int64_t now_ms)
{
	if (log->grow_every_ms > 0 && now_ms >= log->grow_next_ms) {
		log->grow_next_ms = now_ms + log->grow_every_ms;
		log->grow(log->grow_owner, log, log->grow_count, now_ms);
		if (!log->lies.frozen)
			testlog_publish(log, testlog_entry_count(log), now_ms);
		return !log->lies.frozen;
	}
	if (log->resign_ms > 0 && !log->lies.frozen &&
	    now_ms - testlog_head_newest(&log->views[0])->timestamp_ms >=
		log->resign_ms) {
		testlog_publish(log, testlog_head_newest(&log->views[0])->size, now_ms);
		return true;
	}
	return false;
}

void
testlog_set_grow(struct testlog *log, testlog_grow_fn *grow, void *owner)
{
	log->grow = grow;
	log->grow_owner = owner;
}
