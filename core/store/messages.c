/* The rows of a folder: which there are, and the states that no target has a part in. */
#include "core/store/sql.h"

#include <assert.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/store/minus.h"

/* ---- what the source holds ---- */

struct listing {
	struct uid_set fresh;	/* no row yet */
	struct uid_set gone;	/* rows not listed */
	struct uid_set back;	/* vanished rows listed again */
};

static void listing_free(struct listing *l)
{
	uid_set_free(&l->fresh);
	uid_set_free(&l->gone);
	uid_set_free(&l->back);
}

/* Compares rows and list, both in order. */
static int listing_make(struct store *st, int64_t folder, struct minus *walk, struct listing *out, struct error *err)
{
	uint64_t end = walk->next;
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_ROWS, ARGS(A_INT(folder), A_INT(end)), err);
	int got;

	walk->next = 0;
	while ((got = sql_next(st, q, err)) > 0) {
		uint32_t uid = sql_u32(q, 0);
		bool vanished = sqlite3_column_int(q, 1) == STATE_VANISHED;
		bool there = minus_pass(walk, uid);

		if (there && vanished)
			uid_set_add(&out->back, uid, uid);
		if (!there && !vanished)
			uid_set_add(&out->gone, uid, uid);
	}
	minus_end(walk, end);
	return got;
}

static int listed_rows(struct store *st, int64_t folder, const struct minus *listed, struct listed *out, struct error *err)
{
	CLEANUP(listing_free) struct listing l = {0};
	struct minus walk = *listed;

	walk.left = &l.fresh;
	if (listing_make(st, folder, &walk, &l, err) < 0 || sql_ranges(st, SQL_ADD, folder, &l.fresh, err) < 0 ||
		sql_ranges(st, SQL_VANISH, folder, &l.gone, err) < 0 || sql_ranges(st, SQL_BACK, folder, &l.back, err) < 0 ||
		sql_run(st, SQL_MEND, ARGS(A_INT(folder)), err) < 0)
		return -1;
	out->fresh = uid_set_size(&l.fresh);
	out->vanished = uid_set_size(&l.gone);
	out->back = uid_set_size(&l.back);
	return 0;
}

int store_listed(struct store *st, int64_t folder, const struct uid_set *listed, uint32_t next, struct listed *out, struct error *err)
{
	/* A server that does not tell UIDNEXT means all it lists. */
	const struct minus all = {.set = listed, .next = next ? next : (uint64_t)UINT32_MAX + 1};

	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, listed_rows(st, folder, &all, out, err), err);
}

/* ---- which rows ---- */

static const enum sql which_text[] = {SQL_PENDING, SQL_HEADLESS, SQL_DOUBTFUL, SQL_SKIPPED, SQL_THERE, SQL_NOT_UNIQUE, SQL_UNSCANNED, SQL_TWINS,
	SQL_GONE, SQL_DELETED, SQL_DUPLICATES, SQL_DUPLICATES_OPEN, SQL_UNPLACED, SQL_UNSURE,
	SQL_ELSEWHERE, SQL_LABELLED, SQL_VERIFIED_UIDS};
static_assert(sizeof(which_text) / sizeof(which_text[0]) == WHICH_VERIFIED + 1, "a statement for each");

static int uids(struct store *st, enum sql id, const struct arg *args, struct uid_set *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, id, args, err);
	int got;

	while ((got = sql_next(st, q, err)) > 0)
		uid_set_add(out, sql_u32(q, 0), sql_u32(q, 0));
	return got;
}

int store_uids(struct store *st, int64_t folder, enum which which, struct uid_set *out, struct error *err)
{
	uid_set_reset(out);
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, uids(st, which_text[which], ARGS(A_INT(folder)), out, err), err);
}

int store_larger(struct store *st, int64_t folder, uint64_t bytes, struct uid_set *out, struct error *err)
{
	uid_set_reset(out);
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, uids(st, SQL_LARGER, ARGS(A_INT(folder), A_INT(bytes)), out, err), err);
}

static int some(struct store *st, enum sql id, const struct arg *args, struct uid_set *out, struct error *err)
{
	uid_set_reset(out);
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, uids(st, id, args, out, err), err);
}

