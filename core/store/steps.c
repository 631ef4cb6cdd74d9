/* Intents and their results. Threads that come while a commit is on its way put their steps on a list; one of them, the leader, carries the
   whole list out in one transaction. So the price of an fsync is shared, and a step that fails is taken back alone. */
#include "core/store/sql.h"

#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/crash.h"

struct request {
	int64_t folder;
	const struct step *step;
	struct request *next;
	bool done;		/* under queue_lock, as is next */
	int result;
	struct error err;
};

/* ---- intents ---- */

struct row {
	enum state state;	/* of one that has vanished meanwhile, what it was: its mail is on its way */
	enum mark mark;
	int64_t batch;		/* 0: none */
};

static int row_read(struct store *st, int64_t folder, uint32_t uid, struct row *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_ROW, ARGS(A_INT(folder), A_INT(uid)), err);
	int got = sql_next(st, q, err);

	if (got <= 0)
		return got < 0 ? -1 : error_set(err, ERR_BUG, "uid %u of folder %lld has no row", uid, (long long)folder);
	out->state = (enum state)sqlite3_column_int(q, 0);
	out->mark = (enum mark)sqlite3_column_int(q, 1);
	out->batch = sqlite3_column_int64(q, 2);
	return 0;
}

struct intending {
	int64_t folder, mailbox;
	int64_t batch;
	int64_t moved_from;	/* the batch whose floor was taken over last */
};

/* A row that comes from another batch may have been stored with that one: its floor still counts. */
static int take_floor(struct store *st, struct intending *in, int64_t from, struct error *err)
{
	int64_t floor = 1;

	if (from == in->moved_from)
		return 0;
	in->moved_from = from;
	if (sql_number(st, SQL_BATCH_FLOOR, ARGS(A_INT(from)), &floor, err) < 0)
		return -1;
	return sql_run(st, SQL_BATCH_LOWER, ARGS(A_INT(in->batch), A_INT(floor)), err);
}

enum { INTEND_ARGS = 2 + SQL_MAIL_ARGS + 5, INTEND_FROM = INTEND_ARGS - 1 };

/* It was not taken as a row that no batch has: it comes from another one, or must not be sent. */
static int intend_again(struct store *st, struct intending *in, uint32_t uid, struct arg args[INTEND_ARGS + 1], struct error *err)
{
	struct row row = {0};

	if (row_read(st, in->folder, uid, &row, err) < 0)
		return -1;
	if (row.state > STATE_INTENDED || row.mark == MARK_UNSETTLED)
		return error_set(err, ERR_BUG, "uid %u of folder %lld is %s and must not be sent", uid, (long long)in->folder,
			row.mark == MARK_UNSETTLED ? "unsettled" : state_name(row.state));
	if (take_floor(st, in, row.batch, err) < 0)
		return -1;
	args[INTEND_FROM] = A_INT(row.batch);
	if (sql_run(st, SQL_INTEND, args, err) < 0)
		return -1;
	return sql_changed(st) == 1 ? 0 : error_set(err, ERR_BUG, "uid %u of folder %lld can't be intended", uid, (long long)in->folder);
}

static int intend_mail(struct store *st, struct intending *in, const struct mail *m, struct error *err)
{
	struct arg args[INTEND_ARGS + 1] = {A_INT(in->folder), A_INT(m->uid)};

	sql_mail(args + 2, m);
	args[9] = A_INT(in->batch);
	args[10] = A_INT(st->run);
	args[11] = A_INT(in->mailbox);
	args[12] = m->body ? A_INT(blob_size(m->body)) : A_NULL;
	args[INTEND_FROM] = A_NULL;
	if (sql_run(st, SQL_INTEND, args, err) < 0 || (sql_changed(st) == 0 && intend_again(st, in, m->uid, args, err) < 0))
		return -1;
	return sql_sender(st, in->folder, m, err);
}

static int intend(struct store *st, int64_t folder, const struct step *step, int64_t mailbox, struct error *err)
{
	struct intending in = {.folder = folder, .mailbox = mailbox};

	if (sql_run(st, SQL_BATCH_ADD, ARGS(A_INT(folder), A_INT(step->floor ? step->floor : 1), A_INT(clock_now())), err) < 0)
		return -1;
	in.batch = sqlite3_last_insert_rowid(st->db);
	for (size_t i = 0; i < step->intended->count; i++)
		if (intend_mail(st, &in, step->intended->mails[i], err) < 0)
			return -1;
	step->intended->id = in.batch;
	return 0;
}

/* ---- results ---- */

static int finish_mail(struct store *st, struct arg *args, struct error *err)
{
	struct error tried = {0};

	if (sql_run(st, SQL_FINISH, args, &tried) == 0)
		return 0;
	/* Two rows can't be one mail: the server named a UID that is taken. Where the mail lies has to be found out. */
	if (sqlite3_extended_errcode(st->db) == SQLITE_CONSTRAINT_UNIQUE) {
		args[3] = A_NULL;
		return sql_run(st, SQL_FINISH, args, err);
	}
	if (err)
		*err = tried;
	return -1;
}

