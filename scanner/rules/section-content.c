/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [content.X]: what stands in the texts of a message. Each text is looked at as decoded and, in
 * its twins, as normalised and without its line ends; what only a twin shows was hidden on purpose
 * or by accident, but for a phrase that a line's end parts.
 */
#include "rules/section.h"

#include <string.h>

#include "rules/data-use.h"
#include "rules/detector.h"
#include "rules/excerpt.h"
#include "rules/twin.h"

enum content_type { CONTENT_REGEX, CONTENT_WORDS, CONTENT_DETECTOR, CONTENT_EDM, CONTENT_PRINTS };

static const char *const type_words[] = { "regex", "words", "detector", "edm", "fingerprint",
	NULL };

#define COMMON_KEYS                                                                                \
	"type", "where", "min_distinct", "min_hits", "near", "near_list", "near_characters"

static const char *const keys_of_type[][14] = {
	[CONTENT_REGEX] = { COMMON_KEYS, "pattern.*", "ignore_case", NULL },
	[CONTENT_WORDS] = { COMMON_KEYS, "word_list", "words", NULL },
	[CONTENT_DETECTOR] = { COMMON_KEYS, "detector", "confidence", "not", "not_list", NULL },
	[CONTENT_EDM] = { "type", "where", "min_distinct", "min_hits", "near_characters", "data",
	    "columns", "min_columns", NULL },
	[CONTENT_PRINTS] = { "type", "where", "min_distinct", "min_hits", "data", "min_share",
	    "min_copied", NULL },
};

#define WHERE_DEFAULT                                                                              \
	(1u << COMPONENT_SUBJECT | 1u << COMPONENT_BODY | 1u << COMPONENT_ATTACHMENTS |            \
	    1u << COMPONENT_FILENAMES)

struct content {
	struct detector *detector;
	guint components;   /* bits of enum component */
	GPtrArray *headers; /* lower-case names of header.NAME */
	guint64 min_distinct, min_hits;
};

static void
content_free(void *self)
{
	struct content *content = self;

	detector_free(content->detector);
	g_ptr_array_unref(content->headers);
	g_free(content);
}

static void
load_where(
    struct content *content, const struct builder *builder, const struct ini_section *section)
{
	g_auto(GStrv) items = NULL;

	if (!ini_list(section, "where", &items, builder->problems))
		return;
	content->components = 0;
	for (guint i = 0; items[i] != NULL; i++) {
		int component = word_index(component_words, items[i]);
		if (component >= 0) {
			content->components |= 1u << component;
			continue;
		}
		if (g_str_has_prefix(items[i], "header.") && items[i][7] != '\0') {
			g_ptr_array_add(
			    content->headers, g_ascii_strdown(items[i] + strlen("header."), -1));
			continue;
		}
		const struct ini_entry *entry = ini_entry(section, "where");
		const char *near = problem_did_you_mean(items[i], component_words);
		g_autofree char *mend =
		    near != NULL ? g_strdup_printf("did you mean %s?", near)
				 : g_strdup("write subject, body, attachments, filenames, headers, "
					    "header.NAME, urls or raw");
		ini_problem(section, entry, builder_item_offset(entry->value, i), builder->problems,
		    mend, "there is no place %s in a message", items[i]);
	}
}

static void
load_regex(
    struct content *content, const struct builder *builder, const struct ini_section *section)
{
	guint before = problems_count(builder->problems, PROBLEM_ERROR);
	bool ignore_case = true;

	ini_bool(section, "ignore_case", &ignore_case, builder->problems);
	content->detector->patterns = builder_patterns(builder, section, "pattern.", ignore_case);
	/* One that is wrong was a problem of its own. */
	if (content->detector->patterns->len == 0 &&
	    problems_count(builder->problems, PROBLEM_ERROR) == before)
		ini_problem(section, NULL, 0, builder->problems, "write pattern.1 = ...",
		    "[%s] has no pattern", section->name);
}

static void
load_words(
    struct content *content, const struct builder *builder, const struct ini_section *section)
{
	GPtrArray *lists = builder_lists(builder, section, "word_list", false);
	GPtrArray *words = builder_words(builder, section, "words");

	if (lists == NULL && words == NULL && ini_entry(section, "words") == NULL &&
	    ini_entry(section, "word_list") == NULL)
		ini_problem(section, NULL, 0, builder->problems,
		    "write words = one, another thing, or word_list = NAME",
		    "[%s] has neither word_list nor words", section->name);
	content->detector->words = builder_joined_words(builder, lists, words);
}

