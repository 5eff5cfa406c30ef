/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a pass would have before it: how many messages each folder holds and how large they are, by
 * STATUS with SIZE where that is offered (RFC 8438), else by the sizes of some of them, taken at
 * even distances. No message is read.
 */
#include "fetchers/imap.h"

/* So many sizes tell the sum of a folder well enough for days and gigabytes. */
#define SAMPLE 200

void
imap_plan_start(struct imap *imap)
{
	for (guint i = 0; i < imap->folders->len; i++) {
		const struct imap_folder *folder = imap->folders->pdata[i];
		if (folder->label_of == NULL)
			imap_status_send(imap, folder);
	}
	imap_plan_next(imap);
}

static void
emit(struct imap *imap, const struct imap_numbers *numbers, const char *trouble)
{
	const struct imap_folder *from = imap->folders->pdata[imap->at];
	struct fetch_folder folder = {
		.folder = from->name,
		.role = from->role,
		.state = trouble != NULL ? FETCH_FOLDER_FAILED : FETCH_FOLDER_OK,
		.text = (char *)trouble,
	};

	if (numbers != NULL) {
		folder.uidvalidity = numbers->uidvalidity;
		folder.server_count = numbers->messages;
		folder.bytes = numbers->size;
	}
	if (imap->sample.n > 0 && numbers != NULL && numbers->messages > imap->sample.n) {
		double mean = (double)imap->sample.bytes / imap->sample.n;
		folder.bytes = (guint64)(mean * (double)numbers->messages);
		folder.estimated = true;
	} else if (imap->sample.n > 0) {
		folder.bytes = imap->sample.bytes;
	}
	imap->sample = (struct imap_sample){ 0 };
	session_emit_folder(imap->session, FETCH_EVENT_FOLDER_BEGIN, &folder);
	session_emit_folder(imap->session, FETCH_EVENT_FOLDER_END, &folder);
}

static void
ask_sizes(struct imap *imap, const struct imap_folder *folder, guint64 messages)
{
	g_autofree char *name = imap_quote(folder->raw);
	g_autoptr(GString) set = g_string_new(NULL);
	guint64 n = MIN(messages, SAMPLE);

	for (guint64 i = 0; i < n; i++)
		g_string_append_printf(
		    set, "%s%" G_GUINT64_FORMAT, i > 0 ? "," : "", i * messages / n + 1);
	imap_send(imap, IMAP_PLAN_OPEN, 0, 0, "EXAMINE %s", name);
	imap_send(imap, IMAP_PLAN_SIZES, 0, 0, "FETCH %s (RFC822.SIZE)", set->str);
}

void
imap_plan_next(struct imap *imap)
{
	if (imap_under_way(imap, IMAP_STATUS) > 0)
		return;
	for (; imap->at < imap->folders->len; imap->at++) {
		const struct imap_folder *folder = imap->folders->pdata[imap->at];
		const struct imap_numbers *numbers = imap_status_numbers(imap, folder);
		if (folder->label_of != NULL)
			continue;
		if (numbers == NULL || !numbers->has_messages) {
			emit(imap, NULL, "the server does not say what it holds");
		} else if (numbers->has_size || numbers->messages == 0) {
			emit(imap, numbers, NULL);
		} else {
			ask_sizes(imap, folder, numbers->messages);
			return;
		}
	}
	session_finish(imap->session, FETCH_OK, "");
}

void
imap_plan_size(struct imap *imap, guint64 size)
{
	if (imap->sample.n >= SAMPLE)
		return;
	imap->sample.n++;
	imap->sample.bytes += MIN(size, (guint64)G_MAXUINT32 * 4);
}

void
imap_plan_tagged(struct imap *imap, const struct imap_command *command)
{
	const struct imap_folder *folder = imap->folders->pdata[imap->at];

	if (command->kind != IMAP_PLAN_SIZES)
		return;
	if (imap->sample.n > 0)
		emit(imap, imap_status_numbers(imap, folder), NULL);
	else
		emit(imap, imap_status_numbers(imap, folder),
		    "the server does not say how large its messages are");
	imap->at++;
	imap_plan_next(imap);
}
