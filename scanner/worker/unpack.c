/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpack - see unpack.h. Never writes a member anywhere: its name is data. */
#include "worker/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "worker/names.h"
#include "worker/rar5.h"

#define BLOCK      (64 * 1024)
#define RATIO_FREE (10 * 1024 * 1024) /* bytes unpacked before the ratio counts */
#define NAME_BYTES 1024

struct unpack {
	const struct blob *blob;
	guint64 base, at;  /* for strays: where the bytes begin, and how far they were given */
	GByteArray *locks; /* of rar5_locks, or NULL */
	guint index;       /* of the member at hand, from 1 */
	guint64 filled;    /* bytes of it that were given */
	guint64 hole_end;  /* up to where there are none in the archive */
	const guint8 *block;
	gsize held; /* bytes of block that are still to give */
	struct archive *archive;
	struct archive *packing;     /* of UNPACK_PACKED: gives archive its bytes, or NULL */
	struct scan *scan;           /* borrowed */
	guint64 through;             /* bytes that packing gave */
	bool over;                   /* that was more than the limits let through */
	struct archive_entry *entry; /* borrowed from archive */
	struct charset *charset;     /* borrowed */
	char *name;
	bool cut; /* name is not all of it */
	char *error;
	bool peeked; /* first is the answer of the next unpack_next */
	int first;
	guint8 *buffer; /* for strays, or NULL */
	guint64 packed;
	guint64 unpacked;
};

