/* The folder's README: what happened, what that shows, how anybody checks it. */
#include <string.h>

#include "evidence/evidence_priv.h"

static const char *
member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "-" : text;
}

static void
tell_claims(const struct outgoing *out, struct buf *text)
{
	const json_t *one;
	size_t i;

	if (json_array_size(out->claims) == 0) {
		buf_append_text(text,
		    "It holds no proof: what is in manifest.json is what was seen.\n");
		return;
	}
	buf_append_text(text, "What it shows:\n");
	json_array_foreach (out->claims, i, one) {
		const char *name = member(one, "claim"), *means = claim_meaning(name);

		buf_append_format(text, "  %-14s %s\n", name, means == NULL ? "" : means);
	}
}

static void
tell_log(const struct outgoing *out, struct buf *text)
{
	const json_t *log = json_object_get(out->manifest, "log");

	if (log == NULL)
		return;
	buf_append_format(text,
	    "The log:   %s (%s)\n"
	    "Log id:    %s (SHA-256 of log-key.der)\n"
	    "Read from: %s\n",
	    member(log, "name"), member(log, "operator"), member(log, "log_id"),
	    member(log, "url"));
}

static const char HOW[] =
    "\nHow to check it\n"
    "  ctwarden verify .          all of it, without network or database\n"
    "  sha256sum -c SHA256SUMS    that no file was damaged\n"
    "\n"
    "By hand: first compare the log id with a log list that you trust. A head\n"
    "(head, head-1, ...) is as the log served it: the JSON of get-sth (RFC 6962,\n"
    "4.3) or a signed note (C2SP tlog-checkpoint, whose signature line is of\n"
    "static-ct-api); its signature is over the 50 bytes of a TreeHeadSignature\n"
    "(RFC 6962, 3.5) and verifies under log-key.der. A leaf is a MerkleTreeLeaf\n"
    "(RFC 6962, 3.4), its hash SHA-256(00 || leaf). Entries are the log's reply: a data\n"
    "tile (static-ct-api) or the JSON of get-entries (RFC 6962, 4.6); a frontier is\n"
    "the number of leaves (8 bytes) and the roots of the perfect subtrees that they\n"
    "make, largest first (a compact range of RFC 9162, 2.1). A proof (JSON) is checked "
    "as RFC\n"
    "9162, 2.1.3.2 and 2.1.4.2, say. An SCT signs the bytes of its leaf. Certificates\n"
    "are DER: openssl x509 -inform DER -in certificate.der -text.\n"
    "\n"
    "Two signatures that contradict each other convict their signer, whoever keeps\n"
    "this folder. What was merely served (entries, tiles, issuers, heads with a bad\n"
    "signature, that no answer came) is signed by nobody: there the folder is the\n"
    "word of whoever made it, and ctwarden verify says \"witnessed\".\n";

bool
outgoing_readme(struct outgoing *out)
{
	struct buf text;
	bool ok;

	buf_init(&text, 1 << 20);
	buf_append_format(&text,
	    "Evidence of ctwarden about %s %s\n\n"
	    "What:      %s\n"
	    "           %s\n"
	    "When:      %s\n",
	    strcmp(member(out->manifest, "about"), "event") == 0 ? "event" : "finding",
	    member(out->manifest, "id"), member(out->manifest, "kind"),
	    member(out->manifest, "message"),
	    member(out->manifest,
		json_object_get(out->manifest, "begin") != NULL ? "begin"
								: "first_seen"));
	tell_log(out, &text);
	buf_append_text(&text, "\n");
	tell_claims(out, &text);
	buf_append_text(&text, HOW);
	ok = outgoing_put(out, EVIDENCE_README, buf_bytes(&text));
	buf_free(&text);
	return ok;
}
