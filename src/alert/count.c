#include <jansson.h>
#include <string.h>

#include "alert/alert_priv.h"
#include "base/mem.h"

#define GROUPS_A_LOOK 8
#define LEVELS_READ   256 /* rows of a count whose level is looked at */

/* --- one row ---------------------------------------------------------------------- */

struct past {
	struct drain *drain;
	struct notice_before before[NOTICE_GROUP_SINGLY];
	size_t len;
};

static bool
on_past(void *owner, const struct outbox_row *row)
{
	struct past *past = owner;
	const struct job *job = map_get(&past->drain->jobs, row->alert);

	past->before[past->len++] = (struct notice_before){
	    .created_ms = row->created_ms,
	    /* Our own decision may not be in the database yet. */
	    .counted = row->state == OUTBOX_COUNTED || row->state == OUTBOX_GROUPED ||
		(job != NULL && job->counted),
	};
	return past->len < NOTICE_GROUP_SINGLY;
}

bool
count_decide(
    struct drain *drain, const struct outbox_row *row, bool *counted, struct err *err)
{
	struct past past = {.drain = drain};
	struct outbox_filter filter = {
	    .sink = bytes_text(drain->options.name),
	    .group_key = row->group_key,
	    .state = -1,
	    .after = row->number,
	    .limit = NOTICE_GROUP_SINGLY,
	    .newest_first = true,
	};

	*counted = false;
	/* Tried or resent: it went out singly, and goes on so. A count is counted by
	 * nobody. */
	if (row->group_key.len == 0 || row->attempts > 0 ||
	    row->settled_ms != STORE_NO_TIME ||
	    bytes_equal(row->kind, bytes_text(notice_kind_name(NOTICE_DIGEST))))
		return true;
	if (!store_outbox_each(drain->alert->store, &filter, on_past, &past, err))
		return false;
	*counted = notice_is_counted(past.before, past.len, row->created_ms);
	return true;
}

/* --- many ------------------------------------------------------------------------- */

struct groups {
	struct arena arena;
	struct outbox_group group[GROUPS_A_LOOK];
	size_t len;
};

static bool
on_group(void *owner, const struct outbox_group *group)
{
	struct groups *groups = owner;

	groups->group[groups->len] = *group;
	groups->group[groups->len].group_key =
	    arena_copy(&groups->arena, group->group_key);
	return ++groups->len < GROUPS_A_LOOK;
}

struct counted {
	int64_t up_to;
	uint8_t ids[NOTICE_IDS_MAX][NOTICE_ID_LEN];
	size_t ids_len;
	enum notice_level level; /* the highest seen */
};

static enum notice_level
level_of(struct bytes payload)
{
	json_t *root =
	    json_loadb((const char *)payload.data, payload.len, JSON_ALLOW_NUL, NULL);
	const char *name = json_string_value(json_object_get(root, "level"));
	enum notice_level level = NOTICE_LEVEL_NOTICE;

	if (name != NULL && !notice_level_parse(name, &level))
		level = NOTICE_LEVEL_NOTICE;
	json_decref(root);
	return level;
}

static bool
on_counted(void *owner, const struct outbox_row *row)
{
	struct counted *counted = owner;
	enum notice_level level = level_of(row->payload);

	if (row->number > counted->up_to)
		return false;
	if (counted->ids_len < NOTICE_IDS_MAX && row->alert.len == NOTICE_ID_LEN)
		memcpy(counted->ids[counted->ids_len++], row->alert.data, NOTICE_ID_LEN);
	if (level > counted->level)
		counted->level = level;
	return true;
}

/* The group's key is the check, and what is watched behind a blank. */
static void
hand_over(
    struct drain *drain, const struct outbox_group *group, const struct counted *counted)
{
	char *check = mem_copy(group->group_key.data, group->group_key.len);
	char *blank = strchr(check, ' ');
	uint8_t id[NOTICE_ID_LEN];
	struct buf payload;
	struct notice_digest digest = {
	    .check = check,
	    .watch = blank != NULL ? blank + 1 : NULL,
	    .level = counted->level,
	    .count = (uint64_t)group->count,
	    .ids = (const uint8_t(*)[NOTICE_ID_LEN])counted->ids,
	    .ids_len = counted->ids_len,
	    .first_ms = group->first_ms,
	    .last_ms = group->last_ms,
	    .time_ms = alert_now_ms(drain->alert),
	};

	if (blank != NULL)
		*blank = '\0';
	buf_init(&payload, NOTICE_PAYLOAD_MAX);
	notice_digest(&digest, id, &payload);
	drain->counting++;
	alert_result(drain->alert,
	    &(struct outbox_result){
		.alert = bytes_of(id, sizeof(id)),
		.sink = bytes_text(drain->options.name),
		.state = OUTBOX_GROUPED,
		.now_ms = digest.time_ms,
		.group_key = group->group_key,
		.payload = buf_bytes(&payload),
		.up_to = group->up_to,
	    });
	buf_free(&payload);
	mem_free(check);
}

bool
count_groups(struct drain *drain, struct err *err)
{
	struct store *store = drain->alert->store;
	struct bytes sink = bytes_text(drain->options.name);
	int64_t before_ms = alert_now_ms(drain->alert) - NOTICE_GROUP_WINDOW_MS;
	struct groups groups = {.len = 0};
	bool ok;

	arena_init(&groups.arena);
	ok = store_outbox_groups(
	    store, sink, before_ms, GROUPS_A_LOOK, on_group, &groups, err);
	for (size_t i = 0; ok && i < groups.len; i++) {
		struct counted counted = {.up_to = groups.group[i].up_to};
		struct outbox_filter filter = {
		    .sink = sink,
		    .group_key = groups.group[i].group_key,
		    .state = OUTBOX_COUNTED,
		    .limit = LEVELS_READ,
		};

		ok = store_outbox_each(store, &filter, on_counted, &counted, err);
		if (ok)
			hand_over(drain, &groups.group[i], &counted);
	}
	arena_free(&groups.arena);
	return ok;
}
