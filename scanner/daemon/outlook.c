/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/outlook.h"

#include <glib-unix.h>
#include <string.h>

#include "base/fault.h"
#include "base/text.h"
#include "daemon/admission.h"
#include "store/view.h"

struct outlook {
	struct fetcher *fetcher;
	struct admission *admission;
	GHashTable *configured; /* name -> struct account, borrowed */
	GHashTable *known;      /* "account\nfolder" -> struct view_folder, borrowed */
	GHashTable *rows;       /* account -> struct outlook_account, borrowed */
	guint under_way, waiting;
	bool lost;
	guint watch;
	GIOCondition watched;
};

static void
folder_free(void *data)
{
	struct outlook_folder *folder = data;

	g_free(folder->folder);
	g_free(folder->role);
	g_free(folder->trouble);
	g_free(folder);
}

static void
account_row_free(void *data)
{
	struct outlook_account *row = data;

	g_free(row->account);
	g_free(row->text);
	g_ptr_array_unref(row->folders);
	g_free(row);
}

/* --- what is known --- */

static char *
folder_key(const char *account, const char *folder)
{
	return g_strconcat(account, "\n", folder, NULL);
}

/* Nothing polled yet: nothing is known. Anything else is worth an error. */
static bool
load_known(struct outlook *plan, const struct config *config, GPtrArray **accounts, GError **error)
{
	g_autofree char *path = g_build_filename(config->data_dir, "flagpost.db", NULL);

	*accounts = NULL;
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return true;
	g_autoptr(view) view = view_open(config->data_dir, "plan", error);
	if (view == NULL || (*accounts = view_accounts(view, error)) == NULL)
		return false;
	for (guint i = 0; i < (*accounts)->len; i++) {
		const struct view_account *account = g_ptr_array_index(*accounts, i);
		struct outlook_account *row = g_hash_table_lookup(plan->rows, account->name);
		for (guint n = 0; n < account->folders->len; n++) {
			struct view_folder *folder = g_ptr_array_index(account->folders, n);
			g_hash_table_insert(
			    plan->known, folder_key(account->name, folder->folder), folder);
		}
		if (row != NULL && !view_line(view, account->name, &row->a_second, error))
			return false;
	}
	return true;
}

/* --- what the servers say --- */

static void
add_folder(struct outlook *plan, struct fetch_folder *from)
{
	struct outlook_account *row = g_hash_table_lookup(plan->rows, from->account);
	g_autofree char *key = folder_key(from->account, from->folder);
	const struct view_folder *known = g_hash_table_lookup(plan->known, key);
	struct outlook_folder *folder = g_new0(struct outlook_folder, 1);

	folder->folder = g_steal_pointer(&from->folder);
	folder->role = g_steal_pointer(&from->role);
	folder->trouble = g_steal_pointer(&from->text);
	folder->messages = from->server_count;
	folder->bytes = from->bytes;
	folder->estimated = from->estimated;
	/* POP3 and mail on this machine have no UIDVALIDITY. */
	if (known != NULL && known->uidvalidity == from->uidvalidity)
		folder->kept = MIN(known->kept + known->failed, folder->messages);
	folder->to_fetch = folder->messages - folder->kept;
	folder->to_come = folder->bytes;
	if (folder->kept > 0) {
		folder->to_come = (guint64)((double)folder->bytes * (double)folder->to_fetch /
					    (double)folder->messages);
		folder->estimated = true;
	}
	g_ptr_array_add(row->folders, folder);
	row->messages += folder->messages;
	row->bytes += folder->bytes;
	row->to_fetch += folder->to_fetch;
	row->to_come += folder->to_come;
	row->estimated |= folder->estimated || folder->trouble[0] != '\0';
}

static void
reckon(struct outlook *plan, struct outlook_account *row)
{
	const struct account *account = g_hash_table_lookup(plan->configured, row->account);

	row->measured = row->a_second > 0;
	if (!row->measured)
		row->a_second = OUTLOOK_BYTES_A_SECOND;
	row->seconds = row->to_come / row->a_second;
	row->a_day = account->bytes_a_day;
	if (row->a_day > 0)
		row->days = (row->to_come + row->a_day - 1) / row->a_day;
}

static void outlook_admit(struct outlook *plan);

static void
account_ends(struct outlook *plan, struct fetch_account_end *end)
{
	struct outlook_account *row = g_hash_table_lookup(plan->rows, end->account);

	row->state = end->state;
	row->milliseconds = end->milliseconds;
	g_free(row->text);
	row->text = g_steal_pointer(&end->text);
	reckon(plan, row);
	plan->under_way--;
	admission_done(plan->admission, g_hash_table_lookup(plan->configured, end->account));
	outlook_admit(plan);
}

static void outlook_watch(struct outlook *plan);

