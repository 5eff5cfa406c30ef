/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * redeliver: kept messages on their way once more, to those whom they were for or to somebody else.
 * Each stands in the ledger before it is sent.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "deliver/mailer.h"
#include "deliver/redeliver.h"

static const char help[] =
    "Examples:\n"
    "  flagpost redeliver 3f9a01bc --to anna@corp.example   to this address\n"
    "  flagpost redeliver 3f9a01bc --original --dry-run     who would get it?\n"
    "  flagpost redeliver 3f9a01bc 77aa02cd --original      to those whom they were for\n"
    "\n"
    "Usage: flagpost redeliver ID... --original|--to ADDRESS [OPTION...]\n"
    "\n"
    "Sends the exact bytes of kept copies through the server of [smtp], with Resent fields and a\n"
    "mark against loops in front. Each recipient has a delivery of his own.\n"
    "\n"
    "  --original    to the real recipients (Delivered-To, journal, ...), else to To, Cc and Bcc\n"
    "  --to ADDRESS  to this address; may stand several times\n"
    "  --dry-run     say who would get what; send nothing\n"
    "  --again       also what was redelivered already\n"
    "  --reason T    why; it stands in the ledger ([roles] may demand one)\n"
    "  --json        one JSON object a recipient\n"
    "\n"
    "Exit codes: 0 all sent, 2 not to all, 64 usage, 65 no copy, 69 server away, 77 refused, 78\n"
    "configuration.\n";

#define TOKEN_WORDS 4
#define WAIT_MS     1000

struct run {
	const struct cmd_globals *globals;
	gboolean original, dry_run, again; /* options */
	GStrv to;
	char *reason;
	struct config *config;
	struct view *view;
	guint sent, failed;
	int fault; /* exit code of the first that failed */
};

static void
tell(struct run *run, const struct view_message *message, const char *to, const char *state,
    const char *text)
{
	if (run->globals->json) {
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put(&json, "sha256", message->sha256);
		json_put(&json, "to", to);
		json_put(&json, "state", state);
		json_put(&json, "text", text);
		json_end(&json);
		puts(out->str);
		return;
	}
	printf("%.12s  %-10s  ", message->sha256, state);
	cmd_put(stdout, to, 0);
	if (text[0] != '\0')
		fputs(": ", stdout);
	cmd_put(stdout, text, 0);
	putchar('\n');
}

static void
fail(struct run *run, const struct view_message *message, const char *to, const char *text,
    int fault)
{
	tell(run, message, to, "failed", text);
	run->failed++;
	if (run->fault == 0)
		run->fault = fault;
}

/* --- who gets it --- */

static void
add_role(const struct verdict *verdict, bool delivered, GPtrArray *all)
{
	for (guint i = 0; i < verdict->addresses->len; i++) {
		const struct address *address = g_ptr_array_index(verdict->addresses, i);
		bool wanted =
		    delivered ? address->role == ADDRESS_DELIVERED : address_is_recipient(address);
		bool known = false;
		for (guint n = 0; wanted && n < all->len; n++)
			known |= g_ascii_strcasecmp(all->pdata[n], address->address) == 0;
		if (wanted && !known && address->address[0] != '\0')
			g_ptr_array_add(all, g_strdup(address->address));
	}
}

/* The envelope's recipients where somebody noted them, else those that the header claims. */
static GPtrArray *
recipients(struct run *run, const struct view_message *message, GError **error)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; run->to != NULL && run->to[i] != NULL; i++)
		g_ptr_array_add(all, g_strdup(run->to[i]));
	if (run->original) {
		g_autoptr(verdict) verdict = view_verdict(run->view, message->id, error);
		if (verdict == NULL)
			return NULL;
		add_role(verdict, true, all);
		if (all->len == 0)
			add_role(verdict, false, all);
	}
	if (all->len > 0)
		return g_steal_pointer(&all);
	g_set_error(error, FAULT, FAULT_DATA, "no recipient is known");
	return NULL;
}

/* What a header claims may be no address at all: it is named, and the others get theirs. */
static GStrv
take_usable(struct run *run, const struct view_message *message, const GPtrArray *all)
{
	g_autoptr(GStrvBuilder) usable = g_strv_builder_new();

	for (guint i = 0; i < all->len; i++) {
		const char *wrong = smtp_check_address(all->pdata[i]);
		if (wrong == NULL)
			g_strv_builder_add(usable, all->pdata[i]);
		else
			fail(run, message, all->pdata[i], wrong, FAULT_DATA);
	}
	return g_strv_builder_end(usable);
}

/* --- sending --- */

static void
send_to(struct run *run, const struct view_message *message, const char *const *to, int fd)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(mailer) mailer = mailer_start(run->config->smtp, to, fd, &error);
	struct mailer_result result;
	enum mailer_event event;

	for (guint i = 0; mailer == NULL && to[i] != NULL; i++)
		fail(run, message, to[i], error->message, fault_exit_code(error));
	if (mailer == NULL)
		return;
	while ((event = mailer_receive(mailer, WAIT_MS, &result)) != MAILER_END) {
		if (event == MAILER_NOTHING)
			continue;
		if (result.state == SMTP_SENT) {
			run->sent++;
			tell(run, message, result.to, "sent", "");
		} else {
			fail(run, message, result.to, result.text, smtp_state_fault(result.state));
		}
		g_free(result.text);
	}
}

