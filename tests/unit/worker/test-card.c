/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-card - vCards and calendars, by RFC and by vCard 2.1. */
#include "kit.h"
#include "worker/content-lines.h"

static void
test_lines(void)
{
	static const struct {
		const char *label;
		const char *in;
		const char *name, *value, *cn;
	} rows[] = {
		{ "a fold", "NOTE:con\r\n fidential\r\nEND:X", "NOTE", "confidential", NULL },
		{ "a fold by a tab, and a bare line feed", "note:con\n\tfidential", "NOTE",
		    "confidential", NULL },
		{ "a fold in the name", "NO\r\n TE:x", "NOTE", "x", NULL },
		{ "a group", "item1.URL:x", "URL", "x", NULL },
		{ "a colon in quotes", "A;CN=\"x: y;z\":v", "A", "v", "x: y;z" },
		{ "a quote that is never closed", "A;CN=\"x:v", "A", "v", "\"x" },
		{ "a soft break",
		    "N;ENCODING=QUOTED-PRINTABLE:con=\r\nfidential=0D=0A=\r\nx\r\nEND:X", "N",
		    "confidential=0D=0Ax", NULL },
		{ "an equals sign that is none", "N:a=\r\nEND:X", "N", "a=", NULL },
		{ "no colon", "nothing", "", "nothing", NULL },
		{ "no value", "N:", "N", "", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct content_line line;
		const char *at = rows[i].in;
		g_test_message("%s", rows[i].label);
		g_assert_true(content_lines_next(&at, &line));
		g_assert_cmpstr(line.name, ==, rows[i].name);
		g_assert_cmpstr(line.value, ==, rows[i].value);
		g_assert_cmpstr(content_line_get(&line, "CN"), ==, rows[i].cn);
		content_line_clear(&line);
	}
}

static void
test_many_parameters(void)
{
	g_autoptr(GString) in = g_string_new("A");
	struct content_line line;

	for (int i = 0; i < 1000; i++)
		g_string_append_printf(in, ";X%d=v", i);
	g_string_append(in, ";LAST=secret:v");
	const char *at = in->str;
	g_assert_true(content_lines_next(&at, &line));
	g_assert_cmpuint(line.parameters->len, ==, CONTENT_PARAMETERS_MAX);
	const struct content_parameter *last = line.parameters->pdata[CONTENT_PARAMETERS_MAX - 1];
	g_assert_nonnull(strstr(last->value, "LAST=secret"));
	content_line_clear(&line);
}

#define CALENDAR "Content-Type: text/calendar; name=a.ics\r\n"
#define CARD     "Content-Type: text/vcard; name=a.vcf\r\n"
#define EVENT    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"

static void
test_card(void)
{
	static const struct {
		const char *label;
		const char *fields;
		const char *bytes;
		const char *wants[KIT_WANTS];
	} rows[] = {
		{ "an invitation", CALENDAR,
		    EVENT "SUMMARY:Project\\, Falcon\\nplan\r\nLOCATION:Room 7\r\n"
			  "ATTENDEE;CN=\"Stone, Bob\";ROLE=CHAIR:mailto:bob@rival.example\r\n",
		    { "message scanned", "Project, Falcon\nplan\n", "Room 7", "Stone, Bob",
			"mailto:bob@rival.example", "!CHAIR" } },
		{ "an invitation in place", "Content-Type: text/calendar; method=REQUEST\r\n",
		    EVENT "DESCRIPTION:con\r\n fidential\r\n", { "body of 2: confidential" } },
		{ "links", CALENDAR,
		    EVENT "URL:https://a.example/\r\nATTACH:https://b.example/plan.docx\r\n"
			  "DESCRIPTION;ALTREP=\"https://c.example/x\":d\r\n",
		    { "urls of 2: https://a.example/\nhttps://b.example/plan.docx\n"
		      "https://c.example/x" } },
		{ "a file within", CALENDAR,
		    EVENT "ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;"
			  "X-FILENAME=\"plan.txt\":U2VjcmV0\r\n IHdvcmRz\r\n",
		    { "part 2/plan.txt [plan.txt] text/plain", "of 2/plan.txt: Secret words" } },
		{ "a file within, as a link", CALENDAR,
		    EVENT "ATTACH:data:text/plain;base64,U2VjcmV0\r\nX-ALT:data:,a%20b\r\n",
		    { "of 2/attach: Secret", "of 2/x-alt: a b" } },
		{ "a card of version 2.1", CARD,
		    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=windows-1252;QUOTED-PRINTABLE:M=FC="
		    "\r\n"
		    "ller\r\nKEY;BASE64:\r\n U2VjcmV0\r\n\r\nEND:VCARD\r\n",
		    { "M\u00fcller", "of 2/key: Secret", "!2.1" } },
		{ "a card under another type", "Content-Type: application/octet-stream; name=x\r\n",
		    "BEGIN:VCARD\nFN:Anna Berg\nNOTE:sec\n ret\nEND:VCARD\n",
		    { "Anna Berg\nsecret" } },
		{ "no calendar at all is text", CALENDAR, "sec\n ret\n", { "of 2: sec\n ret" } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		kit_check_file(rows[i].label, rows[i].fields, rows[i].bytes, strlen(rows[i].bytes),
		    rows[i].wants);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/card/lines", test_lines);
	g_test_add_func("/worker/card/parameters", test_many_parameters);
	g_test_add_func("/worker/card/parts", test_card);
	return g_test_run();
}
