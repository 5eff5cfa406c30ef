/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_DATA_URI_H
#define FLAGPOST_WORKER_DATA_URI_H
/*
 * data-uri - a file that stands in a link itself: "data:text/plain;base64,..." (RFC 2397).
 */
#include "worker/extract.h"

/*
 * When uri is one, its bytes become a part below item ("1/data", or its name parameter) and are
 * read by their type; true. False, with nothing done, for any other link. What cannot be taken for
 * a limit is said by item's outcome.
 */
bool data_uri_read(struct item *item, const char *uri);

#endif
