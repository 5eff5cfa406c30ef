/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/run.h"

#include <string.h>

#include "base/text.h"
#include "rules/twin.h"

#define VALID  1
#define BROKEN 2

/* "1.2/inner.zip/plan.docx" and "1.2.1" lie inside "1.2"; each part is asked for its parents. */
static void
mark_attachments(struct run *run)
{
	const GPtrArray *parts = run->verdict->parts;
	g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < parts->len; i++) {
		const struct part *part = g_ptr_array_index(parts, i);
		if (part->attachment)
			g_hash_table_add(paths, part->path);
	}
	for (guint i = 0; i < parts->len; i++) {
		const struct part *part = g_ptr_array_index(parts, i);
		g_autofree char *path = g_strdup(part->path);
		run->in_attachment[i] = part->attachment;
		for (gsize end = strlen(path); !run->in_attachment[i] && end > 0; end--) {
			if (path[end] != '/' && path[end] != '.')
				continue;
			path[end] = '\0';
			run->in_attachment[i] = g_hash_table_contains(paths, path);
		}
	}
}

static void
fold_addresses(struct run *run)
{
	const GPtrArray *addresses = run->verdict->addresses;

	for (guint i = 0; i < addresses->len; i++) {
		const struct address *address = g_ptr_array_index(addresses, i);
		run->folded[i] = address_fold(address->address);
		run->domains[i] = domain_fold(address->domain);
	}
}

void
run_init(struct run *run, const struct world *world, struct pattern_engine *engine,
    const struct limits *limits, const struct message *message, const struct match_context *context,
    struct verdict *verdict)
{
	gint64 half = (gint64)limits->seconds_per_message * G_USEC_PER_SEC / 2;

	*run = (struct run){ .world = world,
		.engine = engine,
		.limits = limits,
		.message = message,
		.context = context,
		.verdict = verdict,
		.deadline_us = g_get_monotonic_time() + half,
		.tokens = g_new0(GArray *, message->texts->len + 1),
		.validity = g_new0(guint8, message->texts->len + 1),
		.in_attachment = g_new0(bool, verdict->parts->len + 1),
		.folded = g_new0(char *, verdict->addresses->len + 1),
		.domains = g_new0(char *, verdict->addresses->len + 1) };
	mark_attachments(run);
	fold_addresses(run);
}

void
run_clear(struct run *run)
{
	for (guint i = 0; i < run->message->texts->len; i++) {
		if (run->tokens[i] != NULL)
			g_array_unref(run->tokens[i]);
	}
	for (guint i = 0; run->fired != NULL && i < run->message->texts->len; i++)
		g_free(run->fired[i]);
	g_free(run->fired);
	g_free(run->fired_anywhere);
	g_free(run->tokens);
	g_free(run->validity);
	g_free(run->in_attachment);
	g_strfreev(run->folded);
	g_strfreev(run->domains);
}

void
run_at(struct run *run, const char *rule)
{
	if (run->watch == NULL || run->rule == rule)
		return;
	run->rule = rule;
	run->watch->at(rule, run->deadline_us, run->watch->data);
}

bool
run_is_late(const struct run *run)
{
	return g_get_monotonic_time() > run->deadline_us;
}

/* It is made of a text before it by taking line ends away. */
static bool
has_seams(const struct text *text, guint index)
{
	return text->seams != NULL && text->n_seams > 0 && text->origin < index;
}

static GArray *
read_tokens(struct run *run, guint index)
{
	const struct text *text = g_ptr_array_index(run->message->texts, index);

	if (has_seams(text, index) && text->wrap == WRAP_UNDONE) {
		GArray *moved = twin_tokens(text, run_tokens(run, text->origin));
		if (moved != NULL)
			return moved;
	}
	return vocabulary_read(world_vocabulary(run->world), text->data, text->size);
}

const GArray *
run_tokens(struct run *run, guint index)
{
	if (run->tokens[index] == NULL) {
		const char *rule = run->rule;
		run_at(run, NULL); /* they are for all rules */
		run->tokens[index] = read_tokens(run, index);
		run_at(run, rule);
	}
	return run->tokens[index];
}

bool
run_is_valid(struct run *run, guint index)
{
	const struct text *text = g_ptr_array_index(run->message->texts, index);

	if (run->validity[index] == 0)
		run->validity[index] = text_is_utf8(text->data, text->size) ? VALID : BROKEN;
	return run->validity[index] == VALID;
}

