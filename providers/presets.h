/* The rows of all providers that are known, and what folders are called in eight languages. Facts, with their marks; nothing here
   was tried against a live service. */
#ifndef PROVIDERS_PRESETS_H
#define PROVIDERS_PRESETS_H

#include "core/job/preset.h"
#include "core/mail/folder.h"

/* presets.c: sorted for people, Italian ones first. */
extern const struct presets presets;

/* folder_names.c: the role that the name of a folder (one level, decoded UTF-8) means in one of the languages, or ROLE_NONE.
   Compared whole, case-folded, NFKC. A flow_role_of (core/flow/flow.h). */
enum folder_role folder_name_role(const char *level);

#endif
