#include "crypto/failed.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

bool
crypto_failed(struct err *err, enum err_code code, const char *format, ...)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());
	va_list args;
	size_t len;

	ERR_clear_error();
	if (err == NULL)
		return false;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	len = strlen(err->text);
	if (reason != NULL)
		snprintf(err->text + len, sizeof(err->text) - len, ": %s", reason);
	return false;
}

void
crypto_forget(void)
{
	ERR_clear_error();
}
