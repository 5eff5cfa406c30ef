/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Splits a header into fields and nothing more: what a field means does not matter here, only
 * whether it is byte for byte, folding apart, what we wrote.
 */
#include "deliver/seal.h"

#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/secret.h"

#define PIECE (64 * 1024)

/* All that compose writes, in the order in which they are sealed. */
static const char *const ours[] = { "date", "from", "to", "subject", "message-id", "auto-submitted",
	"x-flagpost-report", "mime-version", "content-type" };
#define MESSAGE_ID 4

/* What servers put before a message on its way; none of it is shown to a reader as the mail. */
static const char *const traces[] = { "received", "return-path", "delivered-to", "x-original-to",
	"received-spf", "authentication-results", "dkim-signature", "arc-seal",
	"arc-message-signature", "arc-authentication-results", "x-spam-status", "x-spam-score",
	"x-spam-level", "x-spam-flag", "x-spam-checker-version", "x-virus-scanned",
	"x-rspamd-server", "x-rspamd-queue-id", NULL };

struct head {
	char *values[G_N_ELEMENTS(ours)];
	char *seal;
	bool
	    foreign; /* a field that neither we nor servers write, one twice, or too much of them */
	gsize body;  /* where it begins */
};

static void
head_clear(struct head *head)
{
	for (gsize i = 0; i < G_N_ELEMENTS(ours); i++)
		g_free(head->values[i]);
	g_free(head->seal);
}

/* Folding, and blanks at the ends and in a row, do not count: servers differ in them. */
static char *
unfold(const char *text, gsize size)
{
	GString *out = g_string_sized_new(size);

	for (gsize i = 0; i < size; i++) {
		if (strchr(" \t\r\n", text[i]) == NULL)
			g_string_append_c(out, text[i]);
		else if (text[i] != '\0' && out->len > 0 && out->str[out->len - 1] != ' ')
			g_string_append_c(out, ' ');
		else if (text[i] == '\0')
			g_string_append_c(out, '\001');
	}
	if (out->len > 0 && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	return g_string_free(out, FALSE);
}

static void
take_value(struct head *head, char **slot, const char *value, gsize size)
{
	head->foreign |= *slot != NULL;
	g_free(*slot);
	*slot = unfold(value, size);
}

/* What some program may take for the end of a line, or of the text. */
static bool
is_odd(const char *field, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		if (field[i] == '\0' ||
		    (field[i] == '\r' && (i + 1 == size || field[i + 1] != '\n')))
			return true;
	}
	return false;
}

static void
take_field(struct head *head, const char *field, gsize size, gsize *added)
{
	const char *colon = memchr(field, ':', size);
	gsize length = colon != NULL ? (gsize)(colon - field) : 0;
	g_autofree char *name = g_ascii_strdown(field, (gssize)length);
	gsize rest = size - length - (colon != NULL);

	head->foreign |= is_odd(field, size);
	for (gsize i = 0; i < G_N_ELEMENTS(ours); i++) {
		if (strcmp(name, ours[i]) == 0) {
			take_value(head, &head->values[i], colon + 1, rest);
			return;
		}
	}
	if (g_ascii_strcasecmp(name, SEAL_FIELD) == 0) {
		take_value(head, &head->seal, colon + 1, rest);
		return;
	}
	*added += size;
	head->foreign |= !g_strv_contains(traces, name) || *added > SEAL_TRACE_MAX;
}

/* The end of the field that begins here: behind its last line. */
static gsize
field_end(const char *data, gsize size, gsize at)
{
	do {
		const char *feed = memchr(data + at, '\n', size - at);
		at = feed != NULL ? (gsize)(feed - data) + 1 : size;
	} while (at < size && (data[at] == ' ' || data[at] == '\t'));
	return at;
}

/* False when the header does not end in what was read. */
static bool
head_split(struct head *head, const char *data, gsize size)
{
	gsize added = 0;

	for (gsize at = 0; at < size;) {
		gsize blank = data[at] == '\n'                                            ? 1
			      : at + 1 < size && data[at] == '\r' && data[at + 1] == '\n' ? 2
											  : 0;
		if (blank > 0) {
			head->body = at + blank;
			return true;
		}
		gsize end = field_end(data, size, at);
		take_field(head, data + at, end - at, &added);
		at = end;
	}
	return false;
}

static bool
head_is_whole(const struct head *head)
{
	for (gsize i = 0; i < G_N_ELEMENTS(ours); i++) {
		if (head->values[i] == NULL)
			return false;
	}
	return true;
}

/* --- the body --- */

