/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every text in the page comes from mail: it is escaped, and the page may load nothing.
 */
#include <string.h>

#include "base/clock.h"
#include "cmd/bundle-parts.h"
#include "reports/html.h"

#define PAGE_BEGIN                                                                                 \
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"                      \
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "    \
	"'unsafe-inline'; script-src 'unsafe-inline'\">\n"                                         \
	"<meta name=\"viewport\" content=\"width=device-width\">\n<title>Exported mail</title>\n"  \
	"<style>body{font:15px/1.4 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 " \
	"1em;color-scheme:light dark}input{font:inherit;width:100%;padding:.5em;box-sizing:"       \
	"border-box}table{border-collapse:collapse;width:100%;margin-top:1em}td,th{text-align:"    \
	"left;padding:.3em .6em;border-bottom:1px solid #8884;vertical-align:top;"                 \
	"overflow-wrap:anywhere}td:first-child{white-space:nowrap}</style></head><body><main>\n"
#define PAGE_SEARCH                                                                                \
	"<label>Search <input id=\"q\" type=\"search\" aria-label=\"Search\" placeholder=\"words " \
	"that must all stand "                                                                     \
	"in "                                                                                      \
	"a row\"></label>\n<p id=\"n\"></p>\n<table><thead><tr><th scope=\"col\">Date</th><th "    \
	"scope=\"col\">From</th>"                                                                  \
	"<th scope=\"col\">To</th><th scope=\"col\">Subject</th></tr></thead><tbody>\n"
#define PAGE_END                                                                                   \
	"</tbody></table>\n<script>\nvar q=document.getElementById('q'),n=document."               \
	"getElementById('n'),r=[].slice.call(document.querySelectorAll('tbody tr'));\n"            \
	"function f(){var w=q.value.toLowerCase().split(/\\s+/),c=0;r.forEach(function(x){var "    \
	"t=x.textContent.toLowerCase(),y=w.every(function(v){return t.indexOf(v)>=0});x.hidden=!"  \
	"y;c+=y});n.textContent=c+' of '+r.length+' messages'}\nq.addEventListener('input',f);f()" \
	";\n</script></main></body></html>\n"

/* All of it, since the page is searched; marks that would turn it round are shown. */
static void
add_text(GString *out, const char *text)
{
	html_short(out, text, 0);
}

/* Of mail without a signature there is nothing to say in a page. */
static void
add_proved(GString *rows, const struct dkim_verified *proved)
{
	for (guint i = 0; proved != NULL && i < proved->list->len; i++) {
		const struct signature *signature = proved->list->pdata[i];
		if (signature->result == SIGNATURE_NONE)
			continue;
		g_autofree char *sentence = signature_sentence(signature);
		g_string_append(rows, "<br><small>DKIM ");
		add_text(rows, sentence);
		g_string_append(rows, "</small>");
	}
}

void
bundle_page_row(struct bundle *bundle, const struct view_message *message, const char *file,
    const GPtrArray *files, const struct dkim_verified *proved)
{
	GString *rows = bundle->volume->rows;
	g_autofree char *local = clock_local(bundle_time(message), bundle->options->zone);
	g_autofree char *to = g_strjoinv(", ", message->to);
	g_autofree char *link = g_uri_escape_string(file, "/", FALSE);

	g_string_append_printf(rows, "<tr><td>%s</td><td>", local);
	add_text(rows, message->from);
	g_string_append(rows, "</td><td>");
	add_text(rows, to);
	g_string_append(rows, "</td><td>");
	if (file[0] != '\0')
		g_string_append_printf(rows, "<a href=\"%s\">", link);
	g_string_append(rows, "<bdi>");
	add_text(rows, message->subject[0] != '\0' ? message->subject : "(no subject)");
	g_string_append(rows, "</bdi>");
	g_string_append(rows, file[0] != '\0' ? "</a>" : " (no copy is kept)");
	for (guint i = 0; files != NULL && i < files->len; i++) {
		const char *path = g_ptr_array_index(files, i);
		g_autofree char *target = g_uri_escape_string(path, "/", FALSE);
		g_autofree char *shown = g_path_get_basename(path);
		g_string_append_printf(rows, "<br><a href=\"%s\">", target);
		add_text(rows, shown);
		g_string_append(rows, "</a>");
	}
	add_proved(rows, proved);
	g_string_append(rows, "</td></tr>\n");
}

