/*
 * lint_compare - holds our sub-rules against what zlint and pkilint say of the
 * same certificates (checks/corpora.md D2, D3).
 *
 *   lint_compare [-v] [-f WORD] SHARED-DATA [ALLOWED.tsv]
 *
 * Prints for each linter how many of its findings are ours and how many of ours
 * are its own, then the rules by number of differences; -v lists each
 * difference, -f only those with the word. Exit 1 where a share falls short
 * (99 % of zlint's, 97 % of pkilint's, either way) after what is allowed.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/run.h"
#include "x509/cert.h"
#include "x509/pem.h"

#define RULES_MAX 2048

struct rule {
	char *name; /* "zlint:e_..." */
	size_t theirs, ours, both, allowed;
};

static struct rule rules[RULES_MAX];
static size_t rule_count;
static struct map rule_numbers; /* by name, + 1 */
static struct map allowed;      /* "rule\tcertificate" or "rule\t*" */
static bool verbose;
static const char *filter;

/* --- small things ------------------------------------------------------------- */

static struct buf
read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct buf out;
	uint8_t *room;
	size_t len;

	buf_init(&out, 1 << 28);
	if (file == NULL)
		return out;
	while ((room = buf_extend(&out, 65536)) != NULL) {
		len = fread(room, 1, 65536, file);
		out.len -= 65536 - len;
		if (len == 0)
			break;
	}
	fclose(file);
	return out;
}

/* Splits a line of a TSV in place; returns how many fields. */
static size_t
split(char *line, char **fields, size_t max)
{
	size_t count = 0;

	while (count < max) {
		fields[count++] = line;
		line = strchr(line, '\t');
		if (line == NULL)
			break;
		*line++ = 0;
	}
	return count;
}

static char *
next_line(char **at)
{
	char *line = *at, *end;

	if (*line == 0)
		return NULL;
	end = strchr(line, '\n');
	if (end != NULL) {
		*end = 0;
		*at = end + 1;
	} else {
		*at = line + strlen(line);
	}
	return line;
}

static struct rule *
rule_named(const char *name, bool make)
{
	size_t number = (size_t)(uintptr_t)map_get(&rule_numbers, bytes_text(name));

	if (number != 0)
		return &rules[number - 1];
	if (!make || rule_count == RULES_MAX)
		return NULL;
	rules[rule_count].name = mem_text(name);
	map_put(&rule_numbers, bytes_text(name), (void *)(uintptr_t)(rule_count + 1));
	return &rules[rule_count++];
}

static bool
is_allowed(const char *rule, const char *name)
{
	char *one = mem_format("%s\t%s", rule, name), *all = mem_format("%s\t*", rule);
	bool found = map_get(&allowed, bytes_text(one)) != NULL ||
	    map_get(&allowed, bytes_text(all)) != NULL;

	mem_free(one);
	mem_free(all);
	return found;
}

static void
report(const char *what, const char *rule, const char *name, const char *more)
{
	if (!verbose || (filter != NULL && strstr(rule, filter) == NULL))
		return;
	printf("%s\t%s\t%s\t%s%s\n", what, rule, name, more,
	    is_allowed(rule, name) ? "\t(allowed)" : "");
}

/* Every equivalent of the catalogue is a rule that we have. */
static void
collect_rules(void)
{
	const struct check *check;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		for (size_t j = 0; j < check->subrule_count; j++) {
			struct bytes each;
			size_t at = 0;

			if (check->subrules[j].run == NULL)
				continue;
			while (subrule_next_equivalent(&check->subrules[j], &at, &each)) {
				char *name = mem_copy(each.data, each.len);

				rule_named(name, true);
				mem_free(name);
			}
		}
}

static void
read_allowed(const char *path)
{
	struct buf file = read_file(path);
	char *at = (char *)(uintptr_t)buf_text(&file), *line, *fields[3];

	while ((line = next_line(&at)) != NULL) {
		if (*line == '#' || split(line, fields, 3) < 3)
			continue;
		char *key = mem_format("%s\t%s", fields[0], fields[1]);

		map_put(&allowed, bytes_text(key), (void *)1);
		mem_free(key);
	}
	buf_free(&file);
}

/* --- one certificate under all sub-rules ---------------------------------------- */

/* What ours says under each name: the worst outcome of the sub-rules that have
 * it, fail before pass before NE before NA. */
struct verdicts {
	struct map outcomes; /* name to outcome + 1 */
	struct map levels;   /* name to level + 1, where it fails */
};

