/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-archive - archives and compressed files: every member becomes a part of its own, which
 * is sniffed, hashed and read like any other, archives in archives too.
 */
#include "worker/extract.h"

#include <locale.h>
#include <string.h>

#include "worker/rar5.h"
#include "worker/unpack.h"
#include "worker/zip.h"

static const char *const single_types[] = { "application/gzip", "application/x-bzip2",
	"application/x-xz", "application/zstd", "application/x-lz4", "application/x-lzma",
	"application/x-lzip", "application/x-compress", NULL };

static bool
archive_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	static const char *const types[] = { "application/zip", "application/java-archive",
		"application/vnd.android.package-archive", "application/x-rar",
		"application/x-7z-compressed", "application/x-tar",
		"application/vnd.ms-cab-compressed", "application/x-iso9660-image",
		"application/epub+zip", "application/x-archive",
		"application/vnd.debian.binary-package", "application/x-cpio",
		"application/x-lzh-compressed", "application/x-lha", "application/x-lharc", NULL };

	(void)item;
	(void)head;
	(void)size;
	return g_strv_contains(types, type) || g_strv_contains(single_types, type);
}

/* "a.txt.gz" holds "a.txt". */
static char *
inner_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && dot != name ? g_strndup(name, (gsize)(dot - name)) : g_strdup("data");
}

/* False when no more members can be had; the outcome says why. */
static bool
take(struct item *item, struct unpack *unpack, enum unpack_result result, guint64 n)
{
	struct scan *scan = item->scan;

	if (result == UNPACK_LOCKED) {
		extract_set_encrypted(item, "a password is needed even for names");
	} else if (result == UNPACK_BROKEN &&
		   (unpack_is_over(unpack) || unpack_wants_memory(unpack))) {
		scan_outcome(scan, item->part, PART_OVER_LIMIT, "%s", unpack_error(unpack));
		extract_part(item)->facts |= FACT_ARCHIVE_BOMB;
	} else if (result == UNPACK_BROKEN && !scan_late(scan)) {
		scan_outcome(scan, item->part, PART_BROKEN, "%s", unpack_error(unpack));
		extract_part(item)->facts |= FACT_PART_MALFORMED;
	} else if (result == UNPACK_MEMBER && n > scan->limits->members) {
		extract_part(item)->facts |= FACT_ARCHIVE_BOMB;
		scan_outcome(scan, item->part, PART_OVER_LIMIT, "more members than are looked at");
	} else if (result != UNPACK_END && scan_late(scan)) {
		scan_outcome(scan, item->part, PART_TIMEOUT, "the time was over");
	} else {
		return result == UNPACK_MEMBER;
	}
	return false;
}

/* most: members that are taken. */
static void
read_members(struct item *item, struct unpack *unpack, bool single, guint64 most)
{
	for (guint64 n = 0; n < most; n++) {
		if (!take(item, unpack, unpack_next(unpack), n + 1))
			return;
		if (!unpack_is_file(unpack))
			continue;
		g_autofree char *name =
		    single ? inner_name(extract_part(item)->name) : g_strdup(unpack_name(unpack));
		if (!unpack_member(unpack, item, name))
			return;
	}
}

