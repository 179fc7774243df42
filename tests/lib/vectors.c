#include "tests/lib/vectors.h"

#include "x509/pem.h"

json_t *
vectors_json(const char *path)
{
	const char *full = unit_shared(path);
	json_error_t why;
	json_t *json;

	if (full == NULL)
		return NULL;
	json = json_load_file(full, 0, &why);
	ck_assert_msg(json != NULL, "%s:%d: %s", path, why.line, why.text);
	return json;
}

bool
vectors_file(const char *path, struct buf *out)
{
	const char *full = unit_shared(path);

	if (full != NULL)
		*out = unit_file(full);
	return full != NULL;
}

struct buf
vectors_in(const char *folder, const char *name)
{
	char *path = mem_format("%s/%s", folder, name);
	struct buf file;

	ck_assert_msg(vectors_file(path, &file), "%s", path);
	mem_free(path);
	return file;
}

struct buf
vectors_certificate(const char *folder, const char *name)
{
	struct buf file = vectors_in(folder, name), der;
	struct pem_iter iter;
	struct bytes block;

	buf_init(&der, 2 * file.len); /* pem_next() works in it */
	pem_certificates(buf_bytes(&file), &iter);
	ck_assert_msg(pem_next(&iter, &der, &block), "%s", name);
	if (der.len == 0)
		buf_append_bytes(&der, block);
	buf_free(&file);
	return der;
}

struct buf
vectors_base64(const char *text)
{
	struct bytes from = bytes_text(text);
	struct buf out;

	while (from.len > 0 && from.data[from.len - 1] == '\n')
		from.len--;
	buf_init(&out, from.len + 4);
	ck_assert_msg(base64_decode(from, &out), "no base64: %.40s", text);
	return out;
}

struct sha256
vectors_hash(const char *text)
{
	struct sha256 out;

	if (strlen(text) == 44) {
		struct buf decoded = vectors_base64(text);

		ck_assert(sha256_from(buf_bytes(&decoded), &out));
		buf_free(&decoded);
		return out;
	}
	ck_assert_msg(hex_parse(text, out.octets, SHA256_LEN), "no hash: %s", text);
	return out;
}

size_t
vectors_hashes(const json_t *array, struct sha256 *out, size_t max)
{
	size_t count = json_array_size(array);

	ck_assert_uint_le(count, max);
	for (size_t i = 0; i < count; i++)
		out[i] = vectors_hash(json_string_value(json_array_get(array, i)));
	return count;
}

const char *
vectors_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	ck_assert_msg(text != NULL, "no text %s", key);
	return text;
}

uint64_t
vectors_number(const json_t *object, const char *key)
{
	json_t *number = json_object_get(object, key);

	ck_assert_msg(json_is_integer(number), "no number %s", key);
	return (uint64_t)json_integer_value(number);
}
