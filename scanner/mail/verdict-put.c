/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict_put - a verdict as bytes that verdict_get takes.
 *
 * What is over a limit is cut here, so that one long file name never costs the whole verdict;
 * whatever is dropped makes the message partial.
 */
#include "mail/verdict.h"

#include <string.h>

#include "base/text.h"

#define RANGE_MAX ((guint64)G_MAXINT64)

/* Text as mail has it: any characters, at most max bytes. Returns how many of them. */
static gsize
put_free_text(GByteArray *out, const char *text, gsize max)
{
	gsize size = strlen(text);
	g_autofree char *valid = NULL;

	if (!text_is_utf8(text, size)) {
		text = valid = g_utf8_make_valid(text, (gssize)size);
		size = strlen(text);
	}
	size = text_cut(text, size, max);
	pack_text(out, text, size);
	return size;
}

static void
put_text(GByteArray *out, const char *text)
{
	put_free_text(out, text, VERDICT_STRING_MAX);
}

/* Words, ids and paths: what cannot be printed becomes U+FFFD, alike everywhere it is named. */
static void
put_plain_text(GByteArray *out, const char *text)
{
	gsize size = 0;

	while (g_ascii_isprint(text[size]))
		size++;
	if (text[size] == '\0' && size <= VERDICT_STRING_MAX) {
		pack_text(out, text, size);
		return;
	}
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autoptr(GString) plain = g_string_sized_new(strlen(valid) + 1);

	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		g_string_append_unichar(plain, g_unichar_isprint(c) ? c : 0xfffd);
	}
	put_text(out, plain->str);
}

static void
put_range(GByteArray *out, guint64 value)
{
	pack_u64(out, MIN(value, RANGE_MAX));
}

typedef void put_function(GByteArray *out, const void *row);

static void
put_rows(GByteArray *out, const GPtrArray *rows, guint max, put_function *put)
{
	guint n = MIN(rows->len, max);

	pack_u32(out, n);
	for (guint i = 0; i < n; i++)
		put(out, g_ptr_array_index(rows, i));
}

