/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parent's end. The other end talks to a server: what it says is believed no more than that,
 * and whoever keeps an answer verifies it again.
 */
#include "deliver/stamper.h"

#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/process.h"
#include "base/text.h"
#include "deliver/mailer-protocol.h"
#include "deliver/mailer.h"

#define HAND_OVER_MS 5000
#define GRACE_MS     5000 /* it ends itself; this is for one that cannot */
#define WORDS_MAX    500

bool
stamper_check_url(const char *url, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
	const char *scheme = uri != NULL ? g_uri_get_scheme(uri) : "";
	bool known = strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;

	if (known && g_uri_get_host(uri) != NULL && g_uri_get_host(uri)[0] != '\0' &&
	    g_uri_get_userinfo(uri) == NULL && g_uri_get_fragment(uri) == NULL)
		return true;
	/* With a login in it the text is not repeated: it would stand in logs. */
	g_set_error(error, FAULT, FAULT_CONFIG,
	    "'%s' is no address of a time stamping authority: write https://HOST/PATH",
	    strchr(url, '@') == NULL ? url : "...@...");
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
take(const struct wire_frame *frame, GBytes **answer, struct timestamp *out, GError **error)
{
	g_autofree char *text = NULL, *signer = NULL;
	g_autoptr(GVariant) bytes = NULL;
	guint32 code;

	if (frame->kind != MAILER_STAMPED) {
		g_set_error(error, FAULT, FAULT_BUG, "stamper: a frame that goes the other way");
		return false;
	}
	g_variant_get(frame->body, "(usxs@ay)", &code, &text, &out->time, &signer, &bytes);
	if (code != 0) {
		g_autofree char *words = text_printable(text, WORDS_MAX);
		g_set_error(error, FAULT, (int)CLAMP(code, FAULT_USAGE, FAULT_CONFIG), "%s", words);
		return false;
	}
	g_strlcpy(out->signer, signer, sizeof out->signer);
	*answer = g_variant_get_data_as_bytes(bytes);
	return true;
}

static bool
await(struct wire *wire, GBytes **answer, struct timestamp *out, GError **error)
{
	gint64 deadline =
	    g_get_monotonic_time() + G_GINT64_CONSTANT(1000) * (STAMPER_TIME_MS + GRACE_MS);
	struct wire_frame frame = { .fd = -1 };

	for (;;) {
		gint64 left_ms = (deadline - g_get_monotonic_time()) / 1000;
		switch (wire_wait(wire, (int)MAX(left_ms, 1), &frame, error)) {
		case WIRE_AGAIN:
			if (left_ms > 0)
				continue;
			g_set_error(
			    error, FAULT, FAULT_AWAY, "the authority took longer than its time");
			return false;
		case WIRE_EOF:
			g_set_error(error, FAULT, FAULT_BUG,
			    "stamper: ended before it said what became of it");
			return false;
		case WIRE_ERROR:
			return false;
		case WIRE_FRAME:
			break;
		}
		bool right = take(&frame, answer, out, error);
		wire_frame_clear(&frame);
		return right;
	}
}

bool
stamper_ask(
    const struct stamper_order *order, GBytes **answer, struct timestamp *out, GError **error)
{
	pid_t pid;
	struct wire *wire = start(&pid, error);

	*answer = NULL;
	*out = (struct timestamp){ 0 };
	if (wire == NULL)
		return false;
	wire_queue(wire, MAILER_DIGEST,
	    g_variant_new(
		MAILER_DIGEST_TYPE, order->url, order->sha256, order->signers, order->ca_file),
	    -1);
	bool right = wire_flush_all(wire, HAND_OVER_MS, error) && await(wire, answer, out, error);
	wire_free(wire);
	process_end(pid);
	return right;
}
