/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_BIFF_H
#define FLAGPOST_WORKER_BIFF_H
/*
 * biff - the records of a workbook's stream (MS-XLS section 2.1.4), one after another, each read by
 * a cursor that goes on in the CONTINUE records behind it. Pure: bytes in, bytes out; what lies
 * beyond the end is 0.
 */
#include <glib.h>
#include <stdbool.h>

struct biff {
	const guint8 *data;
	gsize size;
	gsize start; /* of the record at hand, with its header */
	gsize at;    /* of the cursor */
	gsize end;   /* of the record, or of the CONTINUE record that the cursor is in */
	guint type;
	bool cut; /* the last record is longer than the stream */
};

void biff_init(struct biff *biff, const guint8 *data, gsize size);
bool biff_next(struct biff *biff); /* false at the end */

gsize biff_left(
    const struct biff *biff); /* bytes up to the end of the record, or of its CONTINUE */
/* True when there is another byte; steps into the next CONTINUE record if need be. */
bool biff_more(struct biff *biff);
guint biff_u8(struct biff *biff);
guint biff_u16(struct biff *biff);
guint32 biff_u32(struct biff *biff);
gsize biff_take(struct biff *biff, guint8 *out, gsize size); /* how many there were */
void biff_skip(struct biff *biff, gsize size);

/*
 * Characters of a string of BIFF8 (section 2.5.293): a byte of flags, then 8 or 16 bits each, and
 * after each break another byte of flags; runs of formats and phonetics behind it are skipped.
 */
void biff_unicode(struct biff *biff, guint characters, GString *out);

#endif
