/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Read line by line with one line of foresight. A line may be a gigabyte long, so lines come in
 * pieces of bounded size; only the first piece of a line can be a separator.
 */
#include "mail/mbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "mail/from-line.h"

#define PIECE_MAX 8192

struct piece {
	char data[PIECE_MAX + 1]; /* with a NUL behind it, for the tests of a header or date */
	gsize size;
	bool begins; /* the first piece of a line */
};

struct mbox {
	FILE *file;
	guint64 max_bytes;
	const char *spool_folder;
	struct piece now, next;
	bool has_now, has_next;
	bool middle;    /* the last piece read did not end its line */
	bool undated;   /* the file's separators carry no date that we know */
	bool at_start;  /* nothing was handed out yet */
	GString *blank; /* an empty line held back: it belongs to the separator if one follows */
};

struct mbox *
mbox_new(int fd, guint64 max_bytes, const char *spool_folder)
{
	struct mbox *mbox = g_new0(struct mbox, 1);

	mbox->file = fdopen(fd, "r");
	if (mbox->file == NULL)
		close(fd);
	mbox->max_bytes = max_bytes;
	mbox->spool_folder = spool_folder;
	mbox->at_start = true;
	mbox->blank = g_string_new(NULL);
	return mbox;
}

void
mbox_free(struct mbox *mbox)
{
	if (mbox == NULL)
		return;
	if (mbox->file != NULL)
		fclose(mbox->file);
	g_string_free(mbox->blank, TRUE);
	g_free(mbox);
}

static bool
read_piece(struct mbox *mbox, struct piece *out)
{
	int c = EOF;

	out->size = 0;
	out->begins = !mbox->middle;
	while (out->size < PIECE_MAX && (c = getc_unlocked(mbox->file)) != EOF) {
		out->data[out->size++] = (char)c;
		if (c == '\n')
			break;
	}
	out->data[out->size] = '\0';
	mbox->middle = c != '\n';
	return out->size > 0;
}

/* Moves one piece on: next becomes now. False at the end of the file. */
static bool
advance(struct mbox *mbox)
{
	if (mbox->has_next)
		mbox->now = mbox->next;
	mbox->has_now = mbox->has_next;
	mbox->has_next = read_piece(mbox, &mbox->next);
	return mbox->has_now;
}

static bool
begins_with(const struct piece *piece, const char *prefix)
{
	gsize length = strlen(prefix);

	return piece->begins && piece->size >= length && memcmp(piece->data, prefix, length) == 0;
}

static bool
is_blank(const struct piece *piece)
{
	return piece->begins &&
	       (strcmp(piece->data, "\n") == 0 || strcmp(piece->data, "\r\n") == 0);
}

/* Whether the piece in `now` begins a message. after_blank: the line before it is empty. */
static bool
is_separator(const struct mbox *mbox, bool after_blank)
{
	if (!begins_with(&mbox->now, "From ") || !after_blank)
		return false;
	const struct piece *next = &mbox->next;
	if (!mbox->has_next || !next->begins || !from_line_is_header(next->data, next->size))
		return false;
	return mbox->undated || from_line_is_dated(mbox->now.data);
}

/* Bytes over the limit are counted and dropped: the message is reported, not kept. */
static bool
append(struct mbox *mbox, struct io_spool *spool, guint64 *size, const char *data, gsize n,
    GError **error)
{
	bool fits = *size + n <= mbox->max_bytes;

	*size += n;
	return !fits || io_spool_write(spool, data, n, error);
}

/* Copies lines until the next separator stands in `now`, or the file ends. */
static bool
copy_message(struct mbox *mbox, struct io_spool *spool, guint64 *size, GError **error)
{
	bool after_blank = false;

	g_string_truncate(mbox->blank, 0);
	while (advance(mbox)) {
		struct piece *piece = &mbox->now;
		if (is_separator(mbox, after_blank))
			return true;
		if (mbox->blank->len > 0 &&
		    !append(mbox, spool, size, mbox->blank->str, mbox->blank->len, error))
			return false;
		g_string_truncate(mbox->blank, 0);
		after_blank = is_blank(piece);
		gsize quote = piece->begins ? from_line_quote(piece->data, piece->size) : 0;
		if (after_blank)
			g_string_append_len(mbox->blank, piece->data, (gssize)piece->size);
		else if (!append(
			     mbox, spool, size, piece->data + quote, piece->size - quote, error))
			return false;
	}
	/* The empty line that ends the file is the mbox's, not the message's. */
	return true;
}

/* Steps over the rest of the separator line. */
static void
skip_separator(struct mbox *mbox)
{
	while (mbox->has_next && !mbox->next.begins)
		advance(mbox);
}

bool
mbox_next(struct mbox *mbox, int *fd, guint64 *size, GError **error)
{
	*fd = -1;
	*size = 0;
	if (mbox->file == NULL) {
		g_set_error(error, FAULT, FAULT_IO, "mbox: %s", g_strerror(ENOMEM));
		return false;
	}
	if (mbox->at_start) {
		mbox->has_next = read_piece(mbox, &mbox->next);
		advance(mbox);
		mbox->undated = mbox->has_now && !from_line_is_dated(mbox->now.data);
		mbox->at_start = false;
	}
	if (!mbox->has_now)
		return false;
	skip_separator(mbox);
	struct io_spool *spool = io_spool_new(mbox->spool_folder);
	bool ok = copy_message(mbox, spool, size, error);
	if (ok && ferror(mbox->file)) {
		fault_errno(error, "mbox");
		ok = false;
	}
	if (ok && *size <= mbox->max_bytes) {
		*fd = io_spool_finish(&spool, error);
		ok = *fd >= 0;
	}
	io_spool_free(spool);
	if (!ok)
		mbox->has_now = false;
	return ok;
}
