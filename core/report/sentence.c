/* How an account came out, in a sentence for its owner: what is safe, what is missing, what to do. No server's talk, and no word of failure where nothing
   is lost. */
#include "core/report/receipt.h"

#include <string.h>

#include "core/base/i18n.h"
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

bool receipt_has(const struct report_part *part, const char *code)
{
	for (size_t i = 0; i < part->problems; i++)
		if (strcmp(part->problem[i].severity, "error") == 0 && strcmp(part->problem[i].code, code) == 0)
			return true;
	return false;
}

/* ---- 0 ---- */

static void left_out(struct buf *s, const struct report_part *part)
{
	char number[PROSE_NUMBER];
	uint64_t n = receipt_left(part);
	if (n > 0)
		buf_addf(s, P_(" (leaving out %s, as asked)", " (leaving out %s, as asked)", n), prose_number(number, n));
}

static void complete_all(struct buf *s, const struct report_part *part)
{
	char number[PROSE_NUMBER];
	uint64_t all = receipt_there(&part->ledger);
	bool gone = part->verified.gone > 0; /* what its owner filed elsewhere since has arrived, but is not there */
	if (part->unseen > 0)
		buf_addf(s, P_("Moved as far as can be seen: %s message that the old provider shows of %s is in %s",
			"Moved as far as can be seen: %s messages that the old provider shows of %s are in %s", all), prose_number(number, all), part->source_user, part->target_user);
	else if (all == 0)
		buf_addf(s, _("Move complete: there is nothing to move from %s to %s"), part->source_user, part->target_user);
	else if (all == 1 && gone)
		buf_addf(s, _("Move complete: the only message of %s has arrived in %s"), part->source_user, part->target_user);
	else if (all == 1)
		buf_addf(s, _("Move complete: the only message of %s is in %s"), part->source_user, part->target_user);
	else if (gone)
		buf_addf(s, _("Move complete: all %s messages of %s have arrived in %s"), prose_number(number, all), part->source_user, part->target_user);
	else
		buf_addf(s, _("Move complete: all %s messages of %s are in %s"), prose_number(number, all), part->source_user, part->target_user);
}

/* What is not there was accepted by somebody: that is said, not hidden behind "all". */
static void complete_but(struct buf *s, const struct report_part *part)
{
	char a[PROSE_NUMBER], b[PROSE_NUMBER];
	uint64_t there = receipt_there(&part->ledger);
	buf_addf(s, P_("Move complete: %s of %s messages of %s is in %s", "Move complete: %s of %s messages of %s are in %s", there), prose_number(a, there),
		prose_number(b, receipt_asked(&part->ledger)), part->source_user, part->target_user);
}

static void checked_on(struct buf *s, const struct report_part *part, const struct run *run)
{
	struct buf day = { 0 };
	uint64_t all = receipt_there(&part->ledger);
	if (!receipt_checked(part)) {
		buf_adds(s, P_(", not checked again", ", not checked again", all));
		return;
	}
	prose_date(&day, run->finished > 0 ? run->finished : run->started);
	buf_addf(s, P_(", checked again on both servers on %s", ", checked again on both servers on %s", all), day.data ? day.data : "?");
	buf_free(&day);
}

static void complete(struct buf *s, const struct report_part *part, const struct run *run)
{
	char number[PROSE_NUMBER];
	uint64_t refused = part->ledger.refused;
	if (receipt_asked(&part->ledger) > receipt_there(&part->ledger))
		complete_but(s, part);
	else
		complete_all(s, part);
	left_out(s, part);
	if (receipt_there(&part->ledger) > 0)
		checked_on(s, part, run);
	if (refused > 0)
		buf_addf(s, P_("; %s that the new server refused was accepted as it is", "; %s that the new server refused were accepted as they are", refused),
			prose_number(number, refused));
	if (part->unseen > 0)
		buf_adds(s, _("; there may be older ones that it does not show"));
	buf_addc(s, '.');
}

/* ---- 1 ---- */

static const struct exception {
	const char *code;	/* NULL: all others */
	const char *one, *many;
} exceptions[] = {
	{ "message-refused", NP_("was refused by the new server and kept as a file", "were refused by the new server and kept as files") },
	{ "too-big", NP_("is too big for the new server and was kept as a file", "are too big for the new server and were kept as files") },
	{ "message-unreadable", NP_("is listed by the old server, which does not hand it over", "are listed by the old server, which does not hand them over") },
	{ "message-altered", NP_("is not the same in the new mailbox", "are not the same in the new mailbox") },
	{ "message-missing", NP_("is missing in the new mailbox", "are missing in the new mailbox") },
	{ "message-doubled", NP_("is there more than once", "are there more than once") },
	{ "unsettled", NP_("may be there already and was not sent again", "may be there already and were not sent again") },
	{ NULL, NP_("more is told below", "more are told below") },
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
	buf_addf(s, P_("Move finished with %s exception: ", "Move finished with %s exceptions: ", all), prose_number(a, all));
	buf_addf(s, P_("%s of %s messages has arrived", "%s of %s messages have arrived", arrived), prose_number(a, arrived), prose_number(b, receipt_asked(&part->ledger)));
	left_out(s, part);
	if (receipt_checked(part))
		buf_adds(s, P_(" and was checked", " and were checked", arrived));
	else
		buf_adds(s, P_(", not checked again", ", not checked again", arrived));
	for (size_t i = 0; i < EXCEPTIONS; i++)
		if (count[i] > 0) {
			buf_adds(s, "; ");
			prose_count(s, count[i], P_(exceptions[i].one, exceptions[i].many, count[i]));
		}
	buf_addc(s, '.');
}

