/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks at the beginnings of files and takes none apart.
 */
#include "daemon/imports.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/text.h"
#include "daemon/imports-stage.h"
#include "mail/looks-like.h"

#define NAME_BYTES 40
#define DIGEST_CUT 8 /* hex digits of the path's digest in a name */
#define FOLDER     "import"

/* What is found behind the paths. */
struct found {
	char *path; /* absolute */
	enum account_protocol protocol;
	bool packed; /* an archive: protocol is that of what becomes of it */
	guint64 bytes;
};

struct search {
	GPtrArray *found; /* of struct found */
	GPtrArray *files; /* of char *: messages named one by one */
	bool gaps;
	imports_say *say;
	void *data;
};

static void
found_free(void *data)
{
	struct found *found = data;

	g_free(found->path);
	g_free(found);
}

static void
import_free(void *data)
{
	struct import *import = data;

	if (import->staged != NULL)
		unlink(import->staged);
	account_free(import->account);
	g_free(import->staged);
	g_free(import->path);
	g_free(import);
}

void
imports_free(struct imports *imports)
{
	if (imports == NULL)
		return;
	g_ptr_array_unref(imports->all);
	g_free(imports);
}

static void
say_gap(struct search *search, const char *path, const char *text)
{
	search->gaps = true;
	search->say(path, text, true, search->data);
}

static void
add(struct search *search, const char *path, enum account_protocol protocol, bool packed,
    guint64 bytes)
{
	struct found *found = g_new0(struct found, 1);

	found->path = g_strdup(path);
	found->protocol = protocol;
	found->packed = packed;
	found->bytes = bytes;
	g_ptr_array_add(search->found, found);
}

static enum looks_like
look_at(const char *path, guint64 *bytes)
{
	guint8 first[LOOKS_LIKE_BYTES];
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	gssize n = fd >= 0 ? pread(fd, first, sizeof first, 0) : 0;

	*bytes = fd >= 0 && fstat(fd, &status) == 0 ? (guint64)status.st_size : 0;
	io_close(&fd);
	return looks_like(path, first, (gsize)MAX(n, 0));
}

/* True when it is a source of its own. */
static bool
add_file(struct search *search, const char *path)
{
	guint64 bytes;

	switch (look_at(path, &bytes)) {
	case LOOKS_LIKE_MBOX:
		add(search, path, PROTOCOL_MBOX, false, bytes);
		return true;
	case LOOKS_LIKE_TAR:
		add(search, path, PROTOCOL_TAR, false, bytes);
		return true;
	case LOOKS_LIKE_PACKED:
		add(search, path, PROTOCOL_TAR, true, bytes);
		return true;
	case LOOKS_LIKE_MESSAGE:
	case LOOKS_LIKE_NOTHING:
		break;
	}
	return false;
}

static bool
is_maildir(const char *path)
{
	g_autofree char *cur = g_build_filename(path, "cur", NULL);

	return g_file_test(cur, G_FILE_TEST_IS_DIR);
}

static void look_into(struct search *search, const char *path, guint depth);

/* Links are not followed: what they lead to is somebody else's, or comes twice. */
static void
look_at_entry(struct search *search, const char *path, guint depth, bool *messages)
{
	struct stat status;
	guint64 bytes;

	if (lstat(path, &status) < 0 || search->found->len >= IMPORTS_MAX)
		return;
	if (S_ISDIR(status.st_mode))
		look_into(search, path, depth + 1);
	else if (S_ISREG(status.st_mode) && !add_file(search, path))
		*messages |= look_at(path, &bytes) == LOOKS_LIKE_MESSAGE;
}

/* A folder's own messages are one source, with all folders below it; Maildirs and files of many
 * messages are sources of their own. */
static void
look_into(struct search *search, const char *path, guint depth)
{
	if (is_maildir(path)) {
		add(search, path, PROTOCOL_MAILDIR, false, 0);
		return;
	}
	if (depth > IMPORTS_DEPTH_MAX) {
		say_gap(search, path, "lies deeper than is looked at");
		return;
	}
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) folder = g_dir_open(path, 0, &error);
	if (folder == NULL) {
		say_gap(search, path, error->message);
		return;
	}
	const char *name;
	bool messages = false;
	while ((name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *full = g_build_filename(path, name, NULL);
		look_at_entry(search, full, depth, &messages);
	}
	if (messages)
		add(search, path, PROTOCOL_EML, false, 0);
}

/* A folder of messages reads all below it: those within it are no sources. */
static void
drop_inner(GPtrArray *found)
{
	for (guint i = found->len; i > 0; i--) {
		const struct found *inner = found->pdata[i - 1];
		bool drop = false;
		for (guint n = 0; n < found->len && inner->protocol == PROTOCOL_EML; n++) {
			const struct found *outer = found->pdata[n];
			gsize length = strlen(outer->path);
			drop |= outer != inner && outer->protocol == PROTOCOL_EML &&
				strncmp(inner->path, outer->path, length) == 0 &&
				inner->path[length] == '/';
		}
		if (drop)
			g_ptr_array_remove_index(found, i - 1);
	}
}

static void
look_at_path(struct search *search, const char *path)
{
	g_autofree char *full = realpath(path, NULL);
	struct stat status;
	guint before = search->found->len;

	if (full == NULL || stat(full, &status) < 0) {
		say_gap(search, path, g_strerror(errno));
		return;
	}
	if (S_ISDIR(status.st_mode)) {
		look_into(search, full, 0);
		if (search->found->len == before)
			say_gap(search, path, "no mail was found in it");
	} else if (!S_ISREG(status.st_mode)) {
		say_gap(search, path, "neither a file nor a folder");
	} else if (!add_file(search, full)) {
		/* Who names a file says that it is a message. */
		g_ptr_array_add(search->files, g_strdup(full));
	}
}

