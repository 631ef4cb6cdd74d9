/* Who may read a password, and what a password may hold. No error shows one. */
#include "tests/unit/job/tmp.h"

#include "core/job/job.h"

#define TARGET "  target: {host: b.it, user: m, password_file: good}\n"
/* With the password_file `name` at line 4, column 48. */
#define BY_FILE(name) "version: 1\naccounts:\n- name: m\n  source: {host: a.it, user: m, password_file: " name "}\n" TARGET

static int load(struct job **job, const struct tmp *t, char **got)
{
	CLEANUP(buf_free) struct buf errors = { 0 };
	int rc = job_load(job, t->job, NULL, &errors);

	*got = tmp_short(t, &errors);
	assert_null(strstr(*got, "geheim"));
	return rc;
}

/* Bytes of a password file, and the password or the end of the error. */
static void contents(void **state)
{
	static char longest[4098], too_long[4099];
	static const struct { const char *bytes; size_t len; const char *want, *error; } rows[] = {
		{ "geheim\n", 7, "geheim", NULL },
		{ "geheim", 6, "geheim", NULL },
		{ "geheim\r\n", 8, "geheim", NULL },
		{ "geheim\nmore\n", 12, "geheim", NULL },
		{ " geh eim \n", 10, " geh eim ", NULL },
		{ "geh\xe8im\n", 7, "geh\xe8im", NULL },
		{ longest, 4097, NULL, NULL },
		{ "", 0, NULL, "is empty" },
		{ "\ngeheim\n", 8, NULL, "is empty" },
		{ "\r\n", 2, NULL, "is empty" },
		{ "geh\0eim\n", 8, NULL, "holds a NUL byte" },
		{ "geh\reim\n", 8, NULL, "holds a line break" },
		{ "geheim\r\r\n", 9, NULL, "holds a line break" },
		{ too_long, 4098, NULL, "is longer than 4,096 bytes" },
	};
	struct tmp *t = *state;

	memset(longest, 'x', 4096);
	longest[4096] = '\n';
	memset(too_long, 'x', 4097);
	too_long[4097] = '\n';
	tmp_write(t, "good", "g\n", 2, 0600);
	tmp_job(t, BY_FILE("pw"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(job_free) struct job *job = NULL;
		CLEANUP(x_free) char *got = NULL, *want = NULL;
		int rc;

		tmp_write(t, "pw", rows[i].bytes, rows[i].len, 0600);
		rc = load(&job, t, &got);
		if (rows[i].error) {
			want = x_printf("4:48: `password_file`: the first line of `pw` %s\n", rows[i].error);
			assert_string_equal(got, want);
			assert_int_equal(rc, -1);
			continue;
		}
		assert_string_equal(got, "");
		assert_int_equal(rc, 0);
		if (rows[i].want)
			assert_string_equal(job->account[0].source.password, rows[i].want);
		else
			assert_int_equal(strlen(job->account[0].source.password), 4096);
	}
}

/* The mode of the job file matters only when a password is in it. */
static void job_modes(void **state)
{
	static const struct { mode_t mode; bool inside, fine; } rows[] = {
		{ 0600, true, true }, { 0400, true, true }, { 0700, true, true }, { 0644, true, false }, { 0640, true, false },
		{ 0604, true, false }, { 0620, true, false }, { 0601, true, false }, { 0644, false, true }, { 0666, false, true },
	};
	static const char inside[] = "version: 1\naccounts:\n- name: m\n  source: {host: a.it, user: m, password: geheim}\n"
		"  target: {host: b.it, user: m, password: geheim}\n";
	struct tmp *t = *state;
	CLEANUP(x_free) char *want = x_printf(
		"4:33: a `password` in a file that others can open: chmod 600 %s, or use `password_file`\n", t->job);

	tmp_write(t, "good", "g\n", 2, 0600);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = rows[i].inside ? inside : BY_FILE("good");
		CLEANUP(job_free) struct job *job = NULL;
		CLEANUP(x_free) char *got = NULL;

		tmp_write(t, "migrate.yaml", text, strlen(text), rows[i].mode);
		assert_int_equal(load(&job, t, &got), rows[i].fine ? 0 : -1);
		assert_string_equal(got, rows[i].fine ? "" : want);
	}
}

