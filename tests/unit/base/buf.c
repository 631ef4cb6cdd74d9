/* The growing run of bytes and the NUL behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/buf.h"

static void test_adds(void **state)
{
	(void)state;
	struct buf b = { 0 };

	buf_adds(&b, "A1 ");
	buf_addf(&b, "FETCH %d:%s", 17, "*");
	buf_addc(&b, ' ');
	buf_add(&b, "(UID)xxx", 5);
	assert_string_equal(b.data, "A1 FETCH 17:* (UID)");
	assert_int_equal(b.len, strlen(b.data));
	buf_free(&b);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	assert_int_equal(b.cap, 0);
}

static void test_empty_additions(void **state)
{
	(void)state;
	struct buf b = { 0 };

	buf_add(&b, NULL, 0);
	assert_non_null(b.data);
	assert_string_equal(b.data, "");
	buf_adds(&b, "");
	buf_addf(&b, "%s", "");
	assert_int_equal(b.len, 0);
	buf_free(&b);
	buf_free(&b);
}

static void test_bytes_with_nul(void **state)
{
	(void)state;
	struct buf b = { 0 };

	buf_add(&b, "a\0b", 3);
	buf_addc(&b, '\0');
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "a\0b\0", 5);
	buf_free(&b);
}

static void test_grows(void **state)
{
	(void)state;
	struct buf b = { 0 };
	size_t moves = 0, cap = 0;

	for (size_t i = 0; i < 200000; i++) {
		buf_addc(&b, (char)('a' + i % 26));
		assert_true(b.cap > b.len);
		assert_int_equal(b.data[b.len], 0);
		moves += b.cap != cap;
		cap = b.cap;
	}
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal(b.data[i], 'a' + (int)(i % 26));
	assert_in_range(moves, 2, 40);
	buf_free(&b);
}

/* A long line formatted over the end of what is there. */
static void test_long_format(void **state)
{
	(void)state;
	struct buf b = { 0 };

	buf_adds(&b, "x");
	buf_addf(&b, "%0500d", 7);
	assert_int_equal(b.len, 501);
	assert_int_equal(b.data[500], '7');
	assert_int_equal(b.data[1], '0');
	buf_free(&b);
}

/* The room was asked for 100 bytes, 3 were written, over what an earlier use had left. */
static void test_room_ends_in_nul(void **state)
{
	(void)state;
	struct buf b = { 0 };

	for (size_t i = 0; i < 300; i++)
		buf_addc(&b, 'x');
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
	assert_true(b.cap > 300);
	memcpy(buf_room(&b, 100), "abc", 3);
	b.len += 3;
	assert_string_equal(b.data, "abc");
	assert_ptr_equal(buf_room(&b, 0), b.data + 3);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adds),  cmocka_unit_test(test_empty_additions), cmocka_unit_test(test_bytes_with_nul),
		cmocka_unit_test(test_grows), cmocka_unit_test(test_long_format),     cmocka_unit_test(test_room_ends_in_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
