/* A check for people: what works on both sides, and for what does not the likely causes in order. */
#include "core/report/receipt.h"

#include <string.h>

#include "core/base/i18n.h"
#include "core/report/causes.h"
#include "core/report/prose.h"

#define INDENT 6
#define SIDE_COLUMNS 6
#define WHAT_COLUMN 28
#define ADVICE_COLUMN 44
/* With more accounts than this those that are well get a line. */
#define ACCOUNTS_WHOLE 3

static bool is_well(const struct report_side *side)
{
	return side->class == ERR_NONE;
}

/* ---- a side that works ---- */

static void write_numbers(const struct report_side *side, struct buf *out)
{
	char a[PROSE_NUMBER], b[PROSE_NUMBER];
	struct buf s = { 0 };
	buf_adds(&s, side->clear ? _("connection NOT SAFE, as the job asks") : _("safe connection ok"));
	buf_adds(&s, _(" · sign-in ok · "));
	prose_count(&s, side->folders, P_("folder", "folders", side->folders));
	if (side->messages > 0) {
		buf_adds(&s, ", ");
		prose_count(&s, side->messages, P_("message", "messages", side->messages));
	}
	prose_wrap(out, s.data, INDENT, INDENT);
	buf_reset(&s);
	if (side->facts.has_quota)
		buf_addf(&s, _("space: %s used of %s"), prose_size(a, side->facts.quota_used), prose_size(b, side->facts.quota_limit));
	if (side->facts.append_limit > 0) {
		buf_adds(&s, s.len > 0 ? " · " : "");
		buf_addf(&s, _("messages up to %s"), prose_size(a, side->facts.append_limit));
	}
	if (s.len > 0)
		prose_wrap(out, s.data, INDENT, INDENT);
	buf_free(&s);
}

/* ---- a side that does not ---- */

static void write_what(struct buf *out, const char *what, const char *how)
{
	struct buf left = { 0 };
	buf_addf(&left, "%*s%s", INDENT, "", what);
	prose_beside(out, left.data, WHAT_COLUMN, how);
	buf_free(&left);
}

static void quote(struct buf *s, const char *said)
{
	if (!said || !*said)
		return;
	buf_adds(s, ": \"");
	prose_kept(s, said);
	buf_addc(s, '"');
}

static void write_secure(const struct report_side *side, struct buf *out)
{
	struct buf s = { 0 };
	bool tls = side->class == ERR_TLS;
	if (side->clear)
		buf_adds(&s, _("none, as the job asks"));
	else if (side->secure == TRIED_GOOD)
		buf_adds(&s, _("ok"));
	else if (tls || side->secure == TRIED_BAD)
		buf_adds(&s, tls ? _("does not hold") : _("not reached"));
	else
		buf_adds(&s, _("not tried"));
	if (side->secure != TRIED_GOOD && !side->clear && side->class != ERR_USAGE && !side->no_secret)
		quote(&s, side->said);
	write_what(out, _("safe connection"), s.data);
	buf_free(&s);
}

static void write_sign_in(const struct report_side *side, struct buf *out)
{
	struct buf s = { 0 };
	unsigned tries = side->tries > 0 ? side->tries : 1;
	if (side->signed_in == TRIED_GOOD)
		buf_adds(&s, _("ok"));
	else if (side->class == ERR_LOGIN && !side->no_secret)
		buf_addf(&s, P_("refused %u time", "refused %u times", tries), tries);
	else
		buf_adds(&s, side->signed_in == TRIED_BAD ? _("interrupted") : _("not tried"));
	if (side->secure == TRIED_GOOD || side->clear || side->class == ERR_USAGE || side->no_secret)
		quote(&s, side->said);
	write_what(out, _("sign-in"), s.data);
	buf_free(&s);
}

static void write_causes(const struct report_side *side, struct buf *out)
{
	struct cause cause[CAUSES_MAX];
	size_t count = causes_of(side, cause);
	struct buf left = { 0 };
	if (count > 0)
		prose_wrap(out, count == 1 ? _("The reason:") : _("Usually it is one of these, in this order:"), INDENT, INDENT);
	for (size_t i = 0; i < count; i++) {
		buf_reset(&left);
		buf_addf(&left, "%*s%zu. %s", INDENT + 1, "", i + 1, _(cause[i].what));
		prose_beside(out, left.data, ADVICE_COLUMN, _(cause[i].advice));
	}
	buf_free(&left);
}

