/* Header identity and the proof of a mail: independent of line ends, of what follows the header, and of the pieces in which bytes come. */
#include "tests/fuzz/fuzz.h"

#include "core/mail/identity.h"
#include "core/mail/proof.h"

static struct digest *digest;

static struct identity of(const char *data, size_t len)
{
	struct identity id;
	identity_of(&id, digest, data, len);
	return id;
}

static bool same(struct identity a, struct identity b)
{
	return memcmp(a.head, b.head, IDENTITY_LEN) == 0 && memcmp(a.core, b.core, IDENTITY_LEN) == 0 && a.msgid == b.msgid;
}

/* Lines with that end; a CR elsewhere goes. */
static void with_ends(struct buf *out, const char *data, size_t len, const char *end)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n')
			buf_adds(out, end);
		else if (data[i] != '\r')
			buf_addc(out, data[i]);
	}
}

static void check_identity(const char *data, size_t len)
{
	struct identity id = of(data, len);
	struct buf lf = { 0 }, crlf = { 0 }, more = { 0 };
	size_t head = identity_header_len(data, len);
	HOLDS(head <= len);
	HOLDS(same(id, of(data, head)));
	with_ends(&lf, data, len, "\n");
	with_ends(&crlf, data, len, "\r\n");
	HOLDS(same(of(lf.data ? lf.data : "", lf.len), of(crlf.data ? crlf.data : "", crlf.len)));
	if (head < len) { /* another body is no other header */
		buf_add(&more, data, head);
		buf_adds(&more, "Message-ID: <other@body>\r\n");
		HOLDS(same(id, of(more.data, more.len)));
	}
	buf_free(&lf);
	buf_free(&crlf);
	buf_free(&more);
}

static void check_proof(const char *data, size_t len, uint64_t cuts)
{
	struct hasher *h = hasher_new();
	struct proof whole, pieces;
	hasher_add(h, data, len);
	hasher_end(h, &whole);
	hasher_start(h);
	for (size_t at = 0, n; at < len; at += n) {
		cuts = cuts * 6364136223846793005u + 1442695040888963407u;
		n = 1 + (size_t)(cuts >> 33) % 9;
		n = n < len - at ? n : len - at;
		hasher_add(h, data + at, n);
	}
	hasher_end(h, &pieces);
	HOLDS(whole.length == len && pieces.length == len);
	HOLDS(memcmp(whole.raw, pieces.raw, DIGEST_LEN) == 0 && memcmp(whole.text, pieces.text, DIGEST_LEN) == 0 && memcmp(whole.body, pieces.body, DIGEST_LEN) == 0);
	hasher_free(&h);
	proof_free(&whole);
	proof_free(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t cuts = fuzz_byte(&data, &len);
	if (!digest)
		digest = digest_new();
	check_identity((const char *)data, len);
	check_proof((const char *)data, len, cuts);
	return 0;
}
