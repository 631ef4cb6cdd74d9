/* Providers by id and by the domain of an address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/job/preset.h"

static const struct preset some[] = {
	{ .id = "libero", .domains = "libero.it inwind.it iol.it" },
	{ .id = "microsoft", .domains = "hotmail.* outlook.* msn.com *.onmicrosoft.com" },
	{ .id = "japan", .domains = "yahoo.co.jp" },
	{ .id = "yahoo", .domains = "yahoo.*" },
	{ .id = "wide", .domains = "japan.it yahoo.de" },
	{ .id = "none", .domains = "" },
};
static const struct presets presets = { some, sizeof(some) / sizeof(some[0]) };

static void by_id(void **state)
{
	(void)state;
	assert_ptr_equal(preset_find(&presets, "libero"), &some[0]);
	assert_ptr_equal(preset_find(&presets, "none"), &some[5]);
	assert_null(preset_find(&presets, "Libero"));
	assert_null(preset_find(&presets, "liber"));
	assert_null(preset_find(&presets, ""));
	assert_null(preset_find(NULL, "libero"));
}

static void by_address(void **state)
{
	static const struct { const char *address, *id; } rows[] = {
		{ "a@libero.it", "libero" }, { "a@LIBERO.IT", "libero" }, { "a@iol.it", "libero" }, { "a@inwind.it", "libero" },
		{ "\"x@y\"@libero.it", "libero" }, { "a@hotmail.it", "microsoft" }, { "a@hotmail.com", "microsoft" },
		{ "a@Hotmail.CO.uk", "microsoft" }, { "a@outlook.com.br", "microsoft" }, { "a@msn.com", "microsoft" },
		{ "a@yahoo.co.jp", "japan" }, { "a@yahoo.co.uk", "yahoo" }, { "a@yahoo.de", "wide" },
		{ "info@ditta.onmicrosoft.com", "microsoft" }, { "a@DITTA.OnMicrosoft.com", "microsoft" },
		/* nobody's */
		{ "a@onmicrosoft.com", NULL }, { "a@.onmicrosoft.com", NULL }, { "a@xonmicrosoft.com", NULL }, { "a@ditta.onmicrosoft.com.evil.it", NULL },
		{ "a@msn.it", NULL }, { "a@ilibero.it", NULL }, { "a@libero.it.com", NULL }, { "a@x.libero.it", NULL }, { "a@libero", NULL },
		{ "a@hotmail.", NULL }, { "a@hotmail", NULL }, { "a@hotmail.evil.com", NULL }, { "a@hotmail.com.evil.it", NULL },
		{ "a@hotmail.co.evil", NULL }, { "a@xhotmail.com", NULL }, { "libero.it", NULL }, { "@libero.it", NULL }, { "a@", NULL },
		{ "", NULL }, { "a@libero.it inwind.it", NULL }, { "a@*", NULL }, { "a@ ", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct preset *got = preset_of_address(&presets, rows[i].address);

		if (!rows[i].id)
			assert_null(got);
		else
			assert_string_equal(got ? got->id : "nobody", rows[i].id);
		assert_null(preset_of_address(NULL, rows[i].address));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(by_id), cmocka_unit_test(by_address) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
