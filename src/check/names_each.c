/* Every GeneralName of a certificate's extensions. */
#include "names_priv.h"

static void
each_of(struct trial *trial, struct general_name_iter *names, look_at_name_fn *look)
{
	struct general_name name;

	while (general_name_next(names, &name))
		look(trial, &name, false);
}

static void
each_of_element(struct trial *trial, struct bytes element, look_at_name_fn *look)
{
	struct general_name_iter names;

	if (element.len == 0)
		return;
	general_names_begin(element, &names);
	each_of(trial, &names, look);
}

static void
each_of_extension(struct trial *trial, enum oid id, look_at_name_fn *look)
{
	struct general_name_iter names;

	extension_names_begin(cert_extension(trial->it->cert, id), &names);
	each_of(trial, &names, look);
}

static void
each_access(struct trial *trial, enum oid id, look_at_name_fn *look)
{
	struct access_description access;
	struct access_iter accesses;

	extension_access_begin(cert_extension(trial->it->cert, id), &accesses);
	while (access_next(&accesses, &access))
		if (access.location.whole.len > 0)
			look(trial, &access.location, false);
}

static void
each_point(struct trial *trial, enum oid id, look_at_name_fn *look)
{
	struct distribution_point_iter points;
	struct distribution_point point;

	extension_distribution_points_begin(cert_extension(trial->it->cert, id), &points);
	while (distribution_point_next(&points, &point)) {
		each_of_element(trial, point.full_name, look);
		each_of_element(trial, point.crl_issuer, look);
	}
}

static void
each_subtree(struct trial *trial, struct bytes element, look_at_name_fn *look)
{
	struct subtree_iter subtrees;
	struct subtree subtree;

	if (element.len == 0)
		return;
	subtrees_begin(element, &subtrees);
	while (subtree_next(&subtrees, &subtree))
		look(trial, &subtree.base, true);
}

static void
each_constraint(struct trial *trial, look_at_name_fn *look)
{
	const struct extension *extension =
	    cert_extension(trial->it->cert, OID_NAME_CONSTRAINTS);
	struct name_constraints constraints;

	if (extension == NULL)
		return;
	extension_name_constraints(extension, &constraints);
	each_subtree(trial, constraints.permitted, look);
	each_subtree(trial, constraints.excluded, look);
}

void
general_names_each(struct trial *trial, look_at_name_fn *look)
{
	struct authority_key_id authority;

	each_of_extension(trial, OID_SUBJECT_ALT_NAME, look);
	each_of_extension(trial, OID_ISSUER_ALT_NAME, look);
	each_access(trial, OID_AUTHORITY_INFO_ACCESS, look);
	each_access(trial, OID_SUBJECT_INFO_ACCESS, look);
	each_point(trial, OID_CRL_DISTRIBUTION_POINTS, look);
	each_point(trial, OID_FRESHEST_CRL, look);
	extension_authority_key_id(
	    cert_extension(trial->it->cert, OID_AUTHORITY_KEY_IDENTIFIER), &authority);
	each_of_element(trial, authority.issuer, look);
	each_constraint(trial, look);
}
