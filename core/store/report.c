/* What reports read: the ledger, findings, and walks over accounts, folders and problems. */
#include "core/store/sql.h"

#include <string.h>

#include "core/base/alloc.h"

/* ---- numbers ---- */

/* A row of the folder or of one that it supersedes. */
static void count_row(sqlite3_stmt *q, int64_t folder, struct counting k, struct counts *out)
{
	int64_t state = sqlite3_column_int64(q, 0), origin = sqlite3_column_int64(q, 1), checked = sqlite3_column_int64(q, 2), reason = sqlite3_column_int64(q, 5);
	bool there = state == STATE_COPIED || state == STATE_VERIFIED, waits = state == STATE_PENDING || state == STATE_INTENDED;
	bool elsewhere = state == STATE_SKIPPED && (reason == REASON_ELSEWHERE || reason == REASON_ELSEWHERE_SAME);
	struct ledger *l = &out->ledger;
	struct verified *v = &out->verified;

	l->source++;
	l->copied += there && origin == ORIGIN_OURS;
	l->already_there += there && origin == ORIGIN_THERE;
	l->skipped += state == STATE_SKIPPED;
	l->refused += state == STATE_REFUSED;
	l->vanished += state == STATE_VANISHED;
	l->pending += waits;
	l->copied_now += there && origin == ORIGIN_OURS && sqlite3_column_int64(q, 3) == k.run;
	out->bytes += there ? sql_u64(q, 4) : 0;
	out->bytes_pending += waits ? sql_u64(q, 4) : 0;
	out->elsewhere += elsewhere;
	v->identical += there && checked == CHECKED_IDENTICAL;
	v->rewritten += there && checked == CHECKED_REWRITTEN;
	v->altered += there && checked == CHECKED_ALTERED;
	v->missing += there && checked == CHECKED_MISSING;
	v->gone += there && checked == CHECKED_GONE;
	if (elsewhere || sqlite3_column_int64(q, 7) != folder || sqlite3_column_type(q, 6) == SQLITE_NULL)
		return;
	int64_t date = sqlite3_column_int64(q, 6);

	out->newest = out->newest && out->newest > date ? out->newest : date;
	out->lately += date >= k.since;
}

static int count_rows(struct store *st, int64_t folder, struct counting k, struct counts *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_COUNTED, ARGS(A_INT(folder)), err);
	int got;

	while ((got = sql_next(st, q, err)) > 0)
		count_row(q, folder, k, out);
	return got;
}

/* Of an excluded folder also what has no row; what the last verification found. */
static int count_folder(struct store *st, int64_t folder, struct counts *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_COUNTED_FOLDER, ARGS(A_INT(folder)), err);
	struct verified *v = &out->verified;
	int got = sql_next(st, q, err);

	if (got <= 0)
		return got;
	v->any = sqlite3_column_int(q, 0);
	v->deep = sqlite3_column_int(q, 1);
	v->sampled = sql_u64(q, 2);
	v->target_only = sql_u64(q, 3);
	v->doubled = sql_u64(q, 4);
	v->quiet = sqlite3_column_int64(q, 5) < 0 ? v->identical + v->rewritten : sql_u64(q, 5);
	out->ledger.source += sql_u64(q, 6);
	out->ledger.skipped += sql_u64(q, 6);
	if (!sqlite3_column_int(q, 7))
		out->elsewhere = 0;
	return 0;
}

/* A run may be writing beside us: all is of one moment. */
int store_counts(struct store *st, int64_t folder, struct counting k, struct counts *out, struct error *err)
{
	int result;

	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	result = count_rows(st, folder, k, out, err);
	if (result == 0)
		result = count_folder(st, folder, out, err);
	return tx_end(st, result, err);
}

static int standing(struct store *st, int64_t folder, int64_t run, struct standing *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_STANDING, ARGS(A_INT(folder), A_INT(run)), err);

	if (sql_next(st, q, err) < 0)
		return -1;
	*out = (struct standing){sql_u64(q, 0), sql_u64(q, 1), sql_u64(q, 2)};
	return 0;
}

int store_standing(struct store *st, int64_t folder, int64_t run, struct standing *out, struct error *err)
{
	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, standing(st, folder, run, out, err), err);
}

