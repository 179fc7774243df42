#include "monitor/history.h"

#include <stdio.h>

#include "check/judged.h"
#include "monitor/family.h"
#include "store/authority.h"
#include "store/certificate.h"
#include "store/coverage.h"
#include "store/log.h"
#include "store/watch.h"
#include "x509/dns.h"
#include "x509/name.h"

/* A certificate row's number, by the key that checks know it by. */
static int64_t
number_of(struct writer *writer, const uint8_t key[32])
{
	return (int64_t)(intptr_t)map_get(&writer->numbers, bytes_of(key, 32));
}

static void
failed(struct writer *writer, const struct err *err)
{
	if (!writer->history_failed)
		writer->history_err = *err;
	writer->history_failed = true;
}

/* --- certificates --- */

struct member_page {
	struct writer *writer;
	bool precert;
	const uint8_t *except;
	struct history_member *out;
	size_t room, count;
	uint64_t total;
	/* of the row at hand */
	struct history_member member;
	bool found;
};

static bool
on_member_form(void *owner, const struct form_row *row)
{
	struct member_page *page = owner;
	bool precert = row->kind == FORM_PRECERTIFICATE;

	if (precert)
		page->member.has_precert = true;
	else
		page->member.has_final = true;
	if (precert != page->precert || page->found)
		return true;
	page->found = true;
	page->member.der = arena_copy(&page->writer->arena, row->der);
	memcpy(page->member.sha256, row->sha256.data, SHA256_LEN);
	return true;
}

/* Fills page->member from the row; false when it has no form of the kind. */
static bool
take_member(struct member_page *page, const struct certificate_row *row)
{
	int64_t judged = number_of(page->writer, page->except);
	struct err err;

	page->member = (struct history_member){.first_log_ms = row->hi_ms};
	page->found = false;
	judged_certificate_key(row->issuer_spki.len == 32 ? row->issuer_spki.data : NULL,
	    row->serial, row->tbs_sha256.data, page->member.key);
	memcpy(page->member.normal_tbs_hash, row->tbs_sha256.data, SHA256_LEN);
	if (memcmp(page->member.key, page->except, 32) == 0)
		return false;
	page->member.older = judged == 0 || row->number < judged;
	if (!store_form_of(
		page->writer->store, row->number, on_member_form, page, &err)) {
		failed(page->writer, &err);
		return false;
	}
	return page->found;
}

static bool
on_member(void *owner, const struct certificate_row *row)
{
	struct member_page *page = owner;

	if (!(row->flags & CERTIFICATE_VERIFIED) || !take_member(page, row))
		return true;
	page->total++;
	if (page->count == page->room)
		return true;
	writer_note_key(page->writer, page->member.key, row->number);
	page->out[page->count++] = page->member;
	return true;
}

static size_t
members(void *owner, const uint8_t *issuer_key, struct bytes issuer_dn,
    struct bytes serial, bool precert, const uint8_t except[32],
    struct history_member *out, size_t room, uint64_t *total)
{
	struct writer *writer = owner;
	struct member_page page = {.writer = writer,
	    .precert = precert,
	    .except = except,
	    .out = out,
	    .room = room};
	uint32_t issuer;
	struct err err;

	*total = 0;
	if (!writer_issuer(writer, issuer_dn,
		issuer_key == NULL ? bytes_of(NULL, 0) : bytes_of(issuer_key, 32),
		&issuer, &err) ||
	    !store_certificate_members(
		writer->store, issuer, serial, 0, 0, on_member, &page, &err)) {
		failed(writer, &err);
		return 0;
	}
	*total = page.total;
	return page.count;
}

struct form_page {
	struct writer *writer;
	const uint8_t *except;
	struct history_form *out;
	size_t room, count;
};

static bool
on_form(void *owner, const struct form_row *row)
{
	struct form_page *page = owner;
	struct history_form *out;

	if (memcmp(row->sha256.data, page->except, 32) == 0)
		return true;
	if (page->count == page->room)
		return false;
	out = &page->out[page->count++];
	out->der = arena_copy(&page->writer->arena, row->der);
	memcpy(out->sha256, row->sha256.data, 32);
	out->precert = row->kind == FORM_PRECERTIFICATE;
	return true;
}

