/* The bytes of a mail, in memory and in a spool file: the same to whoever reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
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

/* ---- shared while it grows ---- */

#define SHARED (3 * BLOB_MEMORY)

static struct blob *shared_new(struct blob **other, size_t size)
{
	struct blob *b = NULL;

	assert_int_equal(blob_new(&b, size, "/tmp", NULL), 0);
	*other = blob_share(b);
	assert_ptr_equal(*other, b);
	return b;
}

struct sharer {
	struct blob *blob;
	size_t most, read;	/* until the end of `most`, or of the mail */
	bool differs, failed;
	struct error err;
};

/* Reads on and on, as the one who sends it does. */
static void *read_on(void *pointer)
{
	struct sharer *s = pointer;
	char piece[70001];
	long n = 1;

	while (n > 0 && s->read < s->most) {
		n = blob_read(s->blob, s->read, piece, sizeof piece, &s->err);
		for (long i = 0; i < n; i++)
			s->differs = s->differs || piece[i] != byte_at(s->read + (size_t)i);
		s->read += n > 0 ? (size_t)n : 0;
	}
	s->failed = n < 0;
	blob_free(&s->blob);
	return NULL;
}

/* In a file, in memory. */
static const size_t kept_in[] = { SHARED, BLOB_MEMORY };

/* As bytes that come are: in memory in their place. */
static void write_some(struct blob *b, const char *data, size_t len)
{
	size_t room = len;
	char *to = blob_room(b, &room);

	if (!to) {
		assert_int_equal(blob_add(b, data, len, NULL), 0);
		return;
	}
	assert_int_equal(room, len);
	memcpy(to, data, len);
	blob_filled(b, len);
}

/* One writes all of `size` but `left` bytes, the other reads; then it is whole or not. Whoever frees it last frees it. */
static void share(struct sharer *s, size_t size, size_t left, bool whole)
{
	struct blob *mine = shared_new(&s->blob, size);
	CLEANUP(x_free) char *data = sample(SHARED);
	pthread_t reader;

	assert_int_equal(pthread_create(&reader, NULL, read_on, s), 0);
	for (size_t at = 0, n; at < size - left; at += n) {
		n = size - left - at < 65537 ? size - left - at : 65537;
		write_some(mine, data + at, n);
	}
	blob_end(mine, whole);
	blob_free(&mine);
	pthread_join(reader, NULL);
	assert_false(s->differs);
}

static void test_shared_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof kept_in / sizeof *kept_in; i++) {
		struct sharer s = { .most = SIZE_MAX };

		share(&s, kept_in[i], 0, true);
		assert_false(s.failed);
		assert_int_equal(s.read, kept_in[i]);
	}
}

/* Whoever reads it never gets its end, though every byte of it has come. */
static void test_shared_spoilt(void **state)
{
	(void)state;
	static const struct {
		size_t size, left;
		bool whole;
	} rows[] = { { SHARED, 0, false }, { SHARED, 1, true }, { SHARED, 1, false }, { SHARED, BLOB_HELD, false }, { SHARED, BLOB_MEMORY, true }, { SHARED, SHARED, true },
		{ SHARED, SHARED, false }, { BLOB_MEMORY, 0, false }, { BLOB_MEMORY, 1, true }, { BLOB_MEMORY, BLOB_MEMORY, false } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sharer s = { .most = SIZE_MAX };

		share(&s, rows[i].size, rows[i].left, rows[i].whole);
		assert_true(s.failed);
		assert_int_equal(s.err.class, ERR_RETRY);
		assert_true(s.read <= rows[i].size - BLOB_HELD);
	}
}

