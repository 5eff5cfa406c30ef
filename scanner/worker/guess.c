/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guess - see guess.h. Never costs more than two passes where the label fits the bytes. */
#include "worker/guess.h"

#include <string.h>
#include <unicode/ucsdet.h>

#include "base/text.h"

#define LOOK       (16 * 1024) /* bytes that ICU's detector gets */
#define CONFIDENCE 10          /* of 100: a wrong second reading costs little */
#define HIGH_MIN   6           /* bytes; fewer tell nothing about their charset */
#define RUN_MAX    4096        /* of one stretch of UTF-7 */
#define HIGH_SHARE 5           /* one byte of so many: no Latin text has that many accents */

static bool
begins(const char *text, const char *const *starts)
{
	for (; *starts != NULL; starts++)
		if (g_ascii_strncasecmp(text, *starts, strlen(*starts)) == 0)
			return true;
	return false;
}

/* No label, or one that stands for none. */
static bool
is_unsaid(const char *label)
{
	static const char *const none[] = { "us-ascii", "ascii", "utf-8", "utf8", "ansi_x3",
		"iso646-us", "7bit", "8bit", "unknown", "x-unknown", "default", NULL };

	return label == NULL || *label == '\0' || begins(label, none);
}

/* What kind of bytes these are. */
struct bytes {
	bool high, valid, control;
	gsize n_high;
};

static void
look(const char *data, gsize size, struct bytes *bytes)
{
	*bytes = (struct bytes){ .valid = g_utf8_validate_len(data, size, NULL) };
	for (gsize i = 0; i < size; i++) {
		guchar c = (guchar)data[i];
		bytes->n_high += c >= 0x80;
		bytes->control = bytes->control ||
				 (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f');
	}
	bytes->high = bytes->n_high > 0;
}

/* By ICU; NULL when it has no idea. The caller's. */
static char *
detect(const char *data, gsize size)
{
	UErrorCode error = U_ZERO_ERROR;
	char *name = NULL;

	while (size > 0 && (guchar)*data < 0x80) { /* what tells charsets apart is further on */
		data++;
		size--;
	}
	UCharsetDetector *detector = ucsdet_open(&error);
	if (U_FAILURE(error))
		return NULL;
	ucsdet_setText(detector, data, (int32_t)MIN(size, LOOK), &error);
	const UCharsetMatch *match = ucsdet_detect(detector, &error);
	if (U_SUCCESS(error) && match != NULL &&
	    ucsdet_getConfidence(match, &error) >= CONFIDENCE) {
		const char *found = ucsdet_getName(match, &error);
		name = U_SUCCESS(error) ? g_strdup(found) : NULL;
	}
	ucsdet_close(detector);
	return name;
}

/* Escape sequences of ISO-2022 (RFC 1468, 1557, 1922) in what is said to be something else. */
static const char *
escapes(const char *data, gsize size)
{
	if (memchr(data, 0x1B, size) == NULL)
		return NULL;
	if (memmem(data, size, "\x1B$)C", 4) != NULL)
		return "iso-2022-kr";
	if (memmem(data, size, "\x1B$)A", 4) != NULL)
		return "iso-2022-cn";
	return memmem(data, size, "\x1B$", 2) != NULL ? "iso-2022-jp-2" : NULL;
}

/* The label of another reading, or NULL. The caller's. */
static char *
other_label(const char *label, const char *data, gsize size, gsize replaced)
{
	static const char *const stateful[] = { "iso-2022", "hz", "utf-7", "unicode-1-1-utf-7",
		NULL };
	static const char *const wide[] = { "utf-16", "utf-32", "ucs", "ibm037", "ibm500",
		"ibm1047", "ebcdic", "cp037", "cp500", "unicode", NULL };
	static const char *const latin[] = { "iso-8859-1", "iso8859-1", "latin1", "windows-1252",
		"cp1252", "windows-1250", "iso-8859-2", "macintosh", NULL };
	bool is_none = is_unsaid(label);
	const char *escaped = is_none || begins(label, latin) ? escapes(data, size) : NULL;
	struct bytes bytes;

	if (escaped != NULL)
		return g_strdup(escaped);
	if (!is_none && begins(label, stateful) && replaced == 0)
		return NULL;
	if (text_ascii(data, size) == size && (is_none || !begins(label, wide)))
		return NULL;
	if (is_none && g_utf8_validate_len(data, size, NULL))
		return NULL;
	look(data, size, &bytes);
	if (!is_none && begins(label, wide))
		return bytes.valid && !bytes.control ? g_strdup("utf-8") : NULL;
	if (!bytes.high)
		return NULL;
	if (bytes.valid)
		return g_strdup("utf-8");
	if (bytes.n_high < HIGH_MIN || (is_none && replaced > 0))
		return NULL;
	if (is_none || replaced > 0 || (begins(label, latin) && bytes.n_high > size / HIGH_SHARE))
		return detect(data, size);
	return NULL;
}

/* RFC 1843: pairs of bytes of GB 2312 without their high bits, between "~{" and "~}". */
static char *
hz_as_gb(const char *data, gsize size, gsize *out_size)
{
	/* memchr is far quicker than memmem, and most text has no tilde at all. */
	const char *open = size > 0 ? memchr(data, '~', size) : NULL;

	if (open != NULL)
		open = memmem(open, size - (gsize)(open - data), "~{", 2);
	if (open == NULL || memmem(open, size - (gsize)(open - data), "~}", 2) == NULL)
		return NULL;
	char *out = g_malloc(size + 1);
	gsize n = 0;
	bool inside = false;
	for (gsize i = 0; i < size; i++) {
		bool sign = data[i] == '~' && i + 1 < size;
		if (sign && data[i + 1] == (inside ? '}' : '{')) {
			inside = !inside;
			i++;
		} else if (inside && data[i] == '\n') {
			inside = false;
			out[n++] = '\n';
		} else if (inside && data[i] > ' ') {
			out[n++] = (char)((guchar)data[i] | 0x80);
		} else {
			out[n++] = data[i];
		}
	}
	*out_size = n;
	return out;
}

/* Letters and signs that someone hides in UTF-7, or writes because mail was seven bits wide. */
static bool
is_plausible(gunichar c)
{
	return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t' || (c >= 0xA0 && c < 0x590) ||
	       (c >= 0x1E00 && c < 0x2100 && g_unichar_isdefined(c));
}

/*
 * One stretch of modified base64 (RFC 2152) behind a "+", as UTF-8; false when it is none. *used:
 * bytes of it with the "-" that ends it.
 */
static bool
read_utf7(const char *text, GString *out, gsize *used)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	gsize n = 0, start = out->len;
	guint32 bits = 0;
	guint n_bits = 0;
	const char *digit;

	for (; n < RUN_MAX && text[n] != '\0' && (digit = strchr(digits, text[n])) != NULL; n++) {
		bits = bits << 6 | (guint32)(digit - digits);
		n_bits += 6;
		if (n_bits < 16)
			continue;
		n_bits -= 16;
		gunichar c = bits >> n_bits & 0xFFFF;
		if (!is_plausible(c))
			break;
		g_string_append_unichar(out, c);
	}
	*used = n + (text[n] == '-');
	bool ends = text[n] == '\0' || strchr(digits, text[n]) == NULL;
	if (ends && out->len > start && n_bits < 6 && (bits & ((1u << n_bits) - 1)) == 0)
		return true;
	g_string_truncate(out, start);
	return false;
}

