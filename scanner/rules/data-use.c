/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/data-use.h"

#include <string.h>

#include "rules/data-inside.h"
#include "rules/edm.h"
#include "rules/prints.h"

#define NEAR_MAX       5000 /* characters */
#define SHARE_DEFAULT  25   /* percent of a document */
#define COPIED_DEFAULT 50   /* percent of a text */

struct data_use {
	enum data_kind kind;
	char *name;
	GStrv columns; /* edm: NULL for all */
	guint64 min_columns, near_characters;
	guint64 min_share, min_copied; /* prints: percent */
};

enum data_kind
data_use_kind(const struct data_use *use)
{
	return use->kind;
}

void
data_use_free(struct data_use *use)
{
	if (use == NULL)
		return;
	g_free(use->name);
	g_strfreev(use->columns);
	g_free(use);
}

static int
column_of(const struct data *data, const char *name)
{
	for (guint i = 0; i < data_labels(data); i++) {
		if (strcmp(data_label(data, i), name) == 0)
			return (int)i;
	}
	return -1;
}

static void
unknown_data(const struct builder *builder, const struct ini_section *section, enum data_kind kind,
    const char *name)
{
	g_autofree const char **names = world_data_names(builder->world, kind);
	const char *near = problem_did_you_mean(name, names);
	g_autoptr(GString) mend = g_string_new(NULL);

	if (near != NULL)
		g_string_printf(mend, "did you mean %s?", near);
	else if (kind == DATA_EDM)
		g_string_printf(mend, "flagpost rules edm build TABLE.csv --name %s", name);
	else
		g_string_printf(mend, "flagpost rules fingerprint add FOLDER --name %s", name);
	if (builder->data_may_lack)
		ini_warning(section, ini_entry(section, "data"), builder->problems, mend->str,
		    "there is no data set %s%s yet: this section finds nothing", name,
		    data_suffixes[kind]);
	else
		ini_problem(section, ini_entry(section, "data"), 0, builder->problems, mend->str,
		    "there is no data set %s%s", name, data_suffixes[kind]);
}

static void
check_columns(const struct builder *builder, const struct ini_section *section,
    const struct data *data, const struct data_use *use)
{
	const struct ini_entry *entry = ini_entry(section, "columns");
	guint n = data_labels(data);
	g_autofree const char **names = g_new0(const char *, n + 1);

	for (guint i = 0; i < n; i++)
		names[i] = data_label(data, i);
	for (guint i = 0; use->columns != NULL && use->columns[i] != NULL; i++) {
		if (column_of(data, use->columns[i]) >= 0)
			continue;
		const char *near = problem_did_you_mean(use->columns[i], names);
		g_autofree char *all = g_strjoinv(", ", (GStrv)names);
		g_autofree char *mend = near != NULL ? g_strdup_printf("did you mean %s?", near)
						     : g_strdup_printf("write one of %s", all);
		ini_problem(section, entry, builder_item_offset(entry->value, i), builder->problems,
		    mend, "data set %s has no column %s", use->name, use->columns[i]);
	}
	guint count = use->columns != NULL ? g_strv_length(use->columns) : n;
	if (use->min_columns > count)
		ini_problem(section, ini_entry(section, "min_columns"), 0, builder->problems,
		    "ask for fewer", "min_columns is more than the %u columns there are", count);
}

static void
load_edm(struct data_use *use, const struct builder *builder, const struct ini_section *section,
    const struct data *data)
{
	use->min_columns = 2;
	use->near_characters = 300;
	ini_list(section, "columns", &use->columns, builder->problems);
	ini_uint(section, "min_columns", 1, DATA_COLUMNS_MAX, &use->min_columns, builder->problems);
	ini_uint(section, "near_characters", 1, NEAR_MAX, &use->near_characters, builder->problems);
	if (data != NULL)
		check_columns(builder, section, data, use);
}

/* Whoever asks for one of the two asks for that alone. */
static void
load_prints(struct data_use *use, const struct builder *builder, const struct ini_section *section)
{
	bool shares = ini_uint(section, "min_share", 1, 100, &use->min_share, builder->problems);
	bool copies = ini_uint(section, "min_copied", 1, 100, &use->min_copied, builder->problems);

	if (shares || copies)
		return;
	use->min_share = SHARE_DEFAULT;
	use->min_copied = COPIED_DEFAULT;
}

