/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/inventory.h"

#include <string.h>

#include "base/digest.h"
#include "rules/match.h"

#define SAMPLE_SHOWN                                                                               \
	(64 * 1024) /* bytes of a test's message that a diff shows; else its digest                \
		     */

/* --- what a rule set is made of, for the ledger --- */

/* Takes both. */
static void
add_source(GArray *out, char *name, GBytes *text)
{
	const struct store_source source = { name, text, false };

	g_array_append_val(out, source);
}

static void
clear_source(void *data)
{
	struct store_source *source = data;

	g_free((char *)source->name);
	g_bytes_unref(source->text);
}

static void
add_lines(GArray *out, char *name, const char *const *lines)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; lines[i] != NULL; i++)
		g_string_append_printf(text, "%s\n", lines[i]);
	add_source(out, name, g_bytes_new(text->str, text->len));
}

static void
add_words(GArray *out, char *name, char *words)
{
	add_source(out, name, g_bytes_new_take(words, strlen(words)));
}

static void
add_files(GArray *out, const struct sources *sources, const struct ruleset *ruleset)
{
	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = sources->files->pdata[i];
		bool is_list = source->kind == SOURCE_LIST;
		struct store_source row = { g_strconcat(is_list ? "lists/" : "", source->name,
						is_list ? ".txt" : "", NULL),
			g_bytes_ref(source->text), false };
		for (guint k = 0; !is_list && k < ruleset_count(ruleset) && !row.is_rule; k++)
			row.is_rule = strcmp(ruleset_info(ruleset, k)->file, source->name) == 0;
		g_array_append_val(out, row);
	}
}

/* Its text where that is one and short, else what tells it from another. */
static GBytes *
sample_text(const char *path)
{
	g_autofree char *text = NULL;
	gsize size = 0;
	char hex[DIGEST_HEX];

	if (!g_file_get_contents(path, &text, &size, NULL))
		return g_bytes_new_static("not there\n", strlen("not there\n"));
	if (size <= SAMPLE_SHOWN && g_utf8_validate(text, (gssize)size, NULL))
		return g_bytes_new_take(g_steal_pointer(&text), size);
	digest_bytes(text, size, hex);
	char *words = g_strdup_printf("sha256 %s, %" G_GSIZE_FORMAT " bytes\n", hex, size);
	return g_bytes_new_take(words, strlen(words));
}

/* The messages of tests, each once; two folders may have one of the same name. */
static void
add_samples(GArray *out, const struct ruleset *ruleset)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < ruleset_test_count(ruleset); i++) {
		const struct rule_test *test = ruleset_test(ruleset, i);
		if (test->message == NULL || !g_hash_table_add(seen, (char *)test->message))
			continue;
		g_autofree char *folder = g_path_get_dirname(test->rule->file);
		g_autofree char *beside = g_path_get_dirname(test->rule->path);
		const char *at = g_str_has_prefix(test->message, beside)
				     ? test->message + strlen(beside)
				     : test->message;
		at += strspn(at, "/");
		add_source(out,
		    strcmp(folder, ".") == 0 ? g_strdup(at) : g_strconcat(folder, "/", at, NULL),
		    sample_text(test->message));
	}
}

static gint
by_source(gconstpointer a, gconstpointer b)
{
	return strcmp(
	    ((const struct store_source *)a)->name, ((const struct store_source *)b)->name);
}

/* By name; of two of one name, as when a site's file replaces one that ships, the first. */
static void
settle_names(GArray *out)
{
	g_array_sort(out, by_source);
	for (guint i = 1; i < out->len;) {
		if (by_source(&g_array_index(out, struct store_source, i - 1),
			&g_array_index(out, struct store_source, i)) == 0)
			g_array_remove_index(out, i);
		else
			i++;
	}
}

static GArray *
sources_of(const struct sources *sources, const struct ruleset *ruleset)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(struct store_source));
	GHashTableIter iter;
	gpointer name, members;

	g_array_set_clear_func(out, clear_source);
	add_files(out, sources, ruleset);
	add_samples(out, ruleset);
	g_hash_table_iter_init(&iter, sources->groups);
	while (g_hash_table_iter_next(&iter, &name, &members))
		add_lines(out, g_strconcat("groups/", name, NULL), members);
	add_lines(out, g_strdup("own-domains"), (const char *const *)sources->own_domains);
	for (guint i = 0; i < sources->data->len; i++) {
		const struct data *data = sources->data->pdata[i];
		const char *suffix = data_suffixes[data_kind(data)];
		add_words(out, g_strconcat(DATA_FOLDER "/", data_name(data), suffix, NULL),
		    g_strdup_printf("%u %s\nsha256 %s\n", data_owners(data),
			data_kind(data) == DATA_EDM ? "rows" : "documents", data_digest(data)));
	}
	settle_names(out);
	return out;
}

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
	g_autoptr(GArray) made_of = sources_of(sources, ruleset);
	const struct store_ruleset set = { ruleset_digest(ruleset), rules, n,
		(const struct store_source *)(void *)made_of->data, made_of->len };
	return store_ruleset(store, &set, now, error);
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
