/* What the tests of the IMAP door share: texts in memory of exactly their size, so that a read beyond them is seen. */
#ifndef TEST_IMAP_HELP_H
#define TEST_IMAP_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

/* A copy without a NUL behind it. */
static inline char *exact(const char *text, size_t len)
{
	char *out = x_malloc(len ? len : 1);
	memcpy(out, text, len);
	return out;
}

/* A generator of our own: the same numbers everywhere. */
static inline uint32_t dice(uint64_t *seed, uint32_t sides)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % sides;
}

/* Calls `each` with every proper prefix of the text. */
static inline void every_prefix(const char *text, size_t len, void (*each)(void *ctx, const char *text, size_t len), void *ctx)
{
	for (size_t n = 0; n < len; n++) {
		char *cut = exact(text, n);
		each(ctx, cut, n);
		free(cut);
	}
}

/* Calls `each` with texts that have some bytes changed for bytes that mean something to a parser. */
static inline void every_mutation(const char *text, size_t len, unsigned times, void (*each)(void *ctx, const char *text, size_t len), void *ctx)
{
	static const char evil[] = " ()[]{}\"\\\r\n,:*+-09NIL\x80\xff";
	uint64_t seed = len;
	for (unsigned i = 0; i < times; i++) {
		char *changed = exact(text, len);
		for (uint32_t k = dice(&seed, 3) + 1; k > 0 && len > 0; k--)
			changed[dice(&seed, (uint32_t)len)] = evil[dice(&seed, sizeof evil)];
		each(ctx, changed, len);
		free(changed);
	}
}

#endif
