/* Texts in the language of who reads them, by gettext. Codes, logs, JSON and CSV are English always and never pass through here. A text that is
   kept (a problem's text and hint in the state) is kept in English, marked N_() where it is written, and translated by i18n_kept() when it is shown. */
#ifndef BASE_I18N_H
#define BASE_I18N_H

/* A literal, in the language of the user. The name is gettext's own custom. NOLINTNEXTLINE(bugprone-reserved-identifier) */
#define _(text) i18n_text(text)
/* Only marks a literal for the translators. */
#define N_(text) text
/* Only marks the two forms, as two elements of a table. */
#define NP_(one, many) one, many
/* One form or the other: P_("%s message", "%s messages", n). */
#define P_(one, many, n) i18n_plural(one, many, (unsigned long)(n))

/* The text in the user's language, or itself; "" stays "". Of every thread. Only our own texts are translated: what the C library says of an error stays
   English, because it is kept in the state and written to logs. */
const char *i18n_text(const char *text) __attribute__((format_arg(1)));
const char *i18n_plural(const char *one, const char *many, unsigned long n) __attribute__((format_arg(1), format_arg(2)));

/* Once, before there are threads. lang: "it", "en", or NULL: what LC_ALL, LC_MESSAGES or LANG say, in this order; what is not Italian is English. The catalogue is
   looked for in `locale` beside the program (the build tree), then in ../share/locale from there. Works without the system's Italian locale. Returns 0, or -1
   when Italian is wanted and no catalogue can be used: the texts are English then. */
int i18n_start(const char *lang);
/* As i18n_start, with the folder that holds LANG/LC_MESSAGES/trasloco.mo. */
int i18n_start_in(const char *lang, const char *folder);
/* "it" or "en": what texts come out in. */
const char *i18n_lang(void);
/* A text that was kept in English; what has no translation (a server's words) stays as it is. "" for NULL. */
const char *i18n_kept(const char *text);

#endif
