/* What a report says of its own accord. */
#include "tests/unit/report/hand.h"

#include <stdlib.h>

static char yahoo[] = "yahoo", libero[] = "libero", pec[] = "pec", none[] = "", inbox[] = "INBOX", same[] = "same", excluded[] = "excluded";

static const struct preset rows[] = { { .id = "yahoo", .name = "Yahoo", .visible = 10000, .traits = PRESET_WINDOW }, { .id = "pec", .name = "PEC", .traits = PRESET_PEC },
	{ .id = "libero", .name = "Libero", .traits = PRESET_OUTAGES } };
static const struct presets presets = { rows, sizeof rows / sizeof *rows };

static void forget(struct report_part *part)
{
	for (size_t i = 0; i < part->problems; i++) {
		struct report_problem *p = &part->problem[i];
		char *texts[] = { p->severity, p->code, p->side, p->folder, p->text, p->hint, p->message_id, p->file, p->accepted_by };
		for (size_t n = 0; n < sizeof texts / sizeof *texts; n++)
			free(texts[n]);
	}
	free(part->problem);
	free(part->close.why);
}

static const struct report_problem *said(const struct report_part *part, const char *code)
{
	for (size_t i = 0; i < part->problems; i++)
		if (strcmp(part->problem[i].code, code) == 0)
			return &part->problem[i];
	return NULL;
}

