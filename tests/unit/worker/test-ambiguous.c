/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-ambiguous - mails that hide a word, a file or its name from one reader and show it to
 * another: whoever is right, the word is found, and the mail is called ambiguous or malformed.
 * And ordinary mails, which are neither, and in which nothing is delivered twice.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/dissect.h"
#include "tricks.h"

static guint32
crc(const char *data, gsize size)
{
	guint32 value = ~0u;

	for (gsize i = 0; i < size; i++) {
		value ^= (guint8)data[i];
		for (guint bit = 0; bit < 8; bit++)
			value = value >> 1 ^ (0xEDB88320u & (0u - (value & 1)));
	}
	return ~value;
}

static void
put(GString *out, guint64 value, guint bytes)
{
	for (; bytes > 0; bytes--, value >>= 8) {
		char byte = (char)(value & 0xFF);
		g_string_append_c(out, byte);
	}
}

/* SAID as note.txt, stored (APPNOTE.TXT sections 4.3.7 to 4.3.16). */
static GString *
zip(void)
{
	static const char name[] = "note.txt";
	GString *out = g_string_new(NULL);
	gsize size = strlen(SAID);

	for (guint central = 0; central < 2; central++) {
		gsize at = out->len;
		g_string_append_len(out, central ? "PK\1\2\24\0" : "PK\3\4", central ? 6 : 4);
		put(out, 20, 2);
		put(out, 0, 8); /* flags, stored, time, date */
		put(out, crc(SAID, size), 4);
		put(out, size, 4);
		put(out, size, 4);
		put(out, strlen(name), 2);
		put(out, 0, central ? 16 : 2);
		g_string_append(out, name);
		if (central == 0)
			g_string_append(out, SAID);
		if (central == 0)
			continue;
		gsize length = out->len - at;
		g_string_append_len(out, "PK\5\6\0\0\0\0\1\0\1\0", 12);
		put(out, length, 4);
		put(out, at, 4);
		put(out, 0, 2);
	}
	return out;
}

static void
put_base64(GString *out, const char *data, gsize size)
{
	g_autofree char *text = g_base64_encode((const guchar *)data, size);

	for (gsize i = 0; text[i] != '\0'; i++) {
		g_string_append_c(out, text[i]);
		if (i % 76 == 75)
			g_string_append_c(out, '\n');
	}
}

static void
put_uu(GString *out, const GString *data)
{
	g_string_append(out, "begin 644 " NAME "\n");
	for (gsize at = 0; at < data->len; at += 45) {
		gsize n = MIN(45, data->len - at);
		g_string_append_c(out, (char)(' ' + n));
		for (gsize i = 0; i < n; i += 3) {
			guint32 bits = 0;
			for (gsize k = 0; k < 3; k++)
				bits = bits << 8 | (i + k < n ? (guint8)data->str[at + i + k] : 0);
			for (guint k = 4; k-- > 0;)
				g_string_append_c(out, (char)(' ' + (bits >> (6 * k) & 63)));
		}
		g_string_append_c(out, '\n');
	}
	g_string_append(out, " \nend");
}

static GString *expand(const char *template);

static void
put_place(GString *out, char what)
{
	g_autoptr(GString) file = zip();
	GString *inner;

	switch (what) {
	case 'Z':
		put_base64(out, file->str, file->len);
		break;
	case 'T':
		put_base64(out, SAID, strlen(SAID));
		break;
	case 'U':
		put_uu(out, file);
		break;
	case '0':
		g_string_append_c(out, '\0');
		break;
	case 'E':
	case 'M':
		inner = expand(what == 'E' ? TEXT ZIP END : MAIL(MIX));
		put_base64(out, inner->str, inner->len);
		g_string_free(inner, TRUE);
		break;
	default:
		g_assert_not_reached();
	}
}

static GString *
expand(const char *template)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	GString *out = g_string_new(NULL);

	for (const char *p = template; *p != '\0'; p++) {
		if (p[0] == '{' && p[1] != '\0' && p[2] == '}') {
			put_place(lines, p[1]);
			p += 2;
		} else {
			g_string_append_c(lines, *p);
		}
	}
	for (gsize i = 0; i < lines->len; i++) {
		if (lines->str[i] == '\n' && (i == 0 || lines->str[i - 1] != '\r'))
			g_string_append_c(out, '\r');
		g_string_append_c(out, lines->str[i]);
	}
	return out;
}

