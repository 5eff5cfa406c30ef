/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The context of a match: its life, and its way to a worker.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "rules/match.h"

#define NAME_MAX_BYTES 4096
#define ROWS_MAX       10000 /* lists, groups, or lines of one of them */
#define ADDRESSES_MAX  VERDICT_ADDRESSES_MAX

struct match_context *
match_context_new(void)
{
	struct match_context *context = g_new0(struct match_context, 1);

	context->account = g_strdup("");
	context->group = g_strdup("");
	context->folder = g_strdup("");
	context->now = clock_now();
	return context;
}

/* Why a worker would not take it; NULL: it does, as far as this can tell. */
static const char *
misfit(const struct match_context *context)
{
	if (strlen(context->account) > NAME_MAX_BYTES || strlen(context->group) > NAME_MAX_BYTES ||
	    strlen(context->folder) > NAME_MAX_BYTES)
		return "a name that is too long";
	if (context->facts >> word_count(message_fact_words) != 0)
		return "unknown facts";
	if (context->first_seen != NULL && g_strv_length(context->first_seen) > ADDRESSES_MAX)
		return "too many addresses";
	return NULL;
}

static GHashTable *
share(GHashTable *table)
{
	return table != NULL ? g_hash_table_ref(table) : NULL;
}

struct match_context *
match_context_copy(const struct match_context *context)
{
	struct match_context *copy;

	/* One that no worker takes would cost the message its verdict. */
	if (context == NULL || misfit(context) != NULL)
		return match_context_new();
	copy = g_memdup2(context, sizeof(*context));
	copy->account = g_strdup(context->account);
	copy->group = g_strdup(context->group);
	copy->folder = g_strdup(context->folder);
	copy->first_seen = g_strdupv(context->first_seen);
	copy->own_domains = g_strdupv(context->own_domains);
	copy->lists = share(context->lists);
	copy->groups = share(context->groups);
	return copy;
}

void
match_context_free(struct match_context *context)
{
	if (context == NULL)
		return;
	g_free(context->account);
	g_free(context->group);
	g_free(context->folder);
	g_strfreev(context->first_seen);
	g_strfreev(context->own_domains);
	g_clear_pointer(&context->lists, g_hash_table_unref);
	g_clear_pointer(&context->groups, g_hash_table_unref);
	g_free(context);
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

static void
put_strings(GByteArray *out, GStrv strings)
{
	guint n = strings != NULL ? g_strv_length(strings) : 0;

	pack_u32(out, n);
	for (guint i = 0; i < n; i++)
		pack_string(out, strings[i]);
}

/* In name order, so that equal contexts give equal bytes. */
static void
put_table(GByteArray *out, GHashTable *table)
{
	GList *names = table != NULL ? g_hash_table_get_keys(table) : NULL;

	names = g_list_sort(names, by_name);
	pack_u32(out, g_list_length(names));
	for (GList *at = names; at != NULL; at = at->next) {
		pack_string(out, at->data);
		put_strings(out, g_hash_table_lookup(table, at->data));
	}
	g_list_free(names);
}

void
match_context_put(GByteArray *out, const struct match_context *context)
{
	pack_string(out, context->account);
	pack_string(out, context->group);
	pack_string(out, context->folder);
	pack_bool(out, context->draft);
	pack_u64(out, (guint64)context->now);
	pack_u32(out, context->facts);
	put_strings(out, context->first_seen);
	/* None is something else than those of the rule set. */
	pack_bool(out, context->own_domains != NULL);
	if (context->own_domains != NULL)
		put_strings(out, context->own_domains);
	put_table(out, context->lists);
	put_table(out, context->groups);
}

static void
free_lines(gpointer data)
{
	g_strfreev(data);
}

static GStrv
get_strings(struct packed *in, guint max)
{
	guint n = packed_count(in, max);
	GStrv strings = g_new0(char *, n + 1);

	for (guint i = 0; i < n; i++)
		strings[i] = g_strdup(packed_text(in, NULL));
	return strings;
}

/* NULL for an empty table. */
static GHashTable *
get_table(struct packed *in)
{
	guint n = packed_count(in, ROWS_MAX);
	GHashTable *table =
	    n > 0 ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_lines) : NULL;

	for (guint i = 0; i < n && !in->bad; i++) {
		char *name = g_strdup(packed_text(in, NULL));
		g_hash_table_replace(table, name, get_strings(in, ROWS_MAX));
	}
	return table;
}

struct match_context *
match_context_get(struct packed *in, GError **error)
{
	g_autoptr(match_context) context = g_new0(struct match_context, 1);

	context->account = g_strdup(packed_text(in, NULL));
	context->group = g_strdup(packed_text(in, NULL));
	context->folder = g_strdup(packed_text(in, NULL));
	context->draft = packed_bool(in);
	context->now = (gint64)packed_u64(in);
	context->facts = packed_u32(in);
	context->first_seen = get_strings(in, ADDRESSES_MAX);
	if (context->first_seen[0] == NULL)
		g_clear_pointer(&context->first_seen, g_strfreev);
	if (packed_bool(in))
		context->own_domains = get_strings(in, ROWS_MAX);
	context->lists = get_table(in);
	context->groups = get_table(in);
	const char *why = packed_is_done(in) ? misfit(context) : "not in form";
	if (why == NULL)
		return g_steal_pointer(&context);
	g_set_error(error, FAULT, FAULT_DATA, "match context: %s", why);
	return NULL;
}
