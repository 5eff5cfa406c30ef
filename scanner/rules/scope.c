/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/scope.h"

#include <string.h>

#include "base/text.h"
#include "rules/hours.h"

static const char *const keys[] = { "directions", "groups", "accounts", "folders", "hours", NULL };

struct scope {
	guint directions;        /* bits of enum direction; 0: all */
	GStrv accounts, folders; /* globs; NULL: all */
	GPtrArray *groups;       /* of struct list_ref, or NULL */
	GArray *hours;           /* or NULL */
};

struct scope *
scope_load(const struct builder *builder, const struct ini_section *section)
{
	struct scope *scope = g_new0(struct scope, 1);

	if (section == NULL)
		return scope;
	ini_check_keys(section, keys, builder->problems);
	builder_bits(builder, section, "directions", direction_words, &scope->directions);
	ini_list(section, "accounts", &scope->accounts, builder->problems);
	ini_list(section, "folders", &scope->folders, builder->problems);
	scope->groups = builder_groups(builder, section, "groups");
	scope->hours = hours_load(builder, section);
	return scope;
}

void
scope_free(struct scope *scope)
{
	if (scope == NULL)
		return;
	g_strfreev(scope->accounts);
	g_strfreev(scope->folders);
	g_clear_pointer(&scope->groups, g_ptr_array_unref);
	g_clear_pointer(&scope->hours, g_array_unref);
	g_free(scope);
}

static bool
is_among(const GStrv globs, const char *name)
{
	for (guint i = 0; globs[i] != NULL; i++) {
		if (text_glob(globs[i], name))
			return true;
	}
	return false;
}

/* The account's group is one of them, or somebody in the message is a member of one. */
static bool
groups_hold(const struct scope *scope, const struct run *run)
{
	for (guint i = 0; i < scope->groups->len; i++) {
		const struct list_ref *ref = scope->groups->pdata[i];
		if (strcmp(ref->name, run->context->group) == 0)
			return true;
		const struct list *members = world_group(run->world, ref->name);
		for (guint k = 0; members != NULL && k < run->verdict->addresses->len; k++) {
			if (list_find_address(members, run->folded[k], run->domains[k], true) !=
			    NULL)
				return true;
		}
	}
	return false;
}

static char *
direction_excludes(const struct scope *scope, const struct run *run)
{
	enum direction direction = run->verdict->direction;

	if (scope->directions == 0 || direction == DIRECTION_UNKNOWN ||
	    (scope->directions & (1u << direction)) != 0)
		return NULL;
	g_autofree const char **words = fact_words(direction_words, scope->directions);
	g_autofree char *wanted = g_strjoinv(", ", (GStrv)words);
	return g_strdup_printf(
	    "direction %s is not in scope: %s", direction_words[direction], wanted);
}

char *
scope_excludes(const struct scope *scope, const struct run *run)
{
	const struct match_context *context = run->context;
	char *why = direction_excludes(scope, run);

	if (why != NULL)
		return why;
	if (context->account[0] != '\0') {
		if (scope->accounts != NULL && !is_among(scope->accounts, context->account))
			return g_strdup_printf("account %s is not in scope", context->account);
		if (scope->folders != NULL && !is_among(scope->folders, context->folder))
			return g_strdup_printf("folder %s is not in scope", context->folder);
		if (scope->groups != NULL && !groups_hold(scope, run))
			return g_strdup("nobody of its groups takes part");
	}
	if (scope->hours == NULL)
		return NULL;
	int minute = hours_of(run->message, run->verdict->date);
	if (minute >= 0 && !hours_contain(scope->hours, minute))
		return g_strdup_printf("%02d:%02d is not in its hours", minute / 60, minute % 60);
	return NULL;
}

static void
describe_one(GString *out, bool is_asked, const char *word, const char *value)
{
	if (is_asked)
		g_string_append_printf(out, "%s%s %s", out->len > 0 ? "; " : "", word,
		    value[0] != '\0' ? value : "not known");
}

char *
scope_describe(const struct scope *scope, const struct run *run)
{
	const struct match_context *context = run->context;
	int minute = hours_of(run->message, run->verdict->date);
	g_autofree char *time =
	    minute < 0 ? g_strdup("") : g_strdup_printf("%02d:%02d", minute / 60, minute % 60);
	g_autoptr(GString) out = g_string_new(NULL);

	describe_one(
	    out, scope->directions != 0, "direction", direction_words[run->verdict->direction]);
	describe_one(out, scope->accounts != NULL, "account", context->account);
	describe_one(out, scope->folders != NULL, "folder", context->folder);
	describe_one(out, scope->groups != NULL, "group", context->group);
	describe_one(out, scope->hours != NULL, "time", time);
	return out->len > 0 ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}
