/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prefilters - see prefilters.h. What is read back is handed to a library that trusts it, so it is
 * believed only from a file that nobody else can have written, and only whole.
 */
#include "daemon/prefilters.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/log.h"
#include "rules/prefilter.h"

#define SUFFIX      ".prefilter"
#define MAKER_BYTES (2ull * 1024 * 1024 * 1024) /* of address space, while one is made */

/* --- the folder --- */

static bool
is_ours(const char *folder)
{
	struct stat status;

	return lstat(folder, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

/* Somebody who only looks at another's data (root, a check) leaves nothing there. */
char *
prefilters_folder(const struct config *config)
{
	if (config->data_dir != NULL && is_ours(config->data_dir))
		return g_build_filename(config->data_dir, "cache", NULL);
	const char *cache = g_get_user_cache_dir();
	return cache != NULL && g_path_is_absolute(cache)
		   ? g_build_filename(cache, "flagpost", NULL)
		   : NULL;
}

static char *
path_of(const char *folder, const char *key)
{
	g_autofree char *name = g_strconcat(key, SUFFIX, NULL);

	return g_build_filename(folder, name, NULL);
}

/* --- keeping --- */

/* The bytes behind their digest, or NULL. */
static GBytes *
take_apart(GBytes *file)
{
	gsize size;
	const char *data = g_bytes_get_data(file, &size);
	char hex[DIGEST_HEX];

	if (size <= DIGEST_HEX || data[DIGEST_HEX - 1] != '\n')
		return NULL;
	digest_bytes(data + DIGEST_HEX, size - DIGEST_HEX, hex);
	if (memcmp(hex, data, DIGEST_HEX - 1) != 0)
		return NULL;
	return g_bytes_new_from_bytes(file, DIGEST_HEX, size - DIGEST_HEX);
}

static GBytes *
read_kept(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	GBytes *bytes = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
	    (status.st_mode & 077) == 0) {
		g_autoptr(GBytes) file = io_read_fd(fd, PREFILTER_BYTES_MAX + DIGEST_HEX, NULL);
		bytes = file != NULL ? take_apart(file) : NULL;
	}
	io_close(&fd);
	if (bytes == NULL)
		log_warning("%s is not whole, or not ours alone: it is made anew", path);
	return bytes;
}

struct kept {
	char *path;
	gint64 changed;
};

static void
kept_clear(void *data)
{
	struct kept *kept = data;

	g_free(kept->path);
}

static gint
newest_first(gconstpointer a, gconstpointer b)
{
	const struct kept *left = a, *right = b;

	return (left->changed < right->changed) - (left->changed > right->changed);
}

static void
remove_oldest(const char *folder)
{
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct kept));
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	g_array_set_clear_func(all, kept_clear);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		struct stat status;
		if (!g_str_has_suffix(name, SUFFIX))
			continue;
		struct kept kept = { g_build_filename(folder, name, NULL), 0 };
		kept.changed = lstat(kept.path, &status) == 0 ? status.st_mtime : 0;
		g_array_append_val(all, kept);
	}
	g_array_sort(all, newest_first);
	for (guint i = PREFILTERS_KEPT; i < all->len; i++)
		unlink(g_array_index(all, struct kept, i).path);
}

static void
keep(const char *folder, const char *path, GBytes *bytes)
{
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	g_autoptr(GByteArray) file = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	char hex[DIGEST_HEX];

	digest_bytes(data, size, hex);
	hex[DIGEST_HEX - 1] = '\n';
	g_byte_array_append(file, (const guint8 *)hex, DIGEST_HEX);
	g_byte_array_append(file, data, (guint)size);
	if (!io_make_folders(folder, 0700, &error) ||
	    !io_replace_file(path, file->data, file->len, 0600, &error))
		log_info("the prefilter is not kept: %s", error->message);
	else
		remove_oldest(folder);
}

/* --- making --- */

/* The process that makes it: a library that compiles is not let into the parent. */
static void make(const struct ruleset *ruleset, int fd) G_GNUC_NORETURN;

