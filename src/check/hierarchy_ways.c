/* B8: what the ways from a CA certificate up to roots say of it, as evidence. */
#include "hierarchy.h"

#include <strings.h>

#define PROGRAMS_MAX 16
#define LEAF_DAYS    398 /* BR 6.3.2, since 2020 and before SC81 */

/* --- which programs ----------------------------------------------------------------- */

struct programs {
	const char *names[PROGRAMS_MAX];
	size_t count;
};

static bool
programs_have(const struct programs *programs, const char *name)
{
	for (size_t i = 0; i < programs->count; i++)
		if (strcasecmp(programs->names[i], name) == 0)
			return true;
	return false;
}

/* Programs that include now the root with that key. */
static void
add_programs(const struct judged *it, const uint8_t key[32], struct programs *out)
{
	int64_t now = seconds_of(it->now_ms);

	for (size_t i = 0; i < it->params->operator_count; i++) {
		const struct check_operator *operator= & it->params->operators[i];

		if (!key_is_listed(operator->keys, operator->key_count, key))
			continue;
		for (size_t j = 0; j < operator->program_count; j++) {
			const struct check_program *row = &operator->programs[j];

			if (program_includes(row, now) &&
			    !programs_have(out, row->name) && out->count < PROGRAMS_MAX)
				out->names[out->count++] = row->name;
		}
	}
}

static void
programs_of(const struct judged *it, const struct paths *paths, struct programs *out)
{
	out->count = 0;
	for (size_t i = 0; i < paths->count; i++)
		add_programs(it, paths->steps[i].ca.key_hash, out);
}

static void
put_programs(struct trial *trial, struct finding *finding, const char *key,
    const struct programs *programs, const struct programs *but)
{
	evidence_list(trial, finding, key);
	for (size_t i = 0; i < programs->count; i++)
		if (but == NULL || !programs_have(but, programs->names[i]))
			evidence_text(trial, finding, NULL, programs->names[i]);
	evidence_end(trial, finding);
}

/* --- the ways ----------------------------------------------------------------------- */

static void
put_name(struct trial *trial, struct finding *finding, const char *key, struct bytes name)
{
	struct buf text;

	buf_init(&text, 1 << 16);
	name_append_text(&text, name);
	evidence_bytes(trial, finding, key, buf_bytes(&text));
	buf_free(&text);
}

/* From its top down to what is asked about. */
static void
put_way(
    struct trial *trial, struct finding *finding, const struct paths *paths, size_t top)
{
	const struct path_step *step = &paths->steps[top];
	struct programs programs = {.count = 0};

	evidence_object(trial, finding, NULL);
	put_name(trial, finding, "root", step->root ? step->subject : step->issuer);
	evidence_bool(trial, finding, "root_known", step->root);
	evidence_text(trial, finding, "operator", operator_name(step->ca.owner));
	evidence_list(trial, finding, "certificates");
	for (size_t i = top; i != PATH_BOTTOM; i = paths->steps[i].below) {
		add_programs(trial->it, paths->steps[i].ca.key_hash, &programs);
		evidence_hex(
		    trial, finding, NULL, bytes_of(paths->steps[i].ca.sha256, 32));
	}
	evidence_end(trial, finding);
	put_programs(trial, finding, "programs", &programs, NULL);
	evidence_end(trial, finding);
}

static bool
leads_to(const struct paths *paths, const struct path_step *top)
{
	for (size_t i = 0; i < paths->count; i++)
		if (memcmp(paths->steps[i].ca.sha256, top->ca.sha256, 32) == 0)
			return true;
	return false;
}

/* One way to each root, but to those that `known` leads to. */
static void
put_ways(struct trial *trial, struct finding *finding, const char *key,
    const struct paths *paths, const struct paths *known)
{
	evidence_list(trial, finding, key);
	for (size_t i = 0; i < paths->count; i++)
		if (paths->steps[i].top &&
		    (known == NULL || !leads_to(known, &paths->steps[i])))
			put_way(trial, finding, paths, i);
	evidence_end(trial, finding);
	if (paths->more)
		evidence_bool(trial, finding, "more_paths", true);
}

static struct paths *
find_ways(struct trial *trial, const uint8_t key[32], struct bytes name)
{
	struct paths *paths = arena_alloc(trial->out->arena, sizeof(*paths));
	struct sha256 self;

	sha256_of(trial->it->der, &self);
	paths_find(paths, trial->history, key, name, self.octets);
	return paths;
}

void
evidence_chains(struct trial *trial, struct finding *finding)
{
	const struct judged *it = trial->it;

	if (it->issuer_key_hash != NULL)
		put_ways(trial, finding, "chains",
		    find_ways(trial, it->issuer_key_hash, it->cert->issuer), NULL);
}

/* Which leaves the cross-sign lends its trust: all that the key issued, and those so
 * young when it was made that they can live still. */
static void
put_leaves(struct trial *trial, struct finding *finding, const uint8_t key[32])
{
	const struct check_history *history = trial->history;
	int64_t made = trial->it->cert->not_before / DAY_S;
	int32_t young = (int32_t)(made > LEAF_DAYS ? made - LEAF_DAYS : 0);

	evidence_int(trial, finding, "leaves_issued",
	    (int64_t)history->counter(
		history->owner, key, COUNT_NB, INT32_MIN, INT32_MAX, "issued"));
	evidence_int(trial, finding, "leaves_not_expired_at_most",
	    (int64_t)history->counter(
		history->owner, key, COUNT_NB, young, INT32_MAX, "issued"));
}

void
evidence_new_paths(struct trial *trial, struct finding *finding)
{
	const struct judged *it = trial->it;
	struct paths *by_it, *without;
	struct programs then, before;
	struct sha256 key;

	if (it->self_signed)
		return;
	spki_hash(it->cert->spki, &key);
	by_it = find_ways(trial, it->issuer_key_hash, it->cert->issuer);
	without = find_ways(trial, key.octets, it->cert->subject);
	put_ways(trial, finding, "new_paths", by_it, without);
	programs_of(it, by_it, &then);
	programs_of(it, without, &before);
	put_programs(trial, finding, "new_programs", &then, &before);
	put_leaves(trial, finding, key.octets);
}
