#include <ev.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/control.h"
#include "tests/lib/unit.h"

/* --- lines ----------------------------------------------------------------- */

static const struct {
	const char *what, *line;
	enum err_code code; /* ERR_NONE: it is taken */
} REQUESTS[] = {
    {"a request", "{\"command\": \"resend\", \"arguments\": {\"id\": \"a\"}}", ERR_NONE},
    {"no arguments", "{\"command\": \"resend\"}", ERR_PARSE},
    {"arguments that are a list", "{\"command\": \"resend\", \"arguments\": []}",
	ERR_PARSE},
    {"no command", "{\"arguments\": {}}", ERR_PARSE},
    {"a command that is a number", "{\"command\": 1, \"arguments\": {}}", ERR_PARSE},
    {"a command twice", "{\"command\": \"a\", \"command\": \"b\", \"arguments\": {}}",
	ERR_PARSE},
    {"a list", "[]", ERR_PARSE},
    {"no JSON", "resend all", ERR_PARSE},
    {"nothing", "", ERR_PARSE},
    {"more behind it", "{\"command\": \"a\", \"arguments\": {}} {}", ERR_PARSE},
};

START_TEST(request_lines)
{
	struct control_line line;
	struct err err = {0};
	bool ok = control_request_parse(bytes_text(REQUESTS[_i].line), &line, &err);

	ck_assert_msg(
	    ok == (REQUESTS[_i].code == ERR_NONE), "%s: %s", REQUESTS[_i].what, err.text);
	ck_assert_int_eq(err.code, REQUESTS[_i].code);
	json_decref(line.whole);
}
END_TEST

static const struct {
	const char *what, *line;
	enum err_code code;
	const char *says;
} ANSWERS[] = {
    {"a result", "{\"ok\": true, \"result\": {\"count\": 3}}", ERR_NONE, ""},
    {"progress", "{\"progress\": \"half\"}", ERR_NONE, ""},
    {"a refusal",
	"{\"ok\": false, \"code\": \"not found\", \"error\": \"no such alert\"}",
	ERR_NOT_FOUND, "no such alert"},
    {"a code of another version",
	"{\"ok\": false, \"code\": \"weary\", \"error\": \"x\"}", ERR_SYSTEM, "x"},
    {"a refusal without words", "{\"ok\": false}", ERR_SYSTEM, "refused"},
    {"words for a terminal", "{\"ok\": false, \"error\": \"\\u001b[2J\"}", ERR_SYSTEM,
	"\\x1b[2J"},
    {"no result", "{\"ok\": true}", ERR_SYSTEM, "refused"},
    {"no JSON", "ok", ERR_PARSE, "control: no JSON"},
};

START_TEST(answer_lines)
{
	struct control_line line;
	struct err err = {0};
	bool ok = control_answer_parse(bytes_text(ANSWERS[_i].line), &line, &err);

	ck_assert_msg(
	    ok == (ANSWERS[_i].code == ERR_NONE), "%s: %s", ANSWERS[_i].what, err.text);
	ck_assert_int_eq(err.code, ANSWERS[_i].code);
	ck_assert_str_eq(err.text, ANSWERS[_i].says);
	json_decref(line.whole);
}
END_TEST

/* --- both ends --------------------------------------------------------------- */

struct world {
	char *path;
	struct ev_loop *loop;
	ev_async done;
	/* what the client asks, and what it got */
	const char *command;
	size_t padding;
	json_t *result;
	struct err err;
	char progress[64];
	struct control_request *held;
};

static void
on_progress(void *owner, const char *text)
{
	struct world *world = owner;

	snprintf(world->progress, sizeof(world->progress), "%s", text);
}

static void *
client(void *owner)
{
	struct world *world = owner;
	char *padding = mem_zero(world->padding + 1, 1);

	memset(padding, 'a', world->padding);
	world->result = control_call(world->path, world->command,
	    json_pack("{s:s}", "padding", padding), on_progress, world, &world->err);
	mem_free(padding);
	ev_async_send(world->loop, &world->done);
	return NULL;
}

