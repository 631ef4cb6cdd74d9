/* Mail that was out of sight between two runs and comes back: under another UID, past a filter, or because it is asked for. */
#include "tests/unit/flow/rig.h"

#define BOX "INBOX.Vecchia"

static struct job_map map[] = { { (char[]){ "Vecchia" }, (char[]){ "Nuova" } } };

static void set_map(struct rig *r, bool on)
{
	r->account[0].folders = on ? (struct job_folders){ .map = map, .maps = 1 } : (struct job_folders){ 0 };
}

static void run(struct rig *r, int exit)
{
	rig_run(r, FLOW_RUN, false);
	EXIT_IS(r, exit);
}

/* 101 to 100 + mails, copied and compared. */
static void start(struct rig *r, unsigned mails)
{
	rig_make(r, 1, false);
	rig_mails(r->source[0], BOX, 101, 100 + mails);
	run(r, 0);
}

/* So many from the beginning of the folder. */
static void remove_first(struct memory *m, const char *wire, size_t count)
{
	while (count-- > 0)
		memory_remove(m, wire, memory_at(m, wire, 0)->uid);
}

/* Renumbered while a filter leaves mail out that was copied long ago; then the filter goes. */
static void renumbered_behind_a_filter(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	r.account[0].messages = (struct job_messages){ .since = 1, .before = 1704067200 + 111 };
	memory_renumber(r.source[0], BOX);
	run(&r, 0);
	r.account[0].messages = (struct job_messages){ 0 };
	for (int i = 0; i < 2; i++) {
		run(&r, 0);
		assert_int_equal(memory_appended(r.target[0]), 20);
		assert_int_equal(r.ledger.copied, 20);
		assert_int_equal(r.ledger.vanished, 0);
		assert_int_equal(r.verified.identical, 20);
	}
	rig_free(&r);
}

/* Somebody moves mail out of the folder and, after a run, back: it has another UID, and the new mailbox has it still. */
static void away_and_back(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	remove_first(r.source[0], BOX, 3);
	run(&r, 0);
	rig_mails(r.source[0], BOX, 101, 103);
	for (int i = 0; i < 2; i++) {
		run(&r, 0);
		assert_int_equal(memory_appended(r.target[0]), 20);
		assert_int_equal(r.verified.identical, 20);
	}
	rig_free(&r);
}

/* The same header and size as mail that has vanished, and another text: it is another mail. */
static void not_the_same_that_comes_back(void **state)
{
	(void)state;
	static const char text[] = "Message-ID: <mail-101.@example>\r\nDate: Mon, 1 Jan 2024 00:00:41 +0000\r\nFrom: a@example\r\nSubject: mail-101.\r\n\r\n"
				   "That is mail-101. of the box.\r\nEnd.\r\n";
	for (int renumbered = 0; renumbered < 2; renumbered++) {
		struct rig r;
		start(&r, 20);
		remove_first(r.source[0], BOX, 1);
		run(&r, 0);
		if (renumbered)
			memory_renumber(r.source[0], BOX);
		memory_add(r.source[0], BOX, text, sizeof text - 1, "", 1704067200 + 101);
		run(&r, 0);
		assert_int_equal(memory_appended(r.target[0]), 21);
		assert_int_equal(rig_with(r.target[0], "Vecchia", "That is mail-101."), 1);
		rig_free(&r);
	}
}

/* Its owner deleted it in the new mailbox; that the old one is renumbered, before a run has seen that or after, is no reason to send it anew. */
static void gone_and_renumbered(void **state)
{
	(void)state;
	for (int seen = 0; seen < 2; seen++) {
		struct rig r;
		start(&r, 20);
		remove_first(r.target[0], "Vecchia", 3);
		if (seen)
			run(&r, 0);
		memory_renumber(r.source[0], BOX);
		for (int i = 0; i < 2; i++) {
			run(&r, 0);
			assert_int_equal(memory_appended(r.target[0]), 20);
			assert_int_equal(r.verified.gone, 3);
			assert_int_equal(r.verified.identical, 17);
		}
		r.again = true;
		run(&r, 0);
		assert_int_equal(memory_count(r.target[0], "Vecchia"), 20);
		rig_free(&r);
	}
}

