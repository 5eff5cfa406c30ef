/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-office - what the XML of a document says, where it hides, and what it must not do. Words
 * that a real program wrote are in tests/mail; here is what it would not write.
 */
#include <string.h>

#include "worker/markup.h"
#include "worker/office.h"
#include "worker/tags.h"

#define W      "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
#define STRICT "<w:document xmlns:w='http://purl.oclc.org/ooxml/wordprocessingml/main'>"
#define ODF                                                                                        \
	"<o xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0' xmlns:s='s' xmlns:t='t' "  \
	"xmlns:x='x'>"
#define T(words) "<w:r><w:t>" words "</w:t></w:r>"

struct member {
	const char *name, *xml;
};

static const struct {
	const char *label;
	struct member members[4];
	const char *texts[OFFICE_STREAMS + 1]; /* seen, hidden, told, urls; NULL: none */
} rows[] = {
	{ "a word split over runs",
	    { { "word/document.xml", W "<w:p>" T("con") T("fid") T("ential") "</w:p><w:p>" T(
					 "two") "</w:p></w:document>" } },
	    { "confidential\ntwo" } },
	{ "strict documents",
	    { { "word/document.xml", STRICT "<w:p>" T("falcon") "</w:p></w:document>" } },
	    { "falcon" } },
	{ "a main part under another name",
	    { { "word/theme/x.xml", W "<w:p>" T("falcon") "</w:p></w:document>" } }, { "falcon" } },
	{ "hidden letters",
	    { { "word/document.xml",
		W "<w:p>" T("con") "<w:r><w:rPr><w:vanish/></w:rPr><w:t>falcon</w:t></w:r>" T(
		    "fid") "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>ent</w:t></w:r></w:p>"
			   "</w:document>" } },
	    { "confident", "falcon" } },
	{ "a hidden mark of a paragraph hides no word",
	    { { "word/document.xml",
		W "<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>seen</w:t></w:r></w:p>"
		  "</w:document>" } },
	    { "seen" } },
	{ "hidden by a style, and by one that stands on it",
	    { { "word/styles.xml", "<w:styles><w:style w:type='character' w:styleId='Deep'><w:name "
				   "w:val='Deep'/><w:basedOn w:val='Hid'/></w:style><w:style "
				   "w:type='character' w:styleId='Hid'><w:rPr><w:vanish/></w:rPr>"
				   "</w:style></w:styles>" },
		{ "word/document.xml",
		    W "<w:p><w:r><w:rPr><w:rStyle w:val='Hid'/></w:rPr><w:t>falcon</w:t></w:r>"
		      "<w:r><w:rPr><w:rStyle w:val='Deep'/></w:rPr><w:t>-77</w:t></w:r><w:r><w:rPr>"
		      "<w:rStyle w:val='Deep'/><w:vanish w:val='0'/></w:rPr><w:t>seen</w:t></w:r>"
		      "</w:p></w:document>" } },
	    { "seen", "falcon-77" } },
	{ "a hidden style of paragraphs",
	    { { "word/styles.xml",
		  "<w:styles><w:style w:styleId='Hid'><w:rPr><w:vanish/></w:rPr></w:style>"
		  "<w:style w:styleId='Loop'><w:basedOn w:val='Loop'/></w:style></w:styles>" },
		{ "word/document.xml", W "<w:p><w:pPr><w:pStyle w:val='Hid'/></w:pPr>" T(
					   "falcon") "</w:p><w:p><w:pPr>"
						     "<w:pStyle w:val='Loop'/></w:pPr>" T(
							 "seen") "</w:p></w:document>" } },
	    { "seen", "falcon" } },
	{ "nothing is shown that does not say so",
	    { { "word/styles.xml",
		  "<w:styles><w:docDefaults><w:rPr><w:vanish/></w:rPr></w:docDefaults>"
		  "<w:style w:styleId='Show'><w:rPr><w:vanish w:val='0'/></w:rPr></w:style>"
		  "</w:styles>" },
		{ "word/document.xml", W "<w:p>" T("falcon") "</w:p><w:p><w:pPr><w:pStyle "
							     "w:val='Show'/></w:pPr>" T(
								 "seen") "</w:p></w:document>" } },
	    { "seen", "falcon" } },
	{ "the style of all other paragraphs is hidden",
	    { { "word/styles.xml", "<w:styles><w:style w:type='paragraph' w:default='1' "
				   "w:styleId='Normal'><w:rPr><w:vanish/></w:rPr></w:style>"
				   "</w:styles>" },
		{ "word/document.xml", W "<w:p>" T("falcon") "</w:p></w:document>" } },
	    { NULL, "falcon" } },
	{ "OpenDocument: hidden by a style of all members, through its own",
	    { { "content.xml",
		  ODF "<s:style s:name='T1' s:parent-style-name='Hid'/>"
		      "<text:p>a<text:span text:style-name='T1'>falcon</text:span>b</text:p></o>" },
		{ "styles.xml", ODF "<s:styles><s:style s:name='Hid'><s:text-properties "
				    "text:display='none'/></s:style></s:styles><s:style "
				    "s:name='T1'><s:text-properties text:display='none'/>"
				    "</s:style></o>" } },
	    { "ab", "falcon" } },
	{ "letters of one point",
	    { { "word/document.xml",
		W "<w:p><w:r><w:rPr><w:sz w:val='2'/></w:rPr><w:t>falcon</w:t></w:r></w:p>"
		  "</w:document>" } },
	    { NULL, "falcon" } },
	{ "what was deleted and what was put in",
	    { { "word/document.xml",
		W "<w:p>" T(
		    "night") "<w:del "
			     "w:author='Anna'><w:r><w:delText>falcon</w:delText></w:r></w:del>"
			     "<w:ins w:author='Anna'>" T("jar") "</w:ins></w:p></w:document>" } },
	    { "nightjar", "falcon", "Anna" } },
	{ "a text box within a word, twice for old programs",
	    { { "word/document.xml",
		W "<w:p>" T("night") "<w:r><a><Choice><w:txbxContent><w:"
				     "p>" T("box") "</w:p></"
						   "w:txbxContent></"
						   "Choice><Fallback><w:"
						   "txbxContent><w:p>" T(
						       "box") "</w:p></"
							      "w:"
							      "txbxContent"
							      "></"
							      "Fallback></"
							      "a></w:r>" T(
								  "jar") "</w:p></w:document>" } },
	    { "nightjar", NULL, "box" } },
	{ "fields and links",
	    { { "word/document.xml",
		  W "<w:p><w:r><w:fldChar/></w:r><w:r>"
		    "<w:instrText>HYPER</w:instrText></w:r><w:r><w:instrText>LINK "
		    "\"https://a.example/x\"</w:instrText></w:r><w:r><w:fldChar/></w:r>" T(
			"go") "</w:p></w:document>" },
		{ "word/_rels/document.xml.rels",
		    "<Relationships><Relationship Id='1' "
		    "Target='https://b.example/' TargetMode='External'/><Relationship Id='2' "
		    "Target='media/x.png'/></Relationships>" } },
	    { "go", NULL, "HYPERLINK \"https://a.example/x\"",
		"https://a.example/x\nhttps://b.example/" } },
	{ "names, tips and watermarks",
	    { { "word/document.xml",
		W "<w:docPr descr='a falcon'/><textpath string='SECRET'/></w:document>" } },
	    { NULL, NULL, "a falcon\nSECRET" } },
	{ "places of pictures are no numbers",
	    { { "xl/drawings/d.xml", "<d><from><col>4</col><colOff>1111111</colOff><row>1</"
				     "row></from><t>x</t></d>" } },
	    { "x" } },
	{ "properties",
	    { { "docProps/core.xml", "<c><title>Falcon</title><creator>Anna</creator>"
				     "</c>" } },
	    { NULL, NULL, "Falcon\nAnna" } },
	{ "cells: shared, typed in, numbers as typed",
	    { { "xl/sharedStrings.xml", "<sst><si><t>Name</t></si><si><t>Ca</t><r><t>rd</t></r>"
					"</si><si><t>orphan</t></si></sst>" },
		{ "xl/worksheets/sheet1.xml",
		    "<worksheet><row><c r='A1' t='s'><v>0</v></c><c r='B1' "
		    "t='s'><v>1</v></c></row>"
		    "<row><c r='A2' t='inlineStr'><is><t>Bob</t></is></c>"
		    "<c r='B2'><v>4.111111111111111E15</v></c></row>"
		    "<row><c r='A3'><v>4111111111111111</v></c><c r='B3'><v>1.5E-3</v></c>"
		    "<c t='str' r='C3'><f>A1&amp;B1</f><v>made</v></c></row></worksheet>" } },
	    { "Name Card \nBob 4111111111111111 \n4111111111111111 1.5E-3 made", "orphan",
		"A1&B1" } },
	{ "hidden sheets, rows, columns",
	    { { "xl/workbook.xml", "<workbook><sheets><sheet name='Open' r='1' id='r1'/><sheet "
				   "name='Deep' state='veryHidden' id='r2'/></sheets>"
				   "<definedName name='Rate'>Open!A1</definedName></workbook>" },
		{ "xl/_rels/workbook.xml.rels", "<R><Relationship Id='r2' "
						"Target='worksheets/s2.xml'/></R>" },
		{ "xl/worksheets/s1.xml",
		    "<worksheet><cols><col min='2' max='2' hidden='1'/></cols><row>"
		    "<c r='A1'><v>1</v></c><c r='B1'><v>22</v></c></row><row hidden='1'>"
		    "<c r='A2'><v>333</v></c></row><row><c "
		    "r='A3'><v>4</v></c></row></worksheet>" },
		{ "xl/worksheets/s2.xml", "<worksheet><row><c r='A1'><v>55</v></c></row>"
					  "</worksheet>" } },
	    { "1 \n4", "22 333 \n55", "Open\nDeep\nRate\nOpen!A1" } },
	{ "hidden slides",
	    { { "ppt/slides/slide1.xml",
		  "<sld show='0'><p><r><t>fal</t></r><r><t>con</t></r></p></sld>" },
		{ "ppt/slides/slide2.xml", "<sld><p><r><t>seen</t></r></p></sld>" } },
	    { "seen", "falcon" } },
	{ "OpenDocument: spans, blanks, notes within a word",
	    { { "content.xml",
		ODF "<text:p>con<text:span>fid</text:span><text:note><text:note-body><text:p>foot"
		    "</text:p></text:note-body></text:note>ential<text:s/>x<text:tab/>y</text:p>"
		    "<text:p>two</text:p></o>" } },
	    { "confidential x y\ntwo", NULL, "foot" } },
	{ "OpenDocument: hidden by a style, a section, a sheet",
	    { { "content.xml",
		ODF "<s:style s:name='T1'><s:text-properties text:display='none'/></s:style>"
		    "<s:style s:name='ta2'><s:table-properties t:display='false'/></s:style>"
		    "<text:p>a<text:span text:style-name='T1'>falcon</text:span>b</text:p>"
		    "<text:section text:display='none'><text:p>deep</text:p></text:section>"
		    "<t:table t:name='Two' t:style-name='ta2'><t:table-row><t:table-cell><text:p>"
		    "cell</text:p></t:table-cell></t:table-row></t:table></o>" } },
	    { "ab", "falcon\ndeep\ncell", "Two" } },
	{ "OpenDocument: rows, columns, values",
	    { { "content.xml",
		ODF "<t:table><t:table-column/><t:table-column "
		    "t:visibility='collapse'/><t:table-row>"
		    "<t:table-cell "
		    "t:value='4111111111111111'><text:p>4.11E+15</text:p></t:table-cell>"
		    "<t:table-cell t:value='7'><text:p>7</text:p></t:table-cell></t:table-row>"
		    "<t:table-row t:visibility='filter'><t:table-cell><text:p>gone</text:p>"
		    "</t:table-cell></t:table-row></t:table></o>" } },
	    { "4.11E+15\n4111111111111111", "7\ngone" } },
	{ "OpenDocument: what was deleted, and links",
	    { { "content.xml",
		ODF "<text:tracked-changes><text:p>falcon</text:p></text:tracked-changes>"
		    "<text:p>seen <text:a x:href='https://a.example/'>go</text:a></text:p></o>" } },
	    { "seen go", "falcon", NULL, "https://a.example/" } },
};

