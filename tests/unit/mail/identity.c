/* Who a message is: which differences a server makes are none, and which are another mail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/mail/identity.h"

static struct identity of_bytes(const char *data, size_t len)
{
	struct digest *d = digest_new();
	struct identity id;

	identity_of(&id, d, data, len);
	digest_free(&d);
	return id;
}

static struct identity of(const char *mail)
{
	return of_bytes(mail, strlen(mail));
}

#define PLAIN \
	"Received: by mx\r\n" \
	"Message-ID: <1@example.org>\r\n" \
	"Date: Tue, 24 Nov 2026 10:00:00 +0100\r\n" \
	"From: Mario <mario@example.org>\r\n" \
	"To: a@example.org, b@example.org\r\n" \
	"Subject: Posta di prova\r\n"

/* The same mail as PLAIN in the eyes of head, core, msgid? */
static void test_compared(void **state)
{
	(void)state;
	static const struct {
		const char *why, *mail;
		bool head, core, msgid;
	} rows[] = {
		{ "itself", PLAIN "\r\nbody\r\n", true, true, true },
		{ "another body", PLAIN "\r\nother", true, true, true },
		{ "no body", PLAIN "\r\n", true, true, true },
		{ "no empty line", PLAIN, true, true, true },
		{ "LF for CRLF",
			"Received: by mx\nMessage-ID: <1@example.org>\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n"
			"From: Mario <mario@example.org>\nTo: a@example.org, b@example.org\nSubject: Posta di prova\n\nbody\n",
			true, true, true },
		{ "a header added in front", "X-Server: rewritten\r\n" PLAIN "\r\n", false, true, true },
		{ "a header added at the end", PLAIN "X-Server: rewritten\r\n\r\n", false, true, true },
		{ "folded, another order, other case, blanks before the colon",
			"SUBJECT: Posta\r\n di\r\n\tprova\r\nto : a@example.org,\r\n   b@example.org \r\n"
			"from:Mario <mario@example.org>\r\ndate:  Tue, 24 Nov 2026 10:00:00 +0100\t\r\n"
			"message-id:\r\n <1@example.org>\r\n\r\n",
			false, true, true },
		{ "a second field of a name", PLAIN "Subject: another\r\nMessage-ID: <2@example.org>\r\n\r\n", false, true, true },
		{ "lines that are no fields", "From mario Tue Nov 24\r\n\tstray\r\n" PLAIN "\r\n", false, true, true },
		{ "the subject in the body only",
			"Message-ID: <1@example.org>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\nFrom: Mario <mario@example.org>\r\n"
			"To: a@example.org, b@example.org\r\n\r\nSubject: Posta di prova\r\n",
			false, false, true },
		{ "another subject",
			"Message-ID: <1@example.org>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\nFrom: Mario <mario@example.org>\r\n"
			"To: a@example.org, b@example.org\r\nSubject: posta di prova\r\n\r\n",
			false, false, true },
		{ "the same words in another field",
			"Message-ID: <1@example.org>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\nFrom: Mario <mario@example.org>\r\n"
			"Cc: a@example.org, b@example.org\r\nSubject: Posta di prova\r\n\r\n",
			false, false, true },
		{ "an empty Cc more", PLAIN "Cc:\r\n\r\n", false, false, true },
		{ "a reply", PLAIN "In-Reply-To: <0@example.org>\r\n\r\n", false, false, true },
		{ "another Message-ID before it", "Message-ID: <0@example.org>\r\n" PLAIN "\r\n", false, false, false },
		{ "no Message-ID", "Subject: Posta di prova\r\n\r\n" PLAIN, false, false, false },
	};
	struct identity plain = of(PLAIN "\r\nbody\r\n");

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct identity id = of(rows[i].mail);
		bool head = memcmp(id.head, plain.head, IDENTITY_LEN) == 0, core = memcmp(id.core, plain.core, IDENTITY_LEN) == 0;

		if (head != rows[i].head || core != rows[i].core || (id.msgid == plain.msgid) != rows[i].msgid)
			fail_msg("%s: head %d, core %d, msgid %d", rows[i].why, head, core, id.msgid == plain.msgid);
	}
}

