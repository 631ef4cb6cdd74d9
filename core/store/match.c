/* "Same mail?" in SQL: rows of a folder and mails seen in the target mailbox are paired as multisets. */
#include "core/store/sql.h"

#include <string.h>

#include "core/base/alloc.h"
#include "core/base/crash.h"
#include "core/store/minus.h"

/* ---- candidates ---- */

static int unclaimed(struct store *st, int64_t mailbox, int64_t folder, struct minus *walk, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_CLAIMED, ARGS(A_INT(folder), A_INT(mailbox)), err);
	int got;

	while ((got = sql_next(st, q, err)) > 0)
		minus_pass(walk, sql_u32(q, 0));
	minus_end(walk, (uint64_t)UINT32_MAX + 1);
	return got;
}

int store_unclaimed(struct store *st, int64_t mailbox, int64_t folder, const struct uid_set *present, struct uid_set *out, struct error *err)
{
	struct minus walk = {.set = present, .left = out};

	uid_set_reset(out);
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, unclaimed(st, mailbox, folder, &walk, err), err);
}

static int candidates(struct store *st, int64_t mailbox, struct mail *const *mails, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct arg args[2 + SQL_MAIL_ARGS + 1] = {A_INT(mailbox), A_INT(mails[i]->uid)};

		sql_mail(args + 2, mails[i]);
		if (sql_run(st, SQL_CANDIDATE, args, err) < 0)
			return -1;
	}
	return 0;
}

int store_candidates(struct store *st, int64_t mailbox, struct mail *const *mails, size_t count, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, candidates(st, mailbox, mails, count, err), err);
}

/* Mostly they are of this mailbox alone: then their pages go at once, not row by row. */
static int forget(struct store *st, int64_t mailbox, struct error *err)
{
	int64_t others = 0;

	if (sql_number(st, SQL_CANDIDATES_OTHER, ARGS(A_INT(mailbox)), &others, err) < 0)
		return -1;
	if (sql_run(st, SQL_PROMISES_FORGET, ARGS(A_INT(mailbox)), err) < 0)
		return -1;
	return others ? sql_run(st, SQL_CANDIDATES_FORGET, ARGS(A_INT(mailbox)), err) : sql_run(st, SQL_CANDIDATES_CLEAR, NO_ARGS, err);
}

int store_candidates_forget(struct store *st, int64_t mailbox, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, forget(st, mailbox, err), err);
}

/* ---- pairs ---- */

struct matching {
	int64_t folder, mailbox;
	uint32_t floor;
	enum match what;
	bool core_counts;
};
#define MATCHING_ARGS(m) ARGS(A_INT((m)->folder), A_INT((m)->mailbox), A_INT((m)->floor), A_INT((m)->what))

/* Twins are no pairs yet, for their bodies have to tell; those of one date are promised to each other. */
static int leave_twins(struct store *st, const struct matching *m, enum sql pairing, struct error *err)
{
	if (pairing != SQL_PAIR_EXACT)
		return sql_run(st, SQL_PAIR_TWINS, MATCHING_ARGS(m), err);
	if (sql_run(st, SQL_PAIR_PROMISE, MATCHING_ARGS(m), err) < 0)
		return -1;
	return sql_run(st, SQL_PAIR_PROMISED, ARGS(A_INT(m->folder), A_INT(m->mailbox)), err);
}

/* One grade: `pairing` fills the table of pairs. *count: rows that got a claim. *twins: the most of any grade. */
static int match_grade(struct store *st, const struct matching *m, enum sql pairing, uint64_t *count, uint64_t *twins, struct error *err)
{
	if (sql_run(st, SQL_PAIR_CLEAR, NO_ARGS, err) < 0 || sql_run(st, pairing, MATCHING_ARGS(m), err) < 0 || leave_twins(st, m, pairing, err) < 0)
		return -1;
	*twins = sql_changed(st) > *twins ? sql_changed(st) : *twins;
	if (sql_run(st, SQL_PAIR_HEIR, ARGS(A_INT(m->mailbox)), err) < 0 || sql_run(st, SQL_PAIR_RELEASE, ARGS(A_INT(m->mailbox)), err) < 0 ||
		sql_run(st, SQL_PAIR_CLAIM, MATCHING_ARGS(m), err) < 0)
		return -1;
	*count = sql_changed(st);
	return 0;
}

