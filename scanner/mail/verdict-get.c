/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict_get - bytes from a worker, believed only as far as they can be checked.
 *
 * A worker has parsed hostile bytes and may be theirs by now. The first thing that is out of
 * place refuses the whole verdict; nothing of it reaches the store.
 */
#include "mail/verdict.h"

#include <string.h>

#include "base/fault.h"

/* What a string may be. */
enum given_kind {
	GIVEN_FREE,   /* text from mail: anything */
	GIVEN_PLAIN,  /* printable characters */
	GIVEN_NEEDED, /* printable and not empty */
	GIVEN_DIGEST, /* 64 lower-case hexadecimal digits, or nothing */
};

/* What is read, and the first thing that was refused: from then on all is bad, as in base/pack.h.
 */
struct frame {
	struct packed *in;
	GError *error;
};

static void
refuse(struct frame *frame, const char *what, const char *why)
{
	if (!frame->in->bad)
		g_set_error(&frame->error, FAULT, FAULT_DATA, "verdict: %s: %s", what, why);
	frame->in->bad = true;
}

static bool
is_printable(const char *text)
{
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if (!g_ascii_isprint(*p) && !g_unichar_isprint(g_utf8_get_char(p)))
			return false;
	}
	return true;
}

static bool
is_digest(const char *text, gsize size)
{
	return size == 0 || (size == 64 && strspn(text, "0123456789abcdef") == 64);
}

/* In the frame itself: nothing is copied before it was checked. */
static const char *
look_text(struct frame *frame, const char *what, enum given_kind kind)
{
	gsize size;
	const char *text = packed_text(frame->in, &size);

	if (size > VERDICT_STRING_MAX)
		refuse(frame, what, "too long");
	else if ((kind == GIVEN_PLAIN || kind == GIVEN_NEEDED) && !is_printable(text))
		refuse(frame, what, "has characters that cannot be printed");
	else if (kind == GIVEN_NEEDED && size == 0)
		refuse(frame, what, "empty");
	else if (kind == GIVEN_DIGEST && !is_digest(text, size))
		refuse(frame, what, "not a SHA-256");
	return frame->in->bad ? "" : text;
}

static char *
get_text(struct frame *frame, const char *what, enum given_kind kind)
{
	return g_strdup(look_text(frame, what, kind));
}

static void
set_text(struct frame *frame, const char *what, enum given_kind kind, char **field)
{
	g_free(*field);
	*field = get_text(frame, what, kind);
}

/* A number that is an index into a table of words. */
static guint
get_word(struct frame *frame, const char *what, guint count)
{
	guint32 value = packed_u32(frame->in);

	if (value < count)
		return value;
	refuse(frame, what, "no such word");
	return 0;
}

static guint
get_facts(struct frame *frame, const char *what, const char *const *words)
{
	guint32 facts = packed_u32(frame->in);

	if (facts >> word_count(words) != 0)
		refuse(frame, what, "unknown bits");
	return facts;
}

/* The store keeps signed numbers. */
static guint64
get_range(struct frame *frame, const char *what)
{
	guint64 value = packed_u64(frame->in);

	if (value > (guint64)G_MAXINT64)
		refuse(frame, what, "out of range");
	return value;
}

static guint
get_count(struct frame *frame, const char *what, guint max)
{
	guint n = packed_u32(frame->in);

	if (n > max)
		refuse(frame, what, "too many");
	return frame->in->bad ? 0 : n;
}

typedef void *get_function(struct frame *frame);

static void
get_rows(struct frame *frame, const char *what, guint max, get_function *get, GPtrArray *out)
{
	guint n = get_count(frame, what, max);

	for (guint i = 0; i < n && !frame->in->bad; i++)
		g_ptr_array_add(out, get(frame));
}

static void *
get_address(struct frame *frame)
{
	guint role = get_word(frame, "role of an address", word_count(address_role_words));
	const char *name = look_text(frame, "display name", GIVEN_FREE);
	const char *address = look_text(frame, "address", GIVEN_FREE);

	return address_new(role, name, address);
}

static void *
get_part(struct frame *frame)
{
	struct part *part = g_new0(struct part, 1);

	part->path = get_text(frame, "path of a part", GIVEN_PLAIN);
	part->name = get_text(frame, "name of a part", GIVEN_FREE);
	part->declared_type = get_text(frame, "declared type", GIVEN_PLAIN);
	part->true_type = get_text(frame, "true type", GIVEN_PLAIN);
	part->size = get_range(frame, "size of a part");
	g_strlcpy(
	    part->sha256, look_text(frame, "digest of a part", GIVEN_DIGEST), sizeof part->sha256);
	part->outcome = get_word(frame, "outcome of a part", word_count(part_outcome_words));
	part->facts = get_facts(frame, "facts of a part", part_fact_words);
	part->depth = packed_u32(frame->in);
	part->attachment = packed_bool(frame->in);
	part->detail = get_text(frame, "detail of a part", GIVEN_FREE);
	return part;
}

