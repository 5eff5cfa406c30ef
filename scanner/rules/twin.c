/* SPDX-License-Identifier: GPL-3.0-or-later */
/* twin - see twin.h. Offsets of a message come from a worker's own readers, and are checked. */
#include "rules/twin.h"

#include <string.h>

#include "rules/token.h"

#define CHAIN_MAX 3 /* a text, its normalised twin, that without line ends */

const struct text *
twin_root(const struct message *message, guint index, guint *root)
{
	const struct text *text = g_ptr_array_index(message->texts, index);

	for (guint i = 0; i < CHAIN_MAX && text_is_twin(text) && text->origin < index; i++) {
		index = text->origin;
		text = g_ptr_array_index(message->texts, index);
	}
	*root = index;
	return text;
}

/* The first seam behind `at`, as an index. */
static guint
seam_behind(const struct text *text, gsize at)
{
	guint low = 0, high = text->n_seams;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (text->seams[middle].at <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_word_at(const struct text *text, gsize at)
{
	gunichar c = g_utf8_get_char(text->data + at);

	return g_unichar_isalnum(c) || g_unichar_ismark(c);
}

/* The word around the joint at `at` lies in the span as a whole. */
static bool
holds_word(const struct text *text, struct span span, gsize at)
{
	gsize start = at, end = at;

	while (start > 0 && at - start <= TWIN_WORD_MAX) {
		gsize left = (gsize)(g_utf8_prev_char(text->data + start) - text->data);
		if (!is_word_at(text, left))
			break;
		start = left;
	}
	while (end < text->size && end - at <= TWIN_WORD_MAX && is_word_at(text, end))
		end = (gsize)(g_utf8_next_char(text->data + end) - text->data);
	return end - start <= TWIN_WORD_MAX && span.start <= start && end <= span.end;
}

/* Some line end that is gone makes the match what it is. */
static bool
spans_seam(const struct text *text, struct span span)
{
	for (guint i = seam_behind(text, span.start); i < text->n_seams; i++) {
		gsize at = text->seams[i].at;
		if (at >= span.end)
			return false;
		char last = text->data[at - 1]; /* a first byte: only ASCII matters */
		if (last == '\n')
			continue;
		if (text->wrap == WRAP_UNDONE ? last != ' ' || at - 1 > span.start
					      : last != ' ' && holds_word(text, span, at))
			return true;
	}
	return false;
}

static bool
has_same_words(const struct text *twin)
{
	for (guint i = 1; i < twin->n_seams; i++) {
		gsize at = twin->seams[i].at;
		if (at == 0 || at > twin->size || twin->data[at - 1] != ' ')
			return false;
	}
	return twin->n_seams > 0 && twin->wrap == WRAP_UNDONE;
}

GArray *
twin_tokens(const struct text *twin, const GArray *below)
{
	guint seam = 0;

	if (!has_same_words(twin))
		return NULL;
	GArray *out = g_array_sized_new(FALSE, FALSE, sizeof(struct token), below->len);
	for (guint i = 0; i < below->len; i++) {
		struct token token = g_array_index(below, struct token, i);
		while (seam + 1 < twin->n_seams && twin->seams[seam + 1].from <= token.offset)
			seam++;
		token.offset = token.offset - twin->seams[seam].from + twin->seams[seam].at;
		g_array_append_val(out, token);
	}
	return out;
}

/* The byte of the text below on which byte `at` of one without line ends stands. */
static gsize
below(const struct text *text, gsize at)
{
	const struct seam *seam = &text->seams[seam_behind(text, at) - 1];

	return seam->from + (at - seam->at);
}

/* The place in the original of a match in its normalised twin; *changed: by other bytes. */
static bool
place_in_original(
    const struct text *twin, const struct text *original, struct span *span, bool *changed)
{
	gsize start = twin->offsets[span->start], last = twin->offsets[span->end - 1];

	if (start > last || last >= original->size)
		return false;
	*changed = last - start != span->end - 1 - span->start ||
		   memcmp(original->data + start, twin->data + span->start, last - start + 1) != 0;
	while (start > 0 && ((guchar)original->data[start] & 0xc0) == 0x80)
		start--;
	do
		last++;
	while (last < original->size && ((guchar)original->data[last] & 0xc0) == 0x80);
	*span = (struct span){ start, last };
	return true;
}

bool
twin_place(const struct message *message, guint index, struct span *span, bool *hidden)
{
	const struct text *text = g_ptr_array_index(message->texts, index);

	*hidden = false;
	if (!text_is_twin(text))
		return true;
	if (span->end <= span->start || span->end > text->size || text->origin >= index)
		return false;
	if (text->seams != NULL) {
		if (text->seams[0].at != 0 || !spans_seam(text, *span))
			return false;
		*hidden = text->wrap == WRAP_JOINED;
		*span = (struct span){ below(text, span->start), below(text, span->end - 1) + 1 };
		text = g_ptr_array_index(message->texts, text->origin);
		if (span->end <= span->start || span->end > text->size)
			return false;
	}
	if (text->offsets == NULL)
		return true;
	bool changed, of_words = g_ptr_array_index(message->texts, index) == text;
	if (text->origin >= message->texts->len ||
	    !place_in_original(
		text, g_ptr_array_index(message->texts, text->origin), span, &changed))
		return false;
	*hidden = *hidden || changed || of_words;
	return true;
}
