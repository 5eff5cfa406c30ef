/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/detector.h"

#define NEAR_DEFAULT 300
#define TOO_MANY     "too many matches"

static const char *const keys[] = { "id", "title", "pattern.*", "ignore_case", "validator", "near",
	"near_list", "near_characters", NULL };

static void
load_validator(
    struct detector *detector, const struct builder *builder, const struct ini_section *section)
{
	const struct ini_entry *entry = ini_entry(section, "validator");
	const char *words[16] = { NULL };

	if (entry == NULL)
		return;
	detector->validator = validator_find(entry->value);
	if (detector->validator != NULL)
		return;
	for (gsize i = 0; validators[i].word != NULL && i + 1 < G_N_ELEMENTS(words); i++)
		words[i] = validators[i].word;
	g_autofree char *all = g_strjoinv(" or ", (GStrv)words);
	g_autofree char *mend = g_strconcat("write ", all, NULL);
	ini_problem(
	    section, entry, 0, builder->problems, mend, "there is no validator %s", entry->value);
}

void
detector_load_near(
    struct detector *detector, const struct builder *builder, const struct ini_section *section)
{
	GPtrArray *lists = builder_lists(builder, section, "near_list", false);
	GPtrArray *words = builder_words(builder, section, "near");
	GPtrArray *near = builder_joined_words(builder, lists, words);

	if (near != NULL) {
		g_clear_pointer(&detector->near, g_ptr_array_unref);
		detector->near = near;
	}
	ini_uint(
	    section, "near_characters", 1, 10000, &detector->near_characters, builder->problems);
}

struct detector *
detector_new(void)
{
	struct detector *detector = g_new0(struct detector, 1);

	detector->near_characters = NEAR_DEFAULT;
	return detector;
}

struct detector *
detector_load(const struct builder *builder, const struct ini_section *section)
{
	struct detector *detector = detector_new();
	bool ignore_case = true;

	ini_check_keys(section, keys, builder->problems);
	detector->id = builder_text(builder, section, "id", true);
	detector->title = builder_text(builder, section, "title", true);
	ini_bool(section, "ignore_case", &ignore_case, builder->problems);
	detector->patterns = builder_patterns(builder, section, ignore_case);
	if (detector->patterns->len == 0)
		ini_problem(section, NULL, 0, builder->problems, "write pattern.1 = ...",
		    "[%s] has no pattern", section->name);
	load_validator(detector, builder, section);
	detector_load_near(detector, builder, section);
	return detector;
}

void
detector_free(struct detector *detector)
{
	if (detector == NULL)
		return;
	g_free(detector->id);
	g_free(detector->title);
	g_clear_pointer(&detector->patterns, g_ptr_array_unref);
	g_clear_pointer(&detector->words, g_ptr_array_unref);
	g_clear_pointer(&detector->near, g_ptr_array_unref);
	g_free(detector);
}

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
	return 0;
}

static GArray *
matches_new(void)
{
	GArray *matches = g_array_new(FALSE, FALSE, sizeof(struct match_span));

	g_array_set_clear_func(matches, clear_span);
	return matches;
}

/* Sorts, and keeps of matches that overlap the first one. */
static GArray *
without_overlap(GArray *found)
{
	GArray *kept = matches_new();
	gsize free_from = 0;

	g_array_sort(found, by_place);
	for (guint i = 0; i < found->len; i++) {
		struct match_span *match = &g_array_index(found, struct match_span, i);
		if (kept->len > 0 && match->span.start < free_from)
			continue;
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
				value_of_words(tokens, at, count), set, entry };
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

/* The value of a confirmed match, or NULL when the validator refuses it. */
static char *
confirm(const struct detector *detector, const char *text, struct span span)
{
	if (detector->validator == NULL)
		return token_fold(text + span.start, span.end - span.start);
	g_autofree char *digits = validator_digits(text + span.start, span.end - span.start);
	if (digits == NULL || !detector->validator->check(digits))
		return NULL;
	return g_steal_pointer(&digits);
}

/* The character behind the one at offset. */
static gsize
next_start(const struct text *text, gsize offset)
{
	if (offset >= text->size)
		return text->size + 1;
	return (gsize)(g_utf8_next_char(text->data + offset) - text->data);
}

static void
find_pattern(const struct detector *detector, guint set, struct run *run, const struct text *text,
    GArray *out, const char **stuck)
{
	const struct pattern *pattern = detector->patterns->pdata[set];
	struct span span;
	enum pattern_result result;
	gsize from = 0;

	while ((result = pattern_next(run->engine, pattern, text->data, text->size, from,
		    run->deadline_us, &span, stuck)) == PATTERN_FOUND) {
		struct match_span match = { span, confirm(detector, text->data, span), set, 0 };
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

/* Matches without one of the near words around them do not count. */
static GArray *
without_lonely(const struct detector *detector, struct run *run, guint index, GArray *found,
    const char **stuck)
{
	const struct text *text = g_ptr_array_index(run->message->texts, index);
	GArray *kept = matches_new();
	GArray *places = matches_new();

	find_words(detector->near, run, index, places, stuck);
	places = without_overlap(places);
	for (guint i = 0; i < found->len; i++) {
		struct match_span *match = &g_array_index(found, struct match_span, i);
		if (!is_near(detector, places, text->data, match->span))
			continue;
		g_array_append_val(kept, *match);
		match->value = NULL;
	}
	g_array_unref(places);
	g_array_unref(found);
	return kept;
}

GArray *
detector_find(const struct detector *detector, struct run *run, guint index, const char **stuck)
{
	const struct text *text = g_ptr_array_index(run->message->texts, index);
	GArray *found = matches_new();

	if (!run_is_valid(run, index)) {
		*stuck = "not UTF-8";
		return found;
	}
	for (guint i = 0; detector->patterns != NULL && i < detector->patterns->len; i++)
		find_pattern(detector, i, run, text, found, stuck);
	if (detector->words != NULL)
		find_words(detector->words, run, index, found, stuck);
	found = without_overlap(found);
	if (detector->near == NULL || found->len == 0)
		return found;
	return without_lonely(detector, run, index, found, stuck);
}

char *
detector_describe(
    const struct detector *detector, const struct run *run, const struct match_span *match)
{
	if (detector->patterns != NULL)
		return g_strdup(pattern_key(detector->patterns->pdata[match->set]));
	const struct list *list = list_ref_find(detector->words->pdata[match->set], run->world);
	return list_describe(list, list_entries(list)->pdata[match->entry]);
}
