/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A labelled set: 2,000 texts with something to find, over all detectors that ship, and 20,000 near
 * misses, made from labelled-forms.txt by one seed. Every detector looks at every text, so that
 * what one takes of another's counts against it. The table of docs/detectors.md is what comes out.
 *
 * FLAGPOST_TABLE=FILE writes the table to a file (script/detectors puts it into the page).
 */
#include "kit.h"
#include "rules/validator.h"

#define SEED          20260301
#define POSITIVES     2000
#define NEAR_MISSES   20000
#define TRIES         400000 /* to meet a validator; the rarest passes one in a thousand */
#define RECALL_LEAST  0.99
#define PRECISE_LEAST 0.98

struct shape {
	char *id;
	GStrv words, forms, kin;
	bool never_glued, on_own_line;
	const struct detector_info *info;
	guint positives, found, misses, taken;
};

/* --- values --- */

static const struct alphabet {
	char letter;
	const char *symbols;
} alphabets[] = {
	{ 'n', "0123456789" },
	{ 'a', "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
	{ 'x', "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" },
	{ 'h', "0123456789abcdef" },
	{ 'w', "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" },
	{ 'q', "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" },
	{ 'B', "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/" },
	{ 'l', "abcdefghijklmnopqrstuvwxyz" },
	{ 'y', "abcdefghijklmnopqrstuvwxyz0123456789" },
	{ 'A', "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" },
	{ 'c', "BCDFGHJKLMNPQRSTVWXYZ" },
	{ 'k', "0123456789ABCDEFHJKLMNPRSTUVWXY" },
	{ 'm', "ACDEFGHJKMNPQRTUVWXY" },
	{ 'v', "ABCDEFGHJKLMNPRSTUVWXYZ0123456789" },
	{ 'e', "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz" },
};

static const char *const seed_words[] = { "ability", "river", "stone", "window", "garden", "purple",
	"silver", "mountain", "bridge", "candle", "orange", "forest", "winter", "summer", "copper",
	"marble", "basket", "engine", "rocket", "island", "planet", "valley" };

static guint
below(GRand *dice, guint n)
{
	return (guint)g_rand_int_range(dice, 0, (gint32)n);
}

static const char *
one_of(GRand *dice, const GStrv all)
{
	return all[below(dice, g_strv_length(all))];
}

static void
append_day(GString *out, GRand *dice, const char *form)
{
	guint year = 1950 + below(dice, 55), month = 1 + below(dice, 12), day = 1 + below(dice, 28);

	while (*form != '\0') {
		if (g_str_has_prefix(form, "YYYY")) {
			g_string_append_printf(out, "%04u", year);
			form += 4;
		} else if (*form == 'Y' || *form == 'M' || *form == 'D') {
			guint part = *form == 'Y' ? year % 100 : *form == 'M' ? month : day;
			g_string_append_printf(out, "%02u", part);
			form += 2;
		} else {
			g_string_append_c(out, *form++);
		}
	}
}

/* dice NULL: filling, one character again and again. */
static void
append_class(GString *out, GRand *dice, const char *class)
{
	guint64 count = g_ascii_strtoull(class + 1, NULL, 10);

	for (guint64 i = 0; class[0] == 'W' && i < count; i++)
		g_string_append_printf(out, "%s%s", i > 0 ? " " : "",
		    seed_words[dice != NULL ? below(dice, G_N_ELEMENTS(seed_words)) : 0]);
	for (gsize k = 0; k < G_N_ELEMENTS(alphabets); k++) {
		const char *symbols = alphabets[k].symbols;
		for (guint64 i = 0; alphabets[k].letter == class[0] && i < count; i++)
			g_string_append_c(
			    out, symbols[dice != NULL ? below(dice, (guint)strlen(symbols)) : 0]);
	}
}

static void
append_field(GString *out, GRand *dice, const char *field)
{
	if (g_str_has_prefix(field, "o:")) {
		g_auto(GStrv) all = g_strsplit(field + 2, "|", -1);
		g_string_append(out, dice != NULL ? one_of(dice, all) : all[0]);
	} else if (g_str_has_prefix(field, "D:")) {
		g_autoptr(GRand) fixed = g_rand_new_with_seed(1);
		append_day(out, dice != NULL ? dice : fixed, field + 2);
	} else {
		append_class(out, dice, field);
	}
}

static char *
expand(const char *form, GRand *dice)
{
	GString *out = g_string_new(NULL);

	for (const char *p = form; *p != '\0';) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		if (end == NULL) {
			g_string_append_c(out, *p++);
			continue;
		}
		g_autofree char *field = g_strndup(p + 1, (gsize)(end - p - 1));
		append_field(out, dice, field);
		p = end + 1;
	}
	return g_string_free(out, FALSE);
}

