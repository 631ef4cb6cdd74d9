/* The bounded queue between a reader thread and a writer thread. One lock guards everything; the eventfd only tells pollers.
   Invariant: while items wait, or the queue is closed, the eventfd is readable, or will be at once: who woke up with the lock still held would only wait for it.
   Without items it is readable until somebody has found none. */
#include "core/base/queue.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/alloc.h"

struct item {
	void *value;
	struct item *next;
};

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t room;
	struct item *first, **end;
	size_t outstanding;	/* bytes waiting and in flight */
	size_t max_bytes;
	bool waits;		/* somebody, for room for `wanted` */
	size_t wanted;
	int fd;
	bool closed;
	bool told;		/* by the eventfd; since it was last read */
};

struct queue *queue_new(size_t max_bytes)
{
	struct queue *q = x_calloc(1, sizeof *q);

	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->room, NULL);
	q->end = &q->first;
	q->max_bytes = max_bytes;
	q->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->fd < 0)
		queue_free(&q, NULL);
	return q;
}

static void signal_fd(struct queue *q)
{
	uint64_t one = 1;
	ssize_t told = write(q->fd, &one, sizeof one);

	(void)told;
}

/* What is not there to be read yet is still on its way. */
static void quiet_fd(struct queue *q)
{
	uint64_t count;

	if (q->told && !q->closed)
		q->told = read(q->fd, &count, sizeof count) < 0;
}

/* The lock is held; it is given back. */
static void tell(struct queue *q)
{
	bool told = q->told;

	q->told = true;
	pthread_mutex_unlock(&q->lock);
	if (!told)
		signal_fd(q);
}

/* 200 mails may be 2 MB or 7 GB. One mail larger than the whole budget may pass alone. */
static bool has_room(const struct queue *q, size_t bytes)
{
	return q->outstanding == 0 || (q->outstanding <= q->max_bytes && bytes <= q->max_bytes - q->outstanding);
}

int queue_put(struct queue *q, void *item, size_t bytes)
{
	struct item *link = x_calloc(1, sizeof *link);

	link->value = item;
	pthread_mutex_lock(&q->lock);
	while (!q->closed && !has_room(q, bytes)) {
		q->waits = true;
		q->wanted = bytes;
		pthread_cond_wait(&q->room, &q->lock);
	}
	q->waits = false;
	if (q->closed) {
		pthread_mutex_unlock(&q->lock);
		free(link);
		return -1;
	}
	*q->end = link;
	q->end = &link->next;
	q->outstanding += bytes;
	tell(q);
	return 0;
}

int queue_put_first(struct queue *q, void *item)
{
	struct item *link = x_calloc(1, sizeof *link);

	link->value = item;
	pthread_mutex_lock(&q->lock);
	if (q->closed) {
		pthread_mutex_unlock(&q->lock);
		free(link);
		return -1;
	}
	if (!q->first)
		q->end = &link->next;
	link->next = q->first;
	q->first = link;
	tell(q);
	return 0;
}

void *queue_take(struct queue *q)
{
	void *value = NULL;

	pthread_mutex_lock(&q->lock);

	struct item *link = q->first;

	if (link) {
		value = link->value;
		q->first = link->next;
		if (!q->first)
			q->end = &q->first;
	} else {
		quiet_fd(q);
	}
	pthread_mutex_unlock(&q->lock);
	free(link);
	return value;
}

void queue_done(struct queue *q, size_t bytes)
{
	pthread_mutex_lock(&q->lock);
	q->outstanding -= bytes < q->outstanding ? bytes : q->outstanding;
	if (q->waits && has_room(q, q->wanted))
		pthread_cond_signal(&q->room);
	pthread_mutex_unlock(&q->lock);
}

int queue_fd(const struct queue *q)
{
	return q->fd;
}

void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	if (!q->closed) {
		q->closed = true;
		signal_fd(q);
	}
	pthread_cond_broadcast(&q->room);
	pthread_mutex_unlock(&q->lock);
}

bool queue_closed(struct queue *q)
{
	pthread_mutex_lock(&q->lock);

	bool closed = q->closed;

	pthread_mutex_unlock(&q->lock);
	return closed;
}

void queue_free(struct queue **queue, void (*drop)(void *item))
{
	struct queue *q = *queue;

	if (!q)
		return;
	while (q->first) {
		struct item *link = q->first;

		q->first = link->next;
		if (drop)
			drop(link->value);
		free(link);
	}
	if (q->fd >= 0)
		close(q->fd);
	pthread_cond_destroy(&q->room);
	pthread_mutex_destroy(&q->lock);
	free(q);
	*queue = NULL;
}
