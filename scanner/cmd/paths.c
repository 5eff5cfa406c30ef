/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "mail/mbox.h"

#define DEPTH_MAX  64
#define READ_BYTES 65536

/* A folder under way. */
struct level {
	GPtrArray *entries; /* of char *: paths, in name order */
	guint at;
	bool maildir; /* cur/ or new/: each file is a message */
};

struct paths {
	const char *const *arguments; /* what is left of them */
	guint64 max_bytes;
	const char *spool_folder;
	GPtrArray *levels; /* of struct level, outermost first */
	struct mbox *mbox; /* under way, or NULL */
	char *mbox_name;
	guint64 mbox_count;
	guint64 left_out;
	guint64 seen, known;
};

static void
level_free(gpointer data)
{
	struct level *level = data;

	g_ptr_array_unref(level->entries);
	g_free(level);
}

struct paths *
paths_new(const char *const *arguments, guint64 max_bytes, const char *spool_folder)
{
	struct paths *paths = g_new0(struct paths, 1);

	paths->arguments = arguments;
	paths->max_bytes = max_bytes;
	paths->spool_folder = spool_folder;
	paths->levels = g_ptr_array_new_with_free_func(level_free);
	paths->known = g_strv_length((GStrv)arguments);
	return paths;
}

void
paths_free(struct paths *paths)
{
	if (paths == NULL)
		return;
	g_ptr_array_unref(paths->levels);
	mbox_free(paths->mbox);
	g_free(paths->mbox_name);
	g_free(paths);
}

guint64
paths_left_out(const struct paths *paths)
{
	return paths->left_out;
}

void
paths_progress(const struct paths *paths, guint64 *seen, guint64 *known)
{
	*seen = paths->seen;
	*known = paths->known;
}

void
path_item_clear(struct path_item *item)
{
	g_clear_pointer(&item->name, g_free);
	io_close(&item->fd);
	g_clear_error(&item->error);
}

static gint
compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
has_folder(const char *path, const char *name)
{
	g_autofree char *inner = g_build_filename(path, name, NULL);

	return g_file_test(inner, G_FILE_TEST_IS_DIR);
}

static bool
is_maildir(const char *path)
{
	return has_folder(path, "cur") && has_folder(path, "new");
}

/* cur/ and new/ of a Maildir, judged by what stands beside them. */
static bool
is_maildir_folder(const char *path)
{
	g_autofree char *name = g_path_get_basename(path), *parent = g_path_get_dirname(path);

	return (strcmp(name, "cur") == 0 || strcmp(name, "new") == 0) && is_maildir(parent);
}

static bool
push_folder(struct paths *paths, const char *path, GError **error)
{
	const char *name;

	if (paths->levels->len >= DEPTH_MAX) {
		g_set_error(error, FAULT, FAULT_IO, "more than %d folders deep", DEPTH_MAX);
		return false;
	}
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	if (dir == NULL) {
		fault_errno(error, "open folder");
		return false;
	}
	struct level *level = g_new0(struct level, 1);
	bool maildir = is_maildir(path);
	level->maildir = is_maildir_folder(path);
	level->entries = g_ptr_array_new_with_free_func(g_free);
	while ((name = g_dir_read_name(dir)) != NULL) {
		/* What lies in tmp/ was not delivered yet. */
		if (maildir && strcmp(name, "tmp") == 0)
			continue;
		g_ptr_array_add(level->entries, g_build_filename(path, name, NULL));
	}
	g_ptr_array_sort(level->entries, compare_paths);
	g_ptr_array_add(paths->levels, level);
	paths->known += level->entries->len;
	return true;
}

/* Reads a pipe to its end. An mbox is kept whole; of one message no more than the limit. */
static int
spool_stream(struct paths *paths, int from, bool *is_mbox, guint64 *size, GError **error)
{
	struct io_spool *spool = io_spool_new(paths->spool_folder);
	g_autofree char *buffer = g_malloc(READ_BYTES);
	gsize head = 0;
	bool ok = true, ended = false;
	int fd = -1;

	*size = 0;
	*is_mbox = false;
	while (ok && !ended) {
		gssize n = read(from, buffer + head, READ_BYTES - head);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fault_errno(error, "read");
			ok = false;
			break;
		}
		head += (gsize)n;
		ended = n == 0;
		/* The first five bytes decide, and may come one by one. */
		if (*size == 0 && head < 5 && !ended)
			continue;
		if (*size == 0)
			*is_mbox = head >= 5 && memcmp(buffer, "From ", 5) == 0;
		*size += head;
		if (*is_mbox || *size <= paths->max_bytes)
			ok = io_spool_write(spool, buffer, head, error);
		head = 0;
	}
	if (ok && (*is_mbox || *size <= paths->max_bytes))
		fd = io_spool_finish(&spool, error);
	io_spool_free(spool);
	return fd;
}

