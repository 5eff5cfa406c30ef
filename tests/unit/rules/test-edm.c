/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/edm-build.h"

#include <string.h>

#include "kit.h"
#include "rules/data-inside.h"

static const guint8 key[KEYED_KEY] = "sixteen bytes ok";

static const char table[] = "name,iban,birthday,city\n"
			    "Anna Muster,DE89 3704 0044 0532 0130 00,1980-01-02,Berlin\n"
			    "Jürgen Groß,DE02120300000000202051,1975-12-24,Berlin\n"
			    "王伟,DE02500105170137075030,1990-06-07,Ulm\n"
			    "Bo,GB29NWBK60161331926819,1966-03-04,York\n";

static GBytes *
build(const char *text, const struct edm_options *options, struct edm_report *report)
{
	g_autofree char *copy = g_strdup(text);
	FILE *in = fmemopen(copy, strlen(copy), "r");
	g_autoptr(GError) error = NULL;
	GBytes *bytes = edm_build(in, options, key, report, &error);

	g_assert_no_error(error);
	fclose(in);
	return bytes;
}

static struct data *
customers(void)
{
	const struct edm_options options = { .path = "t.csv", .common = -1 };
	struct edm_report report;
	g_autoptr(GBytes) bytes = build(table, &options, &report);
	g_autoptr(GError) error = NULL;
	struct data *data = data_open("customers", bytes, key, &error);

	g_assert_no_error(error);
	edm_report_clear(&report);
	return data;
}

/* "1:11 " for each match: row from 1, and the columns by their numbers. */
static char *
found_in(const struct data *data, const char *text, guint min, guint near)
{
	const struct edm_query query = { 0xf, min, near };
	const char *stuck = NULL;
	g_autoptr(GArray) matches = edm_find(data, &query, text, strlen(text), G_MAXINT64, &stuck);
	GString *out = g_string_new(NULL);

	g_assert_null(stuck);
	for (guint i = 0; i < matches->len; i++) {
		const struct edm_match *match = &g_array_index(matches, struct edm_match, i);
		g_string_append_printf(out, "%s%u:", i > 0 ? " " : "", match->row + 1);
		for (guint k = 0; k < 4; k++)
			if ((match->columns >> k & 1) != 0)
				g_string_append_printf(out, "%u", k + 1);
	}
	return g_string_free(out, FALSE);
}

static void
test_texts(void)
{
	static const struct {
		const char *label, *text;
		guint min, near;
		const char *found;
	} rows[] = {
		{ "two values of a row", "Anna Muster, DE89 3704 0044 0532 0130 00", 2, 300,
		    "1:12" },
		{ "as another writes them", "ANNA  MUSTER\nIBAN: de89370400440532013000", 2, 300,
		    "1:12" },
		{ "all of a row are told of", "Anna Muster 1980-01-02 DE89370400440532013000", 2,
		    300, "1:123" },
		{ "one value is not two", "Anna Muster, Anna Muster", 2, 300, "" },
		{ "values of two rows", "Anna Muster, DE02 1203 0000 0000 2020 51", 2, 300, "" },
		{ "two rows", "Anna Muster 1980-01-02, Jürgen Groß 1975-12-24", 2, 300,
		    "1:13 2:13" },
		{ "a row twice", "Anna Muster 1980-01-02 and then at length Anna Muster 1980-01-02",
		    2, 25, "1:13 1:13" },
		{ "too far apart", "Anna Muster, who lives elsewhere now, was born 1980-01-02", 2,
		    50, "" },
		{ "as far apart as may be",
		    "Anna Muster, who lives elsewhere now, was born 1980-01-02", 2, 57, "1:13" },
		{ "characters are counted, not bytes", "Jürgen Groß äöüäöüäöü 1975-12-24", 2, 32,
		    "2:13" },
		{ "one character more", "Jürgen Groß äöüäöüäöüä 1975-12-24", 2, 32, "" },
		{ "folded letters", "JÜRGEN GROSS 1975 12 24", 2, 300, "2:13" },
		{ "scripts without blanks", "客户王伟的生日1990-06-07", 2, 300, "3:13" },
		{ "a name within a word", "Johanna Musterberg 1980-01-02", 2, 300, "" },
		{ "a number within a number", "DE893704004405320130001 Anna Muster", 2, 300, "" },
		{ "a value too short to be looked for", "Bo 1966-03-04", 2, 300, "" },
		{ "three columns are asked for", "Anna Muster 1980-01-02", 3, 300, "" },
		{ "three columns are there", "Anna Muster 1980-01-02 Berlin", 3, 300, "1:134" },
		{ "one column is enough", "pay DE89 3704 0044 0532 0130 00 now", 1, 300, "1:2" },
		{ "no words", " .,-\n", 2, 300, "" },
	};
	g_autoptr(data) data = customers();

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *found = found_in(data, rows[i].text, rows[i].min, rows[i].near);
		g_test_message("%s", rows[i].label);
		g_assert_cmpstr(found, ==, rows[i].found);
	}
}

