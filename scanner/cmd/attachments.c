/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never decodes anything itself: daemon/takeouts has it done.
 */
#include "cmd/attachments.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/takeouts.h"

#define NAME_SHOWN  80 /* characters */
#define WHY_MESSAGE "a mail within: it stands in the message itself"
#define WHY_LIMIT   "it was not read as a whole when it was scanned"
#define WHY_OTHER   "it could not be decoded to the bytes that were recorded"

static void
attachment_free(gpointer data)
{
	struct attachment *attachment = data;

	g_clear_pointer(&attachment->bytes, g_bytes_unref);
	g_free(attachment);
}

void
attachments_free(struct attachments *attachments)
{
	if (attachments == NULL)
		return;
	g_ptr_array_unref(attachments->list);
	verdict_free(attachments->verdict);
	g_free(attachments);
}

guint64
attachments_size(const struct attachments *attachments)
{
	guint64 size = 0;

	for (guint i = 0; i < attachments->list->len; i++) {
		const struct attachment *one = g_ptr_array_index(attachments->list, i);
		size += one->bytes != NULL ? g_bytes_get_size(one->bytes) : 0;
	}
	return size;
}

void
attachments_tell(const struct attachments *attachments, const struct view_message *message)
{
	if (attachments->unread)
		fprintf(stderr,
		    "flagpost export: %.12s: could not be scanned, so its attachments "
		    "are not known\n",
		    message->sha256);
	for (guint i = 0; i < attachments->list->len; i++) {
		const struct attachment *one = g_ptr_array_index(attachments->list, i);
		g_autofree char *name = text_printable(one->part->name, NAME_SHOWN);
		if (one->bytes == NULL)
			fprintf(stderr, "flagpost export: %.12s: attachment %s %s: %s\n",
			    message->sha256, one->part->path, name, one->why);
	}
}

bool
attachment_is_unsafe(const struct part *part, const char *extension)
{
	static const char *const extensions[] = { "app", "appx", "bat", "chm", "cmd", "com", "cpl",
		"dll", "dmg", "docm", "dotm", "exe", "hta", "htm", "html", "img", "iso", "jar",
		"js", "jse", "lnk", "mht", "mhtml", "msc", "msi", "msp", "one", "pif", "pptm",
		"ps1", "py", "reg", "scr", "sh", "shtml", "svg", "sys", "url", "vbe", "vbs", "vhd",
		"vhdx", "wsf", "wsh", "xhtml", "xlam", "xll", "xlsm", "xltm", NULL };
	const guint facts =
	    FACT_EXECUTABLE | FACT_MACRO | FACT_DISGUISED_NAME | FACT_DOUBLE_EXTENSION;
	g_autofree char *lower = g_ascii_strdown(extension, -1);

	return (part->facts & facts) != 0 || g_strv_contains(extensions, lower) ||
	       strstr(part->true_type, "html") != NULL || strstr(part->true_type, "svg") != NULL;
}

/* --- what was recorded --- */

/* "1.2/inner.zip/plan.docx": whether one of the files around it is at hand. */
static bool
is_within(const struct attachments *attachments, const struct part *part)
{
	for (guint i = 0; i < attachments->list->len; i++) {
		const struct attachment *one = g_ptr_array_index(attachments->list, i);
		gsize size = strlen(one->part->path);
		if (one->bytes != NULL && strncmp(part->path, one->part->path, size) == 0 &&
		    part->path[size] == '/')
			return true;
	}
	return false;
}

static void
add_part(struct attachments *attachments, struct part *part, GHashTable *files)
{
	GBytes *bytes = part->sha256[0] != '\0' ? g_hash_table_lookup(files, part->sha256) : NULL;

	if (!part->attachment || (bytes == NULL && is_within(attachments, part)))
		return;
	struct attachment *attachment = g_new0(struct attachment, 1);
	attachment->part = part;
	attachment->bytes = bytes != NULL ? g_bytes_ref(bytes) : NULL;
	if (bytes != NULL)
		attachment->why = "";
	else if (strcmp(part->true_type, "message/rfc822") == 0 && part->sha256[0] == '\0')
		attachment->why = WHY_MESSAGE;
	else
		attachment->why = part->sha256[0] == '\0' ? WHY_LIMIT : WHY_OTHER;
	attachments->missing += bytes == NULL && strcmp(attachment->why, WHY_MESSAGE) != 0;
	g_ptr_array_add(attachments->list, attachment);
}

static bool
has_any(const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->parts->len; i++)
		if (((const struct part *)g_ptr_array_index(verdict->parts, i))->attachment)
			return true;
	return false;
}

struct attachments *
attachments_decode(struct view *view, const struct view_message *message, GBytes *bytes,
    const struct limits *limits, GError **error)
{
	g_autoptr(attachments) attachments = g_new0(struct attachments, 1);
	g_autoptr(GHashTable) files = NULL;

	attachments->list = g_ptr_array_new_with_free_func(attachment_free);
	attachments->verdict = view_verdict(view, message->id, error);
	if (attachments->verdict == NULL)
		return NULL;
	attachments->unread = message->outcome == OUTCOME_UNSCANNABLE;
	attachments->missing = attachments->unread;
	if (!has_any(attachments->verdict))
		return g_steal_pointer(&attachments);
	files = takeouts_decode(message->sha256, bytes, limits, error);
	if (files == NULL)
		return NULL;
	for (guint i = 0; i < attachments->verdict->parts->len; i++)
		add_part(attachments, g_ptr_array_index(attachments->verdict->parts, i), files);
	return g_steal_pointer(&attachments);
}
