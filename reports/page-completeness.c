/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-completeness - what the servers hold against what was kept, account by account, and
 * what was not checked and why.
 */
#include <string.h>

#include "reports/html.h"
#include "reports/page.h"
#include "reports/tally.h"
#include "reports/watch.h"
#include "reports/wording.h"

#define GAPS_OPEN 12 /* longer lists start folded */

static void
put_cell(GString *out, guint64 number, bool bad)
{
	html_raw(out, "<td");
	html_attribute(out, "class", bad ? "num bad" : "num");
	html_raw(out, ">");
	html_number(out, number);
	html_raw(out, "</td>");
}

static void
put_watch(const struct report *report, const struct view_account *account, GString *out)
{
	g_autoptr(GPtrArray) lines = watch_lines(account, report->zone, report->made);

	for (guint i = 0; i < lines->len; i++) {
		const struct watch_line *line = g_ptr_array_index(lines, i);
		html_raw(out, "<br><span");
		html_attribute(out, "class", line->bad ? "bad" : "quiet");
		html_raw(out, ">");
		html_text(out, line->text);
		html_raw(out, "</span>");
	}
}

static void
put_state(const struct report *report, const struct view_account *account, GString *out)
{
	const char *state = tally_state(account, report->from);
	bool ok = strcmp(state, "ok") == 0;

	html_raw(out, "<td");
	html_attribute(out, "class", ok ? "state" : "state bad");
	html_raw(out, "><b>");
	html_text(out, state);
	html_raw(out, "</b>");
	if (account->failing_since != 0) {
		html_raw(out, " since ");
		html_time(out, account->failing_since, report->zone);
		html_raw(out, ": ");
		html_text(out, account->text[0] != '\0' ? account->text : account->state);
		html_choose(
		    out, account->last_ok != 0, ". Last complete pass ", ". Never complete");
		if (account->last_ok != 0)
			html_time(out, account->last_ok, report->zone);
	}
	put_watch(report, account, out);
	html_raw(out, "</td></tr>\n");
}

static void
put_account(const struct report *report, const struct view_account *account, GString *out)
{
	struct tally tally;

	tally_account(account, &tally);
	html_raw(out, "<tbody><tr class=\"account\"><th scope=\"rowgroup\">");
	html_text(out, account->name);
	html_raw(out, " <span class=\"quiet\">");
	html_text(out, account->protocol);
	html_raw(out, " · ");
	html_text(out, account->user);
	html_choose(out, account->user[0] != '\0', " · ", "");
	html_text(out, account->host);
	html_raw(out, "</span>");
	if (account->purpose[0] != '\0') {
		html_raw(out, "<br><span class=\"quiet\">");
		html_text(out, account->purpose);
		html_raw(out, "</span>");
	}
	html_raw(out, "</th>");
	put_cell(out, tally.server, !tally.holds);
	put_cell(out, tally.kept, !tally.holds);
	put_cell(out, tally.failed, tally.failed > 0);
	put_cell(out, tally.gone, false);
	html_raw(out, "<td>");
	html_time(out, account->checked, report->zone);
	html_raw(out, "</td>");
	put_state(report, account, out);
}

static void
put_folder(const struct report *report, const struct view_folder *folder, GString *out)
{
	bool holds = folder->server == folder->kept + folder->failed + folder->waiting;

	html_raw(out, "<tr><th scope=\"row\">");
	html_text(out, folder->folder);
	html_raw(out, "</th>");
	put_cell(out, folder->server, !holds);
	put_cell(out, folder->kept, !holds);
	put_cell(out, folder->failed, folder->failed > 0);
	put_cell(out, folder->gone, false);
	html_raw(out, "<td>");
	html_time(out, folder->checked, report->zone);
	html_raw(out, "</td><td");
	html_attribute(out, "class", folder->failing || !holds ? "state bad" : "state");
	html_raw(out, ">");
	if (folder->failing) {
		html_raw(out, "<b>failing</b>: ");
		html_text(out, folder->text);
	} else if (!holds) {
		g_autofree char *sum =
		    wording_sum(folder->server, folder->kept, folder->failed, folder->waiting);
		html_raw(out, "<b>the sum does not hold</b>: ");
		html_text(out, sum);
	} else if (folder->waiting > 0) {
		html_number(out, folder->waiting);
		html_raw(out, " wait for the next day's budget");
	}
	html_raw(out, "</td></tr>\n");
}

static guint
count_folders(const struct report *report)
{
	guint count = 0;

	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		count += account->folders->len;
	}
	return count;
}

static bool
is_troubled(const struct view_folder *folder)
{
	return folder->failing || folder->failed > 0 || folder->waiting > 0 ||
	       folder->server != folder->kept + folder->failed;
}

