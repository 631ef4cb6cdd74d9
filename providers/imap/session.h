/* One signed-in connection: its commands by tag, its capabilities, and what the responses do to it. Private to providers/imap. */
#ifndef IMAP_SESSION_H
#define IMAP_SESSION_H

#include "core/base/buf.h"
#include "core/mail/multipart.h"
#include "providers/imap/frame.h"
#include "providers/imap/grammar.h"
#include "providers/imap/imap.h"
#include "providers/imap/parse.h"

enum command_kind { COMMAND_SIMPLE, COMMAND_CREATE, COMMAND_OPEN, COMMAND_READ, COMMAND_APPEND };

/* How a body was asked for: by BODY[]; again by RFC822; by BODY[] once more, whatever its length; by RFC822 from the first. */
enum body_form { BODY_FIRST, BODY_PLAIN, BODY_AS_IS, BODY_WHOLE };

/* Whether a CREATE stands in front of this SELECT: the first try, or the second and last. */
enum making { MAKING_NOT, MAKING_ONCE, MAKING_AGAIN };

struct command {		/* sent or queued, its tagged reply not yet seen */
	unsigned tag;
	enum command_kind kind;
	unsigned ask;		/* OPEN, READ: whose; 0: nobody's any more */
	bool writable;		/* OPEN: by SELECT, which tells PERMANENTFLAGS; its end is the ask's end */
	enum making making;	/* OPEN, for prepare() */
	bool subscribe;		/* … once it is there */
	char separator;		/* … in its name */
	enum want want;		/* READ */
	enum body_form form;	/* READ */
	uint64_t measured;	/* … what its length was by BODY[] */
	bool handed;		/* … it has made an event */
	struct uid_set set;	/* READ: what was asked for */
	bool extended;		/* READ, UIDS: by ESEARCH */
	bool changed;		/* … only what was changed */
	struct uid_set found;	/* READ, UIDS: what was found; of others: what was handed over */
	unsigned lines;		/* READ, UIDS: how many responses told it */
	char *wire;		/* OPEN, READ of mails: the folder */
	struct batch *batch;	/* APPEND */
	size_t first, count;	/* … which of its mails */
	bool answered;		/* the reply is there; over when the last piece has left */
	bool ahead;		/* APPEND: a literal of it did not wait */
	bool stood;		/* it was refused while it waited to go ahead: nothing ran ahead */
};

#define LIST_SLOTS 65536

struct listing {		/* while list() runs */
	struct folder_list *out;
	uint32_t *slot;		/* where a name stands in out, plus one; by its hash */
	size_t names;		/* bytes of all names */
	struct namespaces spaces;
	struct buf subscribed;	/* wire names from LSUB, each with its NUL */
};

/* The one body that may be arriving, or just has. */
struct arriving {
	bool seen;		/* a body literal came with this response */
	enum want want;
	struct blob *blob;	/* BODY */
	struct buf head;	/* HEAD, BODY: the header, for the identity */
	bool head_whole;	/* its empty line has passed */
	struct hasher *hasher;	/* DIGEST */
	uint64_t length;
	char tail[MULTIPART_TAIL];	/* BODY, DIGEST: its last bytes */
	size_t tail_len;
	uint64_t counted;	/* of its bytes: told to the stream as something got done */
	int64_t worked;		/* stream_worked_at, before it came */
	bool may_be_early;	/* its facts are known, and it is as long as announced: offered when its header is there */
	bool early;		/* it was taken before it was whole */
};

struct sasl;

