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
