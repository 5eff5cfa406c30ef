/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nothing is ever sent in clear but the request for TLS: USE_SSL is ALL, never TRY. Proxies are
 * libcurl's own affair (all_proxy, no_proxy in the environment); TLS runs through them to the
 * server all the same.
 */
#include <string.h>

#include "base/fault.h"
#include "base/secret.h"
#include "base/url.h"
#include "fetchers/ability.h"
#include "fetchers/connection-parts.h"

#define READ_AHEAD      (128 * 1024)
#define ANSWER_LINE_MAX 500 /* of an answer while logging in */
#define OFFERED_MAX     300
#define ABILITIES_MAX   4000

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

/* The names of mechanisms in "* CAPABILITY ... AUTH=PLAIN" and in POP3's "SASL PLAIN LOGIN". */
static void
note_offers(struct connection *connection, const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \r\n]", -1);
	bool is_sasl = g_strcmp0(words[0], "SASL") == 0;

	if (!is_sasl && (line[0] != '*' || strstr(line, "CAPABILITY ") == NULL))
		return;
	g_string_truncate(connection->offered, 0);
	for (guint i = 0; words[i] != NULL && connection->offered->len < OFFERED_MAX; i++) {
		const char *name = is_sasl && i > 0 ? words[i] : "";
		if (g_ascii_strncasecmp(words[i], "AUTH=", 5) == 0)
			name = words[i] + 5;
		if (*name != '\0')
			g_string_append_printf(connection->offered, "%s%.40s",
			    connection->offered->len > 0 ? ", " : "", name);
	}
}

static bool
is_token_mechanism(const struct connection *connection)
{
	return strstr(connection->mechanism, "XOAUTH2") != NULL ||
	       strstr(connection->mechanism, "OAUTHBEARER") != NULL;
}

/*
 * The answer to a login may tell what the server can do from now on: as a code in it ("A003 OK
 * [CAPABILITY IMAP4rev1 ...] Logged in", RFC 3501 section 7.1) or in a line of its own before it
 * ("* CAPABILITY IMAP4rev1 ...", section 6.2.3), as Dovecot does for those who asked before.
 */
static const char *
find_abilities(const char *data, gsize size)
{
	static const char line[] = "* CAPABILITY ", code[] = " OK [CAPABILITY ";

	if (size >= sizeof line - 1 && g_ascii_strncasecmp(data, line, sizeof line - 1) == 0)
		return data + sizeof line - 1;
	const char *found =
	    *data == '*' ? NULL : memmem(data, MIN(size, ANSWER_LINE_MAX), code, sizeof code - 1);
	return found != NULL ? found + sizeof code - 1 : NULL;
}

static void
note_abilities(struct connection *connection, const char *data, gsize size)
{
	const char *words = size > 0 ? find_abilities(data, size) : NULL;

	/* What was said before the login counts no more behind it. */
	if (words == NULL || *connection->mechanism == '\0')
		return;
	gsize left = size - (gsize)(words - data);
	const char *end = memchr(words, *data == '*' ? '\r' : ']', left);
	if (end != NULL && end - words <= ABILITIES_MAX)
		g_string_append_len(
		    g_string_truncate(connection->abilities, 0), words, end - words);
}

static void
note_answer(struct connection *connection, const char *data, gsize size)
{
	g_autofree char *line = g_strndup(data, MIN(size, ANSWER_LINE_MAX));

	note_abilities(connection, data, size);
	if (connection->greeting->len == 0)
		g_string_assign(connection->greeting, line);
	note_offers(connection, line);
	/* A refused token is explained in a question that wants an empty answer (RFC 7628). */
	if (line[0] == '+' && is_token_mechanism(connection) && strlen(line) > 4)
		g_string_assign(connection->challenge, g_strstrip(line + 1));
	else
		g_string_assign(connection->answer, line);
}

