/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_SOURCES_H
#define FLAGPOST_RULES_SOURCES_H
/*
 * sources - the files that make a rule set, read once, as bytes.
 *
 * The parent reads them, computes one digest over them and hands the same bytes to every
 * worker, so that all judge by the same text. Nothing is compiled here.
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "base/problem.h"
#include "rules/data.h"

#define SOURCES_FILES_MAX  20000
#define SOURCES_BYTES_MAX  (64u * 1024 * 1024)
#define SOURCES_FILES_TYPE "a(ssssay)" /* kind, name, path, text, or bytes that are none */
#define SOURCES_TYPE       "(" SOURCES_FILES_TYPE "a(sas)asb)"
#define SOURCES_PACKS      "packs/" /* before the names of files that came with a pack */
#define SOURCES_PACK_MAX   64       /* bytes of a pack's name */

enum source_kind { SOURCE_RULE, SOURCE_LIST }; /* words on the wire: "rule", "list" */

struct source {
	enum source_kind kind;
	char *name;   /* rule: "40-x.ini", "packs/cards/10-x.ini"; list: NAME of lists/NAME.txt */
	char *path;   /* for messages and to find what lies beside it */
	GBytes *text; /* exact bytes */
};

struct sources {
	GPtrArray *files;   /* of struct source: rules in name order, then lists in name order */
	GPtrArray *data;    /* of struct data: data/ of rule folders; they go beside the frame */
	GHashTable *groups; /* char * name -> GStrv of addresses */
	GStrv own_domains;  /* lower case */
	/* A rule of a pack whose data set is not there finds nothing and is a warning: every pack
	 * was asked for, and nobody by name. Else it is an error. */
	bool data_may_lack;
	char digest[65];  /* SHA-256 over all of it, hex; set by sources_seal */
	int prefilter_fd; /* bytes of the prefilter that goes with them; -1: none. Not in the digest
			   */
};

struct sources *sources_new(void);
void sources_free(struct sources *sources);
AUTO_DEFINE(sources, sources_free)

/*
 * Adds the *.ini files of a rule folder, those of detectors/ in it, and lists/NAME.txt. A file name
 * that is there already is replaced; an empty file (or a link to /dev/null) masks it. Call for the
 * shipped folder first, then for the administrator's.
 */
bool sources_add_folder(struct sources *sources, const char *folder, struct problems *problems);

/*
 * A pack is a folder of rules that is read only when it is asked for by name: packs/NAME in a rule
 * folder. What it costs when it is not asked for is nothing.
 */
bool sources_add_pack(
    struct sources *sources, const char *folder, const char *pack, struct problems *problems);
bool sources_has_pack(const char *folder, const char *pack);
bool sources_is_pack(const char *pack);       /* lower-case letters, digits, hyphens */
GPtrArray *sources_packs(const char *folder); /* of char *, sorted; empty when it has none */

/* [list.NAME] file = PATH of the configuration. Replaces lists/NAME.txt. */
bool sources_add_list(
    struct sources *sources, const char *name, const char *path, struct problems *problems);
void sources_add_group(struct sources *sources, const char *name, const char *const *addresses);
void sources_set_own_domains(struct sources *sources, const char *const *domains);

/* Replaces one of that kind and name. Takes data. */
void sources_add_data(struct sources *sources, struct data *data);

/* Sorts and computes the digest. No additions after it. */
void sources_seal(struct sources *sources);
const struct source *sources_find(
    const struct sources *sources, enum source_kind kind, const char *name);

/* Without data: a worker maps those, and seals once more. */
GVariant *sources_put(const struct sources *sources);           /* floating; SOURCES_TYPE */
struct sources *sources_get(GVariant *variant, GError **error); /* sealed */

#endif
