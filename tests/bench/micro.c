/* What a mail costs without a network: recorded FETCH responses through framing, parsing, identity, digests and the steps of the store, on one core.
   Each row does more than the one before it, so that the difference is the price of what came in. Processor time: waiting for a disk does not count.
   usage: bench_micro [MESSAGES [BYTES]]        default: 20000 of 2000 bytes */
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/store/store.h"
#include "providers/imap/frame.h"
#include "providers/imap/parse.h"
#include "tests/fuzz/line.h"

#define ROUNDS 3
#define BATCH 100	/* as core/flow/batch.c */

struct bench {
	uint32_t messages;
	size_t bytes;		/* of one, about */
	struct buf session;	/* all that a server says: sign-in, EXAMINE, FETCH */
	size_t fetch_at, fetch_len;	/* in it: the FETCH responses */
	size_t body_bytes;
	struct error err;
};

struct sum {
	uint64_t mails, bytes;
};

#define DO(b, call) ((call) == 0 ? (void)0 : fails(b, #call))

static _Noreturn void fails(const struct bench *b, const char *call)
{
	fprintf(stderr, "%s: %s %s\n", call, b->err.where, b->err.text);
	exit(1);
}

/* ---- the recording ---- */

static void add_mail(struct bench *b, struct buf *mail, uint32_t uid)
{
	buf_reset(mail);
	buf_addf(mail,
		"Return-Path: <sender%u@example.net>\r\nReceived: from mx%u.example.net (mx%u.example.net [192.0.2.%u])\r\n\tby mail.example.org with ESMTPS id %08x;\r\n"
		"\tTue, 13 May 2014 16:53:20 +0000\r\nFrom: Sender %u <sender%u@example.net>\r\nTo: anna@example.org\r\nSubject: Offerta numero %u\r\n"
		"Date: Tue, 13 May 2014 16:53:20 +0000\r\nMessage-ID: <%u.bench@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n",
		uid % 97, uid % 7, uid % 7, uid % 250, uid * 2654435761u, uid % 97, uid % 97, uid, uid);
	for (unsigned line = 0; mail->len < b->bytes; line++)
		buf_addf(mail, "riga %u di %u: il preventivo per la consegna, con saluti e grazie per la conferma\r\n", line, uid);
	buf_addf(&b->session, "* %u FETCH (UID %u RFC822.SIZE %zu INTERNALDATE \"13-May-2014 16:53:20 +0000\" FLAGS (\\Seen%s) BODY[] {%zu}\r\n", uid, uid, mail->len,
		uid % 5 ? "" : " NonJunk", mail->len);
	buf_add(&b->session, mail->data, mail->len);
	buf_adds(&b->session, ")\r\n");
	b->body_bytes += mail->len;
}

static void record(struct bench *b)
{
	struct buf mail = { 0 };
	buf_adds(&b->session, "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\nT1 OK [CAPABILITY IMAP4rev1] in\r\n* OK [UIDVALIDITY 7] v\r\nT2 OK [READ-ONLY] open\r\n");
	b->fetch_at = b->session.len;
	for (uint32_t uid = 1; uid <= b->messages; uid++)
		add_mail(b, &mail, uid);
	b->fetch_len = b->session.len - b->fetch_at;
	buf_adds(&b->session, "T3 OK read\r\n");
	buf_free(&mail);
}

/* ---- framing, parsing ---- */

static int sink_begin(void *ctx, uint64_t size, struct error *err)
{
	(void)size;
	(void)err;
	((struct sum *)ctx)->mails++;
	return 0;
}

static int sink_data(void *ctx, const char *data, size_t len, struct error *err)
{
	(void)data;
	(void)err;
	((struct sum *)ctx)->bytes += len;
	return 0;
}

static char *sink_room(void *ctx, size_t *len)
{
	(void)ctx;
	(void)len;
	return NULL;
}