struct body {
	struct digest *digest;
	gsize feeds;   /* line ends that are held back: they may be the last */
	bool returned; /* a CR is held back */
};

/* What was held back is no end after all. */
static void
body_release(struct body *body)
{
	for (; body->feeds > 0; body->feeds--)
		digest_update(body->digest, "\n", 1);
	if (body->returned)
		digest_update(body->digest, "\r", 1);
	body->returned = false;
}

static void
body_take(struct body *body, const char *data, gsize size)
{
	gsize run = 0;

	for (gsize at = 0; at < size; at += run) {
		for (run = 0; at + run < size && data[at + run] != '\n' && data[at + run] != '\r';)
			run++;
		if (run > 0) {
			body_release(body);
			digest_update(body->digest, data + at, run);
			continue;
		}
		run = 1;
		if (data[at] == '\n') {
			body->returned = false;
			body->feeds++;
			continue;
		}
		if (body->returned)
			body_release(body);
		body->returned = true;
	}
}

static void
body_end(struct body *body, char hex[DIGEST_HEX])
{
	if (body->returned)
		digest_update(body->digest, "\r", 1);
	digest_finish(body->digest, hex);
	digest_free(body->digest);
}

static bool
body_of_fd(int fd, guint64 from, char hex[DIGEST_HEX], GError **error)
{
	struct body body = { .digest = digest_new() };
	g_autofree char *piece = g_malloc(PIECE);
	guint64 size = 0;
	bool right = io_size(fd, &size, error);

	while (right && from < size) {
		gsize want = (gsize)MIN(size - from, PIECE);
		right = io_pread_all(fd, piece, want, from, error);
		if (right)
			body_take(&body, piece, want);
		from += want;
	}
	body_end(&body, hex);
	return right;
}

/* --- the seals --- */

static char *
seal_of(const struct head *head, const struct seal_key *key, const char *body)
{
	g_autoptr(GString) text = g_string_new("flagpost seal 1\n");

	for (gsize i = 0; i < G_N_ELEMENTS(ours); i++)
		g_string_append_printf(text, "%s:%s\n", ours[i], head->values[i]);
	g_string_append(text, body);
	return g_compute_hmac_for_data(
	    G_CHECKSUM_SHA256, key->bytes, SEAL_KEY_BYTES, (const guchar *)text->str, text->len);
}

static char *
id_of(const struct head *head, const struct seal_key *key)
{
	g_autofree char *text = g_strconcat("flagpost id 1\n", head->values[MESSAGE_ID], NULL);

	return g_compute_hmac_for_data(
	    G_CHECKSUM_SHA256, key->bytes, SEAL_KEY_BYTES, (const guchar *)text, strlen(text));
}

static char *
seal_value(const struct head *head, const struct seal_key *key, const char *body, bool folded)
{
	g_autofree char *id = id_of(head, key);
	g_autofree char *seal = seal_of(head, key, body);
	const char *between = folded ? "\r\n " : " ";

	return g_strdup_printf(
	    "v=1; k=%s;%sb=%s;%si=%s;%ss=%s", key->id, between, body, between, id, between, seal);
}

GBytes *
seal_add(GBytes *message, const struct seal_key *key, GError **error)
{
	struct head head = { 0 };
	struct body body = { .digest = digest_new() };
	char hex[DIGEST_HEX];
	gsize size;
	const char *data = g_bytes_get_data(message, &size);
	GBytes *sealed = NULL;

	bool right =
	    head_split(&head, data, size) && head_is_whole(&head) && !head.foreign && !head.seal;
	body_take(&body, data + head.body, size - head.body);
	body_end(&body, hex);
	if (right) {
		g_autofree char *value = seal_value(&head, key, hex, true);
		GString *text = g_string_new(SEAL_FIELD ": ");
		g_string_append_printf(text, "%s\r\n", value);
		g_string_append_len(text, data, (gssize)size);
		sealed = g_string_free_to_bytes(text);
	} else {
		g_set_error(
		    error, FAULT, FAULT_BUG, "seal: the message has not the header of ours");
	}
	head_clear(&head);
	return sealed;
}

/* Compares all of it, whatever differs: the time says nothing of where. */
static bool
is_same(const char *text, const char *wanted)
{
	gsize size = strlen(wanted);
	guint differs = 0;

	if (strlen(text) < size)
		return false;
	for (gsize i = 0; i < size; i++)
		differs |= (guint)(guchar)text[i] ^ (guint)(guchar)wanted[i];
	return differs == 0;
}

