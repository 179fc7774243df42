/* The incident's manifest, what it is watched with, and its CAs in PEM. */
#include "tests/lib/incident_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"

/* --- values ----------------------------------------------------------------- */

json_t *
incident_hex_json(struct bytes data)
{
	char *text = mem_alloc(2 * data.len + 1);
	json_t *value = json_string(hex_format(data.data, data.len, text));

	mem_free(text);
	return value;
}

json_t *
incident_hash_json(struct bytes data)
{
	uint8_t hash[32];

	EVP_Digest(data.data, data.len, hash, NULL, EVP_sha256(), NULL);
	return incident_hex_json(bytes_of(hash, sizeof(hash)));
}

json_t *
incident_words_json(const char *words)
{
	json_t *list = json_array();
	char *copy = mem_text(words != NULL ? words : ""), *rest = copy, *word;

	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			json_array_append_new(list, json_string(word));
	mem_free(copy);
	return list;
}

/* --- writing -------------------------------------------------------------- */

static json_t *
ca_json(const struct incident *incident, enum incident_ca ca)
{
	const struct incident_ca_row *row = &INCIDENT_CAS[ca];
	json_t *object = json_object();

	json_object_set_new(object, "subject", json_string(row->subject));
	json_object_set_new(
	    object, "sha256", incident_hash_json(buf_bytes(&incident->cas[ca])));
	json_object_set_new(
	    object, "spki", incident_hex_json(bytes_of(incident_key(ca)->key_hash, 32)));
	json_object_set_new(object, "expect", incident_words_json(row->expect));
	json_object_set_new(object, "may", incident_words_json(row->may));
	return object;
}

static void
count_expected(json_t *counts, const json_t *list)
{
	size_t i, k;
	json_t *row, *id;

	json_array_foreach (list, i, row) {
		json_array_foreach (json_object_get(row, "expect"), k, id) {
			const char *name = json_string_value(id);
			json_t *old = json_object_get(counts, name);

			json_object_set_new(
			    counts, name, json_integer(json_integer_value(old) + 1));
		}
	}
}

static char *
manifest_text(const struct incident *incident)
{
	json_t *manifest = json_object(), *covers = json_array(), *cas = json_array();
	json_t *counts = json_object();
	char *text;

	for (size_t i = 0; INCIDENT_COVERS[i] != NULL; i++)
		json_array_append_new(covers, json_string(INCIDENT_COVERS[i]));
	for (int i = 0; i < CA_COUNT; i++)
		if (incident->used[i])
			json_array_append_new(
			    cas, ca_json(incident, (enum incident_ca)i));
	count_expected(counts, incident->certificates);
	count_expected(counts, cas);
	json_object_set_new(manifest, "covers", covers);
	json_object_set(manifest, "certificates", incident->certificates);
	json_object_set_new(manifest, "ca_certificates", cas);
	json_object_set_new(manifest, "expected", counts);
	text = json_dumps(manifest, JSON_INDENT(1));
	json_decref(manifest);
	return text;
}

static void
pem_append(struct buf *out, struct bytes der)
{
	struct buf text;

	buf_init(&text, 2 * der.len + 16);
	base64_encode(der, &text);
	buf_append_text(out, "-----BEGIN CERTIFICATE-----\n");
	for (size_t i = 0; i < text.len; i += 64) {
		buf_append(out, text.data + i, text.len - i < 64 ? text.len - i : 64);
		buf_append_text(out, "\n");
	}
	buf_append_text(out, "-----END CERTIFICATE-----\n");
	buf_free(&text);
}

static bool
put_file(const char *dir, const char *name, const char *text, struct err *err)
{
	char *path = mem_format("%s/%s", dir, name), *temp = mem_format("%s.new", path);
	FILE *file = fopen(temp, "w");
	bool ok = file != NULL && fputs(text, file) >= 0;

	if (file != NULL)
		ok = fclose(file) == 0 && ok && rename(temp, path) == 0;
	if (!ok)
		err_set(err, ERR_SYSTEM, "cannot write %s", path);
	mem_free(temp);
	mem_free(path);
	return ok;
}

/* watch.conf with the folder's name in place of each %s. */
static void
watch_append(struct buf *out, const char *dir)
{
	for (const char *at = INCIDENT_WATCH; *at != '\0'; at++) {
		if (at[0] == '%' && at[1] == 's') {
			buf_append_text(out, dir);
			at++;
		} else {
			buf_append_u8(out, (uint8_t)*at);
		}
	}
}

bool
incident_write(const struct incident *incident, const char *dir, struct err *err)
{
	char *manifest = manifest_text(incident);
	struct buf text;
	bool ok;

	mkdir(dir, 0755);
	buf_init(&text, 1 << 20);
	ok = put_file(dir, "manifest.json", manifest, err);
	for (int i = 0; ok && i < CA_COUNT; i++) {
		if (INCIDENT_CAS[i].file == NULL || !incident->used[i])
			continue;
		buf_clear(&text);
		pem_append(&text, buf_bytes(&incident->cas[i]));
		ok = put_file(dir, INCIDENT_CAS[i].file, buf_text(&text), err);
	}
	buf_clear(&text);
	watch_append(&text, dir);
	ok = ok && put_file(dir, "watch.conf", buf_text(&text), err);
	buf_free(&text);
	free(manifest);
	return ok;
}
