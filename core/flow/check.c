/* Comparing: chunks of the source's messages with the target's, both read anew, paired by the state's UIDs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/crash.h"
#include "core/base/i18n.h"
#include "core/flow/writer.h"
#include "core/mail/proof.h"

void check_take(struct writer *w, struct item *item)
{
	item->move->facts_waiting++;
	item->next = NULL;
	if (w->facts_last)
		w->facts_last->next = item;
	else
		w->facts_first = item;
	w->facts_last = item;
}

static void checking_end(struct writer *w, struct checking *c)
{
	placed_free(c->rows, c->rows_count);
	for (size_t i = 0; i < c->count; i++)
		mail_free(&c->mails[i]);
	free(c->mails);
	uid_set_free(&c->asked);
	if (c->item) {
		c->item->move->facts_waiting--;
		writer_done_bytes(w, c->item);
	}
	*c = (struct checking){ 0 };
}

void check_abandon(struct writer *w)
{
	for (size_t i = 0; i < CHECKS_AHEAD; i++)
		checking_end(w, &w->checking[i]);
	for (struct item *item = w->facts_first, *next; item; item = next) {
		next = item->next;
		writer_done_bytes(w, item);
	}
	w->facts_first = w->facts_last = NULL;
}

/* ---- one message ---- */

static struct mail *mail_of(struct mail *const *mails, size_t count, uint32_t uid)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (mails[middle]->uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && mails[low]->uid == uid ? mails[low] : NULL;
}

static int report(struct writer *w, const struct move *m, uint32_t uid, const char *severity, const char *code, const char *text, struct error *err)
{
	struct problem p = { .side = SIDE_TARGET, .severity = severity, .code = code, .uid = uid, .text = text,
		.hint = *severity == 'e' ? N_("compare the message in both mailboxes") : "" };
	return writer_problem(w, m, &p, err);
}

/* What bytes have told of it before is not taken back for less. Another date is told by the facts, each time anew. */
static bool told_by_bytes(const struct placed *row, const struct mail *source, const struct mail *target)
{
	bool redated = row->origin == ORIGIN_OURS && source->date != target->date;
	return (row->checked == CHECKED_ALTERED && !redated) || row->checked == CHECKED_REWRITTEN;
}

/* The source's and the target's facts of one pair: what they are; CHECKED_NOT, or as it was, when only more bytes can tell. */
static enum checked judge_meta(struct move *m, const struct placed *row, const struct mail *source, const struct mail *target)
{
	if (source->id.msgid != target->id.msgid) {
		uid_set_add(&m->lost, source->uid, source->uid); /* this UID holds another mail */
		return CHECKED_NOT;
	}
	bool told = told_by_bytes(row, source, target);
	if (source->size == target->size && !told)
		return CHECKED_IDENTICAL;
	uid_set_add(source->size == target->size ? &m->by_head : &m->by_digest, source->uid, source->uid);
	return told ? row->checked : CHECKED_NOT;
}

static enum checked judge_head(struct move *m, const struct placed *row, const struct mail *source, const struct mail *target)
{
	bool told = told_by_bytes(row, source, target);
	bool same = source->has_id && target->has_id && memcmp(source->id.head, target->id.head, IDENTITY_LEN) == 0;
	if (same && source->size == target->size && !told)
		return CHECKED_IDENTICAL;
	uid_set_add(&m->by_digest, source->uid, source->uid);
	return told ? row->checked : CHECKED_NOT;
}

/* An added field may say another thing than the one that it hides. */
static enum difference difference_of(const struct mail *source, const struct mail *target)
{
	enum difference d = proof_difference(&source->proof, &target->proof);
	bool core = memcmp(source->id.core, target->id.core, IDENTITY_LEN) == 0;
	return (d == DIFFERENCE_ADDED || d == DIFFERENCE_ENCODED) && !core ? DIFFERENCE_HEADER : d;
}

/* The same mail, in another form or not. */
static int report_same(struct writer *w, const struct move *m, uint32_t uid, enum difference d, enum checked *found, struct error *err)
{
	static const char *const texts[] = {
		[DIFFERENCE_LINES] = N_("the new server stored it with other line ends"),
		[DIFFERENCE_ADDED] = N_("the new server stored it with other headers added"),
		[DIFFERENCE_ENCODED] = N_("the new server stored it in other transfer encodings, with the same content"),
	};
	*found = d == DIFFERENCE_NONE ? CHECKED_IDENTICAL : CHECKED_REWRITTEN;
	return d == DIFFERENCE_NONE ? 0 : report(w, m, uid, "note", "message-rewritten", texts[d], err);
}

