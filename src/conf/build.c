/*
 * libconfuse's tree to the structs: defaults, what blocks inherit, and what
 * one option says about another. Single values were checked while they were
 * read (parse.c), so their lines were known.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "conf/conf_priv.h"

struct build {
	cfg_t *root;
	struct conf *conf;
	struct arena *arena;
	bool from_memory;
	struct err *err;
};

/* Where there is none: the end mark, which has no values. */
static cfg_opt_t *
find(cfg_t *block, const char *name)
{
	cfg_opt_t *opt = block->opts;

	while (opt->name != NULL && strcmp(opt->name, name) != 0)
		opt++;
	return opt;
}

/* Did the operator write a value? */
static bool
given(cfg_t *block, const char *name)
{
	cfg_opt_t *opt = find(block, name);

	return opt->nvalues > 0 && opt->values[0]->string != NULL;
}

static bool
refuse(struct build *build, struct conf_where where, const char *text)
{
	err_set(build->err, ERR_CONFIG, "%s", text);
	return conf_wrap(build->err, where);
}

static bool
missing(
    struct build *build, struct conf_where where, const char *section, const char *name)
{
	const struct conf_option *option = option_find(section, name);

	err_set(build->err, ERR_CONFIG, "%s: missing (%s); write %s = \"...\"", name,
	    option->meaning, name);
	return conf_wrap(build->err, where);
}

static void
take_list(struct build *build, const cfg_opt_t *opt, struct conf_list *out)
{
	out->items = arena_zero(build->arena, opt->nvalues, sizeof(*out->items));
	out->count = opt->nvalues;
	for (size_t i = 0; i < out->count; i++)
		out->items[i] = (const char *)arena_copy(
		    build->arena, bytes_text(opt->values[i]->string))
				    .data;
}

/* All options of a section into its struct. */
static bool
fill(struct build *build, cfg_t *block, const char *section, void *target)
{
	size_t count;
	const struct conf_option *options = conf_options(&count);

	for (size_t i = 0; i < count; i++) {
		const struct conf_option *option = &options[i];
		bool list = option->type == CONF_LIST || option->type == CONF_PATHS;
		cfg_opt_t *opt;
		const char *text;

		if (strcmp(option->section, section) != 0)
			continue;
		opt = find(block, option->name);
		text = given(block, option->name) ? opt->values[0]->string
						  : option->fallback;
		if (list && given(block, option->name))
			take_list(build, opt,
			    (struct conf_list *)((char *)target + option->at));
		else if (text != NULL &&
		    !value_parse(option, text, target, build->arena, build->err))
			return false;
	}
	return true;
}

/* --- one block each ------------------------------------------------------------ */

static const char *
title(struct build *build, cfg_t *block)
{
	return (const char *)arena_copy(build->arena, bytes_text(cfg_title(block))).data;
}

static bool
build_log_list(struct build *build, cfg_t *block, void *out)
{
	struct conf_log_list *list = out;

	list->name = title(build, block);
	list->where = parse_where(block, build->arena);
	if (!fill(build, block, "log_list", list))
		return false;
	if (!given(block, "start"))
		list->start = build->conf->start;
	if (list->poll_s == 0)
		list->poll_s = build->conf->poll_s;
	if (list->url == NULL && list->file == NULL)
		return missing(build, list->where, "log_list", "url");
	if (list->url != NULL && list->file != NULL)
		return refuse(build, list->where, "url and file: write only one of them");
	if (list->key != NULL && list->key_file != NULL)
		return refuse(
		    build, list->where, "key and key_file: write only one of them");
	if (list->signature != NULL && list->key == NULL && list->key_file == NULL)
		return missing(build, list->where, "log_list", "key_file");
	if (list->signature == NULL && (list->key != NULL || list->key_file != NULL))
		return missing(build, list->where, "log_list", "signature");
	return true;
}

static bool
build_operator(struct build *build, cfg_t *block, void *out)
{
	struct conf_operator *operator= out;

	operator->name = title(build, block);
	operator->where = parse_where(block, build->arena);
	return fill(build, block, "operator", operator);
}

