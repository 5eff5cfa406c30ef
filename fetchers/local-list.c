/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What lies in a Maildir, or in a folder of messages. Links are never followed: a Maildir belongs
 * to a user who must not have us read other people's files.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"
#include "fetchers/imap.h"
#include "fetchers/local.h"
#include "fetchers/utf7.h"
#include "mail/looks-like.h"

#define NAME_BYTES 200 /* of a UID; a longer name stands there by its digest */

static void
message_free(void *data)
{
	struct local_message *message = data;

	g_free(message->path);
	g_free(message->uid);
	g_free(message->flags);
	g_free(message);
}

void
local_folder_free(void *data)
{
	struct local_folder *folder = data;

	g_ptr_array_set_free_func(folder->messages, message_free);
	g_ptr_array_unref(folder->messages);
	g_free(folder->name);
	g_free(folder->role);
	g_free(folder->trouble);
	g_free(folder);
}

/* Fit for a UID: graphic ASCII, whatever bytes the file's name has. */
static char *
escape(const char *name, gsize size)
{
	g_autoptr(GString) out = g_string_new(NULL);
	char hex[DIGEST_HEX];

	for (gsize i = 0; i < size; i++) {
		if (g_ascii_isgraph(name[i]) && name[i] != '%')
			g_string_append_c(out, name[i]);
		else
			g_string_append_printf(out, "%%%02X", (guint8)name[i]);
	}
	if (out->len <= NAME_BYTES)
		return g_strdup(out->str);
	digest_bytes(name, size, hex);
	return g_strconcat("sha256:", hex, NULL);
}

/* Folders */

/* Opens a folder of a folder without following links; NULL with errno. */
static DIR *
open_folder(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;

	if (folder == NULL)
		io_close(&fd);
	return folder;
}

/* The path itself may be a link: the administrator wrote it. */
static DIR *
open_root(const char *path, char **why)
{
	DIR *root = opendir(path);

	if (root == NULL)
		*why = g_strdup_printf("%s: %s", path, g_strerror(errno));
	return root;
}

static bool
has_room(struct local *local, struct local_folder *folder)
{
	if (local->listed++ < LOCAL_MESSAGES_MAX)
		return true;
	if (folder->trouble == NULL)
		folder->trouble = g_strdup_printf(
		    "over %d messages: the others were not read", LOCAL_MESSAGES_MAX);
	return false;
}

static gint
compare_messages(gconstpointer a, gconstpointer b)
{
	const struct local_message *const *left = a, *const *right = b;

	return strcmp((*left)->uid, (*right)->uid);
}

/* A message that is being moved from new/ to cur/ may be listed in both. */
static void
sort_messages(struct local_folder *folder)
{
	GPtrArray *messages = folder->messages;
	guint kept = 0;

	g_ptr_array_sort(messages, compare_messages);
	for (guint i = 0; i < messages->len; i++) {
		struct local_message *message = messages->pdata[i];
		struct local_message *last = kept > 0 ? messages->pdata[kept - 1] : NULL;
		if (last != NULL && strcmp(last->uid, message->uid) == 0) {
			message_free(message);
			folder->odd++;
		} else {
			messages->pdata[kept++] = message;
		}
	}
	g_ptr_array_set_size(messages, (gint)kept);
}

/* Maildir */

static char *
imap_flags(const char *letters)
{
	static const struct {
		char letter;
		const char *flag;
	} flags[] = { { 'D', "\\Draft" }, { 'F', "\\Flagged" }, { 'P', "$Forwarded" },
		{ 'R', "\\Answered" }, { 'S', "\\Seen" }, { 'T', "\\Deleted" } };
	g_autoptr(GString) out = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(flags); i++) {
		if (strchr(letters, flags[i].letter) != NULL)
			g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", flags[i].flag);
	}
	return g_strdup(out->str);
}

