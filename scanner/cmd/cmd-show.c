/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * show: one recorded message. Each look is noted in the ledger before anything is printed.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/cmd-verdict.h"
#include "cmd/texts.h"
#include "daemon/archiving.h"
#include "reports/wording.h"
#include "store/consent.h"
#include "store/dkim.h"

static const char help[] =
    "Examples:\n"
    "  flagpost show 3f9a01bc                who, what, where, parts and flags\n"
    "  flagpost show 3f9a01bc --text         what was read of it: body and attachments\n"
    "  flagpost show 3f9a01bc --headers      its header block\n"
    "  flagpost show 3f9a01bc --raw >m.eml   the exact bytes\n"
    "\n"
    "Usage: flagpost show [OPTION...] ID\n"
    "\n"
    "ID is the first eight digits or more of the message's SHA-256, as search prints them.\n"
    "\n"
    "  --text       subject, body and the text of each attachment, read anew from the copy\n"
    "  --headers    the header block alone\n"
    "  --raw        the exact bytes of the kept copy\n"
    "  --reveal     print excerpts in clear: for officers, with a reason\n"
    "  --reason T   why; it stands in the ledger beside the look ([roles] may demand one)\n"
    "  --json       one JSON object, as scan prints it\n"
    "\n"
    "Each look is recorded. Exit codes: 0 done, 2 --text: some of it could not be read,\n"
    "64 no such message, 65 no copy was kept, 77 not for this person, or not without a second "
    "officer.\n";

struct show {
	const struct cmd_globals *globals;
	gboolean text, headers, raw, reveal; /* options */
	char *reason;
	struct config *config;
	struct view *view;
	struct view_message *message;
};

/* Up to the first empty line (RFC 5322 section 2.1). */
static gsize
header_size(const char *data, gsize size)
{
	for (gsize at = 0; at < size;) {
		const char *end = memchr(data + at, '\n', size - at);
		gsize next = end != NULL ? (gsize)(end - data) + 1 : size;
		gsize length = next - at;
		if (data[at] == '\n' || (length >= 2 && data[at] == '\r' && data[at + 1] == '\n'))
			return at;
		at = next;
	}
	return size;
}

/* Header lines are hostile text: on a terminal they must not move the cursor. */
static void
print_headers(const char *data, gsize size)
{
	g_autofree char *block = g_strndup(data, header_size(data, size));
	g_auto(GStrv) lines = g_strsplit(block, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++) {
		g_strchomp(lines[i]);
		for (char *p = lines[i]; *p == '\t'; p++)
			*p = ' ';
		if (lines[i][0] == '\0' && lines[i + 1] == NULL)
			break;
		cmd_put(stdout, lines[i], 0);
		putchar('\n');
	}
}

static int
show_bytes(const struct show *show)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = view_copy(show->view, show->message->id, &error);

	if (bytes == NULL)
		return cmd_fail("show", error);
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	if (show->headers)
		print_headers(data != NULL ? data : "", size);
	else
		fwrite(data, 1, size, stdout);
	return CMD_OK;
}

/* --- text --- */

static int
show_text(const struct show *show)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(verdict) verdict =
	    texts_read(show->config, show->view, show->message->id, &error);

	if (verdict == NULL)
		return cmd_fail("show", error);
	g_autoptr(GString) out = g_string_new(NULL);
	cmd_verdict_texts(out, verdict);
	fwrite(out->str, 1, out->len, stdout);
	if (verdict->outcome == OUTCOME_UNSCANNABLE)
		fprintf(stderr, "flagpost show: it cannot be taken apart (%s)%s\n", verdict->reason,
		    verdict->texts->len > 0 ? ": its raw bytes are shown as text" : "");
	return cmd_verdict_has_gap(verdict) ? CMD_GAPS : CMD_OK;
}

/* --- summary --- */

static void
put_line(GString *out, const char *label, const char *text)
{
	g_autofree char *safe = text_printable(text, 0);

	g_string_append_printf(out, "%-12s%s\n", label, safe);
}

static void
put_facts(GString *out, const char *label, const char *const *words, guint facts)
{
	g_autofree const char **list = fact_words(words, facts);
	g_autofree char *text = g_strjoinv(", ", (GStrv)list);

	if (text[0] != '\0')
		put_line(out, label, text);
}