static bool
check_known_bad(struct build *build, const struct conf_log *log)
{
	for (size_t i = 0; i < log->known_bad.count; i++) {
		const char *item = log->known_bad.items[i];
		size_t digits = strspn(item, "0123456789");

		if (digits > 0 && digits <= 13 && item[digits] == ':' &&
		    strspn(item + digits + 1, "0123456789abcdefABCDEF") == 64 &&
		    item[digits + 65] == '\0')
			continue;
		err_set(build->err, ERR_CONFIG,
		    "known_bad: \"%.80s\" is no leaf; write \"INDEX:HASH\", the hash "
		    "that the tree holds there as 64 hex digits",
		    item);
		return conf_wrap(build->err, log->where);
	}
	return true;
}

static bool
build_log(struct build *build, cfg_t *block, void *out)
{
	struct conf_log *log = out;

	log->name = title(build, block);
	log->where = parse_where(block, build->arena);
	if (!fill(build, block, "log", log))
		return false;
	if (!given(block, "start"))
		log->start = log->archived
		    ? (struct conf_start){.kind = CONF_START_GENESIS}
		    : build->conf->start;
	if (!given(block, "unproved_start"))
		log->unproved_start = build->conf->unproved_start;
	if (log->poll_s == 0)
		log->poll_s = build->conf->poll_s;
	if (log->url == NULL)
		return missing(build, log->where, "log", "url");
	if (log->key == NULL && log->key_file == NULL)
		return missing(build, log->where, "log", "key");
	if (log->key != NULL && log->key_file != NULL)
		return refuse(
		    build, log->where, "key and key_file: write only one of them");
	if (log->kind == CONF_LOG_STATIC && log->tiles != NULL)
		return refuse(build, log->where,
		    "tiles: of a static log write the monitoring prefix as url");
	if (log->kind == CONF_LOG_RFC6962 && strncmp(log->url, "file:", 5) == 0)
		return refuse(build, log->where,
		    "url: a folder is read as a static log; write kind = static");
	return check_known_bad(build, log);
}

static bool
build_domain(struct build *build, cfg_t *block, void *out)
{
	struct conf_domains *domains = out;

	domains->title = title(build, block);
	domains->where = parse_where(block, build->arena);
	domains->names = arena_zero(&build->conf->names, 1, sizeof(*domains->names));
	domains->names[0] =
	    (struct conf_name){.text = domains->title, .line = domains->where.line};
	domains->count = 1;
	return fill(build, block, "domain", domains);
}

static bool
build_domains(struct build *build, cfg_t *block, void *out)
{
	struct conf_domains *domains = out;

	domains->title = title(build, block);
	domains->where = parse_where(block, build->arena);
	if (!fill(build, block, "domains", domains))
		return false;
	if (domains->file == NULL)
		return missing(build, domains->where, "domains", "file");
	if (build->from_memory)
		return refuse(build, domains->where, "file: not possible here");
	return text_names(domains, &build->conf->names, build->err);
}

/* --- ca --------------------------------------------------------------------------- */

/* SHA-256 in hex, as of a key. */
static bool
check_hashes(struct build *build, const struct conf_ca *ca, const char *name,
    const struct conf_list *list)
{
	uint8_t hash[32];

	for (size_t i = 0; i < list->count; i++) {
		if (hex_parse(list->items[i], hash, sizeof(hash)))
			continue;
		err_set(build->err, ERR_CONFIG,
		    "%s: \"%.40s\" is no SHA-256; write 64 hex digits, of openssl pkey "
		    "-pubin "
		    "-outform DER | sha256sum",
		    name, list->items[i]);
		return conf_wrap(build->err, ca->where);
	}
	return true;
}

/* Up to three words of text. Returns how many there are, 4 where more. */
static size_t
split_words(struct build *build, const char *text, const char **words, size_t most)
{
	char *copy = (char *)(uintptr_t)arena_copy(build->arena, bytes_text(text)).data;
	size_t count = 0;

	for (char *word; (word = strsep(&copy, " \t")) != NULL;) {
		if (word[0] == '\0')
			continue;
		if (count == most)
			return most + 1;
		words[count++] = word;
	}
	return count;
}

/* Midnight of a date, in seconds. */
static bool
date(const char *text, int64_t *out_s)
{
	int64_t ms;

	if (!time_parse(text, &ms))
		return false;
	*out_s = ms / 1000;
	return true;
}

