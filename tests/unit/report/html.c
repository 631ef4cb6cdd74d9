/* The HTML report: nothing from elsewhere is markup, the numbers are those of the model, the two languages, one account and many.

   TRASLOCO_TEST_HTML=FOLDER writes the pages of the sample there, for eyes. */
#include "tests/unit/report/sample.h"

#include "core/report/holes.h"
#include "core/report/html.h"

static char *page(const struct report *report)
{
	struct buf out = { 0 };
	report_html(report, &out);
	return out.data;
}

static void has(const char *html, const char *want)
{
	if (!strstr(html, want))
		fail_msg("not there: %s", want);
}

static void has_not(const char *html, const char *bad)
{
	const char *at = strstr(html, bad);
	if (at)
		fail_msg("there: %s in %.200s", bad, at);
}

static size_t count(const char *html, const char *what)
{
	size_t n = 0;
	for (const char *at = html; (at = strstr(at, what)); at += strlen(what))
		n++;
	return n;
}

/* For eyes. */
static void keep(const char *name, const char *html)
{
	const char *folder = getenv("TRASLOCO_TEST_HTML");
	char path[512];
	if (!folder)
		return;
	snprintf(path, sizeof path, "%s/%s.html", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(html, 1, strlen(html), f), strlen(html));
	assert_int_equal(fclose(f), 0);
}

/* ---- letters ---- */

static void letters(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{ "plain", "plain" },
		{ "", "" },
		{ NULL, "" },
		{ "<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" },
		{ "a & \"b\" &amp; c", "a &amp; &quot;b&quot; &amp;amp; c" },
		{ "\x1b[31mred\x07\n", " [31mred  " },
		{ "a\xE2\x80\xAEgpj.exe", "a gpj.exe" },
		{ "\xff\xfe", "??" },
		{ "Citt\xC3\xA0", "Citt\xC3\xA0" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = { 0 };
		html_text(&out, rows[i].in);
		assert_string_equal(out.data ? out.data : "", rows[i].want);
		buf_reset(&out);
		html_name(&out, rows[i].in);
		assert_int_equal(out.len, strlen(rows[i].want) + 11);
		buf_free(&out);
	}
}

static void sentences(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{ "  two\n  lines\n", "two lines" },
		{ "then: trasloco" PROSE_HARD_BLANK "run" PROSE_HARD_BLANK "<x>", "then: <code>trasloco run &lt;x&gt;</code>" },
		{ "of anna@libero.it are in anna@ditta.it, all", "of <bdi>anna@libero.it</bdi> are in <bdi>anna@ditta.it</bdi>, all" },
		{ "of joanna@libero.it and anna@libero.italia", "of joanna@libero.it and anna@libero.italia" },
		{ "", "" },
	};
	const struct report_part part = hand_part(0);
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = { 0 };
		html_sentence(&out, rows[i].in, &part);
		assert_string_equal(out.data ? out.data : "", rows[i].want);
		buf_free(&out);
	}
}

/* ---- the page ---- */

/* Everything that opens is closed, in order; returns how deep it went. */
static void balanced(const char *html)
{
	static const char *const empty[] = { "meta", "rect", "!DOCTYPE" };
	char open[64][16];
	size_t depth = 0;
	for (const char *at = strchr(html, '<'); at; at = strchr(at, '<')) {
		bool close = at[1] == '/', lone = false;
		const char *name = at + 1 + close;
		size_t len = strcspn(name, " >/\n");
		assert_true(len > 0 && len < 16);
		for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
			lone = lone || strncmp(name, empty[i], len) == 0;
		if (close) {
			assert_true(depth-- > 0);
			if (strncmp(open[depth], name, len) != 0 || open[depth][len])
				fail_msg("%.*s closes %s: %.100s", (int)len, name, open[depth], at);
		} else if (!lone) {
			assert_true(depth < 64);
			snprintf(open[depth++], sizeof open[0], "%.*s", (int)len, name);
		}
		for (at = name + len; *at != '>'; at++)
			if (*at == '"')
				at = strchr(at + 1, '"');
	}
	assert_int_equal(depth, 0);
}

/* No name, subject or word of a server makes markup, and nothing is loaded. */
static void hostile(void **state)
{
	struct sample s;
	char *html = page(sample_make(&s));
	static const char *const bad[] = { "<script", "<b>Message", "\xE2\x80\xAE", "src=", "href=\"h", "url(", "@import", "javascript:", "onload", "<link", "<iframe", "<img" };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		has_not(html, bad[i]);
	has(html, "<bdi>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39; gpj</bdi>");
	has(html, "<bdi>[LIMIT] &lt;b&gt;Message&lt;/b&gt; &quot;too&quot; large</bdi>");
	has(html, "default-src 'none'");
	balanced(html);
	free(html);
}

