/* What a server's words mean: a known text before a code, a code before the default of what we were about. */
#include "tests/unit/imap/help.h"

#include "providers/imap/words.h"

static struct status status_of(const char *text)
{
	struct status s;
	assert_true(parse_status(&s, text, strlen(text)));
	return s;
}

static void test_classes(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum about about;
		enum error_class class;
	} rows[] = {
		/* defaults */
		{ "NO", ABOUT_SESSION, ERR_RETRY },
		{ "NO", ABOUT_LOGIN, ERR_LOGIN },
		{ "NO", ABOUT_FOLDER, ERR_FOLDER },
		{ "NO", ABOUT_MESSAGE, ERR_MESSAGE },
		{ "BAD what", ABOUT_MESSAGE, ERR_MESSAGE },
		{ "BYE see you", ABOUT_SESSION, ERR_RETRY },
		{ "BYE see you", ABOUT_LOGIN, ERR_RETRY },
		{ "BYE see you", ABOUT_MESSAGE, ERR_RETRY },
		/* codes */
		{ "NO [UNAVAILABLE] x", ABOUT_LOGIN, ERR_RETRY },
		{ "NO [unavailable] x", ABOUT_MESSAGE, ERR_RETRY },
		{ "NO [INUSE] x", ABOUT_FOLDER, ERR_RETRY },
		{ "NO [SERVERBUG] x", ABOUT_MESSAGE, ERR_RETRY },
		{ "NO [EXPUNGEISSUED] x", ABOUT_SESSION, ERR_RETRY },
		{ "NO [LIMIT] x", ABOUT_SESSION, ERR_RETRY },
		{ "NO [LIMIT] x", ABOUT_MESSAGE, ERR_MESSAGE },
		{ "NO [AUTHENTICATIONFAILED] x", ABOUT_LOGIN, ERR_LOGIN },
		{ "NO [AUTHORIZATIONFAILED] x", ABOUT_LOGIN, ERR_LOGIN },
		{ "NO [EXPIRED] x", ABOUT_LOGIN, ERR_LOGIN },
		{ "NO [CONTACTADMIN] x", ABOUT_LOGIN, ERR_LOGIN },
		{ "NO [CONTACTADMIN] x", ABOUT_MESSAGE, ERR_MESSAGE },
		{ "NO [PRIVACYREQUIRED] x", ABOUT_LOGIN, ERR_TLS },
		{ "NO [OVERQUOTA] x", ABOUT_MESSAGE, ERR_QUOTA },
		{ "NO [OVERQUOTA] x", ABOUT_SESSION, ERR_RETRY },
		{ "NO [TOOBIG] x", ABOUT_MESSAGE, ERR_MESSAGE },
		{ "NO [APPENDLIMIT] x", ABOUT_MESSAGE, ERR_MESSAGE },
		{ "NO [TRYCREATE] x", ABOUT_MESSAGE, ERR_FOLDER },
		{ "NO [NONEXISTENT] x", ABOUT_FOLDER, ERR_FOLDER },
		{ "NO [NOPERM] x", ABOUT_MESSAGE, ERR_FOLDER },
		{ "NO [CORRUPTION] x", ABOUT_FOLDER, ERR_FOLDER },
		{ "NO [CANNOT] x", ABOUT_FOLDER, ERR_FOLDER },
		{ "NO [NEVERHEARD] x", ABOUT_FOLDER, ERR_FOLDER },
		{ "NO [OVERQUOTAS] x", ABOUT_MESSAGE, ERR_MESSAGE },
		/* texts */
		{ "NO Request is throttled. Suggested Backoff Time: 100 milliseconds", ABOUT_MESSAGE, ERR_THROTTLED },
		{ "BAD Request is throttled.", ABOUT_SESSION, ERR_THROTTLED },
		{ "BYE Session invalidated - AccessTokenExpired", ABOUT_SESSION, ERR_RETRY },
		{ "NO User is authenticated but not connected.", ABOUT_LOGIN, ERR_RETRY },
		{ "NO Maximum size of appendable message has been exceeded", ABOUT_MESSAGE, ERR_MESSAGE },
		{ "NO Too many simultaneous connections. (Failure)", ABOUT_LOGIN, ERR_RETRY },
		{ "BYE Session expired, please login again.", ABOUT_SESSION, ERR_RETRY },
		{ "NO Maximum number of connections from user+IP exceeded", ABOUT_LOGIN, ERR_RETRY },
		{ "NO Temporary authentication failure.", ABOUT_LOGIN, ERR_RETRY },
		{ "NO [ALERT] x [THROTTLED] y", ABOUT_MESSAGE, ERR_THROTTLED },
		{ "NO Folder name is reserved", ABOUT_MESSAGE, ERR_FOLDER },
		{ "NO [CANNOT] Folder contains excess whitespace (Failure)", ABOUT_FOLDER, ERR_FOLDER },
		{ "NO [ALERT] Account exceeded command or bandwidth limits.", ABOUT_LOGIN, ERR_THROTTLED },
		{ "BAD User is authenticated but not connected.", ABOUT_SESSION, ERR_RETRY },
		{ "NO Service temporarily unavailable", ABOUT_LOGIN, ERR_RETRY },
		{ "BYE Too many connections from your address", ABOUT_LOGIN, ERR_RETRY },
		{ "NO Credenziali non riconosciute", ABOUT_LOGIN, ERR_LOGIN },
		{ "BAD Command Argument Error. 11", ABOUT_MESSAGE, ERR_MESSAGE },
		{ "NO [UNAVAILABLE] UID FETCH Server error", ABOUT_SESSION, ERR_RETRY },
		/* a text before its code */
		{ "NO [AUTHENTICATIONFAILED] Too many simultaneous connections. (Failure)", ABOUT_LOGIN, ERR_RETRY },
		{ "NO [OVERQUOTA] Account exceeded command or bandwidth limits. abc", ABOUT_MESSAGE, ERR_THROTTLED },
		{ "NO [AUTHENTICATIONFAILED] Temporary authentication failure.", ABOUT_LOGIN, ERR_RETRY },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct status s = status_of(rows[i].text);
		struct error err = { 0 };
		assert_int_equal(words_error(&s, rows[i].about, &err), -1);
		if (err.class != rows[i].class)
			fail_msg("%s (about %d): %s instead of %s", rows[i].text, (int)rows[i].about, error_class_name(err.class), error_class_name(rows[i].class));
		assert_true(err.text[0]);
	}
}

