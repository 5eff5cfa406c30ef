/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * office-style - what is not shown because of letters' own properties or of a style's: ECMA-376
 * part 1 sections 17.3.2.41 and 17.7, ODF 1.2 part 1 section 16. Never believes that a chain of
 * styles ends.
 */
#include "worker/office-parts.h"

#include <string.h>

#define PARENTS_MAX 32    /* styles that stand on one another */
#define STYLES_MAX  20000 /* of one document; more make it over-limit */

enum look { LOOK_INHERITED, LOOK_HIDDEN, LOOK_SHOWN };

/* One style; what no property of its own decides is its parent's. */
struct style {
	enum look look;
	char *parent; /* or NULL */
};

static const char *const off[] = { "0", "false", "off", "none", NULL };
static const char *const on[] = { "1", "true", "on", NULL };

static void
style_free(void *data)
{
	struct style *style = data;

	g_free(style->parent);
	g_free(style);
}

GHashTable *
office_styles_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, style_free);
}

bool
office_style_hides(const struct office *office, const char *name)
{
	for (guint i = 0; name != NULL && i < PARENTS_MAX; i++) {
		const struct style *style = g_hash_table_lookup(office->styles, name);
		if (style == NULL)
			style = g_hash_table_lookup(office->common, name);
		if (style == NULL)
			return false;
		if (style->look != LOOK_INHERITED)
			return style->look == LOOK_HIDDEN;
		name = style->parent;
	}
	return false;
}

/* The style being defined. Those of all members stand in "styles"; the others are this one's. */
static struct style *
defined(struct office *office)
{
	GHashTable *table = office->common_at > 0 ? office->common : office->styles;
	struct style *style = g_hash_table_lookup(table, office->style);

	if (style != NULL)
		return style;
	if (g_hash_table_size(table) >= STYLES_MAX) {
		office->over = true;
		return NULL;
	}
	style = g_new0(struct style, 1);
	g_hash_table_insert(table, g_strdup(office->style), style);
	return style;
}

static void
set_look(struct office *office, enum look look)
{
	struct style *style = office->style != NULL ? defined(office) : NULL;

	if (style != NULL)
		style->look = look;
	if (office->style_is_default)
		office->default_hidden = look == LOOK_HIDDEN;
}

static void
set_parent(struct office *office, char *parent)
{
	struct style *style = office->style != NULL && parent != NULL ? defined(office) : NULL;

	if (style != NULL && style->parent == NULL)
		style->parent = parent;
	else
		g_free(parent);
}

/* Word names a style by an attribute of its own, and its parent by an element. */
static void
start_style(struct office *office, const struct office_attributes *attributes)
{
	g_autofree char *type = office_attribute(attributes, "type");

	g_free(office->style);
	office->style = office_attribute(attributes, "styleId");
	office->style_is_default = office->style != NULL && g_strcmp0(type, "paragraph") == 0 &&
				   office_attribute_is(attributes, "default", on);
	if (office->style == NULL)
		office->style = office_attribute(attributes, "name");
	set_parent(office, office_attribute(attributes, "parent-style-name"));
}

/* ODF: properties of a style. */
static void
start_properties(
    struct office *office, const char *name, const struct office_attributes *attributes)
{
	static const char *const rows[][3] = { { "text-properties", "display", "none condition" },
		{ "table-properties", "display", "false" },
		{ "drawing-page-properties", "visibility", "hidden" } };

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (strcmp(name, rows[i][0]) != 0)
			continue;
		g_autofree char *value = office_attribute(attributes, rows[i][1]);
		g_auto(GStrv) words = g_strsplit(rows[i][2], " ", -1);
		if (value != NULL)
			set_look(office, g_strv_contains((const char *const *)words, value)
					     ? LOOK_HIDDEN
					     : LOOK_SHOWN);
	}
}

/* "vanish", of a run, of a style, or of what all styles begin with. */
static void
vanish(struct office *office, bool hides)
{
	if (office->style != NULL)
		set_look(office, hides ? LOOK_HIDDEN : LOOK_SHOWN);
	else if (office->common_at > 0)
		office->default_hidden = hides;
	else if (office->marks_at == 0)
		office->run_hidden = hides;
}

static void
start_named(struct office *office, const char *name, const struct office_attributes *attributes)
{
	g_autofree char *value = office_attribute(attributes, "val");

	if (strcmp(name, "basedOn") == 0) {
		set_parent(office, g_steal_pointer(&value));
	} else if (strcmp(name, "rStyle") == 0) {
		/* That of a paragraph's mark is no word's. */
		if (office->marks_at == 0 && office_style_hides(office, value))
			office->run_hidden = true;
	} else if (office_style_hides(office, value)) {
		office->paragraph_hidden = true;
	} else {
		office->paragraph_hidden = false;
	}
}

void
office_style_start(
    struct office *office, const char *name, const struct office_attributes *attributes)
{
	static const char *const named[] = { "basedOn", "rStyle", "pStyle", NULL };

	if (strcmp(name, "styles") == 0 && office->common_at == 0) {
		office->common_at = office->depth;
	} else if (strcmp(name, "style") == 0) {
		start_style(office, attributes);
	} else if (strcmp(name, "p") == 0) {
		office->paragraph_hidden = office->default_hidden;
	} else if (strcmp(name, "r") == 0) {
		office->run_hidden = office->paragraph_hidden;
	} else if (strcmp(name, "vanish") == 0 || strcmp(name, "specVanish") == 0) {
		vanish(office, !office_attribute_is(attributes, "val", off));
	} else if (strcmp(name, "sz") == 0 && office->marks_at == 0 && office->style == NULL) {
		g_autofree char *size = office_attribute(attributes, "val");
		if (size != NULL && *size != '\0' && g_ascii_strtoull(size, NULL, 10) <= 2)
			office->run_hidden = true; /* half points */
	} else if (g_strv_contains(named, name)) {
		start_named(office, name, attributes);
	} else if (office->style != NULL) {
		start_properties(office, name, attributes);
	}
}

void
office_style_end(struct office *office, const char *name)
{
	if (strcmp(name, "r") == 0)
		office->run_hidden = false;
	if (strcmp(name, "style") == 0)
		g_clear_pointer(&office->style, g_free);
	if (office->common_at == office->depth)
		office->common_at = 0;
}

void
office_style_begin(struct office *office)
{
	g_hash_table_remove_all(office->styles);
	g_clear_pointer(&office->style, g_free);
	office->common_at = 0;
	office->style_is_default = office->run_hidden = office->paragraph_hidden = false;
}
