/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_FIELDS_H
#define FLAGPOST_MAIL_FIELDS_H
/*
 * fields - the header block of a message, line by line, for what is repeated of it as it stands;
 * what a DKIM-Signature field says of its key (RFC 6376 sections 3.2, 3.5, 3.6.2), and whose name
 * an Authentication-Results field bears (RFC 8601 section 2.2).
 *
 * Nothing is decoded, and nothing here decides anything: a hostile block gives other words, and
 * costs one walk over its bytes.
 */
#include <glib.h>
#include <stdbool.h>

#define FIELDS_NAME_MAX    253 /* bytes of a name in DNS */
#define FIELDS_SIGNERS_MAX 16  /* signatures of one message that are looked at */

/*
 * The field that begins at *from, with its folded lines; *from moves behind it. False at the end of
 * the block. *field points into data.
 */
bool fields_next(const char *data, gsize size, gsize *from, const char **field, gsize *length);
bool fields_is(const char *field, gsize length, const char *name);

/* Who holds the key of a signature: lower case, a name each; both "" when the field names none. */
struct fields_signer {
	char selector[FIELDS_NAME_MAX + 1], domain[FIELDS_NAME_MAX + 1];
};
void fields_signer(const char *field, gsize length, struct fields_signer *out);
/* Of struct fields_signer, one for each of the first FIELDS_SIGNERS_MAX signatures. *more: there
 * are further ones. */
GArray *fields_signers(const char *data, gsize size, bool *more);
/* "selector._domainkey.domain"; the caller's. */
char *fields_key_name(const char *selector, const char *domain);

/*
 * The server in whose name an Authentication-Results field is written, lower case: which anybody
 * may write. False, and out "", when the field names none, or names it in another way than servers
 * do (in quotes, with remarks or blanks): who takes forged fields away may not know it then.
 */
bool fields_results_server(const char *field, gsize length, char out[FIELDS_NAME_MAX + 1]);

#endif