static bool
is_border(const char *text, gsize at)
{
	return ((guchar)text[at] & 0xc0) != 0x80;
}

static void
get_excerpt(struct frame *frame, struct hit *hit)
{
	hit->excerpt = get_text(frame, "excerpt", GIVEN_FREE);
	hit->excerpt_start = packed_u64(frame->in);
	hit->excerpt_length = packed_u64(frame->in);
	gsize size = strlen(hit->excerpt);
	if (size > VERDICT_EXCERPT_MAX)
		refuse(frame, "excerpt", "too long");
	else if (hit->excerpt_start > size || hit->excerpt_length > size - hit->excerpt_start)
		refuse(frame, "excerpt", "its match lies outside");
	else if (!is_border(hit->excerpt, hit->excerpt_start) ||
		 !is_border(hit->excerpt, hit->excerpt_start + hit->excerpt_length))
		refuse(frame, "excerpt", "its match cuts a character");
}

static void *
get_hit(struct frame *frame)
{
	struct hit *hit = g_new0(struct hit, 1);

	hit->section = get_text(frame, "section of a hit", GIVEN_PLAIN);
	hit->component = get_word(frame, "component of a hit", word_count(component_words));
	hit->header = get_text(frame, "header of a hit", GIVEN_PLAIN);
	hit->part = get_text(frame, "part of a hit", GIVEN_PLAIN);
	hit->name = get_text(frame, "file name of a hit", GIVEN_FREE);
	hit->offset = get_range(frame, "offset of a hit");
	hit->length = get_range(frame, "length of a hit");
	get_excerpt(frame, hit);
	hit->hidden = packed_bool(frame->in);
	return hit;
}

static void *
get_flag(struct frame *frame)
{
	struct flag *flag = flag_new(look_text(frame, "rule", GIVEN_NEEDED));

	set_text(frame, "title of a rule", GIVEN_PLAIN, &flag->title);
	set_text(frame, "digest of a rule", GIVEN_DIGEST, &flag->rule_digest);
	flag->severity = get_word(frame, "severity", word_count(severity_words));
	set_text(frame, "escalation", GIVEN_PLAIN, &flag->escalated_by);
	set_text(frame, "exception", GIVEN_PLAIN, &flag->exception);
	set_text(frame, "reason of an exception", GIVEN_PLAIN, &flag->except_reason);
	flag->hits_total = get_range(frame, "number of hits");
	get_rows(frame, "hits", VERDICT_HITS_MAX, get_hit, flag->hits);
	if (flag->hits->len > flag->hits_total)
		refuse(frame, "hits", "more than were counted");
	return flag;
}

static void *
get_undecided(struct frame *frame)
{
	struct undecided *undecided = g_new0(struct undecided, 1);

	undecided->rule = get_text(frame, "undecided rule", GIVEN_NEEDED);
	undecided->section = get_text(frame, "undecided section", GIVEN_PLAIN);
	undecided->part = get_text(frame, "undecided part", GIVEN_PLAIN);
	undecided->reason = get_text(frame, "reason of an undecided rule", GIVEN_PLAIN);
	return undecided;
}

static void *
get_explained(struct frame *frame)
{
	struct explained *explained = g_new0(struct explained, 1);

	explained->rule = get_text(frame, "explained rule", GIVEN_PLAIN);
	explained->depth = get_word(frame, "depth of an explanation", VERDICT_DEPTH_MAX);
	explained->truth = get_word(frame, "truth", TRUTH_UNDECIDED + 1);
	explained->label = get_text(frame, "label of an explanation", GIVEN_FREE);
	explained->matched = packed_u32(frame->in);
	explained->detail = get_text(frame, "detail of an explanation", GIVEN_FREE);
	return explained;
}

static void *
get_warning(struct frame *frame)
{
	char *words = get_text(frame, "warning", GIVEN_NEEDED);

	if (strlen(words) > VERDICT_WARNING_MAX || strstr(words, "; ") != NULL)
		refuse(frame, "warning", "not a few words");
	return words;
}

