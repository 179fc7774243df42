#include "tests/lib/unit_store.h"

/* --- issuers ----------------------------------------------------------------------- */

static const struct {
	const char *what, *dn, *normalised, *spki; /* spki "": unknown */
	uint32_t number;
} ISSUERS[] = {
    {"the first", "CN=A", "cn=a", "11111111111111111111111111111111", 1},
    {"the same again", "CN=A", "cn=a", "11111111111111111111111111111111", 1},
    {"another key", "CN=A", "cn=a", "22222222222222222222222222222222", 2},
    {"key unknown", "CN=A", "cn=a", "", 3},
    {"key unknown again", "CN=A", "cn=a", "", 3},
    {"written otherwise", "CN=a", "cn=a", "11111111111111111111111111111111", 4},
    {"no name at all", "", "", "11111111111111111111111111111111", 5},
    {"no name, no key", "", "", "", 6},
    {"no name again", "", "", "11111111111111111111111111111111", 5},
};

START_TEST(issuers_are_name_and_key)
{
	struct store *store = unit_store("issuers", 1);

	/* Once from the database and once from what is remembered of it. */
	for (int turn = 0; turn < 3; turn++) {
		MUST(store_begin(store, err));
		for (size_t i = 0; i < ARRAY_LEN(ISSUERS); i++) {
			struct issuer_row row = {.dn = bytes_text(ISSUERS[i].dn),
			    .dn_normalised = bytes_text(ISSUERS[i].normalised),
			    .spki_sha256 = bytes_text(ISSUERS[i].spki)};

			MUST(store_issuer_put(store, &row, err));
			ck_assert_msg(row.number == ISSUERS[i].number, "%s: %u",
			    ISSUERS[i].what, row.number);
		}
		if (turn == 0)
			store_rollback(store);
		else
			MUST(store_commit(store, err));
	}
	store_close(store);
}
END_TEST

START_TEST(a_long_issuer_name_is_one_too)
{
	struct store *store = unit_store("long", 1);
	struct issuer_row a = {
	    .dn = unit_bytes(1, 2000), .dn_normalised = unit_bytes(1, 2000)};
	struct issuer_row b = a, out;
	struct arena arena;
	bool found;

	arena_init(&arena);
	MUST(store_begin(store, err));
	MUST(store_issuer_put(store, &a, err));
	MUST(store_issuer_put(store, &b, err));
	MUST(store_commit(store, err));
	ck_assert_uint_eq(a.number, b.number);
	MUST(store_issuer_find(store, a.number, &arena, &out, &found, err));
	ck_assert(found && bytes_equal(out.dn, a.dn));
	MUST(store_issuer_find(store, 99, &arena, &out, &found, err));
	ck_assert(!found);
	arena_free(&arena);
	store_close(store);
}
END_TEST

/* --- which certificate is which ------------------------------------------------------
 */

/* Issuers: 1 name A key 1; 2 name A key 2; 3 name A, key unknown; 4 name B key 1. */
static void
four_issuers(struct store *store)
{
	static const struct {
		const char *name;
		int key;
	} FOUR[] = {{"A", 1}, {"A", 2}, {"A", 0}, {"B", 1}};

	for (size_t i = 0; i < ARRAY_LEN(FOUR); i++) {
		struct issuer_row row = {.dn = bytes_text(FOUR[i].name),
		    .dn_normalised = bytes_text(FOUR[i].name)};

		if (FOUR[i].key != 0)
			row.spki_sha256 = unit_bytes((uint64_t)FOUR[i].key, 32);
		MUST(store_issuer_put(store, &row, err));
		ck_assert_uint_eq(row.number, i + 1);
	}
}

