#include "ctlog/log.h"

#include <ctype.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/mem.h"
#include "wire/checkpoint.h"

enum {
	RSA_BITS_MIN = 2048,
	MMD_RFC6962_MS = 24 * 60 * 60 * 1000,
	MMD_STATIC_MS = 60 * 1000,
};

/* The face, what it points to, and who holds it. */
struct held_log {
	struct ct_log log; /* first: its address is the handle */
	struct arena arena;
	atomic_int references;
};

struct ct_log_set {
	struct map logs; /* id to struct ct_log */
};

static struct held_log *
held(const struct ct_log *log)
{
	return (struct held_log *)log;
}

static const char *
copy_text(struct held_log *to, struct bytes text)
{
	return (const char *)arena_copy(&to->arena, text).data;
}

/* Ends in exactly one slash; "" stays. */
static const char *
copy_url(struct held_log *to, const char *url)
{
	size_t len = strlen(url);
	char *copy;

	while (len > 0 && url[len - 1] == '/')
		len--;
	copy = arena_alloc(&to->arena, len + 2);
	memcpy(copy, url, len);
	copy[len] = len > 0 ? '/' : '\0';
	copy[len + 1] = '\0';
	return copy;
}

/* The last part of the path where that is a name ("argon2027h1"), else host
 * and path: many end in "/2026h2/". */
static struct bytes
name_of(const char *origin)
{
	const char *last = strrchr(origin, '/');
	bool digit = false;

	for (const char *at = last; at != NULL && *at != '\0'; at++)
		digit |= isdigit((unsigned char)*at) != 0;
	if (digit && isalpha((unsigned char)last[1]))
		return bytes_text(last + 1);
	return bytes_text(origin);
}

/* RFC 6962, 2.1.4. */
static bool
may_sign(struct key *key, struct err *err)
{
	if (key_is_p256(key) ||
	    (key_kind(key) == KEY_RSA && key_bits(key) >= RSA_BITS_MIN))
		return true;
	return err_set(err, ERR_PARSE,
	    "a log's key is on P-256 or RSA of %d bits and more", RSA_BITS_MIN);
}

static struct held_log *
new_log(struct bytes spki, struct err *err)
{
	struct key *key = key_from_spki(spki, err);
	struct held_log *out;

	if (key == NULL || !may_sign(key, err)) {
		key_free(key);
		return NULL;
	}
	out = mem_zero(1, sizeof(*out));
	arena_init(&out->arena);
	atomic_init(&out->references, 1);
	out->log.key = key;
	out->log.id = *key_id(key);
	return out;
}

/* submission: what the origin is made of. */
static void
set_addresses(struct held_log *out, const char *url, const char *submission)
{
	struct ct_log *log = &out->log;

	log->url = copy_url(out, url);
	log->submission = copy_url(out, submission);
	log->origin = copy_text(out, checkpoint_origin(log->submission));
	log->name = copy_text(out, name_of(log->origin));
}

static void
copy_previous(struct held_log *out, const struct log_list_entry *entry)
{
	struct log_list_operator *all =
	    arena_zero(&out->arena, entry->previous_count + 1, sizeof(*all));

	for (size_t i = 0; i < entry->previous_count; i++) {
		all[i].name = copy_text(out, bytes_text(entry->previous[i].name));
		all[i].end_ms = entry->previous[i].end_ms;
	}
	out->log.previous = all;
	out->log.previous_count = entry->previous_count;
}

struct ct_log *
ct_log_from_list(const struct log_list_entry *entry, struct err *err)
{
	struct held_log *out;
	struct ct_log *log;

	if (entry->error.code != ERR_NONE) {
		if (err != NULL)
			*err = entry->error;
		return NULL;
	}
	if ((out = new_log(entry->key, err)) == NULL)
		return NULL;
	log = &out->log;
	log->kind = entry->tiled ? CT_LOG_STATIC : CT_LOG_RFC6962;
	set_addresses(out, entry->tiled ? entry->monitoring_url : entry->url,
	    entry->tiled ? entry->submission_url : entry->url);
	log->tiles = copy_url(out, entry->tiled ? "" : entry->monitoring_url);
	log->operator_name = copy_text(out, bytes_text(entry->operator_name));
	log->description = copy_text(out, bytes_text(entry->description));
	log->mmd_ms = entry->mmd_s > 0 ? entry->mmd_s * 1000
	    : entry->tiled             ? MMD_STATIC_MS
				       : MMD_RFC6962_MS;
	log->state = entry->state;
	log->state_since_ms = entry->state_since_ms;
	log->type = entry->type;
	log->has_interval = entry->has_interval;
	log->start_ms = entry->start_ms;
	log->end_ms = entry->end_ms;
	log->has_final_head = entry->has_final_head;
	log->final_size = entry->final_size;
	log->final_root = entry->final_root;
	log->bogus = entry->bogus;
	log->mimic = entry->mimic;
	copy_previous(out, entry);
	return log;
}

