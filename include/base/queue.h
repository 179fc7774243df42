/*
 * queue - hands things from one thread to another, first in, first out.
 *
 * Unbounded: what travels is bounded by the credit of whoever fills it. The
 * thing carries its own link, so nothing is allocated.
 */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct queue_link {
	struct queue_link *next;
};

/* Called after each put, from the putting thread: an event loop's reader has
 * itself woken by it. */
typedef void queue_wake_fn(void *owner);

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct queue_link *first, **last;
	size_t count;
	bool closed;
	queue_wake_fn *wake;
	void *owner;
};

void queue_init(struct queue *, queue_wake_fn *wake, void *owner); /* wake may be NULL */
void queue_fini(struct queue *);                                   /* must be empty */

void queue_put(struct queue *, struct queue_link *);

/* Waits for the next; NULL once the queue is closed and empty. */
struct queue_link *queue_take(struct queue *);

/* The next or NULL, without waiting. */
struct queue_link *queue_try(struct queue *);

size_t queue_count(struct queue *);

/* Nothing more is put; those who wait come back when it is empty. */
void queue_close(struct queue *);