static const struct {
	const char *what;
	uint32_t issuer;
	const char *serial;
	uint64_t tbs;
	bool same; /* as the one stored: issuer 1, serial "s", tbs 7 */
} FINDS[] = {
    {"itself", 1, "s", 7, true},
    {"another key of the same name", 2, "s", 7, false},
    {"the key unknown: name, serial and TBS decide", 3, "s", 7, true},
    {"another name: another hash, and its TBS would differ", 4, "s", 7, false},
    {"another serial", 1, "t", 7, false},
    {"a serial that begins alike", 1, "s2", 7, false},
    {"no serial", 1, "", 7, false},
    {"another TBS", 1, "s", 8, false},
};

START_TEST(a_certificate_is_issuer_serial_and_tbs)
{
	struct store *store = unit_store("finds", 1);
	struct certificate_row row = {.issuer = 1, .serial = bytes_text("s")}, out;
	struct certificate_key key = {.issuer = FINDS[_i].issuer,
	    .serial = bytes_text(FINDS[_i].serial),
	    .tbs_sha256 = unit_bytes(FINDS[_i].tbs, 32)};
	struct arena arena;
	bool found;

	arena_init(&arena);
	row.tbs_sha256 = unit_bytes(7, 32);
	MUST(store_begin(store, err));
	four_issuers(store);
	MUST(store_certificate_put(store, &row, err));
	MUST(store_certificate_find(store, &key, &arena, &out, &found, err));
	ck_assert_msg(found == FINDS[_i].same, "%s", FINDS[_i].what);
	MUST(store_commit(store, err));
	arena_free(&arena);
	store_close(store);
}
END_TEST

static bool
say_number(void *owner, const struct certificate_row *row)
{
	buf_append_format(owner, "%lld ", (long long)row->number);
	return true;
}

static const struct {
	const char *what;
	uint32_t issuer;
	const char *serial;
	int64_t after;
	size_t limit;
	const char *want;
} MEMBERS[] = {
    {"same name or same key", 1, "s", 0, 0, "1 2 3 4 5 "},
    {"by another key: the name's", 2, "s", 0, 0, "1 2 3 5 "},
    {"key unknown: the name's", 3, "s", 0, 0, "1 2 3 5 "},
    {"another name: the key's", 4, "s", 0, 0, "1 4 5 "},
    {"behind the second", 1, "s", 2, 0, "3 4 5 "},
    {"two of them", 1, "s", 0, 2, "1 2 "},
    {"two behind the second", 1, "s", 2, 2, "3 4 "},
    {"another serial", 1, "t", 0, 0, "6 "},
    {"nobody's serial", 1, "u", 0, 0, ""},
};

START_TEST(members_share_a_serial)
{
	static const struct {
		uint32_t issuer;
		const char *serial;
		uint64_t tbs;
	} STORED[] = {{1, "s", 1}, {2, "s", 2}, {3, "s", 3}, {4, "s", 4}, {1, "s", 5},
	    {1, "t", 6}, {4, "v", 7}};
	struct store *store = unit_store("members", 1);
	struct buf said;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	four_issuers(store);
	for (size_t i = 0; i < ARRAY_LEN(STORED); i++) {
		struct certificate_row row = {.issuer = STORED[i].issuer,
		    .serial = bytes_text(STORED[i].serial),
		    .tbs_sha256 = unit_bytes(STORED[i].tbs, 32)};

		MUST(store_certificate_put(store, &row, err));
	}
	MUST(store_commit(store, err));
	MUST(store_certificate_members(store, MEMBERS[_i].issuer,
	    bytes_text(MEMBERS[_i].serial), MEMBERS[_i].after, MEMBERS[_i].limit,
	    say_number, &said, err));
	unit_said(&said, MEMBERS[_i].want);
	store_close(store);
}
END_TEST

static bool
count_row(void *owner, const struct certificate_row *row)
{
	int64_t *last = owner;

	ck_assert_int_eq(row->number, *last + 1);
	*last = row->number;
	return true;
}

