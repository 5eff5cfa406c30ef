/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-cards - what has to be decided: a card for each open incident, with who, what, where, why,
 * and what to do next.
 */
#include "base/text.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/quote.h"
#include "reports/wording.h"

#define HITS_SHOWN        3  /* of an incident, at once */
#define HITS_LISTED       12 /* folded ones included; the rest is a matter for `flagpost show` */
#define RULES_SHOWN       8
#define PLACES_SHOWN      12
#define COPIES_SHOWN      5
#define RECIPIENTS_SHOWN  6
#define RECIPIENTS_LISTED 200
#define PARTS_SHOWN       20
#define PARTS_LISTED      200

static void
put_recipients(const struct report *report, char *const *to, GString *out)
{
	guint count = to != NULL ? g_strv_length((GStrv)to) : 0;

	for (guint i = 0; i < count && i < RECIPIENTS_LISTED; i++) {
		if (i == RECIPIENTS_SHOWN) {
			html_raw(out, "<details><summary>and ");
			html_number(out, count - RECIPIENTS_SHOWN);
			html_raw(out, " more</summary>");
		} else if (i > 0) {
			html_raw(out, ", ");
		}
		page_address(report, to[i], out);
	}
	if (count > RECIPIENTS_LISTED) {
		html_raw(out, " and ");
		html_number(out, count - RECIPIENTS_LISTED);
		html_raw(out, " that <code>flagpost show</code> lists");
	}
	if (count > RECIPIENTS_SHOWN)
		html_raw(out, "</details>");
	if (count == 0)
		html_raw(out, "<i>nobody</i>");
}

/* "new", or how often it was seen before. */
static void
put_age(const struct report *report, const struct incident *incident, GString *out)
{
	if (incident->begun >= report->from) {
		html_raw(out, "first seen in this period");
		return;
	}
	html_raw(out, "known since ");
	html_time(out, incident->begun, report->zone);
	if (incident->repeats > 0) {
		html_raw(out, ", ");
		html_count(out, incident->repeats, "message", "messages");
		html_raw(out, " in the 30 days before");
	}
}

static void
put_title(
    const struct report *report, const struct incident *incident, const char *subject, GString *out)
{
	const struct view_flag *row = g_ptr_array_index(incident->rows, 0);
	const struct flag *flag = row->flag;
	g_autofree char *name = incident_name(incident->id);
	g_autofree char *link = g_strconcat("#", name, NULL);

	html_raw(out, "<header>");
	page_severity(out, incident->severity);
	html_raw(out, "<h3>");
	html_text(out, flag->title[0] != '\0' ? flag->title : flag->rule);
	html_raw(out, "</h3><p class=\"quiet\"><a");
	html_attribute(out, "href", link);
	html_raw(out, ">");
	html_text(out, name);
	html_raw(out, "</a> · ");
	page_state(out, incident->state);
	html_raw(out, " · ");
	put_age(report, incident, out);
	html_raw(out, " · ");
	html_text(out, direction_words[row->message->direction]);
	html_raw(out, "</p></header>\n<div class=\"people\">");
	page_address(report, row->message->from, out);
	html_raw(out, " <span class=\"arrow\">→<span class=\"sr\"> to </span></span> ");
	put_recipients(report, row->message->to, out);
	html_raw(out, "</div>\n<p class=\"subject\">");
	html_text(out, subject[0] != '\0' ? subject : "(no subject)");
	html_raw(out, "</p>\n");
}

static void
put_quote(const struct quoter *quoter, const struct hit *hit, GString *out)
{
	g_autofree char *where = quote_where(hit);
	struct quote quote;

	quoter_hit(quoter, hit, &quote);
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

/* The rows of an incident that say something new: one for each rule, the copy of a mail does not.
 */
static GPtrArray *
rules_of(const struct incident *incident)
{
	GPtrArray *rows = g_ptr_array_new();
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < incident->rows->len; i++) {
		struct view_flag *row = g_ptr_array_index(incident->rows, i);
		if (g_hash_table_add(known, row->flag->rule))
			g_ptr_array_add(rows, row);
	}
	return rows;
}

static void
put_rule(const struct view_flag *row, bool alone, GString *out)
{
	html_raw(out, "<li class=\"rule\">");
	if (!alone) {
		html_element(
		    out, "b", row->flag->title[0] != '\0' ? row->flag->title : row->flag->rule);
		html_raw(out, " ");
	}
	html_raw(out, "<code>");
	html_text(out, row->flag->rule);
	html_raw(out, "</code> <span class=\"quiet\">");
	if (row->flag->hits_total > 0)
		html_count(out, row->flag->hits_total, "match", "matches");
	else
		html_raw(out, "the message as a whole");
	if (row->flag->escalated_by[0] != '\0') {
		html_raw(out, " · raised by ");
		html_text(out, row->flag->escalated_by);
	}
	html_raw(out, "</span></li>\n");
}

