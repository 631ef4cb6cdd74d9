/* password_command and token_command: what counts as the secret, what each ending means, and that nothing outlives it. */
#include "tests/unit/providers/secrets_job.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>

#include "core/base/clock.h"
#include "providers/spawn.h"

#define OF_MARIO "the password_command of mario's source "

static void endings(void **state)
{
	static const struct { const char *line, *want; enum error_class class; const char *text; } rows[] = {
		{ "echo geheim", "geheim", ERR_NONE, "" },
		{ "printf geheim", "geheim", ERR_NONE, "" },
		{ "printf 'geheim\\r\\nmore\\n'", "geheim", ERR_NONE, "" },
		{ "printf ' geh eim \\n\\n'", " geh eim ", ERR_NONE, "" },
		{ "echo geheim; echo noise >&2", "geheim", ERR_NONE, "" },
		{ "exec 2>&-; echo geheim", "geheim", ERR_NONE, "" },
		{ "echo geheim; exec >&- 2>&-; sleep 0.2", "geheim", ERR_NONE, "" },
		{ "printf '%4096s' x | tr ' ' y; echo", NULL, ERR_NONE, NULL },
		{ "printf '%4097s' x", NULL, ERR_LOGIN, OF_MARIO "printed a first line longer than 4,096 bytes" },
		{ "echo geheim; head -c 300000 /dev/zero", "geheim", ERR_NONE, "" },
		{ "true", NULL, ERR_LOGIN, OF_MARIO "printed nothing on its first line" },
		{ "cat", NULL, ERR_LOGIN, OF_MARIO "printed nothing on its first line" },
		{ "printf '\\ngeheim\\n'", NULL, ERR_LOGIN, OF_MARIO "printed nothing on its first line" },
		{ "printf 'geh\\0eim\\n'", NULL, ERR_LOGIN, OF_MARIO "printed a first line with a byte that no password can hold (NUL or CR)" },
		{ "printf 'geh\\reim\\n'", NULL, ERR_LOGIN, OF_MARIO "printed a first line with a byte that no password can hold (NUL or CR)" },
		{ "echo geheim; exit 1", NULL, ERR_LOGIN, OF_MARIO "ended with status 1" },
		{ "printf 'not\\033[31m found\\n\\n' >&2; exit 2", NULL, ERR_LOGIN, OF_MARIO "ended with status 2: not [31m found" },
		{ "echo geheim; echo it is geheim >&2; exit 3", NULL, ERR_LOGIN, OF_MARIO "ended with status 3" },
		{ "echo locked >&2; exit 75", NULL, ERR_RETRY, OF_MARIO "says that it can't do it now (status 75): locked" },
		{ "no-such-program-here 2>/dev/null", NULL, ERR_LOGIN, OF_MARIO "ended with status 127" },
		{ "kill -9 $$", NULL, ERR_LOGIN, OF_MARIO "was ended by a signal (Killed)" },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;

		rig_command(r, SECRET_COMMAND, rows[i].line);

		CLEANUP(secrets_wipe) char *got = rig_get(r, &r->account[0].source, true, &err);

		assert_int_equal(err.class, rows[i].class);
		assert_int_equal(err.certain, rows[i].class == ERR_LOGIN);
		if (rows[i].text)
			assert_string_equal(err.text, rows[i].text);
		if (rows[i].want)
			assert_string_equal(got, rows[i].want);
		else if (rows[i].class == ERR_NONE)
			assert_int_equal(strlen(got), SPAWN_LINE_MAX);
	}
}

/* Not through a shell: what the program is, where it runs, what it finds. */
static void programs(void **state)
{
	struct rig *r = *state;
	struct error err;
	CLEANUP(x_free) char *here = x_printf("%s/./here", r->tmp->dir);

	tmp_write(r->tmp, "here", "#!/bin/sh\npwd -P\n", 17, 0700);
	tmp_write(r->tmp, "closed", "#!/bin/sh\n", 10, 0600);
	r->account[0].target.secret = SECRET_TOKEN;
	r->account[0].target.command = r->argv;
	r->argv[1] = NULL;
	r->argv[0] = (char *)(uintptr_t)"./here";
	CLEANUP(secrets_wipe) char *where = rig_get(r, &r->account[0].target, false, &err);
	CLEANUP(x_free) char *real = realpath(r->tmp->dir, NULL);
	assert_string_equal(where, real);
	r->argv[0] = (char *)(uintptr_t)"no-such-program-here";
	assert_null(rig_get(r, &r->account[0].target, true, &err));
	assert_string_equal(err.text, "the token_command of mario's target: there is no program no-such-program-here");
	assert_int_equal(err.class, ERR_LOGIN);
	r->argv[0] = (char *)(uintptr_t)"./closed";
	assert_null(rig_get(r, &r->account[0].target, true, &err));
	assert_string_equal(err.text, "the token_command of mario's target: the program ./closed can't be started: Permission denied");
	assert_int_equal(err.class, ERR_LOGIN);
	assert_true(err.certain);
}

