/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message a step, so that the accounts of servers have their turn. A folder that vanishes
 * or cannot be read fails; it is never taken for an empty one.
 */
#include "fetchers/local.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "fetchers/body.h"
#include "mail/message.h"

#define COPY_BYTES (128 * 1024)

struct local_folder *
local_add_folder(struct local *local, const char *name, const char *role)
{
	struct local_folder *folder = g_new0(struct local_folder, 1);

	folder->name = g_strdup(name);
	folder->role = g_strdup(role);
	folder->messages = g_ptr_array_new();
	g_ptr_array_add(local->folders, folder);
	return folder;
}

bool
local_is_known(const struct local *local, const char *uid)
{
	return g_hash_table_contains(local->known, uid);
}

/* Events */

static struct local_folder *
current(const struct local *local)
{
	return local->folders->pdata[local->folder];
}

/*
 * How many messages there are. What was imported once counts as there for good: whoever imports
 * what is left of a folder does not say that the rest was deleted.
 */
static guint64
count_all(const struct local *local)
{
	guint64 count = local->present->len;

	if (!account_is_import(local->session->account))
		return count;
	g_autoptr(GHashTable) present = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < local->present->len; i++)
		g_hash_table_add(present, local->present->pdata[i]);
	GHashTableIter iter;
	gpointer uid;
	g_hash_table_iter_init(&iter, local->known);
	while (g_hash_table_iter_next(&iter, &uid, NULL))
		count += !g_hash_table_contains(present, uid);
	return count;
}

static void
emit_folder(struct local *local, enum fetch_event_kind kind, const char *failure)
{
	const struct local_folder *from = current(local);
	bool listed = kind == FETCH_EVENT_FOLDER_END && failure == NULL &&
		      !account_is_import(local->session->account);
	struct fetch_folder folder = {
		.folder = from->name,
		.role = from->role,
		.server_count =
		    kind == FETCH_EVENT_FOLDER_END ? count_all(local) : from->messages->len,
		.state = failure != NULL ? FETCH_FOLDER_FAILED : FETCH_FOLDER_OK,
		.text = (char *)failure,
	};

	if (listed) {
		g_ptr_array_add(local->present, NULL);
		folder.has_present = true;
		folder.present = (GStrv)local->present->pdata;
	}
	session_emit_folder(local->session, kind, &folder);
	if (listed)
		g_ptr_array_set_size(local->present, (gint)local->present->len - 1);
}

void
local_emit_failure(
    struct local *local, const char *uid, const char *reason, const char *text, bool again)
{
	struct placement where = {
		.folder = current(local)->name, .uid = (char *)uid, .internal_date = MESSAGE_NO_DATE
	};

	session_emit_failure(local->session, &where, reason, text, again);
}

void
local_emit_message(
    struct local *local, const struct local_message *message, guint64 size, gint64 date, int fd)
{
	const struct local_folder *folder = current(local);
	struct fetch_event event = { .kind = FETCH_EVENT_MESSAGE };
	struct fetch_message *out = &event.message;

	out->placement.folder = g_strdup(folder->name);
	out->placement.uid = g_strdup(message->uid);
	out->placement.server_flags = g_strdup(message->flags != NULL ? message->flags : "");
	out->placement.internal_date = date;
	out->size = out->announced = size;
	out->draft = message->draft || strcmp(folder->role, "drafts") == 0;
	out->fd = fd;
	session_emit_message(local->session, &event);
}

/* Files */