static bool
is_right(const struct shape *shape, const char *value)
{
	const struct validator *validator = validator_find(shape->info->validator);

	if (validator == NULL)
		return true;
	g_autofree char *normal = validator_value(validator, value, strlen(value));
	return normal != NULL;
}

static char *
right_value(const struct shape *shape, GRand *dice)
{
	const char *form = one_of(dice, shape->forms);

	for (guint i = 0; i < TRIES; i++) {
		char *value = expand(form, dice);
		if (is_right(shape, value))
			return value;
		g_free(value);
	}
	g_error("%s: no value of the form %s passes", shape->id, form);
}

/* One character is another of its kind, and the validator sees it; NULL where it cannot. */
static char *
changed_value(const struct shape *shape, GRand *dice)
{
	char *value = right_value(shape, dice);

	for (guint i = 0; i < 200 && shape->info->validator[0] != '\0'; i++) {
		char *at = value + below(dice, (guint)strlen(value)), was = *at;
		const char *symbols = g_ascii_isdigit(was)   ? alphabets[0].symbols
				      : g_ascii_isupper(was) ? alphabets[1].symbols
				      : g_ascii_islower(was) ? alphabets[7].symbols
							     : NULL;
		if (symbols == NULL)
			continue;
		*at = symbols[below(dice, (guint)strlen(symbols))];
		if (!is_right(shape, value))
			return value;
		*at = was;
	}
	g_free(value);
	return NULL;
}

/* --- texts --- */

static const char *const filler[] = { "Thank you for the meeting on Tuesday.",
	"The minutes are attached, with two small changes.",
	"Could you look at the second page again?", "We are a little late, and sorry for it.",
	"The team in Lyon has finished its part.", "Best regards from the coast.",
	"Wir sehen uns nächste Woche im großen Saal.", "Vielen Dank für die schnelle Antwort.",
	"Der Entwurf liegt bei, bitte kurz durchsehen.", "Merci pour votre retour rapide.",
	"La réunion est reportée à jeudi.", "Gracias por todo, hablamos el lunes.",
	"The weather was kind to us this year.", "Lunch is at noon in the small hall.",
	"I have added the pictures from the fair.", "Nobody has asked about the blue version.",
	"Please print it on both sides.", "The old plan is still on the shelf." };

static void
append_filler(GString *out, GRand *dice)
{
	for (guint count = 1 + below(dice, 4); count > 0; count--)
		g_string_append_printf(
		    out, "%s ", filler[below(dice, (guint)G_N_ELEMENTS(filler))]);
}

/* A mail around a line; a line of its own where the detector wants one. */
static char *
mail_around(GRand *dice, const char *line)
{
	GString *out = g_string_new("Hello,\n\n");

	append_filler(out, dice);
	g_string_append_printf(out, "\n%s\n", line);
	append_filler(out, dice);
	g_string_append(out, "\n\nAnna\n");
	return g_string_free(out, FALSE);
}

/* The value beside its word, in one of the ways in which people write. */
static char *
beside(const struct shape *shape, GRand *dice, const char *value)
{
	static const char *const before[] = { "", "As promised, the ", "Here is the ",
		"For you: ", "- " };
	static const char *const between[] = { ": ", " ", " = ", ":\n", " (new) ", "\t" };
	static const char *const behind[] = { "", ".", " as discussed", ", thanks", " (checked)" };
	const char *word = one_of(dice, shape->words);

	if (shape->on_own_line)
		return g_strdup(value);
	return g_strconcat(before[below(dice, G_N_ELEMENTS(before))], word,
	    between[below(dice, G_N_ELEMENTS(between))], value,
	    behind[below(dice, G_N_ELEMENTS(behind))], NULL);
}

static char *
miss_changed(const struct shape *shape, GRand *dice)
{
	g_autofree char *value = changed_value(shape, dice);

	return value != NULL && !shape->on_own_line ? beside(shape, dice, value) : NULL;
}

