/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nothing is ever sent in clear but the request for TLS: USE_SSL is ALL, never TRY. Proxies are
 * libcurl's own affair (all_proxy, no_proxy in the environment); TLS runs through them to the
 * server all the same.
 */
#include "fetchers/connection.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>

#include "base/fault.h"
#include "base/secret.h"
#include "base/url.h"

#define READ_AHEAD (128 * 1024)

struct connection {
	struct link link;
	const struct account *account;
	CURL *easy;
	SSL *tls;                   /* borrowed from easy; NULL before the handshake */
	char said[CURL_ERROR_SIZE]; /* libcurl's own words */
	GString *answer;            /* the server's last line while logging in */
	char *mechanism;            /* "AUTHENTICATE PLAIN", "LOGIN"; "" before the login */
};

static gssize
link_result(struct connection *connection, CURLcode result, size_t n, GError **error)
{
	if (result == CURLE_AGAIN)
		return 0;
	if (result == CURLE_OK && n > 0)
		return (gssize)n;
	if (result == CURLE_OK || result == CURLE_GOT_NOTHING ||
	    result == CURLE_UNSUPPORTED_PROTOCOL)
		g_set_error(error, FAULT, FAULT_AWAY, "the server closed the connection");
	else
		g_set_error(error, FAULT, FAULT_AWAY, "the connection broke: %s",
		    *connection->said != '\0' ? connection->said : curl_easy_strerror(result));
	return -1;
}

static gssize
link_receive(struct link *link, void *data, gsize size, GError **error)
{
	struct connection *connection = (struct connection *)link;
	size_t n = 0;
	CURLcode result = curl_easy_recv(connection->easy, data, size, &n);

	return link_result(connection, result, n, error);
}

static gssize
link_send(struct link *link, const void *data, gsize size, GError **error)
{
	struct connection *connection = (struct connection *)link;
	size_t n = 0;
	CURLcode result = curl_easy_send(connection->easy, data, size, &n);

	return link_result(connection, result, n, error);
}

/*
 * Listens to the login for the server's own explanation and the mechanism. What we send is
 * looked at no further than the names of commands: the rest is the secret.
 */
static int
listen_in(CURL *easy, curl_infotype type, char *data, size_t size, void *user)
{
	static const char *const logins[] = { "AUTHENTICATE ", "LOGIN ", "AUTH ", "USER ",
		"APOP " };
	struct connection *connection = user;

	(void)easy;
	if (type == CURLINFO_HEADER_IN) {
		g_string_truncate(connection->answer, 0);
		g_string_append_len(connection->answer, data, (gssize)MIN(size, 500));
	}
	if (type != CURLINFO_HEADER_OUT)
		return 0;
	const char *space = memchr(data, ' ', size);
	for (gsize i = 0; i < G_N_ELEMENTS(logins); i++) {
		gsize length = strlen(logins[i]);
		const char *at = connection->account->protocol == PROTOCOL_IMAP && space != NULL
				     ? space + 1
				     : data;
		gsize left = size - (gsize)(at - data);
		if (left < length || strncmp(at, logins[i], length) != 0)
			continue;
		/* AUTH and AUTHENTICATE carry the name of a mechanism. */
		gsize name = i == 0 || i == 2 ? strcspn(at + length, " \r\n") : 0;
		g_free(connection->mechanism);
		connection->mechanism = g_strndup(at, name > 0 ? length + name : length - 1);
	}
	return 0;
}

static void
note_tls(const SSL *tls, int where, int result)
{
	struct connection *connection = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));

	(void)result;
	if (where & SSL_CB_HANDSHAKE_DONE)
		connection->tls = (SSL *)tls;
}

/*
 * CURLINFO_TLS_SSL_PTR is empty once a CONNECT_ONLY handle is connected (7.88), so the session is
 * noted on the way. A libcurl over another TLS library refuses the option, which costs speed alone.
 */
static CURLcode
prepare_tls(CURL *easy, void *context, void *user)
{
	(void)easy;
	SSL_CTX_set_app_data((SSL_CTX *)context, user);
	SSL_CTX_set_info_callback(context, note_tls);
	return CURLE_OK;
}