/* ---- walks ---- */

struct walk {
	enum sql id;
	/* Hands the row to the caller's function. */
	int (*row)(const struct walk *, sqlite3_stmt *);
	union {
		int (*account)(void *, const struct report_account *);
		int (*folder)(void *, const struct report_folder *);
		int (*problem)(void *, const struct problem *);
	} each;
	void *ctx;
};

static int walk_rows(struct store *st, const struct walk *w, const struct arg *args, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, w->id, args, err);
	int got;

	while ((got = sql_next(st, q, err)) > 0)
		if (w->row(w, q) < 0)
			return 0;
	return got;
}

static int walk(struct store *st, const struct walk *w, const struct arg *args, struct error *err)
{
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, walk_rows(st, w, args, err), err);
}

static int account_row(const struct walk *w, sqlite3_stmt *q)
{
	struct report_account a = {.id = sqlite3_column_int64(q, 0), .name = sql_str(q, 1), .source_host = sql_str(q, 2),
		.source_user = sql_str(q, 3), .target_host = sql_str(q, 4), .target_user = sql_str(q, 5), .source_capabilities = sql_str(q, 6),
		.target_capabilities = sql_str(q, 7), .exit = sqlite3_column_int(q, 8), .source_provider = sql_str(q, 9), .target_provider = sql_str(q, 10)};

	return w->each.account(w->ctx, &a);
}

int store_each_account(struct store *st, int64_t run, int (*each)(void *ctx, const struct report_account *), void *ctx, struct error *err)
{
	const struct walk w = {.id = SQL_EACH_ACCOUNT, .row = account_row, .each.account = each, .ctx = ctx};

	return walk(st, &w, ARGS(A_INT(run)), err);
}

static int folder_row(const struct walk *w, sqlite3_stmt *q)
{
	struct report_folder f = {.id = sqlite3_column_int64(q, 0), .source = sql_str(q, 1), .target = sql_str(q, 2), .role = sql_str(q, 3),
		.why = sql_str(q, 4), .validity = sql_u32(q, 5), .listed = sqlite3_column_int(q, 6) != 0};

	return w->each.folder(w->ctx, &f);
}

int store_each_folder(struct store *st, int64_t account, int (*each)(void *ctx, const struct report_folder *), void *ctx, struct error *err)
{
	const struct walk w = {.id = SQL_EACH_FOLDER, .row = folder_row, .each.folder = each, .ctx = ctx};

	return walk(st, &w, ARGS(A_INT(account)), err);
}

static int problem_row(const struct walk *w, sqlite3_stmt *q)
{
	struct problem p = {.account = sqlite3_column_int64(q, 0), .folder = sqlite3_column_int64(q, 1), .uid = sql_u32(q, 2),
		.side = (enum side)sqlite3_column_int(q, 3), .severity = sql_str(q, 4), .code = sql_str(q, 5), .text = sql_str(q, 6),
		.hint = sql_str(q, 7), .message_id = sql_str(q, 8), .file = sql_str(q, 9),
		.accepted = sqlite3_column_int64(q, 10), .accepted_by = sql_str(q, 11)};

	return w->each.problem(w->ctx, &p);
}

int store_each_problem(struct store *st, int64_t run, int64_t account, int (*each)(void *ctx, const struct problem *), void *ctx,
	struct error *err)
{
	const struct walk w = {.id = SQL_EACH_PROBLEM, .row = problem_row, .each.problem = each, .ctx = ctx};

	return walk(st, &w, ARGS(A_INT(run), A_INT(account)), err);
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

int store_problem(struct store *st, int64_t run, const struct problem *p, struct error *err)
{
	int result;

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = sql_run(st, SQL_PROBLEM, ARGS(A_INT(p->account), A_INT(p->folder), A_INT(p->uid), A_TEXT(p->code), A_INT(run), A_INT(p->side),
		A_TEXT(p->severity), A_TEXT(or_empty(p->text)), A_TEXT(or_empty(p->hint)), A_TEXT(or_empty(p->message_id)),
		A_TEXT(or_empty(p->file))), err);
	return tx_end(st, result, err);
}
