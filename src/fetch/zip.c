#include "fetch/zip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/mem.h"

enum {
	END_LEN = 22, /* the end of central directory record, without its comment */
	END_MAX = END_LEN + 65535,
	LOCATOR_LEN = 20,
	END64_LEN = 56,
	MEMBER_LEN = 46, /* of the central directory, without its texts */
	LOCAL_LEN = 30,
	EXTRA_ZIP64 = 1,
	FLAG_ENCRYPTED = 1,
	STORED = 0,
	DEFLATED = 8,
	SAME_HASH_MAX = 16, /* whoever makes more collide is found no more */
	PIECE = 65536,
};

struct place {
	uint64_t hash; /* of the name */
	uint64_t at;   /* in the central directory */
};

struct zip {
	struct zip_source source;
	uint64_t directory, directory_end; /* where the central directory stands */
	struct place *places;              /* by hash, then by place */
	size_t count;
};

/* One record of the central directory. */
struct member {
	unsigned flags, method;
	uint32_t crc;
	uint64_t packed, size; /* bytes, before and after inflating */
	uint64_t local;        /* where its local header stands */
	size_t name_len, extra_len, comment_len;
};

static uint16_t
le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)le16(p) | (uint32_t)le16(p + 2) << 16;
}

static uint64_t
le64(const uint8_t *p)
{
	return (uint64_t)le32(p) | (uint64_t)le32(p + 4) << 32;
}

static bool
damaged(struct err *err, const char *what)
{
	return err_set(err, ERR_PARSE, "zip: %s", what);
}

static bool
read_at(struct zip *zip, uint64_t at, void *out, size_t len, struct err *err)
{
	if (at > zip->source.size || len > zip->source.size - at)
		return damaged(err, "it points past its end");
	return zip->source.read(zip->source.owner, at, out, len) ||
	    err_set(err, ERR_SYSTEM, "zip: it cannot be read at %" PRIu64, at);
}

/* --- where the central directory is ------------------------------------------- */

/* Where the 32-bit record is not enough, another stands before it. */
static bool
take_zip64(struct zip *zip, uint64_t end_at, uint64_t *count, struct err *err)
{
	uint8_t locator[LOCATOR_LEN], end[END64_LEN];
	uint64_t len;

	if (end_at < LOCATOR_LEN)
		return true;
	if (!read_at(zip, end_at - LOCATOR_LEN, locator, LOCATOR_LEN, err))
		return false;
	if (memcmp(locator, "PK\6\7", 4) != 0)
		return true;
	if (!read_at(zip, le64(locator + 8), end, END64_LEN, err))
		return false;
	if (memcmp(end, "PK\6\6", 4) != 0)
		return damaged(err, "its zip64 record is not where it should be");
	*count = le64(end + 32);
	len = le64(end + 40);
	zip->directory = le64(end + 48);
	if (len > UINT64_MAX - zip->directory)
		return damaged(err, "its central directory is too long");
	zip->directory_end = zip->directory + len;
	return true;
}

/* The last thing in the file, behind it only its own comment. */
static bool
find_end(const uint8_t *tail, size_t len, size_t *at)
{
	if (len < END_LEN)
		return false;
	for (*at = len - END_LEN;; (*at)--) {
		if (memcmp(tail + *at, "PK\5\6", 4) == 0 &&
		    *at + END_LEN + le16(tail + *at + 20) == len)
			return true;
		if (*at == 0)
			return false;
	}
}

static bool
read_end(struct zip *zip, uint8_t *tail, uint64_t *count, struct err *err)
{
	size_t len = zip->source.size < END_MAX ? (size_t)zip->source.size : END_MAX, at;
	uint64_t tail_at = zip->source.size - len;

	if (!read_at(zip, tail_at, tail, len, err))
		return false;
	if (!find_end(tail, len, &at))
		return damaged(err, "it is none");
	*count = le16(tail + at + 10);
	zip->directory = le32(tail + at + 16);
	zip->directory_end = zip->directory + le32(tail + at + 12);
	if (!take_zip64(zip, tail_at + at, count, err))
		return false;
	if (zip->directory_end > tail_at + at)
		return damaged(err, "its central directory runs past its end");
	if (*count > ZIP_MEMBERS_MAX)
		return err_set(err, ERR_LIMIT, "zip: %" PRIu64 " members", *count);
	return *count <= (zip->directory_end - zip->directory) / MEMBER_LEN ||
	    damaged(err, "it has fewer members than it says");
}

/* --- its members ------------------------------------------------------------------ */

