/* What the reader tells of the source's messages, chunk by chunk, for the writer to compare with the target's. */
#include <stdlib.h>

#include "core/base/alloc.h"
#include "core/flow/reader.h"

/* The sample may cost one byte in a hundred, and this much in a small box. */
#define SAMPLE_BYTES_FREE 65536
/* What waits on disk takes no memory, but descriptors and room there: it counts for so much, or a fast source would use up either. */
#define SPOOLED ((size_t)256 << 10)

size_t reader_bytes(const struct mail *mail)
{
	return mail_memory(mail) + (mail->body && mail->size > BLOB_MEMORY ? SPOOLED : 0);
}

int reader_put(struct lane *lane, struct item *item, struct error *err)
{
	if (queue_put(lane->queue, item, item->bytes) == 0)
		return 0;
	item_free(item);
	return error_set(err, ERR_CANCELLED, "the writer has gone");
}

/* Whether every byte of this message is to be compared too: chance, within the sample's size. */
static bool in_sample(struct reading *r, const struct mail *mail)
{
	struct account *a = r->task->move->account;
	uint64_t seen = atomic_fetch_add(&a->seen_bytes, mail->size) + mail->size;
	if (r->lane->pool->flow->deep || a->sample_share <= 0 || (double)random() / ((double)RAND_MAX + 1) >= a->sample_share)
		return false;
	if (atomic_load(&a->sampled_bytes) + mail->size > seen / 100 + SAMPLE_BYTES_FREE)
		return false;
	atomic_fetch_add(&a->sampled_bytes, mail->size);
	return true;
}

void reader_take_fact(struct reading *r, struct ask *a, struct mail *mail)
{
	struct facts *f = a->facts;
	if (!f) {
		f = a->facts = x_calloc(1, sizeof *f);
		f->want = a->want;
		f->whole = r->task->check_all && !r->task->move->narrow && a->want == (r->lane->pool->flow->deep ? WANT_DIGEST : WANT_META);
	}
	if (a->want == WANT_META && in_sample(r, mail))
		uid_set_add(&r->task->digest, mail->uid, mail->uid);
	f->mails = x_room(f->mails, f->count, &f->cap, sizeof *f->mails);
	f->mails[f->count++] = mail;
}

static int by_uid(const void *a, const void *b)
{
	uint32_t x = (*(struct mail *const *)a)->uid, y = (*(struct mail *const *)b)->uid;
	return x < y ? -1 : x > y;
}

/* Behind the bodies that were asked for before: what is not sent yet can't be compared, and nobody would come back to it. A server may answer out of
   order, and a body may have been asked for once more. */
static int put_waiting(struct reading *r, struct error *err)
{
	for (size_t i = 0; i < CHUNKS_AHEAD; i++)
		if (r->ask[i].open && r->ask[i].want == WANT_BODY)
			return 0;
	while (r->facts) {
		struct item *item = r->facts;
		r->facts = item->next;
		item->next = NULL;
		if (reader_put(r->lane, item, err) < 0)
			return -1;
	}
	r->facts_end = &r->facts;
	return 0;
}

int reader_put_facts(struct reading *r, struct ask *a, struct error *err)
{
	struct facts *f = a->facts;
	a->facts = NULL;
	if (!f)
		return put_waiting(r, err);
	qsort(f->mails, f->count, sizeof *f->mails, by_uid);
	f->first = a->set.range[0].first;
	f->last = a->set.range[a->set.count - 1].last;
	struct item *item = x_calloc(1, sizeof *item);
	item->kind = ITEM_FACTS;
	item->move = r->task->move;
	item->facts = f;
	item->bytes = sizeof *item + f->count * sizeof(struct mail);
	*r->facts_end = item;
	r->facts_end = &item->next;
	return put_waiting(r, err);
}
