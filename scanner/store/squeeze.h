/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SQUEEZE_H
#define FLAGPOST_STORE_SQUEEZE_H
/*
 * squeeze - bytes packed and unpacked as one frame of Zstandard (RFC 8878): libzstd's only home in
 * the store. A frame says the size of what is in it and has its checksum, so that zstd -d opens it.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define SQUEEZE_FAST 1 /* level, for what is kept as it comes */
#define SQUEEZE_WELL 9 /* for what is old */

/* Takes what came out of it; false ends the work with *error set. */
typedef bool squeeze_sink(const void *data, gsize size, void *user, GError **error);

struct squeeze;
struct squeeze *squeeze_new(void);
void squeeze_free(struct squeeze *squeeze);
AUTO_DEFINE(squeeze, squeeze_free)
/* A frame of size bytes begins; one that was under way is forgotten. */
void squeeze_begin(struct squeeze *squeeze, int level, guint64 size);
/* last: with it the frame ends. FAULT_BUG when not size bytes came. */
bool squeeze_put(struct squeeze *squeeze, const void *data, gsize size, bool last,
    squeeze_sink *sink, void *user, GError **error);

struct unsqueeze;
struct unsqueeze *unsqueeze_new(void);
void unsqueeze_free(struct unsqueeze *unsqueeze);
AUTO_DEFINE(unsqueeze, unsqueeze_free)
/* In pieces of any size; what comes out is handed on by pieces, so no size is ever believed.
 * FAULT_DATA: it is no frame, or bytes stand behind it. */
bool unsqueeze_put(struct unsqueeze *unsqueeze, const void *data, gsize size, squeeze_sink *sink,
    void *user, GError **error);
/* Whether the frame was there to its end. */
bool unsqueeze_is_whole(const struct unsqueeze *unsqueeze);

#endif
