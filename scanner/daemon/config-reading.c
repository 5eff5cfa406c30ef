/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [reading]: what the scan workers are asked to read besides text. Refuses what this build or this
 * system cannot do, rather than leave it out in silence.
 */
#include <string.h>

#include "daemon/config-parts.h"

static const char *const keys[] = { "ocr", "ocr_languages", "password", NULL };

#define PACKAGE_MEND "install the package tesseract-ocr-%s, or leave the language out"

/* Language data is a file that tesseract and we look for in the same folder. */
static bool
is_installed(const char *language)
{
	g_autofree char *file = g_strconcat(language, ".traineddata", NULL);
	g_autofree char *path = g_build_filename(FLAGPOST_TESSDATA, file, NULL);

	return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

static void
check_languages(
    const struct ini_section *section, const char *key, GStrv languages, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, key);

	for (guint i = 0; languages[i] != NULL; i++) {
		const char *at = ini_entry(section, "ocr_languages") != NULL
				     ? strstr(entry->value, languages[i])
				     : NULL;
		gsize offset = at != NULL ? (gsize)(at - entry->value) : 0;
		g_autofree char *lower = g_ascii_strdown(languages[i], -1);
		g_autofree char *package = g_strdelimit(g_strdup(lower), "_", '-');
		g_autofree char *mend = g_strdup_printf(PACKAGE_MEND, package);
		if (!reading_is_language(languages[i]))
			ini_problem(section, entry, offset, problems,
			    "write names as tesseract has them: eng, deu",
			    "'%s' is not the name of a language", languages[i]);
		else if (!is_installed(languages[i]))
			ini_problem(section, entry, offset, problems, mend,
			    "there is no %s.traineddata in " FLAGPOST_TESSDATA, languages[i]);
	}
}

void
config_read_reading(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	GStrv languages = NULL;
	bool ocr = false;

	ini_check_keys(section, keys, problems);
	config_refuse_password(section, problems);
	ini_bool(section, "ocr", &ocr, problems);
	bool named = ini_list(section, "ocr_languages", &languages, problems);
	if (!named && ini_entry(section, "ocr_languages") == NULL)
		languages = g_strsplit("eng", ",", -1);
	if (ocr && !FLAGPOST_OCR) {
		ini_problem(section, ini_entry(section, "ocr"), 0, problems,
		    "build with -DFLAGPOST_OCR=ON, or write ocr = no",
		    "this program was built without the reading of pictures");
	} else if (ocr && languages != NULL) {
		g_autofree char *joined = g_strjoinv("+", languages);
		check_languages(section, named ? "ocr_languages" : "ocr", languages, problems);
		if (strlen(joined) >= READING_LANGUAGES_MAX)
			ini_problem(section, ini_entry(section, "ocr_languages"), 0, problems,
			    "name those that your mail is written in", "too many languages");
		else
			g_strlcpy(config->reading.ocr_languages, joined,
			    sizeof config->reading.ocr_languages);
	}
	g_strfreev(languages);
}
