/* Crash points. Everything here is gone in a release build. */
#include "core/base/crash.h"

#ifdef TRASLOCO_CRASH_POINTS
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* One write a line: several threads pass here. */
static void list_pass(const char *name)
{
	const char *path = getenv("TRASLOCO_CRASH_LIST");

	if (!path)
		return;

	struct iovec line[] = { { (void *)(uintptr_t)name, strlen(name) }, { (void *)(uintptr_t)"\n", 1 } };
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || writev(fd, line, 2) < 0)
		abort();
	close(fd);
}

void crash_point(const char *name)
{
	/* Several threads pass here; the count is the only thing they share. */
	static atomic_long passes;
	const char *wish = getenv("TRASLOCO_CRASH");

	list_pass(name);
	if (!wish)
		return;

	size_t len = strcspn(wish, ":");
	bool any = len == 3 && memcmp(wish, "ANY", 3) == 0;

	if (!any && (strlen(name) != len || memcmp(wish, name, len) != 0))
		return;

	long nth = wish[len] == ':' ? strtol(wish + len + 1, NULL, 10) : 1;

	if (atomic_fetch_add(&passes, 1) + 1 == nth)
		raise(SIGKILL);
}
#else
/* ISO C wants something in every file. */
extern int crash_points_are_compiled_out;
#endif
