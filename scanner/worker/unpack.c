/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpack - see unpack.h. Never writes a member anywhere: its name is data. */
#include "worker/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "base/text.h"
#include "worker/names.h"

#define BLOCK      (64 * 1024)
#define RATIO_FREE (10 * 1024 * 1024) /* bytes unpacked before the ratio counts */
#define NAME_BYTES 1024

struct unpack {
	struct archive *archive;
	struct archive_entry *entry; /* borrowed from archive */
	struct charset *charset;     /* borrowed */
	char *name;
	char *error;
	bool peeked; /* first is the answer of the next unpack_next */
	int first;
	guint64 packed;
	guint64 unpacked;
};

static void
add_formats(struct archive *archive, enum unpack_mode mode)
{
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_compress(archive);
	if (mode == UNPACK_SINGLE) {
		/* Safe here alone: the signature of a compressor was seen. */
		archive_read_support_format_raw(archive);
		return;
	}
	archive_read_support_format_zip(archive);
	archive_read_support_format_7zip(archive);
	archive_read_support_format_rar(archive);
	archive_read_support_format_rar5(archive);
	archive_read_support_format_tar(archive);
	archive_read_support_format_cab(archive);
	archive_read_support_format_iso9660(archive);
}

struct unpack *
unpack_open(const struct item *item, enum unpack_mode mode)
{
	struct archive *archive = archive_read_new();
	int done;

	if (archive == NULL)
		return NULL;
	add_formats(archive, mode);
	if (blob_fd(item->blob) >= 0) {
		lseek(blob_fd(item->blob), 0, SEEK_SET);
		done = archive_read_open_fd(archive, blob_fd(item->blob), BLOCK);
	} else {
		done = archive_read_open_memory(
		    archive, blob_data(item->blob), (size_t)blob_kept(item->blob));
	}
	if (done < ARCHIVE_WARN) {
		archive_read_free(archive);
		return NULL;
	}
	struct unpack *unpack = g_new0(struct unpack, 1);
	unpack->archive = archive;
	unpack->charset = item->scan->charset;
	unpack->packed = blob_size(item->blob);
	return unpack;
}

void
unpack_close(struct unpack *unpack)
{
	if (unpack == NULL)
		return;
	archive_read_free(unpack->archive);
	g_free(unpack->name);
	g_free(unpack->error);
	g_free(unpack);
}

static void
keep_error(struct unpack *unpack)
{
	const char *text = archive_error_string(unpack->archive);

	g_free(unpack->error);
	unpack->error = text_printable(text != NULL ? text : "broken", 120);
}

const char *
unpack_error(const struct unpack *unpack)
{
	return unpack->error != NULL ? unpack->error : "";
}

static char *
member_name(struct unpack *unpack)
{
	struct charset_result result;
	const char *utf8 = archive_entry_pathname_utf8(unpack->entry);
	const char *raw = utf8 != NULL ? utf8 : archive_entry_pathname(unpack->entry);

	if (raw == NULL)
		return g_strdup("");
	return charset_decode(unpack->charset, NULL, raw, strlen(raw), NAME_BYTES, &result);
}

static int
next_header(struct unpack *unpack)
{
	int done;

	do
		done = archive_read_next_header(unpack->archive, &unpack->entry);
	while (done == ARCHIVE_RETRY);
	return done;
}

bool
unpack_is_empty(struct unpack *unpack)
{
	unpack->first = next_header(unpack);
	unpack->peeked = true;
	return unpack->first == ARCHIVE_EOF;
}

enum unpack_result
unpack_next(struct unpack *unpack)
{
	int done = unpack->peeked ? unpack->first : next_header(unpack);

	unpack->peeked = false;
	if (done == ARCHIVE_EOF)
		return UNPACK_END;
	if (done == ARCHIVE_FATAL || done == ARCHIVE_FAILED) {
		keep_error(unpack);
		/* Safe: a format was recognised, or opening had failed. rar5 has but its text. */
		bool locked = archive_read_has_encrypted_entries(unpack->archive) == 1 ||
			      strstr(unpack->error, "ncrypt") != NULL;
		return locked ? UNPACK_LOCKED : UNPACK_BROKEN;
	}
	g_free(unpack->name);
	unpack->name = member_name(unpack);
	return UNPACK_MEMBER;
}