static GBytes *
compose(struct run *run, const struct view_message *message, const char *const *to, GError **error)
{
	g_autoptr(GBytes) copy = view_copy(run->view, message->id, error);
	g_autoptr(GString) token = g_string_new(NULL);
	bool changed;

	if (copy == NULL)
		return NULL;
	if (!run->again && redeliver_is_marked(copy)) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "it was redelivered already; with --again it is sent once more");
		return NULL;
	}
	for (guint i = 0; i < TOKEN_WORDS; i++)
		g_string_append_printf(token, "%08x", g_random_int());
	const struct redeliver redeliver = {
		.from = run->config->smtp->from,
		.to = to,
		.sha256 = message->sha256,
		.token = token->str,
		.date = clock_now(),
	};
	GBytes *bytes = redeliver_message(&redeliver, copy, &changed, error);
	if (bytes != NULL && changed && !run->globals->quiet)
		fprintf(stderr,
		    "flagpost redeliver: %.12s: line ends were made CRLF, as SMTP wants\n",
		    message->sha256);
	return bytes;
}

static bool
note(struct run *run, const struct view_message *message, const char *const *to, GError **error)
{
	g_autofree char *list = g_strjoinv(", ", (GStrv)to);
	const char *reason = run->reason != NULL ? run->reason : "";
	g_autofree char *object =
	    g_strconcat(message->sha256, " to ", list, reason[0] != '\0' ? ": " : "", reason, NULL);

	return view_note_access(run->view, "redeliver", object, error);
}

static bool
redeliver_to(struct run *run, const struct view_message *message, GStrv to, GError **error)
{
	g_autoptr(GBytes) bytes = compose(run, message, (const char *const *)to, error);
	int fd = -1;

	if (bytes == NULL)
		return false;
	if (run->dry_run) {
		for (guint i = 0; to[i] != NULL; i++)
			tell(run, message, to[i], "would send", message->subject);
		return true;
	}
	if (!note(run, message, (const char *const *)to, error) || !cmd_spool(bytes, &fd, error))
		return false;
	guint n = g_strv_length(to);
	for (guint i = 0; i < n; i += MAILER_RECIPIENTS_MAX) {
		const char *some[MAILER_RECIPIENTS_MAX + 1] = { NULL };
		for (guint k = 0; k < MAILER_RECIPIENTS_MAX && i + k < n; k++)
			some[k] = to[i + k];
		send_to(run, message, some, fd);
	}
	io_close(&fd);
	return true;
}

static void
redeliver_one(struct run *run, const char *prefix)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(view_message) message = view_find(run->view, prefix, &error);
	const struct view_message unknown = { .sha256 = (char *)prefix };

	if (message == NULL) {
		fail(run, &unknown, "-", error->message, fault_exit_code(error));
		return;
	}
	g_autoptr(GPtrArray) all = recipients(run, message, &error);
	g_auto(GStrv) to = all != NULL ? take_usable(run, message, all) : NULL;
	/* Where none is usable, each was told of. */
	if (all == NULL || (to[0] != NULL && !redeliver_to(run, message, to, &error)))
		fail(run, message, "-", error->message, fault_exit_code(error));
}

static int
redeliver_all(struct run *run, char *const *ids)
{
	int code = CMD_OK;

	run->config = cmd_load_config(run->globals);
	if (run->config == NULL)
		return FAULT_CONFIG;
	if (run->config->smtp == NULL) {
		fprintf(stderr,
		    "flagpost redeliver: no server for mail: add [smtp] with url and from to %s\n",
		    run->config->path);
		return FAULT_CONFIG;
	}
	if (!cmd_may_open("redeliver", run->config, run->reason, "why it is sent", &code))
		return code;
	run->view = cmd_open_view("redeliver", run->config, &code);
	if (run->view == NULL)
		return code;
	for (; *ids != NULL; ids++)
		redeliver_one(run, *ids);
	if (run->failed > 0)
		return run->sent > 0 ? CMD_GAPS : run->fault;
	return CMD_OK;
}

static int
check_usage(const struct run *run)
{
	if (!run->original && run->to == NULL)
		return cmd_usage_error("redeliver", "write --original or --to ADDRESS",
		    "it is not said who is to get it");
	if (run->original && run->to != NULL)
		return cmd_usage_error(
		    "redeliver", "one of them", "--original and --to exclude one another");
	for (guint i = 0; run->to != NULL && run->to[i] != NULL; i++) {
		const char *wrong = smtp_check_address(run->to[i]);
		g_autofree char *shown = text_printable(run->to[i], 0);
		if (wrong != NULL)
			return cmd_usage_error(
			    "redeliver", "write NAME@DOMAIN", "--to: '%s' %s", shown, wrong);
	}
	return CMD_OK;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "redeliver", help, 1, -1, true };
	struct run run = { .globals = globals };
	const GOptionEntry entries[] = {
		{ "original", 0, 0, G_OPTION_ARG_NONE, &run.original, NULL, NULL },
		{ "to", 0, 0, G_OPTION_ARG_STRING_ARRAY, &run.to, NULL, NULL },
		{ "dry-run", 0, 0, G_OPTION_ARG_NONE, &run.dry_run, NULL, NULL },
		{ "again", 0, 0, G_OPTION_ARG_NONE, &run.again, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &run.reason, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code)) {
		code = check_usage(&run);
		if (code == CMD_OK)
			code = cmd_finish("redeliver", redeliver_all(&run, argv + 1));
	}
	view_close(run.view);
	config_free(run.config);
	g_strfreev(run.to);
	g_free(run.reason);
	return code;
}

const struct cmd cmd_redeliver = { "redeliver", "kept messages once more, by mail", run };