/*
 * What we send is looked at no further than the names of commands; the rest is the secret, which
 * no later answer may show.
 */
static void
note_command(struct connection *connection, const char *data, gsize size)
{
	static const char *const logins[] = { "AUTHENTICATE ", "LOGIN ", "AUTH ", "USER ",
		"APOP " };
	const char *space = memchr(data, ' ', size);
	const char *at =
	    connection->account->protocol == PROTOCOL_IMAP && space != NULL ? space + 1 : data;
	gsize left = size - (gsize)(at - data);
	const char *const harmless[] = { "AUTHENTICATE", "LOGIN", "AUTH", "USER", "PASS", "APOP",
		"PLAIN", "XOAUTH2", "OAUTHBEARER", "CRAM-MD5", connection->account->user,
		connection->account->act_as, NULL };

	connection->asked_tls |= (left >= 8 && strncmp(at, "STARTTLS", 8) == 0) ||
				 (left >= 4 && strncmp(at, "STLS", 4) == 0);
	for (gsize i = 0; i < G_N_ELEMENTS(logins); i++) {
		gsize length = strlen(logins[i]);
		if (left < length || strncmp(at, logins[i], length) != 0)
			continue;
		/* AUTH and AUTHENTICATE carry the name of a mechanism. */
		gsize name = i == 0 || i == 2 ? strcspn(at + length, " \r\n") : 0;
		g_free(connection->mechanism);
		connection->mechanism = g_strndup(at, name > 0 ? length + name : length - 1);
	}
	if (*connection->mechanism != '\0')
		scrub_add_words(connection->scrub, at, left, harmless);
}

static int
listen_in(CURL *easy, curl_infotype type, char *data, size_t size, void *user)
{
	struct connection *connection = user;

	(void)easy;
	if (connection->linked) /* the dialogue is the session's */
		return 0;
	if (type == CURLINFO_HEADER_IN)
		note_answer(connection, data, size);
	else if (type == CURLINFO_HEADER_OUT)
		note_command(connection, data, size);
	return 0;
}

/*
 * With an authzid, and with "anna*scanner", PLAIN alone: libcurl would take CRAM-MD5 where it is
 * offered, and drop the one and break the other.
 */
static const char *
login_options(const struct account *account)
{
	static const char *const options[] = { NULL, "AUTH=PLAIN", "AUTH=LOGIN", "AUTH=CRAM-MD5",
		"AUTH=SCRAM-SHA-256", "AUTH=XOAUTH2", "AUTH=OAUTHBEARER" };

	if (account->mechanism != MECHANISM_AUTO)
		return options[account->mechanism];
	if (account->auth != AUTH_PASSWORD)
		return "AUTH=OAUTHBEARER;AUTH=XOAUTH2";
	return account->act_as[0] != '\0' ? "AUTH=PLAIN" : NULL;
}

static CURLcode
set_login(struct connection *connection, const char *secret)
{
	const struct account *account = connection->account;
	CURL *easy = connection->easy;
	bool is_token = account->auth != AUTH_PASSWORD;
	bool is_master = account->master_separator[0] != '\0';
	g_autofree char *master =
	    g_strconcat(account->act_as, account->master_separator, account->user, NULL);
	CURLcode bad = CURLE_OK;

#define SET(option, value) bad = bad != CURLE_OK ? bad : curl_easy_setopt(easy, option, value)
	SET(CURLOPT_USERNAME, is_master ? master : account->user);
	if (account->act_as[0] != '\0' && !is_master)
		SET(CURLOPT_SASL_AUTHZID, account->act_as);
	if (is_token)
		SET(CURLOPT_XOAUTH2_BEARER, secret);
	else
		SET(CURLOPT_PASSWORD, secret);
	SET(CURLOPT_LOGIN_OPTIONS, login_options(account));
#undef SET
	return bad;
}