static void
add_note(GString *page, const struct bundle_volume *volume)
{
	g_string_append_printf(page,
	    "<p>%u attachments lie beside their messages, decoded. What a program or a browser "
	    "could run has <code>" BUNDLE_UNSAFE "</code> behind its name and does not open by a "
	    "click: whoever opens it does so on a machine that may be lost.",
	    volume->files);
	if (volume->not_decoded > 0)
		g_string_append_printf(page,
		    " <strong>%u could not be decoded</strong>: <a href=\"attachments.csv\">the "
		    "table</a> names each and says why; their messages are whole.",
		    volume->not_decoded);
	g_string_append(page, "</p>\n");
}

GString *
bundle_page(const struct bundle *bundle)
{
	const struct bundle_volume *volume = bundle->volume;
	GString *page = g_string_new(PAGE_BEGIN "<h1>");

	add_text(page, bundle->options->title);
	if (volume->number > 0)
		g_string_append_printf(page, ", volume %u", volume->number);
	g_string_append(page, "</h1>\n<p><a href=\"HOW-TO-CHECK.txt\">How to check it</a> · "
			      "<a href=\"manifest.csv\">Table</a>");
	if (bundle->options->view != NULL)
		g_string_append(page, " · <a href=\"flags.csv\">Flags</a>");
	if (bundle->options->attachments)
		g_string_append(page, " · <a href=\"attachments.csv\">Attachments</a>");
	g_string_append(page, "</p>\n");
	if (bundle->options->attachments)
		add_note(page, volume);
	g_string_append(page, PAGE_SEARCH);
	g_string_append_len(page, volume->rows->str, (gssize)volume->rows->len);
	g_string_append(page, PAGE_END);
	return page;
}

/* --- for a lawyer --- */

static void
tell_files(GString *out, const struct bundle *bundle)
{
	const struct bundle_options *options = bundle->options;
	const struct bundle_volume *volume = bundle->volume;

	g_string_append_printf(out,
	    "This folder holds %u messages; of %u of them no exact copy is there, and only\n"
	    "manifest.csv tells of these. index.html lists and searches them in any browser;\n"
	    "nothing in it needs a network.\n\n",
	    volume->messages, volume->missing);
	if (options->eml)
		g_string_append(out,
		    "Each .eml file is byte for byte what the mail server gave out: open it with\n"
		    "any mail program.\n\n");
	if (options->mbox)
		g_string_append(out, "The .mbox file of a day holds its messages one behind the "
				     "other. In it alone,\n"
				     "lines that begin with \"From \" have a \">\" before them "
				     "(mboxrd), so that the\n"
				     "digests of the messages are not those of its pieces.\n\n");
}

static void
tell_attachments(GString *out, const struct bundle *bundle)
{
	if (!bundle->options->attachments)
		return;
	g_string_append_printf(out,
	    "A folder .files beside a message holds its attachments (%u in all), decoded: each "
	    "has\n"
	    "the SHA-256 that was recorded when the message was scanned, which attachments.csv\n"
	    "repeats. What a program or a browser could run has " BUNDLE_UNSAFE
	    " behind its name. %u could\n"
	    "not be decoded; the table says why. What counts is the message: the attachments are\n"
	    "only what is made of it.\n\n",
	    bundle->volume->files, bundle->volume->not_decoded);
}

static void
tell_checks(GString *out, const struct bundle_volume *volume)
{
	g_string_append(out,
	    "To prove that no file was changed since, on Linux or macOS, in this folder:\n\n"
	    "    sha256sum --check SHA256SUMS\n\n"
	    "or, for one file, with OpenSSL on any system, and compare with its line:\n\n");
	g_string_append_printf(out, "    openssl dgst -sha256 \"%s\"\n\n",
	    volume->example != NULL ? volume->example : "manifest.csv");
	g_string_append(out,
	    "The SHA-256 of a message is also in the second column of manifest.csv, its first\n"
	    "twelve digits in the name of its file, and all of it in the database that it came\n"
	    "from. To prove that SHA256SUMS itself is the one that was handed over, compare its\n"
	    "own digest with the one that was noted then:\n\n"
	    "    openssl dgst -sha256 SHA256SUMS\n\n");
}

