/* Writing to the target: APPEND and STORE. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "providers/imap/session.h"
#include "providers/imap/shared.h"
#include "providers/imap/words.h"

/* A literal that is larger waits for the server's go-ahead, unless the server has taken one a quarter its size. */
#define LITERAL_FREE ((size_t)1 << 20)
#define MULTI_REFUSED_MAX 3 /* in a row: it may be that it takes one mail at a time only */
#define YEAR_1971 ((int64_t)365 * 86400)

/* ---- APPEND ---- */

static const struct known_box *box_of(const struct imap *m, const char *wire)
{
	for (size_t i = 0; i < m->known_count; i++)
		if (strcmp(m->known[i].wire, wire) == 0)
			return &m->known[i];
	return NULL;
}

static bool holds_keyword(const struct flags *f, const char *name, size_t len)
{
	const char *at = f->keywords;
	size_t n;
	for (const char *k; at && (k = flags_next_keyword(&at, &n));)
		if (n == len && strncasecmp(k, name, len) == 0)
			return true;
	return false;
}

/* Whether this server has taken that keyword in an APPEND, in this session or in another of this run. */
static bool is_known(struct imap *m, const char *name, size_t len)
{
	if (holds_keyword(&m->accepted_keywords, name, len))
		return true;
	if (!shared_has_keyword(m->shared, &m->options, name, len))
		return false;
	flags_add(&m->accepted_keywords, name, len);
	return true;
}

static bool may_be_sent(const struct known_box *box, const char *keyword, size_t len)
{
	return flags_keyword_safe(keyword, len) && (box->any_keyword || holds_keyword(&box->keywords, keyword, len));
}

/* The flags that this mailbox can keep (PERMANENTFLAGS); *lost when it can't keep all. */
static void permitted(const struct known_box *box, const struct flags *want, struct flags *out, bool *lost)
{
	const char *at = want->keywords;
	size_t len;
	out->system = want->system;
	for (const char *k; at && (k = flags_next_keyword(&at, &len));)
		if (may_be_sent(box, k, len))
			flags_add(out, k, len);
		else
			*lost = true;
}

/* Whether one of those is not known to be taken. */
static bool is_fresh(struct imap *m, const struct known_box *box, const struct flags *want)
{
	const char *at = want->keywords;
	size_t len;
	for (const char *k; at && (k = flags_next_keyword(&at, &len));)
		if (may_be_sent(box, k, len) && !is_known(m, k, len))
			return true;
	return false;
}

/* Whether the literal may follow its header at once. If the server did not like the header, it would take the mail for commands;
   so only behind a header of a form that it has accepted before. */
static bool may_run_ahead(const struct imap *m, const struct mail *mail, bool careful)
{
	size_t size = blob_size(mail->body);
	bool plain_date = mail->date == DATE_UNKNOWN || (mail->date >= YEAR_1971 && mail->date <= clock_now());
	if (careful || !plain_date || size == 0 || (size > LITERAL_FREE && size > 4 * m->accepted_literal))
		return false;
	return size <= m->literal_free;
}

/* The server took a header with what of them may be sent to that box: this user's other connections may know, too. */
static void accept_keywords(struct imap *m, const struct known_box *box, const struct flags *flags)
{
	const char *at = flags->keywords;
	size_t len;
	for (const char *k; at && (k = flags_next_keyword(&at, &len));)
		if (!holds_keyword(&m->accepted_keywords, k, len) && may_be_sent(box, k, len)) {
			flags_add(&m->accepted_keywords, k, len);
			shared_takes_keyword(m->shared, &m->options, k, len);
		}
}

/* Asked when all before the literal has left, so that what was learnt meanwhile counts, here or by another connection of the user. */
bool imap_may_run_ahead(void *owner, unsigned tag, const void *literal)
{
	struct imap *m = owner;
	const struct mail *mail = literal;
	size_t i = 0;
	while (i < m->commands && m->command[i].tag != tag)
		i++;
	if (i == m->commands)
		return false;
	struct command *c = &m->command[i];
	const struct known_box *box = box_of(m, c->batch->folder->wire);
	bool ahead = may_run_ahead(m, mail, c->batch->careful || is_fresh(m, box, &mail->flags));
	c->ahead = c->ahead || ahead;
	flags_free(&m->announced.flags);
	if (!ahead) {
		flags_copy(&m->announced.flags, &mail->flags);
		m->announced.box = (size_t)(box - m->known);
	}
	return ahead;
}

/* A server that wants the literal has taken the header in front of it, or takes a literal as such before it looks at that: either way another with its keywords may run ahead. */
void imap_went_ahead(struct imap *m)
{
	if (m->announced.flags.keywords)
		accept_keywords(m, &m->known[m->announced.box], &m->announced.flags);
	flags_free(&m->announced.flags);
}