static struct message *
dissected(const struct limits *limits, const char *template)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(dissect) dissect = dissect_new(limits, &error);
	g_autoptr(GString) mail = expand(template);
	int fd = memfd_create("mail", MFD_CLOEXEC);

	g_assert_no_error(error);
	g_assert_true(io_write_all(fd, mail->str, mail->len, NULL));
	struct message *message = dissect_message(dissect, fd, false, &error);
	g_assert_no_error(error);
	close(fd);
	return message;
}

static void
generous(struct limits *limits)
{
	limits_default(limits);
	limits->seconds_per_message = 600; /* sanitizers and valgrind are slow */
}

static bool
has_text(const struct message *message, bool name, const char *words)
{
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if ((text->component == COMPONENT_FILENAMES) == name &&
		    strstr(text->data, words) != NULL)
			return true;
	}
	return false;
}

/* True when a template holds the zip, and so its name. */
static bool
has_file(const char *template)
{
	static const char *const places[] = { "{Z}", "{U}", "{E}", "{M}" };

	for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
		if (strstr(template, places[i]) != NULL)
			return true;
	return false;
}

static void
check_tricks(const struct trick *tricks, gsize n)
{
	struct limits limits;

	generous(&limits);
	for (gsize i = 0; i < n; i++) {
		g_autoptr(message) message = dissected(&limits, tricks[i].mail);
		bool word = has_text(message, false, WORD);
		bool named = has_file(tricks[i].mail);
		bool name = !named || has_text(message, true, NAME);
		bool told = (message->facts & (FACT_AMBIGUOUS_MIME | FACT_MALFORMED)) != 0;
		for (guint k = 0; k < message->parts->len; k++) {
			const struct part *part = message->parts->pdata[k];
			told = told || (part->facts & FACT_PART_MALFORMED) != 0;
		}
		if (word && name && told)
			continue;
		g_test_message("%s:%s%s%s", tricks[i].label, word ? "" : " the word is not found",
		    name ? "" : " the name is not found", told ? "" : " nothing is said");
		g_test_fail();
	}
}

static void
test_types(void)
{
	check_tricks(types, G_N_ELEMENTS(types));
}

static void
test_structures(void)
{
	check_tricks(structures, G_N_ELEMENTS(structures));
}

static void
test_encodings(void)
{
	check_tricks(encodings, G_N_ELEMENTS(encodings));
}

static void
test_names(void)
{
	check_tricks(names, G_N_ELEMENTS(names));
}

/* Every text and every part once. */
static bool
is_delivered_once(const struct message *message)
{
	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		if (strchr(part->path, '~') != NULL)
			return false;
	}
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *one = message->texts->pdata[i];
		for (guint k = i + 1; k < message->texts->len; k++) {
			const struct text *other = message->texts->pdata[k];
			if (one->component == other->component && one->part == other->part &&
			    g_strcmp0(one->header, other->header) == 0 &&
			    strcmp(one->data, other->data) == 0)
				return false;
		}
	}
	return true;
}

static void
test_ordinary(void)
{
	struct limits limits;

	generous(&limits);
	for (gsize i = 0; i < G_N_ELEMENTS(ordinary); i++) {
		g_autoptr(message) message = dissected(&limits, ordinary[i].mail);
		if ((message->facts & FACT_AMBIGUOUS_MIME) == 0 && message->warnings->len == 0 &&
		    is_delivered_once(message))
			continue;
		g_test_message("%s: %s", ordinary[i].label,
		    message->warnings->len > 0 ? (const char *)message->warnings->pdata[0]
					       : "delivered twice");
		g_test_fail();
	}
}

/* A mail to which another is attached, under a type that nobody would take for one. */
static GString *
attached(const char *template)
{
	g_autoptr(GString) inner = expand(template);
	GString *mail = g_string_new(TOP MIX "\n--b-out\n\nhello\n--b-out\n"
					     "Content-Type: application/octet-stream; name=a.eml\n"
					     "Content-Transfer-Encoding: base64\n\n");

	g_string_replace(mail, "boundary=b\n", "boundary=b-out\n", 1);
	put_base64(mail, inner->str, inner->len);
	g_string_append(mail, "\n--b-out--\n");
	return mail;
}

