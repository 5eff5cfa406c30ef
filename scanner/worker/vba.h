/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_VBA_H
#define FLAGPOST_WORKER_VBA_H
/*
 * vba - what Visual Basic keeps within a project's streams (MS-OVBA): its compression, and where in
 * each module's stream the source begins. Pure: bytes in, bytes out.
 */
#include <glib.h>
#include <stdbool.h>

/*
 * A compressed container (section 2.4.1) from its first byte on, at most max bytes of it, in the
 * project's code page. What a broken one gives up to the break is handed out. Never NULL.
 */
GByteArray *vba_uncompress(const guint8 *data, gsize size, gsize max, bool *broken);

/* What the stream "dir", uncompressed, says of a project. */
struct vba_module {
	char *stream; /* its name */
	guint32 offset;
};

struct vba_project {
	guint codepage;
	GArray *modules; /* of struct vba_module */
};

struct vba_project *vba_project_new(const guint8 *dir, gsize size);
void vba_project_free(struct vba_project *project);

/* Where the source begins in a stream: as the project says, else where it looks like it; or -1. */
gssize vba_source(
    const struct vba_project *project, const char *stream, const guint8 *data, gsize size);

#endif
