/*
 * control - how ctwarden asks ctwardend to change something: a line of JSON
 * there, lines of JSON back, over an AF_UNIX socket.
 *
 *   {"command": "resend", "arguments": {"id": "9f..."}}
 *   {"progress": "..."}              any number of these, for long work
 *   {"ok": true, "result": {...}}    or {"ok": false, "code": "limit", "error": "..."}
 *
 * One request a connection. Only root and the daemon's own user are heard.
 * Knows nothing of what the commands mean. ctwarden asks for:
 *
 *   status {}              {"logs": [{"log": "name", "doing": "...", "size": 0,
 *                           "next": 0, "verified": 0, "per_second": 0.5,
 *                           "left_ms": 0, "lag_ms": 0, "success_ms": 0,
 *                           "errors": 0, "error": ""}, ...],
 *                         "backfills": [the same with "from" and "to" in place
 *                           of "size", ...],
 *                         "lists": [{"list": "name", "read_ms": 0, "made_ms": -1,
 *                           "failing": false}, ...]}
 *   resend {"id": "hex"}   {"resent": 1}: every sink's row of this alert
 *   resend {"id": "all"}   {"resent": 7}: all that were given up
 *   rescan {"checks": "id id", "ca": "", "domain": "", "from_ms": 0, "to_ms": 0}
 *                          {"rescan": 3}: its number; empty and 0 are any
 *   backfill {"log": "name", "from": 0, "to": 9}
 *                          {"ranges": 1, "entries": 9}: what is not read yet
 */
#pragma once
#include <jansson.h>

#include "base/bytes.h"
#include "base/err.h"

#define CONTROL_LINE_MAX ((size_t)65536) /* bytes a line may have */

struct ev_loop;
struct control_server;
struct control_request; /* one connection with an unanswered request */

/* Called on the loop for each request that parses. arguments is borrowed and
 * always an object. The handler answers with control_reply or control_refuse,
 * now or later, exactly once; the request dies with that. */
typedef void control_handler_fn(void *owner, const char *command, const json_t *arguments,
    struct control_request *request);

/* Listens at path, mode 0660; makes the folder it lies in. A socket left
 * behind by a dead daemon is replaced (ours holds its lock by then). NULL with
 * err set. */
struct control_server *control_server_new(struct ev_loop *, const char *path,
    control_handler_fn *handler, void *owner, struct err *err);

/* Requests still open are refused: "the daemon is stopping". NULL is fine. */
void control_server_free(struct control_server *);

/* Takes result (NULL: an empty object). */
void control_reply(struct control_request *, json_t *result);
void control_refuse(struct control_request *, const struct err *);

/* Tells the asker how far it is; dropped where he does not read. */
void control_progress(struct control_request *, const char *text);

/* Nobody listens at path: the daemon does not run. */
bool control_is_down(const char *path);

typedef void control_progress_fn(void *owner, const char *text);

/* The client: sends one request and waits; a minute of silence is an error.
 * Takes arguments (NULL: an empty object). Returns the result object, the
 * caller's, or NULL with err set: ERR_SYSTEM where nobody listens at path or we
 * may not ask, ERR_REMOTE where no answer comes, otherwise the daemon's own
 * code and words. progress may be NULL. */
json_t *control_call(const char *path, const char *command, json_t *arguments,
    control_progress_fn *progress, void *owner, struct err *err);

/* --- the lines, without I/O ------------------------------------------------- */

struct control_line {
	json_t *whole; /* json_decref; the rest is borrowed from it */
	const char *command;
	const json_t *arguments;
	const char *progress; /* NULL: this line is the answer */
	json_t *result;
};

MUST_CHECK bool control_request_parse(
    struct bytes line, struct control_line *out, struct err *err);

/* A refusal comes back as false with the daemon's code and words. */
MUST_CHECK bool control_answer_parse(
    struct bytes line, struct control_line *out, struct err *err);