/* Gmail says [THROTTLED] as a code: that counts like the text. */
static void test_throttled_code(void **state)
{
	(void)state;
	struct status s = status_of("NO [THROTTLED] slow down");
	struct error err = { 0 };
	words_error(&s, ABOUT_MESSAGE, &err);
	assert_int_equal(err.class, ERR_THROTTLED);
}

static void test_wait(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned wait_ms;
	} rows[] = {
		{ "NO Request is throttled. Suggested Backoff Time: 45000 milliseconds", 45000 },
		{ "NO Request is throttled. Suggested Backoff Time: 0 milliseconds", 0 },
		{ "NO Request is throttled. Suggested Backoff Time: soon", 0 },
		{ "NO Request is throttled. Suggested Backoff Time: 99999999999999999999", 3600000 },
		{ "NO Request is throttled. Suggested Backoff Time: 3600001", 3600000 },
		{ "NO Request is throttled.", 0 },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct status s = status_of(rows[i].text);
		struct error err = { 0 };
		words_error(&s, ABOUT_MESSAGE, &err);
		assert_int_equal(err.wait_ms, rows[i].wait_ms);
	}
}

/* What is shown to people can't move their cursor, and says the code. */
static void test_clean(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct status s = status_of("NO [OVERQUOTA] full\x1b[2J \x07 up");
	words_error(&s, ABOUT_MESSAGE, &err);
	assert_null(strchr(err.text, '\x1b'));
	assert_null(strchr(err.text, '\x07'));
	assert_non_null(strstr(err.text, "[OVERQUOTA]"));
	assert_non_null(strstr(err.text, "full"));
	s = status_of("NO [\x1b[31m\x07\xff] text");
	words_error(&s, ABOUT_MESSAGE, &err);
	assert_string_equal(err.text, "[ [31m ?] text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_throttled_code),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
