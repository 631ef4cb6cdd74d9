/* A whole session: sign-in, description, list, reading in every way, preparing, appending, flags; the input is all that the server says.
   First byte: what is asked for, second: how the network cuts it. What comes out does not depend on the cuts, answers what was asked, and what we send is IMAP. */
#include "tests/fuzz/line.h"

#include <ctype.h>

#include "core/mail/mail.h"

#define LARGEST 60	/* the highest UID that is asked for */

static struct mail *mails[2];
static const char *const bodies[2] = { "Subject: one\r\n\r\nT9 LOGOUT\r\n", "Subject: two\r\nMessage-ID: <2@x>\r\n\r\nx" };

struct talk {
	struct conn *conn;
	struct buf said;	/* what came out, told in a text */
	struct error err;
	unsigned asked[8];	/* UIDs up to LARGEST were asked for under these numbers */
	size_t asks;
	bool seen[8][LARGEST + 1];
};

static void make_mails(void)
{
	struct error err;
	for (size_t i = 0; i < 2 && !mails[1]; i++) {
		mails[i] = mail_new();
		HOLDS(blob_new(&mails[i]->body, strlen(bodies[i]), "/tmp", &err) == 0 && blob_add(mails[i]->body, bodies[i], strlen(bodies[i]), &err) == 0);
		mails[i]->size = (uint32_t)strlen(bodies[i]);
		mails[i]->date = 1700000000;
		flags_add(&mails[i]->flags, "\\Seen", 5);
		flags_add(&mails[i]->flags, i ? "$Forwarded" : "Work", i ? 10 : 4);
	}
}

/* ---- what came out ---- */

static size_t ask_index(const struct talk *t, unsigned ask)
{
	size_t i = 0;
	while (i < t->asks && t->asked[i] != ask)
		i++;
	HOLDS(i < t->asks);
	return i;
}

static void tell_mail(struct talk *t, unsigned ask, struct mail *m)
{
	size_t i = ask_index(t, ask), body = m->body ? blob_size(m->body) : 0;
	char start[64] = "";
	struct error err;
	HOLDS(m->uid >= 1 && m->uid <= LARGEST && !t->seen[i][m->uid]); /* each at most once */
	t->seen[i][m->uid] = true;
	if (m->body)
		HOLDS(blob_read(m->body, 0, start, body < 63 ? body : 63, &err) >= 0);
	buf_addf(&t->said, "mail %u: %u %u %lld %u %s %d %llx %zu %s\n", ask, m->uid, m->size, (long long)m->date, m->flags.system, m->flags.keywords ? m->flags.keywords : "", m->has_id,
		(unsigned long long)m->id.msgid, body, start);
	buf_add(&t->said, m->id.head, sizeof m->id.head);
	if (m->has_proof)
		buf_add(&t->said, m->proof.raw, sizeof m->proof.raw);
	mail_free(&m);
}

static void tell_uids(struct talk *t, struct uid_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		HOLDS(set->range[i].first >= 1 && set->range[i].first <= set->range[i].last && (i == 0 || set->range[i - 1].last < set->range[i].first));
	CLEANUP(x_free) char *text = uid_set_text(set);
	buf_addf(&t->said, "uids %s\n", text);
	uid_set_free(set);
}

/* Events until nothing is outstanding. */
static bool drain(struct talk *t)
{
	for (;;) {
		struct event e;
		if (t->conn->ops->next(t->conn, &e, &t->err) < 0)
			return false;
		if (e.kind == EV_NONE)
			return true;
		buf_addf(&t->said, "event %d %u %u %u %u %s\n", (int)e.kind, e.ask, e.box.validity, e.box.next, e.box.exists, e.err.text);
		HOLDS(fuzz_shows(e.err.text));
		if (e.kind == EV_MAIL)
			tell_mail(t, e.ask, e.mail);
		tell_uids(t, &e.uids);
	}
}

/* ---- what is asked ---- */

static void list(struct talk *t)
{
	struct folder_list found;
	if (t->conn->ops->list(t->conn, &found, &t->err) < 0)
		return;
	buf_addf(&t->said, "list %zu '%c' %s %zu\n", found.count, found.separator ? found.separator : '0', found.prefix, found.unread);
	HOLDS(fuzz_shows(found.unread_line));
	for (size_t i = 0; i < found.count; i++) {
		const struct folder *f = &found.folder[i];
		HOLDS(f->wire && f->name && text_is_utf8(f->name, strlen(f->name)) && folder_find(&found, f->wire) == f);
		buf_addf(&t->said, "%s %s %d %d %d %u %u\n", f->wire, f->name, f->selectable, (int)f->role, (int)f->space, f->box.exists, f->box.validity);
	}
	folder_list_free(&found);
}

static bool ask(struct talk *t, const struct folder *folder, enum want want)
{
	struct uid_set set = { 0 };
	uid_set_add(&set, 1, LARGEST);
	int ok = t->conn->ops->ask(t->conn, folder, &set, want, want == WANT_META, &t->asked[t->asks], &t->err);
	uid_set_free(&set);
	t->asks += ok == 0;
	return ok == 0;
}

