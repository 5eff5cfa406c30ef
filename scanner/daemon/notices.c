/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mail is in the outbox before the cursor moves: a kill between the two sends it twice, and loses
 * none.
 */
#include "daemon/notices.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/cursor.h"
#include "daemon/letters.h"
#include "daemon/own-mail.h"
#include "reports/notice.h"
#include "store/view-report.h"

#define LOOK_MS (60 * 1000) /* passes may be long, and flags come all the while */
#define AT_ONCE 1000        /* flags that one mail speaks of */

struct notices {
	struct post *post;
	post_note *note;
	void *data;
	const struct config *config;
	const struct ruleset *ruleset;
	struct cursor *cursor;
	bool waiting; /* something was held back */
	guint timer;
};

/* --- how far it is --- */

static char *
state_path(const struct notices *notices)
{
	return g_build_filename(notices->config->data_dir, "notices", NULL);
}

static bool
state_load(struct notices *notices, struct view *view, GError **error)
{
	g_autofree char *path = state_path(notices);
	bool damaged;

	if (!cursor_load(notices->cursor, path, view, &damaged, error))
		return false;
	if (!damaged)
		return true;
	g_autofree char *lost =
	    g_strdup_printf("%s does not say how far it was, or more than there "
			    "is; nobody was told of flags before this at once",
		path);
	log_warning("%s", lost);
	notices->note("notices-restarted", lost, notices->data);
	return true;
}

/* --- what is told --- */

static bool
is_severe(const struct notices *notices, const struct view_brief *brief)
{
	const struct rule_info *rule = ruleset_find(notices->ruleset, brief->rule);

	if (rule != NULL && rule->notify != RULE_NOTIFY_SEVERE)
		return rule->notify == RULE_NOTIFY_YES;
	return brief->severity >= notices->config->notify->severity;
}

static bool
was_told(const struct notices *notices, struct view *view, const struct view_brief *brief,
    bool *told, GError **error)
{
	g_autoptr(GPtrArray) before = view_incident_briefs(
	    view, brief->incident, notices->cursor->start, notices->cursor->sent + 1, error);

	*told = false;
	for (guint i = 0; before != NULL && i < before->len; i++)
		*told |= is_severe(notices, before->pdata[i]);
	return before != NULL;
}

struct gathered {
	GHashTable *incidents; /* gint64: those told of here, and those told of before */
	GPtrArray *rows;       /* of struct view_flag */
	guint told, flags;
	gint64 last;
};

static bool
gather_one(const struct notices *notices, struct view *view, const struct view_brief *brief,
    struct gathered *out, GError **error)
{
	bool own, told;

	if (!is_severe(notices, brief))
		return true;
	if (!own_mail_came_back(view, brief, &own, error))
		return false;
	if (own)
		return true;
	if (g_hash_table_contains(out->incidents, &brief->incident)) {
		out->flags++;
		return true;
	}
	if (!was_told(notices, view, brief, &told, error))
		return false;
	if (told)
		return true;
	g_hash_table_add(out->incidents, g_memdup2(&brief->incident, sizeof(brief->incident)));
	out->told++;
	out->flags++;
	if (out->rows->len >= NOTICES_SHOWN)
		return true;
	struct view_flag *row = view_flag_one(view, brief->flag, error);
	if (row != NULL)
		g_ptr_array_add(out->rows, row);
	return row != NULL;
}

static bool
gather(const struct notices *notices, struct view *view, struct gathered *out, GError **error)
{
	g_autoptr(GPtrArray) briefs = view_briefs(view, notices->cursor->sent, AT_ONCE, error);

	out->last = notices->cursor->sent;
	for (guint i = 0; briefs != NULL && i < briefs->len; i++) {
		const struct view_brief *brief = briefs->pdata[i];
		if (!gather_one(notices, view, brief, out, error))
			return false;
		out->last = brief->flag;
	}
	return briefs != NULL;
}

static bool
send_notice(
    struct notices *notices, struct view *view, const struct gathered *gathered, GError **error)
{
	const struct config *config = notices->config;
	const struct notice notice = {
		.organisation = config->organisation,
		.zone_name = config->zone_name,
		.zone = config->zone,
		.mask = (int)config_daily(config)->masked,
		.rows = gathered->rows,
		.incidents = gathered->told,
		.flags = gathered->flags,
		.waited = notices->waiting,
	};
	g_autofree char *subject = notice_subject(&notice);
	g_autofree char *text = notice_text(&notice);
	g_autofree char *what = g_strdup_printf("the notice of flags %" G_GINT64_FORMAT
						" to %" G_GINT64_FORMAT " (%u incidents)",
	    notices->cursor->sent + 1, gathered->last, gathered->told);
	const struct letters_notice letter = { "notice", what, subject, text };

	if (!view_note_access(view, "notify", what, error))
		return false;
	g_autoptr(GPtrArray) mailings = letters_notice(config, config->notify->to, &letter, error);
	if (mailings == NULL)
		return false;
	g_ptr_array_set_free_func(mailings, NULL);
	for (guint i = 0; i < mailings->len; i++)
		post_send(notices->post, mailings->pdata[i]);
	return true;
}

static bool
tell(struct notices *notices, struct view *view, struct gathered *gathered, GError **error)
{
	gint64 now = clock_now();

	if (!notices->cursor->known && !state_load(notices, view, error))
		return false;
	if (!gather(notices, view, gathered, error))
		return false;
	if (gathered->last == notices->cursor->sent)
		return true;
	if (gathered->told > 0 &&
	    cursor_next(notices->cursor, notices->config->notify->at_most, now) > now) {
		notices->waiting = true;
		return true;
	}
	if (gathered->told > 0) {
		if (!send_notice(notices, view, gathered, error))
			return false;
		cursor_mailed(notices->cursor, now);
		notices->waiting = false;
	}
	notices->cursor->sent = gathered->last;
	g_autofree char *path = state_path(notices);
	return cursor_save(notices->cursor, path, error);
}

void
notices_wake(struct notices *notices)
{
	const struct config *config = notices->config;
	g_autoptr(GError) error = NULL;

	if (config == NULL || config->notify == NULL || config->smtp == NULL ||
	    config->notify->to->len == 0)
		return;
	g_autoptr(view) view = view_open(config->data_dir, "service", &error);
	struct gathered gathered = {
		.incidents = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
		.rows = g_ptr_array_new_with_free_func((GDestroyNotify)view_flag_free),
	};
	if (view == NULL || !tell(notices, view, &gathered, &error)) {
		log_error("tell of severe flags: %s", error->message);
		notices->note("not-notified", error->message, notices->data);
	}
	g_hash_table_unref(gathered.incidents);
	g_ptr_array_unref(gathered.rows);
}

static gboolean
look(void *data)
{
	notices_wake(data);
	return G_SOURCE_CONTINUE;
}

struct notices *
notices_new(struct post *post, post_note *note, void *data)
{
	struct notices *notices = g_new0(struct notices, 1);

	notices->post = post;
	notices->note = note;
	notices->data = data;
	notices->cursor = cursor_new();
	return notices;
}

void
notices_follow(struct notices *notices, const struct config *config, const struct ruleset *ruleset)
{
	notices->config = config;
	notices->ruleset = ruleset;
	g_clear_handle_id(&notices->timer, g_source_remove);
	if (config->notify == NULL)
		return;
	notices->timer = g_timeout_add(LOOK_MS, look, notices);
	notices_wake(notices);
}

void
notices_free(struct notices *notices)
{
	if (notices == NULL)
		return;
	g_clear_handle_id(&notices->timer, g_source_remove);
	cursor_free(notices->cursor);
	g_free(notices);
}
