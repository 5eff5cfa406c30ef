/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_STORE_OPS_H
#define FLAGPOST_STORE_STORE_OPS_H
/*
 * store_ops - what a database must do to hold the facts of store.h.
 *
 * store.c keeps the order (lock, batches, copies before commit) and calls a driver; a driver
 * knows tables and nothing of files beside its own. Every operation means what the function of
 * store.h with its name says; those of batches are called between begin and commit only, the
 * others never.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/store.h"

/* A driver's own state. */
struct store_driver;

/* A volume as the last commit left it. */
struct store_volume {
	char *name;
	guint64 end;
};

struct store_ops {
	/* Opens or creates the database in data_dir and migrates it. */
	struct store_driver *(*open)(const char *data_dir, GError **error);
	void (*close)(struct store_driver *driver);
	/* All volumes known, of struct store_volume. */
	GPtrArray *(*volumes)(struct store_driver *driver, GError **error);
	/* Names of volumes that are still to be overwritten, of char *; and: they are gone. */
	GPtrArray *(*leaving)(struct store_driver *driver, GError **error);
	bool (*left)(struct store_driver *driver, GError **error);
	/* Names of the keys that copies are sealed with; of char *. */
	GPtrArray *(*keys)(struct store_driver *driver, GError **error);

	bool (*run_begin)(struct store_driver *driver, const char *command, const char *ruleset,
	    gint64 now, gint64 *run, GError **error);
	bool (*run_end)(
	    struct store_driver *driver, gint64 run, int exit_code, gint64 now, GError **error);
	bool (*ruleset)(struct store_driver *driver, const struct store_ruleset *set, gint64 now,
	    GError **error);
	bool (*accounts)(struct store_driver *driver, const struct store_account *accounts, guint n,
	    gint64 now, GError **error);
	GPtrArray *(*folders)(
	    struct store_driver *driver, const char *account, bool with_uidls, GError **error);

	bool (*traffic_of)(struct store_driver *driver, const char *account, gint64 day,
	    guint64 *bytes, GError **error);

	bool (*canary_get)(struct store_driver *driver, const char *account,
	    struct store_canary *out, GError **error);
	bool (*canary_put)(struct store_driver *driver, const char *account,
	    const struct store_canary *canary, const char *message_id, const char *sha256,
	    GError **error);
	bool (*pulse)(struct store_driver *driver, gint64 run, gint64 now, GError **error);
	bool (*last_pulse)(struct store_driver *driver, gint64 *last, GError **error);
	bool (*pulse_account)(struct store_driver *driver, const char *account, gint64 begun,
	    gint64 moved, GError **error);

	bool (*begin)(struct store_driver *driver, GError **error);
	/*
	 * What messages of the batch add to rows that they share may be put off by record until
	 * here: it comes before every other operation of a batch but lookup, and before folders.
	 */
	bool (*gather)(struct store_driver *driver, GError **error);
	/* All that is to be in the commit but the copies; nothing is recorded after it. */
	bool (*prepare)(struct store_driver *driver, GError **error);
	bool (*commit)(struct store_driver *driver, GError **error);
	void (*rollback)(struct store_driver *driver);
	/* place: where its copy lies, as far as was recorded; without a volume: none */
	bool (*lookup)(struct store_driver *driver, const char *sha256, const char *message_id,
	    bool *known, struct vault_place *place, bool *reused, GError **error);
	bool (*record)(
	    struct store_driver *driver, const struct store_message *message, GError **error);
	bool (*fail)(
	    struct store_driver *driver, const struct store_failure *failure, GError **error);
	bool (*canary_planted)(struct store_driver *driver, const char *account,
	    const char *trouble, gint64 now, GError **error);
	bool (*canary_seen)(struct store_driver *driver, const char *account,
	    const char *message_id, const char *sha256, gint64 now, bool *exact, GError **error);
	bool (*traffic)(struct store_driver *driver, const char *account, gint64 day, guint64 bytes,
	    GError **error);
	bool (*folder_rest)(struct store_driver *driver, const char *account, const char *folder,
	    guint32 uidvalidity, guint32 from, guint32 upto, gint64 seen, GError **error);
	bool (*folder_end)(
	    struct store_driver *driver, const struct store_folder_end *end, GError **error);
	bool (*account_end)(
	    struct store_driver *driver, const struct store_account_end *end, GError **error);
	bool (*note)(struct store_driver *driver, const char *account, const char *folder,
	    const char *word, const char *text, gint64 seen, gint64 run, GError **error);
	bool (*note_once)(struct store_driver *driver, const char *account, const char *folder,
	    const char *word, const char *text, gint64 since, gint64 seen, gint64 run,
	    GError **error);
};

extern const struct store_ops store_sqlite;

void store_volume_free(struct store_volume *volume);

#endif
