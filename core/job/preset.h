/* What is known of a provider before its server was asked: a starting point, never a proof. The rows are data of a higher floor
   (providers/presets.c); the job file looks them up by id and by domain. */
#ifndef JOB_PRESET_H
#define JOB_PRESET_H

#include <stddef.h>
#include <stdint.h>

enum preset_user {
	USER_ADDRESS,	/* signs in with the whole address */
	USER_LOCAL,	/* with what stands before the @ */
	USER_CODE	/* with a code that the address does not tell */
};

enum preset_trait {	/* bits */
	PRESET_OAUTH_ONLY = 1,		/* takes no passwords */
	PRESET_APP_PASSWORD = 2,	/* wants a password of its own for programs, at least with two-factor sign-in */
	PRESET_IMAP_SWITCH = 4,		/* IMAP has to be switched on in the webmail first */
	PRESET_PEC = 8,			/* certified mail */
	PRESET_OUTAGES = 16,		/* Libero and Virgilio: the outages of 2023 */
	PRESET_WINDOW = 32		/* shows only a part of large folders over IMAP */
};

struct preset {
	const char *id;		/* "libero" */
	const char *name;	/* for people: "Libero" */
	const char *domains;	/* of addresses, one blank between; "hotmail.*" stands for every ending, "*.onmicrosoft.com" for all below; "" none */
	const char *mx;		/* ends of the names of mail exchangers that mean this provider, one blank between; "" none */
	const char *host;
	unsigned port;
	int tls;		/* enum job_tls */
	enum preset_user user;
	unsigned traits;
	const char *page;	/* the provider's own page about IMAP, passwords for programs …; "" none known */
	const char *note;	/* one line in English for `trasloco providers`; "" */
	/* limits; 0 or NULL: none is known. All are used by the dry run, connections by a run as well; what its server says itself counts before them. */
	uint64_t append_limit;	/* bytes of the largest message it takes */
	uint64_t room;		/* bytes of a mailbox, in its smallest form */
	uint64_t day_out, day_in;	/* bytes a day that a mailbox hands out and takes, over IMAP */
	unsigned connections;	/* of one mailbox at once */
	unsigned visible;	/* messages of a folder that it shows to programs */
	unsigned folders, depth;	/* of a mailbox; levels of them */
	const char *reserved;	/* a name on the first level that it keeps for itself */
	const char *unfit;	/* characters that it takes in no name */
	const char *mark;	/* "A" vendor or standards document, "B" third party, "K" unchecked, or "A/B" */
	const char *date;	/* when that was collected: "2026-11" */
};

struct presets {
	const struct preset *row;
	size_t count;
};

/* The row of that id, or NULL. */
const struct preset *preset_find(const struct presets *presets, const char *id);
/* The row of the address's domain (without case), or NULL. */
const struct preset *preset_of_address(const struct presets *presets, const char *address);

#endif
