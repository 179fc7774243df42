/*
 * mem - allocation that cannot fail.
 *
 * Sizes that come from outside are bounded before they get here, so running
 * out of memory is no input error: the process says so and ends, and the next
 * start goes on from the last transaction. Only this module calls malloc.
 */
#pragma once
#include <stddef.h>

void *mem_alloc(size_t size);              /* not cleared */
void *mem_zero(size_t count, size_t size); /* cleared */
void *mem_resize(void *old, size_t count, size_t size);
char *mem_text(const char *text);             /* a copy; NULL stays NULL */
void *mem_copy(const void *data, size_t len); /* a copy with a NUL behind it */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mem_free(void *); /* NULL is fine */
