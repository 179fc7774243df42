/*
 * lint_compare - holds our sub-rules against what zlint and pkilint say of the same
 * certificates (checks/corpora.md D2, D3).
 *
 *   lint_compare [-v] [-f WORD] SHARED-DATA [ALLOWED.tsv]
 *
 * For each corpus: how many findings are theirs, ours and both's, under the names
 * that both have, and which rows concern no rule of ours. Differences that the list
 * (tests/lib/lint_rules.h) does not allow are printed; -v prints the allowed ones
 * too, -f only those with the word. Exit 1 where a linter's share falls short over
 * all its corpora, either way (99 % of zlint's, 97 % of pkilint's), where a
 * difference is not allowed, or an entry of the list is needed no more.
 */
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "check/check.h"
#include "tests/lib/lint_rules.h"

static bool verbose;
static const char *filter;
static size_t open_differences;

/* --- differences ------------------------------------------------------------------ */

static bool
report(const char *what, const char *rule, const char *name, const char *more, bool fatal)
{
	bool is_allowed = lint_allowed(rule, name, fatal);

	open_differences += !is_allowed;
	if ((verbose || !is_allowed) && (filter == NULL || strstr(rule, filter) != NULL))
		printf("%s\t%s\t%s\t%s%s\n", what, rule, name, more,
		    is_allowed ? "\t(allowed)" : "");
	return is_allowed;
}

/* --- what a linter says --------------------------------------------------------------
 */

struct linter {
	const char *name;
	enum date_mode dates;
	double least; /* per cent */
	size_t theirs, ours, both;
};

struct corpus {
	struct linter *linter;
	const char *what;
	bool real;          /* its table may leave rules out */
	struct map by_file; /* file to a set of rules */
	struct map fatal;   /* files that the linter could not read all of */
	struct map skipped; /* names of rules that wait for CRLs and the like */
	struct map absent;  /* names of rules that no sub-rule has */
	size_t skipped_rows, absent_rows, allowed;
};

static void
corpus_begin(struct corpus *corpus, struct linter *linter, const char *what)
{
	*corpus = (struct corpus){.linter = linter, .what = what};
	map_init(&corpus->by_file);
	map_init(&corpus->fatal);
	map_init(&corpus->skipped);
	map_init(&corpus->absent);
}

static void
free_set(void *value)
{
	map_free(value, NULL);
	mem_free(value);
}

static void
corpus_end(struct corpus *corpus)
{
	map_free(&corpus->by_file, free_set);
	map_free(&corpus->fatal, NULL);
	map_free(&corpus->skipped, NULL);
	map_free(&corpus->absent, NULL);
}

static struct map *
set_of(struct corpus *corpus, const char *file)
{
	struct map *set = map_get(&corpus->by_file, bytes_text(file));

	if (set == NULL) {
		set = mem_alloc(sizeof(*set));
		map_init(set);
		map_put(&corpus->by_file, bytes_text(file), set);
	}
	return set;
}

/* A check that waits for data: what the row is about is no certificate. */
static bool
check_waits(const char *id)
{
	const struct check *check = check_find(id, NULL);

	return check != NULL && check->needs != NULL;
}

/* Whether the row's rule is ours; counts those that are not. */
static bool
is_ours(struct corpus *corpus, const char *rule, const char *check)
{
	if (lint_rule(rule) != NULL)
		return true;
	if (check_waits(check)) {
		corpus->skipped_rows++;
		map_put(&corpus->skipped, bytes_text(rule), (void *)1);
	} else if (strcmp(check, "-") != 0 && strcmp(check, "none") != 0) {
		corpus->absent_rows++;
		map_put(&corpus->absent, bytes_text(rule), (void *)1);
	}
	return false;
}

static void
add_finding(struct corpus *corpus, const char *file, const char *name, const char *check)
{
	char *rule = mem_format("%s:%s", corpus->linter->name, name);

	set_of(corpus, file);
	if (is_ours(corpus, rule, check))
		map_put(set_of(corpus, file), bytes_text(rule), (void *)1);
	mem_free(rule);
}

static void
compare_file(
    struct corpus *corpus, const char *file, const struct lint_verdicts *verdicts)
{
	const struct map *theirs = map_get(&corpus->by_file, bytes_text(file));
	bool fatal = map_get(&corpus->fatal, bytes_text(file)) != NULL;
	size_t linter_len = strlen(corpus->linter->name);
	struct lint_rule *rules;
	size_t count = lint_rules(&rules);

	for (size_t i = 0; i < count; i++) {
		struct lint_rule *rule = &rules[i];
		bool ours, other;

		if (strncmp(rule->name, corpus->linter->name, linter_len) != 0 ||
		    rule->name[linter_len] != ':')
			continue;
		ours = lint_outcome(verdicts, rule->name) == OUTCOME_FAIL;
		other = theirs != NULL && map_get(theirs, bytes_text(rule->name)) != NULL;
		if (ours && !other && corpus->real && lint_left_out(rule->name))
			continue;
		rule->theirs += other;
		rule->ours += ours;
		rule->both += ours && other;
		if (ours != other)
			corpus->allowed += report(
			    ours ? "extra" : "missing", rule->name, file, "", fatal);
	}
}

