/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-head - what this report is: of whom, of when, by which rules, and what proves it.
 */
#include "base/text.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/wording.h"

static void
put_fact(GString *out, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	html_raw(out, "<div>");
	html_element(out, "dt", name);
	html_element(out, "dd", value);
	html_raw(out, "</div>\n");
}

static void
put_digest(GString *out, const char *name, const char *digest, const char *otherwise)
{
	html_raw(out, "<div>");
	html_element(out, "dt", name);
	html_raw(out, "<dd>");
	if (digest[0] != '\0') {
		g_autofree char *shown = g_strndup(digest, PAGE_DIGEST);
		html_raw(out, "<code");
		html_attribute(out, "title", digest);
		html_raw(out, ">");
		html_text(out, shown);
		html_raw(out, "</code>");
	} else {
		html_text(out, otherwise);
	}
	html_raw(out, "</dd></div>\n");
}

static void
put_number(const struct report *report, GString *out)
{
	g_autofree char *number = text_count(report->number);

	if (report->number > 0)
		put_fact(out, "Report number", number);
}

static void
put_ledger(const struct report *report, GString *out)
{
	g_autofree char *row = text_count((guint64)report->ledger_row);
	g_autofree char *name = g_strdup_printf("Ledger, row %s", row);

	put_digest(out, report->ledger_row > 0 ? name : "Ledger", report->ledger_head, "empty");
}

static void
put_limits(const struct report *report, GString *out)
{
	put_fact(out, "Only rule", report->rule);
	put_fact(out, "Only account", report->account);
	put_fact(out, "Only group", report->group);
	put_fact(out, "Only what this person may see", report->reader);
}

/* Why each mailbox is read, once for all that give the same reason. */
static void
put_purposes(const struct report *report, GString *out)
{
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GString) all = g_string_new(NULL);
	guint without = 0;

	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		if (!account->configured)
			continue;
		if (account->purpose[0] == '\0')
			without++;
		else if (g_hash_table_add(known, account->purpose))
			g_string_append_printf(
			    all, "%s%s", all->len > 0 ? "; " : "", account->purpose);
	}
	put_fact(out, "Legal basis", report->legal_basis);
	if (without > 0)
		g_string_append_printf(all, "%s%u account%s without a stated purpose",
		    all->len > 0 ? "; " : "", without, without == 1 ? "" : "s");
	put_fact(out, "Purpose", all->str);
}

void
page_head(const struct report *report, GString *out)
{
	g_autofree char *period = wording_period(report);

	html_raw(out, "<header class=\"top\">\n<p class=\"org\">");
	html_text(out, report->organisation[0] != '\0' ? report->organisation : "Flagpost");
	html_raw(out, " <span class=\"secret\">");
	html_text(out, report->confidential[0] != '\0' ? report->confidential
						       : "Confidential: holds personal data");
	html_raw(out, "</span></p>\n<h1>Flag report <span class=\"period\">");
	html_text(out, period);
	html_raw(out, "</span></h1>\n<dl class=\"facts\">\n");
	put_limits(report, out);
	put_number(report, out);
	put_fact(out, "Time zone", report->zone_name);
	put_digest(out, "Rule set", report->ruleset, "none: nothing ran");
	put_digest(out, "Previous report", report->previous, "none found");
	put_ledger(report, out);
	put_purposes(report, out);
	html_raw(out, "</dl>\n");
	if (report->clear)
		html_raw(out, "<p class=\"warning\"><strong>Matches are shown in clear.</strong> "
			      "That this report was made so stands in the ledger.</p>\n");
	if (report->made < report->to) {
		html_raw(out, "<p class=\"note\">This period is not over yet: the report holds "
			      "what was seen until ");
		html_time(out, report->made, report->zone);
		html_raw(out, ".</p>\n");
	}
	html_raw(out, "</header>\n");
}
