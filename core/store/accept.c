/* What a person decides: problems that can be lived with, refused mail that is tried again. */
#include "core/store/sql.h"

#include <assert.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"

static const char *const codes[][3] = {
	[ACCEPT_REFUSED] = {"message-refused", "message-unreadable", "too-big"},
	[ACCEPT_ALTERED] = {"message-altered"},
	[ACCEPT_DOUBLED] = {"message-doubled"},
	[ACCEPT_SHRUNK] = {"source-shrunk", "target-shrunk", "drift"},
};
static_assert(sizeof(codes) / sizeof(codes[0]) == ACCEPT_SHRUNK + 1, "codes of every kind");

struct ids {
	int64_t *id;
	size_t count, cap;
};

static int take(void *ctx, const struct report_account *a)
{
	struct ids *ids = ctx;

	ids->id = x_room(ids->id, ids->count, &ids->cap, sizeof(*ids->id));
	ids->id[ids->count++] = a->id;
	return 0;
}

static int accept_one(struct store *st, int64_t run, int64_t account, enum accepted kind, const char *user, uint64_t *count, struct error *err)
{
	const char *const *code = codes[kind];
	int result;

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = sql_run(st, SQL_ACCEPT, ARGS(A_INT(run), A_INT(account), A_TEXT(code[0]), A_TEXT(code[1]), A_TEXT(code[2]), A_INT(clock_now()),
		A_TEXT(user)), err);
	*count += result == 0 ? sql_changed(st) : 0;
	return tx_end(st, result, err);
}

int store_accept(struct store *st, int64_t account, enum accepted kind, const char *user, uint64_t *count, struct error *err)
{
	struct ids ids = {0};
	struct run run;
	int found = store_run_newest(st, false, &run, err), result = found < 0 ? -1 : 0;

	*count = 0;
	if (found > 0)
		result = store_each_account(st, run.id, take, &ids, err);
	for (size_t i = 0; result == 0 && i < ids.count; i++)
		if (account == 0 || account == ids.id[i])
			result = accept_one(st, run.id, ids.id[i], kind, user, count, err);
	x_free(&ids.id);
	return result;
}

int store_accepted(struct store *st, int64_t account, const char *code, bool *accepted, struct error *err)
{
	int64_t at = 0;
	int result;

	*accepted = false;
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	result = sql_number(st, SQL_ACCEPTED, ARGS(A_INT(account), A_TEXT(code)), &at, err);
	*accepted = result > 0;
	return tx_end(st, result < 0 ? -1 : 0, err);
}

int store_accepted_forget(struct store *st, int64_t account, const char *code, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, sql_run(st, SQL_ACCEPTED_FORGET, ARGS(A_INT(account), A_TEXT(code)), err), err);
}

int store_refused_again(struct store *st, int64_t account, uint64_t *count, struct error *err)
{
	int result;

	*count = 0;
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = sql_run(st, SQL_REFUSED_FORGET, ARGS(A_INT(account)), err);
	if (result == 0)
		result = sql_run(st, SQL_REFUSED_AGAIN, ARGS(A_INT(account)), err);
	*count = result == 0 ? sql_changed(st) : 0;
	return tx_end(st, result, err);
}
