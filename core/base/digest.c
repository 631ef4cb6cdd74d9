/* SHA-256 through OpenSSL's EVP. OpenSSL refuses only when it has no memory or no provider: the program ends then. */
#include "core/base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/alloc.h"

#define STATUS_INTERNAL 70

struct digest {
	EVP_MD *md;	/* fetched once: a lookup by name at each start costs more than a small mail */
	EVP_MD_CTX *ctx;
	size_t small;	/* bytes in `piece` */
	char piece[512]; /* what came in small pieces: OpenSSL is called for many at once */
};

static void must(int ok)
{
	static const char line[] = "trasloco: SHA-256 is not available, or memory is out\n";

	if (ok)
		return;

	ssize_t told = write(STDERR_FILENO, line, sizeof line - 1);

	(void)told;
	_exit(STATUS_INTERNAL);
}

struct digest *digest_new(void)
{
	struct digest *d = x_calloc(1, sizeof *d);

	d->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->ctx = EVP_MD_CTX_new();
	must(d->md && d->ctx);
	digest_start(d);
	return d;
}

void digest_start(struct digest *d)
{
	d->small = 0;
	must(EVP_DigestInit_ex2(d->ctx, d->md, NULL));
}

static void flush(struct digest *d)
{
	if (d->small > 0)
		must(EVP_DigestUpdate(d->ctx, d->piece, d->small));
	d->small = 0;
}

void digest_add(struct digest *d, const void *data, size_t len)
{
	if (len > sizeof d->piece - d->small)
		flush(d);
	if (len > sizeof d->piece) {
		must(EVP_DigestUpdate(d->ctx, data, len));
		return;
	}
	if (len > 0)
		memcpy(d->piece + d->small, data, len);
	d->small += len;
}

void digest_end(struct digest *d, uint8_t out[DIGEST_LEN])
{
	unsigned len = 0;

	flush(d);
	must(EVP_DigestFinal_ex(d->ctx, out, &len) && len == DIGEST_LEN);
}

void digest_free(struct digest **d)
{
	if (!*d)
		return;
	EVP_MD_CTX_free((*d)->ctx);
	EVP_MD_free((*d)->md);
	free(*d);
	*d = NULL;
}

void digest_hex(char out[2 * DIGEST_LEN + 1], const uint8_t digest[DIGEST_LEN])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_LEN; i++) {
		out[2 * i] = digits[digest[i] >> 4];
		out[2 * i + 1] = digits[digest[i] & 15];
	}
	out[2 * DIGEST_LEN] = '\0';
}
