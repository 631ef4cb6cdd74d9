/* The sentence of every outcome, in its singular and plural forms. */
#include "tests/unit/report/hand.h"

static struct report_problem login_source = HAND_PROBLEM("error", "login-refused", "source", "", 0, "LOGIN failed");
static struct report_problem no_password = { .severity = (char[]){ "error" }, .code = (char[]){ "login-refused" }, .side = (char[]){ "source" }, .folder = (char[]){ "" },
	.text = (char[]){ "no password for anna@libero.it" }, .hint = (char[]){ "see to the password, then run again" }, .message_id = (char[]){ "" }, .file = (char[]){ "" } };
static struct report_problem login_target = HAND_PROBLEM("error", "login-refused", "target", "", 0, "LOGIN failed");
static struct report_problem tls = HAND_PROBLEM("error", "tls-failed", "target", "", 0, "certificate expired");
static struct report_problem cut = HAND_PROBLEM("error", "stopped", "source", "", 0, "internal error: fetch failed");
static struct report_problem changed = HAND_PROBLEM("error", "account-changed", "", "", 0, "anna was another mailbox before");
static struct report_problem remapped = HAND_PROBLEM("error", "mapping-changed", "target", "INBOX", 0, "x");
static struct report_problem collided = HAND_PROBLEM("error", "folder-collision", "source", "", 0, "x");
static struct report_problem shrunk = HAND_PROBLEM("error", "target-shrunk", "target", "", 0, "x");
static struct report_problem drifted = HAND_PROBLEM("error", "drift", "source", "", 0, "x");
static struct report_problem warned[] = { HAND_PROBLEM("warning", "stopped", "source", "", 0, "not a reason"), HAND_PROBLEM("error", "stopped", "target", "", 0, "x") };
static struct report_problem refused[] = { HAND_PROBLEM("error", "message-refused", "target", "INBOX", 4, "error"),
	HAND_PROBLEM("error", "message-refused", "target", "INBOX", 5, "error"), HAND_PROBLEM("warning", "keyword-lost", "target", "INBOX", 5, "w") };
static struct report_problem of_each[] = {
	HAND_PROBLEM("error", "folder-failed", "", "INBOX", 0, "x"), HAND_PROBLEM("error", "unsettled", "target", "INBOX", 1, "x"),
	HAND_PROBLEM("error", "message-doubled", "target", "INBOX", 2, "x"), HAND_PROBLEM("error", "message-missing", "target", "INBOX", 3, "x"),
	HAND_PROBLEM("error", "message-altered", "target", "INBOX", 4, "x"), HAND_PROBLEM("error", "message-unreadable", "source", "INBOX", 5, "x"),
	HAND_PROBLEM("error", "too-big", "target", "INBOX", 6, "x"), HAND_PROBLEM("error", "message-refused", "target", "INBOX", 7, "x"),
};

