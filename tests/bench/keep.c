/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keep FOLDER MESSAGES KB: what it takes to keep messages for good, against one file and one fsync
 * a message in the same folder. Both begin with the bytes in memory; ours ends with the commit of
 * all that a report and the search need, in batches as the intake makes them. The texts are words
 * of a made-up language by Zipf's law, two in five bytes of a mail, and ten at most of its
 * kilobytes: the rest of a larger one is its attachments.
 */
#include <fcntl.h>
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/io.h"
#include "mail/terms.h"
#include "store/store.h"

#define RULES       "1111111111111111111111111111111111111111111111111111111111111111"
#define BATCH       256 /* as in daemon/intake.h */
#define BATCH_BYTES (16u * 1024 * 1024)
#define WORDS       100000
#define TEXT_MAX    3000

struct mail {
	int fd;
	gsize size;
	char sha256[DIGEST_HEX];
	struct verdict *verdict;
};

static void
must(bool right, const GError *error)
{
	if (right)
		return;
	fprintf(stderr, "keep: %s\n", error != NULL ? error->message : "failed");
	exit(70);
}

static void
add_word(GRand *rand, GString *out)
{
	static const char *const syllables[] = { "ba", "ler", "con", "ti", "sa", "mon", "re", "du",
		"ven", "ka", "lo", "pri", "est", "ur", "ma", "ne", "sol", "gra", "fi", "tor" };
	/* The rank of a word by Zipf's law, near enough. */
	guint number = (guint)exp(g_rand_double(rand) * log(WORDS));

	for (guint rest = number + 20; rest > 0; rest /= G_N_ELEMENTS(syllables))
		g_string_append(out, syllables[rest % G_N_ELEMENTS(syllables)]);
	g_string_append_c(out, ' ');
}

static struct verdict *
make_verdict(const char *text, gsize size, guint number)
{
	struct verdict *verdict = verdict_new();
	GString *terms = g_string_new(NULL);

	terms_append(terms, text, size, 1 << 20);
	g_free(verdict->message_id);
	g_free(verdict->subject);
	g_free(verdict->terms.body);
	verdict->message_id = g_strdup_printf("%u@corp.example", number);
	verdict->subject = g_strndup(text, 40);
	verdict->date = clock_now() - (gint64)number * G_USEC_PER_SEC;
	verdict->terms.given = true;
	verdict->terms.body = g_string_free(terms, FALSE);
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_FROM, "Anna", "anna@corp.example"));
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_TO, "Bob", "bob@rival.example"));
	return verdict;
}

static void
make_mail(GRand *rand, gsize size, guint number, struct mail *out)
{
	g_autofree guint32 *bytes = g_malloc(size + sizeof(guint32));
	g_autoptr(GString) text = g_string_new(NULL);

	while (text->len < MIN(size * 2 / 5, TEXT_MAX))
		add_word(rand, text);
	for (gsize i = 0; i <= size / sizeof(guint32); i++)
		bytes[i] = g_rand_int(rand);
	memcpy(bytes, text->str, MIN(text->len, size));
	out->size = size;
	out->fd = memfd_create("mail", MFD_CLOEXEC);
	must(out->fd >= 0 && io_write_all(out->fd, bytes, size, NULL), NULL);
	digest_bytes(bytes, size, out->sha256);
	out->verdict = make_verdict(text->str, text->len, number);
}

static void
keep_one(struct store *store, gint64 run, guint number, const struct mail *mail)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *uid = g_strdup_printf("%u", number + 1);
	struct placement placement = { .account = (char *)"hq",
		.folder = (char *)"INBOX",
		.uidvalidity = 7,
		.uid = uid,
		.internal_date = MESSAGE_NO_DATE,
		.server_flags = (char *)"",
		.labels = (char *)"",
		.server_id = (char *)"",
		.thread_id = (char *)"" };
	struct vault_place place;
	struct store_message message = { .sha256 = mail->sha256,
		.size = mail->size,
		.placement = &placement,
		.verdict = mail->verdict,
		.ruleset = RULES,
		.place = &place,
		.seen = clock_now(),
		.run = run };
	bool known, copied, reused;

	must(store_lookup(store, mail->sha256, mail->verdict->message_id, &known, &copied, &reused,
		 &error) &&
		 vault_append(store_vault(store), mail->fd, mail->size, mail->sha256, message.seen,
		     &place, &error) &&
		 store_record(store, &message, &error),
	    error);
}