/* Rules in words, each with its matches; beyond the first few they are folded away. */
static void
put_why(const GPtrArray *rules, int mask, GString *out)
{
	guint shown = 0, listed = 0;

	html_raw(out, "<h4>Why</h4>\n<ol class=\"hits\">\n");
	for (guint i = 0; i < rules->len && i < RULES_SHOWN; i++) {
		const struct view_flag *row = g_ptr_array_index(rules, i);
		put_rule(row, rules->len == 1, out);
		g_autoptr(quoter) quoter = quoter_new(row->flag, mask);
		/* Every rule has a first word, as long as there is room. */
		guint room = i + 1 < rules->len ? 1 : HITS_SHOWN;
		for (guint j = 0; j < row->flag->hits->len && j < room && shown < HITS_SHOWN; j++) {
			put_quote(quoter, g_ptr_array_index(row->flag->hits, j), out);
			shown++;
		}
	}
	html_raw(out, "</ol>\n");
	for (guint i = 0; i < rules->len; i++)
		listed += ((const struct view_flag *)g_ptr_array_index(rules, i))->flag->hits->len;
	if (listed <= shown)
		return;
	html_raw(out, "<details><summary>All matches</summary>\n<ol class=\"hits\">\n");
	listed = 0;
	for (guint i = 0; i < rules->len && listed < HITS_LISTED; i++) {
		const struct view_flag *row = g_ptr_array_index(rules, i);
		g_autoptr(quoter) quoter = quoter_new(row->flag, mask);
		for (guint j = 0; j < row->flag->hits->len && listed < HITS_LISTED; j++, listed++)
			put_quote(quoter, g_ptr_array_index(row->flag->hits, j), out);
	}
	html_raw(out, "</ol><p class=\"quiet\">At most 12 are listed here; "
		      "<code>flagpost show</code> has all.</p></details>\n");
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
put_parts(const struct view_flag *row, GString *out)
{
	const GPtrArray *parts = row->parts;

	if (parts->len == 0)
		return;
	html_choose(out, parts->len > PARTS_SHOWN, "<details>", "<details open>");
	html_raw(out, "<summary><h4>");
	html_count(out, parts->len, "attachment", "attachments");
	html_raw(out, "</h4></summary>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" "
		      "aria-label=\"Attachments of flag ");
	html_number(out, (guint64)row->id);
	html_raw(out, "\"><table class=\"parts\"><thead><tr><th scope=\"col\">Name</th>"
		      "<th scope=\"col\" class=\"num\">Size</th><th scope=\"col\">Declared</th>"
		      "<th scope=\"col\">True type</th><th scope=\"col\">Outcome, facts</th></tr>"
		      "</thead><tbody>\n");
	for (guint i = 0; i < parts->len && i < PARTS_LISTED; i++)
		put_part(g_ptr_array_index(parts, i), out);
	html_raw(out, "</tbody></table></div></details>\n");
	if (parts->len > PARTS_LISTED) {
		html_raw(out, "<p class=\"quiet\">The first ");
		html_number(out, PARTS_LISTED);
		html_raw(out, " are listed here.</p>\n");
	}
}

static void
put_place(const struct report *report, const struct view_placement *place, GString *out)
{
	g_autofree char *fate = wording_fate(place, report->zone);

	html_raw(out, "<li>");
	page_place(out, place->account, place->folder);
	if (fate[0] != '\0') {
		html_raw(out, " <span class=\"bad\">");
		html_text(out, fate);
		html_raw(out, "</span>");
	}
	html_raw(out, "</li>");
}

/* Of all its messages: the same mail in Sent and five inboxes is one incident in six places. */
static void
put_places(const struct report *report, const GPtrArray *messages, GString *out)
{
	guint places = 0;

	html_raw(out, "<dt>Lies in</dt><dd><ul class=\"places\">");
	for (guint i = 0; i < messages->len; i++) {
		const struct view_message *message = g_ptr_array_index(messages, i);
		for (guint j = 0; j < message->placements->len; j++, places++) {
			if (places < PLACES_SHOWN)
				put_place(report, g_ptr_array_index(message->placements, j), out);
		}
	}
	html_raw(out, "</ul>");
	if (places > PLACES_SHOWN) {
		html_raw(out, "and ");
		html_count(out, places - PLACES_SHOWN, "more place", "more places");
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
put_details(const struct report *report, const struct view_flag *row, const GPtrArray *messages,
    GString *out)
{
	const struct view_message *message = row->message;

	html_raw(out, "<dl>\n<dt>Sent</dt><dd>");
	html_time(out, message->date, report->zone);
	html_raw(out, "</dd>\n<dt>Seen</dt><dd>");
	html_time(out, message->seen, report->zone);
	html_raw(out, "</dd>\n");
	put_places(report, messages, out);
	if (message->facts != 0 || message->outcome != OUTCOME_SCANNED) {
		html_raw(out, "<dt>Message</dt><dd>");
		html_text(out, outcome_words[message->outcome]);
		put_facts(message_fact_words, message->facts, out);
		html_raw(out, "</dd>\n");
	}
	put_optional("MIME", message->warnings, out);
	put_optional("The rule", row->description, out);
	put_optional("Often harmless", row->false_positives, out);
	put_optional("Next step", row->next_step, out);
	put_optional("Assigned to", row->assignee, out);
	put_optional("Note", row->note, out);
	html_raw(out, "</dl>\n");
}

/* To the file beside the page, where there is one. */
static void
put_file(const struct report *report, const struct view_message *message, GString *out)
{
	const char *file =
	    report->copies != NULL ? g_hash_table_lookup(report->copies, message->sha256) : NULL;

	if (file == NULL)
		return;
	g_autofree char *link = g_uri_escape_string(file, "/", FALSE);
	html_raw(out, " <a");
	html_attribute(out, "href", link);
	html_raw(out, ">the message as a file</a>");
}

static void
put_copies(const struct report *report, const struct incident *incident, const GPtrArray *messages,
    GString *out)
{
	g_autofree char *name = incident_name(incident->id);

	html_raw(out, "<footer><div><code>flagpost review ");
	html_text(out, name);
	html_raw(out, " --as resolved</code></div>\n");
	for (guint i = 0; i < messages->len && i < COPIES_SHOWN; i++) {
		const struct view_message *message = g_ptr_array_index(messages, i);
		g_autofree char *digest = wording_digest(message->sha256);
		html_raw(out, "<div><code>flagpost show ");
		html_text(out, digest);
		html_raw(out, "</code> <span class=\"quiet\">");
		html_choose(out, message->has_copy, "copy, SHA-256 ", "no copy kept; SHA-256 ");
		html_raw(out, "<code class=\"digest\">");
		html_text(out, message->sha256);
		html_raw(out, "</code></span>");
		put_file(report, message, out);
		html_raw(out, "</div>\n");
	}
	if (messages->len > COPIES_SHOWN) {
		html_raw(out, "<div class=\"quiet\">and ");
		html_count(out, messages->len - COPIES_SHOWN, "more message", "more messages");
		html_raw(out, "</div>");
	}
	html_raw(out, "</footer>\n");
}

static void
put_card(const struct report *report, const struct incident *incident, GString *out)
{
	const struct view_flag *row = g_ptr_array_index(incident->rows, 0);
	g_autofree char *anchor = incident_name(incident->id);
	g_autofree char *class = g_strconcat("card ", severity_words[incident->severity], NULL);
	g_autoptr(GPtrArray) rules = rules_of(incident);
	g_autoptr(GPtrArray) messages = incident_messages(incident);
	g_autofree char *subject =
	    quote_subject(row->flag, row->message->subject, report_mask(report));

	html_raw(out, "<article");
	html_attribute(out, "class", class);
	html_attribute(out, "id", anchor);
	html_raw(out, ">\n");
	put_title(report, incident, subject, out);
	put_why(rules, report_mask(report), out);
	put_parts(row, out);
	put_details(report, row, messages, out);
	put_copies(report, incident, messages, out);
	html_raw(out, "</article>\n");
}

void
page_cards(const struct report *report, GString *out)
{
	guint64 cards = 0, open = page_open_count(report);

	html_raw(out, "<section id=\"decide\">\n<h2>Decide today</h2>\n");
	if (report->incidents->len == 0)
		html_raw(
		    out, "<p class=\"empty\"><b>No message was flagged</b> in this period.</p>\n");
	else if (open == 0)
		html_raw(out, "<p class=\"empty\"><b>All is decided</b> that was flagged in this "
			      "period.</p>\n");
	for (guint i = 0; i < report->incidents->len; i++) {
		if (!page_has_card(report, i))
			continue;
		put_card(report, g_ptr_array_index(report->incidents, i), out);
		cards++;
	}
	if (cards < open) {
		html_raw(out, "<p class=\"note\">These are the ");
		html_number(out, cards);
		html_raw(out, " most severe. ");
		html_number(out, open - cards);
		html_raw(out, " more stand <a href=\"#all-flags\">below in rows</a>; "
			      "<code>flagpost review</code> shows each.</p>\n");
	}
	html_raw(out, "</section>\n");
}
