/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-pdf - PDFs written by hand to lead a reader astray, and what comes of each: an outcome, the
 * text that could be read, and an end.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "worker/dissect.h"
#include "worker/extract.h"
#include "worker/ocr.h"

#define OBJECTS_MAX 16

/* What a document is made of; object 1 is the catalog. */
struct sample {
	const char *label;
	const char *objects[OBJECTS_MAX];
	const char *tail; /* instead of the table of objects; NULL: a right one */
	enum part_outcome outcome;
	const char *detail; /* within it; NULL: none is expected */
	const char *text;   /* within the texts; NULL: none of attachments */
	guint facts;
};

#define CATALOG "<</Type/Catalog/Pages 2 0 R>>"
#define FILES   "<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 6 0 R>>>>"
#define PAGES   "<</Type/Pages/Kids[3 0 R]/Count 1>>"
#define PAGE(more)                                                                                 \
	"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F 5 0 " \
	"R>>>>" more ">>"
#define STREAM(words) "<<>>stream\n" words "\nendstream"
#define SHOW(words)   STREAM("BT /F 12 Tf 20 200 Td (" words ") Tj ET")
#define FONT          "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"

/* A font whose characters are told by a table that is not there. */
#define ASIAN(encoding, order)                                                                     \
	"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/" encoding                                 \
	"/DescendantFonts[<</Type/Font/Subtype/CIDFontType0/BaseFont/X/CIDSystemInfo"              \
	"<</Registry(Adobe)/Ordering(" order ")/Supplement 2>>>>]>>"

#define STAMP(more) "<</Type/Annot/Subtype/Stamp/Rect[0 0 90 90]" more ">>"

/* What an annotation shows. */
#define DRAWN(words)                                                                               \
	"<</Subtype/Form/BBox[0 0 90 90]/Resources<</Font<</F 5 0 R>>>>>>stream\nBT /F 12 Tf "     \
	"20 20 Td (" words ") Tj ET\nendstream"

