/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_RTF_FIELDS_H
#define FLAGPOST_WORKER_RTF_FIELDS_H
/* rtf-fields - link targets in fields and in tags of encapsulated HTML; used by rtf.c alone. */
#include <glib.h>
#include <stdbool.h>

/* Appends a target on a line of its own; false when there is no room for it. */
bool rtf_fields_add_url(GString *urls, const char *url, gsize size);

/*
 * A field's instruction (`HYPERLINK "http://..." \o "tip"`): targets to urls, the whole to hidden,
 * but for those of page numbers and the like.
 */
bool rtf_fields_instruction(const char *text, GString *urls, GString *hidden);

/* One or several tags, or an entity. Appends a line break to out for those that make one. */
bool rtf_fields_tag(const char *html, GString *urls, GString *out);

#endif
