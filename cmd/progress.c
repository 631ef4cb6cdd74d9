/* What a run shows while it is at work: which form, and the counters it is made from. */
#include "cmd/progress.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"

#define FIRST_MS 2000		/* plain: short runs say nothing */
#define STUCK_MS 1000
#define FIGURES_MS 1000

static bool can_draw(void)
{
	const char *term = getenv("TERM");
	return isatty(STDERR_FILENO) && term && term[0] && strcmp(term, "dumb") != 0;
}

static bool colours(void)
{
	const char *no = getenv("NO_COLOR");
	return !no || !no[0];
}

/* The bar only where it can be drawn, asked for or not. */
static enum progress_kind kind_of(const struct options *options)
{
	enum progress_kind kind = options->quiet ? PROGRESS_NONE : options->progress;
	if (kind == PROGRESS_AUTO || kind == PROGRESS_BAR)
		return can_draw() ? PROGRESS_BAR : PROGRESS_PLAIN;
	return kind;
}

static size_t accounts_asked(const struct job *job, const char *const *only)
{
	size_t count = 0;
	for (size_t i = 0; i < job->accounts; i++)
		count += account_asked(only, job->account[i].name);
	return count;
}

struct progress *progress_new(const struct options *options, const struct job *job, const char *const *only, struct flow_count *count)
{
	enum progress_kind kind = kind_of(options);
	if (kind == PROGRESS_NONE)
		return NULL;
	struct progress *p = x_calloc(1, sizeof *p);
	p->kind = kind;
	p->command = options->command;
	p->count = count;
	p->account = count->account = x_calloc(job->accounts + 1, sizeof *p->account);
	p->row = x_calloc(job->accounts + 1, sizeof *p->row);
	p->told = x_calloc(job->accounts + 1, sizeof *p->told);
	p->stage = x_calloc(job->accounts + 1, sizeof *p->stage);
	p->steps = x_calloc(job->accounts + 2, sizeof *p->steps);
	p->view.row = p->row;
	p->view.copies = strcmp(options->command, "run") == 0;
	p->view.checks = strcmp(options->command, "plan") != 0 && !options->no_verify;
	p->view.colour = colours();
	p->view.rate = p->view.left = -1;
	p->began = clock_ms();
	p->next = p->began + (kind == PROGRESS_PLAIN ? FIRST_MS : 0);
	pthread_mutex_init(&p->lock, NULL);
	if (kind == PROGRESS_BAR)
		progress_bar_start();
	if (kind == PROGRESS_JSON)
		progress_json_start(p, accounts_asked(job, only));
	return p;
}

void progress_look(struct progress *p, int64_t now)
{
	p->view.rows = p->count->accounts;
	for (size_t i = 0; i < p->view.rows; i++) {
		struct flow_account *a = &p->account[i];
		p->row[i] = (struct bar_row){ a->name, flow_stage_of(a), atomic_load(&a->messages), atomic_load(&a->bytes),
			atomic_load(&a->checked), atomic_load(&a->listed), atomic_load(&a->there), atomic_load(&a->left_out) };
		/* what is looked at twice was counted twice */
		if (p->row[i].checked > p->row[i].listed)
			p->row[i].checked = p->row[i].listed;
	}
	struct bar_row total = bar_total(&p->view);
	struct rate_sample sample = { now, total.bytes, bar_steps(&p->view, &total) };
	if (total.listed > 0) /* reading the lists of folders is not what the rate is about */
		rate_add(&p->rate, &sample);
	if (now < p->figured + FIGURES_MS)
		return; /* digits that nobody can read */
	p->figured = now;
	p->view.rate = rate_bytes(&p->rate, &sample);
	p->view.left = bar_all_listed(&p->view) ? rate_left(&p->rate, &sample, bar_steps_left(&p->view, &total)) : -1;
}

void progress_write(struct progress *p, const struct buf *text)
{
	for (size_t at = 0; at < text->len;) {
		struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };
		/* begun lines are finished */
		int ready = poll(&fd, 1, p->stuck && at == 0 ? 0 : STUCK_MS);
		if (ready < 0 && errno == EINTR)
			continue;
		p->stuck = ready <= 0 || !(fd.revents & POLLOUT);
		if (p->stuck)
			return;
		/* a pipe that is ready takes PIPE_BUF bytes without waiting */
		size_t piece = text->len - at < 4096 ? text->len - at : 4096;
		ssize_t done = write(STDERR_FILENO, text->data + at, piece);
		if (done < 0 && errno != EINTR && errno != EAGAIN)
			return;
		at += done > 0 ? (size_t)done : 0;
	}
}

void progress_tick(void *pointer)
{
	struct progress *p = pointer;
	if (!p)
		return;
	int64_t now = clock_ms();
	progress_look(p, now);
	pthread_mutex_lock(&p->lock);
	if (p->kind == PROGRESS_BAR)
		progress_bar_tick(p);
	else if (p->kind == PROGRESS_PLAIN)
		progress_plain_tick(p, now);
	else
		progress_json_tick(p, now);
	pthread_mutex_unlock(&p->lock);
}

void progress_folder(void *pointer, const char *account, const char *source, const char *target, bool done)
{
	struct progress *p = pointer;
	if (p && p->kind == PROGRESS_JSON)
		progress_json_folder(p, account, source, target, done);
}

void progress_problem(void *pointer, const char *account, const char *folder, const struct problem *problem)
{
	struct progress *p = pointer;
	if (p && p->kind == PROGRESS_JSON)
		progress_json_problem(p, account, folder, problem);
}

void progress_end(struct progress *p, int status)
{
	if (!p || p->ended)
		return;
	progress_look(p, clock_ms());
	pthread_mutex_lock(&p->lock);
	p->ended = true;
	if (p->kind == PROGRESS_BAR)
		progress_bar_erase(p);
	else if (p->kind == PROGRESS_PLAIN)
		progress_plain_end(p);
	else
		progress_json_end(p, status);
	pthread_mutex_unlock(&p->lock);
}

/* ---- lines of others ---- */

static ssize_t write_log(void *cookie, const char *data, size_t len)
{
	struct progress *p = cookie;
	struct buf line = { 0 };
	buf_add(&line, data, len);
	pthread_mutex_lock(&p->lock);
	progress_bar_erase(p);
	progress_write(p, &line);
	pthread_mutex_unlock(&p->lock);
	buf_free(&line);
	return (ssize_t)len; /* what a screen can't take is not worth a broken stream */
}

FILE *progress_log(struct progress *p, FILE *out)
{
	if (!p || p->kind != PROGRESS_BAR || out != stderr)
		return out;
	p->log = fopencookie(p, "a", (cookie_io_functions_t){ .write = write_log });
	if (!p->log)
		return out;
	setvbuf(p->log, p->log_buffer, _IOFBF, sizeof(p->log_buffer));
	return p->log;
}

void progress_free(struct progress **pointer)
{
	struct progress *p = *pointer;
	*pointer = NULL;
	if (!p)
		return;
	progress_end(p, -1);
	if (p->log)
		fclose(p->log);
	p->count->account = NULL;
	pthread_mutex_destroy(&p->lock);
	buf_free(&p->last);
	free(p->account);
	free(p->row);
	free(p->told);
	free(p->stage);
	free(p->steps);
	free(p);
}