static void
take_member(const uint8_t *record, struct member *out)
{
	*out = (struct member){.flags = le16(record + 8),
	    .method = le16(record + 10),
	    .crc = le32(record + 16),
	    .packed = le32(record + 20),
	    .size = le32(record + 24),
	    .name_len = le16(record + 28),
	    .extra_len = le16(record + 30),
	    .comment_len = le16(record + 32),
	    .local = le32(record + 42)};
}

/* One number that did not fit into 32 bits; they stand in this order. */
static bool
take_wide(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
	if (*value != UINT32_MAX)
		return true;
	if (end - *at < 8)
		return false;
	*value = le64(*at);
	*at += 8;
	return true;
}

static bool
take_extra(struct member *member, const uint8_t *extra, size_t len, struct err *err)
{
	const uint8_t *end = extra + len;

	while (end - extra >= 4) {
		size_t field = le16(extra + 2);
		unsigned kind = le16(extra);

		extra += 4;
		if ((size_t)(end - extra) < field)
			break;
		if (kind == EXTRA_ZIP64) {
			const uint8_t *at = extra;

			return (take_wide(&at, extra + field, &member->size) &&
				   take_wide(&at, extra + field, &member->packed) &&
				   take_wide(&at, extra + field, &member->local)) ||
			    damaged(err, "a member's zip64 numbers are missing");
		}
		extra += field;
	}
	return true;
}

static int
compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return left->at < right->at ? -1 : left->at > right->at;
}

/* The part of the central directory at hand: members are read piece by piece. */
struct window {
	uint8_t data[PIECE + MEMBER_LEN + ZIP_NAME_MAX];
	uint64_t at;
	size_t len;
};

static bool
window_at(struct zip *zip, struct window *window, uint64_t at, size_t need,
    const uint8_t **out, struct err *err)
{
	uint64_t left = at <= zip->directory_end ? zip->directory_end - at : 0;

	if (need > left)
		return damaged(err, "its central directory is cut short");
	if (at < window->at || at - window->at > window->len ||
	    window->len - (size_t)(at - window->at) < need) {
		window->at = at;
		window->len =
		    left < sizeof(window->data) ? (size_t)left : sizeof(window->data);
		if (!read_at(zip, at, window->data, window->len, err))
			return false;
	}
	*out = window->data + (at - window->at);
	return true;
}

static bool
index_members(struct zip *zip, struct window *window, uint64_t count, struct err *err)
{
	uint64_t at = zip->directory;

	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *record;
		struct member member;

		if (!window_at(zip, window, at, MEMBER_LEN, &record, err))
			return false;
		if (memcmp(record, "PK\1\2", 4) != 0)
			return damaged(err, "no member stands where one should");
		take_member(record, &member);
		if (member.name_len <= ZIP_NAME_MAX) {
			if (!window_at(zip, window, at, MEMBER_LEN + member.name_len,
				&record, err))
				return false;
			zip->places[zip->count++] = (struct place){
			    bytes_hash(bytes_of(record + MEMBER_LEN, member.name_len)),
			    at};
		}
		at +=
		    MEMBER_LEN + member.name_len + member.extra_len + member.comment_len;
	}
	return true;
}

struct zip *
zip_open(const struct zip_source *source, struct err *err)
{
	struct zip *zip = mem_zero(1, sizeof(*zip));
	uint8_t *tail = mem_alloc(END_MAX);
	struct window *window = mem_zero(1, sizeof(*window));
	uint64_t count = 0;
	bool ok;

	zip->source = *source;
	ok = read_end(zip, tail, &count, err);
	if (ok) {
		zip->places = mem_zero((size_t)count + 1, sizeof(*zip->places));
		ok = index_members(zip, window, count, err);
	}
	if (ok)
		qsort(zip->places, zip->count, sizeof(*zip->places), compare_places);
	mem_free(tail);
	mem_free(window);
	if (ok)
		return zip;
	zip_free(zip);
	return NULL;
}

void
zip_free(struct zip *zip)
{
	if (zip == NULL)
		return;
	mem_free(zip->places);
	mem_free(zip);
}

size_t
zip_count(const struct zip *zip)
{
	return zip->count;
}

/* --- one member -------------------------------------------------------------------- */

