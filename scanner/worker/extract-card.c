/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-card - vCards and calendars: the values of all properties and the names of people as
 * text, addresses on the web as link targets, pictures, keys and attached files as parts.
 */
#include "worker/extract.h"

#include <string.h>

#include "worker/content-lines.h"
#include "worker/decode.h"

#define URLS_MAX (256 * 1024)

struct card {
	struct item *item;
	GString *text;
	GString *urls;
	bool full; /* no more files within are looked at */
};

static bool
starts_with(const guint8 *head, gsize size, const char *word)
{
	if (size >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0) {
		head += 3;
		size -= 3;
	}
	while (size > 0 && g_ascii_isspace(*head)) {
		head++;
		size--;
	}
	return size >= strlen(word) &&
	       g_ascii_strncasecmp((const char *)head, word, strlen(word)) == 0;
}

static bool
card_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	static const char *const types[] = { "text/calendar", "text/vcard", "text/x-vcard",
		"text/directory", "text/x-vcalendar", "application/ics", NULL };
	const char *declared = extract_part(item)->declared_type;

	/* What says nothing of the kind at its start is text, and read whole as such. */
	(void)type;
	return starts_with(head, size, "BEGIN:VC") ||
	       (g_strv_contains(types, declared) && starts_with(head, size, "BEGIN:"));
}

static void
add_url(struct card *card, const char *url)
{
	gsize size = strlen(url);

	if (size == 0)
		return;
	if (card->urls->len + size > URLS_MAX) {
		scan_outcome(card->item->scan, card->item->part, PART_OVER_LIMIT,
		    "more links than are looked at");
		return;
	}
	if (card->urls->len > 0)
		g_string_append_c(card->urls, '\n');
	g_string_append(card->urls, url);
}

static bool
is_url(const char *value)
{
	static const char *const starts[] = {
		"http:", "https:", "ftp:", "file:", "webcal:", "tel:", "sip:", "\\\\"
	};

	for (gsize i = 0; i < G_N_ELEMENTS(starts); i++)
		if (g_ascii_strncasecmp(value, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* The name that the line gives its file, or the property's own. */
static char *
file_name(const struct content_line *line)
{
	static const char *const keys[] = { "FILENAME", "X-FILENAME", "X-APPLE-FILENAME",
		"X-ORACLE-FILENAME" };
	const char *name = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(keys) && name == NULL; i++)
		name = content_line_get(line, keys[i]);
	return name != NULL && *name != '\0' ? g_strdup(name) : g_ascii_strdown(line->name, -1);
}

static void
add_file(struct card *card, const struct content_line *line, const char *type,
    enum decode_kind kind, const char *bytes, gsize size)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autofree char *name = file_name(line);
	struct decode decode;

	if (card->full)
		return;
	decode_begin(&decode, kind);
	if (kind != DECODE_NONE)
		decode_add(&decode, bytes, size, out);
	else
		g_byte_array_append(out, (const guint8 *)bytes, (guint)size);
	decode_end(&decode, out);
	card->full = !extract_member(card->item, name, type, out->data, out->len);
}

/* RFC 2397: data:type;base64,bytes. */
static void
add_data(struct card *card, const struct content_line *line, const char *value)
{
	const char *head = value + strlen("data:");
	const char *comma = strchr(head, ',');
	gsize type_size = strcspn(head, ";,");

	if (comma == NULL) {
		g_string_append_printf(card->text, "%s\n", value);
		return;
	}
	g_autofree char *type = g_strndup(head, MIN(type_size, 100));
	g_autofree char *valid = g_utf8_make_valid(type, -1);
	g_autofree char *options = g_strndup(head, (gsize)(comma - head));
	g_autofree char *lower = g_ascii_strdown(options, -1);
	if (strstr(lower, ";base64") != NULL) {
		add_file(card, line, valid, DECODE_BASE64, comma + 1, strlen(comma + 1));
		return;
	}
	g_autoptr(GBytes) bytes = g_uri_unescape_bytes(comma + 1, -1, NULL, NULL);
	gsize size = 0;
	const char *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;
	if (data != NULL)
		add_file(card, line, valid, DECODE_NONE, data, size);
	else
		add_file(card, line, valid, DECODE_NONE, comma + 1, strlen(comma + 1));
}

/* CHARSET= of vCard 2.1 is for what quoted-printable gives. */
static char *
unquote(struct card *card, const struct content_line *line)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct charset_result result;
	struct decode decode;

	decode_begin(&decode, DECODE_QUOTED);
	decode_add(&decode, line->value, line->size, out);
	decode_end(&decode, out);
	return charset_decode(card->item->scan->charset, content_line_get(line, "CHARSET"),
	    out->data, out->len, (gsize)card->item->scan->limits->text, &result);
}