static const struct sample samples[] = {
	{ "a page of text", { CATALOG, PAGES, PAGE(""), SHOW("NIGHTJAR"), FONT }, NULL, PART_READ,
	    NULL, "NIGHTJAR", 0 },
	{ "text that is drawn invisibly is text",
	    { CATALOG, PAGES, PAGE(""), STREAM("BT /F 12 Tf 3 Tr 20 200 Td (NIGHTJAR) Tj ET"),
		FONT },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "a page tree that holds itself",
	    { CATALOG, "<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>", PAGE(""), SHOW("NIGHTJAR"),
		FONT },
	    NULL, PART_BROKEN, "Loop in Pages tree", "NIGHTJAR", FACT_PART_MALFORMED },
	{ "a page tree of nothing but itself",
	    { CATALOG, "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>" }, NULL, PART_BROKEN, NULL, NULL,
	    FACT_PART_MALFORMED },
	{ "more pages promised than there are",
	    { CATALOG, "<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", PAGE(""), SHOW("NIGHTJAR"),
		FONT },
	    NULL, PART_BROKEN, "no pages", NULL, FACT_PART_MALFORMED },
	{ "bookmarks in a circle",
	    { "<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R>>", PAGES, PAGE(""), SHOW("NIGHTJAR"),
		FONT, "<</First 7 0 R/Last 8 0 R>>",
		"<</Title(one)/Parent 6 0 R/Next 8 0 R/First 8 0 R>>",
		"<</Title(two)/Parent 6 0 R/Next 7 0 R/First 7 0 R>>" },
	    NULL, PART_READ, NULL, "two", 0 },
	{ "a form that draws itself",
	    { CATALOG, PAGES,
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R"
		"/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>",
		STREAM("/X Do"), FONT,
		"<</Type/XObject/Subtype/Form/BBox[0 0 300 300]/Resources<</Font<</F 5 0 R>>"
		"/XObject<</X 6 0 R>>>>>>stream\nBT /F 12 Tf 20 200 Td (NIGHTJAR) Tj ET /X Do\n"
		"endstream" },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "a list of files that holds itself",
	    { "<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 6 0 R>>>>", PAGES, PAGE(""),
		SHOW("NIGHTJAR"), FONT, "<</Kids[6 0 R 7 0 R]>>", "<</Kids[6 0 R]>>" },
	    NULL, PART_BROKEN, "files that holds itself", "NIGHTJAR", FACT_PART_MALFORMED },
	{ "a list of files that names a string: poppler does not survive it",
	    { FILES, PAGES, PAGE(""), SHOW("NIGHTJAR"), FONT, "<</Names[(a) 7 0 R]>>", "(a.txt)" },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "a file within",
	    { FILES, PAGES, PAGE(""), SHOW("x"), FONT, "<</Names[(a) 7 0 R]>>",
		"<</F(a.txt)/EF<</F 8 0 R>>>>", STREAM("PUFFIN-3") },
	    NULL, PART_READ, NULL, "PUFFIN-3", 0 },
	{ "a file within that is promised and not there",
	    { FILES, PAGES, PAGE(""), SHOW("NIGHTJAR"), FONT, "<</Names[(a) 7 0 R]>>",
		"<</F(a.txt)/EF<</F(a)>>>>" },
	    NULL, PART_BROKEN, "not there", "NIGHTJAR", FACT_PART_MALFORMED },
	{ "a file of an annotation, in hexadecimal",
	    { CATALOG, PAGES,
		PAGE("/Annots[<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS 7 0 R>>]"),
		SHOW("x"), FONT, "null", "<</F(a.txt)/EF<</F 8 0 R>>>>",
		"<</Filter/ASCIIHexDecode>>stream\n50554646494E2D33>\nendstream" },
	    NULL, PART_READ, NULL, "PUFFIN-3", 0 },
	{ "a file that goes with a page and stands in no list",
	    { CATALOG, PAGES, PAGE("/AF[6 0 R]"), SHOW("x"), FONT, "<</F(a.txt)/EF<</F 7 0 R>>>>",
		STREAM("PUFFIN-3") },
	    NULL, PART_READ, NULL, "PUFFIN-3", 0 },
	{ "a form that is drawn from XML",
	    { "<</Type/Catalog/Pages 2 0 R/AcroForm<</XFA[(a) 6 0 R (b) 7 0 R]>>>>", PAGES,
		PAGE(""), SHOW("x"), FONT,
		STREAM("<x:xdp xmlns:x='a'><config><p>machine</p></config><t>Name:"),
		STREAM("</t><d>PUFFIN-3</d></x:xdp>") },
	    NULL, PART_READ, NULL, "PUFFIN-3", 0 },
	{ "a script of a form that is drawn from XML",
	    { "<</Type/Catalog/Pages 2 0 R/AcroForm<</XFA 6 0 R>>>>", PAGES, PAGE(""), SHOW("x"),
		FONT, STREAM("<t><script>NIGHTJAR</script></t>") },
	    NULL, PART_READ, NULL, "NIGHTJAR", FACT_MACRO },
	{ "a program that starts on opening, told by an escaped name",
	    { "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/L#61unch/F(calc.exe)>>>>", PAGES,
		PAGE(""), SHOW("x"), FONT },
	    NULL, PART_READ, NULL, "calc.exe", FACT_MACRO },
	{ "a stream whose length is itself",
	    { CATALOG, PAGES, PAGE(""),
		"<</Length 4 0 R>>stream\nBT /F 12 Tf 20 200 Td (NIGHTJAR) Tj ET\nendstream",
		FONT },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "a table of objects that follows itself",
	    { CATALOG, PAGES, PAGE(""), SHOW("NIGHTJAR"), FONT },
	    "xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 6/Prev %u>>\n"
	    "startxref\n%u\n%%%%EOF\n",
	    PART_READ, "repaired", "NIGHTJAR", FACT_PART_MALFORMED },
	{ "no table of objects: repaired", { CATALOG, PAGES, PAGE(""), SHOW("NIGHTJAR"), FONT },
	    "trailer<</Root 1 0 R/Size 6>>\nstartxref\n7\n%%EOF\n", PART_READ, NULL, "NIGHTJAR",
	    0 },
	{ "cut off behind the text", { CATALOG, PAGES, PAGE(""), SHOW("NIGHTJAR"), FONT },
	    "trailer<</Root 1 0 R/Size 7>>\n6 0 obj\n<</Len", PART_BROKEN, "breaks off", "NIGHTJAR",
	    FACT_PART_MALFORMED },
	{ "cut off before any page", { CATALOG }, "2 0 obj\n<</Typ", PART_BROKEN, "not readable",
	    NULL, FACT_PART_MALFORMED },
	{ "a font that is told by a table nobody has",
	    { CATALOG, PAGES, PAGE(""), SHOW("NIGHTJAR"), ASIAN("No-Such-H", "Japan1") }, NULL,
	    PART_BROKEN, "No-Such-H", NULL, FACT_PART_MALFORMED },
	{ "a script that runs on opening",
	    { "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>",
		PAGES, PAGE(""), SHOW("NIGHTJAR"), FONT },
	    NULL, PART_READ, NULL, "NIGHTJAR", FACT_MACRO },
	{ "a link that starts a program",
	    { CATALOG, PAGES,
		PAGE("/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]"
		     "/A<</Type/Action /S /Launch/F(calc.exe)>>>>]"),
		SHOW("NIGHTJAR"), FONT },
	    NULL, PART_READ, NULL, "calc.exe", FACT_MACRO },
	{ "a note and the value of a field",
	    { "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>", PAGES,
		PAGE("/Annots[6 0 R<</Type/Annot/Subtype/Text/Rect[0 0 9 9]"
		     "/Contents(for Rival only)>>]"),
		SHOW("NIGHTJAR"), FONT,
		"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(PUFFIN-3)/Rect[0 0 90 9]>>" },
	    NULL, PART_READ, NULL, "PUFFIN-3", 0 },
	{ "text that a page crops away",
	    { CATALOG, PAGES, PAGE("/CropBox[0 0 300 100]"), SHOW("NIGHTJAR"), FONT }, NULL,
	    PART_NO_TEXT, NULL, "NIGHTJAR", 0 },
	{ "text that all pages crop away, beyond the paper",
	    { CATALOG, "<</Type/Pages/Kids[3 0 R]/Count 1/CropBox[0 0 300 100]>>", PAGE(""),
		STREAM("BT /F 12 Tf 20 50 Td (seen) Tj 500 500 Td (NIGHTJAR) Tj ET"), FONT },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "a crop box that crops nothing",
	    { CATALOG, PAGES, PAGE("/CropBox[0 0 300 300]"), SHOW("NIGHTJAR"), FONT }, NULL,
	    PART_READ, NULL, "NIGHTJAR", 0 },
	{ "a stamp that says by its drawing alone what it says",
	    { CATALOG, PAGES, PAGE("/Annots[" STAMP("/AP<</N 6 0 R>>") "]"), SHOW("x"), FONT,
		DRAWN("NIGHTJAR") },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "a drawing that does not say what it is, and is drawn off the page",
	    { CATALOG, PAGES, PAGE("/Annots[" STAMP("/AP<</N 6 0 R>>") "]"), SHOW("x"), FONT,
		"<</Matrix[-90 0 0 -90 7e3 9000]/Resources<</Font<</F 5 0 R>>>>>>stream\n"
		"BT /F 12 Tf 20 20 Td (NIGHTJAR) Tj ET\nendstream" },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "a drawing with fonts of the page alone",
	    { CATALOG, PAGES, PAGE("/Annots[" STAMP("/AP<</N 6 0 R>>") "]"), SHOW("x"), FONT,
		"<</BBox[0 0 90 90]>>stream\nBT /F 12 Tf 20 20 Td (NIGHTJAR) Tj ET\nendstream" },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "a drawing with fonts of the form alone",
	    { "<</Type/Catalog/Pages 2 0 R/AcroForm<</DR<</Font<</H 5 0 R>>>>>>>>", PAGES,
		PAGE("/Annots[" STAMP("/AP<</N 6 0 R>>") "]"), SHOW("x"), FONT,
		"<</BBox[0 0 90 90]>>stream\nBT /H 12 Tf 20 20 Td (NIGHTJAR) Tj ET\nendstream" },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "a drawing in a font that is not there",
	    { CATALOG, PAGES, PAGE("/Annots[" STAMP("/AP<</N 6 0 R>>") "]"), SHOW("NIGHTJAR"), FONT,
		"<</BBox[0 0 90 90]>>stream\nBT /None 12 Tf 20 20 Td (x) Tj ET\nendstream" },
	    NULL, PART_BROKEN, "No font in", "NIGHTJAR", FACT_PART_MALFORMED },
	{ "a field that shows what it does not hold",
	    { "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[7 0 R]>>>>", PAGES,
		PAGE("/Annots[7 0 R]"), SHOW("x"), FONT, DRAWN("NIGHTJAR"),
		"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(none)/Rect[0 0 90 9]"
		"/AP<</N 6 0 R>>>>" },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "what is shown while a button is pressed, in a state that is not set",
	    { CATALOG, PAGES,
		PAGE("/Annots[" STAMP("/AS/On/AP<</N<</On 6 0 R>>/D<</Off 7 0 R>>>>") "]"),
		SHOW("x"), FONT, DRAWN("y"), DRAWN("NIGHTJAR") },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "a stamp on a page that is cropped",
	    { CATALOG, PAGES,
		PAGE("/CropBox[0 0 10 10]/Rotate 90/Annots[" STAMP("/AP<</N 6 0 R>>") "]"),
		SHOW("x"), FONT, DRAWN("NIGHTJAR") },
	    NULL, PART_NO_TEXT, NULL, "NIGHTJAR", 0 },
	{ "a drawing that draws itself",
	    { CATALOG, PAGES, PAGE("/Annots[" STAMP("/AP<</N 6 0 R>>") "]"), SHOW("x"), FONT,
		"<</BBox[0 0 90 90]/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>stream\n"
		"/X Do BT /F 12 Tf 20 20 Td (NIGHTJAR) Tj ET\nendstream" },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "formatted text that is not in the plain one",
	    { CATALOG, PAGES,
		PAGE("/Annots[" STAMP("/Contents(plain)"
				      "/RC(<body xmlns='x'><p>NIGHT<b>JAR</b></p></body>)") "]"),
		SHOW("x"), FONT },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "formatted text of one element that ends no line, in a stream",
	    { CATALOG, PAGES, PAGE("/Annots[" STAMP("/RC 6 0 R") "]"), SHOW("x"), FONT,
		STREAM("<span>NIGHTJAR</span>") },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "formatted text that is no XML",
	    { CATALOG, PAGES, PAGE("/Annots[" STAMP("/RC(<p>x)") "]"), SHOW("NIGHTJAR"), FONT },
	    NULL, PART_BROKEN, "no XML", "NIGHTJAR", FACT_PART_MALFORMED },
	{ "the caption of a button and the hint for it",
	    { CATALOG, PAGES, PAGE("/Annots[" STAMP("/MK<</CA(PUFF)>>/TU(NIGHTJAR)") "]"),
		SHOW("x"), FONT },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "the source of a script of the document, by name",
	    { "<</Type/Catalog/Pages 2 0 R/Names<</JavaScript<</Kids[6 0 R]>>>>>>", PAGES, PAGE(""),
		SHOW("x"), FONT, "<</Names[(a)<</S/JavaScript/JS 7 0 R>>]>>",
		STREAM("var a = 'NIGHTJAR'") },
	    NULL, PART_READ, NULL, "NIGHTJAR", FACT_MACRO },
	{ "the source of a script that runs as a page is opened, behind another action",
	    { CATALOG, PAGES,
		PAGE("/AA<</O<</S/Named/N/NextPage/Next<</S/JavaScript/JS(NIGHTJAR)>>>>>>"),
		SHOW("x"), FONT },
	    NULL, PART_READ, NULL, "NIGHTJAR", FACT_MACRO },
	{ "the source of a script that checks a field, which stands above its drawing",
	    { CATALOG, PAGES, PAGE("/Annots[" STAMP("/Parent 6 0 R") "]"), SHOW("x"), FONT,
		"<</FT/Tx/T(a)/Parent 6 0 R/AA<</V<</S/JavaScript/JS(NIGHTJAR)>>>>>>" },
	    NULL, PART_READ, NULL, "NIGHTJAR", FACT_MACRO },
	{ "a list of scripts that holds itself",
	    { "<</Type/Catalog/Pages 2 0 R/Names<</JavaScript 6 0 R>>>>", PAGES, PAGE(""),
		SHOW("NIGHTJAR"), FONT, "<</Kids[6 0 R]>>" },
	    NULL, PART_BROKEN, "scripts that holds itself", "NIGHTJAR", FACT_PART_MALFORMED },
	{ "actions that follow one another in a circle",
	    { "<</Type/Catalog/Pages 2 0 R/OpenAction 6 0 R>>", PAGES, PAGE(""), SHOW("NIGHTJAR"),
		FONT, "<</S/GoTo/Next 6 0 R>>" },
	    NULL, PART_READ, NULL, "NIGHTJAR", 0 },
	{ "text behind the end", { CATALOG, PAGES, PAGE(""), SHOW("x"), FONT },
	    "trailer<</Root 1 0 R/Size 6>>\nstartxref\n7\n%%EOF\nNIGHTJAR\n", PART_READ, NULL,
	    "NIGHTJAR", 0 },
	{ "no text and no picture", { CATALOG, PAGES, PAGE(""), STREAM("0 0 100 100 re f"), FONT },
	    NULL, PART_NO_TEXT, "without text", NULL, 0 },
	{ "a picture of a page",
	    { CATALOG, PAGES, PAGE(""), STREAM("BI /W 1 /H 1 /CS /G /BPC 8 ID x EI"), FONT }, NULL,
	    PART_NO_TEXT, "pictures", NULL, 0 },
};

