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
	struct report_why why[] = { { CLOSE_EXCEPTIONS, 1 }, { CLOSE_NEW_MAIL, 3 } };
	struct report_sender sender[] = { { (char[]){ "a@x" }, 2, 0 }, { (char[]){ "b@\033y" }, 1, 0 }, { (char[]){ "c@z" }, 1, 0 }, { (char[]){ "d" }, 1, 0 }, { (char[]){ "e" }, 1, 0 } };
	part.close = (struct report_close){ .why = why, .whys = 2, .sender = sender, .senders = 5 };
	problem[0].hint = (char[]){ "it is kept as a file" };
	part.row = row;
	part.rows = 3;
	part.problem = problem;
	part.problems = 2;
	part.ledger = (struct ledger){ .source = 48213, .copied = 47843, .already_there = 58, .skipped = 312, .refused = 2, .vanished = 0, .pending = 0 };
	part.verified = (struct verified){ .any = true, .identical = 47897, .rewritten = 3, .altered = 1, .doubled = 1200, .target_only = 5, .sampled = 478 };
	text_is(&report, "anna: anna@libero.it -> anna@ditta.it                                1 h 52 min\n\n"
		"  Move finished with 1 exception: 47,901 of 47,903 messages have arrived\n"
		"  (leaving out 312, as asked) and were checked; 1 was refused by the new server\n"
		"  and kept as a file.\n\n"
		"  at the start     48,213   = copied                     47,843\n"
		"                              already there                  58\n"
		"                              left out, as asked            312\n"
		"                              refused                         2\n"
		"                              gone meanwhile                  0\n"
		"                              still to be copied              0\n"
		"  checked again    47,901     same 47,897 · same in another form 3 · altered 1\n"
		"                              · missing 0 · twice 1,200 · other mail there 5\n"
		"                              (478 at random, byte by byte; all: verify --deep)\n\n"
		"  in folder                       refused  to copy  altered  missing    twice\n"
		"  Posta inviata                         2        -        1        -        -\n"
		"  Clienti/Perch\xC3\xA9 no, un nome piuttosto lungo \n"
		"                                        -        -        -        -    1,200\n\n"
		"  error: Posta inviata, message 17: line too long\n"
		"         it is kept as a file\n\n"
		"  Next:\n"
		"   1. see what was refused, and why: trasloco refused\n"
		"   2. have it tried again, and then run: trasloco refused --retry\n"
		"   3. or, when you can live without it: trasloco accept --refused\n"
		"   4. the whole list: trasloco report --json -\n"
		"  The old mailbox must not be closed yet: 1 exception that nobody has accepted\n"
		"    yet; 3 messages came within the last 14 days (from a@x, b@ y, c@z and 2\n"
		"    others).\n\n"
		"Contacts, calendars, filters, signatures and shared folders are not moved.\n");
}