static void
free_member(gpointer data)
{
	detector_free(data);
}

static void
unknown_detector(
    const struct builder *builder, const struct ini_section *section, guint index, const char *name)
{
	const struct ini_entry *entry = ini_entry(section, "detector");
	g_autofree const char **ids =
	    (const char **)g_hash_table_get_keys_as_array(builder->detectors, NULL);
	const char *near = problem_did_you_mean(name, ids);
	g_autofree char *mend = g_strdup_printf(
	    near != NULL ? "did you mean %s?" : "write a file with [detector] and id = %s",
	    near != NULL ? near : name);

	ini_problem(section, entry, builder_item_offset(entry->value, index), builder->problems,
	    mend, "there is no detector %s", name);
}

static gint
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The ids that a name with `*` and `?` stands for, sorted; that of an id is itself. */
static GPtrArray *
ids_of(const struct builder *builder, const char *name)
{
	GPtrArray *ids = g_ptr_array_new();
	GHashTableIter iter;
	gpointer id;

	g_hash_table_iter_init(&iter, builder->detectors);
	while (g_hash_table_iter_next(&iter, &id, NULL)) {
		if (g_pattern_match_simple(name, id))
			g_ptr_array_add(ids, id);
	}
	g_ptr_array_sort(ids, by_text);
	return ids;
}

/* Each borrows the patterns of a named one; the section's near words and demands come first. */
static struct detector *
member_from(const struct builder *builder, const struct ini_section *section, const char *id)
{
	struct detector *member = detector_from(g_hash_table_lookup(builder->detectors, id));
	guint wanted;

	detector_load_near(member, builder, section);
	detector_load_not(member, builder, section);
	if (ini_choice(section, "confidence", confidence_words, &wanted, builder->problems))
		member->wanted = wanted;
	return member;
}

static void
load_named(
    struct content *content, const struct builder *builder, const struct ini_section *section)
{
	g_auto(GStrv) names = NULL;

	if (!ini_list(section, "detector", &names, builder->problems)) {
		ini_problem(section, NULL, 0, builder->problems, "write detector = ID",
		    "[%s] names no detector", section->name);
		return;
	}
	content->detector->members = g_ptr_array_new_with_free_func(free_member);
	for (guint i = 0; names[i] != NULL; i++) {
		g_autoptr(GPtrArray) ids = ids_of(builder, names[i]);
		if (ids->len == 0)
			unknown_detector(builder, section, i, names[i]);
		for (guint k = 0; k < ids->len; k++)
			g_ptr_array_add(content->detector->members,
			    member_from(builder, section, ids->pdata[k]));
	}
}

static void *
content_load(const struct builder *builder, const struct ini_section *section)
{
	struct content *content = g_new0(struct content, 1);
	guint type = CONTENT_REGEX;

	content->detector = detector_new();
	content->headers = g_ptr_array_new_with_free_func(g_free);
	content->components = WHERE_DEFAULT;
	content->min_distinct = content->min_hits = 1;
	if (ini_entry(section, "type") == NULL)
		ini_problem(section, NULL, 0, builder->problems, "write type = regex",
		    "[%s] needs type", section->name);
	if (!ini_choice(section, "type", type_words, &type, builder->problems))
		return content;
	ini_check_keys(section, keys_of_type[type], builder->problems);
	if (type == CONTENT_REGEX)
		load_regex(content, builder, section);
	else if (type == CONTENT_WORDS)
		load_words(content, builder, section);
	else if (type == CONTENT_DETECTOR)
		load_named(content, builder, section);
	else
		content->detector->data =
		    data_use_load(builder, section, type == CONTENT_EDM ? DATA_EDM : DATA_PRINTS);
	if (type < CONTENT_DETECTOR)
		detector_load_near(content->detector, builder, section);
	load_where(content, builder, section);
	detector_add_use(content->detector, builder,
	    content->components | (content->headers->len > 0 ? 1u << COMPONENT_HEADERS : 0));
	ini_uint(section, "min_distinct", 1, 1000, &content->min_distinct, builder->problems);
	ini_uint(section, "min_hits", 1, 1000, &content->min_hits, builder->problems);
	return content;
}

