/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-ole - OLE files (MS-CFB): which documents of Office are in them, and what is around
 * those: properties, macros, objects. What is none of them is `unknown-type` by what was found.
 */
#include <string.h>

#include "worker/names.h"
#include "worker/office-crypt.h"
#include "worker/ole-read.h"

#define NAMES_SHOWN 8 /* streams that an unknown file is described by */
#define URL_MAX     4096
#define INFO_MAX    (64 * 1024) /* bytes that say how a document is encrypted */

static void encrypted_read(struct ole_read *read, guint stream);

/* A storage is what its first stream of these says; it is read as all that it has. */
static const struct {
	const char *stream;
	const char *type;
	ole_reader *read;
} kinds[] = {
	{ "EncryptedPackage", "application/encrypted", encrypted_read },
	{ "EncryptionInfo", "application/encrypted", encrypted_read },
	{ "WordDocument", "application/msword", ole_doc_read },
	{ "Workbook", "application/vnd.ms-excel", ole_xls_read },
	{ "Book", "application/vnd.ms-excel", ole_xls_read },
	{ "PowerPoint Document", "application/vnd.ms-powerpoint", ole_ppt_read },
	{ "__properties_version1.0", "application/vnd.ms-outlook", ole_msg_read },
};

/* What no reader takes, by an entry of its own, */
static const struct {
	const char *entry;
	const char *type;
} strangers[] = {
	{ "VisioDocument", "application/vnd.visio" },
	{ "Quill", "application/x-mspublisher" },
};

/* and by the class of its root. */
static const struct {
	guint8 class_id[16];
	const char *type;
} classes[] = {
	{ { 0x84, 0x10, 0x0C, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46 }, "application/x-msi" },
	{ { 0x86, 0x10, 0x0C, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46 }, "application/x-msi" },
};

static bool
ole_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	(void)item;
	return (size >= 8 && memcmp(head, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0) ||
	       g_str_equal(type, "application/encrypted");
}

/* MS-OFFCRYPTO section 2.3: a document of any kind, whole and encrypted. */
static void
encrypted_read(struct ole_read *read, guint stream)
{
	struct ole *ole = read->ole;
	struct item *item = read->item;
	const char *name = extract_part(item)->name;
	guint64 max = item->scan->limits->object;
	gsize info_size, size, from, length;

	/* Both streams are of this kind; one look is enough. */
	if (stream != ole_child(ole, read->storage, "EncryptedPackage")) {
		if (ole_child(ole, read->storage, "EncryptedPackage") == OLE_NONE)
			extract_set_encrypted(item, "Office document: password needed");
		return;
	}
	g_autofree guint8 *info =
	    ole_bytes(ole, ole_child(ole, read->storage, "EncryptionInfo"), INFO_MAX, &info_size);
	g_autofree guint8 *package = ole_bytes(ole, stream, (gsize)max, &size);
	if (info == NULL || package == NULL || ole_entry(ole, stream)->size > max ||
	    !office_crypt_package(item->scan, info, info_size, package, size, &from, &length)) {
		extract_set_encrypted(item, "Office document: password needed");
		return;
	}
	scan_detail(item->scan, item->part, OPENED);
	extract_member(item, *name != '\0' ? name : "document", "", package + from, length);
}

bool
ole_room(struct ole_read *read)
{
	struct scan *scan = read->item->scan;

	if (scan_late(scan)) {
		scan_outcome(scan, read->item->part, PART_TIMEOUT, "the time was over");
		return false;
	}
	if (read->text->len + read->hidden->len + read->urls->len <= scan->limits->text)
		return true;
	scan_outcome(scan, read->item->part, PART_OVER_LIMIT, "more text than is looked at");
	return false;
}

void
ole_broken(struct ole_read *read, const char *what)
{
	extract_part(read->item)->facts |= FACT_PART_MALFORMED;
	scan_outcome(read->item->scan, read->item->part, PART_BROKEN, "%s", what);
}

void
ole_add_url(struct ole_read *read, const char *url)
{
	gsize size = strlen(url);

	if (size == 0 || size > URL_MAX)
		return;
	g_string_append_len(read->urls, url, (gssize)size);
	g_string_append_c(read->urls, '\n');
}

/* The kind that was told by content takes the place of "some OLE file". */
static void
set_type(struct item *item, const char *type)
{
	struct part *part = extract_part(item);

	g_free(part->true_type);
	part->true_type = g_strdup(type);
	part->facts &= ~(guint)FACT_TYPE_MISMATCH;
	part->facts |= names_facts(part->name, part->declared_type, type);
	if (sniff_is_executable((const guint8 *)"", 0, type, part->name))
		part->facts |= FACT_EXECUTABLE;
}

