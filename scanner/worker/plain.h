/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PLAIN_H
#define FLAGPOST_WORKER_PLAIN_H
/*
 * plain - a message in which there is nothing to choose, taken apart without GMime: what every
 * mail program reads alike needs neither its tree of objects nor other readings, which cost as
 * much as all else that is done to ordinary mail.
 *
 * Plain is a message of regular header fields, none of ours twice, whose multiparts declare
 * their boundary by the book, hold nothing outside of their parts and end where they say; whose
 * leaves have one type, charset and transfer encoding; with no message within. Whatever falls
 * short of that in any place is left to walk and readings as a whole. The parts, texts, facts
 * and warnings are those that walk and readings make: the tests hold one against the other.
 */
#include <stdbool.h>

#include "worker/headers.h"
#include "worker/scan.h"

/*
 * Takes [bytes, bytes + size) apart, whose header block is given. False when it is not plain:
 * then nothing has been done.
 */
bool plain_walk(
    struct scan *scan, const char *bytes, gsize size, const struct header_block *header);

#endif