static void numbers(void **state)
{
	struct sample s;
	char *html = page(sample_make(&s));
	(void)state;
	keep("two-en", html);
	has(html, "<html lang=\"en\">");
	has(html, "<td class=\"n\" data-term=\"source\" data-n=\"48220\">48,220</td>");
	has(html, "<td class=\"n\" data-term=\"copied\" data-n=\"47843\">47,843</td>");
	has(html, "<b class=\"n\" data-term=\"already_there\" data-n=\"58\">58</b> already there");
	has(html, "data-term=\"bytes\" data-n=\"3911000000\">3.9 GB<");
	has(html, "28 Nov 2026");
	has(html, "Move finished with 2 exceptions: 47,901 of 47,904 messages have arrived");
	has(html, "data-verdict=\"exceptions\"");
	has(html, "data-answer=\"not-yet\"");
	has(html, "<bdi>avvisi@banca.example</bdi></th><td class=\"n\" data-term=\"mails\" data-n=\"6\">6</td>");
	has(html, "312 messages were left out, as asked, and are in the old mailbox only (folders: Cestino 312).</p>");
	has(html, "<code>trasloco refused</code>");
	has(html, "accepted by marta on 28 Nov 2026");
	/* each folder's row shows all that is not zero and nothing else: INBOX 4, Posta inviata 1, Perché no 1 (in both accounts), Cestino 1, the deep one 2 */
	assert_int_equal(count(html, "<i class=\"dot copied\"></i>"), 5);
	assert_int_equal(count(html, "<i class=\"dot pending\"></i>"), 1);
	assert_int_equal(count(html, "<svg class=\"bar\""), 8);
	/* an index with one line and one anchor each */
	assert_int_equal(count(html, "<a href=\"#a"), 2);
	has(html, "<a href=\"#a2\"><bdi>bruno</bdi></a>");
	has(html, "<article class=\"account\" id=\"a2\"");
	has(html, "2 accounts, 1 of them complete: 51,718 of 51,721 messages have arrived; this run took 1 h 52 min.");
	free(html);
}

static void in_italian(void **state)
{
	struct sample s;
	struct report *report = sample_make(&s);
	(void)state;
	hand_speak("it");
	char *two = page(report);
	report->parts = 1;
	char *one = page(report);
	keep("two-it", two);
	keep("one-it", one);
	has(one, "<html lang=\"it\">");
	has(one, ">48.220</td>");
	has(one, ">3,9 GB<");
	has(one, "28/11/2026");
	has(one, "Trasloco finito con 2 eccezioni: 47.901 messaggi su 47.904 sono arrivati");
	has(one, "Si può chiudere la vecchia casella?");
	has(one, "da marzo 2016 a maggio 2016: nessun messaggio");
	has(one, "gennaio 2023: nessun messaggio, mentre prima e dopo ce ne sono molti; in quel periodo il gestore");
	has(one, "giugno 2023: lungo guasto di Libero");
	has_not(one, "<nav");
	balanced(one);
	balanced(two);
	free(one);
	free(two);
	hand_speak("en");
}

/* A plan says what is to come, and nothing of closing. */
static void plan(void **state)
{
	struct sample s;
	struct report *report = sample_make(&s);
	(void)state;
	snprintf(report->run.command, sizeof report->run.command, "plan");
	s.part[0].exit = 0;
	s.part[0].problems = 0;
	s.part[0].ledger = (struct ledger){ .source = 48213, .already_there = 58, .skipped = 312, .pending = 47843 };
	s.part[0].bytes_pending = 6028000000;
	s.part[0].room_known = true;
	s.part[0].room = 9800000000;
	report->parts = 1;
	char *html = page(report);
	keep("plan-en", html);
	has(html, "The move can begin: 47,843 messages (6.0 GB) of <bdi>anna@libero.it</bdi> are to go to <bdi>anna@ditta.it</bdi>; 58 are there already. Nothing has been changed so far.");
	has(html, "data-verdict=\"go\"");
	has(html, "<code>trasloco run</code>");
	has(html, "<dt>Time</dt><dd>about 1 h 10 min (between 15 min and 2 h 5 min), a guess, nothing was measured; it can be interrupted</dd>");
	has(html, "<dt>New space</dt><dd>6.0 GB needed, 9.8 GB free: enough</dd>");
	has_not(html, "data-answer");
	has_not(html, "data-table=\"verified\"");
	has_not(html, "class=\"odd\"");
	balanced(html);
	free(html);
	report->parts = 2;
	report->ledger = (struct ledger){ .pending = 47844, .already_there = 58 };
	report->bytes_pending = 6028000000;
	html = page(report);
	has(html, "<p class=\"total\">2 of 2 accounts can begin. 47,844 messages to copy, 6.0 GB; 58 already there; about 1 h 10 min (between 15 min and 2 h 5 min), a guess");
	free(html);
	report->parts = 1;
	s.part[0].exit = 1;
	html = page(report);
	has(html, "can&#39;t begin yet");
	has(html, "data-verdict=\"no-go\"");
	free(html);
}