START_TEST(many_members_come_page_by_page)
{
	struct store *store = unit_store("page", 1);
	int64_t last = 0;

	MUST(store_begin(store, err));
	four_issuers(store);
	for (uint64_t i = 0; i < 1000; i++) {
		struct certificate_row row = {.issuer = i % 2 == 0 ? 1 : 4,
		    .serial = bytes_text("one serial"),
		    .tbs_sha256 = unit_bytes(i, 32)};

		MUST(store_certificate_put(store, &row, err));
	}
	MUST(store_commit(store, err));
	MUST(store_certificate_members(
	    store, 1, bytes_text("one serial"), 0, 0, count_row, &last, err));
	ck_assert_int_eq(last, 1000);
	store_close(store);
}
END_TEST

START_TEST(what_is_updated_and_resolved_stays_found)
{
	struct store *store = unit_store("update", 1);
	struct certificate_row row = {.issuer = 3,
	    .serial = bytes_text("s"),
	    .first_log = 9,
	    .first_index = STORE_INDEX_LIMIT - 1,
	    .lo_ms = STORE_NO_TIME,
	    .hi_ms = 50};
	struct certificate_row out;
	struct arena arena;
	bool found;

	arena_init(&arena);
	row.tbs_sha256 = unit_bytes(7, 32);
	MUST(store_begin(store, err));
	four_issuers(store);
	MUST(store_certificate_put(store, &row, err));
	row.issuer = 2;
	row.lo_ms = 20;
	row.hi_ms = STORE_NO_TIME;
	row.flags = UINT32_MAX;
	MUST(store_certificate_update(store, &row, err));
	MUST(store_certificate_get(store, row.number, &arena, &out, &found, err));
	MUST(store_commit(store, err));
	ck_assert(found && out.lo_ms == 20 && out.hi_ms == STORE_NO_TIME);
	ck_assert_uint_eq(out.flags, UINT32_MAX);
	ck_assert_uint_eq(out.first_log, 9);
	ck_assert_uint_eq(out.first_index, STORE_INDEX_LIMIT - 1);
	ck_assert(bytes_equal(out.issuer_spki, unit_bytes(2, 32)));
	arena_free(&arena);
	store_close(store);
}
END_TEST

static const struct {
	const char *what;
	struct certificate_filter filter;
	const char *want;
} WALKS[] = {
    {"all", {0}, "1 2 3 4 5 6 "},
    {"of an issuer", {.issuer = 2}, "2 4 6 "},
    {"flags all set", {.flags_set = 3}, "3 "},
    {"flags all clear", {.flags_clear = 3}, "4 "},
    {"seen before", {.first_seen_before_ms = 3}, "1 2 "},
    {"behind 2, two of them", {.after = 2, .limit = 2}, "3 4 "},
    {"behind the last", {.after = 6}, ""},
};

START_TEST(certificates_are_walked)
{
	struct store *store = unit_store("walk", 1);
	struct buf said;
	int64_t count;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	four_issuers(store);
	for (uint32_t i = 1; i <= 6; i++) {
		struct certificate_row row = {.issuer = i % 2 == 1 ? 1 : 2,
		    .tbs_sha256 = unit_bytes(i, 32),
		    .flags = i,
		    .first_seen_ms = i};

		MUST(store_certificate_put(store, &row, err));
	}
	MUST(store_commit(store, err));
	MUST(store_certificate_each(store, &WALKS[_i].filter, say_number, &said, err));
	unit_said(&said, WALKS[_i].want);
	MUST(store_certificate_count(store, &count, err));
	ck_assert_int_eq(count, 6);
	store_close(store);
}
END_TEST

/* --- forms and sightings
 * ---------------------------------------------------------------- */

static bool
say_form(void *owner, const struct form_row *row)
{
	buf_append_format(owner, "%lld:%d:%zu:%zu ", (long long)row->number, row->kind,
	    row->der.len, row->chain.len);
	return true;
}

