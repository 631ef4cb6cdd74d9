/* Which language texts come out in, and where their catalogue lies. */
#include "core/base/i18n.h"

#include <libintl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/alloc.h"

#define DOMAIN "trasloco"

/* The locale in which gettext finds our texts, set once before there are threads; 0: texts stay English. The process itself stays in C: see the header. */
static locale_t spoken;

static bool is_italian(const char *locale)
{
	return strncmp(locale, "it", 2) == 0 && strchr("_.@-", locale[2]) != NULL; /* strchr finds the end as well */
}

static const char *lang_of_environment(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return is_italian(value) ? "it" : "en";
	}
	return "en";
}

/* The folder of the program itself, or NULL. */
static char *own_folder(void)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
	if (len <= 0)
		return NULL;
	path[len] = '\0';
	char *slash = strrchr(path, '/');
	return slash ? x_strndup(path, (size_t)(slash - path)) : NULL;
}

const char *i18n_text(const char *text)
{
	if (!spoken || !*text) /* the translation of "" is the catalogue's own header */
		return text;
	locale_t before = uselocale(spoken);
	const char *found = dgettext(DOMAIN, text);
	uselocale(before);
	return found;
}

const char *i18n_plural(const char *one, const char *many, unsigned long n)
{
	if (!spoken)
		return n == 1 ? one : many;
	locale_t before = uselocale(spoken);
	const char *found = dngettext(DOMAIN, one, many, n);
	uselocale(before);
	return found;
}

const char *i18n_kept(const char *text)
{
	return text ? i18n_text(text) : "";
}

const char *i18n_lang(void)
{
	/* TRANSLATORS: the code of your language, "it" */
	return strcmp(_("en"), "it") == 0 ? "it" : "en";
}

static bool speak(const char *locale)
{
	spoken = newlocale(LC_MESSAGES_MASK | LC_CTYPE_MASK, locale, (locale_t)0);
	if (spoken && strcmp(i18n_lang(), "it") == 0)
		return true;
	if (spoken)
		freelocale(spoken);
	spoken = (locale_t)0;
	return false;
}

int i18n_start_in(const char *lang, const char *folder)
{
	/* gettext wants a locale other than C before it looks at LANGUAGE: any will do */
	static const char *const locales[] = { "it_IT.UTF-8", "it_CH.UTF-8", "C.UTF-8", "en_US.UTF-8", "en_GB.UTF-8", "de_DE.UTF-8" };
	lang = lang ? lang : lang_of_environment();
	if (spoken)
		freelocale(spoken);
	spoken = (locale_t)0;
	if (strcmp(lang, "it") != 0)
		return 0;
	bindtextdomain(DOMAIN, folder);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	setenv("LANGUAGE", "it", 1);
	for (size_t i = 0; i < sizeof locales / sizeof *locales; i++)
		if (speak(locales[i]))
			return 0;
	return -1;
}

int i18n_start(const char *lang)
{
	CLEANUP(x_free) char *own = own_folder();
	CLEANUP(x_free) char *beside = x_printf("%s/locale", own ? own : ".");
	CLEANUP(x_free) char *shared = x_printf("%s/../share/locale", own ? own : ".");
	/* What is looked for is the catalogue itself: /usr/bin/locale is a program. */
	CLEANUP(x_free) char *italian = x_printf("%s/it/LC_MESSAGES/" DOMAIN ".mo", beside);
	return i18n_start_in(lang, access(italian, R_OK) == 0 ? beside : shared);
}
