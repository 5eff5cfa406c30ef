/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * token-server - a token endpoint (RFC 6749) for our client, and what a mail server asks to learn
 * whose a token is (RFC 7662).
 *
 *	token-server CERTIFICATE KEY FOLDER
 *
 * Prints two ports: https with POST /token, and http with GET /introspect?token=. Ends with its
 * standard input. What it does stands in FOLDER, one value a file, read anew each time:
 *	secret      of the client "flagpost"
 *	mailbox     whom tokens of the client and of refresh tokens are for
 *	refresh     the one refresh token that counts; each use puts another in its place
 *	public      the key (PEM) that verifies assertions
 *	life        expires_in; 3600 when it is missing
 *	answer      the whole answer to the next requests, from its status line on, instead
 * It writes tokens/TOKEN (whose it is; removed: revoked) and log (a line a request).
 */
#include <arpa/inet.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define REQUEST_MAX 65536

static const char *folder;
static guint count;

static char *
setting(const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? g_strchomp(text) : g_strdup("");
}

static void
put(const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	g_file_set_contents(path, text, -1, NULL);
}

static void
note(const char *what)
{
	g_autofree char *path = g_build_filename(folder, "log", NULL);
	FILE *file = fopen(path, "a");

	if (file == NULL)
		return;
	fprintf(file, "%s\n", what);
	fclose(file);
}

/* A field of "a=1&b=2"; "" when it is missing. */
static char *
field(const char *form, const char *name)
{
	g_auto(GStrv) pairs = g_strsplit(form, "&", -1);
	g_autofree char *start = g_strconcat(name, "=", NULL);

	for (guint i = 0; pairs[i] != NULL; i++) {
		if (g_str_has_prefix(pairs[i], start)) {
			char *value = g_uri_unescape_string(pairs[i] + strlen(start), NULL);
			return value != NULL ? value : g_strdup("");
		}
	}
	return g_strdup("");
}

static char *
answer(int status, const char *json)
{
	return g_strdup_printf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
			       "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
	    status, strlen(json), json);
}

static char *
refuse(int status, const char *word)
{
	g_autofree char *json =
	    g_strdup_printf("{\"error\":\"%s\",\"error_description\":\"told so by a test\"}", word);

	return answer(status, json);
}

static char *
issue(const char *user, const char *refresh)
{
	g_autofree char *token = g_strdup_printf("access-%u-%08x", ++count, g_random_int());
	g_autofree char *name = g_build_filename("tokens", token, NULL);
	g_autofree char *life = setting("life");
	g_autofree char *rotated =
	    refresh != NULL ? g_strdup_printf(",\"refresh_token\":\"%s\"", refresh) : g_strdup("");
	g_autofree char *json =
	    g_strdup_printf("{\"access_token\":\"%s\",\"token_type\":\"Bearer\","
			    "\"expires_in\":%s%s}",
		token, life[0] != '\0' ? life : "3600", rotated);

	put(name, user);
	return answer(200, json);
}

static guchar *
from_base64url(const char *text, gsize *size)
{
	GString *padded = g_string_new(text);

	for (gsize i = 0; i < padded->len; i++)
		padded->str[i] = padded->str[i] == '-'   ? '+'
				 : padded->str[i] == '_' ? '/'
							 : padded->str[i];
	while (padded->len % 4 != 0)
		g_string_append_c(padded, '=');
	guchar *bytes = g_base64_decode(padded->str, size);
	g_string_free(padded, TRUE);
	return bytes;
}

static bool
is_signed(const char *assertion)
{
	const char *last = strrchr(assertion, '.');
	g_autofree char *path = g_build_filename(folder, "public", NULL);
	FILE *file = fopen(path, "r");
	EVP_PKEY *key = file != NULL ? PEM_read_PUBKEY(file, NULL, NULL, NULL) : NULL;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	gsize size = 0;
	g_autofree guchar *signature = last != NULL ? from_base64url(last + 1, &size) : NULL;
	bool fine = key != NULL && signature != NULL &&
		    EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestVerify(context, signature, size, (const guchar *)assertion,
			(gsize)(last - assertion)) == 1;

	if (file != NULL)
		fclose(file);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return fine;
}

/* The string of a claim; our own client writes no blanks. */
static char *
claim(const char *claims, const char *name)
{
	g_autofree char *start = g_strdup_printf("\"%s\":\"", name);
	const char *at = strstr(claims, start);

	if (at == NULL)
		return g_strdup("");
	at += strlen(start);
	return g_strndup(at, strcspn(at, "\""));
}

static char *
on_assertion(const char *form)
{
	g_autofree char *assertion = field(form, "assertion");
	g_auto(GStrv) parts = g_strsplit(assertion, ".", 3);
	gsize size = 0;

	if (g_strv_length(parts) != 3 || !is_signed(assertion))
		return refuse(400, "invalid_grant");
	g_autofree guchar *bytes = from_base64url(parts[1], &size);
	g_autofree char *claims = g_strndup((const char *)bytes, size);
	g_autofree char *user = claim(claims, "sub");
	g_autofree char *issuer = claim(claims, "iss");
	return g_str_equal(issuer, "flagpost") ? issue(user, NULL) : refuse(401, "invalid_client");
}

