/* What checks look up of data that may be replaced, and what of it is in force. */
#include "check/data.h"

#include "check_priv.h"

/* The IANA IPv4 and IPv6 Special-Purpose Address Registries; what lies inside a
 * larger block of them is left out. */
static const struct check_block BLOCKS[] = {
    {{0}, 4, 8, "This network"},
    {{10}, 4, 8, "Private-Use"},
    {{100, 64}, 4, 10, "Shared Address Space"},
    {{127}, 4, 8, "Loopback"},
    {{169, 254}, 4, 16, "Link Local"},
    {{172, 16}, 4, 12, "Private-Use"},
    {{192}, 4, 24, "IETF Protocol Assignments"},
    {{192, 0, 2}, 4, 24, "Documentation (TEST-NET-1)"},
    {{192, 31, 196}, 4, 24, "AS112-v4"},
    {{192, 52, 193}, 4, 24, "AMT"},
    {{192, 88, 99}, 4, 24, "Deprecated (6to4 Relay Anycast)"},
    {{192, 168}, 4, 16, "Private-Use"},
    {{192, 175, 48}, 4, 24, "Direct Delegation AS112 Service"},
    {{198, 18}, 4, 15, "Benchmarking"},
    {{198, 51, 100}, 4, 24, "Documentation (TEST-NET-2)"},
    {{203, 0, 113}, 4, 24, "Documentation (TEST-NET-3)"},
    {{240}, 4, 4, "Reserved"},
    {{255, 255, 255, 255}, 4, 32, "Limited Broadcast"},
    {{0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	 0x00, 0x01},
	16, 128, "Loopback Address"},
    {{0}, 16, 128, "Unspecified Address"},
    {{0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff}, 16, 96,
	"IPv4-mapped Address"},
    {{0x00, 0x64, 0xff, 0x9b}, 16, 96, "IPv4-IPv6 Translat."},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 16, 48, "IPv4-IPv6 Translat."},
    {{0x01}, 16, 64, "Discard-Only Address Block"},
    {{0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01}, 16, 64, "Dummy IPv6 Prefix"},
    {{0x20, 0x01}, 16, 23, "IETF Protocol Assignments"},
    {{0x20, 0x01, 0x0d, 0xb8}, 16, 32, "Documentation"},
    {{0x20, 0x02}, 16, 16, "6to4"},
    {{0x26, 0x20, 0x00, 0x4f, 0x80}, 16, 48, "Direct Delegation AS112 Service"},
    {{0x3f, 0xff}, 16, 20, "Documentation"},
    {{0x5f}, 16, 16, "Segment Routing (SRv6) SIDs"},
    {{0xfc}, 16, 7, "Unique-Local"},
    {{0xfe, 0x80}, 16, 10, "Link-Local Unicast"},
};

static bool
lies_in(const struct check_block *block, struct bytes address)
{
	size_t whole = block->bits / 8;
	unsigned rest = block->bits % 8;

	return block->size == address.len &&
	    memcmp(block->address, address.data, whole) == 0 &&
	    (rest == 0 ||
		((block->address[whole] ^ address.data[whole]) >> (8 - rest)) == 0);
}

const struct check_block *
check_block_find(const struct check_params *params, struct bytes address)
{
	const struct check_block *blocks = BLOCKS, *best = NULL;
	size_t count = ARRAY_LEN(BLOCKS);

	if (params->block_count > 0) {
		blocks = params->blocks;
		count = params->block_count;
	}
	for (size_t i = 0; i < count; i++)
		if (lies_in(&blocks[i], address) &&
		    (best == NULL || blocks[i].bits > best->bits))
			best = &blocks[i];
	return best;
}

/* Whether a network has an address in common with the block. */
static bool
meets(const struct check_block *block, struct bytes network, struct bytes mask)
{
	if (block->size != network.len || mask.len != network.len)
		return false;
	for (size_t i = 0; i < network.len; i++) {
		unsigned bits = block->bits <= 8 * i ? 0
		    : block->bits >= 8 * (i + 1)     ? 8
						     : block->bits - 8 * (unsigned)i;
		unsigned both = (0xff00U >> bits) & mask.data[i];

		if (((block->address[i] ^ network.data[i]) & both) != 0)
			return false;
	}
	return true;
}

const struct check_block *
check_block_meets(
    const struct check_params *params, struct bytes network, struct bytes mask)
{
	const struct check_block *blocks = BLOCKS;
	size_t count = ARRAY_LEN(BLOCKS);

	if (params->block_count > 0) {
		blocks = params->blocks;
		count = params->block_count;
	}
	for (size_t i = 0; i < count; i++)
		if (meets(&blocks[i], network, mask))
			return &blocks[i];
	return NULL;
}

static const char *
tenant_listed(const struct check_params *params, struct bytes name)
{
	size_t low = 0, high = params->tenant_count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = bytes_compare(bytes_text(params->tenants[middle]), name);
		if (order == 0)
			return params->tenants[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const char *
check_tenant_find(const struct check_params *params, struct bytes name)
{
	const char *found;
	const uint8_t *dot;

	while ((found = tenant_listed(params, name)) == NULL) {
		dot = name.len > 0 ? memchr(name.data, '.', name.len) : NULL;
		if (dot == NULL)
			return NULL;
		name = bytes_of(dot + 1, name.len - (size_t)(dot + 1 - name.data));
	}
	return found;
}

const char *
check_data_name(enum check_data_kind kind)
{
	static const char *const NAMES[] = {"psl", "tlds", "countries", "blocks",
	    "tenants", "weak-keys", "blocked-keys", "holidays"};

	return NAMES[kind];
}

void
check_data_version(
    const struct check *check, const struct check_params *params, struct buf *out)
{
	buf_append_bytes(out, bytes_text(check_catalogue_version()));
	for (unsigned kind = 0; kind < CHECK_DATA_KINDS; kind++) {
		if ((check->data & (1U << kind)) == 0 || params->versions[kind] == NULL)
			continue;
		buf_append_bytes(out, bytes_text(" "));
		buf_append_bytes(out, bytes_text(check_data_name(kind)));
		buf_append_bytes(out, bytes_text("="));
		buf_append_bytes(out, bytes_text(params->versions[kind]));
	}
}
