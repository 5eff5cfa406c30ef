/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_STATUS_AMISS_H
#define FLAGPOST_CMD_STATUS_AMISS_H
/*
 * status-amiss - what `status` says behind the accounts: damaged volumes, an index that lacks
 * something, groups of directories, the prefilter's test, our own mail that waits. A line each, or
 * a JSON object; *code becomes CMD_GAPS where something is wrong.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/json.h"
#include "daemon/config.h"
#include "store/view.h"

bool status_amiss_volumes(struct view *view, bool as_json, int *code, GError **error);
bool status_amiss_index(struct view *view, bool as_json, int *code, GError **error);
void status_amiss_groups(const struct config *config, bool as_json, int *code);
bool status_amiss_comparison(const struct config *config, bool as_json, int *code, GError **error);
bool status_amiss_outbox(const struct config *config, bool as_json, GError **error);

/* null for 0: never. */
void status_amiss_put_time(struct json *json, const char *key, gint64 time);

#endif
