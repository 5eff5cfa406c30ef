/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_RTF_SINK_H
#define FLAGPOST_WORKER_RTF_SINK_H
/*
 * rtf-sink - bytes of many code pages, and characters, into the texts of an RTF document; used by
 * rtf.c alone. Neighbouring bytes of one text and code page are decoded together, so that two-byte
 * characters stay whole whatever way each byte is written.
 */
#include <glib.h>

#include "worker/charset.h"
#include "worker/rtf-words.h"

struct rtf_sink {
	struct charset *charset; /* borrowed */
	gsize text_max;          /* bytes of each text that is looked at */
	GString *outs[RTF_OUTS];
	guint facts;     /* enum rtf_fact of rtf.h */
	GByteArray *run; /* bytes not yet decoded */
	enum rtf_out run_out;
	guint run_codepage;
	enum rtf_out last_out;
};

void rtf_sink_init(struct rtf_sink *sink, struct charset *charset, gsize text_max);
void rtf_sink_clear(struct rtf_sink *sink);

void rtf_sink_byte(struct rtf_sink *sink, guint8 byte, enum rtf_out out, guint codepage);
void rtf_sink_char(struct rtf_sink *sink, gunichar c, enum rtf_out out);
/* Before a text is looked at. */
void rtf_sink_flush(struct rtf_sink *sink);

#endif
