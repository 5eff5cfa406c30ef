/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/verdict.h"

#include <string.h>

#include "base/fault.h"

#define DIGEST "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void
set(char **field, const char *text)
{
	g_free(*field);
	*field = g_strdup(text);
}

/* One of everything. */
static struct verdict *
example(void)
{
	struct verdict *verdict = verdict_new();

	set(&verdict->message_id, "1@corp.example");
	set(&verdict->in_reply_to, "0@rival.example");
	set(&verdict->subject, "Plan\n\342\200\256 B");
	verdict->date = 1767225600000000;
	verdict->size = 730;
	verdict->direction = DIRECTION_OUTBOUND;
	verdict->outcome = OUTCOME_PARTIAL;
	verdict->facts = FACT_MALFORMED | FACT_IMAGE_ONLY;
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_FROM, "Anna", "anna@corp.example"));
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_TO, "", "Bob@Rival.example"));
	g_autoptr(message) message = message_new();
	struct part *part = message_add_part(message, "1.2/inner.zip/plan.docx");
	set(&part->name, "plan.docx");
	set(&part->declared_type, "application/msword");
	g_strlcpy(part->sha256, DIGEST, sizeof(part->sha256));
	part->outcome = PART_ENCRYPTED;
	part->facts = FACT_TYPE_MISMATCH | FACT_PART_MALFORMED;
	part->attachment = true;
	g_ptr_array_add(verdict->parts, g_ptr_array_steal_index(message->parts, 0));
	struct flag *flag = flag_new("competitor");
	set(&flag->title, "Mail to a competitor");
	set(&flag->rule_digest, DIGEST);
	flag->severity = SEVERITY_HIGH;
	flag->hits_total = 7;
	struct hit *hit = hit_new("content.codename");
	hit->component = COMPONENT_HEADERS;
	set(&hit->header, "to");
	set(&hit->part, "1.2/inner.zip/plan.docx");
	set(&hit->excerpt, "\303\244 NIGHTJAR-77 \303\244");
	hit->excerpt_start = 3;
	hit->excerpt_length = 11;
	hit->hidden = true;
	g_ptr_array_add(flag->hits, hit);
	g_ptr_array_add(verdict->flags, flag);
	g_ptr_array_add(verdict->warnings, g_strdup("two Content-Type headers"));
	verdict_add_undecided(verdict, "slow", "content.x", "1.1", "match limit");
	verdict_add_explained(verdict, "competitor", 1, TRUTH_UNDECIDED, "flag_if", 2, "why");
	message_add_text(message, COMPONENT_SUBJECT, NULL, TEXT_NO_PART, g_strdup("Plan"), 4);
	message_add_text(message, COMPONENT_RAW, NULL, TEXT_NO_PART, g_strdup("raw"), 3);
	message_add_text(message, COMPONENT_ATTACHMENTS, NULL, 0, g_strdup("cell\n\033[2J"), 9)
	    ->hidden = true;
	verdict_add_texts(verdict, message);
	return verdict;
}

static struct flag *
first_flag(const struct verdict *verdict)
{
	return g_ptr_array_index(verdict->flags, 0);
}

static struct hit *
first_hit(const struct verdict *verdict)
{
	return g_ptr_array_index(first_flag(verdict)->hits, 0);
}

static struct part *
first_part(const struct verdict *verdict)
{
	return g_ptr_array_index(verdict->parts, 0);
}

static struct verdict_text *
text_at(const struct verdict *verdict, guint index)
{
	return g_ptr_array_index(verdict->texts, index);
}

/* As base/pack.h writes them, with a blank between two: u4 t730 b1 'text' (which has no quote). */
static GByteArray *
packed(const char *words)
{
	GByteArray *out = g_byte_array_new();

	for (const char *at = words; *at != '\0';) {
		const char *end = at[0] == '\'' ? strchr(at + 1, '\'') + 1 : at + strcspn(at, " ");
		if (at[0] == 'u')
			pack_u32(out, (guint32)g_ascii_strtoull(at + 1, NULL, 10));
		else if (at[0] == 't')
			pack_u64(out, g_ascii_strtoull(at + 1, NULL, 10));
		else if (at[0] == 'b')
			pack_bool(out, at[1] == '1');
		else
			pack_text(out, at + 1, (gsize)(end - at) - 2);
		at = *end == ' ' ? end + 1 : end;
	}
	return out;
}

