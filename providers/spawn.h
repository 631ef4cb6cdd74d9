/* One program run for one line of its output: password_command and token_command. */
#ifndef PROVIDERS_SPAWN_H
#define PROVIDERS_SPAWN_H

#include <stdint.h>

#include "core/base/cancel.h"
#include "core/base/error.h"

#define SPAWN_LINE_MAX 4096	/* bytes of a secret */

struct spawn {
	char *const *argv;		/* no shell; the first is looked for in PATH unless it has a slash; NULL at the end */
	const char *dir;		/* where it runs, and what a relative program is relative to */
	const char *what;		/* for errors: "the password_command of mario's source" */
	int64_t limit_ms;
	const struct cancel *cancel;	/* NULL: nothing stops it but the limit */
};

/* Runs it in a process group of its own, without standard input, until it ends; *line is the first line of its standard output
   without the line end, the caller's, and a secret (secrets_wipe). What it says on standard error is cleaned and becomes part of the
   error when it fails. Errors: ERR_LOGIN (not found, any status but 0 and 75, no line, one that no password can be), ERR_RETRY
   (status 75, EX_TEMPFAIL of sysexits.h; no memory or process to be had; the limit), ERR_CANCELLED; after the last two the whole group is killed. */
int spawn_line(char **line, const struct spawn *spawn, struct error *err);

#endif
