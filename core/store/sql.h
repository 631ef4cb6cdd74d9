/* Private to core/store: the connection, its statements, and the few verbs with which all files here speak SQL. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <pthread.h>
#include <sqlite3.h>

#include "core/store/store.h"

/* What is known of a row besides its state. */
enum mark { MARK_NONE, MARK_DOUBTFUL, MARK_UNSETTLED, MARK_UNSURE };

/* Each is a text in statements.c, with its parameters told there. */
enum sql {
	SQL_BEGIN_READ, SQL_BEGIN, SQL_COMMIT, SQL_ROLLBACK, SQL_SAVEPOINT, SQL_RELEASE, SQL_UNDO,
	SQL_RUN_BEGIN, SQL_RUN_END, SQL_RUN_NEWEST, SQL_RUN_OF,
	SQL_ACCOUNT, SQL_ACCOUNT_ADD, SQL_ACCOUNT_SAME, SQL_ACCOUNT_RENAME, SQL_ACCOUNT_PROVIDERS, SQL_SOURCE_SIGNED_IN, SQL_TARGET_SIGNED_IN, SQL_TARGET_KEEPS, SQL_ACCOUNT_END, SQL_ACCOUNT_LAST, SQL_TOLD_LAST,
	SQL_MAILBOX, SQL_MAILBOX_CLAIMED, SQL_MAILBOX_ADD, SQL_MAILBOX_SEEN, SQL_MAILBOX_SET, SQL_MAILBOX_VOID, SQL_MAILBOX_FLOORS,
	SQL_SUBSTITUTES, SQL_SUBSTITUTE,
	SQL_FOLDERS_KNOWN, SQL_FOLDER_ASIDE, SQL_FOLDER_RENAMED, SQL_FOLDER_HEIR, SQL_FOLDER_SAMPLE, SQL_FOLDER, SQL_FOLDER_ADD, SQL_FOLDER_SET, SQL_FOLDER_EXCLUDE, SQL_FOLDER_INCLUDE, SQL_FOLDER_SUPERSEDE, SQL_FOLDER_UNPLACE, SQL_FOLDER_ROWS, SQL_FOLDER_WAITING, SQL_FOLDER_OTHER,
	SQL_FOLDER_MAILBOX, SQL_REMATCHED_LEFT, SQL_REMATCHED_DROP, SQL_REMATCHED_VANISH, SQL_REMATCHED_END,
	SQL_HELD, SQL_UNLIST, SQL_LIST, SQL_UNLISTED_VANISH,
	SQL_ROWS, SQL_ADD, SQL_VANISH, SQL_BACK, SQL_MEND, SQL_SKIP, SQL_PLANNED_BACK, SQL_PLANNED_AGAIN, SQL_PLANNED_FORGET, SQL_PLANNED_SKIP, SQL_AGAIN, SQL_REFUSE, SQL_SCANNED, SQL_SENDER, SQL_FILTER_OUT, SQL_FILTER_IN,
	SQL_PENDING, SQL_HEADLESS, SQL_DOUBTFUL, SQL_SKIPPED, SQL_THERE, SQL_NOT_UNIQUE, SQL_UNSCANNED, SQL_TWINS, SQL_GONE, SQL_DELETED, SQL_DUPLICATES, SQL_DUPLICATES_OPEN,
	SQL_ELSEWHERE, SQL_ELSEWHERE_BACK, SQL_ELSEWHERE_CLEAR, SQL_ELSEWHERE_FILL, SQL_ELSEWHERE_LATE, SQL_ELSEWHERE_MAYBE, SQL_ELSEWHERE_FORESEEN, SQL_ELSEWHERE_SURE, SQL_ELSEWHERE_PLACES,
	SQL_UNPLACED, SQL_UNSURE, SQL_LABELLED, SQL_VERIFIED_UIDS, SQL_LARGER, SQL_SUSPECTS, SQL_NEWEST,
	SQL_ROW, SQL_BATCH_ADD, SQL_BATCH_FLOOR, SQL_BATCH_LOWER, SQL_BATCH_SWEEP, SQL_INTEND, SQL_FINISH,
	SQL_INTENTS, SQL_INTENTS_NONE, SQL_UNSETTLED,
	SQL_CLAIMED, SQL_CANDIDATE, SQL_CANDIDATES_OTHER, SQL_CANDIDATES_FORGET, SQL_CANDIDATES_CLEAR, SQL_PROMISES_FORGET, SQL_WAITING, SQL_UNDOUBT,
	SQL_PAIR_EXACT, SQL_PAIR_HEADER, SQL_PAIR_CORE, SQL_PAIR_TWINS, SQL_PAIR_PROMISE, SQL_PAIR_PROMISED, SQL_PAIR_HEIR, SQL_PAIR_RELEASE, SQL_PAIR_CLAIM, SQL_PAIR_CLEAR,
	SQL_HEIRS, SQL_HEIR_TAKES, SQL_HEIRS_END, SQL_HEIRS_CLEAR,
	SQL_DOUBT, SQL_LEFT, SQL_DOUBTS, SQL_CLAIMANT, SQL_DROP, SQL_CLAIM,
	SQL_PLACED, SQL_IDENTICAL, SQL_SIZES, SQL_ODD, SQL_UNPLACE, SQL_FLAGS, SQL_DOUBLES, SQL_CHECKED, SQL_UNCHECKED, SQL_CLAIMS_VANISHED, SQL_CLAIMED_VANISHED, SQL_CLAIM_VOID, SQL_SEAL, SQL_SEALED_ROWS, SQL_SEAL_READ, SQL_UNSEAL, SQL_QUIET, SQL_CHECKED_AGAIN,
	SQL_COUNTED, SQL_COUNTED_FOLDER, SQL_STANDING,
	SQL_EACH_ACCOUNT, SQL_EACH_FOLDER, SQL_EACH_MONTH, SQL_EACH_SENDER, SQL_VERIFIED_AT, SQL_RUN_BEFORE, SQL_PROBLEM, SQL_EACH_PROBLEM, SQL_ACCEPT, SQL_ACCEPTED, SQL_ACCEPTED_FORGET, SQL_REFUSED_FORGET, SQL_REFUSED_AGAIN,
	SQLS
};
extern const char *const sql_text[SQLS];

