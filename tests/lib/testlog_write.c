/* A log as files: what file:// reads and a web server serves. */
#include "tests/lib/testlog_priv.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes the folders above path. */
static bool
folders_make(const char *path, struct err *err)
{
	char *copy = mem_text(path);
	bool ok = true;

	for (char *slash = strchr(copy + 1, '/'); ok && slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0755) != 0 && errno != EEXIST)
			ok = err_set(
			    err, ERR_SYSTEM, "cannot make %s: %s", copy, strerror(errno));
		*slash = '/';
	}
	mem_free(copy);
	return ok;
}

/* Whole or not at all: a reader never sees half a file. */
static bool
file_write(const char *dir, const char *name, struct bytes body, struct err *err)
{
	char *path = mem_format("%s/%s", dir, name), *temp = mem_format("%s.new", path);
	FILE *file = NULL;
	bool ok = folders_make(path, err);

	if (ok && (file = fopen(temp, "wb")) == NULL)
		ok = err_set(
		    err, ERR_SYSTEM, "cannot write %s: %s", temp, strerror(errno));
	if (file != NULL) {
		ok = body.len == 0 || fwrite(body.data, body.len, 1, file) == 1;
		ok = fclose(file) == 0 && ok && rename(temp, path) == 0;
		if (!ok)
			err_set(err, ERR_SYSTEM, "cannot write %s: %s", path,
			    strerror(errno));
	}
	mem_free(temp);
	mem_free(path);
	return ok;
}

static bool
write_tile(struct testlog *log, const char *dir, int level, uint64_t index,
    unsigned width, struct buf *body, struct err *err)
{
	struct buf path;
	bool ok;

	buf_init(&path, 4096);
	buf_clear(body);
	testlog_tile_path_format(level, index, width, &path);
	testlog_tile_body(log, level, index, width, body);
	ok = file_write(dir, buf_text(&path), buf_bytes(body), err);
	buf_free(&path);
	return ok;
}

static bool
write_tiles(struct testlog *log, const char *dir, uint64_t size, struct err *err)
{
	struct buf body;
	bool ok = true;

	buf_init(&body, UINT64_C(1) << 32);
	for (int level = -1; ok && level < 6; level++) {
		uint64_t hashes = level < 0 ? size : size >> (8 * level);

		for (uint64_t i = 0; ok && i < hashes / 256; i++)
			ok = write_tile(log, dir, level, i, 256, &body, err);
		if (ok && hashes % 256 > 0)
			ok = write_tile(log, dir, level, hashes / 256,
			    (unsigned)(hashes % 256), &body, err);
	}
	buf_free(&body);
	return ok;
}

static bool
write_issuers(struct testlog *log, const char *dir, struct err *err)
{
	size_t at = 0;
	struct bytes key;
	void *value;
	char path[128] = "issuer/";
	bool ok = true;

	while (ok && map_next(&log->issuers, &at, &key, &value)) {
		const struct issuer *issuer = value;

		hex_format(issuer->fingerprint, 32, path + 7);
		ok = file_write(dir, path, bytes_of(issuer->der, issuer->len), err);
	}
	return ok;
}

/* The reply to a target, as a file of that name. */
static bool
write_reply(struct testlog *log, const char *dir, const char *target, const char *name,
    struct err *err)
{
	struct testlog_request request = {.target = target};
	struct testlog_answer answer;
	bool served = log->serve_rfc6962, ok;

	testlog_answer_init(&answer);
	log->serve_rfc6962 = true;
	testlog_answer(log, &request, &answer);
	log->serve_rfc6962 = served;
	ok = file_write(dir, name, buf_bytes(&answer.body), err);
	testlog_answer_free(&answer);
	return ok;
}

static bool
write_rfc6962(struct testlog *log, const char *dir, uint64_t size, struct err *err)
{
	bool ok = write_reply(log, dir, "ct/v1/get-sth", "ct/v1/get-sth", err) &&
	    write_reply(log, dir, "ct/v1/get-roots", "ct/v1/get-roots", err);

	for (uint64_t start = 0; ok && start < size; start += log->max_entries) {
		uint64_t last = start + log->max_entries - 1;
		char target[128], name[128];

		if (last >= size)
			last = size - 1;
		snprintf(target, sizeof(target), "ct/v1/get-entries?start=%llu&end=%llu",
		    (unsigned long long)start, (unsigned long long)last);
		snprintf(name, sizeof(name), "ct/v1/get-entries-%llu-%llu",
		    (unsigned long long)start, (unsigned long long)last);
		ok = write_reply(log, dir, target, name, err);
	}
	return ok;
}

/* The checkpoint comes last: what it covers is there before it. */
bool
testlog_write(struct testlog *log, const char *dir, bool rfc6962, struct err *err)
{
	const struct head *head = testlog_head_newest(&log->views[log->view]);

	return write_tiles(log, dir, head->size, err) && write_issuers(log, dir, err) &&
	    (!rfc6962 || write_rfc6962(log, dir, head->size, err)) &&
	    file_write(dir, "checkpoint", buf_bytes(&head->note), err);
}

bool
testlog_list_entry(
    const struct testlog *log, const char *url, const char *state, struct buf *out)
{
	buf_append_format(out, "{\"description\":\"%s\",\"log_id\":\"", log->name);
	base64_encode(bytes_of(log->id, sizeof(log->id)), out);
	buf_append_text(out, "\",\"key\":\"");
	base64_encode(buf_bytes(&log->spki), out);
	buf_append_format(out, "\",\"mmd\":%d,", log->static_ct ? 60 : 86400);
	if (log->static_ct)
		buf_append_format(out,
		    "\"submission_url\":\"https://%s/\",\"monitoring_url\":\"%s\",",
		    log->origin, url);
	else
		buf_append_format(out, "\"url\":\"%s\",", url);
	return buf_append_format(out,
	    "\"state\":{\"%s\":{\"timestamp\":\"2016-01-01T00:00:00Z\"}}}",
	    state != NULL ? state : "usable");
}
