/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-rules - what each rule did, over thirty days, and which exceptions are in force.
 */
#include <string.h>

#include "base/clock.h"
#include "base/ini.h"
#include "reports/chart.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/wording.h"

#define RULES_OPEN 20 /* more than these are folded away */

static guint64
sum_days(const struct view_rule *rule)
{
	guint64 sum = 0;

	for (guint i = 0; i < VIEW_DAYS; i++)
		sum += rule->days[i];
	return sum;
}

/* Marks: what an officer wants to know before trusting a number. */
static void
put_marks(const struct report *report, const struct view_rule *rule, GString *out)
{
	if (!rule->in_force)
		html_raw(out, " <em>no longer in force</em>");
	else if (rule->known >= report->from)
		html_raw(out, " <em>new</em>");
	else if (rule->changed >= report->from)
		html_raw(out, " <em>changed</em>");
	if (rule->in_force && sum_days(rule) == 0 &&
	    rule->known < report->to - VIEW_DAYS * G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)
		html_raw(out, " <em>silent</em>");
}

static void
put_number(GString *out, guint64 number)
{
	html_raw(out, "<td class=\"num\">");
	html_number(out, number);
	html_raw(out, "</td>");
}

static void
put_rule(const struct report *report, const struct view_rule *rule, GString *out)
{
	g_autofree char *digest = wording_digest(rule->digest);

	html_raw(out, "<tr><th scope=\"row\"><b>");
	html_text(out, rule->title[0] != '\0' ? rule->title : rule->rule);
	html_raw(out, "</b>");
	put_marks(report, rule, out);
	html_raw(out, "<br><code>");
	html_text(out, rule->rule);
	html_raw(out, "</code>");
	if (digest[0] != '\0') {
		html_raw(out, " <span class=\"quiet\">");
		html_text(out, digest);
		html_raw(out, "</span>");
	}
	html_raw(out, "</th>");
	put_number(out, rule->flags);
	put_number(out, rule->excepted);
	put_number(out, sum_days(rule));
	put_number(out, rule->confirmed);
	put_number(out, rule->false_positives);
	html_raw(out, "<td class=\"gauge\">");
	chart_days(out, rule->days, VIEW_DAYS, "Flags a day");
	html_raw(out, "</td></tr>\n");
}

/* Rules that never flagged anything are one line each; they come last. */
static void
put_rules(const struct report *report, guint from, guint to, GString *out)
{
	page_table_begin(out, "rules", "What each rule did",
	    "Rule|>Flags|>Excepted|>30 days|>Confirmed|>False|30 days");
	for (guint i = from; i < to; i++)
		put_rule(report, g_ptr_array_index(report->rules, i), out);
	page_table_end(out);
}

void
page_rules(const struct report *report, GString *out)
{
	guint open = MIN(report->rules->len, RULES_OPEN);

	html_raw(out, "<section id=\"rules\">\n<h2>Rules</h2>\n");
	if (report->rules->len == 0) {
		html_raw(
		    out, "<p class=\"empty\">No rule is known: nothing ran.</p>\n</section>\n");
		return;
	}
	html_raw(out,
	    "<p class=\"quiet\"><b>Flags</b> and <b>excepted</b> are of this period. "
	    "<b>Confirmed</b> (escalated or resolved) and <b>false</b> are what was decided about "
	    "the flags of thirty days. <b>Silent</b> is a rule that flagged nothing in "
	    "them.</p>\n");
	put_rules(report, 0, open, out);
	if (open < report->rules->len) {
		page_fold_begin(out, report->rules->len - open, 0);
		html_raw(out, "<summary>");
		html_count(out, report->rules->len - open, "more rule", "more rules");
		html_raw(out, "</summary>\n");
		put_rules(report, open, report->rules->len, out);
		page_fold_end(out, report->rules->len - open, "");
	}
	html_raw(out, "</section>\n");
}

/* --- exceptions --- */

static guint64
swallowed(const struct report *report, const char *rule, const char *exception)
{
	guint64 count = 0;

	for (guint i = 0; i < report->excepted->len; i++) {
		const struct view_flag *row = g_ptr_array_index(report->excepted, i);
		count += strcmp(row->flag->rule, rule) == 0 &&
			 strcmp(row->flag->exception, exception) == 0;
	}
	return count;
}

static const char *
value_of(const struct ini_section *section, const char *key)
{
	const char *value = ini_get(section, key);

	return value != NULL ? value : "";
}