/* What goes into a file is none of the table's values, whole or in part. */
static void
test_nothing_in_clear(void)
{
	static const char *const values[] = { "anna", "Anna", "muster", "Muster", "3704", "1980",
		"Berlin", "berlin", "\xe7\x8e\x8b" };
	const struct edm_options options = { .path = "t.csv", .common = -1 };
	struct edm_report report;
	g_autoptr(GBytes) bytes = build(table, &options, &report);
	gsize size;
	const char *start = g_bytes_get_data(bytes, &size);

	for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
		g_assert_null(memmem(start, size, values[i], strlen(values[i])));
	g_assert_null(memmem(start, size, key, sizeof(key)));
	edm_report_clear(&report);
}

static void
test_report(void)
{
	g_autoptr(GString) text = g_string_new("id,country,note\n");
	const struct edm_options options = { .path = "t.csv", .common = -1 };
	const struct edm_column *column;
	struct edm_report report;

	for (guint i = 0; i < 300; i++)
		g_string_append_printf(text, "K-%06u,%s,%s\n", i, i % 3 == 0 ? "Norway" : "Sweden",
		    i % 2 == 0 ? "" : "x");
	g_autoptr(GBytes) bytes = build(text->str, &options, &report);
	g_autoptr(data) data = data_open("c", bytes, key, NULL);
	g_assert_cmpuint(report.rows, ==, 300);
	g_assert_cmpuint(report.limit, ==, EDM_COMMON_LEAST);
	column = report.columns->pdata[0];
	g_assert_cmpuint(column->kept, ==, 300);
	column = report.columns->pdata[1];
	g_test_message("a value in 200 of 300 rows is common, one in 100 is not");
	g_assert_cmpuint(column->common, ==, 200);
	g_assert_cmpuint(column->common_values, ==, 1);
	g_assert_cmpuint(column->kept, ==, 100);
	column = report.columns->pdata[2];
	g_assert_cmpuint(column->empty, ==, 150);
	g_assert_cmpuint(column->unfit, ==, 150);
	g_assert_cmpuint(data_total(data, 0), ==, 300);
	g_assert_cmpuint(data_total(data, 1), ==, 100);
	edm_report_clear(&report);
}

