#include "monitor/roots.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "monitor/family.h"
#include "monitor/identity.h"
#include "monitor/tell.h"
#include "store/authority.h"
#include "store/evidence.h"
#include "x509/cert.h"
#include "x509/name.h"

#define ROOTS_MAX  20000 /* of one answer; real logs have 1,600 at most */
#define FIRST_MS   MINUTE_MS
#define SPREAD     60      /* minutes over which logs are asked after a start */
#define AGAIN_MS   HOUR_MS /* after an answer that was none */
#define TOLD_MAX   20      /* roots named in one event */
#define NAME_SHOWN 120

struct root {
	struct bytes der;
	struct sha256 sha256;
	bool known; /* it was there before */
};

struct roots_change {
	struct change change; /* first */
	uint32_t log;
	char name[80];
	struct authorities *authorities; /* a reference */
	struct arena arena;
	struct root *roots;
	size_t count;
};

/* One that came or went. */
struct difference {
	struct difference *next;
	struct bytes sha256;
	bool added;
};

struct comparing {
	struct writer *writer;
	struct roots_change *it;
	struct map served; /* hash to struct root */
	struct difference *first, **last;
	size_t before; /* rows of this log */
	struct err *err;
};

/* --- against what was there ------------------------------------------------------ */

static void
note_difference(struct comparing *c, struct bytes sha256, bool added)
{
	struct difference *one = arena_zero(&c->writer->arena, 1, sizeof(*one));

	one->sha256 = arena_copy(&c->writer->arena, sha256);
	one->added = added;
	*c->last = one;
	c->last = &one->next;
}

static bool
on_root(void *owner, const struct root_row *row)
{
	struct comparing *c = owner;
	struct root *root = map_get(&c->served, row->sha256);

	c->before++;
	if (root != NULL && row->gone_ms == STORE_NO_TIME)
		root->known = true;
	else if (root == NULL && row->gone_ms == STORE_NO_TIME)
		note_difference(c, row->sha256, false);
	return true;
}

static bool
put_row(struct comparing *c, struct bytes sha256, bool gone)
{
	int64_t now = writer_now_ms(c->writer);
	struct root_row row = {.log = c->it->log,
	    .sha256 = sha256,
	    .first_seen_ms = now,
	    .last_seen_ms = now,
	    .gone_ms = gone ? now : STORE_NO_TIME};

	return store_root_put(c->writer->store, &row, c->err);
}

static bool
compare(struct comparing *c)
{
	struct roots_change *it = c->it;

	for (size_t i = 0; i < it->count; i++)
		map_put(&c->served, sha256_bytes(&it->roots[i].sha256), &it->roots[i]);
	if (!store_root_each(c->writer->store, it->log, on_root, c, c->err))
		return false;
	for (const struct difference *d = c->first; d != NULL; d = d->next)
		if (!put_row(c, d->sha256, true))
			return false;
	for (size_t i = 0; i < it->count; i++) {
		struct root *root = &it->roots[i];
		struct bytes hash = sha256_bytes(&root->sha256);

		if (!root->known && map_get(&c->served, hash) == root)
			note_difference(c, hash, true);
		if (!put_row(c, hash, false) ||
		    (!root->known &&
			!family_put_root(c->writer, it->authorities, root->der, c->err)))
			return false;
	}
	return true;
}

/* --- telling ---------------------------------------------------------------------- */

static void
put_name(struct buf *out, const struct ca_certificate_row *ca)
{
	struct buf name;

	buf_init(&name, 65536);
	name_append_text(&name, ca->subject);
	text_append_safe(out, buf_bytes(&name), NAME_SHOWN);
	buf_free(&name);
}

static bool
tell_watched(struct comparing *c, const struct difference *d,
    const struct ca_certificate_row *ca, uint32_t watch)
{
	char hex[2 * SHA256_LEN + 1], subject[128];
	struct exhibit_row root = {.name = bytes_text("root.der"), .body = ca->der};
	struct told_event event = {.kind = d->added ? "root-added" : "root-removed",
	    .log = c->it->log,
	    .level = NOTICE_LEVEL_WARNING,
	    .exhibits = &root,
	    .exhibit_count = 1,
	    .moment = true};
	struct watch_info info;
	struct buf message;
	bool ok;

	watch_set_info(c->writer->working->watches, watch, &info);
	hex_format(d->sha256.data, SHA256_LEN, hex);
	snprintf(subject, sizeof(subject), "%" PRIu32 ":%s:%" PRId64, c->it->log, hex,
	    writer_now_ms(c->writer));
	buf_init(&message, 4096);
	buf_append_format(&message, "%s %s a root of ", c->it->name,
	    d->added ? "accepts" : "accepts no more");
	text_append_safe(&message, info.name, NAME_SHOWN);
	buf_append_text(&message, ": ");
	put_name(&message, ca);
	event.subject = bytes_text(subject);
	event.message = buf_text(&message);
	ok = tell_event(c->writer, &event, c->err);
	buf_free(&message);
	return ok;
}

/* All that changed, in one notice; each root of a watched CA by itself. */
struct summary {
	size_t added, removed;
	struct buf json;
	struct json list;
	size_t named;
};

