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

bool
credit_take(struct credit *credit, size_t want, struct credit_waiter *waiter)
{
	bool fits = want <=
	    credit->limit - (credit->used < credit->limit ? credit->used : credit->limit);

	if (!fits && credit->used > 0) {
		enqueue(credit, waiter);
		return false;
	}
	credit->used += want;
	return true;
}

void
credit_change(struct credit *credit, size_t from, size_t to)
{
	credit->used = credit->used - from + to;
}

/* Each who waited gets one try a round, oldest first; who still does not fit
 * queues again behind the others. */
void
credit_give(struct credit *credit, size_t held)
{
	struct credit_waiter *round = credit->first;

	credit->used -= held;
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
