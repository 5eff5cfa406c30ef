/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ole-macros - Visual Basic in any file of Office: that it is there is a fact, also when its source
 * was taken out; the source of its modules is text that nobody sees.
 */
#include <string.h>

#include "worker/ole-read.h"
#include "worker/ole-text.h"
#include "worker/vba.h"

static bool
is_source(const char *name)
{
	return g_ascii_strcasecmp(name, "dir") != 0 &&
	       g_ascii_strcasecmp(name, "_VBA_PROJECT") != 0 && !g_str_has_prefix(name, "__SRP_");
}

static void
take_module(struct ole_read *read, const struct vba_project *project, guint index)
{
	GString *out = read->hidden;
	gsize size, from = out->len, max = (gsize)read->item->scan->limits->text;
	g_autofree guint8 *data = ole_bytes(read->ole, index, G_MAXSIZE, &size);
	const char *name = ole_entry(read->ole, index)->name;
	gssize begin = data != NULL ? vba_source(project, name, data, size) : -1;
	bool broken;

	if (begin < 0)
		return;
	GByteArray *source = vba_uncompress(data + begin, size - (gsize)begin, max + 1, &broken);
	ole_codepage(
	    read->item->scan->charset, project->codepage, out, source->data, source->len, 2 * max);
	ole_clean(out, from);
	g_string_append_c(out, '\n');
	g_byte_array_unref(source);
}

/* The storage VBA of one project. */
static void
take_project(struct ole_read *read, guint storage)
{
	struct ole *ole = read->ole;
	gsize size;
	bool broken;
	g_autofree guint8 *packed =
	    ole_bytes(ole, ole_child(ole, storage, "dir"), G_MAXSIZE, &size);
	GByteArray *dir =
	    vba_uncompress(packed, size, (gsize)read->item->scan->limits->text, &broken);
	struct vba_project *project = vba_project_new(dir->data, dir->len);

	for (guint i = 0; i < ole_count(ole) && ole_room(read); i++) {
		const struct ole_entry *entry = ole_entry(ole, i);
		if (entry->parent == storage && !entry->storage && is_source(entry->name))
			take_module(read, project, i);
	}
	vba_project_free(project);
	g_byte_array_unref(dir);
}

void
ole_macros_read(struct ole_read *read)
{
	static const char *const signs[] = { "_VBA_PROJECT", "_VBA_PROJECT_CUR", "Macros" };

	for (guint i = 1; i < ole_count(read->ole) && ole_room(read); i++) {
		const struct ole_entry *entry = ole_entry(read->ole, i);
		for (gsize k = 0; entry->used && k < G_N_ELEMENTS(signs); k++)
			if (g_ascii_strcasecmp(entry->name, signs[k]) == 0)
				extract_part(read->item)->facts |= FACT_MACRO;
		if (entry->used && !entry->storage &&
		    g_ascii_strcasecmp(entry->name, "_VBA_PROJECT") == 0)
			take_project(read, entry->parent);
	}
}
