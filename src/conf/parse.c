/*
 * The file's text to libconfuse's tree. libconfuse keeps its lexer in globals
 * and hands no owner to its callbacks, hence the one thread-local pointer: one
 * configuration is read at a time, by the loop's thread.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "conf/conf_priv.h"

/* No option that an operator can write without quotes has a blank. */
#define LINE_OPTION "block line"

struct parse {
	struct conf *conf;
	struct err *err;
	bool from_memory;
	const char *files[CONF_FILES_MAX]; /* that were included: read after the first */
	size_t count;
};

static _Thread_local struct parse *parsing;

static struct conf_where
here(const cfg_t *cfg)
{
	return (struct conf_where){
	    cfg->filename != NULL ? cfg->filename : "?", cfg->line};
}

bool
conf_wrap(struct err *err, struct conf_where where)
{
	return err_wrap(err, "%s:%d", where.file, where.line);
}

/* --- libconfuse's own complaints, with a remedy ----------------------------- */

static const char *
remedy(const cfg_t *cfg, const char *complaint, char *out, size_t room)
{
	static const char *const REMEDIES[][2] = {
	    {"premature end of file", "the last line is not complete"},
	    {"unexpected closing brace", "one brace too many"},
	    {"missing title", "write the block's name in quotes before the brace"},
	    {"missing opening brace", "write { behind the block's name"},
	    {"missing equal sign", "write NAME = VALUE"},
	    {"found duplicate title", "give each block a name of its own"},
	    {"attempt to append", "write = instead of +="},
	    {"unexpected token",
		"a value, a comma or a closing brace is missing before it"},
	};
	char typed[64];

	if (sscanf(complaint, "no such option '%63[^']", typed) == 1) {
		bool top = strcmp(cfg->name, "root") == 0;
		const char *near = option_near(top ? "" : cfg->name, typed);

		if (near == NULL)
			return "ctwarden.conf(5) lists them";
		snprintf(out, room, "is %s meant?", near);
		return out;
	}
	for (size_t i = 0; i < ARRAY_LEN(REMEDIES); i++)
		if (strncmp(complaint, REMEDIES[i][0], strlen(REMEDIES[i][0])) == 0)
			return REMEDIES[i][1];
	return "see ctwarden.conf(5)";
}

static void PRINTF_LIKE(2, 0) on_error(cfg_t *cfg, const char *format, va_list args)
{
	char complaint[160], with[64];
	struct buf safe;

	if (parsing->err->code != ERR_NONE) /* the first one counts */
		return;
	vsnprintf(complaint, sizeof(complaint), format, args);
	buf_init(&safe, 1024);
	text_append_safe(&safe, bytes_text(complaint), 120);
	err_set(parsing->err, ERR_CONFIG, "%s; %s", buf_text(&safe),
	    remedy(cfg, complaint, with, sizeof(with)));
	conf_wrap(parsing->err, here(cfg));
	buf_free(&safe);
}

/* --- includes ----------------------------------------------------------------- */

static bool
refuse_include(const char *path, const char *what)
{
	return err_set(parsing->err, ERR_CONFIG, "include: %.100s: %s", path, what);
}

/* Only notes the files: libconfuse's own include keeps a stack of them, which
 * an error leaves behind. */
static bool
note_include(const char *pattern)
{
	glob_t found;
	bool ok = true;

	if (parsing->from_memory)
		return refuse_include(pattern, "not possible here");
	/* A pattern may match nothing, a plain path has to be there. */
	if (glob(pattern, 0, NULL, &found) != 0)
		return strpbrk(pattern, "*?[") != NULL ||
		    refuse_include(pattern, "there is no such file");
	for (size_t i = 0; i < found.gl_pathc && ok; i++) {
		const char *path = found.gl_pathv[i];

		if (parsing->count == CONF_FILES_MAX)
			ok = refuse_include(
			    path, "the 101st file; does one include itself?");
		else
			parsing->files[parsing->count++] = (const char *)arena_copy(
			    &parsing->conf->arena, bytes_text(path))
							       .data;
	}
	globfree(&found);
	return ok;
}