static void
note_outcome(void *owner, const struct check *check, const struct subrule *rule,
    enum check_outcome outcome)
{
	struct verdicts *verdicts = owner;
	struct bytes each;
	size_t at = 0;

	(void)check;
	while (subrule_next_equivalent(rule, &at, &each)) {
		uintptr_t old = (uintptr_t)map_get(&verdicts->outcomes, each);

		if ((uintptr_t)outcome + 1 > old)
			map_put(
			    &verdicts->outcomes, each, (void *)((uintptr_t)outcome + 1));
	}
}

static void
judge(const struct cert *cert, enum date_mode dates, struct verdicts *out)
{
	struct check_params params;
	struct findings findings;
	struct judged judged;
	struct arena arena;

	arena_init(&arena);
	check_params_defaults(&params);
	params.require_verified = false;
	params.with_off_rules = true;
	judged_init(&judged, cert, NULL, NULL, &params, &arena);
	judged_read_scts(&judged, &arena);
	judged.dates = dates;
	judged.now_ms = INT64_C(1790000000000);
	findings_init(&findings, &arena);
	findings.on_outcome = note_outcome;
	findings.owner = out;
	map_init(&out->outcomes);
	map_init(&out->levels);
	checks_run_certificate(&judged, &findings);
	for (size_t i = 0; i < findings.count; i++) {
		struct bytes each;
		size_t at = 0;

		while (subrule_next_equivalent(findings.rows[i]->subrule, &at, &each))
			map_put(&out->levels, each,
			    (void *)((uintptr_t)findings.rows[i]->level + 1));
	}
	arena_free(&arena);
}

static void
verdicts_free(struct verdicts *verdicts)
{
	map_free(&verdicts->outcomes, NULL);
	map_free(&verdicts->levels, NULL);
}

static enum check_outcome
outcome_of(const struct verdicts *verdicts, const char *rule)
{
	uintptr_t got = (uintptr_t)map_get(&verdicts->outcomes, bytes_text(rule));

	return got == 0 ? OUTCOME_NA : (enum check_outcome)(got - 1);
}

static bool
judge_file(const char *path, enum date_mode dates, struct verdicts *out)
{
	static struct cert cert;
	struct buf file = read_file(path), scratch;
	struct pem_iter pems;
	struct bytes der;
	bool ok;

	buf_init(&scratch, 1 << 24);
	pem_certificates(buf_bytes(&file), &pems);
	ok = pem_next(&pems, &scratch, &der) && cert_parse(der, &cert);
	if (ok)
		judge(&cert, dates, out);
	buf_free(&scratch);
	buf_free(&file);
	return ok;
}

/* --- what they say ------------------------------------------------------------------ */

struct table {
	const char *linter; /* "zlint" */
	enum date_mode dates;
	struct map by_file; /* file to struct map * of rule to anything */
	struct map unparsable;
};

static void
free_inner(void *value)
{
	map_free(value, NULL);
	mem_free(value);
}

static void
table_free(struct table *table)
{
	map_free(&table->by_file, free_inner);
	map_free(&table->unparsable, NULL);
}

static void
table_add(struct table *table, const char *file, const char *name)
{
	struct map *inner = map_get(&table->by_file, bytes_text(file));
	char *rule = mem_format("%s:%s", table->linter, name);

	if (inner == NULL) {
		inner = mem_alloc(sizeof(*inner));
		map_init(inner);
		map_put(&table->by_file, bytes_text(file), inner);
	}
	map_put(inner, bytes_text(rule), (void *)1);
	mem_free(rule);
}

static void
compare_file(struct table *table, const char *file, struct verdicts *verdicts)
{
	struct map *theirs = map_get(&table->by_file, bytes_text(file));
	size_t linter_len = strlen(table->linter);

	for (size_t i = 0; i < rule_count; i++) {
		struct rule *rule = &rules[i];
		bool ours, other;

		if (strncmp(rule->name, table->linter, linter_len) != 0 ||
		    rule->name[linter_len] != ':')
			continue;
		ours = outcome_of(verdicts, rule->name) == OUTCOME_FAIL;
		other = theirs != NULL && map_get(theirs, bytes_text(rule->name)) != NULL;
		rule->theirs += other;
		rule->ours += ours;
		rule->both += ours && other;
		if (ours != other) {
			rule->allowed += is_allowed(rule->name, file);
			report(ours ? "extra" : "missing", rule->name, file, "");
		}
	}
}

