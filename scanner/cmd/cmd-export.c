/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * export: messages of a time as a folder for people without tools. Each is noted in the ledger
 * before it is written.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "cmd/bundle.h"
#include "cmd/cmd-common.h"
#include "cmd/filters.h"
#include "cmd/iso.h"
#include "cmd/progress.h"
#include "daemon/stamping.h"
#include "store/audit.h"
#include "store/consent.h"
#include "store/evidence.h"
#include "store/review.h"
#include "store/view-scope.h"

#define SIGNERS_MAX (1024 * 1024)
#define PAGE        500 /* messages that are in memory at a time, without their bytes */

static const char help[] =
    "Examples:\n"
    "  flagpost export --from 2005-05-30 --to 2005-06-30 --out june\n"
    "  flagpost export --from \"May 30\" --to yesterday --out case from:anna has:attachment\n"
    "  flagpost export --out evidence --flag I-4 --flag flag-17 --reason 'case 4711'\n"
    "  flagpost export --out discs --volume-size 650M --iso      for CDs\n"
    "  flagpost export --out access --person anna@corp.example   what is kept of a person\n"
    "\n"
    "Usage: flagpost export --out DIR [OPTION...] [WORD...]\n"
    "\n"
    "Writes a folder for each day with the exact bytes of each message, a page that lists and\n"
    "searches them in any browser without a network, tables, checksums, the rules as they stood\n"
    "on the day of a flag, the ledger of those who looked, and how to check all of it by\n"
    "sha256sum and openssl alone.\n"
    "\n"
    "  --out DIR         a new or empty folder\n"
    "  --from D --to D   from the begin of one day to the end of the other\n"
    "  --flag F          the message of a flag, or those of an incident; may stand several times\n"
    "  --person P        only what a person sent or received, without flags and ledger: an\n"
    "                    address, or the NAME of [person.NAME]\n"
    "  --format A,B      eml (a file a message), mbox (a file a day); default eml\n"
    "  --attachments     also the attachments, decoded, in a folder beside each message\n"
    "  --volume-size N   folders volume-001, ... of at most N bytes: 650M, 4.7G; each is whole\n"
    "  --iso             an image for a disc beside each folder, by xorriso\n"
    "  --reason T        why; it stands in the ledger ([roles] may demand one)\n"
    "\n"
    "WORDS are those of `flagpost search`. Messages whose copy was not kept stand in the "
    "manifest.\n"
    "\n"
    "Exit codes: 0 done; 2 of some no copy is kept, or it was altered, an attachment could not be\n"
    "decoded, or a message is larger than a volume; 64 usage; 74 it cannot be written; 77 not for "
    "this person; 78 configuration.\n";

struct request {
	const struct cmd_globals *globals;
	char *out, *from, *to, *reason, *person, *formats, *size; /* options */
	GStrv flags;
	gboolean iso, attachments;
	char *const *words;
	struct config *config;
	struct view *view;
	GPtrArray *ledger; /* NULL: it is not for this person */
	GPtrArray *stamps;
	GBytes *signers;
	struct bundle_options options;
	struct bundle *bundle;
	guint gaps, not_decoded;
};

/* A copy that was altered, or is gone, is named and does not end the export. */
static bool
add_message(struct request *request, const struct view_message *message, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	g_autoptr(GBytes) bytes = NULL;

	if (message->has_copy) {
		bytes = view_copy(request->view, message->id, &trouble);
		if (bytes == NULL)
			fprintf(stderr, "flagpost export: %.12s: %s\n", message->sha256,
			    trouble->message);
	}
	request->gaps += bytes == NULL;
	if (bytes == NULL || !request->options.attachments)
		return bundle_add(request->bundle, message, bytes, NULL, error);
	g_autoptr(attachments) attachments =
	    attachments_decode(request->view, message, bytes, &request->config->limits, error);
	if (attachments == NULL)
		return false;
	request->not_decoded += attachments->missing;
	attachments_tell(attachments, message);
	return bundle_add(request->bundle, message, bytes, attachments, error);
}

static bool
add_all(struct request *request, const struct view_query *what, guint64 total, GError **error)
{
	g_autoptr(progress) progress = progress_new(stderr, request->globals->quiet);
	struct view_query query = *what;
	guint64 done = 0;

	for (query.limit = PAGE;; query.offset += PAGE) {
		g_autoptr(GPtrArray) page = view_search(request->view, &query, error);
		if (page == NULL)
			return false;
		for (guint i = 0; i < page->len; i++) {
			if (!add_message(request, g_ptr_array_index(page, i), error))
				return false;
			progress_set(progress, ++done, total, "messages");
		}
		if (page->len < PAGE)
			return true;
	}
}

