/* No memory while a job file is read: each allocation fails once. A file that is right is never called wrong for it. */
#include "tests/unit/job/tmp.h"

#include "core/base/digest.h"
#include "core/job/job.h"
#include "tests/faults/every.h"

static const char yaml[] = "version: 1\n"
			   "defaults: { source: { host: imap.a.it }, target: { host: imap.b.it, timeout: 30s } }\n"
			   "accounts:\n"
			   "  - name: anna\n"
			   "    source: { user: anna@a.it, password_command: [pass, show, \"{user}\"] }\n"
			   "    target: { user: anna@b.it, password: \"segreto\" }\n"
			   "accounts_from: accounts.csv\n"
			   "folders: { exclude: [Spam, \"Archivio/*\"], map: { \"Posta inviata\": Sent } }\n"
			   "messages: { since: 2015-01-01, max_size: 50MB }\n";
static const char csv[] = "source_user;target_user;target_password\r\nbruno@a.it;bruno@b.it;\"a;b\"\r\n\r\ncarla@a.it;carla@b.it;x\r\n";
static const char bad[] = "version: 1\nacounts: []\naccounts:\n  - nam: anna\n    source: { host: [a] }\n  - &x {}\n";

static void put(const char *dir, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void load(const char *path, int expected, const char *says)
{
	struct job *job = NULL;
	struct buf errors = { 0 };
	int loaded = job_load(&job, path, NULL, &errors);
	if (loaded != expected || (says && !strstr(errors.data, says))) {
		fprintf(stderr, "loaded %d: %s\n", loaded, errors.data ? errors.data : "");
		_exit(1);
	}
	buf_free(&errors);
	job_free(&job);
}

static void load_good(void *ctx)
{
	load(ctx, 0, NULL);
}

static void load_bad(void *ctx)
{
	load(ctx, -1, "acounts");
}

static void try_all(void **state, const char *text, void (*work)(void *))
{
	struct tmp *t = *state;
	struct every every = { .work = work, .ctx = t->job };
	if (!every_possible())
		skip();
	/* OpenSSL crashes where its first allocations fail; the program ends before (cmd/main.c) */
	struct digest *first = digest_new();
	digest_free(&first);
	put(t->dir, "migrate.yaml", text);
	put(t->dir, "accounts.csv", csv);
	assert_true(every_allocation(&every));
	assert_true(every.tried > 100);
	print_message("%ld allocations: %ld ended the program, %ld were lived with\n", every.tried, every.ended, every.lived);
}

static void good_file(void **state)
{
	try_all(state, yaml, load_good);
}

static void bad_file(void **state)
{
	try_all(state, bad, load_bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(good_file, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(bad_file, tmp_setup, tmp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