static void parse(struct bench *b, struct digest *d, const struct response *r)
{
	struct fetched f = { 0 };
	if (!parse_fetch(&f, d, r->text, r->len) || !f.uid_known || !f.body_named)
		fails(b, "parse_fetch");
	flags_free(&f.flags);
}

static struct sum cut(struct bench *b, bool parsed)
{
	struct sum sum = { 0 };
	struct line line;
	struct frame frame = { .sink = { sink_begin, sink_data, sink_room, NULL, &sum } };
	struct response r;
	struct digest *d = digest_new();
	line_open(&line, (const uint8_t *)b->session.data + b->fetch_at, b->fetch_len, 0);
	DO(b, stream_open(&frame.stream, line.shared, &line.options, &line.env, &b->err));
	while (frame_next(&frame, &r, false, &b->err) == 1)
		if (parsed)
			parse(b, d, &r);
	stream_close(&frame.stream, false);
	frame_free(&frame);
	line_close(&line);
	digest_free(&d);
	return sum;
}

static struct sum run_frame(struct bench *b)
{
	return cut(b, false);
}

static struct sum run_parse(struct bench *b)
{
	return cut(b, true);
}

/* ---- the door: what the mover gets ---- */

struct taker {
	void (*mail)(struct taker *, struct mail *);	/* give */
	struct bench *b;
	struct sum sum;
	struct store *store;
	int64_t folder;
	struct mail *mails[2][BATCH];
	size_t count;		/* of mails[turn] */
	unsigned turn;
	uint32_t sent;		/* of the batch before: how many mails, 0: none */
};

static void read_all(struct taker *t, enum want want)
{
	struct bench *b = t->b;
	struct folder folder = { .wire = (char *)"INBOX", .name = (char *)"INBOX", .separator = '/', .selectable = true };
	struct uid_set all = { 0 };
	struct line line;
	struct conn *conn;
	struct event e;
	unsigned ask;
	line_open(&line, (const uint8_t *)b->session.data, b->session.len, 0);
	DO(b, imap_open(&conn, line.shared, &line.options, &line.env, &b->err));
	uid_set_add(&all, 1, b->messages);
	DO(b, conn->ops->ask(conn, &folder, &all, want, false, &ask, &b->err));
	do {
		DO(b, conn->ops->next(conn, &e, &b->err));
		if (e.kind == EV_MAIL) {
			t->sum.mails++;
			t->sum.bytes += e.mail->size;
			t->mail(t, e.mail);
		}
	} while (e.kind != EV_NONE && e.kind != EV_ASKED);
	uid_set_free(&all);
	conn->ops->close(&conn, false);
	line_close(&line);
}

static void drop(struct taker *t, struct mail *mail)
{
	(void)t;
	mail_free(&mail);
}

static struct sum run_body(struct bench *b)
{
	struct taker t = { .mail = drop, .b = b };
	read_all(&t, WANT_BODY);
	return t.sum;
}

static struct sum run_digest(struct bench *b)
{
	struct taker t = { .mail = drop, .b = b };
	read_all(&t, WANT_DIGEST);
	return t.sum;
}

/* ---- the store ---- */

/* The intents of the batch at hand, with what became of the one before it; the target's UIDs are the source's. */
static void step(struct taker *t)
{
	uint32_t uids[BATCH];
	struct batch now = { .count = t->count, .mails = t->mails[t->turn] }, before = { .count = t->sent, .mails = t->mails[t->turn ^ 1], .uids = uids, .done = true };
	struct batch *const finished[] = { &before };
	struct step s = { .finished = finished, .nfinished = t->sent > 0, .intended = t->count > 0 ? &now : NULL, .floor = 1 };
	for (size_t i = 0; i < t->sent; i++)
		uids[i] = before.mails[i]->uid;
	DO(t->b, store_step(t->store, t->folder, &s, &t->b->err));
	for (size_t i = 0; i < t->sent; i++)
		mail_free(&before.mails[i]);
	t->sent = (uint32_t)t->count;
	t->count = 0;
	t->turn ^= 1;
}

