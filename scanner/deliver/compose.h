/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_COMPOSE_H
#define FLAGPOST_DELIVER_COMPOSE_H
/*
 * compose - our own messages, from text and files to the bytes that a server takes.
 *
 * No text given can become a header, a recipient or a part of its own: what is not printable is
 * written as \u{000A} before GMime encodes it, and addresses that smtp_check_address does not
 * pass are refused.
 */
#include <glib.h>

/* Marks what is ours, with the digest of the report that it carries: against loops. */
#define COMPOSE_MARK "X-Flagpost-Report"

struct compose_person {
	const char *name, *mail;
};

struct compose_file {
	const char *name; /* "2026-11-22.html" */
	const char *type; /* "text/html" */
	GBytes *bytes;
};

struct compose {
	struct compose_person from;
	const struct compose_person *to;
	guint n_to;
	const char *kind; /* "report": what its Message-ID begins with */
	const char *subject;
	const char *text;   /* lines end in LF; whatever its bytes are, they become UTF-8 */
	const char *digest; /* of what is reported, in hex: the same report is the same message */
	gint64 date;        /* microseconds UTC */
	const struct compose_file *files;
	guint n_files;
};

/*
 * The whole message, lines ending in CRLF: multipart/mixed of the text and the files, whose
 * bytes arrive as they are. Message-ID: <KIND.DIGEST@DOMAIN-OF-FROM>. NULL after FAULT_CONFIG,
 * when an address is none.
 */
GBytes *compose_message(const struct compose *compose, GError **error);

/*
 * For PGP/MIME (RFC 3156 section 4): text and files as a MIME entity alone, to be encrypted; and
 * the message around it once it is, armoured. Text and files of compose are then not looked at.
 */
GBytes *compose_content(const struct compose *compose, GError **error);
GBytes *compose_encrypted(const struct compose *compose, GBytes *armoured, GError **error);

#endif
