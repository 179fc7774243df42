#include "cli/bundle.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"
#include "crypto/verify.h"
#include "x509/pem.h"

#define FILE_MAX       ((size_t)1024 * 1024 * 1024)
#define CANDIDATES_MAX 16 /* certificates of one name that are tried */

void
bundle_init(struct bundle *bundle)
{
	*bundle = (struct bundle){0};
	arena_init(&bundle->arena);
	map_init(&bundle->subjects);
}

void
bundle_free(struct bundle *bundle)
{
	map_free(&bundle->subjects, NULL);
	arena_free(&bundle->arena);
	mem_free(bundle->certs);
}

static struct bundle_cert *
append(struct bundle *bundle, const char *file, size_t index, const char *error)
{
	struct bundle_cert *one = arena_zero(&bundle->arena, 1, sizeof(*one));

	if (bundle->count == bundle->room) {
		bundle->room = bundle->room == 0 ? 64 : 2 * bundle->room;
		bundle->certs =
		    mem_resize(bundle->certs, bundle->room, sizeof(struct bundle_cert *));
	}
	*one = (struct bundle_cert){.file = file, .index = index, .error = error};
	bundle->certs[bundle->count++] = one;
	bundle->broken += error != NULL;
	return one;
}

static void
append_der(struct bundle *bundle, const char *file, size_t index, struct bytes der)
{
	struct bundle_cert *one;
	struct cert cert;

	if (der.len == 0) {
		append(bundle, file, index, "a PEM block that is no base64");
		return;
	}
	if (!cert_parse(der, &cert)) {
		append(bundle, file, index, "no certificate can be made out");
		return;
	}
	one = append(bundle, file, index, NULL);
	one->der = arena_copy(&bundle->arena, der);
	/* The map's values change, its keys are copied: the newest comes first. */
	one->same_subject = map_put(&bundle->subjects, cert.subject, one);
}

static bool
read_whole(FILE *file, struct buf *out)
{
	for (;;) {
		uint8_t *into = buf_extend(out, 65536);
		size_t len;

		if (into == NULL) {
			errno = EFBIG;
			return false;
		}
		len = fread(into, 1, 65536, file);
		out->len -= 65536 - len;
		if (len == 0)
			return !ferror(file);
	}
}

static void
split(struct bundle *bundle, const char *file, struct bytes text)
{
	struct pem_iter iter;
	struct buf scratch;
	struct bytes der;
	size_t index = 0;

	buf_init(&scratch, 2 * text.len + 64); /* as pem_next() uses it */
	pem_certificates(text, &iter);
	while (pem_next(&iter, &scratch, &der))
		append_der(bundle, file, index++, der);
	if (index == 0)
		append(bundle, file, 0, "holds no certificate");
	buf_free(&scratch);
}

void
bundle_add(struct bundle *bundle, const char *name)
{
	bool is_stdin = strcmp(name, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(name, "rbe");
	struct buf text;

	buf_init(&text, FILE_MAX);
	if (file != NULL && read_whole(file, &text)) {
		split(bundle, name, buf_bytes(&text));
	} else {
		const char *why = strerror(errno);

		append(bundle, name, 0,
		    (const char *)arena_copy(&bundle->arena, bytes_text(why)).data);
	}
	if (file != NULL && !is_stdin)
		fclose(file);
	buf_free(&text);
}

static bool
did_sign(const struct cert *issuer, const struct cert *cert)
{
	struct key *key = key_from_spki(issuer->spki, NULL);
	bool yes = key != NULL &&
	    key_verify_x509(key, cert->algorithm.whole, cert->tbs, cert->signature) ==
		KEY_GOOD;

	key_free(key);
	return yes;
}

enum bundle_issuer
bundle_find_issuer(const struct bundle *bundle, const struct cert *cert, struct cert *out)
{
	const struct bundle_cert *one = map_get(&bundle->subjects, cert->issuer);
	enum bundle_issuer result = ISSUER_NOT_THERE;

	for (int i = 0; one != NULL && i < CANDIDATES_MAX; i++, one = one->same_subject) {
		if (!cert_parse(one->der, out))
			continue;
		if (did_sign(out, cert))
			return ISSUER_SIGNED;
		result = ISSUER_DID_NOT_SIGN;
	}
	return result;
}