static bool
set_options(struct connection *connection, const char *url, const char *password)
{
	const struct account *account = connection->account;
	CURL *easy = connection->easy;
	CURLcode bad = CURLE_OK;

#define SET(option, value) bad = bad != CURLE_OK ? bad : curl_easy_setopt(easy, option, value)
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, "imap,imaps,pop3,pop3s");
	SET(CURLOPT_CONNECT_ONLY, 1L);
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (*account->ca_file != '\0') {
		SET(CURLOPT_CAINFO, account->ca_file);
		/* This file alone: not the system's folder as well. */
		SET(CURLOPT_CAPATH, NULL);
	}
	/* The transfer of such a handle is the connecting, so its time limit covers the login;
	 * the other one ends with the handshake. */
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)FETCH_CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, (long)FETCH_CONNECT_MS);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_USERNAME, account->user);
	SET(CURLOPT_PASSWORD, password);
	SET(CURLOPT_ERRORBUFFER, connection->said);
	SET(CURLOPT_DEBUGFUNCTION, listen_in);
	SET(CURLOPT_DEBUGDATA, connection);
	SET(CURLOPT_VERBOSE, 1L);
#undef SET
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, connection);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
	return bad == CURLE_OK;
}

static char *
make_url(const struct account *account)
{
	static const char *const schemes[2][2] = { { "imaps", "imap" }, { "pop3s", "pop3" } };
	const char *scheme =
	    schemes[account->protocol == PROTOCOL_POP3][account->tls == TLS_STARTTLS];

	return url_make(scheme, account->host, account->port);
}

struct connection *
connection_new(const struct account *account, GError **error)
{
	char *password = secret_read(account->password_file, account->credential, error);

	if (password == NULL)
		return NULL;
	struct connection *connection = g_new0(struct connection, 1);
	connection->link = (struct link){ .receive = link_receive, .send = link_send };
	connection->account = account;
	connection->answer = g_string_new(NULL);
	connection->mechanism = g_strdup("");
	connection->easy = curl_easy_init();
	g_autofree char *url = make_url(account);
	bool set = connection->easy != NULL && set_options(connection, url, password);
	secret_wipe(password);
	if (set)
		return connection;
	g_set_error(error, FAULT, FAULT_CONFIG, "%s: libcurl does not take it", url);
	connection_free(connection);
	return NULL;
}

void
connection_free(struct connection *connection)
{
	if (connection == NULL)
		return;
	curl_easy_cleanup(connection->easy);
	g_string_free(connection->answer, TRUE);
	g_free(connection->mechanism);
	g_free(connection);
}

CURL *
connection_easy(const struct connection *connection)
{
	return connection->easy;
}

/*
 * Without it OpenSSL asks the kernel twice for each record, and a mailbox is a hundred thousand of
 * them. Only after the login: until then libcurl waits on the socket, and what was read ahead
 * does not show there. From then on we read dry before we wait.
 */
static void
read_ahead(struct connection *connection)
{
	if (connection->tls == NULL)
		return;
	SSL_set_default_read_buffer_len(connection->tls, READ_AHEAD);
	SSL_set_read_ahead(connection->tls, 1);
}

struct link *
connection_link(struct connection *connection)
{
	read_ahead(connection);
	return &connection->link;
}

int
connection_fd(const struct connection *connection)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (curl_easy_getinfo(connection->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK)
		return -1;
	return fd == CURL_SOCKET_BAD ? -1 : fd;
}

/* Outcomes */

/* The server's last line without its tag and status. */
static char *
server_words(const struct connection *connection)
{
	g_autofree char *line = g_strstrip(g_strdup(connection->answer->str));
	const char *at = line;

	if (g_str_has_prefix(at, "-ERR"))
		at += 4;
	else if (strstr(at, " NO ") != NULL)
		at = strstr(at, " NO ") + 4;
	else if (strstr(at, " BAD ") != NULL)
		at = strstr(at, " BAD ") + 5;
	return session_quote(at + strspn(at, " "));
}