static void check_digest(const uint8_t *got, const char *of_text)
{
	struct digest *d = digest_new();
	uint8_t want[DIGEST_LEN];

	digest_add(d, of_text, strlen(of_text));
	digest_end(d, want);
	digest_free(&d);
	assert_memory_equal(got, want, IDENTITY_LEN);
}

/* The exact bytes that are hashed: another version of the program must find its own rows again. */
static void test_what_is_hashed(void **state)
{
	(void)state;
	struct identity id = of(
		"subject:  Re:\r\n \r\n  prova \r\nX-Other: 1\r\nCc: c\r\nIn-Reply-To : <0@x>\r\n"
		"To: t\r\nFROM: f\r\nDate: d\r\nMessage-Id: <1@x>\r\n\r\nbody");

	check_digest(id.head,
		"subject:  Re:\n \n  prova \nX-Other: 1\nCc: c\nIn-Reply-To : <0@x>\nTo: t\nFROM: f\nDate: d\nMessage-Id: <1@x>");
	check_digest(id.core, "message-id:<1@x>\ndate:d\nfrom:f\nto:t\ncc:c\nsubject:Re: prova\nin-reply-to:<0@x>\n");

	struct digest *d = digest_new();
	uint8_t hash[DIGEST_LEN];
	uint64_t number = 0;

	digest_add(d, "<1@x>", 5);
	digest_end(d, hash);
	for (int i = 0; i < 8; i++)
		number = number << 8 | hash[i];
	assert_true(id.msgid == number);
	digest_free(&d);
}

static void test_no_core(void **state)
{
	(void)state;
	static const char *const mails[] = { "", "\r\n", "body only",
		"X-A: 1\r\n\r\n", "X-A: 2\r\n\r\n", "Subject:\r\nX-A: 3\r\n\r\n", ":\r\n\r\n" };
	enum { MAILS = sizeof mails / sizeof *mails };

	for (size_t i = 0; i < MAILS; i++) {
		struct identity a = of(mails[i]);

		assert_true(a.msgid == 0);
		/* Nothing to tell them apart but the header: the core says no more than that. */
		assert_memory_equal(a.core, a.head, IDENTITY_LEN);
		for (size_t k = 0; k < i; k++) {
			struct identity b = of(mails[k]);
			bool both_empty = i == 1 && k == 0;

			assert_int_equal(memcmp(a.head, b.head, IDENTITY_LEN) == 0, both_empty);
		}
	}
}

static void test_msgid(void **state)
{
	(void)state;
	struct digest *d = digest_new();
	static const char *const same[] = { "<a@b>", " <a@b>", "<a@b> ", "\t<a@b>\r\n", "\r\n <a@b>", "\n\t<a@b>\n" };
	static const char *const other[] = { "<A@b>", "<a@b>x", "a@b", "< a@b>", "<a@b> <a@b>" };
	static const char *const none[] = { "", " ", "\r\n", "\r\n \t\r\n" };
	uint64_t id = identity_msgid(d, "<a@b>", 5);

	assert_true(id != 0);
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		assert_true(identity_msgid(d, same[i], strlen(same[i])) == id);
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		assert_true(identity_msgid(d, other[i], strlen(other[i])) != id);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_true(identity_msgid(d, none[i], strlen(none[i])) == 0);
	assert_true(of("Message-ID: <a@b>\r\n\r\n").msgid == id);
	assert_true(of("MESSAGE-id\t:\r\n\t<a@b>\n\n").msgid == id);
	assert_true(of("Message-ID:\r\nMessage-ID: <a@b>\r\n\r\n").msgid == 0);
	assert_true(of("X-Message-ID: <a@b>\r\nMessage-IDs: <a@b>\r\nMessage ID: <a@b>\r\n\r\n").msgid == 0);
	digest_free(&d);
}

/* Values around the size of the inner piece, with blanks at every place. */
static void test_long_values(void **state)
{
	(void)state;
	for (size_t len = 240; len < 530; len++) {
		CLEANUP(buf_free) struct buf folded = { 0 };
		CLEANUP(buf_free) struct buf plain = { 0 };

		buf_adds(&folded, "Subject:");
		buf_adds(&plain, "subject:");
		for (size_t i = 0; i < len; i++) {
			buf_addc(&folded, 'a');
			buf_addc(&plain, 'a');
			if (i % 3 == len % 3 && i + 1 < len) {
				buf_adds(&folded, i % 2 ? "\r\n\t " : "  ");
				buf_addc(&plain, ' ');
			}
		}
		buf_adds(&folded, "\r\n\r\n");
		buf_addc(&plain, '\n');

		struct identity id = of(folded.data);

		check_digest(id.core, plain.data);
	}
}