/* The frame with the first occurrence of one replaced by the other. */
static GByteArray *
replaced(const GByteArray *frame, const char *from, const char *to)
{
	g_autoptr(GByteArray) old = packed(from);
	g_autoptr(GByteArray) new = packed(to);
	const guint8 *at = memmem(frame->data, frame->len, old->data, old->len);
	GByteArray *out = g_byte_array_new();

	g_assert_nonnull(at);
	guint before = (guint)(at - frame->data), behind = before + old->len;
	g_byte_array_append(out, frame->data, before);
	g_byte_array_append(out, new->data, new->len);
	g_byte_array_append(out, frame->data + behind, frame->len - behind);
	return out;
}

static struct verdict *
get(const GByteArray *frame, GError **error)
{
	struct packed in = packed_bytes(frame->data, frame->len);

	return verdict_get(&in, error);
}

static void
assert_refused(const GByteArray *frame)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(get(frame, &error));
	g_assert_error(error, FAULT, FAULT_DATA);
}

static void
test_round_trip(void)
{
	g_autoptr(verdict) verdict = example();
	g_autoptr(GByteArray) frame = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	verdict_put(frame, verdict);
	g_autoptr(verdict) back = get(frame, &error);

	g_assert_no_error(error);
	g_assert_nonnull(back);
	g_assert_cmpstr(back->subject, ==, verdict->subject);
	g_assert_cmpint(back->date, ==, verdict->date);
	g_assert_cmpuint(back->facts, ==, verdict->facts);
	g_assert_cmpstr(verdict_address(back, ADDRESS_TO)->domain, ==, "rival.example");
	g_assert_null(verdict_address(back, ADDRESS_BCC));
	g_assert_cmpstr(first_part(back)->sha256, ==, DIGEST);
	g_assert_true(first_part(back)->attachment);
	g_assert_cmpuint(first_flag(back)->hits_total, ==, 7);
	g_assert_true(first_hit(back)->hidden);
	g_assert_cmpuint(back->undecided->len, ==, 1);
	g_assert_cmpuint(back->explained->len, ==, 1);
	g_assert_cmpuint(back->texts->len, ==, 2);
	g_assert_cmpstr(text_at(back, 0)->part, ==, "");
	g_assert_cmpstr(text_at(back, 1)->text, ==, "cell\n\033[2J");
	g_assert_cmpstr(text_at(back, 1)->part, ==, first_part(back)->path);
	g_assert_true(text_at(back, 1)->hidden);
	g_autoptr(GByteArray) again = g_byte_array_new();
	verdict_put(again, back);
	g_assert_cmpmem(frame->data, frame->len, again->data, again->len);
}

/* Each case spoils one field. */
static const struct spoilt {
	const char *label;
	const char *from, *to;
} spoilt[] = {
	{ "a direction that does not exist", "u2 u1 u514", "u9 u1 u514" },
	{ "an outcome that does not exist", "u2 u1 u514", "u2 u3 u514" },
	{ "unknown facts", "u2 u1 u514", "u2 u1 u2147483648" },
	{ "a reason for a message that was looked at", "'' u2 u1 u514", "'crash' u2 u1 u514" },
	{ "a size over what the store keeps", "t730", "t9223372036854775808" },
	{ "an address role that does not exist", "u0 'Anna'", "u7 'Anna'" },
	{ "a digest in upper case", "'" DIGEST "'",
	    "'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855'" },
	{ "a digest that is cut", "'" DIGEST "'", "'e3b0'" },
	{ "a path that forges a line", "'1.2/inner.zip/plan.docx'", "'1.2/\ninner.zip/plan.docx'" },
	{ "a path that turns the direction of writing", "'1.2/inner.zip/plan.docx'",
	    "'1.2/\342\200\256inner.zip/plan.docx'" },
	{ "a name that is not UTF-8", "'plan.docx'", "'plan\377docx'" },
	{ "a part outcome that does not exist", "u2 u257 u0", "u8 u257 u0" },
	{ "unknown part facts", "u2 u257 u0", "u2 u2147483648 u0" },
	{ "a flag without a rule", "'competitor' 'Mail to a competitor'",
	    "'' 'Mail to a competitor'" },
	{ "a severity that does not exist", "u2 '' '' '' t7", "u3 '' '' '' t7" },
	{ "more hits than were counted", "'' '' '' t7", "'' '' '' t0" },
	{ "more hits than are there", "t7 u1 'content.codename'", "t7 u2 'content.codename'" },
	{ "more hits than any rule has", "t7 u1 'content.codename'",
	    "t7 u1001 'content.codename'" },
	{ "a component that does not exist", "'content.codename' u4", "'content.codename' u7" },
	{ "a match that begins outside its excerpt", "t3 t11", "t18 t0" },
	{ "a match that ends outside its excerpt", "t3 t11", "t3 t15" },
	{ "a match whose end wraps around", "t3 t11", "t3 t18446744073709551615" },
	{ "a match that begins in a character", "t3 t11", "t1 t2" },
	{ "a match that ends in a character", "t3 t11", "t3 t13" },
	{ "a truth that does not exist", "'competitor' u1 u2", "'competitor' u1 u3" },
	{ "an explanation deeper than any", "'competitor' u1 u2", "'competitor' u64 u2" },
	{ "a text of the raw bytes", "u0 '' b0 t4", "u6 '' b0 t4" },
	{ "a text of a part that forges a line", "u0 '' b0 t4", "u0 '\n' b0 t4" },
	{ "a text that is longer than it says", "b0 t4 'Plan'", "b0 t3 'Plan'" },
	{ "a size of a text over what can be", "b0 t4 'Plan'", "b0 t9223372036854775808 'Plan'" },
	{ "a warning that is two", "'two Content-Type headers'", "'two; three'" },
	{ "words for the search that were not asked for", "b0 b0 '' ''", "b0 b0 'word' ''" },
};

