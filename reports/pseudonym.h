/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_PSEUDONYM_H
#define FLAGPOST_REPORTS_PSEUDONYM_H
/*
 * pseudonym - a report in which nobody of the organisation is named: "Person K4F2-M7QX" stands for
 * an address, the same for the same one in all reports of a calendar month.
 *
 * Names are HMAC-SHA-256 over month and address, under a key of the data folder: who has not the
 * key can neither turn one back nor try addresses. Which address each stands for is written to a
 * sealed table, encrypted with another part of that key. What may name somebody and is no address
 * (a subject, a file's name, a folder, a note) is hidden as a whole; contexts of matches are left
 * out, and a match with a letter is starred. All forms of a report get their rows from here.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/review.h"
#include "store/view-report.h"

#define PSEUDONYM_KEY_FILE "pseudonyms.key" /* in the data folder, 0600 */
#define PSEUDONYM_HIDDEN   "(hidden)"
#define PSEUDONYM_LENGTH   8 /* letters and digits of a name */

struct pseudonyms;

/* month: "2026-11". Reads all own people of the view; own_domains must not be empty
 * (FAULT_CONFIG). The key is made when there is none. */
struct pseudonyms *pseudonyms_new(struct view *view, const char *data_dir,
    const char *const *own_domains, const char *month, GError **error);
void pseudonyms_free(struct pseudonyms *pseudonyms);
AUTO_DEFINE(pseudonyms, pseudonyms_free)

/* Newly allocated: a name for an address of one's own, else the address, unless it may name
 * somebody. */
char *pseudonyms_address(struct pseudonyms *pseudonyms, const char *address);
/* A login, or "anna as chief". */
char *pseudonyms_login(struct pseudonyms *pseudonyms, const char *login);
/* "Account K4F2-M7QX" for one that may be somebody's. */
char *pseudonyms_account(struct pseudonyms *pseudonyms, const char *name);
/* Text that people wrote: as it is, or hidden. */
char *pseudonyms_text(struct pseudonyms *pseudonyms, const char *text);

/* Whom the view does not name, and accounts, of which those are somebody's that are of a list of
 * mailboxes or whose user is an address of one's own. */
void pseudonyms_know(struct pseudonyms *pseudonyms, const char *name, const char *address);
void pseudonyms_know_account(struct pseudonyms *pseudonyms, const char *name, const char *user);

/* Rows as they come from the view; what they share with others is copied. mask: of subjects, as in
 * reports/quote.h, since the matches are gone afterwards. */
void pseudonyms_put_flag(struct pseudonyms *pseudonyms, struct view_flag *row, int mask);
void pseudonyms_put_gap(struct pseudonyms *pseudonyms, struct view_gap *gap);
void pseudonyms_put_message(struct pseudonyms *pseudonyms, struct view_message **message);

/* The sealed table of all names that were given so far. */
GBytes *pseudonyms_seal(struct pseudonyms *pseudonyms, GError **error);
/* A sealed table in clear, "NAME TAB ADDRESS LF" in order; *month: its month. FAULT_DATA for what
 * is none of ours or was altered. */
char *pseudonyms_unseal(const char *data_dir, GBytes *sealed, char **month, GError **error);

#endif
