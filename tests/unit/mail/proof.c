/* The three digests of a mail: what each takes no notice of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/mail/proof.h"

#define HEAD "Subject: n\r\nX-A: b\r\n"

static void prove(struct proof *out, const char *mail, size_t at_once)
{
	struct hasher *h = hasher_new();
	for (size_t at = 0, len = strlen(mail); at < len; at += at_once)
		hasher_add(h, mail + at, len - at < at_once ? len - at : at_once);
	hasher_end(h, out);
	hasher_free(&h);
}

static void test_compared(void **state)
{
	static const struct {
		const char *a, *b;
		bool raw, text, body;
	} rows[] = {
		{ HEAD "\r\nx\r\n", HEAD "\r\nx\r\n", true, true, true },
		{ HEAD "\r\nx\r\n", "Subject: n\nX-A: b\n\nx\n", false, true, true },
		{ HEAD "\r\nx\r\n", HEAD "\r\nx", false, true, true },
		{ HEAD "\r\nx\r\n", HEAD "\r\nx\r\n\r\n\r\n", false, true, true },
		{ HEAD "\r\nx\r\ny\r\n", HEAD "\r\nx\r\r\ny\r\n", false, true, true },
		{ HEAD "\r\nxy\r\n", HEAD "\r\nx\ry\r\n", false, true, true },
		{ HEAD "\r\nxy\r\n", HEAD "\r\nx\r\ny\r\n", false, false, false },
		{ HEAD "\r\nx\r\ny\r\n", HEAD "\r\nx\r\n\r\ny\r\n", false, false, false },
		{ HEAD "\r\nx\r\n", HEAD "\r\n\r\nx\r\n", false, false, false },
		{ HEAD "\r\nx\r\n", HEAD "\r\nx \r\n", false, false, false },
		{ HEAD "\r\nx\r\n", HEAD "X-Server: new\r\n\r\nx\r\n", false, false, true },
		{ HEAD "\r\nx\r\n", "X-A: b\r\nSubject: n\r\n\r\nx\r\n", false, false, true },
		{ HEAD "\r\n", HEAD, false, true, true },
		{ HEAD "\r\nSubject: n\r\n", HEAD "Subject: n\r\n", false, false, false },
		{ "\r\nx", "\nx\n", false, true, true },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t at_once = 1; at_once < 50; at_once += 7) {
			struct proof a, b;
			prove(&a, rows[i].a, at_once);
			prove(&b, rows[i].b, 50 - at_once);
			print_message("row %zu\n", i);
			assert_int_equal(a.length, strlen(rows[i].a));
			assert_int_equal(memcmp(a.raw, b.raw, DIGEST_LEN) == 0, rows[i].raw);
			assert_int_equal(memcmp(a.text, b.text, DIGEST_LEN) == 0, rows[i].text);
			assert_int_equal(memcmp(a.body, b.body, DIGEST_LEN) == 0, rows[i].body);
			proof_free(&a);
			proof_free(&b);
		}
}

#define TYPE(type, coding) "Content-Type: " type "\r\nContent-Transfer-Encoding: " coding "\r\n\r\n"
#define MIXED(b, preamble, part) "Subject: n\r\nContent-Type: multipart/mixed; boundary=" b "\r\n\r\n" preamble "--" b "\r\n" part "\r\n--" b "--\r\n"

/* What a server makes of a mail, and what is said of it. */
static void test_difference(void **state)
{
	static const struct {
		const char *source, *target;
		enum difference is;
	} rows[] = {
		{ HEAD "\r\nx\r\n", HEAD "\r\nx\r\n", DIFFERENCE_NONE },
		{ HEAD "\r\nx\r\n", HEAD "\r\nx", DIFFERENCE_LINES },
		{ HEAD "\r\nx\r\n", "Subject:\r\n n\r\nX-A:  b \r\n\r\nx\r\n", DIFFERENCE_LINES },
		{ HEAD "\r\nx\r\n", "X-A: b\r\nSubject: n\r\n\r\nx\r\n", DIFFERENCE_LINES },
		{ HEAD "\r\nx\r\n", "X-Server: new\r\n" HEAD "X-Last:\r\n\r\nx\r\n", DIFFERENCE_ADDED },
		{ HEAD "X-A: b\r\n\r\nx\r\n", HEAD "X-C: d\r\n\r\nx\r\n", DIFFERENCE_HEADER },
		{ HEAD "\r\nx\r\n", "Subject: n\r\n\r\nx\r\n", DIFFERENCE_HEADER },
		{ HEAD "\r\nx\r\n", "Subject: N\r\nX-A: b\r\n\r\nx\r\n", DIFFERENCE_HEADER },
		{ "Subject: Re: n\r\n\r\nx\r\n", "Subject: Re:n\r\n\r\nx\r\n", DIFFERENCE_HEADER },
		{ "X-A: perch\xe9\r\n\r\nx\r\n", "X-A: perchX\r\n\r\nx\r\n", DIFFERENCE_HEADER },
		{ HEAD "\r\nx\r\ny\r\n", HEAD "\r\nx\r\n", DIFFERENCE_CONTENT },
		/* one part: as it is, quoted-printable, base64 */
		{ HEAD TYPE("text/plain", "8bit") "perch\xe9 =\r\nno\r\n", HEAD TYPE("text/plain", "quoted-printable") "perch=E9 =3D\r\nn=\r\no\r\n", DIFFERENCE_ENCODED },
		{ HEAD TYPE("text/plain", "8bit") "perch\xe9 =\r\nno\r\n", HEAD TYPE("text/plain", "base64") "cGVyY2jp\r\nID0NCm5v\r\n", DIFFERENCE_ENCODED },
		{ HEAD TYPE("text/plain", "base64") "cGVyY2jpID0Kbm8K\r\n", HEAD TYPE("text/plain", "Base64") "cGVyY2jpID0NCm5vDQo=\r\n", DIFFERENCE_ENCODED },
		{ HEAD TYPE("text/plain", "8bit") "perch\xe9\r\n", HEAD TYPE("text/plain", "quoted-printable") "perch=E8\r\n", DIFFERENCE_CONTENT },
		{ HEAD TYPE("text/plain", "quoted-printable") "a=3Db\r\n", HEAD TYPE("text/plain", "7bit") "a=3Db\r\n", DIFFERENCE_HEADER },
		{ HEAD TYPE("text/plain; charset=utf-8", "7bit") "a\r\n", HEAD TYPE("text/plain; charset=latin1", "7bit") "a\r\n", DIFFERENCE_HEADER },
		{ HEAD TYPE("text/plain; charset=\"utf-8\"", "7bit") "a\r\n", HEAD TYPE("text/plain;charset=utf-8", "8bit") "a\r\n", DIFFERENCE_LINES },
		/* what is no text is the same to the byte, CR or not */
		{ HEAD TYPE("image/png", "base64") "AA0KAQ==\r\n", HEAD TYPE("image/png", "base64") "AA\r\n0KAQ==\r\n", DIFFERENCE_ENCODED },
		{ HEAD TYPE("image/png", "base64") "AA0KAQ==\r\n", HEAD TYPE("image/png", "base64") "AAoB\r\n", DIFFERENCE_CONTENT },
		{ HEAD TYPE("image/png", "base64") "AA0KAQ==\r\n", HEAD TYPE("image/png", "quoted-printable") "=00=0D=0A=01\r\n", DIFFERENCE_ENCODED },
		/* several parts */
		{ MIXED("a", "", TYPE("text/plain", "8bit") "x\r\n"), MIXED("b", "", TYPE("text/plain", "base64") "eA0K"), DIFFERENCE_ENCODED },
		{ MIXED("a", "read me\r\n", "\r\nx\r\n"), MIXED("b", "", "\r\nx\r\n"), DIFFERENCE_ENCODED },
		{ MIXED("a", "", "\r\nx\r\n"), MIXED("b", "", "\r\ny\r\n"), DIFFERENCE_CONTENT },
		{ MIXED("a", "", "\r\nx\r\n--a\r\n\r\ny\r\n"), MIXED("b", "", "\r\nx\r\n"), DIFFERENCE_CONTENT },
		{ MIXED("a", "", "\r\nx\r\n--a\r\n\r\ny\r\n"), MIXED("b", "", "\r\ny\r\n--b\r\n\r\nx\r\n"), DIFFERENCE_CONTENT },
		{ MIXED("a", "", "X-B: 1\r\n\r\nx\r\n"), MIXED("b", "", "\r\nx\r\n"), DIFFERENCE_CONTENT },
		{ MIXED("a", "", "\r\nx\r\n"), MIXED("a", "", "\r\nx\r\n") "lost\r\n", DIFFERENCE_CONTENT },
		{ MIXED("a", "", TYPE("multipart/alternative; boundary=\"a b\"", "7bit") "--a b\r\n\r\nx\r\n--a b--\r\n"),
			MIXED("c", "", TYPE("multipart/alternative; boundary=d", "7bit") "--d\r\n\r\nx\r\n\r\n--d--"), DIFFERENCE_ENCODED },
		{ MIXED("a", "", TYPE("message/rfc822", "7bit") "Subject: in\r\n" TYPE("text/plain", "8bit") "\xe9"),
			MIXED("a", "", TYPE("message/rfc822", "7bit") "Subject: in\r\n" TYPE("text/plain", "base64") "6Q=="), DIFFERENCE_ENCODED },
		{ MIXED("a", "", TYPE("message/rfc822", "7bit") "Subject: in\r\n\r\nx"), MIXED("b", "", TYPE("message/rfc822", "7bit") "Subject: on\r\n\r\nx"), DIFFERENCE_CONTENT },
		/* a boundary that the header does not name any more; a preamble that no part follows */
		{ MIXED("a", "", "\r\nx\r\n"), "Subject: n\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--a\r\n\r\nx\r\n\r\n--a--\r\n", DIFFERENCE_HEADER },
		{ "Subject: n\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nx\r\n", "Subject: n\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\ny\r\n", DIFFERENCE_CONTENT },
		/* what is signed is signed as it stands */
		{ HEAD TYPE("multipart/signed; boundary=a", "7bit") "--a\r\n" TYPE("text/plain", "8bit") "x\r\n--a--\r\n",
			HEAD TYPE("multipart/signed; boundary=a", "7bit") "--a\r\n" TYPE("text/plain", "base64") "eA==\r\n--a--\r\n", DIFFERENCE_CONTENT },
		{ HEAD TYPE("multipart/signed; boundary=a", "7bit") "--a\r\n\r\nx\r\n--a--\r\n", HEAD TYPE("multipart/signed; boundary=b", "7bit") "--a\r\n\r\nx\r\n--a--\r\n",
			DIFFERENCE_HEADER },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t at_once = 1; at_once < 80; at_once += 13) {
			struct proof a, b;
			prove(&a, rows[i].source, at_once);
			prove(&b, rows[i].target, 80 - at_once);
			if (proof_difference(&a, &b) != rows[i].is)
				fail_msg("row %zu: %d instead of %d", i, proof_difference(&a, &b), rows[i].is);
			proof_free(&a);
			proof_free(&b);
		}
}

