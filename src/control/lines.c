#include "control/control.h"

#include "base/buf.h"
#include "base/text.h"

static bool
parse_object(struct bytes line, struct control_line *out, struct err *err)
{
	json_error_t why;

	*out = (struct control_line){0};
	if (line.len > CONTROL_LINE_MAX)
		return err_set(err, ERR_LIMIT, "control: a line of more than %zu bytes",
		    CONTROL_LINE_MAX);
	out->whole =
	    json_loadb((const char *)line.data, line.len, JSON_REJECT_DUPLICATES, &why);
	if (out->whole == NULL)
		return err_set(err, ERR_PARSE, "control: no JSON");
	if (json_is_object(out->whole))
		return true;
	json_decref(out->whole);
	out->whole = NULL;
	return err_set(err, ERR_PARSE, "control: no JSON object");
}

bool
control_request_parse(struct bytes line, struct control_line *out, struct err *err)
{
	if (!parse_object(line, out, err))
		return false;
	out->command = json_string_value(json_object_get(out->whole, "command"));
	out->arguments = json_object_get(out->whole, "arguments");
	if (out->command != NULL && json_is_object(out->arguments))
		return true;
	json_decref(out->whole);
	*out = (struct control_line){0};
	return err_set(err, ERR_PARSE, "control: no command with its arguments");
}

/* The code of a refusal; a name that we do not know is some trouble. */
static enum err_code
code_parse(const char *name)
{
	for (int code = ERR_NONE + 1; code <= ERR_SYSTEM; code++)
		if (name != NULL && strcmp(name, err_code_name((enum err_code)code)) == 0)
			return (enum err_code)code;
	return ERR_SYSTEM;
}

/* The words go to a terminal as they are, so they are made safe here. */
static bool
refused(const json_t *whole, struct err *err)
{
	const char *words = json_string_value(json_object_get(whole, "error"));
	struct buf safe;

	buf_init(&safe, 4096);
	text_append_safe(&safe, bytes_text(words != NULL ? words : "refused"), 200);
	err_set(err, code_parse(json_string_value(json_object_get(whole, "code"))), "%s",
	    buf_text(&safe));
	buf_free(&safe);
	return false;
}

bool
control_answer_parse(struct bytes line, struct control_line *out, struct err *err)
{
	if (!parse_object(line, out, err))
		return false;
	out->progress = json_string_value(json_object_get(out->whole, "progress"));
	out->result = json_object_get(out->whole, "result");
	if (out->progress != NULL)
		return true;
	if (json_is_true(json_object_get(out->whole, "ok")) &&
	    json_is_object(out->result))
		return true;
	refused(out->whole, err);
	json_decref(out->whole);
	*out = (struct control_line){0};
	return false;
}
