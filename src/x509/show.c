#include "x509/show.h"

#include "base/text.h"
#include "x509/name.h"
#include "x509/san.h"
#include "x509/spki.h"

#define SERIAL_SHOWN  64 /* octets */
#define NAME_SHOWN    300
#define UNKNOWN_SHOWN "(unreadable)"

static void
append_serial(const struct cert *cert, struct buf *out)
{
	if (cert->serial.len == 0)
		buf_append_text(out, "(none)");
	for (size_t i = 0; i < cert->serial.len && i < SERIAL_SHOWN; i++)
		buf_append_format(out, "%02x", cert->serial.data[i]);
	if (cert->serial.len > SERIAL_SHOWN)
		buf_append_text(out, "...");
}

static void
append_name(struct bytes name, struct buf *out)
{
	if (name_is_empty(name))
		buf_append_text(out, "(empty)");
	else
		name_append_text(out, name);
}

static void
append_time(const struct der_time *time, struct buf *out)
{
	char text[TIME_TEXT_LEN];

	if ((time->form & TIME_UNREADABLE) == 0) {
		buf_append_text(out, time_format(time->unix_s * 1000, text));
		return;
	}
	buf_append_text(out, UNKNOWN_SHOWN " \"");
	text_append_safe(out, time->text, 40);
	buf_append_text(out, "\"");
}

static void
append_key(const struct cert *cert, struct buf *out)
{
	struct spki key;

	if (spki_parse(cert->spki, &key))
		spki_append_text(out, &key);
	else
		buf_append_text(out, UNKNOWN_SHOWN);
}

static void
show_names(const struct cert *cert, size_t max, struct buf *out)
{
	struct dns_iter iter;
	struct dns_found name;
	size_t count = 0;

	cert_dns_names(cert, &iter);
	while (!out->failed && dns_next(&iter, &name)) {
		if ((name.oddities & DNS_BEFORE_NUL) != 0 || count++ >= max)
			continue;
		buf_append_text(out, count == 1 ? "names       " : "            ");
		text_append_safe(out, name.name, NAME_SHOWN);
		if (name.source == DNS_FROM_SUBJECT)
			buf_append_text(out, "  (subject)");
		if (name.source == DNS_FROM_RAW)
			buf_append_text(out, "  (found in damaged bytes)");
		buf_append_text(out, "\n");
	}
	if (count > max)
		buf_append_format(out, "            and %zu more\n", count - max);
}

static void
show_kind(const struct cert *cert, struct buf *out)
{
	const char *kind = cert_is_precert(cert) ? "precertificate"
	    : cert->certificate.len == 0         ? "TBS of a precertificate"
	    : cert_is_precert_signing(cert)      ? "precertificate signing certificate"
	    : cert_is_ca(cert)                   ? "CA certificate"
						 : "certificate";

	buf_append_format(out, "kind        %s, version %u\n", kind, cert->version);
}

bool
cert_show_faults(const struct cert *cert, struct buf *out)
{
	for (enum cert_field field = 0; field < CERT_FIELD_COUNT; field++) {
		const struct cert_fault *it = &cert->faults[field];

		for (uint32_t left = it->flaws; left != 0; left &= left - 1)
			buf_append_format(out, "%s: %s, at %u\n", cert_field_name(field),
			    der_flaw_text(left), it->offset);
	}
	return !out->failed;
}

bool
cert_show(const struct cert *cert, size_t max_names, struct buf *out)
{
	buf_append_text(out, "subject     ");
	append_name(cert->subject, out);
	buf_append_text(out, "\nissuer      ");
	append_name(cert->issuer, out);
	buf_append_text(out, "\nserial      ");
	append_serial(cert, out);
	buf_append_text(out, "\nvalid       ");
	append_time(&cert->before, out);
	buf_append_text(out, " to ");
	append_time(&cert->after, out);
	buf_append_text(out, "\nkey         ");
	append_key(cert, out);
	buf_append_text(out, "\nsigned with ");
	oid_append_name(out, cert->tbs_algorithm.oid);
	buf_append_text(out, "\n");
	show_kind(cert, out);
	show_names(cert, max_names, out);
	return cert_show_faults(cert, out);
}

bool
cert_show_short(const struct cert *cert, struct buf *out)
{
	struct name_attribute cn;
	struct dns_iter iter;
	struct dns_found name;

	cert_dns_names(cert, &iter);
	if (name_first(cert->subject, OID_COMMON_NAME, &cn))
		string_append_safe(out, cn.tag, cn.value, NAME_SHOWN);
	else if (dns_next(&iter, &name))
		text_append_safe(out, name.name, NAME_SHOWN);
	else
		append_name(cert->subject, out);
	buf_append_text(out, ", issued by ");
	append_name(cert->issuer, out);
	buf_append_text(out, ", serial ");
	append_serial(cert, out);
	return !out->failed;
}