/* With the length of its stream, where it has one and does not say how long it is. */
static void
append_object(GString *out, const char *object)
{
	const char *stream = strstr(object, ">>stream\n");
	const char *end = strstr(object, "\nendstream");

	if (stream != NULL && end != NULL && strstr(object, "/Length ") == NULL) {
		g_string_append_printf(
		    out, "<</Length %u%s", (unsigned)(end - stream - 9), object + 2);
		return;
	}
	g_string_append(out, object);
}

/* The bytes of a document, with a table of objects that is right but where the tail says else. */
static GString *
write_document(const struct sample *sample)
{
	GString *out = g_string_new("%PDF-1.7\n");
	g_autoptr(GString) table = g_string_new("0000000000 65535 f \n");
	unsigned n = 1;

	for (; n <= OBJECTS_MAX && sample->objects[n - 1] != NULL; n++) {
		g_string_append_printf(table, "%010u 00000 n \n", (unsigned)out->len);
		g_string_append_printf(out, "%u 0 obj\n", n);
		append_object(out, sample->objects[n - 1]);
		g_string_append(out, "\nendobj\n");
	}
	unsigned at = (unsigned)out->len;
	if (sample->tail != NULL && strstr(sample->tail, "%u") != NULL) {
		g_autofree char *number = g_strdup_printf("%u", at);
		g_auto(GStrv) pieces = g_strsplit(sample->tail, "%u", -1);
		g_autofree char *tail = g_strjoinv(number, pieces);
		g_string_append(out, tail);
	} else if (sample->tail != NULL) {
		g_string_append(out, sample->tail);
	} else {
		g_string_append_printf(out,
		    "xref\n0 %u\n%strailer<</Root 1 0 R/Size %u>>\nstartxref\n%u\n%%%%EOF\n", n,
		    table->str, n, at);
	}
	return out;
}

