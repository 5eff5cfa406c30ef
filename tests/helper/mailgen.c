/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailgen - writes messages of our own making into a folder, one a file, the same for one seed.
 *
 *	mailgen FOLDER COUNT [MEAN_KB [SEED [BIG_MB]]]
 *
 * Three in five are short texts, the rest carry base64 attachments whose size makes the mean.
 * Every fiftieth names an internal term, every fortieth goes to a competitor. With BIG_MB the
 * last one is a message of that size.
 */
#include <glib.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 57 /* 76 characters of base64 */

static const char *const words[] = { "order", "meeting", "invoice", "delivery", "sample", "quote",
	"report", "tuesday", "plan", "customer", "question", "answer", "price", "draft", "version",
	"the", "a", "of", "and", "to", "we", "you", "will", "can", "next", "week", "please",
	"thank", "attached", "find", "review", "team", "budget", "schedule", "contract",
	"project" };

static void
add_text(GString *out, GRand *random, guint bytes, bool html)
{
	gsize end = out->len + bytes;
	guint column = 0;

	while (out->len < end) {
		const char *word = words[g_rand_int_range(random, 0, (gint32)G_N_ELEMENTS(words))];
		g_string_append(out, word);
		if ((column += 7) > 70) {
			g_string_append(out, html ? "<br>\n" : "\n");
			column = 0;
		} else {
			g_string_append_c(out, ' ');
		}
	}
	g_string_append_c(out, '\n');
}

static void
add_base64(GString *out, GRand *random, gsize bytes)
{
	guchar block[LINE_BYTES];

	for (gsize at = 0; at < bytes; at += sizeof block) {
		for (guint i = 0; i + 3 < sizeof block; i += 4) {
			guint32 value = g_rand_int(random);
			memcpy(block + i, &value, 4);
		}
		block[LINE_BYTES - 1] = 'x';
		if (at == 0)
			memcpy(block, "%PDF-1.4\n", 9);
		g_autofree char *line = g_base64_encode(block, sizeof block);
		g_string_append(out, line);
		g_string_append_c(out, '\n');
	}
}

static void
add_head(GString *out, guint number, const char *type)
{
	bool rival = number % 40 == 7;

	g_string_append_printf(out,
	    "From: Anna <anna@corp.example>\n"
	    "To: Partner <buyer%u@%s>\n"
	    "Subject: %s number %u\n"
	    "Date: Mon, 02 Nov 2026 %02u:%02u:%02u +0100\n"
	    "Message-ID: <gen.%u@corp.example>\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: %s\n",
	    number % 97, rival ? "rival.example" : "client.example",
	    number % 50 == 3 ? "project falcon" : "Order", number, number / 3600 % 24,
	    number / 60 % 60, number % 60, number, type);
}

static void
add_mixed(GString *out, GRand *random, guint number, gsize attachment)
{
	add_head(out, number, "multipart/mixed; boundary=\"=_part\"");
	g_string_append(out, "\n--=_part\nContent-Type: text/plain; charset=utf-8\n\n");
	add_text(out, random, 1200, false);
	g_string_append(out, "--=_part\nContent-Type: text/html; charset=utf-8\n\n<html><body>");
	add_text(out, random, 2400, true);
	g_string_append_printf(out,
	    "</body></html>\n--=_part\nContent-Type: application/pdf\n"
	    "Content-Transfer-Encoding: base64\n"
	    "Content-Disposition: attachment; filename=\"offer-%u.pdf\"\n\n",
	    number);
	add_base64(out, random, attachment);
	g_string_append(out, "--=_part--\n");
}

static GString *
message(GRand *random, guint number, guint mean_kb)
{
	GString *out = g_string_new(NULL);

	if (number % 5 < 3) {
		add_head(out, number, "text/plain; charset=utf-8");
		g_string_append_c(out, '\n');
		add_text(out, random, (guint)g_rand_int_range(random, 800, 9000), false);
		return out;
	}
	/* Two in five carry the mean of all: 2.5 times of it, less what base64 adds. */
	double bytes = mean_kb * 1024.0 * 2.5 * g_rand_double_range(random, 0.4, 1.5) * 0.73;
	add_mixed(out, random, number, (gsize)bytes);
	return out;
}

static guint
argument(int argc, char **argv, int index, guint fallback)
{
	return argc > index ? (guint)g_ascii_strtoull(argv[index], NULL, 10) : fallback;
}

int
main(int argc, char **argv)
{
	if (argc < 3)
		return EXIT_FAILURE;
	guint count = argument(argc, argv, 2, 0), big = argument(argc, argv, 5, 0);
	GRand *random = g_rand_new_with_seed(argument(argc, argv, 4, 1));

	g_mkdir_with_parents(argv[1], 0700);
	for (guint i = 1; i <= count; i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *name = g_strdup_printf("1790000000.M%06uP1.gen", i);
		g_autofree char *path = g_build_filename(argv[1], name, NULL);
		GString *text;
		if (big > 0 && i == count) {
			text = g_string_new(NULL);
			add_mixed(text, random, i, (gsize)big * 1024 * 1024 / 4 * 3 * 76 / 78);
		} else {
			text = message(random, i, argument(argc, argv, 3, 73));
		}
		if (!g_file_set_contents_full(path, text->str, (gssize)text->len,
			G_FILE_SET_CONTENTS_NONE, 0600, &error)) {
			fprintf(stderr, "mailgen: %s\n", error->message);
			return EXIT_FAILURE;
		}
		g_string_free(text, TRUE);
	}
	g_rand_free(random);
	return EXIT_SUCCESS;
}