static int judge_digest(struct writer *w, struct move *m, const struct placed *row, const struct mail *source, const struct mail *target, enum checked *found, struct error *err)
{
	enum difference d = source->has_proof && target->has_proof ? difference_of(source, target) : DIFFERENCE_CONTENT;
	m->sampled += source->has_proof && target->has_proof;
	if (d <= DIFFERENCE_ENCODED)
		return report_same(w, m, source->uid, d, found, err);
	*found = told_by_bytes(row, source, target) ? row->checked : CHECKED_NOT;
	if (source->id.msgid != target->id.msgid)
		uid_set_add(&m->lost, source->uid, source->uid);
	else if (!uid_set_has(&m->reread, source->uid)) /* it may have been one wrong answer */
		uid_set_add(&m->suspects, source->uid, source->uid);
	return 0;
}

/* Read again, and again not the same. The source's body is here. */
static int report_altered(struct writer *w, const struct move *m, const struct mail *source, const struct mail *target, struct error *err)
{
	unsigned long long a = source->proof.length, b = target->proof.length;
	char text[160];
	bool cut = false;
	if (difference_of(source, target) == DIFFERENCE_HEADER)
		return report(w, m, source->uid, "error", "message-altered", N_("its header differs: a field of it is missing in the new mailbox, or says something else"), err);
	if (proof_is_cut(&cut, source->body, &target->proof, err) < 0)
		return -1;
	if (cut)
		snprintf(text, sizeof text, "its end is missing: %llu bytes in the old mailbox, %llu in the new one", a, b);
	else
		snprintf(text, sizeof text, "its content differs: %llu bytes in the old mailbox, %llu in the new one", a, b);
	return report(w, m, source->uid, "error", "message-altered", text, err);
}

/* Sent without a date, it has got one from the target. */
static int report_no_date(struct writer *w, const struct move *m, uint32_t uid, struct error *err)
{
	struct problem p = { .side = SIDE_SOURCE, .severity = "warning", .code = "date-refused", .uid = uid,
		.text = N_("the old server gives no date of arrival for this message that can be read"),
		.hint = N_("the message is there, with the day of the move as its date of arrival") };
	return writer_problem(w, m, &p, err);
}

static int judge_date(struct writer *w, struct move *m, const struct mail *source, const struct mail *target, enum checked *found, struct error *err)
{
	char text[160], a[21], b[21];
	if (source->date == target->date || *found == CHECKED_ALTERED || uid_set_has(&m->lost, source->uid))
		return 0;
	if (source->date == DATE_UNKNOWN)
		return report_no_date(w, m, source->uid, err);
	if (!uid_set_has(&m->redated, source->uid)) { /* it may have been one wrong answer */
		uid_set_add(&m->redated, source->uid, source->uid);
		uid_set_add(&m->by_meta, source->uid, source->uid);
		return 0;
	}
	clock_utc(a, source->date);
	clock_utc(b, target->date == DATE_UNKNOWN ? 0 : target->date);
	snprintf(text, sizeof text, "its date of arrival differs: %s in the old mailbox, %s in the new one", a, b);
	bool odd = source->date < 365 * 86400 || source->date > clock_now();
	if (odd) /* dates from before 1970 or from the future are not kept by every server */
		return report(w, m, source->uid, "warning", "date-refused", text, err);
	*found = CHECKED_ALTERED;
	return report(w, m, source->uid, "error", "message-altered", text, err);
}

static void want_flags(struct move *m, const struct placed *placed, const struct flags *add, const struct flags *source)
{
	m->flags = x_room(m->flags, m->flags_count, &m->flags_cap, sizeof *m->flags);
	struct flag_row *row = &m->flags[m->flags_count++];
	*row = (struct flag_row){ .uid = placed->uid, .change.uid = placed->target_uid };
	flags_copy(&row->change.add, add);
	flags_copy(&row->source, source);
}

/* A flag set at the source since the copy is set at the target once. One that the target lost before its first check is set again;
   what its owner does with flags later is theirs. */