static bool
says(const struct message *message, const char *words)
{
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		g_assert_true(g_utf8_validate_len(text->data, text->size, NULL));
		if (words == NULL ? text->component == COMPONENT_ATTACHMENTS
				  : strstr(text->data, words) != NULL)
			return true;
	}
	return false;
}

struct bench {
	struct limits limits;
	struct charset *charset;
	struct sniff *sniff;
	struct message *message;
	struct scan scan;
};

static void
bench_open(struct bench *bench)
{
	memset(bench, 0, sizeof *bench);
	limits_default(&bench->limits);
	bench->charset = charset_new();
	bench->sniff = sniff_new(NULL);
	bench->message = message_new();
	bench->scan = (struct scan){ .limits = &bench->limits,
		.charset = bench->charset,
		.sniff = bench->sniff,
		.message = bench->message };
	extract_set_up();
}

static void
bench_close(struct bench *bench)
{
	message_free(bench->message);
	sniff_free(bench->sniff);
	charset_free(bench->charset);
}

static const struct part *
bench_read(struct bench *bench, const char *data, gsize size)
{
	guint index = scan_add_part(&bench->scan, "1", 0);
	struct part *part = scan_part(&bench->scan, index);

	part->attachment = true;
	g_free(part->declared_type);
	part->declared_type = g_strdup("application/pdf");
	struct item *item = extract_begin(&bench->scan, index, 0, false, NULL);
	extract_add(item, (const guint8 *)data, size);
	extract_end(item);
	return scan_part(&bench->scan, index);
}

