/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every text in the page comes from mail: it is escaped, and the page may load nothing.
 */
#include "cmd/bundle.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"

#define FILE_MODE   0600
#define FOLDER_MODE 0700
#define SENDER_MAX  40 /* bytes of a name */
#define ID_DIGITS   12

#define PAGE_BEGIN                                                                                 \
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"                      \
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "    \
	"'unsafe-inline'; script-src 'unsafe-inline'\">\n"                                         \
	"<meta name=\"viewport\" content=\"width=device-width\">\n<title>Exported mail</title>\n"  \
	"<style>body{font:15px/1.4 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 " \
	"1em;color-scheme:light dark}input{font:inherit;width:100%;padding:.5em;box-sizing:"       \
	"border-box}table{border-collapse:collapse;width:100%;margin-top:1em}td,th{text-align:"    \
	"left;padding:.3em .6em;border-bottom:1px solid #8884;vertical-align:top;"                 \
	"overflow-wrap:anywhere}td:first-child{white-space:nowrap}</style></head><body>\n"
#define PAGE_SEARCH                                                                                \
	"<label>Search <input id=\"q\" type=\"search\" placeholder=\"words that must all stand "   \
	"in "                                                                                      \
	"a row\"></label>\n<p id=\"n\"></p>\n<table><thead><tr><th>Date</th><th>From</th>"         \
	"<th>To</th><th>Subject</th></tr></thead><tbody>\n"
#define PAGE_END                                                                                   \
	"</tbody></table>\n<script>\nvar q=document.getElementById('q'),n=document."               \
	"getElementById('n'),r=[].slice.call(document.querySelectorAll('tbody tr'));\n"            \
	"function f(){var w=q.value.toLowerCase().split(/\\s+/),c=0;r.forEach(function(x){var "    \
	"t=x.textContent.toLowerCase(),y=w.every(function(v){return t.indexOf(v)>=0});x.hidden=!"  \
	"y;c+=y});n.textContent=c+' of '+r.length+' messages'}\nq.addEventListener('input',f);f()" \
	";\n</script></body></html>\n"

struct bundle {
	char *folder;
	GTimeZone *zone;
	GString *rows, *manifest, *sums;
	guint messages, missing;
};

/* --- names --- */

/* Letters and digits of ASCII, and a few signs that mean nothing to anybody; one blank for others.
 */
static char *
plain(const char *text, gsize max)
{
	g_autofree char *ascii = g_str_to_ascii(text, "C");
	GString *out = g_string_new(NULL);

	for (const char *p = ascii; *p != '\0' && out->len < max; p++) {
		bool kept = g_ascii_isalnum(*p) || strchr("@._-+", *p) != NULL;
		if (kept)
			g_string_append_c(out, *p);
		else if (out->len > 0 && out->str[out->len - 1] != ' ')
			g_string_append_c(out, ' ');
	}
	g_strstrip(out->str);
	out->len = strlen(out->str);
	return g_string_free(out, FALSE);
}

static gint64
time_of(const struct view_message *message)
{
	return message->date != MESSAGE_NO_DATE ? message->date : message->seen;
}

static char *
local_form(const struct view_message *message, GTimeZone *zone, const char *form)
{
	g_autofree char *local = clock_local(time_of(message), zone);
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time_of(message) / G_USEC_PER_SEC);
	g_autoptr(GDateTime) at = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
	char *out = at != NULL ? g_date_time_format(at, form) : NULL;

	/* A year that no calendar has. */
	return out != NULL ? out : g_strndup(local, 10);
}

char *
bundle_name(const struct view_message *message, GTimeZone *zone)
{
	g_autofree char *clock = local_form(message, zone, "%H%M%S");
	g_autofree char *from = plain(message->from, SENDER_MAX);
	gsize room =
	    BUNDLE_NAME_MAX - strlen(clock) - strlen(from) - ID_DIGITS - strlen("  -  - .eml");
	g_autofree char *subject = plain(message->subject, room);

	return g_strdup_printf("%s %s - %s - %.*s.eml", clock, from[0] != '\0' ? from : "nobody",
	    subject[0] != '\0' ? subject : "no subject", ID_DIGITS, message->sha256);
}