static bool
distrust_parse(struct build *build, const char *text, struct conf_distrust *out)
{
	static const char *const MODES[] = {
	    [CONF_DISTRUST_NB] = "nb",
	    [CONF_DISTRUST_SCT] = "sct",
	    [CONF_DISTRUST_LOGGED] = "logged",
	};
	const char *words[3];

	if (split_words(build, text, words, 3) != 3 || !date(words[2], &out->date_s))
		return false;
	out->program = words[0];
	for (size_t i = 0; i < ARRAY_LEN(MODES); i++)
		if (strcmp(words[1], MODES[i]) == 0) {
			out->mode = (enum conf_distrust_mode)i;
			return true;
		}
	return false;
}

static bool
program_parse(struct build *build, const char *text, struct conf_program *out)
{
	const char *words[3];
	size_t count = split_words(build, text, words, 3);

	if (count < 1 || count > 3)
		return false;
	out->name = words[0];
	return (count < 2 || date(words[1], &out->from_s)) &&
	    (count < 3 || (date(words[2], &out->until_s) && out->until_s > out->from_s));
}

static bool
build_programs(struct build *build, struct conf_ca *ca, const struct conf_list *programs)
{
	ca->programs = arena_zero(build->arena, programs->count, sizeof(*ca->programs));
	for (; ca->program_count < programs->count; ca->program_count++)
		if (!program_parse(build, programs->items[ca->program_count],
			&ca->programs[ca->program_count]))
			return refuse(build, ca->where,
			    "programs: write \"Mozilla\", with the day on which its "
			    "roots came in and the one on which they went where they "
			    "are known; \"none\" where no program has them");
	return true;
}

static bool
commitment_parse(struct build *build, const char *text, struct conf_commitment *out)
{
	static const char *const KINDS[] = {
	    [CONF_COMMITMENT_EMBEDDED_SCT] = "embedded-sct",
	    [CONF_COMMITMENT_NO_ISSUANCE] = "no-issuance",
	};
	const char *words[3];
	size_t count = split_words(build, text, words, 3), kind = 0;

	if (count != 2 && count != 3)
		return false;
	while (kind < ARRAY_LEN(KINDS) && strcmp(words[0], KINDS[kind]) != 0)
		kind++;
	out->kind = (enum conf_commitment_kind)kind;
	return kind < ARRAY_LEN(KINDS) && date(words[1], &out->from_s) &&
	    (count == 2 || date(words[2], &out->until_s));
}

/* "issued", "seen.issued" where the day of signing counts instead of notBefore. */
static bool
is_metric(const char *name)
{
	static const char *const METRICS[] = {"issued", "misissued", "serious"};

	if (strncmp(name, "seen.", 5) == 0)
		name += 5;
	for (size_t i = 0; i < ARRAY_LEN(METRICS); i++)
		if (strcmp(name, METRICS[i]) == 0)
			return true;
	return strncmp(name, "failed.", 7) == 0;
}

/* "METRIC FROM UNTIL COUNT [PERCENT%]" */
static bool
claim_parse(struct build *build, const char *text, struct conf_claim *out)
{
	const char *words[5];
	size_t count = split_words(build, text, words, 5);
	char *end;

	if (count != 4 && count != 5)
		return false;
	out->text = text;
	out->metric = words[0];
	if (!is_metric(words[0]))
		return false;
	if (!date(words[1], &out->from_s) || !date(words[2], &out->until_s) ||
	    out->until_s <= out->from_s || strlen(words[3]) > 15 ||
	    strspn(words[3], "0123456789") != strlen(words[3]))
		return false;
	out->count = strtoll(words[3], NULL, 10);
	if (count == 4)
		return true;
	out->tolerance_percent = (int)strtol(words[4], &end, 10);
	return end != words[4] && strcmp(end, "%") == 0 && out->tolerance_percent >= 0 &&
	    out->tolerance_percent <= 100;
}

