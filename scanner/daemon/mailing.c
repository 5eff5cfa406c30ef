/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/mailing.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "deliver/mailer.h"

#define FORM 1 /* of what mailing_put writes */

struct reader {
	char *name, *mail;
	bool has_it;
	enum smtp_state state; /* of the last try */
	char *text;
};

struct mailing {
	GPtrArray *readers; /* of struct reader */
	char *name, *what;
	gint64 made, next;
	guint tries;
	GBytes *message;       /* NULL: there is none, and texts of readers say why */
	struct mailer *mailer; /* NULL: no try under way */
	guint turn;            /* the reader whose result comes next, or one before who has it */
};

static void
reader_free(struct reader *reader)
{
	g_free(reader->name);
	g_free(reader->mail);
	g_free(reader->text);
	g_free(reader);
}

static struct mailing *
mailing_empty(const char *name, const char *what, GBytes *message)
{
	struct mailing *mailing = g_new0(struct mailing, 1);

	mailing->name = g_strdup(name);
	mailing->what = g_strdup(what);
	mailing->message = message != NULL ? g_bytes_ref(message) : NULL;
	mailing->readers = g_ptr_array_new_with_free_func((GDestroyNotify)reader_free);
	return mailing;
}

struct mailing *
mailing_new(const char *name, const char *what, const GPtrArray *persons, GBytes *message,
    const GError *trouble)
{
	struct mailing *mailing = mailing_empty(name, what, message);

	mailing->made = mailing->next = clock_now();
	for (guint i = 0; i < persons->len; i++) {
		const struct config_person *person = persons->pdata[i];
		struct reader *reader = g_new0(struct reader, 1);
		reader->name = g_strdup(person->name);
		reader->mail = g_strdup(person->mail);
		reader->state = message == NULL ? SMTP_CONFIG : SMTP_LOST;
		reader->text = g_strdup(trouble != NULL ? trouble->message : "");
		g_ptr_array_add(mailing->readers, reader);
	}
	return mailing;
}

void
mailing_free(struct mailing *mailing)
{
	if (mailing == NULL)
		return;
	mailer_free(mailing->mailer);
	g_clear_pointer(&mailing->message, g_bytes_unref);
	g_ptr_array_unref(mailing->readers);
	g_free(mailing->name);
	g_free(mailing->what);
	g_free(mailing);
}

const char *
mailing_name(const struct mailing *mailing)
{
	return mailing->name;
}

const char *
mailing_what(const struct mailing *mailing)
{
	return mailing->what;
}

bool
mailing_has_message(const struct mailing *mailing)
{
	return mailing->message != NULL;
}

gint64
mailing_made(const struct mailing *mailing)
{
	return mailing->made;
}

gint64
mailing_next(const struct mailing *mailing)
{
	return mailing->next;
}

guint
mailing_tries(const struct mailing *mailing)
{
	return mailing->tries;
}

void
mailing_failed(struct mailing *mailing, gint64 next)
{
	mailing->tries++;
	mailing->next = next;
}

void
mailing_hurry(struct mailing *mailing, gint64 next)
{
	mailing->next = next;
}

/* --- written down --- */

GBytes *
mailing_message(const struct mailing *mailing)
{
	return mailing->message;
}

GVariant *
mailing_put(const struct mailing *mailing)
{
	GVariantBuilder readers;

	g_variant_builder_init(&readers, G_VARIANT_TYPE("a(ssbus)"));
	for (guint i = 0; i < mailing->readers->len; i++) {
		const struct reader *reader = mailing->readers->pdata[i];
		g_autofree char *text = g_utf8_make_valid(reader->text, -1);
		g_variant_builder_add(&readers, "(ssbus)", reader->name, reader->mail,
		    reader->has_it, (guint32)reader->state, text);
	}
	return g_variant_new(MAILING_TYPE, FORM, mailing->name, mailing->what, mailing->made,
	    mailing->next, mailing->tries, &readers);
}

static bool
get_readers(struct mailing *mailing, GVariantIter *rows)
{
	const char *name, *mail, *text;
	gboolean has_it;
	guint32 state;

	while (g_variant_iter_loop(rows, "(&s&sbu&s)", &name, &mail, &has_it, &state, &text)) {
		if (state >= SMTP_STATES || smtp_check_address(mail) != NULL)
			return false;
		struct reader *reader = g_new0(struct reader, 1);
		reader->name = g_strdup(name);
		reader->mail = g_strdup(mail);
		reader->has_it = has_it;
		reader->state = (enum smtp_state)state;
		reader->text = g_strdup(text);
		g_ptr_array_add(mailing->readers, reader);
	}
	return mailing->readers->len > 0 && mailing->readers->len <= MAILER_RECIPIENTS_MAX;
}

