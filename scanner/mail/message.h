/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_MESSAGE_H
#define FLAGPOST_MAIL_MESSAGE_H
/*
 * message - what a mail is after parsing: the facts and texts that rules look at.
 *
 * Built by worker/ from hostile bytes, or by hand in tests; read by rules/. All strings are
 * valid UTF-8. A message owns everything in it.
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "mail/address.h"
#include "mail/words.h"

#define MESSAGE_NO_DATE G_MININT64
#define TEXT_NO_PART    G_MAXUINT

#define MESSAGE_WARNINGS_MAX 20 /* kinds; more are not noted */

struct header {
	char *name;  /* as written */
	char *value; /* unfolded and decoded */
};

struct part {
	char *path; /* "1.2"; members of archives "1.2/inner.zip/plan.docx"; "" for the whole
		       message */
	char *name; /* file name, decoded; "" when there is none */
	char *declared_type; /* "application/pdf", lower case; "" when there is none */
	char *true_type;     /* by content; "" when not looked at */
	guint64 size;        /* decoded bytes */
	char sha256[65];     /* of the decoded bytes, lower-case hex; "" when not all were read */
	enum part_outcome outcome;
	guint facts;     /* enum part_fact bits */
	guint depth;     /* 0 for parts of the outermost message */
	bool attachment; /* shown as a file: has a name, or a disposition of attachment, or is a
			    member */
	char *detail;    /* what stopped the reader, for people: "PDF: password needed"; "" when
			    nothing did */
};

/* What became of the line ends between two words of a text. */
enum text_wrap {
	WRAP_KEPT,
	WRAP_UNDONE, /* one blank, or nothing in scripts without blanks: as before lines were cut */
	WRAP_JOINED, /* nothing where both sides may be one word, else as WRAP_UNDONE */
};

/* Byte k of a text, from `at` to the next seam, is byte from + (k - at) of its origin. */
struct seam {
	guint32 at, from;
};

/* A stretch of text in which rules look. Offsets in hits refer to data. */
struct text {
	enum component component;
	char *header; /* header name in lower case for COMPONENT_HEADERS, else NULL */
	guint part;   /* index into parts, or TEXT_NO_PART */
	char *data;   /* NUL-terminated */
	gsize size;   /* bytes without the NUL */
	bool hidden;  /* text that a reader of the mail does not see */
	/*
	 * For a normalised twin of another text: for each byte of data its byte offset in the text
	 * `origin`; else NULL.
	 */
	guint32 *offsets;
	guint origin; /* index into texts; meaningful with offsets or seams */
	/*
	 * For a twin of `origin`, itself a twin perhaps, whose line ends are gone: where each
	 * stood, behind a first seam at 0. A blank stands for the line end before its seam. NULL:
	 * none.
	 */
	struct seam *seams;
	guint n_seams;
	enum text_wrap wrap; /* WRAP_KEPT without seams */
};

struct message {
	char *message_id;  /* without the angle brackets; "" when there is none */
	char *in_reply_to; /* the first Message-ID there, likewise */
	char *subject;     /* decoded; "" when there is none */
	gint64 date;       /* of the Date header, microseconds UTC; MESSAGE_NO_DATE */
	guint64 size;      /* raw bytes */
	guint facts;       /* enum message_fact bits */
	enum outcome outcome;
	GPtrArray *headers;   /* of struct header, outermost block, in order */
	GPtrArray *addresses; /* of struct address, header order */
	GPtrArray *parts;     /* of struct part, depth first */
	GPtrArray *texts;     /* of struct text */
	GPtrArray *warnings;  /* of char *: what of its form was odd, each once */
};

struct message *message_new(void);
void message_free(struct message *message);
AUTO_DEFINE(message, message_free)

struct header *message_add_header(struct message *message, const char *name, const char *value);
struct part *message_add_part(struct message *message, const char *path); /* strings set to "" */
/* Takes data (NUL-terminated, allocated by g_malloc). header is copied and lower-cased. */
struct text *message_add_text(struct message *message, enum component component, const char *header,
    guint part, char *data, gsize size);

/* For matching alone, beside the text that it was made of. */
bool text_is_twin(const struct text *text);

/* What programs may read differently, or was not by the book: a few words of our own. */
void message_add_warning(struct message *message, const char *words);

const char *message_header(
    const struct message *message, const char *name); /* first one, or NULL */

void part_free(struct part *part);
void text_free(struct text *text);

#endif
