/* From the names of a certificate to the watches they touch. */
#include "watch_priv.h"

#include "x509/dns.h"
#include "x509/san.h"

/* Searches that have to look at every child of a parent, or at every domain:
 * what one certificate may ask for. */
#define SCANS_MAX 64

const char *
watch_how_name(enum watch_how how)
{
	static const char *const NAMES[] = {
	    [WATCH_EQUAL] = "equal",
	    [WATCH_BELOW] = "below",
	    [WATCH_WILDCARD] = "wildcard",
	    [WATCH_RAW] = "raw",
	    [WATCH_ISSUER_KEY] = "issuer-key",
	    [WATCH_CHAIN_KEY] = "chain-key",
	    [WATCH_ISSUER_NAME] = "issuer-name",
	    [WATCH_ORGANISATION] = "organisation",
	    [WATCH_AUTHORITY] = "authority-key-id",
	    [WATCH_LOOKALIKE] = "lookalike",
	};

	return NAMES[how];
}

void
watch_matches_init(struct watch_matches *matches, struct arena *arena)
{
	*matches = (struct watch_matches){.arena = arena};
}

/* A name that is there beats one that may be, then the closer one. */
static bool
is_stronger(const struct watch_match *a, const struct watch_match *b)
{
	if (a->possible != b->possible)
		return !a->possible;
	return a->how < b->how;
}

static void
grow(struct watch_matches *out)
{
	struct watch_match *larger;

	out->room = out->room * 2 + 4;
	larger = arena_alloc(out->arena, out->room * sizeof(*larger));
	if (out->count > 0)
		memcpy(larger, out->rows, out->count * sizeof(*larger));
	out->rows = larger;
}

void
watch_matches_add(struct watch_matches *out, uint32_t watch, enum watch_how how,
    bool possible, struct bytes name)
{
	struct watch_match row = {
	    .watch = watch, .how = how, .possible = possible, .name = name};

	for (size_t i = 0; i < out->count; i++)
		if (out->rows[i].watch == watch) {
			if (is_stronger(&row, &out->rows[i]))
				out->rows[i] = row;
			return;
		}
	if (out->count == WATCH_MATCHES_MAX) {
		out->more = true;
		return;
	}
	if (out->count == out->room)
		grow(out);
	out->rows[out->count++] = row;
}

/* One name being matched. */
struct search {
	const struct watch_domains *domains;
	struct watch_matches *out;
	struct bytes shown; /* what a match reports */
	bool possible;
	bool raw;
	bool passing; /* shown dies with this search: a match copies it */
};

static void
found(const struct search *search, uint32_t number, enum watch_how how)
{
	struct bytes shown = search->passing
	    ? arena_copy(search->out->arena, search->shown)
	    : search->shown;

	watch_matches_add(
	    search->out, number, search->raw ? WATCH_RAW : how, search->possible, shown);
}

/* --- wildcards --------------------------------------------------------------------- */

/* Whether a label fits a pattern with stars, both of any case. Linear for one
 * star, at worst the product of the lengths (63 each). */
