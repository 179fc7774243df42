#include "tests/lib/world.h"

#include "check/run.h"
#include "crypto/digest.h"
#include "tests/lib/unit.h"

static void
sha256_of_sample(const struct sample *sample, uint8_t out[32])
{
	struct sha256 hash;

	sha256_of(sample->judged.der, &hash);
	memcpy(out, hash.octets, 32);
}

/* The first sample with that row key. */
static size_t
row_of(const struct world *world, const uint8_t key[32])
{
	size_t i = 0;

	while (i < world->count && memcmp(world->samples[i].judged.key, key, 32) != 0)
		i++;
	return i;
}

static bool
row_has(const struct world *world, const uint8_t key[32], bool precert)
{
	for (size_t i = 0; i < world->count; i++)
		if (&world->samples[i] != world->judging &&
		    memcmp(world->samples[i].judged.key, key, 32) == 0 &&
		    world->samples[i].judged.precert == precert)
			return true;
	return false;
}

static void
fill_member(const struct world *world, const struct sample *from,
    const uint8_t except[32], struct history_member *out)
{
	*out = (struct history_member){
	    .der = from->judged.der,
	    .first_log_ms = from->judged.hi_ms,
	    .has_precert = row_has(world, from->judged.key, true),
	    .has_final = row_has(world, from->judged.key, false),
	    .older = row_of(world, from->judged.key) < row_of(world, except),
	};
	memcpy(out->key, from->judged.key, 32);
	memcpy(out->normal_tbs_hash, from->judged.normal_tbs_hash, 32);
	sha256_of_sample(from, out->sha256);
}

static size_t
members(void *owner, const uint8_t *issuer_key, struct bytes issuer_dn,
    struct bytes serial, bool precert, const uint8_t except[32],
    struct history_member *out, size_t room, uint64_t *total)
{
	struct world *world = owner;
	size_t count = 0;

	(void)issuer_dn;
	*total = 0;
	for (size_t i = 0; i < world->count; i++) {
		const struct judged *it = &world->samples[i].judged;

		if (&world->samples[i] == world->judging || it->precert != precert ||
		    memcmp(it->issuer_key_hash, issuer_key, 32) != 0 ||
		    !bytes_equal(it->cert->serial, serial) ||
		    memcmp(it->key, except, 32) == 0)
			continue;
		++*total;
		if (count < room)
			fill_member(world, &world->samples[i], except, &out[count++]);
	}
	return count;
}

static size_t
forms(void *owner, const uint8_t key[32], const uint8_t except[32],
    struct history_form *out, size_t room)
{
	struct world *world = owner;
	size_t count = 0;
	uint8_t hash[32];

	for (size_t i = 0; i < world->count && count < room; i++) {
		sha256_of_sample(&world->samples[i], hash);
		if (memcmp(world->samples[i].judged.key, key, 32) != 0 ||
		    memcmp(hash, except, 32) == 0)
			continue;
		out[count].der = world->samples[i].judged.der;
		out[count].precert = world->samples[i].judged.precert;
		memcpy(out[count++].sha256, hash, 32);
	}
	return count;
}

static size_t
ca_by_key(void *owner, const uint8_t spki[32], const uint8_t except[32],
    struct history_ca *out, size_t room)
{
	struct world *world = owner;
	size_t count = 0;
	uint8_t hash[32];

	for (size_t i = 0; i < world->count && count < room; i++) {
		const struct sample *sample = &world->samples[i];

		sha256_of_sample(sample, hash);
		if (memcmp(sample->spec.key->key_hash, spki, 32) != 0 ||
		    memcmp(hash, except, 32) == 0)
			continue;
		out[count] = (struct history_ca){.der = sample->judged.der,
		    .issuer_key_hash = sample->judged.issuer_key_hash,
		    .owner = world->owners[i],
		    .signer = sample->judged.signer};
		memcpy(out[count].sha256, hash, 32);
		memcpy(out[count++].key_hash, spki, 32);
	}
	return count;
}

static bool
ca_known(void *owner, const uint8_t sha256[32])
{
	struct world *world = owner;
	uint8_t hash[32];

	for (size_t i = 0; i < world->count; i++) {
		sha256_of_sample(&world->samples[i], hash);
		if (&world->samples[i] != world->judging && memcmp(hash, sha256, 32) == 0)
			return true;
	}
	return false;
}

