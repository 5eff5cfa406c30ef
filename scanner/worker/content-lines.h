/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_CONTENT_LINES_H
#define FLAGPOST_WORKER_CONTENT_LINES_H
/*
 * content-lines - the lines of vCard (RFC 6350 section 3.3, and vCard 2.1) and iCalendar (RFC 5545
 * section 3.1): unfolded, taken apart, decoded. Pure.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define CONTENT_PARAMETERS_MAX 50 /* of one line; the last one takes the rest of them */

struct content_parameter {
	char *name; /* upper case; "" for a bare value of vCard 2.1 (";BASE64") */
	char *value;
};

struct content_line {
	char *name;            /* upper case, without a group ("item1.") */
	GPtrArray *parameters; /* of struct content_parameter */
	char *value;           /* raw: unfolded, soft breaks of quoted-printable joined */
	gsize size;
	bool base64, quoted; /* its encoding, as it says */
	bool malformed;      /* no colon in it: all of it is the value */
};

/*
 * The next line at *at (valid UTF-8, NUL-terminated); false at the end. The caller's, by
 * content_line_clear.
 */
bool content_lines_next(const char **at, struct content_line *out);
void content_line_clear(struct content_line *line);

/* The first value under a name (upper case), or NULL. */
const char *content_line_get(const struct content_line *line, const char *name);

/* A text value without its escapes (\n \, \; \\). The caller's. */
char *content_line_text(const char *value);

#endif