static void
check(const char *label, guint n, const char *expected, const GString *found)
{
	g_autofree char *wanted = g_strstrip(g_strdup(expected != NULL ? expected : ""));
	g_autofree char *got = g_strstrip(g_strdup(found->str));

	if (strcmp(wanted, got) == 0)
		return;
	g_test_message("%s: %u\n- %s\n+ %s", label, n, wanted, got);
	g_test_fail();
}

static enum office_result
read_member(struct office *office, const struct member *member)
{
	enum office_result result;

	office_begin(office, member->name);
	result = office_feed(office, member->xml, strlen(member->xml));
	enum office_result last = office_end(office);
	return result != OFFICE_FINE ? result : last;
}

static void
test_documents(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(office) office = office_new(1024 * 1024);
		g_test_message("%s", rows[i].label);
		for (guint pass = 0; pass < 2; pass++) {
			for (guint n = 0; n < 4 && rows[i].members[n].name != NULL; n++)
				if (office_is_first(rows[i].members[n].name) == (pass == 0))
					g_assert_cmpint(read_member(office, &rows[i].members[n]),
					    ==, OFFICE_FINE);
			if (pass == 0)
				office_link(office);
		}
		for (guint n = 0; n < OFFICE_STREAMS; n++) {
			GString *text = office_take(office, n);
			check(rows[i].label, n, rows[i].texts[n], text);
			g_string_free(text, TRUE);
		}
		GString *urls = office_take_urls(office);
		check(rows[i].label, OFFICE_STREAMS, rows[i].texts[OFFICE_STREAMS], urls);
		g_string_free(urls, TRUE);
	}
}

