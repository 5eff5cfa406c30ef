/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hostile - servers on loopback, one for each row of hostile-imap.h and hostile-pop3.h, that
 *misbehave as it says.
 *
 *	hostile serve FOLDER     FOLDER/cert.pem and key.pem; writes FOLDER/rows and serves until
 *its standard input ends. A line there is the day it is: "before" (the last message of each folder
 *has not come), "hostile" or "honest" hostile digests          NAME<tab>SHA-256 of every message
 *that the servers have
 *
 * rows has a line a server: name, url, kind (flood; known: polled on the day before as well; new),
 *state, what is said (a pattern), what is at stake; by tabs.
 */
#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile-imap.h"
#include "hostile-pop3.h"

#define LINE_MAX_BYTES (1024 * 1024)
#define CHILD_SECONDS  120
#define FLOOD_BYTES    65536
#define DRIP_US        (G_USEC_PER_SEC)
#define FLOOD_COUNT    10000
#define LONG_BYTES     70000
#define ROWS           (G_N_ELEMENTS(imap_rows) + G_N_ELEMENTS(pop3_rows))

struct line {
	int fd;
	SSL_CTX *context;
	SSL *ssl; /* NULL: in clear */
	const struct row *row;
	bool hostile;
	struct talk talk;
};

static const struct row *
row_at(gsize i)
{
	gsize n = G_N_ELEMENTS(imap_rows);

	return i < n ? &imap_rows[i] : &pop3_rows[i - n];
}

/* --- bytes --- */

static bool
put(struct line *line, const char *data, gsize size)
{
	while (size > 0) {
		int n = line->ssl != NULL ? SSL_write(line->ssl, data, (int)MIN(size, G_MAXINT))
					  : (int)send(line->fd, data, size, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		data += n;
		size -= (gsize)n;
	}
	return true;
}

static int
take(struct line *line, char *data, int size)
{
	return line->ssl != NULL ? SSL_read(line->ssl, data, size)
				 : (int)recv(line->fd, data, (size_t)size, 0);
}

/* Says nothing any more until the client is gone. */
static bool
fall_silent(struct line *line)
{
	char waste[4096];

	while (take(line, waste, sizeof waste) > 0)
		;
	return false;
}

static bool
start_tls(struct line *line)
{
	line->ssl = SSL_new(line->context);
	SSL_set_fd(line->ssl, line->fd);
	return SSL_accept(line->ssl) == 1;
}

/* --- misbehaviour --- */

static char *
replace(const char *text, const char *from, const char *to)
{
	g_auto(GStrv) pieces = g_strsplit(text, from, -1);

	return g_strjoinv(to, pieces);
}

/* What stands in the table, with the tag of the command in it and NUL where it says so. */
static GString *
words_of(const struct line *line, const char *text)
{
	g_autofree char *filler = g_strnfill(LONG_BYTES, 'x');
	g_autofree char *tagged = replace(text, "$TAG", line->talk.tag);
	g_autofree char *filled = replace(tagged, "$LONG", filler);
	g_auto(GStrv) pieces = g_strsplit(filled, "$NUL", -1);
	GString *out = g_string_new(NULL);

	for (guint i = 0; pieces[i] != NULL; i++) {
		if (i > 0)
			g_string_append_c(out, '\0');
		g_string_append(out, pieces[i]);
	}
	return out;
}

/* "BODY[] {1234}" becomes "BODY[] " and what the table says; only the size lies. */
static char *
lie_about_sizes(const char *text, const char *size)
{
	g_auto(GStrv) pieces = g_strsplit(text, "BODY[] {", -1);
	GString *out = g_string_new(pieces[0]);

	for (guint i = 1; pieces[i] != NULL; i++)
		g_string_append_printf(out, "BODY[] %s%s", size, strchr(pieces[i], '}') + 1);
	return g_string_free(out, FALSE);
}

/* without marks. */
static bool
put_answer(struct line *line, const char *text)
{
	g_autofree char *bare = replace(text, TALK_LINE, "");
	g_autofree char *clean = replace(bare, TALK_ITEM, "");

	return put(line, clean, strlen(clean));
}

/* count times, or, where that is 0, until the client is gone. */
static bool
flood(struct line *line, const GString *words, guint64 count)
{
	g_autoptr(GString) chunk = g_string_new(NULL);
	guint64 each = 0;

	while (chunk->len + words->len <= FLOOD_BYTES || each == 0) {
		g_string_append_len(chunk, words->str, (gssize)words->len);
		each++;
	}
	for (guint64 sent = 0; count == 0 || sent < count; sent += each) {
		gsize size = count == 0 || count - sent >= each
				 ? chunk->len
				 : (gsize)(count - sent) * words->len;
		if (!put(line, chunk->str, size))
			return false;
	}
	return true;
}

/* Numbered: "%u" in the words is 1, 2, 3, ... */
static bool
flood_numbers(struct line *line, const char *words, guint64 count)
{
	g_auto(GStrv) pieces = g_strsplit(words, "%u", -1);
	g_autoptr(GString) chunk = g_string_new(NULL);

	for (guint64 i = 1; i <= count; i++) {
		g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, i);
		g_autofree char *text = g_strjoinv(number, pieces);
		g_string_append(chunk, text);
		if (chunk->len < FLOOD_BYTES && i < count)
			continue;
		if (!put(line, chunk->str, chunk->len))
			return false;
		g_string_truncate(chunk, 0);
	}
	return true;
}

