/* Folders that a server names, makes, renames or refuses: what is written to was opened under its own name, and names that are not as the
   standard wants them go back byte for byte. */
#include "tests/unit/imap/talk.h"

#define LATIN "Perch\xE9"		/* ISO 8859-1 */
#define UTF8 "Perch\xC3\xA9 no"
#define WRONG "A&B"			/* no modified UTF-7 */

/* CREATE and SELECT leave together; refused, they leave once more. */
#define MAKES "CT2 CREATE \"Box\"\r\n", "CT3 SELECT \"Box\"\r\n"
#define AGAIN "CT4 CREATE \"Box\"\r\n", "CT5 SELECT \"Box\"\r\n"
#define REFUSED(answer) MAKES, "ST2 " answer, "ST3 NO who?", AGAIN, "ST4 " answer, "ST5 NO who?"

static const struct prepare_row {
	const char *name;
	const char *script[14];
	enum error_class class;		/* of EV_ASKED */
} rows[] = {
	{ "made", { HELLO(""), MAKES, "ST2 OK", OPENED, "H" }, ERR_NONE },
	{ "there already", { HELLO(""), MAKES, "ST2 NO [ALREADYEXISTS] x", OPENED, "H" }, ERR_NONE },
	{ "there already, no code", { HELLO(""), MAKES, "ST2 NO x", OPENED, "H" }, ERR_NONE },
	{ "made when tried once more", { HELLO(""), MAKES, "ST2 NO x", "ST3 NO who?", AGAIN, "ST4 OK", OPENED, "H" }, ERR_NONE },
	{ "made under another name", { HELLO(""), MAKES, "ST2 OK made \"Box_\"", "ST3 NO [NONEXISTENT] no such mailbox", "H" }, ERR_FOLDER },
	{ "not made, in silence", { HELLO(""), MAKES, "ST2 OK", "ST3 NO who?", "H" }, ERR_FOLDER },
	{ "refused", { HELLO(""), REFUSED("NO [CANNOT] bad name"), "H" }, ERR_NAME },
	{ "refused for no reason", { HELLO(""), REFUSED("NO cosa?"), "H" }, ERR_NAME },
	{ "refused as no command", { HELLO(""), REFUSED("BAD x"), "H" }, ERR_NAME },
	{ "no permission", { HELLO(""), REFUSED("NO [NOPERM] x"), "H" }, ERR_FOLDER },
	{ "no room", { HELLO(""), REFUSED("NO [OVERQUOTA] x"), "H" }, ERR_FOLDER },
	{ "too many", { HELLO(""), REFUSED("NO [LIMIT] x"), "H" }, ERR_FOLDER },
	{ "an outage", { HELLO(""), REFUSED("NO [UNAVAILABLE] x"), "H" }, ERR_RETRY },
	/* offered and let be: names stay modified UTF-7 */
	{ "UTF8=ACCEPT is not enabled", { HELLO("ENABLE UTF8=ACCEPT"), MAKES, "ST2 OK", OPENED, "H" }, ERR_NONE },
};

static void test_prepare(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct talk t;
		struct event e;
		unsigned ask, boxes = 0;
		talk_begin(&t, rows[i].script);
		assert_int_equal(t.conn->ops->prepare(t.conn, &t.box, false, &ask, &t.err), 0);
		for (e = talk_next(&t); e.kind == EV_BOX; e = talk_next(&t))
			boxes++;
		assert_int_equal(e.kind, EV_ASKED);
		if (e.err.class != rows[i].class || boxes != (rows[i].class == ERR_NONE))
			fail_msg("%s: %s, %u boxes", rows[i].name, error_class_name(e.err.class), boxes);
		if (rows[i].class == ERR_NAME)
			assert_int_equal(e.err.certain, strstr(rows[i].script[5], "CANNOT") != NULL);
		if (rows[i].class != ERR_NONE) { /* nothing can be appended to it */
			struct batch b = { .folder = &t.box };
			assert_int_equal(t.conn->ops->append(t.conn, &b, &t.err), -1);
		}
		talk_end(&t);
	}
}

/* Listed as they are, shown as text, sent as they came. */
static void test_raw_names(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CLSUB", "S%t OK", "CLIST", "S* LIST () \"/\" \"" LATIN "\"\r\n* LIST () \"/\" \"" UTF8 "\"\r\n* LIST () \"/\" {3}\r\n" WRONG "\r\n%t OK",
		"CSTATUS \"" LATIN "\" (", "CSTATUS \"" UTF8 "\" (", "CSTATUS \"" WRONG "\" (", "ST4 OK\r\nT5 NO x\r\n%t OK", "CEXAMINE \"" LATIN "\"\r\n", OPENED, "CFETCH", "S%t OK",
		"CEXAMINE \"" UTF8 "\"\r\n", OPENED, "CFETCH", "S%t OK", "CEXAMINE \"" WRONG "\"\r\n", OPENED, "CFETCH", "S%t OK", "H", NULL };
	static const char *const wires[] = { LATIN, UTF8, WRONG }, *const shown[] = { "Perch\xC3\xA9", UTF8, WRONG };
	struct talk t;
	struct folder_list list;
	talk_begin(&t, script);
	if (t.conn->ops->list(t.conn, &list, &t.err) < 0)
		fail_msg("%s", t.err.text);
	assert_int_equal(list.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(list.folder[i].wire, wires[i]);
		assert_string_equal(list.folder[i].name, shown[i]);
		t.box = list.folder[i];
		talk_ask(&t, 1, 3, WANT_META);
		assert_int_equal(talk_next(&t).kind, EV_BOX);
		assert_int_equal(talk_next(&t).kind, EV_ASKED);
	}
	folder_list_free(&list);
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_prepare), cmocka_unit_test(test_raw_names) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
