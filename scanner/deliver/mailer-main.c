/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mailer process: one message to its recipients, or one batch of flags to its target, or one
 * digest to be time-stamped, or one list of names in DNS; then it is gone, and the secret with it.
 */
#include <curl/curl.h>
#include <signal.h>
#include <sys/prctl.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "base/process.h"
#include "deliver/mailer-protocol.h"
#include "deliver/mailer.h"
#include "deliver/poster.h"
#include "deliver/resolver.h"
#include "deliver/sender.h"
#include "deliver/stamper.h"

#define PARENT_MS 30000 /* for the parent to say what it wants, and to take what we say */

struct order {
	struct smtp *smtp;
	GStrv to;
	int fd;
	guint64 size;
};

static bool
take_order(struct wire_frame *frame, struct order *order, GError **error)
{
	g_autoptr(GVariant) smtp = g_variant_get_child_value(frame->body, 0);
	order->smtp = smtp_get(smtp, error);
	g_variant_get_child(frame->body, 1, "^as", &order->to);
	order->fd = g_steal_fd(&frame->fd);
	return order->smtp != NULL && io_size(order->fd, &order->size, error);
}

static bool
tell(struct wire *wire, const char *to, enum smtp_state state, const char *text, GError **error)
{
	wire_queue(
	    wire, MAILER_RESULT, g_variant_new(MAILER_RESULT_TYPE, to, (guint32)state, text), -1);
	return wire_flush_all(wire, PARENT_MS, error);
}

static bool
send_all(struct wire *wire, const struct order *order, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	g_autoptr(sender) sender = sender_new(order->smtp, &trouble);

	for (gsize i = 0; order->to[i] != NULL; i++) {
		g_autofree char *text = NULL;
		enum smtp_state state = SMTP_CONFIG;
		if (sender != NULL)
			state = sender_send(sender, order->to[i], order->fd, order->size, &text);
		/* A parent that is gone wants no further mail. */
		if (!tell(wire, order->to[i], state, text != NULL ? text : trouble->message, error))
			return false;
	}
	return true;
}

/* One message, one batch of flags, one digest, or one list of names. */
static bool
serve(struct wire *wire, GError **error)
{
	struct wire_frame frame = { .fd = -1 };
	struct order order = { .fd = -1 };
	bool right = false;

	enum wire_result result = wire_wait(wire, PARENT_MS, &frame, error);
	if (result == WIRE_FRAME && frame.kind == MAILER_SETTINGS)
		right = take_order(&frame, &order, error) && send_all(wire, &order, error);
	else if (result == WIRE_FRAME && frame.kind == MAILER_BATCH)
		right = poster_serve(wire, &frame, error);
	else if (result == WIRE_FRAME && frame.kind == MAILER_DIGEST)
		right = stamper_serve(wire, &frame, error);
	else if (result == WIRE_FRAME && frame.kind == MAILER_NAMES)
		right = resolver_serve(wire, &frame, error);
	else if (*error == NULL)
		g_set_error(error, FAULT, FAULT_BUG, "mailer: the parent wants nothing");
	wire_frame_clear(&frame);
	smtp_free(order.smtp);
	g_strfreev(order.to);
	io_close(&order.fd);
	return right;
}

int
mailer_main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	(void)argc;
	(void)argv;
	log_open("mailer", LOG_LEVEL_WARNING);
	signal(SIGPIPE, SIG_IGN);
	process_shut_in();
	/* Who interrupts the command wants no mail to leave behind its back. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		log_warning("mail or a batch may be sent although the command was ended");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return FAULT_BUG;
	struct wire *wire = wire_new(MAILER_FD, &mailer_protocol);
	if (!serve(wire, &error))
		log_error("%s", error->message);
	wire_free(wire);
	curl_global_cleanup();
	return fault_exit_code(error);
}
