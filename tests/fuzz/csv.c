/* The table of accounts: cut into cells, and loaded whole. */
#include "tests/fuzz/files.h"

#include "core/job/csv.h"

/* Cells lie in the table's memory, one behind the other, and rows have text. */
static void check_cells(const uint8_t *data, size_t len)
{
	CLEANUP(x_free) char *text = x_malloc(len + 1);
	CLEANUP(faults_free) struct faults faults = { 0 };
	struct csv csv;
	const char *last = text;
	unsigned line = 1;
	memcpy(text, data, len);
	text[len] = '\0';
	csv_start(&csv, text, len, &faults);
	while (csv_next(&csv)) {
		HOLDS(csv.cells >= 1);
		for (size_t i = 0; i < csv.cells; i++) {
			const struct cell *c = &csv.cell[i];
			HOLDS(c->text >= last && c->text + c->len <= text + len && c->text[c->len] == '\0');
			HOLDS(c->line >= line && c->column >= 1);
			last = c->text + c->len;
			line = c->line;
		}
	}
	HOLDS(csv.at == csv.end || csv.broken);
	HOLDS(!csv.broken || faults.count > 0);
	csv_free(&csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char job[] = "version: 1\ndefaults: {target: {host: b.it}}\naccounts_from: a.csv\n";
	static bool there;
	if (!there)
		files_write("migrate.yaml", job, sizeof job - 1);
	there = true;
	check_cells(data, len);
	files_write("a.csv", data, len);
	files_load();
	return 0;
}
