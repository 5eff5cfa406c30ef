/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names - see names.h. Never uses a name as a path. */
#include "worker/names.h"

#include <string.h>

#include "mail/words.h"
#include "worker/headers.h"

#define BLANKS_MAX 4 /* more in a row push the extension out of sight */

/* What opens a file. Families of one row in `kin` are one to us. */
enum family {
	FAMILY_NONE,
	FAMILY_TEXT,
	FAMILY_HTML,
	FAMILY_XML,
	FAMILY_RTF,
	FAMILY_PDF,
	FAMILY_OLE,
	FAMILY_OFFICE,
	FAMILY_ZIP,
	FAMILY_ARCHIVE,
	FAMILY_IMAGE,
	FAMILY_MEDIA,
	FAMILY_PROGRAM,
	FAMILY_MESSAGE,
};

struct family_row {
	enum family family;
	const char *words; /* separated by blanks, one at each end */
};

static const struct family_row extensions[] = {
	{ FAMILY_TEXT,
	    " txt csv tsv log md text ini cfg conf json yaml yml sql c h py sh pl asc " },
	{ FAMILY_HTML, " html htm xhtml mht " },
	{ FAMILY_XML, " xml xsl xslt svg kml gpx " },
	{ FAMILY_RTF, " rtf " },
	{ FAMILY_PDF, " pdf " },
	{ FAMILY_OLE, " doc dot xls xlt ppt pps pot msg vsd pub mpp " },
	{ FAMILY_OFFICE,
	    " docx docm dotx xlsx xlsm xlsb xltx pptx pptm ppsx odt ods odp odg ott " },
	{ FAMILY_ZIP, " zip epub " },
	{ FAMILY_ARCHIVE, " rar 7z tar gz tgz bz2 tbz xz txz zst cab iso img arj lzh z " },
	{ FAMILY_IMAGE, " jpg jpeg jpe jfif png gif bmp tif tiff webp heic heif ico emf wmf psd " },
	{ FAMILY_MEDIA, " mp3 mp4 m4a m4v avi mov wav ogg oga ogv flac mkv webm wmv wma aac amr "
			"mpg mpeg 3gp opus mid midi " },
	{ FAMILY_PROGRAM, " exe com scr pif dll sys cpl ocx drv msi elf so bin " },
	{ FAMILY_MESSAGE, " eml " },
};

static const struct family_row types[] = {
	{ FAMILY_HTML, " text/html application/xhtml+xml " },
	{ FAMILY_XML, " text/xml application/xml image/svg+xml image/svg " },
	{ FAMILY_RTF, " text/rtf application/rtf " },
	{ FAMILY_PDF, " application/pdf application/x-pdf " },
	{ FAMILY_OLE,
	    " application/msword application/vnd.ms-excel application/vnd.ms-powerpoint "
	    "application/x-ole-storage application/vnd.ms-outlook application/vnd.ms-office "
	    "application/encrypted application/vnd.visio application/vnd.ms-project " },
	{ FAMILY_ZIP, " application/zip application/x-zip-compressed application/x-zip " },
	{ FAMILY_ARCHIVE,
	    " application/x-rar application/vnd.rar application/x-rar-compressed "
	    "application/x-7z-compressed application/x-tar application/gzip "
	    "application/x-gzip application/x-bzip2 application/x-xz application/zstd "
	    "application/vnd.ms-cab-compressed application/x-iso9660-image " },
	{ FAMILY_PROGRAM,
	    " application/x-dosexec application/x-executable application/x-pie-executable "
	    "application/x-sharedlib application/x-mach-binary application/x-msdownload "
	    "application/vnd.microsoft.portable-executable application/x-ms-shortcut "
	    "application/x-msi " },
	{ FAMILY_MESSAGE, " message/rfc822 " },
};

static enum family
look_up(const struct family_row *rows, gsize n_rows, const char *word)
{
	g_autofree char *key = g_strconcat(" ", word, " ", NULL);

	if (*word == '\0' || strchr(word, ' ') != NULL)
		return FAMILY_NONE;
	for (gsize i = 0; i < n_rows; i++)
		if (strstr(rows[i].words, key) != NULL)
			return rows[i].family;
	return FAMILY_NONE;
}

static enum family
family_of_type(const char *type)
{
	if (g_str_equal(type, "text/plain")) /* most parts are that */
		return FAMILY_TEXT;
	enum family family = look_up(types, G_N_ELEMENTS(types), type);
	if (family != FAMILY_NONE)
		return family;
	if (g_str_has_prefix(type, "application/vnd.openxmlformats-officedocument") ||
	    g_str_has_prefix(type, "application/vnd.oasis.opendocument"))
		return FAMILY_OFFICE;
	if (g_str_has_prefix(type, "image/"))
		return FAMILY_IMAGE;
	if (g_str_has_prefix(type, "audio/") || g_str_has_prefix(type, "video/"))
		return FAMILY_MEDIA;
	return g_str_has_prefix(type, "text/") ? FAMILY_TEXT : FAMILY_NONE;
}

