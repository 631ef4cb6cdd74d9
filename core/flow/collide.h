/* Of the mapping: two source folders with one target, and what both halves of it share. Private to mapping.c and collide.c. */
#ifndef FLOW_COLLIDE_H
#define FLOW_COLLIDE_H

#include "core/flow/mapping.h"

/* The last step: rows whose targets are one, or differ in capital letters only (mapping.h, at its end). */
void mapping_collide(struct mapping *out, const struct mapping_task *task);

/* Takes note->text. */
void mapping_note_add(struct mapping *out, const struct mapping_note *note);
/* Without case and in one normal form (Unicode), for comparing. The caller's. */
char *mapping_fold(const char *text);
/* That is its target: sets wire, name and there. */
void mapping_place(struct mapped *m, const char *wire, const struct folder_list *target);

#endif
