/* Appending: mails gathered to batches, their intents made durable first, their answers recorded, refusals taken apart. */
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/crash.h"
#include "core/base/i18n.h"
#include "core/flow/writer.h"

#define BATCH_MAILS 500 /* what a server does for each command grows with the folder */
#define WARY_MAILS 100 /* where one was refused others may be, and each makes all that went with it go singly */
#define PRIME_LEAST 100 /* mails in the folder */
#define BATCH_BYTES ((size_t)1 << 20)

/* What the writer keeps of a batch besides what the endpoint sees. */
struct owner {
	struct move *move;
	size_t room[BATCH_MAILS];	/* in the queue's budget, per mail */
	bool alone;			/* its one mail was refused in company before */
	bool plain;			/* … and goes without keywords and date now */
	char why[320];			/* … because the server said this */
};

static struct batch *batch_new(struct move *m)
{
	struct batch *b = x_calloc(1, sizeof *b);
	struct owner *owner = x_calloc(1, sizeof *owner);
	owner->move = m;
	b->owner = owner;
	b->folder = &m->target;
	b->mails = x_calloc(BATCH_MAILS, sizeof(struct mail *));
	return b;
}

static struct owner *owner_of(const struct batch *b)
{
	return b->owner;
}

/* The bodies are not needed any more; what they took can be used for others. */
static void drop_bodies(struct writer *w, struct batch *b)
{
	struct owner *owner = owner_of(b);
	size_t room = 0;
	for (size_t i = 0; i < b->count; i++) {
		if (b->mails[i])
			blob_free(&b->mails[i]->body);
		room += owner->room[i];
		owner->room[i] = 0;
	}
	if (room > 0) /* at once: the reader is not woken for each */
		queue_done(w->lane->queue, room);
}

static void batch_free(struct writer *w, struct batch *b)
{
	drop_bodies(w, b);
	for (size_t i = 0; i < b->count; i++)
		mail_free(&b->mails[i]);
	free(b->mails);
	free(b->taken);
	free(b->uids);
	free(b->owner);
	free(b);
}

static void list_add(struct batch ***list, size_t *count, size_t *cap, struct batch *b)
{
	*list = x_room(*list, *count, cap, sizeof(struct batch *));
	(*list)[(*count)++] = b;
}

static void list_remove(struct batch **list, size_t *count, const struct batch *b)
{
	size_t i = 0;
	while (i < *count && list[i] != b)
		i++;
	if (i == *count)
		return;
	memmove(&list[i], &list[i + 1], (*count - i - 1) * sizeof *list);
	(*count)--;
}

/* ---- gathering ---- */

static size_t bytes_max(const struct writer *w)
{
	size_t share = w->lane->pool->lane_bytes / 3; /* two in flight and one being filled */
	return share < BATCH_BYTES ? share : BATCH_BYTES;
}

/* 1: the target has it, here or in another folder, or another that is the same is enough. */
static int resolve_doubt(struct writer *w, struct move *m, const struct mail *mail, struct error *err)
{
	bool doubtful = uid_set_has(&m->doubtful, mail->uid);
	int same = doubtful ? settle_doubt(w, m, mail, err) : 0;
	if (same == 0 && !uid_set_has(&m->unsure, mail->uid))
		same = elsewhere_same(w, m, mail, err);
	if (same != 0 || !doubtful || !filter_is_spare(w->lane, m, mail->uid))
		return same;
	struct uid_set one = { 0 };
	uid_set_add(&one, mail->uid, mail->uid);
	int ok = store_skip(w->flow->store, m->folder, &one, REASON_DUPLICATE, err);
	uid_set_free(&one);
	return ok < 0 ? -1 : 1;
}

/* What a refusal may be about besides the mail: a strange date, keywords. Once without them. */
static bool make_plain(struct mail *mail)
{
	bool odd_date = mail->date != DATE_UNKNOWN && (mail->date < 365 * 86400 || mail->date > clock_now());
	if (!odd_date && !mail->flags.keywords)
		return false;
	if (odd_date)
		mail->date = DATE_UNKNOWN;
	free(mail->flags.keywords);
	mail->flags.keywords = NULL;
	return true;
}

static int refuse_item(struct writer *w, struct item *item, const struct error *why, struct error *err)
{
	int ok = refuse_mail(w, item->move, item->mail, why, err);
	writer_done_bytes(w, item);
	return ok;
}

