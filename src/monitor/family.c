#include "monitor/family_priv.h"

#include "base/mem.h"
#include "check/run.h"
#include "monitor/history.h"
#include "monitor/tell.h"
#include "store/authority.h"
#include "store/certificate.h"
#include "store/watch.h"
#include "x509/precert.h"

#define HOUR_MS (INT64_C(3600) * 1000)

/* A watch's first days show the CA certificates that are there already: they
 * are the baseline, not news. */
#define BASELINE_MS (INT64_C(7) * 24 * HOUR_MS)
#define HISTORY_MS  (48 * HOUR_MS)

struct growth {
	struct writer *writer;
	struct watch_set *set; /* a reference */
	const struct watch_table *table;
	uint32_t watch;
	uint32_t log; /* of the entry that brought it; 0: none */
	uint64_t index;
	int64_t generation; /* from which on the key is known */
	bool grew;
	struct pending {
		struct pending *next;
		struct sha256 spki;
	} * pending; /* keys whose children are still to be looked for */
	struct err err;
	bool failed;
};

static void
add_key(struct growth *growth, struct bytes spki, struct bytes subject,
    struct bytes key_id, struct bytes via)
{
	struct family_row row = {.watch = growth->table->numbers[growth->watch],
	    .spki_sha256 = spki,
	    .how = bytes_text("signed-by"),
	    .via = via,
	    .since_log = growth->log,
	    .since_index = growth->index,
	    .since_generation = growth->generation,
	    .since_ms = writer_now_ms(growth->writer)};
	struct pending *next;
	struct watch_set *set;
	bool inserted;

	if (watch_set_family_has(growth->set, growth->watch, spki.data))
		return;
	if (!store_family_put(growth->writer->store, &row, &inserted, &growth->err)) {
		growth->failed = true;
		return;
	}
	set = watch_set_with_key(growth->set, growth->watch, spki.data, subject, key_id);
	watch_set_unref(growth->set);
	growth->set = set;
	growth->grew = true;
	next = arena_zero(&growth->writer->arena, 1, sizeof(*next));
	memcpy(next->spki.octets, spki.data, SHA256_LEN);
	next->next = growth->pending;
	growth->pending = next;
}

/* A stored CA certificate that one of the family's keys signed. */
static bool
on_child(void *owner, const struct ca_certificate_row *row)
{
	struct growth *growth = owner;
	const struct extension *key_id;
	struct bytes id = {0};
	struct cert cert;
	uint32_t flaws;

	if (!row->is_ca || row->spki_sha256.len != SHA256_LEN)
		return true;
	(void)cert_parse(row->der, &cert);
	if ((key_id = cert_extension(&cert, OID_SUBJECT_KEY_IDENTIFIER)) != NULL)
		id = extension_subject_key_id(key_id, &flaws);
	add_key(growth, row->spki_sha256, row->subject, id, row->sha256);
	return !growth->failed;
}

/* Follows the edges down until nothing is new. */
static bool
grow_down(struct growth *growth)
{
	while (growth->pending != NULL && !growth->failed) {
		struct pending *next = growth->pending;
		struct ca_certificate_filter filter = {
		    .signed_by_spki = sha256_bytes(&next->spki)};

		growth->pending = next->next;
		if (!store_ca_certificate_each(
			growth->writer->store, &filter, on_child, growth, &growth->err))
			growth->failed = true;
	}
	return !growth->failed;
}

static bool
is_ca_watch(const struct watch_set *set, uint32_t watch)
{
	return watch >= watch_set_domain_count(set);
}

bool
family_grow(struct writer *writer, const struct met *met, uint32_t log, uint64_t index,
    struct err *err)
{
	struct snapshot *snapshot = writer->working;
	struct authority *authority = met->authority,
			 *signer = atomic_load(&authority->signer);
	struct growth growth = {.writer = writer,
	    .set = watch_set_ref(snapshot->watches),
	    .table = snapshot->table,
	    .log = log,
	    .index = index,
	    .generation = snapshot->generation + 1};
	int64_t generation = snapshot->generation;
	bool ok = true;

	for (uint32_t w = (uint32_t)watch_set_domain_count(growth.set);
	     signer != NULL && authority->is_ca && w < watch_set_count(growth.set); w++) {
		growth.watch = w;
		if (watch_set_family_has(growth.set, w, signer->spki.octets))
			add_key(&growth, sha256_bytes(&authority->spki),
			    authority->subject, authority->key_id,
			    sha256_bytes(&authority->sha256));
		ok = ok && !growth.failed && grow_down(&growth);
	}
	if (ok && growth.grew)
		ok = store_watch_generation_raise(writer->store, &generation, err);
	else if (!ok)
		*err = growth.err;
	if (ok && growth.grew)
		writer_publish(writer,
		    snapshot_new(snapshot->settings, growth.set, snapshot->table,
			snapshot->logs, generation));
	watch_set_unref(growth.set);
	return ok;
}

