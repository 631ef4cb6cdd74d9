/* The hands of the contract's tests. */
#include "tests/contract/rig.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

void rig_open(struct rig *r, void **state, bool writer)
{
	*r = (struct rig){ .opener = *state };
	assert_int_equal(cancel_init(&r->cancel), 0);
	r->env = (struct conn_env){ .cancel = &r->cancel, .wake_fd = -1, .spool_dir = "/tmp", .writer = writer };
	r->opener->fresh(r->opener->ctx);
	OK(r->opener->open(r->opener->ctx, &r->conn, &r->env, &r->err));
	OK(r->conn->ops->list(r->conn, &r->list, &r->err));
}

void rig_close(struct rig *r)
{
	if (r->conn)
		r->conn->ops->close(&r->conn, true);
	assert_null(r->conn);
	folder_free(&r->folder);
	folder_list_free(&r->list);
	cancel_free(&r->cancel);
}

void relist(struct rig *r)
{
	folder_list_free(&r->list);
	OK(r->conn->ops->list(r->conn, &r->list, &r->err));
}

void name_folder(struct rig *r, const char *path)
{
	struct buf wire = { 0 };
	if (strcmp(path, "INBOX") != 0)
		buf_adds(&wire, r->list.prefix);
	for (; *path; path++)
		buf_addc(&wire, *path == '/' ? r->list.separator : *path);
	folder_free(&r->folder);
	r->folder = (struct folder){ .wire = wire.data, .name = x_strdup(wire.data), .separator = r->list.separator, .selectable = true };
}

struct event next_event(struct rig *r)
{
	struct event e;
	OK(r->conn->ops->next(r->conn, &e, &r->err));
	return e;
}

void await_ask(struct rig *r, unsigned ask, struct told *told)
{
	*told = (struct told){ 0 };
	for (;;) {
		struct event e = next_event(r);
		assert_int_not_equal(e.kind, EV_NONE);
		assert_int_equal(e.ask, ask);
		if (e.kind == EV_BOX) {
			assert_int_equal(told->mails, 0);
			told->boxes++;
			told->box = e.box;
		} else if (e.kind == EV_UIDS) {
			told->uid_events++;
			uid_set_free(&told->uids);
			told->uids = e.uids;
		} else if (e.kind == EV_MAIL) {
			assert_true(told->mails < 64);
			told->mail[told->mails++] = e.mail;
		} else if (e.kind == EV_ASKED) {
			told->err = e.err;
			return;
		}
	}
}

void told_free(struct told *told)
{
	uid_set_free(&told->uids);
	for (unsigned i = 0; i < told->mails; i++)
		mail_free(&told->mail[i]);
}

unsigned ask_range(struct rig *r, uint32_t first, uint32_t last, enum want want, bool fresh)
{
	struct uid_set set = { 0 };
	unsigned ask = 0;
	uid_set_add(&set, first, last);
	OK(r->conn->ops->ask(r->conn, &r->folder, &set, want, fresh, &ask, &r->err));
	uid_set_free(&set);
	return ask;
}

void prepare_folder(struct rig *r, bool exists, struct box *box)
{
	unsigned ask = 0;
	struct told told;
	OK(r->conn->ops->prepare(r->conn, &r->folder, exists, &ask, &r->err));
	await_ask(r, ask, &told);
	if (told.err.class != ERR_NONE)
		fail_msg("%s: %s", r->folder.wire, told.err.text);
	assert_int_equal(told.boxes, 1);
	assert_int_not_equal(told.box.validity, 0);
	r->folder.box = told.box;
	if (box)
		*box = told.box;
	told_free(&told);
}

struct mail *mail_of(const char *data, size_t len, const char *flags, int64_t date)
{
	struct mail *m = mail_new();
	struct error err;
	const char *name;
	size_t n;
	while (flags && (name = flags_next_keyword(&flags, &n)))
		flags_add(&m->flags, name, n);
	m->date = date;
	assert_int_equal(blob_new(&m->body, len, "/tmp", &err), 0);
	assert_int_equal(blob_add(m->body, data, len, &err), 0);
	return m;
}

char *text_of(unsigned n, size_t size)
{
	struct buf b = { 0 };
	buf_addf(&b, "Message-ID: <%u@example>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: a@example\r\nSubject: number %u\r\n\r\n", n, n);
	for (size_t i = 0; i < size; i += 64)
		buf_addf(&b, "%08zu ............................................... line\r\n", i);
	return b.data;
}

struct batch batch_of(struct rig *r, struct mail **mails, size_t count)
{
	struct batch b = { .id = 1, .folder = &r->folder, .count = count, .mails = mails };
	for (size_t i = 0; i < count; i++)
		b.bytes += blob_size(mails[i]->body);
	return b;
}

void batch_end(struct batch *b)
{
	for (size_t i = 0; i < b->count; i++)
		mail_free(&b->mails[i]);
	free(b->taken);
	free(b->uids);
}

void append_batch(struct rig *r, struct batch *b)
{
	OK(r->conn->ops->append(r->conn, b, &r->err));
	struct event e = next_event(r);
	assert_int_equal(e.kind, EV_APPENDED);
	assert_ptr_equal(e.batch, b);
}

void must_be_done(const struct batch *b)
{
	if (!b->done)
		fail_msg("%s", b->why.text);
	assert_true(b->complete);
}

void put_mails(struct rig *r, unsigned first, unsigned last)
{
	struct mail *mails[64];
	size_t count = 0;
	for (unsigned n = first; n <= last; n++) {
		char *text = text_of(n, 100);
		mails[count++] = mail_of(text, strlen(text), "", DATE + (int64_t)n);
		free(text);
	}
	struct batch b = batch_of(r, mails, count);
	append_batch(r, &b);
	must_be_done(&b);
	batch_end(&b);
}