int batch_mail(struct writer *w, struct item *item, struct error *err)
{
	struct move *m = item->move;
	struct mail *mail = item->mail;
	if (uid_set_has(&m->doubtful, mail->uid) || m->elsewhere_count > 0) {
		int same = resolve_doubt(w, m, mail, err);
		if (same != 0) {
			writer_done_bytes(w, item);
			return same < 0 ? -1 : 0;
		}
	}
	struct error why;
	uint64_t limit = atomic_load(&m->account->append_limit);
	if (limit > 0 && blob_size(mail->body) > limit) { /* the target says so itself: nothing that it would take goes with it */
		error_set(&why, ERR_MESSAGE, "it has %zu bytes, and the new server takes %llu at most", blob_size(mail->body), (unsigned long long)limit);
		return refuse_item(w, item, &why, err);
	}
	bool alone = uid_set_has(&m->alone, mail->uid);
	const struct refusal *known = alone ? refuse_known(m, mail->uid) : NULL;
	if (known && (known->last || !make_plain(mail))) { /* it was looked for since, and is not there */
		error_set(&why, ERR_MESSAGE, "%s", known->why);
		return refuse_item(w, item, &why, err);
	}
	struct batch *b = w->filling;
	size_t most = m->alone.count > 0 ? WARY_MAILS : BATCH_MAILS;
	if (b && (alone || owner_of(b)->move != m || b->count >= most || (b->bytes > 0 && b->bytes + blob_size(mail->body) > bytes_max(w)))) {
		if (batch_send(w, err) < 0) {
			writer_done_bytes(w, item);
			return -1;
		}
		b = NULL;
	}
	if (!b)
		b = w->filling = batch_new(m);
	owner_of(b)->room[b->count] = item->bytes;
	b->mails[b->count++] = mail;
	b->bytes += blob_size(mail->body);
	b->careful = owner_of(b)->alone = alone;
	owner_of(b)->plain = known != NULL;
	if (known)
		memcpy(owner_of(b)->why, known->why, sizeof known->why);
	item->mail = NULL;
	item_free(item);
	return alone || b->count >= most || b->bytes >= bytes_max(w) ? batch_send(w, err) : 0;
}

/* ---- sending ---- */

int batch_record(struct writer *w, const struct move *m, struct error *err)
{
	struct batch *mine[64];
	size_t n = 0;
	for (size_t i = 0; i < w->acked_count && n < 64; i++)
		if (owner_of(w->acked[i])->move == m)
			mine[n++] = w->acked[i];
	if (n == 0)
		return 0;
	struct step s = { .finished = mine, .nfinished = n, .floor = 1 };
	if (store_step(w->flow->store, m->folder, &s, err) < 0)
		return -1;
	crash_point("recorded");
	for (size_t i = 0; i < n; i++) {
		list_remove(w->acked, &w->acked_count, mine[i]);
		batch_free(w, mine[i]);
	}
	return batch_record(w, m, err);
}

/* What the check will ask of all mail is asked once of the first: a server that keeps what clients want (Dovecot) then keeps it of all that follows while it
   is stored, and need not open every mail again for the check. Nothing waits for the answer, and nothing depends on it. */
static int prime(struct writer *w, struct move *m, struct error *err)
{
	struct uid_set first = { 0 };
	unsigned ask;
	if (m->sends != 1 || m->source->box.exists < PRIME_LEAST || w->flow->no_verify || m->floor > UINT32_MAX - BATCH_MAILS)
		return 0;
	uid_set_add(&first, m->floor, m->floor + 9);
	int ok = w->conn->ops->ask(w->conn, &m->target, &first, WANT_META, false, &ask, err);
	uid_set_free(&first);
	return ok;
}

static int hand_over(struct writer *w, struct batch *b, struct error *err)
{
	struct move *m = owner_of(b)->move;
	list_add(&w->sent, &w->sent_count, &w->sent_cap, b);
	m->in_flight++;
	m->sends++;
	m->looked_fresh = false;
	if (w->conn->ops->append(w->conn, b, err) < 0)
		return -1;
	crash_point("sent");
	return prime(w, m, err);
}

/* One transaction: what the server has taken, and what it is going to be given. */
int batch_send(struct writer *w, struct error *err)
{
	struct batch *b = w->filling, *mine[64];
	size_t n = 0;
	if (!b)
		return 0;
	struct move *m = owner_of(b)->move;
	for (size_t i = 0; i < w->acked_count && n < 64; i++)
		if (owner_of(w->acked[i])->move == m)
			mine[n++] = w->acked[i];
	struct step s = { .finished = mine, .nfinished = n, .intended = b, .floor = m->floor };
	if (store_step(w->flow->store, m->folder, &s, err) < 0)
		return -1;
	crash_point("intended-all");
	for (size_t i = 0; i < n; i++) {
		list_remove(w->acked, &w->acked_count, mine[i]);
		batch_free(w, mine[i]);
	}
	w->filling = NULL;
	return hand_over(w, b, err);
}

/* ---- answers ---- */

