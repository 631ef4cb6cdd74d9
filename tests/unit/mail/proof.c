/* The three digests of a mail: what each takes no notice of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/mail/proof.h"

#define HEAD "Subject: n\r\nX-A: b\r\n"

static void prove(struct proof *out, const char *mail, size_t at_once)
{
	struct hasher *h = hasher_new();
	for (size_t at = 0, len = strlen(mail); at < len; at += at_once)
		hasher_add(h, mail + at, len - at < at_once ? len - at : at_once);
	hasher_end(h, out);
	hasher_free(&h);
}

static void test_compared(void **state)
{
	static const struct {
		const char *a, *b;
		bool raw, text, body;
	} rows[] = {
		{ HEAD "\r\nx\r\n", HEAD "\r\nx\r\n", true, true, true },
		{ HEAD "\r\nx\r\n", "Subject: n\nX-A: b\n\nx\n", false, true, true },
		{ HEAD "\r\nx\r\n", HEAD "\r\nx", false, true, true },
		{ HEAD "\r\nx\r\n", HEAD "\r\nx\r\n\r\n\r\n", false, true, true },
		{ HEAD "\r\nx\r\ny\r\n", HEAD "\r\nx\r\r\ny\r\n", false, true, true },
		{ HEAD "\r\nxy\r\n", HEAD "\r\nx\ry\r\n", false, true, true },
		{ HEAD "\r\nxy\r\n", HEAD "\r\nx\r\ny\r\n", false, false, false },
		{ HEAD "\r\nx\r\ny\r\n", HEAD "\r\nx\r\n\r\ny\r\n", false, false, false },
		{ HEAD "\r\nx\r\n", HEAD "\r\n\r\nx\r\n", false, false, false },
		{ HEAD "\r\nx\r\n", HEAD "\r\nx \r\n", false, false, false },
		{ HEAD "\r\nx\r\n", HEAD "X-Server: new\r\n\r\nx\r\n", false, false, true },
		{ HEAD "\r\nx\r\n", "X-A: b\r\nSubject: n\r\n\r\nx\r\n", false, false, true },
		{ HEAD "\r\n", HEAD, false, true, true },
		{ HEAD "\r\nSubject: n\r\n", HEAD "Subject: n\r\n", false, false, false },
		{ "\r\nx", "\nx\n", false, true, true },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t at_once = 1; at_once < 50; at_once += 7) {
			struct proof a, b;
			prove(&a, rows[i].a, at_once);
			prove(&b, rows[i].b, 50 - at_once);
			print_message("row %zu\n", i);
			assert_int_equal(a.length, strlen(rows[i].a));
			assert_int_equal(memcmp(a.raw, b.raw, DIGEST_LEN) == 0, rows[i].raw);
			assert_int_equal(memcmp(a.text, b.text, DIGEST_LEN) == 0, rows[i].text);
			assert_int_equal(memcmp(a.body, b.body, DIGEST_LEN) == 0, rows[i].body);
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_compared) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
