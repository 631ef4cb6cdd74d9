/* `accounts_from`: each row of the table becomes the mapping that an account is in the job file, and is read as such. */
#include "core/job/table.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/job/arena.h"
#include "core/job/csv.h"
#include "core/job/file.h"
#include "core/job/keys.h"
#include "core/job/load.h"
#include "core/job/near.h"
#include "core/job/ruined.h"
#include "core/job/secret.h"

#define TABLE_BYTES ((size_t)64 << 20)

enum side { SIDE_NONE, SIDE_ACCOUNT, SIDE_SOURCE, SIDE_TARGET };

struct column {
	enum side side;	/* SIDE_NONE: no name, nothing may stand in it; or told already */
	bool empty;	/* its name is */
	bool secret;
	const struct key *key;
	struct node value, name;	/* of the row that is read */
};

struct reader {
	struct loader *ld;
	struct csv csv;
	struct column *column;
	size_t columns;
	bool complete;	/* both users have a column */
	/* The row as a mapping: account, and its sides as far as something stands in them. */
	struct node account, side[2], side_name[2], name, name_key;
};

void table_free(struct table *table)
{
	free(table->path);
	faults_free(&table->faults);
	table->path = NULL;
}

static void name_node(struct node *node, const char *text)
{
	/* Never changed, never freed. */
	*node = (struct node){ .kind = NODE_SCALAR, .text = (char *)text, .len = strlen(text), .plain = true };
}

static const char *prefix_of(enum side side)
{
	return side == SIDE_SOURCE ? "source_" : side == SIDE_TARGET ? "target_" : "";
}

/* The key that a column's name stands for, or NULL. */
static const struct key *column_key(const char *name, enum side *side)
{
	*side = strncmp(name, "source_", 7) == 0 ? SIDE_SOURCE : strncmp(name, "target_", 7) == 0 ? SIDE_TARGET : SIDE_ACCOUNT;
	if (*side == SIDE_ACCOUNT)
		return strcmp(name, "name") == 0 ? keys_find(&level_account, name) : NULL;
	return keys_find(&level_end, name + 7);
}

static void unknown_column(struct reader *r, const struct cell *cell, const char *shown)
{
	CLEANUP(x_free) char *meant = NULL;
	unsigned best = near_rank(shown, "name"), rank;

	if (best < UINT_MAX)
		meant = x_strdup("name");
	for (size_t i = 0; i < 2 * level_end.count; i++) {
		CLEANUP(x_free) char *name = x_printf("%s%s", i < level_end.count ? "source_" : "target_",
			level_end.key[i % level_end.count].name);

		rank = near_rank(shown, name);
		if (rank >= best)
			continue;
		best = rank;
		x_free(&meant);
		meant = x_strdup(name);
	}
	if (meant)
		fault_add(r->csv.faults, cell->line, cell->column, "unknown column `%s`: did you mean `%s`?", shown, meant);
	else
		fault_add(r->csv.faults, cell->line, cell->column,
			"unknown column `%s`: there are name, and every key of `source` or `target` with source_ or target_ before it", shown);
}

static void open_password(struct reader *r, const struct cell *cell, mode_t mode)
{
	CLEANUP(x_free) char *word = NULL;

	if ((mode & OTHERS) == 0 || r->ld->mode_told)
		return;
	r->ld->mode_told = true;
	word = secret_word(r->ld->table->path);
	fault_add(r->csv.faults, cell->line, cell->column, "passwords in a file that others can open: chmod 600 %s", word);
}

static bool stood_before(const struct reader *r, const struct column *c)
{
	for (const struct column *other = r->column; other < c; other++) {
		if (other->side == c->side && other->key == c->key)
			return true;
	}
	return false;
}

/* One cell of the header. */
static void read_column(struct reader *r, struct column *c, const struct cell *cell, mode_t mode)
{
	char shown[64];

	c->empty = cell->len == 0;
	if (c->empty)
		return;
	text_clean(shown, sizeof(shown), cell->text, cell->len);
	c->key = strlen(cell->text) == cell->len ? column_key(cell->text, &c->side) : NULL;
	if (!c->key)
		unknown_column(r, cell, shown);
	else if (!c->key->read)
		fault_add(r->csv.faults, cell->line, cell->column, "column `%s` is not in this version yet", shown);
	else if (c->key->read == value_template)
		fault_add(r->csv.faults, cell->line, cell->column,
			"column `%s`: a command is a list, which a cell can't hold: put it into `defaults` of the job file, with {user}", shown);
	else if (stood_before(r, c))
		fault_add(r->csv.faults, cell->line, cell->column, "column `%s` is there twice", shown);
	else {
		c->secret = c->key->read == secret_inline;
		if (c->secret)
			open_password(r, cell, mode);
		name_node(&c->name, c->key->name);
		return;
	}
	c->side = SIDE_NONE;
}

