/*
 * ctwarden ca: a watched CA's family, as far as it was seen; or a line for each CA.
 */
#include "report/family.h"

#include <inttypes.h>
#include <strings.h>

#include "store/authority.h"
#include "x509/name.h"

/* --- gathering ------------------------------------------------------------------- */

static struct family_key *
key_of(struct family *family, struct bytes spki)
{
	struct family_key *key = map_get(&family->keys, spki);

	if (key != NULL)
		return key;
	key = arena_zero(&family->statement.arena, 1, sizeof(*key));
	memcpy(key->spki, spki.data, sizeof(key->spki));
	map_put(&family->keys, spki, key);
	*family->end = key;
	family->end = &key->next;
	return key;
}

struct owners {
	struct family *family;
	uint32_t watch; /* whose keys are being read */
	const char *name;
};

static struct family_key *
own_key(const struct owners *owners, struct bytes spki, int64_t since_ms)
{
	struct family *family = owners->family;
	struct family_key *key = key_of(family, spki);

	if (key->ca == NULL || owners->watch == family->statement.watch)
		key->ca = owners->name;
	if (owners->watch == family->statement.watch) {
		key->member = true;
		key->since_ms = since_ms;
	}
	return key;
}

static bool
add_owned(void *owner, const struct family_row *row)
{
	(void)own_key(owner, row->spki_sha256, row->since_ms);
	return true;
}

static bool
add_owner(void *owner, const struct watch_row *row)
{
	struct family *family = owner;
	struct owners owners = {.family = family, .watch = row->number};
	uint8_t spki[32];
	size_t at = 0;

	if (!bytes_equal(row->kind, bytes_text("ca")))
		return true;
	owners.name = (const char *)arena_copy(&family->statement.arena, row->text).data;
	while (watch_next_named(row, &at, spki)) {
		struct family_key *key =
		    own_key(&owners, bytes_of(spki, sizeof(spki)), row->since_ms);

		key->named |= key->member && owners.watch == family->statement.watch;
	}
	return store_family_each(
	    family->store, row->number, add_owned, &owners, family->err);
}

static void
insert_of_key(struct family_key *key, struct family_cert *cert)
{
	struct family_cert **at = &key->certs;

	while (*at != NULL && (*at)->not_before_s <= cert->not_before_s)
		at = &(*at)->next_of_key;
	cert->next_of_key = *at;
	*at = cert;
}

static void
insert_signed(struct family_key *key, struct family_cert *cert)
{
	struct family_cert **at = &key->signs;

	while (*at != NULL && (*at)->not_before_s <= cert->not_before_s)
		at = &(*at)->next_signed;
	cert->next_signed = *at;
	*at = cert;
}

static bool
add_certificate(void *owner, const struct ca_certificate_row *row)
{
	struct family *family = owner;
	struct arena *arena = &family->statement.arena;
	struct family_cert *cert;

	if (!row->is_ca || row->spki_sha256.len != 32 ||
	    map_get(&family->certs, row->sha256) != NULL)
		return true;
	if (family->cert_count == FAMILY_CERTS_MAX) {
		family->more = true;
		return false;
	}
	family->cert_count++;
	cert = arena_zero(arena, 1, sizeof(*cert));
	*cert = (struct family_cert){.key = key_of(family, row->spki_sha256),
	    .sha256 = arena_copy(arena, row->sha256),
	    .subject = arena_copy(arena, row->subject),
	    .issuer = arena_copy(arena, row->issuer),
	    .not_before_s = row->not_before_s,
	    .not_after_s = row->not_after_s,
	    .first_seen_ms = row->first_seen_ms,
	    .first_log = row->first_log,
	    .first_index = row->first_index};
	if (row->signed_by_spki.len == 32)
		cert->signer = key_of(family, row->signed_by_spki);
	cert->self_signed = cert->signer == cert->key;
	map_put(&family->certs, cert->sha256, cert);
	insert_of_key(cert->key, cert);
	if (cert->signer != NULL)
		insert_signed(cert->signer, cert);
	return true;
}

/* What the key signed, and what certifies it. */
static bool
load_key(struct family *family, const struct family_key *key)
{
	struct bytes spki = bytes_of(key->spki, sizeof(key->spki));
	struct ca_certificate_filter of_it = {.spki_sha256 = spki},
				     by_it = {.signed_by_spki = spki};

	return store_ca_certificate_each(
		   family->store, &of_it, add_certificate, family, family->err) &&
	    store_ca_certificate_each(
		family->store, &by_it, add_certificate, family, family->err);
}

/* Of the keys that are nobody's in the family only the name is wanted. */
static bool
load_strangers(struct family *family)
{
	for (struct family_key *key = family->first; key != NULL; key = key->next) {
		struct ca_certificate_filter of_it = {
		    .spki_sha256 = bytes_of(key->spki, sizeof(key->spki))};

		if (!key->member && key->signs != NULL && key->certs == NULL &&
		    !store_ca_certificate_each(
			family->store, &of_it, add_certificate, family, family->err))
			return false;
	}
	return true;
}

/* --- what is odd ---------------------------------------------------------------------
 */

static void
mark_key(struct family_key *key)
{
	const struct family_key *first = NULL;
	bool crossed = false;

	for (struct family_cert *cert = key->certs; cert; cert = cert->next_of_key) {
		key->shared |= !name_equal(cert->subject, key->certs->subject);
		if (cert->signer == NULL)
			continue;
		crossed |= first != NULL && cert->signer != first;
		first = first != NULL ? first : cert->signer;
	}
	for (struct family_cert *cert = key->certs; cert; cert = cert->next_of_key)
		cert->cross_sign = crossed && !cert->self_signed;
}

