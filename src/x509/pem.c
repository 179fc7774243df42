#include "x509/pem.h"

#include "base/text.h"

#define BEGIN "-----BEGIN "
#define END   "-----END "
#define KIND  "CERTIFICATE-----"

void
pem_certificates(struct bytes file, struct pem_iter *iter)
{
	*iter = (struct pem_iter){
	    .rest = file, .is_der = file.len > 0 && file.data[0] == 0x30};
}

static void
skip(struct bytes *rest, size_t len)
{
	*rest = bytes_of(rest->data + len, rest->len - len);
}

/* Moves rest behind the next mark; before is what stood in front of it. */
static bool
take_until(struct bytes *rest, const char *mark, struct bytes *before)
{
	const uint8_t *at =
	    rest->len == 0 ? NULL : memmem(rest->data, rest->len, mark, strlen(mark));

	if (at == NULL)
		return false;
	*before = bytes_of(rest->data, (size_t)(at - rest->data));
	skip(rest, before->len + strlen(mark));
	return true;
}

/* The base64 without its line ends. */
static struct bytes
decode_block(struct bytes block, struct buf *scratch)
{
	size_t kept = 0, len = 0;
	uint8_t *at;

	buf_clear(scratch);
	if ((at = buf_extend(scratch, block.len * 2)) == NULL)
		return bytes_of(NULL, 0);
	for (size_t i = 0; i < block.len; i++)
		if (memchr(" \t\r\n", block.data[i], 4) == NULL)
			at[block.len + kept++] = block.data[i];
	if (!base64_decode_to(bytes_of(at + block.len, kept), at, &len))
		len = 0;
	scratch->len = len;
	return buf_bytes(scratch);
}

bool
pem_next(struct pem_iter *iter, struct buf *scratch, struct bytes *der)
{
	struct bytes before, block;

	if (iter->is_der) {
		iter->is_der = false;
		*der = iter->rest;
		iter->rest.len = 0;
		return true;
	}
	while (take_until(&iter->rest, BEGIN, &before)) {
		if (iter->rest.len < strlen(KIND) ||
		    memcmp(iter->rest.data, KIND, strlen(KIND)) != 0)
			continue;
		skip(&iter->rest, strlen(KIND));
		if (!take_until(&iter->rest, END, &block))
			return false;
		*der = decode_block(block, scratch);
		return true;
	}
	return false;
}
