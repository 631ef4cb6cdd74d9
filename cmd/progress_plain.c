/* Progress as plain lines, for files, pipes and terminals that can't be drawn on. */
#include "cmd/progress.h"
#include "core/base/clock.h"
#include "core/report/prose.h"

#define EVERY_MS 5000

/* What an account's exit status means, in few words; the receipt says it at length. */
static const char *end_of(int status)
{
	switch (status) {
	case 0:
		return _("done");
	case 1:
		return _("done, with something to look at");
	case 2:
		return _("stopped: there is something to mend first");
	case 3:
		return _("not finished; the same command goes on later");
	case 4:
		return _("stopped: signing in did not work");
	case 5:
		return _("stopped: no secure connection");
	case 6:
		return _("stopped: the old mailbox shows far fewer messages");
	case 7:
		return _("stopped: the new mailbox is full");
	case 8:
		return _("stopped: something is no longer as it was");
	case 130:
		return _("interrupted; the same command goes on");
	default:
		return _("stopped");
	}
}

static void tell_ends(struct progress *p, struct buf *out)
{
	for (size_t i = 0; i < p->view.rows; i++) {
		if (p->told[i] || p->row[i].stage != STAGE_ENDED)
			continue;
		p->told[i] = true;
		bar_cut(out, p->row[i].name, 60);
		buf_addf(out, ": %s", end_of(atomic_load(&p->account[i].exit)));
		if (p->row[i].listed > 0) {
			buf_adds(out, " (");
			bar_messages(out, &p->view, &p->row[i]);
			buf_addc(out, ')');
		}
		buf_addc(out, '\n');
	}
}

static void add_line(struct progress *p, int64_t now, struct buf *out)
{
	struct bar_row total = bar_total(&p->view);
	char size[PROSE_NUMBER];
	int share = bar_share(&p->view, &total);
	size_t done = 0;
	prose_duration(out, (now - p->began) / 1000);
	buf_adds(out, ": ");
	bar_messages(out, &p->view, &total);
	if (share >= 0)
		buf_addf(out, " (%d %%)", share);
	if (p->view.copies)
		buf_addf(out, ", %s", prose_size(size, total.bytes));
	bool settling = total.stage == STAGE_SETTLING;
	if (settling)
		buf_addf(out, "; %s", bar_settling());
	if (p->view.copies && p->view.rate >= 0 && !settling)
		buf_addf(out, ", %s/s", prose_size(size, (uint64_t)p->view.rate));
	if (p->view.left >= 0 && !settling) {
		buf_adds(out, ", ");
		bar_left(out, p->view.left);
	}
	for (size_t i = 0; i < p->view.rows; i++)
		done += p->row[i].stage == STAGE_ENDED;
	if (p->view.rows > 1) {
		buf_adds(out, "; ");
		buf_addf(out, _("%zu of %zu accounts done"), done, p->view.rows);
	}
	buf_addc(out, '\n');
}

void progress_plain_tick(struct progress *p, int64_t now)
{
	struct buf out = { 0 };
	tell_ends(p, &out);
	if (now >= p->next) {
		add_line(p, now, &out);
		p->next = now + EVERY_MS;
	}
	progress_write(p, &out);
	buf_free(&out);
}

void progress_plain_end(struct progress *p)
{
	struct buf out = { 0 };
	tell_ends(p, &out);
	progress_write(p, &out);
	buf_free(&out);
}