static const struct {
	const char *want;
	int exit;
	struct ledger ledger;
	struct verified verified;
	struct report_problem *problem;
	size_t problems;
} rows[] = {
	/* complete */
	{ "Move complete: all 48,213 messages of anna@libero.it are in anna@ditta.it, checked again on both servers on 28 Nov 2026.", 0,
		{ .source = 48213, .copied = 48000, .already_there = 213 }, { .any = true, .identical = 48213 }, NULL, 0 },
	{ "Move complete: all 100 messages of anna@libero.it are in anna@ditta.it (leaving out 12, as asked), checked again on both servers on "
	  "28 Nov 2026.", 0, { .source = 113, .copied = 100, .skipped = 12, .vanished = 1 }, { .any = true, .identical = 90, .rewritten = 10 }, NULL, 0 },
	{ "Move complete: all 10 messages of anna@libero.it have arrived in anna@ditta.it, checked again on both servers on 28 Nov 2026.", 0,
		{ .source = 10, .copied = 10 }, { .any = true, .identical = 8, .gone = 2 }, NULL, 0 },
	{ "Move complete: the only message of anna@libero.it is in anna@ditta.it, checked again on both servers on 28 Nov 2026.", 0,
		{ .source = 1, .copied = 1 }, { .any = true, .identical = 1 }, NULL, 0 },
	{ "Move complete: there is nothing to move from anna@libero.it to anna@ditta.it.", 0, { 0 }, { .any = true }, NULL, 0 },
	{ "Move complete: all 10 messages of anna@libero.it are in anna@ditta.it, not checked again.", 0, { .source = 10, .copied = 10 }, { 0 }, NULL, 0 },
	/* a part of it was checked: no word of a check */
	{ "Move complete: all 10 messages of anna@libero.it are in anna@ditta.it, not checked again.", 0, { .source = 10, .copied = 10 },
		{ .any = true, .identical = 9 }, NULL, 0 },
	/* what was accepted is not hidden behind "all" */
	{ "Move complete: 98 of 100 messages of anna@libero.it are in anna@ditta.it, checked again on both servers on 28 Nov 2026; 2 that the new server refused "
	  "were accepted as they are.", 0, { .source = 100, .copied = 98, .refused = 2 }, { .any = true, .identical = 98 }, NULL, 0 },
	/* exceptions */
	{ "Move finished with 2 exceptions: 48,211 of 48,213 messages have arrived and were checked; 2 were refused by the new server and kept as files.", 1,
		{ .source = 48213, .copied = 48211, .refused = 2 }, { .any = true, .identical = 48211 }, refused, 3 },
	{ "Move finished with 1 exception: 9 of 10 messages have arrived, not checked again; 1 was refused by the new server and kept as a file.", 1,
		{ .source = 10, .copied = 9, .refused = 1 }, { 0 }, refused, 1 },
	{ "Move finished with 8 exceptions: 95 of 100 messages have arrived and were checked; 1 was refused by the new server and kept as a file; 1 is too big "
	  "for the new server and was kept as a file; 1 is listed by the old server, which does not hand it over; 1 is not the same in the new mailbox; 1 is missing in the new "
	  "mailbox; 1 is there more than once; 1 may be there already and was not sent again; 1 more is told below.", 1,
		{ .source = 100, .copied = 96, .refused = 3, .pending = 1 }, { .any = true, .identical = 94, .altered = 1, .missing = 1 }, of_each, 8 },
	/* goes on by itself */
	{ "Move not finished yet: 3,120 of 48,213 messages are missing because imap.libero.it does not answer as it should for now; those already copied are safe, "
	  "and the same command goes on from here.", 3, { .source = 48213, .copied = 45093, .pending = 3120 }, { 0 }, &cut, 1 },
	{ "Move not finished yet: 1 of 2 messages is missing because imap.ditta.it does not answer as it should for now; those already copied are safe, and the same "
	  "command goes on from here.", 3, { .source = 2, .copied = 1, .pending = 1 }, { 0 }, warned, 2 },
	{ "Move not finished yet: no message has been seen so far because imap.libero.it lets nobody in for now; the same command goes on from here.", 3,
		{ 0 }, { 0 }, &login_source, 1 },
	{ "Move not finished yet: 5 of 5 messages have arrived, and not everything was looked at; those already copied are safe, and the same command goes on "
	  "from here.", 3, { .source = 5, .copied = 5 }, { 0 }, NULL, 0 },
	{ "Move not finished yet: 4 of 5 messages are missing because the move was interrupted; those already copied are safe, and the same command goes on "
	  "from here.", 130, { .source = 5, .copied = 1, .pending = 4 }, { 0 }, NULL, 0 },
	{ "Move not finished yet: 5 of 5 messages are missing because the move was interrupted; the same command goes on from here.", 143,
		{ .source = 5, .pending = 5 }, { 0 }, NULL, 0 },
	{ "Move not finished yet: 5 of 7 messages are missing (leaving out 1, as asked); those already copied are safe, and the same command goes on "
	  "from here.", -1, { .source = 8, .copied = 2, .pending = 5, .skipped = 1 }, { 0 }, NULL, 0 },
	/* to be mended */
	{ "Move on hold: the new mailbox anna@ditta.it is full and 9,870 messages are missing; enlarge it and run the same command again.", 7,
		{ .source = 10000, .copied = 130, .pending = 9870 }, { 0 }, NULL, 0 },
	{ "Move on hold: the new mailbox anna@ditta.it is full and 1 message is missing; enlarge it and run the same command again.", 7,
		{ .source = 1, .pending = 1 }, { 0 }, NULL, 0 },
	{ "Move on hold: the new mailbox anna@ditta.it is full; enlarge it and run the same command again.", 7, { 0 }, { 0 }, NULL, 0 },
	{ "Move stopped as a precaution: the old mailbox shows far fewer messages than before, as in a provider's outage; nothing was deleted from the new "
	  "one: do not close the old one.", 6, { 0 }, { 0 }, NULL, 0 },
	{ "Move stopped: imap.libero.it does not let anna@libero.it in; nothing was deleted.", 4, { 0 }, { 0 }, &login_source, 1 },
	{ "Move stopped: there is no password to sign in with to imap.libero.it (anna@libero.it); nothing was deleted.", 4, { 0 }, { 0 }, &no_password, 1 },
	{ "Move stopped: imap.ditta.it does not let anna@ditta.it in; nothing was deleted, and 3 messages are safe in anna@ditta.it.", 4,
		{ .source = 5, .copied = 2, .already_there = 1, .pending = 2 }, { 0 }, &login_target, 1 },
	{ "Move stopped: there is no safe connection to imap.ditta.it; nothing was deleted, and 1 message is safe in anna@ditta.it.", 5,
		{ .source = 1, .copied = 1 }, { 0 }, &tls, 1 },
	{ "Move stopped before anything was copied: anna stands for other mailboxes than before; nothing was deleted.", 2, { 0 }, { 0 }, &changed, 1 },
	{ "Move stopped before anything was copied: a folder would now go to another place than before, and its mail would be there twice; nothing was deleted, "
	  "and 5 messages are safe in anna@ditta.it.", 2, { .source = 5, .copied = 5 }, { 0 }, &remapped, 1 },
	{ "Move stopped before anything was copied: two old folders would become one new folder; nothing was deleted.", 2, { 0 }, { 0 }, &collided, 1 },
	{ "Move stopped as a precaution: many messages that had arrived in anna@ditta.it are no longer there; nothing was deleted.", 8,
		{ .source = 5, .copied = 5 }, { 0 }, &shrunk, 1 },
	{ "Move stopped as a precaution: the old mailbox is not what the plan was made for; nothing was deleted.", 8, { 0 }, { 0 }, &drifted, 1 },
	{ "Move stopped: for a reason that is not told; nothing was deleted.", 8, { 0 }, { 0 }, NULL, 0 },
	{ "Move stopped: another run is at work here; nothing was deleted.", 9, { 0 }, { 0 }, NULL, 0 },
	{ "Move stopped: an internal fault of trasloco; nothing was deleted.", 70, { 0 }, { 0 }, NULL, 0 },
};