struct mailing *
mailing_get(GVariant *variant, GBytes *message, GError **error)
{
	g_autoptr(GVariantIter) rows = NULL;
	const char *name, *what;
	gint64 made, next;
	guint32 form, tries;

	g_variant_get(
	    variant, "(u&s&sxxua(ssbus))", &form, &name, &what, &made, &next, &tries, &rows);
	g_autoptr(mailing) mailing = mailing_empty(name, what, message);
	mailing->made = made;
	mailing->next = next;
	mailing->tries = tries;
	if (form == FORM && get_readers(mailing, rows))
		return g_steal_pointer(&mailing);
	g_set_error(error, FAULT, FAULT_DATA, "not written by this version, or damaged");
	return NULL;
}

/* --- a try --- */

/* A descriptor that the mailer can read and nobody change. */
static int
hold(GBytes *bytes, GError **error)
{
	struct io_spool *spool = io_spool_new(g_get_tmp_dir());
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);

	if (io_spool_write(spool, data, size, error))
		return io_spool_finish(&spool, error);
	io_spool_free(spool);
	return -1;
}

bool
mailing_start(struct mailing *mailing, const struct smtp *smtp, GError **error)
{
	g_autoptr(GPtrArray) to = g_ptr_array_new();

	for (guint i = 0; i < mailing->readers->len; i++) {
		struct reader *reader = g_ptr_array_index(mailing->readers, i);
		if (!reader->has_it)
			g_ptr_array_add(to, reader->mail);
	}
	g_ptr_array_add(to, NULL);
	g_clear_pointer(&mailing->mailer, mailer_free);
	mailing->turn = 0;
	int fd = hold(mailing->message, error);
	if (fd < 0)
		return false;
	mailing->mailer = mailer_start(smtp, (const char *const *)to->pdata, fd, error);
	io_close(&fd);
	return mailing->mailer != NULL;
}

bool
mailing_under_way(const struct mailing *mailing)
{
	return mailing->mailer != NULL;
}

int
mailing_fd(const struct mailing *mailing)
{
	return mailer_fd(mailing->mailer);
}

gint64
mailing_deadline(const struct mailing *mailing)
{
	return mailer_deadline(mailing->mailer);
}

/* Results come in the order of those who were tried. */
static void
take(struct mailing *mailing, const struct mailer_result *result)
{
	struct reader *reader = g_ptr_array_index(mailing->readers, mailing->turn);

	while (reader->has_it)
		reader = g_ptr_array_index(mailing->readers, ++mailing->turn);
	mailing->turn++;
	reader->has_it = result->state == SMTP_SENT;
	reader->state = result->state;
	g_free(reader->text);
	reader->text = result->text;
}

bool
mailing_step(struct mailing *mailing, int timeout_ms)
{
	struct mailer_result result;

	for (;;) {
		switch (mailer_receive(mailing->mailer, timeout_ms, &result)) {
		case MAILER_NOTHING:
			return false;
		case MAILER_DONE:
			take(mailing, &result);
			break;
		case MAILER_END:
			g_clear_pointer(&mailing->mailer, mailer_free);
			return true;
		}
	}
}

void
mailing_wait(struct mailing *mailing)
{
	gint64 left_us = 0;

	do
		left_us = mailing_deadline(mailing) - g_get_monotonic_time();
	while (!mailing_step(mailing, (int)(MAX(left_us, 0) / 1000)));
}

/* --- what became of it --- */

static char *
names(const struct mailing *mailing, bool has_it)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < mailing->readers->len; i++) {
		const struct reader *reader = g_ptr_array_index(mailing->readers, i);
		if (reader->has_it == has_it)
			g_string_append_printf(
			    text, "%s%s", text->len > 0 ? ", " : "", reader->name);
	}
	return g_string_free(text, FALSE);
}

char *
mailing_reached(const struct mailing *mailing)
{
	return names(mailing, true);
}

char *
mailing_missed(const struct mailing *mailing)
{
	return names(mailing, false);
}

bool
mailing_check(const struct mailing *mailing, GError **error)
{
	g_autoptr(GString) reasons = g_string_new(NULL);
	const struct reader *first = NULL, *last = NULL;

	for (guint i = 0; i < mailing->readers->len; i++) {
		const struct reader *reader = g_ptr_array_index(mailing->readers, i);
		if (reader->has_it)
			continue;
		/* One server away is one reason for all. */
		if (last == NULL || strcmp(last->text, reader->text) != 0)
			g_string_append_printf(
			    reasons, "%s%s", reasons->len > 0 ? "; " : "", reader->text);
		first = first != NULL ? first : reader;
		last = reader;
	}
	if (first == NULL)
		return true;
	g_autofree char *missed = mailing_missed(mailing);
	g_set_error(error, FAULT, smtp_state_fault(first->state), "not mailed to %s: %s", missed,
	    reasons->str);
	return false;
}
