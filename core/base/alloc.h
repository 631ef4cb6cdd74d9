/* Memory that is there or the program ends: one line on stderr and status 70. The state survives that at any instant. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

void *x_malloc(size_t size);
void *x_calloc(size_t count, size_t size);
void *x_realloc(void *old, size_t size);
char *x_strdup(const char *text);
char *x_strndup(const char *text, size_t len);
/* Formatted text in memory of its own; the caller frees it. */
char *x_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* For what a library could not allocate. */
_Noreturn void x_out_of_memory(void);

/* Room for one more element of `size` bytes in an array of `count` that holds `*cap`; returns the array, grown by halves. */
void *x_room(void *array, size_t count, size_t *cap, size_t size);

/* CLEANUP(blob_free) struct blob *body = NULL; runs blob_free(&body) when the scope ends. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))
/* For plain heap pointers: CLEANUP(x_free) char *name = NULL; */
void x_free(void *pointer_to_pointer);

#endif