/* --- values, checked while the line is known -------------------------------- */

/* libconfuse takes "log=NAME|poll" = 5 outside of the block, we do not. */
static bool
stands_in(const cfg_t *block, const cfg_opt_t *opt)
{
	for (const cfg_opt_t *one = block->opts; one->name != NULL; one++)
		if (one == opt)
			return true;
	return false;
}

/* One value, without its place. *text becomes what the tree keeps: relative
 * paths are made whole here, where the file they stand in is known. */
static bool
check_value(const cfg_t *cfg, const struct conf_option *option, const char **text)
{
	/* As large as any section's struct, of which one field is tried out. */
	union {
		struct conf conf;
		struct conf_log_list log_list;
		struct conf_ca_lists ca;
		struct conf_webhook webhook;
	} scratch;
	struct arena *arena = &parsing->conf->arena;

	if ((option->type == CONF_PATH || option->type == CONF_PATHS) &&
	    (*text)[0] != '\0' && cfg->filename != NULL)
		*text = text_path_beside(cfg->filename, *text, arena);
	if (option->type != CONF_LIST && option->type != CONF_PATHS)
		return value_parse(option, *text, &scratch, arena, parsing->err);
	return value_check_item(option, *text, parsing->err) &&
	    (strcmp(option->name, "include") != 0 || note_include(*text));
}

static int
on_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
	const char *section = strcmp(cfg->name, "root") == 0 ? "" : cfg->name;
	const struct conf_option *option = option_find(section, opt->name);

	if (!stands_in(cfg, opt) || option == NULL)
		err_set(
		    parsing->err, ERR_CONFIG, "%s: write it inside its block", opt->name);
	else if (check_value(cfg, option, &text)) {
		*(const char **)result = text;
		return 0;
	}
	conf_wrap(parsing->err, here(cfg));
	return -1;
}

/* libconfuse fills a block's defaults just when the block begins: this one's
 * default is the line it begins at. */
static int
on_block_line(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
	char line[16];

	(void)opt;
	(void)text;
	snprintf(line, sizeof(line), "%d", cfg->line);
	*(const char **)result =
	    (const char *)arena_copy(&parsing->conf->arena, bytes_text(line)).data;
	return 0;
}

struct conf_where
parse_where(cfg_t *block, struct arena *arena)
{
	const char *line = cfg_getnstr(block, LINE_OPTION, 0);

	return (struct conf_where){
	    .file = (const char *)arena_copy(arena, bytes_text(block->filename)).data,
	    .line = line == NULL ? 0 : (int)strtol(line, NULL, 10),
	};
}

/* --- the grammar, from the table of options ------------------------------------ */

static const struct {
	const char *name;
	cfg_flag_t flags;
} SECTIONS[] = {
    {"log_list", CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES},
    {"operator", CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES},
    {"log", CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES},
    {"domain", CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES},
    {"domains", CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES},
    {"ca", CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES},
    {"checks", CFGF_MULTI},
    {"syslog", CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES},
    {"webhook", CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES},
};

/* The options of one section, ended as libconfuse wants it. more: room for so
 * many more in front. In the arena. */
static cfg_opt_t *
grammar(const char *section, size_t more, struct arena *arena)
{
	static char default_line[] = "{1}"; /* read by on_block_line(), never used */
	size_t count, used = more;
	const struct conf_option *options = conf_options(&count);
	cfg_opt_t *out = arena_zero(arena, count + more + 2, sizeof(*out));

	if (section[0] != '\0')
		out[used++] = (cfg_opt_t)CFG_STR_LIST_CB(
		    LINE_OPTION, default_line, CFGF_NONE, on_block_line);
	for (size_t i = 0; i < count; i++) {
		bool list = options[i].type == CONF_LIST || options[i].type == CONF_PATHS;

		if (strcmp(options[i].section, section) == 0)
			out[used++] = list ? (cfg_opt_t)CFG_STR_LIST_CB(options[i].name,
						 NULL, CFGF_NONE, on_value)
					   : (cfg_opt_t)CFG_STR_CB(options[i].name, NULL,
						 CFGF_NONE, on_value);
	}
	out[used] = (cfg_opt_t)CFG_END();
	return out;
}

