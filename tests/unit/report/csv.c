/* The table: its columns, plain digits, and cells that no spreadsheet misreads. */
#include "tests/unit/report/hand.h"

#define HEAD(s) "account" s "source" s "target" s "messages" s "copied" s "already_there" s "skipped" s "refused" s "vanished" s "pending" s "copied_now" s \
	"bytes" s "verified" s "rewritten" s "altered" s "missing" s "doubled" s "gone" s "target_only" s "tier\r\n"

static void csv_is(const struct report *report, bool semicolons, const char *want)
{
	struct buf out = { 0 };
	report_csv(report, semicolons, &out);
	assert_string_equal(out.data, want);
	buf_free(&out);
}

static void table(void **state)
{
	static char inbox[] = "INBOX", odd[] = "a,b;\"c\"", formula[] = "=cmd|'/c calc'!A0", none[] = "", minus[] = "-2+3", sent[] = " Sent\n";
	struct report_row rows[] = {
		{ .source = inbox, .target = inbox, .role = none, .why = none, .bytes = 6024000000, .verified = { .any = true, .deep = true, .identical = 48000, .rewritten = 3,
			.altered = 1, .missing = 2, .doubled = 4, .gone = 5, .target_only = 6, .sampled = 9 },
			.ledger = { .source = 48213, .copied = 47000, .already_there = 1011, .skipped = 100, .refused = 2, .vanished = 40, .pending = 60, .copied_now = 7 } },
		{ .source = odd, .target = formula, .role = none, .why = none },
		{ .source = minus, .target = sent, .role = none, .why = none },
	};
	struct report_part part[] = { hand_part(0), hand_part(3) };
	struct report report = { .run = hand_run(0), .part = part, .parts = 2 };
	(void)state;
	part[0].row = rows;
	part[0].rows = 3;
	part[1].row = rows;
	part[1].rows = 1;
	part[1].name = (char[]){ "+39 l'altra" };
	csv_is(&report, false, HEAD(",")
		"anna,INBOX,INBOX,48213,47000,1011,100,2,40,60,7,6024000000,48003,3,1,2,4,5,6,deep\r\n"
		"anna,\"a,b;\"\"c\"\"\",\"'=cmd|'/c calc'!A0\",0,0,0,0,0,0,0,0,0,,,,,,,,\r\n"
		"anna,'-2+3,\" Sent \",0,0,0,0,0,0,0,0,0,,,,,,,,\r\n"
		"\"'+39 l'altra\",INBOX,INBOX,48213,47000,1011,100,2,40,60,7,6024000000,48003,3,1,2,4,5,6,deep\r\n");
	/* In Italian too: digits without dots, headings in English. */
	hand_speak("it");
	report.parts = 1;
	part[0].rows = 2;
	rows[0].verified.deep = false;
	csv_is(&report, true, "\xEF\xBB\xBF" HEAD(";")
		"anna;INBOX;INBOX;48213;47000;1011;100;2;40;60;7;6024000000;48003;3;1;2;4;5;6;standard\r\n"
		"anna;\"a,b;\"\"c\"\"\";\"'=cmd|'/c calc'!A0\";0;0;0;0;0;0;0;0;0;;;;;;;;\r\n");
	hand_speak("en");
	report.parts = 0;
	csv_is(&report, false, HEAD(","));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(table) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
