/* SCRAM-SHA-256. */
#include "providers/imap/scram.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "core/base/alloc.h"

#define CHALLENGE_MAX ((size_t)8 << 10)

void base64_encode(struct buf *out, const void *data, size_t len)
{
	size_t size = 4 * ((len + 2) / 3);
	EVP_EncodeBlock((unsigned char *)buf_room(out, size + 1), data, (int)len);
	out->len += size;
}

int base64_decode(struct buf *out, const char *text, size_t len)
{
	if (len > CHALLENGE_MAX || len % 4 != 0)
		return -1;
	if (len == 0)
		return 0;
	int got = EVP_DecodeBlock((unsigned char *)buf_room(out, len), (const unsigned char *)text, (int)len);
	for (size_t i = len; got >= 0 && i > len - 2 && text[i - 1] == '='; i--)
		got--;
	if (got < 0)
		return -1;
	out->len += (size_t)got;
	out->data[out->len] = '\0';
	return 0;
}

/* What would end an attribute is written otherwise. */
void scram_add_name(struct buf *out, const char *name)
{
	for (; *name; name++) {
		if (*name == '=')
			buf_adds(out, "=3D");
		else if (*name == ',')
			buf_adds(out, "=2C");
		else
			buf_addc(out, *name);
	}
}

static void draw_nonce(char out[48])
{
	unsigned char raw[18];
	struct buf text = { 0 };
	if (RAND_bytes(raw, sizeof raw) != 1)
		abort();
	base64_encode(&text, raw, sizeof raw); /* base64 holds no comma */
	memcpy(out, text.data, text.len + 1);
	buf_free(&text);
}

void scram_first(struct scram *s, const struct sasl_who *who, struct buf *out)
{
	if (who->nonce)
		memcpy(s->nonce, who->nonce, strnlen(who->nonce, sizeof s->nonce - 1));
	else
		draw_nonce(s->nonce);
	buf_adds(&s->gs2, "n,");
	if (who->acts_as) {
		buf_adds(&s->gs2, "a=");
		scram_add_name(&s->gs2, who->acts_as);
	}
	buf_addc(&s->gs2, ',');
	buf_adds(&s->bare, "n=");
	scram_add_name(&s->bare, who->user);
	buf_addf(&s->bare, ",r=%s", s->nonce);
	buf_add(out, s->gs2.data, s->gs2.len);
	buf_add(out, s->bare.data, s->bare.len);
}

/* "r=…,s=…,i=…": the value of the next attribute, which has to have that letter; *at moves behind it. NULL: another one. */
static const char *attribute(const char **at, const char *end, char letter, size_t *len)
{
	const char *value = *at + 2;
	if (end - *at < 2 || (*at)[0] != letter || (*at)[1] != '=')
		return NULL;
	const char *comma = memchr(value, ',', (size_t)(end - value));
	*len = (size_t)((comma ? comma : end) - value);
	*at = comma ? comma + 1 : end;
	return value;
}

struct server_first {
	const char *nonce;
	size_t nonce_len;
	struct buf salt;
	int iterations;
};

static int parse_first(const struct scram *s, struct server_first *f, const char *text, size_t len, struct error *err)
{
	const char *at = text, *end = text + len, *salt = NULL, *count = NULL;
	size_t salt_len = 0, count_len = 0, ours = strlen(s->nonce);
	f->nonce = attribute(&at, end, 'r', &f->nonce_len);
	if (f->nonce)
		salt = attribute(&at, end, 's', &salt_len);
	if (salt)
		count = attribute(&at, end, 'i', &count_len);
	if (!count || count_len == 0 || count_len > 9 || base64_decode(&f->salt, salt, salt_len) < 0 || f->salt.len == 0)
		return error_set(err, ERR_LOGIN, "the server's side of SCRAM-SHA-256 can't be understood: choose another way with `auth`");
	if (f->nonce_len <= ours || memcmp(f->nonce, s->nonce, ours) != 0)
		return error_set(err, ERR_TLS, "the server answers somebody else's sign-in (SCRAM nonce): there may be somebody in the line");
	for (size_t i = 0; i < count_len; i++)
		f->iterations = count[i] < '0' || count[i] > '9' ? -1 : f->iterations < 0 ? -1 : f->iterations * 10 + (count[i] - '0');
	if (f->iterations < SASL_ITERATIONS_MIN || f->iterations > SASL_ITERATIONS_MAX)
		return error_set(err, ERR_LOGIN, "the server wants SCRAM-SHA-256 with %.*s rounds; between %d and %d are safe: choose another way with `auth`", (int)count_len,
			count, SASL_ITERATIONS_MIN, SASL_ITERATIONS_MAX);
	return 0;
}

