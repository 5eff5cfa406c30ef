/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sniff - see sniff.h. Never lets libmagic start a program: MAGIC_NO_CHECK_COMPRESS stays. */
#include "worker/sniff.h"

#include <magic.h>
#include <string.h>

#include "base/fault.h"
#include "worker/charset.h"
#include "worker/names.h"

#define TEXT_LOOK  8192 /* bytes that tell text from the rest */
#define TEXT_START 2048 /* bytes of it that tell what kind it is */
#define OFFICE     "application/vnd.openxmlformats-officedocument."

struct sniff {
	magic_t magic;
	char type[128];
};

static const struct {
	const char *bytes;
	gsize size;
	gsize offset;
	const char *type;
} signatures[] = {
	{ "%PDF-", 5, 0, "application/pdf" },
	{ "\x89PNG\r\n\x1A\n", 8, 0, "image/png" },
	{ "\xFF\xD8\xFF", 3, 0, "image/jpeg" },
	{ "GIF87a", 6, 0, "image/gif" },
	{ "GIF89a", 6, 0, "image/gif" },
	{ "MZ", 2, 0, "application/x-dosexec" },
	{ "\x7F"
	  "ELF",
	    4, 0, "application/x-executable" },
	{ "7z\xBC\xAF\x27\x1C", 6, 0, "application/x-7z-compressed" },
	{ "Rar!\x1A\x07", 6, 0, "application/x-rar" },
	{ "\x1F\x8B", 2, 0, "application/gzip" },
	{ "BZh", 3, 0, "application/x-bzip2" },
	{ "\xFD"
	  "7zXZ",
	    6, 0, "application/x-xz" },
	{ "\x28\xB5\x2F\xFD", 4, 0, "application/zstd" },
	{ "MSCF\0\0\0\0", 8, 0, "application/vnd.ms-cab-compressed" },
	{ "ustar", 5, 257, "application/x-tar" },
	{ "{\\rt", 4, 0, "text/rtf" }, /* Word asks for no more */
	{ "\x78\x9F\x3E\x22", 4, 0, "application/ms-tnef" },
	{ "L\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0F", 20, 0, "application/x-ms-shortcut" },
	{ "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8, 0, "application/x-ole-storage" },
	{ "II*\0", 4, 0, "image/tiff" },
	{ "MM\0*", 4, 0, "image/tiff" },
	{ "CD001", 5, 32769, "application/x-iso9660-image" },
	{ "-----BEGIN PGP SIGNATURE-----", 29, 0, "application/pgp-signature" },
	{ "fLaC", 4, 0, "audio/flac" },
	{ "wOFF", 4, 0, "font/woff" },
	{ "wOF2", 4, 0, "font/woff2" },
};

/* RIFF holds several; what it is stands behind its size. */
static const struct {
	const char *form;
	const char *type;
} riffs[] = {
	{ "WEBP", "image/webp" },
	{ "WAVE", "audio/x-wav" },
	{ "AVI ", "video/x-msvideo" },
};

struct sniff *
sniff_new(GError **error)
{
	static const struct {
		int param;
		gsize value;
	} bounds[] = {
		{ MAGIC_PARAM_INDIR_MAX, 10 },
		{ MAGIC_PARAM_NAME_MAX, 30 },
		{ MAGIC_PARAM_ELF_PHNUM_MAX, 64 },
		{ MAGIC_PARAM_ELF_SHNUM_MAX, 64 },
		{ MAGIC_PARAM_ELF_NOTES_MAX, 16 },
		{ MAGIC_PARAM_REGEX_MAX, 1024 },
		{ MAGIC_PARAM_BYTES_MAX, 64 * 1024 },
	};
	magic_t magic = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS |
				   MAGIC_NO_CHECK_ENCODING | MAGIC_NO_CHECK_TOKENS |
				   MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON | MAGIC_NO_CHECK_ELF);

	if (magic == NULL || magic_load(magic, NULL) != 0) {
		g_set_error(error, FAULT, FAULT_IO, "libmagic: cannot load its database: %s",
		    magic != NULL ? magic_error(magic) : "no memory");
		if (magic != NULL)
			magic_close(magic);
		return NULL;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bounds); i++)
		magic_setparam(magic, bounds[i].param, &bounds[i].value);
	struct sniff *sniff = g_new0(struct sniff, 1);
	sniff->magic = magic;
	return sniff;
}

