/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/detector.h"

#include <string.h>

#include "rules/data-use.h"

#define TOO_MANY "too many matches"

static void
clear_span(gpointer data)
{
	struct match_span *match = data;

	g_free(match->value);
}

/* By start; of those that start together the longest first. */
static gint
by_place(gconstpointer a, gconstpointer b)
{
	const struct match_span *left = a, *right = b;

	if (left->span.start != right->span.start)
		return left->span.start < right->span.start ? -1 : 1;
	if (left->span.end != right->span.end)
		return left->span.end > right->span.end ? -1 : 1;
	return (gint)right->confidence - (gint)left->confidence;
}

static GArray *
matches_new(void)
{
	GArray *matches = g_array_new(FALSE, FALSE, sizeof(struct match_span));

	g_array_set_clear_func(matches, clear_span);
	return matches;
}

/* Sorts, and keeps of matches that overlap the surer one, else the first. */
static GArray *
without_overlap(GArray *found)
{
	GArray *kept = matches_new();
	gsize free_from = 0;

	g_array_sort(found, by_place);
	for (guint i = 0; i < found->len; i++) {
		struct match_span *match = &g_array_index(found, struct match_span, i);
		if (kept->len > 0 && match->span.start < free_from) {
			const struct match_span *last =
			    &g_array_index(kept, struct match_span, kept->len - 1);
			if (match->confidence <= last->confidence)
				continue;
			g_array_set_size(kept, kept->len - 1);
		}
		free_from = MAX(match->span.end, match->span.start + 1);
		g_array_append_val(kept, *match);
		match->value = NULL;
	}
	g_array_unref(found);
	return kept;
}

/* The words' numbers name the phrase, however it was written. */
static char *
value_of_words(const GArray *tokens, guint at, guint count)
{
	GString *value = g_string_new(NULL);

	for (guint i = at; i < at + count; i++)
		g_string_append_printf(value, "%u ", g_array_index(tokens, struct token, i).id);
	return g_string_free(value, FALSE);
}

/* All words and phrases of the lists in a text, unsorted. */
static void
find_words(const GPtrArray *lists, struct run *run, guint text, GArray *out, const char **stuck)
{
	for (guint set = 0; set < lists->len; set++) {
		const struct list *list = list_ref_find(lists->pdata[set], run->world);
		const GArray *tokens = run_tokens(run, text);
		guint at = 0, count = 0, entry = 0;
		while (list_phrases(list) != NULL &&
		       phrases_next(list_phrases(list), tokens, &at, &count, &entry)) {
			if (out->len >= DETECTOR_SPANS_MAX) {
				*stuck = TOO_MANY;
				return;
			}
			const struct token *first = &g_array_index(tokens, struct token, at);
			const struct token *last = first + (count - 1);
			struct match_span match = { { first->offset, last->offset + last->length },
				value_of_words(tokens, at, count), set, entry, NULL,
				CONFIDENCE_HIGH };
			g_array_append_val(out, match);
			at += count;
		}
	}
}

/* Characters between two spans; 0 when they touch. Far more when they are in far more bytes. */
static guint64
distance(const char *text, struct span a, struct span b, guint64 limit)
{
	gsize from = a.end <= b.start ? a.end : b.end;
	gsize to = a.end <= b.start ? b.start : a.start;

	if (to <= from)
		return 0;
	/* A character has at most four bytes. */
	if (to - from > 4 * limit)
		return G_MAXUINT64;
	return (guint64)g_utf8_strlen(text + from, (gssize)(to - from));
}

/* One of places, which are sorted and apart, stands within near_characters of the match. */
static bool
is_near(const struct detector *detector, const GArray *places, const char *text, struct span span)
{
	guint low = 0, high = places->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (g_array_index(places, struct match_span, middle).span.start < span.start)
			low = middle + 1;
		else
			high = middle;
	}
	for (guint i = low > 0 ? low - 1 : 0; i < places->len && i <= low; i++) {
		struct span word = g_array_index(places, struct match_span, i).span;
		if (distance(text, word, span, detector->near_characters) <=
		    detector->near_characters)
			return true;
	}
	return false;
}

