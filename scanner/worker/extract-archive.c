/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-archive - archives and compressed files: every member becomes a part of its own, which
 * is sniffed, hashed and read like any other, archives in archives too.
 */
#include "worker/extract.h"

#include <string.h>

#include "worker/rar5.h"
#include "worker/unpack.h"

static const char *const single_types[] = { "application/gzip", "application/x-bzip2",
	"application/x-xz", "application/zstd", NULL };

static bool
archive_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	static const char *const types[] = { "application/zip", "application/java-archive",
		"application/vnd.android.package-archive", "application/x-rar",
		"application/x-7z-compressed", "application/x-tar",
		"application/vnd.ms-cab-compressed", "application/x-iso9660-image",
		"application/epub+zip", NULL };

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

static void
read_members(struct item *item, struct unpack *unpack, bool single)
{
	struct scan *scan = item->scan;

	for (guint64 n = 0;;) {
		enum unpack_result result = unpack_next(unpack);
		if (result == UNPACK_END)
			return;
		if (result == UNPACK_LOCKED) {
			extract_set_encrypted(item, "a password is needed even for names");
			return;
		}
		if (result == UNPACK_BROKEN) {
			scan_outcome(scan, item->part, PART_BROKEN, "%s", unpack_error(unpack));
			extract_part(item)->facts |= FACT_PART_MALFORMED;
			return;
		}
		if (++n > scan->limits->members) {
			extract_part(item)->facts |= FACT_ARCHIVE_BOMB;
			scan_outcome(
			    scan, item->part, PART_OVER_LIMIT, "more members than are looked at");
			return;
		}
		if (!unpack_is_file(unpack))
			continue;
		g_autofree char *name =
		    single ? inner_name(extract_part(item)->name) : g_strdup(unpack_name(unpack));
		if (!unpack_member(unpack, item, name))
			return;
	}
}

static void
members_read(struct item *item)
{
	struct part *part = extract_part(item);

	if (item->level >= item->scan->limits->depth) {
		part->facts |= FACT_ARCHIVE_TOO_DEEP;
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "nested too deep");
		return;
	}
	bool compressed = g_strv_contains(single_types, part->true_type), single = false;
	struct unpack *unpack = unpack_open(item, UNPACK_ARCHIVE);
	if (compressed && (unpack == NULL || unpack_is_empty(unpack))) {
		/* Two blocks of NUL bytes are an empty tar file, whatever stands behind them. */
		unpack_close(unpack);
		single = true;
		unpack = unpack_open(item, UNPACK_SINGLE);
	}
	if (unpack == NULL) {
		scan_outcome(item->scan, item->part, PART_BROKEN, "not readable as an archive");
		part->facts |= FACT_PART_MALFORMED;
		return;
	}
	if (rar5_is_encrypted(item->blob))
		extract_set_encrypted(item, "members that need a password");
	read_members(item, unpack, single);
	unpack_close(unpack);
}

const struct extractor extract_archive = {
	.name = "archive",
	.takes = archive_takes,
	.wanted = G_MAXUINT64,
	.read = members_read,
};