static void
test_tables_refused(void)
{
	static const char *const wanted[] = { "iban", "bithday", NULL };
	static const struct {
		const char *label, *text;
		const char *const *columns;
		const char *why;
	} rows[] = {
		{ "an empty file", "\n", NULL,
		    "t.csv: the file is empty; its first line names the columns" },
		{ "a row that is short", "a,b\n1,2\n3\n", NULL,
		    "t.csv:3: 1 cells, and the head has 2" },
		{ "a column twice", "a,a\n1,2\n", NULL,
		    "t.csv:1: the head of the table names a column twice" },
		{ "a column without a name", "a,\n1,2\n", NULL,
		    "t.csv:1: the head of the table has a column without a name, or with a comma "
		    "in it" },
		{ "a column that is misspelt", table, wanted,
		    "the table has no column 'bithday'; did you mean birthday?" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct edm_options options = {
			.path = "t.csv", .common = -1, .columns = rows[i].columns
		};
		g_autofree char *copy = g_strdup(rows[i].text);
		FILE *in = fmemopen(copy, strlen(copy), "r");
		g_autoptr(GError) error = NULL;
		struct edm_report report;
		g_autoptr(GBytes) bytes = edm_build(in, &options, key, &report, &error);
		g_test_message("%s", rows[i].label);
		g_assert_null(bytes);
		g_assert_cmpstr(error->message, ==, rows[i].why);
		fclose(in);
		edm_report_clear(&report);
	}
}

/* A text that repeats one value of many rows costs notes and time, and both are bounded. */
static void
test_repeated(void)
{
	g_autoptr(GString) text = g_string_new("first,last,id\n");
	const struct edm_options options = { .path = "t.csv", .common = 100 };
	const struct edm_query query = { 7, 2, 300 };
	const char *stuck = NULL;
	struct edm_report report;

	for (guint i = 0; i < 300; i++)
		g_string_append_printf(text, "Anna,Muster,%06u\n", i);
	g_autoptr(GBytes) bytes = build(text->str, &options, &report);
	g_autoptr(data) data = data_open("c", bytes, key, NULL);
	g_string_truncate(text, 0);
	for (guint i = 0; i < 900; i++)
		g_string_append(text, "anna ");
	g_autoptr(GArray) none = edm_find(data, &query, text->str, text->len, G_MAXINT64, &stuck);
	g_assert_cmpuint(none->len, ==, 0);
	for (guint i = 0; i < 20; i++)
		g_string_append(text, "anna muster ");
	g_autoptr(GArray) many = edm_find(data, &query, text->str, text->len, G_MAXINT64, &stuck);
	g_assert_cmpuint(many->len, >=, 300);
	g_autoptr(GArray) late = edm_find(data, &query, text->str, text->len, 0, &stuck);
	g_assert_cmpuint(late->len, ==, 0);
	g_assert_cmpstr(stuck, ==, "time");
	edm_report_clear(&report);
}

/* --- files --- */

static void
test_broken_files(void)
{
	const struct edm_options options = { .path = "t.csv", .common = -1 };
	struct edm_report report;
	g_autoptr(GBytes) bytes = build(table, &options, &report);
	gsize size;
	const guint8 *start = g_bytes_get_data(bytes, &size);
	g_autofree guint8 *copy = g_malloc(size + 8);
	guint opened = 0;

	edm_report_clear(&report);
	for (gsize i = 0; i < size; i++) {
		for (guint bit = 0; bit < 8; bit += 3) {
			const char *stuck = NULL;
			const struct edm_query query = { 0xf, 1, 300 };
			memcpy(copy, start, size);
			copy[i] = (guint8)(copy[i] ^ 1u << bit);
			g_autoptr(GBytes) changed = g_bytes_new(copy, size);
			g_autoptr(data) data = data_open("c", changed, key, NULL);
			if (data == NULL)
				continue;
			g_autoptr(GArray) found =
			    edm_find(data, &query, table, strlen(table), G_MAXINT64, &stuck);
			g_assert_cmpuint(found->len, <=, EDM_MATCHES_MAX);
			opened++;
		}
	}
	g_test_message("%u of the changed files open without their digest", opened);
	for (gsize cut = 0; cut < size; cut += 7) {
		g_autoptr(GBytes) part = g_bytes_new(start, cut);
		g_assert_null(data_open("c", part, key, NULL));
	}
	memset(copy, 0, size + 8);
	memcpy(copy, start, size);
	g_autoptr(GBytes) more = g_bytes_new(copy, size + 8);
	g_assert_null(data_open("c", more, key, NULL));
	g_autoptr(GError) error = NULL;
	static const guint8 other[KEYED_KEY] = "another key here";
	g_assert_null(data_open("c", bytes, other, &error));
	g_assert_cmpstr(
	    error->message, ==, "data set c: its key belongs to another build; build it anew");
}

/* --- rules --- */

#define RULE                                                                                       \
	"[content.row]\ntype = edm\ndata = customers\ncolumns = name, iban\n"                      \
	"[test.1]\nexpect = flag\npart = content.row\n"                                            \
	"edm.customers = Eva Probe, GB29NWBK60161331926819\n"                                      \
	"text = eva probe has GB29 NWBK 6016 1331 9268 19\n"

static struct sources *
sources_with_data(const char *body)
{
	struct sources *sources = kit_sources();
	g_autofree char *text = g_strconcat(KIT_HEAD, body, NULL);

	sources_add_data(sources, customers());
	kit_add(sources, SOURCE_RULE, "10-one.ini", text);
	return sources;
}

static void
test_rule(void)
{
	g_autoptr(sources) sources = sources_with_data(RULE);
	g_autoptr(GString) report = g_string_new(NULL);
	g_autoptr(ruleset) ruleset = kit_try(sources, report);
	bool matched = false;

	g_assert_cmpstr(report->str, ==, "");
	g_assert_true(ruleset_test_text(ruleset, ruleset_test(ruleset, 0), &matched, NULL));
	g_assert_true(matched);
	g_autoptr(verdict) verdict = kit_match(ruleset,
	    kit_message("anna@corp.example", "bob@rival.example",
		"For Anna Mustermann: DE89 3704 0044 0532 0130 00."),
	    NULL, true);
	g_assert_cmpuint(verdict_flag_count(verdict), ==, 0);
	g_autoptr(verdict) hit = kit_match(ruleset,
	    kit_message("anna@corp.example", "bob@rival.example",
		"For Anna Muster: DE89 3704 0044 0532 0130 00, born 1980-01-02."),
	    NULL, true);
	g_assert_cmpuint(verdict_flag_count(hit), ==, 1);
	const struct flag *flag = hit->flags->pdata[0];
	const struct hit *place = flag->hits->pdata[0];
	g_assert_cmpuint(place->offset, ==, 4);
	g_assert_cmpuint(place->length, ==, 40);
	g_autofree char *masked = hit_excerpt(place, false);
	g_assert_null(strstr(masked, "0532"));
	g_test_message("what stands around them is masked too: %s", masked);
	g_assert_null(strstr(masked, "1980"));
	bool told = false;
	for (guint i = 0; i < hit->explained->len; i++) {
		const struct explained *line = hit->explained->pdata[i];
		told = told || strstr(line->detail, "data set customers, row 1: name, iban");
	}
	g_assert_true(told);
}

static void
test_rules_refused(void)
{
	static const struct {
		const char *label, *body, *report;
	} rows[] = {
		{ "no data set", "[content.x]\ntype = edm\n",
		    "10:1: [content.x] names no data set | write data = NAME\n" },
		{ "one that is misspelt", "[content.x]\ntype = edm\ndata = custmers\n",
		    "12:8: there is no data set custmers.edm | did you mean customers?\n" },
		{ "one that nobody built", "[content.x]\ntype = edm\ndata = staff\n",
		    "12:8: there is no data set staff.edm | flagpost rules edm build TABLE.csv "
		    "--name staff\n" },
		{ "a column that is misspelt",
		    "[content.x]\ntype = edm\ndata = customers\ncolumns = name, ibam\n",
		    "13:17: data set customers has no column ibam | did you mean iban?\n" },
		{ "more columns than there are",
		    "[content.x]\ntype = edm\ndata = customers\ncolumns = name, iban\n"
		    "min_columns = 3\n",
		    "14:15: min_columns is more than the 2 columns there are | ask for fewer\n" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(sources) sources = sources_with_data(rows[i].body);
		g_autoptr(GString) report = g_string_new(NULL);
		g_autoptr(ruleset) ruleset = kit_try(sources, report);
		g_test_message("%s", rows[i].label);
		g_assert_null(ruleset);
		g_assert_cmpstr(report->str, ==, rows[i].report);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/edm/texts", test_texts);
	g_test_add_func("/edm/nothing-in-clear", test_nothing_in_clear);
	g_test_add_func("/edm/report", test_report);
	g_test_add_func("/edm/tables-refused", test_tables_refused);
	g_test_add_func("/edm/repeated", test_repeated);
	g_test_add_func("/edm/broken-files", test_broken_files);
	g_test_add_func("/edm/rule", test_rule);
	g_test_add_func("/edm/rules-refused", test_rules_refused);
	return g_test_run();
}