/* The accounts; of their folders all, or those alone that something is the matter with. */
static void
put_table(const struct report *report, bool all, GString *out)
{
	html_raw(out, "<div class=\"wide\" role=\"region\" tabindex=\"0\" "
		      "aria-label=\"Completeness by account");
	html_choose(out, all, " and folder", "");
	html_raw(out,
	    "\">\n<table class=\"sums\">\n"
	    "<thead><tr><th scope=\"col\">Account and folder</th>"
	    "<th scope=\"col\" class=\"num\">Server</th>"
	    "<th scope=\"col\" class=\"num\">Kept</th>"
	    "<th scope=\"col\" class=\"num\">Failed</th>"
	    "<th scope=\"col\" class=\"num\">Gone</th>"
	    "<th scope=\"col\">Last pass</th><th scope=\"col\">State</th></tr></thead>\n");
	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		put_account(report, account, out);
		for (guint j = 0; j < account->folders->len; j++) {
			const struct view_folder *folder = g_ptr_array_index(account->folders, j);
			if (all || is_troubled(folder))
				put_folder(report, folder, out);
		}
		html_raw(out, "</tbody>\n");
	}
	html_raw(out, "</table></div>\n");
}

void
page_completeness(const struct report *report, GString *out)
{
	guint folders = count_folders(report);

	html_raw(out, "<section id=\"completeness\" class=\"sub\">\n<h3>Completeness</h3>\n");
	if (report->accounts->len == 0) {
		html_raw(out, "<p class=\"empty\">No account was ever polled.</p>\n</section>\n");
		return;
	}
	/* At a glance the accounts, and of their folders those that something is the matter with.
	 */
	put_table(report, false, out);
	if (folders > 0) {
		page_fold_begin(out, folders, 0);
		html_raw(out, "<summary>All folders: ");
		html_number(out, folders);
		html_raw(out, "</summary>\n");
		put_table(report, true, out);
		page_fold_end(out, folders, "; the JSON file has them");
	}
	html_raw(out, "<p class=\"quiet\">Counted at each folder's last pass. "
		      "<b>Server</b> is what lies there, on a server or in a folder of this "
		      "machine. <b>Gone</b> was recorded once and is no longer there. "
		      "Over POP3 the inbox alone can be seen, and some servers mark as read "
		      "what was fetched.</p>\n</section>\n");
}

static int
compare_groups(gconstpointer a, gconstpointer b)
{
	const struct view_gap_sum *one = *(struct view_gap_sum *const *)a;
	const struct view_gap_sum *other = *(struct view_gap_sum *const *)b;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	int order = strcmp(one->kind, other->kind);
	return order != 0 ? order : strcmp(one->word, other->word);
}

static void
put_groups(const struct report *report, GString *out)
{
	g_autoptr(GPtrArray) groups = g_ptr_array_new();

	for (guint i = 0; i < report->gap_sums->len; i++)
		g_ptr_array_add(groups, g_ptr_array_index(report->gap_sums, i));
	g_ptr_array_sort(groups, compare_groups);
	html_raw(out, "<ul class=\"groups\">\n");
	for (guint i = 0; i < groups->len; i++) {
		const struct view_gap_sum *group = g_ptr_array_index(groups, i);
		html_raw(out, "<li><b class=\"num\">");
		html_number(out, group->count);
		html_raw(out, "</b> <span>");
		html_text(out, wording_kind(group->kind));
		html_raw(out, ", <b>");
		html_text(out, group->word);
		html_raw(out, "</b>");
		if (wording_gap(group->word)[0] != '\0') {
			html_raw(out, " <span class=\"quiet\">");
			html_text(out, wording_gap(group->word));
			html_raw(out, "</span>");
		}
		html_raw(out, "</span></li>\n");
	}
	html_raw(out, "</ul>\n");
}

static void
put_gap(const struct report *report, const struct view_gap *gap, GString *out)
{
	const struct view_message *message = gap->message;

	html_raw(out, "<tr><th scope=\"row\">");
	html_choose(out, strcmp(gap->kind, "fetch") == 0, "UID ", "");
	html_text(out, gap->what);
	html_raw(out, "</th><td><b>");
	html_text(out, gap->word);
	html_raw(out, "</b>");
	html_choose(out, gap->detail[0] != '\0', "<br>", "");
	html_text(out, gap->detail);
	html_raw(out, "</td><td>");
	if (message != NULL) {
		g_autofree char *digest = wording_digest(message->sha256);
		html_address(out, message->from);
		html_raw(out, "<br>");
		/* A rule may have matched in it: it is masked where the flag stands. */
		if (message->flags > 0)
			html_raw(out, "(flagged: see below)");
		else
			html_text(
			    out, message->subject[0] != '\0' ? message->subject : "(no subject)");
		html_raw(out, "<br><code>flagpost show ");
		html_text(out, digest);
		html_raw(out, "</code>");
	}
	html_raw(out, "</td><td>");
	page_place(out, gap->account, gap->folder);
	html_raw(out, "<br>");
	html_time(out, gap->seen, report->zone);
	html_raw(out, "</td></tr>\n");
}

