/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zip - see zip.h. Unpacks nothing, and never follows an offset out of the blob. */
#include "worker/zip.h"

#include <string.h>

#define END_BYTES     22
#define COMMENT_MAX   65535
#define REMARKS_MAX   (256 * 1024) /* of all remarks in an archive */
#define ENTRY_BYTES   46
#define HEADER_BYTES  30
#define WINDOW        (64 * 1024)
#define FLAG_LOCKED   0x0001
#define FLAG_SIZES    0x0008 /* sizes stand behind the data */
#define FLAGS_ALIKE   (FLAG_LOCKED | 0x0040 | 0x2000)
#define SIZE_IN_EXTRA 0xFFFFFFFFu

struct end {
	guint64 directory; /* offset in the blob */
	guint64 shift;     /* bytes in front of the archive, which its offsets do not count */
	guint64 size;      /* of the directory */
};

struct extent {
	guint64 from, to;
};

struct survey {
	const struct blob *blob;
	struct zip_survey *out;
	guint64 shift;
	GArray *extents;   /* of struct extent, of members that the directory names */
	GHashTable *names; /* char *, as they stand there */
};

static guint64
number(const guint8 *at, guint n)
{
	guint64 value = 0;

	while (n-- > 0)
		value = value << 8 | at[n];
	return value;
}

/* The record at the end, which may be followed by a comment of any text. */
static bool
find_end(const struct blob *blob, struct end *end)
{
	guint64 kept = blob_kept(blob);
	gsize size = (gsize)MIN(kept, END_BYTES + COMMENT_MAX);
	g_autofree guint8 *tail = g_malloc(size + 1);

	if (size < END_BYTES || blob_read(blob, kept - size, tail, size) != size)
		return false;
	for (gsize at = size - END_BYTES + 1; at-- > 0;) {
		guint8 mark[4];
		if (memcmp(tail + at, "PK\x05\x06", 4) != 0)
			continue;
		guint64 here = kept - size + at;
		guint64 length = number(tail + at + 12, 4), said = number(tail + at + 16, 4);
		if (length > here || length == 0 || said > here - length)
			continue;
		end->size = length;
		end->directory = here - length;
		end->shift = end->directory - said;
		if (blob_read(blob, end->directory, mark, 4) == 4 &&
		    memcmp(mark, "PK\x01\x02", 4) == 0)
			return true;
	}
	return false;
}

bool
zip_is_behind(const struct blob *blob)
{
	struct end end;

	return find_end(blob, &end);
}

/* Compares a header with its entry in the directory; fills in what the member covers. */
static bool
is_alike(const struct survey *survey, const guint8 *entry, const char *name, struct extent *extent)
{
	guint8 header[HEADER_BYTES];
	guint64 at = number(entry + 42, 4) + survey->shift;
	guint64 packed = number(entry + 20, 4);
	gsize name_size = (gsize)number(entry + 28, 2);

	if (blob_read(survey->blob, at, header, sizeof header) != sizeof header ||
	    memcmp(header, "PK\x03\x04", 4) != 0)
		return false;
	guint flags = (guint)number(header + 6, 2);
	extent->from = at;
	extent->to = at + HEADER_BYTES + number(header + 26, 2) + number(header + 28, 2) + packed;
	if (((flags ^ (guint)number(entry + 8, 2)) & FLAGS_ALIKE) != 0 ||
	    memcmp(header + 8, entry + 10, 2) != 0 || number(header + 26, 2) != name_size)
		return false;
	g_autofree char *local = g_malloc(name_size + 1);
	if (blob_read(survey->blob, at + HEADER_BYTES, local, name_size) != name_size ||
	    memcmp(local, name, name_size) != 0)
		return false;
	bool told = (flags & FLAG_SIZES) == 0 && number(header + 18, 4) != SIZE_IN_EXTRA;
	return !told || memcmp(header + 14, entry + 16, 12) == 0;
}

/* What is written beside an archive or a member, and shown by programs that open it. */
static void
read_remark(struct survey *survey, guint64 at, gsize size)
{
	GString *out = survey->out->remarks;
	g_autofree char *remark = g_malloc(size + 1);

	survey->out->remarks_cut |= out->len + size > REMARKS_MAX;
	if (size == 0 || survey->out->remarks_cut ||
	    blob_read(survey->blob, at, remark, size) != size)
		return;
	g_string_append_len(out, remark, (gssize)size);
	g_string_append_c(out, '\n');
}