/* At most *room bytes of text, which it takes of the room. */
static struct verdict_text *
get_one_text(struct frame *frame, gsize *room)
{
	struct verdict_text *text = g_new0(struct verdict_text, 1);
	gsize length;

	text->component = get_word(frame, "component of a text", COMPONENT_ATTACHMENTS + 1);
	text->part = get_text(frame, "part of a text", GIVEN_PLAIN);
	text->hidden = packed_bool(frame->in);
	text->size = get_range(frame, "size of a text");
	const char *data = packed_text(frame->in, &length);
	if (length > *room)
		refuse(frame, "texts", "too long");
	else if (length > text->size)
		refuse(frame, "text", "longer than it says");
	text->text = g_strdup(frame->in->bad ? "" : data);
	*room -= MIN(length, *room);
	return text;
}

static void
get_texts(struct frame *frame, GPtrArray *out)
{
	guint n = get_count(frame, "texts", VERDICT_TEXTS_MAX);
	gsize room = VERDICT_TEXT_MAX;

	for (guint i = 0; i < n && !frame->in->bad; i++)
		g_ptr_array_add(out, get_one_text(frame, &room));
}

static void
get_terms(struct frame *frame, struct verdict_terms *terms)
{
	gsize body_size, files_size;
	bool given = packed_bool(frame->in), cut = packed_bool(frame->in);
	const char *body = packed_text(frame->in, &body_size);
	const char *files = packed_text(frame->in, &files_size);

	if (body_size > VERDICT_TERMS_MAX || files_size > VERDICT_TERMS_MAX - body_size)
		refuse(frame, "terms", "too long");
	else if (!given && (cut || body_size > 0 || files_size > 0))
		refuse(frame, "terms", "there, and not given");
	g_free(terms->body);
	g_free(terms->files);
	*terms = (struct verdict_terms){
		.given = given, .cut = cut, .body = g_strdup(body), .files = g_strdup(files)
	};
}

static void
get_summary(struct frame *frame, struct verdict *verdict)
{
	set_text(frame, "message id", GIVEN_FREE, &verdict->message_id);
	set_text(frame, "in reply to", GIVEN_FREE, &verdict->in_reply_to);
	set_text(frame, "subject", GIVEN_FREE, &verdict->subject);
	verdict->date = (gint64)packed_u64(frame->in);
	verdict->size = get_range(frame, "size");
	set_text(frame, "reason", GIVEN_PLAIN, &verdict->reason);
	verdict->direction = get_word(frame, "direction", word_count(direction_words));
	verdict->outcome = get_word(frame, "outcome", word_count(outcome_words));
	verdict->facts = get_facts(frame, "facts", message_fact_words);
	if (verdict->reason[0] != '\0' && verdict->outcome != OUTCOME_UNSCANNABLE)
		refuse(frame, "reason", "given for a message that was looked at");
}

static void
check_flags_differ(struct frame *frame, const struct verdict *verdict)
{
	g_autoptr(GHashTable) seen = NULL;

	if (verdict->flags->len < 2)
		return;
	seen = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < verdict->flags->len; i++) {
		struct flag *flag = g_ptr_array_index(verdict->flags, i);
		if (!g_hash_table_add(seen, flag->rule))
			refuse(frame, "flags", "one rule twice");
	}
}

struct verdict *
verdict_get(struct packed *in, GError **error)
{
	struct frame frame = { .in = in };
	g_autoptr(verdict) verdict = verdict_new();

	get_summary(&frame, verdict);
	get_rows(&frame, "addresses", VERDICT_ADDRESSES_MAX, get_address, verdict->addresses);
	get_rows(&frame, "parts", VERDICT_PARTS_MAX, get_part, verdict->parts);
	get_rows(&frame, "flags", VERDICT_FLAGS_MAX, get_flag, verdict->flags);
	check_flags_differ(&frame, verdict);
	get_rows(&frame, "undecided rules", VERDICT_FLAGS_MAX, get_undecided, verdict->undecided);
	get_rows(&frame, "explanation", VERDICT_EXPLAINED_MAX, get_explained, verdict->explained);
	get_texts(&frame, verdict->texts);
	get_rows(&frame, "warnings", MESSAGE_WARNINGS_MAX, get_warning, verdict->warnings);
	get_terms(&frame, &verdict->terms);
	if (packed_is_done(in))
		return g_steal_pointer(&verdict);
	if (frame.error != NULL)
		g_propagate_error(error, frame.error);
	else
		g_set_error(error, FAULT, FAULT_DATA, "verdict: not in form");
	return NULL;
}