int store_suspects(struct store *st, int64_t folder, uint64_t bytes, unsigned most, struct uid_set *out, struct error *err)
{
	return some(st, SQL_SUSPECTS, ARGS(A_INT(folder), A_INT(bytes), A_INT(most)), out, err);
}

int store_newest(struct store *st, int64_t folder, uint64_t bytes, unsigned most, struct uid_set *out, struct error *err)
{
	return some(st, SQL_NEWEST, ARGS(A_INT(folder), A_INT(bytes), A_INT(most)), out, err);
}

/* ---- changes ---- */

static int scanned(struct store *st, int64_t folder, struct mail *const *mails, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct arg args[2 + SQL_MAIL_ARGS + 1] = {A_INT(folder), A_INT(mails[i]->uid)};

		sql_mail(args + 2, mails[i]);
		if (sql_run(st, SQL_SCANNED, args, err) < 0 || sql_sender(st, folder, mails[i], err) < 0)
			return -1;
	}
	return 0;
}

int store_scanned(struct store *st, int64_t folder, struct mail *const *mails, size_t count, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, scanned(st, folder, mails, count, err), err);
}

static int change(struct store *st, enum sql id, int64_t folder, const struct uid_set *set, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, sql_ranges(st, id, folder, set, err), err);
}

static int skip(struct store *st, int64_t folder, const struct uid_set *set, enum reason reason, struct error *err)
{
	for (size_t i = 0; i < set->count; i++)
		if (sql_run(st, SQL_SKIP, ARGS(A_INT(folder), A_INT(set->range[i].first), A_INT(set->range[i].last), A_INT(reason)), err) < 0)
			return -1;
	return 0;
}

static int planned(struct store *st, int64_t folder, const struct uid_set *skip, const struct uid_set *again, struct error *err)
{
	if (sql_run(st, SQL_PLANNED_BACK, ARGS(A_INT(folder)), err) < 0 || sql_ranges(st, SQL_PLANNED_FORGET, folder, again, err) < 0 ||
		sql_ranges(st, SQL_PLANNED_AGAIN, folder, again, err) < 0)
		return -1;
	return sql_ranges(st, SQL_PLANNED_SKIP, folder, skip, err);
}

int store_planned(struct store *st, int64_t folder, const struct uid_set *skip, const struct uid_set *again, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, planned(st, folder, skip, again, err), err);
}

int store_skip(struct store *st, int64_t folder, const struct uid_set *set, enum reason reason, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, skip(st, folder, set, reason, err), err);
}

int store_filter(struct store *st, int64_t folder, const struct filter *f, struct error *err)
{
	const struct arg *args = ARGS(A_INT(folder), A_INT(f->since), A_INT(f->before), A_INT(f->max_size), A_INT(f->deleted));
	int result;

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = sql_run(st, SQL_FILTER_IN, args, err);
	if (result == 0)
		result = sql_run(st, SQL_FILTER_OUT, args, err);
	return tx_end(st, result, err);
}

int store_again(struct store *st, int64_t folder, const struct uid_set *set, struct error *err)
{
	return change(st, SQL_AGAIN, folder, set, err);
}

int store_vanish(struct store *st, int64_t folder, const struct uid_set *set, struct error *err)
{
	return change(st, SQL_VANISH, folder, set, err);
}

int store_unplace(struct store *st, int64_t folder, const struct uid_set *set, struct error *err)
{
	int result;

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = sql_ranges(st, SQL_UNPLACE, folder, set, err);
	if (result == 0) /* who finds another place was not compared there */
		result = sql_run(st, SQL_UNSEAL, ARGS(A_INT(folder)), err);
	return tx_end(st, result, err);
}

int store_refuse(struct store *st, int64_t folder, uint32_t uid, struct error *err)
{
	int result;

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = sql_run(st, SQL_REFUSE, ARGS(A_INT(folder), A_INT(uid)), err);
	if (result == 0)
		result = sql_run(st, SQL_BATCH_SWEEP, NO_ARGS, err);
	return tx_end(st, result, err);
}

int store_flags(struct store *st, int64_t folder, uint32_t uid, const struct flags *flags, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, sql_run(st, SQL_FLAGS, ARGS(A_INT(folder), A_INT(uid), A_INT(flags->system), A_TEXT(flags->keywords)), err), err);
}
