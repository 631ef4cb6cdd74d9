/* What a verification reads and what it found. */
#include "core/store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

/* ---- rows to compare ---- */

struct rows {
	struct placed *row;
	size_t count, cap;
};

static int placed(struct store *st, int64_t folder, const struct uid_range *range, struct rows *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_PLACED, ARGS(A_INT(folder), A_INT(range->first), A_INT(range->last)), err);
	int got;

	while ((got = sql_next(st, q, err)) > 0) {
		struct flags flags = {.system = sql_u32(q, 4), .keywords = (char *)sqlite3_column_text(q, 5)};
		struct placed *row;

		out->row = x_room(out->row, out->count, &out->cap, sizeof(*out->row));
		row = &out->row[out->count++];
		memset(row, 0, sizeof(*row));
		row->uid = sql_u32(q, 0);
		row->target_uid = sql_u32(q, 1);
		row->state = (enum state)sqlite3_column_int(q, 2);
		row->checked = (enum checked)sqlite3_column_int(q, 3);
		row->origin = (enum origin)sqlite3_column_int(q, 6);
		row->flags.system = flags.system;
		row->flags.keywords = flags.keywords ? x_strdup(flags.keywords) : NULL;
	}
	return got;
}

int store_placed_of(struct store *st, int64_t folder, const struct uid_set *uids, struct placed **out, size_t *count, struct error *err)
{
	struct rows rows = {0};
	int result = 0;

	*out = NULL;
	*count = 0;
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	for (size_t i = 0; result == 0 && i < uids->count; i++)
		result = placed(st, folder, &uids->range[i], &rows, err);
	result = tx_end(st, result, err);
	if (result < 0) {
		placed_free(rows.row, rows.count);
		return -1;
	}
	*out = rows.row;
	*count = rows.count;
	return 0;
}

int store_placed(struct store *st, int64_t folder, uint32_t first, uint32_t last, struct placed **out, size_t *count, struct error *err)
{
	CLEANUP(uid_set_free) struct uid_set range = {0};

	uid_set_add(&range, first, last);
	return store_placed_of(st, folder, &range, out, count, err);
}

void placed_free(struct placed *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		flags_free(&rows[i].flags);
	free(rows);
}

/* ---- findings ---- */

struct comparison {
	int64_t folder;
	uint32_t first, last;
	const struct finding *odd;
	size_t count;
};

static int identical(struct store *st, int64_t folder, uint64_t first, uint64_t last, struct error *err)
{
	return first > last ? 0 : sql_run(st, SQL_IDENTICAL, ARGS(A_INT(folder), A_INT(first), A_INT(last)), err);
}

static int odd(struct store *st, int64_t folder, const struct finding *f, struct error *err)
{
	return sql_run(st, SQL_ODD, ARGS(A_INT(folder), A_INT(f->uid), A_INT(f->checked)), err);
}

/* The gaps between the odd ones are identical. Of no range, only the odd ones are told. */
static int compared(struct store *st, const struct comparison *c, struct error *err)
{
	uint64_t next = c->first;

	for (size_t i = 0; c->first > c->last && i < c->count; i++)
		if (odd(st, c->folder, &c->odd[i], err) < 0)
			return -1;
	if (c->first > c->last)
		return 0;
	for (size_t i = 0; i < c->count; i++) {
		const struct finding *f = &c->odd[i];

		if (f->uid < next || f->uid > c->last)
			return error_set(err, ERR_BUG, "finding of uid %u is out of order", f->uid);
		if (identical(st, c->folder, next, (uint64_t)f->uid - 1, err) < 0 ||
			odd(st, c->folder, f, err) < 0)
			return -1;
		next = (uint64_t)f->uid + 1;
	}
	return identical(st, c->folder, next, c->last, err);
}

int store_compared(struct store *st, int64_t folder, uint32_t first, uint32_t last, const struct finding *odd, size_t count, struct error *err)
{
	struct comparison c = {.folder = folder, .first = first, .last = last, .odd = odd, .count = count};

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, compared(st, &c, err), err);
}

static int measured(struct store *st, int64_t folder, const struct measured *mails, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (sql_run(st, SQL_SIZES, ARGS(A_INT(folder), A_INT(mails[i].uid), A_INT(mails[i].source), A_INT(mails[i].target)), err) < 0)
			return -1;
	return 0;
}

int store_measured(struct store *st, int64_t folder, const struct measured *mails, size_t count, struct error *err)
{
	if (count == 0)
		return 0;
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, measured(st, folder, mails, count, err), err);
}

/* ---- doubles ---- */

int store_claims_vanished(struct store *st, int64_t mailbox, bool *any, struct error *err)
{
	int64_t found = 0;
	int result = sql_read_number(st, SQL_CLAIMS_VANISHED, ARGS(A_INT(mailbox)), &found, err);

	*any = found != 0;
	return result;
}

static int claimed_vanished(struct store *st, int64_t mailbox, struct uid_set *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_CLAIMED_VANISHED, ARGS(A_INT(mailbox)), err);
	int got;

	while ((got = sql_next(st, q, err)) > 0)
		uid_set_add(out, sql_u32(q, 0), sql_u32(q, 0));
	return got;
}

