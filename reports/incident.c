/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/incident.h"

#include "store/review.h"

static void
incident_free(gpointer data)
{
	struct incident *incident = data;

	g_ptr_array_unref(incident->rows);
	g_free(incident);
}

/* An open state before a decided one; among open ones the more pressing. */
static guint
pressure(enum review_state state)
{
	static const guint order[] = {
		[REVIEW_NEW] = 4,
		[REVIEW_IN_REVIEW] = 3,
		[REVIEW_ESCALATED] = 2,
		[REVIEW_RESOLVED] = 1,
		[REVIEW_FALSE_POSITIVE] = 0,
	};

	return order[state];
}

static struct incident *
incident_new(const struct view_flag *row)
{
	struct incident *incident = g_new0(struct incident, 1);

	incident->id = row->incident;
	incident->rows = g_ptr_array_new();
	incident->severity = row->flag->severity;
	incident->state = row->state;
	incident->begun = row->begun != 0 ? row->begun : row->seen;
	return incident;
}

GPtrArray *
incident_fold(const GPtrArray *flags)
{
	GPtrArray *incidents = g_ptr_array_new_with_free_func(incident_free);
	g_autoptr(GHashTable) known = g_hash_table_new(g_int64_hash, g_int64_equal);

	for (guint i = 0; i < flags->len; i++) {
		struct view_flag *row = g_ptr_array_index(flags, i);
		struct incident *incident = g_hash_table_lookup(known, &row->incident);
		if (incident == NULL) {
			incident = incident_new(row);
			g_ptr_array_add(incidents, incident);
			g_hash_table_insert(known, &incident->id, incident);
		}
		g_ptr_array_add(incident->rows, row);
		incident->severity = MAX(incident->severity, row->flag->severity);
		if (pressure(row->state) > pressure(incident->state))
			incident->state = row->state;
	}
	return incidents;
}

char *
incident_name(gint64 id)
{
	return g_strdup_printf("I-%" G_GINT64_FORMAT, id);
}

bool
incident_is_open(const struct incident *incident)
{
	return review_is_open(incident->state);
}

GPtrArray *
incident_messages(const struct incident *incident)
{
	GPtrArray *messages = g_ptr_array_new();
	g_autoptr(GHashTable) known = g_hash_table_new(g_int64_hash, g_int64_equal);

	for (guint i = 0; i < incident->rows->len; i++) {
		const struct view_flag *row = g_ptr_array_index(incident->rows, i);
		if (g_hash_table_add(known, &row->message->id))
			g_ptr_array_add(messages, row->message);
	}
	return messages;
}