static void file_modes(void **state)
{
	static const mode_t open[] = { 0640, 0604, 0660, 0620, 0601, 0610, 0777 };
	static const mode_t closed[] = { 0600, 0400, 0700 };
	struct tmp *t = *state;
	CLEANUP(x_free) char *want = x_printf("4:48: `password_file`: others can open `pw`: chmod 600 %s/pw\n", t->dir);

	tmp_write(t, "good", "g\n", 2, 0600);
	tmp_job(t, BY_FILE("pw"));
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		CLEANUP(job_free) struct job *job = NULL;
		CLEANUP(x_free) char *got = NULL;

		tmp_write(t, "pw", "geheim\n", 7, open[i]);
		assert_int_equal(load(&job, t, &got), -1);
		assert_string_equal(got, want);
	}
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		CLEANUP(job_free) struct job *job = NULL;
		CLEANUP(x_free) char *got = NULL;

		tmp_write(t, "pw", "geheim\n", 7, closed[i]);
		assert_int_equal(load(&job, t, &got), 0);
	}
}

/* Folders, FIFOs and devices are not opened for good, nor does anything wait for them. */
static void file_kinds(void **state)
{
	static const struct { const char *text, *want; } rows[] = {
		{ BY_FILE("none"), "4:48: `password_file`: `none` can't be read: No such file or directory\n" },
		{ BY_FILE("."), "4:48: `password_file`: `.` is not a regular file\n" },
		{ BY_FILE("fifo"), "4:48: `password_file`: `fifo` is not a regular file\n" },
		{ BY_FILE("/dev/zero"), "4:48: `password_file`: `/dev/zero` is not a regular file\n" },
		{ BY_FILE("dangling"), "4:48: `password_file`: `dangling` can't be read: No such file or directory\n" },
		{ BY_FILE("''"), "4:48: `password_file` is empty\n" },
		{ BY_FILE("\"a\\nb\""), "4:48: `password_file` holds a control character\n" },
		{ BY_FILE("good, password: geheim"), "4:54: two secrets for one source: keep one of them\n" },
		{ BY_FILE("link"), "" },
	};
	struct tmp *t = *state;
	CLEANUP(x_free) char *fifo = x_printf("%s/fifo", t->dir), *dangling = x_printf("%s/dangling", t->dir);
	CLEANUP(x_free) char *link = x_printf("%s/link", t->dir);

	tmp_write(t, "good", "g\n", 2, 0600);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_int_equal(symlink("good", link), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(job_free) struct job *job = NULL;
		CLEANUP(x_free) char *got = NULL;

		tmp_job(t, rows[i].text);
		load(&job, t, &got);
		assert_string_equal(got, rows[i].want);
	}
}

/* Only root can give a file away. */
static void other_owner(void **state)
{
	struct tmp *t = *state;
	CLEANUP(x_free) char *path = x_printf("%s/pw", t->dir);
	CLEANUP(job_free) struct job *job = NULL;
	CLEANUP(x_free) char *got = NULL;

	if (geteuid() != 0)
		skip();
	tmp_write(t, "good", "g\n", 2, 0600);
	tmp_write(t, "pw", "geheim\n", 7, 0600);
	assert_int_equal(chown(path, 12345, 12345), 0);
	tmp_job(t, BY_FILE("pw"));
	assert_int_equal(load(&job, t, &got), -1);
	assert_string_equal(got, "4:48: `password_file`: `pw` belongs to another user\n");
}

/* The chmod line can be pasted into a shell. */
static void shell_words(void **state)
{
	static const struct { const char *file, *word; } rows[] = { { "my pw", "'%s/my pw'" }, { "it's", "'%s/it'\\''s'" }, { "$x", "'%s/$x'" } };
	struct tmp *t = *state;

	tmp_write(t, "good", "g\n", 2, 0600);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(job_free) struct job *job = NULL;
		CLEANUP(x_free) char *got = NULL;
		CLEANUP(x_free) char *text = x_printf("version: 1\naccounts:\n- name: m\n  source: {host: a.it, user: m, password_file: \"%s\"}\n"
			TARGET, rows[i].file);
		CLEANUP(x_free) char *want = NULL;
		const char *mark = strstr(rows[i].word, "%s");

		want = x_printf("4:48: `password_file`: others can open `%s`: chmod 600 %.*s%s%s\n", rows[i].file, (int)(mark - rows[i].word),
			rows[i].word, t->dir, mark + 2);
		tmp_write(t, rows[i].file, "geheim\n", 7, 0644);
		tmp_job(t, text);
		assert_int_equal(load(&job, t, &got), -1);
		assert_string_equal(got, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(contents, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(job_modes, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(file_modes, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(file_kinds, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(other_owner, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(shell_words, tmp_setup, tmp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