/* Entities of a document's own: named, small, and nothing is fetched. */
static void
test_bombs(void)
{
	static const struct {
		const char *label, *xml;
		enum office_result result;
	} bombs[] = {
		{ "laughs",
		    "<!DOCTYPE a [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
		    "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]><a><t>&c;&c;&c;</t></a>",
		    OFFICE_BROKEN },
		{ "an external one",
		    "<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
		    "<a><t>&a;</t></a>",
		    OFFICE_BROKEN },
		{ "an external DTD",
		    "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'><a><t>x</t></a>", OFFICE_FINE },
		{ "cut", "<a><t>falcon", OFFICE_BROKEN },
		{ "no XML", "falcon", OFFICE_BROKEN },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(bombs); i++) {
		struct member member = { "word/document.xml", bombs[i].xml };
		g_autoptr(office) office = office_new(1024 * 1024);
		g_test_message("%s", bombs[i].label);
		g_assert_cmpint(read_member(office, &member), ==, bombs[i].result);
		GString *text = office_take(office, OFFICE_SEEN);
		g_assert_cmpuint(text->len, <, 64);
		g_string_free(text, TRUE);
	}
	g_autoptr(office) office = office_new(100);
	g_autoptr(GString) large = g_string_new("<a><t>");
	for (guint i = 0; i < 100; i++)
		g_string_append(large, "falcon");
	g_string_append(large, "</t></a>");
	struct member member = { "a.xml", large->str };
	g_assert_cmpint(read_member(office, &member), ==, OFFICE_OVER_LIMIT);
}

