/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_NAMESAKE_H
#define FLAGPOST_RULES_NAMESAKE_H
/*
 * namesake - two addresses that seem to be one person's: anna.berger@corp.example and
 * annaberger82@freemail.example, or "Anna Berger" <ab1982@freemail.example>.
 */
#include <stdbool.h>

#include "mail/address.h"

/*
 * First and last name of one (of its display name, else of what stands before the @) stand in the
 * other, in either order, the first name or the last as a whole word or an initial; or what stands
 * before the @ has the same letters, five and more. Digits, signs, accents and what follows a "+"
 * do not matter; "ue" is "u". The same address, or two of one domain, are none.
 */
bool namesake(const struct address *one, const struct address *other);

#endif
