/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deliver/smtp.h"

#include <string.h>

#include "base/fault.h"
#include "base/url.h"

#define TEXT_MAX 4096

enum { SCHEME_SMTPS, SCHEME_SMTP };

/* RFC 8314 section 3.3 and RFC 6409: ports of submission, not of relaying. */
static const struct url_scheme schemes[] = {
	[SCHEME_SMTPS] = { "smtps", 465 },
	[SCHEME_SMTP] = { "smtp", 587 },
	{ NULL, 0 },
};

struct smtp *
smtp_new(void)
{
	struct smtp *smtp = g_new0(struct smtp, 1);

	smtp->url = g_strdup("");
	smtp->host = g_strdup("");
	smtp->from = g_strdup("");
	smtp->user = g_strdup("");
	smtp->password_file = g_strdup("");
	smtp->credential = g_strdup("");
	smtp->ca_file = g_strdup("");
	smtp->file = g_strdup("");
	return smtp;
}

void
smtp_free(struct smtp *smtp)
{
	if (smtp == NULL)
		return;
	g_free(smtp->url);
	g_free(smtp->host);
	g_free(smtp->from);
	g_free(smtp->user);
	g_free(smtp->password_file);
	g_free(smtp->credential);
	g_free(smtp->ca_file);
	g_free(smtp->file);
	g_free(smtp);
}

bool
smtp_set_url(struct smtp *smtp, const char *url, GError **error)
{
	guint scheme;
	char *host;

	if (!url_parse(
		url, schemes, "a host and a port are enough", &scheme, &host, &smtp->port, error))
		return false;
	smtp->starttls = scheme == SCHEME_SMTP;
	g_free(smtp->host);
	smtp->host = host;
	g_free(smtp->url);
	smtp->url = g_strdup(url);
	return true;
}

const char *
smtp_check_address(const char *address)
{
	const char *at = strrchr(address, '@');

	for (const char *p = address; *p != '\0'; p++) {
		if ((guchar)*p >= 0x80)
			return "holds a character beyond ASCII; write the domain as xn--...";
		if (g_ascii_iscntrl(*p))
			return "holds a control character";
		if (strchr(" <>,;:\"\\()[]", *p) != NULL)
			return "holds a blank, a bracket or another sign that separates";
	}
	if (at == NULL || at == address || at[1] == '\0' || strchr(address, '@') != at)
		return "is not NAME@DOMAIN";
	return strlen(address) > SMTP_ADDRESS_MAX ? "is longer than 254 bytes" : NULL;
}

GVariant *
smtp_put(const struct smtp *smtp)
{
	return g_variant_new(SMTP_TYPE, smtp->url, smtp->host, smtp->port, (gboolean)smtp->starttls,
	    smtp->from, smtp->user, smtp->password_file, smtp->credential, smtp->ca_file);
}

/* User names and paths end up in protocol lines and messages: no control character, ever. */
static bool
is_sober(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (g_ascii_iscntrl(*p))
			return false;
	}
	return strlen(text) <= TEXT_MAX;
}

static bool
is_fine(const struct smtp *smtp)
{
	const char *const texts[] = { smtp->url, smtp->host, smtp->user, smtp->password_file,
		smtp->credential, smtp->ca_file };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (!is_sober(texts[i]))
			return false;
	}
	return *smtp->host != '\0' && smtp->port >= 1 && smtp->port <= 65535 &&
	       smtp_check_address(smtp->from) == NULL;
}

struct smtp *
smtp_get(GVariant *variant, GError **error)
{
	struct smtp *smtp = g_new0(struct smtp, 1);
	gboolean starttls;

	g_variant_get(variant, SMTP_TYPE, &smtp->url, &smtp->host, &smtp->port, &starttls,
	    &smtp->from, &smtp->user, &smtp->password_file, &smtp->credential, &smtp->ca_file);
	smtp->starttls = starttls;
	smtp->file = g_strdup("");
	if (is_fine(smtp))
		return smtp;
	g_set_error(error, FAULT, FAULT_DATA, "mailer: settings that are none");
	smtp_free(smtp);
	return NULL;
}

int
smtp_state_fault(enum smtp_state state)
{
	static const int faults[SMTP_STATES] = {
		[SMTP_SENT] = 0,
		[SMTP_AWAY] = FAULT_AWAY,
		[SMTP_LATER] = FAULT_RETRY,
		[SMTP_TLS] = FAULT_DENIED,
		[SMTP_LOGIN] = FAULT_DENIED,
		[SMTP_REFUSED] = FAULT_DENIED,
		[SMTP_CONFIG] = FAULT_CONFIG,
		[SMTP_LOST] = FAULT_BUG,
	};

	return faults[state];
}
