/* A large mail, at a distance also a middling one, is handed over as soon as its header has come: it leaves for the target while it arrives, instead of
   afterwards. Only one whose facts stand before its body, and whose length is the announced one: nothing about it is doubted later. Its last bytes are held
   back until the response has ended as it should (blob.h), so that nothing can be stored that did not come whole. */
#include "core/base/alloc.h"
#include "providers/imap/session.h"

/* Where nobody is far, smaller ones are here at once; at a distance the line to the target would stand while they come. */
#define EARLY_FAR ((size_t)128 << 10)

static bool is_large(const struct imap *m)
{
	return m->arriving.length > (stream_is_far(m->stream) ? EARLY_FAR : BLOB_MEMORY);
}

/* The response so far, as if it ended here. */
static bool parse_so_far(struct imap *m, struct fetched *f)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	if (m->frame.text.len <= 2)
		return false;
	buf_add(&text, m->frame.text.data + 2, m->frame.text.len - 2); /* without "* " */
	buf_addc(&text, ')');
	return parse_fetch(f, m->digest, text.data, text.len);
}

void imap_early_begin(struct imap *m)
{
	struct arriving *a = &m->arriving;
	struct fetched f;
	const struct command *c;
	a->may_be_early = false;
	if (!m->env->early || a->want != WANT_BODY || !is_large(m) || !a->blob)
		return;
	/* not what is nobody's any more; and what was asked for again is in doubt */
	a->may_be_early = parse_so_far(m, &f) && f.size == a->length && (c = imap_asked_for(m, &f)) && c->ask && c->form != BODY_PLAIN;
	flags_free(&f.flags);
}

/* Its command takes note of it only at the end: a response that breaks off has not answered it. */
void imap_early_offer(struct imap *m)
{
	struct arriving *a = &m->arriving;
	struct fetched f;
	const struct command *c;
	a->may_be_early = false;
	struct blob *body = parse_so_far(m, &f) && (c = imap_asked_for(m, &f)) ? blob_share(a->blob) : NULL;
	if (body) {
		struct blob *mine = a->blob;
		a->early = true;
		struct mail *mail = imap_take_mail(m, &f, WANT_BODY);
		a->blob = mine;
		a->early = m->env->early(m->env->early_ctx, c->ask, mail);
		if (!a->early)
			mail_free(&mail);
		stream_lent(m->stream, a->early);
	}
	flags_free(&f.flags);
}

bool imap_early_end(struct imap *m, const struct fetched *f)
{
	struct arriving *a = &m->arriving;
	bool early = a->early;
	if (early) {
		blob_end(a->blob, f && f->size == a->length); /* told twice, and otherwise: not what was handed over */
		stream_lent(m->stream, false);
	}
	a->early = false;
	return early;
}
