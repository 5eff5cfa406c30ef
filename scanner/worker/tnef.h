/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_TNEF_H
#define FLAGPOST_WORKER_TNEF_H
/*
 * tnef - the stream of attributes that Outlook and Exchange wrap a mail in ("winmail.dat",
 * MS-OXTNEF), and the MAPI properties within some of them. Pure: bytes in, pointers into them
 * out; whatever lengths say, nothing outside is ever pointed to.
 */
#include <glib.h>
#include <stdbool.h>

/* Attribute ids (MS-OXTNEF section 2.1.3.2). */
enum tnef_id {
	TNEF_FROM = 0x00008000,
	TNEF_SUBJECT = 0x00018004,
	TNEF_BODY = 0x0002800C,
	TNEF_CODEPAGE = 0x00069007,
	TNEF_PROPERTIES = 0x00069003,
	TNEF_RECIPIENTS = 0x00069004,
	TNEF_ATTACH_BEGIN = 0x00069002, /* attAttachRendData: the next attachment begins */
	TNEF_ATTACH_TITLE = 0x00018010,
	TNEF_ATTACH_DATA = 0x0006800F,
	TNEF_ATTACH_PROPERTIES = 0x00069005,
	TNEF_ATTACH_TRANSPORT_NAME = 0x00069001,
};

struct tnef {
	const guint8 *data;
	gsize size, pos;
	bool wrong; /* a checksum differs, or a level is none */
	bool cut;   /* an attribute says it is longer than what is there */
};

struct tnef_attribute {
	guint32 id; /* enum tnef_id among others; the upper half tells the type */
	const guint8 *data;
	gsize size;
};

/* False when the bytes are no TNEF. They stay the caller's, and stay. */
bool tnef_begin(struct tnef *tnef, const guint8 *data, gsize size);
/* A cut one is handed out as far as it is there. */
bool tnef_next(struct tnef *tnef, struct tnef_attribute *attribute);

/* Types of values (MS-OXCDATA section 2.11.1). */
enum tnef_type {
	TNEF_STRING8 = 0x1E,
	TNEF_UNICODE = 0x1F,
	TNEF_OBJECT = 0x0D,
	TNEF_BINARY = 0x102
};

struct tnef_values {
	const guint8 *data;
	gsize size, pos;
	bool table;     /* of rows, each a list */
	guint32 rows;   /* left */
	guint32 left;   /* properties of this list */
	guint32 values; /* left of the property at hand */
	guint16 type, tag;
	bool broken; /* lengths that cannot be, or a type that is unknown: the rest is lost */
};

/* One value of a property; a property of several values is handed out as often. */
struct tnef_value {
	guint16 tag;  /* MAPI property id; from 0x8000 on named by its sender */
	guint16 type; /* enum tnef_type among others */
	const guint8 *data;
	gsize size;
	bool starts_row; /* table: the first of its row */
};

void tnef_values_begin(struct tnef_values *values, const guint8 *data, gsize size, bool table);
bool tnef_values_next(struct tnef_values *values, struct tnef_value *value);

#endif