static void
add_text(struct card *card, const char *text)
{
	if (card->text->len <= card->item->scan->limits->text && *text != '\0')
		g_string_append_printf(card->text, "%s\n", text);
}

/* People and other writing stand in parameters too: CN=, ALTREP=, X-ADDRESS=. */
static void
add_parameters(struct card *card, const struct content_line *line)
{
	static const char *const dull[] = { "", "TYPE", "VALUE", "ENCODING", "CHARSET", "LANGUAGE",
		"TZID", "ROLE", "PARTSTAT", "RSVP", "CUTYPE", "FMTTYPE", "PREF", "RELTYPE", NULL };

	for (guint i = 0; i < line->parameters->len; i++) {
		const struct content_parameter *one = line->parameters->pdata[i];
		if (is_url(one->value))
			add_url(card, one->value);
		else if (g_ascii_strncasecmp(one->value, "data:", 5) == 0)
			add_data(card, line, one->value);
		else if (!g_strv_contains(dull, one->name))
			add_text(card, one->value);
	}
}

static void
add_line(struct card *card, const struct content_line *line)
{
	static const char *const dull[] = { "BEGIN", "END", "VERSION", "PRODID", "CALSCALE",
		"METHOD", NULL };
	const char *type = content_line_get(line, "FMTTYPE");

	add_parameters(card, line);
	if (line->base64) {
		add_file(
		    card, line, type != NULL ? type : "", DECODE_BASE64, line->value, line->size);
		return;
	}
	g_autofree char *decoded = line->quoted ? unquote(card, line) : g_strdup(line->value);
	g_autofree char *text = content_line_text(decoded);
	if (g_ascii_strncasecmp(text, "data:", 5) == 0)
		add_data(card, line, text);
	else if (is_url(text))
		add_url(card, text);
	else if (!g_strv_contains(dull, line->name) || strlen(text) > 100)
		add_text(card, text);
}

static void
card_read(struct item *item)
{
	struct scan *scan = item->scan;
	gsize size, text_size;
	g_autofree char *text = extract_bytes(item, &size);

	if (text == NULL)
		return;
	/* UTF-8, as both standards ask, is not copied: files make it longer than any text. */
	if (memchr(text, '\0', size) != NULL || !g_utf8_validate_len(text, size, NULL)) {
		g_autofree char *bytes = g_steal_pointer(&text);
		text = extract_decoded(item, item->charset, bytes, size, &text_size);
	}
	struct card card = { item, g_string_new(NULL), g_string_new(NULL), false };
	struct content_line line;
	const char *at = text;
	while (content_lines_next(&at, &line)) {
		if (line.malformed)
			extract_part(item)->facts |= FACT_PART_MALFORMED;
		add_line(&card, &line);
		content_line_clear(&line);
		if (scan_late(scan)) {
			scan_outcome(scan, item->part, PART_TIMEOUT, "the time was over");
			break;
		}
	}
	extract_add_text(item, extract_component(item), card.text, false);
	extract_add_text(item, COMPONENT_URLS, card.urls, false);
}

const struct extractor extract_card = {
	.name = "card",
	.takes = card_takes,
	.wanted = WANTED_OBJECT,
	.read = card_read,
};
