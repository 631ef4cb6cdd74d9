/* Reports made by hand: what the text makes of numbers that a state would take long to reach. */
#ifndef TEST_REPORT_HAND_H
#define TEST_REPORT_HAND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/report/prose.h"
#include "core/report/receipt.h"

#define HAND_PROBLEM(sev, kind, of, where, number, words) \
	{ .severity = (char[]){ sev }, .code = (char[]){ kind }, .side = (char[]){ of }, .folder = (char[]){ where }, .uid = number, .text = (char[]){ words }, \
		.hint = (char[]){ "" }, .message_id = (char[]){ "" }, .file = (char[]){ "" } }

static inline struct report_part hand_part(int exit)
{
	static char name[] = "anna", a[] = "anna@libero.it", b[] = "anna@ditta.it", host_a[] = "imap.libero.it", host_b[] = "imap.ditta.it", none[] = "";
	return (struct report_part){ .name = name, .source_host = host_a, .source_user = a, .target_host = host_b, .target_user = b,
		.source_capabilities = none, .target_capabilities = none, .exit = exit };
}

static inline struct run hand_run(int exit)
{
	setenv("TZ", "UTC0", 1);
	return (struct run){ .id = 1, .command = "run", .started = 1795867200 - 6720, .finished = 1795867200, .exit = exit };
}

/* What follows is in that language: "it", "en". The catalogue is the build's. */
static inline void hand_speak(const char *lang)
{
	assert_int_equal(i18n_start_in(lang, LOCALES), 0);
	assert_string_equal(i18n_lang(), lang);
}

/* No line is too wide. */
static inline void hand_fits(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = strndup(text, len);
		if (prose_columns(line) > PROSE_COLUMNS)
			fail_msg("too wide: %s", line);
		free(line);
		text += len + (text[len] == '\n');
	}
}

/* The words of the text, one blank between: what it says, wherever its lines end. */
static inline char *hand_words(const char *text)
{
	char *words = malloc(strlen(text) + 1);
	size_t n = 0;
	for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
		size_t len = strcspn(text, " \n");
		if (n > 0)
			words[n++] = ' ';
		memcpy(words + n, text, len);
		n += len;
		text += len;
	}
	words[n] = '\0';
	return words;
}

#endif
