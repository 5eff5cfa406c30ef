/* SPDX-License-Identifier: GPL-3.0-or-later */
/* office-told - attributes that people wrote: names, descriptions, tips, authors, link targets. */
#include <string.h>

#include "worker/office-parts.h"
#include "worker/urls.h"

static bool
is_among(const char *const *words, const char *name)
{
	return g_strv_contains(words, name);
}

/* A target outside the document: those within are names of its members. */
static void
tell_target(struct office *office, const char *value, bool external)
{
	if (external || strstr(value, "://") != NULL || g_str_has_prefix(value, "mailto:") ||
	    g_str_has_prefix(value, "\\\\") || g_str_has_prefix(value, "file:"))
		urls_add(value, office->urls);
}

static void
tell_author(struct office *office, const char *value)
{
	if (g_strcmp0(office->author, value) == 0)
		return; /* of every change and note */
	g_free(office->author);
	office->author = g_strdup(value);
	office_line(office, OFFICE_TOLD, value);
}

/* Fields as an attribute: instructions with a target in them. */
static void
tell_field(struct office *office, const char *value)
{
	office_line(office, OFFICE_TOLD, value);
	urls_find(value, office->urls);
}

void
office_tell(struct office *office, const char *name, const struct office_attributes *attributes)
{
	static const char *const texts[] = { "descr", "title", "alt", "string", "tooltip", "prompt",
		"promptTitle", "error", "errorTitle", "displayText", "command", "connection",
		"description", "formula", "UnicodeString", "string-value", "label", NULL };
	static const char *const targets[] = { "href", "src", "url", "odcFile", "sourceFile",
		"HRef", "NavigateUri", "r", NULL };
	static const char *const named[] = { "sheet", "definedName", "property", "docVar", "table",
		"connection", "user-defined", "page", "part", NULL };
	static const char *const valued[] = { "docVar", "alias", "tag", "category", NULL };
	static const char *const modes[] = { "External", NULL };
	static const char *const cached[] = { "s", "n", "d", NULL }; /* rows of a pivot table */
	bool external = office_attribute_is(attributes, "TargetMode", modes);

	for (gsize i = 0; i < attributes->n; i++) {
		const char *key = (const char *)attributes->all[i * 5];
		if (!is_among(texts, key) && !is_among(targets, key) &&
		    strcmp(key, "author") != 0 && strcmp(key, "instr") != 0 &&
		    strcmp(key, "name") != 0 && strcmp(key, "val") != 0 &&
		    strcmp(key, "Target") != 0 && strcmp(key, "displayName") != 0 &&
		    strcmp(key, "v") != 0 && strcmp(key, "formatCode") != 0)
			continue;
		g_autofree char *value = office_attribute(attributes, key);
		if (value == NULL || *value == '\0')
			continue;
		if (strcmp(key, "Target") == 0)
			tell_target(office, value, external);
		else if (is_among(targets, key))
			tell_target(office, value, false);
		else if (strcmp(key, "author") == 0 || strcmp(key, "displayName") == 0)
			tell_author(office, value);
		else if (strcmp(key, "instr") == 0)
			tell_field(office, value);
		else if (strcmp(key, "v") == 0) {
			if (is_among(cached, name))
				office_line(office, OFFICE_HIDDEN, value);
		} else if (strcmp(key, "formatCode") == 0) {
			if (strchr(value, '"') != NULL) /* words to be shown for a number */
				office_line(office, OFFICE_TOLD, value);
		} else if (is_among(texts, key) || (key[0] == 'n' && is_among(named, name)) ||
			   (key[0] == 'v' && is_among(valued, name)))
			office_line(office,
			    office->all || strcmp(key, "string-value") == 0 ? OFFICE_HIDDEN
									    : OFFICE_TOLD,
			    value);
	}
}
