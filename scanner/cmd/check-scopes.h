/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_CHECK_SCOPES_H
#define FLAGPOST_CMD_CHECK_SCOPES_H
/*
 * check_scopes - a rule for an account or a group that nobody has configured flags nothing, and one
 * that is to forward to somebody who is not there forwards nothing: a warning at the name, since
 * either would be in silence.
 */
#include "daemon/config.h"
#include "rules/sources.h"

void check_scopes(
    const struct config *config, const struct sources *sources, struct problems *problems);

#endif
