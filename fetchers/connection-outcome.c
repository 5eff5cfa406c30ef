/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an end of connecting means: one sentence that says where, as whom, by which mechanism, the
 * server's own words and what is to be mended. Never a byte of a secret.
 */
#include <errno.h>
#include <string.h>

#include "fetchers/answer.h"
#include "fetchers/connection-parts.h"

/* "A2 NO [AUTH...] words", "-ERR words", without what stands before; nothing of ours in it. */
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
	scrub_clean(connection->scrub, line);
	return session_quote(at + strspn(at, " "));
}

/* What response codes say (RFC 5530, RFC 3206, RFC 2449), and what is to be done about it. */
struct reason {
	const char *code;
	bool is_passing; /* nothing of ours is wrong */
	guint32 wait_s;  /* how long to leave the server alone; 0: as the schedule has it */
	const char *text;
};

static const struct reason reasons[] = {
	{ "[UNAVAILABLE]", true, 60, "it cannot check logins now" },
	{ "[SYS/TEMP]", true, 60, "it cannot check logins now" },
	{ "[LIMIT]", true, 300, "it has too many connections of ours" },
	{ "[INUSE]", true, 60, "the mailbox is in use" },
	{ "[IN-USE]", true, 60, "the mailbox is in use" },
	/* For how long CAPA says (RFC 2449 section 6.5), and it is asked behind the login. */
	{ "[LOGIN-DELAY", true, 300, "we came back too early; let `every` be longer" },
	{ "[EXPIRED]", false, 0, "the password has expired; set a new one" },
	{ "[AUTHORIZATIONFAILED]", false, 0,
	    "the login is right, but may not open this mailbox; grant it" },
	{ "[PRIVACYREQUIRED]", false, 0, "it wants a better mechanism; set `mechanism`" },
	{ "[CONTACTADMIN]", false, 0, "ask the administrator of the server" },
	{ "[SYS/PERM]", false, 0, "ask the administrator of the server" },
};

static const struct reason *
reason_of(const struct connection *connection)
{
	for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++) {
		if (strstr(connection->answer->str, reasons[i].code) != NULL)
			return &reasons[i];
	}
	return NULL;
}

/* "anna for scanner": whom the server was to let in. */
static char *
who(const struct account *account)
{
	if (account->act_as[0] == '\0')
		return g_strdup(account->user);
	return g_strdup_printf("%s acting as %s", account->user, account->act_as);
}

/* The server's explanation is JSON in base64; its status alone is of use to people. */
static char *
challenge_words(const struct connection *connection)
{
	gsize size = 0;
	g_autofree guchar *bytes = connection->challenge->len > 0
				       ? g_base64_decode(connection->challenge->str, &size)
				       : NULL;
	g_autofree char *text = g_strndup((const char *)bytes, size);
	g_autofree char *status = size > 0 ? answer_status(text, size) : NULL;

	if (status == NULL)
		return g_strdup("");
	scrub_clean(connection->scrub, status);
	g_autofree char *quoted = session_quote(status);
	return g_strdup_printf(" (status %s)", quoted);
}

static char *
no_way_in(const struct connection *connection)
{
	const struct account *account = connection->account;
	g_autofree char *person = who(account);
	g_autofree char *offered = session_quote(connection->offered->str);

	return g_strdup_printf("no way to log in as %s at %s:%u: the server offers %s, and "
			       "`mechanism` is %s; nothing was sent",
	    person, account->host, account->port, *offered != '\0' ? offered : "no mechanism",
	    account_mechanism_words[account->mechanism]);
}

static enum fetch_account_state
refused_login(const struct connection *connection, char **text)
{
	const struct account *account = connection->account;
	g_autofree char *words = server_words(connection);
	g_autofree char *person = who(account);
	const struct reason *reason = reason_of(connection);
	const char *mend = "wrong user name or password";

	if (*connection->mechanism == '\0') {
		*text = no_way_in(connection);
		return FETCH_LOGIN;
	}
	g_autofree char *status = challenge_words(connection);
	if (reason != NULL)
		mend = reason->text;
	else if (account->auth != AUTH_PASSWORD)
		mend = "the token is not accepted: expired or revoked, or the mailbox is not "
		       "granted to this client";
	*text = g_strdup_printf("login refused for %s (%s)%s%s%s at %s:%u: %s", person,
	    connection->mechanism, *words != '\0' ? ": " : "", words, status, account->host,
	    account->port, mend);
	return reason != NULL && reason->is_passing ? FETCH_AWAY : FETCH_LOGIN;
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
	return g_strdup_printf("TLS with %s:%u: %s%s%s", connection->account->host,
	    connection->account->port, said,
	    connection->tls.seen_key != NULL ? "; the server shows the key " : "",
	    connection->tls.seen_key != NULL ? connection->tls.seen_key : "");
}

