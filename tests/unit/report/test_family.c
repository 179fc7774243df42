/* The tree of a watched CA's family, and a line for each CA. */
#include <jansson.h>
#include <unistd.h>

#include "crypto/digest.h"
#include "report/report.h"
#include "store/authority.h"
#include "store/log.h"
#include "store/watch.h"
#include "tests/lib/spec_text.h"
#include "tests/lib/unit.h"

#define NOW_MS INT64_C(1480000000000)

static struct err failed;

#define MUST(call) ck_assert_msg(call, "%s", failed.text)

struct world {
	char *path;
	struct store *store;
	struct buf said;
};

/* --- what is watched: two CAs, each by one named key ----------------------------------
 */

static const char *const CAS[] = {"First", "Second"};

static const struct make_key *
key(unsigned number)
{
	return make_key(MAKE_KEY_P256, number);
}

static void
fill_watch(void *owner, size_t i, struct watch_row *row)
{
	static uint8_t id[2][STORE_ID_LEN] = {{1}, {2}};
	char hex[65];
	char **settings = owner;

	hex_format(key((unsigned)(10 * i))->key_hash, 32, hex);
	mem_free(*settings);
	*settings = mem_format("{\"keys\":[\"%s\"]}", hex);
	row->id = bytes_of(id[i], STORE_ID_LEN);
	row->kind = bytes_text("ca");
	row->text = bytes_text(CAS[i]);
	row->settings = bytes_text(*settings);
}

static void
watch_stands(void *owner, size_t i, const struct watch_row *row, enum watch_change change)
{
	(void)owner;
	(void)i;
	(void)row;
	(void)change;
}

static void
put_key(struct store *store, uint32_t watch, unsigned number)
{
	struct family_row row = {.watch = watch,
	    .spki_sha256 = bytes_of(key(number)->key_hash, 32),
	    .how = bytes_text("signed-by"),
	    .since_generation = 2,
	    .since_ms = NOW_MS};
	bool inserted;

	MUST(store_family_put(store, &row, &inserted, &failed));
}

/* signer: the key that signed it; -1: not known. */
static void
put_ca(struct store *store, const char *spec, int signer)
{
	struct sample sample;
	struct sha256 hash;
	struct ca_certificate_row row = {.is_ca = true, .first_seen_ms = NOW_MS};

	sample_make(&sample, spec);
	sha256_of(buf_bytes(&sample.der), &hash);
	row.sha256 = sha256_bytes(&hash);
	row.der = buf_bytes(&sample.der);
	row.subject = sample.cert.subject;
	row.issuer = sample.cert.issuer;
	row.spki_sha256 = bytes_of(sample.spec.key->key_hash, 32);
	if (signer >= 0)
		row.signed_by_spki = bytes_of(key((unsigned)signer)->key_hash, 32);
	row.not_before_s = sample.cert.not_before;
	row.not_after_s = sample.cert.not_after;
	MUST(store_ca_certificate_put(store, &row, NULL, &failed));
	sample_free(&sample);
}

static void
fill(struct store *store)
{
	static const uint8_t ID[32] = {1};
	struct log_row log = {.log_id = bytes_of(ID, 32),
	    .name = bytes_text("log"),
	    .kind = bytes_text("static"),
	    .state = bytes_text("usable"),
	    .first_seen_ms = NOW_MS};
	char *settings = NULL;
	struct watch_source watches = {
	    .count = 2, .fill = fill_watch, .done = watch_stands, .owner = &settings};
	int64_t generation;

	MUST(store_begin(store, &failed));
	MUST(store_log_put(store, &log, &failed));
	MUST(store_watch_sync(store, &watches, NOW_MS, &generation, &failed));
	mem_free(settings);
	/* key 0 is the root, 1 and 2 below it, 3 below 2; 10 is the other CA's */
	put_ca(
	    store, "role=root keyno=0 nb=2010-01-01 'subject=/O=First/CN=First Root'", 0);
	put_ca(store, "role=ca keyno=1 nb=2015-01-01 subject=/O=First/CN=One", 0);
	put_ca(store, "role=ca keyno=2 nb=2014-01-01 subject=/O=First/CN=Two", 0);
	put_ca(store, "role=ca keyno=3 subject=/O=First/CN=Three", 2);
	put_ca(store, "role=root keyno=10 'subject=/O=Second/CN=Second Root'", 10);
	/* the root signed by the other, and under another name; a ring */
	put_ca(
	    store, "role=ca keyno=0 nb=2017-01-01 'subject=/O=First/CN=First Root'", 10);
	put_ca(store, "role=ca keyno=0 nb=2017-01-02 'subject=/O=First/CN=Bought'", -1);
	put_ca(store, "role=ca keyno=2 nb=2018-01-01 subject=/O=First/CN=Two", 3);
	for (unsigned i = 1; i <= 3; i++)
		put_key(store, 1, i);
	MUST(store_commit(store, &failed));
}

static struct world
world(void)
{
	struct world world = {.path = unit_temp("family.db")};

	(void)unlink(world.path);
	failed = (struct err){0};
	world.store = store_open(&(struct store_options){.path = world.path}, &failed);
	ck_assert_msg(world.store != NULL, "%s", failed.text);
	fill(world.store);
	buf_init(&world.said, (size_t)1 << 20);
	return world;
}

static void
world_end(struct world *world)
{
	store_close(world->store);
	buf_free(&world->said);
	mem_free(world->path);
}

static bool
write_said(void *owner, struct bytes text)
{
	struct world *world = owner;

	return buf_append_bytes(&world->said, text);
}

