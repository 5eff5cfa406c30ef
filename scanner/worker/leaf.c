/* SPDX-License-Identifier: GPL-3.0-or-later */
/* leaf - see leaf.h. Never prefers one name of a part to another in silence. */
#include "worker/leaf.h"

#include <string.h>

#include "worker/names.h"

/* Two names that mean two files: not one and its stand-in in ASCII. */
static bool
names_differ(const char *one, const char *other)
{
	if (strcmp(one, other) == 0)
		return false;
	g_autofree char *first = names_extension(one);
	g_autofree char *second = names_extension(other);
	bool ascii = g_str_is_ascii(one) && g_str_is_ascii(other);
	return ascii || strcmp(first, second) != 0;
}

static bool
is_known(const struct scan *scan, guint part, const char *name)
{
	const GPtrArray *texts = scan->message->texts;

	/* The texts of a part stand together, and those of this one last. */
	for (guint i = texts->len; i-- > 0;) {
		const struct text *text = texts->pdata[i];
		if (text->part == part && text->component == COMPONENT_FILENAMES &&
		    strcmp(text->data, name) == 0)
			return true;
	}
	return false;
}

void
leaf_add_names(struct scan *scan, guint index, const struct parameters *parameters, const char *key)
{
	struct part *part = scan_part(scan, index);
	const char *best = parameters_get(parameters, key);

	if (*part->name == '\0' && best != NULL) {
		g_free(part->name);
		part->name = g_strdup(best);
	}
	for (guint i = 0; i < parameters->items->len; i++) {
		const struct parameter *one = parameters->items->pdata[i];
		if (!g_str_equal(one->name, key) || *one->value == '\0' ||
		    is_known(scan, index, one->value))
			continue;
		message_add_text(scan->message, COMPONENT_FILENAMES, NULL, index,
		    g_strdup(one->value), strlen(one->value));
		part->facts |= names_facts(one->value, "", "");
		if (names_differ(one->value, part->name)) {
			scan->message->facts |= FACT_AMBIGUOUS_MIME;
			message_add_warning(scan->message, "two file names of one part");
		}
	}
}

struct look
leaf_look(const struct part *part, const struct parameters *type)
{
	const char *charset = parameters_get(type, "charset");
	struct look look;

	look.body = !part->attachment && (*part->declared_type == '\0' ||
					     g_str_has_prefix(part->declared_type, "text/"));
	look.html = strstr(part->declared_type, "html") != NULL;
	look.charset = g_ascii_strdown(charset != NULL ? charset : "", -1);
	return look;
}
