/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_LOOKS_H
#define FLAGPOST_WORKER_LOOKS_H
/*
 * looks - the further looks that rules take at a message's texts: twins of texts that people write
 * and read, as normalised (normalise.h) and without their line ends (wraps.h).
 */
#include "worker/scan.h"

/* Once, when all texts are there. A text that has no twin for want of time or memory is told. */
void looks_add(struct scan *scan);

#endif
