/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ole - see ole.h. Never follows a chain or a tree for longer than the file could hold it. */
#include "worker/ole.h"

#include <string.h>

#include "base/fault.h"
#include "worker/ole-text.h"

#define HEADER       512
#define DIFAT_HEADER 109 /* places in the header */
#define ENTRY        128
#define NAME_UNITS   31
#define SECTOR_MAX   0xFFFFFFFAu /* numbers above have meanings of their own */
#define SECTOR_FREE  0xFFFFFFFFu
#define MINI_CUTOFF  4096

/* MS-CFB section 2.6.1: types of entries. */
enum { ENTRY_STORAGE = 1, ENTRY_STREAM = 2, ENTRY_ROOT = 5 };

struct ole {
	const struct blob *blob;
	guint64 sectors; /* that the file has room for, the last one perhaps in part */
	guint shift;     /* of sectors: 9 or 12 */
	guint mini_shift;
	guint64 cutoff;   /* streams below it lie in the mini stream */
	GArray *fat;      /* of guint32 */
	GArray *mini_fat; /* of guint32 */
	guint8 *mini;     /* the mini stream */
	gsize mini_size;
	GArray *entries; /* of struct ole_entry */
	guint64 budget;  /* bytes that may still be read */
	const char *problem;
	bool over, odd;
};

/* Where an entry hangs in the tree, while it is walked. */
struct branch {
	guint32 index;
	guint parent;
};

guint16
ole_u16(const guint8 *data, gsize size, gsize at)
{
	if (at >= size || size - at < 2)
		return 0;
	return (guint16)(data[at] | (guint)data[at + 1] << 8);
}

guint32
ole_u32(const guint8 *data, gsize size, gsize at)
{
	if (at >= size || size - at < 4)
		return 0;
	return ole_u16(data, size, at) | (guint32)ole_u16(data, size, at + 2) << 16;
}

static void
clear_entry(void *data)
{
	g_free(((struct ole_entry *)data)->name);
}

/* The first problem stays: what follows from it tells less. */
static void
set_problem(struct ole *ole, const char *problem)
{
	if (ole->problem == NULL)
		ole->problem = problem;
}

/* Sectors that a table does not tell of most likely follow one another. */
static guint32
next_sector(struct ole *ole, const GArray *table, guint32 sector)
{
	if (sector < table->len)
		return g_array_index(table, guint32, sector);
	set_problem(ole, "its allocation table is not whole");
	return sector + 1;
}

/* Fills out from the chain; how much of it. Ends with size, which the file bounds. */
static gsize
read_chain(struct ole *ole, guint32 sector, guint8 *out, gsize size, guint32 *rest)
{
	gsize got = 0;

	while (got < size) {
		if (sector >= ole->sectors) {
			set_problem(ole, "a stream ends too early");
			break;
		}
		guint32 first = sector;
		guint64 run = 0;
		do {
			run += 1u << ole->shift;
			sector = next_sector(ole, ole->fat, sector);
		} while (run < size - got && sector == first + (run >> ole->shift));
		gsize wanted = (gsize)MIN(run, size - got);
		gsize n =
		    blob_read(ole->blob, ((guint64)first + 1) << ole->shift, out + got, wanted);
		got += n;
		if (n < wanted) {
			set_problem(ole, "the file is cut short");
			break;
		}
	}
	*rest = sector;
	return got;
}

static gsize
read_mini(struct ole *ole, guint32 sector, guint8 *out, gsize size, guint32 *rest)
{
	gsize got = 0;

	while (got < size) {
		guint64 at = (guint64)sector << ole->mini_shift;
		if (at >= ole->mini_size) {
			set_problem(ole, "a stream ends too early");
			break;
		}
		gsize n =
		    MIN(MIN(size - got, (gsize)1 << ole->mini_shift), ole->mini_size - (gsize)at);
		memcpy(out + got, ole->mini + at, n);
		got += n;
		sector = next_sector(ole, ole->mini_fat, sector);
	}
	*rest = sector;
	return got;
}

