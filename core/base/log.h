/* The log: one line an event, for the person who looks after the move. Lower floors write it, only cmd/ opens it. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

struct log {
	FILE *out;	/* NULL: nothing is written */
	bool verbose;	/* debug lines too */
};

/* A line "2026-11-24T10:00:00Z text". Safe from several threads. log may be NULL. Never hand it a secret or a body. */
void log_line(const struct log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const struct log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
