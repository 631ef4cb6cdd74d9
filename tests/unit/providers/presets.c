/* The rows of the providers: whole, without contradictions, and found by the exchanges of a domain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/job/job.h"
#include "providers/presets.h"

static const struct preset *row(const char *id)
{
	for (size_t i = 0; i < presets.count; i++)
		if (strcmp(presets.row[i].id, id) == 0)
			return &presets.row[i];
	fail_msg("there is no %s", id);
	return NULL;
}

/* Every field that others print or compare is there, in a form that a job file can hold. */
static void test_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < presets.count; i++) {
		const struct preset *p = &presets.row[i];
		const char *const texts[] = { p->id, p->name, p->domains, p->mx, p->host, p->page, p->note, p->mark, p->date };

		for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
			assert_non_null(texts[t]);
			assert_true(text_is_utf8(texts[t], strlen(texts[t])));
			assert_null(strchr(texts[t], '\n'));
		}
		assert_int_equal(strspn(p->id, "abcdefghijklmnopqrstuvwxyz0123456789.-"), strlen(p->id));
		assert_true(*p->id && *p->name && *p->host);
		assert_int_equal(strspn(p->host, "abcdefghijklmnopqrstuvwxyz0123456789.-"), strlen(p->host));
		assert_true(p->tls == TLS_IMPLICIT ? p->port == 993 : p->tls == TLS_STARTTLS && (p->port == 143 || p->port == 1143));
		assert_true(*p->page == 0 || strncmp(p->page, "https://", 8) == 0);
		assert_non_null(strstr("A A/B B K", p->mark));
		assert_string_equal(p->date, "2026-11");
		/* nothing leads to a row without domains, exchanges or a word about it */
		assert_true(*p->domains || *p->mx || strcmp(p->id, "yahoo-export") == 0);
	}
}

/* Blanks divide, one at a time; a domain, an exchange or an id that two rows have would make their order decide. */
static void each_word(const char *words, void (*see)(const char *word, size_t i), size_t i)
{
	CLEANUP(x_free) char *copy = x_strdup(words);
	char *rest = NULL;

	assert_null(strstr(words, "  "));
	assert_true(*words != ' ' && (*words == 0 || words[strlen(words) - 1] != ' '));
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		see(word, i);
}

static bool has(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = words; (at = strcasestr(at, word)); at++)
		if ((at == words || at[-1] == ' ') && (at[n] == 0 || at[n] == ' '))
			return true;
	return false;
}

static void domain_once(const char *word, size_t i)
{
	size_t n = strlen(word);
	const char *star = strchr(word, '*');
	bool below = star == word && word[1] == '.' && !strchr(word + 1, '*'), ending = n > 2 && strcmp(word + n - 2, ".*") == 0 && star == word + n - 1;
	if (star)
		assert_true(below || ending);
	for (size_t k = 0; k < presets.count; k++)
		if (k != i && has(presets.row[k].domains, word))
			fail_msg("%s: %s and %s", word, presets.row[i].id, presets.row[k].id);
}

static void exchange_once(const char *word, size_t i)
{
	for (size_t k = 0; k < presets.count; k++)
		if (k != i && has(presets.row[k].mx, word))
			fail_msg("%s: %s and %s", word, presets.row[i].id, presets.row[k].id);
	assert_ptr_equal(preset_of_mx(word), &presets.row[i]);
}

static void test_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < presets.count; i++) {
		each_word(presets.row[i].domains, domain_once, i);
		each_word(presets.row[i].mx, exchange_once, i);
		for (size_t k = i + 1; k < presets.count; k++)
			assert_string_not_equal(presets.row[i].id, presets.row[k].id);
	}
}