static void
test_sample(gconstpointer data)
{
	const struct sample *sample = data;
	g_autoptr(GString) document = write_document(sample);
	struct bench bench;

	bench_open(&bench);
	const struct part *part = bench_read(&bench, document->str, document->len);
	g_test_message("%s: %s", part_outcome_words[part->outcome], part->detail);
	g_assert_cmpint(part->outcome, ==, sample->outcome);
	g_assert_cmphex(part->facts, ==, sample->facts);
	if (sample->detail != NULL)
		g_assert_nonnull(strstr(part->detail, sample->detail));
	g_assert_cmpint(says(bench.message, sample->text), ==, sample->text != NULL);
	bench_close(&bench);
}

/* With so many of members at most. */
static void
check_members(const struct sample *sample, guint64 members)
{
	g_autoptr(GString) document = write_document(sample);
	struct bench bench;

	bench_open(&bench);
	bench.limits.members = members;
	const struct part *part = bench_read(&bench, document->str, document->len);
	g_test_message("%s: %s", part_outcome_words[part->outcome], part->detail);
	g_assert_cmpint(part->outcome, ==, sample->outcome);
	if (sample->detail != NULL)
		g_assert_nonnull(strstr(part->detail, sample->detail));
	g_assert_true(says(bench.message, "NIGHTJAR"));
	bench_close(&bench);
}

