/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A server by script, in clear and behind TLS: what is done to a login on its way, and whether
 * the password was kept from it.
 */
#include "fetchers/connection.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fetchers/tls.h"

#define PASSWORD "topsecret"
#define STEPS    12

/* What a server does: "S" and text, or: */
#define LINE "C" /* waits for a line */
#define TLS  "T" /* begins TLS */
#define ECHO "E" /* "A002 BAD" and the last line it got */

struct identity {
	EVP_PKEY *key;
	X509 *certificate;
	char *folder, *ca_file, *password_file;
};

struct server {
	const struct identity *identity;
	const char *const *steps;
	guint connections;
	int max_version;
	int listener;
	guint port;
	GThread *thread;
	GString *clear, *secure; /* what it got */
	guint resumed;
};

static void
identity_init(struct identity *identity)
{
	X509V3_CTX context;

	identity->key = EVP_EC_gen("P-256");
	identity->certificate = X509_new();
	X509 *certificate = identity->certificate;
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
	    (const guchar *)"server.example", -1, -1, 0);
	X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
	X509_set_pubkey(certificate, identity->key);
	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	X509_EXTENSION *names =
	    X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, "IP:127.0.0.1");
	X509_add_ext(certificate, names, -1);
	X509_EXTENSION_free(names);
	g_assert_cmpint(X509_sign(certificate, identity->key, EVP_sha256()), >, 0);
	identity->folder = g_dir_make_tmp("flagpost-connection-XXXXXX", NULL);
	identity->ca_file = g_build_filename(identity->folder, "ca", NULL);
	identity->password_file = g_build_filename(identity->folder, "password", NULL);
	FILE *file = fopen(identity->ca_file, "w");
	g_assert_cmpint(PEM_write_X509(file, certificate), ==, 1);
	fclose(file);
	g_assert_true(g_file_set_contents(identity->password_file, PASSWORD "\n", -1, NULL));
	g_assert_cmpint(g_chmod(identity->password_file, 0600), ==, 0);
}

static void
identity_clear(struct identity *identity)
{
	g_unlink(identity->ca_file);
	g_unlink(identity->password_file);
	g_rmdir(identity->folder);
	g_free(identity->ca_file);
	g_free(identity->password_file);
	g_free(identity->folder);
	X509_free(identity->certificate);
	EVP_PKEY_free(identity->key);
}

/* One line, byte by byte; false at the end. */
static bool
read_line(int fd, SSL *tls, GString *line)
{
	char c;

	g_string_truncate(line, 0);
	do {
		if ((tls != NULL ? SSL_read(tls, &c, 1) : (int)read(fd, &c, 1)) != 1)
			return false;
		g_string_append_c(line, c);
	} while (c != '\n');
	return true;
}

static void
play(struct server *server, SSL_CTX *context, int fd)
{
	g_autoptr(GString) line = g_string_new(NULL);
	SSL *tls = NULL;

	for (guint i = 0; server->steps[i] != NULL; i++) {
		const char *step = server->steps[i];
		g_autofree char *echo = NULL;
		if (*step == 'T') {
			tls = SSL_new(context);
			SSL_set_fd(tls, fd);
			if (SSL_accept(tls) != 1)
				break;
			server->resumed += (guint)SSL_session_reused(tls);
			continue;
		}
		if (*step == 'C') {
			if (!read_line(fd, tls, line))
				break;
			g_string_append(tls != NULL ? server->secure : server->clear, line->str);
			continue;
		}
		if (*step == 'E')
			step = echo = g_strdup_printf("SA002 BAD what is %s", line->str);
		int size = (int)strlen(step + 1);
		if ((tls != NULL ? SSL_write(tls, step + 1, size)
				 : (int)send(fd, step + 1, (size_t)size, MSG_NOSIGNAL)) != size)
			break;
	}
	/* Whatever the client says until it hangs up. */
	while (read_line(fd, tls, line))
		g_string_append(tls != NULL ? server->secure : server->clear, line->str);
	SSL_free(tls);
	close(fd);
}

