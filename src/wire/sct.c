#include "wire/sct.h"

enum { DER_OCTET_STRING = 0x04 };

bool
sct_parse(struct bytes data, struct sct *out, struct err *err)
{
	struct cursor cursor = cursor_of(data);

	*out = (struct sct){.raw = data};
	if (!cursor_u8(&cursor, &out->version))
		return err_set(err, ERR_PARSE, "SCT: empty");
	if (out->version != 0)
		return true;
	if (!cursor_take(&cursor, SHA256_LEN, &out->log_id) ||
	    !cursor_be64(&cursor, &out->timestamp_ms) ||
	    !cursor_vector16(&cursor, &out->extensions) ||
	    !signed_take(&cursor, &out->signature))
		return err_set(err, ERR_PARSE, "SCT: cut short");
	if (cursor_left(&cursor) != 0)
		return err_set(err, ERR_PARSE, "SCT: %zu bytes behind its end",
		    cursor_left(&cursor));
	return true;
}

bool
sct_list_parse(struct bytes list, struct bytes *items, struct err *err)
{
	struct cursor cursor = cursor_of(list);

	if (!cursor_vector16(&cursor, items))
		return err_set(err, ERR_PARSE, "SCT list: cut short");
	if (cursor_left(&cursor) != 0)
		return err_set(err, ERR_PARSE, "SCT list: %zu bytes behind its end",
		    cursor_left(&cursor));
	return true;
}

bool
sct_list_next(struct cursor *items, struct bytes *sct)
{
	struct cursor ahead = *items;

	if (!cursor_vector16(&ahead, sct) || sct->len == 0)
		return false;
	*items = ahead;
	return true;
}

/* A DER length of one to three octets, as short as can be: a list has at most
 * 65,537 bytes. */
static bool
take_der_length(struct cursor *cursor, size_t *len)
{
	uint8_t first, one;
	uint16_t two;
	uint32_t three;

	if (!cursor_u8(cursor, &first))
		return false;
	switch (first) {
	case 0x81:
		*len = cursor_u8(cursor, &one) ? one : 0;
		return *len >= 0x80;
	case 0x82:
		*len = cursor_be16(cursor, &two) ? two : 0;
		return *len >= 0x100;
	case 0x83:
		*len = cursor_be24(cursor, &three) ? three : 0;
		return *len >= 0x10000;
	default:
		*len = first;
		return first < 0x80;
	}
}

bool
sct_list_unwrap(struct bytes extension_value, struct bytes *list, struct err *err)
{
	struct cursor cursor = cursor_of(extension_value);
	uint8_t tag;
	size_t len;

	if (!cursor_u8(&cursor, &tag) || tag != DER_OCTET_STRING ||
	    !take_der_length(&cursor, &len) || len != cursor_left(&cursor))
		return err_set(
		    err, ERR_PARSE, "SCT list: the extension holds no OCTET STRING");
	*list = cursor_rest(&cursor);
	return true;
}

bool
sct_append_signed(
    struct buf *out, const struct sct *sct, const struct leaf *entry, struct err *err)
{
	struct leaf promised = *entry;

	if (sct->version != 0)
		return err_set(err, ERR_PARSE, "SCT: version %u", sct->version);
	promised.timestamp_ms = sct->timestamp_ms;
	promised.extensions = sct->extensions;
	return leaf_append(out, &promised, err);
}
