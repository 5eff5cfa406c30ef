/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_TEXTS_H
#define FLAGPOST_CMD_TEXTS_H
/*
 * texts - what a reader of a kept message sees: its copy, taken apart by a worker once more. No
 * rule is asked anything, so it works also while the rules are broken.
 */
#include <glib.h>

#include "daemon/config.h"
#include "store/view.h"

/* A verdict with texts (cmd_verdict_texts). The caller has noted the access; NULL: no copy, no
 * consent (view_copy), or no worker. */
struct verdict *texts_read(
    const struct config *config, struct view *view, gint64 message, GError **error);

#endif
