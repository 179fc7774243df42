/*
 * err - an error as a value: a code that says what to do, and one line that
 * says what went wrong.
 *
 * Low rooms fill it and never log; rooms from monitor up log once, with the
 * context they add by err_wrap().
 */
#pragma once
#include <stdarg.h>
#include <stdbool.h>

#define MUST_CHECK             __attribute__((warn_unused_result))
#define PRINTF_LIKE(nth, args) __attribute__((format(printf, nth, args)))
#define ARRAY_LEN(array)       (sizeof(array) / sizeof((array)[0]))

/* The code names the action its reader takes. */
enum err_code {
	ERR_NONE,
	ERR_PARSE,     /* refuse: the bytes break the format */
	ERR_LIMIT,     /* refuse: larger than we allow */
	ERR_VERIFY,    /* alarm: a signature, hash or proof does not hold */
	ERR_REMOTE,    /* retry: the other side or the way to it failed */
	ERR_NOT_FOUND, /* the thing asked for is not there */
	ERR_STORE,     /* stop committing: the database failed */
	ERR_FULL,      /* stop committing until there is room */
	ERR_CONFIG,    /* the operator has to change something */
	ERR_CRYPTO,    /* libcrypto refused for another reason than a bad signature */
	ERR_SYSTEM,    /* the operating system refused */
};

struct err {
	enum err_code code;
	char text[256];
};

/*
 * bool err_set(struct err *, enum err_code, const char *format, ...)
 *	fills err (which may be NULL) and returns false, so that a function can
 *	end with it. A longer text is cut.
 * bool err_wrap(struct err *, const char *format, ...)
 *	puts context in front: "CONTEXT: what was there". Returns false.
 *
 * Macros, so that a compiler that reads only one file knows that they are
 * false.
 */
#define err_set(...)  (err_fill(__VA_ARGS__), err_false())
#define err_wrap(...) (err_prefix(__VA_ARGS__), err_false())

void err_fill(struct err *err, enum err_code code, const char *format, ...)
    PRINTF_LIKE(3, 4);
void err_prefix(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

static inline bool
err_false(void)
{
	return false;
}

/* "parse", "limit", ...: for logs and tests. */
const char *err_code_name(enum err_code code);
