/* Making folders, appending and marking: what was sent comes back byte for byte, what is refused harms nothing else. */
#include "tests/contract/rig.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"

void contract_prepare(void **state)
{
	struct rig rig, *r = &rig;
	struct box first, again;
	rig_open(r, state, true);
	name_folder(r, "INBOX");
	prepare_folder(r, true, &first);
	assert_true(first.any_keyword);
	name_folder(r, "Level/Deeper/Deepest");
	prepare_folder(r, false, &first);
	assert_int_equal(first.exists, 0);
	put_mails(r, 1, 2);
	prepare_folder(r, false, &again); /* it is there already: no error */
	assert_int_equal(again.validity, first.validity);
	assert_int_equal(again.exists, 2);
	relist(r);
	assert_non_null(folder_find(&r->list, r->folder.wire));
	rig_close(r);
}

/* Flags, keywords and dates come back as they were sent; UIDs are told in the order of the mails. */
void contract_append(void **state)
{
	struct rig rig, *r = &rig;
	static const struct {
		const char *flags;
		int64_t date;
	} rows[] = {
		{ "", DATE }, { "\\Seen", DATE }, { "\\Answered \\Flagged \\Draft \\Seen", DATE + 1 }, { "Work $Forwarded", DATE + 2 }, { "\\Seen Work other", DATE + 3 },
		{ "", 951782400 }, /* 29 February */ { "", 31536000 }, /* 1971 */ { "", DATE_UNKNOWN }, { "Work", DATE },
	};
	struct mail *mails[COUNT(rows)];
	struct told told;
	struct box box;
	rig_open(r, state, true);
	name_folder(r, "Box");
	prepare_folder(r, false, &box);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = text_of((unsigned)i, 100);
		mails[i] = mail_of(text, strlen(text), rows[i].flags, rows[i].date);
		free(text);
	}
	struct batch b = batch_of(r, mails, COUNT(rows));
	int64_t began = clock_now();
	append_batch(r, &b);
	must_be_done(&b);
	assert_false(b.keywords_refused);
	if (b.validity)
		assert_int_equal(b.validity, box.validity);
	await_ask(r, ask_range(r, 1, UINT32_MAX, WANT_HEAD, true), &told);
	assert_int_equal(told.mails, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct mail *got = told.mail[i], *sent = mails[i];
		if (b.uids)
			assert_int_equal(got->uid, b.uids[i]);
		assert_int_equal(got->flags.system, sent->flags.system);
		assert_string_equal(got->flags.keywords ? got->flags.keywords : "", sent->flags.keywords ? sent->flags.keywords : "");
		if (rows[i].date != DATE_UNKNOWN)
			assert_int_equal(got->date, rows[i].date);
		else
			assert_in_range(got->date, began - 2, clock_now() + 2);
	}
	told_free(&told);
	batch_end(&b);
	rig_close(r);
}

/* Mail that looks like commands, has no header, no line end, or is larger than what is kept in memory: byte for byte. */
void contract_bytes(void **state)
{
	struct rig rig, *r = &rig;
	char *large = text_of(9, (BLOB_MEMORY << 1) + 77);
	const char *rows[] = { "x CREATE evil\r\n", "Subject: {5}\r\n\r\nhello", "\r\nbody alone\r\n", "Subject: x\r\n\r\n", large, "Subject: \xE9\r\n\r\n\xFF\x80\r\n", "Subject: last\r\n\r\n.\r\n" };
	struct mail *mails[COUNT(rows)];
	struct told told;
	rig_open(r, state, true);
	name_folder(r, "Box");
	prepare_folder(r, false, NULL);
	for (size_t i = 0; i < COUNT(rows); i++)
		mails[i] = mail_of(rows[i], strlen(rows[i]), "", DATE);
	struct batch b = batch_of(r, mails, COUNT(rows));
	append_batch(r, &b);
	must_be_done(&b);
	await_ask(r, ask_range(r, 1, UINT32_MAX, WANT_BODY, true), &told);
	assert_int_equal(told.mails, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len = strlen(rows[i]), at = 0;
		char *got = x_malloc(len + 1);
		assert_non_null(told.mail[i]->body);
		assert_int_equal(blob_size(told.mail[i]->body), len);
		for (long n; at < len && (n = blob_read(told.mail[i]->body, at, got + at, len - at, &r->err)) > 0;)
			at += (size_t)n;
		assert_int_equal(at, len);
		assert_memory_equal(got, rows[i], len);
		free(got);
	}
	told_free(&told);
	batch_end(&b);
	relist(r);
	name_folder(r, "evil");
	assert_null(folder_find(&r->list, r->folder.wire));
	free(large);
	rig_close(r);
}