static void append_mail(struct imap *m, struct command *c, const struct mail *mail)
{
	struct batch *batch = c->batch;
	struct flags flags = { 0 };
	struct buf head = { 0 };
	permitted(box_of(m, batch->folder->wire), &mail->flags, &flags, &batch->keywords_refused);
	buf_adds(&head, " (");
	flags_write(&flags, &head);
	buf_addc(&head, ')');
	if (mail->date != DATE_UNKNOWN) {
		char date[27];
		write_date(date, mail->date);
		buf_addf(&head, " \"%s\"", date);
	}
	buf_addf(&head, " {%zu", blob_size(mail->body));
	stream_text(m->stream, c->tag, head.data, head.len);
	stream_literal(m->stream, c->tag, mail);
	stream_blob(m->stream, c->tag, mail->body);
	buf_free(&head);
	flags_free(&flags);
}

/* One APPEND with mails first..first+count-1; its reply is answered to `c->first`. */
static void append_command(struct imap *m, struct batch *batch, const char *name, size_t first, size_t count)
{
	struct command *c = imap_command(m, COMMAND_APPEND, "APPEND %s", name);
	unsigned tag = c->tag;
	c->batch = batch;
	c->first = first;
	c->count = count;
	for (size_t i = first; i < first + count; i++)
		append_mail(m, c, batch->mails[i]);
	stream_text(m->stream, tag, "\r\n", 2);
	if (first == 0)
		stream_mark(m->stream, tag, &batch->complete);
}

/* A mail that is larger than the server has announced (RFC 7889) is refused here, and with it its batch: nothing leaves. The answer comes in
   its turn, as a server's would. */
static bool too_large(struct imap *m, struct batch *batch)
{
	size_t i = 0;
	while (i < batch->count && (m->append_limit == 0 || blob_size(batch->mails[i]->body) <= m->append_limit))
		i++;
	if (i == batch->count)
		return false;
	struct command *c = imap_command_unsent(m, COMMAND_APPEND);
	c->batch = batch;
	c->count = batch->count;
	c->answered = true;
	batch->done = false;
	error_set(&batch->why, ERR_MESSAGE, "%zu bytes are more than the server takes in one message (%llu bytes)", blob_size(batch->mails[i]->body),
		(unsigned long long)m->append_limit);
	return true;
}

static bool is_open(const struct imap *m, const struct folder *folder)
{
	return m->open_wire && strcmp(m->open_wire, folder->wire) == 0;
}

/* Courier: it refuses mail for the mailbox that is open by EXAMINE on this connection, and RFC 3501 (6.3.2) lets it. Others would only lose time. */
static void leave_read_only(struct imap *m, const struct folder *folder, const char *name)
{
	if (m->beside != BESIDE_REFUSED || !is_open(m, folder))
		return;
	free(m->open_wire);
	m->open_wire = NULL; /* the next ask opens it anew, read-only */
	imap_command(m, COMMAND_SIMPLE, "SELECT %s", name);
}

int imap_append(struct conn *conn, struct batch *batch, struct error *err)
{
	struct imap *m = (struct imap *)conn;
	CLEANUP(x_free) char *name = imap_quote(batch->folder->wire);
	if (!name || !box_of(m, batch->folder->wire))
		return error_set(err, ERR_BUG, "append to %s before it was opened", batch->folder->wire);
	if (m->poisoned)
		return imap_is_poisoned(m, err);
	batch->complete = false;
	batch->done = true;
	if (too_large(m, batch))
		return 0;
	leave_read_only(m, batch->folder, name);
	if (imap_can(m, "MULTIAPPEND"))
		append_command(m, batch, name, 0, batch->count);
	else
		for (size_t i = 0; i < batch->count; i++)
			append_command(m, batch, name, i, 1);
	return stream_pump(m->stream, err);
}

/* The server took these headers: their forms are known to be good from now on. */
static void accept_forms(struct imap *m, const struct batch *batch, size_t first, size_t count)
{
	const struct known_box *box = box_of(m, batch->folder->wire);
	for (size_t i = first; i < first + count; i++) {
		size_t size = blob_size(batch->mails[i]->body);
		accept_keywords(m, box, &batch->mails[i]->flags);
		if (size > m->accepted_literal)
			m->accepted_literal = size;
	}
}

static void taken(struct command *c, const struct status *s)
{
	struct batch *batch = c->batch;
	uint32_t *uids = NULL;
	if (!batch->taken)
		batch->taken = x_calloc(batch->count, sizeof *batch->taken);
	for (size_t i = c->first; i < c->first + c->count; i++)
		batch->taken[i] = true;
	if (strcasecmp(s->code, "APPENDUID") != 0 || !parse_appenduid(&batch->validity, &uids, c->count, s->args, s->args_len) || !uids)
		return;
	if (!batch->uids)
		batch->uids = x_calloc(batch->count, sizeof *batch->uids);
	memcpy(batch->uids + c->first, uids, c->count * sizeof *uids);
	free(uids);
}

