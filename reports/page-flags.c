/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-flags - a card for each flag: who, what, where, why, and what to do next.
 */
#include "base/text.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/quote.h"
#include "reports/wording.h"

#define HITS_SHOWN       3
#define HITS_LISTED      12 /* folded ones included; the rest is a matter for `flagpost show` */
#define RECIPIENTS_SHOWN 6
#define PARTS_SHOWN      20

static void
put_recipients(char *const *to, GString *out)
{
	guint count = to != NULL ? g_strv_length((GStrv)to) : 0;

	for (guint i = 0; i < count; i++) {
		if (i == RECIPIENTS_SHOWN) {
			html_raw(out, "<details><summary>and ");
			html_number(out, count - RECIPIENTS_SHOWN);
			html_raw(out, " more</summary>");
		} else if (i > 0) {
			html_raw(out, ", ");
		}
		html_address(out, to[i]);
	}
	if (count > RECIPIENTS_SHOWN)
		html_raw(out, "</details>");
	if (count == 0)
		html_raw(out, "<i>nobody</i>");
}

static void
put_title(const struct view_flag *row, const char *anchor, bool clear, GString *out)
{
	const struct flag *flag = row->flag;
	g_autofree char *link = g_strconcat("#", anchor, NULL);
	g_autofree char *subject = quote_subject(flag, row->message->subject, clear);

	html_raw(out, "<header>");
	page_severity(out, flag->severity);
	html_raw(out, "<h3>");
	html_text(out, flag->title[0] != '\0' ? flag->title : flag->rule);
	html_raw(out, "</h3><p class=\"quiet\"><a");
	html_attribute(out, "href", link);
	html_raw(out, ">");
	html_text(out, anchor);
	html_raw(out, "</a> · <code>");
	html_text(out, flag->rule);
	html_raw(out, "</code> · ");
	html_text(out, direction_words[row->message->direction]);
	html_raw(out, "</p></header>\n<div class=\"people\">");
	html_address(out, row->message->from);
	html_raw(out, " <span class=\"arrow\">→<span class=\"sr\"> to </span></span> ");
	put_recipients(row->message->to, out);
	html_raw(out, "</div>\n<p class=\"subject\">");
	html_text(out, subject[0] != '\0' ? subject : "(no subject)");
	html_raw(out, "</p>\n");
}

static void
put_quote(const struct flag *flag, const struct hit *hit, bool clear, GString *out)
{
	g_autofree char *where = quote_where(hit);
	struct quote quote;

	quote_hit(flag, hit, clear, &quote);
	html_raw(out, "<li>");
	if (hit->excerpt[0] != '\0') {
		html_raw(out, "<blockquote><bdi>");
		html_text(out, quote.before);
		if (quote.match[0] != '\0')
			html_element(out, "mark", quote.match);
		html_text(out, quote.after);
		html_raw(out, "</bdi></blockquote>");
	}
	html_raw(out, "<p class=\"quiet\"><code>");
	html_text(out, hit->section);
	html_raw(out, "</code> in ");
	html_text(out, where);
	if (hit->hidden)
		html_raw(out, " · <b class=\"bad\">hidden</b> from whoever reads the mail");
	html_raw(out, "</p></li>\n");
	quote_clear(&quote);
}

static void
put_hits(const struct flag *flag, bool clear, GString *out)
{
	guint listed = MIN(flag->hits->len, HITS_LISTED);

	html_raw(out, "<h4>Why</h4>\n<ol class=\"hits\">\n");
	for (guint i = 0; i < listed; i++) {
		if (i == HITS_SHOWN) {
			html_raw(out, "</ol>\n<details><summary>");
			html_count(out, flag->hits_total - HITS_SHOWN, "more hit", "more hits");
			html_raw(out, "</summary>\n<ol class=\"hits\">\n");
		}
		put_quote(flag, g_ptr_array_index(flag->hits, i), clear, out);
	}
	html_raw(out, "</ol>\n");
	if (flag->hits->len == 0)
		html_raw(out, "<p class=\"quiet\">The rule looks at the message as a whole.</p>\n");
	if (flag->hits_total > listed) {
		html_raw(out, "<p class=\"quiet\">");
		html_number(out, listed);
		html_raw(out, " of ");
		html_count(out, flag->hits_total, "hit", "hits");
		html_raw(out, " are listed here.</p>\n");
	}
	if (flag->hits->len > HITS_SHOWN)
		html_raw(out, "</details>\n");
}

static void
put_facts(const char *const *table, guint facts, GString *out)
{
	g_autofree const char **words = fact_words(table, facts);

	for (gsize i = 0; words[i] != NULL; i++) {
		html_raw(out, " ");
		html_element(out, "em", words[i]);
	}
}

