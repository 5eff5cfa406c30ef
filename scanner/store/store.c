/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order of things: one writer, copies synced before the commit that names them, a batch whole
 * or not at all. Never touches a table itself.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "store/recovery.h"
#include "store/store-ops.h"

enum batch {
	BATCH_NONE,
	BATCH_OPEN,
	BATCH_BROKEN, /* something in it failed: it can only be rolled back */
};

struct store {
	const struct store_ops *ops;
	struct store_driver *driver;
	struct vault *vault;
	struct recovery *recovery;
	int lock;
	enum batch batch;
	bool astray; /* the vault could not be brought back to the committed state */
};

void
store_volume_free(struct store_volume *volume)
{
	g_free(volume->name);
	g_free(volume);
}

void
store_folder_free(struct store_folder *folder)
{
	if (folder == NULL)
		return;
	g_free(folder->folder);
	g_array_unref(folder->retry);
	g_clear_pointer(&folder->rest_done, g_array_unref);
	g_strfreev(folder->uidls);
	g_free(folder);
}

/* --- opening --- */

static void
refuse_second(int fd, const char *path, GError **error)
{
	char pid[16] = "";
	ssize_t n = pread(fd, pid, sizeof pid - 1, 0);

	pid[MAX(n, 0)] = '\0';
	g_strstrip(pid);
	g_set_error(error, FAULT, FAULT_RETRY, "%s: another flagpost is writing (pid %s)", path,
	    strspn(pid, "0123456789") == strlen(pid) && pid[0] != '\0' ? pid : "unknown");
}

/* Held by the open file description, so that it ends with the process however that ends. */
int
store_hold(const char *data_dir, GError **error)
{
	g_autofree char *path = g_build_filename(data_dir, "lock", NULL);
	g_autofree char *pid = g_strdup_printf("%d\n", (int)getpid());
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		fault_errno(error, "%s", path);
		return -1;
	}
	bool right = fcntl(fd, F_OFD_SETLK, &whole) == 0;
	if (!right && (errno == EAGAIN || errno == EACCES))
		refuse_second(fd, path, error);
	else if (!right || ftruncate(fd, 0) < 0)
		fault_errno(error, "lock %s", path);
	else if (io_pwrite_all(fd, pid, strlen(pid), 0, error))
		return fd;
	io_close(&fd);
	return -1;
}

/* Copies that nobody can read are no evidence: what is lacking is to be found before it is late. */
static bool
has_keys(const struct store *store, GError **error)
{
	const struct cipher_keys *keys = vault_keys(store->vault);
	g_autoptr(GPtrArray) needed = store->ops->keys(store->driver, error);

	for (guint i = 0; needed != NULL && i < needed->len; i++) {
		const char *key = needed->pdata[i];
		if (keys != NULL && cipher_keys_has(keys, key))
			continue;
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "copies are encrypted with the key %s, which is not here: name it in [general] "
		    "copies_old_keys until flagpost copies rewrite has ended",
		    key);
		return false;
	}
	return needed != NULL;
}

struct store *
store_open(const char *data_dir, GTimeZone *zone, GError **error)
{
	return store_open_with(data_dir, zone, NULL, error);
}

struct store *
store_open_with(const char *data_dir, GTimeZone *zone, struct cipher_keys *keys, GError **error)
{
	g_autoptr(cipher_keys) held = keys;
	g_autoptr(store) store = g_new0(struct store, 1);
	g_autofree char *copies = g_build_filename(data_dir, "copies", NULL);

	store->ops = &store_sqlite;
	store->lock = -1;
	if (!io_make_folders(data_dir, 0700, error) ||
	    (store->lock = store_hold(data_dir, error)) < 0)
		return NULL;
	store->driver = store->ops->open(data_dir, error);
	if (store->driver == NULL)
		return NULL;
	store->vault = vault_open(copies, zone, error);
	if (store->vault == NULL)
		return NULL;
	if (held != NULL)
		vault_take_keys(store->vault, g_steal_pointer(&held));
	if (!has_keys(store, error))
		return NULL;
	store->recovery = recovery_new(store->ops, store->driver, store->vault, zone);
	if (!recovery_set_aside(store->recovery, error) ||
	    !recovery_bring_back(store->recovery, error))
		return NULL;
	return g_steal_pointer(&store);
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	recovery_free(store->recovery);
	if (store->driver != NULL) {
		if (store->batch != BATCH_NONE)
			store->ops->rollback(store->driver);
		store->ops->close(store->driver);
	}
	vault_close(store->vault);
	io_close(&store->lock);
	g_free(store);
}

