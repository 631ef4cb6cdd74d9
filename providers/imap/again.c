/* Bodies of another length than announced. Some servers hand out a part of a mail by BODY[] and all of it by RFC822: before it is believed it is asked for by that
   name as well, and the better one counts. Servers whose announced sizes are guesses are found out soon: then only mail without its end is asked for again. */
#include <string.h>

#include "core/base/alloc.h"
#include "providers/imap/session.h"

/* So many bodies in a row that were the same by either name say that it is the sizes that are wrong, unless a tenth of the mail is missing. */
#define LIES_BELIEVED 8

/* Whether a command that is sent now works on the folder of that READ still: another may have been asked to be opened since. */
static bool is_here(const struct imap *m, const struct command *of)
{
	for (const struct command *behind = of + 1; behind < m->command + m->commands; behind++)
		if (behind->kind == COMMAND_OPEN)
			return false;
	return m->open_wire && strcmp(m->open_wire, of->wire) == 0;
}

static void ask_again(struct imap *m, const struct command *of, uint32_t uid, enum body_form form, uint64_t measured)
{
	enum want want = of->want;
	unsigned ask = of->ask;
	struct folder folder = { .wire = x_strdup(of->wire) };
	struct error ignored; /* it was opened by that name before */
	if (!is_here(m, of))
		imap_open_folder(m, &folder, ask, false, &ignored);
	struct command *c = imap_command(m, COMMAND_READ, "UID FETCH %u (UID RFC822.SIZE INTERNALDATE FLAGS %s)", uid, form == BODY_PLAIN ? "RFC822" : "BODY.PEEK[]");
	c->ask = ask;
	c->want = want;
	c->form = form;
	c->measured = measured;
	c->wire = folder.wire;
	uid_set_add(&c->set, uid, uid);
}

/* Of the announced length, or longer than what BODY[] gave. As long as that: the size was a lie, and the mail is one. */
static bool plain_is_better(struct imap *m, const struct command *c, const struct fetched *f)
{
	const struct arriving *a = &m->arriving;
	m->sizes_lied = a->length == c->measured ? m->sizes_lied + 1 : 0;
	if (m->sizes_lied == 0)
		log_line(m->env->log, "%s: uid %u: %llu bytes by BODY[], %llu by RFC822, %u announced", m->options.host, f->uid, (unsigned long long)c->measured,
			(unsigned long long)a->length, f->size);
	return a->length == f->size || a->length >= c->measured;
}

bool imap_doubts_body(struct imap *m, const struct command *c, const struct fetched *f)
{
	const struct arriving *a = &m->arriving;
	if (c->form == BODY_PLAIN)
		return !a->seen || !plain_is_better(m, c, f);
	if (c->form == BODY_WHOLE || !a->seen || (c->want != WANT_BODY && c->want != WANT_DIGEST))
		return false;
	bool lie = m->sizes_lied >= LIES_BELIEVED && a->length + f->size / 10 >= f->size;
	if (a->length == f->size || c->form == BODY_AS_IS || (lie && multipart_ends(a->head.data, a->head.len, a->tail, a->tail_len)))
		return false;
	ask_again(m, c, f->uid, BODY_PLAIN, a->length);
	return true;
}

void imap_body_unanswered(struct imap *m, const struct command *c)
{
	if (c->form == BODY_PLAIN && !c->handed)
		ask_again(m, c, c->set.range[0].first, BODY_AS_IS, 0);
}