static char *
miss_glued(const struct shape *shape, GRand *dice)
{
	if (shape->never_glued || shape->on_own_line)
		return NULL;
	g_autofree char *value = right_value(shape, dice);
	g_autofree char *glued = below(dice, 2) == 0 ? g_strconcat("Q7", value, NULL)
						     : g_strconcat("x", value, "7Q", NULL);
	return beside(shape, dice, glued);
}

/* Right by form and check, and nobody speaks of it. */
static char *
miss_lonely(const struct shape *shape, GRand *dice)
{
	static const char *const names[] = { "Parcel", "Ticket", "Room plan", "Article", "Batch",
		"Drawing", "Serial", "Offer", "Paket", "Vorgang", "Artikel", "Commande", "Pedido" };

	if (!shape->info->has_near || shape->info->alone >= CONFIDENCE_MEDIUM)
		return NULL;
	g_autofree char *value = right_value(shape, dice);
	return g_strdup_printf(
	    "%s %s is on its way.", names[below(dice, G_N_ELEMENTS(names))], value);
}

static char *
miss_filled(const struct shape *shape, GRand *dice)
{
	if (strcmp(shape->info->validator, "token") != 0)
		return NULL;
	g_autofree char *value = expand(one_of(dice, shape->forms), NULL);
	return beside(shape, dice, value);
}

static char *
miss_word(const struct shape *shape, GRand *dice)
{
	static const char *const lines[] = { "The %s is missing in the form.",
		"Please do not send the %s by mail.", "Where do I find the %s of last year?",
		"Ask Carl for the %s." };
	GString *out = g_string_new(NULL);
	const char *line = lines[below(dice, G_N_ELEMENTS(lines))];
	const char *at = strstr(line, "%s");

	g_string_append_len(out, line, at - line);
	g_string_append(out, shape->on_own_line ? "document" : one_of(dice, shape->words));
	g_string_append(out, at + 2);
	return g_string_free(out, FALSE);
}

/* Numbers of every day that look like much. */
static char *
miss_trap(const struct shape *shape, GRand *dice)
{
	static const char *const traps[] = { "Log: 17{n11} request served in {n3} ms",
		"Parcel 1Z{x6}{n10} is on its way", "Invoice {n9} of 12 March, due in 30 days",
		"Order {n4}-{n7}-{n7} has left us", "Build {h40} passed, see change {h8}",
		"Ticket {h8}-{h4}-{h4}-{h4}-{h12} was closed", "Drawing {a3}-{n5}/{n2} rev {a1}",
		"width:{n4}.{n12}px and height:{n3}.{n10}px",
		"Version {n1}.{n2}.{n1}-rc{n1} of {n8}", "Batch {n6} {n6} {n4}, pallet {n12}",
		"Sensor {n2}.{n4}, {n2}.{n5} at {n10}", "Shipment {n12} and {n14} to the north",
		"Article {a2}{n6}{a1}, {a4}{n7}, {n13}", "Dial in with code {n6} at extension {n4}",
		"File IMG_{n8}_{n6}.jpg, {n5} kB" };

	(void)shape;
	return expand(traps[below(dice, G_N_ELEMENTS(traps))], dice);
}

static char *
near_miss(const struct shape *shape, GRand *dice, guint number)
{
	static char *(*const kinds[])(const struct shape *, GRand *) = { miss_changed, miss_glued,
		miss_lonely, miss_filled, miss_changed, miss_word, miss_lonely, miss_trap };
	char *line = NULL;

	for (guint i = 0; line == NULL && i < G_N_ELEMENTS(kinds); i++)
		line = kinds[(number + i) % G_N_ELEMENTS(kinds)](shape, dice);
	return line;
}

/* --- the set --- */

static void
shape_free(gpointer data)
{
	struct shape *shape = data;

	g_free(shape->id);
	g_strfreev(shape->words);
	g_strfreev(shape->forms);
	g_strfreev(shape->kin);
	g_free(shape);
}

/* "~~" keeps made up tokens from being taken for real ones, "\n" ends a line. */
static char *
written(const char *text)
{
	g_auto(GStrv) pieces = g_strsplit(text, "~~", -1);
	g_autofree char *joined = g_strjoinv("", pieces);
	g_auto(GStrv) lines = g_strsplit(joined, "\\n", -1);

	return g_strjoinv("\n", lines);
}

