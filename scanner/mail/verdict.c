/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of a verdict and what can be asked of it. How it crosses stands in verdict-put.c and
 * verdict-get.c.
 */
#include "mail/verdict.h"

#include <string.h>

#include "base/text.h"
#include "mail/terms-once.h"
#include "mail/terms.h"

static void
undecided_free(struct undecided *undecided)
{
	g_free(undecided->rule);
	g_free(undecided->section);
	g_free(undecided->part);
	g_free(undecided->reason);
	g_free(undecided);
}

static void
explained_free(struct explained *explained)
{
	g_free(explained->rule);
	g_free(explained->label);
	g_free(explained->detail);
	g_free(explained);
}

static void
verdict_text_free(struct verdict_text *text)
{
	g_free(text->part);
	g_free(text->text);
	g_free(text);
}

struct verdict *
verdict_new(void)
{
	struct verdict *verdict = g_new0(struct verdict, 1);

	verdict->message_id = g_strdup("");
	verdict->in_reply_to = g_strdup("");
	verdict->subject = g_strdup("");
	verdict->reason = g_strdup("");
	verdict->date = MESSAGE_NO_DATE;
	verdict->addresses = g_ptr_array_new_with_free_func((GDestroyNotify)address_free);
	verdict->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
	verdict->flags = g_ptr_array_new_with_free_func((GDestroyNotify)flag_free);
	verdict->undecided = g_ptr_array_new_with_free_func((GDestroyNotify)undecided_free);
	verdict->explained = g_ptr_array_new_with_free_func((GDestroyNotify)explained_free);
	verdict->texts = g_ptr_array_new_with_free_func((GDestroyNotify)verdict_text_free);
	verdict->warnings = g_ptr_array_new_with_free_func(g_free);
	verdict->terms.body = g_strdup("");
	verdict->terms.files = g_strdup("");
	return verdict;
}

struct verdict *
verdict_from_message(struct message *message)
{
	struct verdict *verdict = verdict_new();

	/* What moves is swapped with the empty values, so that both sides stay whole. */
	struct message kept = *message;
	message->message_id = verdict->message_id;
	message->in_reply_to = verdict->in_reply_to;
	message->subject = verdict->subject;
	message->addresses = verdict->addresses;
	message->parts = verdict->parts;
	message->warnings = verdict->warnings;
	verdict->message_id = kept.message_id;
	verdict->in_reply_to = kept.in_reply_to;
	verdict->subject = kept.subject;
	verdict->addresses = kept.addresses;
	verdict->parts = kept.parts;
	verdict->warnings = kept.warnings;
	verdict->date = message->date;
	verdict->size = message->size;
	verdict->outcome = message->outcome;
	verdict->facts = message->facts;
	return verdict;
}

struct verdict *
verdict_unscannable(const char *reason, guint64 size)
{
	struct verdict *verdict = verdict_new();

	g_free(verdict->reason);
	verdict->reason = g_strdup(reason);
	verdict->size = size;
	verdict->outcome = OUTCOME_UNSCANNABLE;
	return verdict;
}

void
verdict_free(struct verdict *verdict)
{
	if (verdict == NULL)
		return;
	g_free(verdict->message_id);
	g_free(verdict->in_reply_to);
	g_free(verdict->subject);
	g_free(verdict->reason);
	g_ptr_array_unref(verdict->addresses);
	g_ptr_array_unref(verdict->parts);
	g_ptr_array_unref(verdict->flags);
	g_ptr_array_unref(verdict->undecided);
	g_ptr_array_unref(verdict->explained);
	g_ptr_array_unref(verdict->texts);
	g_ptr_array_unref(verdict->warnings);
	g_free(verdict->terms.body);
	g_free(verdict->terms.files);
	g_free(verdict);
}

struct flag *
flag_new(const char *rule)
{
	struct flag *flag = g_new0(struct flag, 1);

	flag->rule = g_strdup(rule);
	flag->title = g_strdup("");
	flag->rule_digest = g_strdup("");
	flag->escalated_by = g_strdup("");
	flag->exception = g_strdup("");
	flag->except_reason = g_strdup("");
	flag->hits = g_ptr_array_new_with_free_func((GDestroyNotify)hit_free);
	return flag;
}

void
flag_free(struct flag *flag)
{
	if (flag == NULL)
		return;
	g_free(flag->rule);
	g_free(flag->title);
	g_free(flag->rule_digest);
	g_free(flag->escalated_by);
	g_free(flag->exception);
	g_free(flag->except_reason);
	g_ptr_array_unref(flag->hits);
	g_clear_pointer(&flag->matches, g_ptr_array_unref);
	g_free(flag);
}

struct hit *
hit_new(const char *section)
{
	struct hit *hit = g_new0(struct hit, 1);

	hit->section = g_strdup(section);
	hit->header = g_strdup("");
	hit->part = g_strdup("");
	hit->name = g_strdup("");
	hit->excerpt = g_strdup("");
	return hit;
}

