/* One error type, handed up explicitly. The class decides what happens; nobody reads the text to decide. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

enum error_class {
	ERR_NONE,
	ERR_RETRY,	/* temporary: connection lost, time-out, [UNAVAILABLE]; the lane tries again */
	ERR_THROTTLED,	/* the server wants us slower; wait_ms is what it asked for, 0 if it did not say */
	ERR_LOGIN,	/* the server refused user or password */
	ERR_TLS,	/* certificate, host name, STARTTLS, no encryption where it is required */
	ERR_QUOTA,	/* the target is full */
	ERR_MESSAGE,	/* this message only */
	ERR_FOLDER,	/* this folder only: gone, renumbered, not to be opened or created */
	ERR_NAME,	/* the server makes no folder of that name, and it is a matter of the name, or may be one */
	ERR_USAGE,	/* the user has to change something: job file, state, options */
	ERR_SHRUNK_SOURCE,	/* it holds far less than before: somebody has to look */
	ERR_SHRUNK_TARGET,	/* the same of what was verified there */
	ERR_DRIFT,	/* the source is not what the plan was made for */
	ERR_BUSY,	/* another run holds the state */
	ERR_CANCELLED,	/* we were asked to stop */
	ERR_BUG		/* ours */
};

struct error {
	enum error_class class;
	unsigned wait_ms;
	bool certain;		/* ERR_LOGIN: no server said so (no secret, a command failed): nothing to try a second time, no outage. ERR_NAME: it is the name */
	char where[160];	/* "mario: INBOX.Posta inviata: append", outermost first */
	char text[320];		/* what happened; a server's words are cleaned before they come here */
};

/* Sets class and text, clears the rest. Returns -1, so that "return error_set(...)" reads well. err may be NULL. */
int error_set(struct error *err, enum error_class class, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Puts "fmt: " in front of err->where. Returns -1. */
int error_at(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "retry", "login" …; for logs. */
const char *error_class_name(enum error_class class);

#endif
