#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
or_die(void *memory)
{
	if (memory == NULL) {
		fputs("ctwarden: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *
mem_alloc(size_t size)
{
	return or_die(malloc(size == 0 ? 1 : size));
}

void *
mem_zero(size_t count, size_t size)
{
	return or_die(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *
mem_resize(void *old, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return or_die(NULL);
	return or_die(realloc(old, count * size == 0 ? 1 : count * size));
}

char *
mem_text(const char *text)
{
	return text == NULL ? NULL : mem_copy(text, strlen(text));
}

void *
mem_copy(const void *data, size_t len)
{
	char *copy = mem_alloc(len + 1);

	if (len > 0)
		memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

char *
mem_format(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return or_die(NULL);
	text = mem_alloc((size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

void
mem_free(void *memory)
{
	free(memory);
}
