#include "tests/lib/lint_rules.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "check/run.h"
#include "x509/cert.h"
#include "x509/pem.h"

/* --- the names ---------------------------------------------------------------------- */

static struct {
	struct lint_rule *all;
	size_t count, room;
	struct map numbers; /* by name, + 1 */
	bool collected;
} rules;

static void
add_rule(struct bytes name)
{
	if (map_get(&rules.numbers, name) != NULL)
		return;
	if (rules.count == rules.room) {
		rules.room = rules.room * 2 + 256;
		rules.all = mem_resize(rules.all, rules.room, sizeof(*rules.all));
	}
	rules.all[rules.count] =
	    (struct lint_rule){.name = mem_copy(name.data, name.len)};
	map_put(&rules.numbers, name, (void *)(uintptr_t)++rules.count);
}

static void
collect(void)
{
	const struct check *check;

	if (rules.collected)
		return;
	rules.collected = true;
	map_init(&rules.numbers);
	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		for (size_t j = 0; j < check->subrule_count; j++) {
			struct bytes each;
			size_t at = 0;

			if (check->subrules[j].run != NULL)
				while (subrule_next_equivalent(
				    &check->subrules[j], &at, &each))
					add_rule(each);
		}
}

size_t
lint_rules(struct lint_rule **out)
{
	collect();
	*out = rules.all;
	return rules.count;
}

struct lint_rule *
lint_rule(const char *name)
{
	size_t number;

	collect();
	number = (size_t)(uintptr_t)map_get(&rules.numbers, bytes_text(name));
	return number == 0 ? NULL : &rules.all[number - 1];
}

void
lint_rules_free(void)
{
	for (size_t i = 0; i < rules.count; i++)
		mem_free(rules.all[i].name);
	mem_free(rules.all);
	map_free(&rules.numbers, NULL);
}

/* --- the verdicts --------------------------------------------------------------------
 */

static void
note_outcome(void *owner, const struct check *check, const struct subrule *rule,
    enum check_outcome outcome)
{
	struct lint_verdicts *verdicts = owner;
	uintptr_t value = (uintptr_t)outcome + 1;
	struct bytes each;
	size_t at = 0;

	(void)check;
	while (subrule_next_equivalent(rule, &at, &each))
		if (value > (uintptr_t)map_get(&verdicts->outcomes, each))
			map_put(&verdicts->outcomes, each, (void *)value);
}

static void
note_level(struct lint_verdicts *verdicts, const struct finding *finding)
{
	struct bytes each;
	size_t at = 0;

	while (subrule_next_equivalent(finding->subrule, &at, &each))
		map_put(&verdicts->levels, each, (void *)((uintptr_t)finding->level + 1));
}

static void
judge(const struct cert *cert, enum date_mode dates, struct lint_verdicts *out)
{
	struct check_params params;
	struct findings findings;
	struct judged judged;
	struct arena arena;

	arena_init(&arena);
	check_params_defaults(&params);
	params.require_verified = false; /* corpora.md D4, 9 */
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
	for (size_t i = 0; i < findings.count; i++)
		note_level(out, findings.rows[i]);
	arena_free(&arena);
}

bool
lint_judge(const char *path, enum date_mode dates, struct lint_verdicts *out)
{
	static struct cert cert;
	struct buf file = lint_read_file(path), scratch;
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

void
lint_verdicts_free(struct lint_verdicts *verdicts)
{
	map_free(&verdicts->outcomes, NULL);
	map_free(&verdicts->levels, NULL);
}

enum check_outcome
lint_outcome(const struct lint_verdicts *verdicts, const char *name)
{
	uintptr_t got = (uintptr_t)map_get(&verdicts->outcomes, bytes_text(name));

	return got == 0 ? OUTCOME_NA : (enum check_outcome)(got - 1);
}

const char *
lint_word(const struct lint_verdicts *verdicts, const char *name)
{
	static const char *const LEVELS[] = {"notice", "warn", "error"};
	enum check_outcome outcome = lint_outcome(verdicts, name);
	uintptr_t level = (uintptr_t)map_get(&verdicts->levels, bytes_text(name));

	if (outcome != OUTCOME_FAIL)
		return check_outcome_name(outcome);
	return LEVELS[level > 0 ? level - 1 : 0];
}

/* --- what is allowed ------------------------------------------------------------------
 */

static struct {
	struct map entries; /* "rule\tcertificate" to the number of uses, + 1 */
	bool read;
} allowed;

bool
lint_allowed_read(const char *path)
{
	struct buf file = lint_read_file(path);
	char *at = (char *)(uintptr_t)buf_text(&file), *line, *fields[3];
	bool ok = file.len > 0;

	map_init(&allowed.entries);
	allowed.read = true;
	while (ok && (line = lint_next_line(&at)) != NULL) {
		char *key;

		if (*line == '#' || *line == 0)
			continue;
		ok = lint_split(line, fields, 3) == 3 && *fields[2] != 0;
		if (!ok) {
			fprintf(stderr, "%s: not RULE, CERTIFICATE, REASON: %s\n", path,
			    line);
			break;
		}
		key = mem_format("%s\t%s", fields[0], fields[1]);
		map_put(&allowed.entries, bytes_text(key), (void *)1);
		mem_free(key);
	}
	buf_free(&file);
	return ok;
}

static bool
use(const char *rule, size_t rule_len, const char *rest, const char *certificate)
{
	char *key = mem_format("%.*s%s\t%s", (int)rule_len, rule, rest, certificate);
	uintptr_t uses = (uintptr_t)map_get(&allowed.entries, bytes_text(key));

	if (uses > 0)
		map_put(&allowed.entries, bytes_text(key), (void *)(uses + 1));
	mem_free(key);
	return uses > 0;
}

bool
lint_allowed(const char *rule, const char *certificate, bool fatal)
{
	size_t len = strlen(rule), linter_len = strcspn(rule, ":");

	return allowed.read &&
	    (use(rule, len, "", certificate) || use(rule, len, "", "*") ||
		use(rule, linter_len, ":*", certificate) ||
		(fatal && use(rule, linter_len, ":*", "FATAL")));
}

bool
lint_left_out(const char *rule)
{
	return allowed.read && use(rule, strlen(rule), "", "REAL");
}

size_t
lint_allowed_stale(FILE *out)
{
	size_t walk = 0, stale = 0;
	struct bytes key;
	void *uses;

	while (allowed.read && map_next(&allowed.entries, &walk, &key, &uses))
		if ((uintptr_t)uses == 1) {
			fprintf(out, "stale\t%.*s\n", (int)key.len, key.data);
			stale++;
		}
	return stale;
}

void
lint_allowed_free(void)
{
	if (allowed.read)
		map_free(&allowed.entries, NULL);
}

/* --- files
 * ------------------------------------------------------------------------------ */

struct buf
lint_read_file(const char *path)
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

char *
lint_next_line(char **at)
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

size_t
lint_split(char *line, char **fields, size_t max)
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