static void hmac(unsigned char out[DIGEST_LEN], const unsigned char key[DIGEST_LEN], const char *data, size_t len)
{
	unsigned size = DIGEST_LEN;
	if (!HMAC(EVP_sha256(), key, DIGEST_LEN, (const unsigned char *)data, len, out, &size))
		abort();
}

/* RFC 5802, 3: our proof, and the signature that the server has to show. */
static void prove(struct scram *s, const char *secret, const struct server_first *f, const struct buf *signed_text, unsigned char proof[DIGEST_LEN])
{
	unsigned char salted[DIGEST_LEN], client_key[DIGEST_LEN], stored_key[DIGEST_LEN], signature[DIGEST_LEN], server_key[DIGEST_LEN];
	if (PKCS5_PBKDF2_HMAC(secret, (int)strlen(secret), (const unsigned char *)f->salt.data, (int)f->salt.len, f->iterations, EVP_sha256(), DIGEST_LEN, salted) != 1)
		abort();
	hmac(client_key, salted, "Client Key", 10);
	if (EVP_Digest(client_key, DIGEST_LEN, stored_key, NULL, EVP_sha256(), NULL) != 1)
		abort();
	hmac(signature, stored_key, signed_text->data, signed_text->len);
	for (size_t i = 0; i < DIGEST_LEN; i++)
		proof[i] = client_key[i] ^ signature[i];
	hmac(server_key, salted, "Server Key", 10);
	hmac(s->server_signature, server_key, signed_text->data, signed_text->len);
	OPENSSL_cleanse(salted, sizeof salted);
	OPENSSL_cleanse(client_key, sizeof client_key);
	OPENSSL_cleanse(stored_key, sizeof stored_key);
	OPENSSL_cleanse(server_key, sizeof server_key);
}

int scram_final(struct scram *s, const struct sasl_who *who, const char *text, size_t len, struct buf *out, struct error *err)
{
	struct server_first f = { 0 };
	struct buf without = { 0 }, signed_text = { 0 };
	unsigned char proof[DIGEST_LEN];
	if (parse_first(s, &f, text, len, err) < 0) {
		buf_free(&f.salt);
		return -1;
	}
	buf_adds(&without, "c=");
	base64_encode(&without, s->gs2.data, s->gs2.len);
	buf_adds(&without, ",r=");
	buf_add(&without, f.nonce, f.nonce_len);
	buf_add(&signed_text, s->bare.data, s->bare.len);
	buf_addc(&signed_text, ',');
	buf_add(&signed_text, text, len);
	buf_addc(&signed_text, ',');
	buf_add(&signed_text, without.data, without.len);
	prove(s, who->secret, &f, &signed_text, proof);
	buf_add(out, without.data, without.len);
	buf_adds(out, ",p=");
	base64_encode(out, proof, sizeof proof);
	buf_free(&f.salt);
	buf_free(&without);
	buf_free(&signed_text);
	return 0;
}

int scram_check(struct scram *s, const char *text, size_t len, struct error *err)
{
	const char *at = text;
	size_t value_len;
	struct buf signature = { 0 };
	if (len >= 2 && text[0] == 'e' && text[1] == '=')
		return 0;
	const char *value = attribute(&at, text + len, 'v', &value_len);
	s->proved = value && base64_decode(&signature, value, value_len) == 0 && signature.len == DIGEST_LEN &&
		    CRYPTO_memcmp(signature.data, s->server_signature, DIGEST_LEN) == 0;
	buf_free(&signature);
	if (!s->proved)
		return error_set(err, ERR_TLS, "the server does not know the password either: it is not the one it claims to be");
	return 0;
}

void scram_wipe(struct scram *s)
{
	buf_free(&s->gs2);
	buf_free(&s->bare);
	OPENSSL_cleanse(s, sizeof *s);
}
