/* Tables as spreadsheets write them. */
#include "core/job/csv.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

void csv_start(struct csv *csv, char *text, size_t len, struct faults *faults)
{
	*csv = (struct csv){ .at = text, .end = text + len, .line = 1, .column = 1, .faults = faults };
}

void csv_free(struct csv *csv)
{
	free(csv->cell);
	*csv = (struct csv){ 0 };
}

/* One byte further: counts lines and characters. CR before LF is no character. */
static char step(struct csv *csv)
{
	char c = *csv->at++;

	if (c == '\n' || (c == '\r' && *csv->at != '\n')) {
		csv->line++;
		csv->column = 1;
	} else if (((unsigned char)c & 0xc0) != 0x80 && c != '\r') {
		csv->column++;
	}
	return c;
}

static bool at_separator(struct csv *csv)
{
	char c = *csv->at;

	if (csv->at == csv->end || (c != ',' && c != ';' && c != '\t'))
		return false;
	if (csv->separator == '\0')
		csv->separator = c;
	return c == csv->separator;
}

static bool at_row_end(const struct csv *csv)
{
	return csv->at == csv->end || *csv->at == '\n' || *csv->at == '\r';
}

/* From behind the opening quote; what is behind the closing one is not read. False when there is none. */
static bool read_quoted(struct csv *csv, struct cell *cell)
{
	char *to = cell->text, c;

	while (csv->at < csv->end) {
		c = step(csv);
		if (c == '"' && *csv->at == '"')
			step(csv);
		else if (c == '"') {
			cell->len = (size_t)(to - cell->text);
			return true;
		}
		*to++ = c;
	}
	cell->len = (size_t)(to - cell->text);
	csv->broken = true;
	fault_add(csv->faults, cell->line, cell->column, "this quote is never closed: all behind it would be one cell");
	return false;
}

static void read_plain(struct csv *csv, struct cell *cell)
{
	bool told = false;

	while (!at_row_end(csv) && !at_separator(csv)) {
		if (*csv->at == '"' && !told) {
			told = true;
			fault_add(csv->faults, csv->line, csv->column,
				"a quote within a cell: put the whole cell in quotes, and double this one");
		}
		step(csv);
	}
	cell->len = (size_t)(csv->at - cell->text);
}

/* Up to the separator or the row's end, which are not taken. */
static void read_cell(struct csv *csv, struct cell *cell)
{
	*cell = (struct cell){ .text = csv->at, .line = csv->line, .column = csv->column };
	if (csv->at == csv->end || *csv->at != '"') {
		read_plain(csv, cell);
		return;
	}
	step(csv);
	cell->quoted = true;
	cell->text = csv->at;
	if (!read_quoted(csv, cell) || at_row_end(csv) || at_separator(csv))
		return;
	fault_add(csv->faults, csv->line, csv->column, "text behind a closing quote: a quote within a cell must be doubled");
	while (!at_row_end(csv) && !at_separator(csv))
		step(csv);
}

static void read_row(struct csv *csv)
{
	struct cell *cell;
	bool more;

	csv->cells = 0;
	do {
		csv->cell = x_room(csv->cell, csv->cells, &csv->cap, sizeof(*csv->cell));
		cell = &csv->cell[csv->cells++];
		read_cell(csv, cell);
		more = at_separator(csv);
		/* The separator, or the row's end. */
		if (csv->at < csv->end && step(csv) == '\r' && *csv->at == '\n')
			step(csv);
		/* Only now: a plain cell ends where its separator stood. */
		cell->text[cell->len] = '\0';
	} while (more);
}

static bool is_empty(const struct csv *csv)
{
	for (size_t i = 0; i < csv->cells; i++) {
		if (strspn(csv->cell[i].text, " ") < csv->cell[i].len)
			return false;
	}
	return true;
}

bool csv_next(struct csv *csv)
{
	while (csv->at < csv->end) {
		read_row(csv);
		if (csv->broken)
			return false;
		csv->started = csv->started || !is_empty(csv);
		if (!is_empty(csv))
			return true;
		/* What an empty row before the header has between its cells says nothing. */
		if (!csv->started)
			csv->separator = '\0';
	}
	return false;
}
