/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counting for people, after the commit: what a pass says of each account. Never decides anything.
 */
#include "base/clock.h"
#include "daemon/daemon.h"
#include "daemon/intake-parts.h"

struct pass_account *
intake_row(struct intake *intake, const char *account)
{
	return g_hash_table_lookup(intake->setup.rows, account);
}

static void
count_message(struct intake *intake, const struct item *item)
{
	struct pass_account *row = intake_row(intake, item->event.message.placement.account);
	guint flags = verdict_flag_count(item->verdict);

	if (row == NULL)
		return;
	row->messages++;
	row->bytes += item->event.message.size;
	row->flags += flags;
	row->flagged += flags > 0;
	row->not_checked += item->verdict->outcome != OUTCOME_SCANNED;
	row->unscannable += item->verdict->outcome == OUTCOME_UNSCANNABLE;
}

static void
count_end(struct intake *intake, const struct fetch_account_end *end)
{
	struct pass_account *row = intake_row(intake, end->account);

	if (row == NULL)
		return;
	g_free(row->state);
	row->state = g_strdup(fetch_account_state_words[end->state]);
	g_free(row->text);
	row->text = g_strdup(end->text);
	row->done = true;
}

static const char *
item_account(const struct item *item)
{
	switch (item->event.kind) {
	case FETCH_EVENT_MESSAGE:
		return item->event.message.placement.account;
	case FETCH_EVENT_FAILED:
		return item->event.failure.placement.account;
	case FETCH_EVENT_REST:
		return item->event.rest.account;
	case FETCH_EVENT_FOLDER_END:
		return item->event.folder.account;
	case FETCH_EVENT_ACCOUNT_END:
		return item->event.account_end.account;
	default:
		return "";
	}
}

void
intake_count(struct intake *intake, const struct item *item)
{
	struct pass_account *row = NULL;

	switch (item->event.kind) {
	case FETCH_EVENT_MESSAGE:
		count_message(intake, item);
		break;
	case FETCH_EVENT_FAILED:
		row = intake_row(intake, item->event.failure.placement.account);
		if (row != NULL)
			row->failed++;
		break;
	case FETCH_EVENT_FOLDER_END:
		row = intake_row(intake, item->event.folder.account);
		if (row != NULL) {
			row->folders++;
			row->folders_failed += item->event.folder.state == FETCH_FOLDER_FAILED;
			row->waiting += item->event.folder.waiting;
		}
		break;
	case FETCH_EVENT_ACCOUNT_END:
		count_end(intake, &item->event.account_end);
		break;
	default:
		break;
	}
	row = intake_row(intake, item_account(item));
	if (row != NULL)
		row->moved = clock_now();
}
