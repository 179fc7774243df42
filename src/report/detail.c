/*
 * Everything about one thing: a certificate, a finding, an event, an alert.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/report_priv.h"
#include "store/certificate.h"
#include "store/finding.h"
#include "store/outbox.h"
#include "x509/name.h"
#include "x509/show.h"

#define NAMES_SHOWN    100
#define FINDINGS_SHOWN 200

struct detail {
	struct report *report;
	struct store *store;
	struct arena arena;
	struct log_names logs;
	struct err *err;
	uint64_t found;
	bool pem;
};

/* --- JSON of ours, as indented lines ------------------------------------------- */

static void print_json(struct buf *out, const char *key, const json_t *value, int depth);

static void
print_members(struct buf *out, const json_t *value, int depth)
{
	const json_t *one;
	const char *key;
	size_t i;

	if (json_is_array(value)) {
		json_array_foreach (value, i, one)
			print_json(out, "-", one, depth);
		return;
	}
	for (void *at = json_object_iter((json_t *)(uintptr_t)value); at != NULL;
	     at = json_object_iter_next((json_t *)(uintptr_t)value, at)) {
		key = json_object_iter_key(at);
		print_json(out, key, json_object_iter_value(at), depth);
	}
}

static void
print_json(struct buf *out, const char *key, const json_t *value, int depth)
{
	if (depth > 8)
		return;
	buf_append_format(out, "%*s", 4 + 2 * depth, "");
	show_append_stored(out, bytes_text(key));
	if (json_is_object(value) || json_is_array(value)) {
		buf_append_text(out, "\n");
		print_members(out, value, depth + 1);
		return;
	}
	buf_append_text(out, " ");
	if (json_is_string(value))
		show_append_stored(out, bytes_text(json_string_value(value)));
	else if (json_is_integer(value))
		buf_append_format(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		buf_append_format(out, "%g", json_real_value(value));
	else
		buf_append_text(out,
		    json_is_true(value)        ? "yes"
			: json_is_false(value) ? "no"
					       : "-");
	buf_append_text(out, "\n");
}

static void
print_document(struct buf *out, const char *title, struct bytes text)
{
	json_t *value = text.len == 0
	    ? NULL
	    : json_loadb((const char *)text.data, text.len, JSON_DECODE_ANY, NULL);

	if (value == NULL)
		return;
	buf_append_format(out, "%s\n", title);
	print_members(out, value, 0);
	json_decref(value);
}

/* --- a finding, an event, an alert ------------------------------------------------ */

static bool
show_one_finding(struct detail *detail, struct bytes id)
{
	struct finding_row row;
	struct report *report = detail->report;
	bool found;

	if (!store_finding_find(
		detail->store, id, &detail->arena, &row, &found, detail->err))
		return false;
	if (!found)
		return true;
	if (report->json) {
		put_finding(&report->writer, detail->store, &detail->logs, &row);
	} else {
		show_finding(&report->out, detail->store, &detail->logs, &row);
		print_document(&report->out, "Evidence", row.evidence);
		print_document(&report->out, "Proof", row.proof);
	}
	detail->found++;
	return true;
}

static bool
show_one_event(struct detail *detail, struct bytes id)
{
	struct event_row row;
	struct report *report = detail->report;
	bool found;

	if (!store_event_find(
		detail->store, id, &detail->arena, &row, &found, detail->err))
		return false;
	if (!found)
		return true;
	if (report->json) {
		put_event(&report->writer, &detail->logs, &row);
	} else {
		show_event(&report->out, &detail->logs, &row);
		print_document(&report->out, "Evidence", row.evidence);
	}
	detail->found++;
	return true;
}

static bool
on_alert(void *owner, const struct outbox_row *row)
{
	struct detail *detail = owner;
	struct report *report = detail->report;

	if (report->json) {
		put_alert(&report->writer, row);
	} else {
		show_alert(&report->out, row);
		print_document(&report->out, "Payload", row->payload);
	}
	detail->found++;
	return true;
}

/* 32 hex digits: in JSON whatever bears that id, by its kind. */
static bool
show_by_id(struct detail *detail, struct bytes id)
{
	struct json *json = &detail->report->writer;
	struct outbox_filter filter = {.alert = id, .state = -1};
	bool ok;

	if (detail->report->json)
		json_begin_array(json, "findings");
	ok = show_one_finding(detail, id);
	if (detail->report->json) {
		json_end_array(json);
		json_begin_array(json, "events");
	}
	ok = ok && show_one_event(detail, id);
	if (detail->report->json) {
		json_end_array(json);
		json_begin_array(json, "alerts");
	}
	ok = ok &&
	    store_outbox_each(detail->store, &filter, on_alert, detail, detail->err);
	if (detail->report->json)
		json_end_array(json);
	return ok;
}

/* --- a certificate --------------------------------------------------------------------
 */

/* PEM, RFC 7468: lines of 64. */
static void
append_pem(struct buf *out, struct bytes der)
{
	struct buf text;

	buf_init(&text, der.len * 2 + 8);
	base64_encode(der, &text);
	buf_append_text(out, "-----BEGIN CERTIFICATE-----\n");
	for (size_t at = 0; at < text.len; at += 64) {
		size_t len = text.len - at < 64 ? text.len - at : 64;

		buf_append(out, text.data + at, len);
		buf_append_u8(out, '\n');
	}
	buf_append_text(out, "-----END CERTIFICATE-----\n");
	buf_free(&text);
}

static bool
on_form(void *owner, const struct form_row *row)
{
	struct detail *detail = owner;
	struct buf *out = &detail->report->out;
	struct json *json = &detail->report->writer;
	const char *kind =
	    row->kind == FORM_PRECERTIFICATE ? "precertificate" : "certificate";
	struct cert cert;
	char hex[65];

	if (detail->pem) {
		append_pem(out, row->der);
	} else if (detail->report->json) {
		struct buf text;

		buf_init(&text, row->der.len * 2 + 8);
		base64_encode(row->der, &text);
		json_begin_object(json, NULL);
		json_put_text(json, "kind", kind);
		json_put_hex(json, "sha256", row->sha256);
		json_put_text(json, "der_base64", buf_text(&text));
		json_end_object(json);
		buf_free(&text);
	} else {
		buf_append_format(out, "\n%s %s, %zu bytes\n", kind,
		    row->sha256.len == 32 ? hex_format(row->sha256.data, 32, hex) : "-",
		    row->der.len);
		cert_parse(row->der, &cert);
		cert_show(&cert, NAMES_SHOWN, out);
	}
	return true;
}

static bool
on_sighting(void *owner, const struct sighting_row *row)
{
	struct detail *detail = owner;
	struct json *json = &detail->report->writer;
	const char *log = log_names_of(&detail->logs, row->log);
	char time[32];

	if (!detail->report->json) {
		buf_append_format(&detail->report->out,
		    "  %s entry %" PRIu64 ", %s, %s\n", log, row->index,
		    show_time(row->timestamp_ms, time),
		    row->entry_type == 1 ? "precertificate" : "certificate");
		return true;
	}
	json_begin_object(json, NULL);
	json_put_text(json, "log", log);
	json_put_number(json, "index", (int64_t)row->index);
	json_put_time(json, "timestamp", row->timestamp_ms);
	json_put_text(
	    json, "entry_type", row->entry_type == 1 ? "precert_entry" : "x509_entry");
	json_end_object(json);
	return true;
}

static bool
on_finding(void *owner, const struct finding_row *row)
{
	struct detail *detail = owner;

	if (detail->report->json)
		put_finding(&detail->report->writer, detail->store, &detail->logs, row);
	else
		show_finding(&detail->report->out, detail->store, &detail->logs, row);
	return true;
}

static void
heading(struct detail *detail, const char *key, const char *title)
{
	if (detail->report->json)
		json_begin_array(&detail->report->writer, key);
	else
		buf_append_format(&detail->report->out, "\n%s\n", title);
}

static void
heading_end(struct detail *detail)
{
	if (detail->report->json)
		json_end_array(&detail->report->writer);
}

static bool
show_forms(struct detail *detail, int64_t number)
{
	if (detail->report->json)
		json_begin_array(&detail->report->writer, "forms");
	if (!store_form_of(detail->store, number, on_form, detail, detail->err))
		return false;
	heading_end(detail);
	return true;
}

static bool
show_certificate(struct detail *detail, int64_t number)
{
	struct finding_filter filter = {
	    .certificate = number, .state = -1, .limit = FINDINGS_SHOWN};
	struct certificate_row row;
	struct json *json = &detail->report->writer;
	bool found;

	if (!store_certificate_get(
		detail->store, number, &detail->arena, &row, &found, detail->err))
		return false;
	if (!found)
		return true;
	detail->found++;
	if (detail->pem)
		return show_forms(detail, number);
	if (detail->report->json) {
		json_put_number(json, "certificate", row.number);
		json_put_hex(json, "issuer_spki_sha256", row.issuer_spki);
		json_put_hex(json, "serial", row.serial);
		json_put_hex(json, "tbs_sha256", row.tbs_sha256);
		put_time(json, "first_seen", row.first_seen_ms);
	} else {
		char time[32];

		buf_append_format(&detail->report->out,
		    "certificate %" PRId64 ", first seen %s\n", row.number,
		    show_time(row.first_seen_ms, time));
	}
	if (!show_forms(detail, number))
		return false;
	heading(detail, "sightings", "Logged");
	if (!store_sighting_of(detail->store, number, on_sighting, detail, detail->err))
		return false;
	heading_end(detail);
	heading(detail, "findings", "Findings");
	if (!store_finding_each(detail->store, &filter, on_finding, detail, detail->err))
		return false;
	heading_end(detail);
	return true;
}

static bool
show_by_hash(struct detail *detail, struct bytes sha256)
{
	struct form_row form;
	bool found;

	return store_form_find(
		   detail->store, sha256, &detail->arena, &form, &found, detail->err) &&
	    (!found || show_certificate(detail, form.certificate));
}

static bool
show_thing(struct detail *detail, const char *id)
{
	uint8_t bytes[32];
	size_t len = strlen(id);

	if (len == 64 && hex_parse(id, bytes, 32))
		return show_by_hash(detail, bytes_of(bytes, 32));
	if (len == 32 && hex_parse(id, bytes, 16))
		return show_by_id(detail, bytes_of(bytes, 16));
	if (len > 0 && len < 19 && strspn(id, "0123456789") == len)
		return show_certificate(detail, strtoll(id, NULL, 10));
	return err_set(detail->err, ERR_CONFIG,
	    "\"%.70s\" is no id: write a certificate's number or SHA-256 (64 hex "
	    "digits), or "
	    "the 32 hex digits of a finding, event or alert",
	    id);
}

bool
report_show(struct report *report, struct store *store, const char *id, bool pem,
    uint64_t *found, struct err *err)
{
	struct detail detail = {.report = report, .store = store, .err = err, .pem = pem};
	bool ok;

	arena_init(&detail.arena);
	if (pem)
		report->json = false;
	answer_begin(report);
	ok = log_names_load(&detail.logs, store, err) && show_thing(&detail, id);
	*found = detail.found;
	if (ok && detail.found == 0 && !pem) {
		if (!report->json)
			buf_append_format(
			    &report->out, "Nothing in the database has the id %s. ", id);
		ok = coverage_append(report, store, 0, err);
	}
	if (ok)
		answer_end(report);
	else
		buf_clear(&report->out);
	log_names_free(&detail.logs);
	arena_free(&detail.arena);
	return ok;
}
