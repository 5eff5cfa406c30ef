/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/metrics.h"

#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "daemon/outbox.h"
#include "store/view-report.h"

struct metrics {
	const struct config *config;
	guint timer;
};

static void
put_head(GString *out, const char *name, const char *help)
{
	g_string_append_printf(
	    out, "# HELP flagpost_now_%s %s\n# TYPE flagpost_now_%s gauge\n", name, help, name);
}

/* Names of accounts have no character that a label must not hold, but for lists of mailboxes. */
static void
put_value(GString *out, const char *name, const char *label, const char *of, guint64 value)
{
	g_string_append_printf(out, "flagpost_now_%s", name);
	if (label != NULL) {
		g_string_append_printf(out, "{%s=\"", label);
		for (const char *p = of; *p != '\0'; p++) {
			if (*p == '\n')
				g_string_append(out, "\\n");
			else if (*p == '"' || *p == '\\')
				g_string_append_printf(out, "\\%c", *p);
			else
				g_string_append_c(out, *p);
		}
		g_string_append(out, "\"}");
	}
	g_string_append_printf(out, " %" G_GUINT64_FORMAT "\n", value);
}

static guint64
seconds(gint64 time)
{
	return time > 0 ? (guint64)(time / G_USEC_PER_SEC) : 0;
}

static void
put_accounts(GString *out, const GPtrArray *accounts)
{
	put_head(out, "account_ok", "1: the last pass over the account was whole.");
	for (guint i = 0; i < accounts->len; i++) {
		const struct view_account *account = accounts->pdata[i];
		if (account->configured)
			put_value(out, "account_ok", "account", account->name,
			    strcmp(account->state, "ok") == 0);
	}
	put_head(out, "account_last_ok_seconds", "When that was last so; 0: never.");
	for (guint i = 0; i < accounts->len; i++) {
		const struct view_account *account = accounts->pdata[i];
		if (account->configured)
			put_value(out, "account_last_ok_seconds", "account", account->name,
			    seconds(account->last_ok));
	}
}

static void
put_sums(GString *out, const GPtrArray *accounts)
{
	guint64 server = 0, kept = 0, failed = 0, waiting = 0;

	for (guint i = 0; i < accounts->len; i++) {
		const struct view_account *account = accounts->pdata[i];
		for (guint n = 0; account->configured && n < account->folders->len; n++) {
			const struct view_folder *folder = account->folders->pdata[n];
			server += folder->server;
			kept += folder->kept;
			failed += folder->failed;
			waiting += folder->waiting;
		}
	}
	put_head(out, "mailbox_messages", "Messages of all folders as of their last pass.");
	put_value(out, "mailbox_messages", "what", "server", server);
	put_value(out, "mailbox_messages", "what", "kept", kept);
	put_value(out, "mailbox_messages", "what", "failed", failed);
	put_value(out, "mailbox_messages", "what", "waiting", waiting);
}

static bool
put_flags(GString *out, const struct config *config, struct view *view, GError **error)
{
	struct view_flag_query today = { 0 };
	guint64 counts[3];

	clock_day(clock_now(), config->zone, &today.from, &today.to);
	if (!view_flags_count(view, &today, counts, error))
		return false;
	put_head(out, "flags_today", "Flags since midnight, by severity.");
	for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
		put_value(out, "flags_today", "severity", severity_words[i], counts[i]);
	return true;
}

static bool
write_file(const struct config *config, GError **error)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct outbox_sum outbox;
	g_autoptr(view) view = view_open(config->data_dir, "service", error);
	g_autoptr(GPtrArray) accounts = view != NULL ? view_accounts(view, error) : NULL;

	if (accounts == NULL || !outbox_sum(config->data_dir, &outbox, error) ||
	    !put_flags(out, config, view, error))
		return false;
	put_accounts(out, accounts);
	put_sums(out, accounts);
	put_head(out, "outbox_mails", "Mails of our own that somebody has not got yet.");
	put_value(out, "outbox_mails", NULL, NULL, outbox.waiting);
	put_head(out, "outbox_oldest_seconds", "When the oldest of them was made; 0: none waits.");
	put_value(out, "outbox_oldest_seconds", NULL, NULL, seconds(outbox.oldest));
	put_head(out, "written_seconds", "When this file was written.");
	put_value(out, "written_seconds", NULL, NULL, seconds(clock_now()));
	return io_replace_file(config->metrics_file, out->str, out->len, 0644, error);
}

static gboolean
look(void *data)
{
	struct metrics *metrics = data;
	g_autoptr(GError) error = NULL;

	if (!write_file(metrics->config, &error))
		log_warning("write the metrics: %s", error->message);
	return G_SOURCE_CONTINUE;
}

struct metrics *
metrics_new(void)
{
	return g_new0(struct metrics, 1);
}

void
metrics_follow(struct metrics *metrics, const struct config *config)
{
	g_clear_handle_id(&metrics->timer, g_source_remove);
	metrics->config = config;
	if (config->metrics_file == NULL)
		return;
	(void)look(metrics);
	metrics->timer = g_timeout_add_seconds((guint)config->metrics_every_s, look, metrics);
}

void
metrics_free(struct metrics *metrics)
{
	if (metrics == NULL)
		return;
	g_clear_handle_id(&metrics->timer, g_source_remove);
	g_free(metrics);
}
