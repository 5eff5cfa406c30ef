/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [attachment.X]: what is attached. All keys must hold for one and the same part, which is an
 * attachment or lies inside one.
 */
#include "rules/section.h"

#include <string.h>

#include "base/text.h"
#include "rules/excerpt.h"
#include "rules/filetype.h"

static const char *const keys[] = { "name", "extension", "declared_type", "true_types", "mismatch",
	"min_size", "max_size", "min_count", "depth", "encrypted", "macros", "executable",
	"double_extension", "disguised_name", "unreadable", "facts", "sha256_list", "member_name",
	NULL };

/* `key = yes` asks for one of these facts, `key = no` for none of them. */
static const struct {
	const char *key;
	guint fact;
} fact_keys[] = {
	{ "mismatch", FACT_TYPE_MISMATCH },
	{ "encrypted", FACT_ENCRYPTED_ATTACHMENT },
	{ "macros", FACT_MACRO },
	{ "executable", FACT_EXECUTABLE },
	{ "double_extension", FACT_DOUBLE_EXTENSION },
	{ "disguised_name", FACT_DISGUISED_NAME },
};

struct attachment {
	struct pattern *name, *member_name; /* NULL: not asked for */
	GStrv extension, declared_type, true_types;
	guint64 min_size, max_size, min_count, depth;
	guint wanted, unwanted; /* part facts: all of these, none of those */
	guint outcomes, facts;  /* bits of which one must hold; 0: not asked for */
	GPtrArray *sha256_list; /* of struct list_ref, or NULL */
};

static void
attachment_free(void *self)
{
	struct attachment *attachment = self;

	pattern_free(attachment->name);
	pattern_free(attachment->member_name);
	g_strfreev(attachment->extension);
	g_strfreev(attachment->declared_type);
	g_strfreev(attachment->true_types);
	if (attachment->sha256_list != NULL)
		g_ptr_array_unref(attachment->sha256_list);
	g_free(attachment);
}

static struct pattern *
load_pattern(const struct builder *builder, const struct ini_section *section, const char *key)
{
	const struct ini_entry *entry = ini_entry(section, key);

	if (entry == NULL)
		return NULL;
	return builder_pattern(builder, section, entry, true);
}

/* Lower-case words, each a known file type or a MIME type. */
static GStrv
load_types(const struct builder *builder, const struct ini_section *section, const char *key)
{
	g_autofree const char **words = filetype_words();
	GStrv items = NULL;

	if (!ini_list(section, key, &items, builder->problems))
		return NULL;
	for (guint i = 0; items[i] != NULL; i++) {
		if (filetype_is_known(items[i]))
			continue;
		const struct ini_entry *entry = ini_entry(section, key);
		const char *near = problem_did_you_mean(items[i], words);
		g_autofree char *all = g_strjoinv(" ", (GStrv)words);
		g_autofree char *mend =
		    near != NULL
			? g_strdup_printf("did you mean %s?", near)
			: g_strdup_printf(
			      "write one of %s, or a MIME type such as application/pdf", all);
		ini_problem(section, entry, builder_item_offset(entry->value, i), builder->problems,
		    mend, "%s is not a known file type", items[i]);
	}
	return items;
}

static GStrv
load_extensions(const struct builder *builder, const struct ini_section *section)
{
	GStrv items = NULL;

	if (!ini_list(section, "extension", &items, builder->problems))
		return NULL;
	for (guint i = 0; items[i] != NULL; i++) {
		const char *bare = items[i][0] == '.' ? items[i] + 1 : items[i];
		char *folded = token_fold(bare, strlen(bare));
		g_free(items[i]);
		items[i] = folded;
	}
	return items;
}

static void
load_facts(
    struct attachment *attachment, const struct builder *builder, const struct ini_section *section)
{
	for (gsize i = 0; i < G_N_ELEMENTS(fact_keys); i++) {
		bool wanted;
		if (!ini_bool(section, fact_keys[i].key, &wanted, builder->problems))
			continue;
		if (wanted)
			attachment->wanted |= fact_keys[i].fact;
		else
			attachment->unwanted |= fact_keys[i].fact;
	}
	builder_bits(builder, section, "unreadable", part_outcome_words, &attachment->outcomes);
	builder_bits(builder, section, "facts", part_fact_words, &attachment->facts);
}

/* What no part can fulfil loads, and would never flag. */
static void
warn_impossible(const struct attachment *attachment, const struct builder *builder,
    const struct ini_section *section)
{
	if (attachment->min_size > attachment->max_size)
		ini_warning(section, ini_entry(section, "min_size"), builder->problems,
		    "write a min_size below max_size",
		    "[%s] can never hold: min_size is more than max_size", section->name);
	if (attachment->facts != 0 && (attachment->facts & ~attachment->unwanted) == 0)
		ini_warning(section, ini_entry(section, "facts"), builder->problems,
		    "leave out one of the two",
		    "[%s] can never hold: facts asks for what another key rules out",
		    section->name);
	if (attachment->outcomes == 1u << PART_ENCRYPTED &&
	    (attachment->unwanted & FACT_ENCRYPTED_ATTACHMENT) != 0)
		ini_warning(section, ini_entry(section, "encrypted"), builder->problems,
		    "leave out one of the two",
		    "[%s] can never hold: unreadable asks for what encrypted = no rules out",
		    section->name);
	if (attachment->depth > builder->limits->depth)
		ini_warning(section, ini_entry(section, "depth"), builder->problems,
		    "raise [limits] depth, or ask for unreadable = over-limit",
		    "[%s] can never hold: nothing is opened deeper than %" G_GUINT64_FORMAT,
		    section->name, (guint64)builder->limits->depth);
}

