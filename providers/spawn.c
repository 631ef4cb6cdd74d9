/* Running a program for one line. Whatever it prints may be the secret, so every buffer here is wiped. */
#include "providers/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define TICK_MS 20	/* how late the end of a program may be seen whose children keep its pipes open */
#define WORDS_SHOWN 160	/* bytes of its standard error in an error of ours */

enum { CHILD_IN, CHILD_OUT, CHILD_ERR };	/* the descriptors that every program begins with */

struct heard {			/* from one pipe: the beginning; the rest is read, so that the program does not hang, and forgotten */
	int fd;			/* -1 at its end */
	size_t len;
	char data[SPAWN_LINE_MAX + 2];	/* the longest line and CR LF: a longer one shows by its length */
};

struct child {
	pid_t pid;
	struct heard out, err;
};

extern char **environ;

static void heard_close(struct heard *h)
{
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
}

static void child_free(struct child **child)
{
	if (!*child)
		return;
	heard_close(&(*child)->out);
	heard_close(&(*child)->err);
	explicit_bzero(*child, sizeof **child);
	free(*child);
	*child = NULL;
}

/* ---- starting ---- */

static void prepare_actions(posix_spawn_file_actions_t *actions, const struct spawn *s, int out, int err)
{
	posix_spawn_file_actions_init(actions);
	posix_spawn_file_actions_addopen(actions, CHILD_IN, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(actions, out, CHILD_OUT);
	posix_spawn_file_actions_adddup2(actions, err, CHILD_ERR);
	posix_spawn_file_actions_addclosefrom_np(actions, CHILD_ERR + 1);
	posix_spawn_file_actions_addchdir_np(actions, s->dir);
}

/* A group of its own, so that it can be stopped with all it has started; signals as a program expects them: ours ignores SIGPIPE. */
static void prepare_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, usual;
	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	posix_spawnattr_init(attributes);
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &usual);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* 0 or an errno. */
static int launch(struct child *c, const struct spawn *s, int out, int err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	prepare_actions(&actions, s, out, err);
	prepare_attributes(&attributes);
	int wrong = posix_spawnp(&c->pid, s->argv[0], &actions, &attributes, s->argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return wrong;
}

static int not_started(const struct spawn *s, int wrong, struct error *err)
{
	char program[96];
	text_clean(program, sizeof program, s->argv[0], strlen(s->argv[0]));
	if (wrong == EAGAIN || wrong == ENOMEM || wrong == EMFILE || wrong == ENFILE)
		return error_set(err, ERR_RETRY, "%s could not be started: %s", s->what, strerrordesc_np(wrong));
	if (wrong == ENOENT)
		return error_set(err, ERR_LOGIN, "%s: there is no program %s", s->what, program);
	return error_set(err, ERR_LOGIN, "%s: the program %s can't be started: %s", s->what, program, strerrordesc_np(wrong));
}

static int start(struct child *c, const struct spawn *s, struct error *err)
{
	int out[2], errors[2];
	if (pipe2(out, O_CLOEXEC) < 0)
		return not_started(s, errno, err);
	c->out.fd = out[0];
	if (pipe2(errors, O_CLOEXEC) < 0) {
		int wrong = errno;
		close(out[1]);
		return not_started(s, wrong, err);
	}
	c->err.fd = errors[0];
	/* Reading never blocks: a child of the child may keep the pipe open for ever. */
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(errors[0], F_SETFL, O_NONBLOCK);
	int wrong = launch(c, s, out[1], errors[1]);
	close(out[1]);
	close(errors[1]);
	return wrong ? not_started(s, wrong, err) : 0;
}

/* ---- listening ---- */

/* Takes what is there. A pipe that is never empty must not hold us: the caller looks at the clock between two chunks. */
static void listen_once(struct heard *h)
{
	char chunk[SPAWN_LINE_MAX];
	ssize_t got = h->fd < 0 ? -1 : read(h->fd, chunk, sizeof chunk);
	if (h->fd < 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	if (got <= 0) {
		heard_close(h);
		return;
	}
	size_t room = sizeof h->data - h->len, len = (size_t)got < room ? (size_t)got : room;
	memcpy(h->data + h->len, chunk, len);
	h->len += len;
	explicit_bzero(chunk, sizeof chunk);
}

/* The end of what an ended program has written: a pipe holds 64 KB, and of more than our buffer nothing is wanted. */
static void listen_rest(struct heard *h)
{
	size_t before;
	do {
		before = h->len;
		listen_once(h);
	} while (h->fd >= 0 && h->len > before);
}

static void wait_a_tick(struct child *c, const struct cancel *cancel)
{
	struct pollfd fds[3] = {
		{ .fd = c->out.fd, .events = POLLIN },
		{ .fd = c->err.fd, .events = POLLIN },
		{ .fd = cancel ? cancel->fd : -1, .events = POLLIN },
	};
	poll(fds, 3, TICK_MS);
}

static int stop(struct child *c, int *status)
{
	kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, status, 0) < 0 && errno == EINTR)
		;
	return -1;
}

