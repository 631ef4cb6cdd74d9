/* Errors: what is set, what is cleared, how places pile up and where long texts are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"

static void test_set(void **state)
{
	(void)state;
	struct error err = { .class = ERR_THROTTLED, .wait_ms = 5000, .where = "old", .text = "older" };

	assert_int_equal(error_set(&err, ERR_QUOTA, "%d MB of %d", 99, 100), -1);
	assert_int_equal(err.class, ERR_QUOTA);
	assert_int_equal(err.wait_ms, 0);
	assert_string_equal(err.where, "");
	assert_string_equal(err.text, "99 MB of 100");
	assert_int_equal(error_set(NULL, ERR_BUG, "nobody listens"), -1);
	assert_int_equal(error_at(NULL, "nowhere"), -1);
}

/* Wrapping an error in its own words. */
static void test_set_from_itself(void **state)
{
	(void)state;
	struct error err;

	error_set(&err, ERR_RETRY, "connection lost");
	error_at(&err, "append");
	error_set(&err, ERR_FOLDER, "%s: %s", err.where, err.text);
	assert_string_equal(err.text, "append: connection lost");
	assert_string_equal(err.where, "");
}

static void test_at(void **state)
{
	(void)state;
	struct error err;

	error_set(&err, ERR_MESSAGE, "refused");
	assert_int_equal(error_at(&err, "uid %d", 17), -1);
	assert_string_equal(err.where, "uid 17");
	error_at(&err, "INBOX.Posta inviata");
	error_at(&err, "mario");
	assert_string_equal(err.where, "mario: INBOX.Posta inviata: uid 17");
	assert_string_equal(err.text, "refused");
	assert_int_equal(err.class, ERR_MESSAGE);
}

/* Characters of 1 to 4 bytes at every distance from the end of the text: never half of one. */
static void test_cut_at_character(void **state)
{
	(void)state;
	static const char *const characters[] = { "x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x93\xAC" };
	struct error err;

	for (size_t c = 0; c < 4; c++) {
		size_t width = strlen(characters[c]);

		for (size_t lead = 0; lead < 8; lead++) {
			char text[1024] = "";

			memset(text, '-', lead);
			while (strlen(text) < 900)
				strcat(text, characters[c]);
			error_set(&err, ERR_BUG, "%s", text);
			assert_true(text_is_utf8(err.text, strlen(err.text)));
			assert_in_range(strlen(err.text), sizeof err.text - width, sizeof err.text - 1);
			error_at(&err, "%s", text);
			assert_true(text_is_utf8(err.where, strlen(err.where)));
			assert_in_range(strlen(err.where), sizeof err.where - width, sizeof err.where - 1);
			error_at(&err, "mario");
			assert_memory_equal(err.where, "mario: ", 7);
			assert_true(text_is_utf8(err.where, strlen(err.where)));
		}
	}
}

/* What just fits stays whole, a last character of two bytes included. */
static void test_exact_fit(void **state)
{
	(void)state;
	struct error err;
	char text[sizeof err.text];

	memset(text, 'a', sizeof text);
	memcpy(text + sizeof text - 3, "\xC3\xA9", 3);
	error_set(&err, ERR_BUG, "%s", text);
	assert_string_equal(err.text, text);
}

static void test_names(void **state)
{
	(void)state;
	static const struct {
		enum error_class class;
		const char *name;
	} rows[] = {
		{ ERR_NONE, "none" },   { ERR_RETRY, "retry" },     { ERR_THROTTLED, "throttled" }, { ERR_LOGIN, "login" },
		{ ERR_TLS, "tls" },     { ERR_QUOTA, "quota" },     { ERR_MESSAGE, "message" },     { ERR_FOLDER, "folder" },
		{ ERR_USAGE, "usage" }, { ERR_BUSY, "busy" },       { ERR_CANCELLED, "cancelled" }, { ERR_BUG, "bug" },
		{ (enum error_class)99, "unknown" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(error_class_name(rows[i].class), rows[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),	      cmocka_unit_test(test_set_from_itself), cmocka_unit_test(test_at),
		cmocka_unit_test(test_cut_at_character), cmocka_unit_test(test_exact_fit),	      cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
