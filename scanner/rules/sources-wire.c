/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sources as a frame. What is read back is refused as a whole when any of it is out of place.
 */
#include <string.h>

#include "base/fault.h"
#include "base/text.h"
#include "rules/sources.h"

#define NAME_BYTES_MAX 4096
#define LINES_MAX      100000
#define FOLDERS_MAX    4 /* steps of a file's name */

static const char *const kind_words[] = { "rule", "list" };

/* A text is sent as one where it can be: GLib looks at an array of bytes one call a byte. */
static GVariant *
put_file(const struct source *source)
{
	gsize size;
	const char *text = g_bytes_get_data(source->text, &size);
	bool plain = size > 0 && text_is_utf8(text, size);
	g_autofree char *copy = g_strndup(plain ? text : "", plain ? size : 0);
	GVariant *bytes =
	    plain ? g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, NULL, 0, 1)
		  : g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, source->text, TRUE);

	return g_variant_new(
	    "(ssss@ay)", kind_words[source->kind], source->name, source->path, copy, bytes);
}

static GVariant *
put_files(const struct sources *sources)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE(SOURCES_FILES_TYPE));
	for (guint i = 0; i < sources->files->len; i++)
		g_variant_builder_add_value(&builder, put_file(sources->files->pdata[i]));
	return g_variant_builder_end(&builder);
}

GVariant *
sources_put(const struct sources *sources)
{
	GVariantBuilder groups;
	GList *names = g_list_sort(g_hash_table_get_keys(sources->groups), (GCompareFunc)strcmp);

	g_variant_builder_init(&groups, G_VARIANT_TYPE("a(sas)"));
	for (GList *at = names; at != NULL; at = at->next)
		g_variant_builder_add(
		    &groups, "(s^as)", at->data, g_hash_table_lookup(sources->groups, at->data));
	g_list_free(names);
	return g_variant_new("(@" SOURCES_FILES_TYPE "@a(sas)^asb)", put_files(sources),
	    g_variant_builder_end(&groups), sources->own_domains, sources->data_may_lack);
}

static bool
refuse(GError **error, const char *why)
{
	g_set_error(error, FAULT, FAULT_DATA, "rule sources: %s", why);
	return false;
}

static bool
is_name(const char *name)
{
	return name[0] != '\0' && strlen(name) <= NAME_BYTES_MAX;
}

/* "10-x.ini", "packs/cards/10-x.ini": of folders below the one of rules, and no way out of it. */
static bool
is_file(const char *name)
{
	g_auto(GStrv) steps = is_name(name) ? g_strsplit(name, "/", -1) : NULL;

	for (guint i = 0; steps != NULL && steps[i] != NULL; i++) {
		if (i >= FOLDERS_MAX || steps[i][0] == '\0' || strcmp(steps[i], ".") == 0 ||
		    strcmp(steps[i], "..") == 0)
			return false;
	}
	return steps != NULL;
}

/* The text of a row, in one of its two forms; NULL: in both. */
static GBytes *
get_text(GVariant *row)
{
	g_autoptr(GVariant) text = g_variant_get_child_value(row, 3);
	g_autoptr(GVariant) bytes = g_variant_get_child_value(row, 4);
	gsize size = g_variant_get_size(text) - 1;

	if (size == 0)
		return g_variant_get_data_as_bytes(bytes);
	if (g_variant_get_size(bytes) > 0)
		return NULL;
	g_autoptr(GBytes) whole = g_variant_get_data_as_bytes(text);
	return g_bytes_new_from_bytes(whole, 0, size);
}

/* Looks for a name that was given twice in the same kind. */
static bool
add_file(struct sources *sources, GHashTable *seen, GVariant *row, guint64 *bytes, GError **error)
{
	const char *kind, *name, *path;
	g_autoptr(GBytes) text = get_text(row);

	g_variant_get(row, "(&s&s&s&s@ay)", &kind, &name, &path, NULL, NULL);
	bool is_rule = strcmp(kind, kind_words[SOURCE_RULE]) == 0;
	if (!is_rule && strcmp(kind, kind_words[SOURCE_LIST]) != 0)
		return refuse(error, "no such kind");
	if (!is_file(name) || !is_name(path))
		return refuse(error, "not a file name");
	if (!g_hash_table_add(seen, g_strconcat(kind, "/", name, NULL)))
		return refuse(error, "a file that comes twice");
	if (text == NULL)
		return refuse(error, "a text in two forms");
	*bytes += g_bytes_get_size(text);
	if (*bytes > SOURCES_BYTES_MAX)
		return refuse(error, "too many bytes");
	struct source *source = g_new0(struct source, 1);
	source->kind = is_rule ? SOURCE_RULE : SOURCE_LIST;
	source->name = g_strdup(name);
	source->path = g_strdup(path);
	source->text = g_steal_pointer(&text);
	g_ptr_array_add(sources->files, source);
	return true;
}

static bool
get_files(struct sources *sources, GVariant *files, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	gsize n = g_variant_n_children(files);
	guint64 bytes = 0;

	if (n > SOURCES_FILES_MAX)
		return refuse(error, "too many files");
	for (gsize i = 0; i < n; i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(files, i);
		if (!add_file(sources, seen, row, &bytes, error))
			return false;
	}
	return true;
}

static bool
lines_hold(GVariant *lines, GError **error)
{
	gsize n = g_variant_n_children(lines);

	if (n > LINES_MAX)
		return refuse(error, "too many addresses or domains");
	for (gsize i = 0; i < n; i++) {
		g_autoptr(GVariant) line = g_variant_get_child_value(lines, i);
		if (g_variant_get_size(line) > NAME_BYTES_MAX)
			return refuse(error, "an address or domain that is too long");
	}
	return true;
}

static bool
get_groups(struct sources *sources, GVariant *groups, GError **error)
{
	gsize n = g_variant_n_children(groups);

	if (n > SOURCES_FILES_MAX)
		return refuse(error, "too many groups");
	for (gsize i = 0; i < n; i++) {
		g_autoptr(GVariant) members = NULL;
		const char *name;
		g_variant_get_child(groups, i, "(&s@as)", &name, &members);
		if (!is_name(name) || g_hash_table_contains(sources->groups, name))
			return refuse(error, "not the name of a group, or twice");
		if (!lines_hold(members, error))
			return false;
		g_autofree const char **lines = g_variant_get_strv(members, NULL);
		sources_add_group(sources, name, lines);
	}
	return true;
}

struct sources *
sources_get(GVariant *variant, GError **error)
{
	g_autoptr(sources) sources = sources_new();
	g_autoptr(GVariant) files = NULL, groups = NULL, domains = NULL;
	gboolean may_lack;

	if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(SOURCES_TYPE)) ||
	    !g_variant_is_normal_form(variant)) {
		refuse(error, "of another type, or not in normal form");
		return NULL;
	}
	g_variant_get(
	    variant, "(@" SOURCES_FILES_TYPE "@a(sas)@asb)", &files, &groups, &domains, &may_lack);
	sources->data_may_lack = may_lack != FALSE;
	if (!get_files(sources, files, error) || !get_groups(sources, groups, error) ||
	    !lines_hold(domains, error))
		return NULL;
	g_autofree const char **own = g_variant_get_strv(domains, NULL);
	sources_set_own_domains(sources, own);
	sources_seal(sources);
	return g_steal_pointer(&sources);
}
