/*
 * Evidence in scenarios: a folder is written, every claim of it has to hold,
 * and none once any of its files is another.
 */
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "evidence/verify.h"
#include "evidence/write.h"
#include "tests/lib/scenario.h"

#define DIR_TEMPLATE "scenario.evidence"

struct verdicts {
	char text[2048]; /* "sums log split-view", with ":witnessed" or ":fails" */
	bool holds;
};

static void
on_verdict(void *owner, const struct evidence_verdict *verdict)
{
	struct verdicts *all = owner;
	size_t len = strlen(all->text);

	snprintf(all->text + len, sizeof(all->text) - len, "%s%s%s", len > 0 ? " " : "",
	    verdict->claim,
	    !verdict->holds          ? ":fails"
		: verdict->witnessed ? ":witnessed"
				     : "");
}

static struct verdicts
verify(struct scenario *s, const char *dir)
{
	struct verdicts all = {.text = ""};
	struct err err = {0};

	SCENARIO_MUST(
	    s, evidence_verify(dir, on_verdict, &all, &all.holds, &err), "%s", err.text);
	return all;
}

/* --- the folder ------------------------------------------------------------------- */

static void
write_file(const char *dir, const char *name, struct bytes body)
{
	char *path = mem_format("%s/%s", dir, name);
	FILE *file = fopen(path, "wbe");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(body.data, 1, body.len, file), body.len);
	ck_assert_int_eq(fclose(file), 0);
	mem_free(path);
}

static size_t
names_in(const char *dir, char names[][80], size_t most)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;
	size_t count = 0;

	while (folder != NULL && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.' && count < most)
			snprintf(names[count++], 80, "%.79s", entry->d_name);
	if (folder != NULL)
		closedir(folder);
	return count;
}

static void
remove_folder(const char *dir)
{
	char names[64][80];
	size_t count = names_in(dir, names, ARRAY_LEN(names));

	for (size_t i = 0; i < count; i++) {
		char *path = mem_format("%s/%s", dir, names[i]);

		(void)unlink(path);
		mem_free(path);
	}
	(void)rmdir(dir);
}

static struct buf
read_in(const char *dir, const char *name)
{
	char *path = mem_format("%s/%s", dir, name);
	struct buf body = unit_file(path);

	mem_free(path);
	return body;
}

/* As who forges would: the sums are right again. */
static void
sum_anew(const char *dir)
{
	char names[64][80], hex[2 * SHA256_LEN + 1];
	size_t count = names_in(dir, names, ARRAY_LEN(names));
	struct buf sums;

	buf_init(&sums, 65536);
	for (size_t i = 0; i < count; i++) {
		struct buf body = read_in(dir, names[i]);
		struct sha256 hash;

		sha256_of(buf_bytes(&body), &hash);
		if (strcmp(names[i], EVIDENCE_SUMS) != 0)
			buf_append_format(&sums, "%s  %s\n",
			    hex_format(hash.octets, SHA256_LEN, hex), names[i]);
		buf_free(&body);
	}
	write_file(dir, EVIDENCE_SUMS, buf_bytes(&sums));
	buf_free(&sums);
}

/* --- what is changed ---------------------------------------------------------------- */

/* Where a byte matters: in a head's size or root, a proof's first hash, a leaf's
 * time (also the first of a reply, where that is not one from before), in the midst of a
 * key, a certificate or an SCT. */
static size_t
place_in(const char *name, struct buf *body)
{
	const char *text = buf_text(body), *at;

	if (strncmp(name, "head", 4) == 0) {
		at = strstr(text, "\"tree_size\":");
		return at != NULL ? (size_t)(at - text) + 12 : strcspn(text, "\n") + 1;
	}
	if (strncmp(name, "entries-", 8) == 0) {
		at = strstr(text, "\"leaf_input\":\"");
		if (at != NULL)
			return (size_t)(at - text) + 14 + 10;
		return strtoull(name + 8, NULL, 10) % 256 == 0 ? 7 : body->len;
	}
	if (strcmp(name, "log.v3.json") != 0 && strstr(name, ".json") != NULL) {
		at = strstr(text, "[\"");
		return at != NULL ? (size_t)(at - text) + 2 : body->len;
	}
	return strcmp(name, "leaf") == 0 ? 9 : body->len / 2;
}