/* --- sums ------------------------------------------------------------------------------
 */

static void
print_set(const char *what, size_t rows, const struct map *names)
{
	size_t walk = 0;
	struct bytes key;
	void *value;

	if (rows == 0)
		return;
	printf("  %zu rows %s:", rows, what);
	while (map_next(names, &walk, &key, &value))
		printf(" %.*s", (int)key.len, key.data);
	putchar('\n');
}

static void
print_rows(const struct corpus *corpus)
{
	print_set("skipped, about CRLs and OCSP", corpus->skipped_rows, &corpus->skipped);
	print_set("of rules that no sub-rule has", corpus->absent_rows, &corpus->absent);
}

static double
share(size_t part, size_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 100;
}

/* And starts the rules' counts anew. */
static void
print_corpus(const struct corpus *corpus)
{
	struct lint_rule *rules;
	size_t count = lint_rules(&rules), theirs = 0, ours = 0, both = 0;

	for (size_t i = 0; i < count; i++) {
		theirs += rules[i].theirs;
		ours += rules[i].ours;
		both += rules[i].both;
		if (verbose && rules[i].theirs + rules[i].ours != 2 * rules[i].both)
			printf("  %-70s theirs %5zu ours %5zu both %5zu\n", rules[i].name,
			    rules[i].theirs, rules[i].ours, rules[i].both);
		rules[i].theirs = rules[i].ours = rules[i].both = 0;
	}
	corpus->linter->theirs += theirs;
	corpus->linter->ours += ours;
	corpus->linter->both += both;
	printf("%s: theirs %zu, ours %zu, both %zu: %.2f %% of theirs, %.2f %% of ours; "
	       "%zu differences allowed\n",
	    corpus->what, theirs, ours, both, share(both, theirs), share(both, ours),
	    corpus->allowed);
	print_rows(corpus);
}

static bool
linter_agrees(const struct linter *linter)
{
	double of_theirs = share(linter->both, linter->theirs),
	       of_ours = share(linter->both, linter->ours);

	printf("%s in all: %.2f %% of theirs, %.2f %% of ours, at least %.0f %%\n",
	    linter->name, of_theirs, of_ours, linter->least);
	return of_theirs >= linter->least && of_ours >= linter->least;
}

/* --- the corpora
 * ---------------------------------------------------------------------------
 */

struct table {
	struct buf file;
	char *at;
};

static bool
table_open(const char *shared, const char *name, struct table *out)
{
	char *path = mem_format("%s/lint/%s", shared, name), *line;

	out->file = lint_read_file(path);
	out->at = (char *)(uintptr_t)buf_text(&out->file);
	line = lint_next_line(&out->at); /* the heads of the columns */
	if (line == NULL)
		fprintf(stderr, "lint_compare: %s: cannot be read\n", path);
	mem_free(path);
	return line != NULL;
}

static bool
is_finding(const char *word)
{
	return strcmp(word, "error") == 0 || strcmp(word, "warn") == 0 ||
	    strcmp(word, "notice") == 0;
}

/* One row: one lint, one file, and the outcome, which may be none at all. Levels are
 * no difference: ours are the catalogue's. */
static void
compare_outcome(struct corpus *corpus, const char *shared, char **fields)
{
	char *rule = mem_format("zlint:%s", fields[1]);
	char *path = mem_format("%s/lint/zlint/%s", shared, fields[0]);
	struct lint_verdicts verdicts;
	char more[64];

	if (is_ours(corpus, rule, fields[3]) && lint_judge(path, DATES_NB, &verdicts)) {
		struct lint_rule *entry = lint_rule(rule);
		const char *got = lint_word(&verdicts, rule), *want = fields[2];
		bool ours = is_finding(got), theirs = is_finding(want);

		entry->ours += ours;
		entry->theirs += theirs;
		entry->both += ours && theirs;
		snprintf(more, sizeof(more), "%s, expected %s", got, want);
		if (strcmp(got, want) != 0 && !(ours && theirs))
			corpus->allowed +=
			    report("outcome", rule, fields[0], more, false);
		lint_verdicts_free(&verdicts);
	}
	mem_free(rule);
	mem_free(path);
}

static bool
compare_zlint_made(const char *shared, struct linter *linter)
{
	struct corpus corpus;
	struct table table;
	char *line, *fields[4];

	if (!table_open(shared, "zlint-expect.tsv", &table))
		return false;
	corpus_begin(&corpus, linter, "zlint's own certificates");
	while ((line = lint_next_line(&table.at)) != NULL)
		if (lint_split(line, fields, 4) == 4)
			compare_outcome(&corpus, shared, fields);
	print_corpus(&corpus);
	corpus_end(&corpus);
	buf_free(&table.file);
	return true;
}