static struct shape *
shape_parse(const char *line)
{
	g_autofree char *text = written(line);
	g_auto(GStrv) fields = g_strsplit(text, "\t", -1);
	struct shape *shape = g_new0(struct shape, 1);

	g_assert_cmpuint(g_strv_length(fields), >=, 4);
	shape->id = g_strdup(fields[0]);
	shape->never_glued = strchr(fields[1], 'g') != NULL;
	shape->on_own_line = strchr(fields[1], 'l') != NULL;
	g_auto(GStrv) flags = g_strsplit(fields[1], " ", -1);
	shape->kin = g_strdupv(flags);
	shape->words = g_strsplit(fields[2], "|", -1);
	shape->forms = g_strdupv(fields + 3);
	return shape;
}

static GPtrArray *
load_shapes(void)
{
	g_autofree char *path = g_build_filename(
	    g_test_get_dir(G_TEST_DIST), "unit", "rules", "labelled-forms.txt", NULL);
	g_autofree char *all = NULL;
	g_autoptr(GError) error = NULL;
	GPtrArray *shapes = g_ptr_array_new_with_free_func(shape_free);

	g_file_get_contents(path, &all, NULL, &error);
	g_assert_no_error(error);
	g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		if (lines[i][0] != '\0' && !g_str_has_prefix(lines[i], "# "))
			g_ptr_array_add(shapes, shape_parse(lines[i]));
	}
	return shapes;
}

static char *
rules_folder(void)
{
	const char *source = g_getenv("FLAGPOST_SOURCE");

	return g_build_filename(source != NULL ? source : ".", "rules.d", NULL);
}

/* The detectors that ship and, with shapes, a rule for each. */
static struct ruleset *
load_rules(const GPtrArray *shapes)
{
	g_autofree char *folder = rules_folder();
	g_autofree char *detectors = g_build_filename(folder, "detectors", NULL);
	g_autoptr(sources) sources = sources_new();
	g_autoptr(problems) problems = problems_new();
	g_autoptr(GString) report = g_string_new(NULL);
	g_autoptr(GDir) dir = g_dir_open(detectors, 0, NULL);

	g_assert_nonnull(dir);
	g_assert_true(sources_add_folder(sources, folder, problems));
	/* Without the rules that ship: they would flag too. */
	for (guint i = sources->files->len; i > 0; i--) {
		const struct source *file = sources->files->pdata[i - 1];
		if (file->kind == SOURCE_RULE && strchr(file->name, '/') == NULL)
			g_ptr_array_remove_index(sources->files, i - 1);
	}
	for (guint i = 0; shapes != NULL && i < shapes->len; i++) {
		const struct shape *shape = shapes->pdata[i];
		g_autofree char *name = g_strdup_printf("%s.ini", shape->id);
		g_autofree char *text =
		    g_strdup_printf("[rule]\nid = %s\ntitle = t\nseverity = low\ndescription = d\n"
				    "[content.x]\ntype = detector\ndetector = %s\nwhere = body\n",
			shape->id, shape->id);
		kit_add(sources, SOURCE_RULE, name, text);
	}
	struct ruleset *ruleset = kit_try(sources, report);
	g_assert_cmpstr(report->str, ==, "");
	return ruleset;
}

static struct shape *
shape_of(const GPtrArray *shapes, const char *id)
{
	for (guint i = 0; i < shapes->len; i++) {
		struct shape *shape = shapes->pdata[i];
		if (strcmp(shape->id, id) == 0)
			return shape;
	}
	g_assert_not_reached();
}

/* owner: whose value stands in the text, or NULL for a near miss. */
static void
score(const struct ruleset *ruleset, const GPtrArray *shapes, struct shape *owner, const char *text)
{
	g_autoptr(verdict) verdict = kit_match(
	    ruleset, kit_message("anna@corp.example", "bob@other.example", text), NULL, false);
	bool is_found = false;

	g_assert_cmpuint(verdict->undecided->len, ==, 0);
	for (guint i = 0; i < verdict->flags->len; i++) {
		const struct flag *flag = verdict->flags->pdata[i];
		if (owner != NULL && strcmp(flag->rule, owner->id) == 0) {
			is_found = true;
		} else if (owner == NULL ||
			   !g_strv_contains((const char *const *)owner->kin, flag->rule)) {
			shape_of(shapes, flag->rule)->taken++;
			g_test_message("%s takes: %s", flag->rule, text);
		}
	}
	if (owner == NULL)
		return;
	owner->found += is_found;
	if (!is_found)
		g_test_message("%s misses: %s", owner->id, text);
}