/* "f", "f/f", "f/f/f", ...: a folder that is its own parent. */
static bool
list_in_a_ring(struct line *line, guint64 count)
{
	g_autoptr(GString) name = g_string_new("ring");

	for (guint64 i = 0; i < count; i++) {
		g_autofree char *text = g_strdup_printf("* LIST () \"/\" \"%s\"\r\n", name->str);
		if (!put(line, text, strlen(text)))
			return false;
		g_string_append(name, "/ring");
	}
	return true;
}

static bool
drip(struct line *line, const char *text)
{
	g_autofree char *bare = replace(text, TALK_LINE, "");
	g_autofree char *clean = replace(bare, TALK_ITEM, "");

	for (const char *at = clean; *at != '\0'; at++) {
		if (!put(line, at, 1))
			return false;
		g_usleep(DRIP_US);
	}
	return true;
}

/* Up to the first place where the words stand. */
static bool
put_until(struct line *line, const char *text, const char *words)
{
	const char *end = strstr(text, words);
	g_autofree char *part = g_strndup(text, end != NULL ? (gsize)(end - text) : strlen(text));

	return put_answer(line, part);
}

/* In the place of the honest answer. False: the connection is to be closed. */
static bool
misbehave(struct line *line, const char *honest)
{
	const struct row *row = line->row;
	g_autoptr(GString) words = words_of(line, row->words);
	g_autofree char *edited = NULL;

	switch (row->act) {
	case ACT_CLOSE:
		return false;
	case ACT_STALL:
		return put(line, words->str, words->len) && fall_silent(line);
	case ACT_SAY:
		return put(line, words->str, words->len);
	case ACT_SAY_CLOSE:
		put(line, words->str, words->len);
		return false;
	case ACT_BEFORE:
		return flood(line, words, MAX(row->count, 1)) && put_answer(line, honest);
	case ACT_BEHIND:
		edited = g_strconcat(honest, words->str, NULL);
		return put_answer(line, edited); /* in one piece, as who is on the line would */
	case ACT_NUMBERS:
		return flood_numbers(line, words->str, row->count) && put_answer(line, honest);
	case ACT_RING:
		return list_in_a_ring(line, row->count) && put_answer(line, honest);
	case ACT_ENDLESS:
		return flood(line, words, 0);
	case ACT_DRIP:
		return drip(line, honest);
	case ACT_CUT:
		put_until(line, honest, words->str);
		return false;
	case ACT_CUT_STALL:
		return put_until(line, honest, words->str) && fall_silent(line);
	case ACT_SIZES:
		edited = lie_about_sizes(honest, words->str);
		return put_answer(line, edited);
	case ACT_AHEAD:
		return put_answer(line, honest);
	case ACT_EDIT:
		edited = replace(honest, words_of(line, row->from)->str, words->str);
		return put_answer(line, edited);
	}
	return true;
}

static bool
answer(struct line *line, const char *command)
{
	g_autofree char *honest = g_strdup(line->talk.out->str);
	bool at = line->hostile && strstr(command, line->row->at) != NULL;

	g_string_truncate(line->talk.out, 0);
	if (line->hostile && line->row->act == ACT_NUMBERS && strstr(command, "\"n1\"") != NULL)
		return false;
	if (!(at ? misbehave(line, honest) : put_answer(line, honest)))
		return false;
	if (line->talk.asked_tls && line->ssl == NULL)
		return start_tls(line);
	return !line->talk.closing;
}

static void
converse(struct line *line)
{
	g_autoptr(GString) in = g_string_new(NULL);
	char piece[4096];
	int n;

	talk_say(&line->talk, line->talk.pop3 ? "+OK hello" : "* OK hello");
	if (!answer(line, "GREETING"))
		return;
	while (in->len < LINE_MAX_BYTES && (n = take(line, piece, sizeof piece)) > 0) {
		const char *end;
		g_string_append_len(in, piece, n);
		while ((end = strstr(in->str, "\r\n")) != NULL) {
			g_autofree char *command = g_strndup(in->str, (gsize)(end - in->str));
			g_string_erase(in, 0, end + 2 - in->str);
			if (line->talk.pop3)
				talk_pop3(&line->talk, command);
			else
				talk_imap(&line->talk, command);
			if (line->hostile && line->row->act == ACT_AHEAD && in->len > 0)
				fall_silent(line);
			if (!answer(line, command))
				return;
		}
	}
}

