/* The dry run as it is read, in both languages. */
#include "tests/unit/report/hand.h"

static char inbox[] = "INBOX", posta[] = "Posta inviata", sent[] = "Sent", clients[] = "Clienti/Perch\xC3\xA9 no", bin[] = "Cestino", none[] = "", same[] = "same",
	by_name[] = "name", excluded[] = "excluded", shared[] = "shared", others[] = "Altri", map[] = "map", longer[] = "A folder with quite a long name, indeed";

static struct report_row rows[] = {
	{ .source = inbox, .target = inbox, .role = none, .why = same, .ledger = { .source = 31204, .already_there = 58, .pending = 31146 }, .bytes = 11000000,
		.bytes_pending = 3900000000 },
	{ .source = posta, .target = sent, .role = sent, .why = by_name, .ledger = { .source = 12880, .pending = 12880 }, .bytes_pending = 1976000000 },
	{ .source = clients, .target = clients, .role = none, .why = same, .ledger = { .source = 3819, .pending = 3817, .skipped = 2 }, .bytes_pending = 141400000 },
	{ .source = bin, .target = none, .role = none, .why = excluded, .ledger = { .source = 312, .skipped = 312 } },
	{ .source = others, .target = none, .role = none, .why = shared },
	{ .source = longer, .target = longer, .role = none, .why = map, .ledger = { .source = 1, .pending = 1 }, .bytes_pending = 500 },
};

static struct report_part plan_part(void)
{
	struct report_part part = hand_part(0);
	part.source_called = "Libero";
	part.row = rows;
	part.rows = 6;
	part.ledger = (struct ledger){ .source = 48216, .already_there = 58, .pending = 47844, .skipped = 314 };
	part.bytes_pending = 6024000000;
	return part;
}

static struct report plan_of(struct report_part *part, size_t parts)
{
	struct report report = { .run = hand_run(0), .part = part, .parts = parts };
	strcpy(report.run.command, "plan");
	return report;
}

static void text_is(const struct report *report, const char *want)
{
	struct buf out = { 0 };
	report_plan_text(report, &out);
	assert_string_equal(out.data, want);
	hand_fits(out.data);
	buf_free(&out);
}

static void whole(void **state)
{
	struct report_problem problem[] = { HAND_PROBLEM("warning", "too-big", "target", "INBOX", 4, "larger than what the new server takes"),
		HAND_PROBLEM("warning", "name-changed", "target", "Clienti", 0, "the new server does not take this name"), HAND_PROBLEM("note", "not-moved", "", "", 0, "x") };
	struct report_part part = plan_part();
	struct report report = plan_of(&part, 1);
	(void)state;
	problem[0].hint = (char[]){ "it will be refused and kept here as a file" };
	part.problem = problem;
	part.problems = 3;
	part.room_known = true;
	part.room = 9800000000;
	text_is(&report, "anna: anna@libero.it -> anna@ditta.it                      (nothing is changed)\n\n"
		"  Folder at Libero        New folder             Messages      MB there already\n"
		"  INBOX                   INBOX                    31,204   3,911            58\n"
		"  Posta inviata           Sent *                   12,880   1,976             0\n"
		"  Clienti/Perch\xC3\xA9 no       Clienti/Perch\xC3\xA9 no         3,819     141             0\n"
		"  Cestino                 (left out by the job)       312       -             -\n"
		"  Altri                   (shared, not moved)           0       -             -\n"
		"  A folder with quite a long name, indeed\n"
		"                          A folder with quite a long name, indeed\n"
		"                                                        1      <1             0\n"
		"  TOTAL to copy                                    47,844   6,024\n"
		"  2 single messages are left out by the job's rules\n\n"
		"  * known by its name. If it is not right: folders, map in migrate.yaml\n"
		"  New space    6.0 GB needed, 9.8 GB free: enough\n"
		"  Time         about 1 h 10 min (between 15 min and 2 h 5 min), a guess,\n"
		"               nothing was measured; it can be interrupted\n"
		"  Attention    1. INBOX, message 4: larger than what the new server takes; it\n"
		"               will be refused and kept here as a file\n"
		"               2. Clienti: the new server does not take this name\n\n"
		"Contacts, calendars, filters, signatures and shared folders are not moved.\n"
		"YOU CAN GO, with 2 warnings. Then: trasloco run\n");
	hand_speak("it");
	part.problems = 0;
	report.job = "anna.yaml";
	text_is(&report, "anna: anna@libero.it -> anna@ditta.it                 (niente viene modificato)\n\n"
		"  Cartella a Libero       Cartella nuova         Messaggi      MB di cui gi\xC3\xA0 l\xC3\xAC\n"
		"  INBOX                   INBOX                    31.204   3.911            58\n"
		"  Posta inviata           Sent *                   12.880   1.976             0\n"
		"  Clienti/Perch\xC3\xA9 no       Clienti/Perch\xC3\xA9 no         3.819     141             0\n"
		"  Cestino                 (esclusa, dal job)          312       -             -\n"
		"  Altri                   (condivisa, resta l\xC3\xAC)         0       -             -\n"
		"  A folder with quite a long name, indeed\n"
		"                          A folder with quite a long name, indeed\n"
		"                                                        1      <1             0\n"
		"  TOTALE da copiare                                47.844   6.024\n"
		"  2 singoli messaggi esclusi dalle regole del job\n\n"
		"  * riconosciuta dal nome. Se non va bene: folders, map in anna.yaml\n"
		"  Spazio nuovo servono 6,0 GB, liberi 9,8 GB: basta\n"
		"  Tempo        circa 1 h 10 min (fra 15 min e 2 h 5 min), una stima: non \xC3\xA8\n"
		"               stato misurato nulla; si pu\xC3\xB2 interrompere\n\n"
		"Non si spostano: rubrica, calendari, filtri, firme, cartelle condivise.\n"
		"SI PU\xC3\x92 PARTIRE. Poi: trasloco run anna.yaml\n");
	hand_speak("en");
}