/* --- its life --- */

static bool
is_empty(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

	return dir == NULL || g_dir_read_name(dir) == NULL;
}

struct bundle *
bundle_new(const char *folder, GTimeZone *zone, GError **error)
{
	if (!is_empty(folder)) {
		g_set_error(error, FAULT, FAULT_USAGE,
		    "%s: something lies there already; name a new folder", folder);
		return NULL;
	}
	if (!io_make_folders(folder, FOLDER_MODE, error))
		return NULL;
	struct bundle *bundle = g_new0(struct bundle, 1);
	bundle->folder = g_strdup(folder);
	bundle->zone = g_time_zone_ref(zone);
	bundle->rows = g_string_new(NULL);
	bundle->manifest =
	    g_string_new("file,sha256,bytes,date,first_seen,from,to,subject,message_id,flags\r\n");
	bundle->sums = g_string_new(NULL);
	return bundle;
}

void
bundle_free(struct bundle *bundle)
{
	if (bundle == NULL)
		return;
	g_free(bundle->folder);
	g_time_zone_unref(bundle->zone);
	g_string_free(bundle->rows, TRUE);
	g_string_free(bundle->manifest, TRUE);
	g_string_free(bundle->sums, TRUE);
	g_free(bundle);
}

/* A spreadsheet takes what begins with one of these signs for a formula. */
static void
add_cell(GString *out, const char *text, const char *end)
{
	g_string_append_c(out, '"');
	if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL)
		g_string_append_c(out, '\'');
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *p == '\r' || *p == '\n' ? ' ' : *p);
	}
	g_string_append_printf(out, "\"%s", end);
}

static void
add_to_manifest(struct bundle *bundle, const struct view_message *message, const char *file)
{
	g_autofree char *date =
	    message->date != MESSAGE_NO_DATE ? clock_iso(message->date) : g_strdup("");
	g_autofree char *seen = clock_iso(message->seen);
	g_autofree char *to = g_strjoinv(" ", message->to);
	g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, message->size);
	g_autofree char *flags = g_strdup_printf("%u", message->flags);
	const char *const cells[] = { file, message->sha256, size, date, seen, message->from, to,
		message->subject, message->message_id, flags };

	for (guint i = 0; i < G_N_ELEMENTS(cells); i++)
		add_cell(bundle->manifest, cells[i], i + 1 < G_N_ELEMENTS(cells) ? "," : "\r\n");
}

static void
add_text(GString *out, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *escaped = g_markup_escape_text(valid, -1);

	g_string_append(out, escaped);
}

static void
add_to_page(struct bundle *bundle, const struct view_message *message, const char *file)
{
	g_autofree char *local = clock_local(time_of(message), bundle->zone);
	g_autofree char *to = g_strjoinv(", ", message->to);
	g_autofree char *link = g_uri_escape_string(file, "/", FALSE);

	g_string_append_printf(bundle->rows, "<tr><td>%s</td><td>", local);
	add_text(bundle->rows, message->from);
	g_string_append(bundle->rows, "</td><td>");
	add_text(bundle->rows, to);
	g_string_append(bundle->rows, "</td><td>");
	if (file[0] != '\0')
		g_string_append_printf(bundle->rows, "<a href=\"%s\">", link);
	add_text(bundle->rows, message->subject[0] != '\0' ? message->subject : "(no subject)");
	g_string_append(bundle->rows, file[0] != '\0' ? "</a>" : " (no copy is kept)");
	g_string_append(bundle->rows, "</td></tr>\n");
}

