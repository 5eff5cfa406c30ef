/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_PASSWORD_H
#define FLAGPOST_BASE_PASSWORD_H
/*
 * password - whether a new password is good enough to lock what leaves the house.
 */
#include <glib.h>

#define PASSWORD_LENGTH   12 /* characters, unless configured */
#define PASSWORD_CLASSES  3  /* of small letters, capitals, digits, all else */
#define PASSWORD_DISTINCT 6  /* different characters at least */

/* NULL, or what is wrong with it: a sentence that never quotes it; the caller's. */
char *password_trouble(const char *password, guint length, guint classes);

#endif
