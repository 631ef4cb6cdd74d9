/* How an account came out, in a sentence for its owner: what is safe, what is missing, what to do. */
#include "core/report/receipt.h"

#include <string.h>

#include "core/report/prose.h"

uint64_t receipt_there(const struct ledger *l)
{
	return l->copied + l->already_there;
}

uint64_t receipt_asked(const struct ledger *l)
{
	return l->copied + l->already_there + l->refused + l->pending;
}

bool receipt_checked(const struct report_part *part)
{
	const struct verified *v = &part->verified;
	return v->any && v->identical + v->rewritten + v->altered + v->missing + v->gone == receipt_there(&part->ledger);
}

const struct report_problem *receipt_reason(const struct report_part *part)
{
	for (size_t i = 0; i < part->problems; i++)
		if (strcmp(part->problem[i].severity, "error") == 0 && part->problem[i].uid == 0)
			return &part->problem[i];
	return NULL;
}

/* ---- 0 ---- */

static void left_out(struct buf *s, const struct ledger *l)
{
	char number[PROSE_NUMBER];
	if (l->skipped > 0)
		buf_addf(s, " (leaving out %s marked as deleted)", prose_number(number, l->skipped));
}

static void complete(struct buf *s, const struct report_part *part, const struct run *run)
{
	char number[PROSE_NUMBER];
	uint64_t all = receipt_there(&part->ledger);
	/* what its owner filed elsewhere since has arrived, but is not there */
	const char *is = part->verified.gone > 0 ? "has arrived" : "is", *are = part->verified.gone > 0 ? "have arrived" : "are";
	if (all == 0)
		buf_addf(s, "Move complete: there is nothing to move from %s to %s", part->source_user, part->target_user);
	else if (all == 1)
		buf_addf(s, "Move complete: the only message of %s %s in %s", part->source_user, is, part->target_user);
	else
		buf_addf(s, "Move complete: all %s messages of %s %s in %s", prose_number(number, all), part->source_user, are, part->target_user);
	left_out(s, &part->ledger);
	if (all > 0 && !receipt_checked(part))
		buf_adds(s, ", not checked again");
	if (all > 0 && receipt_checked(part)) {
		buf_adds(s, ", checked again on both servers on ");
		prose_date(s, run->finished > 0 ? run->finished : run->started);
	}
	buf_addc(s, '.');
}

/* ---- 1 ---- */

static const struct exception {
	const char *code;	/* NULL: all others */
	const char *one, *many;
} exceptions[] = {
	{ "message-refused", "was refused by the new server and kept as a file", "were refused by the new server and kept as files" },
	{ "too-big", "is too big for the new server and was kept as a file", "are too big for the new server and were kept as files" },
	{ "message-unreadable", "could not be read from the old server", "could not be read from the old server" },
	{ "message-altered", "is not the same in the new mailbox", "are not the same in the new mailbox" },
	{ "message-missing", "is missing in the new mailbox", "are missing in the new mailbox" },
	{ "message-doubled", "is there more than once", "are there more than once" },
	{ "unsettled", "may be there already and was not sent again", "may be there already and were not sent again" },
	{ NULL, "more is told below", "more are told below" },
};
#define EXCEPTIONS (sizeof exceptions / sizeof *exceptions)

static size_t kind_of(const struct report_problem *p)
{
	size_t kind = 0;
	while (exceptions[kind].code && strcmp(exceptions[kind].code, p->code) != 0)
		kind++;
	return kind;
}

static void with_exceptions(struct buf *s, const struct report_part *part)
{
	uint64_t count[EXCEPTIONS] = { 0 }, all = 0;
	char a[PROSE_NUMBER], b[PROSE_NUMBER];
	for (size_t i = 0; i < part->problems; i++)
		if (strcmp(part->problem[i].severity, "error") == 0) {
			count[kind_of(&part->problem[i])]++;
			all++;
		}
	/* mail that a verification did not find has not arrived */
	uint64_t arrived = receipt_checked(part) ? part->verified.identical + part->verified.rewritten + part->verified.altered + part->verified.gone
		: receipt_there(&part->ledger);
	buf_adds(s, "Move finished with ");
	prose_count(s, all, "exception", "exceptions");
	buf_addf(s, ": %s of %s messages have arrived", prose_number(a, arrived), prose_number(b, receipt_asked(&part->ledger)));
	left_out(s, &part->ledger);
	buf_adds(s, receipt_checked(part) ? " and were checked" : ", not checked again");
	for (size_t i = 0; i < EXCEPTIONS; i++)
		if (count[i] > 0)
			buf_addf(s, "; %s %s", prose_number(a, count[i]), count[i] == 1 ? exceptions[i].one : exceptions[i].many);
	buf_addc(s, '.');
}