/* "Equation Native, \x01Ole": what else is there, so that people can tell what it is. */
static char *
describe(const struct ole_read *read)
{
	GString *out = g_string_new(NULL);
	guint shown = 0;

	for (guint i = 0; i < ole_count(read->ole) && shown < NAMES_SHOWN; i++) {
		const struct ole_entry *entry = ole_entry(read->ole, i);
		if (!entry->used || entry->parent != read->storage)
			continue;
		g_string_append(out, shown++ > 0 ? ", " : "");
		for (const char *p = entry->name; *p != '\0'; p++)
			if (!g_ascii_iscntrl(*p))
				g_string_append_c(out, *p);
	}
	return g_string_free(out, FALSE);
}

bool
ole_is_document(const struct ole *ole, guint storage)
{
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (ole_child(ole, storage, kinds[i].stream) != OLE_NONE)
			return true;
	return false;
}

/* Nothing that is known was found in it. */
static void
read_unknown(struct ole_read *read)
{
	const struct ole_entry *root = ole_entry(read->ole, read->storage);
	struct scan *scan = read->item->scan;
	g_autofree char *names = describe(read);

	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++)
		if (memcmp(root->class_id, classes[i].class_id, 16) == 0)
			set_type(read->item, classes[i].type);
	for (gsize i = 0; i < G_N_ELEMENTS(strangers); i++)
		if (ole_child(read->ole, read->storage, strangers[i].entry) != OLE_NONE)
			set_type(read->item, strangers[i].type);
	/* A container of macros and nothing else was read. */
	if ((extract_part(read->item)->facts & FACT_MACRO) != 0)
		return;
	if (ole_child(read->ole, read->storage, "Equation Native") != OLE_NONE)
		scan_outcome(scan, read->item->part, PART_NO_TEXT, NULL);
	else
		scan_outcome(scan, read->item->part, PART_UNKNOWN_TYPE,
		    "an OLE file of no known kind: %s", *names != '\0' ? names : "empty");
}

static void
read_storage(struct item *item, struct ole *ole, guint storage)
{
	struct ole_read read = { .item = item,
		.ole = ole,
		.storage = storage,
		.text = g_string_new(NULL),
		.hidden = g_string_new(NULL),
		.urls = g_string_new(NULL) };
	bool known = false, message = false, package = false;

	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		guint stream = ole_child(ole, storage, kinds[i].stream);
		if (stream == OLE_NONE)
			continue;
		if (!known)
			set_type(item, kinds[i].type);
		known = true;
		message = message || kinds[i].read == ole_msg_read;
		kinds[i].read(&read, stream);
	}
	if (!message)
		ole_properties_read(&read);
	if (storage == OLE_ROOT)
		ole_macros_read(&read);
	if (!message)
		package = ole_objects_read(&read, known);
	if (!known && !package)
		read_unknown(&read);
	extract_add_text(item, extract_component(item), read.text, false);
	extract_add_text(item, extract_component(item), read.hidden, true);
	extract_add_text(item, COMPONENT_URLS, read.urls, false);
}

bool
ole_storage(struct ole_read *read, guint storage, const char *name)
{
	struct item *member = extract_begin_member(read->item, name, "");

	if (member == NULL)
		return false;
	set_type(member, "application/x-ole-storage");
	read_storage(member, read->ole, storage);
	extract_drop(member);
	return true;
}

static void
ole_file_read(struct item *item)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(ole) ole = ole_open(item->blob, item->scan->limits, &error);

	if (ole == NULL) {
		extract_part(item)->facts |= FACT_PART_MALFORMED;
		scan_outcome(item->scan, item->part, PART_BROKEN, "OLE file: %s", error->message);
		return;
	}
	/* A directory too long is the reason, not that nothing known was found in its beginning. */
	if (ole_is_over(ole))
		scan_outcome(
		    item->scan, item->part, PART_OVER_LIMIT, "OLE file: more than is looked at");
	read_storage(item, ole, OLE_ROOT);
	if (ole_problem(ole) != NULL || ole_is_odd(ole))
		extract_part(item)->facts |= FACT_PART_MALFORMED;
	if (ole_problem(ole) != NULL)
		scan_outcome(item->scan, item->part, PART_BROKEN, "OLE file: %s", ole_problem(ole));
	if (ole_is_over(ole))
		scan_outcome(
		    item->scan, item->part, PART_OVER_LIMIT, "OLE file: more than is looked at");
}

const struct extractor extract_ole = {
	.name = "ole",
	.takes = ole_takes,
	.wanted = G_MAXUINT64,
	.read = ole_file_read,
};
