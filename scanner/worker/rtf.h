/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_RTF_H
#define FLAGPOST_WORKER_RTF_H
/*
 * rtf - Rich Text Format (specification 1.9.1) into the text that people see, the text that they do
 * not, link targets and embedded objects. Pure: bytes in by pieces of any size, strings out.
 *
 * Lax where Word is: any control word may be unknown, braces may be missing or too many. RTF that
 * encapsulates HTML (MS-OXRTFEX) gives the HTML's text and the targets in its tags.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "worker/charset.h"

#define RTF_DEPTH_MAX 2000 /* groups; what is deeper is read as if it stood at that depth */

enum rtf_fact {
	RTF_TEXT_CUT = 1 << 0,   /* more text than text_max, or more of a field or tag than 64 KB */
	RTF_OBJECT_CUT = 1 << 1, /* an object larger than object_max: none of it is handed out */
	RTF_TOO_DEEP = 1 << 2,
	RTF_BROKEN = 1 << 3,    /* \bin counts more bytes than there are */
	RTF_UNEVEN = 1 << 4,    /* braces missing or too many, or characters that no charset has */
	RTF_INVISIBLE = 1 << 5, /* text made invisible by \v or a size below 1 pt and a half */
	RTF_UNKNOWN_CODEPAGE = 1 << 6, /* read as windows-1252 */
};

struct rtf_result {
	GString *text;   /* body, then headers, notes, comments, shapes, properties */
	GString *hidden; /* invisible and deleted text, unknown destinations, field instructions */
	GString *urls;   /* one a line */
	guint facts;     /* enum rtf_fact */
};

/*
 * An object's bytes (OLE 1.0 by rights, see ole1.h), its class and name as the RTF around says, ""
 * where it does not. False: no more objects are wanted.
 */
typedef bool rtf_object(
    void *data, const char *class_name, const char *name, const guint8 *bytes, gsize size);

struct rtf;

/* charset is borrowed. on_object may be NULL. */
struct rtf *rtf_new(
    struct charset *charset, gsize text_max, gsize object_max, rtf_object *on_object, void *data);
void rtf_add(struct rtf *rtf, const guint8 *bytes, gsize size);
/* After the last byte. The strings are the caller's. */
void rtf_end(struct rtf *rtf, struct rtf_result *result);
void rtf_free(struct rtf *rtf);
AUTO_DEFINE(rtf, rtf_free)

#endif