/* The first place with that hash. */
static size_t
first_with(const struct zip *zip, uint64_t hash)
{
	size_t low = 0, high = zip->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zip->places[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The member at a place; is tells whether it has that name. */
static bool
read_member(struct zip *zip, uint64_t at, struct bytes name, struct member *out, bool *is,
    struct err *err)
{
	uint8_t record[MEMBER_LEN], text[ZIP_NAME_MAX], *extra;
	bool ok;

	if (!read_at(zip, at, record, MEMBER_LEN, err))
		return false;
	take_member(record, out);
	*is = out->name_len == name.len;
	if (!*is)
		return true;
	if (!read_at(zip, at + MEMBER_LEN, text, name.len, err))
		return false;
	*is = name.len == 0 || memcmp(text, name.data, name.len) == 0;
	if (!*is || out->extra_len == 0)
		return true;
	extra = mem_alloc(out->extra_len);
	ok = read_at(zip, at + MEMBER_LEN + name.len, extra, out->extra_len, err) &&
	    take_extra(out, extra, out->extra_len, err);
	mem_free(extra);
	return ok;
}

static bool
find_member(struct zip *zip, const char *name, struct member *out, struct err *err)
{
	struct bytes text = bytes_text(name);
	uint64_t hash = bytes_hash(text);
	size_t i = first_with(zip, hash), last = i + SAME_HASH_MAX;
	bool is = false;

	if (text.len <= ZIP_NAME_MAX)
		for (; i < zip->count && i < last && zip->places[i].hash == hash; i++) {
			if (!read_member(zip, zip->places[i].at, text, out, &is, err))
				return false;
			if (is)
				return true;
		}
	return err_set(err, ERR_NOT_FOUND, "zip: no member %.200s", name);
}

/* Where its bytes begin: the local header has texts of its own lengths. */
static bool
find_data(struct zip *zip, const struct member *member, uint64_t *at, struct err *err)
{
	uint8_t local[LOCAL_LEN];

	if (!read_at(zip, member->local, local, LOCAL_LEN, err))
		return false;
	if (memcmp(local, "PK\3\4", 4) != 0)
		return damaged(err, "a member is not where it should be");
	*at = member->local + LOCAL_LEN + le16(local + 26) + le16(local + 28);
	return (*at <= zip->source.size && member->packed <= zip->source.size - *at) ||
	    damaged(err, "a member runs past its end");
}

/* Inflates into exactly the room that the member says it needs. */
static bool
inflate_into(struct zip *zip, uint64_t at, const struct member *member, uint8_t *out,
    struct err *err)
{
	uint8_t *piece = mem_alloc(PIECE);
	uint64_t left = member->packed;
	z_stream z = {0};
	int status = Z_OK;
	bool ok = inflateInit2(&z, -15) == Z_OK;

	z.next_out = out;
	z.avail_out = (unsigned)member->size;
	while (ok && status == Z_OK && left > 0) {
		size_t len = left < PIECE ? (size_t)left : PIECE;

		ok = read_at(zip, at, piece, len, err);
		at += len;
		left -= len;
		z.next_in = piece;
		z.avail_in = (unsigned)len;
		if (ok)
			status = inflate(&z, Z_NO_FLUSH);
		if (status == Z_OK && z.avail_in > 0)
			status = Z_BUF_ERROR; /* it goes on where it should end */
	}
	ok = ok &&
	    ((status == Z_STREAM_END && z.avail_out == 0) ||
		damaged(err, "a member does not inflate to its size"));
	inflateEnd(&z);
	mem_free(piece);
	return ok;
}

static bool
read_data(struct zip *zip, uint64_t at, const struct member *member, uint8_t *out,
    struct err *err)
{
	if (member->method == DEFLATED)
		return inflate_into(zip, at, member, out, err);
	if (member->packed != member->size)
		return damaged(err, "a stored member has two sizes");
	return read_at(zip, at, out, (size_t)member->size, err);
}

bool
zip_read(struct zip *zip, const char *name, struct buf *out, struct err *err)
{
	struct member member;
	uint64_t at;
	uint8_t *data;

	buf_clear(out);
	if (!find_member(zip, name, &member, err))
		return false;
	if ((member.flags & FLAG_ENCRYPTED) != 0 ||
	    (member.method != STORED && member.method != DEFLATED))
		return damaged(err, "a member is packed in a way that we do not read");
	if (member.size > out->ceiling || member.size > UINT32_MAX)
		return err_set(
		    err, ERR_LIMIT, "zip: a member of %" PRIu64 " bytes", member.size);
	if (!find_data(zip, &member, &at, err))
		return false;
	if (member.size == 0)
		return true;
	data = buf_extend(out, (size_t)member.size);
	if (!read_data(zip, at, &member, data, err)) {
		buf_clear(out);
		return false;
	}
	if (crc32(0, data, (unsigned)member.size) != member.crc) {
		buf_clear(out);
		return damaged(err, "a member's CRC does not hold");
	}
	return true;
}
