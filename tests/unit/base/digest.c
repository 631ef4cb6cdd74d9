/* SHA-256 against the examples of FIPS 180-4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/digest.h"

static void check(struct digest *d, const char *want)
{
	uint8_t out[DIGEST_LEN];
	char hex[2 * DIGEST_LEN + 1];

	digest_end(d, out);
	digest_hex(hex, out);
	assert_string_equal(hex, want);
}

static const struct {
	const char *data, *hex;
} known[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

/* One object for all: each start forgets what was before. */
static void test_known(void **state)
{
	(void)state;
	struct digest *d = digest_new();

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		digest_start(d);
		digest_add(d, "forgotten", 9);
		digest_start(d);
		digest_add(d, known[i].data, strlen(known[i].data));
		check(d, known[i].hex);
	}
	digest_free(&d);
	assert_null(d);
	digest_free(&d);
}

/* Cut into pieces of any size: the same. */
static void test_pieces(void **state)
{
	(void)state;
	struct digest *d = digest_new();

	for (size_t piece = 1; piece <= 56; piece++) {
		const char *at = known[2].data;

		digest_start(d);
		for (size_t left = strlen(at); left > 0;) {
			size_t n = piece < left ? piece : left;

			digest_add(d, at, n);
			digest_add(d, at, 0);
			at += n;
			left -= n;
		}
		check(d, known[2].hex);
	}
	digest_free(&d);
}

/* Small pieces wait to be hashed together, large ones don't: neither may overtake the other. */
static void test_large_and_small(void **state)
{
	(void)state;
	static const size_t pieces[] = { 1, 511, 512, 513, 7, 505, 1, 2000, 3, 100, 1024, 509, 4, 12 };
	struct digest *d = digest_new();
	unsigned char data[20000], whole[DIGEST_LEN], cut[DIGEST_LEN];

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (unsigned char)(i * i / 7);
	digest_add(d, data, sizeof data);
	digest_end(d, whole);
	for (size_t first = 0; first < sizeof pieces / sizeof *pieces; first++) {
		size_t at = 0;

		digest_start(d);
		for (size_t i = first; at < sizeof data; i++) {
			size_t n = pieces[i % (sizeof pieces / sizeof *pieces)];

			n = n < sizeof data - at ? n : sizeof data - at;
			digest_add(d, data + at, n);
			at += n;
		}
		digest_end(d, cut);
		assert_memory_equal(cut, whole, DIGEST_LEN);
	}
	digest_free(&d);
}

static void test_million(void **state)
{
	(void)state;
	struct digest *d = digest_new();
	char a[1000];

	memset(a, 'a', sizeof a);
	for (int i = 0; i < 1000; i++)
		digest_add(d, a, sizeof a);
	check(d, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	digest_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_large_and_small), cmocka_unit_test(test_million),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
