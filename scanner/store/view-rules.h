/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VIEW_RULES_H
#define FLAGPOST_STORE_VIEW_RULES_H
/*
 * view-rules - what rules did to recorded mail, for those who tune them: flags and what people made
 * of them, message by message (replay) and rule by rule (measure). Through a view, as all is.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

/* A flag as it was recorded. */
struct view_verdict_of {
	char *rule;
	enum severity severity;
	bool excepted;
	enum review_state state;
};

struct view_kept {
	gint64 id;
	char *sha256;
	gint64 seen; /* first, by Flagpost */
	bool has_copy;
	guint facts;
	char *account, *folder; /* of its first placement; "" where there is none */
	bool draft;
	GPtrArray *flags; /* of struct view_verdict_of, by rule */
};

/* Messages first seen at `since` or later, by their numbers from after + 1 on; at most limit. */
GPtrArray *view_kept(struct view *view, gint64 since, gint64 after, guint limit, GError **error);
/* How many there are. */
bool view_kept_count(struct view *view, gint64 since, guint64 *out, GError **error);

struct view_measure {
	char *rule;
	guint64 flags;     /* without excepted ones */
	guint64 excepted;  /* that exceptions swallowed */
	guint64 confirmed; /* escalated or resolved */
	guint64 wrong;     /* false positives */
	guint64 open;      /* nobody has decided yet */
	char *other;       /* the rule that flags most of the same messages, or "" */
	guint64 shared;    /* so many of them */
};

/* Rules with a flag first recorded at `since` or later, by name. */
GPtrArray *view_measures(struct view *view, gint64 since, GError **error);

#endif