static uint8_t
another(const char *name, uint8_t byte)
{
	bool digits = strncmp(name, "head", 4) == 0 ||
	    strncmp(name, "entries-", 8) == 0 || strstr(name, ".json") != NULL;

	return !digits ? byte ^ 1 : byte == '1' ? '2' : '1';
}

static bool
is_proof(const char *name)
{
	static const char *const NOT[] = {EVIDENCE_MANIFEST, EVIDENCE_README,
	    EVIDENCE_SUMS, "proof-as-served", "answer-as-served", "frontier-as-read",
	    "tile-as-served", "issuer-as-served", "subtrees-as-read", "log.v3.json"};

	for (size_t i = 0; i < ARRAY_LEN(NOT); i++)
		if (strcmp(name, NOT[i]) == 0)
			return false;
	return true;
}

/* Any byte changed fails the sums; and where the sums were made to fit, whatever
 * proves something fails by itself. */
static void
change(struct scenario *s, const char *dir, const char *name, bool proves)
{
	struct buf sums = read_in(dir, EVIDENCE_SUMS), body = read_in(dir, name);
	size_t at = place_in(name, &body);

	if (at < body.len) {
		uint8_t before = body.data[at];

		body.data[at] = another(name, before);
		write_file(dir, name, buf_bytes(&body));
		SCENARIO_MUST(s,
		    strcmp(name, EVIDENCE_MANIFEST) == 0 || !verify(s, dir).holds,
		    "%s is another, and it holds", name);
		sum_anew(dir);
		SCENARIO_MUST(s, !proves || !is_proof(name) || !verify(s, dir).holds,
		    "%s is another, with sums that fit, and it holds: %s", name,
		    verify(s, dir).text);
		body.data[at] = before;
		write_file(dir, name, buf_bytes(&body));
	}
	write_file(dir, EVIDENCE_SUMS, buf_bytes(&sums));
	buf_free(&body);
	buf_free(&sums);
}

/* --- the verb -------------------------------------------------------------------------
 */

static void
id_of(struct scenario *s, const char *what, uint8_t id[STORE_ID_LEN])
{
	const char *colon = strchr(what, ':');
	char *sql = colon != NULL
	    ? mem_format(
		  "SELECT hex(id) FROM event WHERE kind = '%s' AND log = (SELECT "
		  "number FROM log WHERE name = '%.*s') ORDER BY number DESC LIMIT 1",
		  colon + 1, (int)(colon - what), what)
	    : mem_format("SELECT hex(id) FROM finding WHERE check_id = '%s' "
			 "ORDER BY number DESC LIMIT 1",
		  what);
	struct buf hex = scenario_ask(s, sql);

	SCENARIO_MUST(s, hex.len == 2 * STORE_ID_LEN, "there is no %s", what);
	ck_assert(hex_parse(buf_text(&hex), id, STORE_ID_LEN));
	buf_free(&hex);
	mem_free(sql);
}

void
scenario_proves(struct scenario *s, const char *what, const char *claims)
{
	char *dir = unit_temp(DIR_TEMPLATE);
	struct store *store;
	uint8_t id[STORE_ID_LEN];
	char names[64][80], want[2048];
	struct err err = {0};
	size_t count;

	id_of(s, what, id);
	remove_folder(dir);
	store =
	    store_open(&(struct store_options){.path = s->path, .read_only = true}, &err);
	SCENARIO_MUST(s, store != NULL, "%s", err.text);
	SCENARIO_MUST(s, evidence_write(store, bytes_of(id, sizeof(id)), dir, NULL, &err),
	    "%s", err.text);
	store_close(store);
	snprintf(want, sizeof(want), "sums log %s", claims);
	SCENARIO_MUST(s, strcmp(verify(s, dir).text, want) == 0,
	    "%s: it says: %s\nbut should say: %s", what, verify(s, dir).text, want);
	SCENARIO_MUST(s, verify(s, dir).holds, "it does not hold");
	count = names_in(dir, names, ARRAY_LEN(names));
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], EVIDENCE_SUMS) != 0)
			change(s, dir, names[i], strstr(claims, "bad-signature") == NULL);
	SCENARIO_MUST(s, verify(s, dir).holds, "what is right again does not hold");
	remove_folder(dir);
	mem_free(dir);
}