struct request;			/* steps.c */

struct store {
	sqlite3 *db;
	sqlite3_stmt *statement[SQLS];	/* prepared at first use */
	pthread_mutex_t lock;		/* the connection, its statements and `run` */
	bool read_only;
	bool durable;			/* PRAGMA synchronous is FULL now */
	int64_t run;			/* begun here, 0: none */
	int lock_fd;			/* of PATH.lock, -1: none */
	pthread_mutex_t queue_lock;	/* what is below */
	pthread_cond_t queue_moved;
	struct request *queue;		/* steps that wait for a commit */
	bool leading;			/* a thread commits for all */
};

/* ---- parameters ---- */
struct arg {
	enum { ARG_END, ARG_NULL, ARG_INT, ARG_TEXT, ARG_ID } kind;
	int64_t number;
	const void *data;	/* text, or IDENTITY_LEN bytes; NULL is NULL */
};
#define A_INT(value) ((struct arg){.kind = ARG_INT, .number = (int64_t)(value)})
#define A_TEXT(value) ((struct arg){.kind = ARG_TEXT, .data = (value)})
#define A_ID(value) ((struct arg){.kind = ARG_ID, .data = (value)})
#define A_NULL ((struct arg){.kind = ARG_NULL})
#define A_END ((struct arg){.kind = ARG_END})
#define ARGS(...) ((const struct arg[]){__VA_ARGS__, A_END})
#define NO_ARGS ((const struct arg[]){A_END})
/* The SQL_MAIL_ARGS parameters size, date, system, keywords, head, core, msgid of a mail; NULL where it is not known. */
#define SQL_MAIL_ARGS 7
void sql_mail(struct arg *at, const struct mail *m);
int sql_sender(struct store *st, int64_t folder, const struct mail *m, struct error *err);	/* kept beside its row, if it is known */

/* ---- statements; the lock is held ---- */
/* Runs it to its end. */
int sql_run(struct store *, enum sql, const struct arg *, struct error *);
/* Runs it once a range, with the parameters folder, first, last. */
int sql_ranges(struct store *, enum sql, int64_t folder, const struct uid_set *, struct error *);
/* Begins a query, NULL on error. The parameters are borrowed until sql_done. CLEANUP(sql_done) sqlite3_stmt *q = sql_query(…); */
sqlite3_stmt *sql_query(struct store *, enum sql, const struct arg *, struct error *);
/* 1: a row, 0: no more, -1. A NULL query is -1: its error is set already. */
int sql_next(struct store *, sqlite3_stmt *, struct error *);
void sql_done(sqlite3_stmt **);
/* The first column of the first row: 1, 0 without one (*out is left), -1. */
int sql_number(struct store *, enum sql, const struct arg *, int64_t *out, struct error *);
/* The same outside a transaction: 0 (*out is left where there is no row), -1. */
int sql_read_number(struct store *, enum sql, const struct arg *, int64_t *out, struct error *);
/* Rows that the last sql_run changed. */
uint64_t sql_changed(struct store *);
/* Sets err from what SQLite said last, returns -1. */
int sql_fail(struct store *, struct error *);
/* Says that this file is not the state that we wrote, and what to do. Returns -1. */
int sql_damaged(struct error *);

uint32_t sql_u32(sqlite3_stmt *, int column);
uint64_t sql_u64(sqlite3_stmt *, int column);
/* "" for NULL; borrowed until the next row. */
const char *sql_str(sqlite3_stmt *, int column);

/* ---- transactions ---- */
enum tx { TX_READ, TX_WRITE, TX_DURABLE };
/* Takes the lock and begins; on error the lock is free again. */
int tx_begin(struct store *, enum tx, struct error *);
/* Commits when result is 0 or more, else takes all back; frees the lock. Returns result, or -1 when the commit failed. */
int tx_end(struct store *, int result, struct error *);
/* The same for who holds the lock anyway. */
int tx_start(struct store *, enum tx, struct error *);
int tx_finish(struct store *, int result, struct error *);

/* The target mailbox of a folder. ERR_BUG when it has none. */
int sql_folder_mailbox(struct store *, int64_t folder, int64_t *mailbox, struct error *);

#endif