static void
handler(void *owner, const char *command, const json_t *arguments,
    struct control_request *request)
{
	struct world *world = owner;
	struct err err = {ERR_LIMIT, "no more of these"};

	if (strcmp(command, "count") == 0) {
		control_progress(request, "counting");
		control_reply(request,
		    json_pack("{s:I}", "length",
			(json_int_t)json_string_length(
			    json_object_get(arguments, "padding"))));
	} else if (strcmp(command, "hold") == 0) {
		world->held = request;
		ev_break(world->loop, EVBREAK_ALL);
	} else {
		control_refuse(request, &err);
	}
}

static void
on_done(struct ev_loop *loop, ev_async *watcher, int events)
{
	(void)watcher;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

/* Runs one request to its end; a held one is ended by the server's. */
static struct world
ask(const char *command, size_t padding)
{
	struct world world = {.path = unit_temp("folder/control"),
	    .loop = ev_loop_new(0),
	    .command = command,
	    .padding = padding};
	struct control_server *server;
	struct stat info;
	pthread_t thread;

	server = control_server_new(world.loop, world.path, handler, &world, &world.err);
	ck_assert_msg(server != NULL, "%s", world.err.text);
	ck_assert_int_eq(stat(world.path, &info), 0);
	ck_assert_int_eq(info.st_mode & 0777, 0660);
	ck_assert(!control_is_down(world.path));
	ev_async_init(&world.done, on_done);
	ev_async_start(world.loop, &world.done);
	ck_assert_int_eq(pthread_create(&thread, NULL, client, &world), 0);
	ev_run(world.loop, 0);
	control_server_free(server);
	pthread_join(thread, NULL);
	ck_assert_int_ne(access(world.path, F_OK), 0);
	ev_loop_destroy(world.loop);
	mem_free(world.path);
	return world;
}

START_TEST(answers)
{
	struct world world = ask("count", 5000);

	ck_assert_msg(world.result != NULL, "%s", world.err.text);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(world.result, "length")), 5000);
	ck_assert_str_eq(world.progress, "counting");
	json_decref(world.result);
}
END_TEST

START_TEST(refuses)
{
	struct world world = ask("dance", 0);

	ck_assert_ptr_null(world.result);
	ck_assert_int_eq(world.err.code, ERR_LIMIT);
	ck_assert_str_eq(world.err.text, "no more of these");
}
END_TEST

START_TEST(stops)
{
	struct world world = ask("hold", 0);

	ck_assert_ptr_null(world.result);
	ck_assert_int_eq(world.err.code, ERR_REMOTE);
	ck_assert_str_eq(world.err.text, "the daemon is stopping");
}
END_TEST

START_TEST(too_long)
{
	struct world world = ask("count", CONTROL_LINE_MAX);

	ck_assert_ptr_null(world.result);
	ck_assert_int_eq(world.err.code, ERR_LIMIT);
}
END_TEST

START_TEST(nobody_there)
{
	struct err err = {0};

	ck_assert_ptr_null(
	    control_call("/nowhere/control", "count", NULL, NULL, NULL, &err));
	ck_assert_int_eq(err.code, ERR_NOT_FOUND);
	ck_assert_str_eq(
	    err.text, "ctwardend does not run: nobody listens at /nowhere/control");
}
END_TEST

START_TEST(path_too_long)
{
	struct ev_loop *loop = ev_loop_new(0);
	char path[200];
	struct err err = {0};

	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	ck_assert_ptr_null(control_server_new(loop, path, handler, NULL, &err));
	ck_assert_int_eq(err.code, ERR_CONFIG);
	ev_loop_destroy(loop);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("control");

	tcase_add_loop_test(tc, request_lines, 0, UNIT_COUNT(REQUESTS));
	tcase_add_loop_test(tc, answer_lines, 0, UNIT_COUNT(ANSWERS));
	tcase_add_test(tc, answers);
	tcase_add_test(tc, refuses);
	tcase_add_test(tc, stops);
	tcase_add_test(tc, too_long);
	tcase_add_test(tc, nobody_there);
	tcase_add_test(tc, path_too_long);
	return unit_run("control", tc);
}
