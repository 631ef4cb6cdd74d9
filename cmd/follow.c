/* status --follow: the table of `status`, drawn again until the run that is at work has ended. It reads the state only; the run does not notice. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/clock.h"
#include "core/report/report.h"

#define DRAW_MS 1000
#define LINE_MS 10000
#define SCREEN_ROWS 24

struct follow {
	const struct options *options;
	const struct job *job;
	struct store *store;
	bool terminal;
	unsigned drawn;		/* lines on the screen that are ours */
	int64_t next;		/* elsewhere: not before, clock_ms */
};

/* The table now. running: the run `watched` (0: whichever is the newest, then set) is still at work. */
static int look(const struct follow *f, int64_t *watched, bool *running, struct buf *out, struct error *err)
{
	struct run run;
	struct report *report = NULL;
	/* asked first: a run that ends in between has ended in what is read then */
	bool used = store_in_use(f->job->state);
	int found = store_run_newest(f->store, true, &run, err);
	*running = false;
	if (found == 0)
		buf_adds(out, _("Nothing has been moved yet.\n"));
	if (found <= 0)
		return found;
	if (report_make(&report, f->store, &run, err) < 0)
		return -1;
	bool at_work = used && run.finished == 0;
	report_choose(report, f->job, f->options->accounts);
	report->job = f->options->word;
	report_status(report, at_work, out);
	report_free(&report);
	*running = at_work && (*watched == 0 || *watched == run.id);
	*watched = *watched ? *watched : run.id;
	return 0;
}

static unsigned screen_rows(void)
{
	struct winsize size;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 3 ? size.ws_row : SCREEN_ROWS;
}

/* One line of the table, over what stood there. */
static const char *draw_line(struct buf *out, const char *at)
{
	size_t len = strcspn(at, "\n");
	buf_add(out, at, len);
	buf_adds(out, "\033[K\n");
	return at + len + (at[len] == '\n');
}

/* In one write, from the first line that is ours, so that nothing flickers; what does not fit the screen is left out before the last line, the sum. */
static int draw(struct follow *f, const struct buf *table)
{
	struct buf out = { 0 };
	unsigned lines = 0, room = screen_rows() - 1, line = 0;
	for (size_t i = 0; i < table->len; i++)
		lines += table->data[i] == '\n';
	buf_adds(&out, "\033[?7l"); /* a line that is too long is cut, not wrapped */
	if (f->drawn > 0)
		buf_addf(&out, "\r\033[%uA", f->drawn);
	f->drawn = 0;
	for (const char *at = table->data; *at; line++) {
		bool shown = lines <= room || line + 2 < room || line + 1 == lines;
		if (shown) {
			at = draw_line(&out, at);
			f->drawn++;
		} else {
			at += strcspn(at, "\n") + 1;
		}
	}
	buf_adds(&out, "\033[J\033[?7h");
	int status = print(&out);
	buf_free(&out);
	return status;
}

/* Elsewhere: the sum alone, with the time, now and then; the table when it is over. */
static int add_line(struct follow *f, const struct buf *table, bool running)
{
	struct buf out = { 0 };
	char now[21];
	size_t last = table->len - 1;
	if (running && clock_ms() < f->next)
		return 0;
	f->next = clock_ms() + LINE_MS;
	while (last > 0 && table->data[last - 1] != '\n')
		last--;
	clock_utc(now, clock_now());
	if (running)
		buf_addf(&out, "%s  %s", now, table->data + last);
	else
		buf_adds(&out, table->data);
	int status = print(&out);
	buf_free(&out);
	return status;
}

static int turn(struct follow *f, int64_t *watched, bool *running)
{
	struct error err = { 0 };
	struct buf table = { 0 };
	int status = look(f, watched, running, &table, &err) < 0 ? fail(&err) : f->terminal ? draw(f, &table) : add_line(f, &table, *running);
	buf_free(&table);
	return status;
}

int follow_status(const struct options *options, const struct job *job, struct store *store)
{
	const char *term = getenv("TERM");
	struct follow f = { .options = options, .job = job, .store = store };
	struct cancel stop;
	int64_t watched = 0;
	bool running = true;
	int status = 0;
	f.terminal = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
	cancel_init(&stop);
	catch_signals(&stop);
	while (status == 0 && running) {
		status = turn(&f, &watched, &running);
		if (status == 0 && running && cancel_sleep(&stop, DRAW_MS) < 0)
			status = 128 + caught_signal();
	}
	return status;
}
