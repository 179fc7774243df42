/* Lists for lint, named on the command line. */
#include <stdio.h>

#include "check/data.h"
#include "cli/cli_priv.h"

#define DATA_MAX ((size_t)256 << 20)
#define PIECE    65536

static bool
read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rb");
	size_t len = PIECE;
	uint8_t *at;

	if (file == NULL)
		return false;
	while (len == PIECE && (at = buf_extend(out, PIECE)) != NULL) {
		len = fread(at, 1, PIECE, file);
		out->len -= PIECE - len;
	}
	fclose(file);
	return !out->failed;
}

static enum cli_exit
take(struct check_params *params, struct arena *arena, char *item)
{
	enum cli_exit status = CLI_FOUND;
	char *path = strchr(item, '=');
	enum check_data_kind kind;
	struct buf text;
	struct err err;

	if (path != NULL)
		*path++ = '\0';
	if (path == NULL || !check_data_kind(item, &kind))
		return cli_fail(CLI_USAGE,
		    "--data: write psl=FILE, tlds=, countries=, blocks=, tenants=, "
		    "weak-keys= or blocked-keys=FILE, not \"%s\"",
		    item);
	buf_init(&text, DATA_MAX);
	if (!read_file(path, &text))
		status = cli_fail(CLI_TROUBLE, "--data: %s: cannot be read", path);
	else if (!check_data_parse(params, kind, buf_bytes(&text), arena, &err))
		status = cli_fail(CLI_TROUBLE, "--data: %s: %s", path, err.text);
	buf_free(&text);
	return status;
}

enum cli_exit
cli_data(const char *list, struct check_params *params, struct arena *arena)
{
	char *copy = (char *)(uintptr_t)arena_copy(arena, bytes_text(list)).data, *item;
	enum cli_exit status = CLI_FOUND;

	while (status == CLI_FOUND && (item = strsep(&copy, ",")) != NULL)
		status = take(params, arena, item);
	return status;
}
