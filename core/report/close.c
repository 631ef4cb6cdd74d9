/* May the old mailbox be closed? And from whom did new mail come? */
#include "core/report/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/report/prose.h"

#define DAY ((int64_t)86400)
#define QUIET_DAYS 14	/* without new mail, and the mailbox is in use no more */
#define NAMED 3

static void add(struct report_close *c, enum close_reason reason, uint64_t n)
{
	c->why = x_realloc(c->why, (c->whys + 1) * sizeof *c->why);
	c->why[c->whys++] = (struct report_why){ reason, n };
}

/* ---- reading ---- */

struct list {
	struct report_sender **sender;
	size_t *count, cap;
};

static int take_sender(void *ctx, const char *address, uint64_t mails, int64_t last)
{
	struct list *l = ctx;
	*l->sender = x_room(*l->sender, *l->count, &l->cap, sizeof **l->sender);
	(*l->sender)[(*l->count)++] = (struct report_sender){ x_strdup(address), mails, last };
	return 0;
}

static uint64_t unaccepted(const struct report_part *part)
{
	uint64_t n = 0;
	for (size_t i = 0; i < part->problems; i++)
		n += strcmp(part->problem[i].severity, "error") == 0;
	return n;
}

static void answer(const struct report_part *part, int64_t verified_at, struct report_close *c)
{
	int64_t age = clock_now() - verified_at;
	uint64_t exceptions = unaccepted(part);
	if (part->exit != 0 && part->exit != 1)
		add(c, CLOSE_NOT_ENDED, 0);
	if (part->ledger.pending > 0)
		add(c, CLOSE_PENDING, part->ledger.pending);
	if (part->exit == 1 || exceptions > 0)
		add(c, CLOSE_EXCEPTIONS, exceptions);
	if (verified_at == 0)
		add(c, CLOSE_UNVERIFIED, 0);
	else if (age > DAY)
		add(c, CLOSE_OLD, (uint64_t)age / 3600);
	c->answer = c->whys > 0 ? CLOSE_NOT_YET : c->lately > 0 ? CLOSE_RECEIVING : CLOSE_YES;
	if (c->lately > 0)
		add(c, CLOSE_NEW_MAIL, c->lately);
	c->left_out = receipt_left(part);
	if (c->left_out > 0)
		add(c, CLOSE_LEFT_OUT, c->left_out);
}

int64_t close_since(void)
{
	return clock_now() - QUIET_DAYS * DAY;
}

/* Whoever writes junk does not count. */
void close_count(struct report_part *part, const char *role, const struct counts *counts)
{
	struct report_close *c = &part->close;
	if (strcmp(role, "junk") == 0)
		return;
	c->lately += counts->lately;
	if (c->last_new == 0 || counts->newest > c->last_new)
		c->last_new = counts->newest;
}

int close_read(struct report_part *part, struct store *store, int64_t run, struct error *err)
{
	struct report_close *c = &part->close;
	struct list senders = { .sender = &c->sender, .count = &c->senders }, fresh = { .sender = &part->fresh, .count = &part->freshes };
	struct store_past past;
	if (store_past(store, part->id, run, &past, err) < 0 || store_each_sender(store, part->id, c->since, 0, take_sender, &senders, err) < 0)
		return -1;
	if (past.before && store_each_sender(store, part->id, INT64_MIN, run, take_sender, &fresh, err) < 0)
		return -1;
	answer(part, past.verified_at, c);
	return 0;
}

void close_certified(struct report_part *part)
{
	if (part->close.answer == CLOSE_YES)
		part->close.answer = CLOSE_NOT_YET;
	add(&part->close, CLOSE_CERTIFIED, 0);
}

void close_unseen(struct report_part *part)
{
	part->close.answer = CLOSE_NOT_YET;
	add(&part->close, CLOSE_UNSEEN, part->unseen);
}

static void free_senders(struct report_sender *sender, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(sender[i].name);
	free(sender);
}