static void
tell_claims(GString *out, const struct bundle *bundle)
{
	const char *const *trusted = bundle->options->trusted;

	g_string_append(out,
	    "authentication.csv repeats what servers on the way wrote about the sender of a\n"
	    "message (Authentication-Results and such), and its signatures (DKIM-Signature). That\n"
	    "is what stands in the message: the claims of those who wrote it, and anybody,\n"
	    "the sender too, can have written such a field in anybody's name.\n");
	if (trusted != NULL && trusted[0] != NULL) {
		g_autofree char *names = g_strjoinv(", ", (char **)trusted);
		g_string_append_printf(out,
		    "\"trusted\" in its last column is the topmost field of a message in the name "
		    "of\n"
		    "%s:\n"
		    "who administers Flagpost says that this is a server of theirs, which takes "
		    "such\n"
		    "fields away from mail that comes from outside. All others are \"claim\".\n",
		    names);
	} else {
		g_string_append(out,
		    "No server is known here as one of their own: all fields are \"claim\".\n");
	}
	g_string_append(out,
	    "As long as a domain publishes the key that a signature names, it can be checked\n"
	    "with the .eml file, since that is exact.\n\n");
}

/* In the words of RFC 8601. */
static void
tell_results(GString *out)
{
	g_string_append(out,
	    "dkim-results.csv says what each signature proves, verified with that key (RFC 6376).\n"
	    "- pass: the header fields that are signed, and as many bytes of the body as the\n"
	    "  column body_signed says, are as the holder of the domain's key signed them.\n"
	    "- fail: they are not, or were signed with another key.\n"
	    "- policy: they are, but that proves too little; the column reason says why.\n"
	    "- neutral: the field is no signature that can be verified.\n"
	    "- temperror: the key is not known; nobody asked for it, or DNS did not answer.\n"
	    "- permerror: the domain had no such key, or had withdrawn it, or it does not serve.\n"
	    "- none: the message has no signature.\n"
	    "A signature is the word of the domain that it names, which need not be that of the\n"
	    "sender. Results that are \"kept\" were verified when the message was fetched, at the\n"
	    "time in the column verified; \"now\" is for this export, with the key of then. Where\n"
	    "the body is longer than what is signed, what stands behind may be another's.\n\n");
}

static void
tell_evidence(GString *out, const struct bundle *bundle)
{
	if (bundle->options->view != NULL)
		g_string_append(out,
		    "flags.csv tells which rules found something in which message, where, and "
		    "what\n"
		    "was decided about it. Excerpts are masked. The folder rules holds each of "
		    "these\n"
		    "rules as it stood on the day of the flag: the SHA-256 of such a file is its\n"
		    "digest in flags.csv.\n\n");
	tell_claims(out, bundle);
	if (bundle->options->view != NULL)
		g_string_append(out,
		    "dkim-keys.csv has for each signature the key as the domain published it when\n"
		    "the message was fetched, with the times at which DNS was asked first and "
		    "last\n"
		    "with that answer, or says why there is none. DNS answers are not signed "
		    "here:\n"
		    "they are what the resolver of this machine said.\n\n");
	if (bundle->options->view != NULL)
		tell_results(out);
}

static void
tell_ledger(GString *out, const struct bundle *bundle)
{
	if (bundle->options->ledger == NULL)
		return;
	g_string_append(out,
	    "looks.csv tells who opened these messages, or decided about their flags, and when.\n"
	    "Searches, reports and exports name no message: they stand in the whole ledger.\n\n");
	if (bundle->volume->number > 1)
		g_string_append(out, "The ledger lies in the first volume. ");
	else
		g_string_append(out, "ledger.json is the whole ledger, row by row; each row has a "
				     "digest over itself\n"
				     "and the row before. ");
	g_string_append_printf(out,
	    "Its head at the time of this export was\n\n"
	    "%s\n\n"
	    "which `flagpost audit verify --head` with it finds again in the ledger itself.\n"
	    "The ledger's row \"exported\" tells the digest of this export's SHA256SUMS.\n",
	    bundle->options->head);
	if (bundle->volume->number <= 1)
		bundle_tell_stamps(bundle, out);
}

char *
bundle_how_to_check(const struct bundle *bundle)
{
	GString *out = g_string_new(bundle->options->title);

	if (bundle->volume->number > 0)
		g_string_append_printf(out, ", volume %u", bundle->volume->number);
	g_string_append(out, "\n\n");
	tell_files(out, bundle);
	tell_attachments(out, bundle);
	tell_checks(out, bundle->volume);
	tell_evidence(out, bundle);
	tell_ledger(out, bundle);
	return g_string_free(out, FALSE);
}