static bool
looks_like_mbox(int fd)
{
	char head[5];

	return pread(fd, head, sizeof(head), 0) == sizeof(head) && memcmp(head, "From ", 5) == 0;
}

static bool
looks_like_message(const char *path, bool in_maildir)
{
	g_autofree char *name = g_path_get_basename(path);
	gsize length = strlen(name);

	if (in_maildir)
		return name[0] != '.';
	return length > 4 && g_ascii_strcasecmp(name + length - 4, ".eml") == 0;
}

static void
begin_mbox(struct paths *paths, int fd, const char *name)
{
	paths->mbox = mbox_new(fd, paths->max_bytes, paths->spool_folder);
	g_free(paths->mbox_name);
	paths->mbox_name = g_strdup(name);
	paths->mbox_count = 0;
}

/* The next message of the mbox under way. False when there is none, or none any more. */
static bool
next_of_mbox(struct paths *paths, struct path_item *out)
{
	if (paths->mbox == NULL)
		return false;
	bool more = mbox_next(paths->mbox, &out->fd, &out->size, &out->error);
	if (!more)
		g_clear_pointer(&paths->mbox, mbox_free);
	if (!more && out->error == NULL)
		return false;
	out->name =
	    more ? g_strdup_printf("%s#%" G_GUINT64_FORMAT, paths->mbox_name, ++paths->mbox_count)
		 : g_strdup(paths->mbox_name);
	out->over_limit = more && out->size > paths->max_bytes;
	return true;
}

/* Standard input, or a pipe given by name. True when *out is an item. */
static bool
visit_stream(struct paths *paths, int fd, const char *name, struct path_item *out)
{
	bool is_mbox;
	int spooled = spool_stream(paths, fd, &is_mbox, &out->size, &out->error);

	if (spooled >= 0 && is_mbox) {
		begin_mbox(paths, spooled, name);
		out->size = 0;
		return false;
	}
	out->name = g_strdup(name);
	out->fd = spooled;
	out->over_limit = out->error == NULL && out->size > paths->max_bytes;
	return true;
}

static bool
fail_item(struct path_item *out, const char *path)
{
	out->name = g_strdup(path);
	return true;
}

/* A file or folder found in a folder (in_maildir: of a Maildir), or named by the user. */
static bool
visit(struct paths *paths, const char *path, bool named, bool in_maildir, struct path_item *out)
{
	struct stat status;

	/* Without O_NONBLOCK the name of a pipe that nobody writes to would wait for ever. */
	if (!named && (lstat(path, &status) != 0 || S_ISLNK(status.st_mode)) &&
	    g_file_test(path, G_FILE_TEST_IS_DIR)) {
		paths->left_out++;
		return false;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NONBLOCK));
	if (fd < 0 || fstat(fd, &status) != 0) {
		fault_errno(&out->error, "open");
		io_close(&fd);
		return fail_item(out, path);
	}
	if (S_ISDIR(status.st_mode)) {
		io_close(&fd);
		return !push_folder(paths, path, &out->error) && fail_item(out, path);
	}
	if (named && (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode))) {
		bool item = visit_stream(paths, fd, path, out);
		io_close(&fd);
		return item;
	}
	if (S_ISREG(status.st_mode) && looks_like_mbox(fd)) {
		begin_mbox(paths, fd, path);
		return false;
	}
	if (!S_ISREG(status.st_mode) || (!named && !looks_like_message(path, in_maildir))) {
		io_close(&fd);
		paths->left_out++;
		return false;
	}
	out->name = g_strdup(path);
	out->fd = fd;
	out->size = (guint64)status.st_size;
	out->over_limit = out->size > paths->max_bytes;
	return true;
}

static bool
visit_next(struct paths *paths, struct path_item *out)
{
	struct level *level = g_ptr_array_index(paths->levels, paths->levels->len - 1);

	if (level->at < level->entries->len) {
		paths->seen++;
		return visit(paths, g_ptr_array_index(level->entries, level->at++), false,
		    level->maildir, out);
	}
	g_ptr_array_set_size(paths->levels, (gint)paths->levels->len - 1);
	return false;
}

bool
paths_next(struct paths *paths, struct path_item *out)
{
	memset(out, 0, sizeof(*out));
	out->fd = -1;
	for (;;) {
		if (next_of_mbox(paths, out))
			return true;
		if (paths->levels->len > 0) {
			if (visit_next(paths, out))
				return true;
		} else if (*paths->arguments == NULL) {
			return false;
		} else {
			const char *argument = *paths->arguments++;
			paths->seen++;
			bool item = strcmp(argument, "-") == 0
					? visit_stream(paths, STDIN_FILENO, "-", out)
					: visit(paths, argument, true, false, out);
			if (item)
				return true;
		}
	}
}
