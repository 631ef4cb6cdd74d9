/* The bytes of a mail, in memory and in a spool file: the same to whoever reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/blob.h"

static char byte_at(size_t i)
{
	return (char)(i * 31 + i / 251);
}

static char *sample(size_t size)
{
	char *data = x_malloc(size);

	for (size_t i = 0; i < size; i++)
		data[i] = byte_at(i);
	return data;
}

static void check_content(const struct blob *b, size_t size)
{
	char piece[50000];
	size_t at = 0;
	long n;

	assert_int_equal(blob_size(b), size);
	while ((n = blob_read(b, at, piece, sizeof piece, NULL)) > 0) {
		for (long i = 0; i < n; i++)
			if (piece[i] != byte_at(at + (size_t)i))
				fail_msg("byte %zu differs", at + (size_t)i);
		at += (size_t)n;
	}
	assert_int_equal(n, 0);
	assert_int_equal(at, size);
}

static const struct {
	size_t size, piece;
	bool spooled;
} sizes[] = {
	{ 0, 1, false },
	{ 1, 1, false },
	{ 4711, 100, false },
	{ BLOB_MEMORY - 1, 65536, false },
	{ BLOB_MEMORY, 65536, false },
	{ BLOB_MEMORY + 1, 65536, true },
	{ 3 * BLOB_MEMORY, 1000003, true },
};

static void test_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		CLEANUP(blob_free) struct blob *b = NULL;
		CLEANUP(x_free) char *data = sample(sizes[i].size);
		size_t at = 0, room = 10;

		assert_int_equal(blob_new(&b, sizes[i].size, "/tmp", NULL), 0);
		assert_int_equal(blob_room(b, &room) == NULL, sizes[i].spooled);
		while (at < sizes[i].size) {
			size_t n = sizes[i].piece < sizes[i].size - at ? sizes[i].piece : sizes[i].size - at;

			assert_int_equal(blob_size(b), at);
			assert_int_equal(blob_add(b, data + at, n, NULL), 0);
			at += n;
		}
		check_content(b, sizes[i].size);
		if (sizes[i].spooled)
			assert_true(blob_memory(b) < 1000);
		else
			assert_in_range(blob_memory(b), sizes[i].size, sizes[i].size + 1000);
	}
}

static void test_direct_writing(void **state)
{
	(void)state;
	CLEANUP(blob_free) struct blob *b = NULL;
	CLEANUP(x_free) char *data = sample(1000);
	size_t at = 0, len = 300;

	assert_int_equal(blob_new(&b, 1000, "/nonexistent", NULL), 0);
	for (char *room; (room = blob_room(b, &len)) && len > 0; len = 300) {
		memcpy(room, data + at, len);
		blob_filled(b, len);
		at += len;
	}
	assert_int_equal(at, 1000);
	check_content(b, 1000);
}

/* Reading what is there so far, from anywhere. */
static void test_read_edges(void **state)
{
	(void)state;
	static const struct {
		size_t at, len;
		long want;
	} rows[] = {
		{ 0, 10, 6 }, { 0, 2, 2 },  { 5, 10, 1 },	  { 6, 1, 0 },
		{ 99, 1, 0 }, { 3, 0, 0 }, { SIZE_MAX, 9, 0 }, { 2, SIZE_MAX, 4 },
	};
	const size_t announced[] = { 100, 2 * BLOB_MEMORY };

	for (size_t k = 0; k < 2; k++) {
		CLEANUP(blob_free) struct blob *b = NULL;

		assert_int_equal(blob_new(&b, announced[k], "/tmp", NULL), 0);
		assert_int_equal(blob_add(b, "Ciao!\n", 6, NULL), 0);
		assert_int_equal(blob_size(b), 6);
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
			char out[16] = "";

			/* The biggest length only asks for what is there. */
			assert_int_equal(blob_read(b, rows[i].at, out, rows[i].len, NULL), rows[i].want);
			assert_memory_equal(out, &"Ciao!\n"[rows[i].at < 6 ? rows[i].at : 6], (size_t)rows[i].want);
		}
	}
}

static void test_too_much(void **state)
{
	(void)state;
	const size_t announced[] = { 4, BLOB_MEMORY + 1 };

	for (size_t k = 0; k < 2; k++) {
		CLEANUP(blob_free) struct blob *b = NULL;
		CLEANUP(x_free) char *data = sample(announced[k] + 1);
		struct error err = { 0 };

		assert_int_equal(blob_new(&b, announced[k], "/tmp", &err), 0);
		assert_int_equal(blob_add(b, data, announced[k] + 1, &err), -1);
		assert_int_equal(err.class, ERR_BUG);
		assert_int_equal(blob_add(b, data, announced[k], &err), 0);
		assert_int_equal(blob_add(b, data, 1, &err), -1);
		check_content(b, announced[k]);
	}
}

static void test_no_spool(void **state)
{
	(void)state;
	static const char *const dirs[] = { "/nonexistent/spool", "/dev/null", "/proc", "" };

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		struct error err = { 0 };
		struct blob *b = (struct blob *)dirs;

		assert_int_equal(blob_new(&b, BLOB_MEMORY + 1, dirs[i], &err), -1);
		assert_null(b);
		assert_int_equal(err.class, ERR_USAGE);
		assert_non_null(strstr(err.text, "can't make a spool file in "));
		assert_non_null(strstr(err.text, dirs[i]));
	}
}

/* The spool file is ours alone and has no name. */
static void test_spool_is_private(void **state)
{
	(void)state;
	CLEANUP(blob_free) struct blob *b = NULL;
	int lowest = open("/dev/null", O_RDONLY);
	struct stat st;

	close(lowest);
	assert_int_equal(blob_new(&b, BLOB_MEMORY + 1, "/tmp", NULL), 0);
	assert_int_equal(fstat(lowest, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(fcntl(lowest, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	blob_free(&b);
	assert_null(b);
	assert_int_equal(fstat(lowest, &st), -1);
	blob_free(&b);
}

/* A limit on the size of files stands for a full disk. When there is room again, writing goes on where it was. */
static void test_disk_full(void **state)
{
	(void)state;
	CLEANUP(blob_free) struct blob *b = NULL;
	size_t size = 2 * BLOB_MEMORY, half = BLOB_MEMORY;
	CLEANUP(x_free) char *data = sample(size);
	struct rlimit before, small;
	struct error err = { 0 };

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = BLOB_MEMORY + 1000;
	assert_int_equal(blob_new(&b, size, "/tmp", &err), 0);
	assert_int_equal(blob_add(b, data, half, &err), 0);
	setrlimit(RLIMIT_FSIZE, &small);

	int result = blob_add(b, data + half, half, &err);

	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(result, -1);
	assert_int_equal(err.class, ERR_USAGE);
	assert_int_equal(blob_size(b), half);
	assert_int_equal(blob_add(b, data + half, half, &err), 0);
	check_content(b, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),	 cmocka_unit_test(test_direct_writing), cmocka_unit_test(test_read_edges),
		cmocka_unit_test(test_too_much), cmocka_unit_test(test_no_spool),	cmocka_unit_test(test_spool_is_private),
		cmocka_unit_test(test_disk_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