static void
run_set(const struct ruleset *ruleset, const GPtrArray *shapes)
{
	g_autoptr(GRand) dice = g_rand_new_with_seed(SEED);

	for (guint i = 0; i < POSITIVES; i++) {
		struct shape *shape = shapes->pdata[i % shapes->len];
		g_autofree char *value = right_value(shape, dice);
		g_autofree char *line = beside(shape, dice, value);
		g_autofree char *text = mail_around(dice, line);
		shape->positives++;
		score(ruleset, shapes, shape, text);
	}
	for (guint i = 0; i < NEAR_MISSES; i++) {
		struct shape *shape = shapes->pdata[i % shapes->len];
		g_autofree char *line = near_miss(shape, dice, i / shapes->len);
		g_autofree char *text = mail_around(dice, line);
		shape->misses++;
		score(ruleset, shapes, NULL, text);
	}
}

/* --- the table --- */

static double
share_of(guint part, guint all)
{
	return all == 0 ? 1.0 : (double)part / (double)all;
}

static void
put_row(
    GString *table, const char *id, const struct shape *sum, const char *alone, const char *check)
{
	char recall[G_ASCII_DTOSTR_BUF_SIZE], precision[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(recall, sizeof(recall), "%.3f", share_of(sum->found, sum->positives));
	g_ascii_formatd(
	    precision, sizeof(precision), "%.3f", share_of(sum->found, sum->found + sum->taken));
	g_string_append_printf(table, "| %s | %s | %s | %u | %u | %u | %u | %s | %s |\n", id, check,
	    alone, sum->positives, sum->found, sum->misses, sum->taken, recall, precision);
}

static char *
make_table(const GPtrArray *shapes, struct shape *sum)
{
	GString *table = g_string_new(
	    "| Detector | Validator | Alone | True | Found | Near misses | Taken | Recall | "
	    "Precision |\n|---|---|---|---|---|---|---|---|---|\n");

	for (guint i = 0; i < shapes->len; i++) {
		const struct shape *shape = shapes->pdata[i];
		const char *check = shape->info->validator;
		g_autofree char *id = g_strdup_printf("`%s`", shape->id);
		put_row(table, id, shape, confidence_words[shape->info->alone],
		    check[0] != '\0' ? check : "-");
		sum->positives += shape->positives;
		sum->found += shape->found;
		sum->misses += shape->misses;
		sum->taken += shape->taken;
	}
	put_row(table, "all", sum, "", "");
	return g_string_free(table, FALSE);
}

static void
assert_current(const char *table)
{
	const char *source = g_getenv("FLAGPOST_SOURCE");
	g_autofree char *path =
	    g_build_filename(source != NULL ? source : ".", "docs", "detectors.md", NULL);
	g_autofree char *page = NULL;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(path, &page, NULL, &error);
	g_assert_no_error(error);
	if (strstr(page, table) == NULL)
		g_error("the table of docs/detectors.md is not current: run script/detectors");
}

static void
test_set(void)
{
	g_autoptr(GPtrArray) shapes = load_shapes();
	g_autoptr(ruleset) named = load_rules(NULL);
	g_autoptr(ruleset) ruleset = load_rules(shapes);
	const char *path = g_getenv("FLAGPOST_TABLE");
	struct shape sum = { 0 };

	/* Every detector has its forms, in the order of the files. */
	g_assert_cmpuint(ruleset_detector_count(named), ==, shapes->len);
	for (guint i = 0; i < shapes->len; i++) {
		const struct detector_info *info = ruleset_detector(named, i);
		shape_of(shapes, info->id)->info = info;
	}
	run_set(ruleset, shapes);
	g_autofree char *table = make_table(shapes, &sum);
	g_test_message("%s", table);
	if (path != NULL)
		g_assert_true(g_file_set_contents(path, table, -1, NULL));
	g_assert_cmpfloat(share_of(sum.found, sum.positives), >=, RECALL_LEAST);
	g_assert_cmpfloat(share_of(sum.found, sum.found + sum.taken), >=, PRECISE_LEAST);
	for (guint i = 0; i < shapes->len; i++) {
		const struct shape *shape = shapes->pdata[i];
		g_test_message("%s", shape->id);
		g_assert_cmpfloat(share_of(shape->found, shape->positives), >=, RECALL_LEAST);
		g_assert_cmpfloat(
		    share_of(shape->found, shape->found + shape->taken), >=, PRECISE_LEAST);
	}
	if (path == NULL)
		assert_current(table);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/labelled/set", test_set);
	return g_test_run();
}