static void
put_part(const struct part *part, GString *out)
{
	g_autofree char *size = text_size(part->size);
	bool differs = (part->facts & FACT_TYPE_MISMATCH) != 0;

	html_raw(out, "<tr><th scope=\"row\"><bdi>");
	html_text(out, part->name[0] != '\0' ? part->name : part->path);
	html_raw(out, "</bdi></th><td class=\"num\">");
	html_text(out, size);
	html_raw(out, "</td><td>");
	html_text(out, part->declared_type[0] != '\0' ? part->declared_type : "none");
	html_raw(out, "</td><td");
	html_attribute(out, "class", differs ? "bad" : "");
	html_raw(out, ">");
	html_text(out, part->true_type[0] != '\0' ? part->true_type : "not looked at");
	html_raw(out, "</td><td>");
	html_text(out, part_outcome_words[part->outcome]);
	put_facts(part_fact_words, part->facts, out);
	html_raw(out, "</td></tr>\n");
}

static void
put_parts(const GPtrArray *parts, GString *out)
{
	if (parts->len == 0)
		return;
	html_choose(out, parts->len > PARTS_SHOWN, "<details>", "<details open>");
	html_raw(out, "<summary><h4>");
	html_count(out, parts->len, "attachment", "attachments");
	html_raw(out, "</h4></summary>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" "
		      "aria-label=\"Attachments\"><table><thead><tr><th scope=\"col\">Name</th>"
		      "<th scope=\"col\" class=\"num\">Size</th><th scope=\"col\">Declared</th>"
		      "<th scope=\"col\">True type</th><th scope=\"col\">Outcome, facts</th></tr>"
		      "</thead><tbody>\n");
	for (guint i = 0; i < parts->len; i++)
		put_part(g_ptr_array_index(parts, i), out);
	html_raw(out, "</tbody></table></div></details>\n");
}

static void
put_places(const struct report *report, const struct view_message *message, GString *out)
{
	html_raw(out, "<dt>Lies in</dt><dd>");
	for (guint i = 0; i < message->placements->len; i++) {
		const struct view_placement *one = g_ptr_array_index(message->placements, i);
		html_choose(out, i > 0, "<br>", "");
		page_place(out, one->account, one->folder);
		g_autofree char *fate = wording_fate(one, report->zone);
		if (fate[0] != '\0') {
			html_raw(out, " <span class=\"bad\">");
			html_text(out, fate);
			html_raw(out, "</span>");
		}
	}
	html_raw(out, "</dd>\n");
}

static void
put_optional(const char *name, const char *text, GString *out)
{
	if (text[0] == '\0')
		return;
	html_element(out, "dt", name);
	html_element(out, "dd", text);
	html_raw(out, "\n");
}

static void
put_details(const struct report *report, const struct view_flag *row, GString *out)
{
	const struct view_message *message = row->message;

	html_raw(out, "<dl>\n<dt>Sent</dt><dd>");
	html_time(out, message->date, report->zone);
	html_raw(out, "</dd>\n<dt>Seen</dt><dd>");
	html_time(out, message->seen, report->zone);
	html_raw(out, "</dd>\n");
	put_places(report, message, out);
	if (message->facts != 0 || message->outcome != OUTCOME_SCANNED) {
		html_raw(out, "<dt>Message</dt><dd>");
		html_text(out, outcome_words[message->outcome]);
		put_facts(message_fact_words, message->facts, out);
		html_raw(out, "</dd>\n");
	}
	put_optional("MIME", message->warnings, out);
	put_optional("Escalated by", row->flag->escalated_by, out);
	put_optional("The rule", row->description, out);
	put_optional("Often harmless", row->false_positives, out);
	put_optional("Next step", row->next_step, out);
	html_raw(out, "</dl>\n");
}

static void
put_card(const struct report *report, const struct view_flag *row, GString *out)
{
	g_autofree char *anchor = g_strdup_printf("flag-%" G_GINT64_FORMAT, row->id);
	g_autofree char *class = g_strconcat("card ", severity_words[row->flag->severity], NULL);
	g_autofree char *digest = wording_digest(row->message->sha256);

	html_raw(out, "<article");
	html_attribute(out, "class", class);
	html_attribute(out, "id", anchor);
	html_raw(out, ">\n");
	put_title(row, anchor, report->clear, out);
	put_hits(row->flag, report->clear, out);
	put_parts(row->parts, out);
	put_details(report, row, out);
	html_raw(out, "<footer><code>flagpost show ");
	html_text(out, digest);
	html_raw(out, "</code><span class=\"quiet\">");
	html_choose(out, row->message->has_copy, "Copy, SHA-256 ", "No copy kept; SHA-256 ");
	html_raw(out, "<code class=\"digest\">");
	html_text(out, row->message->sha256);
	html_raw(out, "</code></span></footer>\n</article>\n");
}

void
page_flags(const struct report *report, GString *out)
{
	html_raw(out, "<section id=\"flags\">\n<h2>Flags</h2>\n");
	if (report->flags->len == 0)
		html_raw(
		    out, "<p class=\"empty\"><b>No message was flagged</b> in this period.</p>\n");
	for (guint i = 0; i < report->flags->len; i++)
		put_card(report, g_ptr_array_index(report->flags, i), out);
	html_raw(out, "</section>\n");
}