static void quiet_end(void **state)
{
	struct report_part part = hand_part(0);
	struct report report = { .run = hand_run(0), .part = &part, .parts = 1 };
	(void)state;
	part.ledger = (struct ledger){ .source = 2, .copied = 2 };
	part.verified = (struct verified){ .any = true, .deep = true, .identical = 2, .quiet = 2 };
	part.close.answer = CLOSE_YES;
	text_is(&report, "anna: anna@libero.it -> anna@ditta.it                                1 h 52 min\n\n"
		"  Move complete: all 2 messages of anna@libero.it are in anna@ditta.it, checked\n"
		"  again on both servers on 28 Nov 2026.\n\n"
		"  at the start          2   = copied                          2\n"
		"                              already there                   0\n"
		"                              left out, as asked              0\n"
		"                              refused                         0\n"
		"                              gone meanwhile                  0\n"
		"                              still to be copied              0\n"
		"  checked again         2     same 2 · altered 0 · missing 0\n"
		"                              (all of them byte by byte)\n"
		"                              (2 not read again: they have not changed since\n"
		"                               they were compared, as both servers say; all:\n"
		"                               verify)\n\n"
		"  Next: before the old mailbox is closed, take along what is not moved:\n"
		"        contacts, calendars, filters, signatures\n"
		"  The old mailbox may be closed: all of it is safe, and no mail has come for 14\n"
		"    days.\n\n"
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
	assert_non_null(strstr(out.data, "\n4 accounts, 3 of them complete: 7,100 of 8,002 messages have arrived; this run\ntook 1 h 52 min.\n"));
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

/* The last words of an account, one blank between. */
static void next_is(const struct report_part *part, const char *job, const char *want)
{
	struct report report = { .run = hand_run(part->exit), .job = job };
	struct buf out = { 0 };
	receipt_next(&report, part, &out);
	hand_fits(out.data);
	char *words = hand_words(out.data);
	assert_string_equal(words, want);
	free(words);
	buf_free(&out);
}

static void next_step(void **state)
{
	static const struct {
		int exit;
		const char *want;
		uint64_t copied, identical;
	} rows[] = {
		{ 0, "Next: mail may still come in; before the old mailbox is closed, once more: trasloco run", 0, 0 },
		{ 0, "Next: mail may still come in; before the old mailbox is closed, once more: trasloco run", 5, 5 },
		{ 0, "Next: compare both mailboxes before the old one is closed: trasloco verify", 5, 0 },
		{ 1, "Next: look at what is told above; the whole list: trasloco report --json -", 5, 5 },
		{ 2, "Next: 1. mend what is told above 2. then go on: trasloco run", 0, 0 },
		{ 3, "Next: run the same command again, nothing is copied twice: trasloco run", 5, 0 },
		{ 4, "Next: 1. type the password, or mend it where the job file takes it from: trasloco login 2. see whether it works now: trasloco check 3. then go on: trasloco run", 0, 0 },
		{ 5, "Next: 1. mend what is told above, and see whether it works now: trasloco check 2. then go on: trasloco run", 0, 0 },
		{ 6, "Next: 1. look into the old mailbox with a web browser; if mail is missing there, wait, and ask its provider 2. if all is as it should be: trasloco "
		     "accept --shrunk 3. then go on: trasloco run", 0, 0 },
		{ 7, "Next: 1. enlarge the new mailbox, or make room in it 2. then go on: trasloco run", 0, 0 },
		{ 8, "Next: 1. look into the new mailbox; ask its owner whether the messages were moved or deleted on purpose 2. to bring them once more: trasloco run "
		     "--again 3. if all is as it should be: trasloco accept --shrunk 4. then go on: trasloco run", 0, 0 },
		{ 9, "Next: wait until the other run has ended; then: trasloco run", 0, 0 },
		{ 70, "Next: report what is told above, please; nothing is lost, and it can be tried again: trasloco run", 0, 0 },
		{ 130, "Next: run the same command again, nothing is copied twice: trasloco run", 0, 0 },
		{ -1, "Next: run the same command again, nothing is copied twice: trasloco run", 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_part part = hand_part(rows[i].exit);
		part.ledger = (struct ledger){ .source = rows[i].copied, .copied = rows[i].copied };
		part.verified = (struct verified){ .any = rows[i].identical > 0, .identical = rows[i].identical };
		next_is(&part, NULL, rows[i].want);
		next_is(&part, "migrate.yaml", rows[i].want);
	}
}

/* A run that goes by a plan goes on with it: without it, it would copy what the plan leaves out. */
static void next_with_a_plan(void **state)
{
	struct report_part part = hand_part(130);
	struct report report = { .run = hand_run(130), .plan = "some.yaml" };
	struct buf out = { 0 };
	(void)state;
	receipt_next(&report, &part, &out);
	assert_non_null(strstr(out.data, "trasloco run --plan some.yaml"));
	buf_reset(&out);
	part.exit = 8;
	receipt_next(&report, &part, &out);
	assert_non_null(strstr(out.data, "trasloco run --plan some.yaml --again"));
	assert_non_null(strstr(out.data, "trasloco accept --shrunk"));
	buf_free(&out);
}

/* What to do about each kind of exception; another job file is named in every command. */
static void next_of_exceptions(void **state)
{
	struct report_problem list[] = { HAND_PROBLEM("error", "message-unreadable", "source", "INBOX", 1, "x"), HAND_PROBLEM("error", "message-altered", "target", "INBOX", 2, "x"),
		HAND_PROBLEM("error", "message-doubled", "target", "INBOX", 3, "x"), HAND_PROBLEM("warning", "message-refused", "target", "INBOX", 4, "x"),
		HAND_PROBLEM("error", "drift", "source", "", 0, "x") };
	struct report_part part = hand_part(1);
	(void)state;
	part.problem = list;
	part.problems = 4;
	next_is(&part, "anna.yaml", "Next: 1. open the messages in the old mailbox and save what matters; then: trasloco accept anna.yaml --refused 2. compare the altered "
		"messages in both mailboxes; then: trasloco accept anna.yaml --altered 3. delete in the new mailbox what is there twice and verify, or let it be: trasloco "
		"accept anna.yaml --doubled 4. the whole list: trasloco report anna.yaml --json -");
	part.problem = list + 4;
	part.problems = 1;
	part.exit = 8;
	next_is(&part, NULL, "Next: make a new plan: trasloco plan");
}

/* What the job leaves out is named with its numbers: folders by name, single messages together. */
static void left_out(void **state)
{
	static char names[9][8], same[] = "same", excluded[] = "excluded", none[] = "";
	struct report_row row[9];
	struct report_part part = hand_part(0);
	struct buf out = { 0 };
	(void)state;
	for (size_t i = 0; i < 9; i++) {
		snprintf(names[i], sizeof names[i], "F%zu", i);
		row[i] = (struct report_row){ .source = names[i], .target = none, .role = none, .why = i == 0 ? same : excluded, .ledger = { .source = 1000, .skipped = 1000 } };
	}
	part.row = row;
	part.rows = 3;
	part.ledger = (struct ledger){ .source = 3000, .skipped = 3000 };
	receipt_left_out(&part, 2, &out);
	assert_string_equal(out.data, "  (folders: F1 1,000, F2 1,000; single messages: 1,000)\n");
	buf_free(&out);
	part.rows = 9;
	part.ledger = (struct ledger){ .source = 9000, .skipped = 9000 };
	receipt_left_out(&part, 2, &out);
	assert_string_equal(out.data, "  (folders: F1 1,000, F2 1,000, F3 1,000, F4 1,000, F5 1,000, F6 1,000 and 2\n   others; single messages: 1,000)\n");
	buf_free(&out);
	part.rows = 1;
	receipt_left_out(&part, 2, &out);
	assert_int_equal(out.len, 0);
}

/* The whole of it in Italian. */
static void in_italian(void **state)
{
	static char spam[] = "Spam", none[] = "", excluded[] = "excluded", sent[] = "Posta inviata", name[] = "name";
	struct report_problem problem[] = { HAND_PROBLEM("error", "message-refused", "target", "Posta inviata", 17, "line too long"),
		HAND_PROBLEM("error", "message-refused", "target", "Posta inviata", 18, "line too long"), HAND_PROBLEM("note", "message-altered", "target", "INBOX", 3, "x") };
	struct report_row row[] = { { .source = sent, .target = sent, .role = none, .why = name, .ledger = { .source = 47901, .copied = 47841, .already_there = 58, .refused = 2 } },
		{ .source = spam, .target = none, .role = none, .why = excluded, .ledger = { .source = 312, .skipped = 312 } } };
	struct report_part part = hand_part(1);
	struct report report = { .run = hand_run(1), .part = &part, .parts = 1 };
	(void)state;
	problem[2].accepted = 1795867200;
	problem[2].accepted_by = (char[]){ "anna" };
	part.row = row;
	part.rows = 2;
	part.problem = problem;
	part.problems = 3;
	part.ledger = (struct ledger){ .source = 48213, .copied = 47841, .already_there = 58, .skipped = 312, .refused = 2 };
	part.verified = (struct verified){ .any = true, .identical = 47899, .sampled = 478 };
	hand_speak("it");
	text_is(&report, "anna: anna@libero.it -> anna@ditta.it                                1 h 52 min\n\n"
		"  Trasloco finito con 2 eccezioni: 47.899 messaggi su 47.901 sono arrivati\n"
		"  (esclusi 312, come richiesto) e ricontrollati; 2 sono stati rifiutati dal\n"
		"  nuovo server e conservati come file.\n\n"
		"  alla partenza    48.213   = copiati                    47.841\n"
		"                              gi\xC3\xA0 nella nuova                58\n"
		"                              esclusi, come richiesto       312\n"
		"                              (cartelle: Spam 312)\n"
		"                              rifiutati                       2\n"
		"                              spariti nel frattempo           0\n"
		"                              ancora da copiare               0\n"
		"  ricontrollati    47.899     uguali 47.899 \xC2\xB7 diversi 0 \xC2\xB7 mancanti 0\n"
		"                              (478 a caso, byte per byte; tutti: verify --deep)\n\n"
		"  nella cartella                rifiutati  restano  diversi mancanti    doppi\n"
		"  Posta inviata                         2        -        -        -        -\n\n"
		"  errore: 2 messaggi in Posta inviata: line too long\n"
		"  1 messaggio diverso, accettato da anna il 28/11/2026\n\n"
		"  Ora:\n"
		"   1. guarda che cosa \xC3\xA8 stato rifiutato, e perch\xC3\xA9: trasloco refused\n"
		"   2. per riprovare, e poi run: trasloco refused --retry\n"
		"   3. oppure, se va bene cos\xC3\xAC: trasloco accept --refused\n"
		"   4. l'elenco completo: trasloco report --json -\n"
		"  La vecchia casella non va ancora chiusa.\n\n"
		"Non si spostano: rubrica, calendari, filtri, firme, cartelle condivise.\n");
	hand_speak("en");
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
		cmocka_unit_test(next_with_a_plan), cmocka_unit_test(next_of_exceptions), cmocka_unit_test(left_out), cmocka_unit_test(in_italian),
		cmocka_unit_test(of_the_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
