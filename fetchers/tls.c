/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libcurl decides; here it is only listened to. A libcurl over another TLS library refuses to be
 * listened to, which costs speed and the name of a key.
 */
#include "fetchers/tls.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

static char *
key_of(const X509 *certificate)
{
	guint8 digest[32];
	guint size = 0;
	guchar *der = NULL;
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);

	if (length <= 0)
		return NULL;
	int fine = EVP_Digest(der, (size_t)length, digest, &size, EVP_sha256(), NULL);
	OPENSSL_free(der);
	if (fine != 1)
		return NULL;
	g_autofree char *text = g_base64_encode(digest, size);
	return g_strconcat("sha256//", text, NULL);
}

static void
note_key(struct tls *tls, const X509 *certificate)
{
	if (certificate == NULL)
		return;
	g_free(tls->seen_key);
	tls->seen_key = key_of(certificate);
}

static void
note_handshake(const SSL *session, int where, int result)
{
	struct tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(session));

	(void)result;
	if ((where & SSL_CB_HANDSHAKE_DONE) == 0)
		return;
	tls->session = (SSL *)session;
	note_key(tls, SSL_get0_peer_certificate(session));
}

/* A certificate that is refused ends the handshake: its key is noted before that. */
static int
note_certificate(int verified, X509_STORE_CTX *store)
{
	SSL *session = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

	if (session != NULL)
		note_key(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)),
		    X509_STORE_CTX_get0_cert(store));
	return verified;
}

/* CURLINFO_TLS_SSL_PTR is empty once a CONNECT_ONLY handle is connected (7.88). */
static CURLcode
listen_in(CURL *easy, void *context, void *user)
{
	int mode = SSL_CTX_get_verify_mode(context);

	(void)easy;
	SSL_CTX_set_app_data((SSL_CTX *)context, user);
	SSL_CTX_set_info_callback(context, note_handshake);
	if ((mode & SSL_VERIFY_PEER) != 0)
		SSL_CTX_set_verify(context, mode, note_certificate);
	return CURLE_OK;
}

bool
tls_set_options(struct tls *tls, CURL *easy, const char *ca_file, const char *pinned_key)
{
	bool has_pin = pinned_key[0] != '\0', has_file = ca_file[0] != '\0';
	bool by_key_alone = has_pin && !has_file;
	CURLcode bad = CURLE_OK;

#define SET(option, value) bad = bad != CURLE_OK ? bad : curl_easy_setopt(easy, option, value)
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, by_key_alone ? 0L : 1L);
	SET(CURLOPT_SSL_VERIFYHOST, by_key_alone ? 0L : 2L);
	if (has_pin)
		SET(CURLOPT_PINNEDPUBLICKEY, pinned_key);
	if (has_file) {
		SET(CURLOPT_CAINFO, ca_file);
		/* This file alone: not the system's folder as well. */
		SET(CURLOPT_CAPATH, NULL);
	}
#undef SET
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, tls);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, listen_in);
	return bad == CURLE_OK;
}

void
tls_clear(struct tls *tls)
{
	g_clear_pointer(&tls->seen_key, g_free);
	tls->session = NULL;
}

CURLSH *
tls_share_new(void)
{
	CURLSH *share = curl_share_init();

	if (share != NULL &&
	    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK) {
		curl_share_cleanup(share);
		return NULL;
	}
	return share;
}
