/* The bytes of one mail: in memory up to BLOB_MEMORY, in an unnamed spool file above. Written once from front to end, then read; or shared while it grows: one thread
   writes it, another reads what is there already. */
#ifndef BASE_BLOB_H
#define BASE_BLOB_H

#include <stddef.h>

#include "core/base/error.h"

#define BLOB_MEMORY ((size_t)1 << 20)

struct blob;

/* `size` is what will be written in all; dir is where a spool file may be made (borrowed during the call).
   Errors: ERR_USAGE when no spool file can be made (disk full, read-only). */
int blob_new(struct blob **out, size_t size, const char *dir, struct error *err);
/* Adds bytes; together never more than `size`. Errors: ERR_USAGE when the disk is full. */
int blob_add(struct blob *b, const void *data, size_t len, struct error *err);
/* Where the next up to *len bytes may be written directly; NULL for a spooled blob. Follow with blob_filled. */
char *blob_room(struct blob *b, size_t *len);
void blob_filled(struct blob *b, size_t len);
/* Bytes written so far; of one that was shared, all that it will have. */
size_t blob_size(const struct blob *b);
/* A second reference, for a thread that reads while this one writes: each frees its own. The writer has to end it with blob_end. NULL: it is shared already, or no descriptor
   is left. */
struct blob *blob_share(struct blob *b);
/* What was shared is whole, or never will be. Its last BLOB_HELD bytes can be read only then: whoever sends it on can't have sent all of it before it is known to be good. */
void blob_end(struct blob *b, bool whole);
#define BLOB_HELD ((size_t)4096)
/* Bytes that can be read now, without waiting; and a descriptor that is readable when there may be more (-1: there will not). */
size_t blob_ready(const struct blob *b);
int blob_grows(const struct blob *b);
/* Bytes of memory it holds: its size, or next to nothing when spooled. */
size_t blob_memory(const struct blob *b);
/* Copies up to len bytes from offset `at`; returns how many, 0 at the end, -1 when the spool can't be read (ERR_USAGE), or it will never be whole (ERR_RETRY).
   Waits for bytes that are to come. */
long blob_read(const struct blob *b, size_t at, void *out, size_t len, struct error *err);
/* NULL-safe; sets *b = NULL. */
void blob_free(struct blob **b);

#endif
