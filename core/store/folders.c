/* Target mailboxes and source folders, and what happens when one of them is renumbered: a new UIDVALIDITY. */
#include "core/store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

/* ---- mailboxes ---- */

static int mailbox_read(struct store *st, const struct arg *args, struct mailbox_row *out, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_MAILBOX, args, err);
	int got = sql_next(st, q, err);

	if (got <= 0)
		return got < 0 ? -1 : error_set(err, ERR_BUG, "a mailbox is not there");
	out->id = sqlite3_column_int64(q, 0);
	out->validity = sql_u32(q, 1);
	out->first_next = sql_u32(q, 2);
	return 0;
}

int store_mailbox(struct store *st, const char *host, const char *user, const char *wire, const char *name, struct mailbox_row *out,
	struct error *err)
{
	int result;

	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = sql_run(st, SQL_MAILBOX_ADD, ARGS(A_TEXT(host), A_TEXT(user), A_TEXT(wire), A_TEXT(name)), err);
	if (result == 0)
		result = mailbox_read(st, ARGS(A_TEXT(host), A_TEXT(user), A_TEXT(wire)), out, err);
	return tx_end(st, result, err);
}

int store_mailbox_claimed(struct store *st, int64_t mailbox, uint64_t *count, struct error *err)
{
	int64_t number = 0;
	int result = sql_read_number(st, SQL_MAILBOX_CLAIMED, ARGS(A_INT(mailbox)), &number, err);

	*count = (uint64_t)number;
	return result;
}

/* No UID of the old numbering means anything now. Who was verified stays so: the mover can tell "gone" from "missing". */
static int mailbox_void(struct store *st, int64_t mailbox, struct error *err)
{
	if (sql_run(st, SQL_MAILBOX_VOID, ARGS(A_INT(mailbox)), err) < 0 || sql_run(st, SQL_MAILBOX_FLOORS, ARGS(A_INT(mailbox)), err) < 0)
		return -1;
	return sql_run(st, SQL_CANDIDATES_FORGET, ARGS(A_INT(mailbox)), err);
}

static int mailbox_seen(struct store *st, int64_t mailbox, const uint32_t seen[2], bool *renumbered, struct error *err)
{
	int64_t before = 0;
	int got = sql_number(st, SQL_MAILBOX_SEEN, ARGS(A_INT(mailbox)), &before, err);

	if (got <= 0)
		return got < 0 ? -1 : error_set(err, ERR_BUG, "mailbox %lld is not there", (long long)mailbox);
	if (before == seen[0])
		return 0;
	*renumbered = before != 0;
	if (*renumbered && mailbox_void(st, mailbox, err) < 0)
		return -1;
	return sql_run(st, SQL_MAILBOX_SET, ARGS(A_INT(mailbox), A_INT(seen[0]), A_INT(seen[1])), err);
}

int store_mailbox_seen(struct store *st, int64_t mailbox, uint32_t validity, uint32_t next, bool *renumbered, struct error *err)
{
	*renumbered = false;
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, mailbox_seen(st, mailbox, (const uint32_t[2]){validity, next}, renumbered, err), err);
}

/* ---- folders ---- */

/* *mailbox: where its mail went until now, 0 nowhere. 1: there is one, 0: not. */
static int folder_lookup(struct store *st, const struct folder_key *key, struct folder_row *out, int64_t *mailbox, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q =
		sql_query(st, SQL_FOLDER, ARGS(A_INT(key->account), A_TEXT(key->source_wire), A_INT(key->source_validity)), err);
	int got = sql_next(st, q, err);

	if (got > 0) {
		out->id = sqlite3_column_int64(q, 0);
		*mailbox = sqlite3_column_int64(q, 1);
	}
	return got;
}

/* The row of the key, with all that the key says. A UID of another target mailbox is no claim in the new one; what was there keeps it in the old one. */
static int folder_set(struct store *st, const struct folder_key *key, struct folder_row *out, struct error *err)
{
	int64_t mailbox = 0;
	int got = folder_lookup(st, key, out, &mailbox, err);

	if (got < 0)
		return -1;
	if (got == 0) {
		if (sql_run(st, SQL_FOLDER_ADD, ARGS(A_INT(key->account), A_TEXT(key->source_wire), A_INT(key->source_validity)), err) < 0)
			return -1;
		out->id = sqlite3_last_insert_rowid(st->db);
	}
	if (mailbox && key->mailbox && mailbox != key->mailbox && sql_run(st, SQL_FOLDER_UNPLACE, ARGS(A_INT(out->id)), err) < 0)
		return -1;
	if (sql_run(st, SQL_FOLDER_SUPERSEDE, ARGS(A_INT(key->account), A_TEXT(key->source_wire), A_INT(out->id)), err) < 0)
		return -1;
	if (!key->moved && sql_run(st, SQL_FOLDER_EXCLUDE, ARGS(A_INT(out->id)), err) < 0)
		return -1;
	return sql_run(st, SQL_FOLDER_SET, ARGS(A_INT(out->id), key->mailbox ? A_INT(key->mailbox) : A_NULL, A_TEXT(key->source_name),
		A_TEXT(key->target_name), A_TEXT(key->role), A_TEXT(key->why), A_INT(key->moved), A_INT(key->left_out), A_INT(key->source_id)), err);
}