/* So much of it that somebody has to look, renumbered or not. */
static void lost_and_renumbered(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 40);
	remove_first(r.target[0], "Vecchia", 30);
	memory_renumber(r.source[0], BOX);
	for (int i = 0; i < 2; i++) {
		run(&r, 8);
		SAYS(&r, "error target-shrunk");
		assert_int_equal(memory_appended(r.target[0]), 40);
	}
	rig_free(&r);
}

/* Mapped elsewhere and renumbered, refused, and then moved over as the hint says. */
static void moved_as_the_hint_says(void **state)
{
	(void)state;
	for (int back = 0; back < 2; back++) {
		struct rig r;
		start(&r, 20);
		memory_renumber(r.source[0], BOX);
		set_map(&r, true);
		run(&r, 2);
		rig_mails(r.target[0], "Nuova", 101, 120);
		remove_first(r.target[0], "Vecchia", 20);
		if (back) {	/* and the job put back all the same */
			set_map(&r, false);
			run(&r, 8);
			set_map(&r, true);
		}
		for (int i = 0; i < 2; i++) {
			run(&r, 0);
			assert_int_equal(memory_appended(r.target[0]), 20);
			assert_int_equal(memory_count(r.target[0], "Nuova"), 20);
			assert_int_equal(r.ledger.copied, 20);
		}
		rig_free(&r);
	}
}

/* What is gone is copied anew by the run that is asked to, also when it is the first one to see it. */
static void again_at_once(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	remove_first(r.target[0], "Vecchia", 3);
	r.again = true;
	run(&r, 0);
	assert_int_equal(memory_count(r.target[0], "Vecchia"), 20);
	assert_int_equal(r.verified.identical, 20);
	assert_int_equal(r.verified.gone, 0);
	run(&r, 0);
	assert_int_equal(memory_appended(r.target[0]), 23);
	/* so much that somebody has to look first; who asks once more has looked */
	remove_first(r.target[0], "Vecchia", 15);
	run(&r, 8);
	assert_int_equal(memory_appended(r.target[0]), 23);
	run(&r, 0);
	assert_int_equal(memory_appended(r.target[0]), 38);
	assert_int_equal(r.verified.identical, 20);
	rig_free(&r);
}

/* A mapping that was only tried makes no stranger of the copy of mail that has vanished from the old mailbox. */
static void vanished_and_mapped(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	rig_mail(r.source[0], BOX, 101);	/* twice there, then once */
	run(&r, 0);
	remove_first(r.source[0], BOX, 1);
	run(&r, 0);
	set_map(&r, true);
	run(&r, 2);
	set_map(&r, false);
	run(&r, 0);
	assert_int_equal(memory_appended(r.target[0]), 21);
	rig_free(&r);
}

/* The folder got another name at the source, and a new one took the old name: two want one place, until the job says where the new one goes. */
static void name_taken_over(void **state)
{
	(void)state;
	for (int mail = 0; mail < 2; mail++) {
		struct rig r;
		start(&r, 20);
		memory_rename(r.source[0], BOX, "INBOX.Archivio");
		rig_mail(r.source[0], BOX, 500);
		if (!mail)
			remove_first(r.source[0], BOX, 1);
		if (mail) {
			run(&r, 2);
			SAYS(&r, "error folder-collision");
			assert_int_equal(memory_appended(r.target[0]), 20);
			set_map(&r, true);
		}
		for (int i = 0; i < 2; i++) {
			run(&r, 0);
			assert_int_equal(memory_count(r.target[0], "Vecchia"), 20);
			assert_int_equal(memory_appended(r.target[0]), 20 + mail);
		}
		if (mail)
			assert_int_equal(memory_count(r.target[0], "Nuova"), 1);
		rig_free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renumbered_behind_a_filter), cmocka_unit_test(away_and_back), cmocka_unit_test(not_the_same_that_comes_back),
		cmocka_unit_test(gone_and_renumbered), cmocka_unit_test(lost_and_renumbered), cmocka_unit_test(moved_as_the_hint_says),
		cmocka_unit_test(again_at_once), cmocka_unit_test(name_taken_over), cmocka_unit_test(vanished_and_mapped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
