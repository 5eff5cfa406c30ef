/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_DKIM_TAGS_H
#define FLAGPOST_WORKER_DKIM_TAGS_H
/*
 * dkim-tags - lists of the form "tag=value; tag=value" (RFC 6376 section 3.2), of signatures and of
 * keys. Strict: what the grammar has not, and a tag that stands twice, makes the list none.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define DKIM_TAGS_MAX 64

struct dkim_tag {
	const char *name; /* as it is written: tags are case-sensitive */
	gsize name_size;
	const char *value; /* within the list, without blanks around it */
	gsize size;
	const char *after, *end; /* all that stands between "=" and the next ";", or the end */
};

/* Of struct dkim_tag, into the list, which must outlive it. NULL, and why: it is no such list. */
GArray *dkim_tags_parse(const char *list, gsize size, const char **why);
const struct dkim_tag *dkim_tags_find(const GArray *tags, const char *name);

/* The value without any blank; "" where there is no such tag. */
char *dkim_tags_get(const GArray *tags, const char *name);
/* A number of digits alone; false when it is none, or over G_MAXINT64. */
bool dkim_tags_number(const struct dkim_tag *tag, gint64 *out);
/* Base64, with blanks within. NULL: it is none. */
GBytes *dkim_tags_bytes(const struct dkim_tag *tag);
/* Whether a list with ":" between has that word, in any case of letters. */
bool dkim_tags_has_word(const struct dkim_tag *tag, const char *word);

#endif
