/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/tally.h"

#include <string.h>

#include "reports/watch.h"

void
tally_account(const struct view_account *account, struct tally *out)
{
	*out = (struct tally){ .holds = true };
	for (guint i = 0; i < account->folders->len; i++) {
		const struct view_folder *folder = g_ptr_array_index(account->folders, i);
		out->server += folder->server;
		out->kept += folder->kept;
		out->failed += folder->failed;
		out->waiting += folder->waiting;
		out->gone += folder->gone;
		out->holds &= folder->server == folder->kept + folder->failed + folder->waiting;
		out->failing |= folder->failing;
	}
}

const char *
tally_state(const struct view_account *account, gint64 from)
{
	struct tally folders;

	tally_account(account, &folders);
	if (!account->configured)
		return "no longer configured";
	if (account->checked == 0)
		return "never polled";
	if (account->failing_since != 0 || folders.failing > 0)
		return "failing";
	if (strcmp(account->state, "waiting") == 0)
		return "waiting";
	if (account->checked < from)
		return "not polled";
	return "ok";
}

static void
count_gaps(const struct report *report, struct tally *out)
{
	for (guint i = 0; i < report->gap_sums->len; i++) {
		const struct view_gap_sum *sum = g_ptr_array_index(report->gap_sums, i);
		out->gaps += sum->count;
		if (strcmp(sum->kind, "part") == 0)
			out->parts += sum->count;
		else if (strcmp(sum->kind, "rule") == 0)
			out->rules += sum->count;
		else if (strcmp(sum->kind, "fetch") == 0)
			out->fetches += sum->count;
		else if (strcmp(sum->kind, "copies") == 0)
			out->volumes += sum->count;
		else
			out->messages += sum->count;
	}
}

static void
count_alarms(const struct report *report, struct tally *out)
{
	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		g_autoptr(GPtrArray) lines = watch_lines(account, report->zone, report->made);
		const struct watch_line *first = lines->len > 0 ? lines->pdata[0] : NULL;
		out->alarms += first != NULL && first->bad;
	}
}

void
tally_report(const struct report *report, struct tally *out)
{
	*out = (struct tally){ .holds = true };
	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		const char *state = tally_state(account, report->from);
		struct tally one;
		tally_account(account, &one);
		out->server += one.server;
		out->kept += one.kept;
		out->failed += one.failed;
		out->waiting += one.waiting;
		out->gone += one.gone;
		out->holds &= one.holds;
		out->accounts += account->configured;
		out->failing += strcmp(state, "failing") == 0;
		out->unseen +=
		    strcmp(state, "never polled") == 0 || strcmp(state, "not polled") == 0;
	}
	count_alarms(report, out);
	count_gaps(report, out);
}