/* What `claimed` may be in truth without anybody being deceived. */
static bool
agree(enum family claimed, enum family is)
{
	static const struct {
		enum family claimed, is;
	} kin[] = {
		{ FAMILY_TEXT, FAMILY_HTML }, /* source code, a CSV that begins with '<' */
		{ FAMILY_TEXT, FAMILY_XML },
		{ FAMILY_TEXT, FAMILY_MESSAGE },
		{ FAMILY_HTML, FAMILY_TEXT },
		{ FAMILY_HTML, FAMILY_XML },
		{ FAMILY_HTML, FAMILY_MESSAGE },
		{ FAMILY_XML, FAMILY_TEXT },
		{ FAMILY_XML, FAMILY_HTML },
		{ FAMILY_XML, FAMILY_IMAGE },
		{ FAMILY_IMAGE, FAMILY_XML },
		{ FAMILY_MESSAGE, FAMILY_TEXT },
		{ FAMILY_RTF, FAMILY_TEXT },
		{ FAMILY_OLE, FAMILY_RTF }, /* programs that export "Word" and "Excel" */
		{ FAMILY_OLE, FAMILY_OFFICE },
		{ FAMILY_OLE, FAMILY_HTML },
		{ FAMILY_OLE, FAMILY_XML },
		{ FAMILY_OLE, FAMILY_TEXT },
		{ FAMILY_OFFICE, FAMILY_OLE }, /* an encrypted one is an OLE file */
		{ FAMILY_OFFICE, FAMILY_ZIP },
		{ FAMILY_ZIP, FAMILY_OFFICE },
	};

	if (claimed == is || claimed == FAMILY_NONE || is == FAMILY_NONE)
		return true;
	for (gsize i = 0; i < G_N_ELEMENTS(kin); i++)
		if (kin[i].claimed == claimed && kin[i].is == is)
			return true;
	return false;
}

const char *
names_base(const char *path)
{
	const char *base = path;

	for (const char *p = path; *p != '\0'; p++)
		if ((*p == '/' || *p == '\\') && p[1] != '\0')
			base = p + 1;
	return base;
}

char *
names_extension(const char *name)
{
	g_autofree char *copy = g_strdup(names_base(name));
	gsize size = strlen(copy);

	while (size > 0 && (copy[size - 1] == ' ' || copy[size - 1] == '.'))
		copy[--size] = '\0';
	const char *dot = strrchr(copy, '.');
	return dot != NULL && dot != copy ? g_utf8_strdown(dot + 1, -1) : g_strdup("");
}

bool
names_is_executable(const char *name)
{
	static const char *const run[] = { "exe", "com", "scr", "pif", "bat", "cmd", "js", "jse",
		"vbs", "vbe", "wsf", "wsh", "ps1", "psm1", "hta", "msi", "msp", "lnk", "cpl", "jar",
		"dll", "sys", "reg", "chm", "url", "sh", "appx", "gadget", NULL };
	g_autofree char *extension = names_extension(name);

	return g_strv_contains(run, extension);
}

static bool
is_double(const char *name)
{
	g_autofree char *extension = names_extension(name);

	if (*extension == '\0' || !names_is_executable(name))
		return false;
	g_autofree char *front = g_strdup(names_base(name));
	char *dot = strrchr(front, '.');
	while (dot != NULL && (dot[1] == '\0' || strspn(dot, ". ") == strlen(dot))) {
		*dot = '\0';
		dot = strrchr(front, '.');
	}
	if (dot == NULL)
		return false;
	*dot = '\0';
	g_autofree char *inner = names_extension(front);
	enum family family = look_up(extensions, G_N_ELEMENTS(extensions), inner);
	return family != FAMILY_NONE && family != FAMILY_PROGRAM;
}

static bool
is_disguised(const char *name)
{
	guint blanks = 0;

	for (const char *p = name; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069))
			return true;
		if (c < 0x20 || c == 0x7F || c == 0x2400)
			return true;
		blanks = g_unichar_isspace(c) || c == 0x2800 || c == 0x3164 ? blanks + 1 : 0;
		if (blanks > BLANKS_MAX)
			return true;
	}
	return false;
}

guint
names_facts(const char *name, const char *declared, const char *true_type)
{
	g_autofree char *extension = names_extension(name);
	enum family is = family_of_type(true_type);
	guint facts = 0;

	if (!agree(look_up(extensions, G_N_ELEMENTS(extensions), extension), is) ||
	    !agree(family_of_type(declared), is))
		facts |= FACT_TYPE_MISMATCH;
	if (is_double(name))
		facts |= FACT_DOUBLE_EXTENSION;
	if (is_disguised(name))
		facts |= FACT_DISGUISED_NAME;
	return facts;
}