/* What one of the two tables of contents of a ZIP says, and the other does not. */
static void
read_differences(struct item *item)
{
	struct zip_survey survey;

	zip_survey(item->blob, item->scan->limits->members, &survey);
	if (survey.differs || survey.overlaps)
		extract_part(item)->facts |= FACT_PART_MALFORMED;
	if (survey.overlaps) {
		extract_part(item)->facts |= FACT_ARCHIVE_BOMB;
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "members that share bytes");
	}
	for (guint i = 0; i < survey.names->len; i++) {
		g_autofree char *name = g_utf8_make_valid(survey.names->pdata[i], -1);
		gsize size = strlen(name);
		message_add_text(item->scan->message, COMPONENT_FILENAMES, NULL, item->part,
		    g_steal_pointer(&name), size);
	}
	if (survey.remarks->len > 0) {
		char *remarks = g_utf8_make_valid(survey.remarks->str, (gssize)survey.remarks->len);
		scan_add_text(
		    item->scan, extract_component(item), item->part, remarks, strlen(remarks));
	}
	if (survey.remarks_cut)
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT,
		    "more remarks on members than are looked at");
	for (guint i = 0; i < survey.n_strays; i++) {
		g_autoptr(unpack) unpack = unpack_open_stray(item, survey.strays[i]);
		if (unpack != NULL)
			read_members(item, unpack, false, 1);
	}
	if (survey.n_strays == ZIP_STRAYS_MAX)
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT,
		    "more members outside the directory than are looked at");
	zip_survey_clear(&survey);
}

static bool
is_too_deep(struct item *item)
{
	const struct limits *limits = item->scan->limits;

	if (item->level < limits->depth && item->scan->archives < limits->archives)
		return false;
	extract_part(item)->facts |= FACT_ARCHIVE_TOO_DEEP;
	scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "nested too deep");
	return true;
}

static void
members_read(struct item *item)
{
	struct part *part = extract_part(item);
	bool encrypted = false, single = false,
	     packed = g_strv_contains(single_types, part->true_type);

	if (is_too_deep(item))
		return;
	struct unpack *unpack = unpack_open(item, packed ? UNPACK_PACKED : UNPACK_ARCHIVE);
	if (packed && (unpack == NULL || unpack_is_empty(unpack))) {
		/* NUL bytes alone are taken for a tar file, whatever stands behind them. */
		unpack_close(unpack);
		single = true;
		unpack = unpack_open(item, UNPACK_SINGLE);
	}
	if (unpack == NULL) {
		scan_outcome(item->scan, item->part, PART_BROKEN, "not readable as an archive");
		part->facts |= FACT_PART_MALFORMED;
		return;
	}
	GByteArray *locks = rar5_locks(item->blob, &encrypted);
	if (locks != NULL)
		g_byte_array_unref(locks);
	if (encrypted)
		extract_set_encrypted(item, "members that need a password");
	item->scan->archives++;
	read_members(item, unpack, single, G_MAXUINT64);
	read_differences(item);
	item->scan->archives--;
	unpack_close(unpack);
}

/* Formats that others may stand in front of, and still be opened by those who know. */
static bool
has_archive_behind(const struct item *item)
{
	static const char *const marks[] = { "Rar!\x1A\x07", "7z\xBC\xAF\x27\x1C" };
	guint64 kept = blob_kept(item->blob);

	if (zip_is_behind(item->blob))
		return true;
	if ((extract_part(item)->facts & FACT_EXECUTABLE) == 0)
		return false;
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
		if (blob_contains(item->blob, 0, kept, marks[i], strlen(marks[i])))
			return true;
	return false;
}

void
extract_archive_behind(struct item *item)
{
	struct part *part = extract_part(item);

	if (item->reader == &extract_archive || item->reader == &extract_ooxml ||
	    blob_kept(item->blob) < blob_size(item->blob) || !has_archive_behind(item) ||
	    is_too_deep(item))
		return;
	if ((part->facts & FACT_EXECUTABLE) == 0)
		part->facts |= FACT_TYPE_MISMATCH;
	g_autoptr(unpack) unpack = unpack_open(item, UNPACK_BEHIND);
	if (unpack == NULL) /* the letters alone */
		return;
	item->scan->archives++;
	read_members(item, unpack, false, G_MAXUINT64);
	read_differences(item);
	item->scan->archives--;
}

/* Without it libarchive has no way to hand out a name that is not ASCII. */
static void
archive_set_up(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
}

const struct extractor extract_archive = {
	.name = "archive",
	.takes = archive_takes,
	.wanted = G_MAXUINT64,
	.read = members_read,
	.set_up = archive_set_up,
};
