/* A piece of work, once for each allocation that it makes, with that one failing: in a child, which may end well or with 70 and one line. Tests that
   include this are run with the library of faults.h loaded; without it they skip themselves. */
#ifndef TESTS_FAULTS_EVERY_H
#define TESTS_FAULTS_EVERY_H

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct every {
	void (*prepare)(void *ctx);	/* in the child, before allocations count; NULL: nothing */
	void (*work)(void *ctx);	/* frees what it gets */
	void *ctx;
	long tried, ended, lived;	/* out: allocations; how many ended the program, or were survived */
};

static inline void *every_symbol(const char *name)
{
	return dlsym(RTLD_DEFAULT, name);
}

static inline bool every_possible(void)
{
	return every_symbol("faults_memory_arm") != NULL;
}

/* In the child. A leak is found by LeakSanitizer at the end, where work came back with something failed. */
static inline void every_child(const struct every *e, long nth, int told)
{
	long (*count)(void);
	void (*arm)(long, bool);
	void *found[] = { every_symbol("faults_memory_count"), every_symbol("faults_memory_arm") };
	memcpy(&count, &found[0], sizeof count);
	memcpy(&arm, &found[1], sizeof arm);
	for (int number = 1; number < 32; number++) /* cmocka would take a crash for its own test's, and go on in the child */
		signal(number, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	dup2(told, STDERR_FILENO);
	if (e->prepare)
		e->prepare(e->ctx);
	long before = count();
	arm(nth, false);
	e->work(e->ctx);
	arm(0, false);
	long made = count() - before;
	if (nth == 0 && write(told, &made, sizeof made) != sizeof made)
		_exit(1);
	if (nth == 0)
		_exit(0);
	exit(0);
}

/* Its wait status; what it said goes to *said. */
static inline int every_try(const struct every *e, long nth, char *said, size_t cap)
{
	int ends[2], status = -1;
	if (pipe(ends) < 0)
		return -1;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		every_child(e, nth, ends[1]);
	close(ends[1]);
	size_t len = 0;
	char rest[512];
	for (ssize_t got; (got = len + 1 < cap ? read(ends[0], said + len, cap - 1 - len) : read(ends[0], rest, sizeof rest)) > 0;)
		len += len + 1 < cap ? (size_t)got : 0;
	said[len] = '\0';
	close(ends[0]);
	return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

/* False when one try ended otherwise than it may; then it has said so. */
static inline bool every_allocation(struct every *e)
{
	char said[4096];
	const char *only = getenv("EVERY_ONLY"); /* for a debugger: that one, in this process */
	if (only)
		every_child(e, strtol(only, NULL, 10), STDERR_FILENO);
	if (every_try(e, 0, said, sizeof said) != 0) {
		fprintf(stderr, "the work itself fails: %s\n", said);
		return false;
	}
	memcpy(&e->tried, said, sizeof e->tried);
	for (long nth = 1; nth <= e->tried; nth++) {
		int status = every_try(e, nth, said, sizeof said);
		bool ended = WIFEXITED(status) && WEXITSTATUS(status) == 70;
		e->ended += ended;
		e->lived += status == 0;
		if (status == 0 || (ended && strstr(said, "memory") && strchr(said, '\n') == said + strlen(said) - 1))
			continue;
		fprintf(stderr, "allocation %ld of %ld: status %d: %s\n", nth, e->tried, status, said);
		return false;
	}
	return true;
}

#endif
