/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An IMAP server that says anything to who watches a folder: whatever it says and however long it
 * says nothing, the watch ends once, tells nothing but news, and does not talk without end.
 *
 * The first byte is the size of the pieces, the second the folder; a byte 255 in what follows is
 * three minutes in which the server is silent.
 */
#include <stdint.h>
#include <string.h>

#include "base/fault.h"
#include "fetchers/session.h"

#define SILENCE_US  (3 * 60 * G_USEC_PER_SEC)
#define SAID_EACH   64 /* bytes of ours that one of the server's may bring about: an IDLE anew */
#define SAID_ALWAYS 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct watched {
	struct link link;
	const uint8_t *script;
	gsize size, at, piece, said;
	guint ends, others;
};

static gssize
receive(struct link *link, void *data, gsize size, GError **error)
{
	struct watched *watched = (struct watched *)link;
	const uint8_t *from = watched->script + watched->at;
	gsize n = MIN(MIN(size, watched->piece), watched->size - watched->at);

	if (n == 0) {
		g_set_error(error, FAULT, FAULT_AWAY, "the server closed the connection");
		return -1;
	}
	const uint8_t *pause = memchr(from, 255, n);
	n = pause != NULL ? (gsize)(pause - from) : n;
	memcpy(data, from, n);
	watched->at += n;
	return (gssize)n;
}

static gssize
count_said(struct link *link, const void *data, gsize size, GError **error)
{
	struct watched *watched = (struct watched *)link;

	(void)data;
	(void)error;
	watched->said += size;
	return (gssize)size;
}

static void
count_event(void *data, struct fetch_event *event)
{
	struct watched *watched = data;

	watched->ends += event->kind == FETCH_EVENT_WATCH_END;
	watched->others += event->kind != FETCH_EVENT_WATCH_END && event->kind != FETCH_EVENT_NEWS;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const roles[] = { "inbox", "sent", "drafts" };
	struct watched watched = { .link = { .receive = receive, .send = count_said } };
	gint64 clock = g_get_monotonic_time();
	struct limits limits;

	if (size < 3)
		return 0;
	watched.piece = (gsize)data[0] + 1;
	watched.script = data + 2;
	watched.size = size - 2;
	limits_default(&limits);
	struct session *session = session_new(
	    account_new("a"), g_ptr_array_new(), &limits, g_get_tmp_dir(), count_event, &watched);
	session->watch = g_strdup(roles[data[1] % G_N_ELEMENTS(roles)]);
	session_start(session, &watched.link);
	while (!session->done) {
		session_pump(session, 1000);
		if (watched.at < watched.size && watched.script[watched.at] == 255) {
			watched.at++;
			clock += SILENCE_US;
		}
		if (!session->done)
			session_check_time(session, clock);
	}
	session_pump(session, 0);
	if (watched.ends != 1 || watched.others != 0)
		g_error("a watch that ends %u times, and %u other events", watched.ends,
		    watched.others);
	if (watched.said > watched.size * SAID_EACH + SAID_ALWAYS)
		g_error("%zu bytes said for %zu", watched.said, watched.size);
	session_free(session);
	return 0;
}