/* The watch whose family has the key, or WATCH_NOT_FOUND. */
static uint32_t
watch_of_key(const struct watch_set *set, const uint8_t spki[SHA256_LEN])
{
	for (uint32_t w = (uint32_t)watch_set_domain_count(set); w < watch_set_count(set);
	     w++)
		if (watch_set_family_has(set, w, spki))
			return w;
	return WATCH_NOT_FOUND;
}

uint32_t
family_watch(const struct writer *writer, struct bytes spki)
{
	return watch_of_key(writer->working->watches, spki.data);
}

const struct check_operator *
family_operator(const struct writer *writer, struct bytes spki)
{
	return snapshot_operator(writer->working, family_watch(writer, spki));
}

static void
take_signers(struct writer *writer, struct bytes spki, struct judged *judged)
{
	const struct watch_set *set = writer->working->watches;
	uint32_t first = (uint32_t)watch_set_domain_count(set);
	const struct check_operator **co_signers =
	    arena_zero(&writer->arena, watch_set_count(set) - first, sizeof(*co_signers));

	for (uint32_t w = first; w < watch_set_count(set); w++)
		if (watch_set_family_has(set, w, spki.data))
			judged_add_signer(
			    judged, snapshot_operator(writer->working, w), co_signers);
}

static bool
is_history(const struct writer *writer, uint32_t watch, int64_t not_before_s,
    int64_t timestamp_ms)
{
	struct watch_info info;

	watch_set_info(writer->working->watches, watch, &info);
	return timestamp_ms < info.since_ms - HISTORY_MS ||
	    (not_before_s * 1000 < info.since_ms - HISTORY_MS &&
		writer_now_ms(writer) < info.since_ms + BASELINE_MS);
}

/* A CA certificate as far as it has to be judged. */
struct authority_view {
	const struct cert *cert;
	struct cert *issuer;          /* NULL: not at hand */
	struct bytes spki, signed_by; /* empty: not known */
	const struct sha256 *sha256;
	int64_t not_before_s;
	int64_t hi_ms;                         /* of the entry that brought it */
	const struct judged_first *first_leaf; /* NULL: it brought itself, or none did */
};

/* SCOPE_CA checks, for a certificate that a watched key signed or certifies;
 * about->watch says whose. */
static bool
judge_authority(struct writer *writer, const struct authority_view *it,
    struct findings *findings, struct told_about *about, struct err *err)
{
	const struct watch_set *set = writer->working->watches;
	struct check_history history;
	struct judged *judged;

	about->watch = WATCH_NOT_FOUND;
	if (it->signed_by.len != SHA256_LEN)
		return true;
	if (it->spki.len == SHA256_LEN)
		about->watch = watch_of_key(set, it->spki.data);
	if (about->watch == WATCH_NOT_FOUND)
		about->watch = watch_of_key(set, it->signed_by.data);
	if (about->watch == WATCH_NOT_FOUND)
		return true;
	judged = arena_zero(&writer->arena, 1, sizeof(*judged));
	judged_init(judged, it->cert, NULL, it->signed_by.data,
	    &writer->working->settings->params, &writer->arena);
	judged->dates = writer->working->settings->dates;
	judged->now_ms = writer_now_ms(writer);
	judged->hi_ms = it->hi_ms;
	judged->first_leaf = it->first_leaf;
	judged->issuer = it->issuer;
	judged->signature = SIGNATURE_VERIFIED;
	take_signers(writer, it->signed_by, judged);
	history_of(writer, &history);
	checks_run_ca(judged, &history, findings);
	about->judged = judged;
	about->sha256 = it->sha256;
	about->history =
	    is_history(writer, about->watch, it->not_before_s, judged->hi_ms);
	return history_ok(writer, err);
}

/* What an entry says of the CAs in its chain: they had issued it. */
static const struct judged_first *
first_leaf(struct writer *writer, struct bytes ca, struct bytes der,
    const struct judged_sighting *sighting)
{
	struct judged_first *first;

	if (der.len == 0 || bytes_equal(der, ca))
		return NULL;
	first = arena_zero(&writer->arena, 1, sizeof(*first));
	*first = (struct judged_first){.der = der, .sighting = *sighting};
	return first;
}

