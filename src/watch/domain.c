#include "watch_priv.h"

#include "base/mem.h"
#include "base/text.h"
#include "x509/dns.h"

#define ROW(x)   [x] = (x)
#define UPPER(x) [x] = (x) + 32

const uint8_t WATCH_FOLD[256] = {
    ROW('-'),
    ROW('.'),
    ROW('_'),
    ROW('*'),
    ROW('0'),
    ROW('1'),
    ROW('2'),
    ROW('3'),
    ROW('4'),
    ROW('5'),
    ROW('6'),
    ROW('7'),
    ROW('8'),
    ROW('9'),
    ROW('a'),
    ROW('b'),
    ROW('c'),
    ROW('d'),
    ROW('e'),
    ROW('f'),
    ROW('g'),
    ROW('h'),
    ROW('i'),
    ROW('j'),
    ROW('k'),
    ROW('l'),
    ROW('m'),
    ROW('n'),
    ROW('o'),
    ROW('p'),
    ROW('q'),
    ROW('r'),
    ROW('s'),
    ROW('t'),
    ROW('u'),
    ROW('v'),
    ROW('w'),
    ROW('x'),
    ROW('y'),
    ROW('z'),
    UPPER('A'),
    UPPER('B'),
    UPPER('C'),
    UPPER('D'),
    UPPER('E'),
    UPPER('F'),
    UPPER('G'),
    UPPER('H'),
    UPPER('I'),
    UPPER('J'),
    UPPER('K'),
    UPPER('L'),
    UPPER('M'),
    UPPER('N'),
    UPPER('O'),
    UPPER('P'),
    UPPER('Q'),
    UPPER('R'),
    UPPER('S'),
    UPPER('T'),
    UPPER('U'),
    UPPER('V'),
    UPPER('W'),
    UPPER('X'),
    UPPER('Y'),
    UPPER('Z'),
};

uint32_t
watch_name_hash(const uint8_t *name, size_t len)
{
	uint64_t hash = WATCH_HASH_SEED;

	while (len-- > 0)
		hash = watch_hash_step(hash, WATCH_FOLD[name[len]]);
	return watch_hash_end(hash);
}

static bool
same_name(const char *ours, const uint8_t *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)ours[i] != WATCH_FOLD[name[i]])
			return false;
	return true;
}

/* --- lookup ------------------------------------------------------------------ */

uint32_t
watch_domain_find(
    const struct watch_domains *domains, uint32_t hash, const uint8_t *name, size_t len)
{
	const struct watch_index *index = &domains->by_name;
	const struct watch_domain *row;

	if (domains->count == 0)
		return WATCH_NONE;
	for (uint32_t i = hash & index->mask; index->slots[i].number != 0;
	     i = (i + 1) & index->mask) {
		if (index->slots[i].hash != hash)
			continue;
		row = &domains->rows[index->slots[i].number - 1];
		if (row->name_len == len &&
		    same_name(domains->text + row->name_at, name, len))
			return index->slots[i].number - 1;
	}
	return WATCH_NONE;
}

uint32_t
watch_parent_find(
    const struct watch_domains *domains, uint32_t hash, const uint8_t *name, size_t len)
{
	const struct watch_index *index = &domains->by_parent;
	const struct watch_parent *row;

	if (domains->parent_count == 0)
		return WATCH_NONE;
	for (uint32_t i = hash & index->mask; index->slots[i].number != 0;
	     i = (i + 1) & index->mask) {
		if (index->slots[i].hash != hash)
			continue;
		row = &domains->parents[index->slots[i].number - 1];
		if (row->name_len == len &&
		    same_name(domains->text + row->name_at, name, len))
			return index->slots[i].number - 1;
	}
	return WATCH_NONE;
}

/* --- building ------------------------------------------------------------------ */

static void
index_init(struct watch_index *index, size_t count)
{
	size_t room = 16;

	while (room < count * 2)
		room *= 2;
	index->slots = mem_zero(room, sizeof(*index->slots));
	index->mask = (uint32_t)(room - 1);
}

static void
index_put(struct watch_index *index, uint32_t hash, uint32_t number)
{
	uint32_t i = hash & index->mask;

	while (index->slots[i].number != 0)
		i = (i + 1) & index->mask;
	index->slots[i] = (struct watch_slot){.hash = hash, .number = number + 1};
}

static void
index_grow(struct watch_index *index, size_t count)
{
	struct watch_index larger;

	if (count * 2 <= index->mask)
		return;
	index_init(&larger, count * 2);
	for (uint32_t i = 0; i <= index->mask; i++)
		if (index->slots[i].number != 0)
			index_put(
			    &larger, index->slots[i].hash, index->slots[i].number - 1);
	mem_free(index->slots);
	*index = larger;
}

