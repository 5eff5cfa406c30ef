/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_REPLACE_H
#define FLAGPOST_BASE_REPLACE_H
/*
 * replace - a file that is written piece by piece and takes the place of another whole or not at
 * all. For what is held at once there is io_replace_file.
 *
 *	replace_new -> replace_write ... -> replace_finish -> replace_free
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

struct replace;

/* A file beside path, with a name of its own. */
struct replace *replace_new(const char *path, unsigned mode, GError **error);
bool replace_write(struct replace *replace, const char *data, gsize size, GError **error);
/* Durable under its name when it returns. */
bool replace_finish(struct replace *replace, GError **error);
/* What was not finished is gone. */
void replace_free(struct replace *replace);
AUTO_DEFINE(replace, replace_free)

#endif
