/*
 * An evidence folder as it stands on the disk: read whole into memory, within
 * bounds, and held against its checksums.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "evidence/evidence_priv.h"

bool
folder_name_is_plain(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= EVIDENCE_NAME_MAX && name[0] != '.' &&
	    strspn(name,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.") ==
	    len;
}

static bool
read_file(struct folder *folder, int dir, struct folder_file *file, struct err *err)
{
	int fd = openat(dir, file->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat about;
	uint8_t *body;
	size_t len = 0;
	ssize_t got;

	if (fd < 0 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) ||
	    about.st_size > (off_t)EVIDENCE_FILE_MAX) {
		if (fd >= 0)
			close(fd);
		return err_set(
		    err, ERR_CONFIG, "%s: no readable file of a sane size", file->name);
	}
	body = arena_alloc(&folder->arena, (size_t)about.st_size + 1);
	while (len < (size_t)about.st_size &&
	    (got = read(fd, body + len, (size_t)about.st_size - len)) > 0)
		len += (size_t)got;
	close(fd);
	file->body = bytes_of(body, len);
	return true;
}

static bool
read_all(struct folder *folder, DIR *dir, struct err *err)
{
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		struct folder_file *file = &folder->files[folder->count];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!folder_name_is_plain(entry->d_name))
			return err_set(err, ERR_CONFIG,
			    "it holds a file that no evidence folder has");
		if (folder->count == EVIDENCE_FILES_MAX)
			return err_set(err, ERR_LIMIT, "it holds more than %d files",
			    EVIDENCE_FILES_MAX);
		snprintf(file->name, sizeof(file->name), "%s", entry->d_name);
		if (!read_file(folder, dirfd(dir), file, err))
			return false;
		folder->count++;
	}
	return true;
}

static struct folder_file *
find(struct folder *folder, const char *name, size_t len)
{
	for (size_t i = 0; i < folder->count; i++)
		if (strlen(folder->files[i].name) == len &&
		    memcmp(folder->files[i].name, name, len) == 0)
			return &folder->files[i];
	return NULL;
}

bool
folder_open(struct folder *folder, const char *path, struct err *err)
{
	DIR *dir = opendir(path);
	const struct folder_file *manifest;
	json_error_t why;
	bool ok;

	*folder = (struct folder){.path = mem_text(path)};
	arena_init(&folder->arena);
	if (dir == NULL)
		return err_set(err, ERR_CONFIG, "%s: %s", path, strerror(errno));
	ok = read_all(folder, dir, err);
	closedir(dir);
	if (!ok)
		return err_wrap(err, "%s", path);
	manifest = find(folder, EVIDENCE_MANIFEST, strlen(EVIDENCE_MANIFEST));
	if (manifest == NULL)
		return err_set(
		    err, ERR_CONFIG, "%s: no %s in it", path, EVIDENCE_MANIFEST);
	folder->manifest = json_loadb((const char *)manifest->body.data,
	    manifest->body.len, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(folder->manifest))
		return err_set(
		    err, ERR_CONFIG, "%s: %s is no JSON object", path, EVIDENCE_MANIFEST);
	return true;
}

void
folder_close(struct folder *folder)
{
	ct_log_free(folder->log);
	json_decref(folder->manifest);
	arena_free(&folder->arena);
	mem_free(folder->path);
}

const struct bytes *
folder_file(const struct folder *folder, const char *name)
{
	for (size_t i = 0; i < folder->count; i++)
		if (strcmp(folder->files[i].name, name) == 0)
			return folder->files[i].listed ? &folder->files[i].body : NULL;
	return NULL;
}

/* --- SHA256SUMS ---------------------------------------------------------------- */

/* One line as sha256sum(1) writes it: 64 hex digits, two spaces, a name. */
static bool
take_sum(struct folder *folder, const char *line, size_t len, struct err *err)
{
	struct folder_file *file;
	struct sha256 want, got;
	char hex[2 * SHA256_LEN + 1];

	if (len < 67 || memcmp(line + 64, "  ", 2) != 0)
		return err_set(
		    err, ERR_VERIFY, "%s: a line that is no checksum", EVIDENCE_SUMS);
	memcpy(hex, line, 64);
	hex[64] = '\0';
	file = find(folder, line + 66, len - 66);
	if (file == NULL || !hex_parse(hex, want.octets, SHA256_LEN))
		return err_set(err, ERR_VERIFY, "%s: it names a file that is not there",
		    EVIDENCE_SUMS);
	sha256_of(file->body, &got);
	file->listed = sha256_equal(&want, &got);
	return file->listed ||
	    err_set(err, ERR_VERIFY, "%s is not what its checksum says", file->name);
}

bool
folder_sums_hold(struct folder *folder, struct err *err)
{
	struct folder_file *sums = find(folder, EVIDENCE_SUMS, strlen(EVIDENCE_SUMS));
	const char *at, *end;

	if (sums == NULL)
		return err_set(err, ERR_VERIFY, "no %s in it", EVIDENCE_SUMS);
	at = (const char *)sums->body.data;
	for (end = at + sums->body.len; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop == NULL ? end : stop) - at);

		if (!take_sum(folder, at, len, err))
			return false;
		at += len + 1;
	}
	for (size_t i = 0; i < folder->count; i++)
		if (!folder->files[i].listed && &folder->files[i] != sums)
			return err_set(err, ERR_VERIFY, "%s is in no checksum",
			    folder->files[i].name);
	return true;
}