static gpointer
serve(gpointer data)
{
	struct server *server = data;
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	SSL_CTX_use_certificate(context, server->identity->certificate);
	SSL_CTX_use_PrivateKey(context, server->identity->key);
	SSL_CTX_set_session_id_context(context, (const guchar *)"test", 4);
	if (server->max_version != 0)
		SSL_CTX_set_max_proto_version(context, server->max_version);
	for (guint i = 0; i < server->connections; i++) {
		int fd = accept(server->listener, NULL, NULL);
		if (fd >= 0)
			play(server, context, fd);
	}
	SSL_CTX_free(context);
	return NULL;
}

static void
server_start(struct server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof address;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(bind(server->listener, (struct sockaddr *)&address, size), ==, 0);
	g_assert_cmpint(listen(server->listener, 4), ==, 0);
	g_assert_cmpint(getsockname(server->listener, (struct sockaddr *)&address, &size), ==, 0);
	server->port = ntohs(address.sin_port);
	server->clear = g_string_new(NULL);
	server->secure = g_string_new(NULL);
	server->thread = g_thread_new("server", serve, server);
}

static void
server_wait(struct server *server)
{
	g_thread_join(server->thread);
	close(server->listener);
}

static void
server_clear(struct server *server)
{
	g_string_free(server->clear, TRUE);
	g_string_free(server->secure, TRUE);
}

static void
set(char **at, const char *text)
{
	g_free(*at);
	*at = g_strdup(text);
}

