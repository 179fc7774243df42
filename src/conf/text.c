#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "conf/conf_priv.h"

#define BRACES_MAX   8    /* deeper than the grammar goes */
#define NAME_MAX_LEN 1000 /* a DNS name has 253; IDN in UTF-8 is longer */

const char *
text_path_beside(const char *file, const char *path, struct arena *arena)
{
	const char *slash = strrchr(file, '/');
	size_t folder = slash == NULL || path[0] == '/' ? 0 : (size_t)(slash - file) + 1;
	size_t len = strlen(path);
	char *out = arena_alloc(arena, folder + len + 1);

	memcpy(out, file, folder);
	memcpy(out + folder, path, len + 1);
	return out;
}

static bool
read_all(FILE *file, struct buf *out, struct err *err)
{
	struct stat info;
	uint8_t *into;
	size_t len;

	if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode))
		return err_set(err, ERR_CONFIG, "is no regular file");
	if ((uint64_t)info.st_size > CONF_FILE_MAX)
		return err_set(
		    err, ERR_CONFIG, "is larger than %zu MB", CONF_FILE_MAX >> 20);
	/* It may have changed since: what was read counts. */
	into = buf_extend(out, (size_t)info.st_size);
	len = into == NULL ? 0 : fread(into, 1, (size_t)info.st_size, file);
	if (ferror(file))
		return err_set(err, ERR_CONFIG, "cannot be read: %s", strerror(errno));
	out->len = len;
	return true;
}

bool
text_read(const char *path, struct buf *out, struct err *err)
{
	FILE *file = fopen(path, "rbe");
	bool ok;

	buf_clear(out);
	if (file == NULL)
		return err_set(err, ERR_CONFIG, "cannot be opened: %s", strerror(errno));
	ok = read_all(file, out, err);
	fclose(file);
	return ok;
}

/* The length of a comment that begins here, without the newline that ends a
 * line's; 0: none begins here. */
static size_t
comment_len(const char *text, size_t len)
{
	const char *end;

	if (text[0] == '#' || (len >= 2 && text[0] == '/' && text[1] == '/')) {
		end = memchr(text, '\n', len);
		return end == NULL ? len : (size_t)(end - text);
	}
	if (len >= 2 && text[0] == '/' && text[1] == '*') {
		end = memmem(text + 2, len - 2, "*/", 2);
		return end == NULL ? len : (size_t)(end - text) + 2;
	}
	return 0;
}

/* The length of a quoted string that begins here, both quotes included. */
static size_t
quoted_len(const char *text, size_t len)
{
	size_t at = 1;

	if (text[0] != '"' && text[0] != '\'')
		return 0;
	while (at < len && text[at] != text[0])
		at += text[at] == '\\' ? 2 : 1;
	return at < len ? at + 1 : len;
}

static int
line_of(const char *text, size_t at)
{
	int line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

static bool
left_open(
    const char *name, const char *text, size_t at, const char *what, struct err *err)
{
	err_set(err, ERR_CONFIG, "this %s is not closed", what);
	return conf_wrap(err, (struct conf_where){name, line_of(text, at)});
}

bool
text_prepare(const char *name, char *text, size_t len, struct err *err)
{
	size_t open[BRACES_MAX], depth = 0;

	for (size_t at = 0; at < len; at++) {
		size_t quoted = quoted_len(text + at, len - at);
		size_t comment = comment_len(text + at, len - at);

		if (quoted > 0 && (quoted == 1 || text[at + quoted - 1] != text[at]))
			return left_open(name, text, at, "quote", err);
		if (comment > 0 && text[at + 1] == '*' &&
		    (comment < 4 || text[at + comment - 1] != '/'))
			return left_open(name, text, at, "comment", err);
		for (size_t i = at; i < at + comment; i++)
			if (text[i] != '\n')
				text[i] = ' ';
		if (text[at] == '{' && depth < BRACES_MAX)
			open[depth++] = at;
		else if (text[at] == '}' && depth > 0)
			depth--;
		at += quoted + comment == 0 ? 0 : quoted + comment - 1;
	}
	return depth == 0 || left_open(name, text, open[0], "brace", err);
}

/* The name on a line, without blanks and what follows a #; may be empty. */
static struct bytes
line_name(struct bytes line)
{
	const uint8_t *hash = memchr(line.data, '#', line.len);

	if (hash != NULL)
		line.len = (size_t)(hash - line.data);
	while (line.len > 0 && strchr(" \t\r", line.data[line.len - 1]) != NULL)
		line.len--;
	while (line.len > 0 && strchr(" \t", line.data[0]) != NULL)
		line = bytes_of(line.data + 1, line.len - 1);
	return line;
}

static bool
check_name(struct bytes name, struct err *err)
{
	if (name.len > NAME_MAX_LEN)
		return err_set(
		    err, ERR_CONFIG, "a name of %zu bytes; one name a line", name.len);
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] <= ' ')
			return err_set(
			    err, ERR_CONFIG, "a blank inside a name; one name a line");
	return true;
}

static bool
split_names(
    struct conf_domains *domains, struct bytes rest, struct arena *arena, struct err *err)
{
	for (int number = 1; rest.len > 0; number++) {
		const uint8_t *end = memchr(rest.data, '\n', rest.len);
		size_t len = end == NULL ? rest.len : (size_t)(end - rest.data);
		struct bytes name = line_name(bytes_of(rest.data, len));
		struct conf_where where = {domains->file, number};

		if (!check_name(name, err))
			return conf_wrap(err, where);
		if (name.len > 0)
			domains->names[domains->count++] = (struct conf_name){
			    .text = (const char *)arena_copy(arena, name).data,
			    .line = number,
			};
		len += end != NULL;
		rest = bytes_of(rest.data + len, rest.len - len);
	}
	return true;
}

bool
text_names(struct conf_domains *domains, struct arena *arena, struct err *err)
{
	struct buf text;
	size_t lines = 1;
	bool ok;

	buf_init(&text, CONF_FILE_MAX);
	ok = text_read(domains->file, &text, err) ||
	    err_wrap(err, "file: %s", domains->file) || conf_wrap(err, domains->where);
	if (ok) {
		for (size_t i = 0; i < text.len; i++)
			lines += text.data[i] == '\n';
		domains->names = arena_zero(arena, lines, sizeof(*domains->names));
		ok = split_names(domains, buf_bytes(&text), arena, err);
	}
	buf_free(&text);
	return ok;
}
