/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parent's end. The other end parses what servers say: each answer is checked again, and is
 * text to be shown and nothing else.
 */
#include "deliver/resolver.h"

#include <gio/gio.h>
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/process.h"
#include "base/text.h"
#include "deliver/mailer-protocol.h"
#include "deliver/mailer.h"

#define HAND_OVER_MS 5000
#define GRACE_MS     5000 /* it ends itself; this is for one that cannot */
#define PORT_MAX     65535

const char *const resolver_words[] = { "found", "none", "failed", NULL };

void
resolver_answer_free(struct resolver_answer *answer)
{
	if (answer != NULL)
		g_free(answer->text);
	g_free(answer);
}

static bool
is_address(const char *server)
{
	g_autoptr(GInetAddress) alone = g_inet_address_new_from_string(server);
	const char *colon = strrchr(server, ':');
	guint64 port;

	if (alone != NULL)
		return true;
	if (colon == NULL || !g_ascii_string_to_unsigned(colon + 1, 10, 1, PORT_MAX, &port, NULL))
		return false;
	bool brackets = server[0] == '[' && colon > server + 1 && colon[-1] == ']';
	g_autofree char *host = brackets ? g_strndup(server + 1, (gsize)(colon - server) - 2)
					 : g_strndup(server, (gsize)(colon - server));
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);
	return address != NULL &&
	       brackets == (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6);
}

bool
resolver_check(const char *server, GError **error)
{
	if (is_address(server))
		return true;
	g_set_error(error, FAULT, FAULT_CONFIG,
	    "'%s' is no address of a resolver: write 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53",
	    server);
	return false;
}

static struct wire *
start(pid_t *pid, GError **error)
{
	int fds[2];

	if (!wire_pair(fds, error))
		return NULL;
	bool started = process_start("mailer", fds[1], MAILER_FD, pid, error);
	io_close(&fds[1]);
	if (started)
		return wire_new(fds[0], &mailer_protocol);
	io_close(&fds[0]);
	return NULL;
}

static bool
take(const struct wire_frame *frame, GPtrArray *answers, GError **error)
{
	guint32 index, outcome;
	const char *text;

	if (frame->kind == MAILER_TXT) {
		g_variant_get(frame->body, "(uu&s)", &index, &outcome, &text);
		struct resolver_answer *answer =
		    index < answers->len ? answers->pdata[index] : NULL;
		if (answer != NULL && answer->text == NULL && outcome <= RESOLVER_FAILED) {
			answer->outcome = (enum resolver_outcome)outcome;
			answer->text = g_strndup(text, RESOLVER_TEXT_MAX);
			return true;
		}
	}
	g_set_error(error, FAULT, FAULT_BUG, "resolver: an answer to no question");
	return false;
}

/* Until all are there, time is over, or the other end is gone. */
static bool
await(struct wire *wire, guint64 seconds, GPtrArray *answers, GError **error)
{
	gint64 deadline =
	    g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC + GRACE_MS * 1000;
	guint taken = 0;

	while (taken < answers->len) {
		struct wire_frame frame = { .fd = -1 };
		gint64 left_ms = (deadline - g_get_monotonic_time()) / 1000;
		switch (wire_wait(wire, (int)CLAMP(left_ms, 1, G_MAXINT), &frame, error)) {
		case WIRE_AGAIN:
			if (left_ms > 0)
				continue;
			return true;
		case WIRE_EOF:
			return true;
		case WIRE_ERROR:
			return false;
		case WIRE_FRAME:
			break;
		}
		bool right = take(&frame, answers, error);
		wire_frame_clear(&frame);
		if (!right)
			return false;
		taken++;
	}
	return true;
}

GPtrArray *
resolver_ask(const char *server, const char *const *names, guint64 seconds, GError **error)
{
	g_autoptr(GPtrArray) answers =
	    g_ptr_array_new_with_free_func((GDestroyNotify)resolver_answer_free);
	pid_t pid;

	for (guint i = 0; names[i] != NULL; i++)
		g_ptr_array_add(answers, g_new0(struct resolver_answer, 1));
	if (answers->len == 0)
		return g_steal_pointer(&answers);
	struct wire *wire = start(&pid, error);
	if (wire == NULL)
		return NULL;
	wire_queue(wire, MAILER_NAMES, g_variant_new("(st^as)", server, seconds, names), -1);
	bool right =
	    wire_flush_all(wire, HAND_OVER_MS, error) && await(wire, seconds, answers, error);
	wire_free(wire);
	process_end(pid);
	for (guint i = 0; i < answers->len; i++) {
		struct resolver_answer *answer = answers->pdata[i];
		if (answer->text == NULL) {
			answer->outcome = RESOLVER_FAILED;
			answer->text =
			    g_strdup("its time was over, or the process that asks ended");
		}
	}
	return right ? g_steal_pointer(&answers) : NULL;
}