/* zlint-real.tsv and pkilint-real.tsv: findings on the real certificates. */
static bool
compare_real(const char *shared, const char *file_name, struct table *table,
    size_t name_column, size_t result_column)
{
	char *path = mem_format("%s/lint/%s", shared, file_name);
	char *folder = mem_format("%s/real/certs/der", shared);
	struct buf file = read_file(path);
	char *at, *line, *fields[8];
	struct dirent *entry;
	DIR *dir = opendir(folder);

	mem_free(path);
	if (file.len == 0 || dir == NULL) {
		mem_free(folder);
		buf_free(&file);
		return false;
	}
	map_init(&table->by_file);
	map_init(&table->unparsable);
	at = (char *)(uintptr_t)buf_text(&file);
	while ((line = next_line(&at)) != NULL) {
		if (split(line, fields, 8) <= result_column)
			continue;
		if (strcmp(fields[name_column], "-") == 0)
			map_put(&table->unparsable, bytes_text(fields[0]), (void *)1);
		else if (strcmp(fields[result_column], "fatal") != 0)
			table_add(table, fields[0], fields[name_column]);
	}
	while ((entry = readdir(dir)) != NULL) {
		struct verdicts verdicts;
		char *full, *dot = strstr(entry->d_name, ".der");

		if (dot == NULL)
			continue;
		full = mem_format("%s/%s", folder, entry->d_name);
		*dot = 0;
		if (map_get(&table->unparsable, bytes_text(entry->d_name)) == NULL &&
		    judge_file(full, table->dates, &verdicts)) {
			compare_file(table, entry->d_name, &verdicts);
			verdicts_free(&verdicts);
		}
		mem_free(full);
	}
	closedir(dir);
	mem_free(folder);
	buf_free(&file);
	return true;
}

static const char *
zlint_word(const struct verdicts *verdicts, const char *rule)
{
	uintptr_t level = (uintptr_t)map_get(&verdicts->levels, bytes_text(rule));

	switch (outcome_of(verdicts, rule)) {
	case OUTCOME_NA:
		return "NA";
	case OUTCOME_NE:
		return "NE";
	case OUTCOME_PASS:
		return "pass";
	case OUTCOME_FAIL:
		break;
	}
	return level == LEVEL_ERROR + 1  ? "error"
	    : level == LEVEL_WARNING + 1 ? "warn"
					 : "notice";
}

static bool
is_finding(const char *word)
{
	return strcmp(word, "error") == 0 || strcmp(word, "warn") == 0 ||
	    strcmp(word, "notice") == 0;
}

/* zlint-expect.tsv: one row a lint and file, with all outcomes. Level differences
 * are reported, and are no difference: ours are the catalogue's. */
static void
compare_zlint_expect(const char *shared, size_t *total, size_t *good)
{
	char *path = mem_format("%s/lint/zlint-expect.tsv", shared);
	struct buf file = read_file(path);
	char *at = (char *)(uintptr_t)buf_text(&file), *line, *fields[4];

	mem_free(path);
	while ((line = next_line(&at)) != NULL) {
		struct verdicts verdicts;
		char *rule, *pem, more[64];
		const char *got;
		bool same;

		if (split(line, fields, 4) < 4 || strcmp(fields[0], "file") == 0)
			continue;
		rule = mem_format("zlint:%s", fields[1]);
		pem = mem_format("%s/lint/zlint/%s", shared, fields[0]);
		if (rule_named(rule, false) != NULL &&
		    judge_file(pem, DATES_NB, &verdicts)) {
			got = zlint_word(&verdicts, rule);
			same = strcmp(got, fields[2]) == 0 ||
			    (is_finding(got) && is_finding(fields[2]));
			++*total;
			*good += same || is_allowed(rule, fields[0]);
			snprintf(more, sizeof(more), "%s, expected %s", got, fields[2]);
			if (!same)
				report("outcome", rule, fields[0], more);
			verdicts_free(&verdicts);
		}
		mem_free(rule);
		mem_free(pem);
	}
	buf_free(&file);
}

