/*
 * control - how ctwarden asks ctwardend to change something: a line of JSON
 * there, lines of JSON back, over an AF_UNIX socket.
 *
 *   {"command": "resend", "arguments": {"id": "9f..."}}
 *   {"progress": "..."}              any number of these, for long work
 *   {"ok": true, "result": {...}}    or {"ok": false, "code": "not_found", "error":
 * "..."}
 *
 * One request a connection. Only root and the daemon's own user are heard.
 * Knows nothing of what the commands mean.
 */
#pragma once
#include <jansson.h>

#include "base/err.h"

#define CONTROL_LINE_MAX 65536 /* bytes a request or reply line may have */

struct ev_loop;
struct control_server;
struct control_request; /* one connection with an unanswered request */

/* Called on the loop for each request that parses. arguments is borrowed and
 * always an object. The handler answers with control_reply or control_refuse,
 * now or later, exactly once. */
typedef void control_handler_fn(void *owner, const char *command, const json_t *arguments,
    struct control_request *request);

/* Listens at path, mode 0660; a socket left behind by a dead daemon is
 * replaced (the daemon holds its lock by then). NULL with err set. */
struct control_server *control_server_new(struct ev_loop *, const char *path,
    control_handler_fn *handler, void *owner, struct err *err);
/* Open requests are answered "stopping" first. */
void control_server_free(struct control_server *);

/* Takes result (NULL: an empty object). */
void control_reply(struct control_request *, json_t *result);
void control_refuse(struct control_request *, const struct err *);
void control_progress(struct control_request *, const char *text);

/* The client: sends one request and waits. Returns the result object, the
 * caller's, or NULL with err set: ERR_NOT_FOUND where nobody listens at path
 * (the daemon is stopped), otherwise the daemon's own code and words.
 * progress may be NULL. Takes arguments (NULL: an empty object). */
typedef void control_progress_fn(void *owner, const char *text);
json_t *control_call(const char *path, const char *command, json_t *arguments,
    control_progress_fn *progress, void *owner, struct err *err);

/* The protocol's lines, without I/O. */
MUST_CHECK bool control_request_parse(
    const char *line, size_t len, const char **command, json_t **whole, struct err *err);
MUST_CHECK bool control_reply_parse(const char *line, size_t len, json_t **result,
    const char **progress, json_t **whole, struct err *err);
