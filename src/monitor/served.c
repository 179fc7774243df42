#include "monitor/served.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"

#define SERVED_FILES_MAX 40
#define SERVED_BYTES_MAX ((size_t)4 << 20)

struct reply {
	uint64_t start, end, first;
	enum logclient_form form;
	uint8_t *body;
	size_t len;
};

struct served {
	struct frontier from;
	uint64_t end;                               /* nothing is kept from here on */
	struct reply replies[SERVED_FILES_MAX + 1]; /* by start; none overlaps another */
	size_t count, bytes;
};

void
served_begin(struct served **served, const struct frontier *from)
{
	served_drop(served);
	*served = mem_zero(1, sizeof(**served));
	(*served)->from = *from;
	(*served)->end = UINT64_MAX;
}

static void
take_out(struct served *served, size_t i)
{
	served->bytes -= served->replies[i].len;
	mem_free(served->replies[i].body);
	served->count--;
	memmove(&served->replies[i], &served->replies[i + 1],
	    (served->count - i) * sizeof(served->replies[0]));
}

void
served_drop(struct served **served)
{
	while (*served != NULL && (*served)->count > 0)
		take_out(*served, (*served)->count - 1);
	mem_free(*served);
	*served = NULL;
}

/* After trouble the same entries are asked for again: the last reply is the one
 * that is read. Returns where it belongs. */
static size_t
make_place(struct served *served, uint64_t start, uint64_t end)
{
	size_t i = 0;

	while (i < served->count && served->replies[i].start < end) {
		if (served->replies[i].end > start)
			take_out(served, i);
		else
			i++;
	}
	return i;
}

void
served_keep(struct served *served, const struct batch *batch)
{
	struct reply reply = {.start = batch->start,
	    .end = batch->start + batch->count,
	    .first = batch->first,
	    .form = batch->form,
	    .len = batch->body_len};
	size_t at;

	if (served == NULL || reply.start < served->from.size ||
	    reply.start >= served->end)
		return;
	at = make_place(served, reply.start, reply.end);
	reply.body = mem_copy(batch->body, batch->body_len);
	memmove(&served->replies[at + 1], &served->replies[at],
	    (served->count - at) * sizeof(reply));
	served->replies[at] = reply;
	served->count++;
	served->bytes += reply.len;
	while (served->count > SERVED_FILES_MAX || served->bytes > SERVED_BYTES_MAX) {
		served->end = served->replies[served->count - 1].start;
		take_out(served, served->count - 1);
	}
}

/* How many replies follow each other up to there, and how far they go. */
static size_t
row_of(const struct served *served, uint64_t until, uint64_t *end)
{
	size_t count = 0;

	*end = served->from.size;
	while (
	    count < served->count && *end < until && served->replies[count].start == *end)
		*end = served->replies[count++].end;
	if (*end > until)
		*end = until;
	return count;
}

static const char *
name_of(struct accusation *a, const struct reply *reply)
{
	char text[40];
	int len = snprintf(text, sizeof(text), "entries-%" PRIu64, reply->start);

	return (const char *)arena_copy(&a->arena, bytes_of(text, (size_t)len + 1)).data;
}

void
served_accuse(
    const struct served *served, struct accusation *a, const struct frontier *read)
{
	uint8_t text[FRONTIER_TEXT_MAX];
	const char *names[SERVED_FILES_MAX];
	struct json *json;
	uint64_t end;
	size_t count;

	if (served == NULL || (count = row_of(served, read->size, &end)) == 0)
		return;
	json_put_number(&a->evidence, "served_from", (int64_t)served->from.size);
	json_put_number(&a->evidence, "served_until", (int64_t)end);
	for (size_t i = 0; i < count; i++) {
		const struct reply *reply = &served->replies[i];

		names[i] = name_of(a, reply);
		accuse_file(a, names[i], bytes_of(reply->body, reply->len));
	}
	if (end < read->size)
		return;
	accuse_file(a, "frontier-before",
	    bytes_of(text, frontier_serialise(&served->from, text)));
	json = accuse_claim(a, "as-served");
	json_put_text(json, "from", "frontier-before");
	json_put_text(json, "read", "frontier-as-read");
	json_begin_array(json, "replies");
	for (size_t i = 0; i < count; i++) {
		json_begin_object(json, NULL);
		json_put_text(json, "file", names[i]);
		json_put_text(json, "form",
		    served->replies[i].form == LOGCLIENT_TILE ? "tile" : "get-entries");
		json_put_number(json, "first", (int64_t)served->replies[i].first);
		json_end_object(json);
	}
	json_end_array(json);
	accuse_claim_end(a);
}