static enum fetch_account_state
connect_to(const struct server *server, const char *scheme, CURLSH *share,
    void (*change)(struct account *account), char **text)
{
	g_autoptr(account) account = account_new("a");
	g_autofree char *url = g_strdup_printf("%s://127.0.0.1:%u", scheme, server->port);
	g_autoptr(GError) error = NULL;
	CURLM *multi = curl_multi_init();
	const CURLMsg *message = NULL;
	int running = 1, left;
	struct limits limits;

	g_assert_true(account_set_url(account, url, NULL));
	set(&account->user, "scanner");
	set(&account->ca_file, server->identity->ca_file);
	set(&account->password_file, server->identity->password_file);
	if (change != NULL)
		change(account);
	limits_default(&limits);
	struct connection *connection = connection_new(account, &limits, NULL, share, &error);
	g_assert_no_error(error);
	curl_multi_add_handle(multi, connection_easy(connection));
	while (message == NULL) {
		curl_multi_perform(multi, &running);
		message = curl_multi_info_read(multi, &left);
		if (message == NULL)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
	enum fetch_account_state state = connection_outcome(connection, message->data.result, text);
	if (state != FETCH_OK) {
		g_autofree char *said = g_steal_pointer(text);
		*text = g_strdup_printf("%s; wait %u", said, connection_wait(connection));
	} else {
		set(text, connection_link(connection, false)->abilities);
	}
	curl_multi_remove_handle(multi, connection_easy(connection));
	connection_free(connection);
	curl_multi_cleanup(multi);
	return state;
}

#define OFFER(words) "S* CAPABILITY IMAP4rev1 " words "\r\nA001 OK\r\n"

static const struct {
	const char *label, *scheme;
	const char *steps[STEPS];
	enum fetch_account_state state;
	const char *says;
	bool may_know; /* the password was asked for behind TLS */
	int max_version;
} refusals[] = {
	{ "STARTTLS is not offered", "imap", { "S* OK hi\r\n", LINE, OFFER("AUTH=PLAIN") },
	    FETCH_TLS, "offers no STARTTLS", false, 0 },
	{ "logged in before TLS", "imap", { "S* PREAUTH hi\r\n", LINE, OFFER("STARTTLS") },
	    FETCH_TLS, "PREAUTH before TLS", false, 0 },
	{ "STARTTLS is refused", "imap",
	    { "S* OK hi\r\n", LINE, OFFER("STARTTLS"), LINE, "SA002 NO not now\r\n" }, FETCH_TLS,
	    "STARTTLS", false, 0 },
	{ "answers put in before the handshake", "imap",
	    { "S* OK hi\r\n", LINE, OFFER("STARTTLS"), LINE,
		"SA002 OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nA003 OK\r\n" },
	    FETCH_TLS, "came in clear behind the answer to STARTTLS", false, 0 },
	{ "and over POP3", "pop3",
	    { "S+OK hi\r\n", LINE, "S+OK\r\nSTLS\r\nUSER\r\n.\r\n", LINE,
		"S+OK go\r\n+OK you are in\r\n" },
	    FETCH_TLS, "came in clear behind the answer to STLS", false, 0 },
	{ "an older TLS alone", "imaps", { TLS }, FETCH_TLS, "TLS with 127.0.0.1", false,
	    TLS1_1_VERSION },
	{ "logged in as somebody, behind TLS", "imaps",
	    { TLS, "S* PREAUTH hi\r\n", LINE, OFFER("AUTH=PLAIN") }, FETCH_LOGIN,
	    "before we said who we are", false, 0 },
	{ "no mechanism of ours", "imaps",
	    { TLS, "S* OK hi\r\n", LINE, OFFER("AUTH=X-NEW LOGINDISABLED") }, FETCH_LOGIN,
	    "the server offers X-NEW", false, 0 },
	{ "it quotes what we sent", "imaps",
	    { TLS, "S* OK hi\r\n", LINE, OFFER("AUTH=PLAIN"), LINE, "S+ \r\n", LINE, ECHO },
	    FETCH_LOGIN, "wrong user name or password; wait 0", true, 0 },
	{ "an expired password is no wrong one", "imaps",
	    { TLS, "S* OK hi\r\n", LINE, OFFER("AUTH=PLAIN"), LINE, "S+ \r\n", LINE,
		"SA002 NO [EXPIRED] change it\r\n" },
	    FETCH_LOGIN, "the password has expired", true, 0 },
	{ "the server's own trouble passes", "imaps",
	    { TLS, "S* OK hi\r\n", LINE, OFFER("AUTH=PLAIN"), LINE, "S+ \r\n", LINE,
		"SA002 NO [UNAVAILABLE] the directory is down\r\n" },
	    FETCH_AWAY, "cannot check logins now; wait 60", true, 0 },
	{ "POP3 has its own words", "pop3s",
	    { TLS, "S+OK hi\r\n", LINE, "S+OK\r\nSASL PLAIN\r\n.\r\n", LINE, "S+ \r\n", LINE,
		"S-ERR [IN-USE] another client\r\n" },
	    FETCH_AWAY, "the mailbox is in use; wait 60", true, 0 },
	{ "and for coming back too early", "pop3s",
	    { TLS, "S+OK hi\r\n", LINE, "S+OK\r\nSASL PLAIN\r\n.\r\n", LINE, "S+ \r\n", LINE,
		"S-ERR [LOGIN-DELAY] minimum time between logins\r\n" },
	    FETCH_AWAY, "let `every` be longer; wait 300", true, 0 },
	{ "turned away at the door, for now", "pop3s", { TLS, "S-ERR [SYS/TEMP] full\r\n" },
	    FETCH_AWAY, "turned us away: -ERR [SYS/TEMP] full; wait 60", false, 0 },
};

static void
test_refusals(void)
{
	/* "\0scanner\0topsecret" */
	g_autofree char *encoded = g_base64_encode((const guchar *)"\0scanner\0" PASSWORD, 18);
	struct identity identity;

	identity_init(&identity);
	for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
		struct server server = { .identity = &identity,
			.steps = refusals[i].steps,
			.connections = 1,
			.max_version = refusals[i].max_version };
		g_autofree char *text = NULL;
		server_start(&server);
		enum fetch_account_state state =
		    connect_to(&server, refusals[i].scheme, NULL, NULL, &text);
		server_wait(&server);
		g_test_message("%s: %s", refusals[i].label, text);
		g_assert_cmpint(state, ==, refusals[i].state);
		g_assert_nonnull(strstr(text, refusals[i].says));
		g_assert_null(strstr(text, PASSWORD));
		g_assert_null(strstr(text, encoded));
		g_assert_null(strstr(server.clear->str, encoded));
		g_assert_null(strstr(server.clear->str, PASSWORD));
		g_assert_true(
		    (strstr(server.secure->str, encoded) != NULL) == refusals[i].may_know);
		server_clear(&server);
	}
	identity_clear(&identity);
}

static const char *const logs_in[STEPS] = { TLS, "S* OK hi\r\n", LINE, OFFER("AUTH=PLAIN"), LINE,
	"S+ \r\n", LINE, "SA002 OK in\r\n", NULL };