static void keep(struct taker *t, struct mail *mail)
{
	t->mails[t->turn][t->count++] = mail;
	if (t->count == BATCH)
		step(t);
}

static void open_store(struct taker *t, const char *path)
{
	struct error *err = &t->b->err;
	struct account_key account = { "bench", "source.example", "anna", "target.example", "anna", "", "", NULL };
	struct account_row account_row;
	struct mailbox_row mailbox;
	struct folder_row folder;
	struct uid_set all = { 0 };
	struct listed listed;
	int64_t run;
	bool renumbered;
	DO(t->b, store_open(&t->store, path, STORE_WRITE, err));
	DO(t->b, store_run_begin(t->store, "run", "digest", &run, err));
	DO(t->b, store_account(t->store, &account, &account_row, err));
	DO(t->b, store_mailbox(t->store, "target.example", "anna", "INBOX", "INBOX", &mailbox, err));
	DO(t->b, store_mailbox_seen(t->store, mailbox.id, 9, 1, &renumbered, err));
	struct folder_key key = { .account = account_row.id, .mailbox = mailbox.id, .source_wire = "INBOX", .source_name = "INBOX", .target_name = "INBOX", .source_validity = 7,
		.role = "", .why = "same", .moved = true };
	DO(t->b, store_folder(t->store, &key, &folder, err));
	t->folder = folder.id;
	uid_set_add(&all, 1, t->b->messages);
	DO(t->b, store_listed(t->store, t->folder, &all, t->b->messages + 1, &listed, err));
	uid_set_free(&all);
}

static struct sum run_store(struct bench *b)
{
	static const char *const names[] = { "state", "state-wal", "state-shm", "state.lock" };
	struct taker t = { .mail = keep, .b = b };
	struct counts counts;
	const char *tmp = getenv("TMPDIR");
	CLEANUP(x_free) char *dir = x_printf("%s/bench-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		fails(b, "mkdtemp");
	CLEANUP(x_free) char *path = x_printf("%s/state", dir);
	open_store(&t, path);
	read_all(&t, WANT_BODY);
	step(&t);
	step(&t);
	DO(b, store_counts(t.store, t.folder, (struct counting){ .run = 1 }, &counts, &b->err));
	if (counts.ledger.copied != b->messages)
		fails(b, "the ledger");
	store_close(&t.store);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CLEANUP(x_free) char *file = x_printf("%s/%s", dir, names[i]);
		unlink(file);
	}
	rmdir(dir);
	return t.sum;
}

/* ---- the table ---- */

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void measure(struct bench *b, const char *what, struct sum (*run)(struct bench *))
{
	double best = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double began = cpu_seconds();
		struct sum sum = run(b);
		double took = cpu_seconds() - began;
		if (sum.mails != b->messages || sum.bytes != b->body_bytes)
			fails(b, what);
		best = round == 0 || took < best ? took : best;
	}
	printf("| %s | %.2f | %.0f | %.0f |\n", what, best / b->messages * 1e6, b->messages / best, (double)b->body_bytes / best / 1e6);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct bench b = { .messages = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 20000, .bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 2000 };
	if (argc > 3 || b.messages == 0 || b.messages > 10000000 || b.bytes > BLOB_MEMORY) {
		fprintf(stderr, "usage: bench_micro [MESSAGES [BYTES]]\n");
		return 2;
	}
	record(&b);
	printf("%u messages, %.1f MB; processor time, the best of %d\n\n| what | us a message | messages/s | MB/s |\n|---|---|---|---|\n", b.messages, (double)b.body_bytes / 1e6, ROUNDS);
	measure(&b, "framing", run_frame);
	measure(&b, "and parsing", run_parse);
	measure(&b, "and identity, body kept (as for a copy)", run_body);
	measure(&b, "… and the steps of the store", run_store);
	measure(&b, "or identity and digests (as for verify --deep)", run_digest);
	buf_free(&b.session);
	return 0;
}
