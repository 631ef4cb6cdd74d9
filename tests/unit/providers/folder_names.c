/* What folders are called: every cell of the table of eight languages, spelled as servers and people spell it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "providers/presets.h"

enum { ROLES = 5 };
static const enum folder_role columns[ROLES] = { ROLE_SENT, ROLE_DRAFTS, ROLE_TRASH, ROLE_JUNK, ROLE_ARCHIVE };

/* The facts once more, as they were collected: a language a row, names divided by bars. */
static const char *const cells[][ROLES] = {
	{ "Inviata|Inviate|Inviati|Posta inviata|Spedite", "Bozze", "Cestino|Posta eliminata|Elementi eliminati|Eliminata",
		"Spam|Posta indesiderata|Indesiderata", "Archivio|Archivi" },
	{ "Sent|Sent Items|Sent Messages|Sent Mail", "Drafts|Draft", "Trash|Bin|Deleted Items|Deleted Messages",
		"Junk|Junk Email|Junk E-mail|Spam|Bulk Mail", "Archive|Archives" },
	{ "Gesendet|Gesendete Elemente|Gesendete Objekte", "Entwürfe", "Papierkorb|Gelöscht|Gelöschte Elemente|Gelöschte Objekte",
		"Spam|Junk-E-Mail", "Archiv" },
	{ "Envoyés|Messages envoyés|Éléments envoyés|Objets envoyés", "Brouillons", "Corbeille|Éléments supprimés|Poubelle",
		"Courrier indésirable|Indésirables|Pourriel|Pourriels", "Archives" },
	{ "Enviados|Elementos enviados", "Borradores|Borrador", "Papelera|Elementos eliminados|Elementos borrados",
		"Correo no deseado|Correo basura|No deseado", "Archivo|Archivos" },
	{ "Enviados|Enviadas|Itens enviados", "Rascunhos", "Lixeira|Lixo|Reciclagem|Itens excluídos|Itens eliminados",
		"Lixo eletrônico|Lixo electrónico|Spam", "Arquivo|Arquivo morto" },
	{ "Verzonden|Verzonden berichten|Verzonden items", "Concepten", "Prullenbak|Verwijderde items",
		"Ongewenst|Ongewenste e-mail", "Archief|Archieven" },
	{ "Wysłane|Elementy wysłane", "Szkice|Kopie robocze|Wersje robocze", "Kosz|Usunięte|Usunięte wiadomości",
		"Niechciane|Wiadomości-śmieci|Spam", "Archiwum" },
};

static char *changed(const char *name, uint8_t *(*change)(const uint8_t *, size_t, const char *, uninorm_t, uint8_t *, size_t *), uninorm_t form)
{
	size_t len;
	uint8_t *text = change((const uint8_t *)name, strlen(name) + 1, NULL, form, NULL, &len);
	assert_non_null(text);
	return (char *)text;
}

static char *normalized(const char *name, uninorm_t form)
{
	size_t len;
	uint8_t *text = u8_normalize(form, (const uint8_t *)name, strlen(name) + 1, NULL, &len);
	assert_non_null(text);
	return (char *)text;
}

static void expect(const char *name, enum folder_role want)
{
	enum folder_role got = folder_name_role(name);
	if (got != want)
		fail_msg("\"%s\" is %s, not %s", name, folder_role_name(got), folder_role_name(want));
}

/* As it is, in capitals and small, its accents apart (as macOS spells them) and together, and as it comes over the wire. */
static void expect_all(const char *name, enum folder_role want)
{
	CLEANUP(x_free) char *upper = changed(name, u8_toupper, UNINORM_NFC);
	CLEANUP(x_free) char *lower = changed(name, u8_tolower, NULL);
	CLEANUP(x_free) char *apart = normalized(name, UNINORM_NFD);
	CLEANUP(x_free) char *upper_apart = normalized(upper, UNINORM_NFD);
	CLEANUP(x_free) char *together = normalized(name, UNINORM_NFC);
	CLEANUP(x_free) char *wire = text_to_utf7(name);
	CLEANUP(x_free) char *back = text_from_utf7(wire);
	const char *const spellings[] = { name, upper, lower, apart, upper_apart, together, back };

	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
		expect(spellings[i], want);
}

static void test_every_cell(void **state)
{
	(void)state;
	size_t names = 0;
	for (size_t row = 0; row < sizeof cells / sizeof *cells; row++)
		for (size_t column = 0; column < ROLES; column++) {
			CLEANUP(x_free) char *cell = x_strdup(cells[row][column]);
			char *rest = NULL;
			for (char *name = strtok_r(cell, "|", &rest); name; name = strtok_r(NULL, "|", &rest), names++)
				expect_all(name, columns[column]);
		}
	assert_int_equal(names, 104);
}

/* The same word with two roles would make the order of the table decide. */
static void test_no_two_roles(void **state)
{
	(void)state;
	for (const struct folder_name *a = folder_names; a->name; a++) {
		assert_true(text_is_utf8(a->name, strlen(a->name)));
		for (const struct folder_name *b = a + 1; b->name; b++) {
			int order = 0;
			assert_int_equal(u8_casecmp((const uint8_t *)a->name, strlen(a->name), (const uint8_t *)b->name, strlen(b->name), NULL,
						 UNINORM_NFKC, &order), 0);
			if (order == 0)
				fail_msg("%s stands twice", b->name);
		}
		expect(a->name, a->role);
	}
}

static void test_other_forms(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum folder_role want;
	} rows[] = {
		{ "sEnT", ROLE_SENT },
		{ "Sent\u00a0Items", ROLE_SENT },			/* a blank that does not break */
		{ "\uff33\uff45\uff4e\uff54", ROLE_SENT },		/* full width */
		{ "GELO\u0308SCHT", ROLE_TRASH },
		{ "entwu\u0308rfe", ROLE_DRAFTS },
		/* whole names only */
		{ "Sent 2019", ROLE_NONE },
		{ "Spam filter", ROLE_NONE },
		{ "Spam/2019", ROLE_NONE },
		{ "My Sent", ROLE_NONE },
		{ "Sen", ROLE_NONE },
		{ "SentItems", ROLE_NONE },
		{ "Sent ", ROLE_NONE },
		{ " Sent", ROLE_NONE },
		{ "Inviati a Mario", ROLE_NONE },
		{ "Binario", ROLE_NONE },
		{ "Archivio 2015", ROLE_NONE },
		{ "Entwurfe", ROLE_NONE },				/* without the accent it is another word */
		{ "Envoyes", ROLE_NONE },
		{ "INBOX", ROLE_NONE },
		{ "Posta in arrivo", ROLE_NONE },
		{ "", ROLE_NONE },
		/* not UTF-8 */
		{ "Sent\xff", ROLE_NONE },
		{ "Entw\xfcrfe", ROLE_NONE },
		{ "\xc3", ROLE_NONE },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect(rows[i].name, rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell),
		cmocka_unit_test(test_no_two_roles),
		cmocka_unit_test(test_other_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
