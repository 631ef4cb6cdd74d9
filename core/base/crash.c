/* Crash points. Everything here is gone in a release build. */
#include "core/base/crash.h"

#ifdef TRASLOCO_CRASH_POINTS
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void crash_point(const char *name)
{
	/* Several threads pass here; the count is the only thing they share. */
	static atomic_long passes;
	const char *wish = getenv("TRASLOCO_CRASH");

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
