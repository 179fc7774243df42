#include "crypto/factor.h"

#include <gmp.h>

#include "base/mem.h"

/* The products of a list: numbers at [count, 2 * count), above each two their
 * product, at [1] that of all. */
struct tree {
	mpz_t *nodes;
	size_t count;
};

struct search {
	const struct tree *of, *in;
	bool same;
	factor_fn *fn;
	void *owner;
	/* of the number at hand */
	size_t number, found;
	mpz_t rest, common;
};

static void
tree_make(struct tree *tree, const struct bytes *numbers, size_t count)
{
	tree->count = count;
	tree->nodes = mem_zero(2 * count, sizeof(*tree->nodes));
	for (size_t i = 0; i < 2 * count; i++)
		mpz_init(tree->nodes[i]);
	for (size_t i = 0; i < count; i++) {
		mpz_t *leaf = &tree->nodes[count + i];

		mpz_import(*leaf, numbers[i].len, 1, 1, 1, 0, numbers[i].data);
		if (mpz_sgn(*leaf) == 0)
			mpz_set_ui(*leaf, 1);
	}
	for (size_t i = count - 1; i > 0; i--)
		mpz_mul(tree->nodes[i], tree->nodes[2 * i], tree->nodes[2 * i + 1]);
}

static void
tree_free(struct tree *tree)
{
	for (size_t i = 0; i < 2 * tree->count; i++)
		mpz_clear(tree->nodes[i]);
	mem_free(tree->nodes);
}

/* Down to those numbers below the node that have a factor in common with the one at
 * hand; products that have none are passed over whole. */
static void
find_partners(struct search *search, size_t node)
{
	const mpz_t *own = &search->of->nodes[search->of->count + search->number];
	size_t count = search->in->count;

	if (search->found == FACTOR_PARTNERS)
		return;
	mpz_mod(search->rest, search->in->nodes[node], *own);
	mpz_gcd(search->common, search->rest, *own);
	if (mpz_cmp_ui(search->common, 1) == 0)
		return;
	if (node < count) {
		find_partners(search, 2 * node);
		find_partners(search, 2 * node + 1);
		return;
	}
	if (mpz_cmp(search->in->nodes[node], *own) == 0)
		return;
	search->found++;
	search->fn(search->owner, search->number, node - count,
	    mpz_cmp(search->common, *own) == 0);
}

/* What the others leave modulo a number: from all of them modulo its square, once
 * itself is taken out, where it is among them. */
static bool
is_suspect(const struct search *search, const mpz_t rest, size_t leaf)
{
	const mpz_t *own = &search->of->nodes[leaf];
	bool suspect;
	mpz_t common;

	if (mpz_cmp_ui(*own, 1) <= 0)
		return false;
	mpz_init(common);
	if (search->same)
		mpz_divexact(common, rest, *own);
	else
		mpz_set(common, rest);
	mpz_gcd(common, common, *own);
	suspect = mpz_cmp_ui(common, 1) != 0;
	mpz_clear(common);
	return suspect;
}

static void
descend(struct search *search, size_t node, const mpz_t above)
{
	const struct tree *of = search->of;
	mpz_t rest;

	mpz_init(rest);
	if (search->same) {
		mpz_mul(rest, of->nodes[node], of->nodes[node]);
		mpz_mod(rest, above, rest);
	} else {
		mpz_mod(rest, above, of->nodes[node]);
	}
	if (node < of->count) {
		descend(search, 2 * node, rest);
		descend(search, 2 * node + 1, rest);
	} else if (is_suspect(search, rest, node)) {
		search->number = node - of->count;
		search->found = 0;
		find_partners(search, 1);
	}
	mpz_clear(rest);
}

void
factor_shared(const struct bytes *a, size_t a_count, const struct bytes *b,
    size_t b_count, factor_fn *fn, void *owner)
{
	struct search search = {.same = a == b, .fn = fn, .owner = owner};
	struct tree of, in;

	if (a_count == 0 || b_count == 0)
		return;
	tree_make(&of, a, a_count);
	search.of = search.in = &of;
	if (!search.same) {
		tree_make(&in, b, b_count);
		search.in = &in;
	}
	mpz_init(search.rest);
	mpz_init(search.common);
	descend(&search, 1, search.in->nodes[1]);
	mpz_clear(search.common);
	mpz_clear(search.rest);
	tree_free(&of);
	if (!search.same)
		tree_free(&in);
}
