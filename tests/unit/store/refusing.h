/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_STORE_REFUSING_H
#define FLAGPOST_TESTS_STORE_REFUSING_H
/*
 * refusing - a file system that does not let everybody past its page cache.
 *
 * Stands between this program and the C library, refuses as `how` has it, and sees to it that what
 * goes past the cache is whole blocks and that nothing is written before `finished`.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define DESCRIPTORS 1024
#define BLOCK       4096

enum refusal {
	REFUSES_NOTHING,
	REFUSES_FLAG, /* as fcntl has it */
	REFUSES_WRITE,
	REFUSES_LATER, /* the third write, as where a disk was replaced by one of larger sectors */
	TAKES_HALF,
	IS_FULL_ONCE,
};

/* What the functions below say and look at, which stand before the C library's. */
struct refusing {
	enum refusal how;
	bool no_cut; /* ftruncate fails */
	bool full;   /* nothing is written, past the cache or not */
	GMutex lock; /* over the rest */
	bool direct[DESCRIPTORS];
	guint64 finished; /* nobody but purge writes before it */
	guint writes;     /* past the cache, tried */
	guint64 bytes;    /* past the cache, written */
	bool cannot;      /* this file system itself refuses */
};
/* The one of this program: the functions below have no other way to it. */
static struct refusing refusing;
/* This thread is not the writer. */
static _Thread_local bool somebody_else;

static int
set_flags(int fd, int flags, int (*real)(int, int, ...))
{
	bool direct = (flags & O_DIRECT) != 0;

	if (direct && refusing.how == REFUSES_FLAG) {
		errno = EINVAL;
		return -1;
	}
	int result = real(fd, F_SETFL, flags);
	g_mutex_lock(&refusing.lock);
	if (fd < DESCRIPTORS)
		refusing.direct[fd] = direct && result == 0;
	refusing.cannot |= direct && result < 0;
	g_mutex_unlock(&refusing.lock);
	return result;
}

#define FCNTLS(function, name)                                                                     \
	int function(int fd, int command, ...) __asm__(name);                                      \
	int function(int fd, int command, ...)                                                     \
	{                                                                                          \
		static int (*real)(int, int, ...);                                                 \
		if (real == NULL)                                                                  \
			*(void **)&real = dlsym(RTLD_NEXT, name);                                  \
		va_list list;                                                                      \
		va_start(list, command);                                                           \
		long argument = va_arg(list, long);                                                \
		va_end(list);                                                                      \
		return command == F_SETFL ? set_flags(fd, (int)argument, real)                     \
					  : real(fd, command, argument);                           \
	}
FCNTLS(test_fcntl, "fcntl")
FCNTLS(test_fcntl64, "fcntl64")

/* How much of it is let through; -1: errno says why not. */
static gssize
let_through(int fd, const void *data, size_t size, gint64 offset)
{
	gssize n = (gssize)size;

	g_mutex_lock(&refusing.lock);
	bool direct = fd < DESCRIPTORS && refusing.direct[fd];
	bool full = refusing.full;
	guint nth = direct ? ++refusing.writes : 0;
	g_assert_true(somebody_else || (guint64)offset >= refusing.finished);
	g_mutex_unlock(&refusing.lock);
	if (full) {
		errno = ENOSPC;
		return -1;
	}
	if (!direct)
		return n;
	g_assert_cmpuint((guintptr)data % BLOCK, ==, 0);
	g_assert_cmpuint(size % BLOCK, ==, 0);
	g_assert_cmpint(offset % BLOCK, ==, 0);
	/* Once refused, it is not asked for again. */
	g_assert_true(refusing.how != REFUSES_WRITE || nth == 1);
	g_assert_true(refusing.how != REFUSES_LATER || nth <= 3);
	errno = refusing.how == IS_FULL_ONCE ? ENOSPC : EINVAL;
	if (refusing.how == REFUSES_WRITE || (refusing.how == REFUSES_LATER && nth == 3) ||
	    (refusing.how == IS_FULL_ONCE && nth == 2))
		return -1;
	return refusing.how == TAKES_HALF ? MAX(BLOCK, n / 2 / BLOCK * BLOCK) : n;
}

static void
note_written(int fd, ssize_t n)
{
	g_mutex_lock(&refusing.lock);
	if (fd < DESCRIPTORS && refusing.direct[fd]) {
		refusing.bytes += (guint64)MAX(n, 0);
		refusing.cannot |= n < 0;
	}
	g_mutex_unlock(&refusing.lock);
}

#define PWRITES(function, name)                                                                    \
	ssize_t function(int fd, const void *data, size_t size, gint64 offset) __asm__(name);      \
	ssize_t function(int fd, const void *data, size_t size, gint64 offset)                     \
	{                                                                                          \
		static ssize_t (*real)(int, const void *, size_t, gint64);                         \
		if (real == NULL)                                                                  \
			*(void **)&real = dlsym(RTLD_NEXT, name);                                  \
		gssize through = let_through(fd, data, size, offset);                              \
		if (through < 0)                                                                   \
			return -1;                                                                 \
		ssize_t n = real(fd, data, (size_t)through, offset);                               \
		note_written(fd, n);                                                               \
		return n;                                                                          \
	}
PWRITES(test_pwrite, "pwrite")
PWRITES(test_pwrite64, "pwrite64")

#define CUTS(function, name)                                                                       \
	int function(int fd, gint64 length) __asm__(name);                                         \
	int function(int fd, gint64 length)                                                        \
	{                                                                                          \
		static int (*real)(int, gint64);                                                   \
		if (real == NULL)                                                                  \
			*(void **)&real = dlsym(RTLD_NEXT, name);                                  \
		if (!refusing.no_cut)                                                              \
			return real(fd, length);                                                   \
		errno = EIO;                                                                       \
		return -1;                                                                         \
	}
CUTS(test_ftruncate, "ftruncate")
CUTS(test_ftruncate64, "ftruncate64")

static inline void
refusing_begin(enum refusal how)
{
	memset(refusing.direct, 0, sizeof refusing.direct);
	refusing.how = how;
	refusing.finished = refusing.bytes = 0;
	refusing.writes = 0;
	refusing.no_cut = refusing.cannot = refusing.full = false;
}

#endif
