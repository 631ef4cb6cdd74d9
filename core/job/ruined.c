/* What spreadsheets make of cells. */
#include "core/job/ruined.h"

#include <stddef.h>
#include <string.h>

#define DIGITS "0123456789"

/* 1,23E+11 or 1.23E+11, 1E+11, with a sign or without; E-5 too. */
static bool is_scientific(const char *c)
{
	size_t n;

	c += *c == '-' || *c == '+';
	n = strspn(c, DIGITS);
	if (n != 1)
		return false;
	c += n;
	if (*c == ',' || *c == '.') {
		n = strspn(c + 1, DIGITS);
		if (n == 0)
			return false;
		c += 1 + n;
	}
	if ((*c != 'E' && *c != 'e') || (c[1] != '+' && c[1] != '-'))
		return false;
	n = strspn(c + 2, DIGITS);
	return n > 0 && c[2 + n] == '\0';
}

/* Of Excel and LibreOffice in Italian, English, German, French, Spanish. */
static bool is_error(const char *text)
{
	static const char *const errors[] = { "#NOME?", "#N/D", "#RIF!", "#REF!", "#VALORE!", "#DIV/0!", "#NUM!", "#NULLO!", "#ESPANSIONE!",
		"#CALC!", "#NAME?", "#N/A", "#VALUE!", "#NULL!", "#SPILL!", "#GETTING_DATA", "#N/V", "#NV", "#BEZUG!", "#WERT!", "#ZAHL!",
		"#NOM?", "#VALEUR!", "#NOMBRE!", "#NUL!", "#\xc2\xa1REF!", "#\xc2\xbfNOMBRE?", "#\xc2\xa1VALOR!", "#\xc2\xa1NUM!", "#ERROR!",
		"#ERRORE!" };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (strcmp(text, errors[i]) == 0)
			return true;
	}
	return false;
}

/* "#ABC!" or "#ABC?": an error in a language of its own; LibreOffice's Err:502; a column that was too narrow. */
static bool looks_wrong(const char *text)
{
	size_t n = strlen(text);

	if (n >= 3 && *text == '#' && text[strspn(text, "#")] == '\0')
		return true;
	if (n >= 4 && *text == '#' && (text[n - 1] == '!' || text[n - 1] == '?'))
		return 1 + strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ/0") == n - 1;
	text += strncmp(text, "Err", 3) == 0 ? 3 : n;
	text += *text == 'o' && text[1] == 'r' && text[2] == 'e' ? 3 : *text == 'o' && text[1] == 'r' ? 2 : 0;
	return *text == ':' && strspn(text + 1, DIGITS) == 3 && text[4] == '\0';
}

bool ruined_cell(const char *text, bool password)
{
	return is_scientific(text) || is_error(text) || (!password && looks_wrong(text));
}
