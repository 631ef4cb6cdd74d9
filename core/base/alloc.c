/* Memory or the end: callers need no path for "no memory", which nobody could test. */
#include "core/base/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_INTERNAL 70
#define ROOM_FIRST 8

/* No stdio and no exit handlers: both may want memory themselves. */
_Noreturn void x_out_of_memory(void)
{
	static const char line[] = "trasloco: out of memory\n";
	ssize_t told = write(STDERR_FILENO, line, sizeof line - 1);

	(void)told;
	_exit(STATUS_INTERNAL);
}

/* malloc(0) may return NULL without being out of memory: nobody asks for 0 here. */
static size_t at_least_one(size_t size)
{
	return size > 0 ? size : 1;
}

void *x_malloc(size_t size)
{
	void *memory = malloc(at_least_one(size));

	if (!memory)
		x_out_of_memory();
	return memory;
}

void *x_calloc(size_t count, size_t size)
{
	void *memory = calloc(at_least_one(count), at_least_one(size));

	if (!memory)
		x_out_of_memory();
	return memory;
}

void *x_realloc(void *old, size_t size)
{
	void *memory = realloc(old, at_least_one(size));

	if (!memory)
		x_out_of_memory();
	return memory;
}

char *x_strdup(const char *text)
{
	return x_strndup(text, strlen(text));
}

char *x_strndup(const char *text, size_t len)
{
	size_t n = strnlen(text, len);
	char *copy = x_malloc(n + 1);

	memcpy(copy, text, n);
	copy[n] = '\0';
	return copy;
}

char *x_printf(const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	int n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		x_out_of_memory();
	return text;
}

void *x_room(void *array, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return array;

	size_t grown = *cap < ROOM_FIRST ? ROOM_FIRST : *cap + *cap / 2;

	if (size > 0 && grown > SIZE_MAX / size)
		x_out_of_memory();
	array = x_realloc(array, grown * size);
	*cap = grown;
	return array;
}

void x_free(void *pointer_to_pointer)
{
	void *memory;

	/* The pointer may be of any type: copied, so that no alias rule is broken. */
	memcpy(&memory, pointer_to_pointer, sizeof memory);
	free(memory);
	memory = NULL;
	memcpy(pointer_to_pointer, &memory, sizeof memory);
}
