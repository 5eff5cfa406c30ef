/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/reading.h"

#include <string.h>

#include "base/fault.h"

bool
reading_is_language(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p) && *p != '_')
			return false;
	return *name != '\0';
}

GVariant *
reading_put(const struct reading *reading)
{
	return g_variant_new(READING_TYPE, reading->ocr_languages);
}

bool
reading_get(GVariant *variant, struct reading *out, GError **error)
{
	const char *languages;

	g_variant_get(variant, "(&s)", &languages);
	g_auto(GStrv) each = g_strsplit(languages, "+", -1);
	bool fine = strlen(languages) < READING_LANGUAGES_MAX;
	for (guint i = 0; fine && each[i] != NULL; i++)
		fine = reading_is_language(each[i]);
	if (!fine) {
		g_set_error(error, FAULT, FAULT_DATA, "reading: languages that have no such names");
		return false;
	}
	g_strlcpy(out->ocr_languages, languages, sizeof out->ocr_languages);
	return true;
}
