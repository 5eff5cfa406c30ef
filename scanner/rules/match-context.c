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

/* In name order, so that equal contexts give equal bytes. */
static GVariant *
put_table(GHashTable *table)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{sas}"));
	GList *names = table != NULL ? g_hash_table_get_keys(table) : NULL;
	names = g_list_sort(names, by_name);
	for (GList *at = names; at != NULL; at = at->next)
		g_variant_builder_add(
		    &builder, "{s^as}", at->data, g_hash_table_lookup(table, at->data));
	g_list_free(names);
	return g_variant_builder_end(&builder);
}

GVariant *
match_context_put(const struct match_context *context)
{
	GVariant *domains = context->own_domains != NULL
				? g_variant_new_strv((const char *const *)context->own_domains, -1)
				: NULL;
	const char *const none[] = { NULL };
	GVariant *first_seen = g_variant_new_strv(
	    context->first_seen != NULL ? (const char *const *)context->first_seen : none, -1);

	return g_variant_new("(sssbxu****)", context->account, context->group, context->folder,
	    context->draft, context->now, context->facts, first_seen,
	    g_variant_new_maybe(G_VARIANT_TYPE("as"), domains), put_table(context->lists),
	    put_table(context->groups));
}

static bool
refuse(GError **error, const char *why)
{
	g_set_error(error, FAULT, FAULT_DATA, "match context: %s", why);
	return false;
}

static void
free_lines(gpointer data)
{
	g_strfreev(data);
}

/* *out stays NULL for an empty table. */
static bool
get_table(GVariant *table, GHashTable **out, GError **error)
{
	gsize n = g_variant_n_children(table);

	if (n > ROWS_MAX)
		return refuse(error, "too many lists");
	if (n > 0)
		*out = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_lines);
	for (gsize i = 0; i < n; i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(table, i);
		g_autoptr(GVariant) lines = g_variant_get_child_value(row, 1);
		char *name;
		if (g_variant_n_children(lines) > ROWS_MAX)
			return refuse(error, "a list that is too long");
		g_variant_get_child(row, 0, "s", &name);
		g_hash_table_replace(*out, name, g_variant_dup_strv(lines, NULL));
	}
	return true;
}

static bool
get_first_seen(GVariant *addresses, GStrv *out, GError **error)
{
	gsize n = g_variant_n_children(addresses);

	if (n > ADDRESSES_MAX)
		return refuse(error, "too many addresses");
	if (n > 0)
		*out = g_variant_dup_strv(addresses, NULL);
	return true;
}

static bool
get_domains(GVariant *maybe, GStrv *out, GError **error)
{
	g_autoptr(GVariant) domains = g_variant_get_maybe(maybe);

	if (domains == NULL)
		return true;
	if (g_variant_n_children(domains) > ROWS_MAX)
		return refuse(error, "too many own domains");
	*out = g_variant_dup_strv(domains, NULL);
	return true;
}

struct match_context *
match_context_get(GVariant *variant, GError **error)
{
	g_autoptr(match_context) context = g_new0(struct match_context, 1);
	g_autoptr(GVariant) first_seen = NULL, domains = NULL, lists = NULL, groups = NULL;
	gboolean draft;

	if (strcmp(g_variant_get_type_string(variant), MATCH_CONTEXT_TYPE) != 0) {
		refuse(error, "of another type");
		return NULL;
	}
	g_variant_get(variant, "(sssbxu****)", &context->account, &context->group, &context->folder,
	    &draft, &context->now, &context->facts, &first_seen, &domains, &lists, &groups);
	context->draft = draft;
	const char *why = misfit(context);
	if (why != NULL) {
		refuse(error, why);
		return NULL;
	}
	if (!get_first_seen(first_seen, &context->first_seen, error) ||
	    !get_domains(domains, &context->own_domains, error) ||
	    !get_table(lists, &context->lists, error) ||
	    !get_table(groups, &context->groups, error))
		return NULL;
	return g_steal_pointer(&context);
}
