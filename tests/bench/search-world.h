/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BENCH_SEARCH_WORLD_H
#define FLAGPOST_BENCH_SEARCH_WORLD_H
/*
 * search_world - the made-up messages that bench/search.c asks.
 *
 * Words are those of tests/bench/zipf.h; people, domains, files, dates and flags are many for some
 * and rare for others.
 */
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "mail/terms.h"
#include "store/store.h"
#include "tests/bench/search-size.h"
#include "tests/bench/zipf.h"

#define PEOPLE  20000
#define DOMAINS 3000
#define BATCH   256
#define HAN     0x4e00u /* the first of the signs that are used */
#define RULES   "1111111111111111111111111111111111111111111111111111111111111111"
#define BEGIN   (G_GINT64_CONSTANT(1609459200) * G_USEC_PER_SEC) /* 2021 */
#define SPAN    (G_GINT64_CONSTANT(1826) * 86400)                /* five years, in seconds */

struct bench {
	struct zipf zipf;
	struct store *store;
	gint64 run;
	struct amounts amounts;
};

static char *
make_text(struct bench *bench, guint words)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < words; i++)
		g_string_append_printf(out, "%s%s", i > 0 ? " " : "", zipf_word(&bench->zipf));
	return g_string_free(out, FALSE);
}

static char *
person_address(const struct bench *bench, guint person)
{
	const char *given = bench->zipf.words->pdata[1000 + person % 700];
	const char *family = bench->zipf.words->pdata[3000 + person];
	guint domain = person % DOMAINS;

	return domain < 20 ? g_strdup_printf("%s.%s@corp.example", given, family)
			   : g_strdup_printf("%s.%s@%s%u.example", given, family,
				 domain < 1000 ? "rival" : "other", domain);
}

/* Few people write much. */
static struct address *
make_person(struct bench *bench, enum address_role role)
{
	double skew = pow(g_rand_double(bench->zipf.rand), 3);
	guint person = (guint)(skew * PEOPLE);
	g_autofree char *name =
	    g_strdup_printf("%s %s", (const char *)bench->zipf.words->pdata[1000 + person % 700],
		(const char *)bench->zipf.words->pdata[3000 + person]);
	g_autofree char *address = person_address(bench, person);

	return address_new(role, name, address);
}

static void
add_file(struct bench *bench, struct verdict *verdict)
{
	static const char *const ends[] = { "pdf", "docx", "xlsx", "zip", "png" };
	struct part *part = g_new0(struct part, 1);

	part->path = g_strdup("2");
	part->name = g_strdup_printf("%s %s.%s", zipf_word(&bench->zipf), zipf_word(&bench->zipf),
	    ends[g_rand_int_range(bench->zipf.rand, 0, G_N_ELEMENTS(ends))]);
	part->declared_type = g_strdup("");
	part->true_type = g_strdup("application/pdf");
	part->detail = g_strdup("");
	part->attachment = true;
	g_ptr_array_add(verdict->parts, part);
}

static void
add_flag(struct bench *bench, struct verdict *verdict)
{
	g_autofree char *rule =
	    g_strdup_printf("competitor-%d", (int)g_rand_int_range(bench->zipf.rand, 0, 40));
	struct flag *flag = flag_new(rule);

	flag->hits_total = 1;
	g_ptr_array_add(flag->hits, hit_new("content.x"));
	g_ptr_array_add(verdict->flags, flag);
}

static char *
terms(const char *text)
{
	GString *out = g_string_new(NULL);

	terms_append(out, text, strlen(text), 1 << 20);
	return g_string_free(out, FALSE);
}

/* Text without blanks: some of 2,000 signs, the first of them often. */
static char *
add_han(struct bench *bench, const char *text)
{
	GString *out = g_string_new(text);

	g_string_append_c(out, ' ');
	for (guint i = 0; i < 60; i++)
		g_string_append_unichar(
		    out, HAN + (gunichar)(pow(g_rand_double(bench->zipf.rand), 3) * 2000));
	return g_string_free(out, FALSE);
}

/*
 * What there is of it as text, and as the shortest mail that says so: fields and lines of 76 bytes,
 * nothing else. What is attached is a name alone.
 */
static void
add_amounts(struct amounts *amounts, const struct verdict *verdict, gsize body)
{
	gsize text = strlen(verdict->subject), fields = strlen("Subject: \r\n\r\n");

	for (guint i = 0; i < verdict->addresses->len; i++) {
		const struct address *address = verdict->addresses->pdata[i];
		text += strlen(address->name) + strlen(address->address);
		fields += strlen("From:  <>\r\n");
	}
	for (guint i = 0; i < verdict->parts->len; i++)
		text += strlen(((struct part *)verdict->parts->pdata[i])->name);
	fields += strlen("Date: Fri, 01 Jan 2021 00:00:00 +0000\r\nMessage-ID: <>\r\n");
	amounts->messages++;
	amounts->words += body;
	amounts->text += text + body;
	amounts->mail += text + body + body / 76 + fields + strlen(verdict->message_id);
}