static char *
refused_login(const struct connection *connection)
{
	const struct account *account = connection->account;
	g_autofree char *words = server_words(connection);

	if (*connection->mechanism == '\0')
		return g_strdup_printf("no way to log in as %s: %s", account->user,
		    *connection->said != '\0' ? connection->said : words);
	return g_strdup_printf("login refused for %s (%s)%s%s", account->user,
	    connection->mechanism, *words != '\0' ? ": " : "", words);
}

/* "SSL certificate problem: certificate has expired" is said shorter. */
static char *
tls_trouble(const struct connection *connection, CURLcode result)
{
	static const char *const starts[] = { "SSL certificate problem: ", "SSL: " };
	const char *said =
	    *connection->said != '\0' ? connection->said : curl_easy_strerror(result);

	for (gsize i = 0; i < G_N_ELEMENTS(starts); i++) {
		if (g_str_has_prefix(said, starts[i]))
			said += strlen(starts[i]);
	}
	return g_strdup_printf(
	    "TLS with %s:%u: %s", connection->account->host, connection->account->port, said);
}

static char *
not_reached(const struct connection *connection)
{
	const struct account *account = connection->account;
	long number = 0;

	curl_easy_getinfo(connection->easy, CURLINFO_OS_ERRNO, &number);
	if (number == ECONNREFUSED)
		return g_strdup_printf("connection refused by %s:%u", account->host, account->port);
	return g_strdup_printf("%s:%u cannot be reached: %s", account->host, account->port,
	    number != 0 ? g_strerror((int)number) : connection->said);
}

/* Greeted with BYE or -ERR: the server lives and has no time for us. */
static bool
turned_away(const struct connection *connection, char **text)
{
	const char *answer = connection->answer->str;

	if (g_ascii_strncasecmp(answer, "* BYE", 5) != 0 && !g_str_has_prefix(answer, "-ERR"))
		return false;
	g_autofree char *line = g_strstrip(g_strdup(answer));
	g_autofree char *said = session_quote(line);
	*text = g_strdup_printf(
	    "%s:%u turned us away: %s", connection->account->host, connection->account->port, said);
	return true;
}

enum fetch_account_state
connection_outcome(const struct connection *connection, CURLcode result, char **text)
{
	const struct account *account = connection->account;
	const char *said =
	    *connection->said != '\0' ? connection->said : curl_easy_strerror(result);

	switch (result) {
	case CURLE_OK:
		*text = g_strdup("");
		return FETCH_OK;
	case CURLE_COULDNT_RESOLVE_HOST:
		*text = g_strdup_printf("no address found for %s", account->host);
		return FETCH_AWAY;
	case CURLE_COULDNT_CONNECT:
		*text = not_reached(connection);
		return FETCH_AWAY;
	case CURLE_OPERATION_TIMEDOUT:
		*text = g_strdup_printf("%s:%u: not connected and logged in within %d s",
		    account->host, account->port, FETCH_CONNECT_MS / 1000);
		return FETCH_AWAY;
	case CURLE_USE_SSL_FAILED:
		*text = g_strdup_printf("the server offers no %s at %s:%u; nothing was sent",
		    account->protocol == PROTOCOL_IMAP ? "STARTTLS" : "STLS", account->host,
		    account->port);
		return FETCH_TLS;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_ISSUER_ERROR:
		*text = tls_trouble(connection, result);
		return FETCH_TLS;
	case CURLE_SSL_CACERT_BADFILE:
		*text = g_strdup_printf("ca_file %s cannot be used: %s", account->ca_file, said);
		return FETCH_CONFIG;
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR:
		*text = refused_login(connection);
		return FETCH_LOGIN;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
		if (turned_away(connection, text))
			return FETCH_AWAY;
		*text = g_strdup_printf("%s:%u does not speak %s: %s", account->host, account->port,
		    account->protocol == PROTOCOL_IMAP ? "IMAP" : "POP3", said);
		return FETCH_PROTOCOL;
	default:
		*text = g_strdup_printf("%s:%u: %s", account->host, account->port, said);
		return FETCH_AWAY;
	}
}
