/* Plain progress lines on stderr, from the flow's counters. */
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/flow/flow.h"

#define FIRST_MS 2000
#define EVERY_MS 5000

struct progress {
	const struct flow_count *count;
	int64_t began, next;
};

struct progress *progress_new(const struct options *options, const struct flow_count *count)
{
	if (options->progress == PROGRESS_NONE || options->quiet)
		return NULL;
	struct progress *p = x_calloc(1, sizeof *p);
	p->count = count;
	p->began = clock_ms();
	p->next = p->began + FIRST_MS;
	return p;
}

void progress_tick(void *pointer)
{
	struct progress *p = pointer;
	int64_t now = clock_ms();
	if (!p || now < p->next)
		return;
	double seconds = (double)(now - p->began) / 1000, megabytes = (double)atomic_load(&p->count->bytes) / 1e6;
	fprintf(stderr, "%4.0f s  copied %llu messages, %.1f MB (%.1f MB/s)  compared %llu of %llu\n", seconds, atomic_load(&p->count->messages), megabytes,
		megabytes / seconds, atomic_load(&p->count->checked), atomic_load(&p->count->listed));
	p->next = now + EVERY_MS;
}

void progress_free(struct progress **p)
{
	free(*p);
	*p = NULL;
}