static size_t
by_key(void *owner, const uint8_t spki[32], int64_t from_ms, int64_t to_ms,
    const uint8_t except[32], struct history_member *out,
    const struct check_operator **signers, size_t room)
{
	struct world *world = owner;
	size_t count = 0;

	for (size_t i = 0; i < world->count && count < room; i++) {
		const struct sample *sample = &world->samples[i];

		if (memcmp(sample->spec.key->key_hash, spki, 32) != 0 ||
		    sample->judged.hi_ms < from_ms || sample->judged.hi_ms > to_ms ||
		    memcmp(sample->judged.key, except, 32) == 0)
			continue;
		signers[count] = sample->judged.signer;
		fill_member(world, sample, except, &out[count++]);
	}
	return count;
}

/* A form was seen once, in the log that its sample is of. */
static size_t
sightings(void *owner, const uint8_t key[32], struct history_sighting *out, size_t room)
{
	struct world *world = owner;
	size_t count = 0;

	for (size_t i = 0; i < world->count && count < room; i++)
		if (memcmp(world->samples[i].judged.key, key, 32) == 0)
			out[count++] = (struct history_sighting){
			    .index = i, .timestamp_ms = world->samples[i].judged.hi_ms};
	return count;
}

/* --- what checks remember --------------------------------------------------------- */

struct world_bucket {
	char *check;
	struct bytes key, value; /* its own */
	int64_t bucket;
};

size_t
world_bucket_len(const struct world *world, size_t number)
{
	return world->buckets[number].value.len;
}

const char *
world_bucket_check(const struct world *world, size_t number)
{
	return world->buckets[number].check;
}

static void
free_bucket(struct world_bucket *bucket)
{
	mem_free(bucket->check);
	mem_free((void *)bucket->key.data);
	mem_free((void *)bucket->value.data);
}

static bool
is_of(const struct world_bucket *bucket, const char *check, struct bytes key)
{
	return strcmp(bucket->check, check) == 0 && bytes_equal(bucket->key, key);
}

/* The first bucket of the key that is not below; they stand in order. */
static size_t
bucket_at(const struct world *world, const char *check, struct bytes key, int64_t number)
{
	size_t i = 0;

	while (i < world->bucket_count &&
	    !(is_of(&world->buckets[i], check, key) &&
		world->buckets[i].bucket >= number))
		i++;
	return i;
}

static bool
is_there(const struct world *world, size_t at, const char *check, struct bytes key,
    int64_t bucket)
{
	return at < world->bucket_count && world->buckets[at].bucket == bucket &&
	    is_of(&world->buckets[at], check, key);
}

static struct bytes
state(void *owner, const char *check, struct bytes key, int64_t bucket)
{
	struct world *world = owner;
	size_t at = bucket_at(world, check, key, bucket);

	return is_there(world, at, check, key, bucket) ? world->buckets[at].value
						       : bytes_of(NULL, 0);
}

static struct bytes
own_bytes(struct bytes bytes)
{
	return bytes_of(mem_copy(bytes.data, bytes.len), bytes.len);
}

static void
set_state(
    void *owner, const char *check, struct bytes key, int64_t bucket, struct bytes value)
{
	struct world *world = owner;
	size_t at = bucket_at(world, check, key, bucket);
	struct world_bucket fresh = {
	    mem_format("%s", check), own_bytes(key), own_bytes(value), bucket};

	ck_assert_uint_le(key.len, 256);
	ck_assert_uint_le(value.len, 64 << 10);
	if (is_there(world, at, check, key, bucket)) {
		free_bucket(&world->buckets[at]);
		memmove(&world->buckets[at], &world->buckets[at + 1],
		    (--world->bucket_count - at) * sizeof(fresh));
	}
	if (value.len == 0) {
		free_bucket(&fresh);
		return;
	}
	world->buckets =
	    mem_resize(world->buckets, world->bucket_count + 1, sizeof(*world->buckets));
	memmove(&world->buckets[at + 1], &world->buckets[at],
	    (world->bucket_count++ - at) * sizeof(fresh));
	world->buckets[at] = fresh;
}

static void
each_state(void *owner, const char *check, struct bytes key, int64_t from, int64_t to,
    history_bucket_fn *fn, void *fn_owner)
{
	struct world *world = owner;

	for (size_t i = bucket_at(world, check, key, from); i < world->bucket_count; i++)
		if (is_of(&world->buckets[i], check, key) &&
		    (world->buckets[i].bucket > to ||
			!fn(fn_owner, world->buckets[i].bucket, world->buckets[i].value)))
			return;
}

