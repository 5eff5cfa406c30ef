/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/message.h"

static void
header_free(struct header *header)
{
	g_free(header->name);
	g_free(header->value);
	g_free(header);
}

void
part_free(struct part *part)
{
	if (part == NULL)
		return;
	g_free(part->path);
	g_free(part->name);
	g_free(part->declared_type);
	g_free(part->true_type);
	g_free(part->detail);
	g_free(part);
}

void
text_free(struct text *text)
{
	if (text == NULL)
		return;
	g_free(text->header);
	g_free(text->data);
	g_free(text->offsets);
	g_free(text->seams);
	g_free(text);
}

struct message *
message_new(void)
{
	struct message *message = g_new0(struct message, 1);

	message->message_id = g_strdup("");
	message->in_reply_to = g_strdup("");
	message->subject = g_strdup("");
	message->date = MESSAGE_NO_DATE;
	message->headers = g_ptr_array_new_with_free_func((GDestroyNotify)header_free);
	message->addresses = g_ptr_array_new_with_free_func((GDestroyNotify)address_free);
	message->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
	message->texts = g_ptr_array_new_with_free_func((GDestroyNotify)text_free);
	message->warnings = g_ptr_array_new_with_free_func(g_free);
	return message;
}

void
message_free(struct message *message)
{
	if (message == NULL)
		return;
	g_free(message->message_id);
	g_free(message->in_reply_to);
	g_free(message->subject);
	g_ptr_array_unref(message->headers);
	g_ptr_array_unref(message->addresses);
	g_ptr_array_unref(message->parts);
	g_ptr_array_unref(message->warnings);
	g_ptr_array_unref(message->texts);
	g_free(message);
}

struct header *
message_add_header(struct message *message, const char *name, const char *value)
{
	struct header *header = g_new0(struct header, 1);

	header->name = g_strdup(name);
	header->value = g_strdup(value);
	g_ptr_array_add(message->headers, header);
	return header;
}

struct part *
message_add_part(struct message *message, const char *path)
{
	struct part *part = g_new0(struct part, 1);

	part->path = g_strdup(path);
	part->name = g_strdup("");
	part->declared_type = g_strdup("");
	part->true_type = g_strdup("");
	part->detail = g_strdup("");
	g_ptr_array_add(message->parts, part);
	return part;
}

struct text *
message_add_text(struct message *message, enum component component, const char *header, guint part,
    char *data, gsize size)
{
	struct text *text = g_new0(struct text, 1);

	text->component = component;
	text->header = header != NULL ? g_ascii_strdown(header, -1) : NULL;
	text->part = part;
	text->data = data;
	text->size = size;
	g_ptr_array_add(message->texts, text);
	return text;
}

bool
text_is_twin(const struct text *text)
{
	return text->offsets != NULL || text->seams != NULL;
}

const char *
message_header(const struct message *message, const char *name)
{
	for (guint i = 0; i < message->headers->len; i++) {
		const struct header *header = g_ptr_array_index(message->headers, i);
		if (g_ascii_strcasecmp(header->name, name) == 0)
			return header->value;
	}
	return NULL;
}

void
message_add_warning(struct message *message, const char *words)
{
	if (message->warnings->len < MESSAGE_WARNINGS_MAX &&
	    !g_ptr_array_find_with_equal_func(message->warnings, words, g_str_equal, NULL))
		g_ptr_array_add(message->warnings, g_strdup(words));
}
