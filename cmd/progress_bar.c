/* The bar on a terminal: drawn over itself, in one write, and gone when the run has ended. The cursor rests below it, so that a run that is stopped dead
   leaves a whole picture and the shell's prompt in its own line. */
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/progress.h"

#define COLUMNS 80
#define LINES 24

/* After Ctrl-Z and fg the shell has written below what we drew: that is left alone, and the bar begins anew. A handler can be told nothing. */
static atomic_bool continued;	/* the handler runs in any thread */

static void on_continue(int number)
{
	(void)number;
	atomic_store(&continued, true);
}

void progress_bar_start(void)
{
	struct sigaction action = { .sa_handler = on_continue, .sa_flags = SA_RESTART };
	sigaction(SIGCONT, &action, NULL);
}

static void look_at_screen(struct bar_view *view)
{
	struct winsize size;
	bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
	view->columns = known ? size.ws_col : COLUMNS;
	view->lines = known ? size.ws_row : LINES;
}

/* Rows that the last picture takes now: a terminal that was made narrower has broken its lines, as one that was made wider has not joined any. */
static unsigned rows_taken(const struct buf *last, unsigned columns)
{
	unsigned rows = 0;
	for (const char *at = last->data; at && *at;) {
		size_t len = strcspn(at, "\n"), wide = bar_columns(at, len);
		rows += wide > columns ? (unsigned)((wide + columns - 1) / columns) : 1;
		at += len + (at[len] == '\n');
	}
	return rows;
}

/* To the first line of what stands there. */
static void go_up(struct buf *out, const struct progress *p)
{
	unsigned rows = rows_taken(&p->last, p->view.columns);
	buf_addc(out, '\r');
	if (rows > 0)
		buf_addf(out, "\033[%uA", rows);
}

/* Each line over the one before it, what is left of that cleared behind it: nothing is ever blank in between. */
static void add_picture(struct buf *out, const struct buf *lines)
{
	buf_adds(out, "\033[?7l"); /* should a character be wider than we think, the line is cut, not wrapped */
	for (const char *at = lines->data; *at;) {
		size_t len = strcspn(at, "\n");
		buf_add(out, at, len);
		buf_adds(out, "\033[K\n");
		at += len + (at[len] == '\n');
	}
	buf_adds(out, "\033[J\033[?7h");
}

static bool in_background(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);
	return group > 0 && group != getpgrp();
}

void progress_bar_tick(struct progress *p)
{
	struct buf lines = { 0 }, out = { 0 };
	if (in_background())
		return;
	if (atomic_exchange(&continued, false))
		buf_reset(&p->last);
	look_at_screen(&p->view);
	bar_lines(&lines, &p->view);
	bool same_size = p->view.columns == p->last_columns;
	if (!same_size || p->last.len != lines.len || memcmp(p->last.data, lines.data, lines.len) != 0) {
		go_up(&out, p);
		if (!same_size)
			buf_adds(&out, "\033[J");
		add_picture(&out, &lines);
		progress_write(p, &out);
		if (!p->stuck) {
			buf_reset(&p->last);
			buf_add(&p->last, lines.data, lines.len);
			p->last_columns = p->view.columns;
		}
	}
	buf_free(&out);
	buf_free(&lines);
}

void progress_bar_erase(struct progress *p)
{
	struct buf out = { 0 };
	if (p->last.len == 0)
		return;
	if (!atomic_load(&continued) && !in_background()) {
		look_at_screen(&p->view);
		go_up(&out, p);
		buf_adds(&out, "\033[J");
		progress_write(p, &out);
	}
	buf_reset(&p->last);
	buf_free(&out);
}
