/* A limit of bytes a second that several threads keep together. */
#ifndef BASE_PACE_H
#define BASE_PACE_H

#include <pthread.h>
#include <stdint.h>

struct pace {
	pthread_mutex_t lock;
	uint64_t rate;		/* bytes a second */
	int64_t due_ns;		/* when all that was taken has had its time; 0: nothing was */
};

/* Nobody waits longer at once: the other end must not believe us gone. */
#define PACE_WAIT_MS 20000

/* rate: more than 0. */
void pace_init(struct pace *p, uint64_t rate);
/* So many bytes have passed, at now_ms (clock_ms): how many milliseconds the caller has to wait before it takes more, at most PACE_WAIT_MS. What is owed beyond that
   stays owed: the limit holds as long as all that take at the same time take less than that is worth. */
int64_t pace_take(struct pace *p, uint64_t bytes, int64_t now_ms);
void pace_free(struct pace *p);

#endif
