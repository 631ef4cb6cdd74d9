/* Memory that lives as long as a job. */
#include "core/job/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

#define BLOCK_BYTES ((size_t)64 << 10)
#define ALIGN alignof(max_align_t)

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *first;	/* the one with room */
};

struct arena *arena_new(void)
{
	return x_calloc(1, sizeof(struct arena));
}

static void add_block(struct arena *arena, size_t size)
{
	struct block *b = x_calloc(1, sizeof(*b) + size);

	b->size = size;
	b->next = arena->first;
	arena->first = b;
}

void *arena_take(struct arena *arena, size_t size)
{
	struct block *b = arena->first;
	void *piece;

	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (!b || b->size - b->used < size) {
		add_block(arena, size > BLOCK_BYTES ? size : BLOCK_BYTES);
		b = arena->first;
	}
	piece = b->bytes + b->used;
	b->used += size;
	return piece;
}

char *arena_text(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_take(arena, len + 1);

	memcpy(copy, text, len);
	return copy;
}

void arena_free(struct arena **arena)
{
	struct block *next;

	if (!*arena)
		return;
	for (struct block *b = (*arena)->first; b; b = next) {
		next = b->next;
		explicit_bzero(b->bytes, b->used);
		free(b);
	}
	free(*arena);
	*arena = NULL;
}
