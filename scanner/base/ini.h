/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_INI_H
#define FLAGPOST_BASE_INI_H
/*
 * ini - INI files in the safe subset of DESIGN section 6, with positions.
 *
 * iniparser cuts, merges or overwrites what lies outside that subset without a word. So the
 * raw lines are walked first and everything outside is refused with file:line:column and the
 * mend; then iniparser loads the same bytes, and every value is compared byte for byte.
 *
 *	ini_read -> ini_parse -> ini_section, ini_get, typed getters -> ini_free
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/problem.h"

#define INI_LINE_MAX    1000          /* bytes of one line; iniparser's own limit is 1,022 */
#define INI_FILE_MAX    (1024 * 1024) /* bytes of one file */
#define INI_NAME_MAX    200           /* bytes of a section's or key's name */
#define INI_ENTRIES_MAX 20000 /* sections and keys in one file; iniparser's look-up is linear */

struct ini_entry {
	char *key;
	char *value;
	guint line;
	guint column; /* of the value's first byte, from 1 */
};

struct ini_section {
	const struct ini *ini; /* borrowed */
	char *name;            /* "content.codename" */
	guint line;
	GPtrArray *entries; /* of struct ini_entry, in file order */
	GHashTable *index;  /* key -> struct ini_entry; use ini_entry() */
};

struct ini;

/*
 * Reads a regular file of at most INI_FILE_MAX bytes. Follows links; refuses directories.
 * FAULT_CONFIG with the path in the text; FAULT_DENIED when the file must not be read.
 */
GBytes *ini_read(const char *path, GError **error);

/*
 * Parses text; name is what problems and positions call the file. Returns NULL when the text
 * is outside the subset or iniparser reads it differently; the problems say why. An empty
 * file gives an ini without sections.
 */
struct ini *ini_parse(const char *name, GBytes *text, struct problems *problems);
void ini_free(struct ini *ini);
AUTO_DEFINE(ini, ini_free)

const char *ini_name(const struct ini *ini);
const GPtrArray *ini_sections(const struct ini *ini); /* of struct ini_section, in file order */
const struct ini_section *ini_section(const struct ini *ini, const char *name); /* or NULL */

const struct ini_entry *ini_entry(const struct ini_section *section, const char *key); /* or NULL */
const char *ini_get(const struct ini_section *section, const char *key);               /* or NULL */

/* The line as it was read, without its end; empty behind the last. Owned by the caller. */
char *ini_line(const struct ini *ini, guint line);

/*
 * Adds an error or a warning at an entry's value (offset in bytes into it) or, without an
 * entry, at the section. For the file as a whole there is problems_add with ini_name.
 */
void ini_problem(const struct ini_section *section, const struct ini_entry *entry, gsize offset,
    struct problems *problems, const char *mend, const char *format, ...) G_GNUC_PRINTF(6, 7);
void ini_warning(const struct ini_section *section, const struct ini_entry *entry,
    struct problems *problems, const char *mend, const char *format, ...) G_GNUC_PRINTF(5, 6);

/*
 * Reports every key that is not among the NULL-terminated known ones, with "did you mean". A
 * known name that ends in ".*" stands for numbered or named keys: "pattern.*".
 */
void ini_check_keys(
    const struct ini_section *section, const char *const *known, struct problems *problems);

/*
 * Strict converters. Each returns true and sets *out when the key is there and right; false
 * and leaves *out alone when it is absent; false after a problem when it is wrong.
 *	bool      yes, no
 *	uint      decimal digits within [min, max]
 *	size      digits with an optional k, M, G (powers of 1024) within [min, max], in bytes
 *	duration  digits with s, m, h, d (a bare number is refused) within [min, max], in seconds
 *	list      comma separated, edges trimmed; empty items are problems; *out owned by the caller
 *	date      YYYY-MM-DD, checked against the calendar; *out is a day number (g_date_get_julian)
 */
bool ini_bool(
    const struct ini_section *section, const char *key, bool *out, struct problems *problems);
bool ini_uint(const struct ini_section *section, const char *key, guint64 min, guint64 max,
    guint64 *out, struct problems *problems);
bool ini_size(const struct ini_section *section, const char *key, guint64 min, guint64 max,
    guint64 *out, struct problems *problems);
bool ini_duration(const struct ini_section *section, const char *key, guint64 min, guint64 max,
    guint64 *out, struct problems *problems);
bool ini_list(
    const struct ini_section *section, const char *key, GStrv *out, struct problems *problems);
bool ini_date(
    const struct ini_section *section, const char *key, guint32 *out, struct problems *problems);

/* The index of the value among the NULL-terminated words; true when found. */
bool ini_choice(const struct ini_section *section, const char *key, const char *const *words,
    guint *out, struct problems *problems);

#endif