const char *
unpack_name(const struct unpack *unpack)
{
	return unpack->name;
}

bool
unpack_is_file(const struct unpack *unpack)
{
	return archive_entry_filetype(unpack->entry) == AE_IFREG ||
	       archive_entry_filetype(unpack->entry) == 0;
}

bool
unpack_is_encrypted(const struct unpack *unpack)
{
	return archive_entry_is_data_encrypted(unpack->entry) ||
	       archive_entry_is_metadata_encrypted(unpack->entry);
}

enum unpack_result
unpack_data(struct unpack *unpack, const guint8 **data, gsize *size)
{
	const void *block;
	la_int64_t offset;
	int done;

	do
		done = archive_read_data_block(unpack->archive, &block, size, &offset);
	while (done == ARCHIVE_RETRY);
	if (done == ARCHIVE_EOF)
		return UNPACK_END;
	if (done < ARCHIVE_WARN) {
		keep_error(unpack);
		return UNPACK_BROKEN;
	}
	*data = block;
	unpack->unpacked += *size;
	return UNPACK_MEMBER;
}

/* True when the archive has grown out of all proportion; it and the member say so. */
static bool
is_bomb(const struct unpack *unpack, const struct item *item, const struct item *member)
{
	struct scan *scan = item->scan;
	bool ratio = unpack->unpacked > RATIO_FREE &&
		     unpack->unpacked / MAX(unpack->packed, 1) > scan->limits->ratio;

	if (!ratio && scan->unpacked <= scan->limits->unpacked)
		return false;
	extract_part(item)->facts |= FACT_ARCHIVE_BOMB;
	scan_outcome(scan, item->part, PART_OVER_LIMIT, "unpacks to more than is looked at");
	scan_outcome(scan, member->part, PART_OVER_LIMIT, "unpacks to more than is looked at");
	return true;
}

/* False when the archive is not to be read on. */
static bool
read_member(struct unpack *unpack, struct item *item, struct item *member)
{
	const guint8 *data;
	gsize size;

	for (;;) {
		enum unpack_result result = unpack_data(unpack, &data, &size);
		if (result == UNPACK_BROKEN)
			scan_outcome(item->scan, member->part, PART_BROKEN, "%s", unpack->error);
		if (result != UNPACK_MEMBER)
			return true;
		bool more = extract_add(member, data, size);
		if (is_bomb(unpack, item, member))
			return false;
		if (!more) {
			scan_outcome(item->scan, item->part, extract_part(member)->outcome,
			    "not all members were read");
			return false;
		}
	}
}

bool
unpack_member(struct unpack *unpack, struct item *item, const char *name)
{
	struct scan *scan = item->scan;
	const struct part *around = extract_part(item);
	g_autofree char *path = g_strdup_printf("%s/%s", around->path, name);
	guint index = scan_add_part(scan, path, item->level + 1);

	if (index == TEXT_NO_PART) {
		scan_outcome(scan, item->part, PART_OVER_LIMIT, "more members than are looked at");
		return false;
	}
	struct part *part = scan_part(scan, index);
	part->attachment = true;
	g_free(part->name);
	part->name = g_strdup(names_base(name));
	message_add_text(
	    scan->message, COMPONENT_FILENAMES, NULL, index, g_strdup(name), strlen(name));
	struct item *member = extract_begin(scan, index, item->level + 1, false, NULL);
	bool more = true;
	if (unpack_is_encrypted(unpack)) {
		extract_set_encrypted(member, "a member that needs a password");
		extract_set_encrypted(item, "members that need a password");
		part->size = (guint64)MAX(archive_entry_size(unpack->entry), 0);
		part->facts |= names_facts(part->name, "", "");
		extract_drop(member);
	} else {
		more = read_member(unpack, item, member);
		extract_end(member);
	}
	return more;
}
