/*
 * ctwarden evidence: a folder of what an event or a finding rests on. ctwarden
 * verify: such a folder, held against itself.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/cli_priv.h"
#include "conf/conf.h"
#include "evidence/verify.h"
#include "evidence/write.h"
#include "store/store.h"

/* --- evidence ------------------------------------------------------------------------
 */

static enum cli_exit
wrote(const struct cli *cli, const char *dir, size_t files)
{
	struct buf out;
	struct json json;

	buf_init(&out, 65536);
	if (cli->json) {
		json_init(&json, &out);
		json_begin_object(&json, NULL);
		json_put_text(&json, "folder", dir);
		json_put_number(&json, "files", (int64_t)files);
		json_end_object(&json);
		buf_append_u8(&out, '\n');
	} else {
		buf_append_format(&out,
		    "%s: %zu files; anybody can check them with: ctwarden verify %s\n",
		    dir, files, dir);
	}
	cli_write(NULL, buf_bytes(&out));
	buf_free(&out);
	return CLI_FOUND;
}

static enum cli_exit
write_folder(const struct cli *cli, struct bytes id, const char *dir)
{
	struct conf conf = {0};
	struct store *store = NULL;
	struct err err = {0};
	size_t files = 0;
	enum cli_exit status;

	if (conf_load(cli->config, &conf, &err))
		store = store_open(
		    &(struct store_options){.path = conf.database, .read_only = true},
		    &err);
	if (store == NULL)
		status = cli_fail(CLI_TROUBLE, "%s", err.text);
	else if (evidence_write(store, id, dir, &files, &err))
		status = wrote(cli, dir, files);
	else
		status = cli_fail(err.code == ERR_NOT_FOUND ? CLI_NOTHING
			: err.code == ERR_CONFIG            ? CLI_USAGE
							    : CLI_TROUBLE,
		    "%s", err.text);
	store_close(store);
	conf_free(&conf);
	return status;
}

enum cli_exit
cli_evidence(struct cli *cli)
{
	const char *dir = NULL;
	const struct cli_flag flags[] = {{"-o", .value = &dir}};
	uint8_t id[STORE_ID_LEN];
	char name[64];

	if (!cli_flags(cli, flags, ARRAY_LEN(flags)))
		return CLI_USAGE;
	if (cli->count != 1)
		return cli_usage(cli);
	if (strlen(cli->words[0]) != 2 * sizeof(id) ||
	    !hex_parse(cli->words[0], id, sizeof(id)))
		return cli_fail(CLI_USAGE,
		    "the id of an event, a finding or an alert has %zu hexadecimal "
		    "digits",
		    2 * sizeof(id));
	snprintf(name, sizeof(name), "evidence-%.32s", cli->words[0]);
	return write_folder(cli, bytes_of(id, sizeof(id)), dir != NULL ? dir : name);
}

/* --- verify --------------------------------------------------------------------------
 */

static const char *
word_of(const struct evidence_verdict *verdict)
{
	return !verdict->holds ? "fails" : verdict->witnessed ? "witnessed" : "holds";
}

static void
on_verdict(void *owner, const struct evidence_verdict *verdict)
{
	const struct cli *cli = owner;
	struct buf out;
	struct json json;

	buf_init(&out, 65536);
	if (cli->json) {
		json_init(&json, &out);
		json_begin_object(&json, NULL);
		json_put_text(&json, "claim", verdict->claim);
		json_put_text(&json, "verdict", word_of(verdict));
		json_put_safe(&json, "text", bytes_text(verdict->text), 1024);
		json_end_object(&json);
	} else {
		buf_append_format(
		    &out, "%-9s  %-13s  ", word_of(verdict), verdict->claim);
		text_append_safe(&out, bytes_text(verdict->text), 1024);
	}
	buf_append_u8(&out, '\n');
	cli_write(NULL, buf_bytes(&out));
	buf_free(&out);
}

enum cli_exit
cli_verify(struct cli *cli)
{
	struct err err = {0};
	bool holds;

	if (!cli_flags(cli, NULL, 0))
		return CLI_USAGE;
	if (cli->count != 1)
		return cli_usage(cli);
	if (!evidence_verify(cli->words[0], on_verdict, cli, &holds, &err))
		return cli_fail(CLI_TROUBLE, "%s", err.text);
	return holds ? CLI_FOUND
		     : cli_fail(CLI_NOTHING, "%s proves nothing: not all of it holds",
			   cli->words[0]);
}
