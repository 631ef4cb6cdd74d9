/* The rows of all providers that are known, and what folders are called in eight languages. Facts, with their marks; nothing here
   was tried against a live service. */
#ifndef PROVIDERS_PRESETS_H
#define PROVIDERS_PRESETS_H

#include "core/job/preset.h"
#include "core/mail/folder.h"

/* presets.c: sorted for people, Italian ones first. */
extern const struct presets presets;

/* presets.c: whose mail servers `host` (the exchange of an MX record, a final dot or none) belongs to, or NULL; the longest match counts. */
const struct preset *preset_of_mx(const char *host);

/* folder_names.c: the table, ended by a NULL name. No word has two roles. */
struct folder_name {
	enum folder_role role;
	const char *name;	/* UTF-8, composed, as it is written in its language */
};
extern const struct folder_name folder_names[];

/* folder_names.c: the role that the name of a folder (one level, decoded UTF-8) means in one of the languages, or ROLE_NONE.
   Compared whole, case-folded, NFKC; what is not UTF-8 has none. A flow_role_of (core/flow/flow.h). */
enum folder_role folder_name_role(const char *level);

#endif
