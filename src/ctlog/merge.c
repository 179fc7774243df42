#include "ctlog/merge.h"

static bool
is_usable(const struct ct_listing *listing)
{
	return listing->entry->error.code == ERR_NONE;
}

/* Where entries are read. */
static const char *
address(const struct log_list_entry *entry)
{
	return entry->tiled ? entry->monitoring_url : entry->url;
}

static const struct log_list_entry *
governing(const struct ct_listing *listings, size_t count)
{
	const struct log_list_entry *first = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!is_usable(&listings[i]))
			continue;
		if (listings[i].follow)
			return listings[i].entry;
		if (first == NULL)
			first = listings[i].entry;
	}
	return first;
}

static void
take_address(struct log_list_entry *out, const struct log_list_entry *from)
{
	if (address(out)[0] == '\0' && address(from)[0] != '\0') {
		out->tiled = from->tiled;
		out->url = from->url;
		out->submission_url = from->submission_url;
		out->monitoring_url = from->monitoring_url;
	} else if (!out->tiled && out->monitoring_url[0] == '\0') {
		out->monitoring_url = from->monitoring_url;
	}
}

static void
take_rest(struct log_list_entry *out, const struct log_list_entry *from)
{
	take_address(out, from);
	if (out->mmd_s == 0 && from->tiled == out->tiled)
		out->mmd_s = from->mmd_s;
	if (!out->has_interval && from->has_interval) {
		out->has_interval = true;
		out->start_ms = from->start_ms;
		out->end_ms = from->end_ms;
	}
	if (!out->has_final_head && from->has_final_head) {
		out->has_final_head = true;
		out->final_size = from->final_size;
		out->final_root = from->final_root;
	}
	out->bogus |= from->bogus;
	out->mimic |= from->mimic;
}

bool
ct_log_merge(const struct ct_listing *listings, size_t count, struct log_list_entry *out)
{
	const struct log_list_entry *first = governing(listings, count);

	if (first == NULL)
		return false;
	*out = *first;
	for (size_t i = 0; i < count; i++)
		if (is_usable(&listings[i]) && listings[i].entry != first)
			take_rest(out, listings[i].entry);
	return true;
}
