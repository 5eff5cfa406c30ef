/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ole-objects - what is embedded in a document: other documents, files in packages (MS-OLEDS), and
 * the XML that Office keeps beside the text. Each becomes a part of its own.
 */
#include <string.h>

#include "worker/ole-read.h"
#include "worker/ole-text.h"
#include "worker/ole1.h"

#define NATIVE     "\001Ole10Native"
#define NAME_BYTES 1024 /* bytes of a packaged file's name */

/* Storages of the format itself; who reads them stands behind. */
static const char *const machinery[] = { "Macros", "_VBA_PROJECT_CUR", "VBA", /* ole-macros */
	"_SX_DB_CUR",                                                         /* ole-xls */
	"ObjectPool", "MsoDataStore",                                         /* below */
	"\006DataSpaces", "_signatures", "_xmlsignatures", NULL };

static char *
piece_name(struct ole_read *read, struct ole1_piece piece, const char *otherwise)
{
	g_autoptr(GString) name = g_string_new(NULL);

	ole_codepage(read->item->scan->charset, 0, name, piece.data, MIN(piece.size, NAME_BYTES),
	    NAME_BYTES);
	ole_clean(name, 0);
	return g_strdup(name->len > 0 ? name->str : otherwise);
}

/* Behind a length: a package, or the data of a program that is older than OLE 2. */
static void
take_native(struct ole_read *read, const guint8 *data, gsize size)
{
	struct ole1_package package;

	if (size < 4)
		return;
	if (!ole1_parse_package(data + 4, size - 4, &package)) {
		extract_member(read->item, "native", "", data + 4, size - 4);
		return;
	}
	g_autofree char *name = piece_name(read, package.label, "package");
	g_autofree char *path = piece_name(read, package.path, "");
	g_string_append_printf(read->hidden, "%s\n", path);
	extract_member(read->item, name, "", package.content.data, package.content.size);
	if (package.cut)
		ole_broken(read, "a packaged file is cut short");
}

/* The file or files that a storage of an object is only a wrapping for. */
static bool
take_packages(struct ole_read *read, guint storage)
{
	static const char *const names[] = { NATIVE, "Package", "CONTENTS", "package_stream" };
	bool found = false;

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		guint stream = ole_child(read->ole, storage, names[i]);
		gsize size;
		g_autofree guint8 *data = ole_bytes(read->ole, stream, G_MAXSIZE, &size);
		if (data == NULL)
			continue;
		found = true;
		if (i == 0)
			take_native(read, data, size);
		else
			extract_member(read->item, names[i], "", data, size);
	}
	return found;
}

static void
take_object(struct ole_read *read, guint storage, bool strangers)
{
	const char *name = ole_entry(read->ole, storage)->name;
	g_autofree char *shown = g_utf8_make_valid(name, -1);

	/* Forms are read as far as Visual Basic goes. */
	if (ole_child(read->ole, storage, "\003VBFrame") != OLE_NONE)
		return;
	g_strdelimit(shown, "\001\002\003\004\005\006/\\", '_');
	if (ole_is_document(read->ole, storage))
		ole_storage(read, storage, shown);
	else if (!take_packages(read, storage) && strangers)
		ole_storage(read, storage, shown);
}

/* MS-OSHARED 2.3.6: each child storage has its XML in a stream called Item. */
static void
take_data_store(struct ole_read *read, guint store)
{
	struct ole *ole = read->ole;

	for (guint i = 0; store != OLE_NONE && i < ole_count(ole) && ole_room(read); i++) {
		if (ole_entry(ole, i)->parent != store || !ole_entry(ole, i)->storage)
			continue;
		gsize size;
		g_autofree guint8 *data =
		    ole_bytes(ole, ole_child(ole, i, "Item"), G_MAXSIZE, &size);
		if (data != NULL)
			extract_member(read->item, "item.xml", "text/xml", data, size);
	}
}

bool
ole_objects_read(struct ole_read *read, bool known)
{
	struct ole *ole = read->ole;
	guint pool = ole_child(ole, read->storage, "ObjectPool");
	bool found = take_packages(read, read->storage);

	for (guint i = 1; i < ole_count(ole) && ole_room(read); i++) {
		const struct ole_entry *entry = ole_entry(ole, i);
		if (!entry->used || !entry->storage)
			continue;
		if (entry->parent == read->storage && !g_strv_contains(machinery, entry->name))
			take_object(read, i, known);
		else if (entry->parent == pool && pool != OLE_NONE)
			take_object(read, i, true);
	}
	take_data_store(read, ole_child(ole, read->storage, "MsoDataStore"));
	return found;
}