static void
test_distrust(void)
{
	g_autoptr(verdict) verdict = example();
	g_autoptr(GByteArray) frame = g_byte_array_new();

	verdict_put(frame, verdict);
	for (gsize i = 0; i < G_N_ELEMENTS(spoilt); i++) {
		g_test_message("%s", spoilt[i].label);
		g_autoptr(GByteArray) bad = replaced(frame, spoilt[i].from, spoilt[i].to);
		assert_refused(bad);
	}
}

static void
test_frame(void)
{
	g_autoptr(verdict) verdict = example();
	g_autoptr(GByteArray) frame = g_byte_array_new();

	verdict_put(frame, verdict);
	g_test_message("cut short, anywhere");
	for (guint size = 0; size < frame->len; size++) {
		g_autoptr(GByteArray) cut = g_byte_array_new();
		g_byte_array_append(cut, frame->data, size);
		assert_refused(cut);
	}
	g_test_message("more behind it");
	g_byte_array_append(frame, (const guint8 *)"", 1);
	assert_refused(frame);

	g_test_message("one rule flagged twice");
	g_ptr_array_add(verdict->flags, flag_new("competitor"));
	g_autoptr(GByteArray) twice = g_byte_array_new();
	verdict_put(twice, verdict);
	assert_refused(twice);
}

/* Whatever mail holds, an honest worker's verdict must arrive. */
static void
test_cuts(void)
{
	g_autoptr(verdict) verdict = example();
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < VERDICT_STRING_MAX; i++)
		g_string_append(text, "\342\202\254");
	set(&verdict->subject, text->str);
	set(&first_part(verdict)->name, text->str);
	set(&first_part(verdict)->path, "1.2/a\nb\033.zip");
	set(&first_hit(verdict)->part, "1.2/a\nb\033.zip");
	set(&first_hit(verdict)->excerpt, text->str);
	first_hit(verdict)->excerpt_start = 595;
	first_hit(verdict)->excerpt_length = 90;
	first_flag(verdict)->hits_total = 0;
	for (guint i = 0; i < VERDICT_HITS_MAX; i++)
		g_ptr_array_add(first_flag(verdict)->hits, hit_new("content.more"));
	g_autoptr(GByteArray) frame = g_byte_array_new();
	verdict_put(frame, verdict);
	g_autoptr(verdict) back = get(frame, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(strlen(back->subject), ==, VERDICT_STRING_MAX - 1);
	g_assert_true(g_utf8_validate(back->subject, -1, NULL));
	g_assert_cmpstr(first_part(back)->path, ==, "1.2/a\357\277\275b\357\277\275.zip");
	g_assert_cmpstr(first_hit(back)->part, ==, first_part(back)->path);
	g_assert_cmpuint(strlen(first_hit(back)->excerpt), ==, VERDICT_EXCERPT_MAX);
	g_assert_cmpuint(first_hit(back)->excerpt_start, ==, 594);
	g_assert_cmpuint(first_hit(back)->excerpt_length, ==, 6);
	g_assert_cmpuint(first_flag(back)->hits->len, ==, VERDICT_HITS_MAX);
	g_assert_cmpuint(first_flag(back)->hits_total, ==, VERDICT_HITS_MAX + 1);
}

static void
test_too_many(void)
{
	g_autoptr(verdict) verdict = verdict_new();
	g_autoptr(message) message = message_new();
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i <= VERDICT_PARTS_MAX; i++)
		message_add_part(message, "1");
	g_ptr_array_extend_and_steal(verdict->parts, g_steal_pointer(&message->parts));
	message->parts = g_ptr_array_new();
	g_autoptr(GByteArray) frame = g_byte_array_new();
	verdict_put(frame, verdict);
	g_autoptr(verdict) back = get(frame, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(back->parts->len, ==, VERDICT_PARTS_MAX);
	g_test_message("what was dropped is said");
	g_assert_true(back->outcome == OUTCOME_PARTIAL);
	g_assert_true((back->facts & FACT_TOO_MANY_PARTS) != 0);
}

