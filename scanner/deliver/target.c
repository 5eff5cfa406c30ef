/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deliver/target.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/url.h"

#define FACILITY 13 /* log audit, RFC 5424 table 1 */
#define TEXT_MAX 4096
#define HOST_MAX 255

/* "https" is not among them: a webhook has a path, which url_parse refuses. */
static const struct url_scheme schemes[] = { { "syslog", 601 }, { "syslogs", 6514 }, { NULL, 0 } };

struct target *
target_new(const char *name)
{
	struct target *target = g_new0(struct target, 1);

	target->name = g_strdup(name);
	target->host = g_strdup("");
	target->url = g_strdup("");
	target->format = g_strdup("cef");
	target->secret_file = g_strdup("");
	target->credential = g_strdup("");
	target->ca_file = g_strdup("");
	target->file = g_strdup("");
	return target;
}

void
target_free(struct target *target)
{
	if (target == NULL)
		return;
	g_free(target->name);
	g_free(target->host);
	g_free(target->url);
	g_free(target->format);
	g_free(target->secret_file);
	g_free(target->credential);
	g_free(target->ca_file);
	g_free(target->file);
	g_free(target);
}

static bool
refuse(const char *url, const char *why, GError **error)
{
	g_set_error(error, FAULT, FAULT_CONFIG, "'%s' %s", url, why);
	return false;
}

static bool
is_this_machine(const char *host)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "::1", NULL };

	return g_strv_contains(names, host);
}

static bool
set_webhook(struct target *target, const char *url, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD, NULL);

	if (uri == NULL || g_uri_get_host(uri) == NULL || g_uri_get_host(uri)[0] == '\0')
		return refuse(url, "is no address of a webhook", error);
	if (g_uri_get_user(uri) != NULL || g_uri_get_fragment(uri) != NULL)
		return refuse(
		    url, "has a user or a fragment; a webhook knows us by the signature", error);
	target->kind = TARGET_WEBHOOK;
	g_free(target->host);
	target->host = g_strdup(g_uri_get_host(uri));
	target->port = g_uri_get_port(uri) > 0 ? (guint)g_uri_get_port(uri) : 443;
	return true;
}

static bool
set_syslog(struct target *target, const char *url, GError **error)
{
	guint scheme;
	char *host;

	if (!url_parse(
		url, schemes, "a host and a port are enough", &scheme, &host, &target->port, error))
		return false;
	g_free(target->host);
	target->host = host;
	target->kind = scheme == 0 ? TARGET_SYSLOG : TARGET_SYSLOG_TLS;
	if (target->kind == TARGET_SYSLOG_TLS || is_this_machine(host))
		return true;
	return refuse(
	    url, "would send who wrote to whom in clear; write syslogs://, which is TLS", error);
}

bool
target_set_url(struct target *target, const char *url, GError **error)
{
	bool webhook = g_str_has_prefix(url, "https://");

	if (strlen(url) > TEXT_MAX)
		return refuse("url", "is too long", error);
	if (!webhook && !g_str_has_prefix(url, "syslog"))
		return refuse(url, "begins with none of syslogs://, syslog:// and https://", error);
	if (webhook ? !set_webhook(target, url, error) : !set_syslog(target, url, error))
		return false;
	g_free(target->url);
	target->url = g_strdup(url);
	return true;
}

GVariant *
target_put(const struct target *target)
{
	return g_variant_new(TARGET_TYPE, target->name, (guint32)target->kind, target->host,
	    (guint32)target->port, target->url, target->format, target->secret_file,
	    target->credential, target->ca_file, target->file);
}

struct target *
target_get(GVariant *variant, GError **error)
{
	struct target *target = g_new0(struct target, 1);
	guint32 kind, port;

	g_variant_get(variant, TARGET_TYPE, &target->name, &kind, &target->host, &port,
	    &target->url, &target->format, &target->secret_file, &target->credential,
	    &target->ca_file, &target->file);
	target->kind = (enum target_kind)kind;
	target->port = port;
	if (kind < TARGET_KINDS && port >= 1 && port <= 65535 && target->host[0] != '\0')
		return target;
	g_set_error(error, FAULT, FAULT_DATA, "poster: settings that are none");
	target_free(target);
	return NULL;
}

/* PRINTUSASCII, at most 255 of it; "-" where nothing is left. */
static void
put_host(GString *out, const char *host)
{
	gsize n = 0;

	for (const char *p = host; *p != '\0' && n < HOST_MAX; p++) {
		if (g_ascii_isgraph(*p)) {
			g_string_append_c(out, *p);
			n++;
		}
	}
	if (n == 0)
		g_string_append_c(out, '-');
}

void
target_frame(GString *out, const char *line, guint severity, gint64 time, const char *host)
{
	g_autoptr(GString) message = g_string_new(NULL);
	g_autofree char *iso = clock_iso(time);

	g_string_append_printf(message, "<%u>1 %s ", FACILITY * 8 + MIN(severity, 7), iso);
	put_host(message, host);
	/* APP-NAME, no PROCID, MSGID, no structured data. */
	g_string_append(message, " flagpost - flag - ");
	g_string_append(message, line);
	g_string_append_printf(out, "%" G_GSIZE_FORMAT " ", message->len);
	g_string_append_len(out, message->str, (gssize)message->len);
}

char *
target_signature(const char *key, gint64 seconds, GBytes *body)
{
	g_autofree char *time = g_strdup_printf("%" G_GINT64_FORMAT, seconds);
	GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, (const guchar *)key, strlen(key));
	gsize size;
	const guchar *data = g_bytes_get_data(body, &size);

	g_hmac_update(hmac, (const guchar *)time, (gssize)strlen(time));
	g_hmac_update(hmac, (const guchar *)".", 1);
	if (size > 0)
		g_hmac_update(hmac, data, (gssize)size);
	char *text = g_strdup_printf("t=%s,v1=%s", time, g_hmac_get_string(hmac));
	g_hmac_unref(hmac);
	return text;
}
