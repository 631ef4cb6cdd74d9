/* Answers of name servers, well-formed and not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "providers/mx.h"

enum { TYPE_CNAME = 5, TYPE_MX = 15, TYPE_AFSDB = 18 };

static void put16(struct buf *b, unsigned n)
{
	buf_addc(b, (char)(n >> 8));
	buf_addc(b, (char)n);
}

/* "mx.company.it" as labels; "" is the root. */
static void put_name(struct buf *b, const char *name)
{
	while (*name) {
		size_t n = strcspn(name, ".");
		buf_addc(b, (char)n);
		buf_add(b, name, n);
		name += n + (name[n] == '.');
	}
	buf_addc(b, 0);
}

static void put_head(struct buf *b, unsigned answers)
{
	put16(b, 7);
	put16(b, 0x8180);
	put16(b, 1);
	put16(b, answers);
	put16(b, 0);
	put16(b, 0);
	put_name(b, "company.it");
	put16(b, TYPE_MX);
	put16(b, 1);
}

/* Its owner is a pointer to the question's name. */
static void put_record(struct buf *b, unsigned type, unsigned preference, const char *host)
{
	struct buf data = { 0 };
	if (type != TYPE_CNAME)
		put16(&data, preference);
	put_name(&data, host);
	put16(b, 0xc00c);
	put16(b, type);
	put16(b, 1);
	put16(b, 0);
	put16(b, 300);
	put16(b, (unsigned)data.len);
	buf_add(b, data.data, data.len);
	buf_free(&data);
}

static int parse(struct mx_list *out, const struct buf *b, size_t len, struct error *err)
{
	/* of its own size: a read behind its end is seen by the sanitizer */
	CLEANUP(x_free) unsigned char *copy = x_malloc(len ? len : 1);
	memcpy(copy, b->data, len);
	return mx_parse(out, copy, len, err);
}

static void test_order(void **state)
{
	(void)state;
	struct buf b = { 0 };
	struct mx_list list;
	struct error err = { 0 };

	put_head(&b, 6);
	put_record(&b, TYPE_CNAME, 0, "other.it");
	put_record(&b, TYPE_AFSDB, 1, "looks.like.it");	/* of the same form (RFC 1183, 1) */
	put_record(&b, TYPE_MX, 20, "b.company.it");
	put_record(&b, TYPE_MX, 10, "a.company.it");
	put_record(&b, TYPE_MX, 20, "c.company.it");
	put_record(&b, TYPE_MX, 65535, "z.company.it");
	assert_int_equal(parse(&list, &b, b.len, &err), 0);
	assert_int_equal(list.count, 4);
	assert_string_equal(list.host[0], "a.company.it");
	assert_string_equal(list.host[1], "b.company.it");
	assert_string_equal(list.host[2], "c.company.it");
	assert_string_equal(list.host[3], "z.company.it");
	mx_free(&list);
	assert_int_equal(list.count, 0);
	buf_free(&b);
}

static void test_none(void **state)
{
	(void)state;
	struct buf b = { 0 };
	struct mx_list list;

	put_head(&b, 0);
	assert_int_equal(parse(&list, &b, b.len, NULL), 0);
	assert_int_equal(list.count, 0);
	buf_reset(&b);
	/* RFC 7505: this domain takes no mail */
	put_head(&b, 1);
	put_record(&b, TYPE_MX, 0, "");
	assert_int_equal(parse(&list, &b, b.len, NULL), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.host[0], "");
	mx_free(&list);
	buf_free(&b);
}

static void test_many(void **state)
{
	(void)state;
	struct buf b = { 0 };
	struct mx_list list;

	put_head(&b, 200);
	for (unsigned i = 0; i < 200; i++)
		put_record(&b, TYPE_MX, i, "mx.company.it");
	assert_int_equal(parse(&list, &b, b.len, NULL), 0);
	assert_int_equal(list.count, MX_MOST);
	mx_free(&list);
	buf_free(&b);
}

/* Cut anywhere, and every byte wrong in turn: an answer or an error, never a read behind its end, never an endless name. */
static void test_broken(void **state)
{
	(void)state;
	struct buf b = { 0 };
	struct mx_list list;
	struct error err = { 0 };

	put_head(&b, 2);
	put_record(&b, TYPE_MX, 10, "a.company.it");
	put_record(&b, TYPE_MX, 20, "b.company.it");
	for (size_t len = 0; len < b.len; len++) {
		assert_int_equal(parse(&list, &b, len, &err), -1);
		assert_int_equal(err.class, ERR_RETRY);
		mx_free(&list);
	}
	for (size_t i = 0; i < b.len; i++) {
		static const unsigned char wrong[] = { 0x00, 0x3f, 0x40, 0x80, 0xc0, 0xff };
		char right = b.data[i];
		for (size_t w = 0; w < sizeof wrong; w++) {
			b.data[i] = (char)wrong[w];
			if (parse(&list, &b, b.len, &err) == 0)
				assert_in_range(list.count, 0, MX_MOST);
			mx_free(&list);
		}
		b.data[i] = right;
	}
	buf_free(&b);
}

static void test_no_names(void **state)
{
	(void)state;
	struct mx_list list;
	struct error err = { 0 };
	CLEANUP(x_free) char *endless = x_malloc(301);

	memset(endless, 'a', 300);
	endless[300] = '\0';
	assert_int_equal(mx_lookup(&list, endless, &err), -1);
	assert_int_equal(err.class, ERR_USAGE);
	assert_int_equal(list.count, 0);
	assert_int_equal(mx_lookup(&list, "\xff.it", &err), -1);
	assert_int_equal(err.class, ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