/* The first sentence of 1, 3 and 7 calls nothing a failure, and none speaks the server's language. */
static void spares_the_owner(const char *words, int exit)
{
	static const char *const never[] = { "IMAP", "APPEND", "UID", "quota" }, *const here[] = { "error", "fail", "errore", "fallit" };
	for (size_t i = 0; i < 4; i++) {
		if (strstr(words, never[i]) || ((exit == 1 || exit == 3 || exit == 7) && strcasestr(words, here[i])))
			fail_msg("no words for an owner: %s", words);
	}
}

static void every_outcome(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_part part = hand_part(rows[i].exit);
		struct run run = hand_run(rows[i].exit);
		struct buf out = { 0 };
		part.ledger = rows[i].ledger;
		part.verified = rows[i].verified;
		part.problem = rows[i].problem;
		part.problems = rows[i].problems;
		receipt_sentence(&part, &run, &out);
		char *words = hand_words(out.data);
		assert_string_equal(words, rows[i].want);
		hand_fits(out.data);
		assert_memory_equal(out.data, "  Move ", 7);
		spares_the_owner(words, rows[i].exit);
		free(words);
		buf_free(&out);
	}
}

/* The same outcomes in Italian: nothing is left in English, nothing of the trade. */
static void every_outcome_in_italian(void **state)
{
	(void)state;
	hand_speak("it");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_part part = hand_part(rows[i].exit);
		struct run run = hand_run(rows[i].exit);
		struct buf out = { 0 };
		part.ledger = rows[i].ledger;
		part.verified = rows[i].verified;
		part.problem = rows[i].problem;
		part.problems = rows[i].problems;
		receipt_sentence(&part, &run, &out);
		hand_fits(out.data);
		assert_memory_equal(out.data, "  Trasloco ", 11);
		static const char *const english[] = { " the ", " of ", "message", " are ", "Move", "deleted" };
		for (size_t j = 0; j < sizeof english / sizeof *english; j++)
			if (strstr(out.data, english[j]))
				fail_msg("%s is no Italian: %s", english[j], out.data);
		char *words = hand_words(out.data);
		spares_the_owner(words, rows[i].exit);
		free(words);
		buf_free(&out);
	}
	hand_speak("en");
}