static struct verdict *
make_verdict(struct bench *bench, guint number)
{
	struct verdict *verdict = verdict_new();
	guint size = zipf_length(&bench->zipf);
	g_autofree char *latin = make_text(bench, size);
	g_autofree char *body = number % 20 == 0 ? add_han(bench, latin) : g_strdup(latin);

	g_free(verdict->subject);
	g_free(verdict->message_id);
	verdict->message_id = g_strdup_printf("%u@corp.example", number);
	verdict->subject = make_text(bench, 6);
	verdict->date = BEGIN + (gint64)(g_rand_double(bench->zipf.rand) * SPAN) * G_USEC_PER_SEC;
	verdict->direction = DIRECTION_OUTBOUND;
	g_ptr_array_add(verdict->addresses, make_person(bench, ADDRESS_FROM));
	for (int i = g_rand_int_range(bench->zipf.rand, 1, 5); i > 0; i--)
		g_ptr_array_add(verdict->addresses, make_person(bench, ADDRESS_TO));
	if (number % 5 == 0)
		add_file(bench, verdict);
	if (number % 33 == 0)
		add_flag(bench, verdict);
	g_free(verdict->terms.body);
	verdict->terms.given = true;
	verdict->terms.body = terms(body);
	add_amounts(&bench->amounts, verdict, strlen(body));
	return verdict;
}

/* Milliseconds of processor time: the machine may be busy with other things. */
static double
spent(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The copy is only said to be there: no byte of it is asked for. */
static void
put_message(struct bench *bench, guint number)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(verdict) verdict = make_verdict(bench, number);
	g_autofree char *uid = g_strdup_printf("%u", number + 1);
	char sha256[DIGEST_HEX];
	struct vault_place place = { .volume = "2026/2026-11-22.tar", .length = 1, .end = 1 };
	struct placement placement = { .account = (char *)"hq",
		.folder = (char *)(number % 7 == 0 ? "Sent" : "INBOX"),
		.uidvalidity = 7,
		.uid = uid,
		.internal_date = MESSAGE_NO_DATE,
		.server_flags = (char *)"",
		.labels = (char *)"",
		.server_id = (char *)"",
		.thread_id = (char *)"" };
	struct store_message message = { .sha256 = sha256,
		.size = 3000,
		.placement = &placement,
		.verdict = verdict,
		.ruleset = RULES,
		.place = &place,
		.seen = clock_now(),
		.run = bench->run };

	digest_bytes(uid, strlen(uid), sha256);
	must(store_record(bench->store, &message, &error), &error);
}

/* --- beside a store, which is kept for another round --- */

static char *
amounts_file(const char *folder)
{
	return g_build_filename(folder, "bench-amounts", NULL);
}

static void
amounts_save(const struct amounts *amounts, const char *folder)
{
	g_autofree char *file = amounts_file(folder);
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
						" %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
	    amounts->messages, amounts->words, amounts->text, amounts->mail);
	g_autoptr(GError) error = NULL;

	must(g_file_set_contents(file, text, -1, &error), &error);
}

/* False where there is none. */
static bool
amounts_load(struct amounts *amounts, const char *folder)
{
	g_autofree char *file = amounts_file(folder), *text = NULL;

	return g_file_get_contents(file, &text, NULL, NULL) &&
	       sscanf(text,
		   "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
		   " %" G_GUINT64_FORMAT,
		   &amounts->messages, &amounts->words, &amounts->text, &amounts->mail) == 4;
}

static void
build(struct bench *bench, const char *folder, guint messages)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	double begin = spent();

	bench->store = store_open(folder, zone, &error);
	must(bench->store != NULL, &error);
	must(store_run_begin(bench->store, "bench", RULES, clock_now(), &bench->run, &error),
	    &error);
	for (guint i = 0; i < messages; i++) {
		if (i % BATCH == 0)
			must(store_begin(bench->store, &error), &error);
		put_message(bench, i);
		if (i % BATCH == BATCH - 1 || i + 1 == messages)
			must(store_commit(bench->store, &error), &error);
		if (i % 50000 == 0)
			fprintf(stderr, "%u messages\n", i);
	}
	store_close(bench->store);
	double seconds = (spent() - begin) / 1e3;
	printf("%u messages in %.0f s of processor time: %.0f a second\n", messages, seconds,
	    messages / seconds);
	amounts_save(&bench->amounts, folder);
}

#endif
