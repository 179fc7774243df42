#include <stdio.h>
#include <string.h>

#include "alert/sink.h"

static const struct sink_kind *const KINDS[] = {&SINK_SYSLOG, &SINK_WEBHOOK};

const struct sink_kind *
sink_kind_find(const char *name, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(KINDS); i++)
		if (strcmp(KINDS[i]->name, name) == 0)
			return KINDS[i];
	err_set(err, ERR_CONFIG,
	    "no sink is of kind \"%s\"; there are syslog and webhook", name);
	return NULL;
}

bool
alert_sink_check(const struct alert_sink_options *options, struct err *err)
{
	const struct sink_kind *kind = sink_kind_find(options->kind, err);
	void *sink = kind != NULL ? kind->open(options, NULL, err) : NULL;

	if (sink == NULL)
		return false;
	kind->close(sink);
	return true;
}

#define FILE_MOST ((size_t)4 * 1024 * 1024) /* of a file that counts */

static void
add_file(struct sha256_stream *stream, const char *path)
{
	FILE *file = path != NULL ? fopen(path, "rbe") : NULL;
	uint8_t data[4096];
	size_t got, all = 0;

	while (file != NULL && all < FILE_MOST &&
	    (got = fread(data, 1, sizeof(data), file)) > 0) {
		sha256_stream_add(stream, bytes_of(data, got));
		all += got;
	}
	if (file != NULL)
		fclose(file);
	put_be64(data, all);
	sha256_stream_add(stream, bytes_of(data, 8));
}

void
sink_files_digest(const struct alert_sink_options *options, struct sha256 *out)
{
	struct sha256_stream *stream = sha256_stream_new();

	add_file(stream, options->secret_file);
	add_file(stream, options->ca_file);
	sha256_stream_end(stream, out);
	sha256_stream_free(stream);
}
