/* Responses: what each does to the commands that are open, and the events made of it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "providers/imap/session.h"
#include "providers/imap/words.h"

struct event *imap_event(struct imap *m, enum event_kind kind)
{
	m->ready = x_room(m->ready, m->ready_count, &m->ready_cap, sizeof *m->ready);
	struct event *e = &m->ready[m->ready_count++];
	*e = (struct event){ .kind = kind };
	return e;
}

void imap_forget_command(struct imap *m, size_t index)
{
	uid_set_free(&m->command[index].set);
	uid_set_free(&m->command[index].found);
	free(m->command[index].wire);
	m->commands--;
	memmove(&m->command[index], &m->command[index + 1], (m->commands - index) * sizeof *m->command);
	/* an OPEN that has come to the front begins now: what follows is about its box */
	if (index == 0 && m->commands > 0 && m->command[0].kind == COMMAND_OPEN) {
		m->box = (struct box){ 0 };
		flags_free(&m->permanent);
	}
}

/* Whether the folder that this command is about is not open yet: nothing that comes is its answer. */
static bool waits_for_open(const struct imap *m, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (m->command[i].kind == COMMAND_OPEN)
			return true;
	return false;
}

/* Whether something of the folder that is open is not answered yet: what comes of it would seem to be of the next one. */
static bool waits_for_read(const struct imap *m, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (m->command[i].kind == COMMAND_READ)
			return true;
	return false;
}

void imap_worked(struct imap *m)
{
	m->fruitless = 0;
	stream_worked(m->stream, clock_ms());
}

/* ---- untagged ---- */

/* One is what the standard has; some servers cut long ones. */
#define SEARCH_LINES_MAX 1000
/* More messages than any folder has. */
#define FOUND_MAX ((uint64_t)10000000)
/* What others do to a mailbox is told in a line for each message, and a list has a line for each folder. */
#define FRUITLESS_MAX 50000

/* untagged SEARCH has no tag; one search is answered after the other */
static struct command *searching(struct imap *m)
{
	for (size_t i = 0; i < m->commands && m->command[i].kind != COMMAND_OPEN; i++) /* what is behind it begins when it is answered */
		if (m->command[i].kind == COMMAND_READ && m->command[i].want == WANT_UIDS)
			return &m->command[i];
	return NULL;
}

static int take_search(struct imap *m, const char *text, size_t len, bool extended, struct error *err)
{
	struct uid_set found = { 0 };
	struct command *c = searching(m);
	bool ok = c && (extended ? parse_esearch(&found, text, len) : parse_search(&found, text, len));
	if (ok && c->lines++ == 0) {
		uid_set_free(&c->found);
		c->found = found;
		found = (struct uid_set){ 0 };
	} else if (ok) {
		uid_set_join(&c->found, &found);
	}
	uid_set_free(&found);
	if (c && c->lines > SEARCH_LINES_MAX)
		return error_set(err, ERR_RETRY, "%s names more messages than a folder can hold", m->options.host);
	return 0;
}

static void take_fetch(struct imap *m, const char *text, size_t len)
{
	struct fetched f;
	struct command *c = NULL;
	if (parse_fetch(&f, m->digest, text, len) && (c = imap_asked_for(m, &f))) {
		uid_set_add(&c->found, f.uid, f.uid);
		m->any_order = m->any_order || imap_reads_bodies(m, c) != NULL;
		imap_worked(m);
		if (!imap_early_end(m, &f) && c->ask && !imap_doubts_body(m, c, &f)) {
			struct event *e = imap_event(m, EV_MAIL);
			e->ask = c->ask;
			e->mail = imap_take_mail(m, &f, c->want);
			c->handed = true;
		}
	} else if (m->arriving.seen) {
		stream_worked(m->stream, m->arriving.worked); /* nobody has asked for it */
	}
	flags_free(&f.flags);
	imap_body_reset(m);
}

/* Told again, it is told anew. */
static void take_permanent(struct imap *m, const struct status *s)
{
	flags_free(&m->permanent);
	parse_permanent(&m->permanent, &m->box.any_keyword, s->args ? s->args : "", s->args_len);
}

static void take_code(struct imap *m, const struct status *s)
{
	uint32_t number;
	bool is_number = parse_number(&number, s->args ? s->args : "", s->args_len);
	if (strcasecmp(s->code, "UIDVALIDITY") == 0 && is_number)
		m->box.validity = number;
	else if (strcasecmp(s->code, "UIDNEXT") == 0 && is_number)
		m->box.next = number;
	else if (strcasecmp(s->code, "HIGHESTMODSEQ") == 0)
		m->box.modseq = parse_number64(s->args ? s->args : "", s->args_len);
	else if (strcasecmp(s->code, "PERMANENTFLAGS") == 0)
		take_permanent(m, s);
	else if (strcasecmp(s->code, "CAPABILITY") == 0)
		imap_set_capabilities(m, s->args, s->args_len);
}