struct ct_log *
ct_log_new(const struct ct_log_options *options, struct err *err)
{
	struct held_log *out = new_log(options->key, err);
	struct ct_log *log;
	bool is_static = options->kind == CT_LOG_STATIC;

	if (out == NULL)
		return NULL;
	log = &out->log;
	log->kind = options->kind;
	set_addresses(out, options->url,
	    options->submission != NULL ? options->submission : options->url);
	if (options->name != NULL)
		log->name = copy_text(out, bytes_text(options->name));
	log->operator_name = copy_text(out,
	    bytes_text(options->operator_name != NULL ? options->operator_name : ""));
	log->description = "";
	log->tiles = copy_url(out, options->tiles != NULL ? options->tiles : "");
	log->mmd_ms = options->mmd_ms > 0 ? options->mmd_ms
	    : is_static                   ? MMD_STATIC_MS
					  : MMD_RFC6962_MS;
	log->state = options->state;
	log->state_since_ms = -1;
	return log;
}

const struct ct_log *
ct_log_ref(const struct ct_log *log)
{
	atomic_fetch_add_explicit(&held(log)->references, 1, memory_order_relaxed);
	return log;
}

void
ct_log_free(const struct ct_log *log)
{
	struct held_log *it = held(log);

	if (log == NULL ||
	    atomic_fetch_sub_explicit(&it->references, 1, memory_order_acq_rel) != 1)
		return;
	key_free(it->log.key);
	arena_free(&it->arena);
	mem_free(it);
}

const char *
ct_log_operator_at(const struct ct_log *log, int64_t time_ms)
{
	const struct log_list_operator *found = NULL;

	for (size_t i = 0; i < log->previous_count; i++)
		if (time_ms < log->previous[i].end_ms &&
		    (found == NULL || log->previous[i].end_ms < found->end_ms))
			found = &log->previous[i];
	return found != NULL ? found->name : log->operator_name;
}

bool
ct_log_takes(const struct ct_log *log, int64_t not_after_ms)
{
	return !log->has_interval ||
	    (log->start_ms <= not_after_ms && not_after_ms < log->end_ms);
}

bool
ct_log_is_over(const struct ct_log *log, int64_t now_ms)
{
	switch (log->state) {
	case LOG_STATE_READONLY:
	case LOG_STATE_RETIRED:
	case LOG_STATE_REJECTED:
		return true;
	case LOG_STATE_NONE:
	case LOG_STATE_PENDING:
	case LOG_STATE_QUALIFIED:
	case LOG_STATE_USABLE:
		break;
	}
	return log->has_interval && now_ms >= 0 && log->end_ms < now_ms - log->mmd_ms;
}

struct ct_log_set *
ct_log_set_new(void)
{
	struct ct_log_set *set = mem_zero(1, sizeof(*set));

	map_init(&set->logs);
	return set;
}

static void
free_log(void *log)
{
	ct_log_free(log);
}

void
ct_log_set_free(struct ct_log_set *set)
{
	if (set == NULL)
		return;
	map_free(&set->logs, free_log);
	mem_free(set);
}

void
ct_log_set_put(struct ct_log_set *set, const struct ct_log *log)
{
	ct_log_ref(log);
	ct_log_free(map_put(&set->logs, sha256_bytes(&log->id), held(log)));
}

const struct ct_log *
ct_log_set_get(const struct ct_log_set *set, struct bytes id)
{
	return map_get(&set->logs, id);
}

size_t
ct_log_set_count(const struct ct_log_set *set)
{
	return set->logs.used;
}

const struct ct_log *
ct_log_set_next(const struct ct_log_set *set, size_t *at)
{
	struct bytes id;
	void *log;

	return map_next(&set->logs, at, &id, &log) ? log : NULL;
}
