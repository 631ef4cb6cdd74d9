/* notify.command of the job: gets the report document on its standard input when a run or a verification has ended. No shell; its output goes to our
   standard error, so that ours stays what was asked for. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/clock.h"

#define LIMIT_MS 60000
#define LOOK_MS 20

extern char **environ;

/* In a process group of its own, so that Ctrl-C is ours and the time limit reaches its children. Returns 0 or an errno. */
static int start(const struct job *job, int input, pid_t *child)
{
	CLEANUP(x_free) char *folder = folder_of(job->path); /* from where relative paths in the job file are taken */
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t plain, none;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
	posix_spawn_file_actions_addchdir_np(&files, folder);
	posix_spawnattr_init(&how);
	sigemptyset(&none);
	sigemptyset(&plain);
	sigaddset(&plain, SIGPIPE); /* we ignore it; a child would inherit that */
	posix_spawnattr_setsigdefault(&how, &plain);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setpgroup(&how, 0);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	int failed = posix_spawnp(child, job->notify[0], &files, &how, job->notify, environ);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

/* Until all is written, it does not want more, or the time is over. */
static void feed(int fd, const struct buf *text, int64_t until)
{
	size_t done = 0;
	while (done < text->len && clock_ms() < until) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		if (poll(&p, 1, LOOK_MS) < 0 && errno != EINTR)
			return;
		ssize_t put = write(fd, text->data + done, text->len - done);
		if (put < 0 && errno != EAGAIN && errno != EINTR)
			return;
		done += put > 0 ? (size_t)put : 0;
	}
}

/* false: the time was over, and it was killed. */
static bool wait_for(pid_t child, int64_t until, int *how)
{
	for (;;) {
		pid_t ended = waitpid(child, how, WNOHANG);
		if (ended == child || (ended < 0 && errno != EINTR))
			return true;
		if (clock_ms() >= until)
			break;
		poll(NULL, 0, LOOK_MS);
	}
	kill(-child, SIGKILL);
	while (waitpid(child, how, 0) < 0 && errno == EINTR)
		;
	return false;
}

void notify(const struct job *job, const struct buf *document)
{
	notify_within(job, document, LIMIT_MS);
}

void notify_within(const struct job *job, const struct buf *document, int64_t limit_ms)
{
	int ends[2], how = 0;
	pid_t child;
	if (!job->notify)
		return;
	int failed = pipe2(ends, O_CLOEXEC) < 0 ? errno : 0;
	if (!failed) {
		failed = start(job, ends[0], &child);
		close(ends[0]);
		if (failed)
			close(ends[1]);
	}
	if (failed) {
		fprintf(stderr, _("trasloco: notify.command: %s can't be started: %s. The move itself is not concerned.\n"), job->notify[0], strerror(failed));
		return;
	}
	int64_t until = clock_ms() + limit_ms;
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	feed(ends[1], document, until);
	close(ends[1]);
	bool ended = wait_for(child, until, &how);
	if (!ended)
		fprintf(stderr, _("trasloco: notify.command: %s took longer than a minute and was stopped. The move itself is not concerned.\n"), job->notify[0]);
	else if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
		fprintf(stderr, _("trasloco: notify.command: %s ended with %s %d. The move itself is not concerned.\n"), job->notify[0],
			WIFEXITED(how) ? "status" : "signal", WIFEXITED(how) ? WEXITSTATUS(how) : WTERMSIG(how));
}
