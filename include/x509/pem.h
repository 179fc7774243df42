/*
 * pem - certificates out of a file's bytes: a DER one, or every "BEGIN
 * CERTIFICATE" block of a PEM text (RFC 7468), whatever stands between.
 */
#pragma once
#include "base/buf.h"

struct pem_iter {
	struct bytes rest;
	bool is_der; /* the whole is one certificate, still to be handed out */
};

void pem_certificates(struct bytes file, struct pem_iter *);

/* The next block's DER: a view of scratch (whose contents are replaced) or of
 * the file. A block that is no base64 comes with len 0. False at the end. */
bool pem_next(struct pem_iter *, struct buf *scratch, struct bytes *der);