static bool
build_claims(struct build *build, struct conf_ca *ca, const struct conf_list *claims)
{
	ca->claims = arena_zero(build->arena, claims->count, sizeof(*ca->claims));
	for (; ca->claim_count < claims->count; ca->claim_count++)
		if (!claim_parse(build, claims->items[ca->claim_count],
			&ca->claims[ca->claim_count]))
			return refuse(build, ca->where,
			    "claims: write \"misissued 2015-01-01 2016-01-01 1647\": "
			    "issued, misissued, serious or failed.CHECK (behind "
			    "\"seen.\" by the day of signing), from, until, how many, "
			    "and a tolerance as 5% where there is one");
	return true;
}

static bool
build_holidays(struct build *build, struct conf_ca *ca, const struct conf_list *days)
{
	int64_t at_s;

	ca->holidays = arena_zero(build->arena, days->count, sizeof(*ca->holidays));
	for (size_t i = 0; i < days->count; i++) {
		if (!date(days->items[i], &at_s))
			return refuse(build, ca->where,
			    "holidays: write \"2016-02-08\", a date for each day");
		ca->holidays[ca->holiday_count++] = at_s / 86400 - (at_s % 86400 < 0);
	}
	return true;
}

static bool
build_ca_dates(struct build *build, struct conf_ca_lists *lists)
{
	struct conf_ca *ca = &lists->ca;

	ca->distrust =
	    arena_zero(build->arena, lists->distrust.count, sizeof(*ca->distrust));
	for (; ca->distrust_count < lists->distrust.count; ca->distrust_count++)
		if (!distrust_parse(build, lists->distrust.items[ca->distrust_count],
			&ca->distrust[ca->distrust_count]))
			return refuse(build, ca->where,
			    "distrust: write \"Mozilla nb 2016-10-21\": program, nb, sct "
			    "or logged, "
			    "date");
	ca->commitments =
	    arena_zero(build->arena, lists->commitments.count, sizeof(*ca->commitments));
	for (; ca->commitment_count < lists->commitments.count; ca->commitment_count++)
		if (!commitment_parse(build,
			lists->commitments.items[ca->commitment_count],
			&ca->commitments[ca->commitment_count]))
			return refuse(build, ca->where,
			    "commitments: write \"embedded-sct 2016-07-05\", with a "
			    "second date where "
			    "it ended");
	return build_programs(build, ca, &lists->programs) &&
	    build_holidays(build, ca, &lists->holidays) &&
	    build_claims(build, ca, &lists->claims);
}

static bool
build_ca(struct build *build, cfg_t *block, void *out)
{
	struct conf_ca_lists lists = {0};
	struct conf_ca *ca = &lists.ca;

	ca->name = title(build, block);
	ca->where = parse_where(block, build->arena);
	if (!fill(build, block, "ca", &lists))
		return false;
	if (ca->spki.count + ca->certificates.count + ca->subjects.count +
		ca->organizations.count ==
	    0)
		return refuse(build, ca->where,
		    "nothing says which CA it is; write spki, certificates, subject or "
		    "organization");
	if (!check_hashes(build, ca, "spki", &ca->spki) ||
	    !check_hashes(build, ca, "announced", &ca->announced) ||
	    !build_ca_dates(build, &lists))
		return false;
	*(struct conf_ca *)out = *ca;
	return true;
}

/* --- sinks -------------------------------------------------------------------------- */

static bool
build_syslog(struct build *build, cfg_t *block, void *out)
{
	struct conf_syslog *syslog = out;

	syslog->sink.name = title(build, block);
	syslog->sink.where = parse_where(block, build->arena);
	return fill(build, block, "syslog", syslog);
}

static bool
build_webhook(struct build *build, cfg_t *block, void *out)
{
	struct conf_webhook *webhook = out;

	webhook->sink.name = title(build, block);
	webhook->sink.where = parse_where(block, build->arena);
	return fill(build, block, "webhook", webhook) &&
	    (webhook->url != NULL ||
		missing(build, webhook->sink.where, "webhook", "url"));
}

/* The outbox names sinks, so no syslog block may bear a webhook's name. */
static bool
check_sink_names(struct build *build)
{
	const struct conf *conf = build->conf;

	for (size_t i = 0; i < conf->syslog_count; i++)
		for (size_t j = 0; j < conf->webhook_count; j++)
			if (strcmp(conf->syslogs[i].sink.name,
				conf->webhooks[j].sink.name) == 0)
				return refuse(build, conf->webhooks[j].sink.where,
				    "a syslog block has this name; give each sink a name "
				    "of its own");
	return true;
}

