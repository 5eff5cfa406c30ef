/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_STORE_POWERCUT_H
#define FLAGPOST_TESTS_STORE_POWERCUT_H
/*
 * powercut - what a disk holds after the power went at any moment.
 *
 * Stands between this program, SQLite included, and the C library: whatever is done to files under
 * one folder is done, and noted. powercut_disk then makes a folder of what would be there had the
 * power gone after so many notes: bytes are there for certain when their file was synced after
 * them, names when their folder was; of the rest some are, some are not, and some in part. Names
 * come to be in their order, as a file system with a journal has it. Files that another process
 * maps (SQLite's -shm) are no part of it: they are made anew.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <glib.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/io.h"

#define POWERCUT_FILES 1024
#define SECTOR         512

enum note_kind {
	NOTE_WRITE,
	NOTE_CUT,
	NOTE_SYNC,
	NOTE_HOLE,
	NOTE_FOLDER_SYNC,
	NOTE_NAMED,
	NOTE_GONE,
	NOTE_MOVED,
	NOTE_FOLDER_MADE,
};

struct note {
	enum note_kind kind;
	guint file;      /* of WRITE, CUT, SYNC, HOLE, NAMED */
	guint64 offset;  /* of WRITE, HOLE; the length of CUT */
	GBytes *bytes;   /* of WRITE */
	guint64 length;  /* of HOLE */
	char *path, *to; /* below the folder */
};

struct powercut {
	char *root; /* NULL: nothing is noted */
	GPtrArray *notes;
	GHashTable *names;          /* path -> file */
	char *open[POWERCUT_FILES]; /* fd -> path of what lies under root */
	guint file[POWERCUT_FILES];
	guint files;
};

/* The one of this program: the functions below have no other way to it. */
static struct powercut powercut;

static void
note_free(gpointer data)
{
	struct note *note = data;

	g_clear_pointer(&note->bytes, g_bytes_unref);
	g_free(note->path);
	g_free(note->to);
	g_free(note);
}

static inline void
powercut_begin(const char *root)
{
	powercut.notes = g_ptr_array_new_with_free_func(note_free);
	powercut.names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	powercut.root = g_strdup(root);
	powercut.files = 0;
}

/* Nothing more is noted. */
static inline void
powercut_stop(void)
{
	g_clear_pointer(&powercut.root, g_free);
	for (guint i = 0; i < POWERCUT_FILES; i++)
		g_clear_pointer(&powercut.open[i], g_free);
}

static inline void
powercut_end(void)
{
	powercut_stop();
	g_ptr_array_unref(powercut.notes);
	g_hash_table_unref(powercut.names);
}

/* --- noting --- */

/* The rest of a path under the root, or NULL. */
static const char *
below(const char *path)
{
	gsize length = powercut.root != NULL ? strlen(powercut.root) : 0;

	if (length == 0 || strncmp(path, powercut.root, length) != 0)
		return NULL;
	if (path[length] != '/' && path[length] != '\0')
		return NULL;
	return g_str_has_suffix(path, "-shm") ? NULL : path + length;
}

static struct note *
add_note(enum note_kind kind)
{
	struct note *note = g_new0(struct note, 1);

	note->kind = kind;
	g_ptr_array_add(powercut.notes, note);
	return note;
}

static void
note_opened(int fd, const char *path, int flags)
{
	struct stat st;
	gpointer file;

	if (fd < 0 || fd >= POWERCUT_FILES || below(path) == NULL)
		return;
	g_free(powercut.open[fd]);
	powercut.open[fd] = g_strdup(below(path));
	powercut.file[fd] = 0;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return;
	if (!g_hash_table_lookup_extended(powercut.names, below(path), NULL, &file)) {
		struct note *note = add_note(NOTE_NAMED);
		file = GUINT_TO_POINTER(++powercut.files);
		note->file = powercut.files;
		note->path = g_strdup(below(path));
		g_hash_table_insert(powercut.names, g_strdup(below(path)), file);
	}
	powercut.file[fd] = GPOINTER_TO_UINT(file);
	if ((flags & O_TRUNC) != 0)
		add_note(NOTE_CUT)->file = powercut.file[fd];
}

