/* A limit of bytes a second that several threads keep together. */
#ifndef BASE_PACE_H
#define BASE_PACE_H

#include <pthread.h>
#include <stdint.h>

struct pace {
	pthread_mutex_t lock;
	uint64_t rate;		/* bytes a second, 0: no limit */
	int64_t due_us;		/* when all that was taken has had its time */
};

void pace_init(struct pace *p, uint64_t rate);
/* So many bytes have passed: how many milliseconds the caller should wait before it takes more, at most max_ms, and at most a few times of what
   its own bytes are worth. What is owed beyond that stays owed: the next callers wait for it. */
int64_t pace_take(struct pace *p, uint64_t bytes, int64_t max_ms);
void pace_free(struct pace *p);

#endif
