/* notify.command: it gets the whole document, and no more time than it may have, whatever it does with its input and whomever it has started. */
#include "cmd/cmd.h" /* before cmocka: both have a word "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"


#define LARGE 300000	/* more than a pipe holds */
#define SHORT_MS 300

struct place {
	char dir[64], job[96], out[96];
	struct buf document;
};

static void make(struct place *p)
{
	*p = (struct place){ 0 };
	strcpy(p->dir, "/tmp/notify-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->job, sizeof p->job, "%s/migrate.yaml", p->dir);
	snprintf(p->out, sizeof p->out, "%s/out", p->dir);
	while (p->document.len < LARGE)
		buf_adds(&p->document, "{ \"a\": 1 }\n");
	signal(SIGPIPE, SIG_IGN); /* as main() does */
}

static void end(struct place *p)
{
	buf_free(&p->document);
	unlink(p->out);
	assert_int_equal(rmdir(p->dir), 0);
}

/* How long it took, in ms. */
static int64_t call(struct place *p, const char *script, int64_t limit_ms)
{
	char sh[] = "sh", c[] = "-c";
	CLEANUP(x_free) char *line = x_strdup(script);
	char *argv[] = { sh, c, line, NULL };
	struct job job = { .path = p->job, .notify = argv };
	int64_t began = clock_ms();
	notify_within(&job, &p->document, limit_ms);
	return clock_ms() - began;
}

static long size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

/* Beside the job file, all of it, and nobody waits for the limit. */
static void test_whole(void **state)
{
	(void)state;
	struct place p;
	make(&p);
	assert_true(call(&p, "cat >out", 30000) < 15000);
	assert_int_equal(size_of(p.out), p.document.len);
	end(&p);
}

/* What does not want it, or not all of it, is no reason to wait either. */
static void test_not_read(void **state)
{
	(void)state;
	struct place p;
	make(&p);
	assert_true(call(&p, "exec <&-; echo x >out", 30000) < 15000);
	assert_int_equal(size_of(p.out), 2);
	assert_true(call(&p, "exit 3", 30000) < 15000);
	end(&p);
}

/* Read or not: at the limit it is over, also for those it has started. They would write after a second. */
static void test_limit(void **state)
{
	(void)state;
	static const char *const scripts[] = { "(sleep 1; echo x >out) & sleep 30", "cat >/dev/null; (sleep 1; echo x >out) & sleep 30", "trap '' TERM INT HUP; (sleep 1; echo x >out) & wait; sleep 30" };
	struct place p;
	make(&p);
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		int64_t took = call(&p, scripts[i], SHORT_MS);
		if (took < SHORT_MS || took > 15000)
			fail_msg("%s: %lld ms", scripts[i], (long long)took);
	}
	sleep(1);
	assert_int_equal(size_of(p.out), -1);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_whole), cmocka_unit_test(test_not_read), cmocka_unit_test(test_limit) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
