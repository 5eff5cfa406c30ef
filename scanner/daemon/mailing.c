/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/mailing.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/text.h"
#include "daemon/own-mail.h"
#include "deliver/compose.h"
#include "deliver/mailer.h"
#include "reports/wording.h"

struct reader {
	char *name, *mail;
	bool has_it;
	enum smtp_state state; /* of the last try */
	char *text;
};

struct mailing {
	struct smtp *smtp;
	GPtrArray *readers; /* of struct reader */
	char *name;         /* of the report's section */
	char *period;
	int message;
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

/* --- the message --- */

struct attached {
	struct compose_file files[2];
	guint n;
	gsize size;
	char *names[2];
	char digest[DIGEST_HEX]; /* of the page, also when it is too large to be attached */
	GString *text;
	bool none; /* the summary goes alone */
};

static void
attached_clear(struct attached *attached)
{
	for (guint i = 0; i < attached->n; i++) {
		g_bytes_unref(attached->files[i].bytes);
		g_free(attached->names[i]);
	}
	g_string_free(attached->text, TRUE);
}

static bool
attach(struct attached *attached, const struct report *report, const char *format, const char *type,
    GError **error)
{
	GString *text = report_render(report, format, error);

	if (text == NULL)
		return false;
	if (attached->n == 0 && attached->digest[0] == '\0')
		digest_bytes(text->str, text->len, attached->digest);
	if (attached->none) {
		g_string_free(text, TRUE);
		return true;
	}
	if (attached->size + text->len > MAILING_ATTACHED_MAX) {
		g_autofree char *size = text_size(text->len);
		g_string_append_printf(attached->text,
		    "\nThe %s file is not attached: with %s it is too large for a mail.\n", format,
		    size);
		g_string_free(text, TRUE);
		return true;
	}
	attached->size += text->len;
	attached->names[attached->n] = report_name(report, format);
	attached->files[attached->n] = (struct compose_file){
		.name = attached->names[attached->n],
		.type = type,
		.bytes = g_string_free_to_bytes(text),
	};
	attached->n++;
	return true;
}

static GBytes *
compose(const struct config *config, const struct config_report *which, const struct report *report,
    const char *const *formats, GError **error)
{
	g_autofree char *subject = report_subject(report);
	g_autofree char *summary = report_summary(report);
	g_autofree struct compose_person *to = g_new0(struct compose_person, which->to->len);
	struct attached attached = { .text = g_string_new(summary), .none = !which->attach };

	for (guint i = 0; i < which->to->len; i++) {
		const struct config_person *person = g_ptr_array_index(which->to, i);
		to[i] = (struct compose_person){ person->name, person->mail };
	}
	if (!attach(&attached, report, "html", "text/html", error) ||
	    (which->attach && g_strv_contains(formats, "csv") &&
		!attach(&attached, report, "csv", "text/csv", error))) {
		attached_clear(&attached);
		return NULL;
	}
	const struct compose letter = {
		.from = { config->organisation, config->smtp->from },
		.to = to,
		.n_to = which->to->len,
		.kind = "report",
		.subject = subject,
		.text = attached.text->str,
		.digest = attached.digest,
		.date = clock_now(),
		.files = attached.files,
		.n_files = attached.n,
	};
	g_autoptr(GBytes) bytes = compose_message(&letter, error);
	attached_clear(&attached);
	return bytes != NULL ? own_mail_seal(config->data_dir, bytes, error) : NULL;
}

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

static struct smtp *
smtp_copy(const struct smtp *smtp)
{
	g_autoptr(GVariant) variant = g_variant_ref_sink(smtp_put(smtp));

	return smtp_get(variant, NULL);
}

static bool
is_wanted(const struct config *config, const struct config_report *which, GError **error)
{
	if (config->smtp != NULL && which->to->len > 0)
		return true;
	g_set_error(error, FAULT, FAULT_CONFIG,
	    "%s: nobody is to be mailed; write to = PERSON in [report.%s]", config->path,
	    which->name);
	return false;
}

bool
mailing_is_wanted(const struct config *config, GError **error)
{
	return is_wanted(config, config_daily(config), error);
}

struct mailing *
mailing_new(const struct config *config, const struct report *report, const char *const *formats,
    GError **error)
{
	return mailing_of(config, config_daily(config), report, formats, error);
}

struct mailing *
mailing_of(const struct config *config, const struct config_report *which,
    const struct report *report, const char *const *formats, GError **error)
{
	if (!is_wanted(config, which, error))
		return NULL;
	g_autoptr(GBytes) bytes = compose(config, which, report, formats, error);
	int message = bytes != NULL ? hold(bytes, error) : -1;
	if (message < 0)
		return NULL;
	struct mailing *mailing = g_new0(struct mailing, 1);
	mailing->message = message;
	mailing->smtp = smtp_copy(config->smtp);
	mailing->name = g_strdup(which->name);
	mailing->period = wording_period(report);
	mailing->readers = g_ptr_array_new_with_free_func((GDestroyNotify)reader_free);
	for (guint i = 0; i < which->to->len; i++) {
		const struct config_person *person = g_ptr_array_index(which->to, i);
		struct reader *reader = g_new0(struct reader, 1);
		reader->name = g_strdup(person->name);
		reader->mail = g_strdup(person->mail);
		reader->state = SMTP_LOST;
		reader->text = g_strdup("");
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
	io_close(&mailing->message);
	smtp_free(mailing->smtp);
	g_ptr_array_unref(mailing->readers);
	g_free(mailing->name);
	g_free(mailing->period);
	g_free(mailing);
}

const char *
mailing_name(const struct mailing *mailing)
{
	return mailing->name;
}

const char *
mailing_period(const struct mailing *mailing)
{
	return mailing->period;
}

/* --- a try --- */

bool
mailing_start(struct mailing *mailing, GError **error)
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
	mailing->mailer =
	    mailer_start(mailing->smtp, (const char *const *)to->pdata, mailing->message, error);
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
