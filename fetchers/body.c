/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/body.h"

static void
give_up(struct body *body)
{
	io_spool_free(body->spool);
	body->spool = NULL;
}

void
body_begin(struct body *body, const char *folder, guint64 max, guint64 announced)
{
	*body = (struct body){ .max = max, .over_limit = announced > max };
	if (!body->over_limit)
		body->spool = io_spool_new(folder);
}

void
body_write(struct body *body, const guint8 *bytes, gsize size)
{
	g_autoptr(GError) error = NULL;

	body->size += size;
	if (body->spool == NULL)
		return;
	if (body->size > body->max) {
		body->over_limit = true;
		give_up(body);
	} else if (!io_spool_write(body->spool, bytes, size, &error)) {
		body->trouble = g_strdup(error->message);
		give_up(body);
	}
}

int
body_finish(struct body *body, const char **reason, char **text)
{
	g_autoptr(GError) error = NULL;
	int fd = -1;

	if (body->spool != NULL) {
		fd = io_spool_finish(&body->spool, &error);
		if (fd >= 0)
			return fd;
		body->trouble = g_strdup(error->message);
	}
	if (body->over_limit) {
		*reason = "over-limit";
		*text = g_strdup_printf("%" G_GUINT64_FORMAT
					" bytes, over the limit message = %" G_GUINT64_FORMAT,
		    body->size, body->max);
	} else {
		*reason = "spool";
		*text = g_steal_pointer(&body->trouble);
	}
	return -1;
}

void
body_clear(struct body *body)
{
	give_up(body);
	g_clear_pointer(&body->trouble, g_free);
}