/* ---- 3, and what else goes on by itself ---- */

const char *receipt_called(const struct report_part *part, bool source)
{
	const char *called = source ? part->source_called : part->target_called;
	return called && *called ? called : source ? part->source_host : part->target_host;
}

static const char *host_of(const struct report_part *part, const struct report_problem *why)
{
	if (!why || !*why->side)
		return NULL;
	return receipt_called(part, strcmp(why->side, "source") == 0);
}

/* The server's own words come later: they may sound worse than it is. */
static void because(struct buf *s, const struct report_part *part)
{
	const struct report_problem *why = receipt_reason(part);
	const char *host = host_of(part, why);
	if (part->exit == 130 || part->exit == 143)
		buf_adds(s, _(" because the move was interrupted"));
	else if (part->exit == 3 && host && strcmp(why->code, "login-refused") == 0)
		buf_addf(s, _(" because %s lets nobody in for now"), host);
	else if (part->exit == 3 && host)
		buf_addf(s, _(" because %s does not answer as it should for now"), host);
}

static void incomplete(struct buf *s, const struct report_part *part)
{
	char a[PROSE_NUMBER], b[PROSE_NUMBER];
	const struct ledger *l = &part->ledger;
	uint64_t all = receipt_asked(l), there = receipt_there(l);
	buf_adds(s, _("Move not finished yet: "));
	if (l->pending > 0)
		buf_addf(s, P_("%s of %s messages is missing", "%s of %s messages are missing", l->pending), prose_number(a, l->pending), prose_number(b, all));
	else if (all > 0)
		buf_addf(s, P_("%s of %s messages has arrived, and not everything was looked at", "%s of %s messages have arrived, and not everything was looked at", there),
			prose_number(a, there), prose_number(b, all));
	else
		buf_adds(s, _("no message has been seen so far"));
	left_out(s, part);
	because(s, part);
	buf_adds(s, there > 0 ? _("; those already copied are safe, and the same command goes on from here.") : _("; the same command goes on from here."));
}

/* ---- what has to be mended first ---- */

static void full(struct buf *s, const struct report_part *part)
{
	char number[PROSE_NUMBER], size[PROSE_NUMBER];
	uint64_t missing = part->ledger.pending;
	buf_addf(s, _("Move on hold: the new mailbox %s is full"), part->target_user);
	if (missing > 0)
		buf_addf(s, P_(" and %s message is missing", " and %s messages are missing", missing), prose_number(number, missing));
	if (missing > 0 && part->bytes_pending > 0)
		buf_addf(s, " (%s)", prose_size(size, part->bytes_pending));
	buf_adds(s, _("; enlarge it and run the same command again."));
}

/* No server was asked: the flow says so by its hint. */
static bool no_secret(const struct report_problem *why)
{
	return strcmp(why->code, "login-refused") == 0 && strncmp(why->hint, "see to the password", 19) == 0;
}

static void stopped_for(struct buf *s, const struct report_part *part)
{
	const struct report_problem *why = receipt_reason(part);
	const char *host = host_of(part, why);
	bool source = why && strcmp(why->side, "source") == 0;
	if (part->exit == 4 && host && no_secret(why))
		buf_addf(s, _("Move stopped: there is no password to sign in with to %s (%s)"), host, source ? part->source_user : part->target_user);
	else if (part->exit == 4 && host)
		buf_addf(s, _("Move stopped: %s does not let %s in"), host, source ? part->source_user : part->target_user);
	else if (part->exit == 5 && host)
		buf_addf(s, _("Move stopped: there is no safe connection to %s"), host);
	else if (part->exit == 9)
		buf_adds(s, _("Move stopped: another run is at work here"));
	else if (part->exit == 70)
		buf_adds(s, _("Move stopped: an internal fault of trasloco"));
	else if (receipt_has(part, "mapping-changed"))
		buf_adds(s, _("Move stopped before anything was copied: a folder would now go to another place than before, and its mail would be there twice"));
	else if (receipt_has(part, "account-changed"))
		buf_addf(s, _("Move stopped before anything was copied: %s stands for other mailboxes than before"), part->name);
	else if (receipt_has(part, "folder-collision"))
		buf_adds(s, _("Move stopped before anything was copied: two old folders would become one new folder"));
	else if (receipt_has(part, "target-shrunk"))
		buf_addf(s, _("Move stopped as a precaution: many messages that had arrived in %s are no longer there"), part->target_user);
	else if (receipt_has(part, "drift"))
		buf_adds(s, _("Move stopped as a precaution: the old mailbox is not what the plan was made for"));
	else {
		buf_adds(s, _("Move stopped: "));
		prose_kept(s, why ? why->text : N_("for a reason that is not told"));
	}
}

static void stopped(struct buf *s, const struct report_part *part)
{
	char number[PROSE_NUMBER];
	uint64_t there = receipt_there(&part->ledger);
	stopped_for(s, part);
	buf_adds(s, _("; nothing was deleted"));
	if (there > 0 && !receipt_has(part, "target-shrunk"))
		buf_addf(s, P_(", and %s message is safe in %s", ", and %s messages are safe in %s", there), prose_number(number, there), part->target_user);
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
		buf_adds(&s, _("Move stopped as a precaution: the old mailbox shows far fewer messages than before, as in a provider's outage; nothing was deleted from the "
			"new one: do not close the old one."));
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
