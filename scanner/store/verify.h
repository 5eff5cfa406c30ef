/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VERIFY_H
#define FLAGPOST_STORE_VERIFY_H
/*
 * verify - copies against the database, volumes against what was committed, the ledger against
 * itself; and, where all is looked at, the database's pages. Reads only, beside a running writer, a
 * slice at a time: one of those pages is a whole table, which may take seconds.
 *
 *	verify_new -> verify_step until it says VERIFY_DONE -> what verify_found has -> verify_free
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/view.h"

#define VERIFY_FOUND_MAX 1000 /* deviations that are named; the others are counted */
#define VERIFY_DAYS      28   /* in which the shares of a day come round */

/* Which copies: those whose number leaves rest when divided by parts. parts 1: all. */
struct verify_share {
	guint parts, rest;
};
/* The share of a day: VERIFY_DAYS days in a row have every copy once. */
struct verify_share verify_share_of(gint64 time);

struct verify_deviation {
	const char *word; /* "missing", "shortened", "altered", "renamed", "extra", "stranger",
			     "aside", "leaving", "purging", "unreadable", "ledger", "damaged" */
	char *what;       /* a digest, a volume, "ledger", or "table NAME" */
	char *text;       /* for people: one line */
};

struct verify_counts {
	guint64 copies, bytes;             /* looked at */
	guint64 all_copies, all_bytes;     /* to be looked at */
	guint64 deviations, volumes, rows; /* rows of the ledger */
	guint64 tables;                    /* of the database */
	bool writing; /* a poll was under way: the end of the last volume was not judged */
};

enum verify_state { VERIFY_MORE, VERIFY_DONE, VERIFY_FAILED };

struct verify;

/* data_dir is that of the view. */
struct verify *verify_new(
    struct view *view, const char *data_dir, const struct verify_share *share, GError **error);
/* About so many bytes more. A deviation is no error. */
enum verify_state verify_step(struct verify *verify, guint64 bytes, GError **error);
const struct verify_counts *verify_counts(const struct verify *verify);
const GPtrArray *verify_found(const struct verify *verify); /* of struct verify_deviation */
void verify_free(struct verify *verify);
AUTO_DEFINE(verify, verify_free)

#endif
