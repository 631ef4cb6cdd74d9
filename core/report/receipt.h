/* Private to core/report: the parts of a receipt. */
#ifndef REPORT_RECEIPT_H
#define REPORT_RECEIPT_H

#include "core/report/report.h"

/* What the sums of a ledger come to. */
uint64_t receipt_there(const struct ledger *);	/* copied and already there */
uint64_t receipt_asked(const struct ledger *);	/* all that was to be there in the end: without skipped and vanished */
/* The last verification covers all mail of the account. */
bool receipt_checked(const struct report_part *);
/* The first problem of severity error that is about no message, or NULL. */
const struct report_problem *receipt_reason(const struct report_part *);

/* How the account came out, as a paragraph. */
void receipt_sentence(const struct report_part *, const struct run *, struct buf *out);
/* What is to be looked at, grouped, errors first. */
void receipt_problems(const struct report_problem *, size_t count, struct buf *out);

#endif
