/* SHA-256 (FIPS 180-4) by OpenSSL. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_LEN 32

struct digest;

struct digest *digest_new(void);
/* Begins anew; what was added before is forgotten. */
void digest_start(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);
/* Ends it; start before adding again. */
void digest_end(struct digest *d, uint8_t out[DIGEST_LEN]);
void digest_free(struct digest **d);
/* 64 lower-case digits and a NUL. */
void digest_hex(char out[2 * DIGEST_LEN + 1], const uint8_t digest[DIGEST_LEN]);

#endif
