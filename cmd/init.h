/* The parts of `trasloco init`. */
#ifndef CMD_INIT_H
#define CMD_INIT_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/job/preset.h"

/* One side of the account that the job file begins with. */
struct init_side {
	const char *key;		/* "source", "target" */
	const char *option, *host_option;
	const char *ask_address, *no_address, *ask_host;	/* for people, to be translated */
	const char *confirm;		/* has one %s: the host */
	char *address;			/* or a user name without @, when the host was given */
	char *user;			/* the code that signs in instead of the address, or NULL */
	const struct preset *preset;	/* its provider, or NULL */
	bool by_domain;			/* the address's domain tells the preset: the file need not */
	char *host;			/* without preset */
	unsigned port;			/* 0: 993 with TLS from the start */
};

/* init_ask.c: questions on the terminal */
struct tty;
/* The terminal, or NULL: nobody may be asked. */
struct tty *tty_open(bool no_input);
/* NULL-safe; sets *tty = NULL. */
void tty_close(struct tty **tty);
/* One line of the answer without blanks around it; asks again when it is empty. NULL: the end of the input. The caller's. */
char *tty_ask(struct tty *tty, const char *question);
/* Enter is yes; false also at the end of the input. */
bool tty_yes(struct tty *tty, const char *question);
/* Something to read, to the terminal or, tty being NULL, to standard error. */
void tty_say(struct tty *tty, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* init_find.c: which server a side has */
/* "mario@company.it": NULL, or what is wrong with it. */
const char *address_wrong(const char *text);
/* "imap.company.it", "imap.company.it:143", "[::1]:993" into host and port; false when it is no name of a server. */
bool host_parse(struct init_side *side, const char *text);
/* The preset whose server the side's host is, in its place. */
void host_preset(struct init_side *side);
/* By the domain of its address: a preset, else by its MX. Says what was found, and on a terminal asks whether to use it. */
void side_find(struct init_side *side, struct tty *tty);
/* What its provider wants to be known before it is used: no passwords, passwords for programs, user codes. */
void side_tell(const struct init_side *side, struct tty *tty);
/* Its server, borrowed; NULL: not known. */
const char *side_host(const struct init_side *side);

/* init_file.c: the job file's text, at most 15 lines */
void init_text(const struct init_side *source, const struct init_side *target, struct buf *out);

#endif