/* A provider that shows a part only: neither the sentence nor the answer takes it for all. */
static void window(void **state)
{
	static const struct {
		char *provider;
		const char *why;
		uint64_t source, vanished;
		bool unseen;
	} table[] = {
		{ yahoo, same, 10000, 0, true }, { yahoo, same, 9999, 0, false }, { yahoo, same, 10700, 700, true }, { yahoo, excluded, 10000, 0, false }, { libero, same, 10000, 0, false },
		{ none, same, 10000, 0, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct report_row row = { .source = inbox, .target = inbox, .role = none, .why = (char *)table[i].why,
			.ledger = { .source = table[i].source, .copied = table[i].source - table[i].vanished, .vanished = table[i].vanished } };
		struct report_part part = hand_part(0);
		struct report report = { .run = hand_run(0), .part = &part, .parts = 1 };
		struct buf sentence = { 0 };
		part.source_provider = table[i].provider;
		part.target_provider = none;
		part.row = &row;
		part.rows = 1;
		part.ledger = row.ledger;
		part.close.answer = CLOSE_YES;
		report_call(&report, &presets);
		receipt_sentence(&part, &report.run, &sentence);
		char *words = hand_words(sentence.data);
		const struct report_problem *p = said(&part, "window");
		if ((p != NULL) != table[i].unseen || (part.close.answer == CLOSE_YES) == table[i].unseen || (strstr(words, "Move complete") != NULL) == table[i].unseen)
			fail_msg("row %zu: %s", i, words);
		if (table[i].unseen) {
			assert_string_equal(p->severity, "warning");
			assert_string_equal(p->folder, "INBOX");
			assert_non_null(strstr(words, "Moved as far as can be seen: 10,000 messages that the old provider shows of anna@libero.it are in anna@ditta.it"));
			assert_non_null(strstr(words, "; there may be older ones that it does not show."));
			char *why = report_why_text(&part.close.why[0], true);
			assert_string_equal(why, "1 folder may hold more mail than the old provider shows");
			free(why);
		}
		free(words);
		buf_free(&sentence);
		forget(&part);
	}
}

static void certified(void **state)
{
	struct report_part part = hand_part(0);
	struct report report = { .run = hand_run(0), .part = &part, .parts = 1 };
	(void)state;
	part.source_provider = pec;
	part.target_provider = libero;
	part.close.answer = CLOSE_YES;
	report_call(&report, &presets);
	assert_string_equal(part.source_called, "PEC");
	assert_string_equal(part.target_called, "Libero");
	assert_int_equal(part.close.answer, CLOSE_NOT_YET);
	forget(&part);
}

/* Two years with a gap of two months, and none in January 2023, which is the outage where the source is Libero. */
static void history(void **state)
{
	struct report_month month[36];
	size_t months = 0;
	(void)state;
	for (int year = 2021; year < 2024; year++)
		for (int m = 1; m <= 12; m++)
			if (!(year == 2023 && m == 1) && !(year == 2022 && (m == 3 || m == 4)))
				month[months++] = (struct report_month){ year, m, 40, 0 };
	for (int plan = 0; plan < 2; plan++) {
		struct report_part part = hand_part(0);
		struct report report = { .run = hand_run(0), .part = &part, .parts = 1 };
		struct buf out = { 0 };
		strcpy(report.run.command, plan ? "plan" : "run");
		part.source_provider = libero;
		part.month = month;
		part.months = months;
		remarks_of(&report, &part);
		assert_non_null(said(&part, "not-moved"));
		if (!plan) {
			assert_int_equal(part.problems, 1);
			forget(&part);
			continue;
		}
		assert_string_equal(part.problem[0].text, "2022-03 to 2022-04: no mail at all, though there is much before and after");
		assert_string_equal(part.problem[1].text,
			"2023-01: no mail at all, though there is much before and after; the provider had a long outage then, and the mail may have been lost there");
		assert_string_equal(said(&part, "outage")->text, "2023-06: a long outage of Libero; some mail of those days may never have arrived");
		report_plan_text(&report, &out);
		hand_fits(out.data);
		char *words = hand_words(out.data);
		assert_non_null(strstr(words, "History June 2023: a long outage of Libero; some mail of those days may never have arrived"));
		assert_non_null(strstr(words, "1. March 2022 to April 2022: no mail at all, though there is much before and after 2. January 2023: no mail at all"));
		assert_non_null(strstr(words, "lost there; look into the old mailbox with a browser"));
		assert_non_null(strstr(words, "YOU CAN GO, with 2 warnings."));
		free(words);
		buf_reset(&out);
		hand_speak("it");
		report_plan_text(&report, &out);
		hand_fits(out.data);
		words = hand_words(out.data);
		assert_non_null(strstr(words, "Storia giugno 2023: lungo guasto di Libero;"));
		assert_non_null(strstr(words, "1. da marzo 2022 a aprile 2022: nessun messaggio"));
		hand_speak("en");
		free(words);
		buf_free(&out);
		forget(&part);
	}
}

static void no_gap(void **state)
{
	struct report_month month[12];
	struct report_part part = hand_part(0);
	struct report report = { .run = hand_run(0), .part = &part, .parts = 1 };
	struct buf out = { 0 };
	(void)state;
	for (int m = 0; m < 12; m++)
		month[m] = (struct report_month){ 2020, m + 1, 9, 0 };
	strcpy(report.run.command, "plan");
	part.source_provider = none;
	part.month = month;
	for (part.months = 11; part.months <= 12; part.months++) {
		buf_reset(&out);
		report_plan_text(&report, &out);
		assert_int_equal(strstr(out.data, "\n  History      no gaps") != NULL, part.months == 12);
	}
	buf_free(&out);
}

/* What a plan has kept as problems is there again; of a run it is nothing. */
static void recalled(void **state)
{
	struct report_problem of_run = HAND_PROBLEM("note", "forecast", "", "", 0, "forecast: 4 to 90 s for 17 messages, at 2000 to 8000 bytes a second");
	struct report_problem guess = HAND_PROBLEM("note", "forecast", "", "", 0, "forecast: 4 to 90 s for 17 messages");
	struct report_problem room = HAND_PROBLEM("note", "room", "target", "", 0, "the new mailbox has room for 0 bytes");
	struct report_part part = hand_part(0);
	struct report report = { .run = hand_run(0), .part = &part, .parts = 1, .problem = &of_run, .problems = 1 };
	(void)state;
	part.problem = &room;
	part.problems = 1;
	remarks_recall(&report);
	assert_true(report.slow == 0 && !part.room_known);
	strcpy(report.run.command, "plan");
	remarks_recall(&report);
	assert_true(report.slow == 2000 && report.fast == 8000);
	assert_true(part.room_known && part.room == 0);
	report.problem = &guess;
	part.problems = 0;
	remarks_recall(&report);
	assert_true(report.slow == 0 && report.fast == 0);
}

/* How far off the plan was stands in the text and on the page of the run after it, and nowhere else. */
static void forecast(void **state)
{
	static const char kept[] = "the plan forecast 905 to 7500 s for 47844 messages; 1 were copied in 6720 s",
		said[] = "The plan forecast 15 min 5 s to 2 h 5 min for 47,844 messages; it took 1 h 52 min for 1 message.";
	struct report_problem problem = HAND_PROBLEM("note", "forecast", "", "", 0, "");
	struct report_part part = hand_part(0);
	struct report report = { .run = hand_run(0), .part = &part, .parts = 1, .problem = &problem, .problems = 1 };
	(void)state;
	for (int there = 0; there < 3; there++) {
		struct buf text = { 0 }, page = { 0 };
		problem.text = (char *)kept;
		report.problems = there > 0;
		strcpy(report.run.command, there == 2 ? "plan" : "run");
		if (there < 2)
			report_text(&report, &text);
		else
			report_plan_text(&report, &text);
		report_html(&report, &page);
		hand_fits(text.data);
		char *words = hand_words(text.data);
		assert_int_equal(strstr(words, said) != NULL, there == 1);
		assert_int_equal(strstr(page.data, said) != NULL, there == 1);
		free(words);
		buf_free(&text);
		buf_free(&page);
	}
}

/* How many connections a run had, and why fewer, in both languages, in the text and on the page. */
static void lanes(void **state)
{
	static const struct { struct report_lanes lanes; const char *kept, *said, *it; } kinds[] = {
		{ { 4, 0, false, false }, "lanes at work at once: 4 at most", "Connections at work at once, on either side: 4 at most.", "Connessioni al lavoro contemporaneamente, su ciascun lato: al massimo 4." },
		{ { 5, 2, false, false }, "lanes at work at once: 5 at most, 2 for a time: more were slower", "5 at most. For a time only 2, since more were slower.",
			"al massimo 5. Per un periodo solo 2, perché di più erano più lente." },
		{ { 3, 0, true, false }, "lanes at work at once: 3 at most; a server let no more in", "3 at most. A server let no more in.", "al massimo 3. Un server non ne ha accettate altre." },
		{ { 64, 1, true, true }, "lanes at work at once: 64 at most, 1 for a time: more were slower; a server let no more in; a server asked for less",
			"64 at most. For a time only 1, since more were slower. A server let no more in. A server asked for less, and had fewer for a while.",
			"Un server non ne ha accettate altre. Un server ha chiesto di rallentare, e per un po' ne ha avute meno." },
	};
	struct report_problem problem = HAND_PROBLEM("note", "lanes", "", "", 0, "");
	struct report_part part = hand_part(0);
	struct report report = { .run = hand_run(0), .part = &part, .parts = 1, .problem = &problem, .problems = 1 };
	(void)state;
	for (size_t i = 0; i < 2 * sizeof kinds / sizeof *kinds; i++) {
		const char *said = i % 2 ? kinds[i / 2].it : kinds[i / 2].said;
		struct buf kept = { 0 }, text = { 0 }, page = { 0 };
		hand_speak(i % 2 ? "it" : "en");
		report_lanes(&kinds[i / 2].lanes, &kept);
		assert_string_equal(kept.data, kinds[i / 2].kept);
		problem.text = kept.data;
		report_text(&report, &text);
		report_html(&report, &page);
		hand_fits(text.data);
		char *words = hand_words(text.data);
		if (!strstr(words, said))
			fail_msg("not said: %s\n%s", said, text.data);
		assert_non_null(strstr(page.data, i % 2 ? "Connessioni al lavoro" : "Connections at work"));
		free(words);
		buf_free(&kept);
		buf_free(&text);
		buf_free(&page);
	}
	hand_speak("en");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(window), cmocka_unit_test(certified), cmocka_unit_test(history), cmocka_unit_test(no_gap), cmocka_unit_test(recalled),
		cmocka_unit_test(forecast), cmocka_unit_test(lanes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