static void write_trouble(const struct report_check *check, const struct report_side *side, struct buf *out)
{
	struct buf s = { 0 };
	write_secure(side, out);
	write_sign_in(side, out);
	write_causes(side, out);
	if (side->page && *side->page) {
		buf_addf(&s, _("The provider's own page: %s"), side->page);
		prose_wrap(out, s.data, INDENT, INDENT + 2);
		buf_reset(&s);
	}
	if (side->named && side->class == ERR_LOGIN) {
		prose_wrap(out, _("The job file says where this password comes from: mend it there."), INDENT, INDENT + 2);
	} else if (side->class == ERR_LOGIN || side->class == ERR_USAGE) {
		buf_adds(&s, side->class == ERR_LOGIN && !side->no_secret ? _("To type the password again: ") : _("To type the password: "));
		receipt_command(&s, check->job, "login", "");
		prose_wrap(out, s.data, INDENT, INDENT + 2);
	}
	buf_free(&s);
}

static void write_side(const struct report_check *check, bool source, struct buf *out)
{
	const struct report_side *side = source ? &check->source : &check->target;
	const char *state = is_well(side) ? _("ok") : _("DOES NOT WORK");
	struct buf s = { 0 };
	buf_adds(&s, "  ");
	prose_cell(&s, source ? _("FROM") : _("TO"), SIDE_COLUMNS);
	if (side->called && *side->called)
		buf_addf(&s, "%s, ", side->called);
	prose_clean(&s, side->host);
	buf_addf(&s, ":%u", side->port);
	if (prose_columns(s.data) + 1 + prose_columns(state) <= PROSE_COLUMNS) {
		prose_cell(out, s.data, PROSE_COLUMNS - prose_columns(state));
		buf_addf(out, "%s\n", state);
	} else {
		buf_addf(out, "%s\n", s.data);
		write_what(out, state, "");
	}
	buf_free(&s);
	if (is_well(side))
		write_numbers(side, out);
	else
		write_trouble(check, side, out);
	buf_addc(out, '\n');
}

/* ---- an account, and the last line ---- */

static void write_account(const struct report_check *check, bool whole, struct buf *out)
{
	struct heading h = { check->name, check->source.user, check->target.user };
	struct buf points = { 0 };
	receipt_points(check->problem, check->problems, _("Attention"), &points);
	if (!whole && check->exit == 0 && points.len == 0) {
		prose_cell(out, check->name, PROSE_COLUMNS - prose_columns(_("ok")));
		buf_addf(out, "%s\n", _("ok"));
	} else {
		receipt_heading(out, &h, _("(nothing is changed)"));
		write_side(check, true, out);
		write_side(check, false, out);
	}
	if (points.len > 0)
		buf_addf(out, "%s\n", points.data);
	buf_free(&points);
}

static size_t add_mend(struct buf *s, size_t n, const struct report_side *side)
{
	if (is_well(side))
		return n;
	const char *called = side->called && *side->called ? side->called : side->host;
	buf_addf(s, " %zu. ", n + 1);
	if (side->class == ERR_LOGIN && !side->no_secret)
		buf_addf(s, _("The sign-in to %s (%s)."), called, side->user);
	else if (side->class == ERR_TLS)
		buf_addf(s, _("The safe connection to %s."), called);
	else if (side->class == ERR_USAGE || side->no_secret)
		buf_addf(s, _("The password of %s."), side->user);
	else
		buf_addf(s, _("The connection to %s."), called);
	return n + 1;
}

static void write_verdict(const struct report_check *check, size_t count, struct buf *out)
{
	struct buf s = { 0 };
	size_t mend = 0, warned = 0;
	const char *job = count > 0 ? check[0].job : NULL;
	buf_adds(&s, _("TO BE MENDED:"));
	for (size_t i = 0; i < count; i++) {
		mend = add_mend(&s, mend, &check[i].source);
		mend = add_mend(&s, mend, &check[i].target);
		warned += check[i].warned;
	}
	if (mend > 0) {
		buf_addf(&s, " %s ", _("Then again:"));
		receipt_command(&s, job, "check", "");
	} else {
		buf_reset(&s);
		buf_addf(&s, "%s ", warned > 0 ? _("BOTH SIDES WORK; look at what is told above. Then:") : _("BOTH SIDES WORK. Then:"));
		receipt_command(&s, job, "plan", "");
	}
	prose_wrap(out, s.data, 0, 2);
	buf_free(&s);
}

void report_check_text(const struct report_check *check, size_t count, struct buf *out)
{
	for (size_t i = 0; i < count; i++)
		write_account(&check[i], count <= ACCOUNTS_WHOLE, out);
	if (count > ACCOUNTS_WHOLE)
		buf_addc(out, '\n');
	receipt_not_moved(out);
	write_verdict(check, count, out);
}