static size_t
forms(void *owner, const uint8_t key[32], const uint8_t except[32],
    struct history_form *out, size_t room)
{
	struct writer *writer = owner;
	struct form_page page = {writer, except, out, room, 0};
	int64_t number = number_of(writer, key);
	struct err err;

	if (number != 0 && !store_form_of(writer->store, number, on_form, &page, &err))
		failed(writer, &err);
	return page.count;
}

struct sighting_page {
	struct writer *writer;
	struct history_sighting *out;
	size_t room, count;
};

static bool
on_sighting(void *owner, const struct sighting_row *row)
{
	struct sighting_page *page = owner;
	struct history_sighting *out;

	if (page->count == page->room)
		return false;
	out = &page->out[page->count++];
	writer_log_id(page->writer, row->log, out->log_id);
	out->index = row->index;
	out->timestamp_ms = row->timestamp_ms;
	return true;
}

static size_t
sightings(void *owner, const uint8_t key[32], struct history_sighting *out, size_t room)
{
	struct writer *writer = owner;
	struct sighting_page page = {writer, out, room, 0};
	int64_t number = number_of(writer, key);
	struct err err;

	if (number != 0 &&
	    !store_sighting_of(writer->store, number, on_sighting, &page, &err))
		failed(writer, &err);
	return page.count;
}

/* --- CA certificates --- */

struct ca_page {
	struct writer *writer;
	const uint8_t *except;
	struct bytes subject_key; /* normal form, or empty: any */
	struct history_ca *out;
	size_t room, count;
};

static bool
same_subject(struct ca_page *page, struct bytes subject)
{
	struct buf key;
	bool same;

	if (page->subject_key.len == 0)
		return true;
	buf_init(&key, 65536);
	name_append_key(&key, subject);
	same = bytes_equal(buf_bytes(&key), page->subject_key);
	buf_free(&key);
	return same;
}

static bool
on_ca(void *owner, const struct ca_certificate_row *row)
{
	struct ca_page *page = owner;
	struct writer *writer = page->writer;
	struct history_ca *out;

	if (!row->is_ca || memcmp(row->sha256.data, page->except, 32) == 0 ||
	    row->spki_sha256.len != 32 || !same_subject(page, row->subject))
		return true;
	if (page->count == page->room)
		return false;
	out = &page->out[page->count++];
	*out = (struct history_ca){.der = arena_copy(&writer->arena, row->der),
	    .first_seen_ms = row->first_seen_ms};
	memcpy(out->sha256, row->sha256.data, 32);
	memcpy(out->key_hash, row->spki_sha256.data, 32);
	out->owner = family_operator(writer, row->spki_sha256);
	if (row->signed_by_spki.len == 32) {
		out->issuer_key_hash =
		    arena_copy(&writer->arena, row->signed_by_spki).data;
		out->signer = family_operator(writer, row->signed_by_spki);
	}
	return true;
}

static size_t
ca_by_key(void *owner, const uint8_t spki[32], const uint8_t except[32],
    struct history_ca *out, size_t room)
{
	struct writer *writer = owner;
	struct ca_page page = {writer, except, bytes_of(NULL, 0), out, room, 0};
	struct ca_certificate_filter filter = {.spki_sha256 = bytes_of(spki, 32)};
	struct err err;

	if (!store_ca_certificate_each(writer->store, &filter, on_ca, &page, &err))
		failed(writer, &err);
	return page.count;
}

static size_t
ca_by_name(void *owner, struct bytes subject, const uint8_t except[32],
    struct history_ca *out, size_t room)
{
	struct writer *writer = owner;
	struct ca_page page = {writer, except, bytes_of(NULL, 0), out, room, 0};
	struct ca_certificate_filter all = {0};
	struct err err;
	struct buf key;