/* --- what costs a parser the square of its count --- */

enum form { PLAIN, UTF16_LOW, UTF16_HIGH, UTF16_MARKED };

/* begin, n times the unit with '#' for a number, middle, n times the other unit, end. */
static const struct tangle {
	const char *label, *begin, *unit, *middle, *back, *end;
	guint n;
	enum form form;
	enum office_result result;
} tangles[] = {
	{ "attributes of one tag", "<a>nightjar<t", " a#='1'", ">falcon</t></a>", "", "", 40000,
	    PLAIN, OFFICE_TANGLED },
	{ "as many as are looked at", "<a>nightjar<t", " a#='1'", ">falcon</t></a>", "", "",
	    TAGS_ATTRIBUTES_MAX, PLAIN, OFFICE_FINE },
	{ "in UTF-16", "<?xml version='1.0'?><a>nightjar<t", " a#='1'", ">falcon</t></a>", "", "",
	    40000, UTF16_LOW, OFFICE_TANGLED },
	{ "in UTF-16, the high byte first", "<?xml version='1.0'?><a>nightjar<t", " a#='1'",
	    ">falcon</t></a>", "", "", 40000, UTF16_HIGH, OFFICE_TANGLED },
	{ "in UTF-16 that says so", "<?xml version='1.0' encoding='UTF-16'?><a>nightjar<t",
	    " a#='1'", ">falcon</t></a>", "", "", 40000, UTF16_MARKED, OFFICE_TANGLED },
	{ "few in UTF-16", "<?xml version='1.0' encoding='UTF-16'?><a>nightjar<t", " a#='1'",
	    ">falcon</t></a>", "", "", 10, UTF16_MARKED, OFFICE_FINE },
	{ "behind a comment that opens a quote", "<a>nightjar<!-- <b c=\" --><t", " a#='1'",
	    ">falcon</t></a>", "", "", 40000, PLAIN, OFFICE_TANGLED },
	{ "behind a section that opens a quote", "<a>nightjar<![CDATA[<b c=\"]]><t", " a#='1'",
	    ">falcon</t></a>", "", "", 40000, PLAIN, OFFICE_TANGLED },
	{ "behind an instruction that opens a quote", "<a>nightjar<?b <c d=\"?><t", " a#='1'",
	    ">falcon</t></a>", "", "", 40000, PLAIN, OFFICE_TANGLED },
	{ "behind a DTD that opens a comment", "<!DOCTYPE a [<!ENTITY e '<!--'>]><a>nightjar<b/><t",
	    " a#='1'", ">falcon</t></a>", "", "", 40000, PLAIN, OFFICE_TANGLED },
	{ "behind a DTD that opens a section",
	    "<!DOCTYPE a [<!ENTITY e '<![CDATA['>]><a>nightjar<b/><t", " a#='1'", ">falcon</t></a>",
	    "", "", 40000, PLAIN, OFFICE_TANGLED },
	{ "behind a DTD that opens a quote", "<!DOCTYPE a [<!ENTITY e '<b c=\"'>]><a>nightjar<t",
	    " a#='1'", ">falcon</t></a>", "", "", 40000, PLAIN, OFFICE_TANGLED },
	{ "behind an instruction in an instruction", "<a>nightjar<?b <?c ?><t", " a#='1'",
	    ">falcon</t></a>", "", "", 40000, PLAIN, OFFICE_TANGLED },
	{ "words in a comment are none", "<a>nightjar<!-- <b", " a#", "--><t>falcon</t></a>", "",
	    "", 40000, PLAIN, OFFICE_FINE },
	{ "words in a section are none", "<a>nightjar<![CDATA[ <b", " a#", "]]><t>falcon</t></a>",
	    "", "", 40000, PLAIN, OFFICE_FINE },
	{ "words in an instruction are none", "<a>nightjar<?c <b", " a#", "?><t>falcon</t></a>", "",
	    "", 40000, PLAIN, OFFICE_FINE },
	{ "words in a comment in UTF-16", "<?xml version='1.0'?><a>nightjar<!-- <b", " a#",
	    "--><t>falcon</t></a>", "", "", 40000, UTF16_LOW, OFFICE_FINE },
	{ "tags behind others in UTF-16", "<?xml version='1.0'?><a>nightjar", "<b c='#'/>",
	    "<t>falcon</t></a>", "", "", 40000, UTF16_HIGH, OFFICE_FINE },
	{ "namespaces within one another", "<a>nightjar", "<n#:b xmlns:n#='urn:#'>", "falcon", "",
	    "", 60000, PLAIN, OFFICE_TANGLED },
	{ "default ones", "<a>nightjar", "<b xmlns='urn:#'>", "falcon", "", "", 60000, PLAIN,
	    OFFICE_TANGLED },
	{ "as many as are looked at", "<a>nightjar", "<b xmlns='urn:#'>", "falcon", "</b>", "</a>",
	    MARKUP_NAMESPACES_MAX, PLAIN, OFFICE_FINE },
	{ "one behind the other", "<a>nightjar", "<n#:b xmlns:n#='urn:#'/>", "falcon</a>", "", "",
	    60000, PLAIN, OFFICE_FINE },
	{ "elements within one another", "<a>nightjar", "<b>", "falcon", "", "", 60000, PLAIN,
	    OFFICE_TANGLED },
	{ "fewer than are looked at", "<a>nightjar", "<b>", "falcon", "</b>", "</a>",
	    MARKUP_DEPTH_MAX - 1, PLAIN, OFFICE_FINE },
	{ "a charset in which tags look like other bytes",
	    "<?xml version='1.0' encoding='UTF-7'?><a>nightjar</a>", "", "", "", "", 0, PLAIN,
	    OFFICE_BROKEN },
	{ "UTF-16 that turns into another charset",
	    "<?xml version='1.0' encoding='ISO-8859-1'?><a>nightjar</a>", "", "", "", "", 0,
	    UTF16_LOW, OFFICE_BROKEN },
	{ "an older charset", "<?xml version='1.0' encoding='windows-1252'?><a>nightjarfalcon</a>",
	    "", "", "", "", 0, PLAIN, OFFICE_FINE },
};