/* Pieces of the text that one fact decides. */
static void pieces(void **state)
{
	static const struct preset gmail = { .day_out = 2500000000 }, narrow = { .day_in = 500000000 };
	static const struct {
		struct {
			bool room_known;
			uint64_t room, slow, fast;
			const struct preset *from, *to;
		} plan;
		int exit;
		uint64_t pending, bytes, refused;
		const char *want, *never;
	} table[] = {
		{ { .room_known = true, .room = 1000000000 }, 0, 10, 6024000000, 0, "6.0 GB needed, 1.0 GB free: NOT ENOUGH\n", ": enough" },
		{ { .room_known = true }, 0, 10, 1, 0, "1 byte needed, 0 bytes free: NOT ENOUGH\n", ": enough" },
		{ { 0 }, 0, 10, 1, 0, "Time", "space" },
		/* measured: no guess; a message costs time as well */
		{ { .slow = 2000000, .fast = 4000000 }, 0, 1000, 1200000000, 0, "  Time         about 8 min (between 5 min and 11 min); it can be interrupted\n", "guess" },
		/* what a provider lets through a day */
		{ { .slow = 2000000, .fast = 4000000, .from = &gmail }, 0, 1000, 12000000000, 0, "  Time         4 days; it can be interrupted\n", "guess" },
		{ { .slow = 2000000, .fast = 4000000, .from = &gmail, .to = &narrow }, 0, 1000, 12000000000, 0, "  Time         24 days; it can be interrupted\n", "guess" },
		{ { .slow = 2000000, .fast = 4000000, .from = &gmail, .to = &narrow }, 0, 1000, 400000000, 0, "(between 2 min and 4 min)", "day" },
		{ { 0 }, 0, 10, 1000, 0, "  Time         less than a minute, a guess, nothing was measured; it can be\n", "between" },
		{ { 0 }, 0, 120000, 0, 0, "(between 6 min and 1 h)", NULL },
		{ { 0 }, 0, 0, 0, 0, "YOU CAN GO. Then: trasloco run\n", "Time" },
		{ { 0 }, 0, 0, 0, 0, "\n  TOTAL to copy                                         0       0\n\nContacts", NULL },
		{ { 0 }, 0, 0, 0, 3, "  3 were refused before and are not sent again\n", NULL },
		{ { 0 }, 0, 0, 0, 1, "  1 was refused before and is not sent again\n", NULL },
		{ { 0 }, 1, 10, 0, 0, "NOT YET. First see to what is told above; then: trasloco plan\n", "YOU CAN GO" },
		{ { 0 }, 4, 10, 0, 0, "NOT YET.", "YOU CAN GO" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct report_part part = hand_part(table[i].exit);
		struct report report = plan_of(&part, 1);
		struct buf out = { 0 };
		report.run.exit = table[i].exit;
		part.row = &rows[0];
		part.rows = 1;
		part.ledger = (struct ledger){ .source = table[i].pending + table[i].refused, .pending = table[i].pending, .refused = table[i].refused };
		part.bytes_pending = table[i].bytes;
		part.room_known = table[i].plan.room_known;
		part.room = table[i].plan.room;
		part.source_preset = table[i].plan.from;
		part.target_preset = table[i].plan.to;
		report.slow = table[i].plan.slow;
		report.fast = table[i].plan.fast;
		report_plan_text(&report, &out);
		if (!strstr(out.data, table[i].want) || (table[i].never && strstr(out.data, table[i].never)))
			fail_msg("row %zu: %s", i, out.data);
		assert_null(strstr(out.data, "* known"));
		hand_fits(out.data);
		buf_free(&out);
	}
}

/* Longer old names get their room where the new ones can spare it; and when nothing is left to copy it is said. */
static void room(void **state)
{
	static char folder[] = "INBOX.Clienti.Rossi & Figli", target[] = "Rossi & Figli";
	struct report_row row = { .source = folder, .target = target, .role = none, .why = same, .ledger = { .source = 7, .copied = 7 } };
	struct report_part part = plan_part();
	struct report report = plan_of(&part, 1);
	(void)state;
	part.row = &row;
	part.rows = 1;
	part.ledger = row.ledger;
	part.bytes_pending = 0;
	report.job = "anna.yaml";
	text_is(&report, "anna: anna@libero.it -> anna@ditta.it                      (nothing is changed)\n\n"
		"  Folder at Libero             New folder        Messages      MB there already\n"
		"  INBOX.Clienti.Rossi & Figli  Rossi & Figli            7       0             7\n"
		"  TOTAL to copy                                         0       0\n\n"
		"Contacts, calendars, filters, signatures and shared folders are not moved.\n"
		"ALL IS THERE ALREADY. Then: trasloco verify anna.yaml\n");
}

/* Many accounts get a line each; one that can't go is counted, one that was not asked for is not. */
static void many(void **state)
{
	struct report_part part[5];
	struct report report = plan_of(part, 5);
	struct buf out = { 0 };
	(void)state;
	for (size_t i = 0; i < 5; i++)
		part[i] = plan_part();
	part[2].exit = 4;
	part[4].exit = -1;
	report.run.exit = 4;
	report.ledger = (struct ledger){ .source = 4 * 48216, .already_there = 4 * 58, .pending = 4 * 47844, .skipped = 4 * 314 };
	report.bytes_pending = 4 * part[0].bytes_pending;
	report_plan_text(&report, &out);
	hand_fits(out.data);
	assert_non_null(strstr(out.data, "  47,844 messages to copy, 6.0 GB; 58 already there; 314 left out\n"));
	assert_non_null(strstr(out.data, "\nAll 4 accounts\n\n"
		"  191,376 messages to copy, 24.1 GB; 232 already there; 1,256 left out\n"
		"  Time         about 4 h 40 min (between 1 h and 8 h 15 min), a guess, nothing\n"
		"               was measured; it can be interrupted\n\n"));
	assert_null(strstr(out.data, "INBOX"));
	assert_non_null(strstr(out.data, "NOT YET: 3 of 4 accounts can go. First see to what is told above; then:\ntrasloco plan\n"));
	buf_free(&out);
	part[2].exit = 0;
	report.run.exit = 0;
	report_plan_text(&report, &out);
	assert_non_null(strstr(out.data, "YOU CAN GO. Then: trasloco run\n"));
	buf_free(&out);
	report.parts = 3;
	report_plan_text(&report, &out);
	assert_non_null(strstr(out.data, "  INBOX  "));
	buf_free(&out);
	report.parts = 1;
	report_plan_text(&report, &out);
	assert_null(strstr(out.data, "All "));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whole), cmocka_unit_test(pieces), cmocka_unit_test(room), cmocka_unit_test(many) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
