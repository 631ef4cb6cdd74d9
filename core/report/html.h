/* Private to core/report: the parts of the HTML report. Whatever comes from elsewhere (names, subjects, a server's words) passes html_text or html_name:
   nothing else writes it. */
#ifndef REPORT_HTML_PARTS_H
#define REPORT_HTML_PARTS_H

#include "core/report/report.h"

/* ---- letters (html_text.c) ---- */

/* Cleaned as for a terminal, and escaped: for text and for values in double quotes. */
void html_text(struct buf *out, const char *text);
/* A name, isolated: letters that run from right to left turn nothing around it. */
void html_name(struct buf *out, const char *name);
/* What a writer of prose has made (prose_wrap, receipt_steps), on one line; commands are marked as such. */
void html_words(struct buf *out, const char *words);
/* The same, and these two mailboxes in it are marked as names. */
void html_sentence(struct buf *out, const char *words, const struct report_part *part);
/* "28 Nov 2026, 14:05" as a <time>; nothing for 0. */
void html_when(struct buf *out, int64_t seconds);
/* A number for people that carries itself for machines: <b data-term="copied" data-n="1234">1,234</b>, in that element. */
void html_number(struct buf *out, const char *element, const char *term, uint64_t n);
/* <section id="a1-NAME">, with its heading of the third level. */
void html_section(struct buf *out, size_t account, const char *name, const char *heading);

/* ---- parts of an account; `n` counts the accounts shown, from 1 ---- */

/* The terms of a ledger in the order of the sum. */
#define HTML_TERMS 6
struct html_term { const char *name, *words; uint64_t n; };	/* as in JSON, and as shown; `words` is translated */
void html_terms(const struct ledger *, bool plan, struct html_term out[HTML_TERMS]);

void html_numbers(const struct report *, const struct report_part *, size_t n, struct buf *out);	/* the sum, and what was checked */
void html_folders(const struct report *, const struct report_part *, size_t n, struct buf *out);	/* a bar a folder */
void html_months(const struct report *, const struct report_part *, size_t n, struct buf *out);	/* nothing when no months are known */
void html_points(const struct report *, const struct report_part *, size_t n, struct buf *out);	/* what needs attention, what to do */
void html_close(const struct report *, const struct report_part *, size_t n, struct buf *out);	/* not for a plan */
void html_checked(const struct report *, const struct report_part *, size_t n, struct buf *out);
void html_not_moved(const struct report_part *, size_t n, struct buf *out);
void html_appendix(const struct report *, const struct report_part *, size_t n, struct buf *out);
/* A list of problems, grouped, with hints; those of the run stand before the accounts. Returns how many points there are. */
size_t html_problems(const struct report_problem *, size_t count, struct buf *out);

/* The whole style sheet. */
extern const char html_style[];

#endif
