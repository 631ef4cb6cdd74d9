/* The doors: what the mover can ask of a server, whatever it speaks. A reader for both sides (the target is read as well: to
   adopt, settle and verify), a writer for the target. One thread at a time owns a conn. Whatever an event holds is the
   receiver's when this page says "give", and borrowed until the next call otherwise.
   All functions return 0, or -1 with err set; after an error of class ERR_RETRY, ERR_TLS, ERR_CANCELLED or ERR_BUG the
   connection is dead: close it. */
#ifndef MAIL_ENDPOINT_H
#define MAIL_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/cancel.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/mail/folder.h"
#include "core/mail/mail.h"
#include "core/mail/uidset.h"

enum want {
	WANT_UIDS,	/* which UIDs are there: one EV_UIDS */
	WANT_META,	/* uid, size, date, flags, Message-ID: an EV_MAIL each, as are all below */
	WANT_HEAD,	/* META and the identity of the whole header */
	WANT_BODY,	/* META, the identity and every byte */
	WANT_DIGEST	/* META, the identity and the proof; bytes are not kept */
};

enum event_kind {
	EV_NONE,	/* woken, or nothing is outstanding any more */
	EV_BOX,		/* the folder of an ask was opened anew; comes before its first mail: compare validity */
	EV_UIDS,
	EV_MAIL,
	EV_ASKED,	/* an ask is over; err says when the server refused it (NO) */
	EV_APPENDED	/* an append is over */
};

struct batch {			/* its intents are durable before append() sees it */
	int64_t id;		/* the store's */
	const struct folder *folder;
	size_t count;
	struct mail **mails;	/* with bodies; needed until EV_APPENDED */
	size_t bytes;
	void *owner;		/* the caller's own */
	bool careful;		/* every literal waits for the server's go-ahead */
	/* filled in by the endpoint: */
	bool complete;		/* a whole command of it was handed to the kernel: that may be carried out, whatever happens here */
	bool done;		/* the server said OK to all of it; otherwise `why` */
	bool *taken;		/* when not done: which mails the server said OK to, or NULL: none */
	uint32_t validity;	/* from APPENDUID, 0 when the server did not say */
	uint32_t *uids;		/* `count` UIDs from APPENDUID, 0: not said; or NULL. This and taken are freed with the batch by the caller */
	bool keywords_refused;	/* it was stored without some of its keywords (PERMANENTFLAGS) */
	struct error why;	/* ERR_MESSAGE, ERR_QUOTA, ERR_FOLDER, ERR_THROTTLED, ERR_RETRY */
};

struct event {
	enum event_kind kind;
	unsigned ask;		/* the number that ask() gave, for all but EV_APPENDED */
	struct box box;		/* EV_BOX */
	struct uid_set uids;	/* EV_UIDS: give (free it or take it) */
	struct mail *mail;	/* EV_MAIL: give */
	struct batch *batch;	/* EV_APPENDED: give back */
	struct error err;	/* EV_ASKED: class ERR_NONE, or why not */
};

struct flag_change {
	uint32_t uid;
	struct flags add;
};

/* What a server says of itself once we are in; 0, "" and false where it does not. */
struct door_facts {
	uint64_t append_limit;			/* APPENDLIMIT (RFC 7889), bytes */
	bool has_quota;				/* of the folder INBOX (RFC 9208), the storage resource */
	uint64_t quota_used, quota_limit;	/* bytes */
	char secured[64];			/* "TLSv1.3", "" in the clear */
	char mechanism[24];			/* how we signed in: "PLAIN", "LOGIN", "SCRAM-SHA-256" … */
};

struct conn;
struct pace;

struct conn_ops {
	/* All folders with STATUS of each selectable one, in one burst. out is the caller's (folder_list_free). */
	int (*list)(struct conn *, struct folder_list *out, struct error *);
	/* Sends (or queues) and returns: read `set` of `folder`. Several may be open. Opens the folder read-only first when it is
	   not the open one, or when `fresh`. An empty set means all (UIDS only). Never changes the mailbox. */
	int (*ask)(struct conn *, const struct folder *, const struct uid_set *, enum want, bool fresh, unsigned *ask, struct error *);
	/* As ask() for UIDS and not fresh: those of `set` that came or were changed since (their mod-sequence is higher, RFC 7162). Where EV_BOX tells of no modseq it means nothing. */
	int (*changed)(struct conn *, const struct folder *, const struct uid_set *, uint64_t since, unsigned *ask, struct error *);
	/* The next thing that happened. Blocks until there is one, or wake_fd (see conn_env) is readable: then EV_NONE. With nothing
	   outstanding and no wake_fd it returns EV_NONE at once. Writes what is queued meanwhile, polling both ways. */
	int (*next)(struct conn *, struct event *out, struct error *);
	/* Capabilities as the server says them, one blank between; borrowed. */
	const char *(*capabilities)(const struct conn *);
	/* Asks for what is not known yet (GETQUOTAROOT); nothing else may be outstanding. */
	int (*describe)(struct conn *, struct door_facts *out, struct error *);
	/* Says goodbye when `orderly` and nothing is outstanding; NULL-safe; sets *conn = NULL. Batches and asks that are still open
	   are forgotten: the caller still holds them. */
	void (*close)(struct conn **, bool orderly);

	/* Target only: */
	/* Queues: CREATE (parents too when the server wants that), SUBSCRIBE when folder->subscribed, then opens it to learn what it can keep; the answer is
	   EV_BOX and EV_ASKED as of an ask: ERR_NAME when another name may do better. exists: it is known to be there, no CREATE. */
	int (*prepare)(struct conn *, const struct folder *, bool exists, unsigned *ask, struct error *);
	/* Queues one batch; the answer is EV_APPENDED, in the order of the calls. Literals, and whether one command or many, are the endpoint's
	   business; sending again is not. Only after the EV_BOX of the folder in this session. */
	int (*append)(struct conn *, struct batch *, struct error *);
	/* Adds flags at UIDs that verification has confirmed. Waits for the answer; nothing else may be outstanding. */
	int (*set_flags)(struct conn *, const struct folder *, const struct flag_change *, size_t count, struct error *);
};

struct conn {			/* every endpoint's own struct begins with it */
	const struct conn_ops *ops;
};

/* What a conn needs to live; borrowed for its whole life. */
struct conn_env {
	const struct cancel *cancel;	/* fires: every call returns ERR_CANCELLED */
	int wake_fd;			/* polled by next() besides the server; -1: none */
	const char *spool_dir;		/* for mails over BLOB_MEMORY */
	const struct log *log;
	struct log *wire;		/* every line both ways, without secrets and bodies; NULL: none */
	/* A source: a mail that is too large for memory is offered, in the middle of next(), as soon as its header has come, with a body that grows (blob_share). true: it
	   was taken, and no EV_MAIL follows; a body that does not become whole is spoilt (blob_end). NULL: never. */
	bool (*early)(void *ctx, unsigned ask, struct mail *mail);
	void *early_ctx;
	struct pace *pace;		/* what comes of mails, headers and bodies, waits here; NULL: it need not */
	bool writer;			/* a target: sudden death must not leave bytes for the kernel to deliver (SO_LINGER) */
};

#endif
