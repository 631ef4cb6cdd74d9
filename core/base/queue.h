/* A queue between one thread that puts and one that takes, bounded in bytes. */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct queue;

/* max_bytes: what may wait in it. One item larger than the whole budget may pass alone.
   NULL when no descriptor is left. */
struct queue *queue_new(size_t max_bytes);
/* Waits for room. Returns -1 when the queue was closed; the item is then still the caller's. */
int queue_put(struct queue *q, void *item, size_t bytes);
/* In front of all that waits, at once: it needs no room of its own. Else as queue_put. */
int queue_put_first(struct queue *q, void *item);
/* The next item or NULL when there is none now. Its bytes count as waiting until queue_done: they are in flight. */
void *queue_take(struct queue *q);
/* The taker has finished with so many bytes. */
void queue_done(struct queue *q, size_t bytes);
/* Readable while something may be there to take: poll it, then queue_take until NULL. */
int queue_fd(const struct queue *q);
/* Nobody can put any more, a waiting queue_put returns -1; what is in it can still be taken. */
void queue_close(struct queue *q);
bool queue_closed(struct queue *q);
/* Nothing may be left in it but what `drop` frees. */
void queue_free(struct queue **q, void (*drop)(void *item));

#endif
