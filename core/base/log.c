/* Lines of the log. */
#include "core/base/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/text.h"

static void write_line(const struct log *log, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void write_line(const struct log *log, const char *fmt, va_list ap)
{
	char now[21];
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	/* Names and words of servers stand in here, and the log is read on a terminal. */
	size_t len = strlen(text);
	CLEANUP(x_free) char *clean = x_malloc(len + 1);
	text_clean(clean, len + 1, text, len);
	clock_utc(now, clock_now());
	/* The lock keeps the line whole between threads, the flush makes it one write(2) between processes. */
	flockfile(log->out);
	fprintf(log->out, "%s %s\n", now, clean);
	fflush(log->out);
	funlockfile(log->out);
	free(text);
}

void log_line(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	if (!log || !log->out)
		return;
	va_start(ap, fmt);
	write_line(log, fmt, ap);
	va_end(ap);
}

void log_debug(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	if (!log || !log->out || !log->verbose)
		return;
	va_start(ap, fmt);
	write_line(log, fmt, ap);
	va_end(ap);
}
