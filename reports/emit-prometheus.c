/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit-prometheus - the sums of a report as a text file for the collector of node_exporter:
 * counts of the period, never text from mail. Labels are names of accounts and rules.
 */
#include "base/clock.h"
#include "reports/emit.h"
#include "reports/page.h"
#include "reports/tally.h"

#include <string.h>

/* The only three characters that a label's value must not hold as they are. */
static void
put_label(GString *out, const char *value)
{
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\n')
			g_string_append(out, "\\n");
		else if (*p == '"' || *p == '\\')
			g_string_append_printf(out, "\\%c", *p);
		else
			g_string_append_c(out, *p);
	}
}

static void
put_head(GString *out, const char *name, const char *help)
{
	g_string_append_printf(
	    out, "# HELP flagpost_%s %s\n# TYPE flagpost_%s gauge\n", name, help, name);
}

static void
put_value(GString *out, const char *name, const char *label, const char *of, guint64 value)
{
	g_string_append_printf(out, "flagpost_%s", name);
	if (label != NULL) {
		g_string_append_printf(out, "{%s=\"", label);
		put_label(out, of);
		g_string_append(out, "\"}");
	}
	g_string_append_printf(out, " %" G_GUINT64_FORMAT "\n", value);
}

static void
put_one(GString *out, const char *name, const char *help, guint64 value)
{
	put_head(out, name, help);
	put_value(out, name, NULL, NULL, value);
}

static void
put_gaps(const struct report *report, GString *out)
{
	struct tally tally;

	tally_report(report, &tally);
	put_head(out, "not_checked", "What was not fetched, not read or not decided, by kind.");
	put_value(out, "not_checked", "kind", "part", tally.parts);
	put_value(out, "not_checked", "kind", "message", tally.messages);
	put_value(out, "not_checked", "kind", "rule", tally.rules);
	put_value(out, "not_checked", "kind", "fetch", tally.fetches);
	put_value(out, "not_checked", "kind", "copies", tally.volumes);
	put_head(out, "mailbox_messages", "Messages in all folders, at each one's last pass.");
	put_value(out, "mailbox_messages", "what", "server", tally.server);
	put_value(out, "mailbox_messages", "what", "kept", tally.kept);
	put_value(out, "mailbox_messages", "what", "failed", tally.failed);
	put_value(out, "mailbox_messages", "what", "waiting", tally.waiting);
	put_one(out, "everything_checked", "1 when nothing was left unchecked.",
	    report_has_gaps(report) ? 0 : 1);
}

static void
put_accounts(const struct report *report, GString *out)
{
	put_head(out, "account_ok", "1 when the account's last pass read all of it.");
	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		if (account->configured)
			put_value(out, "account_ok", "account", account->name,
			    strcmp(tally_state(account, report->from), "ok") == 0);
	}
	put_head(out, "account_last_complete_timestamp_seconds",
	    "When a pass over the account was complete last; 0: never.");
	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		if (account->configured)
			put_value(out, "account_last_complete_timestamp_seconds", "account",
			    account->name, (guint64)(account->last_ok / G_USEC_PER_SEC));
	}
}

static void
put_flags(const struct report *report, GString *out)
{
	put_head(out, "flags", "Flags of the period, by severity.");
	for (int i = SEVERITY_LOW; i <= SEVERITY_HIGH; i++)
		put_value(out, "flags", "severity", severity_words[i], report->totals.flags[i]);
	put_head(out, "rule_flags", "Flags of the period, by rule.");
	for (guint i = 0; i < report->rules->len; i++) {
		const struct view_rule *rule = g_ptr_array_index(report->rules, i);
		put_value(out, "rule_flags", "rule", rule->rule, rule->flags);
	}
	put_one(out, "flags_excepted", "Flags that exceptions swallowed.", report->totals.excepted);
	put_one(out, "incidents_open", "Incidents of the period that nobody has decided.",
	    page_open_count(report));
	put_one(out, "incidents_open_before", "Undecided incidents from before the period.",
	    report->ages.total);
}

static void
put_sample(const struct report *report, GString *out)
{
	const struct drawn_sums *sums = &report->drawn;

	put_head(
	    out, "sample_messages", "Mail without a flag drawn in the period, by what was said.");
	for (guint i = 0; drawn_state_words[i] != NULL; i++)
		put_value(out, "sample_messages", "state", drawn_state_words[i], sums->states[i]);
	put_one(out, "sample_eligible_messages", "Messages without a flag that it was drawn of.",
	    sums->eligible);
}

static void
begin(const struct report *report, GString *out)
{
	put_one(out, "period_start_timestamp_seconds", "When the period began.",
	    (guint64)MAX(report->from / G_USEC_PER_SEC, 0));
	put_one(out, "report_timestamp_seconds", "As of when the figures are.",
	    (guint64)MAX(report->made / G_USEC_PER_SEC, 0));
	put_one(out, "messages", "Messages first seen in the period.", report->totals.messages);
	put_one(out, "message_bytes", "Their bytes.", report->totals.bytes);
	put_one(out, "messages_flagged", "Of those, flagged.", report->totals.flagged);
	put_flags(report, out);
	put_sample(report, out);
	put_gaps(report, out);
	put_accounts(report, out);
}

const struct emitter emit_prometheus = {
	.name = "prometheus",
	.extension = "prom",
	.begin = begin,
};