static void
add_units(GString *out, const char *unit, guint n)
{
	for (guint i = 0; i < n; i++)
		for (const char *at = unit; *at != '\0'; at++)
			if (*at == '#')
				g_string_append_printf(out, "%u", i);
			else
				g_string_append_c(out, *at);
}

static GString *
in_form(const GString *xml, enum form form)
{
	GString *out = g_string_new_len(NULL, (gssize)xml->len * 2);

	if (form == PLAIN)
		return g_string_append_len(out, xml->str, (gssize)xml->len);
	if (form == UTF16_MARKED)
		g_string_append(out, "\xFF\xFE");
	for (gsize i = 0; i < xml->len; i++) {
		if (form == UTF16_HIGH)
			g_string_append_c(out, '\0');
		g_string_append_c(out, xml->str[i]);
		if (form != UTF16_HIGH)
			g_string_append_c(out, '\0');
	}
	return out;
}

/* Attributes that a DTD adds to an element are counted nowhere, and each element has them all. */
static void
test_added(void)
{
	static const struct {
		const char *label, *begin, *unit, *end;
		guint n;
		enum office_result result;
	} added[] = {
		{ "one each", "<!DOCTYPE a [", "<!ATTLIST b a# CDATA '1'>", "]><a>nightjar", 4000,
		    OFFICE_TANGLED },
		{ "all in one", "<!DOCTYPE a [<!ATTLIST b", " a# CDATA '1'", ">]><a>nightjar", 4000,
		    OFFICE_TANGLED },
		{ "a single one", "<!DOCTYPE a [", "<!ATTLIST b a# CDATA '1'>", "]><a>nightjar", 1,
		    OFFICE_TANGLED },
		{ "a DTD of many declarations", "<!DOCTYPE a [", "<!ELEMENT b# ANY>",
		    "]><a>nightjar", 4000, OFFICE_TANGLED },
		{ "a small one", "<!DOCTYPE a [", "<!ELEMENT b# ANY>", "]><a>nightjar", 10,
		    OFFICE_FINE },
		{ "attributes that need not be there", "<!DOCTYPE a [<!ATTLIST b a CDATA #IMPLIED>",
		    "<!ELEMENT c# ANY>", "]><a>nightjar", 1, OFFICE_FINE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(added); i++) {
		g_autoptr(GString) xml = g_string_new(added[i].begin);
		add_units(xml, added[i].unit, added[i].n);
		g_string_append(xml, added[i].end);
		for (guint n = 0; n < 20000; n++)
			g_string_append(xml, "<b/>");
		g_string_append(xml, "</a>");
		g_autoptr(office) office = office_new(1024 * 1024);
		g_test_message("%s", added[i].label);
		office_begin(office, "content.xml");
		enum office_result fed = office_feed(office, xml->str, xml->len);
		enum office_result last = office_end(office);
		g_assert_cmpint(fed != OFFICE_FINE ? fed : last, ==, added[i].result);
		g_autoptr(GString) text = office_take(office, OFFICE_SEEN);
		g_assert_true(
		    (strstr(text->str, "nightjar") != NULL) == (added[i].result == OFFICE_FINE));
	}
}

static void
test_tangles(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(tangles); i++) {
		const struct tangle *tangle = &tangles[i];
		g_autoptr(GString) xml = g_string_new(tangle->begin);
		add_units(xml, tangle->unit, tangle->n);
		g_string_append(xml, tangle->middle);
		add_units(xml, tangle->back, tangle->n);
		g_string_append(xml, tangle->end);
		g_autoptr(GString) bytes = in_form(xml, tangle->form);
		g_autoptr(office) office = office_new(1024 * 1024);
		g_test_message("%s, %u", tangle->label, tangle->n);
		office_begin(office, "content.xml");
		enum office_result fed = office_feed(office, bytes->str, bytes->len);
		enum office_result last = office_end(office);
		g_assert_cmpint(fed != OFFICE_FINE ? fed : last, ==, tangle->result);
		g_autoptr(GString) text = office_take(office, OFFICE_SEEN);
		if (tangle->result != OFFICE_BROKEN)
			g_assert_nonnull(strstr(text->str, "nightjar"));
		if (tangle->result == OFFICE_FINE)
			g_assert_nonnull(strstr(text->str, "falcon"));
	}
}

