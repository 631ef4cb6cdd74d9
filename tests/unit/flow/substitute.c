/* Names that a target refuses: what they become, and who goes by that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/flow/mapping.h"
#include "core/flow/substitute.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void test_plain(void **state)
{
	(void)state;
	static const struct {
		const char *name, *plain;	/* UTF-8 */
		char separator;
	} rows[] = {
		{ "Clienti", "Clienti", '/' },
		{ "Posta (vecchia)/Anno|due", "Posta _vecchia_/Anno_due", '/' },
		{ "INBOX.per\"dire\".a!!!b", "INBOX.per_dire_.a_b", '.' },
		{ "a.b", "a.b", '/' },
		{ "a/b.c", "a_b.c", '.' },
		{ "Perch\xC3\xA9 no/\xE6\x97\xA5\xE6\x9C\xAC", "Perch\xC3\xA9 no/\xE6\x97\xA5\xE6\x9C\xAC", '/' },
		{ "\xF0\x9F\x98\x80 festa \xF0\x9F\x8E\x89", "_ festa _", '/' },
		{ "\xF0\xA0\x80\x80", "_", '/' },	/* a letter, but not of the first plane */
		{ "!", "_", 0 },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		CLEANUP(x_free) char *wire = text_to_utf7(rows[i].name);
		CLEANUP(x_free) char *want = text_to_utf7(rows[i].plain);
		CLEANUP(x_free) char *got = substitute_plain(wire, rows[i].separator);
		assert_string_equal(got, want);
		CLEANUP(x_free) char *again = substitute_plain(got, rows[i].separator);
		assert_string_equal(again, want);
	}
	/* what is no modified UTF-7 becomes some */
	CLEANUP(x_free) char *odd = substitute_plain("caff\xE9 & \xC3\xA9", '/');
	CLEANUP(x_free) char *text = text_from_utf7(odd);
	assert_non_null(text);
}

static struct substitute list[] = { { (char[]){ "A(b)" }, (char[]){ "A_b_" }, true }, { (char[]){ "A(b)/c!" }, (char[]){ "A_b_/c_" }, true } };

static void test_known(void **state)
{
	(void)state;
	static const struct {
		const char *wire, *instead;
	} rows[] = { { "A(b)", "A_b_" }, { "A(b)/d", "A_b_/d" }, { "A(b)/c!", "A_b_/c_" }, { "A(b)/c!/e", "A_b_/c_/e" }, { "A(b)x", NULL }, { "A", NULL }, { "x/A(b)", NULL } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		CLEANUP(x_free) char *got = substitute_known(list, 2, rows[i].wire, '/');
		assert_true(!got == !rows[i].instead);
		if (got)
			assert_string_equal(got, rows[i].instead);
	}
	assert_null(substitute_known(NULL, 0, "A(b)", '/'));
}

/* The mapping goes by it, unless the mail lies where it should, or somebody has made that folder. */
static void test_mapped(void **state)
{
	(void)state;
	static const struct {
		const char *there, *copied_to, *want;
	} rows[] = { { NULL, NULL, "A_b_" }, { "A_b_", "A_b_", "A_b_" }, { "A(b)", NULL, "A(b)" }, { "A(b)", "A(b)", "A(b)" }, { "A(b)", "A_b_", "A_b_" }, { NULL, "A(b)", "A(b)" } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct folder from = { .wire = (char[]){ "A(b)" }, .name = (char[]){ "A(b)" }, .separator = '/', .selectable = true }, to = from;
		struct folder_list source = { .folder = &from, .count = 1, .separator = '/' }, target = { .folder = &to, .count = rows[i].there ? 1 : 0, .separator = '/' };
		to.wire = to.name = (char *)(uintptr_t)rows[i].there;
		struct folder_known known = { .mailbox = 1, .source_wire = from.wire, .target_wire = (char *)(uintptr_t)rows[i].copied_to, .target_name = (char *)(uintptr_t)rows[i].copied_to,
			.why = (char[]){ "same" }, .copied = true };
		struct job_folders job = { .special_use = true };
		struct mapping_task task = { .job = &job, .source = &source, .target = &target, .known = &known, .knowns = rows[i].copied_to ? 1 : 0, .substitute = list, .substitutes = 2 };
		struct mapping out;
		mapping_make(&out, &task);
		assert_string_equal(out.row[0].wire, rows[i].want);
		mapping_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_plain), cmocka_unit_test(test_known), cmocka_unit_test(test_mapped) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
