/* A state in a folder of its own, with one account, one mailbox and one folder, and makers of mails. */
#ifndef TEST_STORE_HELP_H
#define TEST_STORE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/store/store.h"

#define MAX_MAILS 64

struct help {
	char dir[64];
	char path[96];
	struct store *st;
	struct error err;
	int64_t run, account, mailbox, folder;
};

/* The call has to work; the error is shown when it does not. */
#define OK(call) \
	do { \
		if ((call) != 0) \
			fail_msg("%s: %s: %s", #call, h->err.where, h->err.text); \
	} while (0)
/* The call has to fail with that class. */
#define FAILS(error, call) \
	do { \
		memset(&h->err, 0, sizeof(h->err)); \
		assert_int_equal((call), -1); \
		assert_int_equal(h->err.class, (error)); \
		assert_true(h->err.text[0]); \
	} while (0)

static inline struct folder_key help_key(const struct help *h, const char *wire, uint32_t validity)
{
	return (struct folder_key){.account = h->account, .mailbox = h->mailbox, .source_wire = wire, .source_name = wire, .target_name = "Sent",
		.source_validity = validity, .role = "sent", .why = "same", .moved = true};
}

static inline int64_t help_folder(struct help *h, const char *wire, uint32_t validity)
{
	struct folder_key key = help_key(h, wire, validity);
	struct folder_row row;

	OK(store_folder(h->st, &key, &row, &h->err));
	return row.id;
}

static inline int64_t help_mailbox(struct help *h, const char *wire)
{
	struct mailbox_row row;
	bool renumbered;

	OK(store_mailbox(h->st, "target.example", "m@example", wire, wire, &row, &h->err));
	OK(store_mailbox_seen(h->st, row.id, 77, 1, &renumbered, &h->err));
	return row.id;
}

static inline int64_t help_account(struct help *h, const char *name)
{
	struct account_key key = {name, "source.example", "m@source", "target.example", "m@example", "", "", NULL};
	struct account_row row;

	OK(store_account(h->st, &key, &row, &h->err));
	return row.id;
}

static inline int help_setup(void **state)
{
	struct help *h = x_calloc(1, sizeof(*h));

	snprintf(h->dir, sizeof(h->dir), "/tmp/store-test-XXXXXX");
	if (!mkdtemp(h->dir))
		return -1;
	snprintf(h->path, sizeof(h->path), "%s/move.state", h->dir);
	OK(store_open(&h->st, h->path, STORE_WRITE, &h->err));
	OK(store_run_begin(h->st, "run", "digest", &h->run, &h->err));
	h->account = help_account(h, "mario");
	h->mailbox = help_mailbox(h, "Sent");
	h->folder = help_folder(h, "Sent", 5);
	*state = h;
	return 0;
}

static inline int help_teardown(void **state)
{
	struct help *h = *state;
	char *command;

	store_close(&h->st);
	command = x_printf("rm -rf '%s'", h->dir);
	if (system(command) != 0)
		return -1;
	free(command);
	free(h);
	return 0;
}

/* Past the program: what damage, or another version, has left in the file; and a number out of it. */
static inline void help_raw(const char *path, const char *text)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static inline int64_t help_number(const char *path, const char *query)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	int64_t number;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	number = sqlite3_column_type(q, 0) == SQLITE_NULL ? -1 : sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return number;
}

static inline void help_reopen(struct help *h)
{
	store_close(&h->st);
	OK(store_open(&h->st, h->path, STORE_WRITE, &h->err));
}

/* The mail number `who`, at that UID. */
static inline struct mail *help_mail(uint32_t uid, uint32_t who)
{
	struct mail *m = mail_new();

	m->uid = uid;
	m->size = 1000 + who;
	m->date = 1700000000 + (int64_t)who;
	m->has_id = true;
	memcpy(m->id.head, &who, sizeof(who));
	memcpy(m->id.core, &who, sizeof(who));
	m->id.core[15] = 1;
	m->id.msgid = 0xF000000000000000u + who;
	return m;
}

struct mails {
	struct mail *mail[MAX_MAILS];
	uint32_t uids[MAX_MAILS];
	size_t count;
};

static inline struct mail *mails_add(struct mails *all, uint32_t uid, uint32_t who)
{
	assert_true(all->count < MAX_MAILS);
	all->mail[all->count] = help_mail(uid, who);
	return all->mail[all->count++];
}

static inline void mails_free(struct mails *all)
{
	for (size_t i = 0; i < all->count; i++)
		mail_free(&all->mail[i]);
	all->count = 0;
}

