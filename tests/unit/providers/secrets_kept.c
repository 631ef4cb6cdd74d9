/* The file of what `login` keeps: what stands in it, who may read it, and that it is there whole or not at all. */
#include "tests/unit/providers/secrets_job.h"

#include <sys/stat.h>

#define FILE_NAME "migrate.state.login"
#define GOOD "{\"version\": 1, \"logins\": [{\"host\": \"old.example\", \"login\": \"mario@old.example\", \"secret\": \"geheim\"}]}"

static bool is_there(const struct rig *r, const char *name, struct stat *st)
{
	CLEANUP(x_free) char *path = x_printf("%s/%s", r->tmp->dir, name);

	return lstat(path, st) == 0;
}

static int setup(void **state)
{
	int got = rig_setup(state);
	struct rig *r = *state;

	if (got == 0)
		r->secrets = secrets_new(&r->job, rig_person, r);
	return got;
}

/* As another program does, or this one a day later. */
static void reopen(struct rig *r)
{
	secrets_free(&r->secrets);
	r->secrets = secrets_new(&r->job, rig_person, r);
}

static void assert_kept(struct rig *r, const struct job_end *end, const char *want)
{
	struct error err = { 0 };

	assert_int_equal(secrets_kept(r->secrets, end, &err), want != NULL);
	if (!want)
		return;
	CLEANUP(secrets_wipe) char *got = rig_get(r, end, false, &err);
	assert_string_equal(got, want);
	assert_int_equal(r->asked, 0);
}

static void kept_and_forgotten(void **state)
{
	struct rig *r = *state;
	struct error err = { 0 };
	struct stat st;
	const struct job_end *mario = &r->account[0].source, *anna = &r->account[1].target;

	assert_kept(r, mario, NULL);
	assert_false(is_there(r, FILE_NAME, &st));
	assert_int_equal(secrets_keep(r->secrets, mario, "first", &err), 0);
	assert_int_equal(secrets_keep(r->secrets, anna, "p\xc3\xa9ss \"\\\x01{}", &err), 0);
	assert_int_equal(secrets_keep(r->secrets, mario, "geheim", &err), 0);
	assert_true(is_there(r, FILE_NAME, &st));
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(is_there(r, FILE_NAME ".new", &st));
	reopen(r);
	assert_kept(r, mario, "geheim");
	assert_kept(r, anna, "p\xc3\xa9ss \"\\\x01{}");
	assert_kept(r, &r->account[0].target, NULL);
	assert_int_equal(secrets_forget(r->secrets, mario, &err), 1);
	assert_int_equal(secrets_forget(r->secrets, mario, &err), 0);
	reopen(r);
	assert_kept(r, mario, NULL);
	assert_kept(r, anna, "p\xc3\xa9ss \"\\\x01{}");
	assert_int_equal(secrets_forget(r->secrets, anna, &err), 1);
	assert_false(is_there(r, FILE_NAME, &st));
	assert_int_equal(secrets_forget(r->secrets, anna, &err), 0);
}

/* A server has refused it: another program may have kept a better one meanwhile. Nobody is asked either way. */
static void read_again_when_refused(void **state)
{
	struct rig *r = *state;
	struct error err = { 0 };
	const struct job_end *mario = &r->account[0].source;
	struct secrets *other = secrets_new(&r->job, NULL, NULL);

	assert_int_equal(secrets_keep(r->secrets, mario, "old", &err), 0);
	assert_kept(r, mario, "old");
	assert_int_equal(secrets_keep(other, mario, "new", &err), 0);
	assert_kept(r, mario, "old");
	CLEANUP(secrets_wipe) char *got = rig_get(r, mario, true, &err);
	assert_string_equal(got, "new");
	assert_int_equal(r->asked, 0);
	/* And what another one has kept is not lost by keeping. */
	assert_int_equal(secrets_keep(other, &r->account[1].source, "hers", &err), 0);
	assert_int_equal(secrets_keep(r->secrets, &r->account[1].target, "his", &err), 0);
	reopen(r);
	assert_kept(r, &r->account[1].source, "hers");
	secrets_free(&other);
}

