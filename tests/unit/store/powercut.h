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
 * maps (SQLite's -shm) are no part of it: they are made anew. Threads may act at the same time.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <glib.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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
	/* The vault's scribe acts on files beside the store. Held over an act and its note, so that
	 * the notes have the order of the acts. */
	GRecMutex lock;
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
	if ((flags & O_TMPFILE) == O_TMPFILE) { /* linkat may give it a name */
		powercut.file[fd] = ++powercut.files;
		return;
	}
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
		g_rec_mutex_lock(&powercut.lock);                                                  \
		int fd = real(path, flags, mode);                                                  \
		note_opened(fd, path, flags);                                                      \
		g_rec_mutex_unlock(&powercut.lock);                                                \
		return fd;                                                                         \
	}
OPENS(powercut_open, "open")
OPENS(powercut_open64, "open64")

int powercut_close(int fd) __asm__("close");
int
powercut_close(int fd)
{
	REAL("close", int);
	g_rec_mutex_lock(&powercut.lock);
	if (is_noted(fd))
		g_clear_pointer(&powercut.open[fd], g_free);
	int result = real(fd);
	g_rec_mutex_unlock(&powercut.lock);
	return result;
}

#define PWRITES(function, name)                                                                    \
	ssize_t function(int fd, const void *data, size_t size, gint64 offset) __asm__(name);      \
	ssize_t function(int fd, const void *data, size_t size, gint64 offset)                     \
	{                                                                                          \
		static ssize_t (*real)(int, const void *, size_t, gint64);                         \
		if (real == NULL)                                                                  \
			*(void **)&real = dlsym(RTLD_NEXT, name);                                  \
		g_rec_mutex_lock(&powercut.lock);                                                  \
		ssize_t n = real(fd, data, size, offset);                                          \
		note_write(fd, data, n, (guint64)offset);                                          \
		g_rec_mutex_unlock(&powercut.lock);                                                \
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
	/* A pipe may take long, and whoever empties it may act on files. */
	g_rec_mutex_lock(&powercut.lock);
	bool noted = is_noted(fd);
	if (!noted)
		g_rec_mutex_unlock(&powercut.lock);
	off_t at = noted ? lseek(fd, 0, SEEK_CUR) : 0;
	ssize_t n = real(fd, data, size);
	if (!noted)
		return n;
	note_write(fd, data, n, (guint64)MAX(at, 0));
	g_rec_mutex_unlock(&powercut.lock);
	return n;
}

#define CUTS(function, name)                                                                       \
	int function(int fd, gint64 length) __asm__(name);                                         \
	int function(int fd, gint64 length)                                                        \
	{                                                                                          \
		REAL(name, int, gint64);                                                           \
		g_rec_mutex_lock(&powercut.lock);                                                  \
		int result = real(fd, length);                                                     \
		if (result == 0 && is_noted(fd)) {                                                 \
			struct note *note = add_note(NOTE_CUT);                                    \
			note->file = powercut.file[fd];                                            \
			note->offset = (guint64)length;                                            \
		}                                                                                  \
		g_rec_mutex_unlock(&powercut.lock);                                                \
		return result;                                                                     \
	}
CUTS(powercut_ftruncate, "ftruncate")
CUTS(powercut_ftruncate64, "ftruncate64")

#define HOLES(function, name)                                                                      \
	int function(int fd, int mode, gint64 offset, gint64 length) __asm__(name);                \
	int function(int fd, int mode, gint64 offset, gint64 length)                               \
	{                                                                                          \
		REAL(name, int, int, gint64, gint64);                                              \
		g_rec_mutex_lock(&powercut.lock);                                                  \
		int result = real(fd, mode, offset, length);                                       \
		if (result == 0 && is_noted(fd) && (mode & FALLOC_FL_PUNCH_HOLE) != 0) {           \
			struct note *note = add_note(NOTE_HOLE);                                   \
			note->file = powercut.file[fd];                                            \
			note->offset = (guint64)offset;                                            \
			note->length = (guint64)length;                                            \
		}                                                                                  \
		g_rec_mutex_unlock(&powercut.lock);                                                \
		return result;                                                                     \
	}
HOLES(powercut_fallocate, "fallocate")
HOLES(powercut_fallocate64, "fallocate64")

#define SYNCS(function, name)                                                                      \
	int function(int fd) __asm__(name);                                                        \
	int function(int fd)                                                                       \
	{                                                                                          \
		g_rec_mutex_lock(&powercut.lock);                                                  \
		note_sync(fd);                                                                     \
		g_rec_mutex_unlock(&powercut.lock);                                                \
		return 0;                                                                          \
	}
SYNCS(powercut_fsync, "fsync")
SYNCS(powercut_fdatasync, "fdatasync")

int powercut_unlink(const char *path) __asm__("unlink");
int
powercut_unlink(const char *path)
{
	REAL("unlink", const char *);
	g_rec_mutex_lock(&powercut.lock);
	int result = real(path);
	if (result == 0 && below(path) != NULL) {
		add_note(NOTE_GONE)->path = g_strdup(below(path));
		g_hash_table_remove(powercut.names, below(path));
	}
	g_rec_mutex_unlock(&powercut.lock);
	return result;
}

int powercut_rename(const char *from, const char *to) __asm__("rename");
int
powercut_rename(const char *from, const char *to)
{
	REAL("rename", const char *, const char *);
	g_rec_mutex_lock(&powercut.lock);
	int result = real(from, to);
	if (result == 0 && below(from) != NULL && below(to) != NULL) {
		struct note *note = add_note(NOTE_MOVED);
		note->path = g_strdup(below(from));
		note->to = g_strdup(below(to));
		gpointer file = g_hash_table_lookup(powercut.names, note->path);
		g_hash_table_insert(powercut.names, g_strdup(note->to), file);
		g_hash_table_remove(powercut.names, note->path);
	}
	g_rec_mutex_unlock(&powercut.lock);
	return result;
}

/* A file without a name gets one: by /proc/self/fd/N. */
int powercut_linkat(int from, const char *path, int to, const char *name, int flags) __asm__(
    "linkat");
int
powercut_linkat(int from, const char *path, int to, const char *name, int flags)
{
	REAL("linkat", int, const char *, int, const char *, int);
	g_rec_mutex_lock(&powercut.lock);
	int result = real(from, path, to, name, flags);
	const char *digits = strrchr(path, '/');
	int fd = digits != NULL ? (int)strtol(digits + 1, NULL, 10) : -1;
	if (result == 0 && below(name) != NULL && is_noted(fd)) {
		struct note *note = add_note(NOTE_NAMED);
		note->file = powercut.file[fd];
		note->path = g_strdup(below(name));
		g_hash_table_insert(
		    powercut.names, g_strdup(note->path), GUINT_TO_POINTER(note->file));
	}
	g_rec_mutex_unlock(&powercut.lock);
	return result;
}

int powercut_mkdir(const char *path, mode_t mode) __asm__("mkdir");
int
powercut_mkdir(const char *path, mode_t mode)
{
	REAL("mkdir", const char *, mode_t);
	g_rec_mutex_lock(&powercut.lock);
	int result = real(path, mode);
	if (result == 0 && below(path) != NULL)
		add_note(NOTE_FOLDER_MADE)->path = g_strdup(below(path));
	g_rec_mutex_unlock(&powercut.lock);
	return result;
}

#include "powercut-disk.h"

#endif
