/* A mailbox as a server lists it. */
#ifndef MAIL_FOLDER_H
#define MAIL_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum folder_role { ROLE_NONE, ROLE_INBOX, ROLE_SENT, ROLE_DRAFTS, ROLE_TRASH, ROLE_JUNK, ROLE_ARCHIVE, ROLE_ALL, ROLE_FLAGGED, ROLE_IMPORTANT };

/* Which of the server's namespaces it is in (RFC 2342). */
enum folder_space { SPACE_OWN, SPACE_OTHER_USERS, SPACE_SHARED };

/* A moment of a mailbox: from STATUS, SELECT or EXAMINE. */
struct box {
	uint32_t validity;	/* UIDVALIDITY */
	uint32_t next;		/* UIDNEXT, 0 when the server does not say */
	uint32_t exists;	/* messages */
	uint64_t modseq;	/* HIGHESTMODSEQ (RFC 7162): grows with every change, also of a flag; 0: the server does not say */
	bool known;		/* false: the server could not say (STATUS answered NO) */
	uint64_t id;		/* of its MAILBOXID (RFC 8474), in a listing only; 0: not told. It stays when the folder is renamed, and no other has it */
	bool any_keyword;	/* PERMANENTFLAGS has \*: new keywords may be made (after SELECT or EXAMINE only) */
};

struct folder {
	char *wire;		/* as the server spells it: what goes into commands */
	char *name;		/* the same in UTF-8, prefix and separator as the server's; equals wire when it is not valid UTF-7 */
	char separator;		/* 0: a flat mailbox (NIL) */
	bool selectable;	/* neither \Noselect nor \NonExistent */
	bool subscribed;
	enum folder_role role;	/* from its attributes (RFC 6154) and INBOX */
	enum folder_space space;
	struct box box;		/* from STATUS in the listing */
};

struct folder_list {
	struct folder *folder;
	size_t count, cap;
	char *prefix;		/* of the own namespace, wire form: "INBOX." or "" */
	char separator;		/* of the own namespace */
	size_t unread;		/* folders that the server named in a form that can't be read, or too many to keep: they are not in here */
	char unread_line[120];	/* the first of them, as it may be shown */
};

const char *folder_role_name(enum folder_role role);	/* "sent" …, "" for none */
/* 0: an ordinary folder. Else it shows mail that others hold (\All, \Flagged, \Important; RFC 6154, RFC 8457), the more surely the higher. */
unsigned folder_view(enum folder_role role);
/* The list's folder with that wire name (INBOX without case), or NULL; borrowed. */
struct folder *folder_find(const struct folder_list *list, const char *wire);
void folder_free(struct folder *f);
void folder_list_free(struct folder_list *list);

/* The same folder spelled for another server: own prefix taken off, separators translated, the other prefix put on; a
   separator of the other side inside a level becomes '-' ("_" if that is the separator). INBOX stays INBOX, what lies below
   it is below it there. to: a listing that has prefix and separator. Memory of the caller's, wire form. */
char *folder_translate(const char *wire, const struct folder_list *from, const struct folder_list *to);

/* ---- names as people write them: decoded, without the own namespace's prefix, `/` between levels; INBOX in capitals ---- */

/* How many levels that name has, at least 1: "INBOX.Clienti.A" below the prefix "INBOX." has two. */
unsigned folder_depth(const char *wire, const struct folder_list *of);
/* The first `levels` levels (at most all) of the name. A level that is not valid modified UTF-7 is taken as it is spelled; if that
   is no UTF-8 either, as Latin-1. A `/` inside a level stays, and can't be told from one between two. The caller's. */
char *folder_path(const char *wire, const struct folder_list *of, unsigned levels);
/* The wire name at `to` of: the folder `wire` of `from` without its first `skip` levels, below the path `base` ("": at the top of the own
   namespace). With base "" and skip 0 that is folder_translate, but of a name that any server can hold: what it can not is replaced
   in each level, always in the same way: control characters, `%`, `*`, `/`, the separator, a leading "~", "." and ".."
   by '-' ("_" if that is the separator); blanks at both ends go; a level without anything becomes '-'; one is cut at 255 bytes. Names
   that differ may become the same. The caller's. */
char *folder_spell(const char *base, const char *wire, unsigned skip, const struct folder_list *from, const struct folder_list *to);

#endif
