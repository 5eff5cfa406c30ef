/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_LEAF_H
#define FLAGPOST_WORKER_LEAF_H
/*
 * leaf - what the headers of a part that holds no other parts say of it, the same for every
 * reading of a message: its file names, and how its bytes are looked at.
 */
#include "worker/parameters.h"
#include "worker/scan.h"
#include "worker/seen.h"

/*
 * Every value under a key ("filename", "name") that is not known yet becomes a text of
 * COMPONENT_FILENAMES. The first is the part's name: an extended one before a plain one.
 */
void leaf_add_names(
    struct scan *scan, guint part, const struct parameters *parameters, const char *key);

/* The part's name and declared type are set. The caller frees charset. */
struct look leaf_look(const struct part *part, const struct parameters *type);

#endif
