/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-common - the small things that sections of the page share.
 */
#include <string.h>

#include "mail/address.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/wording.h"

static const char *const severity_classes[] = { "sev low", "sev medium", "sev high" };

void
page_place(GString *out, const char *account, const char *folder)
{
	html_raw(out, "<span class=\"place\">");
	html_text(out, account);
	if (folder[0] != '\0') {
		html_raw(out, " <span class=\"sep\">/</span> ");
		html_text(out, folder);
	}
	html_raw(out, "</span>");
}

void
page_severity(GString *out, enum severity severity)
{
	html_raw(out, "<span");
	html_attribute(out, "class", severity_classes[severity]);
	html_raw(out, ">");
	html_text(out, wording_severity(severity));
	html_raw(out, "</span>");
}

void
page_state(GString *out, enum review_state state)
{
	html_raw(out, "<span");
	html_attribute(out, "class", review_is_open(state) ? "state open" : "state done");
	html_raw(out, ">");
	html_text(out, review_state_words[state]);
	html_raw(out, "</span>");
}

void
page_address(const struct report *report, const char *address, GString *out)
{
	const char *at = strrchr(address, '@');
	g_autofree char *domain = g_ascii_strdown(at != NULL ? at + 1 : "", -1);
	bool outside = domain[0] != '\0' && report->own_domains[0] != NULL &&
		       !domain_is_among(domain, (const char *const *)report->own_domains);

	html_choose(out, outside, "<span class=\"out\">", "<span>");
	html_address(out, address);
	html_raw(out, "</span>");
}

void
page_table_begin(GString *out, const char *class, const char *label, const char *heads)
{
	g_auto(GStrv) cells = g_strsplit(heads, "|", -1);

	html_raw(out, "<div class=\"wide\" role=\"region\" tabindex=\"0\"");
	html_attribute(out, "aria-label", label);
	html_raw(out, "><table");
	html_attribute(out, "class", class);
	html_raw(out, "><thead><tr>");
	for (guint i = 0; cells[i] != NULL; i++) {
		bool number = cells[i][0] == '>';
		if (cells[i][0] == '\0') {
			html_raw(out, "<td></td>");
			continue;
		}
		html_choose(out, number, "<th scope=\"col\" class=\"num\">", "<th scope=\"col\">");
		html_text(out, cells[i] + number);
		html_raw(out, "</th>");
	}
	html_raw(out, "</tr></thead><tbody>\n");
}

void
page_table_end(GString *out)
{
	html_raw(out, "</tbody></table></div>\n");
}

void
page_fold_begin(GString *out, guint64 rows, guint64 open)
{
	html_raw(out, "<details");
	html_choose(out, rows > PAGE_PRINTED, " class=\"long\"", "");
	html_choose(out, rows <= open, " open>", ">");
}

void
page_fold_end(GString *out, guint64 rows, const char *where)
{
	html_raw(out, "</details>\n");
	if (rows <= PAGE_PRINTED)
		return;
	html_raw(out, "<p class=\"unprinted\">");
	html_number(out, rows);
	html_raw(out, " rows of this list are not printed");
	html_text(out, where);
	html_raw(out, ". Unfold it before printing, and they are.</p>\n");
}

guint64
page_open_count(const struct report *report)
{
	return report->leaks.open;
}

bool
page_has_card(const struct report *report, guint incident)
{
	return incident < REPORT_CARDS_MAX &&
	       incident_is_open(g_ptr_array_index(report->incidents, incident));
}
