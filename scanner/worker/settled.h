/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_SETTLED_H
#define FLAGPOST_WORKER_SETTLED_H
/*
 * settled - whether a leaf leaves nothing to choose, which nearly all do: then readings need not
 * take its headers apart a second time.
 */
#include "worker/block.h"
#include "worker/decode.h"
#include "worker/scan.h"

/*
 * True when neither the headers of a leaf nor its bytes [begin, end) allow another reading, as far
 * as that shows before they are decoded; *kind: how they are to be.
 */
bool settled_declared(
    const struct block *block, const char *begin, const char *end, enum decode_kind *kind);

/*
 * True when the leaf [begin, end) of the message at bytes was delivered, and neither its headers
 * nor its bytes allow another reading of it. False says nothing.
 */
bool settled_leaf(struct scan *scan, const char *bytes, const struct block *block,
    const char *begin, const char *end);

#endif
