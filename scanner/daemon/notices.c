/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mail is in the outbox before the cursor moves: a kill between the two sends it twice, and loses
 * none.
 */
#include "daemon/notices.h"

#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "daemon/letters.h"
#include "daemon/own-mail.h"
#include "reports/notice.h"
#include "store/view-report.h"

#define LOOK_MS   (60 * 1000) /* passes may be long, and flags come all the while */
#define AT_ONCE   1000        /* flags that one mail speaks of */
#define HOUR      (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)
#define STATE_MAX 4096

struct notices {
	struct post *post;
	post_note *note;
	void *data;
	const struct config *config;
	const struct ruleset *ruleset;
	bool known;         /* the three below */
	gint64 start, sent; /* flags: what was there before us; the last that was looked at */
	GArray *mails;      /* gint64: when those of the last hour went out */
	bool waiting;       /* something was held back */
	guint timer;
};

/* --- how far it is --- */

static char *
state_path(const struct notices *notices)
{
	return g_build_filename(notices->config->data_dir, "notices", NULL);
}

static bool
state_save(const struct notices *notices, GError **error)
{
	g_autofree char *path = state_path(notices);
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_append_printf(
	    text, "%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT "\n", notices->start, notices->sent);
	for (guint i = 0; i < notices->mails->len; i++)
		g_string_append_printf(
		    text, "%" G_GINT64_FORMAT "\n", g_array_index(notices->mails, gint64, i));
	return io_replace_file(path, text->str, text->len, 0600, error);
}

static bool
state_parse(struct notices *notices, const char *text, gint64 newest)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	gint64 time;

	g_array_set_size(notices->mails, 0);
	if (g_strv_length(lines) < 2 ||
	    !g_ascii_string_to_signed(lines[0], 10, 0, newest, &notices->start, NULL) ||
	    !g_ascii_string_to_signed(lines[1], 10, 0, newest, &notices->sent, NULL))
		return false;
	for (guint i = 2; lines[i] != NULL && *lines[i] != '\0'; i++) {
		if (!g_ascii_string_to_signed(lines[i], 10, 0, G_MAXINT64, &time, NULL))
			return false;
		g_array_append_val(notices->mails, time);
	}
	return true;
}

static bool
state_load(struct notices *notices, struct view *view, GError **error)
{
	g_autofree char *path = state_path(notices);
	gint64 newest = 0;

	if (!view_last_flag(view, &newest, error))
		return false;
	bool there = g_file_test(path, G_FILE_TEST_EXISTS);
	g_autoptr(GBytes) bytes = there ? io_read_file(path, STATE_MAX, error) : NULL;
	if (there && bytes == NULL)
		return false;
	gsize size = 0;
	const char *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;
	g_autofree char *text = g_strndup(data != NULL ? data : "", size);
	notices->known = true;
	if (there && state_parse(notices, text, newest))
		return true;
	g_array_set_size(notices->mails, 0);
	notices->start = notices->sent = newest;
	if (there) {
		g_autofree char *lost = g_strdup_printf("%s does not say how far it was, or more "
							"than there is; nobody was told of flags "
							"before this at once",
		    path);
		log_warning("%s", lost);
		notices->note("notices-restarted", lost, notices->data);
	}
	return state_save(notices, error);
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

/* One of ours that came back changed quotes what was told already: to tell of it would never end.
 */
static bool
is_own(struct view *view, const struct view_brief *brief, bool *own, GError **error)
{
	*own = false;
	return !own_mail_is_named(brief->message_id) ||
	       view_is_noted(view, OWN_MAIL_ALTERED, brief->sha256, own, error);
}

static bool
was_told(const struct notices *notices, struct view *view, const struct view_brief *brief,
    bool *told, GError **error)
{
	g_autoptr(GPtrArray) before =
	    view_incident_briefs(view, brief->incident, notices->start, notices->sent + 1, error);

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
	if (!is_own(view, brief, &own, error))
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
	g_autoptr(GPtrArray) briefs = view_briefs(view, notices->sent, AT_ONCE, error);

	out->last = notices->sent;
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
	    notices->sent + 1, gathered->last, gathered->told);
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

/* --- how often --- */

/* When the next one may go; a time to come is one of a clock that was set back. */
static gint64
next_allowed(struct notices *notices, gint64 now)
{
	for (guint i = notices->mails->len; i > 0; i--) {
		gint64 time = g_array_index(notices->mails, gint64, i - 1);
		if (time <= now - HOUR || time > now)
			g_array_remove_index(notices->mails, i - 1);
	}
	guint at_most = notices->config->notify->at_most;
	if (notices->mails->len < at_most)
		return now;
	return g_array_index(notices->mails, gint64, notices->mails->len - at_most) + HOUR;
}

static bool
tell(struct notices *notices, struct view *view, struct gathered *gathered, GError **error)
{
	gint64 now = clock_now();

	if (!notices->known && !state_load(notices, view, error))
		return false;
	if (!gather(notices, view, gathered, error))
		return false;
	if (gathered->last == notices->sent)
		return true;
	if (gathered->told > 0 && next_allowed(notices, now) > now) {
		notices->waiting = true;
		return true;
	}
	if (gathered->told > 0) {
		if (!send_notice(notices, view, gathered, error))
			return false;
		g_array_append_val(notices->mails, now);
		notices->waiting = false;
	}
	notices->sent = gathered->last;
	return state_save(notices, error);
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
	notices->mails = g_array_new(FALSE, FALSE, sizeof(gint64));
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
	g_array_unref(notices->mails);
	g_free(notices);
}
