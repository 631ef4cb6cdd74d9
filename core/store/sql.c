/* Speaking SQL: prepare once, bind, step, and transactions. What SQLite says becomes a struct error here and nowhere else. */
#include "core/store/sql.h"

#include <errno.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/crash.h"
#include "core/base/i18n.h"

/* Where the system said no, its words say more than SQLite's. */
static int system_fail(struct store *st, struct error *err)
{
	const char *text = sqlite3_errmsg(st->db);
	int why = sqlite3_system_errno(st->db);

	/* SQLite wants a file beside it, and says last that there is none to be read either */
	if (st->read_only && sqlite3_errcode(st->db) == SQLITE_CANTOPEN && why != EMFILE && why != ENFILE)
		return error_set(err, ERR_USAGE, N_("the folder of the state can't be written, which is needed even to look at it: copy the state to another one"));
	return why ? error_set(err, ERR_USAGE, "the state: %s: %s", text, strerror(why)) : error_set(err, ERR_USAGE, "the state: %s", text);
}

int sql_damaged(struct error *err)
{
	return error_set(err, ERR_USAGE,
		N_("the state is damaged, or another program's file: move it aside and run again; what has arrived is found and nothing is copied twice"));
}

int sql_fail(struct store *st, struct error *err)
{
	const char *text = sqlite3_errmsg(st->db);

	switch (sqlite3_errcode(st->db)) {
	case SQLITE_FULL:
		return error_set(err, ERR_USAGE, N_("the disk that holds the state is full: make room, then run the same command again"));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(err, ERR_USAGE, "another program has locked the state: %s", text);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return sql_damaged(err);
	case SQLITE_ERROR: /* "no such column": all that we say to it is fixed, so the schema is not what we made */
		sql_damaged(err);
		return error_at(err, "%s", text);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_NOLFS:
		return system_fail(st, err);
	default:
		return error_set(err, ERR_BUG, "the state: %s", text);
	}
}

static int bind(sqlite3_stmt *q, int at, const struct arg *arg)
{
	switch (arg->kind) {
	case ARG_INT:
		return sqlite3_bind_int64(q, at, arg->number);
	case ARG_TEXT:
		return sqlite3_bind_text(q, at, arg->data, -1, SQLITE_STATIC);
	case ARG_ID:
		return sqlite3_bind_blob(q, at, arg->data, IDENTITY_LEN, SQLITE_STATIC);
	case ARG_NULL:
	case ARG_END:
		break;
	}
	return sqlite3_bind_null(q, at);
}

sqlite3_stmt *sql_query(struct store *st, enum sql id, const struct arg *args, struct error *err)
{
	sqlite3_stmt **q = &st->statement[id];
	int count = 0;

	if (!*q && sqlite3_prepare_v3(st->db, sql_text[id], -1, SQLITE_PREPARE_PERSISTENT, q, NULL) != SQLITE_OK) {
		sql_fail(st, err);
		return NULL;
	}
	for (; args[count].kind != ARG_END; count++)
		if (bind(*q, count + 1, &args[count]) != SQLITE_OK) {
			sql_fail(st, err);
			return NULL;
		}
	if (count != sqlite3_bind_parameter_count(*q)) {
		error_set(err, ERR_BUG, "statement %d got %d parameters", (int)id, count);
		return NULL;
	}
	return *q;
}

int sql_next(struct store *st, sqlite3_stmt *q, struct error *err)
{
	if (!q)
		return -1;
	switch (sqlite3_step(q)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return sql_fail(st, err);
	}
}

void sql_done(sqlite3_stmt **q)
{
	if (*q)
		sqlite3_reset(*q);
	*q = NULL;
}

int sql_run(struct store *st, enum sql id, const struct arg *args, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, id, args, err);
	int got;

	while ((got = sql_next(st, q, err)) > 0)
		;
	return got;
}

int sql_ranges(struct store *st, enum sql id, int64_t folder, const struct uid_set *set, struct error *err)
{
	for (size_t i = 0; i < set->count; i++)
		if (sql_run(st, id, ARGS(A_INT(folder), A_INT(set->range[i].first), A_INT(set->range[i].last)), err) < 0)
			return -1;
	return 0;
}

