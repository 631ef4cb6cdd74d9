/* What the mapping of the next run goes by: where folders went, and folders that got another name. */
#include "tests/unit/store/help.h"

/* "source>target why copied renamed; …" of all that are known. */
static void known_are(struct help *h, const char *want)
{
	struct folder_known *known;
	size_t count, len = 0;
	char text[400] = "";

	OK(store_folders_known(h->st, h->account, &known, &count, &h->err));
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s/%u>%s %s%s%s", i ? "; " : "", known[i].source_wire, known[i].validity,
			known[i].target_wire, known[i].why, known[i].copied ? " copied" : "", known[i].renamed ? " renamed" : "");
	folders_known_free(known, count);
	assert_string_equal(text, want);
}

static void rename_it(struct help *h, const char *from, const char *to)
{
	struct folder_known *known;
	size_t count;

	OK(store_folders_known(h->st, h->account, &known, &count, &h->err));
	for (size_t i = 0; i < count; i++)
		if (strcmp(known[i].source_wire, from) == 0) {
			OK(store_folders_renamed(h->st, h->account, &(struct renaming){&known[i], to}, 1, &h->err));
			assert_string_equal(known[i].source_wire, to);
			assert_true(known[i].renamed);
		}
	folders_known_free(known, count);
}

static void what_is_known(void **state)
{
	struct help *h = *state;
	struct folder_key shared = help_key(h, "Shared", 3);
	struct folder_row row;

	known_are(h, "Sent/5>Sent same");
	help_copy(h, h->folder, 1, 2, 10);
	shared.mailbox = 0;
	shared.moved = false;
	OK(store_folder(h->st, &shared, &row, &h->err));
	known_are(h, "Sent/5>Sent same copied");
	/* Left out, it is known all the same: it may come back. */
	struct folder_key key = help_key(h, "Sent", 5);
	key.mailbox = 0;
	key.moved = false;
	key.why = "excluded";
	OK(store_folder(h->st, &key, &row, &h->err));
	known_are(h, "Sent/5>Sent excluded copied");
	/* Renumbered, its old rows count until they are matched. */
	help_folder(h, "Sent", 6);
	known_are(h, "Sent/6>Sent same copied");
}

static void renamed(void **state)
{
	struct help *h = *state;
	struct folder_key key = help_key(h, "Uscita", 5);
	struct folder_row row;
	struct matched matched;
	struct mails all = {0};

	help_copy(h, h->folder, 1, 2, 10);
	rename_it(h, "Sent", "Uscita");
	/* Had the program died here, it would be known all the same. */
	known_are(h, "Uscita/5>Sent same copied renamed");
	key.source_name = "Uscita";
	OK(store_folder(h->st, &key, &row, &h->err));
	assert_true(row.renumbered);
	assert_false(row.remapped);
	help_uids_are(h, row.id, WHICH_PENDING, "");
	/* By content, never by UID: one of the old two, one new. */
	help_list(h, row.id, "1:2");
	mails_add(&all, 1, 2);
	mails_add(&all, 2, 7);
	OK(store_scanned(h->st, row.id, all.mail, all.count, &h->err));
	mails_free(&all);
	mails_add(&all, 10, 1);
	mails_add(&all, 11, 2);
	help_candidates(h, &all);
	OK(store_match(h->st, row.id, MATCH_PENDING, 1, false, &matched, &h->err));
	OK(store_rematched(h->st, row.id, &h->err));
	help_placed_are(h, row.id, "1>11");
	help_uids_are(h, row.id, WHICH_PENDING, "2");
	help_ledger_is(h, row.id, "3 1 0 0 0 1 1 1");
	/* And back, and forth again. */
	rename_it(h, "Uscita", "Sent");
	rename_it(h, "Sent", "Uscita");
	known_are(h, "Uscita/5>Sent same copied renamed");
}

/* What its owner has thrown away at the target has no place to be looked for. */
static void gone(void **state)
{
	struct help *h = *state;
	struct folder_key key = help_key(h, "Sent", 5);
	struct folder_row row;
	struct finding odd = {1, CHECKED_GONE};

	help_copy(h, h->folder, 1, 1, 10);
	OK(store_compared(h->st, h->folder, 1, 0, &odd, 1, &h->err));
	known_are(h, "Sent/5>Sent same");
	key.mailbox = help_mailbox(h, "Elsewhere");
	OK(store_folder(h->st, &key, &row, &h->err));
	assert_false(row.remapped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(what_is_known), TEST(renamed), TEST(gone)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