/* Fields without end, levels without end, lines without end: whatever comes is hashed, and another byte is another mail. */
static void test_without_end(void **state)
{
	static const char *const beginnings[] = { "X: ", "Content-Type: ", "Content-Type: multipart/mixed; boundary=", MIXED("a", "", "") "--", "a\r\n\r\n", "Content-Transfer-Encoding: base64\r\n\r\n",
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n=", MIXED("a", "", "Content-Type: ") };
	static const char *const filling[] = { "A", "a: b\r\n", "--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n", "\r\n-", "=A\r\n", " ", ";boundary=\"" };
	(void)state;
	for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
		for (size_t k = 0; k < sizeof filling / sizeof *filling; k++)
			for (int other = 0; other < 2; other++) {
				struct hasher *h = hasher_new();
				struct proof a, b;
				for (int second = 0; second < 2; second++) {
					hasher_start(h);
					hasher_add(h, beginnings[i], strlen(beginnings[i]));
					for (size_t n = 0; n < 6000; n++)
						hasher_add(h, n == 5000 && second && other ? "\xe9" : filling[k], n == 5000 && second && other ? 1 : strlen(filling[k]));
					hasher_add(h, "\r\n\r\nend", 7);
					hasher_end(h, second ? &b : &a);
				}
				enum difference d = proof_difference(&a, &b);
				if (other ? d == DIFFERENCE_NONE || d == DIFFERENCE_LINES : d != DIFFERENCE_NONE)
					fail_msg("beginning %zu, filling %zu, other %d: %d", i, k, other, d);
				proof_free(&a);
				proof_free(&b);
				hasher_free(&h);
			}
}

static void test_cut(void **state)
{
	static const struct {
		const char *source, *target;
		bool cut;
	} rows[] = {
		{ HEAD "\r\none\r\ntwo\r\n", HEAD "\r\none\r\nt", true }, { HEAD "\r\none\r\ntwo\r\n", HEAD "\r\none\r\n", true }, { HEAD "\r\none\r\ntwo\r\n", HEAD "\none", true },
		{ HEAD "\r\none\r\n", "", true }, { HEAD "\r\none\r\n", "Subj", true }, { HEAD "\r\none\r\n", HEAD "\r\none", false }, { HEAD "\r\none\r\n", HEAD "\r\noni", false },
		{ HEAD "\r\none\r\n", HEAD "\r\none\r\ntwo", false }, { HEAD "\r\none\r\ntwo\r\n", HEAD "\r\nonE", false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct blob *source;
		struct proof target;
		struct error err;
		bool cut;
		assert_int_equal(blob_new(&source, strlen(rows[i].source), "/tmp", &err), 0);
		assert_int_equal(blob_add(source, rows[i].source, strlen(rows[i].source), &err), 0);
		prove(&target, rows[i].target, 7);
		assert_int_equal(proof_is_cut(&cut, source, &target, &err), 0);
		if (cut != rows[i].cut)
			fail_msg("row %zu", i);
		proof_free(&target);
		blob_free(&source);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_compared), cmocka_unit_test(test_difference), cmocka_unit_test(test_without_end), cmocka_unit_test(test_cut) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
