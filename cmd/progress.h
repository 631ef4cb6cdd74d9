/* The parts of the progress display. All of it goes to standard error. */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <pthread.h>

#include "cmd/bar.h"
#include "cmd/cmd.h"
#include "cmd/rate.h"

struct progress {
	enum progress_kind kind;		/* BAR, PLAIN or JSON */
	const char *command;
	struct flow_count *count;
	struct flow_account *account;		/* the flow writes them */
	struct bar_view view;			/* as of the last look */
	struct bar_row *row;			/* of view */
	bool *told;				/* account by account: its end was told */
	int *stage;				/* JSON: the stage that was told */
	uint64_t *steps;			/* JSON: what was told of it */
	struct rate rate;
	int64_t began, next, figured;		/* clock_ms; when rate and time left were worked out */
	/* under the lock: log lines and events come from other threads */
	pthread_mutex_t lock;
	bool stuck;				/* nobody reads: nothing waits for it any more */
	struct buf last;			/* BAR: what stands on the screen */
	unsigned last_columns;
	bool ended;
	FILE *log;
	char log_buffer[BUFSIZ];			/* the log's own: or the first thread that logs would make it */
};

/* The counters as they are now, into progress->view. */
void progress_look(struct progress *progress, int64_t now);
/* All of it, or nothing when standard error can't take it: a reader that has stopped reading holds the move up for at most a second, once. Whole lines
   only. The lock is held. */
void progress_write(struct progress *progress, const struct buf *text);

/* progress_bar.c. Redraws when something has changed; takes the bar off the screen (the lock is held). */
void progress_bar_start(void);
void progress_bar_tick(struct progress *progress);
void progress_bar_erase(struct progress *progress);

/* progress_plain.c */
void progress_plain_tick(struct progress *progress, int64_t now);
void progress_plain_end(struct progress *progress);

/* progress_json.c. status -1: the run could not begin. */
void progress_json_start(struct progress *progress, size_t accounts);
void progress_json_tick(struct progress *progress, int64_t now);
void progress_json_end(struct progress *progress, int status);
void progress_json_folder(struct progress *progress, const char *account, const char *source, const char *target, bool done);
void progress_json_problem(struct progress *progress, const char *account, const char *folder, const struct problem *problem);

#endif
