/* Raw deflate against zlib itself: every byte readable after each call, input cut anywhere, bombs, garbage, ends. */
#include "tests/unit/imap/help.h"

#include <zlib.h>

#include "providers/imap/deflate.h"

#define LEN ((size_t)64 << 10)

enum kind { TEXT, NOISE, SAME };

static char *made(enum kind kind, size_t len)
{
	static const char *const words[] = { "Subject: ", "prezzo ", "e ", "domani\r\n", "the ", "=C3=A0 ", "{12}\r\n" };
	char *out = x_malloc(len + 16);
	uint64_t seed = 7;
	for (size_t at = 0; at < len;) {
		const char *word = words[dice(&seed, COUNT(words))];
		if (kind == TEXT) {
			memcpy(out + at, word, strlen(word));
			at += strlen(word);
		} else {
			out[at++] = kind == SAME ? 'x' : (char)dice(&seed, 256);
		}
	}
	return out;
}

/* What our side packs is whole for the other after each call, of whatever kind and length. */
static void test_pack(void **state)
{
	(void)state;
	static const size_t lengths[] = { 1, 2, 5, 100, 16383, 16384, 40000, LEN };
	char *packed = x_malloc(DEFLATE_ROOM(LEN)), *back = x_malloc(LEN + 1);
	struct deflate *d = deflate_new();
	z_stream in = { 0 };
	uint64_t all = 0, all_packed = 0;
	assert_int_equal(inflateInit2(&in, -15), Z_OK);
	for (unsigned i = 0; i < 3 * COUNT(lengths); i++) {
		size_t len = lengths[i / 3];
		char *data = made((enum kind)(i % 3), len);
		size_t n = deflate_pack(d, packed, data, len);
		assert_in_range(n, 1, DEFLATE_ROOM(len) - 1); /* never full: all of it is out */
		in.next_in = (unsigned char *)packed;
		in.avail_in = (uInt)n;
		in.next_out = (unsigned char *)back;
		in.avail_out = (uInt)LEN + 1;
		assert_int_equal(inflate(&in, Z_SYNC_FLUSH), Z_OK);
		assert_int_equal(in.avail_in, 0);
		assert_int_equal(LEN + 1 - in.avail_out, len);
		assert_memory_equal(back, data, len);
		all += len;
		all_packed += n;
		free(data);
	}
	assert_int_equal(deflate_counts(d).out, all);
	assert_int_equal(deflate_counts(d).packed_out, all_packed);
	inflateEnd(&in);
	deflate_free(&d);
	free(packed);
	free(back);
}

/* By zlib, all of it with a flush behind it. */
static size_t theirs(char **out, const char *data, size_t len, int level, int flush)
{
	z_stream z = { 0 };
	size_t room = len + len / 8 + 100;
	*out = x_malloc(room);
	assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	z.next_out = (unsigned char *)*out;
	z.avail_out = (uInt)room;
	deflate(&z, flush);
	assert_int_equal(z.avail_in, 0);
	deflateEnd(&z);
	return room - z.avail_out;
}

static void give(struct deflate *d, const char *packed, size_t len)
{
	size_t room;
	char *to = deflate_room(d, &room);
	assert_true(len <= room);
	memcpy(to, packed, len);
	deflate_got(d, len);
}

/* Takes what there is in bites of `bite`; how much there was. */
static size_t take(struct deflate *d, char *to, size_t bite)
{
	size_t all = 0;
	long got;
	while ((got = deflate_unpack(d, to + all, bite)) > 0) {
		assert_in_range(got, 1, bite);
		all += (size_t)got;
	}
	assert_int_equal(got, 0);
	return all;
}

