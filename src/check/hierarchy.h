/*
 * hierarchy - what the files of the family share: which profile of CA
 * certificate stands before us.
 *
 * Date mode `none` holds a certificate against today's profiles as other linters
 * without dates do: what is self-issued is a root, a CA's extended key usage says
 * whether it is for TLS.
 */
#pragma once
#include "check/path.h"
#include "check_priv.h"

judged_fn is_ca_any;       /* a CA, for whatever use; in mode `none` a root too */
judged_fn is_ca_profile;   /* a CA within TLS scope */
judged_fn is_root_profile; /* a root within TLS scope */
judged_fn is_sub_profile;  /* a subordinate CA within TLS scope */

/* What a subordinate CA's extended key usage says that it is for. */
bool is_precert_ca(const struct judged *);
bool is_non_tls_ca(const struct judged *);
bool is_tls_server_ca(const struct judged *); /* and not the two above */

/* hierarchy_extension.c, for ca-profile. */
trial_fn rule_ca_no_crl_url, rule_ca_no_issuer_url, rule_ca_access_not_http,
    rule_ca_access_method, rule_root_extension, rule_ca_extension;

/* hierarchy_subject.c, for ca-profile. */
judged_fn is_policy_restricted; /* has no anyPolicy */
trial_fn rule_ca_subject_empty, rule_ca_lacks, rule_ca_attribute_unknown, rule_root_names,
    rule_ca_policies, rule_ca_policies_several, rule_ca_policies_any,
    rule_ca_policies_none, rule_ca_policies_not_tls, rule_ca_policies_order;

/* A watch concerns it: what asks the store for a certificate's CAs asks for these
 * alone, or a log read whole would be slow for what nobody is told of. */
judged_fn is_of_some_watch;

/* hierarchy_ways.c: a way from the CA certificate at hand to each root, and the root
 * programs that include it now. */
void evidence_chains(struct trial *, struct finding *);
/* Those that its key's other certificates do not have: roots, and programs. */
void evidence_new_paths(struct trial *, struct finding *);

/* hierarchy.c */
bool key_is_listed(const uint8_t (*keys)[32], size_t count, const uint8_t key[32]);

const char *operator_name(const struct check_operator *); /* NULL: one not watched */
bool operator_partner(const struct check_operator *of, const struct check_operator *);

/* The first operator other than the signer and his partners that fits; NULL where
 * the signer or a partner fits too: then it says nothing. */
const struct check_operator *operator_stranger(const struct judged *,
    bool (*fits)(const struct check_operator *, const void *what), const void *what);
bool operator_has_host(const struct check_operator *, const void *url); /* bytes * */
bool operator_has_policy(const struct check_operator *, const void *dotted);