static int64_t
put_form(struct store *store, int64_t certificate, enum form_kind kind, uint64_t sha256,
    size_t len, bool want)
{
	struct form_row row = {.certificate = certificate,
	    .kind = kind,
	    .sha256 = unit_bytes(sha256, 32),
	    .der = unit_bytes(sha256, len),
	    .chain = unit_bytes(5, 32 * (sha256 % 3))};
	bool inserted;

	MUST(store_form_put(store, &row, &inserted, err));
	ck_assert(inserted == want);
	return row.number;
}

static int64_t
put_certificate(struct store *store, uint64_t tbs, uint32_t log, uint64_t index)
{
	struct certificate_row row = {.issuer = 1,
	    .tbs_sha256 = unit_bytes(tbs, 32),
	    .first_log = log,
	    .first_index = index};

	MUST(store_certificate_put(store, &row, err));
	return row.number;
}

START_TEST(forms_of_a_certificate)
{
	struct store *store = unit_store("forms", 1);
	struct form_row row;
	struct arena arena;
	struct buf said;
	bool found;

	arena_init(&arena);
	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	four_issuers(store);
	ck_assert_int_eq(put_certificate(store, 1, 1, 1), 1);
	ck_assert_int_eq(put_form(store, 1, FORM_FINAL, 30, 100, true), 1);
	ck_assert_int_eq(put_form(store, 1, FORM_FINAL, 30, 100, false), 1);
	ck_assert_int_eq(put_certificate(store, 2, 1, 2), 2);
	ck_assert_int_eq(put_form(store, 1, FORM_PRECERTIFICATE, 31, 200, true), 3);
	ck_assert_int_eq(put_form(store, 2, FORM_FINAL, 32, 300, true), 2);
	/* The same bytes under two certificates: two issuers claim them. */
	ck_assert_int_eq(put_form(store, 2, FORM_FINAL, 30, 100, true), 4);
	ck_assert_int_eq(put_form(store, 2, FORM_FINAL, 30, 100, false), 4);
	ck_assert_int_eq(put_certificate(store, 3, 1, 3), 5);
	MUST(store_commit(store, err));

	MUST(store_form_of(store, 1, say_form, &said, err));
	buf_append_text(&said, "| ");
	MUST(store_form_of(store, 2, say_form, &said, err));
	buf_append_text(&said, "| ");
	MUST(store_form_of(store, 5, say_form, &said, err));
	buf_append_text(&said, "| ");
	MUST(store_form_each(store, 1, 2, say_form, &said, err));
	unit_said(&said,
	    "1:1:100:0 3:0:200:32 | 2:1:300:64 4:1:100:0 | | "
	    "2:1:300:64 3:0:200:32 ");
	MUST(store_form_find(store, unit_bytes(31, 32), &arena, &row, &found, err));
	ck_assert(found && row.number == 3 && row.certificate == 1);
	ck_assert(bytes_equal(row.der, unit_bytes(31, 200)));
	MUST(store_form_find(store, unit_bytes(99, 32), &arena, &row, &found, err));
	ck_assert(!found);
	MUST(store_form_get(store, 5, &arena, &row, &found, err));
	ck_assert(!found);
	arena_free(&arena);
	store_close(store);
}
END_TEST

static bool
say_sighting(void *owner, const struct sighting_row *row)
{
	buf_append_format(owner, "%u/%llu=%lld(%lld)%zu,%zu ", row->log,
	    (unsigned long long)row->index, (long long)row->certificate,
	    (long long)row->form, row->extensions.len, row->leaf_tbs.len);
	return true;
}

static void
put_sighting(struct store *store, uint32_t log, uint64_t index, int64_t certificate,
    int64_t form, struct bytes extensions, struct bytes tbs)
{
	struct sighting_row row = {.log = log,
	    .index = index,
	    .form = form,
	    .certificate = certificate,
	    .timestamp_ms = 1,
	    .extensions = extensions,
	    .leaf_tbs = tbs};

	MUST(store_sighting_put(store, &row, err));
}