static void
serve_one(int fd, const struct row *row, SSL_CTX *context, const char *day)
{
	struct line line = { .fd = fd, .row = row, .context = context };

	line.hostile = strcmp(day, "hostile") == 0;
	line.talk = (struct talk){
		.name = row->name,
		.pop3 = row->pop3,
		.clear = row->clear,
		.abilities = row->abilities != NULL ? row->abilities : "",
		.before = strcmp(day, "before") == 0,
		.out = g_string_new(NULL),
	};
	alarm(CHILD_SECONDS);
	if (row->clear || start_tls(&line))
		converse(&line);
	if (line.ssl != NULL)
		SSL_shutdown(line.ssl);
	close(fd);
}

/* --- all of them --- */

static int
listen_on_loopback(guint16 *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, size) == -1 || listen(fd, 16) == -1 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) == -1) {
		perror("hostile: listen");
		exit(EXIT_FAILURE);
	}
	*port = ntohs(address.sin_port);
	return fd;
}

/* Floods are polled apart: they keep a small machine busy, and the others have time limits. */
static const char *
kind_of(const struct row *row)
{
	if (row->act == ACT_ENDLESS || row->count >= FLOOD_COUNT)
		return "flood";
	return row->known ? "known" : "new";
}

static void
describe(GString *rows, const struct row *row, guint16 port)
{
	const char *scheme = row->pop3 ? "pop3" : "imap";

	g_string_append_printf(rows, "%s\t%s%s://127.0.0.1:%u\t%s\t%s\t%s\t%s\n", row->name, scheme,
	    row->clear ? "" : "s", port, kind_of(row), row->state, row->says, row->stake);
}

static SSL_CTX *
identity(const char *folder)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	g_autofree char *certificate = g_build_filename(folder, "cert.pem", NULL);
	g_autofree char *key = g_build_filename(folder, "key.pem", NULL);

	if (SSL_CTX_use_certificate_file(context, certificate, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
		fprintf(stderr, "hostile: %s: no certificate or no key\n", folder);
		exit(EXIT_FAILURE);
	}
	return context;
}

/* Returns false when standard input has ended. */
static bool
new_day(char *day, gsize size)
{
	gssize n = read(STDIN_FILENO, day, size - 1);

	if (n <= 0)
		return false;
	day[n] = '\0';
	g_strchomp(day);
	return true;
}

static void
accept_one(int listener, const struct row *row, SSL_CTX *context, const char *day)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (fd >= 0 && fork() == 0) {
		serve_one(fd, row, context, day);
		_exit(0);
	}
	close(fd);
}

static void
serve(const char *folder)
{
	g_autofree struct pollfd *fds = g_new0(struct pollfd, ROWS + 1);
	g_autofree char *path = g_build_filename(folder, "rows", NULL);
	g_autoptr(GString) rows = g_string_new(NULL);
	SSL_CTX *context = identity(folder);
	char day[16] = "before";

	for (gsize i = 0; i < ROWS; i++) {
		guint16 port;
		fds[i] = (struct pollfd){ .fd = listen_on_loopback(&port), .events = POLLIN };
		describe(rows, row_at(i), port);
	}
	fds[ROWS] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	g_file_set_contents(path, rows->str, -1, NULL);
	while (poll(fds, ROWS + 1, -1) > 0) {
		for (gsize i = 0; i < ROWS; i++) {
			if (fds[i].revents != 0)
				accept_one(fds[i].fd, row_at(i), context, day);
		}
		if (fds[ROWS].revents != 0 && !new_day(day, sizeof day))
			return;
	}
}

static void
print_digests(void)
{
	for (gsize i = 0; i < ROWS; i++) {
		if (row_at(i)->lies)
			continue;
		for (gsize j = 0; j < G_N_ELEMENTS(talk_boxes); j++) {
			const struct talk_box *box = &talk_boxes[j];
			if (row_at(i)->pop3 && strcmp(box->raw, "INBOX") != 0)
				continue;
			for (gsize k = 0; box->uids[k] != 0; k++) {
				g_autofree char *text =
				    talk_message(row_at(i)->name, box->raw, box->uids[k]);
				g_autofree char *digest =
				    g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
				printf("%s\t%s\n", row_at(i)->name, digest);
			}
		}
	}
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve(argv[2]);
	else if (argc == 2 && strcmp(argv[1], "digests") == 0)
		print_digests();
	else
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
