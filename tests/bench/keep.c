/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keep FOLDER MESSAGES KB: what it takes to keep messages for good, against one file and one fsync
 * a message in the same folder. All begin with the bytes in memory; ours ends with the commit of
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
		 vault_append_later(store_vault(store), mail->fd, mail->size, mail->sha256,
		     message.seen, &place, &error) &&
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

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
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

/* What goes on beside, to the index, ends here. */
static void
end_run(struct store *store, gint64 run, struct spent *ours)
{
	g_autoptr(GError) error = NULL;
	struct spent begin = start_clock();

	must(store_run_end(store, run, 0, clock_now(), &error), error);
	add_spent(ours, &begin);
}

/*
 * What it is measured against begins with the same bytes, in the same batches and in turns:
 *
 * a file     a new file with the message, written, fsync, closed. Its name is durable only on file
 *            systems that write the folder along with a new file (Linux's own do).
 * a delivery what a Maildir takes by its definition, and durable everywhere: the file in tmp,
 * fsync, renamed to new, fsync of that folder.
 *
 * Neither has a digest checked, a row or a word to be found by: ours has them all.
 */
enum way { WAY_FILE, WAY_DELIVERY, WAYS };

struct files {
	char *folders[WAYS]; /* where files are written */
	char *new_folder;    /* where deliveries go */
	int new_fd;
};

static void
files_open(const char *folder, struct files *out)
{
	out->folders[WAY_FILE] = g_build_filename(folder, "files", NULL);
	out->folders[WAY_DELIVERY] = g_build_filename(folder, "maildir", "tmp", NULL);
	out->new_folder = g_build_filename(folder, "maildir", "new", NULL);
	must(io_make_folders(out->folders[WAY_FILE], 0700, NULL) &&
		 io_make_folders(out->folders[WAY_DELIVERY], 0700, NULL) &&
		 io_make_folders(out->new_folder, 0700, NULL),
	    NULL);
	out->new_fd = open(out->new_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(out->new_fd >= 0, NULL);
}

static void
files_close(struct files *files)
{
	for (guint i = 0; i < WAYS; i++)
		g_free(files->folders[i]);
	g_free(files->new_folder);
	io_close(&files->new_fd);
}

static void
file_one(const struct files *files, enum way way, const struct mail *mail)
{
	g_autofree char *path = g_build_filename(files->folders[way], mail->sha256, NULL);
	g_autoptr(GBytes) bytes = io_read_fd(mail->fd, mail->size, NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	must(fd >= 0 && io_write_all(fd, g_bytes_get_data(bytes, NULL), mail->size, NULL) &&
		 fsync(fd) == 0,
	    NULL);
	io_close(&fd);
	if (way == WAY_FILE)
		return;
	g_autofree char *delivered = g_build_filename(files->new_folder, mail->sha256, NULL);
	must(rename(path, delivered) == 0 && fsync(files->new_fd) == 0, NULL);
}

static void
file_each(const struct files *files, enum way way, const GArray *mails, struct spent *theirs)
{
	struct spent begin = start_clock();

	for (guint i = 0; i < mails->len; i++)
		file_one(files, way, &g_array_index(mails, struct mail, i));
	add_spent(theirs, &begin);
}

static void
mail_clear(gpointer data)
{
	struct mail *mail = data;

	io_close(&mail->fd);
	verdict_free(mail->verdict);
}

/* Most are small, few are large, as in mailboxes. */
static GArray *
make_batch(GRand *rand, gsize mean, guint first, guint messages)
{
	GArray *mails = g_array_new(FALSE, FALSE, sizeof(struct mail));
	gsize bytes = 0;

	g_array_set_clear_func(mails, mail_clear);
	while (mails->len < BATCH && bytes < BATCH_BYTES && first + mails->len < messages) {
		gsize size =
		    500 + (gsize)(-log(1 - g_rand_double(rand) * 0.9999) * (double)(mean - 500));
		struct mail mail;
		make_mail(rand, size, first + mails->len, &mail);
		g_array_append_val(mails, mail);
		bytes += size;
	}
	return mails;
}

static double
a_second(guint messages, const struct spent *spent)
{
	return messages / ((double)spent->wall / G_USEC_PER_SEC);
}

int
main(int argc, char **argv)
{
	must(argc == 4, NULL);
	guint messages = (guint)strtoul(argv[2], NULL, 10);
	gsize mean = (gsize)strtoul(argv[3], NULL, 10) * 1024;
	g_autofree char *data = g_build_filename(argv[1], "data", NULL);
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	g_autoptr(GError) error = NULL;
	GRand *rand = g_rand_new_with_seed(6);
	struct spent ours = { 0 }, theirs[WAYS] = { 0 };
	struct files files;
	gint64 run;

	files_open(argv[1], &files);
	g_autoptr(store) store = store_open(data, zone, &error);
	must(store != NULL, error);
	must(store_run_begin(store, "bench", RULES, clock_now(), &run, &error), error);
	/* In turns, each the first in turn, so that what else the disk has to do meets all. */
	for (guint first = 0, turn = 0; first < messages; turn++) {
		g_autoptr(GArray) mails = make_batch(rand, mean, first, messages);
		for (guint i = 0; i <= WAYS; i++) {
			guint way = (turn + i) % (WAYS + 1);
			if (way == WAYS)
				keep_batch(store, run, first, mails, &ours);
			else
				file_each(&files, way, mails, &theirs[way]);
		}
		first += mails->len;
	}
	end_run(store, run, &ours);
	double us = a_second(messages, &ours), file = a_second(messages, &theirs[WAY_FILE]),
	       delivery = a_second(messages, &theirs[WAY_DELIVERY]);
	printf("kept %.0f a second, a file each %.0f, a delivery each %.0f: %.2f and %.2f times; "
	       "%.3f ms of processor time a message\n",
	    us, file, delivery, us / file, us / delivery, (double)ours.processor / 1000 / messages);
	files_close(&files);
	g_rand_free(rand);
	return 0;
}