static int judge_flags(struct writer *w, struct move *m, const struct placed *row, const struct mail *source, const struct mail *target, struct error *err)
{
	struct flags since = { 0 }, lost = { 0 }, open = { 0 };
	/* \Deleted never goes to the target; borrowed otherwise */
	struct flags now = { source->flags.system & ~(unsigned)FLAG_DELETED, source->flags.keywords };
	struct flags known = { row->flags.system & ~(unsigned)FLAG_DELETED, row->flags.keywords };
	int ok = 0;
	bool ours = row->origin == ORIGIN_OURS, first = row->checked == CHECKED_NOT;
	if (m->account->job->messages.flags == FLAGS_NONE)
		now = known; /* `flags: none`: what came with it, and nothing later */
	flags_missing(&since, &now, &known);
	flags_missing(&open, first ? &now : &since, &target->flags);
	flags_missing(&lost, &known, &target->flags);
	bool run = w->flow->order == FLOW_RUN, had = flags_empty(&open);
	if (!flags_empty(&since) && had && run)
		ok = store_flags(w->flow->store, m->folder, row->uid, &now, err);
	if (ok == 0 && ours && lost.system)
		ok = report(w, m, row->uid, "warning", "flags-lost", N_("the new mailbox has not all its marks (read, answered, flagged …)"), err);
	else if (ok == 0 && ours && lost.keywords && first)
		ok = report(w, m, row->uid, "warning", "keyword-lost", N_("the new mailbox has not all its keywords (labels)"), err);
	if (ok == 0 && !flags_empty(&open) && run)
		want_flags(m, row, &open, &now);
	flags_free(&since);
	flags_free(&lost);
	flags_free(&open);
	return ok;
}

static int judge(struct writer *w, struct move *m, enum want want, const struct placed *row, const struct mail *source, const struct mail *target, enum checked *found, struct error *err)
{
	int ok = 0;
	bool again = uid_set_has(&m->redated, source->uid);
	if (want == WANT_META)
		*found = judge_meta(m, row, source, target);
	else if (want == WANT_HEAD)
		*found = judge_head(m, row, source, target);
	else
		ok = judge_digest(w, m, row, source, target, found, err);
	if (ok < 0 || uid_set_has(&m->lost, source->uid))
		return ok;
	/* mail that was there before us has its own date of arrival */
	if (row->origin == ORIGIN_OURS && judge_date(w, m, source, target, found, err) < 0)
		return -1;
	if (!again && uid_set_has(&m->redated, source->uid) && row->checked == CHECKED_ALTERED)
		*found = CHECKED_ALTERED; /* until the second look */
	/* flags once a message: with the facts that come first */
	bool first = !again && (want == WANT_META || (w->flow->deep && want == WANT_DIGEST));
	return first ? judge_flags(w, m, row, source, target, err) : 0;
}

/* ---- one chunk ---- */

static int by_uid(const void *a, const void *b)
{
	uint32_t x = (*(struct mail *const *)a)->uid, y = (*(struct mail *const *)b)->uid;
	return x < y ? -1 : x > y;
}

/* A whole pass (META, or DIGEST when deep) speaks of its range: all that is not odd is identical. The others speak of single messages. */
static int record(struct writer *w, struct checking *c, const struct finding *found, size_t count, bool whole, struct error *err)
{
	struct move *m = c->item->move;
	const struct facts *f = c->item->facts;
	atomic_fetch_add(&w->flow->count->checked, f->count);
	atomic_fetch_add(&m->account->seen->checked, f->count);
	pool_reached(m, REACH_COMPARED, f->last);
	uint32_t first = whole ? f->first : 1, last = whole ? f->last : 0;
	return store_compared(w->flow->store, m->folder, first, last, found, count, err);
}

/* Mail that was sent while the target's side was on its way has rows in the range now, and nobody has looked at it. */
static int rows_anew(struct writer *w, struct checking *c, struct error *err)
{
	const struct move *m = c->item->move;
	if (m->sends == c->sends)
		return 0;
	placed_free(c->rows, c->rows_count);
	return store_placed(w->flow->store, m->folder, c->item->facts->first, c->item->facts->last, &c->rows, &c->rows_count, err);
}

/* Whether this target keeps mail as it was sent, learnt from what we brought and remembered: where it does, only the same
   header is the same mail. */
static int learn(struct writer *w, struct move *m, enum want want, size_t pairs, struct error *err)
{
	int known = atomic_load(&m->account->target_keeps), now = uid_set_size(&m->by_digest) > 0 ? 2 : 1;
	if (want != WANT_META || pairs == 0 || known == 2 || known == now)
		return 0;
	atomic_store(&m->account->target_keeps, now);
	return store_target_keeps(w->flow->store, m->account->row.id, now, err);
}