/* --- what is looked at again ------------------------------------------------------ */

static bool
covers(void *owner, const uint8_t log_id[32], int64_t from_ms, int64_t to_ms)
{
	struct world *world = owner;

	(void)log_id;
	return world->covered_from_ms <= from_ms && to_ms <= world->covered_to_ms;
}

static void
look_again(void *owner, const char *check, int64_t due_ms)
{
	struct world *world = owner;

	ck_assert_uint_lt(world->due_count, WORLD_ROOM);
	world->dues[world->due_count++] = (struct world_due){
	    check, &world->samples[world->judging->judged.row - 1], due_ms};
}

void
world_look_again(struct world *world, int64_t now_ms, struct findings *out)
{
	struct check_history history = world_history(world);
	size_t kept = 0;

	for (size_t i = 0; i < world->due_count; i++) {
		struct world_due due = world->dues[i];
		struct sample *sample = &world->samples[due.sample - world->samples];

		if (due.due_ms > now_ms) {
			world->dues[kept++] = due;
			continue;
		}
		sample->judged.now_ms = now_ms;
		world->judging = sample;
		checks_run_due(&sample->judged, due.check, &history, out);
	}
	world->due_count = kept;
}

/* Of what was added with that issuer's key; one day of notBefore is one count. */
static uint64_t
counter(void *owner, const uint8_t issuer_key[32], int basis, int32_t from_day,
    int32_t to_day, const char *name)
{
	const struct world *world = owner;
	uint64_t sum = 0;

	for (size_t i = 0; i < world->count; i++) {
		const struct judged *it = &world->samples[i].judged;
		int64_t day = it->cert->not_before / 86400;

		sum += basis == COUNT_NB && strcmp(name, "issued") == 0 &&
		    !judged_is_ca(it) && it->issuer_key_hash != NULL &&
		    memcmp(it->issuer_key_hash, issuer_key, 32) == 0 && day >= from_day &&
		    day <= to_day;
	}
	return sum;
}

struct check_history
world_history(struct world *world)
{
	return (struct check_history){
	    .owner = world,
	    .members = members,
	    .forms = forms,
	    .ca_by_key = ca_by_key,
	    .ca_known = ca_known,
	    .by_key = by_key,
	    .counter = counter,
	    .sightings = sightings,
	    .covers = covers,
	    .look_again = look_again,
	    .state = state,
	    .set_state = set_state,
	    .each_state = each_state,
	};
}

struct world *
world_new(void)
{
	return mem_zero(1, sizeof(struct world));
}

void
world_free(struct world *world)
{
	for (size_t i = 0; i < world->count; i++)
		sample_free(&world->samples[i]);
	for (size_t i = 0; i < world->bucket_count; i++)
		free_bucket(&world->buckets[i]);
	mem_free(world->buckets);
	mem_free(world);
}

struct sample *
world_add(struct world *world, const char *spec)
{
	struct sample *sample = &world->samples[world->count++];

	ck_assert_uint_le(world->count, WORLD_ROOM);
	sample_make(sample, spec);
	sample->judged.cert = &sample->cert;
	sample->judged.row_is_new =
	    row_of(world, sample->judged.key) == (size_t)(sample - world->samples);
	sample->judged.form_is_new = true;
	sample->judged.row = 1 + (int64_t)row_of(world, sample->judged.key);
	world->judging = sample;
	return sample;
}

void
world_judge(struct world *world, const char *spec, struct findings *out)
{
	struct check_history history = world_history(world);
	struct sample *sample = world_add(world, spec);

	checks_run_history(&sample->judged, &history, out);
}

size_t
world_count(const struct findings *findings, const char *check)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += strcmp(findings->rows[i]->check->id, check) == 0;
	return count;
}

bool
world_has(const struct findings *findings, const char *check, const struct sample *about)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->rows[i]->check->id, check) == 0 &&
		    bytes_equal(
			findings->rows[i]->subject_key, bytes_of(about->judged.key, 32)))
			return true;
	return false;
}

struct buf
world_evidence(const struct findings *findings, const char *check)
{
	struct buf json;

	buf_init(&json, 1 << 20);
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->rows[i]->check->id, check) == 0) {
			ck_assert(finding_evidence_json(findings->rows[i], &json));
			break;
		}
	return json;
}
