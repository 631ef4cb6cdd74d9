/* Listing and asking: what a folder holds, in every way that can be asked, in several asks at once. */
#include "tests/contract/rig.h"

#include <stdlib.h>
#include <string.h>

#include "core/mail/proof.h"

void contract_list(void **state)
{
	struct rig rig, *r = &rig;
	rig_open(r, state, true);
	const struct folder *inbox = folder_find(&r->list, "INBOX");
	assert_non_null(inbox);
	assert_int_equal(inbox->role, ROLE_INBOX);
	assert_true(inbox->selectable);
	assert_non_null(r->list.prefix);
	assert_int_equal(r->list.separator, inbox->separator);
	assert_true(r->conn->ops->capabilities(r->conn)[0]);
	name_folder(r, "Posta \"in\\viata");
	r->folder.subscribed = true;
	prepare_folder(r, false, NULL);
	put_mails(r, 1, 3);
	relist(r);
	const struct folder *made = folder_find(&r->list, r->folder.wire);
	assert_non_null(made);
	assert_true(made->subscribed);
	assert_true(made->box.known);
	assert_int_equal(made->box.exists, 3);
	assert_true(made->box.next > 3);
	rig_close(r);
}

void contract_empty(void **state)
{
	struct rig rig, *r = &rig;
	struct told told;
	static const enum want wants[] = { WANT_UIDS, WANT_META, WANT_HEAD, WANT_BODY, WANT_DIGEST };
	rig_open(r, state, false);
	name_folder(r, "INBOX");
	for (size_t i = 0; i < COUNT(wants); i++) {
		await_ask(r, ask_range(r, 1, UINT32_MAX, wants[i], false), &told);
		assert_int_equal(told.err.class, ERR_NONE);
		assert_int_equal(told.boxes, i == 0); /* opened once */
		assert_int_equal(told.mails, 0);
		assert_int_equal(told.uid_events, wants[i] == WANT_UIDS);
		assert_int_equal(uid_set_size(&told.uids), 0);
		told_free(&told);
	}
	struct event e = next_event(r); /* nothing is outstanding */
	assert_int_equal(e.kind, EV_NONE);
	rig_close(r);
}

static void check_mail(const struct mail *m, enum want want, unsigned n)
{
	char *text = text_of(n, 100), got[4096];
	struct error err;
	struct identity id;
	struct digest *d = digest_new();
	identity_of(&id, d, text, strlen(text));
	assert_int_equal(m->size, strlen(text));
	assert_int_equal(m->date, DATE + (int64_t)n);
	assert_true(m->id.msgid == id.msgid);
	assert_int_equal(m->has_id, want != WANT_META);
	if (m->has_id) {
		assert_memory_equal(m->id.head, id.head, IDENTITY_LEN);
		assert_memory_equal(m->id.core, id.core, IDENTITY_LEN);
	}
	assert_int_equal(m->body != NULL, want == WANT_BODY);
	if (m->body) {
		assert_int_equal(blob_size(m->body), strlen(text));
		assert_int_equal(blob_read(m->body, 0, got, sizeof got, &err), strlen(text));
		assert_memory_equal(got, text, strlen(text));
	}
	assert_int_equal(m->has_proof, want == WANT_DIGEST);
	if (m->has_proof) {
		struct proof proof;
		struct hasher *h = hasher_new();
		hasher_add(h, text, strlen(text));
		hasher_end(h, &proof);
		hasher_free(&h);
		assert_memory_equal(m->proof.raw, proof.raw, DIGEST_LEN);
		assert_memory_equal(m->proof.body, proof.body, DIGEST_LEN);
		assert_memory_equal(m->proof.content, proof.content, DIGEST_LEN);
		assert_int_equal(m->proof.length, strlen(text));
		assert_int_equal(m->proof.fields, proof.fields);
		proof_free(&proof);
	}
	digest_free(&d);
	free(text);
}

void contract_wants(void **state)
{
	struct rig rig, *r = &rig;
	struct told told;
	static const enum want wants[] = { WANT_META, WANT_HEAD, WANT_BODY, WANT_DIGEST };
	rig_open(r, state, true);
	name_folder(r, "Box");
	prepare_folder(r, false, NULL);
	put_mails(r, 1, 20);
	await_ask(r, ask_range(r, 1, UINT32_MAX, WANT_UIDS, true), &told);
	assert_int_equal(told.boxes, 1);
	assert_int_equal(told.box.exists, 20);
	assert_int_equal(uid_set_size(&told.uids), 20);
	uint32_t first = told.uids.range[0].first;
	told_free(&told);
	await_ask(r, ask_range(r, first + 2, first + 3, WANT_UIDS, false), &told);
	assert_int_equal(told.boxes, 0);
	assert_int_equal(uid_set_size(&told.uids), 2);
	told_free(&told);
	for (size_t i = 0; i < COUNT(wants); i++) {
		await_ask(r, ask_range(r, first + 4, first + 9, wants[i], false), &told);
		assert_int_equal(told.err.class, ERR_NONE);
		assert_int_equal(told.boxes, 0);
		assert_int_equal(told.mails, 6);
		for (unsigned k = 0; k < told.mails; k++)
			check_mail(told.mail[k], wants[i], told.mail[k]->uid - first + 1);
		told_free(&told);
	}
	rig_close(r);
}