void
run_set_prefilter(struct run *run, struct prefilter *prefilter, guint n_patterns, guint components)
{
	if (prefilter == NULL || n_patterns == 0)
		return;
	run->prefilter = prefilter;
	run->n_patterns = n_patterns;
	run->components = components;
	run->fired = g_new0(guint32 *, run->message->texts->len + 1);
}

static bool
has_bit(const guint32 *bits, guint i)
{
	return (bits[i / 32] >> (i % 32) & 1) != 0;
}

static const guint32 *fired_in(struct run *run, guint index);

static guint32 *
look_for_patterns(struct run *run, guint index)
{
	const struct text *text = g_ptr_array_index(run->message->texts, index);
	gsize words = run->n_patterns / 32 + 2;
	guint32 *fired = g_new(guint32, words);

	if (has_seams(text, index)) {
		memcpy(fired, fired_in(run, text->origin), words * sizeof(guint32));
		prefilter_scan_seams(run->prefilter, text, fired);
	} else {
		prefilter_scan(run->prefilter, text->component, text->data, text->size, fired);
	}
	return fired;
}

static const guint32 *
fired_in(struct run *run, guint index)
{
	if (run->fired[index] == NULL) {
		const char *rule = run->rule;
		run_at(run, NULL); /* it is for all rules */
		run->fired[index] = look_for_patterns(run, index);
		run_at(run, rule);
	}
	return run->fired[index];
}

bool
run_may_match(struct run *run, guint index, const struct pattern *pattern)
{
	const struct text *text = g_ptr_array_index(run->message->texts, index);

	if (run->prefilter == NULL || (pattern_components(pattern) >> text->component & 1) == 0)
		return true;
	return has_bit(fired_in(run, index), pattern_number(pattern));
}

/* A text that is not valid is one of which every section is to say so. */
static void
look_everywhere(struct run *run)
{
	gsize words = run->n_patterns / 32 + 1;

	run->fired_anywhere = g_new0(guint32, words);
	for (guint i = 0; i < run->message->texts->len; i++) {
		const struct text *text = g_ptr_array_index(run->message->texts, i);
		if ((run->components >> text->component & 1) == 0)
			continue;
		const guint32 *fired = run_is_valid(run, i) ? fired_in(run, i) : NULL;
		for (gsize k = 0; k < words; k++)
			run->fired_anywhere[k] |= fired != NULL ? fired[k] : G_MAXUINT32;
	}
}

static bool
has_some_bit(const guint32 *bits, const guint *numbers, guint n)
{
	for (guint i = 0; i < n; i++) {
		if (has_bit(bits, numbers[i]))
			return true;
	}
	return false;
}

bool
run_may_match_some(struct run *run, guint index, guint components, const GArray *numbers)
{
	const struct text *text = g_ptr_array_index(run->message->texts, index);

	if (run->prefilter == NULL || (components >> text->component & 1) == 0)
		return numbers->len > 0;
	return has_some_bit(fired_in(run, index), (const guint *)numbers->data, numbers->len);
}

bool
run_may_match_any(struct run *run, const guint *numbers, guint n)
{
	if (run->prefilter == NULL)
		return n > 0;
	if (run->fired_anywhere == NULL)
		look_everywhere(run);
	return has_some_bit(run->fired_anywhere, numbers, n);
}

const char *
run_part_path(const struct run *run, guint index)
{
	if (index >= run->verdict->parts->len)
		return "";
	const struct part *part = g_ptr_array_index(run->verdict->parts, index);
	return part->path;
}

void
run_undecided(
    struct run *run, const char *rule, const char *section, const char *part, const char *reason)
{
	if (run->verdict->outcome == OUTCOME_SCANNED)
		run->verdict->outcome = OUTCOME_PARTIAL;
	const GPtrArray *known = run->verdict->undecided;
	const struct undecided *last = known->len > 0 ? known->pdata[known->len - 1] : NULL;
	/* A text and its normalised twin give up alike. */
	if (last != NULL && strcmp(last->rule, rule) == 0 && strcmp(last->section, section) == 0 &&
	    strcmp(last->part, part) == 0 && strcmp(last->reason, reason) == 0)
		return;
	if (known->len < VERDICT_FLAGS_MAX)
		verdict_add_undecided(run->verdict, rule, section, part, reason);
}
