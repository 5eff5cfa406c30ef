/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_SCOPES_H
#define FLAGPOST_DAEMON_SCOPES_H
/*
 * scopes - what of the store a person of the configuration may see. The one place in which roles
 * become views.
 */
#include "daemon/config.h"
#include "store/view-scope.h"

/* person NULL: somebody whom no [person] names. Borrows from both. */
struct view_scope scopes_of(const struct config *config, const struct config_person *person);

#endif
