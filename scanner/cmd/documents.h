/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_DOCUMENTS_H
#define FLAGPOST_CMD_DOCUMENTS_H
/*
 * documents - the files behind the arguments of `rules fingerprint add`: files as they are, and all
 * files of folders, hidden ones and links left out.
 */
#include <glib.h>
#include <stdbool.h>

#define DOCUMENTS_MAX       10000 /* of one command */
#define DOCUMENTS_DEPTH_MAX 16    /* folders within one another */

struct document {
	char *path;
	char *name; /* below the folder that was given; printable */
};

/* Of struct document, by name; NULL after FAULT_USAGE or an error of the folder. */
GPtrArray *documents_find(char **paths, GError **error);

#endif