static void
add_filters(struct archive *archive)
{
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_lzip(archive);
	archive_read_support_filter_lz4(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_compress(archive);
}

/* What is compressed as a whole; the others compress, lock or hide something of their own. */
static void
add_streams(struct archive *archive)
{
	archive_read_support_format_tar(archive);
	/* As tar -i: what stands behind the end mark is read as well. */
	archive_read_set_option(archive, "tar", "read_concatenated_archives", "1");
	archive_read_support_format_cpio(archive);
}

static void
add_formats(struct archive *archive)
{
	archive_read_support_format_zip(archive);
	archive_read_support_format_7zip(archive);
	archive_read_support_format_rar(archive);
	archive_read_support_format_rar5(archive);
	add_streams(archive);
	archive_read_support_format_cab(archive);
	archive_read_support_format_iso9660(archive);
	archive_read_support_format_ar(archive);
	archive_read_support_format_lha(archive);
}

static void
add_mode(struct archive *archive, enum unpack_mode mode)
{
	switch (mode) {
	case UNPACK_BEHIND:
		archive_read_support_format_zip_seekable(archive);
		archive_read_support_format_7zip(archive);
		archive_read_support_format_rar(archive);
		archive_read_support_format_rar5(archive);
		break;
	case UNPACK_SINGLE:
		/* Safe here alone: the signature of a compressor was seen. */
		add_filters(archive);
		archive_read_support_format_raw(archive);
		break;
	case UNPACK_ARCHIVE:
		add_filters(archive);
		add_formats(archive);
		break;
	case UNPACK_PACKED:
		add_streams(archive); /* what it is packed with has an archive of its own */
		break;
	}
}

static la_ssize_t
give_bytes(struct archive *archive, void *data, const void **bytes)
{
	struct unpack *unpack = data;

	(void)archive;
	gsize n = blob_read(unpack->blob, unpack->base + unpack->at, unpack->buffer, BLOCK);
	unpack->at += n;
	*bytes = unpack->buffer;
	return (la_ssize_t)n;
}

/* The bytes of a compressed file, each of them counted. */
static la_ssize_t
give_unpacked(struct archive *archive, void *data, const void **bytes)
{
	struct unpack *unpack = data;
	const struct limits *limits = unpack->scan->limits;
	la_int64_t offset;
	size_t size = 0;
	int done;

	do
		done = archive_read_data_block(unpack->packing, bytes, &size, &offset);
	while (done == ARCHIVE_RETRY || (done == ARCHIVE_OK && size == 0));
	if (done == ARCHIVE_EOF)
		return 0;
	if (done < ARCHIVE_WARN) {
		const char *text = archive_error_string(unpack->packing);
		archive_set_error(
		    archive, archive_errno(unpack->packing), "%s", text != NULL ? text : "broken");
		return -1;
	}
	unpack->through += size;
	unpack->over = unpack->through > limits->unpacked ||
		       (unpack->through > RATIO_FREE &&
			   unpack->through / MAX(unpack->packed, 1) > limits->ratio);
	if (!unpack->over && !scan_late(unpack->scan))
		return (la_ssize_t)size;
	archive_set_error(archive, E2BIG, "unpacks to more than is looked at");
	return -1;
}

static struct unpack *
unpack_new(const struct item *item)
{
	struct archive *archive = archive_read_new();

	if (archive == NULL)
		return NULL;
	struct unpack *unpack = g_new0(struct unpack, 1);
	unpack->archive = archive;
	unpack->blob = item->blob;
	unpack->scan = item->scan;
	unpack->charset = item->scan->charset;
	unpack->packed = blob_size(item->blob);
	return unpack;
}

static int
open_blob(struct archive *archive, const struct blob *blob)
{
	if (blob_fd(blob) < 0)
		return archive_read_open_memory(archive, blob_data(blob), (size_t)blob_kept(blob));
	lseek(blob_fd(blob), 0, SEEK_SET);
	return archive_read_open_fd(archive, blob_fd(blob), BLOCK);
}

static int
open_bytes(struct unpack *unpack, enum unpack_mode mode)
{
	struct archive_entry *all;

	if (mode != UNPACK_PACKED)
		return open_blob(unpack->archive, unpack->blob);
	unpack->packing = archive_read_new();
	if (unpack->packing == NULL)
		return ARCHIVE_FATAL;
	add_mode(unpack->packing, UNPACK_SINGLE);
	int done = open_blob(unpack->packing, unpack->blob);
	if (done >= ARCHIVE_WARN)
		done = archive_read_next_header(unpack->packing, &all);
	if (done >= ARCHIVE_WARN && done != ARCHIVE_EOF)
		return archive_read_open(unpack->archive, unpack, NULL, give_unpacked, NULL);
	const char *text = archive_error_string(unpack->packing);
	archive_set_error(
	    unpack->archive, archive_errno(unpack->packing), "%s", text != NULL ? text : "broken");
	return ARCHIVE_FATAL;
}

/* "Write error" is all that it says of a full disk. */
char *
unpack_why(struct archive *archive)
{
	const char *text = archive_error_string(archive);
	int number = archive_errno(archive);

	if (text == NULL)
		return g_strdup("an error without a name");
	return number > 0 && strcmp(text, "Write error") == 0
		   ? g_strdup_printf("%s: %s", text, g_strerror(number))
		   : g_strdup(text);
}

static void
keep_error(struct unpack *unpack)
{
	const char *text = archive_error_string(unpack->archive);

	g_free(unpack->error);
	unpack->error = text_printable(text != NULL ? text : "broken", 120);
}

bool
unpack_wants_memory(const struct unpack *unpack)
{
	static const char *const words[] = { "allocate", "emory", "ictionary", "window size" };

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (strstr(unpack_error(unpack), words[i]) != NULL)
			return true;
	return archive_errno(unpack->archive) == ENOMEM;
}

bool
unpack_is_over(const struct unpack *unpack)
{
	return unpack->over;
}

struct unpack *
unpack_open(const struct item *item, enum unpack_mode mode)
{
	struct unpack *unpack = unpack_new(item);
	bool encrypted;

	if (unpack == NULL)
		return NULL;
	add_mode(unpack->archive, mode);
	if (open_bytes(unpack, mode) < ARCHIVE_WARN) {
		keep_error(unpack);
		if (!unpack_wants_memory(unpack)) {
			unpack_close(unpack);
			return NULL;
		}
		/* Known for what it is, and not opened: the first member is the fault. */
		unpack->peeked = true;
		unpack->first = ARCHIVE_FATAL;
		return unpack;
	}
	/* As raw bytes go, a signature alone would come back as its own content. */
	if (mode == UNPACK_SINGLE && archive_filter_count(unpack->archive) < 2) {
		unpack_close(unpack);
		return NULL;
	}
	if (mode == UNPACK_ARCHIVE)
		unpack->locks = rar5_locks(item->blob, &encrypted);
	return unpack;
}

struct unpack *
unpack_open_stray(const struct item *item, guint64 offset)
{
	struct unpack *unpack = unpack_new(item);

	if (unpack == NULL)
		return NULL;
	unpack->base = offset;
	unpack->buffer = g_malloc(BLOCK);
	archive_read_support_format_zip_streamable(unpack->archive);
	if (archive_read_open(unpack->archive, unpack, NULL, give_bytes, NULL) < ARCHIVE_WARN) {
		unpack_close(unpack);
		return NULL;
	}
	return unpack;
}

void
unpack_close(struct unpack *unpack)
{
	if (unpack == NULL)
		return;
	archive_read_free(unpack->archive);
	if (unpack->packing != NULL)
		archive_read_free(unpack->packing);
	g_free(unpack->name);
	g_free(unpack->error);
	g_free(unpack->buffer);
	if (unpack->locks != NULL)
		g_byte_array_unref(unpack->locks);
	g_free(unpack);
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

	unpack->cut = false;
	if (raw == NULL)
		return g_strdup("");
	char *name = charset_decode(unpack->charset, NULL, raw, strlen(raw), NAME_BYTES, &result);
	unpack->cut = result.cut;
	return name;
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
	if (!unpack->peeked)
		unpack->first = next_header(unpack);
	unpack->peeked = true;
	return unpack->first == ARCHIVE_EOF || unpack->first == ARCHIVE_FATAL ||
	       unpack->first == ARCHIVE_FAILED || unpack->over;
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
	unpack->index++;
	unpack->filled = 0;
	unpack->hole_end = 0;
	unpack->held = 0;
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
	if (unpack->locks != NULL && unpack->index <= unpack->locks->len &&
	    unpack->locks->data[unpack->index - 1] != 0)
		return true;
	return archive_entry_is_data_encrypted(unpack->entry) ||
	       archive_entry_is_metadata_encrypted(unpack->entry);
}

enum unpack_result
unpack_data(struct unpack *unpack, const guint8 **data, gsize *size)
{
	static const guint8 zeros[BLOCK];
	int done = ARCHIVE_OK;

	if (unpack->held == 0) {
		const void *block;
		la_int64_t offset = 0;
		do
			done = archive_read_data_block(
			    unpack->archive, &block, &unpack->held, &offset);
		while (done == ARCHIVE_RETRY);
		if (done != ARCHIVE_EOF && done < ARCHIVE_WARN) {
			keep_error(unpack);
			return UNPACK_BROKEN;
		}
		if (done == ARCHIVE_EOF)
			return UNPACK_END;
		unpack->block = block;
		unpack->hole_end = (guint64)MAX(offset, 0);
	}
	if (unpack->filled < unpack->hole_end) {
		/* What a sparse file leaves out is nothing but zeros, and is its content all the
		 * same. */
		*data = zeros;
		*size = (gsize)MIN(unpack->hole_end - unpack->filled, sizeof zeros);
	} else {
		*data = unpack->block;
		*size = unpack->held;
		unpack->held = 0;
	}
	unpack->filled += *size;
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

static enum part_outcome
fault(const struct unpack *unpack)
{
	if (unpack->over || unpack_wants_memory(unpack))
		return PART_OVER_LIMIT;
	return scan_late(unpack->scan) ? PART_TIMEOUT : PART_BROKEN;
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
			scan_outcome(item->scan, member->part, fault(unpack), "%s", unpack->error);
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

/* A name that would leave the folder it is unpacked to. */
static bool
is_astray(const char *name)
{
	g_auto(GStrv) steps = g_strsplit_set(name, "/\\", -1);

	if (*name == '/' || *name == '\\' || (g_ascii_isalpha(name[0]) && name[1] == ':'))
		return true;
	for (guint i = 0; steps[i] != NULL; i++)
		if (strcmp(steps[i], "..") == 0)
			return true;
	return false;
}

bool
unpack_member(struct unpack *unpack, struct item *item, const char *name)
{
	struct item *member = extract_begin_member(item, name, "");
	bool more = true;

	if (member == NULL)
		return false;
	struct part *part = extract_part(member);
	guint index = member->part;
	if (is_astray(name))
		part->facts |= FACT_DISGUISED_NAME;
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
	if (unpack->cut)
		scan_outcome(item->scan, index, PART_OVER_LIMIT, "a name longer than is looked at");
	return more;
}