/* In this order: what an earlier look found is no news to a later one. */
enum look { LOOK_AS_IS, LOOK_NORMALISED, LOOK_UNWRAPPED, LOOK_JOINED, LOOKS };

/* One check of one section. */
struct search {
	const struct content *content;
	struct run *run;
	const struct section_place *place;
	struct finding *out;
	GHashTable *values;    /* distinct ones, at most min_distinct */
	GArray **found[LOOKS]; /* by text that is no twin, of struct span: what was taken */
};

static bool
is_wanted(const struct search *search, const struct text *text)
{
	const struct content *content = search->content;

	if (search->run->is_sample || (content->components & (1u << text->component)) != 0)
		return true;
	if (text->component != COMPONENT_HEADERS || text->header == NULL)
		return false;
	return g_ptr_array_find_with_equal_func(content->headers, text->header, g_str_equal, NULL);
}

/* spans are sorted and without overlap, so only one can be the first to end behind start. */
static bool
is_among(const GArray *spans, struct span span)
{
	guint low = 0, high = spans != NULL ? spans->len : 0, all = high;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (g_array_index(spans, struct span, middle).end <= span.start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < all && g_array_index(spans, struct span, low).start < span.end;
}

/* A look before this one saw it. */
static bool
is_covered(const struct search *search, guint look, guint root, struct span span)
{
	for (guint i = 0; i < look; i++) {
		if (is_among(search->found[i][root], span))
			return true;
	}
	return false;
}

static struct hit *
make_hit(const struct search *search, const struct text *text, struct span span, bool hidden)
{
	struct hit *hit = hit_new(search->place->name);
	const GPtrArray *parts = search->run->verdict->parts;

	hit->component = text->component;
	hit->offset = span.start;
	hit->length = span.end - span.start;
	hit->hidden = hidden || text->hidden;
	if (text->header != NULL) {
		g_free(hit->header);
		hit->header = g_strdup(text->header);
	}
	if (text->part < parts->len) {
		const struct part *part = g_ptr_array_index(parts, text->part);
		g_free(hit->part);
		hit->part = g_strdup(part->path);
		g_free(hit->name);
		hit->name = g_strdup(part->name);
	}
	excerpt_of_match(hit, text->data, text->size, span);
	return hit;
}

static void
take(struct search *search, const struct text *text, const struct match_span *match,
    struct span span, bool hidden)
{
	struct finding *out = search->out;
	bool is_room = finding_hit_count(out) < search->run->limits->hits;

	if (g_hash_table_size(search->values) < search->content->min_distinct)
		g_hash_table_add(search->values, g_strdup(match->value));
	out->is_hidden = out->is_hidden || hidden || text->hidden;
	struct hit *hit = is_room ? make_hit(search, text, span, hidden) : NULL;
	if (hit != NULL && detector_finds_documents(search->content->detector)) {
		g_autofree char *words =
		    detector_describe(search->content->detector, search->run, match);
		excerpt_of_words(hit, words);
	}
	/* Around two values of a row stand the others, and other rows. */
	if (hit != NULL && detector_finds_rows(search->content->detector)) {
		hit->excerpt_start = 0;
		hit->excerpt_length = strlen(hit->excerpt);
	}
	finding_add(out, search->run, hit);
	if (out->detail != NULL)
		return;
	g_autofree char *source = detector_describe(search->content->detector, search->run, match);
	g_autofree char *part =
	    text->part != TEXT_NO_PART
		? g_strdup_printf(" of part %s", run_part_path(search->run, text->part))
		: g_strdup("");
	out->detail = g_strdup_printf("%s%s, byte %" G_GSIZE_FORMAT " (%s)",
	    component_words[text->component], part, span.start, source);
}

/* A match and where it stands in the text that is no twin. */
struct placed {
	const struct match_span *match;
	struct span span;
	bool hidden;
};

static gint
by_start(gconstpointer a, gconstpointer b)
{
	const struct placed *left = a, *right = b;

	return (left->span.start > right->span.start) - (left->span.start < right->span.start);
}

/* Of struct placed: what counts of found, sorted. */
static GArray *
place_all(const struct search *search, guint index, const GArray *found)
{
	GArray *places = g_array_new(FALSE, FALSE, sizeof(struct placed));

	for (guint i = 0; i < found->len; i++) {
		const struct match_span *match = &g_array_index(found, struct match_span, i);
		struct placed placed = { match, match->span, false };
		if (twin_place(search->run->message, index, &placed.span, &placed.hidden))
			g_array_append_val(places, placed);
	}
	g_array_sort(places, by_start);
	return places;
}

static void
search_text(struct search *search, guint index, enum look look)
{
	struct run *run = search->run;
	const char *stuck = NULL;
	guint root;
	const struct text *text = twin_root(run->message, index, &root);

	g_autoptr(GArray) found = detector_find(search->content->detector, run, index, &stuck);
	g_autoptr(GArray) places = place_all(search, index, found);
	GArray *taken = g_array_new(FALSE, FALSE, sizeof(struct span));
	gsize free_from = 0;
	for (guint i = 0; i < places->len; i++) {
		const struct placed *placed = &g_array_index(places, struct placed, i);
		struct span span = placed->span;
		/* Two twins of a line may show one word. */
		if ((look != LOOK_AS_IS && span.start < free_from) ||
		    is_covered(search, look, root, span))
			continue;
		free_from = span.end;
		g_array_append_val(taken, span);
		take(search, text, placed->match, span, placed->hidden);
	}
	if (search->found[look][root] != NULL)
		g_array_unref(search->found[look][root]);
	search->found[look][root] = taken;
	if (stuck != NULL)
		finding_stuck(
		    search->out, run, search->place, run_part_path(run, text->part), stuck);
}

static enum look
look_of(const struct text *text)
{
	if (text->seams != NULL)
		return text->wrap == WRAP_JOINED ? LOOK_JOINED : LOOK_UNWRAPPED;
	return text->offsets != NULL ? LOOK_NORMALISED : LOOK_AS_IS;
}

static void
search_texts(struct search *search, enum look look)
{
	const GPtrArray *texts = search->run->message->texts;

	for (guint i = 0; i < texts->len; i++) {
		const struct text *text = g_ptr_array_index(texts, i);
		if (run_is_late(search->run)) {
			finding_stuck(search->out, search->run, search->place, "", "time");
			return;
		}
		if (look_of(text) == look && is_wanted(search, text))
			search_text(search, i, look);
	}
}

/* Why it does not hold: "no match in 3 texts", "4 matches, min_hits is 10". */
static char *
describe_miss(const struct search *search)
{
	const struct content *content = search->content;
	const GPtrArray *texts = search->run->message->texts;
	guint distinct = g_hash_table_size(search->values), n = 0;

	for (guint i = 0; i < texts->len; i++)
		n += is_wanted(search, texts->pdata[i]) && look_of(texts->pdata[i]) == LOOK_AS_IS;
	if (search->out->total == 0)
		return g_strdup_printf("no match in %u text%s", n, n == 1 ? "" : "s");
	if (search->out->total < content->min_hits)
		return g_strdup_printf("min_hits is %" G_GUINT64_FORMAT, content->min_hits);
	return g_strdup_printf("%u of different value, min_distinct is %" G_GUINT64_FORMAT,
	    distinct, content->min_distinct);
}

static void
search_all(struct search *search)
{
	guint n_texts = search->run->message->texts->len;

	for (enum look look = LOOK_AS_IS; look < LOOKS; look++)
		search->found[look] = g_new0(GArray *, n_texts + 1);
	for (enum look look = LOOK_AS_IS; look < LOOKS; look++)
		search_texts(search, look);
	for (enum look look = LOOK_AS_IS; look < LOOKS; look++) {
		for (guint i = 0; i < n_texts; i++)
			g_clear_pointer(&search->found[look][i], g_array_unref);
		g_free(search->found[look]);
	}
}

static void
content_check(
    const void *self, struct run *run, const struct section_place *place, struct finding *out)
{
	const struct content *content = self;
	g_autoptr(GHashTable) values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct search search = { content, run, place, out, values, { NULL } };

	if (detector_may_find(content->detector, run))
		search_all(&search);
	if (out->total >= content->min_hits && g_hash_table_size(values) >= content->min_distinct)
		out->truth = TRUTH_TRUE;
	else if (run->explaining && out->truth == TRUTH_FALSE)
		finding_say(out, describe_miss(&search));
}

static guint
content_components(const void *self)
{
	const struct content *content = self;

	return content->components;
}

static bool
content_patterns(const void *self, GArray *numbers)
{
	const struct content *content = self;

	return detector_patterns(content->detector, numbers);
}

const struct section_kind section_content = { "content", content_load, content_free, content_check,
	content_components, content_patterns };