void
hit_free(struct hit *hit)
{
	if (hit == NULL)
		return;
	g_free(hit->section);
	g_free(hit->header);
	g_free(hit->part);
	g_free(hit->name);
	g_free(hit->excerpt);
	g_free(hit);
}

void
verdict_add_undecided(struct verdict *verdict, const char *rule, const char *section,
    const char *part, const char *reason)
{
	struct undecided *undecided = g_new0(struct undecided, 1);

	undecided->rule = g_strdup(rule);
	undecided->section = g_strdup(section);
	undecided->part = g_strdup(part);
	undecided->reason = g_strdup(reason);
	g_ptr_array_add(verdict->undecided, undecided);
}

void
verdict_add_explained(struct verdict *verdict, const char *rule, guint depth, enum truth truth,
    const char *label, guint matched, const char *detail)
{
	struct explained *explained = g_new0(struct explained, 1);

	explained->rule = g_strdup(rule);
	explained->depth = depth;
	explained->truth = truth;
	explained->label = g_strdup(label);
	explained->matched = matched;
	explained->detail = g_strdup(detail);
	g_ptr_array_add(verdict->explained, explained);
}

static bool
is_shown(const struct text *text)
{
	return !text_is_twin(text) &&
	       (text->component == COMPONENT_SUBJECT || text->component == COMPONENT_BODY ||
		   text->component == COMPONENT_ATTACHMENTS);
}

void
verdict_add_texts(struct verdict *verdict, const struct message *message)
{
	gsize room = VERDICT_TEXT_MAX;

	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = g_ptr_array_index(message->texts, i);
		if (!is_shown(text))
			continue;
		struct verdict_text *copy = g_new0(struct verdict_text, 1);
		const struct part *part = text->part < verdict->parts->len
					      ? g_ptr_array_index(verdict->parts, text->part)
					      : NULL;
		gsize size = text_cut(text->data, text->size, room);
		copy->component = text->component;
		copy->part = g_strdup(part != NULL ? part->path : "");
		copy->hidden = text->hidden;
		copy->size = text->size;
		copy->text = g_strndup(text->data, size);
		room -= size;
		g_ptr_array_add(verdict->texts, copy);
	}
}

void
verdict_add_terms(struct verdict *verdict, const struct message *message, guint64 max)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(terms_once) body = terms_once_new();
	g_autoptr(terms_once) files = terms_once_new();
	gsize room = (gsize)MIN(max, VERDICT_TERMS_MAX);
	bool whole = true;

	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = g_ptr_array_index(message->texts, i);
		bool is_body = text->component == COMPONENT_BODY;
		if (text_is_twin(text) || (!is_body && text->component != COMPONENT_ATTACHMENTS))
			continue;
		GString *words = g_string_new(NULL);
		whole = terms_append(words, text->data, text->size, room) && whole;
		char *one = g_string_free(words, FALSE);
		if (!g_hash_table_add(seen, one))
			continue;
		gsize size = terms_once_add(is_body ? body : files, one);
		room -= MIN(room, size);
	}
	g_free(verdict->terms.body);
	g_free(verdict->terms.files);
	verdict->terms = (struct verdict_terms){ .given = true,
		.cut = !whole,
		.body = g_strdup(terms_once_text(body)),
		.files = g_strdup(terms_once_text(files)) };
}

guint
verdict_flag_count(const struct verdict *verdict)
{
	guint count = 0;

	for (guint i = 0; i < verdict->flags->len; i++) {
		const struct flag *flag = g_ptr_array_index(verdict->flags, i);
		count += flag->exception[0] == '\0';
	}
	return count;
}

const struct address *
verdict_address(const struct verdict *verdict, enum address_role role)
{
	for (guint i = 0; i < verdict->addresses->len; i++) {
		const struct address *address = g_ptr_array_index(verdict->addresses, i);
		if (address->role == role)
			return address;
	}
	return NULL;
}

char *
hit_excerpt(const struct hit *hit, bool clear)
{
	if (clear || hit->excerpt_length == 0)
		return g_strdup(hit->excerpt);
	gsize size = strlen(hit->excerpt);
	gsize start = MIN(hit->excerpt_start, size);
	gsize length = MIN(hit->excerpt_length, size - start);
	g_autofree char *span = g_strndup(hit->excerpt + start, length);
	g_autofree char *masked = text_mask(span);
	return g_strdup_printf(
	    "%.*s%s%s", (int)start, hit->excerpt, masked, hit->excerpt + start + length);
}

char *
hit_component(const struct hit *hit)
{
	if (hit->component == COMPONENT_HEADERS && hit->header[0] != '\0')
		return g_strdup_printf("header.%s", hit->header);
	return g_strdup(component_words[hit->component]);
}
