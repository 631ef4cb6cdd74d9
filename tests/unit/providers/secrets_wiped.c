/* After its use no secret is left in the memory of the process, freed or not (the stack's dead frames apart: libraries leave crumbs there,
   and the next calls write over them). The secret is put together by other programs, and looked for
   by its halves: this one never holds it but where the code under test does. */
#include "tests/unit/providers/secrets_job.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define HALF_A "gEh31m"
#define HALF_B "-71c4x"
#define HALF ((size_t)6)
/* Three times: freeing writes over the first bytes. */
#define TIMES 3
#define PARTS HALF_A " " HALF_B " " HALF_A " " HALF_B " " HALF_A " " HALF_B
#define CHUNK ((size_t)1 << 20)
#define KEPT "{\"version\": 1, \"logins\": [{\"host\": \"old.example\", \"login\": \"mario@old.example\", \"secret\": \"%s%s%s%s%s%s\"}]}"

#ifdef __SANITIZE_ADDRESS__
const char *__asan_default_options(void);

/* It fills what is freed, and would do the work of the code under test. */
const char *__asan_default_options(void)
{
	return "max_free_fill_size=0";
}
#endif

/* How often the secret stands in what is mapped at [from, to). The window is a mapping of its own, which is not searched. */
static unsigned count_in(int mem, char *window, uintptr_t from, uintptr_t to)
{
	unsigned found = 0;

	for (uintptr_t at = from; at < to; at += CHUNK) {
		/* Some bytes of the next chunk too: it may lie across. */
		size_t want = to - at < CHUNK + 2 * HALF ? to - at : CHUNK + 2 * HALF;
		ssize_t got = pread(mem, window, want, (off_t)at);

		for (ssize_t i = 0; i + 2 * (ssize_t)HALF <= got && i < (ssize_t)CHUNK; i++)
			found += window[i] == 'g' && memcmp(window + i, HALF_A, HALF) == 0 && memcmp(window + i + HALF, HALF_B, HALF) == 0;
		explicit_bzero(window, CHUNK + 2 * HALF);
	}
	return found;
}

static unsigned count_everywhere(void)
{
	int mem = open("/proc/self/mem", O_RDONLY);
	FILE *maps = fopen("/proc/self/maps", "r");
	char *window = mmap(NULL, CHUNK + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char line[512];
	unsigned found = 0;
	uintptr_t from, to;

	assert_true(mem >= 0);
	assert_non_null(maps);
	assert_ptr_not_equal(window, MAP_FAILED);
	while (fgets(line, sizeof line, maps)) {
		char mode[5];

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &from, &to, mode) != 3 || strncmp(mode, "rw", 2) != 0 || strstr(line, "[stack]"))
			continue;
		/* Neighbours of one kind become one mapping: what lies around the window is searched, the window is not. A sanitizer's
		   shadow is of terabytes. */
		if (to - from > (uintptr_t)1 << 28)
			continue;
		if ((uintptr_t)window >= from && (uintptr_t)window < to) {
			found += count_in(mem, window, from, (uintptr_t)window);
			from = (uintptr_t)window + CHUNK + 4096;
		}
		found += count_in(mem, window, from, to);
	}
	munmap(window, CHUNK + 4096);
	fclose(maps);
	close(mem);
	return found;
}

/* Gets it, sees that the search finds it, and gives it up. */
static void use_it(struct rig *r)
{
	struct error err;
	char *first = rig_get(r, &r->account[0].source, false, &err);

	assert_non_null(first);
	assert_int_equal(strlen(first), TIMES * 2 * HALF);
	assert_in_range(count_everywhere(), 2 * TIMES, 100);
	secrets_wipe(&first);
	first = rig_get(r, &r->account[0].source, true, &err);
	secrets_wipe(&first);
}

static void from_a_command(void **state)
{
	struct rig *r = *state;

	rig_command(r, SECRET_COMMAND, "printf '%s%s%s%s%s%s\\n' " PARTS "; printf '%s%s%s%s%s%s\\n' " PARTS " >&2");
	use_it(r);
	secrets_free(&r->secrets);
	assert_int_equal(count_everywhere(), 0);
}

static void from_what_is_kept(void **state)
{
	struct rig *r = *state;
	struct error err = { 0 };
	CLEANUP(x_free) char *write = x_printf("printf '%s' %s >%s.login", KEPT, PARTS, r->state);

	rig_command(r, SECRET_COMMAND, write);
	assert_null(rig_get(r, &r->account[0].source, false, &err));
	r->account[0].source.secret = SECRET_LATER;
	CLEANUP(x_free) char *path = x_printf("%s.login", r->state);
	assert_int_equal(chmod(path, 0600), 0);
	use_it(r);
	/* The whole file is written anew, with it in it; then it goes, and the other stays. */
	assert_int_equal(secrets_keep(r->secrets, &r->account[0].target, "other", &err), 0);
	assert_int_equal(secrets_forget(r->secrets, &r->account[0].source, &err), 1);
	secrets_free(&r->secrets);
	assert_int_equal(count_everywhere(), 0);
}

/* Not in this process: a debugger may want to look at it. */
static void no_dumps(void **state)
{
	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip();
#else
	int status;
	pid_t child = fork();

	if (child == 0) {
		secrets_no_dumps();
		_exit(prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
#endif
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = { TEST(from_a_command), TEST(from_what_is_kept), cmocka_unit_test(no_dumps) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
