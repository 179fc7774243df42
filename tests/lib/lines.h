/*
 * lines - commands over a Unix socket: one line there, lines back, the last of
 * which is "ok" or "error: ...". How scripts steer the tools of the test tree.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct lines;

/* Does one command; said becomes the reply's lines before the last. Called from
 * the server's own thread. */
typedef bool lines_fn(void *owner, char *line, struct buf *said, struct err *);

/* Replaces a socket that stood at path. */
struct lines *lines_new(const char *path, lines_fn *, void *owner, struct err *);
void lines_free(struct lines *); /* removes the socket */

/* The other side: tells the server at path one line and prints what it says.
 * False, with the error printed, when it does not end in "ok". */
bool lines_tell(const char *path, const char *line);
