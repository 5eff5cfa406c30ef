/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_HELPER_HOSTILE_TALK_H
#define FLAGPOST_TESTS_HELPER_HOSTILE_TALK_H
/*
 * hostile-talk - what an honest server would answer: three folders over IMAP, one over POP3, with
 * the same messages each time, and where in an answer misbehaviour can be put.
 *
 * An answer carries marks that are taken off before it is sent: \1 before each line, \2 before the
 * end of each FETCH item.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TALK_LINE "\001"
#define TALK_ITEM "\002"

struct talk_box {
	const char *raw, *attributes;
	guint32 uidvalidity;
	guint32 uids[6]; /* ends with 0; before the hostile day the last one is not there yet */
};

static const struct talk_box talk_boxes[] = {
	{ "Sent", "\\HasNoChildren \\Sent", 7001, { 2, 5, 6 } },
	{ "INBOX", "\\HasNoChildren", 7002, { 3, 4, 7, 9, 12 } },
	{ "Entw&APw-rfe", "\\HasNoChildren", 7003, { 1, 3 } },
};

struct talk {
	const char *name; /* of the mailbox: no two have the same messages */
	bool pop3, clear; /* clear: TLS is to be asked for */
	const char *abilities;
	bool before; /* the last message of each folder is not there yet */
	bool asked_tls, closing, challenged;
	const struct talk_box *open;
	char tag[32];
	GString *out;
};

static guint
talk_count(const struct talk *talk, const struct talk_box *box)
{
	guint n = 0;

	while (n < G_N_ELEMENTS(box->uids) && box->uids[n] != 0)
		n++;
	return talk->before ? n - 1 : n;
}

static guint32
talk_uidnext(const struct talk *talk, const struct talk_box *box)
{
	return box->uids[talk_count(talk, box) - 1] + 1;
}

/* With what protocols say in it, so that bytes taken for an answer show. */
static char *
talk_message(const char *name, const char *folder, guint32 uid)
{
	g_autofree char *filler = g_strnfill(uid == 9 ? 20000 : 40, 'x');

	return g_strdup_printf(
	    "Received: from localhost; Sun, 22 Nov 2026 09:02:00 +0100\r\nFrom: "
	    "anna@corp.example\r\n"
	    "To: ben@corp.example\r\nSubject: %s %u\r\nMessage-ID: <%u.%s.%s@corp.example>\r\n"
	    "Date: Sun, 22 Nov 2026 09:02:00 +0100\r\n\r\n* 1 EXPUNGE\r\nF3 OK done\r\n* BYE\r\n"
	    ".\r\n..\r\n.x\r\n)\r\n{99999999}\r\n+OK\r\n-ERR\r\n%s\r\n",
	    name, uid, uid, name, strcmp(folder, "INBOX") == 0 ? "inbox" : "folder", filler);
}

G_GNUC_PRINTF(2, 3)
static void
talk_say(struct talk *talk, const char *format, ...)
{
	va_list args;

	g_string_append(talk->out, TALK_LINE);
	va_start(args, format);
	g_string_append_vprintf(talk->out, format, args);
	va_end(args);
	g_string_append(talk->out, "\r\n");
}

/* --- IMAP --- */

static const struct talk_box *
talk_find(const char *quoted)
{
	for (gsize i = 0; i < G_N_ELEMENTS(talk_boxes); i++) {
		g_autofree char *name = g_strdup_printf("\"%s\"", talk_boxes[i].raw);
		if (g_str_has_prefix(quoted, name))
			return &talk_boxes[i];
	}
	return NULL;
}

static bool
talk_in_set(const char *set, guint32 uid, guint32 last)
{
	g_autofree char *only = g_strndup(set, strcspn(set, " "));
	g_auto(GStrv) ranges = g_strsplit(only, ",", -1);

	if (strcmp(only, "ALL") == 0)
		return true;
	for (guint i = 0; ranges[i] != NULL; i++) {
		const char *colon = strchr(ranges[i], ':');
		const char *end = colon != NULL ? colon + 1 : ranges[i];
		guint64 from = g_ascii_strtoull(ranges[i], NULL, 10);
		guint64 to = *end == '*' ? last : g_ascii_strtoull(end, NULL, 10);
		if (uid >= MIN(from, to) && uid <= MAX(from, to))
			return true;
	}
	return false;
}