static bool
is_noted(int fd)
{
	return powercut.root != NULL && fd >= 0 && fd < POWERCUT_FILES && powercut.open[fd] != NULL;
}

static void
note_write(int fd, const void *data, ssize_t size, guint64 offset)
{
	if (!is_noted(fd) || size <= 0)
		return;
	struct note *note = add_note(NOTE_WRITE);
	note->file = powercut.file[fd];
	note->offset = offset;
	note->bytes = g_bytes_new(data, (gsize)size);
}

static void
note_sync(int fd)
{
	if (!is_noted(fd))
		return;
	struct note *note = add_note(powercut.file[fd] != 0 ? NOTE_SYNC : NOTE_FOLDER_SYNC);
	note->file = powercut.file[fd];
	note->path = g_strdup(powercut.open[fd]);
}

/* --- in the place of the C library's --- */

#define REAL(name, ...)                                                                            \
	static int (*real)(__VA_ARGS__);                                                           \
	if (real == NULL)                                                                          \
	*(void **)&real = dlsym(RTLD_NEXT, name)

#define OPENS(function, name)                                                                      \
	int function(const char *path, int flags, ...) __asm__(name);                              \
	int function(const char *path, int flags, ...)                                             \
	{                                                                                          \
		REAL(name, const char *, int, ...);                                                \
		va_list list;                                                                      \
		va_start(list, flags);                                                             \
		unsigned mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, unsigned) : 0; \
		va_end(list);                                                                      \
		int fd = real(path, flags, mode);                                                  \
		note_opened(fd, path, flags);                                                      \
		return fd;                                                                         \
	}
OPENS(powercut_open, "open")
OPENS(powercut_open64, "open64")

int powercut_close(int fd) __asm__("close");
int
powercut_close(int fd)
{
	REAL("close", int);
	if (is_noted(fd))
		g_clear_pointer(&powercut.open[fd], g_free);
	return real(fd);
}

#define PWRITES(function, name)                                                                    \
	ssize_t function(int fd, const void *data, size_t size, gint64 offset) __asm__(name);      \
	ssize_t function(int fd, const void *data, size_t size, gint64 offset)                     \
	{                                                                                          \
		static ssize_t (*real)(int, const void *, size_t, gint64);                         \
		if (real == NULL)                                                                  \
			*(void **)&real = dlsym(RTLD_NEXT, name);                                  \
		ssize_t n = real(fd, data, size, offset);                                          \
		note_write(fd, data, n, (guint64)offset);                                          \
		return n;                                                                          \
	}
PWRITES(powercut_pwrite, "pwrite")
PWRITES(powercut_pwrite64, "pwrite64")

ssize_t powercut_write(int fd, const void *data, size_t size) __asm__("write");
ssize_t
powercut_write(int fd, const void *data, size_t size)
{
	static ssize_t (*real)(int, const void *, size_t);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "write");
	off_t at = is_noted(fd) ? lseek(fd, 0, SEEK_CUR) : 0;
	ssize_t n = real(fd, data, size);
	note_write(fd, data, n, (guint64)MAX(at, 0));
	return n;
}

#define CUTS(function, name)                                                                       \
	int function(int fd, gint64 length) __asm__(name);                                         \
	int function(int fd, gint64 length)                                                        \
	{                                                                                          \
		REAL(name, int, gint64);                                                           \
		int result = real(fd, length);                                                     \
		if (result == 0 && is_noted(fd)) {                                                 \
			struct note *note = add_note(NOTE_CUT);                                    \
			note->file = powercut.file[fd];                                            \
			note->offset = (guint64)length;                                            \
		}                                                                                  \
		return result;                                                                     \
	}
