/* What the contract's tests share: a connection to a mailbox of its own, asks and their answers, mails and batches. Private to
   tests/contract. */
#ifndef TEST_CONTRACT_RIG_H
#define TEST_CONTRACT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/buf.h"
#include "tests/contract/contract.h"

#define DATE 837596665 /* 17 July 1996 */
#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

struct rig {
	const struct opener *opener;
	struct cancel cancel;
	struct conn_env env;
	struct conn *conn;
	struct folder_list list;
	struct folder folder;	/* the one that the test works in */
	struct error err;
};

#define OK(call) \
	do { \
		if ((call) != 0) \
			fail_msg("%s: %s: %s", #call, r->err.where, r->err.text); \
	} while (0)

/* What an ask has told when it is over. */
struct told {
	unsigned boxes, mails, uid_events;
	struct box box;
	struct uid_set uids;
	struct mail *mail[64];
	struct error err;
};

void rig_open(struct rig *r, void **state, bool writer);
void rig_close(struct rig *r);
void relist(struct rig *r);
/* The folder with that path, levels parted by '/', in the server's spelling. */
void name_folder(struct rig *r, const char *path);
struct event next_event(struct rig *r);
void await_ask(struct rig *r, unsigned ask, struct told *told);
void told_free(struct told *told);
unsigned ask_range(struct rig *r, uint32_t first, uint32_t last, enum want want, bool fresh);
void prepare_folder(struct rig *r, bool exists, struct box *box);
struct mail *mail_of(const char *data, size_t len, const char *flags, int64_t date);
/* A mail that holds `n` in its header, and a body of `size` bytes. */
char *text_of(unsigned n, size_t size);
struct batch batch_of(struct rig *r, struct mail **mails, size_t count);
void batch_end(struct batch *b);
void append_batch(struct rig *r, struct batch *b);
void must_be_done(const struct batch *b);
void put_mails(struct rig *r, unsigned first, unsigned last);

/* The tests; each works alone. */
void contract_list(void **state);
void contract_empty(void **state);
void contract_wants(void **state);
void contract_several(void **state);
void contract_no_folder(void **state);
void contract_fresh(void **state);
void contract_prepare(void **state);
void contract_append(void **state);
void contract_bytes(void **state);
void contract_refused(void **state);
void contract_set_flags(void **state);
void contract_changed(void **state);

#endif