/* pkilint-expect.tsv: the codes of each file. */
static void
compare_pkilint_expect(const char *shared, struct table *table)
{
	char *path = mem_format("%s/lint/pkilint-expect.tsv", shared);
	struct buf file = read_file(path);
	char *at = (char *)(uintptr_t)buf_text(&file), *line, *fields[4];
	struct map files;
	struct bytes key;
	size_t walk = 0;
	void *value;

	mem_free(path);
	map_init(&files);
	map_init(&table->by_file);
	map_init(&table->unparsable);
	while ((line = next_line(&at)) != NULL) {
		if (split(line, fields, 4) < 4 || strcmp(fields[0], "file") == 0)
			continue;
		map_put(&files, bytes_text(fields[0]), (void *)1);
		table_add(table, fields[0], fields[2]);
	}
	while (map_next(&files, &walk, &key, &value)) {
		struct verdicts verdicts;
		char *name = mem_copy(key.data, key.len);
		char *full = mem_format("%s/lint/pkilint/%s", shared, name);

		if (judge_file(full, table->dates, &verdicts)) {
			compare_file(table, name, &verdicts);
			verdicts_free(&verdicts);
		}
		mem_free(full);
		mem_free(name);
	}
	map_free(&files, NULL);
	buf_free(&file);
}

/* --- sums ----------------------------------------------------------------------------
 */

static int
by_differences(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;
	size_t dx = x->theirs + x->ours - 2 * x->both,
	       dy = y->theirs + y->ours - 2 * y->both;

	return (dx < dy) - (dx > dy);
}

static void
clear_counts(void)
{
	for (size_t i = 0; i < rule_count; i++)
		rules[i] = (struct rule){.name = rules[i].name};
}

static void
rebuild_numbers(void)
{
	map_free(&rule_numbers, NULL);
	map_init(&rule_numbers);
	for (size_t i = 0; i < rule_count; i++)
		map_put(
		    &rule_numbers, bytes_text(rules[i].name), (void *)(uintptr_t)(i + 1));
}

static bool
print_sums(const char *what, double least)
{
	size_t theirs = 0, ours = 0, both = 0, allowed_count = 0;
	double recall, precision;

	for (size_t i = 0; i < rule_count; i++) {
		theirs += rules[i].theirs;
		ours += rules[i].ours;
		both += rules[i].both;
		allowed_count += rules[i].allowed;
	}
	recall = theirs > 0 ? 100.0 * (double)both / (double)theirs : 100;
	precision = ours > 0 ? 100.0 * (double)both / (double)ours : 100;
	printf("%s: theirs %zu, ours %zu, both %zu (%zu differences allowed): "
	       "%.2f %% of theirs, %.2f %% of ours\n",
	    what, theirs, ours, both, allowed_count, recall, precision);
	qsort(rules, rule_count, sizeof(rules[0]), by_differences);
	rebuild_numbers();
	for (size_t i = 0; i < rule_count && i < 40; i++)
		if (rules[i].theirs + rules[i].ours != 2 * rules[i].both)
			printf("  %-70s theirs %5zu ours %5zu both %5zu allowed %5zu\n",
			    rules[i].name, rules[i].theirs, rules[i].ours, rules[i].both,
			    rules[i].allowed);
	return recall >= least && precision >= least;
}

int
main(int argc, char **argv)
{
	struct table zlint = {.linter = "zlint", .dates = DATES_NB};
	struct table pkilint = {.linter = "pkilint", .dates = DATES_NONE};
	size_t total = 0, good = 0;
	bool ok = true;
	int option;

	while ((option = getopt(argc, argv, "vf:")) != -1)
		if (option == 'v')
			verbose = true;
		else if (option == 'f')
			filter = optarg;
	if (optind >= argc) {
		fprintf(
		    stderr, "usage: lint_compare [-v] [-f WORD] SHARED-DATA [ALLOWED]\n");
		return 2;
	}
	map_init(&rule_numbers);
	map_init(&allowed);
	collect_rules();
	if (optind + 1 < argc)
		read_allowed(argv[optind + 1]);
	compare_zlint_expect(argv[optind], &total, &good);
	printf(
	    "zlint's own test certificates: %zu of %zu outcomes as expected or allowed\n",
	    good, total);
	ok = good == total;
	compare_pkilint_expect(argv[optind], &pkilint);
	ok = print_sums("pkilint's own test certificates", 97) && ok;
	table_free(&pkilint);
	clear_counts();
	if (compare_real(argv[optind], "zlint-real.tsv", &zlint, 1, 2)) {
		ok = print_sums("zlint on real certificates", 99) && ok;
		table_free(&zlint);
	}
	clear_counts();
	if (compare_real(argv[optind], "pkilint-real.tsv", &pkilint, 3, 2)) {
		ok = print_sums("pkilint on real certificates", 97) && ok;
		table_free(&pkilint);
	}
	for (size_t i = 0; i < rule_count; i++)
		mem_free(rules[i].name);
	map_free(&rule_numbers, NULL);
	map_free(&allowed, NULL);
	return ok ? 0 : 1;
}
