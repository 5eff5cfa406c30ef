/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names of libmagic 5.44, of shared-mime-info and of the IANA register, which differ. Words
 * for one type stand before words for a family, so that filetype_word tells the closest.
 */
#include "rules/filetype.h"

#include <string.h>

#include "base/text.h"

#define GLOBS_MAX 12
#define OFFICE    "application/vnd.openxmlformats-officedocument."
#define MACRO     ".macroenabled.12"
#define OASIS     "application/vnd.oasis.opendocument."

static const struct filetype {
	const char *word;
	const char *globs[GLOBS_MAX];
} filetypes[] = {
	{ "pdf", { "application/pdf", "application/x-pdf" } },
	{ "docx", { OFFICE "wordprocessingml.*", "application/vnd.ms-word.*" MACRO } },
	{ "xlsx", { OFFICE "spreadsheetml.*", "application/vnd.ms-excel.*" MACRO } },
	{ "pptx", { OFFICE "presentationml.*", "application/vnd.ms-powerpoint.*" MACRO } },
	{ "doc", { "application/msword", "application/x-ole-storage", "application/cdfv2*",
		     "application/vnd.ms-office" } },
	{ "xls", { "application/vnd.ms-excel" } },
	{ "ppt", { "application/vnd.ms-powerpoint" } },
	{ "odt", { OASIS "text*" } },
	{ "ods", { OASIS "spreadsheet*" } },
	{ "odp", { OASIS "presentation*" } },
	{ "rtf", { "text/rtf", "application/rtf" } },
	{ "zip", { "application/zip", "application/x-zip-compressed" } },
	{ "7z", { "application/x-7z-compressed" } },
	{ "rar", { "application/x-rar*", "application/vnd.rar" } },
	{ "tar", { "application/x-tar", "application/x-gtar" } },
	{ "gz", { "application/gzip", "application/x-gzip" } },
	{ "exe", { "application/x-dosexec", "application/vnd.microsoft.portable-executable",
		     "application/x-msdownload", "application/x-ms-dos-executable",
		     "application/x-msi", "application/x-msdos-program" } },
	{ "elf",
	    { "application/x-executable", "application/x-sharedlib", "application/x-pie-executable",
		"application/x-elf", "application/x-object", "application/x-mach-binary" } },
	{ "script", { "text/x-shellscript", "text/x-msdos-batch", "text/x-*script*",
			"text/x-python", "text/x-perl", "text/x-php", "text/x-ruby",
			"text/javascript", "application/javascript", "application/x-*script*",
			"application/x-perl", "application/hta" } },
	{ "lnk", { "application/x-ms-shortcut", "application/x-mswinurl" } },
	{ "eml", { "message/rfc822", "message/global" } },
	{ "html", { "text/html", "application/xhtml+xml" } },
	{ "csv", { "text/csv", "application/csv" } },
	{ "xml", { "text/xml", "application/xml" } },
	{ "image", { "image/*" } },
	{ "audio", { "audio/*" } },
	{ "video", { "video/*" } },
	{ "text", { "text/*" } },
};

const char *const *
filetype_globs(const char *word)
{
	for (gsize i = 0; i < G_N_ELEMENTS(filetypes); i++) {
		if (strcmp(filetypes[i].word, word) == 0)
			return filetypes[i].globs;
	}
	return NULL;
}

bool
filetype_is_known(const char *value)
{
	return filetype_globs(value) != NULL || strchr(value, '/') != NULL;
}

bool
filetype_matches(const char *const *values, const char *type)
{
	for (gsize i = 0; type[0] != '\0' && values[i] != NULL; i++) {
		const char *const *globs = filetype_globs(values[i]);
		if (globs == NULL && text_glob(values[i], type))
			return true;
		for (gsize k = 0; globs != NULL && globs[k] != NULL; k++) {
			if (text_glob(globs[k], type))
				return true;
		}
	}
	return false;
}

const char *
filetype_word(const char *type)
{
	for (gsize i = 0; i < G_N_ELEMENTS(filetypes); i++) {
		const char *const one[] = { filetypes[i].word, NULL };
		if (filetype_matches(one, type))
			return filetypes[i].word;
	}
	return type;
}

const char **
filetype_words(void)
{
	const char **words = g_new0(const char *, G_N_ELEMENTS(filetypes) + 1);

	for (gsize i = 0; i < G_N_ELEMENTS(filetypes); i++)
		words[i] = filetypes[i].word;
	return words;
}
