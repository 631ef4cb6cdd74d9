/* What fuzz targets share. A target is one function that reads bytes and aborts when something does not hold; crashes, leaks and undefined
   behaviour are seen by the sanitizers. */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define HOLDS(what) ((what) ? (void)0 : fuzz_fails(#what, __FILE__, __LINE__))

static inline _Noreturn void fuzz_fails(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* Whether a person may see it: UTF-8, no control characters, nothing that turns the direction of writing. */
static inline bool fuzz_shows(const char *text)
{
	size_t len = strlen(text);
	CLEANUP(x_free) char *clean = x_malloc(len + 1);
	text_clean(clean, len + 1, text, len);
	return strcmp(clean, text) == 0;
}

/* The next number from the input, 0 when it is used up. */
static inline uint8_t fuzz_byte(const uint8_t **data, size_t *len)
{
	if (*len == 0)
		return 0;
	--*len;
	return *(*data)++;
}

#endif
