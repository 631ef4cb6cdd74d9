/* Where the folders of an account went until now: what the mapping of the next run goes by. */
#include "core/store/sql.h"

#include <stdlib.h>

#include "core/base/alloc.h"

void folders_known_free(struct folder_known *known, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(known[i].source_wire);
		free(known[i].target_wire);
		free(known[i].target_name);
		free(known[i].why);
	}
	free(known);
}

static int read_known(struct store *st, int64_t account, struct folder_known **out, size_t *count, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_FOLDERS_KNOWN, ARGS(A_INT(account)), err);
	size_t cap = 0;
	int got;

	while ((got = sql_next(st, q, err)) > 0) {
		*out = x_room(*out, *count, &cap, sizeof(**out));
		(*out)[(*count)++] = (struct folder_known){.mailbox = sqlite3_column_int64(q, 0), .source_wire = x_strdup(sql_str(q, 1)),
			.target_wire = x_strdup(sql_str(q, 2)), .target_name = x_strdup(sql_str(q, 3)), .why = x_strdup(sql_str(q, 4)),
			.validity = sql_u32(q, 5), .copied = sqlite3_column_int(q, 6), .renamed = sqlite3_column_int(q, 7), .id = sql_u64(q, 8)};
	}
	return got;
}

int store_folders_known(struct store *st, int64_t account, struct folder_known **out, size_t *count, struct error *err)
{
	*out = NULL;
	*count = 0;
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	if (tx_end(st, read_known(st, account, out, count, err), err) == 0)
		return 0;
	folders_known_free(*out, *count);
	*out = NULL;
	*count = 0;
	return -1;
}

static int rename_folder(struct store *st, int64_t account, const struct folder_known *was, const char *wire, struct error *err)
{
	if (sql_run(st, SQL_FOLDER_RENAMED, ARGS(A_INT(account), A_TEXT(was->source_wire), A_TEXT(wire)), err) < 0)
		return -1;
	return sql_run(st, SQL_FOLDER_HEIR, ARGS(A_INT(account), A_TEXT(wire), A_INT(was->validity), A_INT(was->mailbox)), err);
}

static int rename_folders(struct store *st, int64_t account, const struct renaming *r, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		CLEANUP(x_free) char *aside = x_printf("\x01%zu", i);
		if (sql_run(st, SQL_FOLDER_ASIDE, ARGS(A_INT(account), A_TEXT(r[i].was->source_wire), A_TEXT(aside)), err) < 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		CLEANUP(x_free) char *aside = x_printf("\x01%zu", i);
		struct folder_known was = *r[i].was;

		was.source_wire = aside;
		if (rename_folder(st, account, &was, r[i].wire, err) < 0)
			return -1;
	}
	return 0;
}

int store_folders_renamed(struct store *st, int64_t account, const struct renaming *r, size_t count, struct error *err)
{
	if (count == 0)
		return 0;
	if (tx_begin(st, TX_WRITE, err) < 0 || tx_end(st, rename_folders(st, account, r, count, err), err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		free(r[i].was->source_wire);
		r[i].was->source_wire = x_strdup(r[i].wire);
		r[i].was->renamed = true;
	}
	return 0;
}

static int read_sample(struct store *st, const struct arg *args, struct known_mail *out, size_t *count, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_FOLDER_SAMPLE, args, err);
	int got;

	while ((got = sql_next(st, q, err)) > 0)
		out[(*count)++] = (struct known_mail){.uid = sql_u32(q, 0), .size = sql_u32(q, 1),
			.date = sqlite3_column_type(q, 2) == SQLITE_NULL ? DATE_UNKNOWN : sqlite3_column_int64(q, 2), .msgid = sql_u64(q, 3)};
	return got;
}

int store_folder_sample(struct store *st, int64_t account, const char *source_wire, struct known_mail *out, size_t cap, size_t *count, struct error *err)
{
	*count = 0;
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, read_sample(st, ARGS(A_INT(account), A_TEXT(source_wire), A_INT(cap)), out, count, err), err);
}

/* ---- names that were refused ---- */

void substitutes_free(struct substitute *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].wire);
		free(list[i].instead);
	}
	free(list);
}

static int read_substitutes(struct store *st, const struct arg *args, struct substitute **out, size_t *count, struct error *err)
{
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_SUBSTITUTES, args, err);
	size_t cap = 0;
	int got;

	while ((got = sql_next(st, q, err)) > 0) {
		*out = x_room(*out, *count, &cap, sizeof(**out));
		(*out)[(*count)++] = (struct substitute){.wire = x_strdup(sql_str(q, 0)), .instead = x_strdup(sql_str(q, 1)), .kept = true};
	}
	return got;
}

int store_substitutes(struct store *st, const char *host, const char *user, struct substitute **out, size_t *count, struct error *err)
{
	*out = NULL;
	*count = 0;
	if (tx_begin(st, TX_READ, err) < 0)
		return -1;
	return tx_end(st, read_substitutes(st, ARGS(A_TEXT(host), A_TEXT(user)), out, count, err), err);
}

int store_substitute(struct store *st, const char *host, const char *user, const struct substitute *s, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, sql_run(st, SQL_SUBSTITUTE, ARGS(A_TEXT(host), A_TEXT(user), A_TEXT(s->wire), A_TEXT(s->instead)), err), err);
}