/* ---- 3, and what else goes on by itself ---- */

static const char *host_of(const struct report_part *part, const struct report_problem *why)
{
	if (!why || !*why->side)
		return NULL;
	return strcmp(why->side, "source") == 0 ? part->source_host : part->target_host;
}

/* The server's own words come later: they may sound worse than it is. */
static void because(struct buf *s, const struct report_part *part)
{
	const struct report_problem *why = receipt_reason(part);
	const char *host = host_of(part, why);
	if (part->exit == 130 || part->exit == 143)
		buf_adds(s, " because the move was interrupted");
	else if (part->exit == 3 && host && strcmp(why->code, "login-refused") == 0)
		buf_addf(s, " because %s lets nobody in for now", host);
	else if (part->exit == 3 && host)
		buf_addf(s, " because the work with %s was interrupted", host);
}

static void incomplete(struct buf *s, const struct report_part *part)
{
	char a[PROSE_NUMBER], b[PROSE_NUMBER];
	const struct ledger *l = &part->ledger;
	uint64_t all = receipt_asked(l), there = receipt_there(l);
	buf_adds(s, "Move not finished yet: ");
	if (l->pending > 0)
		buf_addf(s, "%s of %s messages %s missing", prose_number(a, l->pending), prose_number(b, all), l->pending == 1 ? "is" : "are");
	else if (all > 0)
		buf_addf(s, "%s of %s messages have arrived, and not everything was looked at", prose_number(a, there), prose_number(b, all));
	else
		buf_adds(s, "no message has been seen so far");
	left_out(s, l);
	because(s, part);
	buf_adds(s, there > 0 ? "; those already copied are safe, and the same command goes on from here." : "; the same command goes on from here.");
}

/* ---- what has to be mended first ---- */

static void full(struct buf *s, const struct report_part *part)
{
	char number[PROSE_NUMBER];
	uint64_t missing = part->ledger.pending;
	buf_addf(s, "Move on hold: the new mailbox %s is full", part->target_user);
	if (missing > 0)
		buf_addf(s, " and %s %s missing", prose_number(number, missing), missing == 1 ? "message is" : "messages are");
	buf_adds(s, "; enlarge it and run the same command again.");
}

static void stopped(struct buf *s, const struct report_part *part)
{
	const struct report_problem *why = receipt_reason(part);
	const char *host = host_of(part, why);
	buf_adds(s, "Move stopped: ");
	if (part->exit == 4 && host)
		buf_addf(s, "%s does not let %s in", host, host == part->source_host ? part->source_user : part->target_user);
	else if (part->exit == 5 && host)
		buf_addf(s, "there is no safe connection to %s", host);
	else if (part->exit == 9)
		buf_adds(s, "another run is at work here");
	else if (part->exit == 70)
		buf_adds(s, "an internal fault of trasloco");
	else
		prose_clean(s, why ? why->text : "for a reason that is not told");
	buf_adds(s, "; nothing was deleted");
	if (receipt_there(&part->ledger) > 0) {
		buf_adds(s, ", and ");
		prose_count(s, receipt_there(&part->ledger), "message is", "messages are");
		buf_addf(s, " in %s", part->target_user);
	}
	buf_addc(s, '.');
}

void receipt_sentence(const struct report_part *part, const struct run *run, struct buf *out)
{
	struct buf s = { 0 };
	switch (part->exit) {
	case 0:
		complete(&s, part, run);
		break;
	case 1:
		with_exceptions(&s, part);
		break;
	case -1:
	case 3:
	case 130:
	case 143:
		incomplete(&s, part);
		break;
	case 6:
		buf_adds(&s, "Move stopped as a precaution: the old mailbox shows far fewer messages than before, as in a provider's outage; "
			"nothing was deleted from the new one: do not close the old one.");
		break;
	case 7:
		full(&s, part);
		break;
	default:
		stopped(&s, part);
	}
	prose_wrap(out, s.data, 2, 2);
	buf_free(&s);
}
