/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_QUOTE_H
#define FLAGPOST_REPORTS_QUOTE_H
/*
 * quote - a hit's excerpt in the three pieces that a page shows.
 *
 * Unless clear, the match is masked, as text_mask does it or by a share of its characters; and so
 * is every other match of the same flag, and of all flags of the same message, where it shows up in
 * the context, whole or cut at the excerpt's edge: of two card numbers side by side, neither
 * excerpt gives away the other's, and no row of a mail shows what another row of it hides.
 */
#include "base/auto.h"
#include "mail/verdict.h"

struct quote {
	char *before, *match, *after; /* match is "" where nothing in the excerpt stands out */
};

/* How: QUOTE_CLEAR, QUOTE_MASKED, or percent of each match that are hidden at least, 1 to 100. */
#define QUOTE_CLEAR  (-1)
#define QUOTE_MASKED 0

/* What is to be masked of one flag, gathered once for all its excerpts. */
struct quoter;
struct quoter *quoter_new(const struct flag *flag, int mask);
void quoter_free(struct quoter *quoter);
/* last, where it holds all that is to be masked of this flag too: of a message with hundreds of
 * flags one is made. Else a new one in its place. last may be NULL. */
struct quoter *quoter_next(struct quoter *last, const struct flag *flag, int mask);
AUTO_DEFINE(quoter, quoter_free)
void quoter_hit(const struct quoter *quoter, const struct hit *hit, struct quote *out);
char *quoter_text(const struct quoter *quoter, const struct hit *hit);
char *quoter_subject(const struct quoter *quoter, const char *subject);

/* The same for a single one. */
void quote_hit(const struct flag *flag, const struct hit *hit, int mask, struct quote *out);
void quote_clear(struct quote *quote);

/* The pieces as one text. */
char *quote_text(const struct flag *flag, const struct hit *hit, int mask);

/* The subject; unless clear, what the flags of its message matched is masked as in excerpts. */
char *quote_subject(const struct flag *flag, const char *subject, int mask);

/* The same where no flag is at hand: matches are those of view_matches. */
char *quote_among(GPtrArray *matches, const char *subject, int mask);

/* A text that is to be masked as a whole, as a match is. */
char *quote_mask(const char *text, int mask);

/* Where the hit stands, for people: "attachments: plan.docx (part 1.2)". */
char *quote_where(const struct hit *hit);

#endif