static void
test_within(void)
{
	static const char *const twice =
	    TOP "Content-Type: text/plain\n" MIX BODY; /* GMime takes the first */
	struct limits limits;

	generous(&limits);
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		g_autoptr(GString) mail = attached(types[i].mail);
		g_autoptr(message) message = dissected(&limits, mail->str);
		if (!has_text(message, false, WORD)) {
			g_test_message("%s: not found in an attached mail", types[i].label);
			g_test_fail();
		}
	}
	for (gsize i = 0; i < G_N_ELEMENTS(ordinary); i++) {
		g_autoptr(GString) mail = attached(ordinary[i].mail);
		g_autoptr(message) message = dissected(&limits, mail->str);
		if ((message->facts & FACT_AMBIGUOUS_MIME) == 0 && is_delivered_once(message))
			continue;
		g_test_message("%s, attached: %s", ordinary[i].label,
		    message->warnings->len > 0 ? (const char *)message->warnings->pdata[0]
					       : "delivered twice");
		g_test_fail();
	}
	g_autoptr(GString) mail = attached(twice);
	g_autoptr(message) message = dissected(&limits, mail->str);
	g_assert_true((message->facts & FACT_AMBIGUOUS_MIME) != 0);
}

/* Found by fuzzing: an encoding that may be base64, and nothing to decode. */
static void
test_nothing_encoded(void)
{
	struct limits limits;

	generous(&limits);
	g_autoptr(message) message = dissected(&limits,
	    TOP MIX "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: xbase64\n");
	g_assert_true((message->facts & FACT_AMBIGUOUS_MIME) != 0);
}

/* As many boundaries, each with a part of its own, as are asked for. */
static struct message *
many_readings(const struct limits *limits, guint n)
{
	g_autoptr(GString) mail = g_string_new(TOP);

	for (guint i = 0; i < n; i++)
		g_string_append_printf(mail, "Content-Type: multipart/mixed; boundary=c%u-\n", i);
	g_string_append_c(mail, '\n');
	for (guint i = 0; i < n; i++)
		g_string_append_printf(mail, "--c%u-\n\nword%u\n--c%u---\n", i, i, i);
	return dissected(limits, mail->str);
}

static void
test_limit(void)
{
	struct limits limits;

	generous(&limits);
	limits.readings = 4;
	for (guint n = 4; n <= 6; n++) {
		g_autoptr(message) message = many_readings(&limits, n);
		g_test_message("%u boundaries, that is %u readings more", n, n - 1);
		g_assert_cmpint(message->outcome, ==, n <= 5 ? OUTCOME_SCANNED : OUTCOME_PARTIAL);
		g_assert_true((message->facts & FACT_AMBIGUOUS_MIME) != 0);
		g_assert_true(has_text(message, false, "word3"));
	}
}

static void
test_warnings(void)
{
	struct limits limits;

	generous(&limits);
	g_autoptr(message) message = dissected(&limits, types[0].mail);
	g_assert_true(g_ptr_array_find_with_equal_func(
	    message->warnings, "two Content-Type headers", g_str_equal, NULL));
	for (guint i = 0; i < 2 * MESSAGE_WARNINGS_MAX; i++) {
		g_autofree char *words = g_strdup_printf("number %u", i / 2);
		message_add_warning(message, words);
	}
	g_assert_cmpuint(message->warnings->len, ==, MESSAGE_WARNINGS_MAX);
}

/* GMime issue 165: asking such a message for its boundary eats a gigabyte and never ends. */
static void
test_costly_parameter(void)
{
	struct limits limits;

	generous(&limits);
	for (guint letters = 69; letters <= 73; letters++) {
		g_autofree char *name = g_strnfill(letters, 'n');
		g_autofree char *mail = g_strdup_printf(
		    TOP "Content-Type: multipart/mixed; %s=\"\xC3\xA4\"; boundary=b" BODY, name);
		g_autoptr(message) message = dissected(&limits, mail);
		g_assert_true(has_text(message, false, WORD));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/ambiguous/types", test_types);
	g_test_add_func("/worker/ambiguous/structures", test_structures);
	g_test_add_func("/worker/ambiguous/encodings", test_encodings);
	g_test_add_func("/worker/ambiguous/names", test_names);
	g_test_add_func("/worker/ambiguous/ordinary", test_ordinary);
	g_test_add_func("/worker/ambiguous/within", test_within);
	g_test_add_func("/worker/ambiguous/nothing-encoded", test_nothing_encoded);
	g_test_add_func("/worker/ambiguous/limit", test_limit);
	g_test_add_func("/worker/ambiguous/warnings", test_warnings);
	g_test_add_func("/worker/ambiguous/costly-parameter", test_costly_parameter);
	return g_test_run();
}