	buf_init(&key, 65536);
	name_append_key(&key, subject);
	page.subject_key = buf_bytes(&key);
	if (!store_ca_certificate_each(writer->store, &all, on_ca, &page, &err))
		failed(writer, &err);
	buf_free(&key);
	return page.count;
}

static bool
ca_known(void *owner, const uint8_t sha256[32])
{
	struct writer *writer = owner;
	struct ca_certificate_row row;
	struct err err;
	bool found = false;

	if (map_get(&writer->fresh_cas, bytes_of(sha256, 32)) != NULL)
		return false;
	if (!store_ca_certificate_find(
		writer->store, bytes_of(sha256, 32), &writer->arena, &row, &found, &err))
		failed(writer, &err);
	return found;
}

/* --- certificates with one subject key --- */

struct key_page {
	struct member_page members;
	const uint8_t *spki;
	int64_t from_ms, to_ms;
	const struct check_operator **signers;
	int64_t last;
};

static bool
on_named(void *owner, struct bytes name, int64_t certificate)
{
	struct key_page *page = owner;
	struct writer *writer = page->members.writer;
	struct certificate_row row;
	struct sha256 spki;
	struct cert cert;
	struct err err;
	bool found;

	(void)name;
	if (certificate == page->last || page->members.count == page->members.room)
		return true;
	page->last = certificate;
	if (!store_certificate_get(
		writer->store, certificate, &writer->arena, &row, &found, &err)) {
		failed(writer, &err);
		return false;
	}
	if (!found || row.hi_ms < page->from_ms || row.hi_ms > page->to_ms ||
	    row.issuer_spki.len != 32)
		return true;
	page->members.precert = false;
	if (!take_member(&page->members, &row)) {
		page->members.precert = true;
		if (!take_member(&page->members, &row))
			return true;
	}
	(void)cert_parse(page->members.member.der, &cert);
	sha256_of(cert.spki, &spki);
	if (memcmp(spki.octets, page->spki, 32) != 0)
		return true;
	writer_note_key(writer, page->members.member.key, certificate);
	page->signers[page->members.count] = family_operator(writer, row.issuer_spki);
	page->members.out[page->members.count++] = page->members.member;
	return true;
}

/* No index leads from a subject key to its certificates, and none is needed:
 * who asks also compares the names, so one name of the certificate at hand
 * finds them all. */
static size_t
by_key(void *owner, const uint8_t spki[32], int64_t from_ms, int64_t to_ms,
    const uint8_t except[32], struct history_member *out,
    const struct check_operator **signers, size_t room)
{
	struct writer *writer = owner;
	struct key_page page = {
	    .members = {.writer = writer, .except = except, .out = out, .room = room},
	    .spki = spki,
	    .from_ms = from_ms,
	    .to_ms = to_ms,
	    .signers = signers};
	struct name_filter filter = {.limit = 1000};
	struct err err;

	if (writer->at_hand == NULL || writer->at_hand->name_count == 0)
		return 0;
	filter.name = writer->at_hand->names[0];
	if (!store_name_each(writer->store, &filter, on_named, &page, &err))
		failed(writer, &err);
	return page.members.count;
}

static uint64_t
counter(void *owner, const uint8_t issuer_key[32], int basis, int32_t from_day,
    int32_t to_day, const char *name)
{
	struct writer *writer = owner;
	char full[128];
	int64_t sum = 0;
	struct err err;

	snprintf(full, sizeof(full), "%s%s", writer_count_prefix(basis), name);
	if (!store_statistic_sum_of_key(writer->store, bytes_of(issuer_key, 32),
		bytes_text(full), from_day, to_day, &sum, &err))
		failed(writer, &err);
	return (uint64_t)sum;
}

/* --- what was read of a log --- */

struct cover {
	int64_t from_ms, to_ms; /* asked for */
	uint64_t head_size, end;
	int64_t head_ms;
	bool begins, yes;
};

/* Rows come in order: what touches the one before goes on with it. A log's times
 * are in order as far as its delay, which who asks has added on both sides. */