static char *
on_refresh(const char *form)
{
	g_autofree char *given = field(form, "refresh_token");
	g_autofree char *right = setting("refresh");
	g_autofree char *mailbox = setting("mailbox");

	if (right[0] == '\0' || !g_str_equal(given, right))
		return refuse(400, "invalid_grant");
	g_autofree char *next = g_strdup_printf("refresh-%u-%08x", count + 1, g_random_int());
	put("refresh", next);
	return issue(mailbox, next);
}

static char *
on_client(const char *form)
{
	g_autofree char *id = field(form, "client_id");
	g_autofree char *given = field(form, "client_secret");
	g_autofree char *right = setting("secret");
	g_autofree char *mailbox = setting("mailbox");

	if (!g_str_equal(id, "flagpost") || right[0] == '\0' || !g_str_equal(given, right))
		return refuse(401, "invalid_client");
	return issue(mailbox, NULL);
}

static char *
on_token(const char *form)
{
	g_autofree char *type = field(form, "grant_type");
	g_autofree char *instead = setting("answer");

	note(type);
	if (instead[0] != '\0')
		return g_steal_pointer(&instead);
	if (g_str_equal(type, "client_credentials"))
		return on_client(form);
	if (g_str_equal(type, "refresh_token"))
		return on_refresh(form);
	if (g_str_has_suffix(type, ":jwt-bearer"))
		return on_assertion(form);
	return refuse(400, "unsupported_grant_type");
}

static char *
on_introspect(const char *query)
{
	g_autofree char *target = g_strndup(query, strcspn(query, " \r\n"));
	g_autofree char *token = field(target, "token");
	g_autofree char *name = g_build_filename("tokens", token, NULL);
	g_autofree char *user = strchr(token, '/') == NULL ? setting(name) : g_strdup("");

	if (user[0] == '\0')
		return answer(200, "{\"active\":false}");
	g_autofree char *json = g_strdup_printf("{\"active\":true,\"username\":\"%s\"}", user);
	return answer(200, json);
}

static char *
respond(const char *request, const char *body, bool secure)
{
	if (secure && g_str_has_prefix(request, "POST /token "))
		return on_token(body);
	if (!secure && g_str_has_prefix(request, "GET /introspect?"))
		return on_introspect(request + strlen("GET /introspect?"));
	return answer(404, "{}");
}

/* True once the request is complete; *body is where it begins. */
static bool
is_whole(const char *request, const char **body)
{
	const char *end = strstr(request, "\r\n\r\n");
	guint64 length = 0;

	if (end == NULL)
		return false;
	for (const char *p = request; p < end; p = strstr(p, "\r\n") + 2) {
		if (g_ascii_strncasecmp(p, "Content-Length:", 15) == 0)
			length = g_ascii_strtoull(p + 15, NULL, 10);
	}
	*body = end + 4;
	return strlen(*body) >= length;
}

static void
serve(int fd, SSL *ssl)
{
	static char request[REQUEST_MAX];
	const char *body;
	gsize used = 0;

	do {
		gsize room = sizeof request - 1 - used;
		gssize n = ssl != NULL ? SSL_read(ssl, request + used, (int)room)
				       : read(fd, request + used, room);
		if (n <= 0 || (gsize)n == room)
			return;
		used += (gsize)n;
		request[used] = '\0';
	} while (!is_whole(request, &body));
	g_autofree char *text = respond(request, body, ssl != NULL);
	if (ssl != NULL)
		SSL_write(ssl, text, (int)strlen(text));
	else if (write(fd, text, strlen(text)) < 0)
		perror("token-server: write");
}

static void
take(int listener, SSL_CTX *context)
{
	struct timeval patience = { .tv_sec = 10 };
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	SSL *ssl = context != NULL ? SSL_new(context) : NULL;
	if (ssl != NULL)
		SSL_set_fd(ssl, fd);
	if (ssl == NULL || SSL_accept(ssl) == 1)
		serve(fd, ssl);
	if (ssl != NULL)
		SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
}

static int
listen_somewhere(guint *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
		perror("token-server: listen");
		exit(EXIT_FAILURE);
	}
	*port = ntohs(address.sin_port);
	return fd;
}

int
main(int argc, char **argv)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	guint secure, plain;

	if (argc != 4 || SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1 ||
	    SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) != 1) {
		fprintf(stderr, "usage: token-server CERTIFICATE KEY FOLDER\n");
		return EXIT_FAILURE;
	}
	signal(SIGPIPE, SIG_IGN);
	folder = argv[3];
	g_autofree char *tokens = g_build_filename(folder, "tokens", NULL);
	g_mkdir_with_parents(tokens, 0700);
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = listen_somewhere(&secure), .events = POLLIN },
		{ .fd = listen_somewhere(&plain), .events = POLLIN } };
	printf("%u %u\n", secure, plain);
	fflush(stdout);
	while (poll(fds, G_N_ELEMENTS(fds), -1) >= 0 && fds[0].revents == 0) {
		if (fds[1].revents != 0)
			take(fds[1].fd, context);
		if (fds[2].revents != 0)
			take(fds[2].fd, NULL);
	}
	SSL_CTX_free(context);
	return EXIT_SUCCESS;
}