static bool
glob_label(const uint8_t *pattern, size_t pattern_len, const uint8_t *label, size_t len)
{
	size_t p = 0, l = 0, star = SIZE_MAX, resume = 0;

	while (l < len) {
		if (p < pattern_len && pattern[p] == '*') {
			star = p++;
			resume = l;
		} else if (p < pattern_len &&
		    WATCH_FOLD[pattern[p]] == WATCH_FOLD[label[l]]) {
			p++;
			l++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			l = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern_len && pattern[p] == '*')
		p++;
	return p == pattern_len;
}

static size_t
label_len(const uint8_t *name, size_t len)
{
	const uint8_t *dot = memchr(name, '.', len);

	return dot != NULL ? (size_t)(dot - name) : len;
}

static size_t
count_labels(struct bytes name)
{
	size_t count = 1;

	for (size_t i = 0; i < name.len; i++)
		count += name.data[i] == '.';
	return count;
}

/* Whether the last labels of the pattern fit all labels of the domain, so that
 * some name equal to or below the domain fits the pattern. */
static bool
tail_covers(struct bytes pattern, struct bytes domain)
{
	size_t skip = count_labels(pattern), want = count_labels(domain), p, d;
	const uint8_t *at = pattern.data, *end = at + pattern.len;
	const uint8_t *name = domain.data, *name_end = name + domain.len;

	if (skip < want)
		return false;
	for (skip -= want; skip > 0; skip--)
		at += label_len(at, (size_t)(end - at)) + 1;
	for (; want > 0; want--) {
		p = label_len(at, (size_t)(end - at));
		d = label_len(name, (size_t)(name_end - name));
		if (!glob_label(at, p, name, d))
			return false;
		at += p + (want > 1);
		name += d + (want > 1);
	}
	return true;
}

static bool
may_scan(struct watch_matches *out)
{
	if (++out->scans <= SCANS_MAX)
		return true;
	out->more = true;
	return false;
}

/* A star in another label than the first is no wildcard that a browser takes:
 * odd enough to look at every domain. */
static void
match_inner_star(const struct search *search, struct bytes name)
{
	struct search odd = *search;

	if (!may_scan(search->out))
		return;
	odd.possible = true;
	for (uint32_t i = 0; i < search->domains->count && !search->out->more; i++)
		if (tail_covers(name, watch_domain_name(search->domains, i)))
			found(&odd, i, WATCH_WILDCARD);
}

/* "f*o.example.org" may stand for each watched name right below its parent. */
static void
match_wildcard(const struct search *search, struct bytes name)
{
	size_t first = label_len(name.data, name.len);
	struct bytes parent;
	uint32_t at, child;

	if (first == name.len)
		return;
	parent = bytes_of(name.data + first + 1, name.len - first - 1);
	if (memchr(parent.data, '*', parent.len) != NULL) {
		match_inner_star(search, name);
		return;
	}
	at = watch_parent_find(search->domains, watch_name_hash(parent.data, parent.len),
	    parent.data, parent.len);
	if (at == WATCH_NONE || !may_scan(search->out))
		return;
	for (child = search->domains->parents[at].first;
	     child != WATCH_NONE && !search->out->more;
	     child = search->domains->rows[child].sibling) {
		struct bytes domain = watch_domain_name(search->domains, child);

		if (glob_label(name.data, first, domain.data,
			label_len(domain.data, domain.len)))
			found(search, child, WATCH_WILDCARD);
	}
}

/* --- imitations ------------------------------------------------------------------------
 */

/* Each suffix by what it looks like. What is the domain itself, or below it, stands
 * in the matches by now, and stronger. */
static void
match_look(const struct search *search, struct bytes name)
{
	struct buf skeleton;

	if (search->domains->looks.used == 0 || !watch_may_imitate(name))
		return;
	buf_init(&skeleton, 4096);
	watch_skeleton(name, &skeleton);
	for (size_t i = 0; i < skeleton.len; i++) {
		struct bytes suffix = bytes_of(skeleton.data + i, skeleton.len - i);
		uintptr_t number = 0;

		if (i == 0 || skeleton.data[i - 1] == '.')
			number = (uintptr_t)map_get(&search->domains->looks, suffix);
		if (number != 0)
			found(search, (uint32_t)(number - 1), WATCH_LOOKALIKE);
	}
	buf_free(&skeleton);
}

/* --- one well-formed name ------------------------------------------------------------
 */

/* Looks every suffix up, in one pass from the end. */
static void
match_plain(const struct search *search, struct bytes name)
{
	uint64_t hash = WATCH_HASH_SEED;
	bool star = false;
	uint32_t number;

	for (size_t i = name.len; i-- > 0;) {
		uint8_t c = WATCH_FOLD[name.data[i]];

		if (c == '.') {
			number = watch_domain_find(search->domains, watch_hash_end(hash),
			    name.data + i + 1, name.len - i - 1);
			if (number != WATCH_NONE)
				found(search, number, WATCH_BELOW);
		}
		star |= c == '*';
		hash = watch_hash_step(hash, c);
	}
	number =
	    watch_domain_find(search->domains, watch_hash_end(hash), name.data, name.len);
	if (number != WATCH_NONE)
		found(search, number, WATCH_EQUAL);
	if (star)
		match_wildcard(search, name);
	match_look(search, name);
}

/* --- damaged names ---------------------------------------------------------------------
 */

static struct bytes
strip_dots(struct bytes name)
{
	while (name.len > 0 && name.data[name.len - 1] == '.')
		name.len--;
	while (name.len > 0 && name.data[0] == '.')
		name = bytes_of(name.data + 1, name.len - 1);
	return name;
}

/* What lies between the odd octets, each for itself. */
static void
match_pieces(const struct search *search, struct bytes name)
{
	size_t start = 0;

	for (size_t i = 0; i <= name.len; i++) {
		if (i < name.len && WATCH_FOLD[name.data[i]] != 0)
			continue;
		if (i > start)
			match_plain(
			    search, strip_dots(bytes_of(name.data + start, i - start)));
		start = i + 1;
	}
}

/* No octet, and no dot at either end, that a well-formed name does not have. */
static bool
is_plain(struct bytes name)
{
	bool odd = name.data[0] == '.' || name.data[name.len - 1] == '.';

	for (size_t i = 0; i < name.len; i++)
		odd |= WATCH_FOLD[name.data[i]] == 0;
	return !odd;
}

/* U-labels in place of A-labels, in UTF-8 or what is left of it. */
static bool
match_converted(const struct search *search, struct bytes name)
{
	struct buf ascii;
	bool ok;

	buf_init(&ascii, 4096);
	ok = dns_append_ascii(&ascii, strip_dots(name), NULL) && ascii.len > 0 &&
	    is_plain(buf_bytes(&ascii));
	if (ok)
		match_plain(search, buf_bytes(&ascii));
	buf_free(&ascii);
	return ok;
}

static bool
is_high(struct bytes name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] >= 0x80)
			return true;
	return false;
}