bool
bundle_add(struct bundle *bundle, const struct view_message *message, GBytes *bytes, GError **error)
{
	g_autofree char *day = local_form(message, bundle->zone, "%Y-%m-%d");
	g_autofree char *name = bundle_name(message, bundle->zone);
	g_autofree char *file = bytes != NULL ? g_strconcat(day, "/", name, NULL) : g_strdup("");
	g_autofree char *path = g_build_filename(bundle->folder, file, NULL);
	g_autofree char *folder = g_build_filename(bundle->folder, day, NULL);
	gsize size = 0;

	bundle->messages++;
	bundle->missing += bytes == NULL;
	if (bytes != NULL) {
		const void *data = g_bytes_get_data(bytes, &size);
		if (!io_make_folders(folder, FOLDER_MODE, error) ||
		    !io_replace_file(path, data != NULL ? data : "", size, FILE_MODE, error))
			return false;
		g_string_append_printf(bundle->sums, "%s  %s\n", message->sha256, file);
	}
	add_to_manifest(bundle, message, file);
	add_to_page(bundle, message, file);
	return true;
}

/* --- what stands beside the messages --- */

static bool
put_file(struct bundle *bundle, const char *name, const char *text, bool summed, GError **error)
{
	g_autofree char *path = g_build_filename(bundle->folder, name, NULL);
	char sha256[DIGEST_HEX];

	digest_bytes(text, strlen(text), sha256);
	if (summed)
		g_string_append_printf(bundle->sums, "%s  %s\n", sha256, name);
	return io_replace_file(path, text, strlen(text), FILE_MODE, error);
}

static char *
how_to_check(const struct bundle *bundle, const char *title, const char *head)
{
	return g_strdup_printf(
	    "%s\n\n"
	    "This folder holds %u messages; of %u of them no copy was kept, and only manifest.csv\n"
	    "tells of these. Each .eml file is byte for byte what the mail server gave out: open "
	    "it\n"
	    "with any mail program. index.html lists and searches them in any browser; nothing in\n"
	    "it needs a network.\n\n"
	    "To prove that no file was changed since, on Linux or macOS, in this folder:\n\n"
	    "    sha256sum --check SHA256SUMS\n\n"
	    "or, for one file, with OpenSSL on any system, and compare with its line:\n\n"
	    "    openssl dgst -sha256 FILE\n\n"
	    "The SHA-256 of a message is also in the second column of manifest.csv, its first "
	    "twelve\n"
	    "digits in the name of its file, and all of it in the database that it came from. To\n"
	    "prove that SHA256SUMS itself is the one that was handed over, keep its own digest:\n\n"
	    "    openssl dgst -sha256 SHA256SUMS\n\n"
	    "ledger.json tells who looked at what and when, row by row; each row has a digest "
	    "over\n"
	    "itself and the row before. Its head at the time of this export was\n\n"
	    "    %s\n\n"
	    "which `flagpost audit verify --head HEAD` finds again in the ledger itself.\n",
	    title, bundle->messages, bundle->missing, head);
}

bool
bundle_finish(
    struct bundle *bundle, const char *title, const char *ledger, const char *head, GError **error)
{
	g_autoptr(GString) page = g_string_new(PAGE_BEGIN "<h1>");
	g_autofree char *check = how_to_check(bundle, title, head);

	add_text(page, title);
	g_string_append(page, "</h1>\n" PAGE_SEARCH);
	g_string_append_len(page, bundle->rows->str, (gssize)bundle->rows->len);
	g_string_append(page, PAGE_END);
	return put_file(bundle, "index.html", page->str, true, error) &&
	       put_file(bundle, "manifest.csv", bundle->manifest->str, true, error) &&
	       put_file(bundle, "ledger.json", ledger, true, error) &&
	       put_file(bundle, "HOW-TO-CHECK.txt", check, true, error) &&
	       put_file(bundle, "SHA256SUMS", bundle->sums->str, false, error);
}
