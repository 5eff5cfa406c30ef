/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_READING_H
#define FLAGPOST_BASE_READING_H
/*
 * reading - what [reading] of flagpost.ini asks of the scan workers beyond rules and limits.
 */
#include <glib.h>
#include <stdbool.h>

#define READING_TYPE          "(s)"
#define READING_LANGUAGES_MAX 128

struct reading {
	/* In which pictures are read for text, as tesseract joins them ("eng+deu"); "": they are
	 * not read. */
	char ocr_languages[READING_LANGUAGES_MAX];
};

GVariant *reading_put(const struct reading *reading); /* floating */
/* FAULT_DATA for what no configuration can have said; *out then stays as it was. */
bool reading_get(GVariant *variant, struct reading *out, GError **error);

/* True for the name of a language as tesseract's files have it: "eng", "chi_sim", "script/Latin" is
 * none. */
bool reading_is_language(const char *name);

#endif