/* Where the field has its hex digits; all values have one length. */
#define AT_BODY (sizeof("v=1; k=0123456789abcdef; b=") - 1)
#define AT_ID   (AT_BODY + 64 + sizeof("; i=") - 1)
#define AT_SEAL (AT_ID + 64 + sizeof("; s=") - 1)

static enum seal_state
judge(const struct head *head, const struct seal_key *key, const char *body, const char **what)
{
	*what = "its seal was not made by this Flagpost";
	if (!head_is_whole(head) || strlen(head->seal) != AT_SEAL + 64 ||
	    !g_str_has_prefix(head->seal, "v=1; k="))
		return SEAL_FORGED;
	g_autofree char *id = id_of(head, key);
	g_autofree char *wanted = seal_value(head, key, body, false);
	g_autofree char *claimed = g_strndup(head->seal + AT_BODY, 64);
	g_autofree char *seal = seal_of(head, key, claimed);
	if (!is_same(head->seal + AT_ID, id))
		return SEAL_FORGED;
	if (!is_same(head->seal + AT_SEAL, seal))
		*what = "its header is not as it was sent";
	else if (strcmp(claimed, body) != 0)
		*what = "its body is not as it was sent";
	else if (head->foreign || !is_same(head->seal, wanted))
		*what = "its header has fields that it was not sent with";
	else
		*what = "";
	return **what != '\0' ? SEAL_ALTERED : SEAL_OURS;
}

bool
seal_check(
    int fd, const struct seal_key *key, enum seal_state *state, const char **what, GError **error)
{
	struct head head = { 0 };
	g_autofree char *data = NULL;
	char hex[DIGEST_HEX];
	guint64 size;

	*state = SEAL_NONE;
	*what = "";
	if (!io_size(fd, &size, error))
		return false;
	gsize want = (gsize)MIN(size, SEAL_HEAD_MAX);
	data = g_malloc(want + 1);
	bool right = io_pread_all(fd, data, want, 0, error);
	bool ended = right && head_split(&head, data, want);
	if (right && head.seal != NULL && !ended) {
		*state = SEAL_FORGED;
		*what = "its header has no end";
	} else if (right && head.seal != NULL) {
		right = body_of_fd(fd, head.body, hex, error);
		*state = right ? judge(&head, key, hex, what) : SEAL_NONE;
	}
	head_clear(&head);
	return right;
}

/* --- the key --- */

static bool
key_make(const char *path, GError **error)
{
	guint8 bytes[SEAL_KEY_BYTES];
	g_autofree char *fresh = g_strdup_printf("%s.%d", path, (int)getpid());
	char hex[2 * SEAL_KEY_BYTES + 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (gssize)sizeof(bytes)) {
		g_set_error(error, FAULT, FAULT_IO, "%s: the system gives no random bytes", path);
		return false;
	}
	for (gsize i = 0; i < sizeof(bytes); i++)
		g_snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	hex[2 * SEAL_KEY_BYTES] = '\n';
	if (!io_replace_file(fresh, hex, 2 * SEAL_KEY_BYTES + 1, 0600, error))
		return false;
	/* Of two processes that make one at the same time, the first wins for both. */
	bool linked = link(fresh, path) == 0 || g_file_test(path, G_FILE_TEST_EXISTS);
	if (!linked)
		fault_errno(error, "%s", path);
	unlink(fresh);
	return linked;
}

static bool
key_parse(const char *path, const char *text, struct seal_key *key, GError **error)
{
	char hex[DIGEST_HEX];

	if (!digest_is_hex(text)) {
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "%s: is no key; remove it, and mail that was sent so far counts as any mail",
		    path);
		return false;
	}
	for (gsize i = 0; i < SEAL_KEY_BYTES; i++)
		key->bytes[i] = (guint8)(g_ascii_xdigit_value(text[2 * i]) * 16 +
					 g_ascii_xdigit_value(text[2 * i + 1]));
	digest_bytes(key->bytes, SEAL_KEY_BYTES, hex);
	g_strlcpy(key->id, hex, sizeof(key->id));
	return true;
}

bool
seal_key_load(const char *data_dir, bool make, struct seal_key *key, bool *there, GError **error)
{
	g_autofree char *path = g_build_filename(data_dir, "seal.key", NULL);

	*there = g_file_test(path, G_FILE_TEST_EXISTS);
	if (!*there && !make)
		return true;
	if (!*there && !key_make(path, error))
		return false;
	*there = true;
	char *text = secret_read(path, "", error);
	bool right = text != NULL && key_parse(path, text, key, error);
	secret_wipe(text);
	return right;
}