/* --- the whole ------------------------------------------------------------------------
 */

typedef bool build_block_fn(struct build *, cfg_t *block, void *out);

/* Every block of a section, appended to an array with room for them. */
static bool
append_blocks(struct build *build, const char *section, size_t size, build_block_fn *one,
    void *array, size_t *count)
{
	cfg_opt_t *opt = find(build->root, section);

	for (size_t i = 0; i < opt->nvalues; i++)
		if (!one(build, opt->values[i]->section,
			(char *)array + (*count)++ * size))
			return false;
	return true;
}

/* Every block of a section as a new array; NULL on failure. */
static void *
blocks(struct build *build, const char *section, size_t size, build_block_fn *one,
    size_t *count)
{
	void *array = arena_zero(build->arena, find(build->root, section)->nvalues, size);

	return append_blocks(build, section, size, one, array, count) ? array : NULL;
}

static bool
build_checks(struct build *build)
{
	struct conf_checks *checks = &build->conf->checks;
	cfg_opt_t *opt = find(build->root, "checks");
	cfg_opt_t none[] = {CFG_END()};
	cfg_t empty = {.opts = none};

	if (opt->nvalues == 0)
		return fill(build, &empty, "checks", checks);
	checks->where = parse_where(opt->values[0]->section, build->arena);
	if (opt->nvalues > 1)
		return refuse(build, parse_where(opt->values[1]->section, build->arena),
		    "a second checks block; write all of it into one");
	return fill(build, opt->values[0]->section, "checks", checks);
}

static void
build_places(struct build *build)
{
	struct conf *conf = build->conf;

	if (conf->database == NULL) {
		struct buf path;

		buf_init(&path, 8192);
		buf_append_format(&path, "%s/ctwarden.db", conf->state_dir);
		conf->database =
		    (const char *)arena_copy(build->arena, buf_bytes(&path)).data;
		buf_free(&path);
	}
}

static bool
build_watched(struct build *build)
{
	struct conf *conf = build->conf;
	size_t count =
	    find(build->root, "domain")->nvalues + find(build->root, "domains")->nvalues;

	conf->domains = arena_zero(build->arena, count, sizeof(*conf->domains));
	conf->cas = blocks(build, "ca", sizeof(*conf->cas), build_ca, &conf->ca_count);
	return conf->cas != NULL &&
	    append_blocks(build, "domain", sizeof(*conf->domains), build_domain,
		conf->domains, &conf->domains_count) &&
	    append_blocks(build, "domains", sizeof(*conf->domains), build_domains,
		conf->domains, &conf->domains_count);
}

static bool
build_logs(struct build *build)
{
	struct conf *conf = build->conf;

	conf->log_lists = blocks(build, "log_list", sizeof(*conf->log_lists),
	    build_log_list, &conf->log_list_count);
	if (conf->log_lists == NULL)
		return false;
	conf->operators = blocks(build, "operator", sizeof(*conf->operators),
	    build_operator, &conf->operator_count);
	if (conf->operators == NULL)
		return false;
	conf->logs =
	    blocks(build, "log", sizeof(*conf->logs), build_log, &conf->log_count);
	return conf->logs != NULL;
}

static bool
build_sinks(struct build *build)
{
	struct conf *conf = build->conf;

	conf->syslogs = blocks(
	    build, "syslog", sizeof(*conf->syslogs), build_syslog, &conf->syslog_count);
	if (conf->syslogs == NULL)
		return false;
	conf->webhooks = blocks(build, "webhook", sizeof(*conf->webhooks), build_webhook,
	    &conf->webhook_count);
	return conf->webhooks != NULL && check_sink_names(build);
}

bool
build_conf(cfg_t *root, struct conf *conf, bool from_memory, struct err *err)
{
	struct build build = {root, conf, &conf->arena, from_memory, err};

	if (!fill(&build, root, "", conf))
		return false;
	build_places(&build);
	return build_logs(&build) && build_watched(&build) && build_checks(&build) &&
	    build_sinks(&build);
}