static void sentence_is(const struct report_part *part, const char *want)
{
	struct run run = hand_run(part->exit);
	struct buf out = { 0 };
	receipt_sentence(part, &run, &out);
	char *words = hand_words(out.data);
	assert_string_equal(words, want);
	free(words);
	buf_free(&out);
}

/* What people call the provider, and how much is missing, where that is known. */
static void better_known(void **state)
{
	struct report_part part = hand_part(3);
	(void)state;
	part.source_called = "Libero";
	part.problem = &cut;
	part.problems = 1;
	part.ledger = (struct ledger){ .source = 48213, .copied = 45093, .pending = 3120 };
	sentence_is(&part, "Move not finished yet: 3,120 of 48,213 messages are missing because Libero does not answer as it should for now; those already copied are safe, "
		"and the same command goes on from here.");
	part.exit = 7;
	part.bytes_pending = 1400000000;
	sentence_is(&part, "Move on hold: the new mailbox anna@ditta.it is full and 3,120 messages are missing (1.4 GB); enlarge it and run the same command again.");
	hand_speak("it");
	sentence_is(&part, "Trasloco fermo: la nuova casella anna@ditta.it \xC3\xA8 piena e mancano 3.120 messaggi (1,4 GB); basta aumentare lo spazio e ripetere lo "
		"stesso comando.");
	part.exit = 3;
	sentence_is(&part, "Trasloco non ancora finito: mancano 3.120 messaggi su 48.213 perch\xC3\xA9 Libero per ora non risponde come dovrebbe; quelli gi\xC3\xA0 copiati "
		"sono al sicuro e lo stesso comando riprende da qui.");
	part.exit = 0;
	part.ledger = (struct ledger){ .source = 48213, .copied = 47901, .skipped = 312 };
	part.verified = (struct verified){ .any = true, .identical = 47901 };
	sentence_is(&part, "Trasloco completo: tutti i 47.901 messaggi di anna@libero.it sono in anna@ditta.it (esclusi 312, come richiesto), ricontrollati sui due "
		"server il 28/11/2026.");
	part.ledger = (struct ledger){ .source = 1, .copied = 1 };
	part.verified = (struct verified){ .any = true, .identical = 1 };
	sentence_is(&part, "Trasloco completo: l'unico messaggio di anna@libero.it \xC3\xA8 in anna@ditta.it, ricontrollato sui due server il 28/11/2026.");
	part.exit = 1;
	part.problem = refused;
	part.problems = 3;
	part.ledger = (struct ledger){ .source = 48213, .copied = 48211, .refused = 2 };
	part.verified = (struct verified){ .any = true, .identical = 48211 };
	sentence_is(&part, "Trasloco finito con 2 eccezioni: 48.211 messaggi su 48.213 sono arrivati e ricontrollati; 2 sono stati rifiutati dal nuovo server e "
		"conservati come file.");
	hand_speak("en");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_outcome), cmocka_unit_test(every_outcome_in_italian), cmocka_unit_test(better_known) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