/* Four eyes: nothing is written when something of it may not be opened. */
static bool
may_open(struct request *request, const struct view_query *what, GError **error)
{
	struct view_query query = *what;

	for (query.limit = PAGE;; query.offset += PAGE) {
		g_autoptr(GPtrArray) page = view_search(request->view, &query, error);
		if (page == NULL)
			return false;
		for (guint i = 0; i < page->len; i++) {
			const struct view_message *message = g_ptr_array_index(page, i);
			if (message->has_copy &&
			    !consent_check(request->view, message->sha256, clock_now(), error))
				return false;
		}
		if (page->len < PAGE)
			return true;
	}
}

static bool
may_open_flagged(struct request *request, const GArray *messages, GError **error)
{
	for (guint i = 0; i < messages->len; i++) {
		g_autoptr(view_message) message =
		    evidence_message(request->view, g_array_index(messages, gint64, i), error);
		if (message == NULL ||
		    !consent_check(request->view, message->sha256, clock_now(), error))
			return false;
	}
	return true;
}

static bool
add_flagged(struct request *request, const GArray *messages, GError **error)
{
	g_autoptr(progress) progress = progress_new(stderr, request->globals->quiet);

	for (guint i = 0; i < messages->len; i++) {
		g_autoptr(view_message) message =
		    evidence_message(request->view, g_array_index(messages, gint64, i), error);
		if (message == NULL || !add_message(request, message, error))
			return false;
		progress_set(progress, i + 1, messages->len, "messages");
	}
	return true;
}

/* --- what was asked for --- */

static char *
title_of(const struct request *request, const struct view_query *query)
{
	g_autofree char *words = g_strjoinv(" ", (char **)request->words);
	g_autofree char *flags =
	    request->flags != NULL ? g_strjoinv(" ", request->flags) : g_strdup("");
	g_autofree char *valid = g_utf8_make_valid(flags[0] != '\0' ? flags : words, -1);
	g_autofree char *from = query->after != 0 ? clock_local(query->after, request->config->zone)
						  : g_strdup("the first");
	g_autofree char *to = query->before != 0 ? clock_local(query->before, request->config->zone)
						 : g_strdup("now");

	return g_strdup_printf("Mail %s%s%sfrom %s to %s%s%s", request->person != NULL ? "of " : "",
	    request->person != NULL ? request->person : "", request->person != NULL ? " " : "",
	    from, to, valid[0] != '\0' ? ", " : "", valid);
}

static bool
find_flagged(const struct request *request, GArray **messages, GError **error)
{
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));

	*messages = NULL;
	if (request->flags == NULL)
		return true;
	for (guint i = 0; request->flags[i] != NULL; i++)
		if (!review_find(request->view, request->flags[i], flags, error))
			return false;
	*messages = evidence_messages(request->view, flags, error);
	return *messages != NULL;
}

/* The view itself is narrowed to the person: no filter of ours has to be right. */
static bool
narrow(struct request *request, GError **error)
{
	const struct config_person *person = config_person(request->config, request->person);
	const char *const address[] = { request->person, NULL };
	const struct view_scope scope = { VIEW_OWN,
		person != NULL ? (const char *const *)person->addresses : address };

	if (person == NULL && strchr(request->person, '@') == NULL) {
		g_set_error(error, FAULT, FAULT_USAGE,
		    "--person %s: that is no address, and there is no [person.%s]", request->person,
		    request->person);
		return false;
	}
	if (view_reach(request->view) != VIEW_ALL) {
		g_set_error(error, FAULT, FAULT_DENIED,
		    "--person is for officers of all accounts: else it would not be all that is "
		    "kept");
		return false;
	}
	return view_restrict(request->view, &scope, error);
}

/* --- writing --- */

static bool
read_stamps(struct request *request, GError **error)
{
	const char *signers = request->config->ledger.tsa_ca_file;

	request->stamps = stamping_list(request->config, request->view, error);
	if (request->stamps != NULL && signers != NULL)
		request->signers = io_read_file(signers, SIGNERS_MAX, NULL);
	return request->stamps != NULL;
}

