/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/looks.h"

#include "worker/cache.h"
#include "worker/normalise.h"
#include "worker/wraps.h"

/* Link targets and raw bytes are for machines. */
static bool
is_for_people(const struct text *text)
{
	if (text->component == COMPONENT_HEADERS)
		return g_strcmp0(text->header, "subject") == 0;
	return text->component != COMPONENT_RAW && text->component != COMPONENT_URLS;
}

static void
note_gap(struct scan *scan, const struct text *text, const char *what)
{
	if (text->part != TEXT_NO_PART)
		scan_outcome(scan, text->part, scan->out_of_time ? PART_TIMEOUT : PART_OVER_LIMIT,
		    "%s", what);
	scan_partial(scan);
}

static struct text *
add_like(struct scan *scan, guint origin, char *data, gsize size)
{
	const struct text *text = scan->message->texts->pdata[origin];
	struct text *added =
	    message_add_text(scan->message, text->component, text->header, text->part, data, size);

	added->hidden = text->hidden;
	added->origin = origin;
	return added;
}

/* What a text is to the eye; the index of its twin, or its own. */
static guint
add_normalised(struct scan *scan, guint index)
{
	const struct text *text = scan->message->texts->pdata[index];
	enum normalise_result result = NORMALISE_NO_MEMORY;
	struct normalised twin;

	if (!scan_late(scan) && !cache_get_twin(scan->cache, index, text, &result, &twin)) {
		result = normalise_text(text->data, text->size, &twin);
		cache_put_twin(scan->cache, index, text, result, &twin);
	}
	if (result == NORMALISE_NO_MEMORY)
		note_gap(scan, text, "not looked at a second time, as normalised");
	if (result != NORMALISE_TWIN)
		return index;
	add_like(scan, index, twin.data, twin.size)->offsets = twin.offsets;
	return scan->message->texts->len - 1;
}

static void
add_unwrapped(struct scan *scan, guint index, enum text_wrap wrap)
{
	const struct text *text = scan->message->texts->pdata[index];
	enum wraps_result result = WRAPS_NO_MEMORY;
	struct wrapped wrapped;

	if (!scan_late(scan))
		result = wraps_undo(text->data, text->size, wrap, &wrapped);
	if (result == WRAPS_NO_MEMORY)
		note_gap(scan, text, "not looked at without its line ends");
	if (result != WRAPS_MADE)
		return;
	struct text *added = add_like(scan, index, wrapped.data, wrapped.size);
	added->seams = wrapped.seams;
	added->n_seams = wrapped.n_seams;
	added->wrap = wrap;
}

void
looks_add(struct scan *scan)
{
	const GPtrArray *texts = scan->message->texts;
	guint n_texts = texts->len;

	for (guint i = 0; i < n_texts; i++) {
		const struct text *text = texts->pdata[i];
		if (!is_for_people(text))
			continue;
		guint twin = add_normalised(scan, i);
		/* Lines of other texts are items of a list. */
		if (text->component != COMPONENT_BODY && text->component != COMPONENT_ATTACHMENTS)
			continue;
		add_unwrapped(scan, twin, WRAP_UNDONE);
		add_unwrapped(scan, twin, WRAP_JOINED);
	}
}