/* A mailbox that may hold more than it shows is called complete nowhere. */
static void unseen(void **state)
{
	struct report_part part = hand_part(0);
	struct report report = { .run = hand_run(0), .part = &part, .parts = 1 };
	(void)state;
	part.ledger = (struct ledger){ .source = 10000, .copied = 10000 };
	part.unseen = 1;
	char *html = page(&report);
	has(html, "<div class=\"verdict warn\" data-verdict=\"complete\"><p class=\"word\">moved as far as can be seen</p>");
	has_not(html, "Move complete");
	free(html);
}

/* Nothing to tell: no account, no folder, no month, never ended. */
static void empty(void **state)
{
	struct report_part part = hand_part(-1);
	struct report report = { .run = hand_run(-1) };
	(void)state;
	char *html = page(&report);
	has(html, "No account was part of this run.");
	balanced(html);
	free(html);
	report.part = &part;
	report.parts = 1;
	report.run.finished = 0;
	part.close.answer = CLOSE_NOT_YET;
	html = page(&report);
	has(html, "Move not finished yet: no message has been seen so far");
	has_not(html, "<svg");
	balanced(html);
	free(html);
}

/* Dates from broken clocks do not stretch the figure; they are told. */
static void odd_dates(void **state)
{
	struct report_month month[] = { { 1, 1, 2, 2 }, { 1970, 1, 3, 3 }, { 2020, 2, 7, 7 }, { 2020, 3, 7, 6 }, { 9999, 12, 4, 0 } };
	struct report_part part = hand_part(0);
	struct report report = { .run = hand_run(0), .part = &part, .parts = 1 };
	(void)state;
	part.month = month;
	part.months = 5;
	char *html = page(&report);
	has(html, "9 messages have an impossible date and are not in the figure.");
	has(html, "viewBox=\"0 0 36 100\"");
	assert_int_equal(count(html, "<rect class=\"old\""), 2);
	has(html, "<tr><th scope=\"row\">9999</th>");
	free(html);
	part.months = 2;
	html = page(&report);
	has_not(html, "<svg");
	free(html);
}

/* ---- holes ---- */

/* Months of 2020 on, a letter each: '.' none, 'x' ten messages, 'o' one. */
static size_t history(const char *drawn, struct report_month *out)
{
	size_t n = 0;
	for (int i = 0; drawn[i]; i++)
		if (drawn[i] != '.')
			out[n++] = (struct report_month){ 2020 + i / 12, i % 12 + 1, drawn[i] == 'x' ? 10 : 1, 0 };
	return n;
}

static void holes(void **state)
{
	static const struct { const char *drawn; int first, length; } rows[] = {
		{ "xxxxxx.xxxxxx", 6, 1 },
		{ "xxx...xxx", 3, 3 },
		{ "xx.xx", -1, 0 },			/* too short to be called busy */
		{ "oooooo.oooooo", -1, 0 },		/* hardly any mail */
		{ "xxxxxx.oooooo", -1, 0 },		/* it faded out */
		{ "x.x.x.x.x.x.x.x", 5, 1 },		/* the middle ones, the first of them */
		{ "xxxxxx........................xxxxxx", 6, 24 },
		{ "xxxxxx.........................xxxxxx", -1, 0 },	/* it was given up and begun anew */
		{ "", -1, 0 },
		{ "x", -1, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_month month[40];
		struct report_part part = hand_part(0);
		struct hole *hole;
		part.month = month;
		part.months = history(rows[i].drawn, month);
		size_t n = holes_find(&part, &hole);
		if ((n > 0) != (rows[i].first >= 0))
			fail_msg("%s: %zu holes", rows[i].drawn, n);
		if (n > 0) {
			assert_int_equal(hole[0].first, hole_month(2020, 1) + rows[i].first);
			assert_int_equal(hole[0].last - hole[0].first + 1, rows[i].length);
		}
		free(hole);
	}
}

static void outages(void **state)
{
	static const struct { const char *provider; int year, month; bool want; } rows[] = {
		{ "libero", 2023, 1, true }, { "libero", 2023, 6, true }, { "virgilio", 2023, 6, true }, { "libero", 2023, 2, false }, { "libero", 2022, 1, false },
		{ "aruba", 2023, 1, false }, { "", 2023, 1, false }, { NULL, 2023, 1, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_part part = hand_part(0);
		char id[16];
		snprintf(id, sizeof id, "%s", rows[i].provider ? rows[i].provider : "");
		part.source_provider = rows[i].provider ? id : NULL;
		assert_int_equal(hole_outage(&part, hole_month(rows[i].year, rows[i].month)), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters), cmocka_unit_test(sentences), cmocka_unit_test(hostile), cmocka_unit_test(numbers), cmocka_unit_test(in_italian), cmocka_unit_test(plan),
		cmocka_unit_test(empty), cmocka_unit_test(unseen), cmocka_unit_test(odd_dates), cmocka_unit_test(holes), cmocka_unit_test(outages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