/*
 * Looks whether the chain of a stream comes to an end behind its size: one that is a loop gave
 * bytes that are not the stream's. Chains that are longer than needed are common.
 */
static void
check_rest(struct ole *ole, const GArray *table, guint32 sector)
{
	for (guint64 steps = 0; sector < table->len && ole->problem == NULL; steps++) {
		if (ole->budget < sizeof sector) {
			ole->over = true;
			return;
		}
		ole->budget -= sizeof sector;
		if (steps > table->len)
			set_problem(ole, "a chain of sectors is a loop");
		sector = g_array_index(table, guint32, sector);
	}
}

/* Sectors in a chain whose length nobody states; a loop ends it. */
static gsize
chain_length(struct ole *ole, guint32 sector)
{
	g_autofree guint8 *seen = g_try_malloc0((gsize)ole->sectors / 8 + 1);
	gsize n = 0;

	for (; seen != NULL && sector < ole->sectors; n++) {
		guint8 bit = (guint8)(1u << sector % 8);
		if ((seen[sector / 8] & bit) != 0) {
			set_problem(ole, "a chain of sectors is a loop");
			break;
		}
		seen[sector / 8] |= bit;
		sector = next_sector(ole, ole->fat, sector);
	}
	return n;
}

/* A whole chain; NULL when it is empty. */
static guint8 *
read_whole(struct ole *ole, guint32 sector, gsize *size)
{
	gsize wanted = chain_length(ole, sector) << ole->shift;
	guint8 *data = wanted > 0 ? g_try_malloc(wanted) : NULL;

	*size = 0;
	if (wanted > 0 && data == NULL)
		ole->over = true;
	if (data != NULL)
		*size = read_chain(ole, sector, data, wanted, &sector);
	return data;
}

/* One sector of the FAT; what cannot be read of it is taken as sectors in a row. */
static void
add_fat_sector(struct ole *ole, guint32 sector)
{
	guint8 data[1 << 12];
	gsize size = (gsize)1 << ole->shift, n = 0;

	if (sector < ole->sectors)
		n = blob_read(ole->blob, ((guint64)sector + 1) << ole->shift, data, size);
	if (n < size)
		set_problem(ole, "its allocation table is not whole");
	for (gsize at = 0; at < size; at += 4) {
		guint32 next = at + 4 <= n ? ole_u32(data, n, at) : ole->fat->len + 1;
		g_array_append_val(ole->fat, next);
	}
}

/* MS-CFB section 2.5: where the sectors of the FAT lie. */
static void
load_fat(struct ole *ole, const guint8 *header)
{
	guint8 data[1 << 12];
	gsize size = (gsize)1 << ole->shift;
	guint32 sector = ole_u32(header, HEADER, 0x44);

	for (guint i = 0; i < DIFAT_HEADER && ole->fat->len < ole->sectors; i++) {
		guint32 one = ole_u32(header, HEADER, 0x4C + 4 * i);
		if (one == SECTOR_FREE)
			break;
		add_fat_sector(ole, one);
	}
	/* As many sectors of it as can be of use; then a loop has ended, too. */
	guint64 most = ole->sectors / (size / 4) / (size / 4 - 1) + 2;
	for (guint64 n = 0; ole->fat->len < ole->sectors && n < most; n++) {
		if (sector >= ole->sectors ||
		    blob_read(ole->blob, ((guint64)sector + 1) << ole->shift, data, size) < size)
			break;
		for (gsize at = 0; at < size - 4 && ole->fat->len < ole->sectors; at += 4) {
			guint32 one = ole_u32(data, size, at);
			if (one != SECTOR_FREE)
				add_fat_sector(ole, one);
		}
		sector = ole_u32(data, size, size - 4);
	}
}

