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

static void
test_round_trip(void)
{
	g_autoptr(verdict) verdict = example();
	g_autoptr(GVariant) frame = g_variant_ref_sink(verdict_put(verdict));
	g_autoptr(GError) error = NULL;
	g_autoptr(verdict) back = verdict_get(frame, &error);

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
	g_autoptr(GVariant) again = g_variant_ref_sink(verdict_put(back));
	g_assert_true(g_variant_equal(frame, again));
}

/* Each case spoils one field of the frame itself, as a worker that is no longer ours would. */
static const struct spoilt {
	const char *label;
	const char *from, *to; /* in the printed frame; the first occurrence */
} spoilt[] = {
	{ "a direction that does not exist", "uint32 2, uint32 1, uint32 514",
	    "uint32 9, uint32 1, uint32 514" },
	{ "an outcome that does not exist", "uint32 2, uint32 1, uint32 514",
	    "uint32 2, uint32 3, uint32 514" },
	{ "unknown facts", "uint32 2, uint32 1, uint32 514",
	    "uint32 2, uint32 1, uint32 2147483648" },
	{ "a reason for a message that was looked at", "'', uint32 2", "'crash', uint32 2" },
	{ "a size over what the store keeps", "uint64 730", "uint64 9223372036854775808" },
	{ "an address role that does not exist", "uint32 0, 'Anna'", "uint32 7, 'Anna'" },
	{ "a digest in upper case", "'e3b0", "'E3B0" },
	{ "a digest that is cut", "'e3b0", "'" },
	{ "a path that forges a line", "'1.2/inner.zip", "'1.2/\\ninner.zip" },
	{ "a path that turns the direction of writing", "'1.2/inner.zip", "'1.2/\\u202einner.zip" },
	{ "a part outcome that does not exist", "uint32 2, uint32 257, uint32 0",
	    "uint32 8, uint32 257, uint32 0" },
	{ "unknown part facts", "uint32 2, uint32 257, uint32 0",
	    "uint32 2, uint32 2147483648, uint32 0" },
	{ "a flag without a rule", "('competitor', 'Mail", "('', 'Mail" },
	{ "a severity that does not exist", "uint32 2, '', '', '', uint64 7",
	    "uint32 3, '', '', '', uint64 7" },
	{ "more hits than were counted", "'', '', '', uint64 7", "'', '', '', uint64 0" },
	{ "a component that does not exist", "'content.codename', uint32 4",
	    "'content.codename', uint32 7" },
	{ "a match that begins outside its excerpt", "uint64 3, uint64 11", "uint64 18, uint64 0" },
	{ "a match that ends outside its excerpt", "uint64 3, uint64 11", "uint64 3, uint64 15" },
	{ "a match whose end wraps around", "uint64 3, uint64 11",
	    "uint64 3, uint64 18446744073709551615" },
	{ "a match that begins in a character", "uint64 3, uint64 11", "uint64 1, uint64 2" },
	{ "a match that ends in a character", "uint64 3, uint64 11", "uint64 3, uint64 13" },
	{ "a truth that does not exist", "'competitor', uint32 1, uint32 2",
	    "'competitor', uint32 1, uint32 3" },
	{ "an explanation deeper than any", "'competitor', uint32 1, uint32 2",
	    "'competitor', uint32 64, uint32 2" },
	{ "a text of the raw bytes", "(uint32 0, '', false, uint64 4",
	    "(uint32 6, '', false, uint64 4" },
	{ "a text of a part that forges a line", "(uint32 0, '', false, uint64 4",
	    "(uint32 0, '\\n', false, uint64 4" },
	{ "a text that is longer than it says", "false, uint64 4, 'Plan'",
	    "false, uint64 3, 'Plan'" },
	{ "a size of a text over what can be", "false, uint64 4, 'Plan'",
	    "false, uint64 9223372036854775808, 'Plan'" },
};

static void
test_distrust(void)
{
	g_autoptr(verdict) verdict = example();
	g_autoptr(GVariant) frame = g_variant_ref_sink(verdict_put(verdict));
	g_autofree char *honest = g_variant_print(frame, TRUE);

	for (gsize i = 0; i < G_N_ELEMENTS(spoilt); i++) {
		g_autoptr(GError) error = NULL;
		g_test_message("%s", spoilt[i].label);
		const char *at = strstr(honest, spoilt[i].from);
		g_assert_nonnull(at);
		g_autofree char *text = g_strdup_printf("%.*s%s%s", (int)(at - honest), honest,
		    spoilt[i].to, at + strlen(spoilt[i].from));
		g_autoptr(GVariant) bad =
		    g_variant_parse(G_VARIANT_TYPE(VERDICT_TYPE), text, NULL, NULL, &error);
		g_assert_no_error(error);
		g_assert_null(verdict_get(bad, &error));
		g_assert_error(error, FAULT, FAULT_DATA);
	}
}

static void
test_frame(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) other = g_variant_ref_sink(g_variant_new("(s)", "verdict"));
	g_autoptr(GBytes) noise = g_bytes_new_static("\377\377\377\377\377\377\377\377", 8);
	g_autoptr(GVariant) broken = g_variant_ref_sink(
	    g_variant_new_from_bytes(G_VARIANT_TYPE(VERDICT_TYPE), noise, FALSE));

	g_test_message("another type");
	g_assert_null(verdict_get(other, &error));
	g_assert_error(error, FAULT, FAULT_DATA);
	g_clear_error(&error);
	g_test_message("bytes that are not in normal form");
	g_assert_null(verdict_get(broken, &error));
	g_assert_error(error, FAULT, FAULT_DATA);
	g_clear_error(&error);

	g_test_message("one rule flagged twice");
	g_autoptr(verdict) verdict = example();
	g_ptr_array_add(verdict->flags, flag_new("competitor"));
	g_autoptr(GVariant) twice = g_variant_ref_sink(verdict_put(verdict));
	g_assert_null(verdict_get(twice, &error));
	g_assert_error(error, FAULT, FAULT_DATA);
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
	g_autoptr(GVariant) frame = g_variant_ref_sink(verdict_put(verdict));
	g_autoptr(verdict) back = verdict_get(frame, &error);
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
	g_autoptr(GVariant) frame = g_variant_ref_sink(verdict_put(verdict));
	g_autoptr(verdict) back = verdict_get(frame, &error);
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
	g_autoptr(GVariant) frame = g_variant_ref_sink(verdict_put(verdict));
	g_autoptr(verdict) back = verdict_get(frame, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(back->texts->len, ==, 3);
	g_assert_cmpuint(strlen(text_at(back, 0)->text), ==, half);
	g_assert_cmpuint(strlen(text_at(back, 1)->text), ==, VERDICT_TEXT_MAX - half);
	g_assert_cmpuint(strlen(text_at(back, 2)->text), ==, 0);
	g_assert_cmpuint(text_at(back, 2)->size, ==, half);

	g_test_message("one byte too many is refused");
	g_autofree char *printed = g_variant_print(frame, TRUE);
	const char *last = g_strrstr(printed, "''");
	g_autofree char *over =
	    g_strdup_printf("%.*s'a'%s", (int)(last - printed), printed, last + 2);
	g_autoptr(GVariant) bad =
	    g_variant_parse(G_VARIANT_TYPE(VERDICT_TYPE), over, NULL, NULL, &error);
	g_assert_no_error(error);
	g_assert_null(verdict_get(bad, &error));
	g_assert_error(error, FAULT, FAULT_DATA);
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
	g_autoptr(GVariant) frame = g_variant_ref_sink(verdict_put(crashed));
	g_autoptr(verdict) back = verdict_get(frame, NULL);
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