void close_free(struct report_part *part)
{
	free(part->close.why);
	free(part->month);
	free_senders(part->close.sender, part->close.senders);
	free_senders(part->fresh, part->freshes);
}

/* ---- words ---- */

static const struct {
	const char *one, *many;
} sentences[] = {
	[CLOSE_NOT_ENDED] = { NP_("the last run did not come to its end", "the last run did not come to its end") },
	[CLOSE_PENDING] = { NP_("%s message is not copied yet", "%s messages are not copied yet") },
	[CLOSE_EXCEPTIONS] = { NP_("%s exception that nobody has accepted yet", "%s exceptions that nobody has accepted yet") },
	[CLOSE_UNVERIFIED] = { NP_("not everything has been checked on both servers", "not everything has been checked on both servers") },
	[CLOSE_OLD] = { NP_("the last check on both servers is %s hour old", "the last check on both servers is %s hours old") },
	[CLOSE_UNSEEN] = { NP_("%s folder may hold more mail than the old provider shows", "%s folders may hold more mail than the old provider shows") },
	[CLOSE_CERTIFIED] = { NP_("it is a certified mailbox (PEC): find out first what the law wants kept", "it is a certified mailbox (PEC): find out first what the law wants kept") },
	[CLOSE_NEW_MAIL] = { NP_("%s message came within the last 14 days", "%s messages came within the last 14 days") },
	[CLOSE_LEFT_OUT] = { NP_("%s message is left out by the job file, and is in the old mailbox only", "%s messages are left out by the job file, and are in the old mailbox only") },
};

char *report_why_text(const struct report_why *why, bool english)
{
	const char *one = sentences[why->reason].one, *many = sentences[why->reason].many;
	const char *text = english ? (why->n == 1 ? one : many) : P_(one, many, why->n);
	const char *number = strstr(text, "%s");
	char local[PROSE_NUMBER];
	if (!number)
		return x_strdup(text);
	CLEANUP(x_free) char *plain = x_printf("%llu", (unsigned long long)why->n);
	return x_printf("%.*s%s%s", (int)(number - text), text, english ? plain : prose_number(local, why->n), number + 2);
}

static void name_senders(struct buf *s, const struct report_sender *sender, size_t count)
{
	for (size_t i = 0; i < count && i < NAMED; i++) {
		buf_adds(s, i > 0 ? ", " : "");
		prose_clean(s, sender[i].name);
	}
	if (count > NAMED)
		buf_addf(s, P_(" and %zu other", " and %zu others", count - NAMED), count - NAMED);
}

/* Of a whole receipt: the answer, why, and whose mail this run brought. */
void receipt_close(const struct report *report, const struct report_part *part, struct buf *out)
{
	const struct report_close *c = &part->close;
	struct buf s = { 0 };
	if (part->freshes > 0 && strcmp(report->run.command, "run") == 0) {
		buf_adds(&s, _("New since the run before, from: "));
		name_senders(&s, part->fresh, part->freshes);
		buf_addc(&s, '.');
		prose_wrap(out, s.data, 2, 4);
		buf_reset(&s);
	}
	buf_adds(&s, c->answer == CLOSE_YES ? _("The old mailbox may be closed: all of it is safe, and no mail has come for 14 days")
		: c->answer == CLOSE_RECEIVING ? _("The old mailbox should stay open: all of it is safe, but mail still comes in") : _("The old mailbox must not be closed yet"));
	for (size_t i = 0; i < c->whys; i++) {
		CLEANUP(x_free) char *why = report_why_text(&c->why[i], false);
		buf_addf(&s, "%s%s", i > 0 ? "; " : ": ", why);
		if (c->why[i].reason == CLOSE_NEW_MAIL && c->senders > 0) {
			buf_adds(&s, _(" (from "));
			name_senders(&s, c->sender, c->senders);
			buf_addc(&s, ')');
		}
	}
	buf_addc(&s, '.');
	prose_wrap(out, s.data, 2, 4);
	buf_free(&s);
}
