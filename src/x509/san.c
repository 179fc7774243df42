#include "x509/san.h"

#include <arpa/inet.h>

#include "base/text.h"
#include "x509_priv.h"

#define SHOWN_MAX 1000

static void
classify(const struct element *element, struct general_name *out)
{
	struct der inner;

	*out = (struct general_name){.whole = element_whole(element),
	    .value = element_value(element),
	    .flaws = element->flaws,
	    .kind = GENERAL_UNKNOWN,
	    .tag = element->tag};
	if ((element->tag & 0xc0) != DER_CONTEXT ||
	    (element->tag & 0x1f) >= GENERAL_UNKNOWN) {
		out->flaws |= FLAW_TAG;
		return;
	}
	out->kind = (enum general_name_kind)(element->tag & 0x1f);
	switch (out->kind) {
	case GENERAL_EMAIL:
	case GENERAL_DNS:
	case GENERAL_URI:
	case GENERAL_IP:
	case GENERAL_REGISTERED_ID:
		if ((element->tag & 0x20) == 0)
			break;
		/* an explicit tag, or a string in segments: the first is taken */
		out->flaws |= FLAW_CONSTRUCTED;
		if (der_only(out->value, &inner))
			out->value = inner.value;
		break;
	case GENERAL_OTHER:
	case GENERAL_X400:
	case GENERAL_DIRECTORY:
	case GENERAL_EDI_PARTY:
		if ((element->tag & 0x20) == 0)
			out->flaws |= FLAW_CONSTRUCTED;
		break;
	case GENERAL_UNKNOWN:
		break;
	}
}

static uint32_t
kind_flaws(const struct general_name *name)
{
	if (name->kind == GENERAL_DNS || name->kind == GENERAL_EMAIL ||
	    name->kind == GENERAL_URI)
		return der_string_flaws(DER_IA5_STRING, name->value);
	if (name->kind == GENERAL_IP && name->value.len != 4 && name->value.len != 16)
		return FLAW_ADDRESS;
	if (name->kind == GENERAL_REGISTERED_ID)
		return der_oid_flaws(name->value);
	return 0;
}

void
general_names_begin(struct bytes element, struct general_name_iter *iter)
{
	struct der list;

	*iter = (struct general_name_iter){0};
	if (element.len == 0)
		return;
	if (!der_only(element, &list)) {
		iter->flaws = FLAW_CUT;
		return;
	}
	iter->flaws = list.flaws | (list.value.len == 0 ? FLAW_EMPTY : 0);
	iter->at = cursor_of(list.value);
}

void
extension_names_begin(const struct extension *extension, struct general_name_iter *iter)
{
	struct der list;

	*iter = (struct general_name_iter){0};
	if (extension == NULL)
		return;
	if (!der_only(extension->value, &list) || list.tag != DER_SEQUENCE) {
		iter->flaws = extension->value.len == 0 ? FLAW_MISSING : FLAW_TAG;
		iter->at = cursor_of(extension->value);
		return;
	}
	general_names_begin(extension->value, iter);
}

bool
general_name_next(struct general_name_iter *iter, struct general_name *out)
{
	struct element element;

	if (!element_list_next(&iter->at, &iter->flaws, &element))
		return false;
	classify(&element, out);
	out->flaws |= kind_flaws(out);
	iter->flaws |= out->flaws;
	return true;
}

bool
general_name_of(struct bytes element, struct general_name *out)
{
	struct cursor cursor = cursor_of(element);
	struct element only;

	if (!element_next(&cursor, &only)) {
		*out = (struct general_name){.whole = element, .kind = GENERAL_UNKNOWN};
		out->flaws = element.len > 0 ? FLAW_CUT : FLAW_MISSING;
		return false;
	}
	classify(&only, out);
	out->flaws |= kind_flaws(out) | rest_flaws(&cursor);
	return true;
}

bool
ip_append_text(struct buf *out, struct bytes address)
{
	char text[INET6_ADDRSTRLEN];

	if (address.len == 4 || address.len == 16) {
		inet_ntop(address.len == 4 ? AF_INET : AF_INET6, address.data, text,
		    sizeof(text));
		return buf_append_text(out, text);
	}
	for (size_t i = 0; i < address.len && i < SHOWN_MAX; i++)
		buf_append_format(out, "%02x", address.data[i]);
	return !out->failed;
}

/* OtherName: type-id, then [0] EXPLICIT value: shown by its type. */
static void
append_other_name(struct buf *out, struct bytes value)
{
	struct cursor inside = cursor_of(value);
	struct der type;

	if (der_next_if(&inside, DER_OID, &type))
		oid_append_name(out, type.value);
}

bool
general_name_append_text(struct buf *out, const struct general_name *name)
{
	static const char *const LABELS[] = {"other:", "email:", "DNS:", "X400:",
	    "directory:", "ediParty:", "URI:", "IP:", "RID:", "unknown:"};

	buf_append_text(out, LABELS[name->kind]);
	switch (name->kind) {
	case GENERAL_EMAIL:
	case GENERAL_DNS:
	case GENERAL_URI:
	case GENERAL_UNKNOWN:
		return text_append_safe(out, name->value, SHOWN_MAX);
	case GENERAL_DIRECTORY:
		return name_append_text(out, name->value);
	case GENERAL_IP:
		return ip_append_text(out, name->value);
	case GENERAL_REGISTERED_ID:
		return oid_append_dotted(out, name->value);
	case GENERAL_OTHER:
		append_other_name(out, name->value);
		break;
	case GENERAL_X400:
	case GENERAL_EDI_PARTY:
		break;
	}
	return !out->failed;
}