static bool
set_options(struct connection *connection, const char *url, const char *secret, CURLSH *share)
{
	CURL *easy = connection->easy;
	CURLcode bad = CURLE_OK;

#define SET(option, value) bad = bad != CURLE_OK ? bad : curl_easy_setopt(easy, option, value)
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, "imap,imaps,pop3,pop3s");
	SET(CURLOPT_CONNECT_ONLY, 1L);
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	SET(CURLOPT_SHARE, share);
	/* The transfer of such a handle is the connecting, so its time limit covers the login;
	 * the other one ends with the handshake. */
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)connection->limits->seconds_to_connect * 1000);
	SET(CURLOPT_TIMEOUT_MS, (long)connection->limits->seconds_to_connect * 1000);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_ERRORBUFFER, connection->said);
	SET(CURLOPT_DEBUGFUNCTION, listen_in);
	SET(CURLOPT_DEBUGDATA, connection);
	SET(CURLOPT_VERBOSE, 1L);
#undef SET
	return bad == CURLE_OK && set_login(connection, secret) == CURLE_OK &&
	       tls_set_options(&connection->tls, easy, connection->account->ca_file,
		   connection->account->pinned_key);
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
connection_new(const struct account *account, const struct limits *limits, const char *token,
    CURLSH *share, GError **error)
{
	const char *lacking = ability_lacking(account);

	if (lacking != NULL) {
		g_set_error(error, FAULT, FAULT_CONFIG, "%s", lacking);
		return NULL;
	}
	if (token == NULL && account->auth != AUTH_PASSWORD) {
		g_set_error(error, FAULT, FAULT_CONFIG, "auth = %s wants a token",
		    account_auth_words[account->auth]);
		return NULL;
	}
	char *secret = token != NULL
			   ? g_strdup(token)
			   : secret_read(account->password_file, account->credential, error);
	if (secret == NULL)
		return NULL;
	struct connection *connection = g_new0(struct connection, 1);
	connection->link = (struct link){ .receive = link_receive, .send = link_send };
	connection->account = account;
	connection->limits = limits;
	connection->greeting = g_string_new(NULL);
	connection->answer = g_string_new(NULL);
	connection->challenge = g_string_new(NULL);
	connection->offered = g_string_new(NULL);
	connection->abilities = g_string_new(NULL);
	connection->mechanism = g_strdup("");
	connection->scrub = scrub_new();
	scrub_add(connection->scrub, secret, -1);
	connection->easy = curl_easy_init();
	g_autofree char *url = make_url(account);
	bool set = connection->easy != NULL && set_options(connection, url, secret, share);
	secret_wipe(secret);
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
	tls_clear(&connection->tls);
	scrub_free(connection->scrub);
	g_string_free(connection->greeting, TRUE);
	g_string_free(connection->answer, TRUE);
	g_string_free(connection->challenge, TRUE);
	g_string_free(connection->offered, TRUE);
	g_string_free(connection->abilities, TRUE);
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
	if (connection->tls.session == NULL)
		return;
	SSL_set_default_read_buffer_len(connection->tls.session, READ_AHEAD);
	SSL_set_read_ahead(connection->tls.session, 1);
}

/* libcurl walks through all its connections to answer: asked once, not at every turn. */
static int
find_socket(CURL *easy)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK)
		return -1;
	return fd == CURL_SOCKET_BAD ? -1 : fd;
}

struct link *
connection_link(struct connection *connection, bool quiet)
{
	if (!quiet)
		read_ahead(connection);
	else if (connection->tls.session != NULL)
		SSL_set_mode(connection->tls.session, SSL_MODE_RELEASE_BUFFERS);
	connection->linked = true;
	connection->fd = find_socket(connection->easy);
	if (connection->abilities->len > 0)
		connection->link.abilities = connection->abilities->str;
	g_clear_pointer(&connection->scrub, scrub_free);
	return &connection->link;
}

int
connection_fd(const struct connection *connection)
{
	return connection->fd;
}