/* Blanks around a cell without quotes are somebody's layout. */
static void trim(struct cell *cell)
{
	size_t blanks = strspn(cell->text, " ");

	if (cell->quoted)
		return;
	cell->text += blanks;
	cell->len -= blanks;
	cell->column += (unsigned)blanks;
	while (cell->len > 0 && cell->text[cell->len - 1] == ' ')
		cell->text[--cell->len] = '\0';
}

static bool has_column(const struct reader *r, enum side side, const char *key)
{
	for (size_t i = 0; i < r->columns; i++) {
		if (r->column[i].side == side && strcmp(r->column[i].key->name, key) == 0)
			return true;
	}
	return false;
}

/* Without a header the first row is somebody's account, perhaps with a password: none of it is shown. */
static bool is_header(struct reader *r)
{
	for (size_t i = 0; i < r->csv.cells; i++) {
		if (!memchr(r->csv.cell[i].text, '@', r->csv.cell[i].len))
			continue;
		fault_add(r->csv.faults, r->csv.cell[0].line, r->csv.cell[0].column,
			"the first row must name the columns, source_user and target_user at least");
		return false;
	}
	return true;
}

static void read_header(struct reader *r, mode_t mode)
{
	r->complete = true;
	r->columns = r->csv.cells;
	r->column = x_calloc(r->columns, sizeof(*r->column));
	for (size_t i = 0; i < r->columns; i++) {
		trim(&r->csv.cell[i]);
		read_column(r, &r->column[i], &r->csv.cell[i], mode);
	}
	for (enum side side = SIDE_SOURCE; side <= SIDE_TARGET; side++) {
		if (has_column(r, side, "user"))
			continue;
		r->complete = false;
		fault_add(r->csv.faults, r->csv.cell[0].line, r->csv.cell[0].column, "the header has no column `%suser`", prefix_of(side));
	}
}

static void put(struct node *map, struct node *child)
{
	child->next = map->first;
	map->first = child;
	map->count++;
}

/* What stands in a cell, as a value of its key; false when nothing does. */
static bool take_cell(struct reader *r, struct column *c, struct cell *cell)
{
	enum node_kind kind = NODE_SCALAR;
	char shown[64];

	if (!c->secret)
		trim(cell);
	if (cell->len == 0)
		return false;
	if (c->side == SIDE_NONE) {
		if (c->empty)
			fault_add(r->csv.faults, cell->line, cell->column, "this column has no name in the header");
		return false;
	}
	if (ruined_cell(cell->text, c->secret)) {
		text_clean(shown, sizeof(shown), cell->text, cell->len);
		fault_add(r->csv.faults, cell->line, cell->column, "a spreadsheet has ruined this cell%s%s%s: make its column text, and write it again",
			c->secret ? "" : ": `", c->secret ? "" : shown, c->secret ? "" : "`");
		kind = NODE_BROKEN;
	}
	c->value = (struct node){ .kind = kind, .line = cell->line, .column = cell->column, .text = cell->text, .len = cell->len,
		.plain = true, .cell = true, .key = &c->name };
	c->name.line = cell->line;
	c->name.column = cell->column;
	return true;
}

static void start_row(struct reader *r)
{
	const struct cell *first = &r->csv.cell[0];

	r->account = (struct node){ .kind = NODE_MAP, .line = first->line, .column = first->column };
	for (size_t i = 0; i < 2; i++)
		r->side[i] = (struct node){ .kind = NODE_MAP, .line = first->line, .column = first->column, .key = &r->side_name[i] };
}

/* A row without a user: what is wrong with it otherwise is told all the same. */
static void need_user(struct reader *r, enum side side)
{
	const struct csv *csv = &r->csv;
	const struct cell *cell = &csv->cell[0];

	for (size_t i = 0; i < r->columns; i++) {
		struct column *c = &r->column[i];

		if (c->side != side || strcmp(c->key->name, "user") != 0)
			continue;
		if (i < csv->cells)
			cell = &csv->cell[i];
		fault_add(csv->faults, cell->line, cell->column, "the row has no `%suser`", prefix_of(side));
		c->value = (struct node){ .kind = NODE_BROKEN, .key = &c->name, .line = cell->line, .column = cell->column };
		put(&r->side[side - SIDE_SOURCE], &c->value);
	}
}