/* The A-label form of a configured name, into out. */
static bool
normalise(const char *name, struct buf *out, struct err *err)
{
	struct bytes rest = bytes_text(name);
	struct err why = {0};

	buf_clear(out);
	if (rest.len >= 2 && rest.data[0] == '*' && rest.data[1] == '.')
		rest = bytes_of(rest.data + 2, rest.len - 2);
	else if (rest.len >= 1 && rest.data[0] == '.')
		rest = bytes_of(rest.data + 1, rest.len - 1);
	if (!utf8_valid(rest) || !dns_append_ascii(out, rest, &why))
		return err_set(err, ERR_CONFIG,
		    "watched domain '%.100s' is no domain name%s%s", name,
		    why.text[0] != 0 ? ": " : "", why.text);
	return true;
}

static bool
check_labels(const char *name, const struct buf *ascii, struct err *err)
{
	size_t label = 0, labels = 1;
	bool good = ascii->len > 0 && ascii->len <= 253;

	for (size_t i = 0; i < ascii->len; i++) {
		uint8_t c = ascii->data[i];

		if (c == '.') {
			good = good && label > 0;
			label = 0;
			labels++;
		} else {
			good = good && WATCH_FOLD[c] == c && c != '*' && ++label <= 63;
		}
	}
	if (!good || label == 0)
		return err_set(err, ERR_CONFIG,
		    "watched domain '%.100s' is no domain name: letters, digits, '-' and "
		    "'_' "
		    "in labels of 1 to 63, at most 253 in all",
		    name);
	if (labels < 2)
		return err_set(err, ERR_CONFIG,
		    "watched domain '%.100s' is a top-level domain: name a domain below "
		    "it",
		    name);
	return true;
}

static uint32_t
append_text(struct watch_domains *domains, struct bytes name)
{
	uint32_t at = (uint32_t)domains->text_len;

	if (domains->text_len + name.len > domains->text_room) {
		domains->text_room = (domains->text_room + name.len) * 2;
		domains->text = mem_resize(domains->text, domains->text_room, 1);
	}
	memcpy(domains->text + at, name.data, name.len);
	domains->text_len += name.len;
	return at;
}

/* Hangs a domain below its parent, whose name is the tail of its own. */
static void
link_parent(struct watch_domains *domains, uint32_t number)
{
	struct watch_domain *row = &domains->rows[number];
	const char *name = domains->text + row->name_at;
	const char *dot = memchr(name, '.', row->name_len);
	const uint8_t *parent = (const uint8_t *)dot + 1;
	size_t len = row->name_len - (size_t)(dot + 1 - name);
	uint32_t hash = watch_name_hash(parent, len);
	uint32_t found = watch_parent_find(domains, hash, parent, len);

	if (found == WATCH_NONE) {
		if (domains->parent_count == domains->parent_room) {
			domains->parent_room = domains->parent_room * 2 + 16;
			domains->parents = mem_resize(domains->parents,
			    domains->parent_room, sizeof(*domains->parents));
		}
		index_grow(&domains->by_parent, domains->parent_count + 1);
		found = (uint32_t)domains->parent_count++;
		domains->parents[found] = (struct watch_parent){
		    .name_at = row->name_at + (uint32_t)(dot + 1 - name),
		    .name_len = (uint8_t)len,
		    .first = WATCH_NONE};
		index_put(&domains->by_parent, hash, found);
	}
	row->sibling = domains->parents[found].first;
	domains->parents[found].first = number;
}

static void
fill_list(struct watch_allowed_list *list, const char *const *texts, size_t count)
{
	struct buf key;

	list->count = texts != NULL ? count : 0;
	list->entries = mem_zero(list->count + 1, sizeof(*list->entries));
	buf_init(&key, 1 << 16);
	for (size_t i = 0; i < list->count; i++) {
		if (strlen(texts[i]) == (size_t)2 * WATCH_KEY_LEN &&
		    hex_parse(texts[i], list->entries[i].key, WATCH_KEY_LEN))
			continue;
		buf_clear(&key);
		watch_value_key(bytes_text(texts[i]), &key);
		list->entries[i].text = mem_text(buf_text(&key));
	}
	buf_free(&key);
}

static void
free_list(struct watch_allowed_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		mem_free(list->entries[i].text);
	mem_free(list->entries);
}

static void
add_expected(struct watch_domains *domains, const struct watch_domain_row *row)
{
	static const struct watch_policy NONE;
	const struct watch_policy *policy = row->policy != NULL ? row->policy : &NONE;
	struct watch_expected *expected;

	domains->expected = mem_resize(
	    domains->expected, domains->expected_count + 1, sizeof(*domains->expected));
	expected = &domains->expected[domains->expected_count++];
	*expected =
	    (struct watch_expected){.profiles = policy->profiles, .quota = policy->quota};
	fill_list(&expected->allowed, row->allowed_issuers, row->allowed_count);
	fill_list(&expected->suppress, policy->suppress, policy->suppress_count);
}