/* A batch with a mail that the server does not want: not done, and why; the connection goes on, two batches in flight. */
void contract_refused(void **state)
{
	struct rig rig, *r = &rig;
	rig_open(r, state, true);
	char *good = text_of(1, 100), *bad = text_of(2, r->opener->max_mail + 100000);
	struct mail *first[] = { mail_of(good, strlen(good), "", DATE), mail_of(bad, strlen(bad), "", DATE) };
	struct mail *second[] = { mail_of(good, strlen(good), "", DATE) };
	struct told told;
	name_folder(r, "Box");
	prepare_folder(r, false, NULL);
	struct batch a = batch_of(r, first, 2), b = batch_of(r, second, 1);
	OK(r->conn->ops->append(r->conn, &a, &r->err));
	OK(r->conn->ops->append(r->conn, &b, &r->err));
	struct event e = next_event(r);
	assert_ptr_equal(e.batch, &a);
	assert_false(a.done);
	assert_true(a.why.class == ERR_MESSAGE || a.why.class == ERR_QUOTA);
	assert_true(a.why.text[0]);
	assert_true(!a.taken || !a.taken[1]);
	e = next_event(r);
	assert_ptr_equal(e.batch, &b);
	must_be_done(&b);
	await_ask(r, ask_range(r, 1, UINT32_MAX, WANT_META, true), &told);
	assert_int_equal(told.mails, 1 + (a.taken && a.taken[0]));
	told_free(&told);
	batch_end(&a);
	batch_end(&b);
	free(good);
	free(bad);
	rig_close(r);
}

void contract_set_flags(void **state)
{
	struct rig rig, *r = &rig;
	struct told told;
	rig_open(r, state, true);
	name_folder(r, "Box");
	prepare_folder(r, false, NULL);
	put_mails(r, 1, 3);
	await_ask(r, ask_range(r, 1, UINT32_MAX, WANT_UIDS, true), &told);
	uint32_t first = told.uids.range[0].first;
	told_free(&told);
	struct flag_change changes[] = { { .uid = first, .add = { .system = FLAG_SEEN } }, { .uid = first + 2, .add = { .system = FLAG_FLAGGED } } };
	flags_add(&changes[1].add, "Work", 4);
	OK(r->conn->ops->set_flags(r->conn, &r->folder, changes, 2, &r->err));
	await_ask(r, ask_range(r, 1, UINT32_MAX, WANT_META, false), &told);
	assert_int_equal(told.mails, 3);
	assert_int_equal(told.mail[0]->flags.system, FLAG_SEEN);
	assert_int_equal(told.mail[1]->flags.system, 0);
	assert_int_equal(told.mail[2]->flags.system, FLAG_FLAGGED);
	assert_string_equal(told.mail[2]->flags.keywords, "Work");
	told_free(&told);
	/* another numbering: those UIDs may be other mails */
	r->folder.box.validity++;
	assert_int_equal(r->conn->ops->set_flags(r->conn, &r->folder, changes, 2, &r->err), -1);
	assert_int_equal(r->err.class, ERR_FOLDER);
	flags_free(&changes[1].add);
	rig_close(r);
}

/* New mail, and mail with other marks; nothing that was there before. */
void contract_changed(void **state)
{
	struct rig rig, *r = &rig;
	struct told told;
	struct uid_set all = { 0 };
	unsigned ask;
	rig_open(r, state, true);
	name_folder(r, "Box");
	prepare_folder(r, false, NULL);
	put_mails(r, 1, 5);
	await_ask(r, ask_range(r, 1, UINT32_MAX, WANT_UIDS, true), &told);
	uint64_t since = told.box.modseq;
	uint32_t first = told.uids.range[0].first;
	told_free(&told);
	uid_set_add(&all, 1, UINT32_MAX);
	for (int changed = 0; since > 0 && changed < 2; changed++) {
		if (changed) {
			OK(r->conn->ops->set_flags(r->conn, &r->folder, &(struct flag_change){ .uid = first + 1, .add = { .system = FLAG_FLAGGED } }, 1, &r->err));
			prepare_folder(r, true, NULL);
			put_mails(r, 6, 7);
		}
		OK(r->conn->ops->changed(r->conn, &r->folder, &all, since, &ask, &r->err));
		await_ask(r, ask, &told);
		assert_int_equal(told.err.class, ERR_NONE);
		assert_int_equal(told.uid_events, 1);
		assert_int_equal(uid_set_size(&told.uids), changed ? 3 : 0);
		for (uint32_t i = 0; changed && i < 3; i++)
			assert_true(uid_set_has(&told.uids, first + (i ? 4 + i : 1)));
		told_free(&told);
	}
	uid_set_free(&all);
	rig_close(r);
}