void
sniff_free(struct sniff *sniff)
{
	if (sniff == NULL)
		return;
	magic_close(sniff->magic);
	g_free(sniff);
}

/* Bytes at the start, in eights, of which none is a control. */
static gsize
printable_run(const guint8 *head, gsize size)
{
	const guint64 ones = G_GUINT64_CONSTANT(0x0101010101010101);
	gsize at = 0;

	for (; at + 8 <= size; at += 8) {
		guint64 word;
		memcpy(&word, head + at, 8);
		if (((word - ones * 0x20) & ~word & ones << 7) != 0)
			break;
	}
	return at;
}

bool
sniff_is_text(const guint8 *head, gsize size)
{
	/* Tab, line feed, form feed, carriage return and escape belong to text. */
	const guint32 allowed =
	    1u << '\t' | 1u << '\n' | 1u << '\f' | 1u << '\r' | 1u << 0x1B | 1u << 0;
	gsize controls = 0, nul = 0;

	size = MIN(size, TEXT_LOOK);
	if (size >= 2 &&
	    ((head[0] == 0xFF && head[1] == 0xFE) || (head[0] == 0xFE && head[1] == 0xFF)))
		return true;
	for (gsize i = 0; i < size; i++) {
		i += printable_run(head + i, size - i);
		if (i == size)
			break;
		nul += head[i] == 0;
		controls += head[i] < 0x20 && (allowed >> head[i] & 1) == 0;
	}
	if (nul > 0) /* UTF-16 in Latin script has about as many NUL bytes as others */
		return (controls == 0 && nul * 10 >= size * 4 && nul * 10 <= size * 6) ||
		       charset_is_wide(head, size) || (nul + controls) * 50 <= size;
	return controls * 50 <= size;
}

/* What a zip is by the names of its first members. */
static const char *
zip_type(const guint8 *head, gsize size)
{
	static const struct {
		const char *prefix;
		const char *type;
	} members[] = {
		{ "word/", OFFICE "wordprocessingml.document" },
		{ "xl/", OFFICE "spreadsheetml.sheet" },
		{ "ppt/", OFFICE "presentationml.presentation" },
	};
	bool content_types = false, manifest = false;
	const char *office = NULL;

	for (gsize at = 0; at + 30 < size;) {
		const guint8 *found = memmem(head + at, size - at, "PK\x03\x04", 4);
		if (found == NULL || found + 30 > head + size)
			break;
		gsize name_size =
		    MIN(found[26] | (gsize)found[27] << 8, (gsize)(head + size - found) - 30);
		g_autofree char *name = g_strndup((const char *)found + 30, name_size);
		const char *content = (const char *)found + 30 + name_size;
		gsize content_size = (gsize)((const char *)head + size - content);
		if (at == 0 && g_str_equal(name, "mimetype") && content_size > 39 &&
		    memcmp(content, "application/vnd.oasis.opendocument.", 35) == 0) {
			gsize n = strnlen(content + 35, MIN(content_size - 35, 40));
			g_autofree char *kind = g_strndup(content + 35, n);
			if (g_str_has_prefix(kind, "text"))
				return "application/vnd.oasis.opendocument.text";
			if (g_str_has_prefix(kind, "spreadsheet"))
				return "application/vnd.oasis.opendocument.spreadsheet";
			if (g_str_has_prefix(kind, "presentation"))
				return "application/vnd.oasis.opendocument.presentation";
			return "application/vnd.oasis.opendocument.graphics";
		}
		content_types = content_types || g_str_equal(name, "[Content_Types].xml");
		if (g_str_equal(name, "AndroidManifest.xml"))
			return "application/vnd.android.package-archive";
		manifest = manifest || g_str_equal(name, "META-INF/MANIFEST.MF");
		for (gsize i = 0; i < G_N_ELEMENTS(members) && office == NULL; i++)
			if (g_str_has_prefix(name, members[i].prefix))
				office = members[i].type;
		if (office != NULL && content_types)
			return office;
		at = (gsize)(found - head) + 30;
	}
	if (content_types)
		return "application/vnd.openxmlformats-officedocument";
	return manifest ? "application/java-archive" : "application/zip";
}