static gboolean
outlook_ready(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	struct outlook *plan = data;
	struct fetch_event event;
	bool more = true;

	fetcher_flush(plan->fetcher);
	while (more && plan->under_way > 0) {
		fetcher_receive(plan->fetcher, &event);
		if (event.kind == FETCH_EVENT_FOLDER_END)
			add_folder(plan, &event.folder);
		if (event.kind == FETCH_EVENT_ACCOUNT_END)
			account_ends(plan, &event.account_end);
		plan->lost = event.kind == FETCH_EVENT_LOST;
		more = event.kind != FETCH_EVENT_NONE && !plan->lost;
		fetch_event_clear(&event);
	}
	if (!plan->lost)
		outlook_watch(plan);
	return g_source_is_destroyed(g_main_current_source()) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
outlook_watch(struct outlook *plan)
{
	GIOCondition wanted = G_IO_IN | G_IO_HUP | G_IO_ERR;

	if (fetcher_wants_write(plan->fetcher))
		wanted |= G_IO_OUT;
	if (plan->watch != 0 && plan->watched == wanted)
		return;
	g_clear_handle_id(&plan->watch, g_source_remove);
	plan->watch = g_unix_fd_add(fetcher_fd(plan->fetcher), wanted, outlook_ready, plan);
	plan->watched = wanted;
}

static void
outlook_admit(struct outlook *plan)
{
	const struct fetch_task task = { .kind = FETCH_PLAN, .bytes = FETCH_ANY_BYTES };
	const struct account *account;

	while ((account = admission_next(plan->admission)) != NULL) {
		plan->waiting--;
		plan->under_way++;
		fetcher_poll(plan->fetcher, account, NULL, &task);
	}
}

/* --- public --- */

static GPtrArray *
take_rows(struct outlook *plan, const struct config *config, const char *const *names)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(account_row_free);
	bool all = names == NULL || *names == NULL;

	for (guint i = 0; i < config->accounts->len; i++) {
		struct account *account = g_ptr_array_index(config->accounts, i);
		if (!all && !g_strv_contains(names, account->name))
			continue;
		struct outlook_account *row = g_new0(struct outlook_account, 1);
		row->account = g_strdup(account->name);
		row->text = g_strdup("");
		row->folders = g_ptr_array_new_with_free_func(folder_free);
		g_ptr_array_add(rows, row);
		g_hash_table_insert(plan->rows, row->account, row);
		g_hash_table_insert(plan->configured, account->name, account);
		admission_add(plan->admission, account);
		plan->waiting++;
	}
	return rows;
}

static bool
outlook_run(struct outlook *plan, const struct config *config, GError **error)
{
	g_autoptr(GPtrArray) known = NULL;

	if (!load_known(plan, config, &known, error))
		return false;
	/* Nothing is fetched, so nothing is spooled: any folder does. */
	plan->fetcher = fetcher_spawn(&config->limits, g_get_tmp_dir(), error);
	if (plan->fetcher == NULL)
		return false;
	outlook_admit(plan);
	outlook_watch(plan);
	while (plan->under_way + plan->waiting > 0 && !plan->lost)
		g_main_context_iteration(NULL, TRUE);
	g_clear_handle_id(&plan->watch, g_source_remove);
	fetcher_free(plan->fetcher);
	if (plan->lost)
		g_set_error(error, FAULT, FAULT_BUG, "the fetcher process ended unexpectedly");
	return !plan->lost;
}

static struct outlook
outlook_begin(const struct config *config)
{
	return (struct outlook){
		.admission = admission_new(
		    config->limits.connections_at_once, config->limits.connections_per_server),
		.configured = g_hash_table_new(g_str_hash, g_str_equal),
		.known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.rows = g_hash_table_new(g_str_hash, g_str_equal),
	};
}

static void
outlook_end(struct outlook *plan)
{
	admission_free(plan->admission);
	g_hash_table_destroy(plan->configured);
	g_hash_table_destroy(plan->known);
	g_hash_table_destroy(plan->rows);
}

GPtrArray *
outlook_make(const struct config *config, const char *const *names, GError **error)
{
	struct outlook plan = outlook_begin(config);
	g_autoptr(GPtrArray) rows = take_rows(&plan, config, names);
	bool fine = outlook_run(&plan, config, error);

	outlook_end(&plan);
	return fine ? g_steal_pointer(&rows) : NULL;
}

GPtrArray *
outlook_assume(const struct config *config, const char *const *names, guint64 bytes, GError **error)
{
	struct outlook plan = outlook_begin(config);
	g_autoptr(GPtrArray) rows = take_rows(&plan, config, names);
	g_autoptr(GPtrArray) known = NULL;
	bool fine = load_known(&plan, config, &known, error);

	for (guint i = 0; fine && i < rows->len; i++) {
		struct outlook_account *row = g_ptr_array_index(rows, i);
		row->to_come = bytes;
		row->estimated = true;
		reckon(&plan, row);
	}
	outlook_end(&plan);
	return fine ? g_steal_pointer(&rows) : NULL;
}

static char *
about(guint64 seconds)
{
	if (seconds < 120)
		return g_strdup_printf("%" G_GUINT64_FORMAT " s", seconds);
	if (seconds < 120 * 60)
		return g_strdup_printf("%" G_GUINT64_FORMAT " min", seconds / 60);
	if (seconds < 48 * 3600)
		return g_strdup_printf("%" G_GUINT64_FORMAT " h", seconds / 3600);
	return g_strdup_printf("%" G_GUINT64_FORMAT " days", seconds / 86400);
}

char *
outlook_sum(const struct outlook_account *account)
{
	g_autofree char *count = text_count(account->to_fetch);
	g_autofree char *messages = g_strdup_printf("%s message%s, %s", count,
	    account->to_fetch == 1 ? "" : "s", account->estimated ? "about " : "");
	g_autofree char *size = text_size(account->to_come);
	g_autofree char *budget = text_size(account->a_day);
	g_autofree char *line = text_size(account->a_second);
	g_autofree char *time = about(account->seconds);

	if (account->to_fetch == 0 && account->to_come == 0)
		return g_strdup("nothing to fetch");
	/* Nobody was asked (outlook_assume). */
	if (account->to_fetch == 0)
		*messages = '\0';
	if (account->days > 1)
		return g_strdup_printf("%s%s, about %" G_GUINT64_FORMAT " days at %s a day",
		    messages, size, account->days, budget);
	return g_strdup_printf("%s%s, about %s at %s a second (%s)", messages, size, time, line,
	    account->measured ? "measured" : "assumed");
}
