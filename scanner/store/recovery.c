/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never destroys a copy: what is cut off was put aside or is no whole entry.
 */
#include "store/recovery.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/vault-aside.h"
#include "store/vault-rewrite.h"

struct recovery {
	const struct store_ops *ops;
	struct store_driver *driver;
	struct vault *vault;
	GTimeZone *zone;
	GPtrArray *amiss; /* what is wrong with volumes, of char *: "WORD\nTEXT" */
};

struct recovery *
recovery_new(
    const struct store_ops *ops, struct store_driver *driver, struct vault *vault, GTimeZone *zone)
{
	struct recovery *recovery = g_new0(struct recovery, 1);

	recovery->ops = ops;
	recovery->driver = driver;
	recovery->vault = vault;
	recovery->zone = g_time_zone_ref(zone);
	recovery->amiss = g_ptr_array_new_with_free_func(g_free);
	return recovery;
}

void
recovery_free(struct recovery *recovery)
{
	if (recovery == NULL)
		return;
	g_ptr_array_unref(recovery->amiss);
	g_time_zone_unref(recovery->zone);
	g_free(recovery);
}

/* Kept for the notes of runs. True when the trouble is the volume's own, which stops nothing. */
static bool
is_amiss(struct recovery *recovery, const struct store_volume *volume, const GError *trouble)
{
	guint64 size;
	enum vault_state state = vault_look(recovery->vault, volume->name, volume->end, &size);

	if (state == VAULT_WHOLE)
		return false;
	log_error(
	    "store: %s; copies in it are gone, and what comes is kept elsewhere", trouble->message);
	g_ptr_array_add(recovery->amiss,
	    g_strdup_printf("%s\n%s",
		state == VAULT_MISSING ? "volume-missing" : "volume-shortened", trouble->message));
	return true;
}

/* --- what stands in volumes and nobody knows --- */

static bool
set_aside(struct recovery *recovery, GError **error)
{
	g_autoptr(GPtrArray) volumes = recovery->ops->volumes(recovery->driver, error);
	g_autoptr(GPtrArray) leaving =
	    volumes != NULL ? recovery->ops->leaving(recovery->driver, error) : NULL;
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	guint copies, all = 0;

	if (leaving == NULL)
		return false;
	g_ptr_array_extend(names, leaving, NULL, NULL);
	for (guint i = 0; i < volumes->len; i++) {
		const struct store_volume *volume = g_ptr_array_index(volumes, i);
		g_ptr_array_add(names, volume->name);
		if (!vault_set_aside(recovery->vault, volume->name, volume->end, &copies, error))
			return false;
		all += copies;
	}
	g_ptr_array_add(names, NULL);
	if (!vault_set_unknown_aside(
		recovery->vault, (const char *const *)names->pdata, &copies, error))
		return false;
	all += copies;
	if (all > 0)
		log_error("store: %u copies that the database does not know are put aside in "
			  "copies/" VAULT_ASIDE,
		    all);
	return true;
}

bool
recovery_set_aside(struct recovery *recovery, GError **error)
{
	int lock = vault_lock(recovery->vault, error);
	bool right = lock >= 0 && set_aside(recovery, error);

	vault_unlock(&lock);
	return right;
}

enum state { UNKNOWN, KEPT, PURGED };

/* KEPT: its bytes stand where the database says; an archive is proved elsewhere. */
static bool
look_up(struct recovery *recovery, const char *sha256, enum state *state, GError **error)
{
	struct vault_place place;
	bool known, reused;

	*state = UNKNOWN;
	if (!recovery->ops->lookup(recovery->driver, sha256, "", &known, &place, &reused, error))
		return false;
	if (known && strcmp(place.volume, VAULT_PURGED) == 0)
		*state = PURGED;
	else if (known && (strcmp(place.volume, VAULT_ARCHIVED) == 0 ||
			      (place.volume[0] != '\0' && vault_check(recovery->vault, &place,
							      sha256, NULL) == VAULT_EXACT)))
		*state = KEPT;
	return true;
}

/*
 * Of what lies aside, that goes whose copies are all kept by now. What was purged meanwhile, as
 * behind a rewriting that was killed before it removed the old volume, goes from here as well.
 * *left: copies that are neither.
 */
static bool
settle_one(struct recovery *recovery, const char *name, guint *left, GError **error)
{
	g_autoptr(GPtrArray) digests = vault_aside_digests(recovery->vault, name, error);
	enum state state;

	*left = 0;
	if (digests == NULL)
		return false;
	for (guint i = 0; i < digests->len; i++) {
		if (!look_up(recovery, digests->pdata[i], &state, error))
			return false;
		if (state == PURGED &&
		    !vault_aside_overwrite(recovery->vault, name, digests->pdata[i], error))
			return false;
		*left += state == UNKNOWN;
	}
	return *left > 0 || vault_aside_remove(recovery->vault, name, error);
}

bool
recovery_settle(struct recovery *recovery, gint64 now, gint64 run, GError **error)
{
	g_autoptr(GPtrArray) names = vault_aside(recovery->vault, error);
	gint64 today, tomorrow;
	guint left;

	clock_day(now, recovery->zone, &today, &tomorrow);
	for (guint i = 0; names != NULL && i < names->len; i++) {
		const char *name = names->pdata[i];
		if (!settle_one(recovery, name, &left, error))
			return false;
		g_autofree char *text = g_strdup_printf(
		    "copies/%s: %u copies that the database does not know were put aside, as "
		    "after a database of an earlier day was put back",
		    name, left);
		if (left > 0 && !recovery->ops->note_once(recovery->driver, "", "", "copies-aside",
				    text, today, now, run, error))
			return false;
	}
	return names != NULL;
}

/* --- bringing it back --- */

/* Brings every volume back to what the last commit said. What no row names goes, and with it what
 * was leaving. */
static bool
bring_back(struct recovery *recovery, GError **error)
{
	g_autoptr(GPtrArray) volumes = recovery->ops->volumes(recovery->driver, error);
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	if (volumes == NULL)
		return false;
	g_ptr_array_set_size(recovery->amiss, 0);
	for (guint i = 0; i < volumes->len; i++) {
		const struct store_volume *volume = g_ptr_array_index(volumes, i);
		GError *trouble = NULL;
		g_ptr_array_add(names, volume->name);
		if (vault_recover(recovery->vault, volume->name, volume->end, &trouble))
			continue;
		if (!is_amiss(recovery, volume, trouble)) {
			g_propagate_error(error, trouble);
			return false;
		}
		g_error_free(trouble);
	}
	g_ptr_array_add(names, NULL);
	return vault_recover_unknown(recovery->vault, (const char *const *)names->pdata, error) &&
	       recovery->ops->left(recovery->driver, error);
}

/* A rewriting, which gives a name to a file before it commits it, is waited for. */
bool
recovery_bring_back(struct recovery *recovery, GError **error)
{
	int lock = vault_lock(recovery->vault, error);
	bool right = lock >= 0 && bring_back(recovery, error);

	vault_unlock(&lock);
	return right;
}

bool
recovery_note(struct recovery *recovery, gint64 now, gint64 run, GError **error)
{
	gint64 today, tomorrow;

	clock_day(now, recovery->zone, &today, &tomorrow);
	for (guint i = 0; i < recovery->amiss->len; i++) {
		g_auto(GStrv) words = g_strsplit(g_ptr_array_index(recovery->amiss, i), "\n", 2);
		if (!recovery->ops->note_once(
			recovery->driver, "", "", words[0], words[1], today, now, run, error))
			return false;
	}
	return true;
}
