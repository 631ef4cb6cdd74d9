/* The whole receipt, as it is read. */
#include "tests/unit/report/hand.h"

static void text_is(const struct report *report, const char *want)
{
	struct buf out = { 0 };
	report_text(report, &out);
	assert_string_equal(out.data, want);
	hand_fits(out.data);
	buf_free(&out);
}

static void one_account(void **state)
{
	static char inbox[] = "INBOX", sent[] = "Posta inviata", clients[] = "Clienti/Perch\xC3\xA9 no, un nome piuttosto lungo", none[] = "";
	struct report_problem problem[] = { HAND_PROBLEM("error", "message-refused", "target", "Posta inviata", 17, "line too long"),
		HAND_PROBLEM("note", "not-moved", "source", "", 0, "contacts …") };
	struct report_row row[] = {
		{ .source = inbox, .target = inbox, .role = none, .why = none, .ledger = { .source = 40000, .copied = 40000 }, .verified = { .any = true, .identical = 40000 } },
		{ .source = sent, .target = sent, .role = none, .why = none, .ledger = { .source = 7902, .copied = 7900, .refused = 2 },
			.verified = { .any = true, .identical = 7896, .altered = 1, .rewritten = 3 } },
		{ .source = clients, .target = clients, .role = none, .why = none, .ledger = { .source = 313, .copied = 1, .skipped = 312 },
			.verified = { .any = true, .identical = 1, .doubled = 1200 } },
	};
	struct report_part part = hand_part(1);
	struct report report = { .run = hand_run(1), .part = &part, .parts = 1 };
	(void)state;
	problem[0].hint = (char[]){ "it is kept as a file" };
	part.row = row;
	part.rows = 3;
	part.problem = problem;
	part.problems = 2;
	part.ledger = (struct ledger){ .source = 48213, .copied = 47843, .already_there = 58, .skipped = 312, .refused = 2, .vanished = 0, .pending = 0 };
	part.verified = (struct verified){ .any = true, .identical = 47897, .rewritten = 3, .altered = 1, .doubled = 1200, .target_only = 5, .sampled = 478 };
	text_is(&report, "anna: anna@libero.it -> anna@ditta.it                                1 h 52 min\n\n"
		"  Move finished with 1 exception: 47,901 of 47,903 messages have arrived\n"
		"  (leaving out 312 marked as deleted) and were checked; 1 was refused by the\n"
		"  new server and kept as a file.\n\n"
		"  at the start     48,213   = copied                     47,843\n"
		"                              already there                  58\n"
		"                              left out, deleted mail        312\n"
		"                              refused                         2\n"
		"                              gone meanwhile                  0\n"
		"                              still to be copied              0\n"
		"  checked again    47,901     same 47,897 · same in another form 3 · altered 1\n"
		"                              · missing 0 · twice 1,200 · other mail there 5\n"
		"                              (478 at random, byte by byte; all: verify --deep)\n\n"
		"  folder                          refused  to copy  altered  missing    twice\n"
		"  Posta inviata                         2        -        1        -        -\n"
		"  Clienti/Perch\xC3\xA9 no, un nome piuttosto lungo \n"
		"                                        -        -        -        -    1,200\n\n"
		"  error: Posta inviata, message 17: line too long\n"
		"         it is kept as a file\n\n"
		"  Next: look at what is told above. The whole list: trasloco report --json -\n\n"
		"Contacts, calendars, filters, signatures and shared folders are not moved.\n");
}

static void quiet_end(void **state)
{
	struct report_part part = hand_part(0);
	struct report report = { .run = hand_run(0), .part = &part, .parts = 1 };
	(void)state;
	part.ledger = (struct ledger){ .source = 2, .copied = 2 };
	part.verified = (struct verified){ .any = true, .deep = true, .identical = 2 };
	text_is(&report, "anna: anna@libero.it -> anna@ditta.it                                1 h 52 min\n\n"
		"  Move complete: all 2 messages of anna@libero.it are in anna@ditta.it, checked\n"
		"  again on both servers on 28 Nov 2026.\n\n"
		"  at the start          2   = copied                          2\n"
		"                              already there                   0\n"
		"                              left out, deleted mail          0\n"
		"                              refused                         0\n"
		"                              gone meanwhile                  0\n"
		"                              still to be copied              0\n"
		"  checked again         2     same 2 · altered 0 · missing 0\n"
		"                              (all of them byte by byte)\n\n"
		"  Next: mail may still come in: run it again before the old mailbox is closed.\n\n"
		"Contacts, calendars, filters, signatures and shared folders are not moved.\n");
}

