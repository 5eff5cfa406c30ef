/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/inventory.h"

static bool
record_ruleset(struct store *store, const struct sources *sources, const struct ruleset *ruleset,
    gint64 now, GError **error)
{
	guint n = ruleset_count(ruleset);
	g_autofree struct store_rule *rules = g_new0(struct store_rule, MAX(n, 1));

	for (guint i = 0; i < n; i++) {
		const struct rule_info *info = ruleset_info(ruleset, i);
		const struct source *source = sources_find(sources, SOURCE_RULE, info->file);
		rules[i] = (struct store_rule){
			.id = info->id,
			.digest = info->digest,
			.file = info->file,
			.title = info->title,
			.description = info->description,
			.false_positives = info->false_positives,
			.next_step = info->next_step,
			.severity = info->severity,
			.text = source != NULL ? source->text : NULL,
		};
	}
	return store_ruleset(store, ruleset_digest(ruleset), rules, n, now, error);
}

static bool
record_accounts(struct store *store, const GPtrArray *accounts, gint64 now, GError **error)
{
	g_autofree struct store_account *rows = g_new0(struct store_account, MAX(accounts->len, 1));
	g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < accounts->len; i++) {
		const struct account *account = g_ptr_array_index(accounts, i);
		g_ptr_array_add(folders, g_strjoinv("\n", account->folders));
		rows[i] = (struct store_account){
			.name = account->name,
			.host = account->host,
			.protocol = account_protocol_words[account->protocol],
			.user = account->user,
			.purpose = account->purpose,
			.keep = account_keep_words[account->keep],
			.folders = g_ptr_array_index(folders, i),
			.once = account_is_import(account),
		};
	}
	return store_accounts(store, rows, accounts->len, now, error);
}

bool
inventory_record(struct store *store, const struct config *config, const struct sources *sources,
    const struct ruleset *ruleset, gint64 now, GError **error)
{
	return record_ruleset(store, sources, ruleset, now, error) &&
	       record_accounts(store, config->accounts, now, error);
}
