/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_DATA_H
#define FLAGPOST_RULES_DATA_H
/*
 * data - a data set that rules name: keyed hashes of what is to be recognised, and nothing else of
 * it. Rows of a table (edm.h), or documents (prints.h).
 *
 * A set NAME is data/NAME.edm or data/NAME.prints beside the rules, and data/NAME.key with the key
 * of its hashes, 0600: the one says nothing without the other. The parent reads both once, checks
 * form and digest, and keeps the hashes in a sealed memfd, which all workers map: a million rows
 * are in memory once.
 *
 * The file: a header of 128 bytes with the SHA-256 of all behind it; labels (columns, or names of
 * documents), each ended by a NUL; a number for each label; a filter of bits; a directory by the
 * first bits of a hash; entries, sorted: the last 32 bits of a hash, and whose it is (payload).
 * Numbers stand in the processor's order. A file that does not hold to this is refused as a whole.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/keyed.h"

#define DATA_BYTES_MAX  (512u * 1024 * 1024) /* of one file, and of all in one rule set */
#define DATA_LABELS_MAX 100000
#define DATA_SETS_MAX   100
#define DATA_FOLDER     "data"
#define DATA_KEY_SUFFIX ".key"

enum data_kind { DATA_EDM, DATA_PRINTS };
extern const char *const data_suffixes[]; /* ".edm", ".prints", NULL */

struct data;

/* Reads FOLDER/NAME.edm (or .prints) and its key. NULL after FAULT_DATA, FAULT_CONFIG, FAULT_IO. */
struct data *data_load(const char *folder, const char *name, enum data_kind kind, GError **error);
/* Bytes of such a file, whose digest is known to be right: of a test, or from the parent. */
struct data *data_open(const char *name, GBytes *bytes, const guint8 *key, GError **error);
/* What a worker is handed. fd stays the caller's. */
struct data *data_map(const char *name, int fd, guint64 size, const guint8 *key, GError **error);
struct data *data_ref(struct data *data);
void data_unref(struct data *data);
AUTO_DEFINE(data, data_unref)

const char *data_name(const struct data *data);
enum data_kind data_kind(const struct data *data);
const char *data_digest(const struct data *data); /* 64 hex digits */
gint64 data_made(const struct data *data);        /* microseconds UTC */
guint data_owners(const struct data *data);       /* rows of the table, or documents */
guint data_limit(const struct data *data);        /* a value in more rows than this is left out */
guint data_entries(const struct data *data);
guint data_labels(const struct data *data);
const char *data_label(const struct data *data, guint label);
guint data_total(
    const struct data *data, guint label); /* values of a column, prints of a document */
const struct keyed *data_keyed(const struct data *data);
const guint8 *data_key(const struct data *data);
int data_fd(const struct data *data); /* of the hashes, sealed; -1: not loaded by data_load */
guint64 data_size(const struct data *data);

/* False: nothing was marked with this hash. */
bool data_may(const struct data *data, guint64 hash);
/* The entries of a hash, sorted; *count of them. Their payload is the lower half. */
const guint64 *data_find(const struct data *data, guint64 hash, guint *count);
guint64 data_entry(const struct data *data, guint index);
#define DATA_PAYLOAD(entry) ((guint32)(entry))

/* --- making one --- */

struct data_maker;

struct data_maker *data_maker_new(enum data_kind kind, const guint8 *key);
void data_maker_free(struct data_maker *maker);
AUTO_DEFINE(data_maker, data_maker_free)
void data_maker_add_label(struct data_maker *maker, const char *label); /* printable, not "" */
void data_maker_set_total(struct data_maker *maker, guint label, guint total);
void data_maker_add(struct data_maker *maker, guint64 hash, guint32 payload);
void data_maker_mark(struct data_maker *maker, guint64 hash); /* for data_may */
guint data_maker_entries(const struct data_maker *maker);
const struct keyed *data_maker_keyed(const struct data_maker *maker);

/*
 * Sorts; takes out what has more than limit entries of one hash (0: nothing), and tells of each
 * hash that goes. Equal entries become one.
 */
typedef void data_common(guint64 hash, const guint32 *payloads, guint count, void *user);
void data_maker_sort(struct data_maker *maker, guint limit, data_common *common, void *user);
/* Behind data_maker_sort. NULL when it is larger than DATA_BYTES_MAX. */
GBytes *data_maker_finish(struct data_maker *maker, guint owners, guint limit, GError **error);

/* The key of a set: FOLDER/NAME.key, made when there is none. */
bool data_take_key(const char *folder, const char *name, guint8 key[KEYED_KEY], GError **error);
bool data_read_key(const char *path, guint8 key[KEYED_KEY], GError **error);

#endif
