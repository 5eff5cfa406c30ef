/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_RTF_WORDS_H
#define FLAGPOST_WORKER_RTF_WORDS_H
/* rtf-words - what RTF's control words mean to a reader of text; shared by the files rtf*.c. */
#include <glib.h>

/* Where text goes. Those from RTF_FIELD on are gathered and looked at when their group ends. */
enum rtf_out {
	RTF_NONE, /* machinery: tables, pictures */
	RTF_BODY,
	RTF_NOTES, /* beside the body: headers, notes, shapes, properties */
	RTF_HIDDEN,
	RTF_FIELD,  /* a field's instruction */
	RTF_TAG,    /* a tag of encapsulated HTML */
	RTF_LINK,   /* a link target as such */
	RTF_SHAPE,  /* the name of a shape's property */
	RTF_VALUE,  /* and its value: text for some names */
	RTF_CLASS,  /* an object's class */
	RTF_NAME,   /* and name */
	RTF_OBJECT, /* and data in hexadecimal */
	RTF_FONTS,
	RTF_OUTS
};

enum rtf_kind {
	RTF_UNKNOWN,
	RTF_OUT,    /* a destination; value: enum rtf_out */
	RTF_CHAR,   /* stands for a character; value: its code point */
	RTF_IGNORE, /* known, and no destination even behind \* */
	RTF_DO_U,
	RTF_DO_UC,
	RTF_DO_V,
	RTF_DO_DELETED,
	RTF_DO_FS,
	RTF_DO_PLAIN,
	RTF_DO_F,
	RTF_DO_DEFF,
	RTF_DO_CODEPAGE, /* value, or the word's number when that is 0 */
	RTF_DO_FCHARSET,
	RTF_DO_CPG,
	RTF_DO_BIN,
	RTF_DO_FROMHTML,
	RTF_DO_HTMLRTF,
	RTF_DO_NEW_OBJECT,
};

struct rtf_word {
	const char *word;
	enum rtf_kind kind;
	guint value;
};

/* NULL for a word that is not known. */
const struct rtf_word *rtf_words_find(const char *word);
/* The code page of a \fcharset, 0 for "as the document". */
guint rtf_words_codepage(guint font_charset);
/* The label of a code page for charset.h, NULL for an unknown one. */
const char *rtf_words_label(guint codepage);

#endif