START_TEST(sightings_of_a_certificate)
{
	struct store *store = unit_store("sightings", 1);
	struct bytes none = {0};
	struct buf said;
	size_t deleted;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	four_issuers(store);
	ck_assert_int_eq(put_certificate(store, 1, 2, 5), 1);
	ck_assert_int_eq(put_certificate(store, 2, 2, 7), 2);
	put_sighting(store, 2, 5, 1, 1, none, none);
	put_sighting(store, 2, 7, 2, 2, none, none);
	put_sighting(store, 1, 9, 1, 3, unit_bytes(1, 8), none);
	put_sighting(
	    store, 3, STORE_INDEX_LIMIT - 1, 1, 1, unit_bytes(1, 4), unit_bytes(1, 9));
	put_sighting(store, 2, 6, 1, 1, none, none);
	put_sighting(store, 2, 6, 1, 1, none, none); /* twice is once */
	MUST(store_commit(store, err));
	MUST(store_sighting_of(store, 1, say_sighting, &said, err));
	buf_append_text(&said, "| ");
	MUST(store_sighting_each(store, 2, 6, 8, 0, say_sighting, &said, err));
	buf_append_text(&said, "| ");
	MUST(store_sighting_each(store, 2, 0, UINT64_MAX, 1, say_sighting, &said, err));
	unit_said(&said,
	    "1/9=1(3)8,0 2/5=1(1)0,0 2/6=1(1)0,0 3/1099511627775=1(1)4,9 | "
	    "2/6=1(1)0,0 2/7=2(2)0,0 | 2/5=1(1)0,0 ");

	/* Read again, the log shows other entries there. */
	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	put_sighting(store, 2, 5, 2, 2, none, none);
	put_sighting(store, 2, 6, 2, 2, none, none);
	MUST(store_sighting_of(store, 1, say_sighting, &said, err));
	buf_append_text(&said, "| ");
	MUST(store_sighting_of(store, 2, say_sighting, &said, err));
	buf_append_text(&said, "| ");
	MUST(store_sighting_delete(store, 2, 5, 7, &deleted, err));
	ck_assert_uint_eq(deleted, 2);
	MUST(store_sighting_of(store, 2, say_sighting, &said, err));
	MUST(store_commit(store, err));
	unit_said(&said,
	    "1/9=1(3)8,0 3/1099511627775=1(1)4,9 | "
	    "2/5=2(2)0,0 2/6=2(2)0,0 2/7=2(2)0,0 | 2/7=2(2)0,0 ");
	store_close(store);
}
END_TEST

static bool
extensions_are(void *owner, const struct sighting_row *row)
{
	ck_assert(bytes_equal(row->extensions, *(struct bytes *)owner));
	return true;
}

/* static-ct-api's leaf_index stands in every sighting: it costs nothing. */
START_TEST(the_leaf_index_extension_comes_back)
{
	struct store *store = unit_store("extensions", 1);
	uint8_t own[8] = {0, 0, 5, 0, 0, 0, 4, 210},
		other[8] = {0, 0, 5, 0, 0, 0, 4, 211};
	struct bytes want[2] = {bytes_of(own, 8), bytes_of(other, 8)}, none = {0};

	MUST(store_begin(store, err));
	four_issuers(store);
	put_certificate(store, 1, 1, 1234);
	put_sighting(store, 1, 1234, 1, 1, want[0], none);
	put_sighting(store, 2, 1234, 1, 1, want[1], none);
	MUST(store_sighting_each(store, 1, 0, 9999, 0, extensions_are, &want[0], err));
	MUST(store_sighting_each(store, 2, 0, 9999, 0, extensions_are, &want[1], err));
	MUST(store_commit(store, err));
	store_close(store);
}
END_TEST

static const struct {
	const char *what;
	uint32_t log;
	uint64_t index;
	int64_t certificate;
	enum err_code code;
} REFUSED[] = {
    {"an index no row can hold", 1, STORE_INDEX_LIMIT, 1, ERR_LIMIT},
    {"a log no row can hold", 1 << 23, 1, 1, ERR_LIMIT},
    {"a certificate that is not there", 1, 1, 77, ERR_STORE},
};

