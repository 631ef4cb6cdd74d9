/* How SQLite goes about each statement: none walks over a table that grows with the mail, and what is said for each message or batch
   does not walk over its folder. */
#include "tests/unit/store/help.h"

#include "core/store/sql.h"

/* Walks that are meant: over tables with a row a run, an account, or a batch on its way; over what the statement has gathered itself. */
static const struct {
	enum sql id;
	const char *over;
} meant[] = {
	{ SQL_RUN_NEWEST, "run" }, { SQL_RUN_OF, "run" }, { SQL_ACCOUNT_SAME, "account" }, { SQL_ACCOUNT_LAST, "e" }, { SQL_EACH_ACCOUNT, "account" }, { SQL_FOLDER_OTHER, "b" },
	{ SQL_MAILBOX_FLOORS, "batch" }, { SQL_MAILBOX_FLOORS, "folder" }, { SQL_BATCH_SWEEP, "batch" }, { SQL_INTENTS, "b" }, { SQL_INTENTS_NONE, "batch" },
	{ SQL_PLANNED_FORGET, "accepted" }, { SQL_ADD, "n" }, { SQL_ELSEWHERE_FORESEEN, "m" }, { SQL_ELSEWHERE_SURE, "m" },
	{ SQL_PAIR_TWINS, "temp.pair" }, { SQL_PAIR_PROMISE, "temp.pair" }, { SQL_PAIR_PROMISED, "temp.pair" }, { SQL_PAIR_HEIR, "temp.pair" }, { SQL_PAIR_RELEASE, "p" }, { SQL_HEIRS_END, "temp.heir" },
	{ SQL_CANDIDATES_CLEAR, "candidate" },
};

/* Said for each message, batch or chunk of a folder. */
static const enum sql often[] = {
	SQL_ROW, SQL_BATCH_ADD, SQL_BATCH_FLOOR, SQL_BATCH_LOWER, SQL_BATCH_SWEEP, SQL_INTEND, SQL_FINISH, SQL_MAILBOX_SEEN, SQL_FOLDER_MAILBOX, SQL_SCANNED, SQL_SENDER,
	SQL_SKIP, SQL_VANISH, SQL_AGAIN, SQL_REFUSE, SQL_UNSETTLED, SQL_CANDIDATE, SQL_DOUBTS, SQL_CLAIMANT, SQL_DROP, SQL_CLAIM, SQL_PLACED, SQL_IDENTICAL, SQL_SIZES, SQL_ODD,
	SQL_UNPLACE, SQL_FLAGS, SQL_PROBLEM,
};

static bool is_meant(enum sql id, const char *over)
{
	for (size_t i = 0; i < sizeof(meant) / sizeof(*meant); i++)
		if (meant[i].id == id && strcmp(meant[i].over, over) == 0)
			return true;
	return strcmp(over, "CONSTANT ROW") == 0 || strncmp(over, "(subquery", 9) == 0;
}

static bool is_often(enum sql id)
{
	for (size_t i = 0; i < sizeof(often) / sizeof(*often); i++)
		if (often[i] == id)
			return true;
	return false;
}

/* One line of a plan, "SCAN x", "SEARCH x USING …"; what is wrong with it, or NULL. */
static const char *judge(enum sql id, const char *line)
{
	if (strncmp(line, "SCAN ", 5) == 0 && !is_meant(id, line + 5))
		return "walks over a table";
	if (strstr(line, "AUTOMATIC"))
		return "makes an index each time";
	if (is_often(id) && strstr(line, "PRIMARY KEY (folder=?)"))
		return "walks over a folder";
	if (id == SQL_EACH_SENDER && strcmp(line, "SEARCH m USING PRIMARY KEY (folder=?)") == 0)
		return "walks over a folder for its few senders";
	return NULL;
}

static void check_plan(sqlite3 *db, enum sql id)
{
	char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql_text[id]);
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(db, text, -1, &q, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sqlite3_errmsg(db), sql_text[id]);
	while (sqlite3_step(q) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(q, 3), *wrong = judge(id, line);

		if (wrong)
			fail_msg("it %s: %s: %s", wrong, line, sql_text[id]);
	}
	sqlite3_finalize(q);
	sqlite3_free(text);
}

static void no_walks(void **state)
{
	struct help *h = *state;

	for (enum sql id = SQL_RUN_BEGIN; id < SQLS; id++)
		check_plan(h->st->db, id);
}

/* The judge sees what it is there for. */
static void judged(void **state)
{
	static const struct {
		enum sql id;
		const char *line;
		bool wrong;
	} rows[] = {
		{ SQL_COUNTED, "SCAN message", true }, { SQL_COUNTED, "SEARCH message USING PRIMARY KEY (folder=?)", false }, { SQL_ODD, "SEARCH message USING PRIMARY KEY (folder=?)", true },
		{ SQL_ODD, "SEARCH message USING PRIMARY KEY (folder=? AND uid=?)", false }, { SQL_RUN_OF, "SCAN run", false }, { SQL_COUNTED, "SCAN run", true },
		{ SQL_EACH_SENDER, "SEARCH m USING PRIMARY KEY (folder=?)", true }, { SQL_EACH_SENDER, "SEARCH s USING PRIMARY KEY (folder=?)", false },
		{ SQL_COUNTED, "SEARCH m USING AUTOMATIC COVERING INDEX (uid=?)", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!judge(rows[i].id, rows[i].line) == rows[i].wrong)
			fail_msg("%s", rows[i].line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_walks, help_setup, help_teardown),
		cmocka_unit_test(judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