static int finish(struct store *st, int64_t folder, const struct batch *batch, int64_t mailbox, struct error *err)
{
	int64_t validity = 0;
	bool believed;

	if (sql_number(st, SQL_MAILBOX_SEEN, ARGS(A_INT(mailbox)), &validity, err) < 0)
		return -1;
	/* UIDs of another numbering say nothing. */
	believed = batch->uids && (batch->validity == 0 || validity == 0 || batch->validity == validity);
	for (size_t i = 0; i < batch->count; i++) {
		uint32_t target = believed ? batch->uids[i] : 0;
		struct arg args[] = {A_INT(folder), A_INT(batch->mails[i]->uid), A_INT(mailbox), target ? A_INT(target) : A_NULL, A_INT(st->run), A_END};

		if (finish_mail(st, args, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- the shared commit ---- */

static bool has_intents(const struct step *step)
{
	return step->intended && step->intended->count > 0;
}

static int step_all(struct store *st, struct request *r, struct error *err)
{
	int64_t mailbox = 0;

	if (sql_folder_mailbox(st, r->folder, &mailbox, err) < 0)
		return -1;
	for (size_t i = 0; i < r->step->nfinished; i++)
		if (finish(st, r->folder, r->step->finished[i], mailbox, err) < 0)
			return -1;
	return has_intents(r->step) ? intend(st, r->folder, r->step, mailbox, err) : 0;
}

/* -1: the transaction is gone, for all. A step that fails by itself only has its own result. */
static int step_one(struct store *st, struct request *r, struct error *err)
{
	if (sql_run(st, SQL_SAVEPOINT, NO_ARGS, err) < 0)
		return -1;
	r->result = step_all(st, r, &r->err);
	if (r->result < 0 && sqlite3_get_autocommit(st->db)) {
		*err = r->err;
		return -1;
	}
	if (r->result < 0 && sql_run(st, SQL_UNDO, NO_ARGS, err) < 0)
		return -1;
	return sql_run(st, SQL_RELEASE, NO_ARGS, err);
}

static int commit_list(struct store *st, struct request *list, bool intents, struct error *err)
{
	int result;

	if (tx_start(st, intents ? TX_DURABLE : TX_WRITE, err) < 0)
		return -1;
	result = 0;
	for (struct request *r = list; r && result == 0; r = r->next)
		result = step_one(st, r, err);
	if (result == 0)
		result = sql_run(st, SQL_BATCH_SWEEP, NO_ARGS, err);
	result = tx_finish(st, result, err);
	if (result == 0 && intents)
		crash_point("intended");
	return result;
}

/* Takes the list as late as possible: who came while the lock was another's is still in time. */
static void lead(struct store *st)
{
	struct error err = {0};
	struct request *list;
	bool intents = false;
	int result;

	pthread_mutex_lock(&st->lock);
	pthread_mutex_lock(&st->queue_lock);
	list = st->queue;
	st->queue = NULL;
	pthread_mutex_unlock(&st->queue_lock);
	for (struct request *r = list; r; r = r->next)
		intents = intents || has_intents(r->step);
	result = commit_list(st, list, intents, &err);
	pthread_mutex_unlock(&st->lock);

	pthread_mutex_lock(&st->queue_lock);
	for (struct request *r = list, *next; r; r = next) {
		next = r->next;	/* r is its thread's again as soon as the queue is unlocked */
		if (result < 0) {
			r->result = -1;
			r->err = err;
		}
		r->done = true;
	}
	st->leading = false;
	pthread_cond_broadcast(&st->queue_moved);
	pthread_mutex_unlock(&st->queue_lock);
}

int store_step(struct store *st, int64_t folder, const struct step *step, struct error *err)
{
	struct request me = {.folder = folder, .step = step};
	bool leader;

	pthread_mutex_lock(&st->queue_lock);
	me.next = st->queue;
	/* cppcheck-suppress autoVariables ; it leaves the list before this function returns */
	st->queue = &me;
	while (!me.done && st->leading)
		pthread_cond_wait(&st->queue_moved, &st->queue_lock);
	leader = !me.done;
	if (leader)
		st->leading = true;
	pthread_mutex_unlock(&st->queue_lock);
	if (leader)
		lead(st);
	if (me.result < 0 && err)
		*err = me.err;
	return me.result;
}

/* ---- settling ---- */

static int intents(struct store *st, int64_t folder, struct intents *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_INTENTS, ARGS(A_INT(folder)), err);

	if (sql_next(st, q, err) < 0)
		return -1;
	out->count = sql_u64(q, 0);
	out->floor = sql_u32(q, 1);
	out->newest = sqlite3_column_int64(q, 2);
	return 0;
}

int store_intents(struct store *st, int64_t folder, struct intents *out, struct error *err)
{
	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, intents(st, folder, out, err), err);
}

int store_intents_none(struct store *st, int64_t folder, struct error *err)
{
	int result;

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = sql_run(st, SQL_INTENTS_NONE, ARGS(A_INT(folder)), err);
	if (result == 0)
		result = sql_run(st, SQL_BATCH_SWEEP, NO_ARGS, err);
	return tx_end(st, result, err);
}

int store_unsettled(struct store *st, int64_t folder, const struct uid_set *set, struct error *err)
{
	int result;

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = sql_ranges(st, SQL_UNSETTLED, folder, set, err);
	if (result == 0)
		result = sql_run(st, SQL_BATCH_SWEEP, NO_ARGS, err);
	return tx_end(st, result, err);
}