static int take_untagged(struct imap *m, const char *text, size_t len, struct error *err)
{
	struct status s;
	struct scan scan = { text, text + len };
	if (++m->fruitless > FRUITLESS_MAX)
		return error_set(err, ERR_RETRY, "%s talks and talks, and nothing comes of it", m->options.host);
	if (parse_status(&s, text, len)) {
		take_code(m, &s);
		if (s.word != STATUS_BYE)
			return 0;
		m->bye = true;
		for (size_t i = 0; i < m->commands; i++)
			if (m->command[i].kind == COMMAND_SIMPLE)
				return 0; /* LOGOUT, or the reply is on its way */
		words_error(&s, ABOUT_SESSION, err);
		return error_at(err, "%s said goodbye", m->options.host);
	}
	if (scan_word(&scan, "CAPABILITY")) {
		imap_set_capabilities(m, scan.at + (scan.at < scan.end), (size_t)(scan.end - scan.at) - (scan.at < scan.end));
	} else if (scan_word(&scan, "SEARCH")) {
		return take_search(m, scan.at, (size_t)(scan.end - scan.at), false, err);
	} else if (scan_word(&scan, "ESEARCH")) {
		return take_search(m, scan.at, (size_t)(scan.end - scan.at), true, err);
	} else if (len > 0 && *text >= '0' && *text <= '9') {
		const char *word = memchr(text, ' ', len);
		size_t digits = word ? (size_t)(word - text) : len, rest = word ? len - digits - 1 : 0;
		uint32_t number;
		if (rest == 6 && strncasecmp(word + 1, "EXISTS", 6) == 0 && parse_number(&number, text, digits))
			m->box.exists = number;
		else if (rest > 5 && strncasecmp(word + 1, "FETCH", 5) == 0)
			take_fetch(m, text, len);
	} else if (m->facts) {
		imap_facts_response(m, text, len);
	} else if (m->listing) {
		imap_listing_response(m, text, len);
	}
	return 0;
}

/* ---- tagged ---- */

static void remember_box(struct imap *m, const char *wire)
{
	struct known_box *k = NULL;
	for (size_t i = 0; i < m->known_count && !k; i++)
		if (strcmp(m->known[i].wire, wire) == 0)
			k = &m->known[i];
	if (!k) {
		m->known = x_room(m->known, m->known_count, &m->known_cap, sizeof *m->known);
		k = &m->known[m->known_count++];
		*k = (struct known_box){ .wire = x_strdup(wire) };
	}
	k->any_keyword = m->box.any_keyword;
	flags_free(&k->keywords);
	flags_copy(&k->keywords, &m->permanent);
}

/* The ask ends here, whatever of it is still open: those replies are nobody's. */
static void end_ask(struct imap *m, unsigned ask, const struct status *s, enum about about)
{
	struct event *e = imap_event(m, EV_ASKED);
	e->ask = ask;
	if (s->word != STATUS_OK)
		words_error(s, about, &e->err);
	for (size_t i = 0; i < m->commands; i++)
		if (m->command[i].ask == ask)
			m->command[i].ask = 0;
}

/* The folder did not open: what was sent behind it, and relies on it, speaks of another folder or of none. */
static void fail_readers(struct imap *m, const struct command *open, const struct status *s)
{
	for (size_t i = (size_t)(open - m->command) + 1; i < m->commands && m->command[i].kind != COMMAND_OPEN; i++)
		if (m->command[i].kind == COMMAND_READ && m->command[i].ask)
			end_ask(m, m->command[i].ask, s, ABOUT_FOLDER);
}

static void opened(struct imap *m, const struct command *c, const struct status *s)
{
	unsigned ask = c->ask;
	m->box.known = m->box.validity != 0;
	if (c->writable)
		remember_box(m, c->wire);
	if (ask) { /* else it was refused before its turn, and this is of no ask that is open */
		struct event *e = imap_event(m, EV_BOX);
		e->ask = ask;
		e->box = m->box;
	}
	if (ask && c->writable)
		end_ask(m, ask, s, ABOUT_FOLDER);
	imap_made(m, c);
}

