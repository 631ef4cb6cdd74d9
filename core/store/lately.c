/* Is the old mailbox still in use: how old its check is, when mail came, and from whom. */
#include "core/store/sql.h"

#include <string.h>

#include "core/base/alloc.h"

static int past(struct store *st, int64_t account, int64_t run, struct store_past *out, struct error *err)
{
	int64_t before = 0;

	if (sql_number(st, SQL_VERIFIED_AT, ARGS(A_INT(account)), &out->verified_at, err) < 0 ||
		sql_number(st, SQL_RUN_BEFORE, ARGS(A_INT(account), A_INT(run)), &before, err) < 0)
		return -1;
	out->before = before;
	return 0;
}

int store_past(struct store *st, int64_t account, int64_t run, struct store_past *out, struct error *err)
{
	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, past(st, account, run, out, err), err);
}

struct senders {
	int64_t account, since, run;
	int (*each)(void *ctx, const char *address, uint64_t mails, int64_t last);
	void *ctx;
};

static int senders(struct store *st, const struct senders *s, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_EACH_SENDER, ARGS(A_INT(s->account), A_INT(s->since), A_INT(s->run)), err);
	int got;

	while ((got = sql_next(st, q, err)) > 0)
		if (s->each(s->ctx, sql_str(q, 0), sql_u64(q, 1), sqlite3_column_int64(q, 2)) < 0)
			return 0;
	return got;
}

int store_each_sender(struct store *st, int64_t account, int64_t since, int64_t run, int (*each)(void *ctx, const char *address, uint64_t mails, int64_t last),
	void *ctx, struct error *err)
{
	const struct senders s = {account, since, run, each, ctx};

	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, senders(st, &s, err), err);
}

struct months {
	int64_t account;
	int (*each)(void *ctx, int year, int month, const uint64_t count[2]);
	void *ctx;
};

static int months(struct store *st, const struct months *m, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_EACH_MONTH, ARGS(A_INT(m->account)), err);
	int got;

	while ((got = sql_next(st, q, err)) > 0)
		if (m->each(m->ctx, sqlite3_column_int(q, 0), sqlite3_column_int(q, 1), (const uint64_t[2]){sql_u64(q, 2), sql_u64(q, 3)}) < 0)
			return 0;
	return got;
}

int store_each_month(struct store *st, int64_t account, int (*each)(void *ctx, int year, int month, const uint64_t count[2]), void *ctx, struct error *err)
{
	const struct months m = {account, each, ctx};

	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, months(st, &m, err), err);
}
