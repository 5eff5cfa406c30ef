/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/digest.h"

#include <openssl/evp.h>
#include <string.h>

struct digest {
	EVP_MD_CTX *context;
};

/*
 * SHA-256 fails only without memory, where GLib ends the process as well. Not g_assert: what it
 * holds is left out where assertions are.
 */
static void
must(bool done)
{
	if (!done)
		g_error("SHA-256: libcrypto refuses to work");
}

/* Found once: else libcrypto would look the algorithm up by its name for each digest. */
static const EVP_MD *
sha256(void)
{
	static gsize found;

	if (g_once_init_enter(&found)) {
		EVP_MD *algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
		must(algorithm != NULL);
		g_once_init_leave(&found, (gsize)algorithm);
	}
	return (const EVP_MD *)found;
}

struct digest *
digest_new(void)
{
	struct digest *digest = g_new0(struct digest, 1);

	digest->context = EVP_MD_CTX_new();
	must(digest->context != NULL);
	digest_reset(digest);
	return digest;
}

void
digest_free(struct digest *digest)
{
	if (digest == NULL)
		return;
	EVP_MD_CTX_free(digest->context);
	g_free(digest);
}

void
digest_reset(struct digest *digest)
{
	must(EVP_DigestInit_ex(digest->context, sha256(), NULL) == 1);
}

void
digest_update(struct digest *digest, const void *data, gsize size)
{
	must(EVP_DigestUpdate(digest->context, data, size) == 1);
}

void
digest_finish(struct digest *digest, char hex[DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	must(EVP_DigestFinal_ex(digest->context, bytes, &size) == 1 && size == 32);
	for (guint i = 0; i < size; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[DIGEST_HEX - 1] = '\0';
}

void
digest_bytes(const void *data, gsize size, char hex[DIGEST_HEX])
{
	g_autoptr(digest) digest = digest_new();

	digest_update(digest, data, size);
	digest_finish(digest, hex);
}

bool
digest_is_hex(const char *text)
{
	return strlen(text) == DIGEST_HEX - 1 && strspn(text, "0123456789abcdef") == DIGEST_HEX - 1;
}