/* Several asks over two folders are open at once; each answer is its own ask's, a box comes before its mails. */
void contract_several(void **state)
{
	struct rig rig, *r = &rig;
	unsigned asks[4], over = 0, mails[4] = { 0 }, boxes[4] = { 0 };
	rig_open(r, state, true);
	name_folder(r, "One");
	prepare_folder(r, false, NULL);
	put_mails(r, 1, 6);
	name_folder(r, "Two");
	prepare_folder(r, false, NULL);
	put_mails(r, 7, 9);
	asks[0] = ask_range(r, 1, 3, WANT_META, true);
	asks[1] = ask_range(r, 1, 3, WANT_BODY, false);
	name_folder(r, "One");
	asks[2] = ask_range(r, 1, 6, WANT_META, false);
	asks[3] = ask_range(r, 4, 6, WANT_BODY, true);
	while (over < 4) {
		struct event e = next_event(r);
		size_t i = 0;
		assert_int_not_equal(e.kind, EV_NONE);
		while (i < 4 && asks[i] != e.ask)
			i++;
		assert_true(i < 4);
		boxes[i] += e.kind == EV_BOX;
		over += e.kind == EV_ASKED;
		if (e.kind == EV_MAIL) {
			assert_int_equal(boxes[i] || i == 1, 1);
			assert_int_equal(e.mail->body != NULL, i == 1 || i == 3);
			mails[i]++;
			mail_free(&e.mail);
		}
	}
	static const unsigned want_mails[] = { 3, 3, 6, 3 }, want_boxes[] = { 1, 0, 1, 1 };
	assert_memory_equal(mails, want_mails, sizeof mails);
	assert_memory_equal(boxes, want_boxes, sizeof boxes);
	rig_close(r);
}

/* Asking of a folder that is not there is that ask's end, not the connection's. */
void contract_no_folder(void **state)
{
	struct rig rig, *r = &rig;
	struct told told;
	unsigned ask;
	rig_open(r, state, true);
	static const enum want wants[] = { WANT_UIDS, WANT_META, WANT_BODY };
	for (size_t i = 0; i < COUNT(wants); i++) {
		name_folder(r, "Nowhere");
		await_ask(r, ask_range(r, 1, 5, wants[i], false), &told);
		assert_int_equal(told.err.class, ERR_FOLDER);
		assert_int_equal(told.boxes + told.mails + told.uid_events, 0);
		told_free(&told);
		name_folder(r, "INBOX");
		await_ask(r, ask_range(r, 1, 5, wants[i], false), &told);
		assert_int_equal(told.err.class, ERR_NONE);
		assert_int_equal(told.boxes, 1);
		told_free(&told);
	}
	name_folder(r, "Nowhere");
	OK(r->conn->ops->prepare(r->conn, &r->folder, true, &ask, &r->err));
	await_ask(r, ask, &told);
	assert_int_equal(told.err.class, ERR_FOLDER);
	told_free(&told);
	rig_close(r);
}

/* What another connection has appended is seen by a fresh ask. */
void contract_fresh(void **state)
{
	struct rig rig, *r = &rig;
	struct told told;
	struct conn *reader = NULL;
	rig_open(r, state, true);
	name_folder(r, "Box");
	prepare_folder(r, false, NULL);
	put_mails(r, 1, 2);
	OK(r->opener->open(r->opener->ctx, &reader, &r->env, &r->err));
	struct conn *writer = r->conn;
	r->conn = reader;
	await_ask(r, ask_range(r, 1, UINT32_MAX, WANT_UIDS, false), &told);
	assert_int_equal(uid_set_size(&told.uids), 2);
	told_free(&told);
	r->conn = writer;
	put_mails(r, 3, 5);
	r->conn = reader;
	await_ask(r, ask_range(r, 1, UINT32_MAX, WANT_UIDS, true), &told);
	assert_int_equal(told.boxes, 1);
	assert_int_equal(told.box.exists, 5);
	assert_int_equal(uid_set_size(&told.uids), 5);
	told_free(&told);
	reader->ops->close(&reader, true);
	assert_null(reader);
	reader = NULL;
	r->conn = writer;
	rig_close(r);
}