static void read_all(struct talk *t, uint8_t what)
{
	static const struct folder folders[] = { { .wire = (char *)"INBOX", .name = (char *)"INBOX", .separator = '/', .selectable = true },
		{ .wire = (char *)"a\"b\\c", .name = (char *)"a\"b\\c", .separator = '/', .selectable = true } };
	if (what & 1 && (!ask(t, &folders[0], WANT_UIDS) || !ask(t, &folders[0], WANT_BODY) || !ask(t, &folders[1], WANT_META) || !drain(t)))
		return;
	if (what & 2 && (!ask(t, &folders[1], WANT_HEAD) || !ask(t, &folders[1], WANT_DIGEST)))
		return;
	drain(t);
}

static void append(struct talk *t)
{
	struct folder folder = { .wire = (char *)"INBOX", .name = (char *)"INBOX", .separator = '/', .selectable = true, .subscribed = true, .box = { .validity = 7 } };
	struct batch batch = { .folder = &folder, .count = 2, .mails = mails };
	struct flag_change change = { .uid = 3, .add = mails[0]->flags };
	if (t->conn->ops->prepare(t->conn, &folder, false, &t->asked[t->asks++], &t->err) < 0 || !drain(t))
		return;
	int ok = t->conn->ops->append(t->conn, &batch, &t->err);
	if (ok == 0 && drain(t)) {
		HOLDS(fuzz_shows(batch.why.text));
		buf_addf(&t->said, "appended %d %d %u %s\n", batch.complete, batch.done, batch.validity, batch.why.text);
		t->conn->ops->set_flags(t->conn, &folder, &change, 1, &t->err);
	}
	free(batch.taken);
	free(batch.uids);
}

/* ---- what we sent ---- */

static const char *literal(const char *line, const char *end, size_t *size)
{
	const char *at = end;
	if (at <= line || *--at != '}')
		return NULL;
	at -= at > line && at[-1] == '+';
	while (at > line && isdigit((unsigned char)at[-1]))
		at--;
	*size = strtoul(at, NULL, 10);
	return at > line && at[-1] == '{' ? at : NULL;
}

/* Every line that is not the rest of a command behind its literal begins with a tag; nothing of a mail or a name stands where a command would. */
static void check_sent(const struct buf *sent)
{
	const char *at = sent->data, *all = at + sent->len;
	bool tag = true;
	while (at < all) {
		const char *end = memchr(at, '\r', (size_t)(all - at));
		size_t size = 0;
		if (!end)
			return; /* the rest never left */
		HOLDS(end + 1 < all && end[1] == '\n');
		HOLDS(!tag || (*at == 'T' && isdigit((unsigned char)at[1])));
		HOLDS(!memchr(at, '\0', (size_t)(end - at)));
		tag = !literal(at, end, &size);
		at = end + 2;
		if (size > (size_t)(all - at))
			return;
		at += size;
	}
}

static void talk(struct buf *said, const uint8_t *data, size_t len, uint8_t what, uint64_t cuts)
{
	struct line line;
	struct talk t = { 0 };
	struct door_facts facts;
	char *wire = NULL;
	size_t wire_len = 0;
	bool told = memmem(data, len, "s3cr3t", 6) != NULL;
	struct log log = { .out = open_memstream(&wire, &wire_len) };
	line_open(&line, data, len, cuts);
	line.env.wire = &log;
	if (imap_open(&t.conn, line.shared, &line.options, &line.env, &t.err) == 0) {
		buf_reset(&line.sent);
		HOLDS(fuzz_shows(t.conn->ops->capabilities(t.conn)));
		if (what & 4 && t.conn->ops->describe(t.conn, &facts, &t.err) == 0)
			buf_addf(&t.said, "facts %llu %llu %llu\n", (unsigned long long)facts.append_limit, (unsigned long long)facts.quota_used, (unsigned long long)facts.quota_limit);
		if (what & 8 && t.err.class == ERR_NONE)
			list(&t);
		if (what & 3 && t.err.class == ERR_NONE)
			read_all(&t, what);
		if (what & 16 && t.err.class == ERR_NONE)
			append(&t);
		t.conn->ops->close(&t.conn, what & 32);
		if (line.sent.len > 0)
			check_sent(&line.sent);
	}
	HOLDS(told || !strstr(t.err.text, "s3cr3t"));
	HOLDS(fuzz_shows(t.err.text));
	buf_addf(&t.said, "%d", (int)t.err.class); /* its text may show how much of a broken line had come */
	line_close(&line);
	fclose(log.out);
	for (char *c = wire; *c; c++)
		*c = *c == '\n' ? ' ' : *c;
	HOLDS(fuzz_shows(wire) && (told || !strstr(wire, "s3cr3t")));
	free(wire);
	*said = t.said;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t what = fuzz_byte(&data, &len), cuts = fuzz_byte(&data, &len);
	struct buf whole, pieces;
	make_mails();
	talk(&whole, data, len, what, 0);
	talk(&pieces, data, len, what, (uint64_t)cuts + 1);
	HOLDS(whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0);
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
