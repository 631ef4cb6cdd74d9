/* Sets of UIDs: against a plain bitmap under random operations, and fast where mailboxes are large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/mail/uidset.h"

/* Ascending, at least one UID missing between two ranges. */
static void check_order(const struct uid_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		assert_true(set->range[i].first >= 1);
		assert_true(set->range[i].first <= set->range[i].last);
		if (i > 0)
			assert_true(set->range[i].first > (uint64_t)set->range[i - 1].last + 1);
	}
}

static void check_text(const struct uid_set *set, const char *want)
{
	CLEANUP(x_free) char *text = uid_set_text(set);

	check_order(set);
	assert_string_equal(text, want);
}

static void test_add(void **state)
{
	(void)state;
	static const struct {
		struct uid_range add[6];
		const char *want;
	} rows[] = {
		{ { { 0, 0 } }, "" },
		{ { { 0, 5 }, { 7, 6 }, { 5, 5 } }, "5" },
		{ { { 1, 1 }, { 2, 2 }, { 3, 3 }, { 7, 7 } }, "1:3,7" },
		{ { { 7, 7 }, { 3, 3 }, { 2, 2 }, { 1, 1 } }, "1:3,7" },
		{ { { 1, 3 }, { 5, 7 }, { 4, 4 } }, "1:7" },
		{ { { 1, 3 }, { 5, 7 }, { 2, 6 } }, "1:7" },
		{ { { 10, 20 }, { 30, 40 }, { 50, 60 }, { 5, 70 } }, "5:70" },
		{ { { 10, 20 }, { 30, 40 }, { 50, 60 }, { 15, 35 } }, "10:40,50:60" },
		{ { { 10, 20 }, { 30, 40 }, { 21, 29 } }, "10:40" },
		{ { { 10, 20 }, { 30, 40 }, { 22, 28 } }, "10:20,22:28,30:40" },
		{ { { 10, 20 }, { 12, 13 }, { 10, 20 }, { 20, 20 } }, "10:20" },
		{ { { 4294967295, 4294967295 }, { 4294967294, 4294967294 }, { 1, 1 } }, "1,4294967294:4294967295" },
		{ { { 1, 4294967295 }, { 5, 5 } }, "1:4294967295" },
		{ { { 5, 5 }, { 9, 9 }, { 1, 4294967295 } }, "1:4294967295" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(uid_set_free) struct uid_set set = { 0 };

		for (size_t k = 0; k < 6; k++)
			uid_set_add(&set, rows[i].add[k].first, rows[i].add[k].last);
		check_text(&set, rows[i].want);
	}
}

static void test_parse(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *want;	/* NULL: refused */
	} rows[] = {
		{ "1", "1" },
		{ "1:3,7,9:12", "1:3,7,9:12" },
		{ "7,1:3,9:12", "1:3,7,9:12" },
		{ "12:9,1", "1,9:12" },
		{ "1,2,3,2", "1:3" },
		{ "5:5", "5" },
		{ "1:10,3:20", "1:20" },
		{ "4294967295", "4294967295" },
		{ "", NULL },	   { "0", NULL },     { "0:5", NULL },	    { "01", NULL },  { "4294967296", NULL },
		{ "*", NULL },	   { "1:*", NULL },   { "1,", NULL },	    { ",1", NULL },  { "1,,2", NULL },
		{ "1:", NULL },	   { ":1", NULL },    { "1:2:3", NULL },    { "1 ", NULL },  { " 1", NULL },
		{ "1;2", NULL },   { "-1", NULL },    { "1,2,x", NULL },    { "+1", NULL },  { "99999999999999999999", NULL },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(uid_set_free) struct uid_set set;
		bool good = uid_set_parse(&set, rows[i].text, strlen(rows[i].text));

		assert_int_equal(good, rows[i].want != NULL);
		check_text(&set, rows[i].want ? rows[i].want : "");
	}

	CLEANUP(uid_set_free) struct uid_set part;

	assert_true(uid_set_parse(&part, "1:34,567", 4));
	check_text(&part, "1:34");
}

/* A million ranges are read, even back to front; one more is not. */
static void test_parse_limit(void **state)
{
	(void)state;
	for (unsigned ranges = 1000000; ranges <= 1000001; ranges++) {
		CLEANUP(uid_set_free) struct uid_set set;
		CLEANUP(x_free) char *text = x_malloc((size_t)ranges * 11 + 1);
		char *end = text;

		for (unsigned i = ranges; i > 0; i--) {
			unsigned uid = 2 * i;
			char number[12];
			size_t n = sizeof number;

			for (number[--n] = ','; uid > 0; uid /= 10)
				number[--n] = (char)('0' + uid % 10);
			memcpy(end, number + n, sizeof number - n);
			end += sizeof number - n;
		}
		assert_int_equal(uid_set_parse(&set, text, (size_t)(end - text) - 1), ranges == 1000000);
		assert_int_equal(set.count, ranges == 1000000 ? 1000000 : 0);
		check_order(&set);
	}
}