/* excluded: rows that an excluded folder has left. */
static int folder_rows(struct store *st, struct folder_row *out, uint64_t *excluded, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_FOLDER_ROWS, ARGS(A_INT(out->id)), err);
	int64_t waiting = 0;

	if (sql_next(st, q, err) < 0 || sql_number(st, SQL_FOLDER_WAITING, ARGS(A_INT(out->id)), &waiting, err) < 0)
		return -1;
	*excluded = sql_u64(q, 0);
	out->remapped = sql_u64(q, 1) > 0;
	out->empty = sql_u64(q, 2) == 0;
	out->renumbered = waiting;
	return 0;
}

int store_folder(struct store *st, const struct folder_key *key, struct folder_row *out, struct error *err)
{
	uint64_t excluded = 0;
	int result;

	memset(out, 0, sizeof(*out));
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = folder_set(st, key, out, err);
	if (result == 0)
		result = folder_rows(st, out, &excluded, err);
	if (result == 0 && key->moved && excluded > 0)
		result = sql_run(st, SQL_FOLDER_INCLUDE, ARGS(A_INT(out->id)), err);
	return tx_end(st, result, err);
}

static int folder_other(struct store *st, int64_t folder, char **name, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_FOLDER_OTHER, ARGS(A_INT(folder)), err);
	int got = sql_next(st, q, err);

	*name = got > 0 ? x_strdup(sql_str(q, 0)) : NULL;
	return got < 0 ? -1 : 0;
}

int store_folder_other(struct store *st, int64_t folder, char **name, struct error *err)
{
	*name = NULL;
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, folder_other(st, folder, name, err), err);
}

int store_rematched_left(struct store *st, int64_t folder, uint64_t *left, struct error *err)
{
	int64_t count = 0;
	int result = sql_read_number(st, SQL_REMATCHED_LEFT, ARGS(A_INT(folder)), &count, err);

	*left = (uint64_t)count;
	return result;
}

static int rematched(struct store *st, int64_t folder, struct error *err)
{
	static const enum sql steps[] = {SQL_REMATCHED_DROP, SQL_REMATCHED_VANISH, SQL_REMATCHED_END};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (sql_run(st, steps[i], ARGS(A_INT(folder)), err) < 0)
			return -1;
	return sql_run(st, SQL_BATCH_SWEEP, NO_ARGS, err);
}

int store_rematched(struct store *st, int64_t folder, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, rematched(st, folder, err), err);
}

static int held(struct store *st, int64_t account, struct held **out, size_t *count, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_HELD, ARGS(A_INT(account)), err);
	size_t cap = 0;
	int got;

	while ((got = sql_next(st, q, err)) > 0) {
		*out = x_room(*out, *count, &cap, sizeof(**out));
		struct held *h = &(*out)[(*count)++];

		*h = (struct held){.wire = x_strdup(sql_str(q, 0)), .validity = sql_u32(q, 1), .messages = sql_u64(q, 3), .last = sql_u32(q, 4), .id = sql_u64(q, 5)};
		snprintf(h->role, sizeof(h->role), "%s", sql_str(q, 2));
	}
	return got;
}

int store_held(struct store *st, int64_t account, struct held **out, size_t *count, struct error *err)
{
	*out = NULL;
	*count = 0;
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, held(st, account, out, count, err), err);
}

void held_free(struct held *h, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(h[i].wire);
	free(h);
}

static int folders_listed(struct store *st, int64_t account, const int64_t *ids, size_t count, struct error *err)
{
	if (sql_run(st, SQL_UNLIST, ARGS(A_INT(account)), err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (sql_run(st, SQL_LIST, ARGS(A_INT(account), A_INT(ids[i])), err) < 0)
			return -1;
	return sql_run(st, SQL_UNLISTED_VANISH, ARGS(A_INT(account)), err);
}

int store_folders_listed(struct store *st, int64_t account, const int64_t *ids, size_t count, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, folders_listed(st, account, ids, count, err), err);
}