/* Somebody who may not read the ledger gets none. */
static bool
read_ledger(struct request *request, GError **error)
{
	g_autoptr(GError) trouble = NULL;

	request->ledger = audit_rows(request->view, &(struct audit_query){ 0 }, &trouble);
	if (request->ledger != NULL)
		return read_stamps(request, error);
	if (g_error_matches(trouble, FAULT, FAULT_DENIED))
		return true;
	g_propagate_error(error, g_steal_pointer(&trouble));
	return false;
}

/* DIR.iso beside the folder, DIR/volume-001.iso beside a volume. */
static bool
make_images(const struct request *request, GError **error)
{
	const GPtrArray *folders = bundle_folders(request->bundle);

	for (guint i = 0; request->iso && i < folders->len; i++) {
		g_autofree char *folder = g_canonicalize_filename(folders->pdata[i], NULL);
		g_autofree char *path = g_strconcat(folder, ".iso", NULL);
		g_autofree char *label = g_strdup_printf("FLAGPOST_%u", i + 1);
		if (!request->globals->quiet)
			fprintf(stderr, "image %u of %u\n", i + 1, folders->len);
		if (!iso_make(folder, label, path, error))
			return false;
	}
	return true;
}

/* The digest of what went out stands in the ledger: a bundle that comes back can be compared. */
static bool
note_done(const struct request *request, guint64 total, GError **error)
{
	g_autofree char *object =
	    g_strdup_printf("%" G_GUINT64_FORMAT " messages, %u without an exact copy, in %u "
			    "folders; SHA256SUMS %s",
		total, request->gaps, bundle_folders(request->bundle)->len,
		bundle_digest(request->bundle));

	return view_note_access(request->view, "exported", object, error);
}

static int
end_export(struct request *request, guint64 total)
{
	g_autoptr(GError) error = NULL;
	guint oversized = bundle_oversized(request->bundle);

	if (!bundle_finish(request->bundle, &error) || !note_done(request, total, &error) ||
	    !make_images(request, &error))
		return cmd_fail("export", error);
	if (oversized > 0)
		fprintf(stderr,
		    "flagpost export: %u messages are larger than a volume; each lies in one that "
		    "is "
		    "too large\n",
		    oversized);
	if (!request->globals->quiet)
		fprintf(stderr,
		    "%" G_GUINT64_FORMAT " messages, %u of them without an exact copy\n", total,
		    request->gaps);
	if (request->not_decoded > 0)
		fprintf(stderr, "flagpost export: %u attachments could not be decoded\n",
		    request->not_decoded);
	return cmd_finish(
	    "export", request->gaps + oversized + request->not_decoded > 0 ? CMD_GAPS : CMD_OK);
}

static int
write_bundle(struct request *request, const struct view_query *query)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *title = title_of(request, query);
	g_autofree char *object = g_strconcat(title, request->reason != NULL ? ": " : "",
	    request->reason != NULL ? request->reason : "", NULL);
	g_autoptr(GArray) flagged = NULL;
	struct audit_head head;
	guint64 total = 0;

	if (!find_flagged(request, &flagged, &error) ||
	    (flagged == NULL && !view_count(request->view, query, &total, &error)) ||
	    (consent_is_demanded(request->view) &&
		!(flagged != NULL ? may_open_flagged(request, flagged, &error)
				  : may_open(request, query, &error))) ||
	    !view_note_access(request->view, "export", object, &error) ||
	    !audit_head(request->view, &head, &error) || !read_ledger(request, &error))
		return cmd_fail("export", error);
	enum view_reach reach = view_reach(request->view);
	request->options.title = title;
	request->options.head = head.hash;
	request->options.ledger = request->ledger;
	request->options.stamps = request->stamps;
	request->options.signers = request->signers;
	request->options.limits = &request->config->limits;
	request->options.trusted = (const char *const *)request->config->dkim.trusted;
	request->options.view = reach == VIEW_ALL || reach == VIEW_ACCOUNTS ? request->view : NULL;
	request->bundle = bundle_new(&request->options, &error);
	if (request->bundle == NULL || !(flagged != NULL ? add_flagged(request, flagged, &error)
							 : add_all(request, query, total, &error)))
		return cmd_fail("export", error);
	return end_export(request, flagged != NULL ? flagged->len : total);
}

/* --- options --- */

