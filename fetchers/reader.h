/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_READER_H
#define FLAGPOST_FETCHERS_READER_H
/*
 * reader - the IMAP response reader: bytes in, answers and literals out (RFC 3501 section 7).
 *
 * It may be fed in pieces of any size, cut anywhere. Nothing is allocated by a size that the
 * server announces: a large literal goes to the sink as it arrives, the rest is bounded.
 *
 * An answer reaches the sink as one text without its line end. A literal in it is replaced by
 * a mark (see token.h): with its bytes when the sink did not want them streamed, else without.
 * Bytes of literals are never looked at as protocol.
 */
#include <glib.h>
#include <stdbool.h>

#define READER_ANSWER_MAX (64 * 1024) /* bytes of one answer, streamed literals apart */
#define READER_INLINE_MAX 4096        /* bytes of a literal that stays in the answer */

/* The mark: NUL, one of these, the size as 8 bytes in host order; then the bytes of READER_INLINE.
 */
#define READER_INLINE     'I'
#define READER_STREAMED   'S'
#define READER_MARK_BYTES 10

/* Each returns false with an error to end the dialogue. */
struct reader_sink {
	/* A literal begins behind text. True in *wanted: it is streamed. One that is not wanted
	 * must fit READER_INLINE_MAX. */
	bool (*literal_begin)(
	    void *data, const GString *text, guint64 size, bool *wanted, GError **error);
	bool (*literal)(void *data, const guint8 *bytes, gsize size, GError **error);
	bool (*literal_end)(void *data, GError **error);
	bool (*answer)(void *data, const GString *text, GError **error);
	/* The answer reached READER_ANSWER_MAX: what can be used is taken off, else it is refused.
	 */
	bool (*overlong)(void *data, GString *text, GError **error);
};

struct reader;

/* sink and data must outlive the reader. */
struct reader *reader_new(const struct reader_sink *sink, void *data);
void reader_free(struct reader *reader);

/* False after FAULT_DATA: the stream cannot be followed any more. */
bool reader_feed(struct reader *reader, const guint8 *bytes, gsize size, GError **error);

/* Literals count only from here on: before, the rest of an older line may stand first. */
void reader_synchronised(struct reader *reader);

/* An answer or a literal has begun and not ended. */
bool reader_is_inside(const struct reader *reader);

#endif