static void
put_summary(GString *out, const struct show *show)
{
	const struct view_message *message = show->message;
	GTimeZone *zone = show->config->zone;
	g_autofree char *to = g_strjoinv(", ", message->to);
	g_autofree char *date =
	    message->date != MESSAGE_NO_DATE ? clock_local(message->date, zone) : g_strdup("none");
	g_autofree char *seen = clock_local(message->seen, zone);
	g_autofree char *size = text_size(message->size);
	g_autofree char *state = g_strdup_printf("%s, %s%s%s", direction_words[message->direction],
	    outcome_words[message->outcome], message->reason[0] != '\0' ? ": " : "",
	    message->reason);

	put_line(out, "From", message->from);
	put_line(out, "To", to);
	put_line(out, "Subject", message->subject);
	put_line(out, "Date", date);
	put_line(out, "First seen", seen);
	put_line(out, "Message-ID", message->message_id);
	put_line(out, "SHA-256", message->sha256);
	put_line(out, "Size", size);
	put_line(out, "State", state);
	put_facts(out, "Facts", message_fact_words, message->facts);
	if (message->warnings[0] != '\0')
		put_line(out, "MIME", message->warnings);
	g_autofree char *purged = message->purged != 0 ? clock_local(message->purged, zone) : NULL;
	g_autofree char *gone = g_strdup_printf("purged %s", purged != NULL ? purged : "");
	g_autofree char *archive = archive_of(show->view, message->id, NULL);
	bool archived = archive != NULL && archive[0] != '\0';
	put_line(out, "Copy",
	    message->has_copy ? "kept"
	    : purged != NULL  ? gone
	    : archived        ? "kept in its archive"
			      : "not kept");
	if (archived)
		put_line(out, "Archive", archive);
}

static bool
put_draft(GString *out, const struct show *show, GError **error)
{
	static const char *const states[] = { "still a draft", "sent", "vanished unsent",
		"gone; no Sent folder is read that would tell whether it was sent" };
	struct view_draft draft;
	bool found;

	if (!view_draft(show->view, show->message->id, &found, &draft, error))
		return false;
	if (!found)
		return true;
	g_autofree char *text = g_strdup_printf(
	    "revision %u of %u, %s", draft.number, draft.revisions, states[draft.state]);
	put_line(out, "Draft", text);
	return true;
}

static void
put_placements(GString *out, const struct show *show)
{
	for (guint i = 0; i < show->message->placements->len; i++) {
		const struct view_placement *place =
		    g_ptr_array_index(show->message->placements, i);
		g_autofree char *fate = wording_fate(place, show->config->zone);
		g_autofree char *text = g_strdup_printf("%s, %s, UID %s%s%s", place->account,
		    place->folder, place->uid, fate[0] != '\0' ? ", " : "", fate);
		put_line(out, i == 0 ? "Where" : "", text);
		if (place->labels[0] == '\0')
			continue;
		g_auto(GStrv) labels = g_strsplit(place->labels, "\n", -1);
		g_autofree char *joined = g_strjoinv(", ", labels);
		put_line(out, "Labels", joined);
	}
}

static void
put_part(GString *out, const struct part *part, bool first)
{
	g_autofree const char **list = fact_words(part_fact_words, part->facts);
	g_autofree char *facts = g_strjoinv(", ", (GStrv)list);
	g_autofree char *size = text_size(part->size);
	const char *type = part->true_type[0] != '\0' ? part->true_type : part->declared_type;
	g_autofree char *text = g_strdup_printf("%s%s%s  %s, %s, %s%s%s%s%s", part->path,
	    part->name[0] != '\0' ? " " : "", part->name, type, size,
	    part_outcome_words[part->outcome], facts[0] != '\0' ? ", " : "", facts,
	    part->detail[0] != '\0' ? ": " : "", part->detail);

	put_line(out, first ? "Parts" : "", text);
}

/* What was recorded last; NULL without an error: nothing. */
static bool
read_proved(const struct show *show, struct dkim_verified **out, GError **error)
{
	g_autoptr(GPtrArray) all = dkim_verified_of(show->view, show->message->id, error);

	*out = all != NULL && all->len > 0 ? g_ptr_array_steal_index(all, all->len - 1) : NULL;
	return all != NULL;
}