/* Whether the server knows by itself where the mail ends: it asked for each literal of the command, and got all of it. */
static bool in_step(const struct imap *m, const struct command *c)
{
	return c->stood || (!c->ahead && !stream_holds(m->stream, c->tag));
}

/* Behind a literal that ran ahead, a BAD leaves open what the server takes for commands. One that is throttled says so even then, and for how long. */
static void poison(struct imap *m, const struct error *throttled)
{
	if (m->poisoned)
		return;
	m->poisoned = true;
	error_set(&m->poison, ERR_RETRY, "%s did not understand an APPEND", m->options.host);
	if (throttled)
		m->poison = *throttled;
}

int imap_is_poisoned(const struct imap *m, struct error *err)
{
	*err = m->poison;
	return -1;
}

/* A header was refused, and perhaps a keyword is why: none is known to be good any more. */
static void refused_form(struct imap *m)
{
	flags_free(&m->announced.flags);
	flags_free(&m->accepted_keywords);
	shared_forget_keywords(m->shared, &m->options);
}

/* A BAD speaks of the command's form: the first thing in it that not every server knows is not used any more. A NO may be about a mail, but not
   about so many in a row. */
static void doubt_form(struct imap *m, const struct command *c, const struct status *s)
{
	if (c->count > 1)
		m->multi_refused = s->word == STATUS_OK ? 0 : m->multi_refused + 1;
	if (s->word == STATUS_BAD && !in_step(m, c) && c->count == 1) {
		imap_cannot(m, "LITERAL+");
		imap_cannot(m, "LITERAL-");
	} else if (c->count > 1 && (s->word == STATUS_BAD || m->multi_refused >= MULTI_REFUSED_MAX)) {
		imap_cannot(m, "MULTIAPPEND");
	}
}

static void refused(struct imap *m, struct command *c, const struct status *s)
{
	struct batch *batch = c->batch;
	struct error why;
	words_error(s, ABOUT_MESSAGE, &why);
	bool throttled = why.class == ERR_THROTTLED; /* it speaks of its load, not of the command */
	if (!throttled)
		doubt_form(m, c, s);
	if (batch->done)
		batch->why = why;
	batch->done = false;
	if (!throttled && m->beside == BESIDE_UNKNOWN && is_open(m, batch->folder))
		m->beside = BESIDE_REFUSED; /* perhaps that is why */
	if (s->word == STATUS_BAD && !in_step(m, c))
		poison(m, throttled ? &why : NULL);
	if ((c->stood && m->announced.flags.keywords) || (s->word == STATUS_BAD && !throttled))
		refused_form(m);
}

void imap_append_answered(struct imap *m, struct command *c, const struct status *s)
{
	struct batch *batch = c->batch;
	c->answered = true;
	if (s->word != STATUS_OK) {
		refused(m, c, s);
		return;
	}
	doubt_form(m, c, s);
	accept_forms(m, batch, c->first, c->count);
	taken(c, s);
	if (is_open(m, batch->folder))
		m->beside = BESIDE_FINE;
}

/* ---- STORE ---- */

int imap_set_flags(struct conn *conn, const struct folder *folder, const struct flag_change *changes, size_t count, struct error *err)
{
	struct imap *m = (struct imap *)conn;
	CLEANUP(x_free) char *name = imap_quote(folder->wire);
	const struct known_box *box = box_of(m, folder->wire);
	struct buf line = { 0 };
	if (!name || !box)
		return error_set(err, ERR_BUG, "flags for %s before it was opened", folder->wire);
	free(m->open_wire);
	m->open_wire = NULL; /* opened for writing: the next ask opens it anew, read-only */
	m->box = (struct box){ 0 };
	unsigned tag = imap_command(m, COMMAND_SIMPLE, "SELECT %s", name)->tag;
	if (imap_wait(m, tag, err) < 0)
		return -1;
	if (m->simple.word != STATUS_OK)
		return words_error(&m->simple, ABOUT_FOLDER, err);
	if (m->box.validity != folder->box.validity)
		return error_set(err, ERR_FOLDER, "the target folder was renumbered meanwhile");
	box = box_of(m, folder->wire); /* what was answered meanwhile may have moved it */
	for (size_t i = 0; box && i < count; i++) {
		struct flags may = { 0 };
		bool lost;
		permitted(box, &changes[i].add, &may, &lost);
		if (!flags_empty(&may)) {
			buf_reset(&line);
			flags_write(&may, &line);
			tag = imap_command(m, COMMAND_SIMPLE, "UID STORE %u +FLAGS.SILENT (%s)", changes[i].uid, line.data)->tag;
		}
		flags_free(&may);
	}
	buf_free(&line);
	if (imap_wait(m, tag, err) < 0)
		return -1;
	/* a flag that the server does not keep is told by the next comparison */
	return m->simple.word == STATUS_BAD ? words_error(&m->simple, ABOUT_FOLDER, err) : 0;
}
