/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict_put - a verdict as a frame that verdict_get takes.
 *
 * What is over a limit is cut here, so that one long file name never costs the whole verdict;
 * whatever is dropped makes the message partial.
 */
#include "mail/verdict.h"

#include <string.h>

#include "base/text.h"

#define RANGE_MAX ((guint64)G_MAXINT64)

/* Text as mail has it: any characters, at most max bytes. */
static GVariant *
put_free_text(const char *text, gsize max)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	valid[text_cut(valid, strlen(valid), max)] = '\0';
	return g_variant_new_string(valid);
}

/* Words, ids and paths: what cannot be printed becomes U+FFFD, alike everywhere it is named. */
static GVariant *
put_plain_text(const char *text)
{
	gsize size = 0;

	while (g_ascii_isprint(text[size]))
		size++;
	if (text[size] == '\0' && size <= VERDICT_STRING_MAX)
		return g_variant_new_string(text);
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autoptr(GString) out = g_string_sized_new(strlen(valid) + 1);

	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		g_string_append_unichar(out, g_unichar_isprint(c) ? c : 0xfffd);
	}
	return put_free_text(out->str, VERDICT_STRING_MAX);
}

static GVariant *
put_text(const char *text)
{
	return put_free_text(text, VERDICT_STRING_MAX);
}