static void test_header_len(void **state)
{
	(void)state;
	static const struct {
		const char *mail;
		size_t want;
	} rows[] = {
		{ "", 0 },		   { "\n", 1 },		 { "\r\n", 2 },	       { "\r\nbody", 2 },	{ "\nbody\n\n", 1 },
		{ "A: b", 4 },		   { "A: b\r\n", 6 },	 { "A: b\r\n\r\n", 8 },    { "A: b\r\n\r\nx", 8 }, { "A: b\n\nx", 6 },
		{ "A: b\r\n\nx", 7 },   { "A: b\n\r\nx", 7 }, { "A: b\r\n \r\nx", 10 }, { "A: b\r\n\r", 7 },	{ "A: b\r\rx", 7 },
		{ "A: b\n\r\rx\n\n", 10 }, { "\r", 1 },	 { "A: b\r\r\n\r\r\nx", 10 }, { "A: b\n\r\r\r\nx", 9 }, { "\r\r\nx\n\n", 3 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(identity_header_len(rows[i].mail, strlen(rows[i].mail)), rows[i].want);
}

/* CR CR LF all over: the header ends where it does without the CRs, and the body counts for nothing. */
static void test_double_cr(void **state)
{
	(void)state;
	struct identity plain = of("Message-ID: <1@x>\r\nSubject: a\r\n b\r\n\r\nTo: one\r\n"), twice = of("Message-ID: <1@x>\r\r\nSubject: a\r\r\n b\r\r\n\r\r\nTo: two\r\r\n");

	assert_memory_equal(&plain, &twice, sizeof plain);
}

/* Beyond the limit nothing counts; a header fetched up to the limit is the same as one out of the whole mail. */
static void test_huge_header(void **state)
{
	(void)state;
	CLEANUP(buf_free) struct buf a = { 0 };
	CLEANUP(buf_free) struct buf b = { 0 };

	buf_adds(&a, "Message-ID: <1@x>\r\nX-Long: ");
	while (a.len < IDENTITY_HEADER_MAX)
		buf_adds(&a, "0123456789abcde\r\n ");
	a.len = IDENTITY_HEADER_MAX;
	buf_add(&b, a.data, a.len);
	buf_adds(&b, "far away\r\nSubject: not seen\r\n\r\nbody");

	struct identity cut = of_bytes(a.data, a.len), whole = of_bytes(b.data, b.len);

	assert_memory_equal(&cut, &whole, sizeof cut);
	a.data[IDENTITY_HEADER_MAX - 1] ^= 1;

	struct identity changed = of_bytes(a.data, a.len);

	assert_memory_not_equal(changed.head, whole.head, IDENTITY_LEN);
	assert_true(changed.msgid == whole.msgid);
}

/* Bytes of all kinds, NUL included, in memory that ends exactly there: nothing is read beyond. */
static void test_noise(void **state)
{
	(void)state;
	static const char bits[] = "\r\n\r\n \t::\0\xFF" "aTo";
	struct digest *d = digest_new();

	srand(7);
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)rand() % 40;
		CLEANUP(x_free) char *data = x_malloc(len);
		struct identity once, again;

		for (size_t i = 0; i < len; i++)
			data[i] = bits[(size_t)rand() % (sizeof bits - 1)];
		assert_true(identity_header_len(data, len) <= len);
		identity_of(&once, d, data, len);
		identity_of(&again, d, data, len);
		assert_memory_equal(&once, &again, sizeof once);
	}
	digest_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compared),    cmocka_unit_test(test_what_is_hashed), cmocka_unit_test(test_no_core),
		cmocka_unit_test(test_msgid),	    cmocka_unit_test(test_long_values),	   cmocka_unit_test(test_header_len),
		cmocka_unit_test(test_huge_header), cmocka_unit_test(test_noise),	   cmocka_unit_test(test_double_cr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