/* Both keys, so that an administrator can compare. */
static char *
other_key(const struct connection *connection)
{
	const struct account *account = connection->account;

	return g_strdup_printf("TLS with %s:%u: the server shows the key %s, and pinned_key is %s; "
			       "ask its administrator whether the key was changed",
	    account->host, account->port,
	    connection->tls.seen_key != NULL ? connection->tls.seen_key : "of nobody",
	    account->pinned_key);
}

/* A server that greets with PREAUTH before TLS leaves no way to ask for TLS (RFC 3501 7.1.4). */
static char *
no_tls(const struct connection *connection)
{
	const struct account *account = connection->account;
	bool preauth = g_ascii_strncasecmp(connection->greeting->str, "* PREAUTH", 9) == 0;
	const char *name = account->protocol == PROTOCOL_IMAP ? "STARTTLS" : "STLS";

	if (preauth)
		return g_strdup_printf("%s:%u greets with PREAUTH before TLS, so that %s cannot "
				       "be asked for; nothing was sent",
		    account->host, account->port, name);
	return g_strdup_printf("the server offers no %s at %s:%u; nothing was sent", name,
	    account->host, account->port);
}

/* More than the answer to STARTTLS in clear: it would be taken for what came through TLS. */
static bool
is_injected(const struct connection *connection, CURLcode result)
{
	return result == CURLE_WEIRD_SERVER_REPLY && connection->asked_tls &&
	       connection->tls.session == NULL;
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
	scrub_clean(connection->scrub, said);
	*text = g_strdup_printf(
	    "%s:%u turned us away: %s", connection->account->host, connection->account->port, said);
	return true;
}

/* Whoever is logged in before a name was said is not who the account says. */
static enum fetch_account_state
connected(const struct connection *connection, char **text)
{
	if (*connection->mechanism != '\0') {
		*text = g_strdup("");
		return FETCH_OK;
	}
	*text = g_strdup_printf("%s:%u took us for somebody before we said who we are (%.9s)",
	    connection->account->host, connection->account->port, connection->greeting->str);
	return FETCH_LOGIN;
}

/* What is wrong with TLS; NULL when it is something else. */
static char *
tls_outcome(const struct connection *connection, CURLcode result)
{
	const struct account *account = connection->account;

	switch (result) {
	case CURLE_USE_SSL_FAILED:
		return no_tls(connection);
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
		return other_key(connection);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_ISSUER_ERROR:
		return tls_trouble(connection, result);
	default:
		break;
	}
	if (!is_injected(connection, result))
		return NULL;
	return g_strdup_printf(
	    "%s:%u: bytes came in clear behind the answer to %s, as if put there "
	    "by somebody on the line; nothing was sent",
	    account->host, account->port, account->protocol == PROTOCOL_IMAP ? "STARTTLS" : "STLS");
}

enum fetch_account_state
connection_outcome(const struct connection *connection, CURLcode result, char **text)
{
	const struct account *account = connection->account;
	const char *said =
	    *connection->said != '\0' ? connection->said : curl_easy_strerror(result);

	if ((*text = tls_outcome(connection, result)) != NULL)
		return FETCH_TLS;
	switch (result) {
	case CURLE_OK:
		return connected(connection, text);
	case CURLE_COULDNT_RESOLVE_HOST:
		*text = g_strdup_printf("no address found for %s", account->host);
		return FETCH_AWAY;
	case CURLE_COULDNT_CONNECT:
		*text = not_reached(connection);
		return FETCH_AWAY;
	case CURLE_OPERATION_TIMEDOUT:
		*text = g_strdup_printf(
		    "%s:%u: not connected and logged in within %" G_GUINT64_FORMAT " s",
		    account->host, account->port, connection->limits->seconds_to_connect);
		return FETCH_AWAY;
	case CURLE_SSL_CACERT_BADFILE:
		*text = g_strdup_printf("ca_file %s cannot be used: %s", account->ca_file, said);
		return FETCH_CONFIG;
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR:
		return refused_login(connection, text);
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

guint32
connection_wait(const struct connection *connection)
{
	const struct reason *reason = reason_of(connection);

	return reason != NULL ? reason->wait_s : 0;
}
