/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_OLE1_H
#define FLAGPOST_WORKER_OLE1_H
/*
 * ole1 - OLE 1.0 objects (MS-OLEDS section 2.2), as RTF embeds them, and the packages in which the
 * Object Packager wraps a file. Pure: what is given points into the bytes.
 */
#include <glib.h>
#include <stdbool.h>

/* A stretch of the bytes, not NUL-terminated. */
struct ole1_piece {
	const guint8 *data;
	gsize size;
};

struct ole1 {
	bool linked; /* data lies elsewhere: topic is its path */
	struct ole1_piece class_name, topic, native;
	bool cut; /* less native data than stated */
};

/* False when the bytes are no such object. */
bool ole1_parse(const guint8 *bytes, gsize size, struct ole1 *out);

struct ole1_package {
	struct ole1_piece label, path, temporary, content;
	bool cut;
};

/* Native data of the class "Package". False when it is none. */
bool ole1_parse_package(const guint8 *bytes, gsize size, struct ole1_package *out);

#endif