/* A round trip less, for each of many mailboxes on one server. */
static void
test_resumed(void)
{
	struct identity identity;
	CURLSH *share = tls_share_new();

	identity_init(&identity);
	struct server server = { .identity = &identity, .steps = logs_in, .connections = 3 };
	server_start(&server);
	for (guint i = 0; i < server.connections; i++) {
		g_autofree char *text = NULL;
		g_assert_cmpint(connect_to(&server, "imaps", share, NULL, &text), ==, FETCH_OK);
	}
	server_wait(&server);
	g_assert_cmpuint(server.resumed, ==, 2);
	server_clear(&server);
	curl_share_cleanup(share);
	identity_clear(&identity);
}

/* What was told with the login is not asked for again; what was told before it counts no more. */
static void
test_told(void)
{
	static const struct {
		const char *label;
		const char *answer;
		const char *told; /* NULL: it has to be asked */
	} cases[] = {
		{ "nothing", "SA002 OK in\r\n", NULL },
		{ "a code in the answer", "SA002 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n",
		    "IMAP4rev1 IDLE" },
		{ "a line before the answer", "S* CAPABILITY IMAP4rev1 QRESYNC\r\nA002 OK in\r\n",
		    "IMAP4rev1 QRESYNC" },
		{ "both: the later one",
		    "S* CAPABILITY IMAP4rev1\r\nA002 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n",
		    "IMAP4rev1 IDLE" },
		{ "a code without an end", "SA002 OK [CAPABILITY IMAP4rev1 IDLE\r\n", NULL },
		{ "a word that only begins so", "S* CAPABILITYX IDLE\r\nA002 OK in\r\n", NULL },
	};
	struct identity identity;

	identity_init(&identity);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *const steps[STEPS] = { TLS, "S* OK hi\r\n", LINE, OFFER("AUTH=PLAIN"),
			LINE, "S+ \r\n", LINE, cases[i].answer, NULL };
		struct server server = { .identity = &identity, .steps = steps, .connections = 1 };
		g_autofree char *text = NULL;
		server_start(&server);
		g_assert_cmpint(connect_to(&server, "imaps", NULL, NULL, &text), ==, FETCH_OK);
		server_wait(&server);
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(text, ==, cases[i].told);
		server_clear(&server);
	}
	identity_clear(&identity);
}

static void
pin_another(struct account *account)
{
	set(&account->pinned_key, "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
}

static void
pin_alone(struct account *account)
{
	pin_another(account);
	set(&account->ca_file, "");
}

/* A session that was made without the pin is no way around it. */
static void
test_pinned(void)
{
	static const struct {
		const char *label;
		void (*change)(struct account *account);
		enum fetch_account_state state;
	} cases[] = {
		{ "by its authority", NULL, FETCH_OK },
		{ "another key beside the right authority", pin_another, FETCH_TLS },
		{ "another key alone", pin_alone, FETCH_TLS },
	};
	struct identity identity;
	CURLSH *share = tls_share_new();

	identity_init(&identity);
	struct server server = {
		.identity = &identity, .steps = logs_in, .connections = G_N_ELEMENTS(cases)
	};
	server_start(&server);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = NULL;
		enum fetch_account_state state =
		    connect_to(&server, "imaps", share, cases[i].change, &text);
		g_test_message("%s: %s", cases[i].label, text);
		g_assert_cmpint(state, ==, cases[i].state);
		if (state == FETCH_OK)
			continue;
		g_assert_nonnull(strstr(text, "shows the key sha256//"));
	}
	server_wait(&server);
	/* One password for one login that was meant. */
	const char *first = strstr(server.secure->str, "AHNjYW5uZXI");
	g_assert_nonnull(first);
	g_assert_null(strstr(first + 1, "AHNjYW5uZXI"));
	server_clear(&server);
	curl_share_cleanup(share);
	identity_clear(&identity);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	signal(SIGPIPE, SIG_IGN);
	g_test_add_func("/connection/refusals", test_refusals);
	g_test_add_func("/connection/resumed", test_resumed);
	g_test_add_func("/connection/told", test_told);
	g_test_add_func("/connection/pinned", test_pinned);
	return g_test_run();
}
