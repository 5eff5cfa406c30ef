/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_WIRE_H
#define FLAGPOST_BASE_WIRE_H
/*
 * wire - typed, bounded frames with an optional file descriptor between our own processes.
 *
 * A frame is a header (kind, length) and a GVariant in normal form of the one type that its
 * kind has in the protocol's table. The reader distrusts everything: unknown kinds, lengths
 * over the kind's limit, bytes that are not in normal form, a descriptor where none belongs
 * or none where one does. After an error the peer is to be dropped.
 *
 * Sockets are non-blocking AF_UNIX stream sockets. A channel never blocks unless asked to.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

struct wire_kind {
	const char *name; /* for messages: "verdict" */
	const char *type; /* GVariant type string */
	gsize max_bytes;  /* of the serialised body */
	bool carries_fd;  /* exactly one descriptor, or none at all */
};

/* A protocol: the table of kinds, indexed by the kind's number. */
struct wire_protocol {
	const struct wire_kind *kinds;
	guint n_kinds;
};

struct wire_frame {
	guint kind;
	GVariant *body; /* owned by the receiver of the frame */
	int fd;         /* owned by the receiver of the frame; -1 when the kind has none */
};

enum wire_result { WIRE_FRAME, WIRE_AGAIN, WIRE_EOF, WIRE_ERROR };

struct wire;

/* Creates a connected pair, both ends non-blocking and close-on-exec. */
bool wire_pair(int fds[2], GError **error);

/* Takes ownership of fd and makes it non-blocking. The protocol must outlive the wire. */
struct wire *wire_new(int fd, const struct wire_protocol *protocol);
void wire_free(struct wire *wire); /* closes; drops what was not flushed */
AUTO_DEFINE(wire, wire_free)
int wire_fd(const struct wire *wire);

/* Queues a frame. Takes the body (also when floating) and the descriptor. Never fails or blocks. */
void wire_queue(struct wire *wire, guint kind, GVariant *body, int fd);
gsize wire_pending(const struct wire *wire); /* bytes queued and not yet written */
/* Writes what the socket takes now. FAULT_AWAY when the peer is gone. */
bool wire_flush(struct wire *wire, GError **error);
/* Writes all, waiting at most timeout_ms (-1: for ever). */
bool wire_flush_all(struct wire *wire, int timeout_ms, GError **error);

/* Reads at most one frame. WIRE_EOF only between frames; a frame cut short is WIRE_ERROR. */
enum wire_result wire_receive(struct wire *wire, struct wire_frame *out, GError **error);
/* The same, waiting at most timeout_ms (-1: for ever); WIRE_AGAIN then means time over. */
enum wire_result wire_wait(
    struct wire *wire, int timeout_ms, struct wire_frame *out, GError **error);

void wire_frame_clear(struct wire_frame *frame);

#endif
