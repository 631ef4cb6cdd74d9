/* Texts in the language of who reads them, by gettext. Codes, logs, JSON and CSV are English always and never pass through here. A text that is
   kept (a problem's text and hint in the state) is kept in English, marked N_() where it is written, and translated by i18n_kept() when it is shown. */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include <libintl.h>

#define I18N_DOMAIN "trasloco"

/* A literal, in the language of the user. Never _(""): that is the catalogue's own header. */
#define _(text) dgettext(I18N_DOMAIN, text)
/* Only marks a literal for the translators. */
#define N_(text) text
/* One form or the other: P_("%s message", "%s messages", n). */
#define P_(one, many, n) dngettext(I18N_DOMAIN, one, many, (unsigned long)(n))

/* Once, before there are threads. lang: "it", "en", or NULL: what LC_ALL, LC_MESSAGES or LANG say, in this order; what is not Italian is English. The catalogue is
   looked for in `locale` beside the program (the build tree), then in ../share/locale from there. Works without the system's Italian locale. Returns 0, or -1
   when Italian is wanted and no catalogue can be used: the texts are English then. */
int i18n_start(const char *lang);
/* As i18n_start, with the folder that holds LANG/LC_MESSAGES/trasloco.mo. */
int i18n_start_in(const char *lang, const char *folder);
/* "it" or "en": what texts come out in. */
const char *i18n_lang(void);
/* A text that was kept in English; what has no translation (a server's words) stays as it is. "" for "" and NULL. */
const char *i18n_kept(const char *text);

#endif
