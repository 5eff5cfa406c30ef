/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * search-mail FOLDER: reads the mails named on standard input as a scan worker does, in one process
 * without a sandbox, records them in a new store, settles all of them, and prints what the index
 * takes and how unlike made-up messages they are. Their copies are only said to be there.
 *
 * search-mail FOLDER NUMBER [KIND]: the same of so many mails of tests/bench/mail-shapes, of all
 * kinds in turn or of one.
 */
#include <errno.h>
#include <fcntl.h>
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "store/settle.h"
#include "tests/bench/mail-shapes.h"
#include "tests/bench/search-size.h"
#include "worker/dissect.h"

#define BATCH 256
#define RULES "1111111111111111111111111111111111111111111111111111111111111111"

struct import {
	struct amounts amounts;
	struct limits limits;
	struct dissect *dissect;
	struct store *store;
	gint64 run;
	GHashTable *known; /* words */
	guint64 n_words;
};

/* --- text as it came --- */

static void
add_part(GMimeObject *parent, GMimeObject *object, gpointer data)
{
	struct amounts *amounts = data;

	(void)parent;
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		if (inner != NULL)
			g_mime_message_foreach(inner, add_part, amounts);
		return;
	}
	GMimeDataWrapper *content =
	    GMIME_IS_TEXT_PART(object) ? g_mime_part_get_content(GMIME_PART(object)) : NULL;
	if (content == NULL)
		return;
	GMimeStream *stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, stream);
	amounts->text += (guint64)g_mime_stream_length(stream);
	g_object_unref(stream);
}

static void
add_text_parts(struct amounts *amounts, const char *bytes, gsize size)
{
	GMimeStream *whole = g_mime_stream_mem_new_with_buffer(bytes, size);
	GMimeParser *parser = g_mime_parser_new_with_stream(whole);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	if (message != NULL) {
		g_mime_message_foreach(message, add_part, amounts);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(whole);
}

/* What was read out of other attachments, and what else of the message is indexed. */
static void
add_fields(struct amounts *amounts, const struct message *message)
{
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		const struct part *part =
		    text->part < message->parts->len ? message->parts->pdata[text->part] : NULL;
		if (part != NULL && !text_is_twin(text) &&
		    !g_str_has_prefix(part->declared_type, "text/") &&
		    (text->component == COMPONENT_BODY || text->component == COMPONENT_ATTACHMENTS))
			amounts->text += text->size;
	}
	for (guint i = 0; i < message->addresses->len; i++) {
		const struct address *address = message->addresses->pdata[i];
		amounts->text += strlen(address->name) + strlen(address->address);
	}
	for (guint i = 0; i < message->parts->len; i++)
		amounts->text += strlen(((struct part *)message->parts->pdata[i])->name);
	amounts->text += strlen(message->subject);
}

/* --- the store --- */

static void
learn_words(struct import *import, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (guint i = 0; words[i] != NULL; i++) {
		if (words[i][0] == '\0')
			continue;
		import->n_words++;
		g_hash_table_add(import->known, g_strdup(words[i]));
	}
}

static void
put(struct import *import, struct verdict *verdict, const char *uid)
{
	g_autoptr(GError) error = NULL;
	char sha256[DIGEST_HEX];
	struct vault_place place = { .volume = "2026/2026-11-22.tar", .length = 1, .end = 1 };
	struct placement placement = { .account = (char *)"hq",
		.folder = (char *)"INBOX",
		.uidvalidity = 7,
		.uid = (char *)uid,
		.internal_date = MESSAGE_NO_DATE,
		.server_flags = (char *)"",
		.labels = (char *)"",
		.server_id = (char *)"",
		.thread_id = (char *)"" };
	struct store_message message = { .sha256 = sha256,
		.size = verdict->size,
		.placement = &placement,
		.verdict = verdict,
		.ruleset = RULES,
		.place = &place,
		.seen = clock_now(),
		.run = import->run };

	digest_bytes(uid, strlen(uid), sha256);
	if (import->amounts.messages % BATCH == 1)
		must(store_begin(import->store, &error), &error);
	must(store_record(import->store, &message, &error), &error);
	if (import->amounts.messages % BATCH == 0)
		must(store_commit(import->store, &error), &error);
}