static void test_cut_anywhere(void **state)
{
	(void)state;
	const size_t len = 1000;
	char *data = made(TEXT, len), *back = x_malloc(len + 100), *packed;
	for (int level = 0; level <= 9; level += 3) {
		size_t n = theirs(&packed, data, len, level, Z_SYNC_FLUSH);
		for (size_t cut = 0; cut <= n; cut++) {
			struct deflate *d = deflate_new();
			size_t bite = cut % 97 + 1, got;
			give(d, packed, cut);
			got = take(d, back, bite);
			give(d, packed + cut, n - cut);
			got += take(d, back + got, bite);
			assert_int_equal(got, len);
			assert_memory_equal(back, data, len);
			deflate_free(&d);
		}
		struct deflate *d = deflate_new(); /* and byte by byte */
		size_t got = 0;
		for (size_t i = 0; i < n; i++) {
			give(d, packed + i, 1);
			got += take(d, back + got, 1);
		}
		assert_int_equal(got, len);
		assert_memory_equal(back, data, len);
		deflate_free(&d);
		free(packed);
	}
	free(data);
	free(back);
}

/* A little that becomes much comes only as there is room for it; that `take` runs to its end shows that all of it comes. */
static void test_bomb(void **state)
{
	(void)state;
	const size_t len = (size_t)48 << 20;
	char *data = made(SAME, len), *packed, small[1000];
	size_t n = theirs(&packed, data, len, 9, Z_SYNC_FLUSH), all = 0;
	assert_true(n < LEN);
	struct deflate *d = deflate_new();
	give(d, packed, n);
	for (long got; (got = deflate_unpack(d, small, sizeof small)) > 0; all += (size_t)got)
		assert_int_equal(small[got - 1], 'x');
	assert_int_equal(all, len);
	assert_int_equal(deflate_counts(d).in, len);
	assert_int_equal(deflate_counts(d).packed_in, n);
	deflate_free(&d);
	free(packed);
	free(data);
}

static void test_garbage(void **state)
{
	(void)state;
	static const char *const rows[] = { "\x07", "\x01\x05\x05\x05\x05", "* OK [CAPABILITY IMAP4rev1] this is no deflate at all, but a line of IMAP\r\n* 3 EXISTS\r\n" };
	char out[200];
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct deflate *d = deflate_new();
		long got;
		give(d, rows[i], strlen(rows[i]));
		while ((got = deflate_unpack(d, out, sizeof out)) > 0)
			;
		assert_int_equal(got, -1);
		assert_int_equal(deflate_unpack(d, out, sizeof out), -1); /* it stays so, also with better input */
		give(d, "", 1);
		assert_int_equal(deflate_unpack(d, out, sizeof out), -1);
		deflate_free(&d);
	}
}

/* Behind the end of the stream nothing can come; what was in it counts. */
static void test_end(void **state)
{
	(void)state;
	char *packed, with[100], out[100];
	size_t n = theirs(&packed, "* BYE\r\n", 7, 6, Z_FINISH);
	for (unsigned more = 0; more < 2; more++) {
		struct deflate *d = deflate_new();
		memcpy(with, packed, n);
		memcpy(with + n, "more", 4);
		give(d, with, n + 4 * more);
		assert_int_equal(deflate_unpack(d, out, sizeof out), 7);
		assert_memory_equal(out, "* BYE\r\n", 7);
		assert_int_equal(deflate_unpack(d, out, sizeof out), -1);
		deflate_free(&d);
	}
	free(packed);
}

/* Any bytes, and good ones with some changed: an end in all cases, and no byte too many (AddressSanitizer looks). */
static void test_noise(void **state)
{
	(void)state;
	char *data = made(TEXT, 2000), *packed, out[512];
	size_t n = theirs(&packed, data, 2000, 6, Z_SYNC_FLUSH);
	uint64_t seed = 1;
	for (unsigned i = 0; i < 3000; i++) {
		char *bytes = i % 2 ? exact(packed, n) : made(NOISE, n);
		for (uint32_t k = dice(&seed, 4) + 1; k > 0; k--)
			bytes[dice(&seed, (uint32_t)n)] = (char)dice(&seed, 256);
		struct deflate *d = deflate_new();
		give(d, bytes, n);
		size_t all = 0;
		for (long got; (got = deflate_unpack(d, out, sizeof out)) > 0;)
			all += (size_t)got;
		assert_true(all <= n * 1040);
		deflate_free(&d);
		free(bytes);
	}
	free(packed);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pack), cmocka_unit_test(test_cut_anywhere), cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_garbage), cmocka_unit_test(test_end), cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