static void *
attachment_load(const struct builder *builder, const struct ini_section *section)
{
	struct attachment *attachment = g_new0(struct attachment, 1);
	struct problems *problems = builder->problems;

	ini_check_keys(section, keys, problems);
	attachment->max_size = G_MAXUINT64;
	attachment->min_count = 1;
	attachment->name = load_pattern(builder, section, "name");
	attachment->member_name = load_pattern(builder, section, "member_name");
	attachment->extension = load_extensions(builder, section);
	attachment->declared_type = load_types(builder, section, "declared_type");
	attachment->true_types = load_types(builder, section, "true_types");
	ini_size(section, "min_size", 0, G_MAXINT64, &attachment->min_size, problems);
	ini_size(section, "max_size", 0, G_MAXINT64, &attachment->max_size, problems);
	ini_uint(section, "min_count", 1, 10000, &attachment->min_count, problems);
	ini_uint(section, "depth", 0, 100, &attachment->depth, problems);
	load_facts(attachment, builder, section);
	attachment->sha256_list = builder_lists(builder, section, "sha256_list", false);
	warn_impossible(attachment, builder, section);
	return attachment;
}

static bool
has_extension(const GStrv extensions, const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot == NULL)
		return false;
	g_autofree char *folded = token_fold(dot + 1, strlen(dot + 1));
	return g_strv_contains((const char *const *)extensions, folded);
}

/* How many containers lie around a part: messages, archives. */
static guint
depth_of(const struct part *part)
{
	guint slashes = 0;

	for (const char *p = part->path; *p != '\0'; p++)
		slashes += *p == '/';
	return MAX(part->depth, slashes);
}

static bool
is_listed(const struct attachment *attachment, const struct run *run, const struct part *part)
{
	for (guint i = 0; i < attachment->sha256_list->len; i++) {
		const struct list_ref *ref = g_ptr_array_index(attachment->sha256_list, i);
		if (part->sha256[0] != '\0' &&
		    list_find(list_ref_find(ref, run->world), part->sha256) != NULL)
			return true;
	}
	return false;
}

/* Encrypted by what was found in it, or by how reading it ended. */
static guint
facts_of(const struct part *part)
{
	return part->facts | (part->outcome == PART_ENCRYPTED ? FACT_ENCRYPTED_ATTACHMENT : 0);
}

/* The key that a part does not meet, or NULL; everything but patterns. */
static const char *
facts_fail(const struct attachment *self, const struct run *run, const struct part *part)
{
	guint facts = facts_of(part);

	for (gsize i = 0; i < G_N_ELEMENTS(fact_keys); i++) {
		guint fact = fact_keys[i].fact;
		if ((self->wanted & fact & ~facts) != 0 || (self->unwanted & fact & facts) != 0)
			return fact_keys[i].key;
	}
	if (self->outcomes != 0 && (self->outcomes & (1u << part->outcome)) == 0)
		return "unreadable";
	if (self->facts != 0 && (self->facts & facts) == 0)
		return "facts";
	if (part->size < self->min_size)
		return "min_size";
	if (part->size > self->max_size)
		return "max_size";
	if (depth_of(part) < self->depth)
		return "depth";
	if (self->extension != NULL && !has_extension(self->extension, part->name))
		return "extension";
	if (self->declared_type != NULL &&
	    !filetype_matches((const char *const *)self->declared_type, part->declared_type))
		return "declared_type";
	if (self->true_types != NULL &&
	    !filetype_matches((const char *const *)self->true_types, part->true_type))
		return "true_types";
	if (self->sha256_list != NULL && !is_listed(self, run, part))
		return "sha256_list";
	return NULL;
}

static enum truth
name_holds(const struct pattern *pattern, struct run *run, const char *name, const char **reason)
{
	struct span span;

	if (!g_utf8_validate(name, -1, NULL)) {
		*reason = "not UTF-8";
		return TRUTH_UNDECIDED;
	}
	switch (pattern_next(
	    run->engine, pattern, name, strlen(name), 0, run->deadline_us, &span, reason)) {
	case PATTERN_FOUND:
		return TRUTH_TRUE;
	case PATTERN_GAVE_UP:
		return TRUTH_UNDECIDED;
	case PATTERN_NONE:
		break;
	}
	return TRUTH_FALSE;
}

