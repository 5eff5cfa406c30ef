/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_STORE_POWERCUT_DISK_H
#define FLAGPOST_TESTS_STORE_POWERCUT_DISK_H
/* powercut_disk - the part of powercut.h, which includes it, that makes a disk of notes. */

struct disk {
	GRand *chance;
	guint upto;
	GArray *synced;    /* of guint, for each file: the note of its last sync */
	GHashTable *names; /* path -> file, 0 for a folder */
	GPtrArray *bytes;  /* of GByteArray, for each file */
};

/* Where a note stands in for what it does to a name: the folder that holds it. */
static char *
folder_of_note(const struct note *note)
{
	return g_path_get_dirname(note->to != NULL ? note->to : note->path);
}

static bool
is_name(const struct note *note)
{
	return note->kind >= NOTE_NAMED;
}

/* Names come to the disk in their order: all up to the last whose folder was synced, and by chance
 * some more. */
static guint
last_name(const struct disk *disk)
{
	guint certain = 0, after = 0;

	for (guint i = 0; i < disk->upto; i++) {
		const struct note *sync = powercut.notes->pdata[i];
		if (sync->kind != NOTE_FOLDER_SYNC)
			continue;
		for (guint j = certain; j < i; j++) {
			const struct note *note = powercut.notes->pdata[j];
			if (!is_name(note))
				continue;
			g_autofree char *folder = folder_of_note(note);
			const char *synced = sync->path[0] != '\0' ? sync->path : "/";
			if (strcmp(folder, synced) == 0)
				certain = j + 1;
		}
	}
	for (guint i = certain; i < disk->upto; i++)
		after += is_name(powercut.notes->pdata[i]);
	guint more = after > 0 ? (guint)g_rand_int_range(disk->chance, 0, (gint32)after + 1) : 0;
	for (guint i = certain; i < disk->upto && more > 0; i++) {
		if (is_name(powercut.notes->pdata[i]) && --more == 0)
			return i + 1;
	}
	return certain;
}

static void
do_name(struct disk *disk, const struct note *note)
{
	gpointer file = GUINT_TO_POINTER(note->file);

	if (note->kind == NOTE_NAMED || note->kind == NOTE_FOLDER_MADE)
		g_hash_table_insert(disk->names, g_strdup(note->path), file);
	if (note->kind == NOTE_MOVED)
		g_hash_table_insert(
		    disk->names, g_strdup(note->to), g_hash_table_lookup(disk->names, note->path));
	if (note->kind == NOTE_GONE || note->kind == NOTE_MOVED)
		g_hash_table_remove(disk->names, note->path);
}

static void
zero_to(GByteArray *bytes, guint64 size)
{
	gsize before = bytes->len;

	g_byte_array_set_size(bytes, (guint)size);
	if (size > before)
		memset(bytes->data + before, 0, size - before);
}

/* Of a write that is torn the first half is there. */
static void
do_bytes(struct disk *disk, const struct note *note, bool whole)
{
	GByteArray *bytes = disk->bytes->pdata[note->file];
	gsize size = 0;

	if (note->kind == NOTE_CUT)
		zero_to(bytes, note->offset);
	if (note->kind == NOTE_HOLE && note->offset + note->length <= bytes->len)
		memset(bytes->data + note->offset, 0, note->length);
	if (note->kind != NOTE_WRITE)
		return;
	const guchar *data = g_bytes_get_data(note->bytes, &size);
	if (!whole)
		size = size / 2 / SECTOR * SECTOR;
	if (note->offset + size > bytes->len)
		zero_to(bytes, note->offset + size);
	if (size > 0)
		memcpy(bytes->data + note->offset, data, size);
}

static void
find_syncs(struct disk *disk)
{
	g_array_set_size(disk->synced, powercut.files + 1);
	for (guint i = 0; i <= powercut.files; i++)
		g_ptr_array_add(disk->bytes, g_byte_array_new());
	for (guint i = 0; i < disk->upto; i++) {
		const struct note *note = powercut.notes->pdata[i];
		if (note->kind == NOTE_SYNC)
			g_array_index(disk->synced, guint, note->file) = i;
	}
}

static gint
compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

static void
write_out(struct disk *disk, const char *folder)
{
	g_autoptr(GList) paths = g_list_sort(g_hash_table_get_keys(disk->names), compare_paths);

	for (GList *at = paths; at != NULL; at = at->next) {
		g_autofree char *path = g_strconcat(folder, at->data, NULL);
		guint file = GPOINTER_TO_UINT(g_hash_table_lookup(disk->names, at->data));
		g_autofree char *under = g_path_get_dirname(path);
		g_assert_true(io_make_folders(file == 0 ? path : under, 0700, NULL));
		if (file == 0)
			continue;
		const GByteArray *bytes = disk->bytes->pdata[file];
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		g_assert_cmpint(fd, >=, 0);
		g_assert_true(io_write_all(fd, bytes->data, bytes->len, NULL));
		io_close(&fd);
	}
}

static void
make_disk(const char *folder, guint upto, guint32 seed, bool killed)
{
	struct disk disk = { .upto = upto };

	disk.chance = g_rand_new_with_seed(seed);
	disk.synced = g_array_new(FALSE, TRUE, sizeof(guint));
	disk.names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	disk.bytes = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
	find_syncs(&disk);
	guint names = killed ? upto : last_name(&disk);
	for (guint i = 0; i < upto; i++) {
		const struct note *note = powercut.notes->pdata[i];
		if (is_name(note) && i < names)
			do_name(&disk, note);
		if (is_name(note) || note->file == 0)
			continue;
		bool certain = killed || i < g_array_index(disk.synced, guint, note->file);
		if (certain || g_rand_boolean(disk.chance))
			do_bytes(&disk, note, certain || g_rand_int_range(disk.chance, 0, 4) != 0);
	}
	write_out(&disk, folder);
	g_rand_free(disk.chance);
	g_array_unref(disk.synced);
	g_hash_table_unref(disk.names);
	g_ptr_array_unref(disk.bytes);
}

/* What folder, which must be empty, would hold had the power gone after upto notes. */
static inline void
powercut_disk(const char *folder, guint upto, guint32 seed)
{
	make_disk(folder, upto, seed, false);
}

/* The same had the process been killed there. */
static inline void
powercut_kill(const char *folder, guint upto)
{
	make_disk(folder, upto, 0, true);
}

#endif