/* How long they are at either side, of mails that were read. */
static int record_sizes(struct writer *w, const struct checking *c, struct error *err)
{
	const struct facts *f = c->item->facts;
	struct measured *sizes = x_calloc(c->rows_count + 1, sizeof *sizes);
	size_t n = 0;
	for (size_t i = 0; f->want == WANT_DIGEST && i < c->rows_count; i++) {
		const struct placed *row = &c->rows[i];
		const struct mail *source = mail_of(f->mails, f->count, row->uid), *target = row->target_uid ? mail_of(c->mails, c->count, row->target_uid) : NULL;
		if (source && target && source->has_proof && target->has_proof)
			sizes[n++] = (struct measured){ row->uid, source->proof.length, target->proof.length };
	}
	int ok = store_measured(w->flow->store, c->item->move->folder, sizes, n, err);
	free(sizes);
	return ok;
}

static int compare(struct writer *w, struct checking *c, struct error *err)
{
	struct move *m = c->item->move;
	const struct facts *f = c->item->facts;
	bool whole = f->whole;
	size_t odd = 0;
	int ok = rows_anew(w, c, err);
	struct finding *found = x_calloc(c->rows_count + 1, sizeof *found);
	if (c->count > 0)
		qsort(c->mails, c->count, sizeof *c->mails, by_uid);
	for (size_t i = 0; ok == 0 && i < c->rows_count; i++) {
		const struct placed *row = &c->rows[i];
		const struct mail *source = mail_of(f->mails, f->count, row->uid);
		bool asked = !row->target_uid || uid_set_has(&c->asked, row->target_uid);
		const struct mail *target = row->target_uid && asked ? mail_of(c->mails, c->count, row->target_uid) : NULL;
		enum checked what = row->checked;
		if (source && target)
			ok = judge(w, m, f->want, row, source, target, &what, err);
		else if (source && asked && row->checked != CHECKED_GONE)
			uid_set_add(&m->lost, row->uid, row->uid);
		if (whole ? what != CHECKED_IDENTICAL || !source || !target : source && target && what != CHECKED_NOT)
			found[odd++] = (struct finding){ row->uid, what };
	}
	if (ok == 0)
		ok = learn(w, m, f->want, c->count, err);
	if (ok == 0)
		ok = record(w, c, found, odd, whole, err);
	if (ok == 0)
		ok = record_sizes(w, c, err);
	free(found);
	return ok;
}

/* ---- a second look, before it is said that a mail is not the same ---- */

static int keep_mail(void *ctx, struct mail *mail, struct error *err)
{
	struct mail **out = ctx;
	(void)err;
	mail_free(out);
	*out = mail;
	return 0;
}

static int judge_again(struct writer *w, struct move *m, const struct placed *row, struct mail *source, const struct mail *target, struct error *err)
{
	struct finding found = { row->uid, CHECKED_ALTERED };
	int ok = proof_of_blob(&source->proof, source->body, err);
	if (ok < 0)
		return -1;
	enum difference d = target->has_proof ? difference_of(source, target) : DIFFERENCE_CONTENT;
	if (d <= DIFFERENCE_ENCODED)
		ok = report_same(w, m, row->uid, d, &found.checked, err);
	else if (target->has_proof)
		ok = report_altered(w, m, source, target, err);
	else
		ok = report(w, m, row->uid, "error", "message-altered", N_("one of the servers lists this message and does not hand it over"), err);
	if (ok == 0 && row->origin == ORIGIN_OURS)
		ok = judge_date(w, m, source, target, &found.checked, err);
	if (ok == 0 && target->has_proof)
		ok = store_measured(w->flow->store, m->folder, &(struct measured){ row->uid, source->proof.length, target->proof.length }, 1, err);
	return ok < 0 ? -1 : store_compared(w->flow->store, m->folder, 1, 0, &found, 1, err);
}

int check_reread(struct writer *w, struct item *item, struct error *err)
{
	struct move *m = item->move;
	struct mail *source = item->mail, *target = NULL;
	struct placed *row = NULL;
	struct waiting wait = { .mail = keep_mail, .ctx = &target };
	struct uid_set one = { 0 };
	size_t count = 0;
	uid_set_add(&m->reread_done, source->uid, source->uid);
	int ok = store_placed(w->flow->store, m->folder, source->uid, source->uid, &row, &count, err);
	if (ok == 0 && count > 0 && row->target_uid) {
		uid_set_add(&one, row->target_uid, row->target_uid);
		ok = w->conn->ops->ask(w->conn, &m->target, &one, WANT_DIGEST, true, &wait.ask, err);
		if (ok == 0)
			ok = writer_await(w, &wait, err);
		if (ok == 0 && target && target->id.msgid == source->id.msgid)
			ok = judge_again(w, m, row, source, target, err);
		else if (ok == 0)
			uid_set_add(&m->lost, source->uid, source->uid);
	} else if (ok == 0 && count > 0 && uid_set_has(&m->strayed, source->uid)) {
		ok = finish_stray(w, m, row, source, err);
	}
	mail_free(&target);
	uid_set_free(&one);
	placed_free(row, count);
	writer_done_bytes(w, item);
	return ok;
}

