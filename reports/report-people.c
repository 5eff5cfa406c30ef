/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report-people - what was gathered for a report, without the people in it.
 */
#include <string.h>

#include "reports/pseudonym.h"
#include "reports/report.h"

static void
take(char **field, char *text)
{
	g_free(*field);
	*field = text;
}

static void
hide(struct pseudonyms *pseudonyms, char **field)
{
	if (*field != NULL && (*field)[0] != '\0')
		take(field, pseudonyms_text(pseudonyms, *field));
}

static void
hide_account(struct pseudonyms *pseudonyms, struct view_account *account)
{
	take(&account->name, pseudonyms_account(pseudonyms, account->name));
	take(&account->user, strchr(account->user, '@') != NULL
				 ? pseudonyms_address(pseudonyms, account->user)
				 : pseudonyms_text(pseudonyms, account->user));
	hide(pseudonyms, &account->host);
	hide(pseudonyms, &account->purpose);
	hide(pseudonyms, &account->text);
	hide(pseudonyms, &account->canary.trouble);
	for (guint i = 0; i < account->folders->len; i++) {
		struct view_folder *folder = g_ptr_array_index(account->folders, i);
		take(&folder->account, g_strdup(account->name));
		hide(pseudonyms, &folder->folder);
		hide(pseudonyms, &folder->text);
	}
}

static void
hide_gone(struct pseudonyms *pseudonyms, struct view_gone *row)
{
	guint place = 0;

	g_ptr_array_find(row->message->placements, row->placement, &place);
	pseudonyms_put_message(pseudonyms, &row->message);
	row->placement = g_ptr_array_index(row->message->placements, place);
}

/* Exceptions are read from it: who approved them, for whom they are. */
static void
hide_rule(struct pseudonyms *pseudonyms, struct view_rule *rule)
{
	hide(pseudonyms, &rule->title);
	if (rule->text == NULL)
		return;
	gsize size;
	const char *data = g_bytes_get_data(rule->text, &size);
	g_autofree char *text = g_strndup(data, size);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *out = g_string_new(NULL);
	for (gsize i = 0; lines[i] != NULL; i++) {
		const char *equals = strchr(lines[i], '=');
		const char *value = equals != NULL ? equals + 1 : lines[i];
		g_autofree char *seen = pseudonyms_text(pseudonyms, value);
		g_string_append_len(out, lines[i], value - lines[i]);
		/* A comment, or the name of a section, cannot be hidden in place: it goes. */
		if (equals != NULL || strcmp(seen, value) == 0)
			g_string_append(out, seen);
		else if (lines[i][0] == '[')
			g_string_append(out, lines[i]);
		g_string_append_c(out, '\n');
	}
	g_bytes_unref(rule->text);
	rule->text = g_string_free_to_bytes(out);
}

static void
hide_deeds(struct pseudonyms *pseudonyms, struct report *report)
{
	for (guint i = 0; i < report->changes->len; i++) {
		struct review_change *change = g_ptr_array_index(report->changes, i);
		take(&change->who, pseudonyms_login(pseudonyms, change->who));
		take(&change->assignee, pseudonyms_login(pseudonyms, change->assignee));
		hide(pseudonyms, &change->note);
	}
	for (guint i = 0; i < report->accesses->len; i++) {
		struct view_access *access = g_ptr_array_index(report->accesses, i);
		take(&access->who, pseudonyms_login(pseudonyms, access->who));
	}
	for (guint i = 0; i < report->notes->len; i++) {
		struct view_note *note = g_ptr_array_index(report->notes, i);
		take(&note->account, pseudonyms_account(pseudonyms, note->account));
		hide(pseudonyms, &note->folder);
		hide(pseudonyms, &note->text);
	}
}

void
report_hide_people(struct report *report)
{
	struct pseudonyms *pseudonyms = report->pseudonyms;
	GPtrArray *const flags[] = { report->excepted, report->open };

	for (gsize n = 0; n < G_N_ELEMENTS(flags); n++) {
		for (guint i = 0; i < flags[n]->len; i++)
			pseudonyms_put_flag(
			    pseudonyms, g_ptr_array_index(flags[n], i), report_mask(report));
	}
	for (guint i = 0; i < report->accounts->len; i++)
		hide_account(pseudonyms, g_ptr_array_index(report->accounts, i));
	for (guint i = 0; i < report->gaps->len; i++)
		pseudonyms_put_gap(pseudonyms, g_ptr_array_index(report->gaps, i));
	for (guint i = 0; i < report->gone->len; i++)
		hide_gone(pseudonyms, g_ptr_array_index(report->gone, i));
	for (guint i = 0; i < report->rules->len; i++)
		hide_rule(pseudonyms, g_ptr_array_index(report->rules, i));
	for (guint i = 0; report->sample != NULL && i < report->sample->len; i++) {
		struct drawn *row = g_ptr_array_index(report->sample, i);
		pseudonyms_put_message(pseudonyms, &row->message);
	}
	hide_deeds(pseudonyms, report);
	if (report->account[0] != '\0')
		take(&report->account, pseudonyms_account(pseudonyms, report->account));
	hide(pseudonyms, &report->group);
}
