/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_ATTACHMENTS_H
#define FLAGPOST_CMD_ATTACHMENTS_H
/*
 * attachments - the decoded files of one message, as a worker in its sandbox gives them and as the
 * scan recorded them: a file is taken for an attachment when it has a SHA-256 that was recorded, so
 * nothing else that a worker says is believed.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/limits.h"
#include "mail/message.h"
#include "store/view.h"

struct attachment {
	struct part *part; /* as it was recorded; borrowed from the list */
	GBytes *bytes;     /* NULL: not at hand */
	const char *why;   /* then: a sentence for people */
};

struct attachments {
	struct verdict *verdict; /* owns the parts */
	GPtrArray *list;         /* of struct attachment, in the order of the message */
	bool unread;             /* nobody knows which there are: it could not be scanned */
	guint missing; /* without bytes, and neither a mail within nor within another file */
};

/*
 * Of the message with these exact bytes. What is within an archive that is there itself is left
 * out of the list. A worker that ended or was stopped leaves all without bytes. FAULT_IO when the
 * store or a temporary file cannot be read.
 */
struct attachments *attachments_decode(struct view *view, const struct view_message *message,
    GBytes *bytes, const struct limits *limits, GError **error);
void attachments_free(struct attachments *attachments);
AUTO_DEFINE(attachments, attachments_free)

guint64 attachments_size(const struct attachments *attachments); /* bytes at hand */

/* What is not there, on stderr. */
void attachments_tell(const struct attachments *attachments, const struct view_message *message);

/*
 * What a double click could run, or a browser would trust as a page of this folder: by what was
 * found in it, or by the extension of the name that it is to have.
 */
bool attachment_is_unsafe(const struct part *part, const char *extension);

#endif