static cfg_t *
root_new(struct arena *arena)
{
	cfg_opt_t *top = grammar("", ARRAY_LEN(SECTIONS), arena);
	cfg_t *root;

	for (size_t i = 0; i < ARRAY_LEN(SECTIONS); i++)
		top[i] = (cfg_opt_t)CFG_SEC(SECTIONS[i].name,
		    grammar(SECTIONS[i].name, 0, arena), SECTIONS[i].flags);
	root = cfg_init(top, CFGF_NONE);
	cfg_set_error_function(root, on_error);
	return root;
}

/* --- reading -------------------------------------------------------------------- */

static bool
parse_text(cfg_t *root, const char *name, char *text, size_t len, struct err *err)
{
	FILE *file;
	int result;

	if (len == 0)
		return true;
	if (!text_prepare(name, text, len, err))
		return false;
	mem_free(root->filename); /* libconfuse frees it with free(), as mem_free does */
	root->filename = mem_text(name);
	file = fmemopen(text, len, "r");
	if (file == NULL)
		return err_set(err, ERR_SYSTEM, "%s: cannot be read from memory", name);
	result = cfg_parse_fp(root, file);
	fclose(file);
	if (result == CFG_SUCCESS)
		return true;
	if (err->code == ERR_NONE)
		err_set(err, ERR_CONFIG,
		    "%s:%d: cannot be understood; see ctwarden.conf(5)", name,
		    root->line);
	return false;
}

static bool
parse_file(cfg_t *root, const char *path, struct err *err)
{
	struct buf text;
	bool ok;

	buf_init(&text, CONF_FILE_MAX);
	ok = text_read(path, &text, err) || err_wrap(err, "%s", path);
	if (ok)
		ok = parse_text(root, path, (char *)text.data, text.len, err);
	buf_free(&text);
	return ok;
}

/* text is NULL: the file named. */
static bool
load(const char *name, struct bytes *text, struct conf *conf, struct err *err)
{
	struct err ours = {0};
	struct parse parse = {.conf = conf, .err = &ours, .from_memory = text != NULL};
	cfg_t *root;
	bool ok;

	*conf = (struct conf){0};
	arena_init(&conf->arena);
	arena_init(&conf->names);
	conf->file = (const char *)arena_copy(&conf->arena, bytes_text(name)).data;
	parsing = &parse;
	root = root_new(&conf->arena);
	if (text != NULL) {
		char *copy = mem_copy(text->data, text->len);

		ok = parse_text(root, name, copy, text->len, &ours);
		mem_free(copy);
	} else {
		ok = parse_file(root, name, &ours);
	}
	for (size_t i = 0; ok && i < parse.count; i++)
		ok = parse_file(root, parse.files[i], &ours);
	ok = ok && build_conf(root, conf, text != NULL, &ours);
	conf->include = (struct conf_list){
	    .items = arena_zero(&conf->arena, parse.count, sizeof(*conf->include.items)),
	    .count = parse.count,
	};
	if (parse.count > 0)
		memcpy(
		    conf->include.items, parse.files, parse.count * sizeof(*parse.files));
	cfg_free(root);
	parsing = NULL;
	if (ok)
		return true;
	conf_free(conf);
	if (err != NULL)
		*err = ours;
	return false;
}

bool
conf_load(const char *path, struct conf *conf, struct err *err)
{
	return load(path, NULL, conf, err);
}

bool
conf_parse(struct bytes text, const char *name, struct conf *conf, struct err *err)
{
	return load(name, &text, conf, err);
}

void
conf_free(struct conf *conf)
{
	arena_free(&conf->arena);
	arena_free(&conf->names);
	*conf = (struct conf){0};
}

void
conf_forget_names(struct conf *conf)
{
	for (size_t i = 0; i < conf->domains_count; i++) {
		conf->domains[i].names = NULL;
		conf->domains[i].count = 0;
	}
	arena_free(&conf->names);
}