/* To a character's first byte at or before at. */
static gsize
border_before(const char *text, gsize at)
{
	while (at > 0 && ((guchar)text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static GVariant *
put_hit(const struct hit *hit)
{
	g_autofree char *excerpt = g_utf8_make_valid(hit->excerpt, -1);
	gsize size = text_cut(excerpt, strlen(excerpt), VERDICT_EXCERPT_MAX);

	excerpt[size] = '\0';
	gsize from = border_before(excerpt, MIN(hit->excerpt_start, size));
	gsize to = from + MIN(hit->excerpt_length, size - from);
	/* Outwards, so that no half of a secret stays unmasked. */
	while (to < size && ((guchar)excerpt[to] & 0xc0) == 0x80)
		to++;
	return g_variant_new("(@su@s@s@stt@sttb)", put_plain_text(hit->section),
	    (guint32)hit->component, put_plain_text(hit->header), put_plain_text(hit->part),
	    put_text(hit->name), MIN(hit->offset, RANGE_MAX), MIN(hit->length, RANGE_MAX),
	    g_variant_new_string(excerpt), (guint64)from, (guint64)(to - from),
	    (gboolean)hit->hidden);
}

static GVariant *
put_flag(const struct flag *flag)
{
	g_auto(GVariantBuilder) hits = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a" VERDICT_HIT_TYPE));

	for (guint i = 0; i < flag->hits->len && i < VERDICT_HITS_MAX; i++)
		g_variant_builder_add_value(&hits, put_hit(g_ptr_array_index(flag->hits, i)));
	guint64 total = CLAMP(flag->hits_total, flag->hits->len, RANGE_MAX);
	return g_variant_new("(@s@s@su@s@s@st*)", put_plain_text(flag->rule),
	    put_plain_text(flag->title), put_plain_text(flag->rule_digest), (guint32)flag->severity,
	    put_plain_text(flag->escalated_by), put_plain_text(flag->exception),
	    put_plain_text(flag->except_reason), total, g_variant_builder_end(&hits));
}

static GVariant *
put_part(const struct part *part)
{
	return g_variant_new("(@s@s@s@stsuuub@s)", put_plain_text(part->path), put_text(part->name),
	    put_plain_text(part->declared_type), put_plain_text(part->true_type),
	    MIN(part->size, RANGE_MAX), part->sha256, (guint32)part->outcome, part->facts,
	    part->depth, (gboolean)part->attachment, put_text(part->detail));
}

static GVariant *
put_address(const struct address *address)
{
	return g_variant_new(
	    "(u@s@s)", (guint32)address->role, put_text(address->name), put_text(address->address));
}

static GVariant *
put_undecided(const struct undecided *undecided)
{
	return g_variant_new("(@s@s@s@s)", put_plain_text(undecided->rule),
	    put_plain_text(undecided->section), put_plain_text(undecided->part),
	    put_plain_text(undecided->reason));
}

static GVariant *
put_explained(const struct explained *explained)
{
	return g_variant_new("(@suu@su@s)", put_plain_text(explained->rule), explained->depth,
	    (guint32)explained->truth, put_text(explained->label), explained->matched,
	    put_text(explained->detail));
}

/* Together they stay within VERDICT_TEXT_MAX; what was cut shows in the size. */
static GVariant *
put_texts(const GPtrArray *texts)
{
	GVariantBuilder builder;
	gsize room = VERDICT_TEXT_MAX;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a" VERDICT_TEXT_TYPE));
	for (guint i = 0; i < texts->len && i < VERDICT_TEXTS_MAX; i++) {
		const struct verdict_text *text = g_ptr_array_index(texts, i);
		g_autofree char *valid = g_utf8_make_valid(text->text, -1);
		gsize whole = strlen(valid), size = text_cut(valid, whole, room);
		valid[size] = '\0';
		room -= size;
		g_variant_builder_add(&builder, "(u@sbts)", (guint32)text->component,
		    put_plain_text(text->part), (gboolean)text->hidden,
		    CLAMP(text->size, whole, RANGE_MAX), valid);
	}
	return g_variant_builder_end(&builder);
}

static GVariant *
put_terms(const struct verdict_terms *terms)
{
	gsize body = strlen(terms->body), files = strlen(terms->files);
	bool fits = body <= VERDICT_TERMS_MAX && files <= VERDICT_TERMS_MAX - body;

	return g_variant_new(VERDICT_TERMS_TYPE, (gboolean)(terms->given && fits),
	    (gboolean)terms->cut, fits ? terms->body : "", fits ? terms->files : "");
}

typedef GVariant *(*put_function)(const void *);

static GVariant *
put_array(const char *type, const GPtrArray *rows, guint max, put_function put)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE(type));
	for (guint i = 0; i < rows->len && i < max; i++)
		g_variant_builder_add_value(&builder, put(g_ptr_array_index(rows, i)));
	return g_variant_builder_end(&builder);
}

GVariant *
verdict_put(const struct verdict *verdict)
{
	enum outcome outcome = verdict->outcome;
	guint facts = verdict->facts;

	if (verdict->parts->len > VERDICT_PARTS_MAX)
		facts |= FACT_TOO_MANY_PARTS;
	if (outcome == OUTCOME_SCANNED && (verdict->parts->len > VERDICT_PARTS_MAX ||
					      verdict->addresses->len > VERDICT_ADDRESSES_MAX ||
					      verdict->flags->len > VERDICT_FLAGS_MAX ||
					      verdict->undecided->len > VERDICT_FLAGS_MAX ||
					      verdict->texts->len > VERDICT_TEXTS_MAX))
		outcome = OUTCOME_PARTIAL;
	/* The types of the lists are theirs: GLib would only read them once more. */
	return g_variant_new("(@s@s@sxt@suuu********)", put_text(verdict->message_id),
	    put_text(verdict->in_reply_to), put_text(verdict->subject), verdict->date,
	    MIN(verdict->size, RANGE_MAX), put_plain_text(verdict->reason),
	    (guint32)verdict->direction, (guint32)outcome, facts,
	    put_array(
		"a(uss)", verdict->addresses, VERDICT_ADDRESSES_MAX, (put_function)put_address),
	    put_array(
		"a" VERDICT_PART_TYPE, verdict->parts, VERDICT_PARTS_MAX, (put_function)put_part),
	    put_array(
		"a" VERDICT_FLAG_TYPE, verdict->flags, VERDICT_FLAGS_MAX, (put_function)put_flag),
	    put_array(
		"a(ssss)", verdict->undecided, VERDICT_FLAGS_MAX, (put_function)put_undecided),
	    put_array("a(suusus)", verdict->explained, VERDICT_EXPLAINED_MAX,
		(put_function)put_explained),
	    put_texts(verdict->texts),
	    put_array("as", verdict->warnings, MESSAGE_WARNINGS_MAX, (put_function)put_plain_text),
	    put_terms(&verdict->terms));
}
