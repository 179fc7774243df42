/*
 * subtrees - which names the name constraints of a CA certificate permit (RFC 5280,
 * 4.2.1.10).
 */
#pragma once
#include "x509/cert.h"
#include "x509/san.h"

enum subtree_verdict {
	SUBTREE_PERMITTED,
	SUBTREE_OUTSIDE,  /* permitted ones of this kind are there, and none fits */
	SUBTREE_EXCLUDED, /* lies in one that is excluded */
};

/* Dns, IP, e-mail, URI and directory names; other kinds are permitted. */
enum subtree_verdict subtrees_judge(
    const struct name_constraints *, const struct general_name *);

/* The first name of the certificate (its subject as a directory name, then the
 * subjectAltName) that is not permitted. */
enum subtree_verdict subtrees_judge_all(
    const struct name_constraints *, const struct cert *, struct general_name *offender);