static void
put_gap_list(const struct report *report, guint64 all, GString *out)
{
	guint shown = MIN(report->gaps->len, REPORT_GAPS_MAX);

	page_fold_begin(out, all, GAPS_OPEN);
	html_raw(out, "<summary>The list: ");
	html_count(out, all, "entry", "entries");
	html_raw(out,
	    "</summary>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" "
	    "aria-label=\"Everything that was not checked\">\n<table class=\"gaps\">\n<thead><tr>"
	    "<th scope=\"col\">What</th><th scope=\"col\">Why</th>"
	    "<th scope=\"col\">Message</th><th scope=\"col\">Where, when</th></tr></thead>"
	    "\n<tbody>\n");
	for (guint i = 0; i < shown; i++)
		put_gap(report, g_ptr_array_index(report->gaps, i), out);
	html_raw(out, "</tbody></table></div>\n");
	if (all > shown) {
		html_raw(out, "<p class=\"note\">");
		html_number(out, all - shown);
		html_raw(out, " more are not in this list; the counts above are of all, and the "
			      "JSON file names each.</p>\n");
	}
	page_fold_end(out, all, "; the JSON file names each");
}

static void
put_notes(const struct report *report, GString *out)
{
	html_raw(out, "<h3>Notes of the passes</h3>\n<ul class=\"notes\">\n");
	for (guint i = 0; i < report->notes->len; i++) {
		const struct view_note *note = g_ptr_array_index(report->notes, i);
		html_raw(out, "<li>");
		page_place(out, note->account, note->folder);
		html_raw(out, " · ");
		html_time(out, note->seen, report->zone);
		html_raw(out, " · ");
		html_text(out, note->text[0] != '\0' ? note->text : note->word);
		html_raw(out, "</li>\n");
	}
	html_raw(out, "</ul>\n");
}

/* What keeps us from being sure that an account is read, though its passes end well. */
static void
put_alarms(const struct report *report, GString *out)
{
	html_raw(out, "<ul class=\"groups\">\n");
	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		g_autoptr(GPtrArray) lines = watch_lines(account, report->zone, report->made);
		for (guint n = 0; n < lines->len; n++) {
			const struct watch_line *line = g_ptr_array_index(lines, n);
			if (!line->bad)
				continue;
			html_raw(out, "<li><b class=\"num bad\">!</b> <span>Account <b>");
			html_text(out, account->name);
			html_raw(out, "</b> ");
			html_text(out, line->text);
			html_raw(out, "</span></li>\n");
		}
	}
	html_raw(out, "</ul>\n");
}

/* Accounts that no list of single things can show: what lies in them is not known. */
static void
put_accounts(const struct report *report, GString *out)
{
	html_raw(out, "<ul class=\"groups\">\n");
	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		const char *state = tally_state(account, report->from);
		if (strcmp(state, "ok") == 0 || !account->configured)
			continue;
		html_raw(out, "<li><b class=\"num bad\">!</b> <span>Account <b>");
		html_text(out, account->name);
		html_raw(out, "</b> ");
		html_text(out, state);
		if (account->failing_since != 0) {
			html_raw(out, " since ");
			html_time(out, account->failing_since, report->zone);
		}
		html_raw(out, " <span class=\"quiet\">");
		html_text(out, strcmp(state, "waiting") == 0
				   ? account->text
				   : "mail that came since then is not known");
		html_raw(out, "</span></span></li>\n");
	}
	html_raw(out, "</ul>\n");
}

void
page_gaps(const struct report *report, GString *out)
{
	struct tally tally;

	tally_report(report, &tally);
	html_raw(out, "<section id=\"not-checked\">\n<h2>Not checked</h2>\n");
	if (!report_has_gaps(report))
		html_raw(out,
		    "<p class=\"empty\"><b>Nothing.</b> Every message on the servers was "
		    "fetched, every part of it was read, every rule came to an answer.</p>\n");
	if (tally.failing + tally.unseen > 0 || tally.waiting > 0)
		put_accounts(report, out);
	if (tally.alarms > 0)
		put_alarms(report, out);
	if (tally.gaps > 0) {
		put_groups(report, out);
		put_gap_list(report, tally.gaps, out);
	}
	if (!tally.holds)
		html_raw(out,
		    "<p class=\"warning\">The completeness sum does not hold; the folders "
		    "are marked <a href=\"#completeness\">below</a>.</p>\n");
	if (report->notes->len > 0)
		put_notes(report, out);
	html_raw(out, "</section>\n");
}
