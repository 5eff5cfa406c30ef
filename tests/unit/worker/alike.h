/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TEST_WORKER_ALIKE_H
#define FLAGPOST_TEST_WORKER_ALIKE_H
/* alike - all that dissection says of a message, to hold plain mail against GMime's reading of it.
 */
#include "kit.h"

static inline char *
alike_dump(const struct message *message)
{
	g_autofree char *parts = kit_dump(message);
	GString *out = g_string_new(parts);

	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		g_string_append_printf(out, "\n%s: %s, %" G_GUINT64_FORMAT " bytes, depth %u%s",
		    part->path, part->sha256, part->size, part->depth,
		    part->attachment ? ", attached" : "");
	}
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if (text->hidden)
			g_string_append_printf(out, "\ntext %u is hidden", i);
	}
	for (guint i = 0; i < message->warnings->len; i++)
		g_string_append_printf(
		    out, "\nwarning: %s", (const char *)message->warnings->pdata[i]);
	return g_string_free(out, FALSE);
}

/* The same bytes by two readers of mail; NULL when they say the same, else what they say. */
static inline char *
alike_differ(struct dissect *one, struct dissect *other, int fd)
{
	g_autoptr(message) first = dissect_message(one, fd, false, NULL);
	g_autoptr(message) second = dissect_message(other, fd, false, NULL);

	g_assert_true(first != NULL && second != NULL);
	g_autofree char *said = alike_dump(first);
	g_autofree char *wanted = alike_dump(second);
	if (g_str_equal(said, wanted))
		return NULL;
	return g_strdup_printf("--- plain\n%s\n--- by GMime\n%s", said, wanted);
}

#endif
