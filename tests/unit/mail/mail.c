/* One message: empty when new, measured, freed with all it holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/alloc.h"
#include "core/mail/mail.h"

static void test_new(void **state)
{
	(void)state;
	CLEANUP(mail_free) struct mail *m = mail_new();

	assert_int_equal(m->uid, 0);
	assert_true(m->date == DATE_UNKNOWN);
	assert_true(flags_empty(&m->flags));
	assert_null(m->body);
	assert_false(m->has_id);
	assert_false(m->has_proof);
}

static void test_memory(void **state)
{
	(void)state;
	static const struct {
		size_t body;	/* 0: none */
		const char *keyword;
		size_t least, most;
	} rows[] = {
		{ 0, NULL, sizeof(struct mail), sizeof(struct mail) },
		{ 0, "Work", sizeof(struct mail) + 5, sizeof(struct mail) + 5 },
		{ 10000, NULL, sizeof(struct mail) + 10000, sizeof(struct mail) + 10100 },
		{ BLOB_MEMORY, "Work", sizeof(struct mail) + BLOB_MEMORY + 5, sizeof(struct mail) + BLOB_MEMORY + 105 },
		{ BLOB_MEMORY + 1, NULL, sizeof(struct mail), sizeof(struct mail) + 100 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(mail_free) struct mail *m = mail_new();

		if (rows[i].keyword)
			flags_add(&m->flags, rows[i].keyword, strlen(rows[i].keyword));
		if (rows[i].body)
			assert_int_equal(blob_new(&m->body, rows[i].body, "/tmp", NULL), 0);
		assert_in_range(mail_memory(m), rows[i].least, rows[i].most);
		mail_free(&m);
		assert_null(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
