/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of forms, and the one way in which each is put out: the same rows from the same query,
 * piece by piece.
 */
#include "reports/emit.h"
#include "reports/pseudonym.h"
#include "reports/quote.h"

#include <string.h>

#define PIECE (64 * 1024) /* bytes that are handed on at a time */

static const struct emitter *const emitters[] = { &emit_html, &emit_csv, &emit_json, &emit_jsonl,
	&emit_text, &emit_ecs, &emit_ocsf, &emit_cef, &emit_prometheus };

const char *const report_formats[] = { "html", "csv", "json", "jsonl", "text", "ecs", "ocsf", "cef",
	"prometheus", NULL };

const struct emitter *
emit_find(const char *format)
{
	for (gsize i = 0; i < G_N_ELEMENTS(emitters); i++) {
		if (strcmp(emitters[i]->name, format) == 0)
			return emitters[i];
	}
	return NULL;
}

bool
report_wants_page(const char *const *formats)
{
	for (gsize i = 0; formats[i] != NULL; i++) {
		const struct emitter *emitter = emit_find(formats[i]);
		/* The text asks whether there are any. */
		if (emitter != NULL && (emitter->row == NULL || emitter == &emit_text))
			return true;
	}
	return false;
}

const struct quoter *
emit_quoter(const struct report *report, const struct view_flag *row)
{
	*report->quoter = quoter_next(*report->quoter, row->flag, report_mask(report));
	return *report->quoter;
}

struct stream {
	const struct report *report;
	const struct emitter *emitter;
	report_sink *sink;
	gpointer data;
	GString *piece;
	guint64 gaps, rows;
};

static bool
flush(struct stream *stream, gsize least, GError **error)
{
	if (stream->piece->len < least)
		return true;
	bool right = stream->sink(stream->piece->str, stream->piece->len, stream->data, error);
	g_string_truncate(stream->piece, 0);
	return right;
}

static bool
put_row(struct view_flag *row, gpointer data, GError **error)
{
	struct stream *stream = data;

	if (stream->report->pseudonyms != NULL)
		pseudonyms_put_flag(stream->report->pseudonyms, row, report_mask(stream->report));
	stream->emitter->row(stream->report, row, stream->rows++, stream->piece);
	view_flag_free(row);
	return flush(stream, PIECE, error);
}

static bool
put_gap(struct view_gap *gap, gpointer data, GError **error)
{
	struct stream *stream = data;

	if (stream->report->pseudonyms != NULL)
		pseudonyms_put_gap(stream->report->pseudonyms, gap);
	stream->emitter->gap(stream->report, gap, stream->gaps++, stream->piece);
	view_gap_free(gap);
	return flush(stream, PIECE, error);
}

static bool
put_gaps(struct stream *stream, GError **error)
{
	const struct report *report = stream->report;

	if (stream->emitter->gap == NULL)
		return true;
	if (report->view != NULL &&
	    !view_gaps_each(report->view, report->from, report->to, put_gap, stream, error))
		return false;
	for (guint i = 0; report->view == NULL && i < report->gaps->len; i++)
		stream->emitter->gap(
		    report, g_ptr_array_index(report->gaps, i), stream->gaps++, stream->piece);
	stream->emitter->between(report, stream->piece);
	return true;
}

static bool
put_rows(struct stream *stream, GError **error)
{
	const struct report *report = stream->report;

	if (stream->emitter->row == NULL)
		return true;
	if (report->view != NULL)
		return view_flags_each(report->view, &report->which, put_row, stream, error);
	for (guint i = 0; i < report->flags->len; i++) {
		stream->emitter->row(
		    report, g_ptr_array_index(report->flags, i), stream->rows++, stream->piece);
		if (!flush(stream, PIECE, error))
			return false;
	}
	return true;
}

bool
report_stream(const struct report *report, const char *format, report_sink *sink, gpointer data,
    GError **error)
{
	struct quoter *quoter = NULL;
	struct report shown = *report;
	struct stream stream = { &shown, emit_find(format), sink, data, g_string_new(NULL), 0, 0 };

	shown.quoter = &quoter;
	if (stream.emitter == NULL)
		stream.emitter = &emit_text;
	stream.emitter->begin(&shown, stream.piece);
	bool right = put_gaps(&stream, error) && put_rows(&stream, error);
	if (right && stream.emitter->end != NULL)
		stream.emitter->end(&shown, stream.piece);
	right = right && flush(&stream, 1, error);
	g_string_free(stream.piece, TRUE);
	quoter_free(quoter);
	return right;
}

GString *
report_line(const char *format, const char *organisation, const struct view_flag *row)
{
	struct quoter *quoter = NULL;
	const struct report report = { .organisation = (char *)organisation, .quoter = &quoter };
	const struct emitter *emitter = emit_find(format);
	GString *out = g_string_new(NULL);

	if (emitter != NULL && emitter->row != NULL)
		emitter->row(&report, row, 0, out);
	quoter_free(quoter);
	return out;
}

static bool
append(const char *text, gsize size, gpointer data, GError **error)
{
	g_string_append_len(data, text, (gssize)size);
	(void)error;
	return true;
}

GString *
report_render(const struct report *report, const char *format, GError **error)
{
	GString *out = g_string_new(NULL);

	if (report_stream(report, format, append, out, error))
		return out;
	g_string_free(out, TRUE);
	return NULL;
}