static void
make(const struct ruleset *ruleset, int fd)
{
	const struct rlimit time = { PREFILTERS_SECONDS, PREFILTERS_SECONDS };
	const struct rlimit memory = { MAKER_BYTES, MAKER_BYTES };
	const struct rlimit none = { 0, 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	/* A worker ends when its socket does: none is to be held open here. */
	if (fd > 3)
		close_range(3, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0u, 0);
	setrlimit(RLIMIT_CPU, &time);
	setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
	setrlimit(RLIMIT_AS, &memory);
#else
	(void)memory;
#endif
	g_autoptr(GBytes) bytes = ruleset_prefilter_build(ruleset, NULL);
	gsize size = 0;
	const void *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;
	bool fine =
	    data != NULL && size <= PREFILTER_BYTES_MAX && io_write_all(fd, data, size, NULL);
	_exit(fine ? 0 : 1);
}

static gboolean
on_ended(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	bool *ended = data;

	*ended = true;
	return G_SOURCE_REMOVE;
}

static gboolean
on_late(void *data)
{
	bool *late = data;

	*late = true;
	return G_SOURCE_REMOVE;
}

/* Waits while all else goes on. True when it ended well. */
static bool
await(pid_t pid)
{
	bool ended = false, late = false;
	int handle = pidfd_open(pid, 0), status = 0;
	guint watch = handle >= 0 ? g_unix_fd_add(handle, G_IO_IN, on_ended, &ended) : 0;
	guint timer = g_timeout_add_seconds(PREFILTERS_SECONDS, on_late, &late);

	while (handle >= 0 && !ended && !late)
		g_main_context_iteration(NULL, TRUE);
	if (!ended) {
		kill(pid, SIGKILL);
		g_clear_handle_id(&watch, g_source_remove);
	}
	if (!late)
		g_source_remove(timer);
	io_close(&handle);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static GBytes *
make_apart(const struct ruleset *ruleset)
{
	GBytes *bytes = NULL;
	int fd = memfd_create("prefilter", MFD_CLOEXEC);

	if (fd < 0)
		return NULL;
	pid_t pid = fork();
	if (pid == 0)
		make(ruleset, fd);
	if (pid > 0 && await(pid))
		bytes = io_read_fd(fd, PREFILTER_BYTES_MAX, NULL);
	io_close(&fd);
	return bytes;
}

/* --- handing over --- */

/* Nobody can change what lies behind it any more. */
static int
seal(GBytes *bytes)
{
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	int fd = memfd_create("prefilter", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && io_write_all(fd, data, size, NULL) &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
		return fd;
	io_close(&fd);
	return -1;
}

const char *
prefilters_give(struct sources *sources, const struct ruleset *ruleset, const struct config *config,
    enum prefilters_effort effort)
{
	if (!config->prefilter)
		return "[engine] prefilter = no";
	if (prefilter_lacking() != NULL)
		return prefilter_lacking();
	if (ruleset_pattern_count(ruleset) == 0)
		return "no rule has a pattern";
	g_autofree char *key = ruleset_prefilter_key(ruleset);
	g_autofree char *folder = prefilters_folder(config);
	g_autofree char *path = folder != NULL ? path_of(folder, key) : NULL;
	bool is_kept = path != NULL && is_ours(folder) && g_file_test(path, G_FILE_TEST_EXISTS);
	g_autoptr(GBytes) bytes = is_kept ? read_kept(path) : NULL;
	if (bytes == NULL && effort == PREFILTERS_MAKE) {
		bytes = make_apart(ruleset);
		if (bytes == NULL)
			return "it could not be made in time and memory";
		if (path != NULL)
			keep(folder, path, bytes);
	}
	if (bytes == NULL)
		return "none was made yet";
	io_close(&sources->prefilter_fd);
	sources->prefilter_fd = seal(bytes);
	return sources->prefilter_fd >= 0 ? NULL : "it cannot be handed over";
}