static bool
read_formats(struct request *request, GError **error)
{
	g_auto(GStrv) words =
	    g_strsplit(request->formats != NULL ? request->formats : "eml", ",", -1);

	for (guint i = 0; words[i] != NULL; i++) {
		const char *word = g_strstrip(words[i]);
		if (strcmp(word, "eml") == 0) {
			request->options.eml = true;
		} else if (strcmp(word, "mbox") == 0) {
			request->options.mbox = true;
		} else {
			g_set_error(error, FAULT, FAULT_USAGE,
			    "--format: '%s' is not known; eml or mbox, or both: eml,mbox", word);
			return false;
		}
	}
	return true;
}

static int
check_request(struct request *request, struct view_query *query)
{
	g_autoptr(GError) error = NULL;

	if (!cmd_window("export", request->from, request->to, request->config->zone, &query->after,
		&query->before))
		return FAULT_USAGE;
	if (!read_formats(request, &error) ||
	    (request->size != NULL &&
		!bundle_volume_size(request->size, &request->options.volume_bytes, &error)))
		return cmd_usage_error("export", NULL, "%s", error->message);
	if (request->flags != NULL && (request->words[0] != NULL || request->from != NULL ||
					  request->to != NULL || request->person != NULL))
		return cmd_usage_error("export", NULL,
		    "--flag names its messages: no word, time or person goes with it");
	int code = CMD_OK;
	if (!cmd_may_open(
		"export", request->config, request->reason, "why this mail is handed over", &code))
		return code;
	if (request->iso && !iso_check(&error))
		return cmd_fail("export", error);
	return CMD_OK;
}

static int export(struct request *request)
{
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;

	request->config = cmd_load_config(request->globals);
	if (request->config == NULL)
		return FAULT_CONFIG;
	g_autoptr(filters) filters =
	    filters_new((const char *const *)request->words, request->config->zone, &error);
	if (filters == NULL)
		return cmd_usage_error(
		    "export", "see: flagpost search --help", "%s", error->message);
	struct view_query query = filters->query;
	code = check_request(request, &query);
	if (code != CMD_OK)
		return code;
	request->options.folder = request->out;
	request->options.attachments = request->attachments;
	request->options.zone = request->config->zone;
	request->view = cmd_open_view("export", request->config, &code);
	if (request->view == NULL)
		return code;
	if (request->person != NULL && !narrow(request, &error))
		return cmd_fail("export", error);
	code = write_bundle(request, &query);
	filters_tell(filters, "export");
	return code;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "export", help, 0, -1, false };
	struct request request = { .globals = globals };
	const GOptionEntry entries[] = { { "out", 0, 0, G_OPTION_ARG_FILENAME, &request.out, NULL,
					     NULL },
		{ "from", 0, 0, G_OPTION_ARG_STRING, &request.from, NULL, NULL },
		{ "to", 0, 0, G_OPTION_ARG_STRING, &request.to, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &request.reason, NULL, NULL },
		{ "person", 0, 0, G_OPTION_ARG_STRING, &request.person, NULL, NULL },
		{ "format", 0, 0, G_OPTION_ARG_STRING, &request.formats, NULL, NULL },
		{ "volume-size", 0, 0, G_OPTION_ARG_STRING, &request.size, NULL, NULL },
		{ "flag", 0, 0, G_OPTION_ARG_STRING_ARRAY, &request.flags, NULL, NULL },
		{ "attachments", 0, 0, G_OPTION_ARG_NONE, &request.attachments, NULL, NULL },
		{ "iso", 0, 0, G_OPTION_ARG_NONE, &request.iso, NULL, NULL }, G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code)) {
		request.words = argv + 1;
		code = request.out != NULL && request.out[0] != '\0'
			   ? export(&request)
			   : cmd_usage_error("export", "write --out DIR", "--out names no folder");
	}
	g_clear_pointer(&request.bundle, bundle_free);
	g_clear_pointer(&request.ledger, g_ptr_array_unref);
	g_clear_pointer(&request.stamps, g_ptr_array_unref);
	g_clear_pointer(&request.signers, g_bytes_unref);
	g_clear_pointer(&request.view, view_close);
	g_clear_pointer(&request.config, config_free);
	g_free(request.out);
	g_free(request.from);
	g_free(request.to);
	g_free(request.reason);
	g_free(request.person);
	g_free(request.formats);
	g_free(request.size);
	g_strfreev(request.flags);
	return code;
}

const struct cmd cmd_export = { "export", "messages of a time as a folder for people without tools",
	run };
