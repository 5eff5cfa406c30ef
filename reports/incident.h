/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_INCIDENT_H
#define FLAGPOST_REPORTS_INCIDENT_H
/*
 * incident - the flags of a report, folded: one leak is one thing to decide.
 */
#include <glib.h>

#include "store/view.h"

struct incident {
	gint64 id;
	GPtrArray *rows; /* of const struct view_flag *: its flags in the window, as they came */
	enum severity severity;  /* of the worst */
	enum review_state state; /* open as long as one of its flags is */
	gint64 begun;            /* when its first flag was, perhaps long ago */
	guint64 repeats;         /* messages of it in the thirty days before the window */
	gint64 last;             /* when the last of those came; 0: none */
};

/*
 * Of struct incident, the order of the flags kept: the most severe first. flags (of struct
 * view_flag) must outlive it.
 */
GPtrArray *incident_fold(const GPtrArray *flags);

/* "I-4" */
char *incident_name(gint64 id);
/* True while somebody has to decide. */
bool incident_is_open(const struct incident *incident);
/* Its messages, each once; of const struct view_message *. */
GPtrArray *incident_messages(const struct incident *incident);

#endif