static char *
utf7_within(const char *text, gsize max, gsize *size)
{
	const char *plus = strchr(text, '+');
	bool found = false;
	gsize used;

	if (plus == NULL)
		return NULL;
	GString *out = g_string_new(NULL);
	for (const char *at = text; plus != NULL; plus = strchr(plus, '+')) {
		g_string_append_len(out, at, plus - at);
		at = plus;
		if (read_utf7(plus + 1, out, &used)) {
			found = true;
			at = plus + 1 + used;
		} else {
			g_string_append_c(out, '+');
			at = plus + 1;
		}
		plus = at;
		if (strchr(at, '+') == NULL)
			g_string_append(out, at);
	}
	*size = out->len;
	if (found && out->len <= max)
		return g_string_free(out, FALSE);
	g_string_free(out, TRUE);
	return NULL;
}

/* UTF-8 whose broken bytes are windows-1252: pieces of two texts, or a trick. */
static char *
mixed(struct charset *charset, const char *data, gsize size, gsize max, gsize *out_size)
{
	GString *out = g_string_new(NULL);
	struct charset_result one;
	const char *end = data + size, *stop;
	char *plain[256] = { NULL }; /* each once: there may be millions */

	while (out->len < max) {
		bool whole = g_utf8_validate_len(data, (gsize)(end - data), &stop);
		g_string_append_len(out, data, stop - data);
		if (whole || stop == end)
			break;
		guint8 byte = (guint8)*stop;
		if (plain[byte] == NULL)
			plain[byte] = charset_decode(
			    charset, "windows-1252", stop, 1, sizeof(gunichar), &one);
		g_string_append(out, plain[byte]);
		data = stop + 1;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(plain); i++)
		g_free(plain[i]);
	if (out->len > max) {
		g_string_free(out, TRUE);
		return NULL;
	}
	*out_size = out->len;
	return g_string_free(out, FALSE);
}

static gsize
count_replaced(const char *text)
{
	gsize n = 0;

	for (; (text = strchr(text, '\xEF')) != NULL; text++)
		n += text[1] == '\xBF' && text[2] == '\xBD';
	return n;
}

char *
guess_second(struct charset *charset, const char *label, const char *data, gsize size,
    const char *text, gsize max, gsize *second_size)
{
	struct charset_result other;
	gsize gb_size = 0;
	g_autofree char *gb = hz_as_gb(data, size, &gb_size);

	if (gb != NULL) {
		char *second = charset_decode(charset, "gb18030", gb, gb_size, max, &other);
		*second_size = other.size;
		if (other.replaced == 0 && !other.unknown)
			return second;
		g_free(second);
	}
	gsize replaced = count_replaced(text);
	g_autofree char *name = other_label(label, data, size, replaced);
	if (name == NULL && replaced > 0 && is_unsaid(label)) {
		char *pieces = mixed(charset, data, size, max, second_size);
		if (g_strcmp0(pieces, text) == 0) /* NULs alone */
			g_clear_pointer(&pieces, g_free);
		return pieces;
	}
	if (name == NULL)
		return utf7_within(text, max, second_size);
	char *second = charset_decode(charset, name, data, size, max, &other);
	*second_size = other.size;
	if (!other.unknown && other.replaced <= MAX(replaced, 2) && strcmp(second, text) != 0)
		return second;
	g_free(second);
	return NULL;
}