static const struct judged_first *
first_of_entry(struct writer *writer, const struct batch *batch, const struct met *met)
{
	const struct entry *entry = met->entry;
	struct judged_sighting sighting = {
	    .index = entry->index, .timestamp_ms = clock_of(entry->leaf.timestamp_ms)};

	memcpy(sighting.log_id, batch->log->id.octets, sizeof(sighting.log_id));
	return first_leaf(writer, met->authority->der,
	    entry->leaf.kind == LEAF_PRECERT ? entry->pre_certificate
					     : entry->leaf.certificate,
	    &sighting);
}

static bool
check_authority(struct writer *writer, const struct batch *batch, const struct met *met,
    struct err *err)
{
	struct authority *authority = met->authority,
			 *signer = atomic_load(&authority->signer);
	struct told_about about = {.batch = batch, .entry = met->entry};
	struct cert *cert = arena_alloc(&writer->arena, sizeof(*cert));
	struct authority_view it = {.cert = cert,
	    .spki = sha256_bytes(&authority->spki),
	    .sha256 = &authority->sha256,
	    .not_before_s = authority->not_before_s,
	    .hi_ms = clock_of(met->entry->leaf.timestamp_ms),
	    .first_leaf = first_of_entry(writer, batch, met)};
	struct findings findings;

	if (signer != NULL) {
		it.issuer = arena_alloc(&writer->arena, sizeof(*it.issuer));
		authority_cert(signer, it.issuer);
		it.signed_by = sha256_bytes(&signer->spki);
	}
	authority_cert(authority, cert);
	findings_init(&findings, &writer->arena);
	return judge_authority(writer, &it, &findings, &about, err) &&
	    tell_findings(writer, &findings, &about, err);
}

struct first_place {
	int64_t timestamp_ms, form; /* form 0: what was there is not stored */
};

static bool
on_first_sighting(void *owner, const struct sighting_row *row)
{
	*(struct first_place *)owner = (struct first_place){row->timestamp_ms, row->form};
	return false;
}

/* The entry that brought the row, as far as it is stored. */
static bool
recall_first(struct writer *writer, const struct ca_certificate_row *row,
    struct authority_view *it, struct err *err)
{
	struct first_place place = {it->hi_ms, 0};
	struct judged_sighting sighting = {.index = row->first_index};
	struct form_row form;
	bool found = false;

	if (row->first_log == 0)
		return true;
	if (!store_sighting_each(writer->store, row->first_log, row->first_index,
		row->first_index + 1, 1, on_first_sighting, &place, err) ||
	    (place.form != 0 &&
		!store_form_get(
		    writer->store, place.form, &writer->arena, &form, &found, err)))
		return false;
	it->hi_ms = sighting.timestamp_ms = place.timestamp_ms;
	writer_log_id(writer, row->first_log, sighting.log_id);
	if (found)
		it->first_leaf = first_leaf(writer, row->der, form.der, &sighting);
	return true;
}

struct issuer_search {
	struct writer *writer;
	struct bytes name;
	struct cert *found;
};

static bool
on_issuer(void *owner, const struct ca_certificate_row *row)
{
	struct issuer_search *search = owner;
	struct arena *arena = &search->writer->arena;

	if (!bytes_equal(row->subject, search->name))
		return true;
	search->found = arena_alloc(arena, sizeof(*search->found));
	(void)cert_parse(arena_copy(arena, row->der), search->found);
	return false;
}

static bool
find_issuer(struct writer *writer, const struct ca_certificate_row *row,
    struct cert **issuer, struct err *err)
{
	struct ca_certificate_filter filter = {.spki_sha256 = row->signed_by_spki};
	struct issuer_search search = {.writer = writer, .name = row->issuer};

	if (filter.spki_sha256.len == SHA256_LEN &&
	    !store_ca_certificate_each(writer->store, &filter, on_issuer, &search, err))
		return false;
	*issuer = search.found;
	return true;
}

bool
family_judge(struct writer *writer, const struct ca_certificate_row *row,
    struct findings *findings, struct told_about *about, bool *concerns, struct err *err)
{
	struct cert *cert = arena_alloc(&writer->arena, sizeof(*cert));
	struct sha256 *hash = arena_alloc(&writer->arena, sizeof(*hash));
	struct authority_view it = {.cert = cert,
	    .spki = row->spki_sha256,
	    .signed_by = row->signed_by_spki,
	    .sha256 = hash,
	    .not_before_s = row->not_before_s,
	    .hi_ms = row->first_seen_ms};
	void *fresh;
	bool ok;