static int match_grades(struct store *st, const struct matching *m, struct matched *out, struct error *err)
{
	uint64_t exact = 0;

	/* of doubles that differ in their date only, each finds its own */
	if (match_grade(st, m, SQL_PAIR_EXACT, &exact, &out->twins, err) < 0 ||
		match_grade(st, m, SQL_PAIR_HEADER, &out->header, &out->twins, err) < 0)
		return -1;
	out->header += exact;
	return m->core_counts ? match_grade(st, m, SQL_PAIR_CORE, &out->core, &out->twins, err) : 0;
}

/* Rows of superseded folders whose mail we brought and lost sight of: both sides were renumbered, it is looked for in another mailbox, or the
   run died before the answer. They find their mail first, so that whoever inherits it knows that it is ours. */
static int match_superseded(struct store *st, const struct matching *m, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_WAITING, ARGS(A_INT(m->folder)), err);
	struct matching old = *m;
	struct matched ignored = {0};
	int got;

	old.floor = 1;
	while ((got = sql_next(st, q, err)) > 0) {
		old.folder = sqlite3_column_int64(q, 0);
		old.what = MATCH_UNPLACED;
		if (match_grades(st, &old, &ignored, err) < 0)
			return -1;
		old.what = MATCH_INTENDED;
		if (m->what == MATCH_PENDING && match_grades(st, &old, &ignored, err) < 0)
			return -1;
	}
	return got;
}

/* Mail that was verified, has got another UID at the source, and lies at the target no more: it is not sent anew for that. */
static int match_gone(struct store *st, const struct matching *m, struct error *err)
{
	if (sql_run(st, SQL_HEIRS, ARGS(A_INT(m->folder), A_INT(m->mailbox)), err) < 0 || sql_run(st, SQL_HEIR_TAKES, ARGS(A_INT(m->folder)), err) < 0 ||
		sql_run(st, SQL_HEIRS_END, NO_ARGS, err) < 0)
		return -1;
	return sql_run(st, SQL_HEIRS_CLEAR, NO_ARGS, err);
}

/* What found nothing: doubtful, or none. */
static int match_left(struct store *st, const struct matching *m, struct matched *out, struct error *err)
{
	int64_t left = 0;

	if (sql_run(st, SQL_UNDOUBT, MATCHING_ARGS(m), err) < 0 || sql_run(st, SQL_DOUBT, MATCHING_ARGS(m), err) < 0)
		return -1;
	out->doubtful = sql_changed(st);
	if (sql_number(st, SQL_LEFT, MATCHING_ARGS(m), &left, err) < 0)
		return -1;
	out->none = (uint64_t)left - out->doubtful;
	return 0;
}

static int match(struct store *st, struct matching *m, struct matched *out, struct error *err)
{
	if (sql_folder_mailbox(st, m->folder, &m->mailbox, err) < 0)
		return -1;
	if (m->what != MATCH_INTENDED && match_superseded(st, m, err) < 0)
		return -1;
	if (match_grades(st, m, out, err) < 0 || match_left(st, m, out, err) < 0)
		return -1;
	if (m->what == MATCH_PENDING && match_gone(st, m, err) < 0)
		return -1;
	return sql_run(st, SQL_BATCH_SWEEP, NO_ARGS, err);
}

