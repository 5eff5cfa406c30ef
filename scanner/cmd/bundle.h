/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_BUNDLE_H
#define FLAGPOST_CMD_BUNDLE_H
/*
 * bundle - a folder of exact messages for people without tools: a folder a day, names that say
 * what is in them, a page that searches and opens without a server, a manifest, checksums, and
 * how to check all of it with sha256sum and openssl alone.
 *
 *	OUT/2026-05-30/090205 anna@corp.example - Price list - 3f9a01bc5d6e.eml
 *	OUT/index.html  manifest.csv  ledger.json  HOW-TO-CHECK.txt  SHA256SUMS
 *
 *	bundle_new -> bundle_add ... -> bundle_finish -> bundle_free
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/view.h"

#define BUNDLE_NAME_MAX 120 /* bytes of a file's name: every file system takes it */

struct bundle;

/* folder is made, or empty: FAULT_USAGE when something lies there. */
struct bundle *bundle_new(const char *folder, GTimeZone *zone, GError **error);
/* Its exact bytes into a file of its day; bytes NULL: no copy is kept, which the manifest says. */
bool bundle_add(
    struct bundle *bundle, const struct view_message *message, GBytes *bytes, GError **error);
/* title: what was exported, for the page. ledger: lines of JSON, one a row. */
bool bundle_finish(
    struct bundle *bundle, const char *title, const char *ledger, const char *head, GError **error);
void bundle_free(struct bundle *bundle);
AUTO_DEFINE(bundle, bundle_free)

/* "090205 anna@corp.example - Price list - 3f9a01bc5d6e.eml": ASCII, and nothing that a shell, a
 * page or a file system takes for more than a letter. */
char *bundle_name(const struct view_message *message, GTimeZone *zone);

#endif