struct imap {
	struct conn conn;	/* first: an imap is a conn */
	struct imap_options options;
	const struct conn_env *env;
	struct imap_shared *shared;
	struct stream *stream;
	struct frame frame;
	struct grammar *grammar;
	struct digest *digest;
	char *secret;			/* until we are in; NULL afterwards */
	struct buf said;		/* our last answer in AUTHENTICATE, until we are in */
	struct sasl *dialog;		/* AUTHENTICATE is being answered: every "+" is a challenge of its */
	bool early;			/* … and its first answer went along with it (SASL-IR, RFC 4959); none was asked for yet */
	const char *mechanism;		/* how we signed in */
	struct door_facts *facts;	/* while describe() runs */
	uint64_t append_limit;		/* octets of one mail (RFC 7889); 0: not said */
	size_t literal_free;		/* octets of a literal that may leave with its header (RFC 7888) */
	char *capabilities;
	unsigned fruitless;		/* responses since something was got done */
	bool bye;
	bool doubtful;			/* COMPRESS is on, and no command was answered since */
	bool cyrus;			/* 3.6 tells freed memory as MAILBOXID, line ends and all */
	bool any_order;			/* it carries out later FETCHes before earlier ones (Dovecot, whenever the line is full): only what opens a folder has to wait for it */
	bool courier;			/* BODY[] and RFC822.SIZE leave out what its MIME parser does not understand; RFC822 has all of it */
	enum { BESIDE_UNKNOWN, BESIDE_FINE, BESIDE_REFUSED } beside;	/* whether the mailbox that is open by EXAMINE takes mail on the same connection */
	unsigned multi_refused;		/* in a row */
	struct error poison;		/* why, when it is */
	bool poisoned;			/* a rejected header may have let mail run as commands: never used again */
	unsigned last_tag, last_ask;
	struct command *command;	/* in the order they were sent */
	size_t commands, command_cap;
	struct event *ready;		/* events not yet handed out */
	size_t ready_at, ready_count, ready_cap;
	char *open_wire;		/* the folder that the last OPEN asked for; NULL: none */
	struct box box;			/* being filled by the OPEN at the front */
	struct flags permanent;		/* keywords of that box */
	struct listing *listing;
	struct arriving arriving;
	unsigned sizes_lied;		/* bodies in a row that were the same by RFC822 as by BODY[], and not of the announced length */
	/* header forms that this server has accepted in this session */
	struct flags accepted_keywords;
	size_t accepted_literal;
	struct known_box { char *wire; bool any_keyword; struct flags keywords; } *known;	/* boxes opened OK */
	size_t known_count, known_cap;
	struct { struct flags flags; size_t box; } announced;	/* of the header that waits for its go-ahead; its place in known */
	struct error create_refused;	/* what the last CREATE was answered; ERR_NONE: it exists */
	/* the reply to the last SIMPLE command */
	struct status simple;
	struct buf simple_text;
};