/* What a receipt says of the comparison when there was none, or not of all. */
static void not_checked(void **state)
{
	static const struct {
		const char *command;
		int exit;
		uint64_t copied, identical;
		const char *want;
	} rows[] = {
		{ "run", 0, 5, 0, "\n  not checked: --no-verify\n" },
		{ "run", 1, 5, 0, "\n  not checked: --no-verify\n" },
		{ "run", 3, 5, 0, "\n  not checked yet\n" },
		{ "run", 3, 5, 4, "\n  not all of it was checked yet\n" },
		{ "verify", 3, 5, 0, "\n  not checked yet\n" },
		{ "run", 0, 5, 5, NULL },
		{ "run", 0, 0, 0, NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_part part = hand_part(rows[i].exit);
		struct report report = { .run = hand_run(rows[i].exit), .part = &part, .parts = 1 };
		struct buf out = { 0 };
		strcpy(report.run.command, rows[i].command);
		part.ledger = (struct ledger){ .source = rows[i].copied, .copied = rows[i].copied };
		part.verified = (struct verified){ .any = rows[i].identical > 0, .identical = rows[i].identical };
		report_text(&report, &out);
		if (rows[i].want)
			assert_non_null(strstr(out.data, rows[i].want));
		else
			assert_null(strstr(out.data, "checked yet"));
		assert_int_equal(strstr(out.data, "--no-verify") != NULL, rows[i].want && strstr(rows[i].want, "--no-verify") != NULL);
		assert_int_equal(strstr(out.data, "checked again  ") != NULL, rows[i].identical > 0);
		buf_free(&out);
	}
}

/* More than three: a sentence and a line each, then all together. */
static void many(void **state)
{
	struct report_part part[4];
	struct report report = { .run = hand_run(3), .part = part, .parts = 4 };
	struct buf out = { 0 };
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		part[i] = hand_part(i == 3 ? 3 : 0);
		part[i].ledger = (struct ledger){ .source = 2000, .copied = 1000, .already_there = 1000 };
	}
	part[3].ledger = (struct ledger){ .source = 2004, .copied = 1000, .already_there = 100, .skipped = 1, .refused = 2, .vanished = 1, .pending = 900 };
	report_text(&report, &out);
	hand_fits(out.data);
	assert_non_null(strstr(out.data, "anna: anna@libero.it -> anna@ditta.it\n\n  Move complete: all 2,000"));
	assert_non_null(strstr(out.data, "\n  2,000 = 1,000 copied + 1,000 already there\n"));
	assert_non_null(strstr(out.data, "\n  2,004 = 1,000 copied + 100 already there + 1 left out + 2 refused + 1 gone\n    meanwhile + 900 still to be copied\n"));
	assert_non_null(strstr(out.data, "\n4 accounts, 3 of them complete: 7,100 of 8,002 messages have arrived, in 1 h 52\nmin.\n"));
	assert_null(strstr(out.data, "at the start"));
	buf_free(&out);
	/* Three are told in full. */
	report.parts = 3;
	report_text(&report, &out);
	assert_non_null(strstr(out.data, "at the start"));
	assert_non_null(strstr(out.data, "\n3 accounts, 3 of them complete: 6,000 of 6,000"));
	buf_free(&out);
	/* Whoever was not part of the run is not told of, nor counted. */
	part[1].exit = part[2].exit = -1;
	report.parts = 4;
	report_text(&report, &out);
	assert_non_null(strstr(out.data, "at the start"));
	assert_non_null(strstr(out.data, "\n2 accounts, 1 of them complete: 3,100 of 4,002"));
	buf_free(&out);
	part[3].exit = -1;
	report_text(&report, &out);
	assert_null(strstr(out.data, " accounts"));
	assert_non_null(strstr(out.data, "1 h 52 min\n\n"));
	buf_free(&out);
}

static void next_step(void **state)
{
	static const struct {
		int exit;
		const char *want;
		uint64_t copied, identical;
	} rows[] = {
		{ 0, "Next: mail may still come in", 0, 0 },
		{ 0, "Next: mail may still come in", 5, 5 },
		{ 0, "Next: compare both mailboxes", 5, 0 },
		{ 1, "Next: look", 5, 5 },
		{ 2, "Next: mend", 0, 0 },
		{ 3, "Next: run the same command again; nothing", 5, 0 },
		{ 4, "Next: mend", 0, 0 },
		{ 6, "Next: look", 0, 0 },
		{ 7, "Next: mend", 0, 0 },
		{ 9, "Next: wait", 0, 0 },
		{ 70, "Next: run the same command again; if", 0, 0 },
		{ 130, "Next: run the same command again; nothing", 0, 0 },
		{ -1, "Next: run the same command again; nothing", 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_part part = hand_part(rows[i].exit);
		struct report report = { .run = hand_run(rows[i].exit), .part = &part, .parts = 1 };
		struct buf out = { 0 };
		if (rows[i].exit < 0)
			report.run.finished = 0;
		part.ledger = (struct ledger){ .source = rows[i].copied, .copied = rows[i].copied };
		part.verified = (struct verified){ .any = rows[i].identical > 0, .identical = rows[i].identical };
		report_text(&report, &out);
		/* the last words of the account */
		const char *next = strstr(out.data, "\n\n  Next: ");
		assert_non_null(next);
		assert_memory_equal(next + 4, rows[i].want, strlen(rows[i].want));
		assert_string_equal(strchr(next + 2, '\n'), "\n\nContacts, calendars, filters, signatures and shared folders are not moved.\n");
		hand_fits(out.data);
		buf_free(&out);
	}
}

/* Problems of the run itself stand once, after the accounts. */
static void of_the_run(void **state)
{
	struct report_problem problem = HAND_PROBLEM("warning", "drift", "", "", 0, "of all");
	struct report_part part = hand_part(0);
	struct report report = { .run = hand_run(0), .part = &part, .parts = 1, .problem = &problem, .problems = 1 };
	struct buf out = { 0 };
	(void)state;
	report_text(&report, &out);
	assert_non_null(strstr(out.data, "\n  warning: of all\n"));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_account), cmocka_unit_test(quiet_end), cmocka_unit_test(not_checked), cmocka_unit_test(many), cmocka_unit_test(next_step),
		cmocka_unit_test(of_the_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
