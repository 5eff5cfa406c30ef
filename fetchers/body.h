/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_BODY_H
#define FLAGPOST_FETCHERS_BODY_H
/*
 * body - the bytes of one message on their way into a spool, with what can go wrong: too large
 * (then the rest is drained) or a full disk. It never fails in the middle: the outcome comes at
 * the end.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/io.h"

struct body {
	struct io_spool *spool; /* NULL once it failed */
	guint64 size;           /* bytes seen */
	guint64 max;
	bool over_limit;
	char *trouble; /* of the spool */
};

/* announced: what the server says; over max nothing is spooled at all. */
void body_begin(struct body *body, const char *folder, guint64 max, guint64 announced);
void body_write(struct body *body, const guint8 *bytes, gsize size);
/* A read-only descriptor, or -1 with the reason of struct fetch_failure and a text (owned). */
int body_finish(struct body *body, const char **reason, char **text);
void body_clear(struct body *body);

#endif