static void
load_mini(struct ole *ole, const guint8 *header)
{
	const struct ole_entry *root = &g_array_index(ole->entries, struct ole_entry, OLE_ROOT);
	gsize size = 0;
	g_autofree guint8 *data = read_whole(ole, ole_u32(header, HEADER, 0x3C), &size);
	gsize wanted = (gsize)MIN(root->size, ole->sectors << ole->shift);
	guint32 rest;

	for (gsize at = 0; at < size; at += 4) {
		guint32 next = ole_u32(data, size, at);
		g_array_append_val(ole->mini_fat, next);
	}
	if (wanted == 0)
		return;
	ole->mini = g_try_malloc(wanted);
	if (ole->mini == NULL)
		ole->over = true;
	else
		ole->mini_size = read_chain(ole, root->start, ole->mini, wanted, &rest);
}

/* Walks the tree from one branch on: whatever it reaches for the first time hangs there. */
static void
hang(struct ole *ole, const guint8 *directory, gsize size, guint32 index, guint parent)
{
	g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(struct branch));
	struct branch branch = { index, parent };

	g_array_append_val(stack, branch);
	while (stack->len > 0) {
		branch = g_array_index(stack, struct branch, stack->len - 1);
		g_array_set_size(stack, stack->len - 1);
		if (branch.index == SECTOR_FREE)
			continue;
		struct ole_entry *entry =
		    branch.index < ole->entries->len
			? &g_array_index(ole->entries, struct ole_entry, branch.index)
			: NULL;
		if (entry == NULL || !entry->used || entry->parent != OLE_NONE ||
		    branch.index == OLE_ROOT) {
			ole->odd = true;
			continue;
		}
		entry->parent = branch.parent;
		gsize at = (gsize)branch.index * ENTRY;
		struct branch more[] = { { ole_u32(directory, size, at + 72), branch.parent },
			{ ole_u32(directory, size, at + 68), branch.parent },
			{ ole_u32(directory, size, at + 76), branch.index } };
		g_array_append_vals(stack, more, entry->storage ? 3 : 2);
	}
}

static void
add_entry(struct ole *ole, const guint8 *place)
{
	struct ole_entry entry = { .parent = OLE_NONE };
	guint8 type = place[66];
	GString *name = g_string_new(NULL);
	gsize units = 0;

	while (units < NAME_UNITS && ole_u16(place, ENTRY, 2 * units) != 0)
		units++;
	ole_utf16(name, place, units);
	entry.name = g_string_free(name, FALSE);
	entry.used = type == ENTRY_STORAGE || type == ENTRY_STREAM || ole->entries->len == 0;
	entry.storage = type != ENTRY_STREAM;
	entry.start = ole_u32(place, ENTRY, 116);
	entry.size = ole_u32(place, ENTRY, 120);
	if (ole->shift > 9) /* version 3 leaves rubbish there */
		entry.size |= (guint64)ole_u32(place, ENTRY, 124) << 32;
	memcpy(entry.class_id, place + 80, sizeof entry.class_id);
	g_array_append_val(ole->entries, entry);
}

static bool
load_directory(struct ole *ole, const guint8 *header, const struct limits *limits)
{
	gsize size;
	g_autofree guint8 *data = read_whole(ole, ole_u32(header, HEADER, 0x30), &size);

	for (gsize at = 0; at + ENTRY <= size; at += ENTRY) {
		if (ole->entries->len >= limits->members) {
			ole->over = true;
			break;
		}
		add_entry(ole, data + at);
	}
	if (ole->entries->len == 0)
		return false;
	hang(ole, data, size, ole_u32(data, size, 76), OLE_ROOT);
	/* What hangs nowhere is there all the same; storages first, so that they keep their own. */
	for (guint pass = 0; pass < 2; pass++) {
		for (guint i = 1; i < ole->entries->len; i++) {
			const struct ole_entry *entry =
			    &g_array_index(ole->entries, struct ole_entry, i);
			if (!entry->used || entry->parent != OLE_NONE ||
			    (pass == 0 && !entry->storage))
				continue;
			ole->odd = true;
			hang(ole, data, size, i, OLE_ROOT);
		}
	}
	return true;
}

