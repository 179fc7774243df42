#include "base/queue.h"

void
queue_init(struct queue *queue, queue_wake_fn *wake, void *owner)
{
	*queue = (struct queue){.wake = wake, .owner = owner};
	queue->last = &queue->first;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->filled, NULL);
}

void
queue_fini(struct queue *queue)
{
	pthread_cond_destroy(&queue->filled);
	pthread_mutex_destroy(&queue->lock);
}

void
queue_put(struct queue *queue, struct queue_link *link)
{
	link->next = NULL;
	pthread_mutex_lock(&queue->lock);
	*queue->last = link;
	queue->last = &link->next;
	queue->count++;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
	if (queue->wake != NULL)
		queue->wake(queue->owner);
}

static struct queue_link *
unlink_first(struct queue *queue)
{
	struct queue_link *link = queue->first;

	if (link != NULL) {
		queue->first = link->next;
		if (queue->first == NULL)
			queue->last = &queue->first;
		queue->count--;
	}
	return link;
}

struct queue_link *
queue_take(struct queue *queue)
{
	struct queue_link *link;

	pthread_mutex_lock(&queue->lock);
	while (queue->first == NULL && !queue->closed)
		pthread_cond_wait(&queue->filled, &queue->lock);
	link = unlink_first(queue);
	pthread_mutex_unlock(&queue->lock);
	return link;
}

struct queue_link *
queue_try(struct queue *queue)
{
	struct queue_link *link;

	pthread_mutex_lock(&queue->lock);
	link = unlink_first(queue);
	pthread_mutex_unlock(&queue->lock);
	return link;
}

size_t
queue_count(struct queue *queue)
{
	size_t count;

	pthread_mutex_lock(&queue->lock);
	count = queue->count;
	pthread_mutex_unlock(&queue->lock);
	return count;
}

void
queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_broadcast(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}