static void
talk_status(struct talk *talk, const struct talk_box *box)
{
	talk_say(talk, "* STATUS \"%s\" (MESSAGES %u UIDNEXT %u UIDVALIDITY %u HIGHESTMODSEQ %u)",
	    box->raw, talk_count(talk, box), talk_uidnext(talk, box), box->uidvalidity,
	    talk->before ? 90 : 91);
}

static void
talk_examine(struct talk *talk)
{
	const struct talk_box *box = talk->open;

	talk_say(talk, "* FLAGS (\\Seen)");
	talk_say(talk, "* %u EXISTS", talk_count(talk, box));
	talk_say(talk, "* OK [UIDVALIDITY %u] ok", box->uidvalidity);
	talk_say(talk, "* OK [UIDNEXT %u] ok", talk_uidnext(talk, box));
	talk_say(talk, "* OK [HIGHESTMODSEQ %u] ok", talk->before ? 90 : 91);
}

static void
talk_search(struct talk *talk, const char *set)
{
	const struct talk_box *box = talk->open;
	guint n = talk_count(talk, box);
	g_autoptr(GString) found = g_string_new("* SEARCH");

	for (guint i = 0; i < n; i++)
		if (talk_in_set(set, box->uids[i], box->uids[n - 1]))
			g_string_append_printf(found, " %u", box->uids[i]);
	talk_say(talk, "%s", found->str);
}

static void
talk_fetch(struct talk *talk, const char *set)
{
	const struct talk_box *box = talk->open;

	for (guint i = 0; i < talk_count(talk, box); i++) {
		g_autofree char *text = talk_message(talk->name, box->raw, box->uids[i]);
		if (talk_in_set(set, box->uids[i], 0))
			talk_say(talk,
			    "* %u FETCH (UID %u FLAGS (\\Seen) INTERNALDATE \"17-Jul-2026 02:44:25 "
			    "+0200\" RFC822.SIZE %zu BODY[] {%zu}\r\n%s" TALK_ITEM ")",
			    i + 1, box->uids[i], strlen(text), strlen(text), text);
	}
}

static const char *
talk_after(const char *line, const char *word)
{
	return g_str_has_prefix(line, word) ? line + strlen(word) : NULL;
}

/* False: not a command for the folder that is open. */
static bool
talk_in_folder(struct talk *talk, const char *line)
{
	const char *rest;

	if (talk->open == NULL)
		return false;
	if ((rest = talk_after(line, "UID SEARCH UID ")) != NULL ||
	    (rest = talk_after(line, "UID SEARCH ")) != NULL)
		talk_search(talk, rest);
	else if ((rest = talk_after(line, "UID FETCH ")) != NULL)
		talk_fetch(talk, rest);
	else
		return strcmp(line, "NOOP") == 0;
	return true;
}

static void
talk_list(struct talk *talk, bool with_status)
{
	for (gsize i = 0; i < G_N_ELEMENTS(talk_boxes); i++) {
		talk_say(
		    talk, "* LIST (%s) \"/\" \"%s\"", talk_boxes[i].attributes, talk_boxes[i].raw);
		if (with_status)
			talk_status(talk, &talk_boxes[i]);
	}
}

/* True when the command is done; else its answer is complete already. */
static bool
talk_imap_login(struct talk *talk, const char *line, bool *ok)
{
	if (strcmp(line, "CAPABILITY") == 0) {
		talk_say(talk, "* CAPABILITY IMAP4rev1%s%s",
		    talk->clear ? " STARTTLS" : " AUTH=PLAIN", talk->abilities);
	} else if (strcmp(line, "AUTHENTICATE PLAIN") == 0) {
		talk->challenged = true;
		g_string_append(talk->out, TALK_LINE "+ \r\n");
		return false;
	} else if (strcmp(line, "STARTTLS") == 0) {
		talk->asked_tls = true;
		talk->clear = false;
	} else if (talk_after(line, "LOGIN ") == NULL &&
		   talk_after(line, "AUTHENTICATE ") == NULL) {
		*ok = false;
	}
	return true;
}

