/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_PROTOCOL_H
#define FLAGPOST_FETCHERS_PROTOCOL_H
/*
 * protocol - the frames between the fetcher and its parent, and what is checked in them.
 *
 * protocol_get_* treat a frame as network input: numbers in range, strings short and printable
 * enough, a descriptor that is a file opened for reading only, of the size that was said.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/limits.h"
#include "base/wire.h"
#include "fetchers/fetch.h"

enum protocol_kind {
	/* to the fetcher */
	PROTOCOL_SETUP,
	PROTOCOL_ACCOUNT,
	PROTOCOL_WATCH,
	PROTOCOL_CREDIT,
	PROTOCOL_STOP,
	/* from the fetcher */
	PROTOCOL_FOLDER_BEGIN,
	PROTOCOL_REST,
	PROTOCOL_MESSAGE,
	PROTOCOL_FAILED,
	PROTOCOL_NOTE,
	PROTOCOL_FOLDER_END,
	PROTOCOL_ACCOUNT_END,
	PROTOCOL_NEWS,
	PROTOCOL_WATCH_END,
	PROTOCOL_KINDS,
};

#define PROTOCOL_UID_MAX    320 /* bytes: a UIDL and a digest */
#define PROTOCOL_FOLDER_MAX 4096
#define PROTOCOL_TEXT_MAX   4096
#define PROTOCOL_LABELS_MAX 16384

extern const struct wire_protocol fetch_protocol;

GVariant *protocol_put_setup(const struct limits *limits, const char *spool_folder);
bool protocol_get_setup(GVariant *body, struct limits *limits, char **spool_folder, GError **error);

GVariant *protocol_put_account(
    const struct account *account, const GPtrArray *states, const struct fetch_task *task);
/* states: of struct fetch_state, owned. */
struct account *protocol_get_account(
    GVariant *body, GPtrArray **states, struct fetch_task *task, GError **error);

/* role: of the folder to be watched. */
GVariant *protocol_put_watch(const struct account *account, const char *role);
struct account *protocol_get_watch(GVariant *body, char **role, GError **error);

/* Queues an event; a message's descriptor goes with it (and is -1 afterwards). */
void protocol_queue(struct wire *wire, struct fetch_event *event);
/* Takes the descriptor out of the frame. False after FAULT_DATA; *out is then empty. */
bool protocol_get_event(struct wire_frame *frame, struct fetch_event *out, GError **error);

#endif
