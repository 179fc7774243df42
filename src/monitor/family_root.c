/* Roots that logs accept, which no entry brought. */
#include "check/run.h"
#include "monitor/family_priv.h"
#include "monitor/tell.h"

#define SIGNERS_MAX 16 /* of one name that are tried */

struct signers {
	struct authorities *all;
	struct authority *root;
	size_t tried;
};

static bool
on_signer(void *owner, const struct ca_certificate_row *row)
{
	struct signers *signers = owner;

	return !authority_signed_by(
		   signers->root, authority_of_der(signers->all, row->der)) &&
	    ++signers->tried < SIGNERS_MAX;
}

/* Most signed themselves; a cross-certificate among them did not. */
static bool
find_signer(struct writer *writer, struct authorities *all, struct authority *root,
    struct err *err)
{
	struct signers signers = {.all = all, .root = root};
	struct ca_certificate_filter by_name = {.subject = root->issuer};

	return authority_signed_by(root, root) ||
	    store_ca_certificate_each(writer->store, &by_name, on_signer, &signers, err);
}

static bool
judge(struct writer *writer, const struct authority *root, struct err *err)
{
	struct told_about about = {.watch = WATCH_NOT_FOUND};
	struct ca_certificate_row row;
	struct findings findings;
	bool found, concerns;

	findings_init(&findings, &writer->arena);
	return store_ca_certificate_find(writer->store, sha256_bytes(&root->sha256),
		   &writer->arena, &row, &found, err) &&
	    (!found ||
		(family_judge(writer, &row, &findings, &about, &concerns, err) &&
		    tell_findings(writer, &findings, &about, err)));
}

bool
family_put_root(
    struct writer *writer, struct authorities *all, struct bytes der, struct err *err)
{
	struct authority *root = authority_of_der(all, der);
	struct met met = {.authority = root};

	if (root->subject.len == 0)
		return true;
	return find_signer(writer, all, root, err) &&
	    family_put(writer, &met, 0, 0, &met.inserted, err) &&
	    family_grow(writer, &met, 0, 0, err) &&
	    (!met.inserted || judge(writer, root, err));
}