/* --- accounts --- */

/* Letters, digits, '-', '_' and '.': as names of sections are. */
static char *
plain_name(const char *path)
{
	g_autofree char *base = g_path_get_basename(path);
	GString *name = g_string_new(NULL);

	for (const char *at = base; *at != '\0' && name->len < NAME_BYTES; at++)
		g_string_append_c(name, g_ascii_isalnum(*at) || strchr("-_", *at) != NULL ||
						(*at == '.' && name->len > 0)
					    ? *at
					    : '-');
	return g_string_free(name, FALSE);
}

/* Of different paths the names differ, and of the same path they are the same. */
static char *
name_of(const char *path, const char *name, bool alone)
{
	g_autofree char *plain = plain_name(path);
	char hex[DIGEST_HEX];

	if (name != NULL && alone)
		return g_strconcat(ACCOUNT_IMPORT, name, NULL);
	digest_bytes(path, strlen(path), hex);
	hex[DIGEST_CUT] = '\0';
	return g_strconcat(ACCOUNT_IMPORT, name != NULL ? name : "", name != NULL ? "/" : "", plain,
	    "-", hex, NULL);
}

static char *
staged_path(const struct config *config, const char *name)
{
	char hex[DIGEST_HEX];

	digest_bytes(name, strlen(name), hex);
	g_autofree char *file = g_strconcat(hex, ".tar", NULL);
	return g_build_filename(config->data_dir, FOLDER, file, NULL);
}

static struct import *
add_import(struct imports *imports, const char *path, char *name, enum account_keep keep)
{
	struct import *import = g_new0(struct import, 1);

	import->account = account_new(name);
	import->path = g_strdup(path);
	import->account->keep = keep;
	g_free(import->account->purpose);
	import->account->purpose = g_strdup_printf("imported from %s", path);
	g_ptr_array_add(imports->all, import);
	g_free(name);
	return import;
}

static bool
set_place(struct import *import, enum account_protocol protocol, const char *path, GError **error)
{
	g_autofree char *url = g_strconcat(account_protocol_words[protocol], "://", path, NULL);

	return account_set_url(import->account, url, error);
}

static void
say_lines(struct search *search, const char *path, const char *lines, bool gaps)
{
	g_auto(GStrv) split = g_strsplit(lines, "\n", -1);

	for (guint i = 0; split[i] != NULL; i++)
		if (split[i][0] != '\0')
			search->say(path, split[i], gaps, search->data);
}

static bool
stage(struct search *search, const struct found *found, struct import *import,
    const struct config *config, GError **error)
{
	g_autofree char *lines = NULL;

	import->staged = staged_path(config, import->account->name);
	if (!imports_stage_archive(
		found->path, import->staged, &config->limits, &lines, &import->gaps, error))
		return false;
	say_lines(search, found->path, lines, import->gaps);
	return set_place(import, PROTOCOL_TAR, import->staged, error);
}

/* What cannot be unpacked is a gap of its own; the others are imported. */
static void
add_found(struct search *search, struct imports *imports, const struct found *found,
    const char *name, bool alone, enum account_keep keep, const struct config *config)
{
	g_autoptr(GError) error = NULL;
	struct import *import =
	    add_import(imports, found->path, name_of(found->path, name, alone), keep);

	import->bytes = found->bytes;
	bool right = found->packed ? stage(search, found, import, config, &error)
				   : set_place(import, found->protocol, found->path, &error);
	search->gaps |= import->gaps;
	if (right)
		return;
	say_gap(search, found->path, error->message);
	g_ptr_array_set_size(imports->all, (gint)imports->all->len - 1);
}

static bool
add_files(struct search *search, struct imports *imports, const char *name, bool alone,
    enum account_keep keep, const struct config *config, GError **error)
{
	struct import *import = add_import(imports, "files named one by one",
	    name != NULL ? name_of("files", name, alone) : g_strdup(ACCOUNT_IMPORT "files"), keep);

	import->staged = staged_path(config, import->account->name);
	return imports_stage_files(search->files, import->staged, search->say, search->data,
		   &search->gaps, error) &&
	       set_place(import, PROTOCOL_TAR, import->staged, error);
}

static gint
compare(gconstpointer a, gconstpointer b)
{
	const struct import *const *left = a, *const *right = b;

	return strcmp((*left)->account->name, (*right)->account->name);
}

struct imports *
imports_find(const char *const *paths, const char *name, enum account_keep keep,
    const struct config *config, imports_say *say, void *data, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(found_free);
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	struct search search = { found, files, false, say, data };
	g_autofree char *folder = g_build_filename(config->data_dir, FOLDER, NULL);
	g_autoptr(imports) imports = g_new0(struct imports, 1);

	imports->all = g_ptr_array_new_with_free_func(import_free);
	if (!io_make_folders(folder, 0700, error))
		return NULL;
	for (; *paths != NULL; paths++)
		look_at_path(&search, *paths);
	drop_inner(found);
	bool alone = found->len + (files->len > 0) == 1;
	for (guint i = 0; i < found->len; i++)
		add_found(&search, imports, found->pdata[i], name, alone, keep, config);
	if (files->len > 0 && !add_files(&search, imports, name, alone, keep, config, error))
		return NULL;
	g_ptr_array_sort(imports->all, compare);
	imports->gaps = search.gaps;
	return g_steal_pointer(&imports);
}