static int note_keywords(struct writer *w, const struct batch *b, struct error *err)
{
	if (!b->keywords_refused)
		return 0;
	struct problem p = { .side = SIDE_TARGET, .severity = "warning", .code = "keyword-lost",
		.text = N_("the new server does not keep some keywords (labels) of messages in this folder"), .hint = N_("nothing to do: the messages themselves are there") };
	return writer_problem(w, owner_of(b)->move, &p, err);
}

static void count_copied(struct writer *w, const struct batch *b)
{
	atomic_fetch_add(&w->flow->count->messages, b->count);
	atomic_fetch_add(&w->flow->count->bytes, b->bytes);
	struct flow_account *seen = owner_of(b)->move->account->seen;
	atomic_fetch_add(&seen->messages, b->count);
	atomic_fetch_add(&seen->bytes, b->bytes);
}

/* The part of a batch that the server said OK to, as a batch of its own; what is left stays in b. */
static struct batch *split_taken(struct batch *b)
{
	struct batch *t = batch_new(owner_of(b)->move);
	struct owner *from = owner_of(b), *to = owner_of(t);
	size_t left = 0;
	t->id = b->id;
	t->validity = b->validity;
	t->uids = x_calloc(BATCH_MAILS, sizeof *t->uids);
	for (size_t i = 0; i < b->count; i++) {
		size_t size = b->mails[i]->body ? blob_size(b->mails[i]->body) : 0;
		if (b->taken && b->taken[i]) {
			t->uids[t->count] = b->uids ? b->uids[i] : 0;
			to->room[t->count] = from->room[i];
			t->bytes += size;
			t->mails[t->count++] = b->mails[i];
		} else {
			from->room[left] = from->room[i];
			b->mails[left++] = b->mails[i];
		}
	}
	b->count = left;
	return t;
}

static void accept(struct writer *w, struct batch *b)
{
	count_copied(w, b);
	pool_progress(owner_of(b)->move->account);
	drop_bodies(w, b);
	list_add(&w->acked, &w->acked_count, &w->acked_cap, b);
}

/* It was taken without what the server had refused. */
static int note_plain(struct writer *w, struct batch *b, struct error *err)
{
	struct mail *mail = b->mails[0];
	struct problem p = { .side = SIDE_TARGET, .severity = "warning", .uid = mail->uid, .code = mail->date == DATE_UNKNOWN ? "date-refused" : "keyword-lost", .text = owner_of(b)->why,
		.hint = mail->date == DATE_UNKNOWN ? N_("the message is there, with the day of the move as its date of arrival") : N_("the message is there, without its labels") };
	return writer_problem(w, owner_of(b)->move, &p, err);
}

int batch_answered(struct writer *w, struct batch *b, struct error *err)
{
	struct move *m = w->at = owner_of(b)->move;
	list_remove(w->sent, &w->sent_count, b);
	m->in_flight--;
	crash_point("answered");
	/* UIDs of another numbering are not believed (store_step): the next look at the folder tells whether it was renumbered */
	if (note_keywords(w, b, err) < 0 || (b->done && owner_of(b)->plain && note_plain(w, b, err) < 0)) {
		list_add(&w->refused, &w->refused_count, &w->refused_cap, b);
		return -1;
	}
	if (b->done) {
		accept(w, b);
		return 0;
	}
	list_add(&w->refused, &w->refused_count, &w->refused_cap, b);
	if (b->why.class != ERR_RETRY && b->why.class != ERR_THROTTLED)
		return 0; /* the loop takes it apart */
	*err = b->why;
	return error_at(err, "append to %s", m->target.name);
}

/* ---- refusals ---- */

/* Each of the rest by itself: they are intended already, under the same floor. */
static int send_singly(struct writer *w, struct batch *b, struct error *err)
{
	struct owner *owner = owner_of(b);
	int ok = 0;
	for (size_t i = 0; i < b->count && ok == 0; i++) {
		struct batch *single = batch_new(owner->move);
		single->id = b->id;
		single->careful = owner_of(single)->alone = true;
		single->count = 1;
		single->mails[0] = b->mails[i];
		single->bytes = blob_size(b->mails[i]->body);
		owner_of(single)->room[0] = owner->room[i];
		b->mails[i] = NULL;
		owner->room[i] = 0;
		ok = hand_over(w, single, err);
	}
	return ok;
}

