/* Filling in the one error type. Both texts are cut at a character when they are too long. */
#include "core/base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const class_names[] = {
	[ERR_NONE] = "none", [ERR_RETRY] = "retry", [ERR_THROTTLED] = "throttled", [ERR_LOGIN] = "login", [ERR_TLS] = "tls",
	[ERR_QUOTA] = "quota", [ERR_MESSAGE] = "message", [ERR_FOLDER] = "folder", [ERR_NAME] = "name", [ERR_USAGE] = "usage",
	[ERR_SHRUNK_SOURCE] = "source-shrunk", [ERR_SHRUNK_TARGET] = "target-shrunk", [ERR_DRIFT] = "drift", [ERR_BUSY] = "busy",
	[ERR_CANCELLED] = "cancelled", [ERR_BUG] = "bug",
};
static_assert(sizeof class_names / sizeof *class_names == ERR_BUG + 1, "every class has a name");

/* snprintf has cut at a byte: a character that lost its tail goes as a whole. */
static void drop_half_character(char *text)
{
	size_t len = strlen(text), at = len;

	while (at > 0 && len - at < 3 && ((unsigned char)text[at - 1] & 0xC0) == 0x80)
		at--;
	if (at == 0)
		return;

	unsigned char lead = (unsigned char)text[at - 1];
	size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;

	if (need > len - (at - 1))
		text[at - 1] = '\0';
}

static void format(char *out, size_t cap, const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));
static void format(char *out, size_t cap, const char *fmt, va_list ap)
{
	int n = vsnprintf(out, cap, fmt, ap);

	if (n < 0)
		out[0] = '\0';
	else if ((size_t)n >= cap)
		drop_half_character(out);
}

int error_set(struct error *err, enum error_class class, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;

	/* The arguments may point into err itself ("%s", err->text): formatted before anything is cleared. */
	char text[sizeof err->text];

	va_start(ap, fmt);
	format(text, sizeof text, fmt, ap);
	va_end(ap);
	*err = (struct error){ .class = class };
	memcpy(err->text, text, strlen(text) + 1);
	return -1;
}

int error_at(struct error *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;

	char front[sizeof err->where];
	char whole[2 * sizeof err->where + 2];

	va_start(ap, fmt);
	format(front, sizeof front, fmt, ap);
	va_end(ap);

	int n = snprintf(whole, sizeof whole, "%s%s%s", front, err->where[0] ? ": " : "", err->where);

	if ((size_t)n >= sizeof err->where) {
		whole[sizeof err->where - 1] = '\0';
		drop_half_character(whole);
	}
	memcpy(err->where, whole, strlen(whole) + 1);
	return -1;
}

const char *error_class_name(enum error_class class)
{
	if ((unsigned)class >= sizeof class_names / sizeof *class_names)
		return "unknown";
	return class_names[class];
}