	memcpy(hash->octets, row->sha256.data, SHA256_LEN);
	(void)cert_parse(row->der, cert);
	if (!find_issuer(writer, row, &it.issuer, err) ||
	    !recall_first(writer, row, &it, err))
		return false;
	/* It is new to itself, though it was stored long ago. */
	fresh = map_put(&writer->fresh_cas, row->sha256, writer);
	ok = judge_authority(writer, &it, findings, about, err);
	if (fresh == NULL)
		(void)map_remove(&writer->fresh_cas, row->sha256);
	*concerns = about->watch != WATCH_NOT_FOUND;
	return ok;
}

bool
family_put(struct writer *writer, const struct met *met, uint32_t log, uint64_t index,
    bool *inserted, struct err *err)
{
	struct authority *authority = met->authority,
			 *signer = atomic_load(&authority->signer);
	struct ca_certificate_row row = {
	    .sha256 = sha256_bytes(&authority->sha256),
	    .der = authority->der,
	    .subject = authority->subject,
	    .issuer = authority->issuer,
	    .not_before_s = authority->not_before_s,
	    .not_after_s = authority->not_after_s,
	    .is_ca = authority->is_ca,
	    .first_log = log,
	    .first_index = index,
	    .first_seen_ms = writer_now_ms(writer),
	};

	if (authority->key != NULL)
		row.spki_sha256 = sha256_bytes(&authority->spki);
	if (signer != NULL)
		row.signed_by_spki = sha256_bytes(&signer->spki);
	if (!store_ca_certificate_put(writer->store, &row, inserted, err))
		return false;
	if (*inserted)
		map_put(&writer->fresh_cas, row.sha256, authority);
	return *inserted || signer == NULL ||
	    store_ca_certificate_signed_by(
		writer->store, row.sha256, row.signed_by_spki, err);
}

bool
family_apply(struct writer *writer, const struct batch *batch, struct err *err)
{
	/* The signer may stand behind the signed in a chain: rows first. */
	for (struct met *met = batch->met; met != NULL; met = met->next)
		if (!family_put(writer, met, batch->log_number, met->entry->index,
			&met->inserted, err))
			return false;
	for (struct met *met = batch->met; met != NULL; met = met->next)
		if (!family_grow(writer, met, batch->log_number, met->entry->index, err))
			return false;
	for (struct met *met = batch->met; met != NULL; met = met->next)
		if (met->inserted && !check_authority(writer, batch, met, err))
			return false;
	return true;
}

/* --- at a reload --- */

static bool
on_family(void *owner, const struct family_row *row)
{
	struct growth *growth = owner;
	struct watch_set *set;

	for (uint32_t w = 0; w < growth->table->count; w++) {
		if (growth->table->numbers[w] != row->watch ||
		    !is_ca_watch(growth->set, w))
			continue;
		set = watch_set_with_key(growth->set, w, row->spki_sha256.data,
		    bytes_of(NULL, 0), bytes_of(NULL, 0));
		watch_set_unref(growth->set);
		growth->set = set;
	}
	return true;
}

/* Every stored CA certificate whose signer's key is in a family adds its own;
 * again until a pass adds nothing. */
static bool
on_stored(void *owner, const struct ca_certificate_row *row)
{
	struct growth *growth = owner;

	for (uint32_t w = (uint32_t)watch_set_domain_count(growth->set);
	     w < watch_set_count(growth->set) && row->signed_by_spki.len == SHA256_LEN;
	     w++) {
		growth->watch = w;
		if (watch_set_family_has(growth->set, w, row->signed_by_spki.data))
			(void)on_child(growth, row);
	}
	return !growth->failed;
}

struct watch_set *
family_load(struct writer *writer, const struct watch_set *set,
    const struct watch_table *table, struct err *err)
{
	struct growth growth = {
	    .writer = writer, .set = watch_set_ref(set), .table = table};
	struct ca_certificate_filter all = {0};

	if (watch_set_count(set) == watch_set_domain_count(set))
		return growth.set;
	if (!store_family_each(writer->store, 0, on_family, &growth, &growth.err))
		growth.failed = true;
	do {
		growth.grew = false;
		growth.pending = NULL;
		if (!growth.failed &&
		    !store_ca_certificate_each(
			writer->store, &all, on_stored, &growth, &growth.err))
			growth.failed = true;
	} while (growth.grew && !growth.failed);
	if (!growth.failed)
		return growth.set;
	*err = growth.err;
	watch_set_unref(growth.set);
	return NULL;
}