static bool
ask(struct world *world, const char *name, bool json)
{
	static const char *const NOTES[] = {"Nobody trusts it."};
	static const struct report_ca_state STATES[] = {
	    {"first", "distrusted", NOTES, 1}, {"Third", "idle", NULL, 0}};
	struct report *report = report_new(json, NOW_MS, write_said, world);
	struct report_ca asked = {name, STATES, ARRAY_LEN(STATES)};
	uint64_t found;
	bool ok;

	buf_clear(&world->said);
	ok = report_ca(report, world->store, &asked, &found, &failed);
	report_free(report);
	return ok;
}

/* Lines stand one behind the other. */
static void
says(struct world *world, const char *line)
{
	ck_assert_msg(strstr(buf_text(&world->said), line) != NULL, "no \"%s\" in:\n%s",
	    line, buf_text(&world->said));
}

static char *
named(unsigned number)
{
	char hex[65];

	hex_format(key(number)->key_hash, 8, hex);
	return mem_format("[%s]", hex);
}

START_TEST(tree)
{
	struct world it = world();
	char *root = named(0), *one = named(1), *two = named(2), *three = named(3),
	     *other = named(10), *want;

	MUST(ask(&it, "FIRST", false));
	says(&it, "FIRST: distrusted, 4 keys, 7 CA certificates\nNobody trusts it.\n");
	want = mem_format("\nFirst Root %s named\n|   2010-01-01 to ", root);
	says(&it, want);
	mem_free(want);
	/* by notBefore: two before one; two's other certificate is by its own child */
	want = mem_format("|-- Two %s\n|   |   2014-01-01 to ", two);
	says(&it, want);
	mem_free(want);
	want = mem_format(
	    "signed by Three %s  CROSS-SIGN\n|   `-- Three %s\n", three, three);
	says(&it, want);
	mem_free(want);
	want = mem_format("`-- Two %s (drawn above)\n", two);
	says(&it, want);
	mem_free(want);
	want = mem_format("\n`-- One %s\n        2015-01-01 to ", one);
	says(&it, want);
	mem_free(want);
	want = mem_format("signed by Second Root %s of Second  CROSS-SIGN\n", other);
	says(&it, want);
	mem_free(want);
	says(&it, "signed by Test CA 1, whose key was not met  CROSS-SIGN\n");
	says(&it, "SHARED KEY: it also bears the name Bought\n");
	says(&it, "its family has 4 keys.");
	says(&it, "log: nothing was judged for the family as it is now");
	mem_free(root);
	mem_free(one);
	mem_free(two);
	mem_free(three);
	mem_free(other);
	world_end(&it);
}
END_TEST

/* The ring of two and three stands under no root. */
START_TEST(ring_without_a_root)
{
	struct world it = world();

	MUST(store_begin(it.store, &failed));
	put_ca(it.store, "role=ca keyno=11 subject=/CN=Left", 12);
	put_ca(it.store, "role=ca keyno=12 subject=/CN=Right", 11);
	put_key(it.store, 2, 11);
	put_key(it.store, 2, 12);
	MUST(store_commit(it.store, &failed));
	MUST(ask(&it, "Second", false));
	says(&it, "Second: not in the configuration any more, 3 keys");
	says(&it, "\nLeft [");
	says(&it, "`-- Right [");
	world_end(&it);
}
END_TEST

START_TEST(tree_in_json)
{
	struct world it = world();
	json_t *answer, *keys, *root, *certificate;

	MUST(ask(&it, "First", true));
	answer = json_loads(buf_text(&it.said), 0, NULL);
	keys = json_object_get(answer, "keys");
	ck_assert_uint_eq(json_array_size(keys), 4);
	root = json_array_get(keys, 0);
	ck_assert_str_eq(json_string_value(json_object_get(root, "how")), "named");
	ck_assert(json_is_true(json_object_get(root, "shared")));
	ck_assert_uint_eq(json_array_size(json_object_get(root, "certificates")), 3);
	certificate = json_array_get(json_object_get(root, "certificates"), 1);
	ck_assert(json_is_true(json_object_get(certificate, "cross_sign")));
	ck_assert_str_eq(
	    json_string_value(json_object_get(certificate, "signer_ca")), "Second");
	ck_assert_str_eq(
	    json_string_value(json_object_get(answer, "state")), "distrusted");
	ck_assert_uint_eq(json_array_size(json_object_get(answer, "complete")), 1);
	json_decref(answer);
	world_end(&it);
}
END_TEST

START_TEST(all_of_them)
{
	struct world it = world();
	json_t *answer, *cas;

	MUST(ask(&it, NULL, false));
	says(&it, "First   distrusted      1     4  2016-11-24 15:06:40  2016-11-24 ");
	says(&it, "Second  -               1     1  2016-11-24 15:06:40  -");
	MUST(ask(&it, NULL, true));
	answer = json_loads(buf_text(&it.said), 0, NULL);
	cas = json_object_get(answer, "cas");
	ck_assert_uint_eq(json_array_size(cas), 2);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(json_array_get(cas, 0), "keys")), 4);
	json_decref(answer);
	world_end(&it);
}
END_TEST

START_TEST(unknown)
{
	struct world it = world();

	ck_assert(!ask(&it, "Third", false));
	ck_assert_int_eq(failed.code, ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(failed.text, "no CA \"Third\" is watched"));
	world_end(&it);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("family");

	tcase_add_test(tcase, tree);
	tcase_add_test(tcase, ring_without_a_root);
	tcase_add_test(tcase, tree_in_json);
	tcase_add_test(tcase, all_of_them);
	tcase_add_test(tcase, unknown);
	return unit_run("family", tcase);
}
