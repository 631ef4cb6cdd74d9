/* Comparing one message with what the target has at its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/flow/writer.h"
#include "core/mail/proof.h"

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
	if (source->has_proof && target->has_proof && source->id.msgid != target->id.msgid)
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

int judge_unread(struct writer *w, const struct move *m, uint32_t uid, struct error *err)
{
	return report(w, m, uid, "error", "message-altered", N_("one of the servers lists this message and does not hand it over"), err);
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

int judge(struct writer *w, struct move *m, enum want want, const struct placed *row, const struct mail *source, const struct mail *target, enum checked *found, struct error *err)
{
	int ok = 0;
	bool again = uid_set_has(&m->redated, source->uid);
	if (want == WANT_META)
		*found = judge_meta(m, row, source, target);
	else if (want == WANT_HEAD)
		*found = judge_head(m, row, source, target);
	else
		ok = judge_digest(w, m, row, source, target, found, err);
	if (ok < 0)
		return -1;
	if (uid_set_has(&m->lost, source->uid)) {
		m->strange = true;
		return 0;
	}
	/* mail that was there before us has its own date of arrival */
	if (row->origin == ORIGIN_OURS && judge_date(w, m, source, target, found, err) < 0)
		return -1;
	if (!again && uid_set_has(&m->redated, source->uid) && row->checked == CHECKED_ALTERED)
		*found = CHECKED_ALTERED; /* until the second look */
	/* flags once a message: with the facts that come first */
	bool first = !again && (want == WANT_META || (w->flow->deep && want == WANT_DIGEST));
	return first ? judge_flags(w, m, row, source, target, err) : 0;
}

/* ---- a second look ---- */

int judge_again(struct writer *w, struct move *m, const struct placed *row, struct mail *source, const struct mail *target, struct error *err)
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
		ok = judge_unread(w, m, row->uid, err);
	if (ok == 0 && row->origin == ORIGIN_OURS)
		ok = judge_date(w, m, source, target, &found.checked, err);
	if (ok == 0 && target->has_proof)
		ok = store_measured(w->flow->store, m->folder, &(struct measured){ row->uid, source->proof.length, target->proof.length }, 1, err);
	return ok < 0 ? -1 : store_compared(w->flow->store, m->folder, 1, 0, &found, 1, err);
}