START_TEST(what_no_row_can_hold_is_refused)
{
	struct store *store = unit_store("refused", 1);
	struct sighting_row row = {.log = REFUSED[_i].log,
	    .index = REFUSED[_i].index,
	    .form = 1,
	    .certificate = REFUSED[_i].certificate};
	struct err refusal = {0}, again = {0};

	MUST(store_begin(store, err));
	four_issuers(store);
	put_certificate(store, 1, 1, 1);
	ck_assert_msg(!store_sighting_put(store, &row, &refusal), "%s", REFUSED[_i].what);
	ck_assert_int_eq(refusal.code, REFUSED[_i].code);
	/* From here on the whole transaction is refused, for this reason. */
	ck_assert(!store_match_put(store, 1, 1, &again));
	ck_assert_str_eq(again.text, refusal.text);
	ck_assert(!store_commit(store, &again));
	ck_assert_str_eq(again.text, refusal.text);
	ck_assert(!store_in_transaction(store));
	MUST(store_begin(store, err));
	four_issuers(store);
	MUST(store_commit(store, err));
	store_close(store);
}
END_TEST

/* --- names
 * ------------------------------------------------------------------------------- */

static const struct {
	const char *what, *name;
	bool below;
	const char *after;
	int64_t after_certificate;
	size_t limit;
	const char *want;
} NAMES[] = {
    {"one name", "com.a", false, NULL, 0, 0, "com.a=1 com.a=2 "},
    {"and below", "com.a", true, NULL, 0, 0,
	"com.a=1 com.a=2 com.a.*=3 com.a.b=1 com.a.b.c=4 "},
    {"below only", "com.a.b", true, NULL, 0, 0, "com.a.b=1 com.a.b.c=4 "},
    {"a name that is none's own", "com", true, NULL, 0, 3, "com.a=1 com.a=2 com.a-b=5 "},
    {"a neighbour is not below", "com.a-b", true, NULL, 0, 0, "com.a-b=5 "},
    {"nothing", "org", true, NULL, 0, 0, ""},
    {"nothing exact", "com", false, NULL, 0, 0, ""},
    {"a page", "com.a", true, NULL, 0, 2, "com.a=1 com.a=2 "},
    {"the page behind it", "com.a", true, "com.a", 2, 2, "com.a.*=3 com.a.b=1 "},
    {"and the last", "com.a", true, "com.a.b", 1, 2, "com.a.b.c=4 "},
    {"behind one of two with the name", "com.a", true, "com.a", 1, 2,
	"com.a=2 com.a.*=3 "},
    {"all names, from the middle", "", true, "com.a.b.c", 4, 1, "com.ab=6 "},
    {"a NUL is a byte like others", "com.n", true, NULL, 0, 0, "com.n=7 "},
};

static bool
say_name(void *owner, struct bytes name, int64_t certificate)
{
	buf_append_format(
	    owner, "%s=%lld ", (const char *)name.data, (long long)certificate);
	return true;
}

START_TEST(names_below_a_domain)
{
	static const struct {
		const char *name;
		int64_t certificate;
	} STORED[] = {{"com.a", 1}, {"com.a.b", 1}, {"com.a", 2}, {"com.a", 2},
	    {"com.a.*", 3}, {"com.a.b.c", 4}, {"com.a-b", 5}, {"com.ab", 6},
	    {"com.n", 7}};
	struct store *store = unit_store("names", 1);
	struct name_filter filter = {.name = bytes_text(NAMES[_i].name),
	    .below = NAMES[_i].below,
	    .after_certificate = NAMES[_i].after_certificate,
	    .limit = NAMES[_i].limit};
	struct bytes with_nul = bytes_of("com.n\0x", 7);
	struct buf said;

	buf_init(&said, 1000);
	if (NAMES[_i].after != NULL)
		filter.after_name = bytes_text(NAMES[_i].after);
	MUST(store_begin(store, err));
	for (size_t i = 0; i < ARRAY_LEN(STORED); i++) {
		struct bytes name = bytes_text(STORED[i].name);

		MUST(store_name_put(store, STORED[i].certificate, &name, 1, err));
	}
	MUST(store_name_put(store, 8, &with_nul, 1, err));
	MUST(store_name_each(store, &filter, say_name, &said, err));
	MUST(store_commit(store, err));
	unit_said(&said, NAMES[_i].want);
	store_close(store);
}
END_TEST

