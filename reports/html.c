/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/html.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "mail/message.h"

extern const char page_css[]; /* reports/page.css */
extern const char page_js[];  /* reports/page.js */

static const char *
entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return "&#39;";
	}
}

static void
escape(GString *out, const char *text, gsize max_chars)
{
	g_autofree char *safe = text_printable(text, max_chars);

	for (const char *p = safe;;) {
		gsize plain = strcspn(p, "&<>\"'");
		g_string_append_len(out, p, (gssize)plain);
		p += plain;
		if (*p == '\0')
			break;
		g_string_append(out, entity_of(*p++));
	}
}

void
html_text(GString *out, const char *text)
{
	escape(out, text, HTML_TEXT_MAX);
}

void
html_short(GString *out, const char *text, gsize max_chars)
{
	escape(out, text, max_chars);
}

void
html_attribute_value(GString *out, const char *opening, const char *value)
{
	g_string_append(out, opening);
	escape(out, value, HTML_TEXT_MAX);
	html_raw(out, "\"");
}

void
html_number(GString *out, guint64 number)
{
	g_autofree char *text = text_count(number);

	g_string_append(out, text);
}

void
html_count(GString *out, guint64 number, const char *noun, const char *plural)
{
	html_number(out, number);
	html_raw(out, " ");
	html_text(out, number == 1 ? noun : plural);
}

void
html_time(GString *out, gint64 time, GTimeZone *zone)
{
	if (time == 0 || time == MESSAGE_NO_DATE) {
		html_text(out, time == 0 ? "never" : "unknown");
		return;
	}
	g_autofree char *iso = clock_iso(time);
	g_autofree char *local = clock_local(time, zone);
	html_raw(out, "<time");
	html_attribute(out, "datetime", iso);
	html_raw(out, ">");
	html_text(out, local);
	html_raw(out, "</time>");
}

void
html_address(GString *out, const char *address)
{
	const char *at = strrchr(address, '@');

	if (address[0] == '\0') {
		html_raw(out, "<i>nobody</i>");
		return;
	}
	g_autofree char *local = g_strndup(address, at != NULL ? (gsize)(at - address) + 1 : 0);
	/* Each address by itself, so that right-to-left letters of one cannot move the next. */
	html_raw(out, "<bdi>");
	html_text(out, local);
	/* Where a long one may be broken. */
	html_choose(out, at != NULL, "<wbr>", "");
	if (at != NULL)
		html_element(out, "b", at + 1);
	else
		html_text(out, address);
	html_raw(out, "</bdi>");
}

static void
put_hash(GString *out, const char *text)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 digest[32];
	gsize size = sizeof(digest);

	g_checksum_update(checksum, (const guchar *)text, (gssize)strlen(text));
	g_checksum_get_digest(checksum, digest, &size);
	g_autofree char *base64 = g_base64_encode(digest, size);
	html_raw(out, "'sha256-");
	g_string_append(out, base64);
	html_raw(out, "'");
}

/*
 * The policy names style sheet and script by their digests: neither a script nor a style that a
 * mail brought along could act, even if one got through the escapes.
 */
static void
put_policy(GString *out)
{
	html_raw(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		      "base-uri 'none'; form-action 'none'; style-src ");
	put_hash(out, page_css);
	html_raw(out, "; script-src ");
	put_hash(out, page_js);
	html_raw(out, "\">\n");
}

void
html_begin(GString *out, const char *title)
{
	html_raw(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	put_policy(out);
	html_raw(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		      "<meta name=\"color-scheme\" content=\"light dark\">\n"
		      "<meta name=\"referrer\" content=\"no-referrer\">\n"
		      "<meta name=\"robots\" content=\"noindex, noarchive\">\n");
	html_element(out, "title", title);
	html_raw(out, "\n<style>");
	g_string_append(out, page_css);
	html_raw(out, "</style>\n</head>\n<body>\n");
}

void
html_end(GString *out)
{
	html_raw(out, "<script>");
	g_string_append(out, page_js);
	html_raw(out, "</script>\n</body>\n</html>\n");
}
