/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_ABILITY_H
#define FLAGPOST_FETCHERS_ABILITY_H
/*
 * ability - what this system's libraries cannot do, told before a server is asked.
 */
#include "mail/account.h"

/* A sentence that says what the account wants, cannot have, and how to mend it; NULL: nothing. */
const char *ability_lacking(const struct account *account);

#endif
