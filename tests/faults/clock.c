/* A wall clock that is wrong, or becomes so. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

static long off;
static int64_t from_ms;

static int64_t monotonic_ms(void)
{
	struct timespec now;
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((constructor)) static void read_wish(void)
{
	const char *wish = getenv("FAULTS_CLOCK"), *at = wish ? strchr(wish, '@') : NULL;
	off = wish ? strtol(wish, NULL, 10) : 0;
	from_ms = monotonic_ms() + (at ? strtol(at + 1, NULL, 10) : 0);
}

SHOWN int clock_gettime(clockid_t which, struct timespec *out)
{
	int ok = (int)syscall(SYS_clock_gettime, which, out);
	if (ok == 0 && off && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE) && monotonic_ms() >= from_ms)
		out->tv_sec += off;
	return ok;
}

SHOWN time_t time(time_t *out)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}

SHOWN int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec now;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	out->tv_sec = now.tv_sec;
	out->tv_usec = now.tv_nsec / 1000;
	return 0;
}
