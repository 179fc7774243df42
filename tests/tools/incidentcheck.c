/*
 * incidentcheck - holds the findings of a database against the manifest of the
 * re-created incident: what must be found was, and nothing else of the checks
 * that the manifest covers.
 *
 *	incidentcheck DATABASE MANIFEST
 *
 * A line for each difference, then "N passed, N failed", one for each
 * certificate and CA certificate.
 */
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "check/judged.h"
#include "tests/lib/options.h"

struct found {
	sqlite3_stmt *query; /* open findings' check ids, by subject */
	const json_t *covers;
	unsigned passed, failed;
};

static bool
has(const json_t *list, const char *id)
{
	const json_t *item;
	size_t i;

	json_array_foreach (list, i, item)
		if (strcmp(json_string_value(item), id) == 0)
			return true;
	return false;
}

/* The ids found about a subject; the caller's. */
static json_t *
findings_of(struct found *found, const uint8_t subject[32])
{
	json_t *ids = json_array();

	sqlite3_reset(found->query);
	sqlite3_bind_blob(found->query, 1, subject, 32, SQLITE_TRANSIENT);
	while (sqlite3_step(found->query) == SQLITE_ROW)
		json_array_append_new(
		    ids, json_string((const char *)sqlite3_column_text(found->query, 0)));
	return ids;
}

static void
compare(
    struct found *found, const json_t *item, const char *what, const uint8_t subject[32])
{
	json_t *ids = findings_of(found, subject);
	const json_t *expect = json_object_get(item, "expect"), *id;
	bool good = true;
	size_t i;

	json_array_foreach (expect, i, id) {
		if (has(ids, json_string_value(id)))
			continue;
		printf("missing: %s: %s: %s\n", json_string_value(id), what,
		    json_string_value(json_object_get(item, "subject")));
		good = false;
	}
	json_array_foreach (ids, i, id) {
		const char *text = json_string_value(id);

		if (!has(found->covers, text) || has(expect, text) ||
		    has(json_object_get(item, "may"), text))
			continue;
		printf("false alarm: %s: %s: %s\n", text, what,
		    json_string_value(json_object_get(item, "subject")));
		good = false;
	}
	json_decref(ids);
	if (good)
		found->passed++;
	else
		found->failed++;
}

static size_t
hex_member(const json_t *item, const char *name, uint8_t *out, size_t room)
{
	const char *text = json_string_value(json_object_get(item, name));
	size_t len = text == NULL ? 0 : strlen(text) / 2;

	if (text == NULL || len > room || !hex_parse(text, out, len))
		tool_die("manifest: no %s", name);
	return len;
}

static void
compare_certificate(struct found *found, const json_t *item)
{
	uint8_t issuer[32], serial[64], key[32];
	uint8_t tbs[32];
	size_t len = hex_member(item, "serial", serial, sizeof(serial));

	hex_member(item, "issuer_key", issuer, sizeof(issuer));
	hex_member(item, "tbs", tbs, sizeof(tbs));
	judged_certificate_key(issuer, bytes_of(serial, len), tbs, key);
	compare(found, item, json_string_value(json_object_get(item, "case")), key);
}

static void
compare_authority(struct found *found, const json_t *item)
{
	uint8_t sha256[32];

	hex_member(item, "sha256", sha256, sizeof(sha256));
	compare(found, item, "CA certificate", sha256);
}

int
main(int argc, char **argv)
{
	struct found found = {0};
	json_error_t where;
	json_t *manifest;
	const json_t *item;
	sqlite3 *db;
	size_t i;

	if (argc != 3)
		tool_die("usage: incidentcheck DATABASE MANIFEST");
	if ((manifest = json_load_file(argv[2], 0, &where)) == NULL)
		tool_die("%s: %s", argv[2], where.text);
	if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db,
		"SELECT DISTINCT check_id FROM finding WHERE subject = ? AND state = 0",
		-1, &found.query, NULL) != SQLITE_OK)
		tool_die("%s: %s", argv[1], sqlite3_errmsg(db));
	found.covers = json_object_get(manifest, "covers");
	json_array_foreach (json_object_get(manifest, "certificates"), i, item)
		compare_certificate(&found, item);
	json_array_foreach (json_object_get(manifest, "ca_certificates"), i, item)
		compare_authority(&found, item);
	sqlite3_finalize(found.query);
	sqlite3_close(db);
	json_decref(manifest);
	printf("%u passed, %u failed\n", found.passed, found.failed);
	return found.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
