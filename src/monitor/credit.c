#include "monitor/credit.h"

#include "base/mem.h"

void
credit_init(struct credit *credit, size_t limit)
{
	*credit = (struct credit){.limit = limit};
	credit->last = &credit->first;
}

static void
enqueue(struct credit *credit, struct credit_waiter *waiter)
{
	if (waiter->link != NULL)
		return;
	waiter->next = NULL;
	waiter->link = credit->last;
	*credit->last = waiter;
	credit->last = &waiter->next;
}

void
credit_forget(struct credit *credit, struct credit_waiter *waiter)
{
	if (waiter->link == NULL)
		return;
	*waiter->link = waiter->next;
	if (waiter->next != NULL)
		waiter->next->link = waiter->link;
	else
		credit->last = waiter->link;
	waiter->link = NULL;
}

static bool
may_take(const struct credit *credit, size_t want, struct credit_claim claim)
{
	size_t left = credit->limit > credit->used ? credit->limit - credit->used : 0;
	size_t share = credit->limit / (claim.sharers > 0 ? claim.sharers : 1);

	if (credit->used == 0)
		return true;
	if (claim.held == 0 && want <= credit->limit &&
	    credit->bodies <= credit->limit - want)
		return true;
	return want <= left &&
	    (claim.held + want <= share || credit->used + want <= credit->limit / 2);
}

bool
credit_take(struct credit *credit, size_t want, struct credit_claim claim,
    struct credit_waiter *waiter)
{
	if (!may_take(credit, want, claim)) {
		enqueue(credit, waiter);
		return false;
	}
	credit->used += want;
	return true;
}

void
credit_owe(struct credit *credit, size_t want)
{
	credit->used += want;
}

void
credit_arrived(struct credit *credit, size_t reserved, size_t len)
{
	credit->used = credit->used - reserved + len;
	credit->bodies += len;
}

void
credit_give_body(struct credit *credit, size_t len)
{
	credit->bodies -= len;
	credit_give(credit, len);
}

/* Each who waited gets one try a round, oldest first; who still does not fit
 * queues again behind the others. */
void
credit_give(struct credit *credit, size_t reserved)
{
	struct credit_waiter *round = credit->first;

	credit->used -= reserved;
	if (round == NULL)
		return;
	round->link = &round;
	credit->first = NULL;
	credit->last = &credit->first;
	while (round != NULL) {
		struct credit_waiter *waiter = round;

		round = waiter->next;
		if (round != NULL)
			round->link = &round;
		waiter->link = NULL;
		waiter->fn(waiter->owner);
	}
}
