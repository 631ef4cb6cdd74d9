/* Whether a mail of several parts has its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mail/multipart.h"

#define MIXED(boundary) "Subject: n\r\nContent-Type: multipart/mixed; boundary=" boundary "\r\n\r\n"

static void test_ends(void **state)
{
	static const struct {
		const char *mail;
		bool ends;
	} rows[] = {
		{ MIXED("b") "--b\r\n\r\nx\r\n--b--\r\n", true },
		{ MIXED("b") "--b\r\n\r\nx\r\n--b--", true },
		{ MIXED("b") "--b\r\n\r\nx\r\n--b--\r\nepilogue\r\n", true },
		{ MIXED("b") "--b\r\n\r\nx\r\n--b\r\n", false },
		{ MIXED("b") "--b\r\n\r\nx", false },
		{ MIXED("b"), false },
		{ MIXED("\"=_a b?\"") "--=_a b?\r\n\r\nx\r\n--=_a b?--\r\n", true },
		{ MIXED("\"=_a b?\"") "--=_a b?\r\n\r\nx\r\n", false },
		{ MIXED("\"a\\\"b\"") "--a\"b--\r\n", true },
		{ MIXED("b; charset=x") "--b--\r\n", true },
		{ MIXED("b ; charset=x") "--b\r\n", false },
		{ "CONTENT-TYPE:\r\n\tMULTIPART/Mixed;\r\n\tBOUNDARY=\"q\"\r\n\r\n--q--\r\n", true },
		{ "CONTENT-TYPE:\r\n\tMULTIPART/Mixed;\r\n\tBOUNDARY=\"q\"\r\n\r\n--q\r\n", false },
		{ "Content-Type: multipart/mixed; boundary=q\n\n--q--\n", true },
		{ "Content-Type: multipart/mixed; boundary=q\n\n--q\n", false },
		/* nothing is promised, or it can't be told what */
		{ "Content-Type: text/plain; boundary=b\r\n\r\nx", true },
		{ "Content-Type: multipart/mixed\r\n\r\nx", true },
		{ "Content-Type: multipart/mixed; boundary=\r\n\r\nx", true },
		{ "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\nx", true },
		{ "Content-Type:\r\n\r\nx", true },
		{ "Subject: n\r\n\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nx", true },
		{ "X-Content-Type: multipart/mixed; boundary=b\r\n\r\nx", true },
		{ "\r\nx", true },
		{ "", true },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t len = strlen(rows[i].mail), tail = len < 40 ? len : 40;
		char *copy = malloc(len + 1); /* of exactly that length: a byte beyond is seen */
		memcpy(copy, rows[i].mail, len);
		char *exact = realloc(copy, len ? len : 1);
		print_message("row %zu\n", i);
		assert_int_equal(multipart_ends(exact, len, exact + len - tail, tail), rows[i].ends);
		free(exact);
	}
}

static void test_long_boundary(void **state)
{
	char mail[2000] = "Content-Type: multipart/mixed; boundary=";
	(void)state;
	memset(mail + strlen(mail), 'b', 1000);
	strcat(mail, "\r\n\r\n");
	assert_false(multipart_ends(mail, strlen(mail), "x", 1));
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_ends), cmocka_unit_test(test_long_boundary) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
