/* The flag that wakes pollers. */
#include "core/base/cancel.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/clock.h"

int cancel_init(struct cancel *c)
{
	atomic_init(&c->fired, false);
	c->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return c->fd < 0 ? -1 : 0;
}

/* Only an atomic store and write(2): both are allowed in a signal handler. errno is the interrupted code's. */
void cancel_fire(struct cancel *c)
{
	int saved = errno;
	uint64_t one = 1;

	atomic_store(&c->fired, true);

	/* A full counter is readable already. */
	ssize_t told = write(c->fd, &one, sizeof one);

	(void)told;
	errno = saved;
}

bool cancel_fired(const struct cancel *c)
{
	return atomic_load(&c->fired);
}

void cancel_reset(struct cancel *c)
{
	uint64_t count;
	ssize_t got = read(c->fd, &count, sizeof count);

	(void)got;
	atomic_store(&c->fired, false);
}

void cancel_free(struct cancel *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

int cancel_sleep(const struct cancel *c, int64_t ms)
{
	struct pollfd poller = { .fd = c->fd, .events = POLLIN };
	int64_t end = clock_ms() + (ms > 0 ? ms : 0);

	for (;;) {
		if (cancel_fired(c))
			return -1;

		int64_t left = end - clock_ms();

		if (left <= 0)
			return 0;
		/* An interrupted poll just looks again; a signal's handler may have fired. */
		poll(&poller, 1, left > INT_MAX ? INT_MAX : (int)left);
	}
}