/* Texts are bounded together, and what was cut says so by its size. */
static void
test_texts(void)
{
	g_autoptr(verdict) verdict = verdict_new();
	g_autoptr(message) message = message_new();
	g_autoptr(GError) error = NULL;
	const gsize half = VERDICT_TEXT_MAX / 2 + 1;

	for (guint i = 0; i < 3; i++) {
		char *text = g_malloc(half + 1);
		memset(text, 'a', half);
		text[half] = '\0';
		message_add_text(message, COMPONENT_BODY, NULL, TEXT_NO_PART, text, half);
	}
	verdict_add_texts(verdict, message);
	g_autoptr(GByteArray) frame = g_byte_array_new();
	verdict_put(frame, verdict);
	g_autoptr(verdict) back = get(frame, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(back->texts->len, ==, 3);
	g_assert_cmpuint(strlen(text_at(back, 0)->text), ==, half);
	g_assert_cmpuint(strlen(text_at(back, 1)->text), ==, VERDICT_TEXT_MAX - half);
	g_assert_cmpuint(strlen(text_at(back, 2)->text), ==, 0);
	g_assert_cmpuint(text_at(back, 2)->size, ==, half);

	g_test_message("one byte too many is refused");
	g_autofree char *last =
	    g_strdup_printf("u%d '' b0 t%" G_GSIZE_FORMAT " ", COMPONENT_BODY, half);
	g_autofree char *from = g_strconcat(last, "''", NULL), *to = g_strconcat(last, "'a'", NULL);
	g_autoptr(GByteArray) bad = replaced(frame, from, to);
	assert_refused(bad);
}

static void
test_from_message(void)
{
	g_autoptr(message) message = message_new();

	set(&message->subject, "s");
	message->size = 9;
	message->facts = FACT_MAIL_LOOP;
	message->outcome = OUTCOME_PARTIAL;
	message_add_part(message, "1");
	message_add_header(message, "To", "x");
	g_autoptr(verdict) verdict = verdict_from_message(message);
	g_assert_cmpstr(verdict->subject, ==, "s");
	g_assert_cmpuint(verdict->parts->len, ==, 1);
	g_assert_cmpuint(verdict->size, ==, 9);
	g_assert_cmpuint(verdict->facts, ==, FACT_MAIL_LOOP);
	g_assert_true(verdict->outcome == OUTCOME_PARTIAL);
	g_assert_cmpuint(message->parts->len, ==, 0);
	g_assert_cmpuint(message->headers->len, ==, 1);

	g_autoptr(verdict) crashed = verdict_unscannable("crash", 12);
	g_autoptr(GByteArray) frame = g_byte_array_new();
	verdict_put(frame, crashed);
	g_autoptr(verdict) back = get(frame, NULL);
	g_assert_cmpstr(back->reason, ==, "crash");
	g_assert_true(back->outcome == OUTCOME_UNSCANNABLE);
}

static void
test_shown(void)
{
	g_autoptr(verdict) verdict = example();
	struct hit *hit = first_hit(verdict);
	g_autofree char *masked = hit_excerpt(hit, false);
	g_autofree char *clear = hit_excerpt(hit, true);
	g_autofree char *header = hit_component(hit);

	g_assert_cmpstr(masked, ==, "\303\244 NI*******77 \303\244");
	g_assert_cmpstr(clear, ==, hit->excerpt);
	g_assert_cmpstr(header, ==, "header.to");
	hit->component = COMPONENT_BODY;
	hit->excerpt_length = 0;
	g_autofree char *open = hit_excerpt(hit, false);
	g_autofree char *body = hit_component(hit);
	g_assert_cmpstr(open, ==, hit->excerpt);
	g_assert_cmpstr(body, ==, "body");

	g_assert_cmpuint(verdict_flag_count(verdict), ==, 1);
	set(&first_flag(verdict)->exception, "tender");
	g_assert_cmpuint(verdict_flag_count(verdict), ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/verdict/round-trip", test_round_trip);
	g_test_add_func("/verdict/distrust", test_distrust);
	g_test_add_func("/verdict/frame", test_frame);
	g_test_add_func("/verdict/cuts", test_cuts);
	g_test_add_func("/verdict/too-many", test_too_many);
	g_test_add_func("/verdict/texts", test_texts);
	g_test_add_func("/verdict/from-message", test_from_message);
	g_test_add_func("/verdict/shown", test_shown);
	return g_test_run();
}
