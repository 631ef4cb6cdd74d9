/* Where every account stands, a line each. */
#include "tests/unit/report/hand.h"

static void status_is(const struct report *report, bool running, const char *want)
{
	struct buf out = { 0 };
	report_status(report, running, &out);
	assert_string_equal(out.data, want);
	hand_fits(out.data);
	buf_free(&out);
}

#define HEAD "account                   state                        messages there   to copy\n"

static void lines(void **state)
{
	struct report_part part[] = { hand_part(0), hand_part(-1) };
	struct report report = { .run = hand_run(0), .part = part, .parts = 2, .ledger = { .source = 50215, .copied = 48001, .pending = 2200, .skipped = 14 } };
	(void)state;
	part[0].ledger = (struct ledger){ .source = 48015, .copied = 48001, .skipped = 14 };
	part[1].name = (char[]){ "Perch\xC3\xA9" };
	part[1].ledger = (struct ledger){ .source = 2200, .pending = 2200 };
	status_is(&report, false, HEAD "anna                      complete              48,001 of      48,001         0\n"
		"Perch\xC3\xA9                    not in last run            0 of       2,200     2,200\n"
		"all                       complete              48,001 of      50,201     2,200\n");
	report.run.finished = 0;
	report.run.exit = -1;
	status_is(&report, true, HEAD "anna                      complete              48,001 of      48,001         0\n"
		"Perch\xC3\xA9                    at work                    0 of       2,200     2,200\n"
		"all                       at work               48,001 of      50,201     2,200\n");
	/* Begun, not ended, and nobody is at work: it was killed. */
	part[0].exit = 7;
	status_is(&report, false, HEAD "anna                      stopped               48,001 of      48,001         0\n"
		"Perch\xC3\xA9                    incomplete                 0 of       2,200     2,200\n"
		"all                       incomplete            48,001 of      50,201     2,200\n");
}

static void in_italian(void **state)
{
	static const struct { int exit; const char *word; } rows[] = { { 0, "completo " }, { 1, "con eccezioni " }, { 3, "non finito " }, { 7, "fermo " }, { 70, "guasto " } };
	(void)state;
	hand_speak("it");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_part part = hand_part(rows[i].exit);
		struct report report = { .run = hand_run(rows[i].exit), .part = &part, .parts = 1 };
		struct buf out = { 0 };
		part.ledger = (struct ledger){ .source = 48001, .copied = 48001 };
		report_status(&report, false, &out);
		hand_fits(out.data);
		assert_non_null(strstr(out.data, rows[i].word));
		assert_non_null(strstr(out.data, "     48.001 su      48.001         0\n"));
		assert_memory_equal(out.data, "casella                   stato                      messaggi arrivati    restano\n", 40);
		buf_free(&out);
	}
	hand_speak("en");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(in_italian) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
