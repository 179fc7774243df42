#include "notice/notice.h"

#include <string.h>

#include "base/err.h"

const char *
notice_kind_name(enum notice_kind kind)
{
	static const char *const NAMES[] = {
	    [NOTICE_FINDING] = "finding",
	    [NOTICE_EVENT] = "event",
	    [NOTICE_WITHDRAWAL] = "withdrawal",
	    [NOTICE_DIGEST] = "digest",
	    [NOTICE_HEARTBEAT] = "heartbeat",
	};

	return NAMES[kind];
}

static const char *const LEVEL_NAMES[] = {
    [NOTICE_LEVEL_NOTICE] = "notice",
    [NOTICE_LEVEL_WARNING] = "warning",
    [NOTICE_LEVEL_ERROR] = "error",
};

const char *
notice_level_name(enum notice_level level)
{
	return LEVEL_NAMES[level];
}

bool
notice_level_parse(const char *name, enum notice_level *level)
{
	for (size_t i = 0; i < ARRAY_LEN(LEVEL_NAMES); i++) {
		if (strcmp(name, LEVEL_NAMES[i]) == 0) {
			*level = (enum notice_level)i;
			return true;
		}
	}
	return false;
}

static bool
is_listed(const char *const *list, size_t len, const char *check)
{
	for (size_t i = 0; i < len; i++)
		if (strcmp(list[i], check) == 0)
			return true;
	return false;
}

bool
notice_sink_takes(
    const struct notice_sink *sink, const char *check, enum notice_level level)
{
	if (level < sink->least || is_listed(sink->skip, sink->skip_len, check))
		return false;
	return sink->only_len == 0 || is_listed(sink->only, sink->only_len, check);
}

void
notice_group(const char *check, const char *watch, struct buf *out)
{
	buf_clear(out);
	buf_append_text(out, check);
	if (watch != NULL && watch[0] != '\0') {
		buf_append_u8(out, ' '); /* no check id holds one */
		buf_append_text(out, watch);
	}
}

bool
notice_is_counted(
    const struct notice_before *before, size_t before_len, int64_t created_ms)
{
	for (size_t i = 0; i < before_len; i++) {
		if (created_ms - before[i].created_ms >= NOTICE_GROUP_QUIET_MS)
			return false;
		if (before[i].counted || i + 1 == NOTICE_GROUP_SINGLY)
			return true;
		created_ms = before[i].created_ms;
	}
	return false;
}