static bool
is_among(const GPtrArray *lists, const struct run *run, const char *folded)
{
	for (guint i = 0; lists != NULL && i < lists->len; i++) {
		if (list_find(list_ref_find(lists->pdata[i], run->world), folded) != NULL)
			return true;
	}
	return false;
}

/* value is in the form in which values are compared. */
static bool
is_left_out(const struct detector *detector, const struct run *run, const char *value)
{
	if (detector->not_values == NULL && detector->not_named == NULL)
		return false;
	g_autofree char *folded = token_fold(value, strlen(value));
	return is_among(detector->not_values, run, folded) ||
	       is_among(detector->not_named, run, folded);
}

/* The value of a confirmed match, or NULL when the validator refuses it. */
static char *
confirm(const struct detector *detector, const struct run *run, const char *text, struct span span)
{
	g_autofree char *value =
	    validator_value(detector->validator, text + span.start, span.end - span.start);

	if (value == NULL || is_left_out(detector, run, value))
		return NULL;
	return g_steal_pointer(&value);
}

/* The character behind the one at offset. */
static gsize
next_start(const struct text *text, gsize offset)
{
	if (offset >= text->size)
		return text->size + 1;
	return (gsize)(g_utf8_next_char(text->data + offset) - text->data);
}

/* number counts the patterns of a detector, the weak ones behind the others. */
static const struct pattern *
pattern_of(const struct detector *detector, guint number)
{
	guint strong = detector->patterns != NULL ? detector->patterns->len : 0;

	if (number < strong)
		return detector->patterns->pdata[number];
	if (detector->weak == NULL || number - strong >= detector->weak->len)
		return NULL;
	return detector->weak->pdata[number - strong];
}

static bool
is_weak(const struct detector *detector, guint number)
{
	return detector->patterns == NULL || number >= detector->patterns->len;
}

static bool
needs_no_pattern(const struct detector *detector)
{
	return detector->words != NULL || detector->data != NULL;
}

static bool
may_find_one(const struct detector *detector, struct run *run, guint text)
{
	return needs_no_pattern(detector) ||
	       run_may_match_some(run, text, detector->components, detector->numbers);
}

static bool
may_find_anywhere(const struct detector *detector, struct run *run)
{
	return needs_no_pattern(detector) ||
	       run_may_match_any(
		   run, (const guint *)detector->numbers->data, detector->numbers->len);
}

bool
detector_may_find(const struct detector *detector, struct run *run)
{
	bool may = false;

	if (detector->members == NULL)
		return may_find_anywhere(detector, run);
	for (guint i = 0; i < detector->members->len && !may; i++)
		may = may_find_anywhere(detector->members->pdata[i], run);
	return may;
}

bool
detector_patterns(const struct detector *detector, GArray *numbers)
{
	bool all = !needs_no_pattern(detector);

	for (guint i = 0; detector->members != NULL && i < detector->members->len && all; i++)
		all = detector_patterns(detector->members->pdata[i], numbers);
	g_array_append_vals(numbers, detector->numbers->data, detector->numbers->len);
	return all;
}

static void
find_pattern(const struct detector *detector, guint set, struct run *run, const struct text *text,
    GArray *out, const char **stuck)
{
	const struct pattern *pattern = pattern_of(detector, set);
	enum confidence alone = is_weak(detector, set) ? CONFIDENCE_LOW : detector->alone;
	struct span span;
	enum pattern_result result;
	gsize from = 0;

	while ((result = pattern_next(run->engine, pattern, text->data, text->size, from,
		    run->deadline_us, &span, stuck)) == PATTERN_FOUND) {
		struct match_span match = { span, confirm(detector, run, text->data, span), set, 0,
			detector, alone };
		if (match.value != NULL)
			g_array_append_val(out, match);
		/* A refused match may hide a right one that begins inside it. */
		bool is_whole = match.value != NULL && span.end > span.start && span.end > from;
		from = is_whole ? span.end : next_start(text, MAX(span.start, from));
		if (from > text->size)
			return;
		if (out->len >= DETECTOR_SPANS_MAX || run_is_late(run)) {
			*stuck = run_is_late(run) ? "time" : TOO_MANY;
			return;
		}
	}
}

