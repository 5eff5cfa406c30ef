/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BENCH_SEARCH_SIZE_H
#define FLAGPOST_BENCH_SEARCH_SIZE_H
/*
 * search_size - what the index of some messages takes, in hundredths of what it was made of.
 *
 * There are three things that it can be held against, and they say different things:
 *
 *	words   bodies and attachments as the index has them: folded, one blank between two words.
 *		What compression of the words themselves can do.
 *	text    all that is indexed, as it came: decoded text parts with their markup, blanks and
 *		punctuation, text of other attachments, subjects, names, addresses, file names.
 *	mail    the whole mails, which the store keeps as copies beside the index.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/database.h"
#include "store/query.h"
#include "store/store.h"

struct amounts {
	guint64 messages, words, text, mail; /* bytes, but for messages */
};

static void
must(bool right, GError *const *error)
{
	if (right)
		return;
	fprintf(stderr, "search: %s\n", *error != NULL ? (*error)->message : "failed");
	exit(70);
}

static void
print_size(const char *name, gint64 bytes, const struct amounts *amounts)
{
	double hundredth = (double)bytes * 100;

	printf("  %-32s %9.1f kB %7.2f %% %7.2f %% %7.2f %%\n", name, (double)bytes / 1e3,
	    hundredth / (double)amounts->words, hundredth / (double)amounts->text,
	    hundredth / (double)amounts->mail);
}

/* Tables and indexes that are there for the search alone. */
static void
print_sizes(const char *folder, const struct amounts *amounts)
{
	static const struct query_text sizes = { "measure the index",
		"SELECT name, sum(pgsize) FROM dbstat WHERE name GLOB 'term_*' OR name GLOB"
		" 'party_index*' OR name GLOB '*word*' OR name GLOB 'tag*' OR name = 'message_doc'"
		" GROUP BY name ORDER BY 2 DESC" };
	g_autofree char *path = g_build_filename(folder, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);
	struct query query;
	gint64 sum = 0;

	must(database != NULL, &error);
	must(query_open(&query, database, &sizes, NO_VALUES, &error), &error);
	printf("\n%" G_GUINT64_FORMAT " messages: %.1f MB of words, %.1f MB of text as it came,"
	       " %.1f MB of mail\n",
	    amounts->messages, (double)amounts->words / 1e6, (double)amounts->text / 1e6,
	    (double)amounts->mail / 1e6);
	printf(
	    "  %-32s %12s %9s %9s %9s\n", "the index", "takes", "of words", "of text", "of mail");
	while (query_next(&query)) {
		gint64 size = query_int(&query, 1);
		sum += size;
		print_size(query_text(&query, 0), size, amounts);
	}
	must(query_close(&query, &error), &error);
	print_size("in all", sum, amounts);
}

#endif