static void
put_proved(GString *out, const struct show *show, const struct dkim_verified *proved)
{
	for (guint i = 0; proved != NULL && i < proved->list->len; i++) {
		g_autofree char *sentence = signature_sentence(proved->list->pdata[i]);
		g_autofree char *when = clock_local(proved->computed, show->config->zone);
		g_autofree char *text = g_strdup_printf("%s, as verified %s", sentence, when);
		put_line(out, i == 0 ? "DKIM" : "", text);
	}
}

static int
show_summary(const struct show *show)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(verdict) verdict = view_verdict(show->view, show->message->id, &error);

	g_autoptr(dkim_verified) proved = NULL;
	if (verdict == NULL || !read_proved(show, &proved, &error))
		return cmd_fail("show", error);
	const struct cmd_verdict item = { show->message->sha256, show->message->sha256, verdict,
		show->reveal, cmd_colour(stdout), proved };
	if (show->globals->json) {
		cmd_verdict_json(out, &item);
	} else {
		put_summary(out, show);
		put_placements(out, show);
		if (!put_draft(out, show, &error))
			return cmd_fail("show", error);
		put_proved(out, show, proved);
		for (guint i = 0; i < verdict->parts->len; i++)
			put_part(out, g_ptr_array_index(verdict->parts, i), i == 0);
		g_string_append(out, "Flags\n");
		gsize before = out->len;
		cmd_verdict_details(out, &item);
		if (out->len == before)
			g_string_append(out, "  none\n");
	}
	fwrite(out->str, 1, out->len, stdout);
	return CMD_OK;
}

static int
show_run(struct show *show, const char *id)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *prefix = g_ascii_strdown(id, -1);
	int code = CMD_OK;

	if (show->text + show->headers + show->raw + show->globals->json > 1)
		return cmd_usage_error(
		    "show", NULL, "--text, --headers, --raw and --json do not go together");
	show->config = cmd_load_config(show->globals);
	if (show->config == NULL)
		return FAULT_CONFIG;
	if ((show->text || show->headers || show->raw) &&
	    !cmd_may_open("show", show->config, show->reason, "why this mail is opened", &code))
		return code;
	show->view = cmd_open_view("show", show->config, &code);
	if (show->view == NULL)
		return code;
	if (show->reveal && !cmd_may_reveal("show", show->view, show->reason, &code))
		return code;
	show->message = view_find(show->view, prefix, &error);
	if (show->message == NULL ||
	    (show->reveal &&
		!consent_check(show->view, show->message->sha256, clock_now(), &error)))
		return cmd_fail("show", error);
	const char *how = show->raw       ? " (raw)"
			  : show->text    ? " (text)"
			  : show->headers ? " (headers)"
			  : show->reveal  ? " (reveal)"
					  : "";
	const char *reason = show->reason != NULL ? show->reason : "";
	g_autofree char *object =
	    g_strconcat(show->message->sha256, how, reason[0] != '\0' ? ": " : "", reason, NULL);
	if (!view_note_access(show->view, "show", object, &error))
		return cmd_fail("show", error);
	if (show->text)
		code = show_text(show);
	else
		code = show->headers || show->raw ? show_bytes(show) : show_summary(show);
	return cmd_finish("show", code);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "show", help, 1, 1, true };
	struct show show = { .globals = globals };
	const GOptionEntry entries[] = { { "text", 0, 0, G_OPTION_ARG_NONE, &show.text, NULL,
					     NULL },
		{ "headers", 0, 0, G_OPTION_ARG_NONE, &show.headers, NULL, NULL },
		{ "raw", 0, 0, G_OPTION_ARG_NONE, &show.raw, NULL, NULL },
		{ "reveal", 0, 0, G_OPTION_ARG_NONE, &show.reveal, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &show.reason, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = show_run(&show, argv[1]);
	g_free(show.reason);
	g_clear_pointer(&show.message, view_message_free);
	g_clear_pointer(&show.view, view_close);
	g_clear_pointer(&show.config, config_free);
	return code;
}

const struct cmd cmd_show = { "show", "one recorded message: summary, text, headers or exact bytes",
	run };