struct data_use *
data_use_load(const struct builder *builder, const struct ini_section *section, enum data_kind kind)
{
	const char *name = ini_get(section, "data");

	if (name == NULL || name[0] == '\0') {
		ini_problem(section, ini_entry(section, "data"), 0, builder->problems,
		    "write data = NAME", "[%s] names no data set", section->name);
		return NULL;
	}
	struct data_use *use = g_new0(struct data_use, 1);
	const struct data *data = world_data(builder->world, kind, name, NULL);
	use->kind = kind;
	use->name = g_strdup(name);
	if (data == NULL)
		unknown_data(builder, section, kind, name);
	if (kind == DATA_EDM)
		load_edm(use, builder, section, data);
	else
		load_prints(use, builder, section);
	return use;
}

/* --- search --- */

static void
clear_match(void *data)
{
	struct match_span *match = data;

	g_free(match->value);
}

/* In a rule's own test, columns are the values of its row, in the order in which the rule names
 * them. */
static guint64
columns_of(const struct data_use *use, const struct data *data, bool is_test)
{
	guint64 columns = 0;

	if (use->columns == NULL || is_test)
		return (G_GUINT64_CONSTANT(1) << data_labels(data)) - 1;
	for (guint i = 0; use->columns[i] != NULL; i++) {
		int column = column_of(data, use->columns[i]);
		if (column >= 0)
			columns |= G_GUINT64_CONSTANT(1) << column;
	}
	return columns;
}

static void
find_rows(const struct data_use *use, const struct data *data, bool is_test, struct run *run,
    const struct text *text, GArray *out, const char **stuck)
{
	const struct edm_query query = { columns_of(use, data, is_test), (guint)use->min_columns,
		use->near_characters };
	g_autoptr(GArray) rows =
	    edm_find(data, &query, text->data, text->size, run->deadline_us, stuck);

	for (guint i = 0; i < rows->len; i++) {
		const struct edm_match *row = &g_array_index(rows, struct edm_match, i);
		struct match_span match = { .span = row->span,
			.value = g_strdup_printf("row %u", row->row),
			.set = row->columns,
			.entry = row->row,
			.confidence = CONFIDENCE_HIGH };
		g_array_append_val(out, match);
	}
}

static void
find_documents(const struct data_use *use, const struct data *data, struct run *run,
    const struct text *text, GArray *out, const char **stuck)
{
	const struct prints_query query = { (guint)use->min_share, (guint)use->min_copied };
	g_autoptr(GArray) documents =
	    prints_find(data, &query, text->data, text->size, run->deadline_us, stuck);

	for (guint i = 0; i < documents->len; i++) {
		const struct prints_match *document =
		    &g_array_index(documents, struct prints_match, i);
		struct match_span match = { .span = document->span,
			.value = g_strdup_printf("document %u", document->document),
			.set = document->share << 8 | document->copied,
			.entry = document->document,
			.confidence = CONFIDENCE_HIGH };
		g_array_append_val(out, match);
	}
}

GArray *
data_use_find(const struct data_use *use, struct run *run, guint index, const char **stuck)
{
	const struct text *text = g_ptr_array_index(run->message->texts, index);
	GArray *out = g_array_new(FALSE, FALSE, sizeof(struct match_span));
	bool is_test = false;
	const struct data *data = world_data(run->world, use->kind, use->name, &is_test);

	g_array_set_clear_func(out, clear_match);
	if (data == NULL)
		return out; /* a pack's, which was warned of: builder->data_may_lack */
	if (use->kind == DATA_EDM)
		find_rows(use, data, is_test, run, text, out, stuck);
	else
		find_documents(use, data, run, text, out, stuck);
	return out;
}

char *
data_use_describe(const struct data_use *use, const struct run *run, const struct match_span *match)
{
	const struct data *data = world_data(run->world, use->kind, use->name, NULL);
	GString *out = g_string_new(NULL);

	if (use->kind == DATA_PRINTS) {
		g_string_printf(out, "%u %% of %s (data set %s), which is %u %% of this text",
		    match->set >> 8, data_label(data, match->entry), use->name, match->set & 0xff);
		return g_string_free(out, FALSE);
	}
	g_string_printf(out, "data set %s, row %u", use->name, match->entry + 1);
	for (guint i = 0; i < data_labels(data); i++) {
		if ((match->set >> i & 1) != 0)
			g_string_append_printf(
			    out, "%s %s", strchr(out->str, ':') ? "," : ":", data_label(data, i));
	}
	return g_string_free(out, FALSE);
}