/* The reader goes first. */
static void test_shared_given_up(void **state)
{
	(void)state;
	struct sharer s = { .most = 1000 };

	share(&s, SHARED, 0, true);
	assert_in_range(s.read, 1000, SHARED);
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void held_tail(size_t size)
{
	CLEANUP(blob_free) struct blob *b = NULL;
	CLEANUP(blob_free) struct blob *other = NULL;
	CLEANUP(x_free) char *data = sample(SHARED);
	CLEANUP(x_free) char *out = x_malloc(SHARED);

	b = shared_new(&other, size);
	assert_int_equal(blob_size(other), size);
	assert_int_equal(blob_ready(other), 0);
	assert_true(blob_grows(other) >= 0);
	assert_false(readable(blob_grows(other)));
	assert_int_equal(blob_add(b, data, 1000, NULL), 0);
	assert_int_equal(blob_ready(other), 1000);
	assert_int_equal(blob_read(other, 0, out, size, NULL), 1000);
	assert_int_equal(blob_add(b, data + 1000, size - 1000 - BLOB_HELD, NULL), 0);
	assert_int_equal(blob_ready(other), size - BLOB_HELD);
	assert_int_equal(blob_add(b, data + size - BLOB_HELD, BLOB_HELD, NULL), 0);
	assert_int_equal(blob_ready(other), size - BLOB_HELD);
	assert_int_equal(blob_read(other, 1, out, size, NULL), size - BLOB_HELD - 1);

	int fd = blob_grows(other);

	assert_true(fd >= 0);
	assert_false(readable(fd));
	blob_end(b, true);
	assert_true(readable(fd));
	assert_int_equal(blob_grows(other), -1);
	assert_int_equal(blob_ready(other), size);
	check_content(other, size);
}

static void test_held_tail(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof kept_in / sizeof *kept_in; i++)
		held_tail(kept_in[i]);
}

/* Spoilt between two looks: what could be read before can't be now, and no byte of the end ever. */
static void test_spoilt_whole(void **state)
{
	(void)state;
	CLEANUP(blob_free) struct blob *b = NULL;
	CLEANUP(blob_free) struct blob *other = NULL;
	CLEANUP(x_free) char *data = sample(SHARED);
	struct error err = { 0 };
	char out[16];

	b = shared_new(&other, SHARED);
	assert_int_equal(blob_add(b, data, SHARED, NULL), 0);
	assert_int_equal(blob_read(other, 0, out, sizeof out, &err), sizeof out);
	blob_end(b, false);
	assert_int_equal(blob_ready(other), SHARED - BLOB_HELD);
	assert_int_equal(blob_grows(other), -1);
	assert_int_equal(blob_read(other, 0, out, sizeof out, &err), -1);
	assert_int_equal(err.class, ERR_RETRY);
	assert_int_equal(blob_read(other, SHARED - 1, out, sizeof out, &err), -1);
	assert_int_equal(blob_read(other, SHARED, out, sizeof out, &err), -1);
}

static void test_what_is_not_shared(void **state)
{
	(void)state;
	CLEANUP(blob_free) struct blob *alone = NULL;
	CLEANUP(blob_free) struct blob *other = NULL;
	CLEANUP(blob_free) struct blob *twice = NULL;
	CLEANUP(x_free) char *data = sample(SHARED);

	/* ended without a second owner, or before there is one */
	assert_int_equal(blob_new(&alone, SHARED, "/tmp", NULL), 0);
	assert_int_equal(blob_add(alone, data, SHARED, NULL), 0);
	blob_end(alone, true);
	check_content(alone, SHARED);
	/* the second owner did not want it; the first reads it to the end */
	twice = shared_new(&other, SHARED);
	assert_null(blob_share(twice));
	blob_free(&other);
	assert_int_equal(blob_add(twice, data, SHARED, NULL), 0);
	blob_end(twice, true);
	check_content(twice, SHARED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),	 cmocka_unit_test(test_direct_writing), cmocka_unit_test(test_read_edges),
		cmocka_unit_test(test_too_much), cmocka_unit_test(test_no_spool),	cmocka_unit_test(test_spool_is_private),
		cmocka_unit_test(test_disk_full),	cmocka_unit_test(test_shared_whole),	cmocka_unit_test(test_shared_spoilt),
		cmocka_unit_test(test_shared_given_up), cmocka_unit_test(test_held_tail), cmocka_unit_test(test_spoilt_whole),
		cmocka_unit_test(test_what_is_not_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
