#include "wire/leaf.h"

enum {
	KEY_HASH_LEN = 32,
	EXTENSION_LEAF_INDEX = 0, /* static-ct-api */
	LEAF_INDEX_LEN = 5,
	VECTOR24_MAX = 0xffffff,
	VECTOR16_MAX = 0xffff,
};

/* opaque<1..2^24-1> */
static bool
take_certificate(struct cursor *cursor, struct bytes *out)
{
	struct cursor ahead = *cursor;
	struct bytes found;

	if (!cursor_vector24(&ahead, &found) || found.len == 0)
		return false;
	*out = found;
	*cursor = ahead;
	return true;
}

/* RFC 6962, 3.4: the signed_entry and what follows it. */
static const char *
take_known(struct cursor *cursor, struct leaf *out)
{
	if (out->entry_type == ENTRY_PRECERT &&
	    !cursor_take(cursor, KEY_HASH_LEN, &out->issuer_key_hash))
		return "the issuer key hash is cut";
	if (!take_certificate(cursor, &out->certificate))
		return "the certificate is cut or empty";
	if (!cursor_vector16(cursor, &out->extensions))
		return "the extensions are cut";
	return NULL;
}

/* Fills *out as far as it goes; NULL or what is wrong. */
static const char *
take_entry(struct cursor *cursor, struct leaf *out)
{
	if (!cursor_be64(cursor, &out->timestamp_ms) ||
	    !cursor_be16(cursor, &out->entry_type))
		return "the timestamp or entry type is cut";
	if (out->entry_type != ENTRY_X509 && out->entry_type != ENTRY_PRECERT) {
		out->kind = LEAF_OPAQUE;
		return NULL;
	}
	out->kind = out->entry_type == ENTRY_X509 ? LEAF_X509 : LEAF_PRECERT;
	return take_known(cursor, out);
}

bool
leaf_take_entry(struct cursor *cursor, struct leaf *out, struct err *err)
{
	struct cursor ahead = *cursor;
	const char *why;

	*out = (struct leaf){.kind = LEAF_OPAQUE};
	if ((why = take_entry(&ahead, out)) != NULL)
		return err_set(err, ERR_PARSE, "entry: %s", why);
	if (out->kind == LEAF_OPAQUE)
		return err_set(err, ERR_PARSE, "entry: unknown type %u", out->entry_type);
	*cursor = ahead;
	return true;
}

bool
leaf_parse(struct bytes leaf_input, struct leaf *out, struct err *err)
{
	struct cursor cursor = cursor_of(leaf_input);
	const char *why;

	*out = (struct leaf){.kind = LEAF_OPAQUE};
	if (!cursor_u8(&cursor, &out->version) || !cursor_u8(&cursor, &out->leaf_type))
		return err_set(err, ERR_PARSE, "leaf: cut short");
	if (out->version != 0)
		return err_set(err, ERR_PARSE, "leaf: version %u", out->version);
	if (out->leaf_type != 0)
		return true;
	if ((why = take_entry(&cursor, out)) != NULL)
		return err_set(err, ERR_PARSE, "leaf: %s", why);
	if (out->kind != LEAF_OPAQUE && cursor_left(&cursor) != 0)
		return err_set(err, ERR_PARSE, "leaf: %zu bytes behind its end",
		    cursor_left(&cursor));
	return true;
}

bool
leaf_append(struct buf *out, const struct leaf *leaf, struct err *err)
{
	bool precert = leaf->kind == LEAF_PRECERT;
	bool ok;

	if (leaf->kind == LEAF_OPAQUE ||
	    (precert && leaf->issuer_key_hash.len != KEY_HASH_LEN))
		return err_set(
		    err, ERR_PARSE, "leaf: neither certificate nor precertificate");
	if (leaf->certificate.len == 0 || leaf->certificate.len > VECTOR24_MAX ||
	    leaf->extensions.len > VECTOR16_MAX)
		return err_set(err, ERR_LIMIT, "leaf: %zu bytes with %zu of extensions",
		    leaf->certificate.len, leaf->extensions.len);
	ok = buf_append_be16(out, 0) && /* version v1, timestamped_entry */
	    buf_append_be64(out, leaf->timestamp_ms) &&
	    buf_append_be16(out, precert ? ENTRY_PRECERT : ENTRY_X509) &&
	    (!precert || buf_append_bytes(out, leaf->issuer_key_hash)) &&
	    buf_append_be24(out, (uint32_t)leaf->certificate.len) &&
	    buf_append_bytes(out, leaf->certificate) &&
	    buf_append_be16(out, (uint16_t)leaf->extensions.len) &&
	    buf_append_bytes(out, leaf->extensions);
	return ok || err_set(err, ERR_LIMIT, "leaf: larger than its buffer");
}

enum leaf_index_state
leaf_index(struct bytes extensions, uint64_t *index)
{
	struct cursor cursor = cursor_of(extensions);
	bool seen[256] = {false};

	while (cursor_left(&cursor) > 0) {
		uint8_t type;
		struct bytes data;

		if (!cursor_u8(&cursor, &type) || !cursor_vector16(&cursor, &data) ||
		    seen[type])
			return LEAF_INDEX_BROKEN;
		seen[type] = true;
		if (type != EXTENSION_LEAF_INDEX)
			continue;
		if (data.len != LEAF_INDEX_LEN)
			return LEAF_INDEX_BROKEN;
		*index = (uint64_t)data.data[0] << 32 | be32(data.data + 1);
	}
	return seen[EXTENSION_LEAF_INDEX] ? LEAF_INDEX_FOUND : LEAF_INDEX_ABSENT;
}

bool
leaf_append_index(struct buf *out, uint64_t index)
{
	uint8_t bytes[8];

	put_be64(bytes, index); /* three bytes of it give way to type and length */
	bytes[0] = EXTENSION_LEAF_INDEX;
	put_be16(bytes + 1, LEAF_INDEX_LEN);
	return index >> 40 == 0 && buf_append(out, bytes, sizeof(bytes));
}

/* The certificates of a chain, counted; where one is broken the chain ends
 * before it. */
static bool
count_chain(struct extra_data *out)
{
	struct cursor chain = cursor_of(out->chain);
	struct bytes certificate;

	while (take_certificate(&chain, &certificate))
		out->chain_len++;
	out->chain.len -= cursor_left(&chain);
	return cursor_left(&chain) == 0;
}

bool
extra_data_parse(
    struct bytes data, enum leaf_kind kind, struct extra_data *out, struct err *err)
{
	struct cursor cursor = cursor_of(data);
	uint32_t chain_len;
	bool whole;

	*out = (struct extra_data){0};
	if (kind == LEAF_OPAQUE)
		return true;
	if (kind == LEAF_PRECERT && !take_certificate(&cursor, &out->pre_certificate))
		return err_set(err, ERR_PARSE, "extra data: no whole precertificate");
	if (!cursor_be24(&cursor, &chain_len))
		return err_set(err, ERR_PARSE, "extra data: no chain");
	/* A chain that is cut is read as far as it goes. */
	whole = cursor_take(&cursor, chain_len, &out->chain);
	if (!whole)
		out->chain = cursor_rest(&cursor);
	if (!count_chain(out) || !whole)
		return err_set(err, ERR_PARSE,
		    "extra data: the chain breaks after %zu certificates",
		    out->chain_len);
	if (cursor_left(&cursor) != 0)
		return err_set(err, ERR_PARSE, "extra data: %zu bytes behind its end",
		    cursor_left(&cursor));
	return true;
}

bool
chain_next(struct cursor *chain, struct bytes *certificate)
{
	return take_certificate(chain, certificate);
}