static void
talk_imap(struct talk *talk, const char *line)
{
	const char *command = strchr(line, ' ');
	const char *rest;
	bool ok = true;

	if (talk->challenged) {
		talk->challenged = false;
		talk_say(talk, "%s OK logged in", talk->tag);
		return;
	}
	if (command == NULL)
		return;
	g_snprintf(talk->tag, sizeof talk->tag, "%.*s", (int)(command - line), line);
	command++;
	if (talk_after(command, "ENABLE ") != NULL) {
		talk_say(talk, "* ENABLED QRESYNC");
	} else if (talk_after(command, "LIST ") != NULL) {
		talk_list(talk, strstr(command, "STATUS (") != NULL);
	} else if ((rest = talk_after(command, "STATUS ")) != NULL) {
		ok = talk_find(rest) != NULL;
		if (ok)
			talk_status(talk, talk_find(rest));
	} else if ((rest = talk_after(command, "EXAMINE ")) != NULL) {
		talk->open = talk_find(rest);
		ok = talk->open != NULL;
		if (ok)
			talk_examine(talk);
	} else if (strcmp(command, "LOGOUT") == 0) {
		talk_say(talk, "* BYE");
		talk->closing = true;
	} else if (!talk_in_folder(talk, command) && !talk_imap_login(talk, command, &ok)) {
		return;
	}
	talk_say(talk, "%s %s", talk->tag, ok ? "OK done" : "NO there is no such folder");
}

/* --- POP3: the INBOX --- */

static void
talk_pop3_body(struct talk *talk, guint32 uid, bool head)
{
	g_autofree char *text = talk_message(talk->name, "INBOX", uid);
	g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);

	talk_say(talk, "+OK");
	for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++) {
		talk_say(talk, "%s%s", lines[i][0] == '.' ? "." : "", lines[i]);
		if (head && *lines[i] == '\0')
			break;
	}
	talk_say(talk, ".");
}

static void
talk_pop3_listing(struct talk *talk, bool uidl)
{
	const struct talk_box *box = &talk_boxes[1];

	talk_say(talk, "+OK");
	for (guint i = 0; i < talk_count(talk, box); i++) {
		g_autofree char *text = talk_message(talk->name, "INBOX", box->uids[i]);
		if (uidl)
			talk_say(talk, "%u id-%u", i + 1, box->uids[i]);
		else
			talk_say(talk, "%u %zu", i + 1, strlen(text));
	}
	talk_say(talk, ".");
}

static void
talk_pop3(struct talk *talk, const char *line)
{
	const struct talk_box *box = &talk_boxes[1];
	const char *rest = strchr(line, ' ');
	guint64 n = rest != NULL ? g_ascii_strtoull(rest, NULL, 10) : 0;

	if (talk->challenged || talk_after(line, "AUTH PLAIN ") != NULL) {
		talk->challenged = false;
		talk_say(talk, "+OK");
	} else if (strcmp(line, "AUTH PLAIN") == 0) {
		talk->challenged = true;
		g_string_append(talk->out, TALK_LINE "+ \r\n");
	} else if (strcmp(line, "CAPA") == 0) {
		talk_say(talk, "+OK");
		talk_say(talk, "%s", talk->clear ? "STLS" : "SASL PLAIN");
		if (*talk->abilities != '\0')
			talk_say(talk, "%s", talk->abilities);
		talk_say(talk, "UIDL");
		talk_say(talk, "TOP");
		talk_say(talk, ".");
	} else if (strcmp(line, "STLS") == 0) {
		talk_say(talk, "+OK");
		talk->asked_tls = true;
		talk->clear = false;
	} else if (strcmp(line, "STAT") == 0) {
		talk_say(talk, "+OK %u 999", talk_count(talk, box));
	} else if (strcmp(line, "UIDL") == 0 || strcmp(line, "LIST") == 0) {
		talk_pop3_listing(talk, *line == 'U');
	} else if (strcmp(line, "QUIT") == 0) {
		talk_say(talk, "+OK");
		talk->closing = true;
	} else if (n > 0 && n <= talk_count(talk, box)) {
		talk_pop3_body(talk, box->uids[n - 1], *line == 'T');
	} else {
		talk_say(talk, "-ERR no such message");
	}
}

#endif
