#include <inttypes.h>

#include "base/text.h"
#include "report/family.h"

#define DEPTH_MAX 24

/* A line begins with the rails of what it hangs under. */
struct rails {
	struct buf text;
};

static void
rails_push(struct rails *rails, bool last)
{
	buf_append_text(&rails->text, last ? "    " : "|   ");
}

static void
rails_pop(struct rails *rails)
{
	rails->text.len -= 4;
}

static void
append_key(struct buf *out, const struct family_key *key)
{
	char hex[2 * sizeof(key->spki) + 1];

	hex_format(key->spki, sizeof(key->spki), hex);
	buf_append_format(out, "[%.16s]", hex);
}

static void
append_name(struct buf *out, const struct family_key *key)
{
	if (key->certs != NULL)
		show_append_issuer(out, key->certs->subject);
	else
		buf_append_text(out, "no certificate of it was seen");
	buf_append_u8(out, ' ');
	append_key(out, key);
}

/* --- a key and its certificates -------------------------------------------------------
 */

static void
print_signer(struct buf *out, const struct family_cert *cert)
{
	if (cert->signer == NULL) {
		buf_append_text(out, ", signed by ");
		show_append_issuer(out, cert->issuer);
		buf_append_text(out, ", whose key was not met");
		return;
	}
	buf_append_text(out, ", signed by ");
	append_name(out, cert->signer);
	if (!cert->signer->member)
		buf_append_format(out, " of %s",
		    cert->signer->ca != NULL ? cert->signer->ca : "nobody watched");
}

/* parent: under which it is drawn, and which need not be named again. */
static void
print_cert(struct buf *out, const struct rails *rails, const struct family_cert *cert,
    const struct family_key *parent)
{
	char from[32], to[32], hex[17];

	buf_append_bytes(out, buf_bytes(&rails->text));
	hex_format(cert->sha256.data, 8, hex);
	buf_append_format(out, "%s to %s, certificate %s",
	    show_day(cert->not_before_s, from), show_day(cert->not_after_s, to), hex);
	if (cert->self_signed)
		buf_append_text(out, ", self-signed");
	else if (cert->signer == NULL || cert->signer != parent)
		print_signer(out, cert);
	if (cert->cross_sign)
		buf_append_text(out, "  CROSS-SIGN");
	buf_append_u8(out, '\n');
}

static void
print_other_names(
    struct buf *out, const struct rails *rails, const struct family_key *key)
{
	struct buf first, each;

	buf_init(&first, 1 << 12);
	buf_init(&each, 1 << 12);
	show_append_issuer(&first, key->certs->subject);
	for (const struct family_cert *cert = key->certs; cert;
	     cert = cert->next_of_key) {
		buf_clear(&each);
		show_append_issuer(&each, cert->subject);
		if (bytes_equal(buf_bytes(&each), buf_bytes(&first)))
			continue;
		buf_append_bytes(out, buf_bytes(&rails->text));
		buf_append_format(
		    out, "SHARED KEY: it also bears the name %s\n", buf_text(&each));
	}
	buf_free(&each);
	buf_free(&first);
}

/* --- the tree
 * ----------------------------------------------------------------------------- */

/* The next key that this one certified, each once. */
static struct family_key *
next_child(const struct family_key *key, const struct family_cert **at)
{
	while (*at != NULL) {
		const struct family_cert *cert = *at, *before = key->signs;

		*at = cert->next_signed;
		while (before != cert && before->key != cert->key)
			before = before->next_signed;
		if (before == cert && cert->key != key)
			return cert->key;
	}
	return NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX bounds it */
static void
print_key(struct report *report, struct family *family, struct rails *rails,
    struct family_key *key, const struct family_key *parent, unsigned depth)
{
	struct buf *out = &report->out;
	const struct family_cert *at = key->signs;
	struct family_key *child, *next;
	bool again = key->drawn;

	append_name(out, key);
	if (key->named)
		buf_append_text(out, " named");
	buf_append_text(out, again ? " (drawn above)\n" : "\n");
	key->drawn = true;
	child = again || depth == DEPTH_MAX ? NULL : next_child(key, &at);
	rails_push(rails, child == NULL);
	for (const struct family_cert *cert = key->certs; cert && !again;
	     cert = cert->next_of_key)
		print_cert(out, rails, cert, parent);
	if (key->shared && !again)
		print_other_names(out, rails, key);
	rails_pop(rails);
	for (; child != NULL; child = next) {
		next = next_child(key, &at);
		buf_append_bytes(out, buf_bytes(&rails->text));
		buf_append_text(out, next == NULL ? "`-- " : "|-- ");
		rails_push(rails, next == NULL);
		print_key(report, family, rails, child, key, depth + 1);
		rails_pop(rails);
	}
	if (out->len > 1 << 16)
		(void)report_flush(report);
}

static void
print_top(struct report *report, struct family *family, struct family_key *key)
{
	struct rails rails;

	buf_init(&rails.text, 4096);
	buf_append_u8(&report->out, '\n');
	print_key(report, family, &rails, key, NULL, 0);
	buf_free(&rails.text);
}

/* --- the head
 * ------------------------------------------------------------------------------ */

/* Those of keys outside the family only name a signer. */
static size_t
count_own(const struct family *family)
{
	size_t count = 0;

	for (const struct family_key *key = family->first; key; key = key->next)
		for (const struct family_cert *cert = key->certs; cert && key->member;
		     cert = cert->next_of_key)
			count++;
	return count;
}

static void
print_head(struct report *report, const struct family *family)
{
	const struct report_ca_state *state =
	    family_state(family->asked, family->statement.ca);
	struct buf *out = &report->out;

	text_append_safe(out, bytes_text(family->statement.ca), 80);
	buf_append_format(out, ": %s, %" PRIu64 " keys, %zu CA certificates\n",
	    state != NULL ? state->state : "not in the configuration any more",
	    family->statement.keys, count_own(family));
	for (size_t i = 0; state != NULL && i < state->note_count; i++)
		buf_append_format(out, "%s\n", state->notes[i]);
	if (family->more)
		buf_append_format(out, "only the first %d CA certificates are drawn\n",
		    FAMILY_CERTS_MAX);
}

void
print_family_tree(
    struct report *report, struct family *family, const struct log_names *names)
{
	print_head(report, family);
	for (struct family_key *key = family->first; key != NULL; key = key->next)
		if (key->member && !family_key_is_below(key))
			print_top(report, family, key);
	/* Keys that signed each other in a ring stand under none. */
	for (struct family_key *key = family->first; key != NULL; key = key->next)
		if (key->member && !key->drawn)
			print_top(report, family, key);
	statement_print_family(report, &family->statement, names);
}