static void
put_cell(GString *out, const char *text)
{
	html_element(out, "td", text);
}

static void
put_exception(
    const struct report *report, const char *rule, const struct ini_section *section, GString *out)
{
	const char *name = section->name + strlen("except.");
	const char *expires = value_of(section, "expires");
	g_autofree char *today = clock_local(report->made, report->zone);
	bool ended;

	today[strlen("2026-11-22")] = '\0';
	ended = expires[0] != '\0' && strcmp(expires, today) < 0;
	html_raw(out, "<tr><th scope=\"row\"><code>");
	html_text(out, rule);
	html_raw(out, "</code></th>");
	put_cell(out, name);
	put_cell(out, value_of(section, "reason"));
	put_cell(out, value_of(section, "approved_by"));
	html_raw(out, "<td>");
	html_text(out, expires[0] != '\0' ? expires : "never");
	html_choose(out, ended, " <em>ended</em>", "");
	html_raw(out, "</td><td class=\"num\">");
	html_number(out, swallowed(report, rule, name));
	html_raw(out, "</td></tr>\n");
}

/* The exceptions stand in the rule's own text of that day. */
static guint
put_of_rule(const struct report *report, const struct view_rule *rule, GString *out)
{
	g_autoptr(problems) problems = problems_new();
	g_autoptr(ini) ini =
	    rule->text != NULL ? ini_parse(rule->rule, rule->text, problems) : NULL;
	guint count = 0;

	if (ini == NULL)
		return 0;
	const GPtrArray *sections = ini_sections(ini);
	for (guint i = 0; i < sections->len; i++) {
		const struct ini_section *section = g_ptr_array_index(sections, i);
		if (!g_str_has_prefix(section->name, "except."))
			continue;
		put_exception(report, rule->rule, section, out);
		count++;
	}
	return count;
}

/* Those that swallowed a flag and whose text is not at hand: of a rule that changed since. */
static guint
put_former(const struct report *report, const GString *known, GString *out)
{
	g_autoptr(GHashTable) done = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	guint count = 0;

	for (guint i = 0; i < report->excepted->len; i++) {
		const struct view_flag *row = g_ptr_array_index(report->excepted, i);
		const struct flag *flag = row->flag;
		g_autoptr(GString) cells = g_string_new("<code>");
		html_text(cells, flag->rule);
		html_raw(cells, "</code></th><td>");
		html_text(cells, flag->exception);
		html_raw(cells, "</td>");
		if (strstr(known->str, cells->str) != NULL ||
		    !g_hash_table_add(done, g_strdup(cells->str)))
			continue;
		html_raw(out, "<tr><th scope=\"row\">");
		g_string_append(out, cells->str);
		put_cell(out, flag->except_reason);
		html_raw(out, "<td></td><td><em>no longer in force</em></td><td class=\"num\">");
		html_number(out, swallowed(report, flag->rule, flag->exception));
		html_raw(out, "</td></tr>\n");
		count++;
	}
	return count;
}

void
page_exceptions(const struct report *report, GString *out)
{
	g_autoptr(GString) rows = g_string_new(NULL);
	g_autoptr(GString) former = g_string_new(NULL);
	guint count = 0;

	for (guint i = 0; i < report->rules->len; i++)
		count += put_of_rule(report, g_ptr_array_index(report->rules, i), rows);
	count += put_former(report, rows, former);
	html_raw(out, "<section id=\"exceptions\">\n<h2>Exceptions</h2>\n");
	if (count == 0) {
		html_raw(out, "<p class=\"empty\">No exception is in force, and none swallowed a "
			      "flag.</p>\n</section>\n");
		return;
	}
	page_table_begin(out, "rows exceptions", "Exceptions and what each swallowed",
	    "Rule|Exception|Reason|Approved by|Ends|>Flags swallowed");
	g_string_append_len(out, rows->str, (gssize)rows->len);
	g_string_append_len(out, former->str, (gssize)former->len);
	page_table_end(out);
	if (report->totals.excepted > report->excepted->len) {
		html_raw(out, "<p class=\"quiet\">Counted among the ");
		html_number(out, report->excepted->len);
		html_raw(out, " most severe of ");
		html_number(out, report->totals.excepted);
		html_raw(out, ".</p>\n");
	}
	html_raw(out, "</section>\n");
}
