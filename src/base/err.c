#include "base/err.h"

#include <stdio.h>
#include <string.h>

void
err_fill(struct err *err, enum err_code code, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
}

void
err_prefix(struct err *err, const char *format, ...)
{
	char before[sizeof(err->text)];
	va_list args;
	size_t len;

	if (err == NULL)
		return;
	memcpy(before, err->text, sizeof(before));
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", before);
}

const char *
err_code_name(enum err_code code)
{
	static const char *const NAMES[] = {
	    [ERR_NONE] = "none",
	    [ERR_PARSE] = "parse",
	    [ERR_LIMIT] = "limit",
	    [ERR_VERIFY] = "verify",
	    [ERR_REMOTE] = "remote",
	    [ERR_NOT_FOUND] = "not found",
	    [ERR_STORE] = "store",
	    [ERR_FULL] = "full",
	    [ERR_CONFIG] = "config",
	    [ERR_CRYPTO] = "crypto",
	    [ERR_SYSTEM] = "system",
	};

	return (size_t)code < ARRAY_LEN(NAMES) ? NAMES[code] : "unknown";
}