static void
read_bytes(struct import *import, int fd, const char *bytes, gsize size)
{
	g_autoptr(GError) error = NULL;
	struct message *message = dissect_message(import->dissect, fd, false, &error);

	must(message != NULL, &error);
	add_text_parts(&import->amounts, bytes, size);
	add_fields(&import->amounts, message);
	g_autoptr(verdict) verdict = verdict_from_message(message);
	verdict_add_terms(verdict, message, import->limits.index);
	verdict->terms.given = true;
	message_free(message);
	g_autofree char *uid = g_strdup_printf("%" G_GUINT64_FORMAT, ++import->amounts.messages);
	import->amounts.words += strlen(verdict->terms.body) + strlen(verdict->terms.files);
	import->amounts.mail += size;
	learn_words(import, verdict->terms.body);
	learn_words(import, verdict->terms.files);
	put(import, verdict, uid);
}

static void
read_mail(struct import *import, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *bytes = NULL;
	gsize size;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	must(g_file_get_contents(path, &bytes, &size, &error), &error);
	read_bytes(import, fd, bytes, size);
	close(fd);
}

static void
read_named(struct import *import)
{
	char line[4096];

	while (fgets(line, sizeof line, stdin) != NULL)
		read_mail(import, g_strchomp(line));
}

static void
write_whole(int fd, const GString *mail)
{
	g_autoptr(GError) error = g_error_new(
	    G_FILE_ERROR, G_FILE_ERROR_FAILED, "a file in memory: %s", g_strerror(errno));

	must(ftruncate(fd, 0) == 0 && pwrite(fd, mail->str, mail->len, 0) == (gssize)mail->len,
	    &error);
}

/* one: NULL for all kinds in turn. */
static void
read_made(struct import *import, guint number, const char *one)
{
	g_autoptr(GPtrArray) kinds = g_ptr_array_new();
	struct zipf zipf;
	int fd = memfd_create("mail", MFD_CLOEXEC);

	for (const struct shape *shape = shapes; shape->name != NULL; shape++) {
		if (one == NULL || strcmp(one, shape->name) == 0)
			g_ptr_array_add(kinds, (gpointer)shape);
	}
	zipf_init(&zipf, 1);
	for (guint i = 0; kinds->len > 0 && i < number; i++) {
		GString *mail = shape_mail(kinds->pdata[i % kinds->len], &zipf, i);
		write_whole(fd, mail);
		lseek(fd, 0, SEEK_SET);
		read_bytes(import, fd, mail->str, mail->len);
		g_string_free(mail, TRUE);
	}
	zipf_clear(&zipf);
	close(fd);
}

static void
settle(const char *folder)
{
	g_autofree char *path = g_build_filename(folder, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);

	must(database != NULL && settle_slices(database, 1, &error), &error);
}

int
main(int argc, char **argv)
{
	struct import import = { .known =
				     g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) };
	g_autoptr(GError) error = NULL;
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();

	if (argc < 2 || argc > 4) {
		fputs("usage: search-mail FOLDER < NAMES\n"
		      "       search-mail FOLDER NUMBER [KIND]\n",
		    stderr);
		return 64;
	}
	limits_default(&import.limits);
	import.dissect = dissect_new(&import.limits, &error);
	must(import.dissect != NULL, &error);
	import.store = store_open(argv[1], zone, &error);
	must(import.store != NULL, &error);
	must(store_run_begin(import.store, "bench", RULES, clock_now(), &import.run, &error),
	    &error);
	if (argc == 2)
		read_named(&import);
	else
		read_made(&import, (guint)strtoul(argv[2], NULL, 10), argv[3]);
	if (import.amounts.messages % BATCH != 0)
		must(store_commit(import.store, &error), &error);
	store_close(import.store);
	settle(argv[1]);
	print_sizes(argv[1], &import.amounts);
	guint known = g_hash_table_size(import.known);
	printf("%" G_GUINT64_FORMAT " words of %.1f bytes with a blank, %u of them different:"
	       " %.1f uses each; %.0f words a message\n",
	    import.n_words, (double)import.amounts.words / (double)import.n_words, known,
	    (double)import.n_words / known,
	    (double)import.n_words / (double)import.amounts.messages);
	dissect_free(import.dissect);
	g_hash_table_unref(import.known);
	return 0;
}