/* Records of a binary workbook that lie about themselves. */
static void
test_xlsb(void)
{
	static const struct {
		const char *label, *bytes;
		gsize size;
		enum office_result result;
		const char *seen;
	} cases[] = {
		{ "a shared string", "\x13\x0B\0\3\0\0\0f\0l\0y\0", 13, OFFICE_FINE, "fly\n" },
		{ "an integer, a hundred times", "\2\x0C\0\0\0\0\0\0\0\0\x1B\0\0\0", 14,
		    OFFICE_FINE, "0.06\n" },
		{ "a string longer than its record", "\x13\x07\0\xFF\0\0\0f\0", 9, OFFICE_BROKEN,
		    "" },
		{ "a string of four billion characters is none", "\x13\x05\0\xFF\xFF\xFF\xFF", 7,
		    OFFICE_FINE, "" },
		{ "a record longer than the member", "\x13\x7F\0", 3, OFFICE_BROKEN, "" },
		{ "a length without end", "\x13\xFF\xFF\xFF\xFF\xFF", 6, OFFICE_BROKEN, "" },
		{ "a record cut in its type", "\x9F", 1, OFFICE_BROKEN, "" },
		{ "cells without a value", "\2\0\5\0\6\0", 6, OFFICE_BROKEN, "" },
		{ "nothing", "", 0, OFFICE_FINE, "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(office) office = office_new(1024);
		g_test_message("%s", cases[i].label);
		g_assert_cmpint(office_xlsb(office, (const guint8 *)cases[i].bytes, cases[i].size),
		    ==, cases[i].result);
		GString *text = office_take(office, OFFICE_SEEN);
		g_assert_cmpstr(text->str, ==, cases[i].seen);
		g_string_free(text, TRUE);
	}
	g_assert_true(office_is_xlsb("xl/worksheets/sheet1.bin"));
	g_assert_false(office_is_xlsb("xl/vbaProject.bin"));
	g_assert_false(office_is_xlsb("xl/embeddings/oleObject1.bin"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/office/documents", test_documents);
	g_test_add_func("/office/bombs", test_bombs);
	g_test_add_func("/office/tangles", test_tangles);
	g_test_add_func("/office/attributes of a DTD", test_added);
	g_test_add_func("/office/xlsb", test_xlsb);
	return g_test_run();
}