struct vault *
store_vault(struct store *store)
{
	return store->vault;
}

/* --- outside batches, and within --- */

static bool
outside(const struct store *store, const char *what, GError **error)
{
	if (store->batch == BATCH_NONE)
		return true;
	g_set_error(error, FAULT, FAULT_BUG, "%s: within a batch", what);
	return false;
}

static bool
inside(const struct store *store, const char *what, GError **error)
{
	if (store->batch == BATCH_OPEN)
		return true;
	g_set_error(error, FAULT, FAULT_BUG, "%s: %s", what,
	    store->batch == BATCH_NONE ? "no batch is open" : "the batch failed before");
	return false;
}

/* A failure may leave half a message in the transaction: nobody may commit that. */
static bool
done(struct store *store, bool right)
{
	if (!right && store->batch == BATCH_OPEN)
		store->batch = BATCH_BROKEN;
	return right;
}

/* Within a batch, and all that was put off is done. */
static bool
gathered(struct store *store, const char *what, GError **error)
{
	return inside(store, what, error) && done(store, store->ops->gather(store->driver, error));
}

bool
store_run_begin(struct store *store, const char *command, const char *ruleset, gint64 now,
    gint64 *run, GError **error)
{
	return outside(store, "begin a run", error) &&
	       store->ops->run_begin(store->driver, command, ruleset, now, run, error) &&
	       recovery_note(store->recovery, now, *run, error);
}

bool
store_run_end(struct store *store, gint64 run, int exit_code, gint64 now, GError **error)
{
	return outside(store, "end a run", error) &&
	       recovery_settle(store->recovery, now, run, error) &&
	       store->ops->run_end(store->driver, run, exit_code, now, error);
}

bool
store_ruleset(struct store *store, const struct store_ruleset *set, gint64 now, GError **error)
{
	return outside(store, "remember the rule set", error) &&
	       store->ops->ruleset(store->driver, set, now, error);
}

bool
store_accounts(
    struct store *store, const struct store_account *accounts, guint n, gint64 now, GError **error)
{
	return outside(store, "remember the accounts", error) &&
	       store->ops->accounts(store->driver, accounts, n, now, error);
}

GPtrArray *
store_folders(struct store *store, const char *account, bool with_uidls, GError **error)
{
	if (store->batch == BATCH_OPEN && !gathered(store, "list folders", error))
		return NULL;
	return store->ops->folders(store->driver, account, with_uidls, error);
}

/* --- batches --- */

bool
store_begin(struct store *store, GError **error)
{
	if (!outside(store, "begin a batch", error))
		return false;
	if (store->astray) {
		g_set_error(error, FAULT, FAULT_IO,
		    "the copies could not be brought back to the last commit: open the store anew");
		return false;
	}
	if (!store->ops->begin(store->driver, error))
		return false;
	store->batch = BATCH_OPEN;
	return true;
}

bool
store_commit(struct store *store, GError **error)
{
	if (store->batch != BATCH_OPEN) {
		g_set_error(error, FAULT, FAULT_BUG, "commit: %s",
		    store->batch == BATCH_NONE ? "no batch is open" : "the batch failed before");
		store_rollback(store);
		return false;
	}
	/* The disk takes the copies while the search's words are put in order. */
	vault_begin_sync(store->vault);
	if (!store->ops->gather(store->driver, error) ||
	    !store->ops->prepare(store->driver, error) || !vault_sync(store->vault, error) ||
	    !store->ops->commit(store->driver, error)) {
		store_rollback(store);
		return false;
	}
	store->batch = BATCH_NONE;
	return true;
}

void
store_rollback(struct store *store)
{
	g_autoptr(GError) error = NULL;

	store->ops->rollback(store->driver);
	store->batch = BATCH_NONE;
	if (!recovery_bring_back(store->recovery, &error)) {
		store->astray = true;
		log_error("store: %s", error->message);
	}
}