/* One entry of the directory; the bytes that it takes, or 0 when it is none. */
static guint64
read_entry(struct survey *survey, guint64 at, guint64 end)
{
	guint8 entry[ENTRY_BYTES];

	if (blob_read(survey->blob, at, entry, sizeof entry) != sizeof entry ||
	    memcmp(entry, "PK\x01\x02", 4) != 0)
		return 0;
	gsize size = (gsize)number(entry + 28, 2);
	guint64 all = ENTRY_BYTES + size + number(entry + 30, 2) + number(entry + 32, 2);
	char *name = g_malloc(size + 1);
	name[size] = '\0';
	if (all > end - at || blob_read(survey->blob, at + ENTRY_BYTES, name, size) != size) {
		g_free(name);
		return 0;
	}
	read_remark(survey, at + all - number(entry + 32, 2), (gsize)number(entry + 32, 2));
	struct extent extent = { 0, 0 };
	/* Of larger archives than 4G the numbers stand elsewhere; no mail carries one. */
	bool alike = is_alike(survey, entry, name, &extent);
	if (!alike && survey->out->names->len < ZIP_STRAYS_MAX)
		g_ptr_array_add(survey->out->names, g_strdup(name));
	if (!alike || strlen(name) != size || g_hash_table_contains(survey->names, name))
		survey->out->differs = true;
	if (extent.to > 0)
		g_array_append_val(survey->extents, extent);
	g_hash_table_add(survey->names, name);
	return all;
}

static gint
compare_extents(gconstpointer a, gconstpointer b)
{
	const struct extent *left = a, *right = b;

	return (left->from > right->from) - (left->from < right->from);
}

void
zip_survey_clear(struct zip_survey *survey)
{
	g_clear_pointer(&survey->names, g_ptr_array_unref);
	if (survey->remarks != NULL)
		g_string_free(survey->remarks, TRUE);
	survey->remarks = NULL;
}

/* Code and pictures hold the four letters by chance; a header is more than that. */
static bool
is_header(const guint8 *at, gsize size)
{
	guint64 method, name;

	if (size < HEADER_BYTES)
		return false;
	method = number(at + 8, 2);
	name = number(at + 26, 2);
	return at[4] <= 63 && method < 100 && name > 0 && name <= 4096;
}

/* Headers between what the directory covers. */
static void
find_strays(struct survey *survey, guint64 from, guint64 to)
{
	guint8 window[WINDOW];
	struct zip_survey *out = survey->out;

	/* Once the list is full the rest cannot change what is said of the archive. */
	while (out->n_strays < ZIP_STRAYS_MAX && to > from && to - from >= HEADER_BYTES) {
		gsize n =
		    blob_read(survey->blob, from, window, (gsize)MIN(to - from, sizeof window));
		if (n < HEADER_BYTES)
			return;
		for (const guint8 *at = window;
		     (at = memmem(at, (gsize)(window + n - at), "PK\x03\x04", 4)) != NULL; at++) {
			guint64 place = from + (guint64)(at - window);
			guint8 header[HEADER_BYTES];
			gsize here = (gsize)(window + n - at);
			/* Mostly in the window: no read for each of a million false ones. */
			if (here >= sizeof header)
				memcpy(header, at, sizeof header);
			else
				here = blob_read(survey->blob, place, header, sizeof header);
			if (!is_header(header, MIN(here, sizeof header)))
				continue;
			out->differs = true;
			out->strays[out->n_strays++] = place;
			if (out->n_strays == ZIP_STRAYS_MAX)
				return;
		}
		from += n > 3 && to - from > n ? n - 3 : n;
	}
}

static void
look_between(struct survey *survey, guint64 directory)
{
	guint64 at = 0;

	g_array_sort(survey->extents, compare_extents);
	for (guint i = 0; i < survey->extents->len; i++) {
		const struct extent *extent = &g_array_index(survey->extents, struct extent, i);
		if (extent->from < at)
			survey->out->overlaps = true;
		find_strays(survey, at, extent->from);
		at = MAX(at, extent->to);
	}
	if (at > directory)
		survey->out->overlaps = true;
	find_strays(survey, at, directory);
}

void
zip_survey(const struct blob *blob, guint64 limit, struct zip_survey *out)
{
	struct survey survey = { .blob = blob, .out = out };
	struct end end;

	memset(out, 0, sizeof *out);
	out->names = g_ptr_array_new_with_free_func(g_free);
	out->remarks = g_string_new(NULL);
	if (!find_end(blob, &end))
		return;
	out->directory = true;
	survey.shift = end.shift;
	survey.extents = g_array_new(FALSE, FALSE, sizeof(struct extent));
	survey.names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	guint64 at = end.directory;
	for (guint64 n = 0; at < end.directory + end.size && n < limit; n++) {
		guint64 taken = read_entry(&survey, at, end.directory + end.size);
		if (taken == 0) {
			out->differs = true;
			break;
		}
		at += taken;
	}
	guint64 behind = end.directory + end.size + END_BYTES, kept = blob_kept(blob);
	if (behind < kept)
		read_remark(&survey, behind, (gsize)MIN(kept - behind, COMMENT_MAX));
	look_between(&survey, end.directory);
	g_array_unref(survey.extents);
	g_hash_table_unref(survey.names);
}
