/*
 * The same rates of all other issuers: those of each CA that is watched together, any
 * other issuer by itself, and whoever issued little in one line.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "report/rates.h"
#include "store/watch.h"

#define SHOWN_MAX 20

struct peer {
	const char *name; /* safe; the arena's, or of the question */
	size_t issuers;
	int64_t issued, misissued, serious;
};

struct peers {
	const struct report_rates *asked;
	const char *prefix;
	int32_t first, last;
	struct store *store;
	struct arena arena;
	struct peer *rows; /* first those of the question */
	size_t count, room;
	struct err *err;
	bool failed;
};

static struct peer *
another(struct peers *peers)
{
	if (peers->count == peers->room) {
		peers->room = 2 * peers->room + 16;
		peers->rows = mem_resize(peers->rows, peers->room, sizeof(*peers->rows));
	}
	peers->rows[peers->count] = (struct peer){0};
	return &peers->rows[peers->count++];
}

static struct peer *
peer_of(struct peers *peers, const struct issuer_row *row)
{
	const struct report_rates *asked = peers->asked;
	struct peer *peer;
	struct buf name;

	for (size_t i = 0; i < asked->peer_count; i++)
		if (rates_key_listed(asked->peers[i].keys, asked->peers[i].key_count,
			row->spki_sha256))
			return &peers->rows[i];
	peer = another(peers);
	buf_init(&name, 1 << 16);
	show_append_issuer(&name, row->dn);
	peer->name =
	    (const char *)arena_copy(&peers->arena, bytes_text(buf_text(&name))).data;
	buf_free(&name);
	return peer;
}

static bool
on_issuer(void *owner, const struct issuer_row *row)
{
	struct peers *peers = owner;
	struct peer *peer;

	if ((peers->asked->ca != NULL || peers->asked->issuer != NULL) &&
	    rates_asked_of(peers->asked, row))
		return true;
	peer = peer_of(peers, row);
	peer->issuers++;
	for (int i = 0; i < 3; i++) {
		static const char *const NAMES[] = {"issued", "misissued", "serious"};
		int64_t *const sums[] = {&peer->issued, &peer->misissued, &peer->serious};
		char *name = mem_format("%s%s", peers->prefix, NAMES[i]);
		int64_t sum = 0;

		peers->failed =
		    !store_statistic_sum(peers->store, row->number, bytes_text(name),
			peers->first, peers->last, &sum, peers->err) ||
		    peers->failed;
		*sums[i] += sum > 0 ? sum : 0;
		mem_free(name);
	}
	return !peers->failed;
}

/* Who issued most comes first. */
static int
compare(const void *a, const void *b)
{
	const struct peer *x = a, *y = b;

	return x->issued != y->issued ? (x->issued < y->issued) - (x->issued > y->issued)
				      : strcmp(x->name, y->name);
}

/* The first ones by themselves, the rest of those that issued anything as one. */
static void
settle(struct peers *peers)
{
	struct peer rest = {.name = "all others"};
	size_t count = 0;

	if (peers->count > 0)
		qsort(peers->rows, peers->count, sizeof(*peers->rows), compare);
	while (count < peers->count && peers->rows[count].issued > 0)
		count++;
	peers->count = count;
	if (count <= SHOWN_MAX)
		return;
	for (size_t i = SHOWN_MAX; i < count; i++) {
		rest.issuers += peers->rows[i].issuers;
		rest.issued += peers->rows[i].issued;
		rest.misissued += peers->rows[i].misissued;
		rest.serious += peers->rows[i].serious;
	}
	peers->rows[SHOWN_MAX] = rest;
	peers->count = SHOWN_MAX + 1;
}

static void
put_rate(struct json *json, const char *key, int64_t count, int64_t total)
{
	json_begin_object(json, key);
	json_put_number(json, "count", count);
	rates_put(json, (uint64_t)count, (uint64_t)total);
	json_end_object(json);
}

static void
put_all(const struct peers *peers, struct json *json)
{
	json_begin_array(json, "peers");
	for (size_t i = 0; i < peers->count; i++) {
		const struct peer *peer = &peers->rows[i];

		json_begin_object(json, NULL);
		json_put_safe(json, "name", bytes_text(peer->name), 200);
		json_put_number(json, "issuers", (int64_t)peer->issuers);
		json_put_number(json, "issued", peer->issued);
		put_rate(json, "misissued", peer->misissued, peer->issued);
		put_rate(json, "serious", peer->serious, peer->issued);
		json_end_object(json);
	}
	json_end_array(json);
}

static void
print_rate(struct table *table, int64_t count, int64_t total)
{
	char text[80];

	table_text(table, rates_percent((double)count / (double)total, text));
	table_text(
	    table, rates_between(rate_interval((uint64_t)count, (uint64_t)total), text));
}

static void
print_all(const struct peers *peers, struct buf *out)
{
	static const char *const HEADS[] = {
	    "PEER", ">CERTIFICATES", ">MIS-ISSUED", "95 %", ">SERIOUS", "95 %"};
	struct table table;

	if (peers->count == 0) {
		buf_append_text(out, "\nNo other issuer is counted in that time.\n");
		return;
	}
	buf_append_text(out, "\n");
	table_init(&table, HEADS, ARRAY_LEN(HEADS));
	for (size_t i = 0; i < peers->count; i++) {
		const struct peer *peer = &peers->rows[i];

		table_safe(&table, bytes_text(peer->name), 60);
		table_number(&table, (uint64_t)peer->issued);
		print_rate(&table, peer->misissued, peer->issued);
		print_rate(&table, peer->serious, peer->issued);
	}
	table_print(&table, out);
	table_free(&table);
}

bool
peers_append(struct report *report, struct store *store, const struct report_rates *asked,
    const char *prefix, int32_t first, int32_t last, struct err *err)
{
	struct peers peers = {.asked = asked,
	    .prefix = prefix,
	    .first = first,
	    .last = last,
	    .store = store,
	    .err = err};
	bool ok;

	arena_init(&peers.arena);
	for (size_t i = 0; i < asked->peer_count; i++)
		another(&peers)->name = asked->peers[i].name;
	ok = store_issuer_each(store, on_issuer, &peers, err) && !peers.failed;
	settle(&peers);
	if (report->json)
		put_all(&peers, &report->writer);
	else
		print_all(&peers, &report->out);
	mem_free(peers.rows);
	arena_free(&peers.arena);
	return ok;
}
