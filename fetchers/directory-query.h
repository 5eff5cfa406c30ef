/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_DIRECTORY_QUERY_H
#define FLAGPOST_FETCHERS_DIRECTORY_QUERY_H
/*
 * directory_query - one connection to a directory, within its limits: TLS, the bind, and searches
 * whose entries are handed over one by one. Blocks; lives in the directory process alone.
 */
#include <ldap.h>

#include "fetchers/directory-inside.h"
#include "fetchers/scrub.h"

struct directory_query {
	const struct directory *directory;
	LDAP *ld;
	struct scrub *scrub;
	gint64 deadline;           /* monotonic */
	guint64 entries;           /* that were handed over */
	const char *const *wanted; /* attributes */
};

/* Looks at one entry. */
typedef bool directory_take(
    struct directory_query *query, LDAPMessage *entry, void *data, GError **error);

/* password NULL: as nobody. Close it in either case. */
bool directory_query_open(struct directory_query *query, const char *password, GError **error);
void directory_query_close(struct directory_query *query);

/* All below base that the filter means, in pages. */
bool directory_query_all(struct directory_query *query, const char *base, const char *filter,
    directory_take *take, void *data, GError **error);
/* The entry of that name; libldap's code, with *error set where that says too little. */
int directory_query_one(struct directory_query *query, const char *name, const char *filter,
    directory_take *take, void *data, GError **error);
/* Says what a code means, and what the server said of it. Always false. */
bool directory_query_fail(
    struct directory_query *query, const char *what, int code, GError **error);

#endif
