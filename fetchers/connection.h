/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_CONNECTION_H
#define FLAGPOST_FETCHERS_CONNECTION_H
/*
 * connection - libcurl's part: the way to a server, TLS and the login; then a link.
 *
 * The handle is a CURLOPT_CONNECT_ONLY one. It is added to a multi handle, which drives it
 * without blocking until it is logged in, and it stays there: libcurl closes the connection of
 * such a handle when it is removed (7.88, curl_multi_remove_handle). curl_easy_send and
 * curl_easy_recv work on it meanwhile.
 */
#include <curl/curl.h>
#include <glib.h>
#include <stdbool.h>

#include "fetchers/fetch.h"
#include "fetchers/session.h"
#include "mail/account.h"

struct connection;

/*
 * Opens the secret too, unless there is a token to log in with (NULL: none). share (or NULL) holds
 * TLS sessions. NULL after FAULT_CONFIG. account, limits and share must outlive it.
 */
struct connection *connection_new(const struct account *account, const struct limits *limits,
    const char *token, CURLSH *share, GError **error);
void connection_free(struct connection *connection); /* after curl_multi_remove_handle */

CURL *connection_easy(const struct connection *connection);
/* Once logged in. quiet: little is to come, and little memory is kept for it. */
struct link *connection_link(struct connection *connection, bool quiet);
int connection_fd(const struct connection *connection); /* once linked, to poll; -1: closed */

/* What the result of connecting means for the account; *text is a sentence (owned). */
enum fetch_account_state connection_outcome(
    const struct connection *connection, CURLcode result, char **text);
/* After a connecting that failed: seconds the server wants to be left alone; 0: not said. */
guint32 connection_wait(const struct connection *connection);

#endif