/* Until it ends: 0 and its wait status. */
static int follow(struct child *c, const struct spawn *s, int *status, struct error *err)
{
	int64_t end = clock_ms() + s->limit_ms;
	for (;;) {
		if (waitpid(c->pid, status, WNOHANG) == c->pid) {
			listen_rest(&c->out);
			listen_rest(&c->err);
			return 0;
		}
		if (s->cancel && cancel_fired(s->cancel)) {
			error_set(err, ERR_CANCELLED, "%s: stopped", s->what);
			return stop(c, status);
		}
		if (clock_ms() >= end) {
			error_set(err, ERR_RETRY, "%s took longer than %lld s and was stopped", s->what, (long long)((s->limit_ms + 999) / 1000));
			return stop(c, status);
		}
		wait_a_tick(c, s->cancel);
		listen_once(&c->out);
		listen_once(&c->err);
	}
}

/* ---- the answer ---- */

/* The first line's length, without its end. */
static size_t line_length(const struct heard *h)
{
	const char *end = memchr(h->data, '\n', h->len);
	size_t len = end ? (size_t)(end - h->data) : h->len;
	return len > 0 && h->data[len - 1] == '\r' ? len - 1 : len;
}

/* Some programs repeat on standard error what they print: then their words are not for showing. */
static bool tells_secret(const struct child *c)
{
	size_t len = line_length(&c->out);
	return len > 0 && memmem(c->err.data, c->err.len, c->out.data, len) != NULL;
}

static int failed(const struct child *c, const struct spawn *s, int status, struct error *err)
{
	char words[WORDS_SHOWN] = "";
	size_t len = c->err.len;
	while (len > 0 && strchr(" \t\r\n", c->err.data[len - 1]))
		len--;
	if (!tells_secret(c))
		text_clean(words, sizeof words, c->err.data, len);
	const char *colon = *words ? ": " : "";
	if (WIFSIGNALED(status)) {
		const char *name = sigdescr_np(WTERMSIG(status));
		return error_set(err, ERR_LOGIN, "%s was ended by a signal (%s)%s%s", s->what, name ? name : "unknown", colon, words);
	}
	if (WEXITSTATUS(status) == EX_TEMPFAIL)
		return error_set(err, ERR_RETRY, "%s says that it can't do it now (status 75)%s%s", s->what, colon, words);
	return error_set(err, ERR_LOGIN, "%s ended with status %d%s%s", s->what, WEXITSTATUS(status), colon, words);
}

static int take_line(char **line, const struct child *c, const struct spawn *s, struct error *err)
{
	size_t len = line_length(&c->out);
	const char *wrong = NULL;
	if (len == 0)
		wrong = "printed nothing on its first line";
	else if (len > SPAWN_LINE_MAX)
		wrong = "printed a first line longer than 4,096 bytes";
	else if (memchr(c->out.data, '\0', len) || memchr(c->out.data, '\r', len))
		wrong = "printed a first line with a byte that no password can hold (NUL or CR)";
	if (wrong)
		return error_set(err, ERR_LOGIN, "%s %s", s->what, wrong);
	*line = x_strndup(c->out.data, len);
	return 0;
}

int spawn_line(char **line, const struct spawn *spawn, struct error *err)
{
	CLEANUP(child_free) struct child *c = x_calloc(1, sizeof *c);
	int status;
	*line = NULL;
	c->out.fd = c->err.fd = -1;
	if (start(c, spawn, err) < 0 || follow(c, spawn, &status, err) < 0)
		return -1;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return failed(c, spawn, status, err);
	return take_line(line, c, spawn, err);
}