/* The codes of each file; "none" for a clean one. */
static bool
compare_pkilint_made(const char *shared, struct linter *linter)
{
	struct corpus corpus;
	struct table table;
	struct bytes key;
	size_t walk = 0;
	char *line, *fields[4];
	void *value;

	if (!table_open(shared, "pkilint-expect.tsv", &table))
		return false;
	corpus_begin(&corpus, linter, "pkilint's own certificates");
	while ((line = lint_next_line(&table.at)) != NULL)
		if (lint_split(line, fields, 4) == 4)
			add_finding(&corpus, fields[0], fields[2], fields[3]);
	while (map_next(&corpus.by_file, &walk, &key, &value)) {
		struct lint_verdicts verdicts;
		char *name = mem_copy(key.data, key.len);
		char *path = mem_format("%s/lint/pkilint/%s", shared, name);

		if (lint_judge(path, linter->dates, &verdicts)) {
			compare_file(&corpus, name, &verdicts);
			lint_verdicts_free(&verdicts);
		}
		mem_free(path);
		mem_free(name);
	}
	print_corpus(&corpus);
	corpus_end(&corpus);
	buf_free(&table.file);
	return true;
}

/* Columns of the tables on real certificates; the first is the SHA-256. */
struct columns {
	size_t name, result, check, count;
};

/* "-": the linter could not parse the certificate at all. */
static void
read_real(struct corpus *corpus, struct table *table, const struct columns *columns,
    struct map *unparsable)
{
	char *line, *fields[8];

	while ((line = lint_next_line(&table->at)) != NULL) {
		if (lint_split(line, fields, columns->count) != columns->count)
			continue;
		if (strcmp(fields[columns->name], "-") == 0)
			map_put(unparsable, bytes_text(fields[0]), (void *)1);
		else if (strcasecmp(fields[columns->result], "fatal") == 0)
			map_put(&corpus->fatal, bytes_text(fields[0]), (void *)1);
		else
			add_finding(corpus, fields[0], fields[columns->name],
			    fields[columns->check]);
	}
}

static void
compare_folder(
    struct corpus *corpus, const char *folder, DIR *dir, const struct map *unparsable)
{
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		struct lint_verdicts verdicts;
		char *path, *dot = strstr(entry->d_name, ".der");

		if (dot == NULL)
			continue;
		path = mem_format("%s/%s", folder, entry->d_name);
		*dot = 0;
		if (map_get(unparsable, bytes_text(entry->d_name)) == NULL &&
		    lint_judge(path, corpus->linter->dates, &verdicts)) {
			compare_file(corpus, entry->d_name, &verdicts);
			lint_verdicts_free(&verdicts);
		}
		mem_free(path);
	}
}

static bool
compare_real(const char *shared, const char *name, struct linter *linter,
    const struct columns *columns, const char *what)
{
	char *folder = mem_format("%s/real/certs/der", shared);
	struct map unparsable;
	struct corpus corpus;
	struct table table;
	DIR *dir = NULL;
	bool ok = table_open(shared, name, &table) && (dir = opendir(folder)) != NULL;

	if (ok) {
		map_init(&unparsable);
		corpus_begin(&corpus, linter, what);
		corpus.real = true;
		read_real(&corpus, &table, columns, &unparsable);
		compare_folder(&corpus, folder, dir, &unparsable);
		print_corpus(&corpus);
		corpus_end(&corpus);
		map_free(&unparsable, NULL);
		closedir(dir);
	}
	buf_free(&table.file);
	mem_free(folder);
	return ok;
}

int
main(int argc, char **argv)
{
	static const struct columns ZLINT = {1, 2, 3, 4}, PKILINT = {3, 2, 4, 5};
	struct linter zlint = {"zlint", DATES_NB, 99, 0, 0, 0};
	struct linter pkilint = {"pkilint", DATES_NONE, 97, 0, 0, 0};
	const char *shared;
	size_t stale;
	bool ok;
	int option;

	while ((option = getopt(argc, argv, "vf:")) != -1)
		if (option == 'v')
			verbose = true;
		else if (option == 'f')
			filter = optarg;
	if (optind >= argc) {
		fprintf(stderr,
		    "usage: lint_compare [-v] [-f WORD] SHARED-DATA [ALLOWED.tsv]\n");
		return 2;
	}
	shared = argv[optind];
	ok = (optind + 1 == argc || lint_allowed_read(argv[optind + 1])) &&
	    compare_zlint_made(shared, &zlint) &&
	    compare_pkilint_made(shared, &pkilint) &&
	    compare_real(
		shared, "zlint-real.tsv", &zlint, &ZLINT, "zlint on real certificates") &&
	    compare_real(shared, "pkilint-real.tsv", &pkilint, &PKILINT,
		"pkilint on real certificates") &&
	    linter_agrees(&zlint);
	ok = linter_agrees(&pkilint) && ok;
	stale = lint_allowed_stale(stdout);
	printf("%zu differences not allowed, %zu entries of the list not needed\n",
	    open_differences, stale);
	lint_allowed_free();
	lint_rules_free();
	return ok && open_differences == 0 && stale == 0 ? 0 : 1;
}