/* To a character's first byte at or before at. */
static gsize
border_before(const char *text, gsize at)
{
	while (at > 0 && ((guchar)text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static void
put_excerpt(GByteArray *out, const struct hit *hit)
{
	g_autofree char *excerpt = g_utf8_make_valid(hit->excerpt, -1);
	gsize size = text_cut(excerpt, strlen(excerpt), VERDICT_EXCERPT_MAX);

	excerpt[size] = '\0';
	gsize from = border_before(excerpt, MIN(hit->excerpt_start, size));
	gsize to = from + MIN(hit->excerpt_length, size - from);
	/* Outwards, so that no half of a secret stays unmasked. */
	while (to < size && ((guchar)excerpt[to] & 0xc0) == 0x80)
		to++;
	pack_text(out, excerpt, size);
	pack_u64(out, from);
	pack_u64(out, to - from);
}

static void
put_hit(GByteArray *out, const void *row)
{
	const struct hit *hit = row;

	put_plain_text(out, hit->section);
	pack_u32(out, hit->component);
	put_plain_text(out, hit->header);
	put_plain_text(out, hit->part);
	put_text(out, hit->name);
	put_range(out, hit->offset);
	put_range(out, hit->length);
	put_excerpt(out, hit);
	pack_bool(out, hit->hidden);
}

static void
put_flag(GByteArray *out, const void *row)
{
	const struct flag *flag = row;

	put_plain_text(out, flag->rule);
	put_plain_text(out, flag->title);
	put_plain_text(out, flag->rule_digest);
	pack_u32(out, flag->severity);
	put_plain_text(out, flag->escalated_by);
	put_plain_text(out, flag->exception);
	put_plain_text(out, flag->except_reason);
	pack_u64(out, CLAMP(flag->hits_total, flag->hits->len, RANGE_MAX));
	put_rows(out, flag->hits, VERDICT_HITS_MAX, put_hit);
}

static void
put_part(GByteArray *out, const void *row)
{
	const struct part *part = row;

	put_plain_text(out, part->path);
	put_text(out, part->name);
	put_plain_text(out, part->declared_type);
	put_plain_text(out, part->true_type);
	put_range(out, part->size);
	pack_string(out, part->sha256);
	pack_u32(out, part->outcome);
	pack_u32(out, part->facts);
	pack_u32(out, part->depth);
	pack_bool(out, part->attachment);
	put_text(out, part->detail);
}

static void
put_address(GByteArray *out, const void *row)
{
	const struct address *address = row;

	pack_u32(out, address->role);
	put_text(out, address->name);
	put_text(out, address->address);
}

static void
put_undecided(GByteArray *out, const void *row)
{
	const struct undecided *undecided = row;

	put_plain_text(out, undecided->rule);
	put_plain_text(out, undecided->section);
	put_plain_text(out, undecided->part);
	put_plain_text(out, undecided->reason);
}

static void
put_explained(GByteArray *out, const void *row)
{
	const struct explained *explained = row;

	put_plain_text(out, explained->rule);
	pack_u32(out, explained->depth);
	pack_u32(out, explained->truth);
	put_text(out, explained->label);
	pack_u32(out, explained->matched);
	put_text(out, explained->detail);
}

static void
put_warning(GByteArray *out, const void *row)
{
	put_plain_text(out, row);
}

/* Together they stay within VERDICT_TEXT_MAX; what was cut shows in the size. */
static void
put_texts(GByteArray *out, const GPtrArray *texts)
{
	guint n = MIN(texts->len, VERDICT_TEXTS_MAX);
	gsize room = VERDICT_TEXT_MAX;

	pack_u32(out, n);
	for (guint i = 0; i < n; i++) {
		const struct verdict_text *text = g_ptr_array_index(texts, i);
		g_autofree char *valid = g_utf8_make_valid(text->text, -1);
		pack_u32(out, text->component);
		put_plain_text(out, text->part);
		pack_bool(out, text->hidden);
		pack_u64(out, CLAMP(text->size, strlen(valid), RANGE_MAX));
		room -= put_free_text(out, valid, room);
	}
}

static void
put_terms(GByteArray *out, const struct verdict_terms *terms)
{
	gsize body = strlen(terms->body), files = strlen(terms->files);
	bool fits = body <= VERDICT_TERMS_MAX && files <= VERDICT_TERMS_MAX - body;

	pack_bool(out, terms->given && fits);
	pack_bool(out, terms->cut);
	put_free_text(out, fits ? terms->body : "", VERDICT_TERMS_MAX);
	put_free_text(out, fits ? terms->files : "", VERDICT_TERMS_MAX);
}

static bool
is_cut(const struct verdict *verdict)
{
	return verdict->parts->len > VERDICT_PARTS_MAX ||
	       verdict->addresses->len > VERDICT_ADDRESSES_MAX ||
	       verdict->flags->len > VERDICT_FLAGS_MAX ||
	       verdict->undecided->len > VERDICT_FLAGS_MAX ||
	       verdict->texts->len > VERDICT_TEXTS_MAX;
}

void
verdict_put(GByteArray *out, const struct verdict *verdict)
{
	bool partial = verdict->outcome == OUTCOME_SCANNED && is_cut(verdict);
	bool parts_cut = verdict->parts->len > VERDICT_PARTS_MAX;

	put_text(out, verdict->message_id);
	put_text(out, verdict->in_reply_to);
	put_text(out, verdict->subject);
	pack_u64(out, (guint64)verdict->date);
	put_range(out, verdict->size);
	put_plain_text(out, verdict->reason);
	pack_u32(out, verdict->direction);
	pack_u32(out, partial ? OUTCOME_PARTIAL : verdict->outcome);
	pack_u32(out, verdict->facts | (parts_cut ? FACT_TOO_MANY_PARTS : 0));
	put_rows(out, verdict->addresses, VERDICT_ADDRESSES_MAX, put_address);
	put_rows(out, verdict->parts, VERDICT_PARTS_MAX, put_part);
	put_rows(out, verdict->flags, VERDICT_FLAGS_MAX, put_flag);
	put_rows(out, verdict->undecided, VERDICT_FLAGS_MAX, put_undecided);
	put_rows(out, verdict->explained, VERDICT_EXPLAINED_MAX, put_explained);
	put_texts(out, verdict->texts);
	put_rows(out, verdict->warnings, MESSAGE_WARNINGS_MAX, put_warning);
	put_terms(out, &verdict->terms);
}
