/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan - see scan.h. Never lets anything be cut without an outcome that says so. */
#include "worker/scan.h"

#include <string.h>

#include "base/text.h"

#define PATH_MAX_BYTES 4096 /* of a part's path; deeper archives repeat long names */
#define WORDS_COUNTED  64   /* enough to know a message that is more than its pictures */

struct part *
scan_part(const struct scan *scan, guint part)
{
	return scan->message->parts->pdata[part];
}

void
scan_partial(struct scan *scan)
{
	if (scan->message->outcome == OUTCOME_SCANNED)
		scan->message->outcome = OUTCOME_PARTIAL;
}

guint
scan_add_part(struct scan *scan, const char *path, guint depth)
{
	GPtrArray *parts = scan->message->parts;

	if (parts->len >= scan->limits->parts) {
		scan->message->facts |= FACT_TOO_MANY_PARTS;
		scan_partial(scan);
		return TEXT_NO_PART;
	}
	gsize size = strlen(path);
	g_autofree char *cut = g_strndup(path, text_cut(path, size, PATH_MAX_BYTES));
	struct part *part = message_add_part(scan->message, cut);
	part->depth = depth;
	return parts->len - 1;
}

void
scan_detail(struct scan *scan, guint index, const char *format, ...)
{
	struct part *part = scan_part(scan, index);
	va_list list;

	va_start(list, format);
	g_free(part->detail);
	part->detail = g_strdup_vprintf(format, list);
	va_end(list);
}

void
scan_outcome(struct scan *scan, guint index, enum part_outcome outcome, const char *format, ...)
{
	struct part *part = scan_part(scan, index);
	va_list list;

	if (part->outcome != PART_READ && part->outcome != PART_NO_TEXT)
		return;
	part->outcome = outcome;
	if (format != NULL) {
		va_start(list, format);
		g_free(part->detail);
		part->detail = g_strdup_vprintf(format, list);
		va_end(list);
	}
	if (outcome != PART_READ && outcome != PART_NO_TEXT)
		scan_partial(scan);
}

gsize
scan_text_room(const struct scan *scan)
{
	guint64 left =
	    scan->limits->text_message > scan->text ? scan->limits->text_message - scan->text : 0;

	return (gsize)MIN(left, scan->limits->text);
}

static void
count_words(struct scan *scan, const char *text)
{
	bool inside = false;

	for (; *text != '\0' && scan->visible < WORDS_COUNTED; text++) {
		bool letter = g_ascii_isalnum(*text) || (guint8)*text >= 0x80;
		scan->visible += letter && !inside;
		inside = letter;
	}
}

struct text *
scan_add_text(struct scan *scan, enum component component, guint part, char *text, gsize size)
{
	gsize room = scan_text_room(scan);

	if (size > room) {
		/* Whoever decoded it stopped at the limit of a part. */
		if (part != TEXT_NO_PART && size <= scan->limits->text)
			scan_outcome(scan, part, PART_OVER_LIMIT,
			    "more text than is looked at: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
			    " bytes of it",
			    room, size);
		size = text_cut(text, size, room);
		text[size] = '\0';
		if (part != TEXT_NO_PART)
			scan_outcome(scan, part, PART_OVER_LIMIT, "more text than is looked at");
		scan_partial(scan);
	}
	scan->text += size;
	if (component == COMPONENT_BODY)
		count_words(scan, text);
	return message_add_text(scan->message, component, NULL, part, text, size);
}

bool
scan_unpack(struct scan *scan, gsize size)
{
	scan->unpacked += size;
	return scan->unpacked <= scan->limits->unpacked;
}

static gint64
now(const struct scan *scan)
{
	return scan->clock != NULL ? scan->clock() : g_get_monotonic_time();
}

bool
scan_late(struct scan *scan)
{
	gint64 time = now(scan);

	if (scan->deadline != 0 && time > scan->deadline)
		scan->out_of_time = true;
	return scan->out_of_time || (scan->part_deadline != 0 && time > scan->part_deadline);
}

gint64
scan_begin_part(struct scan *scan)
{
	gint64 around = scan->part_deadline;
	gint64 own = now(scan) + (gint64)scan->limits->seconds_per_part * G_USEC_PER_SEC;

	scan->part_deadline = around != 0 ? MIN(around, own) : own;
	return around;
}

void
scan_end_part(struct scan *scan, gint64 around)
{
	scan->part_deadline = around;
}

static const char *
reason_text(const char *reason)
{
	if (strcmp(reason, "time") == 0)
		return "did not come to an end with it";
	if (strcmp(reason, "memory") == 0)
		return "ran out of memory on it";
	return "crashed on it";
}

bool
scan_watched(struct scan *scan, guint index, const char *reader, void (*run)(void *), void *data)
{
	const struct part *part = scan_part(scan, index);
	const struct station *around = scan->station;
	const char *reason =
	    scan->care != NULL ? care_reason(scan->care, index, part->sha256, reader) : NULL;
	struct station here = { .part = index, .deadline = scan->part_deadline };

	if (reason != NULL) {
		bool time = strcmp(reason, "time") == 0;
		scan_outcome(scan, index, time ? PART_TIMEOUT : PART_CRASHED, "the reader %s %s",
		    reader, reason_text(reason));
		return false;
	}
	if (scan->deadline != 0 && (here.deadline == 0 || scan->deadline < here.deadline))
		here.deadline = scan->deadline;
	memcpy(here.sha256, part->sha256, sizeof here.sha256);
	g_strlcpy(here.reader, reader, sizeof here.reader);
	scan->station = &here;
	station_page_set(scan->page, &here);
	run(data);
	scan->station = around;
	station_page_set(scan->page, around);
	return true;
}
