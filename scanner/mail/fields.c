/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fields - see fields.h. Never takes a name that DNS could not hold, and no tag that stands twice.
 */
#include "mail/fields.h"

#include <string.h>

#define SIGNATURE "DKIM-Signature"
#define BETWEEN   "._domainkey."
#define LABEL_MAX 63

/* A line that begins with a blank goes on. */
bool
fields_next(const char *data, gsize size, gsize *from, const char **field, gsize *length)
{
	gsize at = *from;

	if (at >= size || data[at] == '\n' || data[at] == '\r')
		return false;
	do {
		const char *end = memchr(data + at, '\n', size - at);
		at = end != NULL ? (gsize)(end - data) + 1 : size;
	} while (at < size && (data[at] == ' ' || data[at] == '\t'));
	*field = data + *from;
	*length = at - *from;
	*from = at;
	return true;
}

/* Blanks before the colon are allowed of old (RFC 5322 section 4.5). */
bool
fields_is(const char *field, gsize length, const char *name)
{
	gsize n = strlen(name);

	if (length <= n || g_ascii_strncasecmp(field, name, n) != 0)
		return false;
	while (n < length && (field[n] == ' ' || field[n] == '\t'))
		n++;
	return n < length && field[n] == ':';
}

/* --- signatures --- */

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Lower case, without blanks, which folding may put anywhere in a value. False: no name. */
static bool
take_name(const char *value, gsize length, char out[FIELDS_NAME_MAX + 1])
{
	gsize n = 0, label = 0;

	for (gsize i = 0; i < length; i++) {
		if (is_space(value[i]))
			continue;
		char c = g_ascii_tolower(value[i]);
		bool dot = c == '.';
		if (n == FIELDS_NAME_MAX || (dot && label == 0) || (!dot && label == LABEL_MAX) ||
		    !(dot || g_ascii_isalnum(c) || c == '-' || c == '_'))
			return false;
		out[n++] = c;
		label = dot ? 0 : label + 1;
	}
	out[n] = '\0';
	return n > 0 && label > 0;
}

/* One "tag=value" of the list; false when it makes the signature name no key. */
static bool
take_tag(const char *tag, gsize length, struct fields_signer *out)
{
	const char *equals = memchr(tag, '=', length);

	while (length > 0 && is_space(*tag)) {
		tag++;
		length--;
	}
	if (equals == NULL)
		return length == 0;
	gsize name = (gsize)(equals - tag);
	while (name > 0 && is_space(tag[name - 1]))
		name--;
	char *to = name == 1 && *tag == 's'   ? out->selector
		   : name == 1 && *tag == 'd' ? out->domain
					      : NULL;
	return to == NULL ||
	       (*to == '\0' && take_name(equals + 1, length - (gsize)(equals + 1 - tag), to));
}

void
fields_signer(const char *field, gsize length, struct fields_signer *out)
{
	const char *colon = memchr(field, ':', length);
	const char *at = colon != NULL ? colon + 1 : field + length, *end = field + length;
	bool right = true;

	*out = (struct fields_signer){ 0 };
	while (right && at < end) {
		const char *semicolon = memchr(at, ';', (gsize)(end - at));
		const char *upto = semicolon != NULL ? semicolon : end;
		right = take_tag(at, (gsize)(upto - at), out);
		at = semicolon != NULL ? semicolon + 1 : end;
	}
	if (!right || out->selector[0] == '\0' || out->domain[0] == '\0' ||
	    strlen(out->selector) + strlen(BETWEEN) + strlen(out->domain) > FIELDS_NAME_MAX)
		*out = (struct fields_signer){ 0 };
}

GArray *
fields_signers(const char *data, gsize size, bool *more)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct fields_signer));
	const char *field;
	gsize from = 0, length;

	*more = false;
	while (fields_next(data, size, &from, &field, &length)) {
		if (!fields_is(field, length, SIGNATURE))
			continue;
		if (list->len == FIELDS_SIGNERS_MAX) {
			*more = true;
			break;
		}
		struct fields_signer signer;
		fields_signer(field, length, &signer);
		g_array_append_val(list, signer);
	}
	return list;
}

char *
fields_key_name(const char *selector, const char *domain)
{
	return g_strconcat(selector, BETWEEN, domain, NULL);
}

/* --- results of other servers --- */

bool
fields_results_server(const char *field, gsize length, char out[FIELDS_NAME_MAX + 1])
{
	const char *end = field + length;
	const char *at = memchr(field, ':', length);

	out[0] = '\0';
	if (at == NULL || (at > field && is_space(at[-1])))
		return false;
	do
		at++;
	while (at < end && is_space(*at));
	const char *from = at;
	while (at < end && *at != ';' && !is_space(*at))
		at++;
	if (!take_name(from, (gsize)(at - from), out))
		out[0] = '\0';
	return out[0] != '\0';
}