/* Both sides, and the name: if no cell has it, that of the source's user. */
static void complete_row(struct reader *r)
{
	const struct node *user;

	for (enum side side = SIDE_SOURCE; side <= SIDE_TARGET; side++) {
		if (!node_get(&r->side[side - SIDE_SOURCE], "user"))
			need_user(r, side);
	}
	user = node_get(&r->side[0], "user");
	if (user && !node_get(&r->account, "name")) {
		r->name = *user;
		r->name.key = &r->name_key;
		put(&r->account, &r->name);
	}
	put(&r->account, &r->side[1]);
	put(&r->account, &r->side[0]);
}

/* False when no more rows are wanted. */
static bool read_row(struct reader *r)
{
	struct csv *csv = &r->csv;
	struct column *c;

	start_row(r);
	for (size_t i = 0; i < csv->cells && i < r->columns; i++) {
		c = &r->column[i];
		if (take_cell(r, c, &csv->cell[i]))
			put(c->side == SIDE_ACCOUNT ? &r->account : &r->side[c->side - SIDE_SOURCE], &c->value);
	}
	for (size_t i = r->columns; i < csv->cells; i++) {
		trim(&csv->cell[i]);
		if (csv->cell[i].len > 0)
			fault_add(csv->faults, csv->cell[i].line, csv->cell[i].column,
				"the header has %zu columns, and this is cell %zu: put cells with a separator in them in quotes", r->columns, i + 1);
	}
	complete_row(r);
	/* Without a column for users every row would say so again. */
	return !r->complete || load_account(r->ld, &r->account);
}

static void read_rows(struct reader *r, mode_t mode)
{
	size_t before = r->ld->job->accounts;
	unsigned line;

	if (!csv_next(&r->csv)) {
		fault_add(r->csv.faults, 1, 1, "is empty: its first row names the columns, source_user and target_user at least");
		return;
	}
	if (!is_header(r))
		return;
	read_header(r, mode);
	line = r->csv.cell[0].line;
	while (csv_next(&r->csv) && read_row(r))
		;
	if (r->ld->job->accounts == before && r->csv.faults->count == 0)
		fault_add(r->csv.faults, line, 1, "no account stands below the header");
}

static void read_text(struct loader *ld, struct file *file, mode_t mode)
{
	struct faults *yaml = ld->faults, *faults = &ld->table->faults;
	struct reader r = { .ld = ld };
	size_t bom = file->len >= 3 && memcmp(file->data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	size_t len = file->len - bom, good = file_utf8(file->data + bom, len);
	unsigned row, column;

	if (good < len) {
		file_place(file->data + bom, good, &row, &column);
		fault_add(faults, row, column, "not UTF-8: save the table as \"CSV UTF-8\"");
		return;
	}
	name_node(&r.side_name[0], "source");
	name_node(&r.side_name[1], "target");
	name_node(&r.name_key, "name");
	csv_start(&r.csv, file->data + bom, len, faults);
	ld->faults = faults;
	read_rows(&r, mode);
	ld->faults = yaml;
	csv_free(&r.csv);
	free(r.column);
}

/* Beside the job file, as that was given. */
static char *shown_path(const struct loader *ld, const char *path)
{
	const char *slash = strrchr(ld->job->path, '/');

	if (*path == '/' || !slash)
		return x_strdup(path);
	return x_printf("%.*s/%s", (int)(slash - ld->job->path), ld->job->path, path);
}

void table_load(struct loader *ld, const struct node *node)
{
	static const struct key key = { .name = "accounts_from" };
	CLEANUP(file_wipe) struct file file = { 0 };
	CLEANUP(file_close) int fd = -1;
	struct stat st;
	char *path = NULL, shown[64];

	value_path(ld, &key, node, &path);
	if (!path)
		return;
	value_shown(shown, node);
	/* Not blocking: it may turn out to be a FIFO. */
	fd = file_open(&st, path, O_NONBLOCK);
	if (fd >= 0 && !S_ISREG(st.st_mode)) {
		fault_add(ld->faults, node->line, node->column, "`accounts_from`: `%s` is not a regular file", shown);
		return;
	}
	if (fd >= 0 && (size_t)st.st_size > TABLE_BYTES) {
		fault_add(ld->faults, node->line, node->column, "`accounts_from`: `%s` is larger than 64 MB", shown);
		return;
	}
	if (fd < 0 || file_read(&file, fd, (size_t)st.st_size + 1) < 0) {
		fault_add(ld->faults, node->line, node->column, "`accounts_from`: `%s` can't be read: %s", shown, strerror(errno));
		return;
	}
	if (file.len != (size_t)st.st_size) {
		fault_add(ld->faults, node->line, node->column, "`accounts_from`: `%s` changed while it was read: run the command again", shown);
		return;
	}
	ld->table->path = shown_path(ld, node->text);
	read_text(ld, &file, st.st_mode);
}
