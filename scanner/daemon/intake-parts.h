/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_INTAKE_PARTS_H
#define FLAGPOST_DAEMON_INTAKE_PARTS_H
/*
 * intake-parts - what the files of intake share; nobody else includes it.
 */
#include "daemon/history.h"
#include "daemon/intake.h"
#include "daemon/sampling.h"

struct item {
	struct intake *intake;
	struct fetch_event event;
	bool checked; /* all before it are; messages: looked up whether the Message-ID is reused */
	bool ready;   /* nothing is awaited any more: it can be recorded */
	gint64 seen;
	gint64 begun; /* a folder's end: when its pass began; 0: unknown */
	char *sha256;
	struct verdict *verdict;
	struct verdict *supposed; /* of a draft: the verdict should it vanish unsent; else NULL */
	const struct account *account; /* borrowed from the configuration */
	struct history_found found;    /* what earlier mail says of it */
	bool ours;                     /* its very bytes: no rule is asked, nobody looks */
	char *message_id;              /* of the first verdict; NULL before it is checked */
};

struct intake {
	struct intake_setup setup;
	GQueue items;              /* of struct item, in order of arrival */
	GList *unchecked;          /* the first one that is not checked; NULL: none */
	GHashTable *begun;         /* "account\nfolder" -> gint64 *: folders under way */
	GHashTable *message_ids;   /* of items checked and not recorded -> digest, SEVERAL */
	struct sampling *sampling; /* NULL: nothing is drawn */
	struct history *history;   /* NULL: no rule asks, or not opened yet */
	guint under_way;           /* accounts whose end is awaited */
	guint timer;
	GError *error;
};

/* What the pass shows of an account; NULL: it is of an account that is not shown. */
struct pass_account *intake_row(struct intake *intake, const char *account);
/* An item that was committed. */
void intake_count(struct intake *intake, const struct item *item);

/* Records one item, which must be ready, in the open batch. */
bool intake_record(struct intake *intake, struct item *item, GError **error);

#endif