static bool
starts_html(const guint8 *head, gsize size)
{
	static const char *const starts[] = { "<!doctype html", "<html", "<head", "<body", "<table",
		"<script", "<div", "<p>", "<p ", "<h1", "<title", "<meta", "<center", "<font" };

	while (size > 0 && (g_ascii_isspace(*head) || *head >= 0xBB)) {
		head++; /* a byte order mark too */
		size--;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(starts); i++)
		if (size >= strlen(starts[i]) &&
		    g_ascii_strncasecmp((const char *)head, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static const char *
riff_type(const guint8 *head, gsize size)
{
	if (size < 12 || memcmp(head, "RIFF", 4) != 0)
		return NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(riffs); i++)
		if (memcmp(head + 8, riffs[i].form, 4) == 0)
			return riffs[i].type;
	return NULL;
}

/* A bitmap has four bytes of nothing in its header, and one of a few sizes of the next. */
static bool
is_bitmap(const guint8 *head, gsize size)
{
	static const guint8 sizes[] = { 12, 40, 52, 56, 64, 108, 124 };

	return size >= 26 && memcmp(head, "BM", 2) == 0 && memcmp(head + 6, "\0\0\0\0", 4) == 0 &&
	       memcmp(head + 15, "\0\0", 3) == 0 && memchr(sizes, head[14], sizeof sizes) != NULL;
}

static const char *
signature_type(const guint8 *head, gsize size)
{
	for (gsize i = 0; i < G_N_ELEMENTS(signatures); i++)
		if (size >= signatures[i].offset + signatures[i].size &&
		    memcmp(head + signatures[i].offset, signatures[i].bytes, signatures[i].size) ==
			0)
			return signatures[i].type;
	return is_bitmap(head, size) ? "image/bmp" : riff_type(head, size);
}

/* What may stand in prose and tables: letters, digits and signs that code needs others beside. */
static bool
is_sign_of_prose(guchar c)
{
	return c >= 0x80 || g_ascii_isalnum(c) ||
	       (c != '\0' && strchr(" \t\r\n.,;:'\"!?-_/()&+$%*=", c) != NULL);
}

/*
 * Words in sentences or tables, without the brackets and the like that no program, script or
 * markup does without; and not the start of a file that is told by a word, as a header is.
 */
static bool
is_prose(const char *head, gsize size)
{
	static const char *const words[] = { "diff ", "rem ", "import ", "package ", "begin ",
		"from ", "set ", "echo ", "dim ", "version ", "index ", "dnl ", "xref " };
	gsize first = 0;

	while (first < size && (g_ascii_isalnum(head[first]) || head[first] == '-'))
		first++;
	if ((!g_ascii_isalnum(*head) && *head != '"') || (first < size && head[first] == ':'))
		return false;
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (size >= strlen(words[i]) &&
		    g_ascii_strncasecmp(head, words[i], strlen(words[i])) == 0)
			return false;
	for (gsize i = 0; i < size; i++)
		if (!is_sign_of_prose((guchar)head[i]))
			return false;
	return true;
}

/* Text of which nobody says that it is: what can be told without libmagic, else NULL. */
static const char *
plain_type(const guint8 *head, gsize size)
{
	static const struct {
		const char *start;
		const char *type;
	} starts[] = {
		{ "BEGIN:VCARD", "text/vcard" },
		{ "BEGIN:VCALENDAR", "text/calendar" },
		{ "(This file must be converted with BinHex", "application/mac-binhex40" },
	};

	while (size > 0 && (*head == '\r' || *head == '\n')) {
		head++;
		size--;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(starts); i++)
		if (size > strlen(starts[i].start) &&
		    memcmp(head, starts[i].start, strlen(starts[i].start)) == 0)
			return starts[i].type;
	return size > 0 && is_prose((const char *)head, MIN(size, TEXT_START)) ? "text/plain"
									       : NULL;
}

/* Text that its sender calls text: the kinds that are more than that by their first bytes. */
static const char *
text_type(const guint8 *head, gsize size, const char *declared)
{
	static const struct {
		const char *start;
		const char *type;
	} starts[] = {
		{ "<?xml", "text/xml" },
		{ "#!", "text/x-shellscript" },
		{ "BEGIN:VCARD", "text/vcard" },
		{ "BEGIN:VCALENDAR", "text/calendar" },
		{ "%!PS", "application/postscript" },
	};

	if (*declared != '\0')
		return g_str_equal(declared, "text/html") ? "text/html" : "text/plain";
	if (starts_html(head, size))
		return "text/html";
	for (gsize i = 0; i < G_N_ELEMENTS(starts); i++)
		if (size >= strlen(starts[i].start) &&
		    memcmp(head, starts[i].start, strlen(starts[i].start)) == 0)
			return starts[i].type;
	return "text/plain";
}

/* Text, and the reports of mail servers (RFC 3464, RFC 5965, RFC 8098), which are lines of it. */
static bool
is_meant_as_text(const char *declared)
{
	static const char *const reports[] = { "message/delivery-status", "message/feedback-report",
		"message/disposition-notification", "message/global-delivery-status", NULL };

	return g_str_has_prefix(declared, "text/") || g_strv_contains(reports, declared);
}

const char *
sniff_type(struct sniff *sniff, const guint8 *head, gsize size, const char *declared, bool body)
{
	if (size == 0)
		return "application/x-empty";
	if (size >= 4 && memcmp(head, "PK\x03\x04", 4) == 0)
		return zip_type(head, size);
	const char *type = signature_type(head, size);
	if (type != NULL)
		return type;
	bool text = sniff_is_text(head, size);
	if (text && (body || is_meant_as_text(declared)))
		return text_type(head, size, body ? declared : "");
	if (text && (type = plain_type(head, size)) != NULL)
		return type;
	/* libmagic's text tests cost more than all else; the start of a text tells enough. */
	type = magic_buffer(sniff->magic, head, MIN(size, text ? TEXT_START : 64 * 1024));
	if (type == NULL || *type == '\0')
		type = text ? "text/plain" : "application/octet-stream";
	if (text && g_str_equal(type, "application/octet-stream"))
		type = "text/plain";
	if (g_str_equal(type, "application/CDFV2"))
		type = "application/x-ole-storage";
	g_strlcpy(sniff->type, type, sizeof sniff->type);
	return sniff->type;
}

bool
sniff_is_executable(const guint8 *head, gsize size, const char *type, const char *name)
{
	static const char *const types[] = { "application/x-dosexec", "application/x-executable",
		"application/x-pie-executable", "application/x-sharedlib",
		"application/x-mach-binary", "application/x-ms-shortcut", "text/x-shellscript",
		"text/x-msdos-batch", "application/vnd.microsoft.portable-executable",
		"application/x-msi", "application/java-archive",
		"application/vnd.android.package-archive", NULL };

	if (g_strv_contains(types, type))
		return true;
	if (size >= 3 && head[0] == '#' && head[1] == '!' && (head[2] == '/' || head[2] == ' '))
		return true;
	return names_is_executable(name);
}