static bool
on_covered(void *owner, const struct coverage_row *row)
{
	struct cover *cover = owner;

	if (row->start > cover->end)
		cover->begins = false;
	if (row->end > cover->end)
		cover->end = row->end;
	cover->begins = cover->begins || row->start == 0 ||
	    (row->first_timestamp_ms != STORE_NO_TIME &&
		row->first_timestamp_ms <= cover->from_ms);
	cover->yes = cover->begins &&
	    ((row->last_timestamp_ms != STORE_NO_TIME &&
		 row->last_timestamp_ms >= cover->to_ms) ||
		(cover->end >= cover->head_size && cover->head_ms >= cover->to_ms));
	return !cover->yes;
}

static bool
ask_cover(
    struct writer *writer, const uint8_t log_id[32], struct cover *cover, struct err *err)
{
	struct tree_head_row head;
	struct log_row log;
	bool found;

	if (!store_log_find(
		writer->store, bytes_of(log_id, 32), &writer->arena, &log, &found, err))
		return false;
	if (!found)
		return true;
	if (!store_tree_head_newest(
		writer->store, log.number, &writer->arena, &head, &found, err))
		return false;
	cover->head_size = found ? head.size : UINT64_MAX;
	cover->head_ms = found ? head.last_timestamp_ms : STORE_NO_TIME;
	return store_coverage_each(writer->store, log.number, on_covered, cover, err);
}

static bool
covers(void *owner, const uint8_t log_id[32], int64_t from_ms, int64_t to_ms)
{
	struct writer *writer = owner;
	struct cover cover = {.from_ms = from_ms, .to_ms = to_ms};
	struct err err;

	if (!ask_cover(writer, log_id, &cover, &err))
		failed(writer, &err);
	return cover.yes;
}

/* --- what a check remembers --- */

static void
look_again(void *owner, const char *check, int64_t due_ms)
{
	struct writer *writer = owner;
	struct due_row row = {.due_ms = due_ms, .check_id = bytes_text(check)};
	struct err err;

	if (writer->at_hand == NULL)
		return;
	row.certificate = writer->at_hand->judged->row;
	if (!store_due_put(writer->store, &row, &err))
		failed(writer, &err);
}

static struct bytes
state(void *owner, const char *check, struct bytes key, int64_t bucket)
{
	struct writer *writer = owner;
	struct bytes value;
	struct err err;

	if (!state_get(writer, check, key, bucket, &value, &err))
		failed(writer, &err);
	return value;
}

static void
set_state(
    void *owner, const char *check, struct bytes key, int64_t bucket, struct bytes value)
{
	struct writer *writer = owner;
	struct err err;

	if (!state_set(writer, check, key, bucket, value, &err))
		failed(writer, &err);
}

struct bucket_page {
	history_bucket_fn *fn;
	void *owner;
};

static bool
on_bucket(void *owner, const struct state_row *row)
{
	struct bucket_page *page = owner;

	return page->fn(page->owner, row->bucket, row->value);
}

static void
each_state(void *owner, const char *check, struct bytes key, int64_t from, int64_t to,
    history_bucket_fn *fn, void *fn_owner)
{
	struct writer *writer = owner;
	struct bucket_page page = {fn, fn_owner};
	struct err err;

	if (!state_each(writer, check, key, from, to, on_bucket, &page, &err))
		failed(writer, &err);
}

void
history_of(struct writer *writer, struct check_history *out)
{
	writer->history_failed = false;
	*out = (struct check_history){.owner = writer,
	    .members = members,
	    .forms = forms,
	    .ca_by_key = ca_by_key,
	    .ca_by_name = ca_by_name,
	    .ca_known = ca_known,
	    .by_key = by_key,
	    .counter = counter,
	    .sightings = sightings,
	    .covers = covers,
	    .look_again = look_again,
	    .state = state,
	    .set_state = set_state,
	    .each_state = each_state};
}

bool
history_ok(const struct writer *writer, struct err *err)
{
	if (writer->history_failed)
		*err = writer->history_err;
	return !writer->history_failed;
}
