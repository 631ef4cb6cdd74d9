/* A mailbox in memory behind the doors of core/mail/endpoint.h: several connections to one server may be open in several threads. It can
   be told to misbehave as real servers have been seen to. */
#ifndef TEST_CONTRACT_MEMORY_H
#define TEST_CONTRACT_MEMORY_H

#include "core/mail/endpoint.h"

struct memory;

enum memory_fault {
	/* of one appended mail; the server says OK */
	FAULT_DROP,
	FAULT_DOUBLE,
	FAULT_ALTER,	/* another byte in the body, the same size */
	FAULT_TRUNCATE,
	FAULT_REDATE,
	FAULT_UNFLAG,
	FAULT_WRONG_UID,	/* stored, but APPENDUID tells another */
	FAULT_NO_UID,	/* stored, and no APPENDUID for the whole batch */
	/* of a batch that holds such a mail */
	FAULT_REFUSE,	/* NO to all of it, nothing stored */
	FAULT_PARTIAL,	/* NO to all of it, and what stands before that mail is stored all the same */
	FAULT_ALL_BUT,	/* NO to all of it, and what is not dropped (FAULT_DROP) is stored all the same */
	FAULT_LOSE,	/* stored, then the connection breaks before the answer */
	FAULT_LATE,	/* as LOSE, but stored only late_ms afterwards */
	FAULT_BREAK,	/* the connection breaks before all of it has left, nothing stored */
	/* of a connection */
	FAULT_LOGIN,	/* opening is refused */
	FAULT_DOWN,	/* opening fails */
	FAULT_READ_BREAK,	/* the connection breaks when that mail's body, header or facts are asked for */
	/* of one mail that is read: a wrong answer, and nothing is wrong with what is stored */
	FAULT_MISREAD,	/* another byte in its body */
	FAULT_MISDATE,	/* another date */
	FAULT_NO_BODY	/* its facts, and neither header nor body */
};

enum memory_tells { TELLS_CHANGES, TELLS_NO, TELLS_NOTHING };

struct memory_rule {
	enum memory_fault fault;
	const char *text;	/* of mails that hold this text; NULL: of all */
	unsigned times;		/* 0: always */
	unsigned late_ms;
};

struct memory_mail {
	uint32_t uid;
	int64_t date;
	uint64_t modseq;
	bool hidden;		/* the server has it, and does not list it now */
	struct flags flags;
	char *data;
	size_t len;
};

/* prefix: of the own namespace. An INBOX is there. */
struct memory *memory_new(const char *prefix, char separator);
void memory_free(struct memory **m);
void memory_rule(struct memory *m, const struct memory_rule *rule);
void memory_forgive(struct memory *m);		/* no rule counts any more */
void memory_limit(struct memory *m, size_t max_mail);
/* Whether it counts the changes of each folder (HIGHESTMODSEQ); at first it does not. */
void memory_counts(struct memory *m, bool counts);
/* What it is asked for its changes: it tells them, says NO, or names nothing. */
void memory_tells(struct memory *m, enum memory_tells tells);
/* The UIDs from `next` on are given out once more: an old backup, and the same UIDVALIDITY. */
void memory_restore(struct memory *m, const char *wire, uint32_t next, uint64_t modseq);
/* It lists a count that never grows, and says so when a folder is opened (NOMODSEQ): Dovecot with its indexes in memory. */
void memory_forgets(struct memory *m);
/* Marks of a mail that is there, as a server lists them: "" takes all away. */
void memory_flags(struct memory *m, const char *wire, uint32_t uid, const char *flags);
void memory_rename(struct memory *m, const char *from, const char *to);
/* The folder gets another UIDVALIDITY, and its mails other UIDs, in their order. */
void memory_renumber(struct memory *m, const char *wire);
/* How many mails were asked for that way so far. */
unsigned memory_read(struct memory *m, enum want want);
/* All that was asked for: a line for each, "BODY INBOX.a"; borrowed, and nobody but one connection may be at work. */
const char *memory_asks(const struct memory *m);
/* How often something was changed, or a folder opened to be: CREATE, SUBSCRIBE, SELECT, APPEND, STORE. */
unsigned memory_writes(struct memory *m);
/* Most connections that were open at once. */
unsigned memory_most_open(struct memory *m);
/* What describe() tells of its room, in bytes; nothing keeps to it. limit 0: it does not say. */
void memory_quota(struct memory *m, uint64_t used, uint64_t limit);
/* Mail put there past all rules; the folder is made when it is not there. flags: as a server lists them. Returns its UID. */
uint32_t memory_add(struct memory *m, const char *wire, const char *data, size_t len, const char *flags, int64_t date);
void memory_remove(struct memory *m, const char *wire, uint32_t uid);
/* What is there; borrowed, and nobody may be at work. */
size_t memory_count(struct memory *m, const char *wire);
const struct memory_mail *memory_at(struct memory *m, const char *wire, size_t index);
/* How many mails the server has taken by append, those that come late with them, and how many connections were opened, in all. */
unsigned memory_appended(struct memory *m);
unsigned memory_opened(struct memory *m);
/* How often another connection than the one before it has appended. */
unsigned memory_turns(struct memory *m);
/* The first of so many batches are answered when the last of them is there. Whoever waits for an answer longer than ten seconds has lost the connection. */
void memory_answers_at(struct memory *m, unsigned batches);
/* Called before a folder is read, with no lock held. */
void memory_on_ask(struct memory *m, void (*call)(void *ctx), void *ctx);
/* Called whenever a batch is appended, with no lock held; the argument counts them. */
void memory_on_append(struct memory *m, void (*call)(void *ctx, unsigned batches), void *ctx);

int memory_open(struct conn **out, struct memory *m, const struct conn_env *env, struct error *err);

#endif
