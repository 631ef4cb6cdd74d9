/* Which language is spoken, and that it is spoken at all: the catalogue is the build's, and no Italian locale need be installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void from_the_environment(void **state)
{
	static const struct {
		const char *all, *messages, *lang, *want;
	} rows[] = {
		{ NULL, NULL, NULL, "en" },
		{ NULL, NULL, "it_IT.UTF-8", "it" },
		{ NULL, NULL, "it", "it" },
		{ NULL, NULL, "it_CH", "it" },
		{ NULL, NULL, "it@euro", "it" },
		{ NULL, NULL, "en_US.UTF-8", "en" },
		{ NULL, NULL, "iti_XX", "en" },
		{ NULL, NULL, "de_IT", "en" },
		{ NULL, NULL, "C", "en" },
		{ NULL, "it_IT", "en_US.UTF-8", "it" },
		{ NULL, "en_US", "it_IT.UTF-8", "en" },
		{ "C", "it_IT", "it_IT", "en" },
		{ "it_IT", "C", "C", "it" },
		{ "", "", "it_IT", "it" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		set("LC_ALL", rows[i].all);
		set("LC_MESSAGES", rows[i].messages);
		set("LANG", rows[i].lang);
		assert_int_equal(i18n_start_in(NULL, LOCALES), 0);
		assert_string_equal(i18n_lang(), rows[i].want);
		/* what is said wins */
		assert_int_equal(i18n_start_in("it", LOCALES), 0);
		assert_string_equal(i18n_lang(), "it");
		assert_int_equal(i18n_start_in("en", LOCALES), 0);
		assert_string_equal(i18n_lang(), "en");
	}
}

static void texts(void **state)
{
	(void)state;
	assert_int_equal(i18n_start_in("it", LOCALES), 0);
	assert_string_equal(_("refused"), "rifiutati");
	assert_string_equal(P_("message", "messages", 1), "messaggio");
	assert_string_equal(P_("message", "messages", 0), "messaggi");
	assert_string_equal(P_("message", "messages", 2), "messaggi");
	/* What was kept: ours is translated, a server's words are not, and nothing is no header of a catalogue. */
	assert_string_equal(i18n_kept("contacts, calendars, filters, signatures and shared folders are not moved"),
		"non si spostano rubrica, calendari, filtri, firme e cartelle condivise");
	assert_string_equal(i18n_kept("Mailbox is over its limit"), "Mailbox is over its limit");
	assert_string_equal(i18n_kept(""), "");
	assert_string_equal(i18n_kept(NULL), "");
	assert_int_equal(i18n_start_in("en", LOCALES), 0);
	assert_string_equal(_("refused"), "refused");
	assert_string_equal(P_("message", "messages", 1), "message");
	assert_string_equal(P_("message", "messages", 7), "messages");
	assert_string_equal(i18n_kept(""), "");
}

/* What is kept in the state, in logs and in documents is English: the C library's words too. */
static void system_words(void **state)
{
	(void)state;
	setlocale(LC_CTYPE, "C.UTF-8"); /* as main does */
	assert_int_equal(i18n_start_in("it", LOCALES), 0);
	assert_string_equal(_("refused"), "rifiutati");
	assert_string_equal(strerror(ECONNREFUSED), "Connection refused");
	assert_string_equal(dgettext("libc", "Connection refused"), "Connection refused");
	setlocale(LC_CTYPE, "C");
}

/* Without a catalogue it is said, and the texts are English. */
static void no_catalogue(void **state)
{
	(void)state;
	assert_int_equal(i18n_start_in("it", "/nonexistent"), -1);
	assert_string_equal(i18n_lang(), "en");
	assert_string_equal(_("refused"), "refused");
	assert_int_equal(i18n_start_in("it", LOCALES), 0);
	assert_string_equal(_("refused"), "rifiutati");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(from_the_environment), cmocka_unit_test(texts), cmocka_unit_test(system_words), cmocka_unit_test(no_catalogue) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
