/* Lines for people, of core/report and of the progress display. A column is a character; what needs two or none is not told apart. */
#ifndef REPORT_PROSE_H
#define REPORT_PROSE_H

#include <stdint.h>

#include "core/base/buf.h"

#define PROSE_COLUMNS 79
#define PROSE_NUMBER 28

/* 48213 as "48,213", in Italian "48.213"; returns out. */
const char *prose_number(char out[PROSE_NUMBER], uint64_t n);
/* "1 message", "48,213 messages": `words` is the form for that number, P_("message", "messages", n). */
void prose_count(struct buf *out, uint64_t n, const char *words);
/* "28 Nov 2026", in Italian "28/11/2026", in the local time zone. */
void prose_date(struct buf *out, int64_t seconds);
/* "January 2023", in Italian "gennaio 2023". */
void prose_month(struct buf *out, int year, int month);
/* "1.4 GB", "74 MB", "812 kB", "17 bytes"; a decimal comma in Italian. Returns out. */
const char *prose_size(char out[PROSE_NUMBER], uint64_t bytes);
/* "1 h 52 min", "3 min 20 s", "45 s". */
void prose_duration(struct buf *out, int64_t seconds);
size_t prose_columns(const char *text);
/* Adds text that came from elsewhere, whole, without what a terminal would obey. */
void prose_clean(struct buf *out, const char *text);
/* A text that was kept in English (a problem's, an error's), cleaned and in the user's language, its large numbers as people write them; a server's
   words stay as they are. Nothing for NULL. */
void prose_kept(struct buf *out, const char *text);
/* Text cleaned, then blanks up to that many columns, and one at least. */
void prose_cell(struct buf *out, const char *text, size_t columns);
/* Blanks, so that the text ends that many columns further right; then the text. */
void prose_right(struct buf *out, const char *text, size_t columns);
/* `left` as a cell of `column` columns, and beside it `right`, wrapped within its own column. */
void prose_beside(struct buf *out, const char *left, size_t column, const char *right);
/* A blank at which no line is broken: a command is to be copied whole. prose_wrap writes it as a blank. */
#define PROSE_HARD_BLANK "\x1F"
/* Adds words as lines of at most PROSE_COLUMNS where that is possible, indented by `first`, then by `rest`. */
void prose_wrap(struct buf *out, const char *words, size_t first, size_t rest);

#endif
