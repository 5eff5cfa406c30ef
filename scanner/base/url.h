/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_URL_H
#define FLAGPOST_BASE_URL_H
/*
 * url - the address of a mail server: a scheme, a host, perhaps a port, and nothing else.
 */
#include <glib.h>
#include <stdbool.h>

struct url_scheme {
	const char *name; /* "imaps" */
	guint port;       /* when none is written */
};

/*
 * Takes text apart. schemes ends with a NULL name; *scheme is the index of the one found. *host
 * (owned by the caller) is a name, its A-labels where it is international, or an address without
 * brackets. User, password, path and query are refused: FAULT_CONFIG says which; path_mend ends
 * the sentence for a path. Nothing is set on error.
 */
bool url_parse(const char *text, const struct url_scheme *schemes, const char *path_mend,
    guint *scheme, char **host, guint *port, GError **error);

/* The way back, as libcurl takes it: "imaps://[::1]:993/". */
char *url_make(const char *scheme, const char *host, guint port);

#endif