static bool
copy(int fd, struct body *body)
{
	g_autofree guint8 *bytes = g_malloc(COPY_BYTES);
	gssize n;

	while ((n = read(fd, bytes, COPY_BYTES)) > 0 && body->size <= body->max)
		body_write(body, bytes, (gsize)n);
	return n >= 0;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads an open file; what changes under our hands waits for the next pass. */
static gsize
take_file(struct local *local, const struct local_message *message, int fd)
{
	g_autofree char *text = NULL;
	const char *reason = "";
	struct stat before, after;
	struct body body;

	if (fstat(fd, &before) < 0 || !S_ISREG(before.st_mode)) {
		local_emit_failure(
		    local, message->uid, "unreadable", "no regular file any more", true);
		return 0;
	}
	body_begin(&body, local->session->spool_folder, local->session->limits->message,
	    (guint64)before.st_size);
	bool read = body.over_limit || copy(fd, &body);
	bool same = fstat(fd, &after) == 0 && is_same(&before, &after);
	if (body.over_limit)
		body.size = MAX(body.size, (guint64)before.st_size);
	int spooled = body_finish(&body, &reason, &text);
	if (spooled >= 0 && (!read || !same)) {
		io_close(&spooled);
		reason = read ? "changed" : "unreadable";
		text = g_strdup(read ? "it was written to while it was read" : "a read error");
	}
	if (spooled >= 0)
		local_emit_message(local, message, body.size,
		    (gint64)before.st_mtim.tv_sec * G_USEC_PER_SEC, spooled);
	else
		local_emit_failure(
		    local, message->uid, reason, text, strcmp(reason, "over-limit") != 0);
	gsize used = (gsize)body.size;
	body_clear(&body);
	return used;
}

/* A Maildir's file is renamed when somebody reads it: then it stands in the next pass's list. */
static gsize
take_message(struct local *local, const struct local_message *message)
{
	int fd = open(message->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0) {
		g_autofree char *text = g_strdup_printf("cannot be opened: %s", g_strerror(errno));
		local_emit_failure(local, message->uid, "unreadable", text, true);
		return 0;
	}
	gsize used = take_file(local, message, fd);
	io_close(&fd);
	return used;
}

/* The pass */

static void
begin_folder(struct local *local)
{
	const struct local_folder *folder = current(local);
	const struct fetch_state *state = session_state(local->session, folder->name);

	g_hash_table_remove_all(local->known);
	for (gsize i = 0; state != NULL && state->uidls != NULL && state->uidls[i] != NULL; i++)
		g_hash_table_add(local->known, state->uidls[i]);
	g_ptr_array_set_size(local->present, 0);
	local->message = 0;
	local->begun = true;
	if (folder->odd > 0) {
		g_autofree char *text = g_strdup_printf(
		    "%u entries are no regular files, or the same message again; they were not "
		    "read",
		    folder->odd);
		session_emit_note(local->session, folder->name, "not-read", text);
	}
	emit_folder(local, FETCH_EVENT_FOLDER_BEGIN, NULL);
}

/* They count as there and not read, under no name: the next pass knows better. */
static void
say_unsettled(struct local *local)
{
	guint n = current(local)->unsettled;

	if (n == 0)
		return;
	g_autofree char *text = g_strdup_printf(
	    "%u files were written to within the last %d s: the next pass reads them", n,
	    LOCAL_SETTLE_S);
	session_emit_note(local->session, current(local)->name, "unsettled", text);
}

static void
end_folder(struct local *local, const char *trouble)
{
	emit_folder(local, FETCH_EVENT_FOLDER_END, trouble);
	local->begun = false;
	local->folder++;
}

static gsize
step_file(struct local *local)
{
	g_autofree char *trouble = NULL;
	gsize used = 0;
	bool more = local->mbox != NULL ? local_mbox_next(local, &used, &trouble)
					: local_tar_next(local, &used, &trouble);

	if (!more)
		end_folder(local, trouble);
	return used;
}

static gsize
step_folder(struct local *local)
{
	const struct local_folder *folder = current(local);

	while (local->message < folder->messages->len) {
		const struct local_message *message = folder->messages->pdata[local->message++];
		g_ptr_array_add(local->present, g_strdup(message->uid));
		if (!local_is_known(local, message->uid))
			return take_message(local, message);
	}
	say_unsettled(local);
	end_folder(local, folder->trouble);
	return 0;
}

static bool
is_one_file(const struct local *local)
{
	return local->mbox != NULL || local->tarball != NULL;
}

static gsize
local_step(void *dialogue)
{
	struct local *local = dialogue;

	while (local->folder < local->folders->len && !local->begun &&
	       !account_wants_folder(local->session->account, current(local)->name))
		local->folder++;
	if (local->folder >= local->folders->len) {
		session_finish(local->session, FETCH_OK, "");
		return 0;
	}
	if (!local->begun)
		begin_folder(local);
	return is_one_file(local) ? step_file(local) : step_folder(local);
}

static gint
compare_folders(gconstpointer a, gconstpointer b)
{
	const struct local_folder *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

/* How much there is. Of an mbox or a tar file its size alone, since nothing else is known before it
 * is split. */
static void
plan(struct local *local)
{
	for (guint i = 0; i < local->folders->len; i++) {
		const struct local_folder *from = local->folders->pdata[i];
		struct fetch_folder folder = {
			.folder = from->name,
			.role = from->role,
			.server_count = from->messages->len,
			.bytes = is_one_file(local) ? local->size : 0,
			.estimated = is_one_file(local),
			.state = from->trouble != NULL ? FETCH_FOLDER_FAILED : FETCH_FOLDER_OK,
			.text = from->trouble,
		};
		for (guint n = 0; n < from->messages->len; n++) {
			const struct local_message *message = from->messages->pdata[n];
			struct stat facts;
			if (lstat(message->path, &facts) == 0)
				folder.bytes += (guint64)facts.st_size;
		}
		if (!account_wants_folder(local->session->account, from->name))
			continue;
		session_emit_folder(local->session, FETCH_EVENT_FOLDER_BEGIN, &folder);
		session_emit_folder(local->session, FETCH_EVENT_FOLDER_END, &folder);
	}
}

static void *
local_open(struct session *session)
{
	struct local *local = g_new0(struct local, 1);
	const struct account *account = session->account;
	g_autofree char *why = NULL;
	bool found;

	local->session = session;
	local->folders = g_ptr_array_new_with_free_func(local_folder_free);
	local->known = g_hash_table_new(g_str_hash, g_str_equal);
	local->given = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	local->present = g_ptr_array_new_with_free_func(g_free);
	local->file = local->held = -1;
	if (account->protocol == PROTOCOL_MBOX)
		found = local_mbox_open(local, account->host, &why);
	else if (account->protocol == PROTOCOL_TAR)
		found = local_tar_open(local, account->host, &why);
	else if (account->protocol == PROTOCOL_MAILDIR)
		found = local_list_maildir(local, account->host, &why);
	else
		found = local_list_eml(local, account->host, &why);
	g_ptr_array_sort(local->folders, compare_folders);
	if (found && session->task.kind == FETCH_PLAN)
		plan(local);
	if (!found || session->task.kind != FETCH_PASS)
		session_finish(session, found ? FETCH_OK : FETCH_AWAY, found ? "" : why);
	return local;
}

static void
local_abandon(void *dialogue, const char *why, G_GNUC_UNUSED bool cut)
{
	struct local *local = dialogue;

	if (local->begun)
		end_folder(local, why);
}

static bool
local_is_inside(G_GNUC_UNUSED void *dialogue)
{
	return false;
}

static void
local_close(void *dialogue)
{
	struct local *local = dialogue;

	local_mbox_close(local);
	local_tar_close(local);
	g_ptr_array_unref(local->present);
	g_hash_table_destroy(local->given);
	g_hash_table_destroy(local->known);
	g_ptr_array_unref(local->folders);
	g_free(local);
}

const struct session_protocol local_protocol = {
	.open = local_open,
	.step = local_step,
	.is_inside = local_is_inside,
	.abandon = local_abandon,
	.close = local_close,
};