static void test_minus(void **state)
{
	(void)state;
	static const struct {
		const char *set, *less, *want;
	} rows[] = {
		{ "", "1:9", "" }, { "1:9", "", "1:9" }, { "1:9", "1:9", "" }, { "1:9", "3", "1:2,4:9" }, { "1:9", "1,9", "2:8" }, { "1:3,7:9", "3:7", "1:2,8:9" }, { "5:6", "1:4,7:9", "5:6" },
		{ "1:9,20:29", "2:3,5,8:22,29:40", "1,4,6:7,23:28" }, { "1:4294967295", "2:4294967294", "1,4294967295" }, { "4294967295", "4294967295", "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(uid_set_free) struct uid_set set, less, out = { 0 };

		uid_set_parse(&set, rows[i].set, strlen(rows[i].set));
		uid_set_parse(&less, rows[i].less, strlen(rows[i].less));
		uid_set_minus(&out, &set, &less);
		check_text(&out, rows[i].want);
	}
}

static void test_take(void **state)
{
	(void)state;
	static const struct {
		const char *set;
		uint64_t max;
		size_t max_text;
		uint64_t taken;
		const char *out, *left;
	} rows[] = {
		{ "1:3,7,9:12", 0, 100, 0, "", "1:3,7,9:12" },
		{ "1:3,7,9:12", 1, 100, 1, "1", "2:3,7,9:12" },
		{ "1:3,7,9:12", 3, 100, 3, "1:3", "7,9:12" },
		{ "1:3,7,9:12", 4, 100, 4, "1:3,7", "9:12" },
		{ "1:3,7,9:12", 6, 100, 6, "1:3,7,9:10", "11:12" },
		{ "1:3,7,9:12", 99, 100, 8, "1:3,7,9:12", "" },
		{ "1:3,7,9:12", 99, 8, 4, "1:3,7", "9:12" },
		{ "1:3,7,9:12", 99, 0, 3, "1:3", "7,9:12" },
		{ "100,102,104,106", 99, 10, 2, "100,102", "104,106" },
		{ "1:4294967295", 500, 100, 500, "1:500", "501:4294967295" },
		{ "1:4294967295", UINT64_MAX, 100, 4294967295, "1:4294967295", "" },
		{ "4294967295", 5, 5, 1, "4294967295", "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(uid_set_free) struct uid_set set;
		CLEANUP(uid_set_free) struct uid_set out = { 0 };

		assert_true(uid_set_parse(&set, rows[i].set, strlen(rows[i].set)));
		assert_int_equal(uid_set_take(&set, &out, rows[i].max, rows[i].max_text), rows[i].taken);
		check_text(&out, rows[i].out);
		check_text(&set, rows[i].left);
		assert_int_equal(uid_set_size(&out), rows[i].taken);
	}

	struct uid_set empty = { 0 }, out = { 0 };

	assert_int_equal(uid_set_take(&empty, &out, 5, 5), 0);
	assert_null(out.range);
}

/* Every text is as short as was asked, and together they are the whole. */
static void test_take_all(void **state)
{
	(void)state;
	CLEANUP(uid_set_free) struct uid_set set = { 0 };
	CLEANUP(uid_set_free) struct uid_set all = { 0 };
	uint64_t sum = 0;

	for (uint32_t uid = 1; uid < 3000; uid++)
		if (uid % 7 != 0 && uid % 5 != 0)
			uid_set_add(&set, uid, uid);

	uint64_t size = uid_set_size(&set);

	while (set.count > 0) {
		CLEANUP(uid_set_free) struct uid_set out = { 0 };
		uint64_t n = uid_set_take(&set, &out, 50, 100);
		CLEANUP(x_free) char *text = uid_set_text(&out);

		assert_in_range(n, 1, 50);
		assert_true(strlen(text) <= 100);
		assert_int_equal(uid_set_size(&out), n);
		for (size_t i = 0; i < out.count; i++)
			uid_set_add(&all, out.range[i].first, out.range[i].last);
		sum += n;
	}
	assert_int_equal(sum, size);
	assert_int_equal(uid_set_size(&all), size);
	for (uint32_t uid = 1; uid < 3000; uid++)
		assert_int_equal(uid_set_has(&all, uid), uid % 7 != 0 && uid % 5 != 0);
}

enum { UNIVERSE = 400, ROUNDS = 20000 };

static void check_same(const struct uid_set *set, const bool *map)
{
	uint64_t size = 0;

	check_order(set);
	for (uint32_t uid = 0; uid <= UNIVERSE; uid++) {
		assert_int_equal(uid_set_has(set, uid), map[uid]);
		size += map[uid];
	}
	assert_int_equal(uid_set_size(set), size);
}

static void random_add(struct uid_set *set, bool *map)
{
	uint32_t first = (uint32_t)(rand() % (UNIVERSE + 1)), last = first + (uint32_t)(rand() % 6);

	if (last > UNIVERSE)
		last = UNIVERSE;
	uid_set_add(set, first, last);
	for (uint32_t uid = first; first > 0 && uid <= last; uid++)
		map[uid] = true;
}

static void random_take(struct uid_set *set, bool *map)
{
	CLEANUP(uid_set_free) struct uid_set out = { 0 };
	uint64_t max = (uint64_t)(rand() % 40), taken = uid_set_take(set, &out, max, 1000), n = 0;

	for (uint32_t uid = 1; uid <= UNIVERSE && n < max; uid++) {
		if (!map[uid])
			continue;
		assert_true(uid_set_has(&out, uid));
		map[uid] = false;
		n++;
	}
	assert_int_equal(taken, n);
	assert_int_equal(uid_set_size(&out), n);
}

/* More of them at once, in any order. */
static void random_join(struct uid_set *set, bool *map)
{
	CLEANUP(uid_set_free) struct uid_set more = { 0 };
	uint32_t uids[40];
	size_t count = (size_t)(rand() % 40);

	for (size_t i = 0; i < count; i++) {
		uids[i] = (uint32_t)(rand() % (UNIVERSE + 1));
		map[uids[i]] = map[uids[i]] || uids[i] > 0;
	}
	uid_set_add_many(set, uids, count);
	for (int i = rand() % 20; i > 0; i--)
		random_add(&more, map);
	uid_set_join(set, &more);
	check_order(set);
}

/* Text and parse are each other's inverse. */
static void random_copy(struct uid_set *set)
{
	CLEANUP(x_free) char *text = uid_set_text(set);
	CLEANUP(uid_set_free) struct uid_set copy;
	CLEANUP(x_free) char *again = NULL;

	assert_int_equal(uid_set_parse(&copy, text, strlen(text)), set->count > 0);
	again = uid_set_text(&copy);
	assert_string_equal(text, again);
}

static void test_random(void **state)
{
	(void)state;
	CLEANUP(uid_set_free) struct uid_set set = { 0 };
	bool map[UNIVERSE + 1] = { false };

	srand(4711);
	for (int round = 0; round < ROUNDS; round++) {
		int what = rand() % 100;

		if (what < 84)
			random_add(&set, map);
		else if (what < 88)
			random_join(&set, map);
		else if (what < 96)
			random_take(&set, map);
		else if (what < 99)
			random_copy(&set);
		else if (what == 99 && round % 7 == 0) {
			uid_set_reset(&set);
			memset(map, 0, sizeof map);
		}
		if (round % 20 == 0)
			check_same(&set, map);
	}
	check_same(&set, map);
}

/* Sizes of real mailboxes. A quadratic way would take minutes; the limit is far above what is needed. */
static void test_large(void **state)
{
	(void)state;
	CLEANUP(uid_set_free) struct uid_set whole = { 0 };
	CLEANUP(uid_set_free) struct uid_set single = { 0 };
	int64_t start = clock_ms();
	uint64_t takes = 0;

	for (uint32_t uid = 1; uid <= 1000000; uid++)
		uid_set_add(&whole, uid, uid);
	assert_int_equal(whole.count, 1);
	for (uint32_t i = 1; i <= 1000000; i++)
		uid_set_add(&single, 2 * i, 2 * i);
	assert_int_equal(single.count, 1000000);
	while (whole.count + single.count > 0) {
		CLEANUP(uid_set_free) struct uid_set out = { 0 };

		uid_set_take(&whole, &out, 1, 4000);
		uid_set_reset(&out);
		uid_set_take(&single, &out, 1, 4000);
		takes++;
	}
	assert_int_equal(takes, 1000000);
	assert_true(clock_ms() - start < 30000);
}

/* Taken from the front and added at the end for ever: the memory does not grow. */
static void test_memory_is_used_again(void **state)
{
	(void)state;
	CLEANUP(uid_set_free) struct uid_set set = { 0 };
	CLEANUP(uid_set_free) struct uid_set out = { 0 };

	for (uint32_t i = 1; i <= 100000; i++) {
		uid_set_add(&set, 2 * i, 2 * i);
		if (set.count < 20)
			continue;
		uid_set_reset(&out);
		assert_int_equal(uid_set_take(&set, &out, 10, 1000), 10);
	}
	assert_true(set.cap < 200);
	check_order(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_limit),
		cmocka_unit_test(test_minus),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_take_all),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_memory_is_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
