/* A server's side of the mechanisms. First byte: which; then challenges, a line each. A server that does not know the password never passes for
   one that does, and whatever it says, no answer holds the password but where the mechanism sends it. */
#include "tests/fuzz/fuzz.h"

#include <openssl/evp.h>

#include "providers/imap/sasl.h"

#define SECRET "s3cr3t-Pass"

int __real_PKCS5_PBKDF2_HMAC(const char *pass, int passlen, const unsigned char *salt, int saltlen, int iter, const EVP_MD *digest, int keylen, unsigned char *out);
int __wrap_PKCS5_PBKDF2_HMAC(const char *pass, int passlen, const unsigned char *salt, int saltlen, int iter, const EVP_MD *digest, int keylen, unsigned char *out);

/* As slow as it is meant to be, nothing else would be tried. */
int __wrap_PKCS5_PBKDF2_HMAC(const char *pass, int passlen, const unsigned char *salt, int saltlen, int iter, const EVP_MD *digest, int keylen, unsigned char *out)
{
	HOLDS(iter >= SASL_ITERATIONS_MIN && iter <= SASL_ITERATIONS_MAX);
	return __real_PKCS5_PBKDF2_HMAC(pass, passlen, salt, saltlen, 2, digest, keylen, out);
}

static bool is_base64(const char *text, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	for (size_t i = 0; i < len; i++)
		if (!memchr(digits, text[i], sizeof digits - 1))
			return false;
	return len % 4 == 0;
}

static void check_answer(enum sasl_kind kind, const struct buf *out)
{
	unsigned char raw[4096];
	const char *text = out->data ? out->data : "";
	HOLDS(is_base64(text, out->len) && out->len < sizeof raw);
	int len = EVP_DecodeBlock(raw, (const unsigned char *)text, (int)out->len);
	HOLDS(len >= 0);
	if (kind == SASL_SCRAM_SHA_256)
		HOLDS(!memmem(raw, (size_t)len, SECRET, strlen(SECRET)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct sasl_who who[] = {
		{ .user = "anna", .secret = SECRET, .host = "server", .port = 993, .nonce = "abcdefgh" },
		{ .user = "an,n=a", .acts_as = "bo,=b", .secret = SECRET, .host = "server", .port = 993, .nonce = "abcdefgh" },
	};
	uint8_t which = fuzz_byte(&data, &len);
	enum sasl_kind kind = which % (SASL_OAUTHBEARER + 1);
	struct sasl *s = sasl_new(kind, &who[which & 128 ? 1 : 0]);
	struct error err = { 0 };
	struct buf out = { 0 };
	const char *at = (const char *)data, *end = at + len;
	int ok = 0;
	for (int steps = 0; ok == 0 && steps < 8; steps++) {
		const char *stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
		size_t n = (size_t)((stop ? stop : end) - at);
		buf_reset(&out);
		ok = sasl_step(s, at, n, &out, &err);
		if (ok == 0)
			check_answer(kind, &out);
		at = stop ? stop + 1 : end;
	}
	HOLDS(ok < 0); /* none goes on for ever */
	HOLDS(err.class == ERR_RETRY || err.class == ERR_LOGIN || err.class == ERR_TLS);
	HOLDS(!strstr(err.text, SECRET));
	HOLDS((sasl_end(s, &err) == 0) == (kind != SASL_SCRAM_SHA_256));
	buf_free(&out);
	sasl_free(&s);
	return 0;
}