/* session.c: sending */
bool imap_can(const struct imap *m, const char *capability);
/* Queues "T<n> " and the formatted rest with CRLF; the command is on the list. Borrowed until the next one is added. */
struct command *imap_command(struct imap *m, enum command_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same with words that nobody may see; secret may be NULL. Its tag. */
unsigned imap_secret_command(struct imap *m, const char *verb, const char *secret);
/* Only on the list, with a tag of its own. */
struct command *imap_command_unsent(struct imap *m, enum command_kind kind);
/* Waits for the reply to that SIMPLE command, taking responses on the way; 0 whatever the reply says (m->simple), or -1. */
int imap_wait(struct imap *m, unsigned tag, struct error *err);
/* A string for a command: quoted, with what has to be escaped; memory of the caller's. NULL when it can't be (CR, LF, NUL). Bytes outside
   ASCII go as they came: servers that list such names take them so. */
char *imap_quote(const char *text);
void imap_set_capabilities(struct imap *m, const char *text, size_t len);
void imap_forget_capabilities(struct imap *m);
/* It was offered, and refused when it was used: not used again with this server. */
void imap_cannot(struct imap *m, const char *capability);

/* auth.c: greeting, STARTTLS, login */
int imap_sign_in(struct imap *m, struct imap_shared *shared, struct error *err);
/* A "+" while m->dialog is there. */
int imap_challenged(struct imap *m, const char *text, size_t len, struct error *err);
void imap_forget_secret(struct imap *m);

/* compress.c: COMPRESS=DEFLATE, where it is offered and the line is long enough. */
int imap_compress(struct imap *m, struct error *err);
/* The connection is lost: if that may be the compression's doing, the next one goes without. */
void imap_doubt_compression(struct imap *m, const struct error *err);

/* describe.c */
int imap_describe(struct conn *conn, struct door_facts *out, struct error *err);
/* QUOTA and STATUS, while m->facts is there. */
void imap_facts_response(struct imap *m, const char *text, size_t len);

/* respond.c: something was got done. */
void imap_worked(struct imap *m);
/* One response taken, commands ended, events made. 1, 0 woken, -1. */
int imap_respond(struct imap *m, bool may_wake, struct error *err);
struct event *imap_event(struct imap *m, enum event_kind kind);
void imap_forget_command(struct imap *m, size_t index);
/* A command that was answered early is over when its last piece has left. */
bool imap_finish_answered(struct imap *m);

/* body.c: the sink, and a mail made of a FETCH response */
struct sink imap_sink(struct imap *m);
void imap_body_reset(struct imap *m);
/* early.c: large bodies are handed over while they arrive. At the literal's begin, when its header is there, and at the end of its response (f; NULL: broken off). */
void imap_early_begin(struct imap *m);
void imap_early_offer(struct imap *m);
/* true: the mail was handed over early. */
bool imap_early_end(struct imap *m, const struct fetched *f);

/* The READ command that this FETCH answers, or NULL: unsolicited. */
struct command *imap_asked_for(struct imap *m, const struct fetched *f);
/* Whether the body at hand is to be asked for again before it is believed (again.c): then that is done. c: the command that it answers; its place
   in memory may change. */
bool imap_doubts_body(struct imap *m, const struct command *c, const struct fetched *f);
/* The READ of a body by RFC822 is over. Without an answer, or one that is better, the body is asked for as it is. */
void imap_body_unanswered(struct imap *m, const struct command *c);
/* What the response at hand is, as a mail; takes the body and the flags. */
struct mail *imap_take_mail(struct imap *m, struct fetched *f, enum want want);

/* list.c, read.c, append.c: the operations of endpoint.h */
int imap_list(struct conn *conn, struct folder_list *out, struct error *err);
void imap_listing_response(struct imap *m, const char *text, size_t len);
int imap_ask(struct conn *conn, const struct folder *folder, const struct uid_set *set, enum want want, bool fresh, unsigned *ask, struct error *err);
int imap_changed(struct conn *conn, const struct folder *folder, const struct uid_set *set, uint64_t since, unsigned *ask, struct error *err);
/* The last command in front of that one that reads bodies of the folder that is open at its turn, or NULL. */
const struct command *imap_reads_bodies(const struct imap *m, const struct command *before);
/* One UID SEARCH in the folder that is open, or about to be; an empty set means all. since: of those, what has a higher mod-sequence; 0: all. */
void imap_search(struct imap *m, const struct uid_set *set, uint64_t since, unsigned ask);
int imap_open_folder(struct imap *m, const struct folder *folder, unsigned ask, bool writable, struct error *err);
/* make.c */
int imap_prepare(struct conn *conn, const struct folder *folder, bool exists, unsigned *ask, struct error *err);
void imap_create_answered(struct imap *m, const struct status *s);
/* A SELECT of prepare() was answered NO: tried once more, if that may help. */
bool imap_make_again(struct imap *m, const struct command *open);
/* … was answered OK. */
void imap_made(struct imap *m, const struct command *open);
/* The connection may not be used any more: that error. */
int imap_is_poisoned(const struct imap *m, struct error *err);
int imap_append(struct conn *conn, struct batch *batch, struct error *err);
void imap_append_answered(struct imap *m, struct command *c, const struct status *status);
/* stream_decides: may_run_ahead. literal: the struct mail */
bool imap_may_run_ahead(void *owner, unsigned tag, const void *literal);
/* "+": the header that waits was taken. */
void imap_went_ahead(struct imap *m);
int imap_set_flags(struct conn *conn, const struct folder *folder, const struct flag_change *changes, size_t count, struct error *err);

#endif