int sql_number(struct store *st, enum sql id, const struct arg *args, int64_t *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, id, args, err);
	int got = sql_next(st, q, err);

	if (got > 0)
		*out = sqlite3_column_int64(q, 0);
	return got;
}

int sql_read_number(struct store *st, enum sql id, const struct arg *args, int64_t *out, struct error *err)
{
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, sql_number(st, id, args, out, err), err) < 0 ? -1 : 0;
}

uint64_t sql_changed(struct store *st)
{
	return (uint64_t)sqlite3_changes64(st->db);
}

uint32_t sql_u32(sqlite3_stmt *q, int column)
{
	return (uint32_t)sqlite3_column_int64(q, column);
}

uint64_t sql_u64(sqlite3_stmt *q, int column)
{
	return (uint64_t)sqlite3_column_int64(q, column);
}

const char *sql_str(sqlite3_stmt *q, int column)
{
	const char *text = (const char *)sqlite3_column_text(q, column);

	return text ? text : "";
}

void sql_mail(struct arg *at, const struct mail *m)
{
	at[0] = A_INT(m->size);
	at[1] = m->date == DATE_UNKNOWN ? A_NULL : A_INT(m->date);
	at[2] = A_INT(m->flags.system);
	at[3] = A_TEXT(m->flags.keywords);
	at[4] = m->has_id ? A_ID(m->id.head) : A_NULL;
	at[5] = m->has_id ? A_ID(m->id.core) : A_NULL;
	/* Without has_id a 0 may be "has none" or "was not asked": not known. */
	at[6] = m->has_id || m->id.msgid ? A_INT(m->id.msgid) : A_NULL;
}

int sql_sender(struct store *st, int64_t folder, const struct mail *m, struct error *err)
{
	return m->sender ? sql_run(st, SQL_SENDER, ARGS(A_INT(folder), A_INT(m->uid), A_TEXT(m->sender)), err) : 0;
}

/* PRAGMA synchronous takes effect while it is prepared, and not inside a transaction. */
static int set_durable(struct store *st, bool durable, struct error *err)
{
	if (durable == st->durable)
		return 0;
	if (sqlite3_exec(st->db, durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", NULL, NULL, NULL) != SQLITE_OK)
		return sql_fail(st, err);
	st->durable = durable;
	return 0;
}

int tx_start(struct store *st, enum tx kind, struct error *err)
{
	if (kind == TX_READ)
		return sql_run(st, SQL_BEGIN_READ, NO_ARGS, err);
	if (st->read_only)
		return error_set(err, ERR_BUG, "the state was opened for reading");
	if (set_durable(st, kind == TX_DURABLE, err) < 0)
		return -1;
	return sql_run(st, SQL_BEGIN, NO_ARGS, err);
}

int tx_finish(struct store *st, int result, struct error *err)
{
	bool writes = result >= 0 && sqlite3_txn_state(st->db, NULL) == SQLITE_TXN_WRITE;

	if (writes)
		crash_point("commit");
	if (result >= 0 && sql_run(st, SQL_COMMIT, NO_ARGS, err) < 0)
		result = -1;
	else if (writes)
		crash_point("committed");
	/* A full disk may have ended the transaction already. */
	if (result < 0 && !sqlite3_get_autocommit(st->db))
		sql_run(st, SQL_ROLLBACK, NO_ARGS, NULL);
	return result;
}

int tx_begin(struct store *st, enum tx kind, struct error *err)
{
	pthread_mutex_lock(&st->lock);
	if (tx_start(st, kind, err) < 0) {
		pthread_mutex_unlock(&st->lock);
		return -1;
	}
	return 0;
}

int tx_end(struct store *st, int result, struct error *err)
{
	result = tx_finish(st, result, err);
	pthread_mutex_unlock(&st->lock);
	return result;
}

int sql_folder_mailbox(struct store *st, int64_t folder, int64_t *mailbox, struct error *err)
{
	int got = sql_number(st, SQL_FOLDER_MAILBOX, ARGS(A_INT(folder)), mailbox, err);

	if (got == 0)
		return error_set(err, ERR_BUG, "folder %lld has no target mailbox", (long long)folder);
	return got < 0 ? -1 : 0;
}