static void
add_mail(struct local_folder *folder, const char *path, const char *name, guint64 size)
{
	struct local_message *message = g_new0(struct local_message, 1);
	const char *info = strstr(name, ":2,");
	gsize unique = info != NULL ? (gsize)(info - name) : strlen(name);
	g_autofree char *shown = escape(name, unique);

	message->path = g_build_filename(path, name, NULL);
	message->uid = g_strdup_printf("%s/%" G_GUINT64_FORMAT, shown, size);
	message->flags = imap_flags(info != NULL ? info + 3 : "");
	message->draft = info != NULL && strchr(info + 3, 'D') != NULL;
	g_ptr_array_add(folder->messages, message);
}

/* new/ or cur/. */
static void
list_mails(struct local *local, struct local_folder *folder, int parent, const char *path,
    const char *name)
{
	g_autofree char *full = g_build_filename(path, name, NULL);
	DIR *mails = open_folder(parent, name);
	struct dirent *entry;
	struct stat status;

	if (mails == NULL) {
		g_free(folder->trouble);
		folder->trouble = g_strdup_printf("%s: %s", full, g_strerror(errno));
		return;
	}
	while ((entry = readdir(mails)) != NULL) {
		/* The name of a file begins with a dot never (maildir(5)). */
		if (entry->d_name[0] == '.')
			continue;
		if (fstatat(dirfd(mails), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (!S_ISREG(status.st_mode))
			folder->odd++;
		else if (has_room(local, folder))
			add_mail(folder, full, entry->d_name, (guint64)status.st_size);
	}
	closedir(mails);
}

static void
list_maildir(struct local *local, int fd, const char *path, const char *name)
{
	struct local_folder *folder = local_add_folder(local, name, imap_list_role(name, "."));
	/* cur/ last: what moves there meanwhile is listed twice rather than not at all. */
	list_mails(local, folder, fd, path, "new");
	list_mails(local, folder, fd, path, "cur");
	sort_messages(folder);
}

/* Maildir++: a folder of the user is one of the file system whose name begins with a dot. */
static char *
folder_name(const char *entry)
{
	char *name = utf7_decode(entry + 1);

	return name != NULL ? name : escape(entry + 1, strlen(entry + 1));
}

bool
local_list_maildir(struct local *local, const char *path, char **why)
{
	struct stat status;
	struct dirent *entry;
	DIR *root = open_root(path, why);

	if (root == NULL)
		return false;
	if (fstatat(dirfd(root), "cur", &status, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISDIR(status.st_mode)) {
		*why = g_strdup_printf("%s is no Maildir: there is no folder cur in it", path);
		closedir(root);
		return false;
	}
	list_maildir(local, dirfd(root), path, "INBOX");
	while ((entry = readdir(root)) != NULL && local->folders->len < LOCAL_FOLDERS_MAX) {
		g_autofree char *inner = g_build_filename(path, entry->d_name, NULL);
		if (entry->d_name[0] != '.' || strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		DIR *folder = open_folder(dirfd(root), entry->d_name);
		if (folder == NULL)
			continue;
		g_autofree char *name = folder_name(entry->d_name);
		if (fstatat(dirfd(folder), "cur", &status, AT_SYMLINK_NOFOLLOW) == 0)
			list_maildir(local, dirfd(folder), inner, name);
		closedir(folder);
	}
	closedir(root);
	if (local->folders->len >= LOCAL_FOLDERS_MAX)
		session_emit_note(
		    local->session, "", "too-many-folders", "there are more folders than are read");
	return true;
}

/* A folder of messages */

/* What programs call a file that they have not done with. */
static bool
is_half_written(const char *name)
{
	return name[0] == '.' || g_str_has_suffix(name, ".tmp") ||
	       g_str_has_suffix(name, ".part") || g_str_has_suffix(name, "~");
}

static void
add_file(struct local_folder *folder, const char *path, const char *name, const struct stat *status)
{
	struct local_message *message = g_new0(struct local_message, 1);
	g_autofree char *shown = escape(name, strlen(name));

	message->path = g_build_filename(path, name, NULL);
	message->uid = g_strdup_printf("%s/%" G_GUINT64_FORMAT "/%" G_GINT64_FORMAT ".%09ld", shown,
	    (guint64)status->st_size, (gint64)status->st_mtim.tv_sec, status->st_mtim.tv_nsec);
	g_ptr_array_add(folder->messages, message);
}

/* What cannot be opened is listed, so that it fails by its name. */
static enum looks_like
look_at(int folder, const char *path, const char *name)
{
	g_autofree char *full = g_build_filename(path, name, NULL);
	guint8 first[LOOKS_LIKE_BYTES];
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return LOOKS_LIKE_MESSAGE;
	gssize n = pread(fd, first, sizeof first, 0);
	io_close(&fd);
	return looks_like(full, first, (gsize)MAX(n, 0));
}

/* Of a folder that is imported: what is no message by its looks is not taken for one, and files of
 * many messages have accounts of their own. */
static bool
is_to_be_imported(struct local_folder *folder, int parent, const char *path, const char *name)
{
	enum looks_like looks = look_at(parent, path, name);

	folder->odd += looks == LOOKS_LIKE_NOTHING;
	return looks == LOOKS_LIKE_MESSAGE;
}

static void list_files(
    struct local *local, DIR *files, const char *path, const char *name, guint depth);

static bool
is_maildir(DIR *folder)
{
	struct stat status;

	return fstatat(dirfd(folder), "cur", &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(status.st_mode);
}

static void
list_inner(struct local *local, struct local_folder *folder, int parent, const char *path,
    const char *entry, guint depth)
{
	g_autofree char *shown = escape(entry, strlen(entry));
	g_autofree char *name = strcmp(folder->name, "INBOX") == 0
				    ? g_strdup(g_utf8_validate(entry, -1, NULL) ? entry : shown)
				    : g_strconcat(folder->name, "/",
					  g_utf8_validate(entry, -1, NULL) ? entry : shown, NULL);
	g_autofree char *full = g_build_filename(path, entry, NULL);

	if (depth >= LOCAL_DEPTH_MAX || local->folders->len >= LOCAL_FOLDERS_MAX) {
		session_emit_note(local->session, name, "too-many-folders",
		    "it lies deeper, or behind more folders, than is read");
		return;
	}
	DIR *files = open_folder(parent, entry);
	if (files != NULL && account_is_import(local->session->account) && is_maildir(files)) {
		closedir(files);
		return;
	}
	if (files != NULL) {
		list_files(local, files, full, name, depth + 1);
		return;
	}
	struct local_folder *failed = local_add_folder(local, name, "");
	failed->trouble = g_strdup_printf("%s: %s", full, g_strerror(errno));
}

/* Takes files. */
static void
list_files(struct local *local, DIR *files, const char *path, const char *name, guint depth)
{
	struct local_folder *folder = local_add_folder(local, name, imap_list_role(name, "/"));
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	bool import = account_is_import(local->session->account);
	struct dirent *entry;
	struct stat status;

	while ((entry = readdir(files)) != NULL) {
		if (is_half_written(entry->d_name) ||
		    fstatat(dirfd(files), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		bool settled = import || status.st_mtim.tv_sec + LOCAL_SETTLE_S <= now ||
			       status.st_mtim.tv_sec > now;
		if (S_ISDIR(status.st_mode))
			list_inner(local, folder, dirfd(files), path, entry->d_name, depth);
		else if (!S_ISREG(status.st_mode))
			folder->odd++;
		else if (import && !is_to_be_imported(folder, dirfd(files), path, entry->d_name))
			continue;
		else if (has_room(local, folder) && settled)
			add_file(folder, path, entry->d_name, &status);
		else
			folder->unsettled += !settled;
	}
	closedir(files);
	sort_messages(folder);
}

bool
local_list_eml(struct local *local, const char *path, char **why)
{
	DIR *root = open_root(path, why);

	if (root == NULL)
		return false;
	list_files(local, root, path, "INBOX", 0);
	return true;
}