/* Some part inside this one has such a name. */
static enum truth
member_holds(const struct attachment *self, struct run *run, guint index, const char **reason)
{
	const GPtrArray *parts = run->verdict->parts;
	const struct part *outer = g_ptr_array_index(parts, index);
	gsize length = strlen(outer->path);
	enum truth truth = TRUTH_FALSE;

	/* Parts stand depth first: the members follow. */
	for (guint i = index + 1; i < parts->len && truth != TRUTH_TRUE; i++) {
		const struct part *inner = g_ptr_array_index(parts, i);
		if (strncmp(inner->path, outer->path, length) != 0 ||
		    (inner->path[length] != '/' && inner->path[length] != '.'))
			break;
		enum truth one = name_holds(self->member_name, run, inner->name, reason);
		truth = one == TRUTH_FALSE ? truth : one;
	}
	return truth;
}

static enum truth
part_holds(const struct attachment *self, struct run *run, guint index, const char **reason)
{
	const struct part *part = g_ptr_array_index(run->verdict->parts, index);
	enum truth truth = TRUTH_TRUE;

	if (!run->in_attachment[index] || facts_fail(self, run, part) != NULL)
		return TRUTH_FALSE;
	if (self->name != NULL)
		truth = name_holds(self->name, run, part->name, reason);
	if (truth == TRUTH_FALSE || self->member_name == NULL)
		return truth;
	enum truth member = member_holds(self, run, index, reason);
	return member == TRUTH_TRUE ? truth : member;
}

/* "docx, 18.2 kB, encrypted", or why a reader gave up. */
static char *
describe(const struct part *part)
{
	const char *type = part->true_type[0] != '\0' ? part->true_type : part->declared_type;
	g_autofree char *size = text_size(part->size);
	g_autofree const char **facts = fact_words(part_fact_words, part->facts);
	GString *out = g_string_new(type[0] != '\0' ? filetype_word(type) : "unknown type");

	g_string_append_printf(out, ", %s", size);
	for (gsize i = 0; facts[i] != NULL; i++)
		g_string_append_printf(out, ", %s", facts[i]);
	if (part->outcome != PART_READ && part->outcome != PART_NO_TEXT)
		g_string_append_printf(out, ", %s", part_outcome_words[part->outcome]);
	return g_string_free(out, FALSE);
}

static void
add_hit(struct finding *out, const struct run *run, const struct section_place *place,
    const struct part *part)
{
	struct hit *hit = hit_new(place->name);
	g_autofree char *why = describe(part);

	hit->component = COMPONENT_ATTACHMENTS;
	g_free(hit->part);
	hit->part = g_strdup(part->path);
	g_free(hit->name);
	hit->name = g_strdup(part->name);
	excerpt_of_words(hit, why);
	finding_add(out, run, hit);
	if (out->detail == NULL)
		out->detail = g_strdup_printf(
		    "%s (%s)", part->name[0] != '\0' ? part->name : part->path, why);
}

/* Why it does not hold: "plan.docx (docx, 18.2 kB): true_types does not hold (and 2 more)". */
static char *
describe_miss(const struct attachment *self, const struct run *run, guint64 holding)
{
	const GPtrArray *parts = run->verdict->parts;
	const struct part *first = NULL;
	const char *key = NULL;
	guint n = 0;

	for (guint i = 0; i < parts->len; i++) {
		if (!run->in_attachment[i])
			continue;
		n++;
		if (first != NULL)
			continue;
		first = g_ptr_array_index(parts, i);
		key = facts_fail(self, run, first);
	}
	if (first == NULL)
		return g_strdup("nothing is attached");
	if (holding > 0)
		return g_strdup_printf("%" G_GUINT64_FORMAT
				       " of %u hold, min_count is %" G_GUINT64_FORMAT,
		    holding, n, self->min_count);
	g_autofree char *what = describe(first);
	GString *out = g_string_new(first->name[0] != '\0' ? first->name : first->path);
	g_string_append_printf(out, " (%s): %s does not hold", what,
	    key != NULL          ? key
	    : self->name != NULL ? "name"
				 : "member_name");
	if (n > 1)
		g_string_append_printf(out, " (and %u more)", n - 1);
	return g_string_free(out, FALSE);
}

static void
attachment_check(
    const void *self, struct run *run, const struct section_place *place, struct finding *out)
{
	const struct attachment *attachment = self;
	const GPtrArray *parts = run->verdict->parts;

	for (guint i = 0; i < parts->len; i++) {
		const struct part *part = g_ptr_array_index(parts, i);
		const char *reason = NULL;
		enum truth truth = part_holds(attachment, run, i, &reason);
		if (truth == TRUTH_TRUE)
			add_hit(out, run, place, part);
		else if (truth == TRUTH_UNDECIDED)
			finding_stuck(out, run, place, part->path, reason);
	}
	if (out->total >= attachment->min_count)
		out->truth = TRUTH_TRUE;
	else if (run->explaining && out->truth == TRUTH_FALSE)
		finding_say(out, describe_miss(attachment, run, out->total));
}

const struct section_kind section_attachment = { "attachment", attachment_load, attachment_free,
	attachment_check, NULL, NULL };
