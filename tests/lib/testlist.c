#include "tests/lib/testlist.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/mem.h"
#include "base/text.h"

#define MAX_LIST (16 << 20)

static bool
put_file(const char *dir, const char *name, struct bytes body, struct err *err)
{
	char *path = mem_format("%s/%s", dir, name), *temp = mem_format("%s.new", path);
	FILE *file = fopen(temp, "wb");
	bool ok =
	    file != NULL && (body.len == 0 || fwrite(body.data, body.len, 1, file) == 1);

	if (file != NULL)
		ok = fclose(file) == 0 && ok;
	ok = ok && rename(temp, path) == 0;
	if (!ok)
		err_set(err, ERR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
	mem_free(temp);
	mem_free(path);
	return ok;
}

static bool
get_file(const char *dir, const char *name, struct buf *out, struct err *err)
{
	char *path = mem_format("%s/%s", dir, name), piece[65536];
	FILE *file = fopen(path, "rb");
	size_t got;

	if (file == NULL)
		err_set(err, ERR_SYSTEM, "cannot open %s: %s", path, strerror(errno));
	mem_free(path);
	if (file == NULL)
		return false;
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_append(out, piece, got);
	fclose(file);
	return !out->failed;
}

/* --- the key -------------------------------------------------------------- */

static bool
key_put(const char *dir, EVP_PKEY *key, struct err *err)
{
	BIO *private_key = BIO_new(BIO_s_mem()), *public_key = BIO_new(BIO_s_mem());
	char *data;
	long len;
	bool ok;

	PEM_write_bio_PrivateKey(private_key, key, NULL, NULL, 0, NULL, NULL);
	PEM_write_bio_PUBKEY(public_key, key);
	len = BIO_get_mem_data(private_key, &data);
	ok = put_file(dir, "list-key.private.pem", bytes_of(data, (size_t)len), err);
	len = BIO_get_mem_data(public_key, &data);
	ok = ok && put_file(dir, "list-key.pem", bytes_of(data, (size_t)len), err);
	BIO_free(private_key);
	BIO_free(public_key);
	return ok;
}

static EVP_PKEY *
key_get(const char *dir, struct err *err)
{
	struct buf pem;
	EVP_PKEY *key = NULL;

	buf_init(&pem, 65536);
	if (get_file(dir, "list-key.private.pem", &pem, NULL)) {
		BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);

		key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
		BIO_free(bio);
	}
	if (key == NULL) {
		key = EVP_RSA_gen(2048);
		if (!key_put(dir, key, err)) {
			EVP_PKEY_free(key);
			key = NULL;
		}
	}
	buf_free(&pem);
	return key;
}

bool
testlist_sign(const char *dir, struct err *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *key = key_get(dir, err);
	uint8_t signature[1024];
	size_t len = sizeof(signature);
	struct buf list;
	bool ok = false;

	buf_init(&list, MAX_LIST);
	if (key == NULL || !get_file(dir, "log_list.json", &list, err))
		goto out;
	if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(ctx, signature, &len, list.data, list.len) != 1) {
		err_set(err, ERR_CRYPTO, "cannot sign the log list");
		goto out;
	}
	ok = put_file(dir, "log_list.sig", bytes_of(signature, len), err);
out:
	buf_free(&list);
	EVP_PKEY_free(key);
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* --- the list ------------------------------------------------------------- */

static const char *
operator_of(const struct testlist_row *row)
{
	return row->run_by != NULL ? row->run_by : "Test operator";
}

static void
put_logs(struct buf *out, const struct testlist_row *rows, size_t count,
    const char *run_by, bool static_ct)
{
	bool first = true;

	buf_append_format(out, "\"%s\":[", static_ct ? "tiled_logs" : "logs");
	for (size_t i = 0; i < count; i++) {
		if (strcmp(operator_of(&rows[i]), run_by) != 0 ||
		    testlog_is_static(rows[i].log) != static_ct)
			continue;
		buf_append_text(out, first ? "\n  " : ",\n  ");
		testlog_list_entry(rows[i].log, rows[i].url, rows[i].state, out);
		first = false;
	}
	buf_append_text(out, "]");
}

/* Each operator stands where its first log does. */
static void
put_operators(struct buf *out, const struct testlist_row *rows, size_t count)
{
	bool first = true;

	for (size_t i = 0; i < count; i++) {
		const char *run_by = operator_of(&rows[i]);
		bool seen = false;

		for (size_t k = 0; k < i; k++)
			seen = seen || strcmp(operator_of(&rows[k]), run_by) == 0;
		if (seen)
			continue;
		buf_append_format(out,
		    "%s{\"name\":\"%s\",\"email\":[\"ct@log.example\"],",
		    first ? "\n " : ",\n ", run_by);
		put_logs(out, rows, count, run_by, false);
		buf_append_text(out, ",");
		put_logs(out, rows, count, run_by, true);
		buf_append_text(out, "}");
		first = false;
	}
}

static bool
put_key(const char *dir, const struct testlog *log, struct err *err)
{
	char *name = mem_format("%s.key", testlog_name(log));
	struct buf text;
	bool ok;

	buf_init(&text, 4096);
	base64_encode(testlog_key(log), &text);
	buf_append_text(&text, "\n");
	ok = put_file(dir, name, buf_bytes(&text), err);
	buf_free(&text);
	mem_free(name);
	return ok;
}

bool
testlist_write(const char *dir, const struct testlist_row *rows, size_t count,
    int64_t now_ms, struct err *err)
{
	char when[TIME_TEXT_LEN];
	struct buf list;
	bool ok = true;

	mkdir(dir, 0755);
	buf_init(&list, MAX_LIST);
	buf_append_format(&list,
	    "{\"version\":\"1.0\",\"log_list_timestamp\":\"%s\",\"operators\":[",
	    time_format(now_ms, when));
	put_operators(&list, rows, count);
	buf_append_text(&list, "]}\n");
	for (size_t i = 0; ok && i < count; i++)
		ok = put_key(dir, rows[i].log, err);
	ok = ok && put_file(dir, "log_list.json", buf_bytes(&list), err) &&
	    testlist_sign(dir, err);
	buf_free(&list);
	return ok;
}
