/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gmime-loop - the least that a reader of mail on GMime does: parse each mail, decode every part,
 * text as UTF-8, and throw it away; for script/bench alone.
 */
#include <gmime/gmime.h>
#include <sys/stat.h>

#include "loop.h"

static void
read_part(GMimeObject *parent, GMimeObject *object, gpointer data)
{
	GMimeStream *null = data;

	(void)parent;
	if (!GMIME_IS_PART(object))
		return;
	GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(object));
	const char *charset = g_mime_object_get_content_type_parameter(object, "charset");
	if (content == NULL)
		return;
	if (!GMIME_IS_TEXT_PART(object)) {
		g_mime_data_wrapper_write_to_stream(content, null);
		return;
	}
	GMimeStream *filtered = g_mime_stream_filter_new(null);
	GMimeFilter *filter =
	    g_mime_filter_charset_new(charset != NULL ? charset : "us-ascii", "utf-8");
	if (filter != NULL) {
		g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered), filter);
		g_object_unref(filter);
	}
	g_mime_data_wrapper_write_to_stream(content, filtered);
	g_mime_stream_flush(filtered);
	g_object_unref(filtered);
}

static void
read_mail(int fd, void *data)
{
	struct stat status;
	GByteArray *bytes = g_byte_array_new();

	(void)data;
	if (fstat(fd, &status) != 0)
		exit(EXIT_FAILURE);
	g_byte_array_set_size(bytes, (guint)status.st_size);
	if (read(fd, bytes->data, bytes->len) != (gssize)bytes->len)
		exit(EXIT_FAILURE);
	GMimeStream *whole = g_mime_stream_mem_new_with_byte_array(bytes);
	GMimeParser *parser = g_mime_parser_new_with_stream(whole);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	if (message != NULL) {
		GMimeStream *null = g_mime_stream_null_new();
		g_mime_message_foreach(message, read_part, null);
		g_object_unref(null);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(whole);
}

int
main(int argc, char **argv)
{
	g_mime_init();
	return loop_run(argc, argv, read_mail, NULL);
}
