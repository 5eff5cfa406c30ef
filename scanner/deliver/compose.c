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
write_object(GMimeObject *object)
{
	GMimeFormatOptions *options = g_mime_format_options_new();
	GByteArray *bytes = g_byte_array_new();
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);

	g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_mime_object_write_to_stream(object, options, stream);
	g_object_unref(stream);
	g_mime_format_options_free(options);
	return g_byte_array_free_to_bytes(bytes);
}

static GMimeMultipart *
mixed_content(const struct compose *compose)
{
	GMimeMultipart *mixed = g_mime_multipart_new_with_subtype("mixed");

	add_part(mixed, text_part(compose->text));
	for (guint i = 0; i < compose->n_files; i++)
		add_part(mixed, file_part(&compose->files[i]));
	return mixed;
}

/* Takes content. */
static GBytes *
message_around(const struct compose *compose, GMimeMultipart *content)
{
	GMimeMessage *message = g_mime_message_new(TRUE);

	put_headers(message, compose);
	g_mime_message_set_mime_part(message, GMIME_OBJECT(content));
	GBytes *bytes = write_object(GMIME_OBJECT(message));
	g_object_unref(content);
	g_object_unref(message);
	return bytes;
}

GBytes *
compose_message(const struct compose *compose, GError **error)
{
	if (!check_addresses(compose, error))
		return NULL;
	g_mime_init();
	return message_around(compose, mixed_content(compose));
}

GBytes *
compose_content(const struct compose *compose, GError **error)
{
	if (!check_addresses(compose, error))
		return NULL;
	g_mime_init();
	GMimeMultipart *mixed = mixed_content(compose);
	GBytes *bytes = write_object(GMIME_OBJECT(mixed));
	g_object_unref(mixed);
	return bytes;
}

/* Lines of our own and of GnuPG's armour: ASCII, short, no encoding needed. */
static GMimeObject *
plain_part(const char *subtype, const char *data, gsize size)
{
	GMimePart *part = g_mime_part_new_with_type("application", subtype);
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, size);
	GMimeDataWrapper *content =
	    g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);

	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_7BIT);
	g_object_unref(content);
	g_object_unref(stream);
	return GMIME_OBJECT(part);
}

GBytes *
compose_encrypted(const struct compose *compose, GBytes *armoured, GError **error)
{
	static const char version[] = "Version: 1\r\n";
	g_autoptr(GString) lines = g_string_new(NULL);
	gsize size;
	const char *data = g_bytes_get_data(armoured, &size);

	if (!check_addresses(compose, error))
		return NULL;
	g_mime_init();
	for (gsize i = 0; i < size; i++)
		g_string_append(lines, data[i] == '\n' ? "\r\n" : (char[]){ data[i], '\0' });
	GMimeMultipart *encrypted = g_mime_multipart_new_with_subtype("encrypted");
	g_mime_object_set_content_type_parameter(
	    GMIME_OBJECT(encrypted), "protocol", "application/pgp-encrypted");
	add_part(encrypted, plain_part("pgp-encrypted", version, sizeof(version) - 1));
	add_part(encrypted, plain_part("octet-stream", lines->str, lines->len));
	return message_around(compose, encrypted);
}
