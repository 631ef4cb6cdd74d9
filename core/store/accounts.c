/* Runs and accounts. */
#include "core/store/sql.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"

/* ---- runs ---- */

int store_run_begin(struct store *st, const char *command, const char *job_digest, int64_t *run, struct error *err)
{
	int result;

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = sql_run(st, SQL_RUN_BEGIN, ARGS(A_TEXT(command), A_TEXT(job_digest), A_INT(clock_now())), err);
	if (result == 0)
		*run = st->run = sqlite3_last_insert_rowid(st->db);
	return tx_end(st, result, err);
}

int store_run_end(struct store *st, int64_t run, int exit, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, sql_run(st, SQL_RUN_END, ARGS(A_INT(run), A_INT(clock_now()), A_INT(exit)), err), err);
}

static int run_read(struct store *st, enum sql id, const struct arg *args, struct run *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, id, args, err);
	int got = sql_next(st, q, err);

	if (got <= 0)
		return got;
	out->id = sqlite3_column_int64(q, 0);
	snprintf(out->command, sizeof(out->command), "%s", sql_str(q, 1));
	snprintf(out->job_digest, sizeof(out->job_digest), "%s", sql_str(q, 2));
	out->started = sqlite3_column_int64(q, 3);
	out->finished = sqlite3_column_int64(q, 4);
	out->exit = sqlite3_column_int(q, 5);
	return 1;
}

int store_run_newest(struct store *st, bool any, struct run *out, struct error *err)
{
	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, run_read(st, SQL_RUN_NEWEST, ARGS(A_INT(any)), out, err), err);
}

int store_run_of(struct store *st, const char *command, struct run *out, struct error *err)
{
	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, run_read(st, SQL_RUN_OF, ARGS(A_TEXT(command)), out, err), err);
}

/* ---- accounts ---- */

/* Column `host` and the one behind it say who the side was. Host names know no case. */
static int same_side(sqlite3_stmt *q, int column, const char *const want[3], struct error *err)
{
	const char *host = sql_str(q, column), *user = sql_str(q, column + 1);

	if (strcasecmp(host, want[1]) == 0 && strcmp(user, want[2]) == 0)
		return 0;
	return error_set(err, ERR_USAGE, strcmp(want[0], "source") == 0
		? "its source was %s at %s in this state, the job says %s at %s: use another account name or another state"
		: "its target was %s at %s in this state, the job says %s at %s: use another account name or another state", user, host, want[2], want[1]);
}

/* 1: there is one. */
static int account_find(struct store *st, const struct account_key *key, struct account_row *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_ACCOUNT, ARGS(A_TEXT(key->name)), err);
	int got = sql_next(st, q, err);

	if (got <= 0)
		return got;
	out->id = sqlite3_column_int64(q, 0);
	out->source_signed_in = sqlite3_column_int(q, 1);
	out->target_signed_in = sqlite3_column_int(q, 2);
	out->target_keeps = sqlite3_column_int(q, 3);
	if (same_side(q, 4, (const char *const[]){"source", key->source_host, key->source_user}, err) < 0 ||
		same_side(q, 6, (const char *const[]){"target", key->target_host, key->target_user}, err) < 0)
		return error_at(err, "%s", key->name);
	return 1;
}

static bool in_job(const struct account_key *key, const char *name)
{
	for (const char *const *n = key->names; n && *n; n++)
		if (strcmp(*n, name) == 0)
			return true;
	return key->names == NULL;
}

/* The account that has these two mailboxes, and no name in the job any more. 1: there is one, and no other has them. */
static int account_before(struct store *st, const struct account_key *key, int64_t *id, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_ACCOUNT_SAME,
		ARGS(A_TEXT(key->source_host), A_TEXT(key->source_user), A_TEXT(key->target_host), A_TEXT(key->target_user)), err);
	int got, all = 0, left = 0;

	while ((got = sql_next(st, q, err)) > 0) {
		all++;
		left += !in_job(key, sql_str(q, 1));
		*id = sqlite3_column_int64(q, 0);
	}
	return got < 0 ? -1 : all == 1 && left == 1;
}

/* Not known by this name. 1: it was by another. */
static int account_renamed(struct store *st, const struct account_key *key, struct account_row *out, struct error *err)
{
	int64_t id = 0;
	int got = account_before(st, key, &id, err);

	if (got <= 0)
		return got;
	if (sql_run(st, SQL_ACCOUNT_RENAME, ARGS(A_INT(id), A_TEXT(key->name)), err) < 0)
		return -1;
	return account_find(st, key, out, err);
}

static int account(struct store *st, const struct account_key *key, struct account_row *out, struct error *err)
{
	int got = account_find(st, key, out, err);

	if (got == 0)
		got = account_renamed(st, key, out, err);
	if (got < 0)
		return -1;
	if (got == 0 && sql_run(st, SQL_ACCOUNT_ADD, ARGS(A_TEXT(key->name), A_TEXT(key->source_host), A_TEXT(key->source_user), A_TEXT(key->target_host),
		A_TEXT(key->target_user)), err) < 0)
		return -1;
	if (got == 0)
		out->id = sqlite3_last_insert_rowid(st->db);
	return sql_run(st, SQL_ACCOUNT_PROVIDERS, ARGS(A_INT(out->id), A_TEXT(key->source_provider ? key->source_provider : ""),
		A_TEXT(key->target_provider ? key->target_provider : "")), err);
}

int store_account(struct store *st, const struct account_key *key, struct account_row *out, struct error *err)
{
	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, account(st, key, out, err), err);
}

int store_signed_in(struct store *st, int64_t account, enum side side, const char *capabilities, struct error *err)
{
	enum sql id = side == SIDE_TARGET ? SQL_TARGET_SIGNED_IN : SQL_SOURCE_SIGNED_IN;

	if (side == SIDE_NONE)
		return error_set(err, ERR_BUG, "signed in to neither side");
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, sql_run(st, id, ARGS(A_INT(account), A_TEXT(capabilities)), err), err);
}

int store_target_keeps(struct store *st, int64_t account, int keeps, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, sql_run(st, SQL_TARGET_KEEPS, ARGS(A_INT(account), A_INT(keeps)), err), err);
}

int store_account_end(struct store *st, int64_t run, int64_t account, int exit, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, sql_run(st, SQL_ACCOUNT_END, ARGS(A_INT(run), A_INT(account), A_INT(exit)), err), err);
}

int store_account_last(struct store *st, const char *name, int *exit, struct error *err)
{
	int64_t number = -1;
	int result = sql_read_number(st, SQL_ACCOUNT_LAST, ARGS(A_TEXT(name)), &number, err);

	*exit = (int)number;
	return result;
}

int store_told_last(struct store *st, int64_t account, const char *code, bool *told, struct error *err)
{
	int64_t number = 0;
	int result = sql_read_number(st, SQL_TOLD_LAST, ARGS(A_INT(account), A_TEXT(code)), &number, err);

	*told = number;
	return result;
}
