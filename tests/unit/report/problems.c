/* The list of problems: grouped, errors first, no longer than it may be. */
#include "tests/unit/report/hand.h"

static void list_is(const struct report_problem *problem, size_t count, const char *want)
{
	struct buf out = { 0 };
	receipt_problems(problem, count, &out);
	assert_string_equal(out.data ? out.data : "", want);
	if (out.data)
		hand_fits(out.data);
	buf_free(&out);
}

static void one_by_one(void **state)
{
	struct report_problem list[] = {
		HAND_PROBLEM("note", "not-moved", "source", "", 0, "not listed"),
		HAND_PROBLEM("warning", "keyword-lost", "target", "Sent", 9, "labels lost"),
		HAND_PROBLEM("error", "over-quota", "target", "", 0, "no room"),
		HAND_PROBLEM("error", "folder-failed", "", "Perch\xC3\xA9  no", 0, "gone"),
		HAND_PROBLEM("error", "message-altered", "target", "INBOX", 7, "a\x1b[31mb"),
	};
	list[2].hint = (char[]){ "enlarge it" };
	list[4].file = (char[]){ "/refused/7.eml" };
	(void)state;
	list_is(list, 0, "");
	list_is(list, 1, "");
	list_is(list, 5, "  error: no room\n         enlarge it\n  error: Perch\xC3\xA9  no: gone\n  error: INBOX, message 7: a [31mb (kept as /refused/7.eml)\n"
		"  warning: Sent, message 9: labels lost\n");
}

static void alike_are_one(void **state)
{
	struct report_problem list[] = {
		HAND_PROBLEM("error", "message-refused", "target", "INBOX", 1, "NUL"),
		HAND_PROBLEM("error", "message-refused", "target", "INBOX", 2, "NUL"),
		HAND_PROBLEM("error", "message-refused", "target", "INBOX", 3, "too long"),
		HAND_PROBLEM("error", "message-refused", "target", "INBOX", 4, "NUL"),
		HAND_PROBLEM("warning", "message-refused", "target", "INBOX", 5, "NUL"),
		HAND_PROBLEM("error", "message-refused", "target", "Sent", 6, "too long"),
		HAND_PROBLEM("error", "message-refused", "target", "", 7, "nowhere"),
	};
	list[0].file = (char[]){ "/r/1.eml" };
	(void)state;
	list_is(list, 7, "  error: 3 messages in INBOX: NUL (kept, the first as /r/1.eml)\n"
		"  error: 2 messages in several folders, the first in INBOX: too long\n"
		"  error: 1 message: nowhere\n"
		"  warning: INBOX, message 5: NUL\n");
}

/* Ten lines, and all others counted, be they few of many words or many of few. */
static void no_longer_than(void **state)
{
	static char texts[2000][8];
	struct report_problem list[2000];
	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		static char severity[] = "error", warning[] = "warning", code[] = "message-refused", side[] = "target", folder[] = "INBOX", none[] = "";
		snprintf(texts[i], sizeof texts[i], "t%u", i);
		list[i] = (struct report_problem){ .severity = i < 5 ? warning : severity, .code = code, .side = side, .folder = folder, .uid = i + 1,
			.text = i < 1000 ? texts[i] : texts[6], .hint = none, .message_id = none, .file = none };
	}
	struct buf out = { 0 };
	receipt_problems(list, 2000, &out);
	size_t lines = 0;
	for (size_t i = 0; i < out.len; i++)
		lines += out.data[i] == '\n';
	assert_int_equal(lines, 11);
	assert_non_null(strstr(out.data, "1,001 messages in INBOX: t6\n"));
	assert_null(strstr(out.data, "warning"));
	/* 2,000 less nine single ones and the 1,001. */
	assert_non_null(strstr(out.data, "  … and 990 more (trasloco report --json -)\n"));
	buf_free(&out);
}

static void long_words(void **state)
{
	char words[321];
	struct report_problem list[4];
	(void)state;
	for (size_t i = 0; i < sizeof words - 1; i++)
		words[i] = i % 8 == 7 ? ' ' : 'w';
	words[sizeof words - 1] = '\0';
	for (size_t i = 0; i < 4; i++) {
		static char codes[4][4] = { "a", "b", "c", "c" };
		static char severity[] = "error", none[] = "";
		list[i] = (struct report_problem){ .severity = severity, .code = codes[i], .side = none, .folder = none, .text = words, .hint = none, .message_id = none, .file = none };
	}
	struct buf out = { 0 };
	receipt_problems(list, 4, &out);
	hand_fits(out.data);
	assert_non_null(strstr(out.data, "  … and 2 more (trasloco report --json -)\n"));
	buf_free(&out);
}

/* What was accepted is a line a kind, a person and a day; it is in no other list. */
static void accepted(void **state)
{
	struct report_problem list[] = {
		HAND_PROBLEM("note", "message-refused", "target", "INBOX", 1, "NUL"), HAND_PROBLEM("note", "message-refused", "target", "Sent", 2, "other"),
		HAND_PROBLEM("note", "message-altered", "target", "INBOX", 3, "x"), HAND_PROBLEM("note", "message-refused", "target", "INBOX", 4, "NUL"),
		HAND_PROBLEM("note", "something-new", "target", "", 0, "x"), HAND_PROBLEM("note", "not-moved", "source", "", 0, "x"),
	};
	static char anna[] = "anna";
	(void)state;
	hand_run(0);
	for (size_t i = 0; i < 5; i++)
		list[i].accepted = 1795867200 - (i == 3 ? 86400 : 0);
	for (size_t i = 0; i < 4; i++)
		list[i].accepted_by = anna;
	list_is(list, 6, "  2 refused messages, accepted by anna on 28 Nov 2026\n  1 altered message, accepted by anna on 28 Nov 2026\n"
		"  1 refused message, accepted by anna on 27 Nov 2026\n  1 point, accepted by ? on 28 Nov 2026\n");
	hand_speak("it");
	list_is(list, 3, "  2 messaggi rifiutati, accettati da anna il 28/11/2026\n  1 messaggio diverso, accettato da anna il 28/11/2026\n");
	hand_speak("en");
}

/* Ours is shown in the language of who reads it, a server's words as they are. */
static void in_italian(void **state)
{
	struct report_problem list[] = { HAND_PROBLEM("warning", "x", "", "INBOX", 9, "contacts, calendars, filters, signatures and shared folders are not moved"),
		HAND_PROBLEM("error", "y", "", "", 0, "Mailbox is over its limit") };
	(void)state;
	list[0].hint = (char[]){ "export them in the old mailbox and import them in the new one" };
	list[0].file = (char[]){ "/r/9.eml" };
	hand_speak("it");
	list_is(list, 2, "  errore: Mailbox is over its limit\n"
		"  avviso: INBOX, messaggio 9: non si spostano rubrica, calendari, filtri, firme\n         e cartelle condivise (conservato come /r/9.eml)\n"
		"         esportali dalla vecchia casella e importali nella nuova\n");
	hand_speak("en");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_by_one), cmocka_unit_test(alike_are_one), cmocka_unit_test(no_longer_than), cmocka_unit_test(long_words),
		cmocka_unit_test(accepted), cmocka_unit_test(in_italian),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
