/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_DIRECTORY_INSIDE_H
#define FLAGPOST_FETCHERS_DIRECTORY_INSIDE_H
/*
 * directory-inside - what the files directory*.c share; nobody else includes it.
 */
#include "base/wire.h"
#include "fetchers/directory.h"

/*
 * To the process:   QUESTION, once
 * From the process: MEMBERS (addresses, at most DIRECTORY_BATCH) any number of times; then END (an
 *                   exit code of base/fault.h or 0, why; people, without, away, groups)
 */
enum directory_kind { DIRECTORY_QUESTION, DIRECTORY_MEMBERS, DIRECTORY_END, DIRECTORY_KINDS };

#define DIRECTORY_QUESTION_TYPE "(ssubsssssssasttt)"
#define DIRECTORY_MEMBERS_TYPE  "as"
#define DIRECTORY_END_TYPE      "(ustttt)"
#define DIRECTORY_BATCH         500

#define DIRECTORY_ADDRESS_MAX 320 /* bytes: RFC 3696 section 3 */

extern const struct wire_protocol directory_protocol;

GVariant *directory_put(const struct directory *directory); /* floating */
struct directory *directory_get(GVariant *variant, GError **error);

/* One address of one person. False when a limit is reached, with *error set. */
typedef bool directory_found(const char *address, void *data, GError **error);

/*
 * Asks the server; blocks until the answer is whole. The counts of *sums are filled in, its
 * members are not touched.
 */
bool directory_search(const struct directory *directory, const char *password,
    directory_found *found, void *data, struct directory_answer *sums, GError **error);

#endif
