#include "check_priv.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"

void
findings_init(struct findings *findings, struct arena *arena)
{
	*findings = (struct findings){.arena = arena};
}

const char *
finding_subject_name(enum finding_subject subject)
{
	static const char *const NAMES[] = {
	    "certificate", "ca", "issuer", "log", "operator"};

	return NAMES[subject];
}

void
finding_id(enum finding_subject subject, struct bytes key, const char *check,
    const char *subrule, uint8_t out[FINDING_ID_LEN])
{
	const char *kind = finding_subject_name(subject);
	uint8_t len[4] = {(uint8_t)(key.len >> 24), (uint8_t)(key.len >> 16),
	    (uint8_t)(key.len >> 8), (uint8_t)key.len};
	const struct bytes parts[] = {
	    bytes_of(kind, strlen(kind) + 1),
	    bytes_of(len, sizeof(len)),
	    key,
	    bytes_of(check, strlen(check) + 1),
	    bytes_of(subrule, strlen(subrule) + 1),
	};
	struct sha256 hash;

	sha256_of_parts(parts, ARRAY_LEN(parts), &hash);
	memcpy(out, hash.octets, FINDING_ID_LEN);
}

/* Room for one more in an array of the arena: doubles it by copying. */
static void *
grow(struct arena *arena, void *old, size_t count, size_t *room, size_t size)
{
	void *larger;

	if (count < *room)
		return old;
	*room = *room * 2 + 8;
	larger = arena_alloc(arena, *room * size);
	if (count > 0)
		memcpy(larger, old, count * size);
	return larger;
}

static struct finding *
find(const struct findings *out, const uint8_t id[FINDING_ID_LEN])
{
	for (size_t i = out->count; i-- > 0;)
		if (memcmp(out->rows[i]->id, id, FINDING_ID_LEN) == 0)
			return out->rows[i];
	return NULL;
}

/* The finding of this trial about that subject; *fresh: it was not there. */
static struct finding *
claim(struct trial *trial, enum finding_subject subject, struct bytes key, bool *fresh)
{
	struct findings *out = trial->out;
	uint8_t id[FINDING_ID_LEN];
	struct finding *finding;

	finding_id(subject, key, trial->check->id, trial->rule->name, id);
	finding = find(out, id);
	*fresh = finding == NULL;
	if (finding != NULL) {
		finding->times++;
		return finding;
	}
	finding = arena_zero(out->arena, 1, sizeof(*finding));
	*finding = (struct finding){
	    .check = trial->check,
	    .subrule = trial->rule,
	    .subject = subject,
	    .subject_key = arena_copy(out->arena, key),
	    .level = trial->rule->level,
	    .basis = trial->force.basis,
	    .evaded = trial->force.evaded,
	    .times = 1,
	    .evidence_end = &finding->evidence,
	    .about = trial->it,
	};
	memcpy(finding->id, id, sizeof(id));
	out->rows =
	    grow(out->arena, out->rows, out->count, &out->room, sizeof(*out->rows));
	out->rows[out->count++] = finding;
	return finding;
}

__attribute__((format(printf, 2, 0))) static const char *
format_message(struct arena *arena, const char *format, va_list args)
{
	char text[512];
	int len = vsnprintf(text, sizeof(text), format, args);

	if (len < 0)
		len = 0;
	if ((size_t)len >= sizeof(text))
		len = sizeof(text) - 1;
	return (const char *)arena_copy(arena, bytes_of(text, (size_t)len)).data;
}

static enum check_level
cap(const struct trial *trial, enum check_level level)
{
	return trial->force.capped && level > LEVEL_WARNING ? LEVEL_WARNING : level;
}

__attribute__((format(printf, 4, 0))) static struct finding *
fail(struct trial *trial, enum check_level level, struct bytes field, const char *format,
    va_list args)
{
	struct finding *finding = trial->finding;
	bool fresh = false;

	trial->failed = true;
	if (finding != NULL) {
		finding->times++;
		return NULL;
	}
	finding = claim(trial, trial->subject, trial->subject_key, &fresh);
	trial->finding = finding;
	if (!fresh)
		return NULL;
	finding->level = cap(trial, level);
	if (field.len > 0 && trial->it != NULL) {
		finding->offset = der_offset(trial->it->der, field);
		finding->len = field.len;
	}
	finding->message = format_message(trial->out->arena, format, args);
	return finding;
}

struct finding *
trial_fail(struct trial *trial, struct bytes field, const char *format, ...)
{
	struct finding *finding;
	va_list args;

	va_start(args, format);
	finding = fail(trial, trial->rule->level, field, format, args);
	va_end(args);
	return finding;
}

struct finding *
trial_fail_at(struct trial *trial, enum check_level level, struct bytes field,
    const char *format, ...)
{
	struct finding *finding;
	va_list args;

	va_start(args, format);
	finding = fail(trial, level, field, format, args);
	va_end(args);
	return finding;
}

struct finding *
trial_fail_about(struct trial *trial, enum finding_subject subject, struct bytes key,
    const char *format, ...)
{
	struct finding *finding;
	bool fresh;
	va_list args;

	finding = claim(trial, subject, key, &fresh);
	if (!fresh)
		return NULL;
	finding->level = cap(trial, trial->rule->level);
	va_start(args, format);
	finding->message = format_message(trial->out->arena, format, args);
	va_end(args);
	return finding;
}

struct finding *
trial_fail_row(
    struct trial *trial, const uint8_t key[32], int64_t row, const char *format, ...)
{
	struct finding *finding;
	bool fresh;
	va_list args;

	finding = claim(trial, SUBJECT_CERTIFICATE, bytes_of(key, 32), &fresh);
	if (!fresh)
		return NULL;
	finding->about = NULL;
	finding->row = row;
	finding->level = cap(trial, trial->rule->level);
	va_start(args, format);
	finding->message = format_message(trial->out->arena, format, args);
	va_end(args);
	return finding;
}

void
trial_close(struct trial *trial, enum finding_subject subject, struct bytes key,
    const char *reason)
{
	struct findings *out = trial->out;
	struct finding_closure *closure;

	out->closures = grow(out->arena, out->closures, out->closure_count,
	    &out->closure_room, sizeof(*out->closures));
	closure = &out->closures[out->closure_count++];
	*closure = (struct finding_closure){
	    .check = trial->check, .subrule = trial->rule, .reason = reason};
	finding_id(subject, key, trial->check->id, trial->rule->name, closure->id);
}

const char *
trial_show(struct trial *trial, struct bytes data, size_t max)
{
	struct buf text;
	struct bytes copy;

	buf_init(&text, 1 << 16);
	text_append_safe(&text, data, max);
	copy = arena_copy(trial->out->arena, buf_bytes(&text));
	buf_free(&text);
	return (const char *)copy.data;
}

/* --- statistics ---------------------------------------------------------------- */

void
findings_count(struct findings *out, const uint8_t issuer_key[32], enum count_basis basis,
    int32_t day, const char *name)
{
	struct finding_count *row;

	out->counts = grow(out->arena, out->counts, out->count_count, &out->count_room,
	    sizeof(*out->counts));
	row = &out->counts[out->count_count++];
	*row = (struct finding_count){.basis = basis, .day = day, .name = name, .by = 1};
	memcpy(row->issuer_key, issuer_key, 32);
}
