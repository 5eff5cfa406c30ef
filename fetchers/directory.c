/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a directory is asked, as configured and on its way to the process that asks. */
#include "fetchers/directory.h"

#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/url.h"
#include "fetchers/directory-inside.h"

#define TEXT_MAX       4096
#define ATTRIBUTES_MAX 16
#define NESTING_MAX    32 /* of a filter */

enum { SCHEME_LDAPS, SCHEME_LDAP };

static const struct url_scheme schemes[] = {
	[SCHEME_LDAPS] = { "ldaps", 636 },
	[SCHEME_LDAP] = { "ldap", 389 },
	{ NULL, 0 },
};

static const struct wire_kind kinds[DIRECTORY_KINDS] = {
	[DIRECTORY_QUESTION] = { "question", DIRECTORY_QUESTION_TYPE, 128 * 1024, false },
	[DIRECTORY_MEMBERS] = { "members", DIRECTORY_MEMBERS_TYPE, 512 * 1024, false },
	[DIRECTORY_END] = { "end", DIRECTORY_END_TYPE, 8 * 1024, false },
};

const struct wire_protocol directory_protocol = { .kinds = kinds, .n_kinds = DIRECTORY_KINDS };

/* All texts, for what is done to each of them; attributes apart. */
static void
texts_of(struct directory *directory, char **out[10])
{
	char **const all[10] = { &directory->name, &directory->group, &directory->host,
		&directory->user, &directory->password_file, &directory->credential,
		&directory->ca_file, &directory->base, &directory->members_of, &directory->filter };

	memcpy(out, all, sizeof all);
}

struct directory *
directory_new(void)
{
	static const char *const attributes[] = { "mail", "proxyAddresses", NULL };
	struct directory *directory = g_new0(struct directory, 1);
	char **texts[10];

	texts_of(directory, texts);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		*texts[i] = g_strdup("");
	directory->attributes = g_strdupv((GStrv)attributes);
	directory->file = g_strdup("");
	return directory;
}

struct directory *
directory_copy(const struct directory *directory)
{
	struct directory *copy = g_new(struct directory, 1);
	char **texts[10];

	*copy = *directory;
	texts_of(copy, texts);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		*texts[i] = g_strdup(*texts[i]);
	copy->attributes = g_strdupv(directory->attributes);
	copy->file = g_strdup(directory->file);
	return copy;
}

void
directory_free(struct directory *directory)
{
	char **texts[10];

	if (directory == NULL)
		return;
	texts_of(directory, texts);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(*texts[i]);
	g_strfreev(directory->attributes);
	g_free(directory->file);
	g_free(directory);
}

/* --- what may be asked --- */

bool
directory_set_url(struct directory *directory, const char *url, GError **error)
{
	guint scheme;
	char *host;

	if (!url_parse(url, schemes, "base says where people are", &scheme, &host, &directory->port,
		error))
		return false;
	directory->starttls = scheme == SCHEME_LDAP;
	g_free(directory->host);
	directory->host = host;
	return true;
}

static const char *
wrong_with_text(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (g_ascii_iscntrl(*p))
			return "holds a control character";
	}
	if (strlen(text) > TEXT_MAX)
		return "is longer than 4,096 bytes";
	return g_utf8_validate(text, -1, NULL) ? NULL : "is not UTF-8";
}

const char *
directory_wrong_with_name(const char *text)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL || equals == text || strcspn(text, ",\\\"+") < (gsize)(equals - text))
		return "is not of the form CN=Board,OU=Groups,DC=corp,DC=example";
	return wrong_with_text(text);
}

/* Brackets alone: the library reads the rest when it is asked. */
const char *
directory_wrong_with_filter(const char *text)
{
	guint depth = 0;

	if (text[0] != '(')
		return "does not begin with a bracket";
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '(' && ++depth > NESTING_MAX)
			return "is nested more than 32 deep";
		if (*p == ')' && (depth == 0 || (--depth == 0 && p[1] != '\0')))
			return "has a bracket too many";
	}
	return depth > 0 ? "has a bracket that is not closed" : wrong_with_text(text);
}

const char *
directory_address(const char *value)
{
	if (g_ascii_strncasecmp(value, "smtp:", 5) == 0)
		value += 5;
	const char *at = strrchr(value, '@');
	if (at == NULL || at == value || at[1] == '\0' || strpbrk(value, " \t\r\n<>,;:") != NULL ||
	    strlen(value) > DIRECTORY_ADDRESS_MAX || wrong_with_text(value) != NULL)
		return NULL;
	return value;
}

char *
directory_digest(const struct directory *directory)
{
	g_autofree char *attributes = g_strjoinv(",", directory->attributes);
	g_autofree char *all = g_strjoin("\n", directory->host, directory->base,
	    directory->members_of, directory->filter, attributes, NULL);
	char hex[DIGEST_HEX];

	digest_bytes(all, strlen(all), hex);
	return g_strdup(hex);
}

/* --- on its way --- */

GVariant *
directory_put(const struct directory *directory)
{
	return g_variant_new("(ssubsssssss^asttt)", directory->group, directory->host,
	    directory->port, (gboolean)directory->starttls, directory->user,
	    directory->password_file, directory->credential, directory->ca_file, directory->base,
	    directory->members_of, directory->filter, directory->attributes, directory->entries,
	    directory->bytes, directory->seconds);
}

static bool
is_fine(struct directory *directory)
{
	char **texts[10];

	texts_of(directory, texts);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (wrong_with_text(*texts[i]) != NULL)
			return false;
	}
	guint n = g_strv_length(directory->attributes);
	return *directory->host != '\0' && directory->port >= 1 && directory->port <= 65535 &&
	       n > 0 && n <= ATTRIBUTES_MAX;
}

struct directory *
directory_get(GVariant *variant, GError **error)
{
	struct directory *directory = g_new0(struct directory, 1);
	gboolean starttls;

	g_variant_get(variant, "(ssubsssssss^asttt)", &directory->group, &directory->host,
	    &directory->port, &starttls, &directory->user, &directory->password_file,
	    &directory->credential, &directory->ca_file, &directory->base, &directory->members_of,
	    &directory->filter, &directory->attributes, &directory->entries, &directory->bytes,
	    &directory->seconds);
	directory->starttls = starttls;
	directory->name = g_strdup("");
	directory->file = g_strdup("");
	if (is_fine(directory))
		return directory;
	g_set_error(error, FAULT, FAULT_DATA, "directory: a question that is none");
	directory_free(directory);
	return NULL;
}

void
directory_answer_clear(struct directory_answer *answer)
{
	g_clear_pointer(&answer->members, g_strfreev);
}
