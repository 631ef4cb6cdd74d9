/* Memory that lives as long as a job: given piece by piece, wiped and freed as a whole. So 100,000 accounts can share what they have in common. */
#ifndef JOB_ARENA_H
#define JOB_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
/* Zeroed, aligned for any type; never NULL. */
void *arena_take(struct arena *arena, size_t size);
/* A copy of len bytes with a NUL behind them. */
char *arena_text(struct arena *arena, const char *text, size_t len);
/* Wipes all of it: passwords are among it. NULL-safe; sets *arena = NULL. */
void arena_free(struct arena **arena);

#endif