int store_void_vanished(struct store *st, int64_t mailbox, const struct uid_set *there, struct error *err)
{
	CLEANUP(uid_set_free) struct uid_set claimed = {0}, absent = {0};
	int result;

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = claimed_vanished(st, mailbox, &claimed, err);
	uid_set_minus(&absent, &claimed, there);
	for (size_t i = 0; i < absent.count; i++)
		for (uint64_t u = absent.range[i].first; result == 0 && u <= absent.range[i].last; u++)
			result = sql_run(st, SQL_CLAIM_VOID, ARGS(A_INT(mailbox), A_INT(u)), err);
	return tx_end(st, result, err);
}

static int doubles(struct store *st, const struct arg *args, struct double_row **out, size_t *count, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_DOUBLES, args, err);
	size_t cap = 0;
	int got;

	while ((got = sql_next(st, q, err)) > 0) {
		*out = x_room(*out, *count, &cap, sizeof(**out));
		(*out)[(*count)++] = (struct double_row){.target_uid = sql_u32(q, 0), .uid = sql_u32(q, 1)};
	}
	return got;
}

int store_doubles(struct store *st, int64_t folder, uint32_t floor, struct double_row **out, size_t *count, struct error *err)
{
	int64_t mailbox = 0;
	int result;

	*out = NULL;
	*count = 0;
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	result = sql_folder_mailbox(st, folder, &mailbox, err);
	if (result == 0)
		result = doubles(st, ARGS(A_INT(folder), A_INT(mailbox), A_INT(floor)), out, count, err);
	return tx_end(st, result, err);
}

int store_folder_checked(struct store *st, int64_t run, int64_t folder, const struct folder_checked *found, struct error *err)
{
	int result;

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	if (found->done)
		result = sql_run(st, SQL_CHECKED, ARGS(A_INT(folder), A_INT(run), A_INT(found->deep), A_INT(found->sampled), A_INT(found->target_only),
			A_INT(found->doubled), A_INT(found->quiet)), err);
	else
		result = sql_run(st, SQL_UNCHECKED, ARGS(A_INT(folder)), err);
	return tx_end(st, result, err);
}

/* ---- seals ---- */

int store_seal(struct store *st, int64_t run, int64_t folder, const char *seal, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, sql_run(st, SQL_SEAL, ARGS(A_INT(folder), A_INT(run), A_TEXT(seal)), err), err);
}

/* 1: of the folder's mail nothing is left to be done or looked at. */
static int in_order(struct store *st, int64_t folder, struct standing *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_SEALED_ROWS, ARGS(A_INT(folder)), err);

	if (sql_next(st, q, err) < 0)
		return -1;
	*out = (struct standing){.skipped = sql_u64(q, 1), .before = sql_u64(q, 2)};
	return sql_u64(q, 0) == 0;
}

static int sealed(struct store *st, int64_t folder, const char *seal, struct standing *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_SEAL_READ, ARGS(A_INT(folder)), err);
	int got = sql_next(st, q, err);

	return got <= 0 ? got : strcmp(sql_str(q, 0), seal) != 0 ? 0 : in_order(st, folder, out, err);
}

int store_sealed(struct store *st, int64_t run, int64_t folder, const char *seal, struct standing *out, struct error *err)
{
	int got;

	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	got = sealed(st, folder, seal, out, err);
	if (got > 0 && sql_run(st, SQL_CHECKED_AGAIN, ARGS(A_INT(folder), A_INT(run)), err) < 0)
		got = -1;
	return tx_end(st, got, err);
}

static int unseal(struct store *st, int64_t folder, char *out, size_t len, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_SEAL_READ, ARGS(A_INT(folder)), err);
	struct standing standing;
	int got = sql_next(st, q, err);

	if (got > 0 && (size_t)snprintf(out, len, "%s", sql_str(q, 0)) >= len)
		got = 0;
	if (got > 0)
		got = in_order(st, folder, &standing, err);
	return got < 0 || sql_run(st, SQL_UNSEAL, ARGS(A_INT(folder)), err) < 0 ? -1 : got;
}

int store_unseal(struct store *st, int64_t folder, char *out, size_t len, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, unseal(st, folder, out, len, err), err);
}

static int quiet(struct store *st, int64_t folder, const struct quiet *known, struct uid_set *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_QUIET, ARGS(A_INT(folder)), err);
	CLEANUP(uid_set_free) struct uid_set all = {0}, newest = {0};
	uint32_t uid = 0, highest = 0, highest_of = 0;
	int got;

	while ((got = sql_next(st, q, err)) > 0) {
		uint32_t target_uid = sql_u32(q, 1);

		uid = sql_u32(q, 0);
		if (target_uid > highest) {
			highest = target_uid;
			highest_of = uid;
		}
		if (!uid_set_has(known->source_changed, uid) && uid_set_has(known->there, target_uid) && !uid_set_has(known->target_changed, target_uid))
			uid_set_add(&all, uid, uid);
	}
	uid_set_add(&newest, uid, uid);
	uid_set_add(&newest, highest_of, highest_of);
	uid_set_minus(out, &all, &newest);
	return got;
}

int store_quiet(struct store *st, int64_t folder, const struct quiet *known, struct uid_set *out, struct error *err)
{
	uid_set_reset(out);
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, quiet(st, folder, known, out, err), err);
}
