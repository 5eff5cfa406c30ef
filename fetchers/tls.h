/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_TLS_H
#define FLAGPOST_FETCHERS_TLS_H
/*
 * tls - what every connection of the fetcher asks of TLS: 1.2 or newer, and a peer that is proved.
 *
 * The proof is a certificate of the system's authorities for the host's name or, where the account
 * names them, of those in ca_file. pinned_key alone takes the place of authorities and name: the
 * server is who holds that key, which suits a certificate that nobody signed. Both together must
 * both hold.
 */
#include <curl/curl.h>
#include <glib.h>
#include <openssl/ssl.h>
#include <stdbool.h>

/* What is seen of one handshake. Zeroed, it may be handed to tls_set_options. */
struct tls {
	SSL *session;   /* borrowed from the handle; NULL before the end of the handshake */
	char *seen_key; /* "sha256//...", of the certificate that the server showed; or NULL */
};

void tls_clear(struct tls *tls);

/* For IMAP, POP3 and HTTPS alike; "" for none. tls must outlive the handle. */
bool tls_set_options(struct tls *tls, CURL *easy, const char *ca_file, const char *pinned_key);

/*
 * Sessions for a later connection of any handle to go on with: a round trip less, and no
 * certificates. libcurl keeps those of eight servers and never uses one under other demands than
 * those it was made under. NULL when libcurl cannot. To be freed after its handles.
 */
CURLSH *tls_share_new(void);

#endif
