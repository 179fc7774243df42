/*
 * jsonget - members of JSON objects on standard input, one object a line or
 * one in all: "jsonget findings.0.check level" prints them with a tab between,
 * a line for each object. "PATH#" is how many PATH holds. Fails on what is no
 * JSON.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *
step(const json_t *value, const char *name, size_t len)
{
	char key[256];

	snprintf(key, sizeof(key), "%.*s", (int)len, name);
	return json_is_array(value) ? json_array_get(value, strtoul(key, NULL, 10))
				    : json_object_get(value, key);
}

static void
print(const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		fputs(json_string_value(value), stdout);
		return;
	}
	text = value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	fputs(text != NULL ? text : "", stdout);
	free(text);
}

static void
print_path(const json_t *value, const char *path)
{
	while (path[0] != '\0' && path[0] != '#') {
		size_t len = strcspn(path, ".#");

		value = step(value, path, len);
		path += len + (path[len] == '.');
	}
	if (path[0] == '#')
		printf("%zu",
		    json_is_array(value) ? json_array_size(value)
					 : json_object_size(value));
	else
		print(value);
}

int
main(int argc, char **argv)
{
	json_error_t why;
	json_t *value;

	while ((value = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, &why)) != NULL) {
		for (int i = 1; i < argc; i++) {
			if (i > 1)
				putchar('\t');
			print_path(value, argv[i]);
		}
		putchar('\n');
		json_decref(value);
	}
	/* Nothing behind the last object is its end, half an object is not. */
	if (json_error_code(&why) == json_error_premature_end_of_input &&
	    strncmp(why.text, "'[' or '{'", 10) == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "jsonget: %s\n", why.text);
	return EXIT_FAILURE;
}