static bool
note_name(void *owner, struct bytes name, int64_t certificate)
{
	ck_assert_int_eq(certificate, 1);
	*(size_t *)owner = name.len;
	return true;
}

START_TEST(hostile_names_are_names)
{
	static char name[5000];
	struct store *store = unit_store("hostile", 1);
	struct bytes names[3] = {
	    bytes_of(name, 4000), bytes_of("\xff\xfe\0\xff", 4), bytes_of(NULL, 0)};
	struct name_filter filter = {.limit = 0};
	size_t len = 0;

	memset(name, 'x', sizeof(name));
	MUST(store_begin(store, err));
	MUST(store_name_put(store, 1, names, 3, err));
	filter.name = names[0];
	MUST(store_name_each(store, &filter, note_name, &len, err));
	ck_assert_uint_eq(len, 1024);
	filter.name = names[1];
	MUST(store_name_each(store, &filter, note_name, &len, err));
	ck_assert_uint_eq(len, 4);
	MUST(store_commit(store, err));
	store_close(store);
}
END_TEST

static bool
say_match(void *owner, uint32_t watch, int64_t certificate)
{
	buf_append_format(owner, "%u:%lld ", watch, (long long)certificate);
	return true;
}

START_TEST(matches_from_both_sides)
{
	struct store *store = unit_store("matches", 1);
	struct buf said;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	for (uint32_t watch = 1; watch <= 3; watch++) {
		for (int64_t certificate = watch; certificate <= 4; certificate++) {
			MUST(store_match_put(store, watch, certificate, err));
			MUST(store_match_put(store, watch, certificate, err));
		}
	}
	MUST(store_match_of_certificate(store, 2, say_match, &said, err));
	MUST(store_match_of_watch(store, 2, 2, 1, say_match, &said, err));
	MUST(store_match_of_watch(store, 3, 0, 0, say_match, &said, err));
	MUST(store_commit(store, err));
	unit_said(&said, "1:2 2:2 2:3 3:3 3:4 ");
	store_close(store);
}
END_TEST

START_TEST(a_deleted_certificate_leaves_nothing)
{
	struct store *store = unit_store("delete", 1);
	struct certificate_row row;
	struct bytes names[2], none = {0};
	char text[2][64];

	MUST(store_begin(store, err));
	unit_issuers(store);
	for (uint64_t i = 0; i < 30; i++)
		unit_certificate(store, i, &row);
	put_form(store, 13, FORM_FINAL, 777, 50, true);
	put_sighting(store, 2, 1, 13, 13, none, none);
	MUST(store_match_put(store, 1, 13, err));
	snprintf(text[0], sizeof(text[0]), "com.domain12.a12");
	snprintf(text[1], sizeof(text[1]), "com.domain12.b.c12");
	names[0] = bytes_text(text[0]);
	names[1] = bytes_text(text[1]);
	MUST(store_certificate_delete(store, 13, names, 2, err));
	MUST(store_certificate_delete(store, 13, names, 2, err)); /* nothing more */
	MUST(store_commit(store, err));
	for (uint64_t i = 0; i < 30; i++) {
		if (i == 12)
			unit_certificate_is_not(store, i);
		else
			unit_certificate_stands(store, i);
	}
	MUST(store_sighting_each(store, 2, 0, 9, 0, say_sighting, NULL, err));
	MUST(store_check(store, err));
	store_close(store);
}
END_TEST

