/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoded files beside a message: names of ours, for nobody but their owner, never executable.
 */
#include <string.h>

#include "base/io.h"
#include "cmd/bundle-parts.h"

#define FOLDER_MODE 0700
#define ROW         1024u /* of an attachment in the tables, beside its names */

/* "2026-05-30/090205 anna - Price list - 3f9a01bc5d6e.files" */
static char *
folder_of(const struct bundle *bundle, const struct view_message *message)
{
	g_autofree char *day = bundle_local(message, bundle->options->zone, "%Y-%m-%d");
	g_autofree char *name = bundle_name(message, bundle->options->zone);

	g_assert(g_str_has_suffix(name, ".eml"));
	name[strlen(name) - strlen(".eml")] = '\0';
	return g_strdup_printf("%s/%s.files", day, name);
}

static bool
put_one(struct bundle_volume *volume, const struct attachment *attachment, const char *file,
    GError **error)
{
	gsize size;
	const void *data = g_bytes_get_data(attachment->bytes, &size);
	g_autofree char *path = g_build_filename(volume->folder, file, NULL);
	g_autofree char *folder = g_path_get_dirname(path);

	volume->files++;
	return io_make_folders(folder, FOLDER_MODE, error) &&
	       bundle_put_file(volume, file, data != NULL ? data : "", size, error);
}

GPtrArray *
bundle_put_attachments(struct bundle *bundle, const struct view_message *message,
    const struct attachments *attachments, const char *message_file, GError **error)
{
	struct bundle_volume *volume = bundle->volume;
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *folder = folder_of(bundle, message);

	volume->not_decoded += attachments->missing;
	if (attachments->unread)
		bundle_table_attachment(volume, message_file, message->sha256, NULL, "",
		    "the message could not be scanned: which there are is not known");
	for (guint i = 0; i < attachments->list->len; i++) {
		const struct attachment *one = g_ptr_array_index(attachments->list, i);
		if (one->bytes == NULL) {
			bundle_table_attachment(
			    volume, message_file, message->sha256, one->part, "", one->why);
			continue;
		}
		g_autofree char *name = bundle_attachment_name(one->part, i + 1);
		char *file = g_strconcat(folder, "/", name, NULL);
		g_ptr_array_add(files, file);
		bundle_table_attachment(volume, message_file, message->sha256, one->part, file, "");
		if (!put_one(volume, one, file, error))
			return NULL;
	}
	return g_steal_pointer(&files);
}

guint64
bundle_attachments_cost(const struct attachments *attachments)
{
	guint64 cost = bundle_on_disc(0) * (attachments->list->len > 0);

	for (guint i = 0; i < attachments->list->len; i++) {
		const struct attachment *one = g_ptr_array_index(attachments->list, i);
		gsize names = strlen(one->part->name) + strlen(one->part->path);
		cost += ROW + 12 * (guint64)names;
		if (one->bytes != NULL)
			cost += bundle_on_disc(g_bytes_get_size(one->bytes));
	}
	return cost;
}