bool
store_lookup(struct store *store, const char *sha256, const char *message_id, bool *known,
    bool *copied, bool *reused, GError **error)
{
	struct vault_place place;

	if (!store->ops->lookup(store->driver, sha256, message_id, known, &place, reused, error))
		return false;
	/* Of what stands in an archive a copy is kept again, beside it. */
	*copied = place.volume[0] != '\0' && strcmp(place.volume, VAULT_ARCHIVED) != 0 &&
		  vault_holds(store->vault, &place);
	return true;
}

bool
store_record(struct store *store, const struct store_message *message, GError **error)
{
	return inside(store, "record a message", error) &&
	       done(store, store->ops->record(store->driver, message, error));
}

bool
store_fail(struct store *store, const struct store_failure *failure, GError **error)
{
	return gathered(store, "record a failure", error) &&
	       done(store, store->ops->fail(store->driver, failure, error));
}

bool
store_folder_rest(struct store *store, const char *account, const char *folder, guint32 uidvalidity,
    guint32 from, guint32 upto, gint64 seen, GError **error)
{
	return gathered(store, "record the rest of a folder", error) &&
	       done(store, store->ops->folder_rest(store->driver, account, folder, uidvalidity,
			       from, upto, seen, error));
}

bool
store_folder_end(struct store *store, const struct store_folder_end *end, GError **error)
{
	return gathered(store, "end a folder", error) &&
	       done(store, store->ops->folder_end(store->driver, end, error));
}

bool
store_account_end(struct store *store, const struct store_account_end *end, GError **error)
{
	return gathered(store, "end an account", error) &&
	       done(store, store->ops->account_end(store->driver, end, error));
}

bool
store_note(struct store *store, const char *account, const char *folder, const char *word,
    const char *text, gint64 seen, gint64 run, GError **error)
{
	return gathered(store, "record a note", error) &&
	       done(store,
		   store->ops->note(store->driver, account, folder, word, text, seen, run, error));
}

bool
store_note_once(struct store *store, const char *account, const char *folder, const char *word,
    const char *text, gint64 since, gint64 seen, gint64 run, GError **error)
{
	return gathered(store, "record a note", error) &&
	       done(store, store->ops->note_once(store->driver, account, folder, word, text, since,
			       seen, run, error));
}

bool
store_traffic(struct store *store, const char *account, gint64 day, guint64 bytes, GError **error)
{
	return gathered(store, "count what came from a server", error) &&
	       done(store, store->ops->traffic(store->driver, account, day, bytes, error));
}

bool
store_traffic_of(
    struct store *store, const char *account, gint64 day, guint64 *bytes, GError **error)
{
	return store->ops->traffic_of(store->driver, account, day, bytes, error);
}

bool
store_canary_get(struct store *store, const char *account, struct store_canary *out, GError **error)
{
	return store->ops->canary_get(store->driver, account, out, error);
}

bool
store_canary_put(struct store *store, const char *account, const struct store_canary *canary,
    const char *message_id, const char *sha256, GError **error)
{
	return store->ops->canary_put(store->driver, account, canary, message_id, sha256, error);
}

bool
store_canary_planted(
    struct store *store, const char *account, const char *trouble, gint64 now, GError **error)
{
	return gathered(store, "record a canary", error) &&
	       done(store, store->ops->canary_planted(store->driver, account, trouble, now, error));
}

bool
store_canary_seen(struct store *store, const char *account, const char *message_id,
    const char *sha256, gint64 now, bool *exact, GError **error)
{
	return gathered(store, "find a canary", error) &&
	       done(store, store->ops->canary_seen(
			       store->driver, account, message_id, sha256, now, exact, error));
}

bool
store_pulse(struct store *store, gint64 run, gint64 now, GError **error)
{
	return store->ops->pulse(store->driver, run, now, error);
}

bool
store_pulse_account(
    struct store *store, const char *account, gint64 begun, gint64 moved, GError **error)
{
	return store->ops->pulse_account(store->driver, account, begun, moved, error);
}

bool
store_last_pulse(struct store *store, gint64 *last, GError **error)
{
	return store->ops->last_pulse(store->driver, last, error);
}
