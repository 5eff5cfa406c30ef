/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_LIMITS_H
#define FLAGPOST_BASE_LIMITS_H
/*
 * limits - every ceiling on hostile input, with its name and default.
 *
 * Each is a key of [limits] in flagpost.ini under the name of its field. What lies beyond a
 * limit is never clean: it is recorded as over-limit and makes its message partial at least.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/ini.h"

struct limits {
	guint64 message;             /* bytes of one message taken from a server; 100M */
	guint64 unpacked;            /* bytes decoded and unpacked from one message; 400M */
	guint64 text;                /* bytes of UTF-8 text looked at in one part; 8M */
	guint64 text_message;        /* bytes of UTF-8 text looked at in one message; 24M */
	guint64 header;              /* bytes of one header block; 256k */
	guint64 headers;             /* header lines in one block; 2,000 */
	guint64 addresses;           /* addresses of one message; 10,000 */
	guint64 parts;               /* parts of one message, members of archives included; 1,000 */
	guint64 depth;               /* nesting of multiparts, messages and archives; 16 */
	guint64 archives;            /* archives within one another; 8 */
	guint64 readings;            /* further readings of a message of ambiguous form; 8 */
	guint64 members;             /* members of one archive; 10,000 */
	guint64 ratio;               /* unpacked to packed, above 10M unpacked; 200 */
	guint64 pixels;              /* of one picture that is read for text; 40,000,000 */
	guint64 object;              /* bytes of one object that lies in memory to be read; 64M */
	guint64 hits;                /* hits recorded for one rule in one message; 50 */
	guint64 seconds_per_message; /* wall time in a worker; 10 s */
	guint64 seconds_per_part;    /* wall time for it and its members; 6 s */
	guint64 seconds_per_picture; /* wall time for its text, within the message's; 5 s */
	guint64 messages_per_worker; /* before it is replaced; 1,000 */
	guint64 worker_memory;       /* address space of a worker; 1G */
	guint64 seconds_to_connect;  /* TCP, TLS and login to a mail server together; 30 s */
	guint64 seconds_of_silence;  /* without a byte from a mail server that owes us one; 60 s */
	guint64 seconds_of_trickle;  /* in which such a server must send 64 KiB; 1,800 s */
	guint64 connections_at_once; /* accounts whose passes are under way; 64 */
	guint64 connections_per_server; /* at once, over all accounts; 1,000 */
	guint64 index;  /* bytes of words of one message that the search knows; 1M */
	guint64 cache;  /* bytes of readings that a worker keeps for parts seen again; 32M */
	guint64 import; /* bytes that an archive may unpack to when it is imported; 64G */
	guint64 directory_entries;     /* looked at for one group of a directory; 100,000 */
	guint64 directory_bytes;       /* of addresses of one group; 16M */
	guint64 seconds_per_directory; /* for one group; 120 s */
	guint64 dkim_names;            /* keys asked for at one time; 1,000 */
	guint64 seconds_per_dkim;      /* for all of these; 60 s */
};

/* What a setting is counted in. */
enum limit_unit { LIMIT_BYTES, LIMIT_COUNT, LIMIT_SECONDS };

/* One row a field: reader, `check`, the manual and the wire all use this table. */
struct limit_row {
	const char *key;
	gsize offset; /* of a guint64 in struct limits */
	enum limit_unit unit;
	guint64 fallback, min, max;
	const char *help;
};

extern const struct limit_row limit_rows[]; /* ends with a NULL key */

void limits_default(struct limits *limits);
guint64 *limits_field(struct limits *limits, const struct limit_row *row);
GVariant *limits_put(const struct limits *limits); /* "a{st}"; floating */
/*
 * Unknown keys, keys twice and values out of range are FAULT_DATA, and *out stays as it was.
 * What is not there is at its default.
 */
bool limits_get(GVariant *variant, struct limits *out, GError **error);

/*
 * Defaults first, then what [limits] says; section NULL: there is none. Sizes are written as
 * 100M, counts and seconds as plain numbers. False after problems with any of its keys.
 */
bool limits_load(
    const struct ini_section *section, struct limits *limits, struct problems *problems);

#endif
