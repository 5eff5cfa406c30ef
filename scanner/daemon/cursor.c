/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file: start, sent, then the times of mails, a line each.
 */
#include "daemon/cursor.h"

#include "base/io.h"
#include "store/view-report.h"

#define HOUR      (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)
#define STATE_MAX 4096 /* bytes; a line is 21 at most */

struct cursor *
cursor_new(void)
{
	struct cursor *cursor = g_new0(struct cursor, 1);

	cursor->mails = g_array_new(FALSE, FALSE, sizeof(gint64));
	return cursor;
}

void
cursor_free(struct cursor *cursor)
{
	if (cursor == NULL)
		return;
	g_array_unref(cursor->mails);
	g_free(cursor);
}

bool
cursor_save(const struct cursor *cursor, const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_append_printf(
	    text, "%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT "\n", cursor->start, cursor->sent);
	for (guint i = 0; i < cursor->mails->len; i++)
		g_string_append_printf(
		    text, "%" G_GINT64_FORMAT "\n", g_array_index(cursor->mails, gint64, i));
	return io_replace_file(path, text->str, text->len, 0600, error);
}

static bool
parse(struct cursor *cursor, const char *text, gint64 newest)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	gint64 time;

	if (g_strv_length(lines) < 2 ||
	    !g_ascii_string_to_signed(lines[0], 10, 0, newest, &cursor->start, NULL) ||
	    !g_ascii_string_to_signed(lines[1], 10, 0, newest, &cursor->sent, NULL))
		return false;
	for (guint i = 2; lines[i] != NULL && *lines[i] != '\0'; i++) {
		if (!g_ascii_string_to_signed(lines[i], 10, 0, G_MAXINT64, &time, NULL))
			return false;
		g_array_append_val(cursor->mails, time);
	}
	return true;
}

bool
cursor_load(
    struct cursor *cursor, const char *path, struct view *view, bool *damaged, GError **error)
{
	gint64 newest = 0;

	*damaged = false;
	if (!view_last_flag(view, &newest, error))
		return false;
	bool there = g_file_test(path, G_FILE_TEST_EXISTS);
	g_autoptr(GBytes) bytes = there ? io_read_file(path, STATE_MAX, error) : NULL;
	if (there && bytes == NULL)
		return false;
	gsize size = 0;
	const char *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;
	g_autofree char *text = g_strndup(data != NULL ? data : "", size);
	g_array_set_size(cursor->mails, 0);
	cursor->known = true;
	if (there && parse(cursor, text, newest))
		return true;
	*damaged = there;
	g_array_set_size(cursor->mails, 0);
	cursor->start = cursor->sent = newest;
	return cursor_save(cursor, path, error);
}

/* A time to come is one of a clock that was set back. */
gint64
cursor_next(struct cursor *cursor, guint at_most, gint64 now)
{
	for (guint i = cursor->mails->len; i > 0; i--) {
		gint64 time = g_array_index(cursor->mails, gint64, i - 1);
		if (time <= now - HOUR || time > now)
			g_array_remove_index(cursor->mails, i - 1);
	}
	if (cursor->mails->len < at_most)
		return now;
	return g_array_index(cursor->mails, gint64, cursor->mails->len - at_most) + HOUR;
}

void
cursor_mailed(struct cursor *cursor, gint64 now)
{
	g_array_append_val(cursor->mails, now);
}