/* Of two watched domains that look the same the first is told of. */
static void
guard_looks(struct watch_domains *domains, uint32_t number)
{
	struct buf skeleton;

	buf_init(&skeleton, 4096);
	watch_skeleton(watch_domain_name(domains, number), &skeleton);
	if (map_get(&domains->looks, buf_bytes(&skeleton)) == NULL)
		map_put(&domains->looks, buf_bytes(&skeleton),
		    (void *)((uintptr_t)number + 1));
	buf_free(&skeleton);
}

static bool
expects(const struct watch_domain_row *row)
{
	return (row->allowed_issuers != NULL && row->allowed_count > 0) ||
	    row->policy != NULL;
}

static bool
expects_the_same(const struct watch_domain_row *a, const struct watch_domain_row *b)
{
	return a->allowed_issuers == b->allowed_issuers &&
	    a->allowed_count == b->allowed_count && a->policy == b->policy;
}

static bool
add_domain(struct watch_domains *domains, const struct watch_domain_row *rows, size_t i,
    struct buf *ascii, struct err *err)
{
	struct watch_domain *row = &domains->rows[i];
	uint32_t hash;

	if (!normalise(rows[i].name, ascii, err) ||
	    !check_labels(rows[i].name, ascii, err))
		return false;
	hash = watch_name_hash(ascii->data, ascii->len);
	if (watch_domain_find(domains, hash, ascii->data, ascii->len) != WATCH_NONE)
		return err_set(err, ERR_CONFIG,
		    "domain '%.100s' is watched twice: remove one", rows[i].name);
	if (expects(&rows[i]) && (i == 0 || !expects_the_same(&rows[i], &rows[i - 1])))
		add_expected(domains, &rows[i]);
	if (domains->expected_count > UINT16_MAX)
		return err_set(err, ERR_CONFIG,
		    "more than %d lists of what is expected: share one among domains",
		    UINT16_MAX - 1);
	*row = (struct watch_domain){
	    .name_at = append_text(domains, buf_bytes(ascii)),
	    .name_len = (uint8_t)ascii->len,
	    .since_ms = rows[i].since_ms,
	    .generation = rows[i].generation,
	    .expected = expects(&rows[i]) ? (uint16_t)(domains->expected_count - 1) : 0,
	};
	domains->count = i + 1;
	index_put(&domains->by_name, hash, (uint32_t)i);
	link_parent(domains, (uint32_t)i);
	if (rows[i].policy != NULL && rows[i].policy->lookalikes)
		guard_looks(domains, (uint32_t)i);
	return true;
}

struct watch_domains *
watch_domains_new(const struct watch_domain_row *rows, size_t count, struct err *err)
{
	struct watch_domains *domains = mem_zero(1, sizeof(*domains));
	struct buf ascii;
	bool ok = true;

	atomic_init(&domains->refs, 1);
	buf_init(&ascii, 4096);
	domains->rows = mem_zero(count + 1, sizeof(*domains->rows));
	domains->expected_count = 1;
	domains->expected = mem_zero(1, sizeof(*domains->expected));
	index_init(&domains->by_name, count);
	index_init(&domains->by_parent, 8);
	map_init(&domains->looks);
	for (size_t i = 0; i < count && ok; i++)
		ok = add_domain(domains, rows, i, &ascii, err);
	if (ok) {
		domains->text = mem_resize(domains->text, domains->text_len + 1, 1);
		domains->text_room = domains->text_len + 1;
	} else {
		watch_domains_unref(domains);
		domains = NULL;
	}
	buf_free(&ascii);
	return domains;
}

void
watch_domains_unref(struct watch_domains *domains)
{
	if (domains == NULL || atomic_fetch_sub(&domains->refs, 1) != 1)
		return;
	for (size_t i = 1; i < domains->expected_count; i++) {
		free_list(&domains->expected[i].allowed);
		free_list(&domains->expected[i].suppress);
	}
	mem_free(domains->expected);
	map_free(&domains->looks, NULL);
	mem_free(domains->by_name.slots);
	mem_free(domains->by_parent.slots);
	mem_free(domains->parents);
	mem_free(domains->rows);
	mem_free(domains->text);
	mem_free(domains);
}

size_t
watch_domains_memory(const struct watch_domains *domains)
{
	return sizeof(*domains) + domains->text_room +
	    (domains->count + 1) * sizeof(*domains->rows) +
	    domains->parent_room * sizeof(*domains->parents) +
	    ((size_t)domains->by_name.mask + domains->by_parent.mask + 2) *
	    sizeof(struct watch_slot);
}
