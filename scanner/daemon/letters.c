/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/letters.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/text.h"
#include "daemon/openpgp-file.h"
#include "daemon/own-mail.h"
#include "deliver/compose.h"
#include "reports/wording.h"

struct letter {
	const char *name, *what;
	const char *kind, *subject, *text;
	const char *digest;
	const struct compose_file *files;
	guint n_files;
};

/* --- one message --- */

static struct compose
compose_of(const struct config *config, const struct letter *letter, struct compose_person *to,
    const GPtrArray *persons)
{
	for (guint i = 0; i < persons->len; i++) {
		const struct config_person *person = persons->pdata[i];
		to[i] = (struct compose_person){ person->name, person->mail };
	}
	return (struct compose){
		.from = { config->organisation, config->smtp->from },
		.to = to,
		.n_to = persons->len,
		.kind = letter->kind,
		.subject = letter->subject,
		.text = letter->text,
		.digest = letter->digest,
		.date = clock_now(),
		.files = letter->files,
		.n_files = letter->n_files,
	};
}

static GBytes *
clear_message(const struct config *config, const struct letter *letter, const GPtrArray *persons,
    GError **error)
{
	g_autofree struct compose_person *to = g_new0(struct compose_person, persons->len);
	const struct compose compose = compose_of(config, letter, to, persons);
	g_autoptr(GBytes) bytes = compose_message(&compose, error);

	return bytes != NULL ? own_mail_seal(config->data_dir, bytes, error) : NULL;
}

/* Its subject says nothing: a mail's subject is never encrypted. */
static GBytes *
secret_message(const struct config *config, const struct letter *letter, const GPtrArray *persons,
    GError **error)
{
	const struct config_person *person = persons->pdata[0];
	g_autofree struct compose_person *to = g_new0(struct compose_person, persons->len);
	struct compose compose = compose_of(config, letter, to, persons);
	g_autoptr(GBytes) content = compose_content(&compose, error);
	g_autoptr(GBytes) secret =
	    content != NULL ? openpgp_file_armoured(content, person->openpgp_key, error) : NULL;

	if (secret == NULL)
		return NULL;
	compose.subject = "Flagpost: encrypted message";
	g_autoptr(GBytes) bytes = compose_encrypted(&compose, secret, error);
	return bytes != NULL ? own_mail_seal(config->data_dir, bytes, error) : NULL;
}

/* --- to everybody --- */

static void
add_secret(const struct config *config, const struct letter *letter, struct config_person *person,
    GPtrArray *mailings)
{
	g_autoptr(GPtrArray) one = g_ptr_array_new();
	g_autoptr(GError) trouble = NULL;

	g_ptr_array_add(one, person);
	g_autoptr(GBytes) bytes = secret_message(config, letter, one, &trouble);
	g_ptr_array_add(mailings, mailing_new(letter->name, letter->what, one, bytes, trouble));
}

static GPtrArray *
make_mailings(const struct config *config, const struct letter *letter, const GPtrArray *persons,
    GError **error)
{
	g_autoptr(GPtrArray) mailings =
	    g_ptr_array_new_with_free_func((GDestroyNotify)mailing_free);
	g_autoptr(GPtrArray) clear = g_ptr_array_new();

	for (guint i = 0; i < persons->len; i++) {
		struct config_person *person = persons->pdata[i];
		if (person->openpgp_key == NULL)
			g_ptr_array_add(clear, person);
		else
			add_secret(config, letter, person, mailings);
	}
	if (clear->len > 0) {
		g_autoptr(GBytes) bytes = clear_message(config, letter, clear, error);
		if (bytes == NULL)
			return NULL;
		g_ptr_array_insert(
		    mailings, 0, mailing_new(letter->name, letter->what, clear, bytes, NULL));
	}
	return g_steal_pointer(&mailings);
}

/* --- a report --- */

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
	if (attached->size + text->len > LETTERS_ATTACHED_MAX) {
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

bool
letters_are_wanted(const struct config *config, const struct config_report *which, GError **error)
{
	if (config->smtp != NULL && which->to->len > 0)
		return true;
	g_set_error(error, FAULT, FAULT_CONFIG,
	    "%s: nobody is to be mailed; write to = PERSON in [report.%s]", config->path,
	    which->name);
	return false;
}

static GPtrArray *
report_mailings(const struct config *config, const struct config_report *which,
    const struct report *report, const struct attached *attached, GError **error)
{
	g_autofree char *subject = report_subject(report);
	g_autofree char *period = wording_period(report);
	g_autofree char *what = g_strdup_printf("the report of %s", period);
	const struct letter letter = {
		.name = which->name,
		.what = what,
		.kind = "report",
		.subject = subject,
		.text = attached->text->str,
		.digest = attached->digest,
		.files = attached->files,
		.n_files = attached->n,
	};

	return make_mailings(config, &letter, which->to, error);
}

GPtrArray *
letters_report(const struct config *config, const struct config_report *which,
    const struct report *report, const char *const *formats, GError **error)
{
	GPtrArray *mailings = NULL;

	if (!letters_are_wanted(config, which, error))
		return NULL;
	g_autofree char *summary = report_summary(report);
	struct attached attached = { .text = g_string_new(summary), .none = !which->attach };
	if (attach(&attached, report, "html", "text/html", error) &&
	    (!which->attach || !g_strv_contains(formats, "csv") ||
		attach(&attached, report, "csv", "text/csv", error)))
		mailings = report_mailings(config, which, report, &attached, error);
	attached_clear(&attached);
	return mailings;
}

/* --- a notice --- */

GPtrArray *
letters_notice(const struct config *config, const GPtrArray *persons,
    const struct letters_notice *notice, GError **error)
{
	char digest[DIGEST_HEX];
	const struct letter letter = {
		.name = notice->name,
		.what = notice->what,
		.kind = "notice",
		.subject = notice->subject,
		.text = notice->text,
		.digest = digest,
	};

	digest_bytes(notice->text, strlen(notice->text), digest);
	return make_mailings(config, &letter, persons, error);
}

/* --- a copy --- */

/* Not as message/rfc822: what carries that may write it anew, and this is evidence. */
GPtrArray *
letters_copy(const struct config *config, const GPtrArray *persons, const struct letters_copy *copy,
    GError **error)
{
	char digest[DIGEST_HEX];
	const struct compose_file file = { copy->name, "application/octet-stream", copy->copy };
	const struct letter letter = {
		.name = "forward",
		.what = copy->what,
		.kind = "forward",
		.subject = copy->subject,
		.text = copy->text,
		.digest = digest,
		.files = &file,
		.n_files = copy->copy != NULL ? 1 : 0,
	};

	digest_bytes(copy->text, strlen(copy->text), digest);
	return make_mailings(config, &letter, persons, error);
}
