/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_OFFICE_PARTS_H
#define FLAGPOST_WORKER_OFFICE_PARTS_H
/*
 * office-parts - what the files of office share; nobody else includes it.
 */
#include "worker/markup.h"
#include "worker/office.h"

#define OFFICE_COLUMNS  16384
#define OFFICE_NAME_MAX 32

enum office_cell { CELL_NONE, CELL_NUMBER, CELL_SHARED, CELL_TEXT };

struct office {
	GString *texts[OFFICE_STREAMS];
	GString *urls;
	gsize max;
	/* Of a workbook. */
	GHashTable *sheets;  /* rid -> NULL, of those that are hidden */
	GHashTable *targets; /* rid -> member */
	GHashTable *hidden;  /* members that are hidden as a whole */
	GString *shared;     /* shared strings, one behind the other */
	GArray *starts;      /* of gsize: where each begins */
	GByteArray *used;    /* of each: was it seen in a cell? */
	GPtrArray *binaries; /* of GString */
	GHashTable *common;  /* styles of all members, of office-style.c, by name */
	bool default_hidden; /* paragraphs of no style are not shown */
	/* Of the member at hand. */
	struct markup *markup;
	GHashTable *styles;         /* of office-style.c, by name */
	char *style;                /* the one being defined */
	char *author;               /* told last */
	GString *field;             /* instructions of a field */
	GString *value;             /* of a cell */
	char name[OFFICE_NAME_MAX]; /* of the element whose text comes; "": none */
	guint depth;
	guint hidden_at, told_at, marks_at, common_at; /* depths; 0: none */
	gsize told_from;                               /* where a fallback's text begins */
	gsize cell_from;
	enum office_stream cell_to;
	enum office_cell cell;
	guint column, columns_said;
	guint8 columns[OFFICE_COLUMNS / 8];
	bool all, told, skipped; /* the whole member is hidden, told, or not for people */
	bool first;              /* shared strings: kept */
	bool relations;
	bool run_hidden, row_hidden, cell_hidden;
	bool paragraph_hidden; /* its runs are not shown, unless they say so */
	bool style_is_default; /* the one being defined is that of paragraphs without one */
	bool spoke;            /* text came since the last tag */
	bool over;
};

/* The attributes of one element, as libxml2 has them. */
struct office_attributes {
	const xmlChar **all;
	gsize n;
};

/* A copy of its value, or NULL. */
char *office_attribute(const struct office_attributes *attributes, const char *name);
bool office_attribute_is(
    const struct office_attributes *attributes, const char *name, const char *const *values);

enum office_stream office_target(const struct office *office);
void office_break(struct office *office, enum office_stream to, char sign);
void office_line(struct office *office, enum office_stream to, const char *text);
void office_add(struct office *office, enum office_stream to, const char *text, gsize size);

/* office-sheet.c: cells, rows, columns and sheets. True when the element is one of theirs. */
bool office_sheet_start(
    struct office *office, const char *name, const struct office_attributes *attributes);
void office_sheet_end(struct office *office, const char *name);

/* office-style.c: what properties and styles hide. Tables of styles are its own. */
GHashTable *office_styles_new(void);
void office_style_begin(struct office *office); /* a member */
void office_style_start(
    struct office *office, const char *name, const struct office_attributes *attributes);
void office_style_end(struct office *office, const char *name);
bool office_style_hides(const struct office *office, const char *name);

/* office-told.c: attributes that people wrote. */
void office_tell(
    struct office *office, const char *name, const struct office_attributes *attributes);

#endif
