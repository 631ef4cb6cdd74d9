/* Two forms of a mail: the same bytes, the same text, the same behind the header, in pieces of every length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/alloc.h"
#include "core/mail/proof.h"

static struct proof proof_of(const char *mail, size_t piece)
{
	CLEANUP(hasher_free) struct hasher *h = hasher_new();
	struct proof out = { 0 };
	for (size_t at = 0, len = strlen(mail); at < len; at += piece)
		hasher_add(h, mail + at, len - at < piece ? len - at : piece);
	hasher_end(h, &out);
	return out;
}

static bool same(const unsigned char *a, const unsigned char *b)
{
	return memcmp(a, b, DIGEST_LEN) == 0;
}

static void test_forms(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool text, body;
	} rows[] = {
		{ "A: b\r\n\r\none\r\ntwo\r\n", "A: b\n\none\ntwo\n", true, true },
		{ "A: b\r\n\r\none\r\ntwo\r\n", "A: b\r\n\r\none\r\ntwo", true, true },
		{ "A: b\r\n\r\none\r\ntwo\r\n", "A: b\r\n\r\none\r\ntwo\r\n\r\n", true, true },
		{ "A: b\r\n\r\none\r\r\ntwo\r\n", "A: b\r\n\r\none\r\ntwo\r\n", true, true },
		{ "A: b\r\r\n\r\r\none\r\r\r\n", "A: b\r\n\r\none\r\n", true, true },
		{ "A: b\r\n\r\none\rtwo\r\n", "A: b\r\n\r\nonetwo\r\n", false, false },
		{ "A: b\r\n\r\none\r\rtwo\r\n", "A: b\r\n\r\none\rtwo\r\n", false, false },
		{ "A: b\r\n\r\none\r", "A: b\r\n\r\none", false, false },
		{ "A: b\r\n\r\none\r\n", "X: y\r\nA: b\r\n\r\none\r\n", false, true },
		{ "A: b\r\n\r\none\r\n", "A: b\r\n\r\none \r\n", false, false },
		{ "A: b\r\n\r\n\r\n\r\none\r\n", "A: b\r\n\r\n\r\none\r\n", false, false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (size_t piece = 1; piece < 8; piece++) {
			struct proof a = proof_of(rows[i].a, piece), b = proof_of(rows[i].b, 100);
			assert_false(same(a.raw, b.raw));
			assert_int_equal(a.length, strlen(rows[i].a));
			if (same(a.text, b.text) != rows[i].text || same(a.body, b.body) != rows[i].body)
				fail_msg("row %zu: text %d, body %d", i, same(a.text, b.text), same(a.body, b.body));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
