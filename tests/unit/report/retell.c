/* Texts with names and numbers in them that were kept in English, as they are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/i18n.h"
#include "core/report/prose.h"

static void is(const char *text, const char *want)
{
	struct buf out = { 0 };
	prose_kept(&out, text);
	assert_string_equal(out.data ? out.data : "", want);
	buf_free(&out);
}

static const struct {
	const char *kept, *english, *italian;
} rows[] = {
	/* large numbers as people write them; ports and UIDs not */
	{ "820307 bytes are to be copied, and the new mailbox has room for 102400", "820,307 bytes are to be copied, and the new mailbox has room for 102,400",
		"ci sono da copiare 820.307 byte, e nella nuova casella c'\xC3\xA8 posto per 102.400" },
	{ "no connection to 127.0.0.1 port 10993: Connection refused", "no connection to 127.0.0.1 port 10993: Connection refused",
		"nessun collegamento con 127.0.0.1, porta 10993: collegamento rifiutato" },
	{ "the whole mailbox: 3 messages now, 5200 when it was last read", "the whole mailbox: 3 messages now, 5,200 when it was last read",
		"tutta la casella: ora 3 messaggi, all'ultima lettura 5.200" },
	{ "INBOX: a: 3 messages now, 5200 when it was last read", "INBOX: a: 3 messages now, 5,200 when it was last read", "INBOX: a: ora 3 messaggi, all'ultima lettura 5.200" },
	{ "its end is missing: 1200 bytes in the old mailbox, 700 in the new one", "its end is missing: 1,200 bytes in the old mailbox, 700 in the new one",
		"manca la fine: 1.200 byte nella vecchia casella, 700 nella nuova" },
	/* names may hold what a format holds, and formats' own signs */
	{ "\"a\" is called \"b\" is called \"c\" in the new mailbox: not every server can hold the name as it was",
		"\"a\" is called \"b\" is called \"c\" in the new mailbox: not every server can hold the name as it was",
		"\xC2\xAB" "a\xC2\xBB nella nuova casella si chiama \xC2\xAB" "b\" is called \"c\xC2\xBB: non tutti i server possono tenere il nome com'era" },
	{ "the folders \"%n%s\" and \"\x1b[31mB\" would both go into \"C\" in the new mailbox", "the folders \"%n%s\" and \" [31mB\" would both go into \"C\" in the new mailbox",
		"le cartelle \xC2\xAB%n%s\xC2\xBB e \xC2\xAB [31mB\xC2\xBB finirebbero tutte e due in \xC2\xAB" "C\xC2\xBB nella nuova casella" },
	/* a name is no word of ours, even if it looks like one */
	{ "\"refused\" goes into the folder \"Permission denied\", which the new mailbox has already",
		"\"refused\" goes into the folder \"Permission denied\", which the new mailbox has already",
		"\xC2\xABrefused\xC2\xBB va nella cartella \xC2\xABPermission denied\xC2\xBB, che nella nuova casella c'\xC3\xA8 gi\xC3\xA0" },
	/* months */
	{ "2023-01: no mail at all, though there is much before and after", "January 2023: no mail at all, though there is much before and after",
		"gennaio 2023: nessun messaggio, mentre prima e dopo ce ne sono molti" },
	{ "2016-03 to 2016-12: no mail at all, though there is much before and after", "March 2016 to December 2016: no mail at all, though there is much before and after",
		"da marzo 2016 a dicembre 2016: nessun messaggio, mentre prima e dopo ce ne sono molti" },
	{ "x: no mail at all, though there is much before and after", "x: no mail at all, though there is much before and after",
		"x: nessun messaggio, mentre prima e dopo ce ne sono molti" },
	{ "2023-99: no mail at all, though there is much before and after", "? 2023: no mail at all, though there is much before and after",
		"? 2023: nessun messaggio, mentre prima e dopo ce ne sono molti" },
	/* what fits no format stays, cleaned */
	{ "[OVERQUOTA] 100 % full\x07", "[OVERQUOTA] 100 % full ", "[OVERQUOTA] 100 % full " },
	{ "x messages now, y when it was last read", "x messages now, y when it was last read", "x messages now, y when it was last read" },
	{ "run the same command again", "run the same command again", "ripeti lo stesso comando" },
	{ "", "", "" },
	{ NULL, "", "" },
};

static void in_both_languages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(i18n_start_in("en", LOCALES), 0);
		is(rows[i].kept, rows[i].english);
		assert_int_equal(i18n_start_in("it", LOCALES), 0);
		is(rows[i].kept, rows[i].italian);
	}
	i18n_start_in("en", LOCALES);
}

/* Names that repeat a format's own words make no search without an end. */
static void long_text(void **state)
{
	static char text[4000];
	struct buf out = { 0 };
	(void)state;
	for (size_t i = 0; i + 20 < sizeof text; i += 18)
		memcpy(text + i, "\" is called \" and", 17), text[i + 17] = ' ';
	prose_kept(&out, text);
	assert_string_equal(out.data, text);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_both_languages),
		cmocka_unit_test(long_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
