/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chores - see chores.h. Does nothing of it itself, and holds no password. */
#include "daemon/chores.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/archiving.h"
#include "daemon/daemon.h"
#include "rules/prefilter.h"

/* Archives wait for a month to be over, keys for the next look, the others for a day. */
enum period { PERIOD_DAY, PERIOD_MONTH, PERIOD_LOOK };

struct kind {
	const char *word, *failed; /* of the note, and its words: "FAILED (why)" */
	const char *argv[3];       /* behind the program and its configuration */
	enum period period;
	bool after_check; /* only when the day's copies were verified */
	bool gaps;        /* exit code 2 is an end: the next day's run goes on there */
	bool (*wanted)(const struct config *config);
};

static bool
wants_archives(const struct config *config)
{
	return config->archive.monthly;
}

static bool
wants_purges(const struct config *config)
{
	return config->retention->len > 0;
}

static bool
wants_stamps(const struct config *config)
{
	return config->ledger.tsa != NULL;
}

static bool
wants_comparisons(const struct config *config)
{
	return config->prefilter && prefilter_lacking() == NULL;
}

static bool
wants_keys(const struct config *config)
{
	return config->dkim.keys;
}

static bool
wants_rewrites(const struct config *config)
{
	return config->copies.encrypt || config->copies.compress_after != 0;
}

static const struct kind kinds[] = {
	{ "archive-failed", "months that are over could not be archived", { "archive", "create" },
	    PERIOD_MONTH, false, false, wants_archives },
	{ "purge-failed", "mail that has had its time could not be purged", { "purge" }, PERIOD_DAY,
	    true, true, wants_purges },
	{ "stamp-failed", "the ledger could not be time-stamped", { "audit", "stamp" }, PERIOD_DAY,
	    false, false, wants_stamps },
	{ "rewrite-failed", "copies could not be brought into their form", { "copies", "rewrite" },
	    PERIOD_DAY, false, true, wants_rewrites },
	{ "keys-failed", "keys of DKIM signatures could not be asked for", { "dkim", "ask" },
	    PERIOD_LOOK, false, false, wants_keys },
	{ "prefilter-differs",
	    "mail is judged in two ways with the prefilter and without, or could not be compared",
	    { "rules", "compare" }, PERIOD_DAY, true, true, wants_comparisons },
};

struct chore {
	const struct kind *kind;
	struct chores *chores;
	guint child_watch;
	GPid child;
	char *done;   /* the day or month in which it was done, or NULL */
	char *trying; /* the same of the process under way */
	gint64 again; /* monotonic: not before */
};

struct chores {
	const struct config *config;
	post_note *note;
	chores_checked *checked;
	void *data;
	guint timer, check_timer;
	struct chore list[G_N_ELEMENTS(kinds)];
};

static void
fail(struct chore *chore, const char *why)
{
	g_autofree char *text = g_strdup_printf(
	    "%s (%s): the log says why; it is tried again in an hour", chore->kind->failed, why);

	log_error("%s", text);
	chore->chores->note(chore->kind->word, text, chore->chores->data);
	chore->again = g_get_monotonic_time() + CHORES_AGAIN_S * (gint64)G_USEC_PER_SEC;
}

static void
on_end(GPid child, gint status, void *data)
{
	struct chore *chore = data;
	g_autoptr(GError) error = NULL;

	chore->child_watch = 0;
	g_spawn_close_pid(child);
	if (g_spawn_check_wait_status(status, &error) ||
	    (chore->kind->gaps && g_error_matches(error, G_SPAWN_EXIT_ERROR, DAEMON_EXIT_GAPS))) {
		g_free(chore->done);
		chore->done = g_steal_pointer(&chore->trying);
		return;
	}
	fail(chore, error->message);
}

static void
start(struct chore *chore, char *period)
{
	const char *argv[] = { "/proc/self/exe", "flagpost", "--config",
		chore->chores->config->path, "--quiet", NULL, NULL, NULL, NULL };
	GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_FILE_AND_ARGV_ZERO;
	g_autoptr(GError) error = NULL;
	guint at = 5;

	for (guint i = 0; chore->kind->argv[i] != NULL; i++)
		argv[at++] = chore->kind->argv[i];
	argv[at] = "--automatic";
	g_free(chore->trying);
	chore->trying = period;
	if (g_spawn_async(NULL, (char **)argv, NULL, flags, NULL, NULL, &chore->child, &error))
		chore->child_watch = g_child_watch_add(chore->child, on_end, chore);
	else
		fail(chore, error->message);
}

static char *
period_of(const struct chore *chore)
{
	g_autofree char *local = clock_local(clock_now(), chore->chores->config->zone);

	static const char *const shapes[] = { [PERIOD_DAY] = "2026-11-22",
		[PERIOD_MONTH] = "2026-11",
		[PERIOD_LOOK] = "2026-11-22 09:02:05" };

	return g_strndup(local, strlen(shapes[chore->kind->period]));
}

static void
look_at(struct chore *chore)
{
	const struct chores *chores = chore->chores;

	if (!chore->kind->wanted(chores->config) || chore->child_watch != 0 ||
	    g_get_monotonic_time() < chore->again ||
	    (chore->kind->after_check && !chores->checked(chores->data)))
		return;
	g_autofree char *period = period_of(chore);
	if (g_strcmp0(chore->done, period) != 0)
		start(chore, g_steal_pointer(&period));
}

static gboolean
look(void *data)
{
	struct chores *chores = data;

	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		look_at(&chores->list[i]);
	return G_SOURCE_CONTINUE;
}

static gboolean
look_at_check(void *data)
{
	struct chores *chores = data;

	if (!chores->checked(chores->data))
		return G_SOURCE_CONTINUE;
	chores->check_timer = 0;
	look(chores);
	return G_SOURCE_REMOVE;
}

void
chores_await_check(struct chores *chores)
{
	if (chores->check_timer == 0)
		chores->check_timer = g_timeout_add_seconds(CHORES_CHECK_S, look_at_check, chores);
}

struct chores *
chores_new(post_note *note, chores_checked *checked, void *data)
{
	struct chores *chores = g_new0(struct chores, 1);

	chores->note = note;
	chores->checked = checked;
	chores->data = data;
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		chores->list[i].kind = &kinds[i];
		chores->list[i].chores = chores;
	}
	return chores;
}

void
chores_follow(struct chores *chores, const struct config *config)
{
	chores->config = config;
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		chores->list[i].again = 0;
	if (chores->timer == 0)
		chores->timer = g_timeout_add_seconds(CHORES_LOOK_S, look, chores);
	look(chores);
}

void
chores_free(struct chores *chores)
{
	if (chores == NULL)
		return;
	g_clear_handle_id(&chores->timer, g_source_remove);
	g_clear_handle_id(&chores->check_timer, g_source_remove);
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_clear_handle_id(&chores->list[i].child_watch, g_source_remove);
		g_free(chores->list[i].done);
		g_free(chores->list[i].trying);
	}
	g_free(chores);
}