static bool
tell_difference(struct comparing *c, const struct difference *d, struct summary *sum)
{
	struct ca_certificate_row ca;
	uint32_t watch = WATCH_NOT_FOUND;
	bool found;

	if (d->added)
		sum->added++;
	else
		sum->removed++;
	if (sum->named++ < TOLD_MAX)
		json_put_hex(&sum->list, NULL, d->sha256);
	if (!store_ca_certificate_find(
		c->writer->store, d->sha256, &c->writer->arena, &ca, &found, c->err))
		return false;
	if (found && ca.spki_sha256.len == SHA256_LEN)
		watch = family_watch(c->writer, ca.spki_sha256);
	return watch == WATCH_NOT_FOUND || tell_watched(c, d, &ca, watch);
}

static bool
tell_summary(struct comparing *c, const struct summary *sum, const char *evidence)
{
	char subject[64], message[256];
	struct told_event event = {.kind = "roots-changed",
	    .log = c->it->log,
	    .level = NOTICE_LEVEL_NOTICE,
	    .message = message,
	    .evidence = evidence,
	    .moment = true};

	snprintf(subject, sizeof(subject), "%" PRIu32 ":%" PRId64, c->it->log,
	    writer_now_ms(c->writer));
	snprintf(message, sizeof(message),
	    "%s accepts other roots: %zu more, %zu no more, %zu in all", c->it->name,
	    sum->added, sum->removed, c->it->count);
	event.subject = bytes_text(subject);
	return tell_event(c->writer, &event, c->err);
}

static bool
tell_differences(struct comparing *c)
{
	struct summary sum = {0};
	bool ok = true;

	buf_init(&sum.json, 65536);
	json_init(&sum.list, &sum.json);
	json_begin_object(&sum.list, NULL);
	json_begin_array(&sum.list, "sha256");
	for (const struct difference *d = c->first; ok && d != NULL; d = d->next)
		ok = tell_difference(c, d, &sum);
	json_end_array(&sum.list);
	json_end_object(&sum.list);
	ok = ok && tell_summary(c, &sum, buf_text(&sum.json));
	buf_free(&sum.json);
	return ok;
}

static bool
apply_roots(struct writer *writer, struct change *change, struct err *err)
{
	struct comparing c = {
	    .writer = writer, .it = (struct roots_change *)change, .err = err};
	bool ok;

	for (size_t i = 0; i < c.it->count; i++)
		c.it->roots[i].known = false; /* a former try may have set it */
	c.last = &c.first;
	map_init(&c.served);
	ok = compare(&c) && (c.before == 0 || c.first == NULL || tell_differences(&c));
	map_free(&c.served, NULL);
	return ok;
}

static void
roots_done(struct monitor *monitor, struct change *change, bool written)
{
	struct roots_change *it = (struct roots_change *)change;

	(void)monitor;
	(void)written;
	authorities_unref(it->authorities);
	arena_free(&it->arena);
	mem_free(it);
}

/* --- asking ------------------------------------------------------------------------- */

static void on_turn(void *owner);

static void
ask_later(struct follower *follower, int64_t delay_ms)
{
	if (follower->roots_timer == NULL && !follower->monitor->stopping &&
	    follower->monitor->options.roots_every_ms != 0)
		follower->roots_timer =
		    clock_after(follower->monitor->clock, delay_ms, on_turn, follower);
}

/* An empty list is an answer of a log that has lost its head, not one that accepts
 * nobody. */
static void
on_roots(void *owner, const struct bytes *ders, size_t count, const struct err *err)
{
	struct follower *follower = owner;
	struct roots_change *it;

	follower->roots_call = NULL;
	if (err != NULL || count == 0 || count > ROOTS_MAX) {
		int64_t every_ms = follower->monitor->options.roots_every_ms;

		ask_later(follower, every_ms < AGAIN_MS ? every_ms : AGAIN_MS);
		return;
	}
	it = mem_zero(1, sizeof(*it));
	arena_init(&it->arena);
	it->change.apply = apply_roots;
	it->change.done = roots_done;
	it->log = follower->number;
	snprintf(it->name, sizeof(it->name), "%s", follower->log->name);
	it->authorities = authorities_take(&follower->monitor->authorities);
	it->roots = arena_zero(&it->arena, count, sizeof(*it->roots));
	it->count = count;
	for (size_t i = 0; i < count; i++) {
		it->roots[i].der = arena_copy(&it->arena, ders[i]);
		sha256_of(ders[i], &it->roots[i].sha256);
	}
	change_submit(follower->monitor, &it->change);
	ask_later(follower, follower->monitor->options.roots_every_ms);
}

static void
on_turn(void *owner)
{
	struct follower *follower = owner;

	follower->roots_timer = NULL;
	if (follower->monitor->stopping || !follower->wanted)
		return;
	if (follower->roots_call == NULL)
		follower->roots_call =
		    logclient_get_roots(follower->client, on_roots, follower);
	identity_ask(follower); /* as rarely */
}

/* Not all of them at once. */
void
roots_start(struct follower *follower)
{
	if (follower->roots_call == NULL)
		ask_later(follower, FIRST_MS * (1 + follower->lane % SPREAD));
}

void
roots_cancel(struct follower *follower)
{
	clock_cancel(follower->monitor->clock, follower->roots_timer);
	follower->roots_timer = NULL;
	logclient_cancel(follower->roots_call);
	follower->roots_call = NULL;
}
