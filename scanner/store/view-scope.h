/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VIEW_SCOPE_H
#define FLAGPOST_STORE_VIEW_SCOPE_H
/*
 * view_scope - what a view shows of the store. It holds for every statement of the view, whoever
 * wrote it: tables are hidden behind views of the connection that have the same names and show what
 * the person may see. A table that nobody thought of shows nothing.
 */
#include "store/view.h"

enum view_reach {
	VIEW_ALL,      /* an officer */
	VIEW_ACCOUNTS, /* an officer for these accounts; globs */
	VIEW_OWN,     /* what these addresses sent or received, and no accounts, passes or people */
	VIEW_NO_MAIL, /* an administrator: accounts, folders, passes, notes; no message */
};

struct view_scope {
	enum view_reach reach;
	const char *const *names; /* of VIEW_ACCOUNTS and VIEW_OWN; NULL-terminated */
};

/* Once, right after view_open. A view can only be narrowed. */
bool view_restrict(struct view *view, const struct view_scope *scope, GError **error);
/* VIEW_ALL unless it was narrowed. */
enum view_reach view_reach(const struct view *view);

#endif
