/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_RTF_PARTS_H
#define FLAGPOST_WORKER_RTF_PARTS_H
/*
 * rtf-parts - what the files of the RTF reader share; nobody else includes it.
 */
#include "worker/rtf-sink.h"
#include "worker/rtf.h"

#define RTF_WORD_MAX 32

enum state { IN_TEXT, IN_SIGN, IN_WORD, IN_NUMBER, IN_HEX, IN_BINARY };

enum invisible { BY_V = 1, BY_SIZE = 2, BY_DELETED = 4 };

struct group {
	guint8 out;       /* enum rtf_out */
	guint8 invisible; /* enum invisible */
	bool htmlrtf;     /* not of the HTML that is encapsulated */
	guint16 fallback; /* \uc */
	guint32 codepage; /* 0: the document's */
};

struct rtf {
	gsize object_max;
	rtf_object *on_object;
	void *data;

	struct group *groups; /* RTF_DEPTH_MAX + 1; the first is outside of all */
	guint depth;
	guint64 deeper; /* groups that have no place there */

	enum state state;
	char word[RTF_WORD_MAX + 1];
	gsize word_size;
	bool negative, numbered;
	guint n_digits;
	gint64 number;
	guint hex, n_hex;
	guint64 binary; /* bytes still to come */

	bool star;       /* \* was the last word */
	guint skip;      /* characters that stand for a \u */
	gunichar high;   /* a surrogate that waits for its other half */
	bool html;       /* \fromhtml */
	bool ended;      /* the last brace was closed */
	bool has_value;  /* the shape property at hand is text */
	bool no_objects; /* the caller wants no more */
	bool half;       /* of a byte of an object */
	bool object_cut;
	guint8 object_byte;
	GByteArray *object;

	GHashTable *fonts; /* number + 1 -> code page, or 0 for the document's */
	gint64 font, default_font;
	guint codepage;

	struct rtf_sink sink;
	GString *urls;
};

/* Where text goes that stands here, and whether a reader of the document sees what goes there. */
enum rtf_out rtf_target(const struct rtf *rtf);
bool rtf_is_shown(enum rtf_out out);

/* A byte in the font's code page, a character of Unicode as such, one as \u has it. */
void rtf_text_byte(struct rtf *rtf, guint8 byte);
void rtf_put_char(struct rtf *rtf, gunichar c);
void rtf_unicode(struct rtf *rtf);
/* A byte of an embedded object, not as digits. */
void rtf_object_byte(struct rtf *rtf, guint8 byte);
/* What was gathered for that is whole. */
void rtf_gathered(struct rtf *rtf, enum rtf_out out);

#endif
