/*
 * store_priv - what a kind of database has to do: every verb of the face.
 *
 * The list below is written once; the table of functions, the dispatch in
 * store.c and a backend's prototypes and table come from it.
 */
#pragma once
#include "store/authority.h"
#include "store/certificate.h"
#include "store/coverage.h"
#include "store/evidence.h"
#include "store/finding.h"
#include "store/listing.h"
#include "store/log.h"
#include "store/outbox.h"
#include "store/range.h"
#include "store/rescan.h"
#include "store/state.h"
#include "store/store.h"
#include "store/watch.h"

/* clang-format off */
#define STORE struct store *store
#define ERR   struct err *err
#define STORE_VERBS(VERB) \
	/* store.h */ \
	VERB(begin, (STORE, ERR), (store, err)) \
	VERB(commit, (STORE, ERR), (store, err)) \
	VERB(maintain, (STORE, enum store_upkeep *left, ERR), (store, left, err)) \
	VERB(settle, (STORE, ERR), (store, err)) \
	VERB(size, (STORE, struct store_size *out, ERR), (store, out, err)) \
	VERB(check, (STORE, ERR), (store, err)) \
	VERB(note_get, (STORE, const char *name, struct arena *arena, struct bytes \
	    *value, bool *found, ERR), (store, name, arena, value, found, err)) \
	VERB(note_put, (STORE, const char *name, struct bytes value, ERR), (store, \
	    name, value, err)) \
	VERB(note_delete, (STORE, const char *name, ERR), (store, name, err)) \
	VERB(note_each, (STORE, const char *prefix, store_note_fn *fn, void *owner, \
	    ERR), (store, prefix, fn, owner, err)) \
	/* log.h */ \
	VERB(log_put, (STORE, struct log_row *row, ERR), (store, row, err)) \
	VERB(log_find, (STORE, struct bytes log_id, struct arena *arena, struct \
	    log_row *out, bool *found, ERR), (store, log_id, arena, out, found, err)) \
	VERB(log_each, (STORE, store_log_fn *fn, void *owner, ERR), (store, fn, owner, \
	    err)) \
	VERB(tree_head_put, (STORE, const struct tree_head_row *row, ERR), (store, \
	    row, err)) \
	VERB(tree_head_newest, (STORE, uint32_t log, struct arena *arena, struct \
	    tree_head_row *out, bool *found, ERR), (store, log, arena, out, found, err)) \
	VERB(tree_head_each, (STORE, uint32_t log, uint64_t first, uint64_t last, \
	    size_t limit, store_tree_head_fn *fn, void *owner, ERR), (store, log, first, \
	    last, limit, fn, owner, err)) \
	VERB(tree_head_prune, (STORE, int64_t before_ms, size_t limit, size_t \
	    *deleted, ERR), (store, before_ms, limit, deleted, err)) \
	/* listing.h */ \
	VERB(listing_put, (STORE, const struct listing_row *row, ERR), (store, row, \
	    err)) \
	VERB(listing_delete, (STORE, struct bytes list, struct bytes log_id, ERR), \
	    (store, list, log_id, err)) \
	VERB(listing_each, (STORE, struct bytes list, store_listing_fn *fn, void \
	    *owner, ERR), (store, list, fn, owner, err)) \
	/* range.h */ \
	VERB(range_put, (STORE, struct range_row *row, ERR), (store, row, err)) \
	VERB(range_delete, (STORE, int64_t id, ERR), (store, id, err)) \
	VERB(range_each, (STORE, uint32_t log, store_range_fn *fn, void *owner, ERR), \
	    (store, log, fn, owner, err)) \
	VERB(range_advance, (STORE, const struct range_step *step, bool *moved, ERR), \
	    (store, step, moved, err)) \
	VERB(range_prove, (STORE, int64_t id, uint64_t verified, struct bytes \
	    frontier, bool *moved, ERR), (store, id, verified, frontier, moved, err)) \
	VERB(entry_put, (STORE, const struct entry_row *row, ERR), (store, row, err)) \
	VERB(entry_find, (STORE, uint32_t log, uint64_t index, struct arena *arena, \
	    struct entry_row *out, bool *found, ERR), (store, log, index, arena, out, \
	    found, err)) \
	VERB(entry_delete, (STORE, uint32_t log, uint64_t index, ERR), (store, log, \
	    index, err)) \
	VERB(entry_each, (STORE, const struct entry_filter *filter, store_entry_fn \
	    *fn, void *owner, ERR), (store, filter, fn, owner, err)) \
	VERB(entry_counts, (STORE, store_entry_count_fn *fn, void *owner, ERR), \
	    (store, fn, owner, err)) \
	/* coverage.h */ \
	VERB(coverage_put, (STORE, const struct coverage_row *row, ERR), (store, row, \
	    err)) \
	VERB(coverage_prove, (STORE, const struct coverage_proof *proof, ERR), (store, \
	    proof, err)) \
	VERB(coverage_cut, (STORE, uint32_t log, uint64_t start, uint64_t end, ERR), \
	    (store, log, start, end, err)) \
	VERB(coverage_each, (STORE, uint32_t log, store_coverage_fn *fn, void *owner, \
	    ERR), (store, log, fn, owner, err)) \
	VERB(gap_put, (STORE, const struct gap_row *row, ERR), (store, row, err)) \
	VERB(gap_fill, (STORE, uint32_t log, uint64_t start, uint64_t end, ERR), \
	    (store, log, start, end, err)) \
	VERB(gap_each, (STORE, uint32_t log, store_gap_fn *fn, void *owner, ERR), \
	    (store, log, fn, owner, err)) \
	/* certificate.h */ \
	VERB(issuer_put, (STORE, struct issuer_row *row, ERR), (store, row, err)) \
	VERB(issuer_find, (STORE, uint32_t number, struct arena *arena, struct \
	    issuer_row *out, bool *found, ERR), (store, number, arena, out, found, err)) \
	VERB(issuer_each, (STORE, store_issuer_fn *fn, void *owner, ERR), (store, fn, \
	    owner, err)) \
	VERB(certificate_find, (STORE, const struct certificate_key *key, struct arena \
	    *arena, struct certificate_row *out, bool *found, ERR), (store, key, arena, \
	    out, found, err)) \
	VERB(certificate_get, (STORE, int64_t number, struct arena *arena, struct \
	    certificate_row *out, bool *found, ERR), (store, number, arena, out, found, \
	    err)) \
	VERB(certificate_put, (STORE, struct certificate_row *row, ERR), (store, row, \
	    err)) \
	VERB(certificate_update, (STORE, const struct certificate_row *row, ERR), \
	    (store, row, err)) \
	VERB(certificate_members, (STORE, uint32_t issuer, struct bytes serial, \
	    int64_t after, size_t limit, store_certificate_fn *fn, void *owner, ERR), \
	    (store, issuer, serial, after, limit, fn, owner, err)) \
	VERB(certificate_each, (STORE, const struct certificate_filter *filter, \
	    store_certificate_fn *fn, void *owner, ERR), (store, filter, fn, owner, err)) \
	VERB(certificate_delete, (STORE, int64_t number, const struct bytes *names, \
	    size_t name_count, ERR), (store, number, names, name_count, err)) \
	VERB(certificate_count, (STORE, int64_t *count, ERR), (store, count, err)) \
	VERB(form_newest, (STORE, int64_t *number, ERR), (store, number, err)) \
	VERB(form_put, (STORE, struct form_row *row, bool *inserted, ERR), (store, \
	    row, inserted, err)) \
	VERB(form_find, (STORE, struct bytes sha256, struct arena *arena, struct \
	    form_row *out, bool *found, ERR), (store, sha256, arena, out, found, err)) \
	VERB(form_get, (STORE, int64_t number, struct arena *arena, struct form_row \
	    *out, bool *found, ERR), (store, number, arena, out, found, err)) \
	VERB(form_of, (STORE, int64_t certificate, store_form_fn *fn, void *owner, \
	    ERR), (store, certificate, fn, owner, err)) \
	VERB(form_each, (STORE, int64_t after, size_t limit, store_form_fn *fn, void \
	    *owner, ERR), (store, after, limit, fn, owner, err)) \
	VERB(sighting_put, (STORE, const struct sighting_row *row, ERR), (store, row, \
	    err)) \
	VERB(sighting_of, (STORE, int64_t certificate, store_sighting_fn *fn, void \
	    *owner, ERR), (store, certificate, fn, owner, err)) \
	VERB(sighting_each, (STORE, uint32_t log, uint64_t first, uint64_t end, size_t \
	    limit, store_sighting_fn *fn, void *owner, ERR), (store, log, first, end, \
	    limit, fn, owner, err)) \
	VERB(sighting_delete, (STORE, uint32_t log, uint64_t first, uint64_t end, \
	    size_t *deleted, ERR), (store, log, first, end, deleted, err)) \
	VERB(name_put, (STORE, int64_t certificate, const struct bytes *names, size_t \
	    count, ERR), (store, certificate, names, count, err)) \
	VERB(name_each, (STORE, const struct name_filter *filter, store_name_fn *fn, \
	    void *owner, ERR), (store, filter, fn, owner, err)) \
	VERB(match_put, (STORE, uint32_t watch, int64_t certificate, ERR), (store, \
	    watch, certificate, err)) \
	VERB(match_of_certificate, (STORE, int64_t certificate, store_match_fn *fn, \
	    void *owner, ERR), (store, certificate, fn, owner, err)) \
	VERB(match_of_watch, (STORE, uint32_t watch, int64_t after, size_t limit, \
	    store_match_fn *fn, void *owner, ERR), (store, watch, after, limit, fn, owner, \
	    err)) \
	/* evidence.h */ \
	VERB(exhibit_put, (STORE, const struct exhibit_row *row, ERR), (store, row, \
	    err)) \
	VERB(exhibit_each, (STORE, struct bytes about, store_exhibit_fn *fn, void \
	    *owner, ERR), (store, about, fn, owner, err)) \
	VERB(owed_put, (STORE, const struct owed_row *row, bool *inserted, ERR), \
	    (store, row, inserted, err)) \
	VERB(owed_delete, (STORE, int64_t number, ERR), (store, number, err)) \
	VERB(owed_retry, (STORE, int64_t number, int64_t due_ms, bool counted, ERR), \
	    (store, number, due_ms, counted, err)) \
	VERB(owed_cut, (STORE, uint32_t log, int kind, uint64_t start, uint64_t end, \
	    ERR), (store, log, kind, start, end, err)) \
	VERB(owed_find, (STORE, const struct owed_filter *filter, struct arena *arena, \
	    struct owed_row *out, bool *found, ERR), (store, filter, arena, out, found, \
	    err)) \
	/* authority.h */ \
	VERB(ca_certificate_put, (STORE, const struct ca_certificate_row *row, bool \
	    *inserted, ERR), (store, row, inserted, err)) \
	VERB(ca_certificate_signed_by, (STORE, struct bytes sha256, struct bytes \
	    spki_sha256, ERR), (store, sha256, spki_sha256, err)) \
	VERB(ca_certificate_find, (STORE, struct bytes sha256, struct arena *arena, \
	    struct ca_certificate_row *out, bool *found, ERR), (store, sha256, arena, out, \
	    found, err)) \
	VERB(ca_certificate_each, (STORE, const struct ca_certificate_filter *filter, \
	    store_ca_certificate_fn *fn, void *owner, ERR), (store, filter, fn, owner, \
	    err)) \
	VERB(root_put, (STORE, const struct root_row *row, ERR), (store, row, err)) \
	VERB(root_each, (STORE, uint32_t log, store_root_fn *fn, void *owner, ERR), \
	    (store, log, fn, owner, err)) \
	/* finding.h */ \
	VERB(finding_put, (STORE, struct finding_row *row, enum finding_put *what, \
	    ERR), (store, row, what, err)) \
	VERB(finding_close, (STORE, struct bytes id, struct bytes why, int64_t now_ms, \
	    bool *closed, ERR), (store, id, why, now_ms, closed, err)) \
	VERB(finding_prove, (STORE, struct bytes id, struct bytes proof, ERR), (store, \
	    id, proof, err)) \
	VERB(finding_mark, (STORE, struct bytes id, int64_t rescan, ERR), (store, id, \
	    rescan, err)) \
	VERB(finding_find, (STORE, struct bytes id, struct arena *arena, struct \
	    finding_row *out, bool *found, ERR), (store, id, arena, out, found, err)) \
	VERB(finding_each, (STORE, const struct finding_filter *filter, \
	    store_finding_fn *fn, void *owner, ERR), (store, filter, fn, owner, err)) \
	VERB(finding_count, (STORE, const struct finding_filter *filter, int64_t \
	    *count, ERR), (store, filter, count, err)) \
	VERB(event_begin, (STORE, struct event_row *row, bool *began, ERR), (store, \
	    row, began, err)) \
	VERB(event_end, (STORE, struct bytes kind, struct bytes subject, int64_t \
	    now_ms, struct arena *arena, struct event_row *out, bool *ended, ERR), (store, \
	    kind, subject, now_ms, arena, out, ended, err)) \
	VERB(event_find, (STORE, struct bytes id, struct arena *arena, struct \
	    event_row *out, bool *found, ERR), (store, id, arena, out, found, err)) \
	VERB(event_each, (STORE, const struct event_filter *filter, store_event_fn \
	    *fn, void *owner, ERR), (store, filter, fn, owner, err)) \
	/* watch.h */ \
	VERB(watch_sync, (STORE, const struct watch_source *source, int64_t now_ms, \
	    int64_t *generation, ERR), (store, source, now_ms, generation, err)) \
	VERB(watch_generation, (STORE, int64_t *generation, ERR), (store, generation, \
	    err)) \
	VERB(watch_generation_raise, (STORE, int64_t *generation, ERR), (store, \
	    generation, err)) \
	VERB(watch_each, (STORE, bool gone_too, store_watch_fn *fn, void *owner, ERR), \
	    (store, gone_too, fn, owner, err)) \
	VERB(family_put, (STORE, const struct family_row *row, bool *inserted, ERR), \
	    (store, row, inserted, err)) \
	VERB(family_each, (STORE, uint32_t watch, store_family_fn *fn, void *owner, \
	    ERR), (store, watch, fn, owner, err)) \
	VERB(statistic_add, (STORE, const struct statistic_row *row, ERR), (store, \
	    row, err)) \
	VERB(statistic_sum, (STORE, uint32_t issuer, struct bytes name, int32_t \
	    first_day, int32_t last_day, int64_t *sum, ERR), (store, issuer, name, \
	    first_day, last_day, sum, err)) \
	VERB(statistic_sum_of_key, (STORE, struct bytes spki_sha256, struct bytes name, \
	    int32_t first_day, int32_t last_day, int64_t *sum, ERR), (store, \
	    spki_sha256, name, first_day, last_day, sum, err)) \
	VERB(statistic_each, (STORE, uint32_t issuer, int32_t first_day, int32_t \
	    last_day, store_statistic_fn *fn, void *owner, ERR), (store, issuer, \
	    first_day, last_day, fn, owner, err)) \
	/* state.h */ \
	VERB(state_get, (STORE, struct bytes check_id, struct bytes key, int64_t bucket, \
	    struct arena *arena, struct bytes *value, bool *found, ERR), (store, check_id, \
	    key, bucket, arena, value, found, err)) \
	VERB(state_put, (STORE, const struct state_row *row, ERR), (store, row, err)) \
	VERB(state_delete, (STORE, struct bytes check_id, struct bytes key, int64_t \
	    bucket, ERR), (store, check_id, key, bucket, err)) \
	VERB(state_each, (STORE, struct bytes check_id, struct bytes key, int64_t first, \
	    int64_t last, store_state_fn *fn, void *owner, ERR), (store, check_id, key, \
	    first, last, fn, owner, err)) \
	VERB(due_put, (STORE, const struct due_row *row, ERR), (store, row, err)) \
	VERB(due_delete, (STORE, const struct due_row *row, ERR), (store, row, err)) \
	VERB(due_each, (STORE, int64_t now_ms, size_t limit, store_due_fn *fn, void \
	    *owner, ERR), (store, now_ms, limit, fn, owner, err)) \
	VERB(state_forget, (STORE, struct bytes check_id, size_t limit, size_t *deleted, \
	    ERR), (store, check_id, limit, deleted, err)) \
	/* rescan.h */ \
	VERB(rescan_put, (STORE, struct rescan_row *row, ERR), (store, row, err)) \
	VERB(rescan_each, (STORE, size_t limit, store_rescan_fn *fn, void *owner, ERR), \
	    (store, limit, fn, owner, err)) \
	VERB(rescan_count, (STORE, const struct rescan_delta_row *row, ERR), (store, \
	    row, err)) \
	VERB(rescan_delta_each, (STORE, int64_t rescan, store_rescan_delta_fn *fn, void \
	    *owner, ERR), (store, rescan, fn, owner, err)) \
	/* outbox.h */ \
	VERB(outbox_put, (STORE, struct outbox_row *row, bool *inserted, ERR), (store, \
	    row, inserted, err)) \
	VERB(outbox_due, (STORE, struct bytes sink, int64_t now_ms, size_t limit, \
	    store_outbox_fn *fn, void *owner, ERR), (store, sink, now_ms, limit, fn, \
	    owner, err)) \
	VERB(outbox_next_due, (STORE, struct bytes sink, int64_t *due_ms, ERR), \
	    (store, sink, due_ms, err)) \
	VERB(outbox_settle, (STORE, const struct outbox_result *result, ERR), (store, \
	    result, err)) \
	VERB(outbox_groups, (STORE, struct bytes sink, int64_t before_ms, size_t \
	    limit, store_outbox_group_fn *fn, void *owner, ERR), (store, sink, before_ms, \
	    limit, fn, owner, err)) \
	VERB(outbox_each, (STORE, const struct outbox_filter *filter, store_outbox_fn \
	    *fn, void *owner, ERR), (store, filter, fn, owner, err)) \
	VERB(outbox_resend, (STORE, const struct outbox_filter *filter, int64_t \
	    now_ms, size_t *count, ERR), (store, filter, now_ms, count, err)) \
	VERB(outbox_drop, (STORE, const struct outbox_filter *filter, ERR), (store, \
	    filter, err)) \
	VERB(outbox_counts, (STORE, store_outbox_count_fn *fn, void *owner, ERR), \
	    (store, fn, owner, err)) \
	VERB(outbox_prune, (STORE, int64_t before_ms, size_t limit, size_t *deleted, \
	    ERR), (store, before_ms, limit, deleted, err))

/* clang-format on */

#define STORE_MEMBER(name, parameters, arguments) bool(*name) parameters;

struct store_ops {
	STORE_VERBS(STORE_MEMBER)
	void (*rollback)(struct store *);
	void (*close)(struct store *);
};

/* A backend's handle begins with one. */
struct store {
	const struct store_ops *ops;
	bool read_only;
	bool in_transaction;
	int schema;
};

struct store *sqlite_open(const struct store_options *, struct err *);
