/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes messages and parses none.
 */
#include "deliver/compose.h"

#include <gmime/gmime.h>
#include <string.h>

#include "base/fault.h"
#include "base/text.h"
#include "deliver/smtp.h"

#define HEADER_CHARS 200 /* of a name or a subject: one that is longer is cut */

/* Text for a header. What looks like an encoded word (RFC 2047) would be decoded by the reader. */
static char *
header_text(const char *text)
{
	g_autofree char *printable = text_printable(text, HEADER_CHARS);
	g_auto(GStrv) pieces = g_strsplit(printable, "=?", -1);

	return g_strjoinv("= ?", pieces);
}

static bool
check_address(const char *field, const char *address, GError **error)
{
	const char *wrong = smtp_check_address(address);
	g_autofree char *shown = text_printable(address, HEADER_CHARS);

	if (wrong != NULL)
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: '%s' %s", field, shown, wrong);
	return wrong == NULL;
}

static bool
check_addresses(const struct compose *compose, GError **error)
{
	if (!check_address("from", compose->from.mail, error))
		return false;
	for (guint i = 0; i < compose->n_to; i++) {
		if (!check_address("to", compose->to[i].mail, error))
			return false;
	}
	return true;
}

static void
add_person(GMimeMessage *message, GMimeAddressType type, const struct compose_person *person)
{
	g_autofree char *name = header_text(person->name);

	g_mime_message_add_mailbox(message, type, *name != '\0' ? name : NULL, person->mail);
}

static void
put_headers(GMimeMessage *message, const struct compose *compose)
{
	GMimeObject *object = GMIME_OBJECT(message);
	g_autofree char *subject = header_text(compose->subject);
	g_autofree char *digest = header_text(compose->digest);
	const char *domain = strrchr(compose->from.mail, '@') + 1;
	g_autofree char *id = g_strdup_printf("%s.%s@%s", compose->kind, digest, domain);
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(compose->date / G_USEC_PER_SEC);

	add_person(message, GMIME_ADDRESS_TYPE_FROM, &compose->from);
	for (guint i = 0; i < compose->n_to; i++)
		add_person(message, GMIME_ADDRESS_TYPE_TO, &compose->to[i]);
	g_mime_message_set_subject(message, subject, "utf-8");
	if (date != NULL)
		g_mime_message_set_date(message, date);
	g_mime_message_set_message_id(message, id);
	/* RFC 3834 section 5: no holiday notices in answer. */
	g_mime_object_append_header(object, "Auto-Submitted", "auto-generated", NULL);
	g_mime_object_append_header(object, COMPOSE_MARK, digest, NULL);
}

static GMimeObject *
text_part(const char *text)
{
	GMimeTextPart *part = g_mime_text_part_new_with_subtype("plain");
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	/* RFC 2049 section 4: lines of text end in CRLF before they are encoded. */
	g_autoptr(GString) lines = g_string_new(NULL);

	for (const char *p = valid; *p != '\0'; p++) {
		if (*p == '\n')
			g_string_append_c(lines, '\r');
		if (*p != '\r')
			g_string_append_c(lines, *p);
	}
	g_mime_text_part_set_charset(part, "utf-8");
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(lines->str, lines->len);
	GMimeDataWrapper *content =
	    g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(GMIME_PART(part), content);
	g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_object_unref(content);
	g_object_unref(stream);
	return GMIME_OBJECT(part);
}

static GMimeObject *
file_part(const struct compose_file *file)
{
	g_auto(GStrv) type = g_strsplit(file->type, "/", 2);
	GMimePart *part = g_mime_part_new_with_type(type[0], type[1]);
	g_autofree char *name = header_text(file->name);
	gsize size;
	const char *data = g_bytes_get_data(file->bytes, &size);

	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, size);
	GMimeDataWrapper *content =
	    g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
	g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
	g_mime_object_set_disposition(GMIME_OBJECT(part), GMIME_DISPOSITION_ATTACHMENT);
	g_mime_part_set_filename(part, name);
	g_object_unref(content);
	g_object_unref(stream);
	return GMIME_OBJECT(part);
}

static void
add_part(GMimeMultipart *mixed, GMimeObject *part)
{
	g_mime_multipart_add(mixed, part);
	g_object_unref(part);
}

static GBytes *
write_message(GMimeMessage *message)
{
	GMimeFormatOptions *options = g_mime_format_options_new();
	GByteArray *bytes = g_byte_array_new();
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);

	g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_mime_object_write_to_stream(GMIME_OBJECT(message), options, stream);
	g_object_unref(stream);
	g_mime_format_options_free(options);
	return g_byte_array_free_to_bytes(bytes);
}

GBytes *
compose_message(const struct compose *compose, GError **error)
{
	if (!check_addresses(compose, error))
		return NULL;
	g_mime_init();
	GMimeMessage *message = g_mime_message_new(TRUE);
	GMimeMultipart *mixed = g_mime_multipart_new_with_subtype("mixed");
	put_headers(message, compose);
	add_part(mixed, text_part(compose->text));
	for (guint i = 0; i < compose->n_files; i++)
		add_part(mixed, file_part(&compose->files[i]));
	g_mime_message_set_mime_part(message, GMIME_OBJECT(mixed));
	GBytes *bytes = write_message(message);
	g_object_unref(mixed);
	g_object_unref(message);
	return bytes;
}