static bool is_placed(const struct placed *rows, size_t count, uint32_t uid)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (rows[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && rows[low].uid == uid;
}

/* Those that have their place at the target now leave the batch. The source may have handed them over in any order. */
static int drop_placed(struct writer *w, struct batch *b, struct error *err)
{
	struct placed *rows = NULL;
	uint32_t first = UINT32_MAX, last = 0;
	size_t count = 0, left = 0;
	for (size_t i = 0; i < b->count; i++) {
		first = b->mails[i]->uid < first ? b->mails[i]->uid : first;
		last = b->mails[i]->uid > last ? b->mails[i]->uid : last;
	}
	if (store_placed(w->flow->store, owner_of(b)->move->folder, first, last, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < b->count; i++) {
		if (is_placed(rows, count, b->mails[i]->uid)) {
			queue_done(w->lane->queue, owner_of(b)->room[i]);
			mail_free(&b->mails[i]);
			continue;
		}
		owner_of(b)->room[left] = owner_of(b)->room[i];
		b->mails[left++] = b->mails[i];
	}
	b->count = left;
	placed_free(rows, count);
	return 0;
}

/* The server said NO to many at once. It may have stored some of them all the same: look before anything is sent again. */
static int look_before_again(struct writer *w, struct batch *b, struct error *err)
{
	struct move *m = owner_of(b)->move;
	struct matched matched;
	struct box box;
	if (writer_await_quiet(w, m, err) < 0 || batch_record(w, m, err) < 0 || settle_look(w, m, m->floor, &box, err) < 0 ||
		store_match(w->flow->store, m->folder, MATCH_INTENDED, m->floor, atomic_load(&m->account->target_keeps) != 1, &matched, err) < 0 ||
		(matched.doubtful > 0 && settle_twins(w, m, b, err) < 0) ||
		(uid_set_size(&m->doubtful) == 0 && store_candidates_forget(w->flow->store, m->mailbox, err) < 0)) /* doubts are still to be compared */
		return -1;
	return drop_placed(w, b, err);
}

/* The session is over: what it has heard need not be said again. A server may hang up after a few refusals. */
static void remember(const struct batch *b)
{
	struct move *m = owner_of(b)->move;
	if (b->why.class != ERR_MESSAGE)
		return;
	if (owner_of(b)->alone)
		refuse_remember(m, b->mails[0]->uid, !make_plain(b->mails[0]), b->why.text);
	for (size_t i = 0; i < b->count; i++)
		uid_set_add(&m->alone, b->mails[i]->uid, b->mails[i]->uid);
}

static int refused_alone(struct writer *w, struct batch *b, struct error *err)
{
	struct move *m = owner_of(b)->move;
	struct error why = b->why;
	if (why.class == ERR_QUOTA || why.class == ERR_FOLDER || why.class == ERR_TLS || why.class == ERR_LOGIN) {
		*err = why;
		batch_free(w, b);
		return error_at(err, "append to %s", m->target.name);
	}
	int ok = look_before_again(w, b, err);
	if (ok < 0)
		remember(b);
	if (ok == 0 && b->count > 0 && make_plain(b->mails[0])) {
		owner_of(b)->plain = true;
		b->why.class = ERR_NONE; /* of this form nothing was said yet */
		snprintf(owner_of(b)->why, sizeof owner_of(b)->why, "%s", why.text);
		return hand_over(w, b, err);
	}
	if (ok == 0 && b->count > 0) {
		ok = refuse_mail(w, m, b->mails[0], &why, err);
	}
	batch_free(w, b);
	return ok;
}

int batch_refused(struct writer *w, struct error *err)
{
	struct batch *b = w->refused[0];
	struct move *m = w->at = owner_of(b)->move;
	list_remove(w->refused, &w->refused_count, b);
	if (b->taken)
		accept(w, split_taken(b));
	if (b->count == 0) {
		batch_free(w, b);
		return 0;
	}
	log_line(w->flow->log, "%s: %s: %zu messages refused: %s", m->account->job->name, m->target.name, b->count, b->why.text);
	if (b->count == 1 && owner_of(b)->alone)
		return refused_alone(w, b, err);
	for (size_t i = 0; i < b->count; i++)
		uid_set_add(&m->alone, b->mails[i]->uid, b->mails[i]->uid);
	int ok = look_before_again(w, b, err);
	if (ok == 0)
		ok = send_singly(w, b, err);
	batch_free(w, b);
	return ok;
}

void batch_abandon(struct writer *w)
{
	/* A command that never left whole can't be carried out late. What an earlier session lost stays so until it is settled. */
	for (size_t i = 0; i < w->sent_count; i++) {
		remember(w->sent[i]); /* some of its mails may have been answered */
		if (w->sent[i]->complete) {
			owner_of(w->sent[i])->move->late = true;
			owner_of(w->sent[i])->move->lost_at = clock_ms();
		}
	}
	for (size_t i = 0; i < w->refused_count; i++)
		remember(w->refused[i]);
	while (w->sent_count > 0)
		batch_free(w, w->sent[--w->sent_count]);
	while (w->acked_count > 0) /* still intended: the next session finds them */
		batch_free(w, w->acked[--w->acked_count]);
	while (w->refused_count > 0)
		batch_free(w, w->refused[--w->refused_count]);
	if (w->filling)
		batch_free(w, w->filling);
	free(w->sent);
	free(w->acked);
	free(w->refused);
	free(w->moves);
}
