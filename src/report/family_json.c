#include "report/family.h"
#include "x509/name.h"

static void
put_name(struct json *json, const char *key, struct bytes der)
{
	struct buf text;

	buf_init(&text, 1 << 16);
	name_append_text(&text, der);
	json_put_safe(json, key, buf_bytes(&text), 1000);
	buf_free(&text);
}

static void
put_key_id(struct json *json, const char *name, const struct family_key *key)
{
	if (key == NULL)
		json_put_null(json, name);
	else
		json_put_hex(json, name, bytes_of(key->spki, sizeof(key->spki)));
}

static void
put_cert(struct json *json, const struct family_cert *cert, const struct log_names *names)
{
	json_begin_object(json, NULL);
	json_put_hex(json, "sha256", cert->sha256);
	put_name(json, "subject", cert->subject);
	put_name(json, "issuer", cert->issuer);
	put_key_id(json, "signed_by", cert->signer);
	json_put_text(json, "signer_ca", cert->signer != NULL ? cert->signer->ca : NULL);
	json_put_time(json, "not_before", cert->not_before_s * 1000);
	json_put_time(json, "not_after", cert->not_after_s * 1000);
	json_put_bool(json, "self_signed", cert->self_signed);
	json_put_bool(json, "cross_sign", cert->cross_sign);
	put_time(json, "first_seen", cert->first_seen_ms);
	if (cert->first_log != 0) {
		json_put_text(json, "log", log_names_of(names, cert->first_log));
		json_put_number(json, "index", (int64_t)cert->first_index);
	}
	json_end_object(json);
}

static void
put_key(struct json *json, const struct family_key *key, const struct log_names *names)
{
	json_begin_object(json, NULL);
	put_key_id(json, "spki", key);
	json_put_text(json, "how", key->named ? "named" : "signed-by");
	put_time(json, "since", key->since_ms);
	json_put_bool(json, "shared", key->shared);
	json_begin_array(json, "certificates");
	for (const struct family_cert *cert = key->certs; cert; cert = cert->next_of_key)
		put_cert(json, cert, names);
	json_end_array(json);
	json_end_object(json);
}

void
put_family_tree(
    struct report *report, const struct family *family, const struct log_names *names)
{
	const struct report_ca_state *state =
	    family_state(family->asked, family->statement.ca);
	struct json *json = &report->writer;

	json_put_text(json, "state", state != NULL ? state->state : NULL);
	json_put_bool(json, "more_certificates", family->more);
	json_begin_array(json, "keys");
	for (const struct family_key *key = family->first; key != NULL; key = key->next)
		if (key->member)
			put_key(json, key, names);
	json_end_array(json);
	statement_put_family(report, &family->statement, names);
}