struct spent {
	gint64 wall, processor; /* microseconds */
};

static gint64
processor_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static struct spent
start_clock(void)
{
	return (struct spent){ g_get_monotonic_time(), processor_time() };
}

static void
add_spent(struct spent *sum, const struct spent *begin)
{
	sum->wall += g_get_monotonic_time() - begin->wall;
	sum->processor += processor_time() - begin->processor;
}

static void
keep_batch(struct store *store, gint64 run, guint first, const GArray *mails, struct spent *ours)
{
	g_autoptr(GError) error = NULL;
	struct spent begin = start_clock();

	must(store_begin(store, &error), error);
	for (guint i = 0; i < mails->len; i++)
		keep_one(store, run, first + i, &g_array_index(mails, struct mail, i));
	must(store_commit(store, &error), error);
	add_spent(ours, &begin);
}

/* As Maildir has it, without the rename: less than a delivery does. */
static void
file_each(const char *folder, const GArray *mails, struct spent *theirs)
{
	struct spent begin = start_clock();

	for (guint i = 0; i < mails->len; i++) {
		const struct mail *mail = &g_array_index(mails, struct mail, i);
		g_autofree char *path = g_build_filename(folder, mail->sha256, NULL);
		g_autoptr(GBytes) bytes = io_read_fd(mail->fd, mail->size, NULL);
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		must(fd >= 0 && io_write_all(fd, g_bytes_get_data(bytes, NULL), mail->size, NULL) &&
			 fsync(fd) == 0,
		    NULL);
		io_close(&fd);
	}
	add_spent(theirs, &begin);
}

static void
mail_clear(gpointer data)
{
	struct mail *mail = data;

	io_close(&mail->fd);
	verdict_free(mail->verdict);
}

int
main(int argc, char **argv)
{
	must(argc == 4, NULL);
	guint messages = (guint)strtoul(argv[2], NULL, 10);
	gsize mean = (gsize)strtoul(argv[3], NULL, 10) * 1024;
	g_autofree char *data = g_build_filename(argv[1], "data", NULL);
	g_autofree char *files = g_build_filename(argv[1], "files", NULL);
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	g_autoptr(GError) error = NULL;
	GRand *rand = g_rand_new_with_seed(6);
	struct spent ours = { 0 }, theirs = { 0 };
	gint64 run;

	must(io_make_folders(files, 0700, &error), error);
	g_autoptr(store) store = store_open(data, zone, &error);
	must(store != NULL, error);
	must(store_run_begin(store, "bench", RULES, clock_now(), &run, &error), error);
	/* In turns, so that what else the disk has to do meets both. */
	for (guint first = 0; first < messages;) {
		g_autoptr(GArray) mails = g_array_new(FALSE, FALSE, sizeof(struct mail));
		gsize bytes = 0;
		g_array_set_clear_func(mails, mail_clear);
		while (mails->len < BATCH && bytes < BATCH_BYTES && first + mails->len < messages) {
			/* Most are small, few are large, as in mailboxes. */
			gsize size = 500 + (gsize)(-log(1 - g_rand_double(rand) * 0.9999) *
						   (double)(mean - 500));
			struct mail mail;
			make_mail(rand, size, first + mails->len, &mail);
			g_array_append_val(mails, mail);
			bytes += size;
		}
		keep_batch(store, run, first, mails, &ours);
		file_each(files, mails, &theirs);
		first += mails->len;
	}
	double us = messages / ((double)ours.wall / 1e6),
	       them = messages / ((double)theirs.wall / 1e6);
	printf("%u messages of %zu KB: kept %.0f a second, one file and fsync each %.0f a second: "
	       "%.1f times; %.2f ms of processor time a message\n",
	    messages, mean / 1024, us, them, us / them, (double)ours.processor / 1e3 / messages);
	g_rand_free(rand);
	return 0;
}