/* Raises what has a near word around it; leaves out what is worth less than is wanted. */
static GArray *
weigh(const struct detector *detector, const GArray *places, const struct text *text, GArray *found)
{
	GArray *kept = matches_new();

	for (guint i = 0; i < found->len; i++) {
		struct match_span *match = &g_array_index(found, struct match_span, i);
		bool weak = detector->words == NULL && is_weak(detector, match->set);
		if (places != NULL && is_near(detector, places, text->data, match->span))
			match->confidence =
			    MAX(match->confidence, weak ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH);
		if (match->confidence < detector->wanted)
			continue;
		g_array_append_val(kept, *match);
		match->value = NULL;
	}
	g_array_unref(found);
	return kept;
}

/* places: of the near words; NULL for a detector without any. */
static void
find_all(const struct detector *detector, struct run *run, guint index, const GArray *places,
    GArray *found, const char **stuck)
{
	const struct text *text = g_ptr_array_index(run->message->texts, index);
	bool is_near_possible = places != NULL && places->len > 0;

	for (guint i = 0; pattern_of(detector, i) != NULL; i++) {
		/* What is weak and has no word around it would be left out in the end. */
		if ((!is_weak(detector, i) || is_near_possible ||
			detector->wanted == CONFIDENCE_LOW) &&
		    run_may_match(run, index, pattern_of(detector, i)))
			find_pattern(detector, i, run, text, found, stuck);
	}
	if (detector->words != NULL)
		find_words(detector->words, run, index, found, stuck);
}

/* What one detector, not one made of others, finds. */
static GArray *
find_one(const struct detector *detector, struct run *run, guint index, const char **stuck)
{
	const struct text *text = g_ptr_array_index(run->message->texts, index);
	g_autoptr(GArray) places = NULL;
	GArray *found = matches_new();

	if (detector->near != NULL) {
		places = matches_new();
		find_words(detector->near, run, index, places, stuck);
		places = without_overlap(g_steal_pointer(&places));
	}
	/* Most texts end here: no near word, and nothing that would count without one. */
	if (places != NULL && places->len == 0 && detector->alone < detector->wanted)
		return found;
	find_all(detector, run, index, places, found, stuck);
	/* First weighed: a match that counts is not to yield to one that does not. */
	return without_overlap(weigh(detector, places, text, found));
}

static GArray *
find_members(const struct detector *detector, struct run *run, guint index, const char **stuck)
{
	GArray *all = matches_new();

	for (guint i = 0; i < detector->members->len; i++) {
		const struct detector *member = detector->members->pdata[i];
		/* Of many most find nothing: that is to cost next to nothing. */
		if (!may_find_one(member, run, index))
			continue;
		g_autoptr(GArray) found = find_one(member, run, index, stuck);
		for (guint k = 0; k < found->len; k++) {
			struct match_span *match = &g_array_index(found, struct match_span, k);
			g_array_append_val(all, *match);
			match->value = NULL;
		}
	}
	return without_overlap(all);
}

GArray *
detector_find(const struct detector *detector, struct run *run, guint index, const char **stuck)
{
	if (!run_is_valid(run, index)) {
		*stuck = "not UTF-8";
		return matches_new();
	}
	if (detector->data != NULL)
		return data_use_find(detector->data, run, index, stuck);
	if (detector->members != NULL)
		return find_members(detector, run, index, stuck);
	if (!may_find_one(detector, run, index))
		return matches_new();
	return find_one(detector, run, index, stuck);
}

bool
detector_finds_documents(const struct detector *detector)
{
	return detector->data != NULL && data_use_kind(detector->data) == DATA_PRINTS;
}

bool
detector_finds_rows(const struct detector *detector)
{
	return detector->data != NULL && data_use_kind(detector->data) == DATA_EDM;
}

char *
detector_describe(
    const struct detector *detector, const struct run *run, const struct match_span *match)
{
	if (detector->data != NULL)
		return data_use_describe(detector->data, run, match);
	if (match->detector == NULL) {
		const struct list *list =
		    list_ref_find(detector->words->pdata[match->set], run->world);
		return list_describe(list, list_entries(list)->pdata[match->entry]);
	}
	const char *key = pattern_key(pattern_of(match->detector, match->set));
	if (match->detector->id == NULL)
		return g_strdup(key);
	return g_strdup_printf("detector %s, %s, %s confidence", match->detector->id, key,
	    confidence_words[match->confidence]);
}