CUTS(powercut_ftruncate, "ftruncate")
CUTS(powercut_ftruncate64, "ftruncate64")

#define HOLES(function, name)                                                                      \
	int function(int fd, int mode, gint64 offset, gint64 length) __asm__(name);                \
	int function(int fd, int mode, gint64 offset, gint64 length)                               \
	{                                                                                          \
		REAL(name, int, int, gint64, gint64);                                              \
		int result = real(fd, mode, offset, length);                                       \
		if (result == 0 && is_noted(fd) && (mode & FALLOC_FL_PUNCH_HOLE) != 0) {           \
			struct note *note = add_note(NOTE_HOLE);                                   \
			note->file = powercut.file[fd];                                            \
			note->offset = (guint64)offset;                                            \
			note->length = (guint64)length;                                            \
		}                                                                                  \
		return result;                                                                     \
	}
HOLES(powercut_fallocate, "fallocate")
HOLES(powercut_fallocate64, "fallocate64")

#define SYNCS(function, name)                                                                      \
	int function(int fd) __asm__(name);                                                        \
	int function(int fd)                                                                       \
	{                                                                                          \
		note_sync(fd);                                                                     \
		return 0;                                                                          \
	}
SYNCS(powercut_fsync, "fsync")
SYNCS(powercut_fdatasync, "fdatasync")

int powercut_unlink(const char *path) __asm__("unlink");
int
powercut_unlink(const char *path)
{
	REAL("unlink", const char *);
	int result = real(path);
	if (result == 0 && below(path) != NULL) {
		add_note(NOTE_GONE)->path = g_strdup(below(path));
		g_hash_table_remove(powercut.names, below(path));
	}
	return result;
}

int powercut_rename(const char *from, const char *to) __asm__("rename");
int
powercut_rename(const char *from, const char *to)
{
	REAL("rename", const char *, const char *);
	int result = real(from, to);
	if (result == 0 && below(from) != NULL && below(to) != NULL) {
		struct note *note = add_note(NOTE_MOVED);
		note->path = g_strdup(below(from));
		note->to = g_strdup(below(to));
		gpointer file = g_hash_table_lookup(powercut.names, note->path);
		g_hash_table_insert(powercut.names, g_strdup(note->to), file);
		g_hash_table_remove(powercut.names, note->path);
	}
	return result;
}

int powercut_mkdir(const char *path, mode_t mode) __asm__("mkdir");
int
powercut_mkdir(const char *path, mode_t mode)
{
	REAL("mkdir", const char *, mode_t);
	int result = real(path, mode);
	if (result == 0 && below(path) != NULL)
		add_note(NOTE_FOLDER_MADE)->path = g_strdup(below(path));
	return result;
}

/* --- the disk afterwards --- */

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

/* What folder, which must be empty, would hold had the power gone after upto notes. */
static inline void
powercut_disk(const char *folder, guint upto, guint32 seed)
{
	struct disk disk = { .upto = upto };

	disk.chance = g_rand_new_with_seed(seed);
	disk.synced = g_array_new(FALSE, TRUE, sizeof(guint));
	disk.names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	disk.bytes = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
	find_syncs(&disk);
	guint names = last_name(&disk);
	for (guint i = 0; i < upto; i++) {
		const struct note *note = powercut.notes->pdata[i];
		if (is_name(note) && i < names)
			do_name(&disk, note);
		if (is_name(note) || note->file == 0)
			continue;
		bool certain = i < g_array_index(disk.synced, guint, note->file);
		if (certain || g_rand_boolean(disk.chance))
			do_bytes(&disk, note, certain || g_rand_int_range(disk.chance, 0, 4) != 0);
	}
	write_out(&disk, folder);
	g_rand_free(disk.chance);
	g_array_unref(disk.synced);
	g_hash_table_unref(disk.names);
	g_ptr_array_unref(disk.bytes);
}

#endif
