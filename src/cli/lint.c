/*
 * ctwarden lint: every check that one certificate is enough for.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/data.h"
#include "check/run.h"
#include "cli/bundle.h"
#include "cli/cli_priv.h"
#include "crypto/digest.h"
#include "x509/show.h"
#include "x509/spki.h"

struct lint {
	struct bundle bundle;
	struct check_params params;
	const char *data; /* --data, or NULL */
	enum date_mode dates;
	int level;
	bool json;
	int64_t now_ms;
	struct buf out;
	size_t judged, levels[LEVEL_ERROR + 1];
};

/* --- judging -------------------------------------------------------------------- */

static void
judge(struct lint *lint, const struct bundle_cert *one, struct arena *arena,
    struct findings *findings)
{
	struct cert *cert = arena_alloc(arena, sizeof(*cert)),
		    *issuer = arena_alloc(arena, sizeof(*issuer));
	struct judged *judged = arena_zero(arena, 1, sizeof(*judged));
	struct sha256 *issuer_key = arena_zero(arena, 1, sizeof(*issuer_key));
	enum bundle_issuer how;

	if (!cert_parse(one->der, cert))
		return;
	how = bundle_find_issuer(&lint->bundle, cert, issuer);
	if (how == ISSUER_SIGNED)
		spki_hash(issuer->spki, issuer_key);
	judged_init(judged, cert, NULL, how == ISSUER_SIGNED ? issuer_key->octets : NULL,
	    &lint->params, arena);
	if (how == ISSUER_SIGNED) {
		judged->issuer = issuer;
		judged->signature = SIGNATURE_VERIFIED;
	} else if (how == ISSUER_DID_NOT_SIGN) {
		judged->signature = SIGNATURE_BAD;
	}
	judged->dates = lint->dates;
	judged->now_ms = lint->now_ms;
	judged_read_scts(judged, arena); /* which logs there are is not asked */
	checks_run_certificate(judged, findings);
}

/* --- what comes out --------------------------------------------------------------- */

static void
put_equivalents(struct json *json, const struct subrule *rule)
{
	struct bytes one;
	size_t at = 0;

	json_begin_array(json, "equivalent");
	while (subrule_next_equivalent(rule, &at, &one))
		json_put_safe(json, NULL, one, 200);
	json_end_array(json);
}

static void
put_finding(struct json *json, const struct finding *finding)
{
	const struct subrule *rule = finding->subrule;

	json_begin_object(json, NULL);
	json_put_text(json, "check", finding->check->id);
	json_put_text(json, "subrule", rule->name);
	json_put_text(json, "level", check_level_name(finding->level));
	json_put_text(json, "message", finding->message);
	json_put_text(json, "source", rule->source);
	if (rule->from == 0 || rule->from == DATE_ALWAYS)
		json_put_null(json, "effective");
	else
		json_put_time(json, "effective", rule->from * 1000);
	if (finding->len == 0)
		json_put_null(json, "offset");
	else
		json_put_number(json, "offset", (int64_t)finding->offset);
	put_equivalents(json, rule);
	json_end_object(json);
}

/* One object a line. */
static void
put_certificate(
    struct lint *lint, const struct bundle_cert *one, const struct findings *findings)
{
	struct json json;
	struct sha256 hash;

	json_init(&json, &lint->out);
	json_begin_object(&json, NULL);
	json_put_safe(&json, "file", bytes_text(one->file), 4096);
	json_put_number(&json, "index", (int64_t)one->index);
	if (one->error != NULL) {
		json_put_null(&json, "sha256");
	} else {
		sha256_of(one->der, &hash);
		json_put_hex(&json, "sha256", sha256_bytes(&hash));
	}
	json_put_text(&json, "error", one->error);
	json_begin_array(&json, "findings");
	for (size_t i = 0; i < findings->count; i++)
		if ((int)findings->rows[i]->level >= lint->level)
			put_finding(&json, findings->rows[i]);
	json_end_array(&json);
	json_end_object(&json);
	buf_append_u8(&lint->out, '\n');
}

static void
print_finding(struct buf *out, const struct finding *finding)
{
	const struct subrule *rule = finding->subrule;

	buf_append_format(
	    out, "  %-7s  %s", check_level_name(finding->level), finding->check->id);
	if (strcmp(rule->name, finding->check->id) != 0)
		buf_append_format(out, "/%s", rule->name);
	buf_append_format(out, ": %s", finding->message);
	if (finding->times > 1)
		buf_append_format(out, " (and %u more)", finding->times - 1);
	buf_append_format(out, " [%s]\n", rule->source);
}

static void
print_certificate(
    struct lint *lint, const struct bundle_cert *one, const struct findings *findings)
{
	struct buf *out = &lint->out;
	struct cert cert;
	size_t shown = 0;

	text_append_safe(out, bytes_text(one->file), 4096);
	buf_append_format(out, ":%zu: ", one->index);
	if (one->error != NULL) {
		buf_append_format(out, "%s\n", one->error);
		return;
	}
	if (cert_parse(one->der, &cert))
		cert_show_short(&cert, out);
	buf_append_u8(out, '\n');
	for (size_t i = 0; i < findings->count; i++)
		if ((int)findings->rows[i]->level >= lint->level) {
			print_finding(out, findings->rows[i]);
			shown++;
		}
	if (shown == 0)
		buf_append_text(out, "  nothing found\n");
}

