/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the mailer process does with names: TXT questions by c-ares, a few at once, until all are
 * answered or time is over. The home of c-ares.
 */
#include <ares.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>

#include "base/fault.h"
#include "base/text.h"
#include "deliver/mailer-protocol.h"
#include "deliver/resolver.h"

#define PARENT_MS   30000 /* to take what we say */
#define AT_ONCE     32
#define TRY_MS      3000
#define TRIES       3
#define WAIT_MS     250  /* at most, between two looks at the clock */
#define EDNS_BYTES  1232 /* what passes every network in one packet */
#define CLASS_IN    1
#define TYPE_TXT    16
#define RECORDS_MAX 16

struct asking {
	struct wire *wire;
	guint under_way;
};

struct question {
	struct asking *asking;
	guint32 index;
};

static void
say(const struct question *question, enum resolver_outcome outcome, const char *text)
{
	wire_queue(question->asking->wire, MAILER_TXT,
	    g_variant_new("(uus)", question->index, (guint32)outcome, text), -1);
}

/* Strings of a record are put together without anything between them (RFC 6376 section 3.6.2.2). */
static void
say_records(const struct question *question, struct ares_txt_ext *records)
{
	g_autoptr(GString) bytes = g_string_new(NULL);
	guint n = 0;

	for (const struct ares_txt_ext *at = records; at != NULL; at = at->next) {
		if (at->record_start && n++ > 0)
			g_string_append_c(bytes, '\n');
		g_string_append_len(bytes, (const char *)at->txt, (gssize)at->length);
	}
	if (n > RECORDS_MAX || bytes->len > RESOLVER_TEXT_MAX) {
		g_autofree char *text = g_strdup_printf("%u records of %" G_GSIZE_FORMAT
							" bytes: more than %d of %d are not kept",
		    n, bytes->len, RECORDS_MAX, RESOLVER_TEXT_MAX);
		say(question, RESOLVER_FAILED, text);
		return;
	}
	g_auto(GStrv) lines = g_strsplit(bytes->str, "\n", -1);
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; lines[i] != NULL; i++) {
		g_autofree char *line = text_printable(lines[i], 0);
		g_string_append_printf(text, "%s%s", i > 0 ? "\n" : "", line);
	}
	say(question, RESOLVER_FOUND, text->str);
}

static void
on_answer(void *data, int status, G_GNUC_UNUSED int timeouts, unsigned char *bytes, int length)
{
	g_autofree struct question *question = data;
	struct ares_txt_ext *records = NULL;

	question->asking->under_way--;
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
		return;
	if (status == ARES_SUCCESS)
		status = ares_parse_txt_reply_ext(bytes, length, &records);
	if (status == ARES_SUCCESS && records != NULL)
		say_records(question, records);
	else if (status == ARES_ENOTFOUND)
		say(question, RESOLVER_NONE, "there is no such name");
	else if (status == ARES_ENODATA || status == ARES_SUCCESS)
		say(question, RESOLVER_NONE, "the name has no TXT record");
	else
		say(question, RESOLVER_FAILED, ares_strerror(status));
	if (records != NULL)
		ares_free_data(records);
}

/* --- */

static ares_channel
open_channel(const char *server, GError **error)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
		.timeout = TRY_MS,
		.tries = TRIES,
		.ednspsz = EDNS_BYTES,
	};
	ares_channel channel = NULL;
	int status = ares_init_options(&channel, &options,
	    ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ);

	if (status == ARES_SUCCESS && server[0] != '\0' &&
	    (status = ares_set_servers_ports_csv(channel, server)) != ARES_SUCCESS)
		g_clear_pointer(&channel, ares_destroy);
	if (status == ARES_SUCCESS)
		return channel;
	g_set_error(error, FAULT, FAULT_AWAY, "resolver: %s", ares_strerror(status));
	return NULL;
}

/* Waits for sockets, a try's end or WAIT_MS. */
static void
turn(ares_channel channel)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	struct pollfd pollers[ARES_GETSOCK_MAXNUM];
	struct timeval most = { .tv_usec = WAIT_MS * 1000 }, left;
	unsigned mask = (unsigned)ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
	const struct timeval *wait = ares_timeout(channel, &most, &left);
	nfds_t n = 0;

	for (guint i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		/* As ARES_GETSOCK_READABLE and _WRITABLE have it, which shift a sign. */
		bool reads = (mask & 1u << i) != 0;
		bool writes = (mask & 1u << (i + ARES_GETSOCK_MAXNUM)) != 0;
		if (reads || writes)
			pollers[n++] = (struct pollfd){ .fd = sockets[i],
				.events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)) };
	}
	int ready = poll(pollers, n, (int)(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1));
	for (nfds_t i = 0; ready > 0 && i < n; i++)
		ares_process_fd(channel, pollers[i].revents & ~POLLOUT ? pollers[i].fd : -1,
		    pollers[i].revents & POLLOUT ? pollers[i].fd : -1);
	if (ready <= 0)
		ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

/* What is not answered when time is over is left to the parent, which says so. */
static bool
ask_all(struct asking *asking, ares_channel channel, char **names, guint64 seconds, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
	guint next = 0;

	while (
	    (names[next] != NULL || asking->under_way > 0) && g_get_monotonic_time() < deadline) {
		while (names[next] != NULL && asking->under_way < AT_ONCE) {
			struct question *question = g_new0(struct question, 1);
			question->asking = asking;
			question->index = next;
			asking->under_way++;
			ares_query(channel, names[next++], CLASS_IN, TYPE_TXT, on_answer, question);
		}
		if (asking->under_way > 0)
			turn(channel);
		if (!wire_flush_all(asking->wire, PARENT_MS, error))
			return false;
	}
	return true;
}

bool
resolver_serve(struct wire *wire, const struct wire_frame *frame, GError **error)
{
	struct asking asking = { .wire = wire };
	g_auto(GStrv) names = NULL;
	const char *server;
	guint64 seconds;

	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
		g_set_error(error, FAULT, FAULT_BUG, "c-ares does not start");
		return false;
	}
	g_variant_get(frame->body, "(&st^as)", &server, &seconds, &names);
	ares_channel channel = open_channel(server, error);
	bool right = channel != NULL && ask_all(&asking, channel, names, seconds, error);
	g_clear_pointer(&channel, ares_destroy);
	ares_library_cleanup();
	return right;
}
