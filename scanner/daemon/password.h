/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_PASSWORD_H
#define FLAGPOST_DAEMON_PASSWORD_H
/*
 * password - whether a new password is good enough to lock what leaves the house. Who has the file
 * may try as many as he likes, so what counts is how many guesses find it (libzxcvbn: words, names,
 * dates, rows of keys, runs and repeats, with digits for letters).
 */
#include <glib.h>

#define PASSWORD_LENGTH   12 /* characters, unless configured */
#define PASSWORD_CLASSES  3  /* of small letters, capitals, digits, all else */
#define PASSWORD_BITS     50 /* two to so many guesses find it */
#define PASSWORD_BITS_MAX 200
#define PASSWORD_DISTINCT 6 /* different characters at least */

struct password_policy {
	guint length, classes;
	guint bits; /* 0: guesses are not counted */
};

/* NULL, or why guesses are not counted by this program. */
const char *password_bits_trouble(void);

/*
 * NULL, or what is wrong with it: a sentence that never quotes it; the caller's. Words of names,
 * which may be NULL, count as known to everybody: the organisation, its domains.
 */
char *password_trouble(
    const char *password, const struct password_policy *policy, const char *const *names);

#endif