struct ole *
ole_open(const struct blob *blob, const struct limits *limits, GError **error)
{
	guint8 header[HEADER];
	struct ole *ole = g_new0(struct ole, 1);

	ole->blob = blob;
	ole->budget = limits->unpacked;
	ole->fat = g_array_new(FALSE, FALSE, sizeof(guint32));
	ole->mini_fat = g_array_new(FALSE, FALSE, sizeof(guint32));
	ole->entries = g_array_new(FALSE, TRUE, sizeof(struct ole_entry));
	g_array_set_clear_func(ole->entries, clear_entry);
	if (blob_read(blob, 0, header, sizeof header) < sizeof header) {
		g_set_error(error, FAULT, FAULT_DATA, "the file is cut short");
		ole_close(ole);
		return NULL;
	}
	ole->shift = ole_u16(header, HEADER, 0x1E);
	ole->mini_shift = ole_u16(header, HEADER, 0x20);
	ole->cutoff = ole_u32(header, HEADER, 0x38);
	if ((ole->shift != 9 && ole->shift != 12) || ole->mini_shift != 6) {
		g_set_error(error, FAULT, FAULT_DATA, "sectors of 2^%u and 2^%u bytes (MS-CFB 2.2)",
		    ole->shift, ole->mini_shift);
		ole_close(ole);
		return NULL;
	}
	guint64 kept = blob_kept(blob);
	ole->sectors = MIN((kept + (1u << ole->shift) - 1) >> ole->shift, SECTOR_MAX) - 1;
	if (kept < blob_size(blob))
		ole->over = true;
	ole->odd = ole->cutoff != MINI_CUTOFF;
	load_fat(ole, header);
	if (!load_directory(ole, header, limits)) {
		g_set_error(error, FAULT, FAULT_DATA, "no directory can be read (MS-CFB 2.6)");
		ole_close(ole);
		return NULL;
	}
	load_mini(ole, header);
	return ole;
}

void
ole_close(struct ole *ole)
{
	if (ole == NULL)
		return;
	g_array_unref(ole->fat);
	g_array_unref(ole->mini_fat);
	g_array_unref(ole->entries);
	g_free(ole->mini);
	g_free(ole);
}

guint
ole_count(const struct ole *ole)
{
	return ole->entries->len;
}

const struct ole_entry *
ole_entry(const struct ole *ole, guint index)
{
	return &g_array_index(ole->entries, struct ole_entry, index);
}

guint
ole_child(const struct ole *ole, guint storage, const char *name)
{
	for (guint i = 0; i < ole->entries->len; i++) {
		const struct ole_entry *entry = ole_entry(ole, i);
		if (entry->parent == storage && entry->used &&
		    g_ascii_strcasecmp(entry->name, name) == 0)
			return i;
	}
	return OLE_NONE;
}

guint8 *
ole_bytes(struct ole *ole, guint index, gsize max, gsize *size)
{
	*size = 0;
	if (index >= ole->entries->len)
		return NULL;
	const struct ole_entry *entry = ole_entry(ole, index);
	if (!entry->used || entry->storage)
		return NULL;
	bool mini = entry->size < ole->cutoff;
	guint64 room = mini ? ole->mini_size : ole->sectors << ole->shift;
	if (entry->size > room)
		set_problem(ole, "a stream ends too early");
	gsize wanted = (gsize)MIN(MIN(entry->size, room), max);
	guint8 *data = wanted <= ole->budget ? g_try_malloc(wanted + 2) : NULL;
	if (data == NULL) {
		ole->over = true;
		return NULL;
	}
	ole->budget -= wanted;
	ole->over = ole->over || max < MIN(entry->size, room);
	guint32 rest;
	*size = mini ? read_mini(ole, entry->start, data, wanted, &rest)
		     : read_chain(ole, entry->start, data, wanted, &rest);
	if (wanted == entry->size && wanted > 0)
		check_rest(ole, mini ? ole->mini_fat : ole->fat, rest);
	data[*size] = data[*size + 1] = 0;
	return data;
}

const char *
ole_problem(const struct ole *ole)
{
	return ole->problem;
}

bool
ole_is_over(const struct ole *ole)
{
	return ole->over;
}

bool
ole_is_odd(const struct ole *ole)
{
	return ole->odd;
}