static void not_opened(struct imap *m, const struct command *c, const struct status *s)
{
	unsigned ask = c->ask;
	size_t at = (size_t)(c - m->command);
	if (m->open_wire && strcmp(c->wire, m->open_wire) == 0) {
		free(m->open_wire); /* no folder is open now, unless another OPEN is on its way */
		m->open_wire = NULL;
	}
	bool over = ask && !imap_make_again(m, c);
	c = &m->command[at]; /* it may have moved */
	if (over)
		end_ask(m, ask, s, ABOUT_FOLDER);
	if (over && c->making != MAKING_NOT && m->create_refused.class != ERR_NONE) /* who would not make it says why */
		m->ready[m->ready_count - 1].err = m->create_refused;
	fail_readers(m, c, s);
}

/* A search may name more than it was asked for. */
static void only_asked_for(struct command *c)
{
	struct uid_set both = { 0 };
	for (size_t i = 0, k = 0; i < c->found.count && k < c->set.count;) {
		const struct uid_range *f = &c->found.range[i], *s = &c->set.range[k];
		uint32_t first = f->first > s->first ? f->first : s->first, last = f->last < s->last ? f->last : s->last;
		if (first <= last)
			uid_set_add(&both, first, last);
		if (f->last < s->last)
			i++;
		else
			k++;
	}
	uid_set_free(&c->found);
	c->found = both;
}

/* ESEARCH was offered and does not work: the same again by the plain form, unless another folder is opened meanwhile. */
static bool searched_again(struct imap *m, struct command *c)
{
	struct uid_set set = c->set;
	unsigned ask = c->ask;
	if (!c->extended || c->changed) /* that it does not want MODSEQ says nothing of ESEARCH */
		return false;
	imap_cannot(m, "ESEARCH");
	for (const struct command *behind = c + 1; behind < m->command + m->commands; behind++)
		if (behind->kind == COMMAND_OPEN)
			return false; /* the next session asks plainly */
	c->set = (struct uid_set){ 0 };
	c->ask = 0;
	imap_search(m, &set, 0, ask); /* from here on c may be elsewhere */
	uid_set_free(&set);
	return true;
}

/* Whether no other READ of that ask is open. */
static bool is_last(const struct imap *m, const struct command *c)
{
	for (size_t i = 0; i < m->commands; i++)
		if (&m->command[i] != c && m->command[i].kind == COMMAND_READ && m->command[i].ask == c->ask)
			return false;
	return true;
}

/* OK, and nothing said: of all that a folder holds it is counted afterwards, but here it would mean that nothing has changed. */
static const struct status *answer_of(const struct command *c, const struct status *s)
{
	static const struct status untold = { .word = STATUS_NO };
	return c->changed && s->word == STATUS_OK && c->lines == 0 ? &untold : s;
}

static int read_answered(struct imap *m, size_t index, const struct status *answer, struct error *err)
{
	struct command *c = &m->command[index];
	const struct status *s = answer_of(c, answer);
	if (!c->ask || (s->word != STATUS_OK && searched_again(m, c)))
		return 0;
	if (c->form == BODY_PLAIN || c->form == BODY_AS_IS) { /* of one mail: that it does not come is no reason to end the others */
		static const struct status ok = { .word = STATUS_OK };
		imap_body_unanswered(m, c);
		c = &m->command[index];
		if (is_last(m, c))
			end_ask(m, c->ask, &ok, ABOUT_SESSION);
		return 0;
	}
	if (c->want == WANT_UIDS && s->word == STATUS_OK) {
		only_asked_for(c);
		if (uid_set_size(&c->found) > m->box.exists || uid_set_size(&c->found) > FOUND_MAX)
			return error_set(err, ERR_RETRY, "%s finds %llu messages in a folder that holds %u", m->options.host, (unsigned long long)uid_set_size(&c->found), m->box.exists);
		struct event *e = imap_event(m, EV_UIDS);
		e->ask = c->ask;
		e->uids = c->found;
		c->found = (struct uid_set){ 0 };
	}
	if (is_last(m, c) || s->word != STATUS_OK)
		end_ask(m, c->ask, s, ABOUT_SESSION);
	return 0;
}

static void simple_answered(struct imap *m, const struct status *s)
{
	buf_reset(&m->simple_text);
	buf_add(&m->simple_text, s->text, s->text_len);
	m->simple = *s;
	m->simple.text = m->simple_text.data;
	m->simple.args = NULL;
	m->simple.args_len = 0;
}

