#include "wire/signed.h"

bool
signed_take(struct cursor *cursor, struct digitally_signed *out)
{
	struct cursor ahead = *cursor;

	if (!cursor_u8(&ahead, &out->hash_algorithm) ||
	    !cursor_u8(&ahead, &out->signature_algorithm) ||
	    !cursor_vector16(&ahead, &out->signature))
		return false;
	*cursor = ahead;
	return true;
}

bool
signed_parse(struct bytes data, struct digitally_signed *out, struct err *err)
{
	struct cursor cursor = cursor_of(data);

	if (!signed_take(&cursor, out))
		return err_set(err, ERR_PARSE, "signature: cut short");
	if (cursor_left(&cursor) != 0)
		return err_set(err, ERR_PARSE, "signature: %zu bytes behind its end",
		    cursor_left(&cursor));
	return true;
}