static inline struct batch mails_batch(struct mails *all)
{
	return (struct batch){.count = all->count, .mails = all->mail};
}

/* "1:3,7" as a set. */
static inline struct uid_set help_set(const char *text)
{
	struct uid_set set = {0};

	if (*text)
		assert_true(uid_set_parse(&set, text, strlen(text)));
	return set;
}

static inline void help_list(struct help *h, int64_t folder, const char *text)
{
	struct uid_set set = help_set(text);
	struct listed listed;

	OK(store_listed(h->st, folder, &set, 0, &listed, &h->err));
	uid_set_free(&set);
}

static inline void help_uids_are(struct help *h, int64_t folder, enum which which, const char *want)
{
	struct uid_set set = {0};
	char *text;

	OK(store_uids(h->st, folder, which, &set, &h->err));
	text = uid_set_text(&set);
	assert_string_equal(text, want);
	free(text);
	uid_set_free(&set);
}

/* Applies one of the functions that take a set. */
static inline void help_apply(struct help *h, int (*change)(struct store *, int64_t, const struct uid_set *, struct error *), int64_t folder,
	const char *text)
{
	struct uid_set set = help_set(text);

	OK(change(h->st, folder, &set, &h->err));
	uid_set_free(&set);
}

static inline int help_skip_deleted(struct store *st, int64_t folder, const struct uid_set *set, struct error *err)
{
	return store_skip(st, folder, set, REASON_DELETED, err);
}
#define help_skip(h, folder, uids) help_apply(h, help_skip_deleted, folder, uids)

/* Sends the mails as one batch; targets NULL: the server does not say where they lie. */
static inline void help_intend(struct help *h, int64_t folder, struct mails *all, uint32_t floor)
{
	struct batch batch = mails_batch(all);
	struct step step = {.intended = &batch, .floor = floor};

	OK(store_step(h->st, folder, &step, &h->err));
	assert_true(batch.id > 0);
}

static inline void help_finish(struct help *h, int64_t folder, struct mails *all, uint32_t *targets)
{
	struct batch batch = mails_batch(all);
	struct batch *const finished[] = {&batch};
	struct step step = {.finished = finished, .nfinished = 1};

	batch.uids = targets;
	OK(store_step(h->st, folder, &step, &h->err));
}

/* Lists, sends and places mails: UID first + i is the mail first + i and lies at target UID target + i. */
static inline void help_copy(struct help *h, int64_t folder, uint32_t first, uint32_t count, uint32_t target)
{
	struct mails all = {0};
	char *range = x_printf("%u:%u", first, first + count - 1);
	uint32_t targets[MAX_MAILS];

	for (uint32_t i = 0; i < count; i++) {
		mails_add(&all, first + i, first + i);
		targets[i] = target + i;
	}
	help_list(h, folder, range);
	help_intend(h, folder, &all, 1);
	help_finish(h, folder, &all, targets);
	mails_free(&all);
	free(range);
}

static inline void help_candidates(struct help *h, struct mails *all)
{
	OK(store_candidates(h->st, h->mailbox, all->mail, all->count, &h->err));
	mails_free(all);
}

/* Of the mailbox that the help's folders go to. */
static inline int help_claimed(struct help *h)
{
	uint64_t count;

	OK(store_mailbox_claimed(h->st, h->mailbox, &count, &h->err));
	return (int)count;
}

/* "source copied there skipped refused vanished pending now"; also: it closes. */
static inline void help_ledger_is(struct help *h, int64_t folder, const char *want)
{
	struct counts c;
	char text[160];

	OK(store_counts(h->st, folder, (struct counting){.run = h->run}, &c, &h->err));
	const struct ledger l = c.ledger;
	snprintf(text, sizeof(text), "%d %d %d %d %d %d %d %d", (int)l.source, (int)l.copied, (int)l.already_there, (int)l.skipped, (int)l.refused,
		(int)l.vanished, (int)l.pending, (int)l.copied_now);
	assert_string_equal(text, want);
	assert_int_equal(l.source, l.copied + l.already_there + l.skipped + l.refused + l.vanished + l.pending);
}

/* "uid>target uid>target …" of all rows that are copied or verified. */
static inline void help_placed_are(struct help *h, int64_t folder, const char *want)
{
	struct placed *rows;
	size_t count, len = 0;
	char text[1024] = "";

	OK(store_placed(h->st, folder, 1, UINT32_MAX, &rows, &count, &h->err));
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u>%u", i ? " " : "", rows[i].uid, rows[i].target_uid);
	placed_free(rows, count);
	assert_string_equal(text, want);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)

#endif
