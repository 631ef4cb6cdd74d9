/* Views: mail that a folder like \All shows, and other folders of the account hold. */
#include "core/store/sql.h"

#include <stdlib.h>

#include "core/base/alloc.h"

/* So many places are looked at; mail beyond them is copied. */
#define PLACES_MAX 200000

/* What others hold, in the table `other`; the statement reads it in the same transaction. */
static int fill(struct store *st, int64_t folder, struct error *err)
{
	return sql_run(st, SQL_ELSEWHERE_CLEAR, NO_ARGS, err) < 0 ? -1 : sql_run(st, SQL_ELSEWHERE_FILL, ARGS(A_INT(folder)), err);
}

static int fill_late(struct store *st, const struct mail_list *late, struct error *err)
{
	for (size_t i = 0; i < late->count; i++) {
		struct arg args[SQL_MAIL_ARGS + 1] = {A_NULL};

		sql_mail(args, late->mail[i]);
		args[SQL_MAIL_ARGS] = A_END;
		if (sql_run(st, SQL_ELSEWHERE_LATE, args, err) < 0)
			return -1;
	}
	return 0;
}

static int read_uids(struct store *st, int64_t folder, enum elsewhere what, struct uid_set *out, struct error *err)
{
	static const enum sql text[] = {SQL_ELSEWHERE_MAYBE, SQL_ELSEWHERE_FORESEEN, SQL_ELSEWHERE_SURE};
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, text[what], ARGS(A_INT(folder)), err);
	int got;

	while ((got = sql_next(st, q, err)) > 0)
		uid_set_add(out, sql_u32(q, 0), sql_u32(q, 0));
	return got;
}

int store_elsewhere(struct store *st, int64_t folder, enum elsewhere what, const struct mail_list *late, struct uid_set *out, struct error *err)
{
	int result;

	uid_set_reset(out);
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	result = fill(st, folder, err);
	if (result == 0)
		result = fill_late(st, late, err);
	if (result == 0)
		result = read_uids(st, folder, what, out, err);
	return tx_end(st, result, err);
}

static int read_places(struct store *st, int64_t folder, struct elsewhere_place **out, size_t *count, struct error *err)
{
	size_t cap = 0;
	int got;

	if (fill(st, folder, err) < 0)
		return -1;
	CLEANUP(sql_done) sqlite3_stmt *q = sql_query(st, SQL_ELSEWHERE_PLACES, ARGS(A_INT(folder), A_INT(PLACES_MAX)), err);
	while ((got = sql_next(st, q, err)) > 0) {
		*out = x_room(*out, *count, &cap, sizeof(**out));
		(*out)[(*count)++] = (struct elsewhere_place){.uid = sql_u32(q, 0), .target_uid = sql_u32(q, 1), .validity = sql_u32(q, 2), .wire = x_strdup(sql_str(q, 3))};
	}
	return got;
}

int store_elsewhere_places(struct store *st, int64_t folder, struct elsewhere_place **out, size_t *count, struct error *err)
{
	*out = NULL;
	*count = 0;
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, read_places(st, folder, out, count, err), err);
}

void elsewhere_free(struct elsewhere_place *places, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(places[i].wire);
	free(places);
}

int store_elsewhere_back(struct store *st, int64_t folder, bool same, struct error *err)
{
	if (tx_begin(st, TX_WRITE, err) < 0)
		return -1;
	return tx_end(st, sql_run(st, SQL_ELSEWHERE_BACK, ARGS(A_INT(folder), A_INT(same)), err), err);
}