static void
test_pages(void)
{
	struct sample sample = { "",
		{ CATALOG, "<</Type/Pages/Kids[3 0 R 3 0 R 3 0 R]/Count 3>>", PAGE(""),
		    SHOW("NIGHTJAR"), FONT },
		NULL, PART_READ, NULL, NULL, 0 };

	check_members(&sample, 3);
	sample.outcome = PART_OVER_LIMIT;
	sample.detail = "more pages than are looked at: 2 of 3";
	check_members(&sample, 2);
	/* What their number is said to be, which is all that poppler goes by. */
	sample.objects[1] = "<</Type/Pages/Kids[3 0 R 3 0 R 3 0 R]/Count 1>>";
	sample.detail = "more pages than are looked at for";
	check_members(&sample, 2);
}

static void
test_drawings(void)
{
	struct sample sample = { "",
		{ CATALOG, PAGES,
		    PAGE("/Annots[" STAMP("/AP<</N<</A 6 0 R/B 7 0 R>>/D<</C 8 0 R>>>>") "]"),
		    SHOW("x"), FONT, DRAWN("NIGHTJAR"), DRAWN("y"), DRAWN("z") },
		NULL, PART_READ, NULL, NULL, 0 };

	check_members(&sample, 3);
	sample.outcome = PART_OVER_LIMIT;
	sample.detail = "more annotations that are drawn";
	check_members(&sample, 2);
}

