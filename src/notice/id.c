#include <string.h>

#include "crypto/digest.h"
#include "notice/notice_priv.h"

#define PARTS_MAX (2 * (NOTICE_IDS_MAX + 8))

/* Parts of a hash, each with its length before it: no two lists of parts make
 * the same bytes. */
struct parts {
	struct bytes part[PARTS_MAX];
	uint8_t lengths[PARTS_MAX / 2][8];
	uint8_t numbers[PARTS_MAX / 2][8];
	size_t len;
};

static void
add_bytes(struct parts *parts, struct bytes data)
{
	uint8_t *length = parts->lengths[parts->len / 2];

	put_be64(length, data.len);
	parts->part[parts->len++] = bytes_of(length, 8);
	parts->part[parts->len++] = data;
}

static void
add_text(struct parts *parts, const char *text)
{
	add_bytes(parts, text != NULL ? bytes_text(text) : bytes_of("", 0));
}

static void
add_number(struct parts *parts, uint64_t number)
{
	uint8_t *octets = parts->numbers[parts->len / 2];

	put_be64(octets, number);
	add_bytes(parts, bytes_of(octets, 8));
}

static void
finish(const struct parts *parts, uint8_t id[NOTICE_ID_LEN])
{
	struct sha256 hash;

	sha256_of_parts(parts->part, parts->len, &hash);
	memcpy(id, hash.octets, NOTICE_ID_LEN);
}

void
notice_id(const struct notice_subject *subject, uint8_t id[NOTICE_ID_LEN])
{
	struct parts parts = {.len = 0};

	add_text(&parts, notice_kind_name(subject->kind));
	add_bytes(&parts, subject->key);
	add_text(&parts, subject->check);
	add_text(&parts, subject->subrule);
	add_number(&parts, subject->generation);
	finish(&parts, id);
}

void
notice_digest_id(const struct notice_digest *digest, uint8_t id[NOTICE_ID_LEN])
{
	struct parts parts = {.len = 0};

	add_text(&parts, notice_kind_name(NOTICE_DIGEST));
	add_text(&parts, digest->check);
	add_text(&parts, digest->watch);
	add_number(&parts, digest->history);
	add_number(&parts, digest->count);
	add_number(&parts, (uint64_t)digest->first_ms);
	add_number(&parts, (uint64_t)digest->last_ms);
	for (size_t i = 0; i < digest->ids_len && i < NOTICE_IDS_MAX; i++)
		add_bytes(&parts, bytes_of(digest->ids[i], NOTICE_ID_LEN));
	finish(&parts, id);
}
