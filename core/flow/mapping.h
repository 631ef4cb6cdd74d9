/* Which source folder becomes which target folder. Decided from the two listings, the job and what the state knows, before anything is
   written; knows no server and changes nothing. For each own folder of the source, the first that holds:

   1. `exclude` names it, or `include` does not: it is left out ("excluded"), whatever else is said of it.
   2. `map` names it, or one above it: it takes that name, or lies below it ("map"). The nearest counts. An entry for INBOX
      does not take along what lies below INBOX.
   3. With `special_use`, and without `under`: the folder of a role (sent, drafts, trash, junk, archive) becomes the target's folder of that role
      ("special-use": its attribute tells, RFC 6154; "name": its name does, on the first level only). The target's attribute counts before a name. A
      role has one holder a side; another folder that would mean it too keeps its own name, as does one whose role nobody has at the target.
   4. The same name ("same"), spelled for the target (folder_spell).

   `under`: everything goes below that folder: INBOX as its child INBOX, and what `map` says as well.

   A name that the target has already is used as it is there, also when only capital letters differ. Where 3 or 4 decided before, and
   the folder is still there, it stays so: that somebody's program made a folder "Sent" in the new mailbox meanwhile moves nothing. So does a folder that
   was renamed at the source (mapping_renamed).

   A name that the target refused before, or one below it, is replaced by what the folder was called then, unless the mail lies where it should, or the target has got
   that folder since.

   With a plan, that decides instead of 1, and its target counts where it is another than 2 to 4 would have ("plan"): the name as the target spells it, which has
   to be one that the target can hold. Such a folder stays there in later runs without the plan, unless `map` names it. What is not in the plan is left out.

   Two folders with one target, or whose names differ in capital letters only and are not two folders at the target already: with `merge` they go into one;
   one without any message is left out with a note; else nothing may begin. */
#ifndef FLOW_MAPPING_H
#define FLOW_MAPPING_H

#include "core/flow/flow.h"

struct mapping_task {		/* all borrowed */
	const struct job_folders *job;
	const struct folder_list *source, *target;
	flow_role_of *role_of;		/* NULL: names mean nothing */
	const struct folder_known *known;	/* the state's */
	size_t knowns;
	const struct substitute *substitute;	/* names that the target refused before */
	size_t substitutes;
	const struct plan_account *plan;	/* decides which folders go, and where to; NULL: there is none */
	bool as_known;			/* what was copied stays where it is, whatever the job says now: for a verification */
};

struct mapped {
	const struct folder *source;	/* in the listing; selectable */
	const struct folder_known *known;	/* or NULL */
	bool moved;			/* false: only listed; wire and name are NULL */
	const char *why;		/* the contract's word, or "plan"; static */
	const struct plan_folder *planned;	/* or NULL */
	enum folder_role role;		/* of the source folder; NONE without special_use, INBOX apart */
	char *wire, *name;		/* at the target; name: UTF-8, the target's prefix and separator */
	const struct folder *there;	/* in the target's listing, or NULL */
	uint64_t left_out;		/* excluded: messages, as far as the listing knows */
};

struct mapping_note {
	size_t row;
	const char *severity, *code;	/* static */
	char *text;			/* fit to be shown */
	const char *hint;		/* static */
};

struct mapping {
	struct mapped *row;		/* every selectable folder of the source, in the listing's order */
	size_t count;
	struct mapping_note *note;
	size_t notes, notes_cap;
	bool refused;			/* a note says error: nothing may begin */
};

/* The source's folder that `known`, which the source lists no more or as another folder, is called now: it has its UIDVALIDITY, no other folder has, and
   nothing was copied from it. NULL: there is none. */
const struct folder *mapping_renamed(const struct mapping_task *task, const struct folder_known *known);
/* The same where another folder that was copied had that name until now: two have exchanged their names, or it went round. Numbers alone don't prove it: where all folders
   were made anew, one may have those of another. */
const struct folder *mapping_exchanged(const struct mapping_task *task, const struct folder_known *known);
/* The word for a folder that is moved, as static memory; "same" for what is none. */
const char *mapping_why(const char *why);
/* out is the caller's (mapping_free); it borrows from the task. */
void mapping_make(struct mapping *out, const struct mapping_task *task);
void mapping_free(struct mapping *mapping);

#endif