static void test_exchanges(void **state)
{
	(void)state;
	static const struct {
		const char *host, *want;
	} rows[] = {
		{ "company-it.mail.protection.outlook.com", "microsoft365" },
		{ "company-it.mail.protection.outlook.com.", "microsoft365" },
		{ "COMPANY-IT.MAIL.PROTECTION.OUTLOOK.COM", "microsoft365" },
		{ "aspmx.l.google.com", "gmail" },
		{ "alt4.aspmx.l.google.com", "gmail" },
		{ "aspmx2.googlemail.com", "gmail" },
		{ "smtp.google.com", "gmail" },
		{ "mx.aruba.it", "aruba" },
		{ "mx.pec.aruba.it", "aruba-pec" },	/* the longer end counts */
		{ "mx1.mail.ovh.net", "ovh" },
		{ "mx00.kundenserver.de", "ionos" },
		{ "mx00.ionos.it", "ionos.it" },
		{ "mta-gw.infomaniak.ch", "infomaniak" },
		{ "mx.sicurezzapostale.it", "namirial-pec" },
		{ "in1-smtp.messagingengine.com", "fastmail" },
		/* only at a dot, and only at the end */
		{ "notaruba.it", NULL },
		{ "mx.aruba.it.example.com", NULL },
		{ "olc.protection.outlook.com", NULL },
		{ "google.com", NULL },
		{ "mail.company.it", NULL },
		{ "it", NULL },
		{ ".", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct preset *got = preset_of_mx(rows[i].host);
		if (rows[i].want ? !got || strcmp(got->id, rows[i].want) != 0 : got != NULL)
			fail_msg("%s: %s", rows[i].host, got ? got->id : "none");
	}
}

/* Facts that others rely on. */
static void test_facts(void **state)
{
	(void)state;
	static const char *const pec[] = { "aruba-pec", "legalmail", "poste-pec", "namirial-pec", "register-pec", "libero-pec" };
	static const char *const oauth[] = { "outlook", "microsoft365" };
	size_t pecs = 0, oauths = 0;

	for (size_t i = 0; i < sizeof pec / sizeof *pec; i++)
		assert_true(row(pec[i])->traits & PRESET_PEC);
	for (size_t i = 0; i < sizeof oauth / sizeof *oauth; i++)
		assert_true(row(oauth[i])->traits & PRESET_OAUTH_ONLY);
	for (size_t i = 0; i < presets.count; i++) {
		pecs += (presets.row[i].traits & PRESET_PEC) != 0;
		oauths += (presets.row[i].traits & PRESET_OAUTH_ONLY) != 0;
	}
	assert_int_equal(pecs, sizeof pec / sizeof *pec);
	assert_int_equal(oauths, sizeof oauth / sizeof *oauth);
	assert_int_equal(row("icloud")->user, USER_LOCAL);
	assert_int_equal(row("web.de")->user, USER_LOCAL);
	assert_int_equal(row("legalmail")->user, USER_CODE);
	assert_int_equal(row("libero")->user, USER_ADDRESS);
	assert_string_equal(row("libero")->host, "imapmail.libero.it");
	assert_true(row("libero")->traits & PRESET_OUTAGES && row("virgilio")->traits & PRESET_OUTAGES);
	assert_int_equal(row("alice")->tls, TLS_STARTTLS);
	assert_int_equal(row("alice")->port, 143);
	assert_int_equal(row("gmail")->append_limit, 35651584);
	assert_int_equal(row("proton")->port, 1143);
}

/* All that is known of limits; a row that is not here has none. What they do: unit/flow/plan, unit/report/{plan,remarks}, unit/job/merge. */
static void test_limits(void **state)
{
	(void)state;
	static const struct preset known[] = {
		{ .id = "libero", .room = 1000000000 },
		{ .id = "aruba-pec", .append_limit = 104857600, .room = 1000000000 },
		{ .id = "gmail", .append_limit = 35651584, .day_out = 2500000000, .day_in = 500000000, .connections = 15, .unfit = "^" },
		{ .id = "microsoft365", .append_limit = 35000000, .folders = 10000, .depth = 300, .reserved = "Files" },
		{ .id = "yahoo", .visible = 10000 },
		{ .id = "yahoo-export", .visible = 100000 },
		{ .id = "gmx", .folders = 20 },
		{ .id = "gmx.com", .folders = 20 },
	};
	static const struct preset none = { .id = "" };

	for (size_t i = 0; i < presets.count; i++) {
		const struct preset *got = &presets.row[i], *want = &none;
		for (size_t k = 0; k < sizeof known / sizeof *known; k++)
			want = strcmp(known[k].id, got->id) == 0 ? &known[k] : want;
		const uint64_t a[] = { got->append_limit, got->room, got->day_out, got->day_in, got->connections, got->visible, got->folders, got->depth };
		const uint64_t b[] = { want->append_limit, want->room, want->day_out, want->day_in, want->connections, want->visible, want->folders, want->depth };
		if (memcmp(a, b, sizeof a) != 0 || strcmp(got->reserved ? got->reserved : "", want->reserved ? want->reserved : "") != 0 ||
			strcmp(got->unfit ? got->unfit : "", want->unfit ? want->unfit : "") != 0)
			fail_msg("%s", got->id);
		if (got->visible > 0)
			assert_true(got->traits & PRESET_WINDOW);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_exchanges),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