static int take_tagged(struct imap *m, const struct response *r, struct error *err)
{
	struct status s;
	size_t i = 0;
	while (i < m->commands && (m->command[i].tag != r->tag || m->command[i].answered))
		i++;
	if (i == m->commands || !parse_status(&s, r->text, r->len))
		return error_set(err, ERR_RETRY, "%s answers a command that was not sent", m->options.host);
	struct command *c = &m->command[i];
	/* that it is not read may be said at once, by who has too much to do: there is nothing that could be another folder's */
	bool refused = s.word != STATUS_OK;
	if ((c->kind == COMMAND_READ && !refused && waits_for_open(m, i)) || (c->kind == COMMAND_OPEN && waits_for_read(m, i)))
		return error_set(err, ERR_RETRY, "%s answers out of turn", m->options.host);
	imap_worked(m);
	m->doubtful = false;
	c->stood = stream_stands(m->stream, c->tag);
	if (c->stood)
		stream_drop(m->stream, c->tag); /* it does not want the literal */
	if (strcasecmp(s.code, "CAPABILITY") == 0)
		take_code(m, &s);
	switch (c->kind) {
	case COMMAND_SIMPLE:
		simple_answered(m, &s);
		break;
	case COMMAND_CREATE:
		imap_create_answered(m, &s);
		break;
	case COMMAND_OPEN:
		if (s.word == STATUS_OK)
			opened(m, c, &s);
		else
			not_opened(m, c, &s);
		break;
	case COMMAND_READ:
		stream_answered(m->stream, c->tag);
		if (read_answered(m, i, &s, err) < 0)
			return -1;
		break;
	case COMMAND_APPEND:
		imap_append_answered(m, c, &s);
		return 0; /* pieces of it may have to leave yet */
	}
	imap_forget_command(m, i);
	if (m->commands == 0)
		stream_rests(m->stream);
	return 0;
}

/* The commands of one batch are answered one by one; the batch is over with the last. */
static bool batch_over(const struct imap *m, const struct batch *batch)
{
	for (size_t i = 0; i < m->commands; i++) {
		const struct command *c = &m->command[i];
		if (c->batch == batch && (!c->answered || stream_holds(m->stream, c->tag)))
			return false;
	}
	return true;
}

bool imap_finish_answered(struct imap *m)
{
	struct batch *over = NULL;
	for (size_t i = 0; i < m->commands && !over; i++) {
		const struct command *c = &m->command[i];
		if (c->kind == COMMAND_APPEND && !batch_over(m, c->batch))
			break; /* one that came later is over later, also when it was answered by ourselves */
		if (c->kind == COMMAND_APPEND)
			over = c->batch;
	}
	for (size_t i = m->commands; over && i-- > 0;)
		if (m->command[i].batch == over)
			imap_forget_command(m, i);
	if (over)
		imap_event(m, EV_APPENDED)->batch = over;
	return over != NULL;
}

static void be_patient(struct imap *m)
{
	bool patient = false;
	for (size_t i = 0; i < m->commands; i++)
		patient = patient || m->command[i].kind == COMMAND_OPEN || m->command[i].kind == COMMAND_APPEND;
	/* opening a large folder and committing mail take servers long; with nothing asked, silence is no fault */
	unsigned times = m->commands == 0 ? 1000 : patient ? 5 : 1;
	stream_patience(m->stream, times * m->options.timeout_ms, m->commands > 0);
}

static int go_ahead(struct imap *m, struct error *err)
{
	if (!stream_go_ahead(m->stream))
		return error_set(err, ERR_RETRY, "%s tells us to go on with nothing", m->options.host);
	imap_went_ahead(m);
	return 0;
}

static int take(struct imap *m, const struct response *r, struct error *err)
{
	int ok;
	if (r->kind == RESPONSE_UNTAGGED)
		ok = take_untagged(m, r->text, r->len, err);
	else if (r->kind == RESPONSE_TAGGED)
		ok = take_tagged(m, r, err);
	else if (m->dialog && m->commands > 0)
		ok = imap_challenged(m, r->text, r->len, err);
	else
		ok = go_ahead(m, err);
	return ok < 0 ? -1 : 1;
}

int imap_respond(struct imap *m, bool may_wake, struct error *err)
{
	struct response r;
	if (stream_is_stopped(m->stream)) /* a server that always has an answer ready never lets us wait, and so never see it */
		return error_set(err, ERR_CANCELLED, "%s: stopped", m->options.host);
	if (m->poisoned)
		return imap_is_poisoned(m, err);
	be_patient(m);
	int got = frame_next(&m->frame, &r, may_wake, err);
	if (got > 0)
		got = take(m, &r, err);
	if (got < 0) {
		imap_body_reset(m); /* whoever has it already must not wait for the rest */
		imap_doubt_compression(m, err);
	}
	return got;
}
