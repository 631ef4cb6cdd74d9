/* A flag that also wakes whoever polls: an eventfd that becomes readable once and stays so. */
#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct cancel {
	int fd;			/* poll for POLLIN */
	atomic_bool fired;
};

/* Returns -1 with errno when no descriptor is left. */
int cancel_init(struct cancel *c);
/* May be called from any thread and from a signal handler. */
void cancel_fire(struct cancel *c);
bool cancel_fired(const struct cancel *c);
/* Makes it usable again. Nobody may be waiting. */
void cancel_reset(struct cancel *c);
void cancel_free(struct cancel *c);
/* Sleeps for ms; returns -1 as soon as it fires. */
int cancel_sleep(const struct cancel *c, int64_t ms);

#endif