/* A picture of words on a page: read where pictures are, and never beyond what they may hold. */
static void
test_picture(void)
{
	static const struct {
		guint64 pixels;
		enum part_outcome outcome;
	} tries[] = { { 40000000, PART_READ }, { 1000, PART_OVER_LIMIT } };
	g_autofree char *path = g_build_filename(
	    g_getenv("FLAGPOST_SOURCE"), "tests", "mail", "pdf-pictures.eml", NULL);

	if (!ocr_is_built()) {
		g_test_skip("built without FLAGPOST_OCR");
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(tries); i++) {
		struct reading reading = { .ocr_languages = "eng" };
		struct limits limits;
		g_autoptr(GError) error = NULL;
		limits_default(&limits);
		limits.pixels = tries[i].pixels;
		limits.seconds_per_message = 600;
		limits.seconds_per_part = 600;
		limits.seconds_per_picture = 600;
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		g_autoptr(dissect) dissect = dissect_new(&limits, &error);
		g_assert_no_error(error);
		g_assert_true(dissect_set_reading(dissect, &reading, &error));
		g_autoptr(message) message = dissect_message(dissect, fd, false, &error);
		g_assert_no_error(error);
		close(fd);
		const struct part *part = message->parts->pdata[1];
		g_test_message("%s: %s", part_outcome_words[part->outcome], part->detail);
		g_assert_cmpint(part->outcome, ==, tries[i].outcome);
		g_assert_cmpint(says(message, "NIGHTJAR-77"), ==, part->outcome == PART_READ);
	}
}

#define PICTURE(size, bytes)                                                                       \
	{                                                                                          \
		CATALOG, PAGES,                                                                    \
		    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R"               \
		    "/Resources<</XObject<</X 5 0 R>>>>>>",                                        \
		    STREAM("q 300 0 0 300 0 0 cm /X Do Q"),                                        \
		    "<</Type/XObject/Subtype/Image/Width " size "/Height " size                    \
		    "/ColorSpace/DeviceGray/BitsPerComponent 8>>stream\n" bytes "\nendstream"      \
	}

/* Poppler leaves a large picture out without a word, and the paper stays white; as with nothing on
 * it. */
static void
test_undrawn(gconstpointer data)
{
	const struct sample *sample = data;
	g_autoptr(GString) document = write_document(sample);
	struct bench bench;

	if (!ocr_is_built()) {
		g_test_skip("built without FLAGPOST_OCR");
		return;
	}
	bench_open(&bench);
	bench.scan.ocr = ocr_new("eng", NULL);
	g_assert_nonnull(bench.scan.ocr);
	const struct part *part = bench_read(&bench, document->str, document->len);
	g_assert_cmpint(part->outcome, ==, sample->outcome);
	ocr_free(bench.scan.ocr);
	bench_close(&bench);
}

static const struct sample papers[] = {
	{ "a picture that is not drawn", PICTURE("60000", "x"), NULL, PART_BROKEN, NULL, NULL, 0 },
	{ "a blank page, scanned", PICTURE("2", "\xFF\xFF\xFF\xFF"), NULL, PART_NO_TEXT, NULL, NULL,
	    0 },
};

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *path = g_strconcat("/worker/pdf/", samples[i].label, NULL);
		g_test_add_data_func(path, &samples[i], test_sample);
	}
	g_test_add_func("/worker/pdf/as many pages as are looked at, and more", test_pages);
	g_test_add_func("/worker/pdf/as many drawings as are looked at, and more", test_drawings);
	g_test_add_func("/worker/pdf/a picture is read", test_picture);
	for (gsize i = 0; i < G_N_ELEMENTS(papers); i++) {
		g_autofree char *path = g_strconcat("/worker/pdf/", papers[i].label, NULL);
		g_test_add_data_func(path, &papers[i], test_undrawn);
	}
	return g_test_run();
}