int store_match(struct store *st, int64_t folder, enum match what, uint32_t floor, bool core_counts, struct matched *out, struct error *err)
{
	struct matching m = {.folder = folder, .floor = floor, .what = what, .core_counts = core_counts};
	int result;

	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = tx_end(st, match(st, &m, out, err), err);
	if (result == 0)
		crash_point("claimed");
	return result;
}

/* ---- what only a body can tell ---- */

struct doubts {
	int64_t folder;
	uint32_t uid;
	uint32_t *target_uids;
	size_t cap, count, promised;
};

static int doubts_read(struct store *st, struct doubts *d, struct error *err)
{
	int64_t mailbox = 0;
	sqlite3_stmt *rows;
	int got;

	if (sql_folder_mailbox(st, d->folder, &mailbox, err) < 0)
		return -1;
	rows = sql_query(st, SQL_DOUBTS, ARGS(A_INT(d->folder), A_INT(mailbox), A_INT(1), A_INT(d->uid), A_INT(d->cap)), err);
	CLEANUP(sql_done) sqlite3_stmt *q = rows;
	while ((got = sql_next(st, q, err)) > 0) {
		d->target_uids[d->count++] = sql_u32(q, 0);
		d->promised += sql_u32(q, 1);
	}
	return got;
}

int store_doubts(struct store *st, int64_t folder, uint32_t uid, uint32_t *target_uids, size_t cap, size_t *count, size_t *promised,
	struct error *err)
{
	struct doubts d = {.folder = folder, .uid = uid, .target_uids = target_uids, .cap = cap};
	int result;

	*count = 0;
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	result = tx_end(st, doubts_read(st, &d, err), err);
	*count = d.count;
	*promised = d.promised;
	return result;
}

/* ---- one claim ---- */

struct claim {
	int64_t folder, mailbox;
	uint32_t uid, target_uid;
	enum origin origin;
	struct arg run;		/* null: as it was */
};

/* Whoever has the target UID now: ERR_MESSAGE, or a superseded row that hands over what it knew. */
static int claim_free(struct store *st, struct claim *c, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q =
		sql_query(st, SQL_CLAIMANT, ARGS(A_INT(c->folder), A_INT(c->mailbox), A_INT(c->target_uid)), err);
	int got = sql_next(st, q, err);
	int64_t folder, uid;

	if (got <= 0)
		return got;
	folder = sqlite3_column_int64(q, 0);
	uid = sqlite3_column_int64(q, 1);
	if (folder == c->folder && uid == c->uid)
		return 0;
	if (!sqlite3_column_int(q, 4))
		return error_set(err, ERR_MESSAGE, "target uid %u is the mail of uid %lld already", c->target_uid, (long long)uid);
	if (sqlite3_column_int(q, 2) != ORIGIN_NONE)
		c->origin = (enum origin)sqlite3_column_int(q, 2);
	c->run = A_INT(sqlite3_column_int64(q, 3));
	return sql_run(st, SQL_DROP, ARGS(A_INT(folder), A_INT(uid)), err);
}

static int claim(struct store *st, struct claim *c, struct error *err)
{
	if (sql_folder_mailbox(st, c->folder, &c->mailbox, err) < 0 || claim_free(st, c, err) < 0)
		return -1;
	if (sql_run(st, SQL_CLAIM, ARGS(A_INT(c->folder), A_INT(c->uid), A_INT(c->mailbox), A_INT(c->target_uid), A_INT(c->origin), c->run), err) < 0)
		return -1;
	if (sql_changed(st) == 0)
		return error_set(err, ERR_BUG, "uid %u of folder %lld has no row", c->uid, (long long)c->folder);
	return sql_run(st, SQL_BATCH_SWEEP, NO_ARGS, err);
}

int store_claim(struct store *st, int64_t folder, uint32_t uid, enum origin origin, uint32_t target_uid, struct error *err)
{
	struct claim c = {.folder = folder, .uid = uid, .target_uid = target_uid, .origin = origin, .run = A_NULL};

	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, claim(st, &c, err), err);
}