/* --- tiers
 * ------------------------------------------------------------------------------- */

#define TIER_ROWS  34000
#define TIER_GROUP 1000

/* Answers are the same whatever is on its way from table to table. */
START_TEST(answers_stay_while_rows_move)
{
	struct store *store = unit_store("tiers", 1), *reader;
	enum store_upkeep left;
	struct certificate_row row;
	size_t urgent = 0, slices = 0;

	MUST(store_begin(store, err));
	unit_issuers(store);
	MUST(store_commit(store, err));
	reader = unit_reader("tiers");
	for (uint64_t next = 0; next < TIER_ROWS; next += TIER_GROUP) {
		MUST(store_begin(store, err));
		for (uint64_t i = next; i < next + TIER_GROUP; i++)
			unit_certificate(store, i, &row);
		unit_certificate_stands(store, next);
		MUST(store_commit(store, err));
		do {
			MUST(store_maintain(store, &left, err));
			urgent += left == STORE_URGENT;
			slices++;
			for (uint64_t i = 0; i < 2; i++) {
				uint64_t one =
				    (i * 7919 + slices * 104729) % (next + TIER_GROUP);

				unit_certificate_stands(store, one);
				unit_certificate_stands(reader, one);
			}
			unit_certificate_is_not(store, next + TIER_GROUP + slices % 10);
		} while (left == STORE_URGENT);
	}
	ck_assert_uint_gt(urgent, 10); /* it did move */
	MUST(store_check(store, err));
	for (uint64_t i = 0; i < TIER_ROWS; i += 397)
		unit_certificate_stands(store, i);
	MUST(store_settle(store, err));
	MUST(store_maintain(store, &left, err));
	ck_assert_int_eq(left, STORE_IDLE);
	for (uint64_t i = 0; i < TIER_ROWS; i += 389) {
		unit_certificate_stands(store, i);
		unit_certificate_stands(reader, i);
	}
	store_close(reader);
	store_close(store);

	/* Opened again, the filter has to be filled from the tables. */
	store = unit_store_again("tiers", 1);
	do {
		for (uint64_t i = 0; i < TIER_ROWS; i += 997)
			unit_certificate_stands(store, i);
		unit_certificate_is_not(store, TIER_ROWS);
		MUST(store_maintain(store, &left, err));
	} while (left != STORE_IDLE);
	for (uint64_t i = 0; i < TIER_ROWS; i += 499)
		unit_certificate_stands(store, i);
	store_close(store);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("certificate");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, issuers_are_name_and_key);
	tcase_add_test(tc, a_long_issuer_name_is_one_too);
	tcase_add_loop_test(
	    tc, a_certificate_is_issuer_serial_and_tbs, 0, UNIT_COUNT(FINDS));
	tcase_add_loop_test(tc, members_share_a_serial, 0, UNIT_COUNT(MEMBERS));
	tcase_add_test(tc, many_members_come_page_by_page);
	tcase_add_test(tc, what_is_updated_and_resolved_stays_found);
	tcase_add_loop_test(tc, certificates_are_walked, 0, UNIT_COUNT(WALKS));
	tcase_add_test(tc, forms_of_a_certificate);
	tcase_add_test(tc, sightings_of_a_certificate);
	tcase_add_test(tc, the_leaf_index_extension_comes_back);
	tcase_add_loop_test(tc, what_no_row_can_hold_is_refused, 0, UNIT_COUNT(REFUSED));
	tcase_add_loop_test(tc, names_below_a_domain, 0, UNIT_COUNT(NAMES));
	tcase_add_test(tc, hostile_names_are_names);
	tcase_add_test(tc, matches_from_both_sides);
	tcase_add_test(tc, a_deleted_certificate_leaves_nothing);
	tcase_add_test(tc, answers_stay_while_rows_move);
	return unit_run("store/certificate", tc);
}