bool
family_key_is_below(const struct family_key *key)
{
	for (const struct family_cert *cert = key->certs; cert; cert = cert->next_of_key)
		if (cert->signer != NULL && cert->signer != key && cert->signer->member)
			return true;
	return false;
}

const struct report_ca_state *
family_state(const struct report_ca *asked, const char *name)
{
	for (size_t i = 0; i < asked->state_count; i++)
		if (strcasecmp(asked->states[i].name, name) == 0)
			return &asked->states[i];
	return NULL;
}

static bool
load(struct family *family, struct store *store, struct err *err)
{
	family->store = store;
	family->err = err;
	if (!statement_load(&family->statement, store, err) ||
	    !store_watch_each(store, false, add_owner, family, err))
		return false;
	for (struct family_key *key = family->first; key != NULL; key = key->next)
		if (key->member && !load_key(family, key))
			return false;
	if (!load_strangers(family))
		return false;
	for (struct family_key *key = family->first; key != NULL; key = key->next)
		mark_key(key);
	return true;
}

static bool
report_one(struct report *report, struct store *store, const struct report_ca *asked,
    uint64_t *found, struct err *err)
{
	struct family family = {
	    .asked = asked, .statement = {.ca = asked->name, .sum = COVERAGE_NONE}};
	struct log_names names;
	bool ok;

	family.end = &family.first;
	arena_init(&family.statement.arena);
	map_init(&family.keys);
	map_init(&family.certs);
	ok = log_names_load(&names, store, err) && load(&family, store, err);
	*found = family.statement.keys;
	if (ok) {
		answer_begin(report);
		if (report->json)
			put_family_tree(report, &family, &names);
		else
			print_family_tree(report, &family, &names);
		answer_end(report);
	}
	log_names_free(&names);
	map_free(&family.certs, NULL);
	map_free(&family.keys, NULL);
	arena_free(&family.statement.arena);
	return ok;
}

/* --- all of them --- */

struct overview {
	struct report *report;
	struct store *store;
	const struct report_ca *asked;
	struct table table;
	struct err *err;
	uint64_t count;
};

struct tally {
	uint64_t keys, named;
	int64_t grown_ms;
};

static bool
tally_key(void *owner, const struct family_row *row)
{
	struct tally *tally = owner;

	tally->keys++;
	tally->grown_ms = row->since_ms;
	return true;
}

static void
put_line(struct overview *overview, const struct watch_row *row, const char *state,
    const struct tally *tally)
{
	struct json *json = &overview->report->writer;

	json_begin_object(json, NULL);
	json_put_safe(json, "name", row->text, 200);
	json_put_text(json, "state", state);
	json_put_number(json, "keys", (int64_t)tally->keys);
	json_put_number(json, "keys_named", (int64_t)tally->named);
	put_time(json, "watched_since", row->since_ms);
	put_time(json, "grew_last", tally->grown_ms);
	json_end_object(json);
}

static bool
add_line(void *owner, const struct watch_row *row)
{
	struct overview *overview = owner;
	struct tally tally = {.grown_ms = STORE_NO_TIME};
	const struct report_ca_state *state;
	uint8_t spki[32];
	size_t at = 0;
	struct buf name;
	char text[32];

	if (!bytes_equal(row->kind, bytes_text("ca")))
		return true;
	if (!store_family_each(
		overview->store, row->number, tally_key, &tally, overview->err))
		return false;
	while (watch_next_named(row, &at, spki))
		tally.named++;
	tally.keys += tally.named;
	buf_init(&name, 4096);
	buf_append_bytes(&name, row->text);
	state = family_state(overview->asked, buf_text(&name));
	buf_free(&name);
	overview->count++;
	if (overview->report->json) {
		put_line(overview, row, state != NULL ? state->state : NULL, &tally);
		return true;
	}
	table_safe(&overview->table, row->text, 60);
	table_text(&overview->table, state != NULL ? state->state : "-");
	table_number(&overview->table, tally.named);
	table_number(&overview->table, tally.keys);
	table_text(&overview->table, show_time(row->since_ms, text));
	table_text(&overview->table, show_time(tally.grown_ms, text));
	return true;
}

static bool
report_all(struct report *report, struct store *store, const struct report_ca *asked,
    uint64_t *found, struct err *err)
{
	static const char *const HEADS[] = {
	    "CA", "STATE", ">NAMED", ">KEYS", "WATCHED SINCE", "GREW LAST"};
	struct overview overview = {report, store, asked, {0}, err, 0};
	bool ok;

	table_init(&overview.table, HEADS, ARRAY_LEN(HEADS));
	answer_begin(report);
	if (report->json)
		json_begin_array(&report->writer, "cas");
	ok = store_watch_each(store, false, add_line, &overview, err);
	if (report->json)
		json_end_array(&report->writer);
	else if (overview.count > 0)
		table_print(&overview.table, &report->out);
	else
		buf_append_text(&report->out,
		    "no CA is watched; ctwarden.conf(5) says how to name one\n");
	table_free(&overview.table);
	*found = overview.count;
	if (ok)
		answer_end(report);
	return ok;
}

bool
report_ca(struct report *report, struct store *store, const struct report_ca *asked,
    uint64_t *found, struct err *err)
{
	return asked->name != NULL ? report_one(report, store, asked, found, err)
				   : report_all(report, store, asked, found, err);
}
