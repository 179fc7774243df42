/*
 * uri - a URI taken apart (RFC 3986, 3), for the rules on names that are URIs.
 *
 * Views of the text; nothing is decoded. What no parser would take (control
 * characters, broken escapes, characters that no host or port has) makes it
 * broken.
 */
#pragma once
#include "base/bytes.h"

struct uri {
	bool broken;
	bool has_user;
	struct bytes scheme; /* len 0: a relative reference */
	struct bytes opaque; /* what follows the scheme where that is no slash */
	struct bytes host;   /* without the port; brackets stay */
	struct bytes path;
};

void uri_split(struct bytes text, struct uri *out);

/* A name of two labels or more, its first perhaps a star, or an IP address. */
bool uri_host_is_full(struct bytes host);
