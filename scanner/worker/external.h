/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_EXTERNAL_H
#define FLAGPOST_WORKER_EXTERNAL_H
/*
 * external - where the content of a message/external-body part lies (RFC 2046 section 5.2.3,
 * RFC 2017): told by the parameters of its type, which become texts. Nothing is ever fetched.
 */
#include "worker/parameters.h"
#include "worker/scan.h"

/* All parameters as text of the part, and what they name as a link. */
void external_note(struct scan *scan, guint part, const struct parameters *type);

#endif