int check_unread(struct writer *w, struct move *m, struct error *err)
{
	for (size_t i = 0; i < m->reread.count; i++)
		for (uint64_t u = m->reread.range[i].first; u <= m->reread.range[i].last; u++) {
			struct finding found = { (uint32_t)u, CHECKED_ALTERED };
			if (uid_set_has(&m->reread_done, (uint32_t)u))
				continue;
			uid_set_add(&m->reread_done, (uint32_t)u, (uint32_t)u);
			if (report(w, m, (uint32_t)u, "error", "message-altered", N_("one of the servers lists this message and does not hand it over"), err) < 0 ||
				store_compared(w->flow->store, m->folder, 1, 0, &found, 1, err) < 0)
				return -1;
		}
	return 0;
}

/* ---- asking ---- */

static int ask_target(struct writer *w, struct checking *c, struct error *err)
{
	struct move *m = c->item->move;
	const struct facts *f = c->item->facts;
	if (store_placed(w->flow->store, m->folder, f->first, f->last, &c->rows, &c->rows_count, err) < 0)
		return -1;
	c->sends = m->sends;
	for (size_t i = 0; i < c->rows_count; i++)
		if (c->rows[i].target_uid && mail_of(f->mails, f->count, c->rows[i].uid))
			uid_set_add(&c->asked, c->rows[i].target_uid, c->rows[i].target_uid);
	int ok;
	if (c->asked.count == 0 || !m->target_exists) {
		ok = compare(w, c, err);
		checking_end(w, c);
	} else {
		c->open = true;
		m->looks += !m->looked_fresh;
		ok = w->conn->ops->ask(w->conn, &m->target, &c->asked, f->want, !m->looked_fresh, &c->ask, err);
		m->looked_fresh = true;
	}
	return ok;
}

/* A chunk can be compared when all that was sent for its move is answered and recorded. */
static struct item *ready_facts(struct writer *w)
{
	struct item **at = &w->facts_first, *before = NULL;
	for (; *at; before = *at, at = &(*at)->next) {
		struct item *item = *at;
		if (item->move->in_flight > 0 || item->move->settle || w->filling || w->refused_count > 0)
			continue;
		*at = item->next;
		if (w->facts_last == item)
			w->facts_last = before;
		return item;
	}
	return NULL;
}

int check_start(struct writer *w, struct error *err)
{
	for (size_t i = 0; i < CHECKS_AHEAD; i++) {
		struct checking *c = &w->checking[i];
		struct item *item = c->item ? NULL : ready_facts(w);
		if (!item)
			continue;
		c->item = item;
		w->at = item->move;
		if (batch_record(w, item->move, err) < 0 || ask_target(w, c, err) < 0)
			return -1;
		if (!c->open)
			i--; /* compared at once: this place is free again */
	}
	return 0;
}

static bool box_same(const struct box *a, const struct box *b)
{
	return a->validity == b->validity && a->next == b->next && a->exists == b->exists && a->modseq == b->modseq;
}

bool check_event(struct writer *w, struct event *e, int *ok, struct error *err)
{
	struct checking *c = NULL;
	for (size_t i = 0; i < CHECKS_AHEAD; i++)
		if (w->checking[i].open && w->checking[i].ask == e->ask && e->kind != EV_NONE)
			c = &w->checking[i];
	if (!c)
		return false;
	struct move *m = w->at = c->item->move;
	if (e->kind == EV_BOX) {
		if (m->target.box.validity && e->box.validity != m->target.box.validity)
			*ok = error_set(err, ERR_FOLDER, N_("the target folder was renumbered meanwhile"));
		/* another folder was opened in between: what was compared before it counts only if this is what it was then */
		m->looks += m->looked.known && !box_same(&m->looked, &e->box);
		m->looked = e->box;
	} else if (e->kind == EV_MAIL) {
		c->mails = x_room(c->mails, c->count, &c->cap, sizeof *c->mails);
		c->mails[c->count++] = e->mail;
	} else if (e->kind == EV_ASKED) {
		if (e->err.class != ERR_NONE) {
			*err = e->err;
			*ok = -1;
		} else {
			*ok = compare(w, c, err);
			checking_end(w, c);
		}
		crash_point("compared");
	}
	return true;
}
