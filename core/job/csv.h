/* Tables as spreadsheets write them: RFC 4180, with `,` `;` or a tab between the cells, and LF or CRLF between the rows. */
#ifndef JOB_CSV_H
#define JOB_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "core/job/fault.h"

struct cell {
	char *text;	/* in the table's own memory, unquoted, a NUL after len; may hold NULs */
	size_t len;
	unsigned line, column;	/* of its first character, the quote if it has one; from 1, in characters */
	bool quoted;
};

struct csv {
	char *at, *end;	/* what is still to be read; a NUL stands at end */
	char separator;	/* 0: not known yet, the first of the three that comes outside quotes in the first row with text */
	bool started;	/* that row was read */
	bool broken;	/* a quote was never closed */
	unsigned line, column;
	struct faults *faults;
	struct cell *cell;	/* of the row */
	size_t cells, cap;
};

/* text is UTF-8 with a NUL behind it, without byte order mark; it is changed by reading, and must outlive what is read. */
void csv_start(struct csv *csv, char *text, size_t len, struct faults *faults);
/* The next row into csv->cell; rows without any text in their cells are passed over. False at the end. Quotes in wrong places are told,
   and the row is there all the same; but a row with a quote that is never closed is none. */
bool csv_next(struct csv *csv);
/* Made for CLEANUP. */
void csv_free(struct csv *csv);

#endif