static void
print_sum(struct lint *lint)
{
	buf_append_format(&lint->out,
	    "%zu certificates judged: %zu errors, %zu warnings, %zu notices",
	    lint->judged, lint->levels[LEVEL_ERROR], lint->levels[LEVEL_WARNING],
	    lint->levels[LEVEL_NOTICE]);
	if (lint->bundle.broken > 0)
		buf_append_format(
		    &lint->out, "; %zu could not be read", lint->bundle.broken);
	buf_append_u8(&lint->out, '\n');
}

static enum cli_exit
run(struct lint *lint)
{
	struct arena arena;
	size_t found = 0;
	bool read = true;

	arena_init(&arena);
	for (size_t i = 0; i < lint->bundle.count && read; i++) {
		const struct bundle_cert *one = lint->bundle.certs[i];
		struct findings findings;

		findings_init(&findings, &arena);
		if (one->error == NULL) {
			judge(lint, one, &arena, &findings);
			lint->judged++;
		}
		for (size_t j = 0; j < findings.count; j++) {
			lint->levels[findings.rows[j]->level]++;
			found += (int)findings.rows[j]->level >= lint->level;
		}
		if (lint->json)
			put_certificate(lint, one, &findings);
		else
			print_certificate(lint, one, &findings);
		read = cli_write(NULL, buf_bytes(&lint->out));
		buf_clear(&lint->out);
		arena_reset(&arena);
	}
	if (!lint->json) {
		print_sum(lint);
		cli_write(NULL, buf_bytes(&lint->out));
	}
	arena_free(&arena);
	if (lint->bundle.broken > 0)
		return CLI_TROUBLE;
	return found > 0 ? CLI_NOTHING : CLI_FOUND;
}

/* --- flags ---------------------------------------------------------------------------
 */

/* Switches the checks of a list with commas on or off. */
static bool
switch_checks(struct lint *lint, const char *flag, const char *list, bool off)
{
	char *copy = mem_text(list), *at = copy, *id;
	bool ok = true;

	while (ok && (id = strsep(&at, ",")) != NULL) {
		size_t number;

		ok = check_find(id, &number) != NULL;
		if (ok)
			lint->params.off[number] = off;
		else
			cli_fail(CLI_USAGE,
			    "%s: no check is called \"%s\"; ctwarden checks lists them",
			    flag, id);
	}
	mem_free(copy);
	return ok;
}

static bool
take_flags(struct lint *lint, struct cli *cli)
{
	static const char *const MODES[] = {
	    [DATES_SIGN] = "sign", [DATES_NB] = "nb", [DATES_NONE] = "none"};
	const char *dates = "sign", *only = NULL, *skip = NULL, *level = NULL;
	const struct cli_flag flags[] = {{"--dates", .value = &dates},
	    {"--only", .value = &only}, {"--skip", .value = &skip},
	    {"--level", .value = &level}, {"--data", .value = &lint->data}};
	size_t mode = 0;

	if (!cli_flags(cli, flags, ARRAY_LEN(flags)) ||
	    !cli_level("--level", level, &lint->level))
		return false;
	while (mode < ARRAY_LEN(MODES) && strcmp(MODES[mode], dates) != 0)
		mode++;
	if (mode == ARRAY_LEN(MODES)) {
		cli_fail(CLI_USAGE, "--dates: \"%s\" is none of sign, nb, none", dates);
		return false;
	}
	lint->dates = (enum date_mode)mode;
	lint->json = cli->json;
	for (size_t i = 0; only != NULL && i < check_count(); i++)
		lint->params.off[i] = true;
	if (cli->count == 0) {
		cli_usage(cli);
		return false;
	}
	return (only == NULL || switch_checks(lint, "--only", only, false)) &&
	    (skip == NULL || switch_checks(lint, "--skip", skip, true));
}

enum cli_exit
cli_lint(struct cli *cli)
{
	struct lint *lint = mem_zero(1, sizeof(*lint));
	struct clock *clock = clock_new(NULL);
	enum cli_exit status = CLI_USAGE;

	check_params_defaults(&lint->params);
	lint->params.with_off_rules = true; /* as any linter: --level chooses */
	lint->now_ms = clock_now_ms(clock);
	clock_free(clock);
	bundle_init(&lint->bundle);
	buf_init(&lint->out, (size_t)64 * 1024 * 1024);
	if (take_flags(lint, cli))
		status = lint->data == NULL
		    ? CLI_FOUND
		    : cli_data(lint->data, &lint->params, &lint->bundle.arena);
	if (status == CLI_FOUND) {
		for (size_t i = 0; i < cli->count; i++)
			bundle_add(&lint->bundle, cli->words[i]);
		status = run(lint);
	}
	buf_free(&lint->out);
	check_data_fini(&lint->params);
	bundle_free(&lint->bundle);
	mem_free(lint);
	return status;
}