/* It gets three descriptors, and signals as a program expects them, whatever we have. */
static void inheritance(void **state)
{
	struct rig *r = *state;
	struct error err;
	int open_to_all = open("/dev/null", O_RDONLY);
	char *end;

	signal(SIGPIPE, SIG_IGN);
	rig_command(r, SECRET_COMMAND, "ls /proc/self/fd | tr '\\n' ' '"); /* 3 is the folder itself */
	CLEANUP(secrets_wipe) char *fds = rig_get(r, &r->account[0].source, true, &err);
	assert_string_equal(fds, "0 1 2 3 ");
	rig_command(r, SECRET_COMMAND, "sed -n 's/^SigIgn:[^0-9a-f]*//p' /proc/self/status");
	CLEANUP(secrets_wipe) char *ignored = rig_get(r, &r->account[0].source, true, &err);
	assert_int_equal(strtoull(ignored, &end, 16) >> (SIGPIPE - 1) & 1, 0);
	assert_string_equal(end, "");
	close(open_to_all);
}

/* The number that a program wrote into a file, once it is there. */
static pid_t pid_in(const struct tmp *t, const char *name)
{
	CLEANUP(x_free) char *path = x_printf("%s/%s", t->dir, name);

	for (int i = 0; i < 500; i++) {
		FILE *f = fopen(path, "r");
		int pid = 0, got = f ? fscanf(f, "%d\n", &pid) : 0;

		if (f)
			fclose(f);
		if (got == 1)
			return pid;
		usleep(10000);
	}
	fail_msg("%s never came", path);
	return 0;
}

/* A zombie that nobody has waited for yet is dead too. */
static bool lives(pid_t pid)
{
	CLEANUP(x_free) char *path = x_printf("/proc/%d/stat", pid);
	FILE *f = fopen(path, "r");
	char kind = 'Z';

	if (!f)
		return false;
	if (fscanf(f, "%*d (%*[^)]) %c", &kind) != 1)
		kind = 'Z';
	fclose(f);
	return kind != 'Z' && kind != 'X';
}

static void assert_dies(pid_t pid)
{
	for (int i = 0; i < 300 && lives(pid); i++)
		usleep(10000);
	assert_false(lives(pid));
}

/* The limit ends the program and what it has started. */
static void limit(void **state)
{
	struct rig *r = *state;
	char *argv[] = { (char *)(uintptr_t)"sh", (char *)(uintptr_t)"-c", (char *)(uintptr_t)"sleep 60 & echo $! >pid; echo geheim; wait", NULL };
	struct spawn spawn = { .argv = argv, .dir = r->tmp->dir, .what = "it", .limit_ms = 1000 };
	struct error err = { 0 };
	char *line = NULL;
	int64_t began = clock_ms();

	assert_int_equal(spawn_line(&line, &spawn, &err), -1);
	assert_null(line);
	assert_int_equal(err.class, ERR_RETRY);
	assert_string_equal(err.text, "it took longer than 1 s and was stopped");
	assert_in_range(clock_ms() - began, 1000, 8000);
	assert_dies(pid_in(r->tmp, "pid"));
}

static void *fire(void *arg)
{
	usleep(300000);
	cancel_fire(arg);
	return NULL;
}

static void cancelling(void **state)
{
	struct rig *r = *state;
	struct cancel stop;
	struct error err = { 0 };
	pthread_t thread;
	char *out = NULL;
	int64_t began = clock_ms();

	assert_int_equal(cancel_init(&stop), 0);
	rig_command(r, SECRET_COMMAND, "sleep 60 & echo $! >pid; wait");
	r->secrets = secrets_new(&r->job, NULL, NULL);
	assert_int_equal(pthread_create(&thread, NULL, fire, &stop), 0);
	assert_int_equal(secrets_get(r->secrets, &r->account[0].source, false, &stop, &out, &err), -1);
	pthread_join(thread, NULL);
	assert_int_equal(err.class, ERR_CANCELLED);
	assert_in_range(clock_ms() - began, 250, 8000);
	assert_dies(pid_in(r->tmp, "pid"));
	cancel_free(&stop);
}

/* A child that goes on in the background with our pipes open holds nobody up. */
static void daemon_left_behind(void **state)
{
	struct rig *r = *state;
	struct error err;
	int64_t began = clock_ms();

	rig_command(r, SECRET_COMMAND, "sleep 20 & echo $! >pid; echo geheim");
	CLEANUP(secrets_wipe) char *got = rig_get(r, &r->account[0].source, false, &err);
	assert_string_equal(got, "geheim");
	assert_in_range(clock_ms() - began, 0, 8000);
	kill(pid_in(r->tmp, "pid"), SIGKILL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		TEST(endings), TEST(programs), TEST(inheritance), TEST(limit), TEST(cancelling), TEST(daemon_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