/* Files that are not believed: neither read nor written over. */
static void bad_files(void **state)
{
	static const struct { const char *text; mode_t mode; const char *want; } rows[] = {
		{ GOOD, 0640, "others can open the kept passwords: chmod 600 '" },
		{ GOOD, 0604, "others can open the kept passwords: chmod 600 '" },
		{ GOOD, 0610, "others can open the kept passwords: chmod 600 '" },
		{ "", 0600, "is not as `trasloco login` has written it" },
		{ "{\"version\": 1, \"logins\": [{\"host\"", 0600, "is not as `trasloco login` has written it" },
		{ "{\"version\": 2, \"logins\": []}", 0600, "is not as `trasloco login` has written it" },
		{ "{\"version\": 1, \"logins\": {}}", 0600, "is not as `trasloco login` has written it" },
		{ "{\"version\": 1, \"logins\": [{\"host\": \"a\", \"login\": \"b\", \"secret\": 1}]}", 0600, "is not as `trasloco login` has written it" },
		{ "{\"version\": 1, \"logins\": [7]}", 0600, "is not as `trasloco login` has written it" },
		{ "[]", 0600, "is not as `trasloco login` has written it" },
	};
	struct rig *r = *state;
	const struct job_end *mario = &r->account[0].source;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err = { 0 };
		struct stat st;

		tmp_write(r->tmp, FILE_NAME, rows[i].text, strlen(rows[i].text), rows[i].mode);
		reopen(r);
		for (int what = 0; what < 4; what++) {
			char *got = NULL;
			int rc = what == 0 ? secrets_kept(r->secrets, mario, &err) :
				what == 1 ? secrets_keep(r->secrets, mario, "new", &err) :
				what == 2 ? secrets_forget(r->secrets, mario, &err) : secrets_get(r->secrets, mario, false, NULL, &got, &err);

			assert_int_equal(rc, -1);
			assert_null(got);
			assert_int_equal(err.class, ERR_USAGE);
			assert_non_null(strstr(err.text, rows[i].want));
			assert_non_null(strstr(err.text, r->tmp->dir));
		}
		assert_true(is_there(r, FILE_NAME, &st));
		assert_int_equal(st.st_size, strlen(rows[i].text));
		assert_int_equal(r->asked, 0);
	}
	tmp_write(r->tmp, FILE_NAME, GOOD, strlen(GOOD), 0600);
	reopen(r);
	assert_kept(r, mario, "geheim");
}

static void no_files(void **state)
{
	struct rig *r = *state;
	struct error err = { 0 };
	CLEANUP(x_free) char *path = x_printf("%s/%s", r->tmp->dir, FILE_NAME), *real = x_printf("%s/real", r->tmp->dir);

	tmp_write(r->tmp, "real", GOOD, strlen(GOOD), 0600);
	assert_int_equal(symlink(real, path), 0);
	assert_int_equal(secrets_kept(r->secrets, &r->account[0].source, &err), -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(secrets_kept(r->secrets, &r->account[0].source, &err), -1);
	assert_non_null(strstr(err.text, "is not a regular file"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(secrets_keep(r->secrets, &r->account[0].source, "x", &err), -1);
	assert_non_null(strstr(err.text, "is not a regular file"));
}

/* What a dead program left at the place beside does not matter, even as a link to elsewhere. */
static void left_over(void **state)
{
	struct rig *r = *state;
	struct error err = { 0 };
	struct stat st;
	CLEANUP(x_free) char *part = x_printf("%s/%s.new", r->tmp->dir, FILE_NAME), *other = x_printf("%s/other", r->tmp->dir);

	tmp_write(r->tmp, "other", "mine", 4, 0644);
	assert_int_equal(symlink(other, part), 0);
	assert_int_equal(secrets_keep(r->secrets, &r->account[0].source, "geheim", &err), 0);
	assert_true(is_there(r, "other", &st));
	assert_int_equal(st.st_size, 4);
	assert_true(is_there(r, FILE_NAME, &st));
	assert_true(S_ISREG(st.st_mode));
	assert_kept(r, &r->account[0].source, "geheim");
}

static void cannot_be_kept(void **state)
{
	struct rig *r = *state;
	struct error err = { 0 };
	struct stat st;
	CLEANUP(x_free) char *part = x_printf("%s/%s.new", r->tmp->dir, FILE_NAME);

	assert_int_equal(secrets_keep(r->secrets, &r->account[0].source, "geh\xe8im", &err), -1);
	assert_int_equal(err.class, ERR_USAGE);
	assert_non_null(strstr(err.text, "not UTF-8"));
	assert_null(strstr(err.text, "geh"));
	assert_false(is_there(r, FILE_NAME, &st));
	/* The place beside can't be used: what is kept stays as it was, in the file and in memory. */
	assert_int_equal(secrets_keep(r->secrets, &r->account[0].source, "good", &err), 0);
	assert_int_equal(mkdir(part, 0700), 0);
	assert_int_equal(secrets_keep(r->secrets, &r->account[0].source, "newer", &err), -1);
	assert_non_null(strstr(err.text, "can't be written"));
	assert_null(strstr(err.text, "newer"));
	assert_kept(r, &r->account[0].source, "good");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		TEST(kept_and_forgotten), TEST(read_again_when_refused), TEST(bad_files), TEST(no_files), TEST(left_over), TEST(cannot_be_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