static void
match_damaged(const struct search *search, struct bytes name)
{
	struct search odd = *search;

	odd.possible = true;
	if (name.len > 4096 || !is_high(name) || !match_converted(&odd, name))
		match_pieces(&odd, name);
}

static void
match_name(const struct search *search, struct bytes name)
{
	if (name.len == 0)
		return;
	if (is_plain(name))
		match_plain(search, name);
	else
		match_damaged(search, name);
}

void
watch_set_match_name(
    const struct watch_set *set, struct bytes name, struct watch_matches *out)
{
	struct search search = {.domains = set->domains, .out = out, .shown = name};

	if (set->domains->count > 0)
		match_name(&search, name);
}

void
watch_set_match_names(
    const struct watch_set *set, const struct cert *cert, struct watch_matches *out)
{
	struct search search = {.domains = set->domains, .out = out};
	struct dns_iter names;
	struct dns_found name;

	if (set->domains->count == 0)
		return;
	cert_dns_names(cert, &names);
	while (dns_next(&names, &name)) {
		search.shown = name.name;
		search.raw = name.source == DNS_FROM_RAW;
		search.possible =
		    search.raw || (name.oddities & (DNS_DAMAGED | DNS_BEFORE_NUL)) != 0;
		search.passing = (name.oddities & DNS_CONVERTED) != 0;
		match_name(&search, name.name);
	}
}

/* --- bytes that do not parse
 * -------------------------------------------------------------- */

#define SKIPPED_MAX 3

static void
match_runs(const struct watch_set *set, struct bytes raw, bool passing,
    struct watch_matches *out)
{
	struct search search = {.domains = set->domains,
	    .out = out,
	    .possible = true,
	    .raw = true,
	    .passing = passing};
	struct raw_name_iter names;
	struct bytes name;

	names_search_raw(raw, &names);
	/* A tag or length octet before the name may look like its first letter. */
	while (raw_name_next(&names, &name))
		for (size_t skip = 0; skip <= SKIPPED_MAX && skip < name.len; skip++) {
			search.shown = bytes_of(name.data + skip, name.len - skip);
			match_name(&search, search.shown);
		}
}

#define CHUNK   4096
#define OVERLAP 512

/* UTF-16 and UTF-32 without their zero octets are ASCII: a copy, chunk by
 * chunk, each beginning before the end of the last. */
static void
match_wide(const struct watch_set *set, struct bytes raw, struct watch_matches *out)
{
	uint8_t chunk[CHUNK];
	size_t len = 0;

	for (size_t i = 0; i < raw.len; i++) {
		if (raw.data[i] == 0)
			continue;
		chunk[len++] = raw.data[i];
		if (len == CHUNK) {
			match_runs(set, bytes_of(chunk, len), true, out);
			memmove(chunk, chunk + CHUNK - OVERLAP, OVERLAP);
			len = OVERLAP;
		}
	}
	match_runs(set, bytes_of(chunk, len), true, out);
}

void
watch_set_match_raw(
    const struct watch_set *set, struct bytes raw, struct watch_matches *out)
{
	if (set->domains->count == 0 || raw.len == 0)
		return;
	match_runs(set, raw, false, out);
	if (memchr(raw.data, 0, raw.len) != NULL)
		match_wide(set, raw, out);
}
